//! Layouts and views of run-time rank do what those of fixed rank do, refusals included.

use proptest::prelude::*;
use strideproof::{
    Error, Layout, LayoutDyn, MAX_DYN_RANK, Slice, StridedView, StridedViewDyn, StridedViewMutDyn,
};

use crate::layouts::accepted;

/// Both results in the terms of run-time rank.
fn same<const M: usize>(fixed: Result<Layout<M>, Error>, dynamic: Result<LayoutDyn, Error>) {
    match (fixed, dynamic) {
        (Ok(fixed), Ok(dynamic)) => {
            assert_eq!(
                (dynamic.rank(), dynamic.shape(), dynamic.strides()),
                (M, &fixed.shape()[..], &fixed.strides()[..])
            );
            assert_eq!((dynamic.offset(), dynamic.len()), (fixed.offset(), fixed.len()));
            assert_eq!(dynamic.required_len(), fixed.required_len());
            assert_eq!(Layout::try_from(dynamic), Ok(fixed));
        }
        (fixed, dynamic) => assert_eq!(fixed.err(), dynamic.err()),
    }
}

proptest! {
    #![proptest_config(crate::cases(1000))]

    #[test]
    fn every_operation_is_that_of_the_fixed_rank(
        layout in accepted::<3>(),
        axes in prop::array::uniform3(0usize..4),
        numbers in prop::array::uniform3(0usize..5),
        step in -3isize..4,
        offset in -4isize..5,
    ) {
        let dynamic = LayoutDyn::from(layout);
        same(Ok(layout), Ok(dynamic));
        let [one, other, third] = axes;
        let [a, b, c] = numbers;
        let slice = Slice::new(Some(offset), None, step);
        same(layout.try_slice([slice; 3]), dynamic.try_slice(&[slice; 3]));
        same(layout.try_slice_axis(one, slice), dynamic.try_slice_axis(one, slice));
        same(layout.try_reverse(one), dynamic.try_reverse(one));
        same(layout.try_permute(axes), dynamic.try_permute(&axes));
        same(layout.try_t(), dynamic.try_t());
        same(layout.try_swap_axes(one, other), dynamic.try_swap_axes(one, other));
        same::<2>(layout.try_index_axis(one, a), dynamic.try_index_axis(one, a));
        same::<4>(layout.try_insert_axis(one), dynamic.try_insert_axis(one));
        same::<2>(layout.try_squeeze(third), dynamic.try_squeeze(third));
        same::<2>(
            layout.try_diagonal_of(offset, one, other),
            dynamic.try_diagonal_of(offset, one, other),
        );
        let steps = [1, 2, usize::from(a > 0)];
        same::<6>(layout.try_windows_by(numbers, steps), dynamic.try_windows_by(&numbers, &steps));
        let [m, n, k] = *layout.shape();
        same(layout.try_broadcast_to([a, m, b, k]), dynamic.try_broadcast_to(&[a, m, b, k]));
        same(layout.try_broadcast_to([a, m, n, k]), dynamic.try_broadcast_to(&[a, m, n, k]));
        same(layout.try_broadcast_to([a, b]), dynamic.try_broadcast_to(&[a, b]));
        same(layout.try_reshape([a, b, c]), dynamic.try_reshape(&[a, b, c]));
        same(layout.try_reshape([layout.len()]), dynamic.try_reshape(&[layout.len()]));
        same(layout.try_reinterpret_axis(one, a, b), dynamic.try_reinterpret_axis(one, a, b));
    }

    #[test]
    fn acceptance_and_witness_are_those_of_the_fixed_rank(
        shape in prop::array::uniform2(0usize..5), strides in prop::array::uniform2(-4isize..5),
        offset in 0usize..20, len in 0usize..20,
    ) {
        same(Layout::new(shape, strides, offset, len), LayoutDyn::new(&shape, &strides, offset, len));
        if let Ok(layout) = LayoutDyn::new(&shape, &strides, offset, len) {
            // Too short a buffer: the witness has as many components as the view has axes.
            let buffer = vec![0u8; layout.required_len().saturating_sub(1)];
            let refused = StridedViewDyn::new(&buffer, layout).map(|_| ()).err();
            let fixed = Layout::new(shape, strides, offset, len).unwrap();
            prop_assert_eq!(refused, StridedView::new(&buffer, fixed).map(|_| ()).err());
        }
    }
}

#[test]
fn ranks_are_counted() {
    let layout = LayoutDyn::row_major(&[1; MAX_DYN_RANK]).unwrap();
    let too_large = |rank| Err(Error::RankTooLarge { rank, limit: MAX_DYN_RANK });
    assert_eq!(LayoutDyn::row_major(&[1; 9]), too_large(9));
    assert_eq!(LayoutDyn::new(&[1; 9], &[1; 9], 0, 1), too_large(9));
    assert_eq!(
        LayoutDyn::new(&[1; 9], &[1; 8], 0, 1),
        Err(Error::RankMismatch { shape: 9, strides: 8 })
    );
    assert_eq!(layout.try_insert_axis(3), too_large(9));
    assert_eq!(layout.try_windows_by(&[1; 8], &[1; 8]), too_large(16));
    assert_eq!(layout.try_reshape(&[1; 10]), too_large(10));
    assert_eq!(layout.try_broadcast_to(&[1; 10]), too_large(10));
    let wrong = Err(Error::WrongRank { rank: 7, needed: 8 });
    assert_eq!(layout.try_slice(&[Slice::FULL; 7]), wrong);
    assert_eq!(layout.try_permute(&[0; 7]), wrong);
    assert_eq!(Layout::<3>::try_from(layout), Err(Error::WrongRank { rank: 8, needed: 3 }));
    assert_eq!(LayoutDyn::row_major(&[]).map(|layout| (layout.rank(), layout.len())), Ok((0, 1)));
}

#[test]
fn layouts_of_run_time_rank_are_equal_however_they_came_about() {
    use std::collections::HashSet;
    let ways = [
        LayoutDyn::new(&[2, 3], &[3, 1], 0, 6),
        LayoutDyn::row_major(&[2, 3]),
        LayoutDyn::column_major(&[3, 2]).and_then(|layout| layout.try_t()),
        LayoutDyn::row_major(&[6]).and_then(|layout| layout.try_reshape(&[2, 3])),
        Layout::row_major([2, 3]).map(LayoutDyn::from),
    ];
    let layouts: HashSet<LayoutDyn> = ways.into_iter().map(|layout| layout.unwrap()).collect();
    assert_eq!(layouts.len(), 1, "{layouts:?}");
    let others = [
        LayoutDyn::new(&[2, 3], &[3, 1], 1, 7).unwrap(),
        LayoutDyn::new(&[2, 3], &[1, 2], 0, 6).unwrap(),
        LayoutDyn::new(&[3, 3], &[3, 1], 0, 9).unwrap(),
        LayoutDyn::new(&[2, 3, 1], &[3, 1, 1], 0, 6).unwrap(),
    ];
    assert!(others.iter().all(|other| !layouts.contains(other)));
}

#[test]
fn views_of_run_time_rank_read_write_and_print() {
    let mut x: Vec<i64> = (0..6).collect();
    let layout = LayoutDyn::row_major(&[2, 3]).unwrap();
    let view = StridedViewDyn::new(&x, layout).unwrap();
    assert_eq!(view.to_string(), "[[0 1 2]\n [3 4 5]]");
    assert_eq!(view.get(&[1, 2]), Some(&5));
    assert_eq!((view.get(&[1]), view.get(&[1, 2, 0]), view.get(&[1, 3])), (None, None, None));
    let (left, right) = StridedViewMutDyn::new(&mut x, layout).unwrap().try_split_at(1, 1).unwrap();
    for mut half in [left.try_t().unwrap(), right.try_reverse(0).unwrap()] {
        let first = half.iter_mut().next().unwrap();
        *first = -1;
    }
    assert_eq!(x, [-1, 1, 2, 3, -1, 5]);
}

#[cfg(feature = "bytemuck")]
#[test]
fn views_of_run_time_rank_reinterpret() {
    let mut x = [0u16; 6];
    let layout = LayoutDyn::row_major(&[3, 2]).unwrap();
    let view = StridedViewMutDyn::new(&mut x, layout).unwrap();
    assert_eq!(view.as_view().try_reinterpret_axis::<u8>(1).unwrap().shape(), &[3, 4]);
    let refused = view.as_view().try_reinterpret_axis::<u8>(2).map(|_| ());
    assert_eq!(refused, Err(Error::BadAxis { axis: 2, rank: 2 }));
    view.try_reinterpret_axis::<u8>(1).unwrap().iter_mut().for_each(|byte| *byte = 1);
    assert_eq!(x, [0x0101; 6]);
}
