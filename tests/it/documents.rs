//! The examples of the documents that teach strides, by explicit numbers: an article on NumPy's
//! `as_strided`, MLX's page on its own, a lesson on views and copies, and a lecture on NumPy's memory
//! model. With the operations they are the blocks of `docs/examples.md`, which run with the doctests.

use std::borrow::Cow;
use std::fmt;

use crate::goldens::numpy;
use strideproof::{Error, Layout, StridedView, as_strided, as_strided_mut, check_bytes};

/// A view whose strides and offset are in bytes.
fn in_bytes<T, const N: usize>(
    x: &[T],
    shape: [usize; N],
    strides: [isize; N],
    offset: usize,
) -> StridedView<'_, T, N> {
    let layout = Layout::from_bytes(shape, strides, offset, size_of_val(x), size_of::<T>());
    StridedView::new(x, layout.unwrap()).unwrap()
}

/// `[0, 1, …]`, the article's `np.arange(12)` and MLX's `mx.arange(10)`.
fn arange(count: i64) -> Vec<i64> {
    (0..count).collect()
}

/// Views of numbers from a start on, or of the elements given: what NumPy prints, the shape, and
/// strides and offset in bytes.
#[test]
fn views_are_printed_as_the_documents_show_them() {
    #[track_caller]
    fn shows<T: fmt::Display, const N: usize>(
        name: &str,
        x: &[T],
        shape: [usize; N],
        strides: [isize; N],
        offset: usize,
    ) {
        assert_eq!(in_bytes(x, shape, strides, offset).to_string(), numpy(name), "{name}");
    }
    let (x, square, y) = (arange(12), arange(16), [0i64, 10, 20, 30, 40, 50]);
    shows("overlapping rows", &x, [4, 3], [16, 16], 0);
    shows("reversed", &x, [12], [-8], 88);
    // In a square of n columns, strides of n + 1 and of n - 1.
    shows("diagonal", &square, [4], [40], 0);
    shows("anti-diagonal", &square, [4], [24], 24);
    shows("broadcast row", &x, [6, 4], [0, 8], 0);
    shows("broadcast column", &y, [6, 4], [8, 0], 0);
    shows("windows", &x, [3, 2, 2, 2], [24, 8, 24, 8], 0);
    shows("repeated", &[2i64, 5], [2, 8], [8, 0], 0);
    let c = [1i16, 2, 3, 4, 5, 6, 7, 8, 9];
    shows("lecture", &c, [3, 3], [6, 2], 0);
    shows("lecture", &[1i16, 4, 7, 2, 5, 8, 3, 6, 9], [3, 3], [2, 6], 0);
    shows("lecture transposed", &c, [3, 3], [2, 6], 0);
    shows("lecture reversed", &[1i32, 2, 3, 4, 5, 6], [6], [-4], 20);
    shows("lecture sliced", &arange(1000), [5, 4, 3], [1600, 240, 32], 0);

    let sums = in_bytes(&x, [6, 4], [0, 8], 0).iter().zip(in_bytes(&y, [6, 4], [8, 0], 0));
    let sums: Vec<i64> = sums.map(|(x, y)| x + y).collect();
    shows("broadcast sum", &sums, [6, 4], [32, 8], 0);
    let mut sums = [[0; 2]; 3];
    for ([a, b, i, j], value) in in_bytes(&x, [3, 2, 2, 2], [24, 8, 24, 8], 0).indexed_iter() {
        sums[a][b] += [[1, 0], [0, 1]][i][j] * value;
    }
    shows("kernel sums", sums.as_flattened(), [3, 2], [16, 8], 0);
}

#[test]
fn what_leaves_the_memory_is_refused_and_named() {
    let past = |index: &[usize], address, required| Some((index.to_vec(), address, required));
    for (shape, strides, len, code, witness) in [
        (&[4, 3][..], &[24, 16][..], 96, "SP003", past(&[3, 2], 104, 112)),
        (&[2, 3], &[16, 0], 16, "SP003", past(&[1, 0], 16, 24)),
        // One further than the diagonal leaves the square.
        (&[5], &[40], 128, "SP003", past(&[4], 160, 168)),
        (&[4, 3], &[16], 96, "SP001", None),
        (&[4, 3], &[], 96, "SP001", None),
        (&[4, 3], &[16, 8, 8], 96, "SP001", None),
    ] {
        let error = check_bytes(shape, strides, 0, len, 8).unwrap_err();
        let found = error.witness().map(|witness| {
            let index = witness.index.as_slice().expect("few axes").to_vec();
            (index, witness.address, error.required_len().expect("a length"))
        });
        assert_eq!((error.code().as_str(), found), (code, witness), "{shape:?} {strides:?}");
    }
    let error = check_bytes(&[4, 3], &[24, 16], 0, 96, 8).unwrap_err();
    assert_eq!(
        error.to_string(),
        "index [3, 2] takes 8 bytes from byte 104, past the end of 96 bytes; the view needs 112 bytes"
    );
    let error = check_bytes(&[12], &[-8], 0, 96, 8).unwrap_err();
    assert!(matches!(error, Error::BeforeStart { required_offset: 88, .. }), "{error:?}");

    let a = arange(10);
    for (shape, strides, offset, code) in [
        ([11, 1], [1, 1], 0, "SP003"),
        ([2, 2], [9, 1], 0, "SP003"),
        ([2, 2], [-1, 1], 0, "SP004"),
        ([1, 1], [1, 1], 10, "SP003"),
        ([0, 5], [1, 1], 11, "SP002"),
        ([usize::MAX, 2], [0, 0], 0, "SP005"),
        ([2, 2], [isize::MIN, isize::MAX], 5, "SP004"),
        ([2, 2], [isize::MAX, isize::MAX], usize::MAX, "SP003"),
    ] {
        let error = as_strided(&a, shape, strides, offset).unwrap_err();
        assert_eq!(error.code(), code, "{shape:?} {strides:?} {offset}: {error}");
    }
    // The default strides of a shape with too many elements.
    let many = as_strided(&a, [1 << 40, 1 << 40], None, 0).unwrap_err();
    assert!(matches!(many, Error::TooManyElements { axis: 1 }));
    assert!(as_strided::<i64, 1>(&[], .., None, 0).unwrap().is_empty());
}

#[test]
fn repeated_elements_are_read_and_never_written() {
    match as_strided_mut(&mut [2, 5], [2, 8], [1, 0], 0) {
        Err(Error::Aliased { first, second }) => {
            let [first, second] = [first, second].map(|i| i.as_slice().unwrap().to_vec());
            assert_ne!(first, second);
            assert_eq!(first[0], second[0], "both are in the same row");
            assert!(first[1] < 8 && second[1] < 8 && first[0] < 2);
        }
        other => panic!("two indices share an element: {other:?}"),
    }
}

#[test]
fn the_bytes_occupied_are_not_the_bytes_of_a_copy() {
    // Rows that overlap, and one element shown 16 times.
    for (shape, strides, occupied, copied) in
        [([4, 3], [16, 16], 88, 96), ([2, 8], [8, 0], 16, 128), ([4, 1], [24, 0], 80, 32)]
    {
        let extent = check_bytes(&shape, &strides, 0, 96, 8).unwrap();
        assert_eq!(extent.highest - extent.lowest + 8, occupied);
        assert_eq!(extent.count * 8, copied);
    }
}

#[test]
fn the_defaults_are_the_shape_of_the_buffer_and_rows_without_gaps() {
    let a = arange(10);
    assert!(as_strided(&a, .., None, 0).unwrap().iter().eq(&a));
    let view = as_strided(&a, [2, 5], None, 0).unwrap();
    assert_eq!((view.strides(), view.offset()), (&[5, 1], 0));
    assert_eq!(view.to_vec(), a);
    assert_eq!(as_strided(&a, [2, 3], None, 4).unwrap().to_vec(), [4, 5, 6, 7, 8, 9]);
    assert_eq!(as_strided(&a, .., [-1], 9).unwrap()[[0]], 9);
    // Strides and offset count elements.
    assert_eq!(as_strided(&a, [2, 2], [-3, 2], 7).unwrap().to_vec(), [7, 9, 4, 6]);
}

#[test]
fn a_contiguous_copy_is_made_only_when_needed() {
    let mut x = arange(6);
    let rows = as_strided(&x, [2, 3], None, 0).unwrap();
    assert!(rows.is_contiguous());
    match rows.to_contiguous() {
        Cow::Borrowed(slice) => assert!(std::ptr::eq(slice, &x[..])),
        Cow::Owned(_) => panic!("a run was copied"),
    }
    let columns = as_strided(&x, [3, 2], [1, 3], 0).unwrap();
    assert!(!columns.is_contiguous() && columns.layout().is_column_major());
    match columns.to_contiguous() {
        Cow::Owned(copy) => assert_eq!(copy, [0, 3, 1, 4, 2, 5]),
        Cow::Borrowed(_) => panic!("these elements are no run"),
    }
    // A view shares its elements, a copy does not.
    as_strided_mut(&mut x, [3], [2], 0).unwrap()[[1]] = 20;
    assert_eq!(x, [0, 1, 20, 3, 4, 5]);
    as_strided(&x, [3], [2], 0).unwrap().to_vec()[1] = -1;
    assert_eq!(x[2], 20);
}

#[test]
fn elements_lie_where_the_lecture_has_them() {
    let x: Vec<i8> = (1..10).collect();
    let bytes = in_bytes(&x, [3, 3], [3, 1], 0);
    assert_eq!((bytes.layout().address([1, 2]), bytes[[1, 2]]), (Some(5), 6));
    let x: [i32; 6] = [1, 2, 3, 4, 5, 6];
    let tail = in_bytes(&x, [4], [4], 8);
    assert_eq!(std::ptr::from_ref(&tail[[0]]).addr() - x.as_ptr().addr(), 8);
    assert_eq!(tail.as_slice(), Some(&[3, 4, 5, 6][..]));
}

/// Items of another size over the same bytes.
#[cfg(all(feature = "bytemuck", target_endian = "little"))]
#[test]
fn two_bytes_as_one_int16_depend_on_their_order() {
    // Four bytes at an even address, as 16-bit items need it.
    let aligned = |bytes: [u8; 4]| bytemuck::cast::<_, [u16; 2]>(bytes);
    let pairs = |name: &str, stored: &[u16; 2]| {
        let bytes = bytemuck::cast_slice(stored);
        let pairs = StridedView::<i16, 2>::from_bytes(bytes, [2, 1], [2, 2], 0).unwrap();
        assert_eq!(pairs.to_string(), numpy(name));
    };
    let stored = aligned([1, 3, 2, 4]);
    let bytes: &[u8] = bytemuck::cast_slice(&stored);
    pairs("pairs as int16, as stored", &stored);
    // The transposed view has strides (1, 2): no two bytes of a row are neighbours.
    let transposed = as_strided(bytes, [2, 2], [1, 2], 0).unwrap();
    assert!(!transposed.is_contiguous());
    pairs("pairs as int16, transposed copy", &aligned(transposed.to_vec().try_into().unwrap()));

    let error = StridedView::<i16, 1>::from_bytes(bytes, [1], [2], 1).unwrap_err();
    assert_eq!(error, Error::Misaligned { axis: None, excess: 1, align: 2 });
    // As bytes the same numbers are fine: layouts know no alignment.
    assert!(check_bytes(&[1], &[2], 1, 4, 2).is_ok());
}
