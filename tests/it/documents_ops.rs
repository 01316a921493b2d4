//! What the documents that teach strides say beyond their examples, through the operations. The
//! examples themselves are the blocks of `docs/examples.md`, which run with the doctests.

use strideproof::overlap::Sharing;
use strideproof::{Const, Error, Layout, StridedView, StridedViewMut, s};

type Result<T = ()> = std::result::Result<T, Error>;

fn arange(count: i64) -> Vec<i64> {
    (0..count).collect()
}

#[test]
fn article_elements_are_overwritten_exactly_when_none_repeats() -> Result {
    let mut y = [2, 5];
    let layout: Layout<Const<2>> =
        *StridedView::from_slice(&y)?.insert_axis(1).broadcast_to([2, 8]).layout();
    // `broadcast_to` is not there for writing; its bare numbers are refused.
    assert!(matches!(StridedViewMut::new(&mut y, layout), Err(Error::Aliased { .. })));
    let overlapping = StridedViewMut::from_slice(&mut y)?.try_windows_by([1], [1]);
    assert!(overlapping.is_ok(), "windows of one element do not overlap");
    Ok(())
}

#[test]
fn lesson_a_view_shares_memory_with_its_parent_and_a_copy_does_not() -> Result {
    let x = arange(10);
    let x = StridedView::from_slice(&x)?;
    let odd = x.slice(s![1..;2]);
    // A view shares memory with what it was cut from, a copy does not.
    let Sharing::Shared { first, second } = x.shares_memory(&odd) else { panic!("a view") };
    assert!(std::ptr::eq(&x[first], &odd[second]));
    let copy = odd.to_vec();
    let copy = StridedView::from_slice(&copy)?;
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

#[cfg(feature = "bytemuck")]
#[test]
fn lecture_reinterpreted_bytes_can_be_written() -> Result {
    let mut x = [0u32; 2];
    StridedViewMut::from_slice(&mut x)?.reinterpret::<u8>().slice(s![..;4]).fill(7);
    assert_eq!(x.map(|x| x.to_ne_bytes()), [[7, 0, 0, 0]; 2]);
    Ok(())
}
