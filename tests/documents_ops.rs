//! Each example of the NumPy article, the MLX page, the lesson and the lecture, through the
//! operations: nobody writes a stride.

#![cfg(feature = "alloc")]

use strideproof::overlap::Sharing;
use strideproof::{
    Error, Layout, Slice, StridedView, StridedViewMut, as_strided, as_strided_mut, s,
};

type Result<T = ()> = std::result::Result<T, Error>;

fn arange(count: i64) -> Vec<i64> {
    (0..count).collect()
}

#[test]
fn article_rows_that_overlap_are_windows_two_apart() -> Result {
    let x = arange(12);
    let x = StridedView::from_slice(&x)?;
    let rows: StridedView<'_, i64, 2> = x.windows_by([5], [2]).slice(s![..4, ..;2]);
    assert_eq!((rows.shape(), rows.strides()), (&[4, 3], &[2, 2]));
    assert_eq!(rows.to_string(), "[[ 0  2  4]\n [ 2  4  6]\n [ 4  6  8]\n [ 6  8 10]]");
    Ok(())
}

#[test]
fn article_reversal_starts_at_the_last_element() -> Result {
    let x = arange(12);
    let x = StridedView::from_slice(&x)?.reverse(0);
    assert_eq!((x.strides(), x.offset()), (&[-1], 11));
    assert_eq!(x.to_vec(), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    Ok(())
}

#[test]
fn article_diagonal_and_anti_diagonal() -> Result {
    let x = arange(16);
    let x = as_strided(&x, [4, 4], None, 0)?;
    let diagonal = x.diagonal(0);
    assert_eq!((diagonal.to_vec(), diagonal.strides()), (vec![0, 5, 10, 15], &[5]));
    let anti_diagonal = x.reverse(1).diagonal(0);
    assert_eq!((anti_diagonal.to_vec(), anti_diagonal.strides()), (vec![3, 6, 9, 12], &[3]));
    assert_eq!(anti_diagonal.offset(), 3);
    Ok(())
}

#[test]
fn article_broadcasting_adds_a_row_and_a_column() -> Result {
    let (row, column) = (arange(4), [0, 10, 20, 30, 40, 50]);
    let column = StridedView::from_slice(&column)?.insert_axis(1);
    let (row, column) = StridedView::from_slice(&row)?.broadcast(&column);
    assert_eq!((row.shape(), row.strides()), (&[6, 4], &[0, 1]));
    assert_eq!((column.shape(), column.strides()), (&[6, 4], &[1, 0]));
    let sums: Vec<i64> = row.zip(&column).map(|(x, y)| x + y).collect();
    let expected = (0..6).flat_map(|y| (0..4).map(move |x| 10 * y + x));
    assert_eq!(sums, expected.collect::<Vec<i64>>());
    Ok(())
}

#[test]
fn article_kernel_sums_over_2d_windows_come_out_three_ways() -> Result {
    let x = arange(12);
    let x = as_strided(&x, [4, 3], None, 0)?;
    let identity = [1, 0, 0, 1];
    let kernel = as_strided(&identity, [2, 2], None, 0)?;
    let windows: StridedView<'_, i64, 4> = x.windows([2, 2]);
    assert_eq!((windows.shape(), windows.strides()), (&[3, 2, 2, 2], &[3, 1, 3, 1]));
    let expected = [4, 6, 10, 12, 16, 18];

    // One window after the other, times the kernel.
    let one_by_one: Vec<i64> = windows
        .axis_iter(0)
        .flat_map(|row: StridedView<'_, i64, 3>| row.axis_iter(0).collect::<Vec<_>>())
        .map(|window: StridedView<'_, i64, 2>| window.zip(&kernel).map(|(x, k)| x * k).sum())
        .collect();
    assert_eq!(one_by_one, expected);

    // All windows at once, times the kernel repeated.
    let repeated = kernel.broadcast_to(*windows.shape());
    let products: Vec<i64> = windows.zip(&repeated).map(|(x, k)| x * k).collect();
    let products = as_strided(&products, [6, 4], None, 0)?;
    let at_once: Vec<i64> = products.lanes(1).map(|lane| lane.iter().sum()).collect();
    assert_eq!(at_once, expected);

    // The kernel's ones are the diagonal of each window.
    let diagonals: StridedView<'_, i64, 3> = windows.diagonal_of(0, 2, 3);
    let along: Vec<i64> = diagonals.lanes(2).map(|lane| lane.iter().sum()).collect();
    assert_eq!(along, expected);
    Ok(())
}

#[test]
fn article_repeated_elements_may_be_read_and_not_overwritten() -> Result {
    let mut y = [2, 5];
    let repeated = StridedView::from_slice(&y)?.insert_axis(1).broadcast_to([2, 8]);
    assert_eq!(repeated.to_string(), "[[2 2 2 2 2 2 2 2]\n [5 5 5 5 5 5 5 5]]");
    let layout: Layout<2> = *repeated.layout();
    // `broadcast_to` is not there for writing; the bare numbers are refused.
    assert!(matches!(StridedViewMut::new(&mut y, layout), Err(Error::Aliased { .. })));
    let overlapping = StridedViewMut::from_slice(&mut y)?.try_windows_by([1], [1]);
    assert!(overlapping.is_ok(), "windows of one element do not overlap");
    let mut x = arange(4);
    let overlapping = StridedViewMut::from_slice(&mut x)?.try_windows([2]);
    assert!(matches!(overlapping.map(|_| ()), Err(Error::Aliased { .. })));
    Ok(())
}

#[test]
fn article_nbytes_misleads_and_real_bytes_do_not() -> Result {
    let x = arange(12);
    let x = as_strided(&x, [4, 3], None, 0)?;
    let windows = x.windows([2, 2]);
    assert_eq!((windows.nominal_bytes(), windows.real_bytes()), (192, 96));
    assert_eq!((x.nominal_bytes(), x.real_bytes()), (96, 96));
    Ok(())
}

#[test]
fn mlx_defaults_are_the_buffers_own_shape_and_row_major_strides() -> Result {
    let x = arange(6);
    assert_eq!(as_strided(&x, .., None, 0)?.to_vec(), x);
    assert_eq!(as_strided(&x, [2, 3], None, 0)?.strides(), &[3, 1]);
    // The input counts as row-contiguous whatever its own strides: copy a view that is none.
    let transposed = as_strided(&x, [2, 3], None, 0)?.t();
    let contiguous = transposed.to_contiguous();
    assert_eq!(as_strided(&contiguous, [3], [2], 0)?.to_vec(), [0, 1, 2]);
    Ok(())
}

#[test]
fn lesson_a_slice_is_a_view_and_a_copy_is_not() -> Result {
    let mut x = arange(10);
    let copy = StridedView::from_slice(&x)?.slice(s![2..5]).to_vec();
    StridedViewMut::from_slice(&mut x)?.slice(s![2..5]).fill(-1);
    assert_eq!((&x[1..6], &copy[..]), (&[1, -1, -1, -1, 5][..], &[2, 3, 4][..]));
    Ok(())
}

#[test]
fn lesson_sharing_is_told_from_what_only_may_share() -> Result {
    let x = arange(10);
    let x = StridedView::from_slice(&x)?;
    let (even, odd) = (x.slice(s![..;2]), x.slice(s![1..;2]));
    // By extent they meet; no element of one is one of the other.
    assert!(even.may_share_memory(&odd));
    assert_eq!(even.shares_memory(&odd), Sharing::Disjoint);
    // A view shares memory with what it was cut from, a copy does not.
    let Sharing::Shared { first, second } = x.shares_memory(&odd) else { panic!("a view") };
    assert!(std::ptr::eq(&x[first], &odd[second]));
    let copy = odd.to_vec();
    let copy = StridedView::from_slice(&copy)?;
    assert!(!copy.may_share_memory(&x));
    assert_eq!(copy.shares_memory(&x), Sharing::Disjoint);
    // Made contiguous, a view is copied only when it is not.
    let contiguous = odd.to_contiguous();
    assert_eq!(StridedView::from_slice(&contiguous)?.shares_memory(&x), Sharing::Disjoint);
    let tail = x.slice(s![5..]).to_contiguous();
    let Sharing::Shared { first: [0], second: [5] } =
        StridedView::from_slice(&tail)?.slice(s![..1]).shares_memory(&x)
    else {
        panic!("borrowed")
    };
    Ok(())
}

#[cfg(feature = "bytemuck")]
#[test]
fn lesson_views_of_different_types_share_bytes() -> Result {
    let x = [0u32; 4];
    let x = StridedView::from_slice(&x)?;
    let bytes = x.reinterpret::<u8>();
    let (head, tail) = (bytes.slice(s![..6]), x.slice(s![2..]));
    assert_eq!(head.shares_memory(&tail), Sharing::Disjoint);
    assert_eq!(
        x.shares_memory(&bytes.slice(s![4..5])),
        Sharing::Shared { first: [1], second: [0] }
    );
    assert_ne!(x.shares_memory(&bytes), Sharing::Disjoint);
    Ok(())
}

#[test]
fn views_of_nothing_share_nothing() -> Result {
    let x = arange(4);
    let x = StridedView::from_slice(&x)?;
    assert_eq!(x.shares_memory(&x.slice(s![2..2])), Sharing::Disjoint);
    // Strides that are never followed may be anything.
    let empty = StridedView::new(&[0u8; 4], Layout::new([0, 2], [isize::MIN, isize::MAX], 4, 4)?)?;
    assert_eq!(empty.shares_memory(&empty), Sharing::Disjoint);
    let data = [0u64; 2];
    let single = StridedView::new(&data, Layout::new([1], [isize::MIN], 1, 2)?)?;
    let all = StridedView::from_slice(&data)?;
    assert_eq!(single.shares_memory(&all), Sharing::Shared { first: [0], second: [1] });
    let units = [(); 3];
    let units = StridedView::from_slice(&units)?;
    assert_eq!(units.shares_memory(&units), Sharing::Disjoint);
    assert!(!units.may_share_memory(&units));
    Ok(())
}

#[test]
fn lesson_a_contiguous_copy_is_made_only_when_needed() -> Result {
    let x = arange(6);
    let x = as_strided(&x, [2, 3], None, 0)?;
    assert!(matches!(x.to_contiguous(), std::borrow::Cow::Borrowed(_)));
    assert!(matches!(x.index_axis(0, 1).to_contiguous(), std::borrow::Cow::Borrowed(_)));
    assert!(matches!(x.t().to_contiguous(), std::borrow::Cow::Owned(_)));
    assert_eq!(x.t().try_reshape([6]).unwrap_err(), Error::NeedsCopy { outer: 0, inner: 1 });
    Ok(())
}

#[test]
fn lecture_offsets_and_strides_of_row_major_and_column_major() -> Result {
    assert_eq!(Layout::row_major([3, 3])?.address([1, 2]), Some(5));
    let bytes = |layout: Layout<2>| layout.strides().map(|stride| stride * 2);
    assert_eq!(bytes(Layout::row_major([3, 3])?), [6, 2]);
    assert_eq!(bytes(Layout::column_major([3, 3])?), [2, 6]);
    let transposed = Layout::row_major([3, 3])?.try_t()?;
    assert_eq!(transposed, Layout::column_major([3, 3])?);
    Ok(())
}

#[test]
fn lecture_slices() -> Result {
    let x = [0i32, 1, 2, 3, 4, 5];
    let x = StridedView::from_slice(&x)?;
    assert_eq!(x.reverse(0).strides().map(|stride| stride * 4), [-4]);
    assert_eq!(x.slice(s![2..]).offset() * 4, 8);

    let x = vec![0f64; 1000];
    let x = as_strided(&x, [10, 10, 10], None, 0)?;
    let sliced = x.slice(s![..;2, ..;3, ..;4]);
    assert_eq!(sliced.strides().map(|stride| stride * 8), [1600, 240, 32]);
    // x[1, 2:4, -1]: an integer takes its axis out.
    let picked = x.index_axis(0, 1).slice_axis(0, Slice::from(2..4)).index_axis(1, 9);
    assert_eq!((picked.shape(), picked.strides(), picked.offset()), (&[2], &[10], 129));
    Ok(())
}

#[cfg(feature = "bytemuck")]
#[test]
fn lecture_two_bytes_as_one_int16_depend_on_the_order() -> Result {
    // Aligned for i16, whatever the allocator does.
    let words = [i16::from_le_bytes([1, 2]), i16::from_le_bytes([3, 4])];
    let words = StridedView::from_slice(&words)?;
    let x = words.reinterpret::<u8>().reshape([2, 2]);
    assert_eq!(x.to_string(), "[[1 2]\n [3 4]]");

    let rows = x.reinterpret::<i16>();
    assert_eq!((rows.shape(), rows.to_vec()), (&[2, 1], words.to_vec()));
    // The transpose is column-major: its first axis lies side by side, its last one does not.
    let refused = x.t().try_reinterpret::<i16>().unwrap_err();
    assert_eq!(refused, Error::NotAdjacent { axis: 1, stride: 2 });
    let columns = x.t().reinterpret_axis::<i16>(0);
    assert_eq!((columns.shape(), columns.to_vec()), (&[1, 2], words.to_vec()));
    // Copied into row-major order first, other bytes come together: 1 and 3, 2 and 4.
    let copied = x.t().to_vec();
    let paired = [[copied[0], copied[1]], [copied[2], copied[3]]].map(i16::from_le_bytes);
    assert_eq!(paired, [i16::from_le_bytes([1, 3]), i16::from_le_bytes([2, 4])]);
    Ok(())
}

#[cfg(feature = "bytemuck")]
#[test]
fn lecture_reinterpreted_bytes_can_be_written() -> Result {
    let mut x = [0u32; 2];
    as_strided_mut(&mut x, .., None, 0)?.reinterpret::<u8>().slice(s![..;4]).fill(7);
    assert_eq!(x.map(|x| x.to_ne_bytes()), [[7, 0, 0, 0]; 2]);
    Ok(())
}
