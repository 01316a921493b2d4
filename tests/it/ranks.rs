//! Ranks of either kind say the same, and a rank of run time has no limit.

use std::collections::HashSet;

use strideproof::ops::Operation;
use strideproof::{
    Error, Layout, LayoutDyn, Rank, Slice, StridedView, StridedViewDyn, StridedViewMut,
    StridedViewMutDyn,
};
use strideproof_oracle::generate::{self, Width};
use strideproof_oracle::{Rng, colliding_pair};
use strideproof_testkit::replay;

/// Both results in the terms of run-time rank.
fn same<D: Rank>(constant: Result<Layout<D>, Error>, dynamic: Result<LayoutDyn, Error>) {
    match (constant, dynamic) {
        (Ok(constant), Ok(dynamic)) => {
            let numbers = (dynamic.rank(), dynamic.shape(), dynamic.strides(), dynamic.offset());
            let expected = (
                constant.rank(),
                constant.shape().as_ref(),
                constant.strides().as_ref(),
                constant.offset(),
            );
            assert_eq!(numbers, expected);
            assert_eq!(dynamic.len(), constant.len());
            assert_eq!(dynamic.required_len(), constant.required_len());
            assert_eq!(dynamic.with_rank::<D>(), Ok(constant));
        }
        (constant, dynamic) => assert_eq!(constant.err(), dynamic.err()),
    }
}

/// The layout of a view, or why there is none.
macro_rules! layout {
    ($view:expr) => {
        $view.map(|view| view.layout().clone())
    };
}

#[test]
fn every_operation_is_the_same_at_constant_and_at_run_time_rank() {
    let mut random = Rng::new(2);
    let (mut seen, mut mutable) = (0, 0);
    for input in replay::random(9, 250).take(40_000) {
        let mut bytes = arbitrary::Unstructured::new(&input);
        let request = generate::request(&mut bytes, Width::Memory, 1, 1).unwrap();
        let (Ok(shape), Ok(strides)) = (
            <[usize; 3]>::try_from(&request.shape[..]),
            <[isize; 3]>::try_from(&request.strides[..]),
        ) else {
            continue;
        };
        let (offset, len) = (request.offset, request.len);
        let fixed = Layout::new(shape, strides, offset, len);
        same(fixed, LayoutDyn::new(&shape, &strides, offset, len));
        same(
            Layout::from_bytes(shape, strides, offset, len, 2),
            LayoutDyn::from_bytes(&shape, &strides, offset, len, 2),
        );
        #[cfg(feature = "bytemuck")]
        {
            let bytes: Vec<u8> = vec![0; len.min(4096)];
            let fixed = StridedView::<[u8; 2], 3>::from_bytes(&bytes, shape, strides, offset);
            let dynamic = StridedViewDyn::<[u8; 2]>::from_bytes(&bytes, &shape, &strides, offset);
            same(layout!(fixed), layout!(dynamic));
        }
        let Ok(fixed) = fixed else { continue };
        if fixed.len() > 1000 {
            continue;
        }
        seen += 1;
        let dynamic = LayoutDyn::from(fixed);
        let mut number = |most| random.below(most);
        let [one, other, third] = [number(4), number(4), number(4)];
        let axes = [number(3), number(3), number(3)];
        let [a, b, c] = [number(5), number(5), number(5)];
        let offset = isize::try_from(number(9)).unwrap() - 4;
        let slice = Slice::new(Some(offset), None, isize::try_from(number(7)).unwrap() - 3);
        let steps = [1, 2, usize::from(a > 0)];
        let [m, n, k] = shape;

        let buffer: Vec<u16> = (0..600).collect();
        let view = StridedView::new(&buffer, fixed);
        let dynamic_view = StridedViewDyn::new(&buffer, dynamic.clone());
        assert_eq!(view.is_ok(), dynamic_view.is_ok());
        let (mut one_buffer, mut other_buffer) = (buffer.clone(), buffer.clone());
        let view_mut = StridedViewMut::new(&mut one_buffer, fixed);
        let dynamic_mut = StridedViewMutDyn::new(&mut other_buffer, dynamic.clone());
        assert_eq!(view_mut.as_ref().err(), dynamic_mut.as_ref().err());
        assert_eq!(view_mut.is_ok(), view.is_ok() && colliding_pair(&shape, &strides, 1).is_none());
        let (mut view_mut, mut dynamic_mut) = (view_mut.ok(), dynamic_mut.ok());
        mutable += u32::from(view_mut.is_some());

        /// One operation on the layouts, and on the views there are.
        macro_rules! each {
            ($operation:ident($($fixed:expr),*), ($($dynamic:expr),*)) => {
                same(fixed.$operation($($fixed),*), dynamic.$operation($($dynamic),*));
                if let (Ok(view), Ok(dynamic)) = (&view, &dynamic_view) {
                    let dynamic = dynamic.clone().$operation($($dynamic),*);
                    same(layout!(view.$operation($($fixed),*)), layout!(dynamic));
                }
                each!(@mutable $operation($($fixed),*), ($($dynamic),*));
            };
            (@mutable try_broadcast_to($($fixed:expr),*), ($($dynamic:expr),*)) => {};
            (@mutable $operation:ident($($fixed:expr),*), ($($dynamic:expr),*)) => {
                if let (Some(view), Some(dynamic)) = (&mut view_mut, &mut dynamic_mut) {
                    let fixed = view.reborrow().$operation($($fixed),*);
                    same(layout!(fixed), layout!(dynamic.reborrow().$operation($($dynamic),*)));
                }
            };
        }
        each!(try_slice([slice; 3]), (&[slice; 3]));
        each!(try_slice_axis(one, slice), (one, slice));
        each!(try_reverse(one), (one));
        each!(try_permute(axes), (&axes));
        each!(try_t(), ());
        each!(try_swap_axes(one, other), (one, other));
        each!(try_index_axis(one, a), (one, a));
        each!(try_insert_axis(one), (one));
        each!(try_squeeze(third), (third));
        each!(try_diagonal(offset), (offset));
        each!(try_diagonal_of(offset, one, other), (offset, one, other));
        each!(try_windows([a, b, c]), (&[a, b, c]));
        each!(try_windows_by([a, b, c], steps), (&[a, b, c], &steps));
        each!(try_broadcast_to([a, m, b, k]), (&[a, m, b, k]));
        each!(try_broadcast_to([a, m, n, k]), (&[a, m, n, k]));
        each!(try_broadcast_to([a, b]), (&[a, b]));
        each!(try_reshape([a, b, c]), (&[a, b, c]));
        each!(try_reshape([fixed.len()]), (&[fixed.len()]));
        same(fixed.try_reinterpret_axis(one, a, b), dynamic.try_reinterpret_axis(one, a, b));
        let halves = (fixed.try_split_at(one, a), dynamic.try_split_at(one, a));
        same(halves.0.map(|halves| halves.0), halves.1.clone().map(|halves| halves.0));
        same(halves.0.map(|halves| halves.1), halves.1.map(|halves| halves.1));
        if let (Some(mut view), Some(mut dynamic)) = (view_mut, dynamic_mut) {
            let both = view.iter_mut().zip(dynamic.iter_mut());
            both.for_each(|(one, other)| (*one, *other) = (*other + 1, *one + 1));
            assert!(view.as_view().iter().eq(dynamic.iter()));
        }
        assert_eq!(one_buffer, other_buffer);
    }
    assert!(seen > 2000 && mutable > 500, "{seen} layouts, {mutable} of them for writing");
}

#[test]
fn the_plain_forms_are_there_at_either_rank() {
    let x: Vec<u8> = (0..24).collect();
    let layout = Layout::row_major([2, 3, 4]).unwrap();
    let view = StridedView::new(&x, layout).unwrap();
    let dynamic = StridedViewDyn::from(view);
    let by_steps = view.slice([Slice::from(..), Slice::from(..).step(-1), Slice::from(1..)]);
    assert_eq!(by_steps.shape(), &[2, 3, 3]);
    let fixed = view.permute([2, 0, 1]).index_axis(0, 1).t().insert_axis(1).squeeze(1).reverse(0);
    let at_run_time =
        dynamic.permute(&[2, 0, 1]).index_axis(0, 1).t().insert_axis(1).squeeze(1).reverse(0);
    assert_eq!(fixed.to_vec(), at_run_time.to_vec());
    assert_eq!(StridedViewDyn::from(fixed).layout(), at_run_time.layout());
}

#[test]
fn a_rank_of_run_time_has_no_limit() {
    let layout = LayoutDyn::row_major(&[1; 40]).unwrap();
    assert_eq!((layout.rank(), layout.len()), (40, 1));
    let windows = layout.try_windows_by(&[1; 40], &[1; 40]).unwrap();
    assert_eq!(windows.rank(), 80);
    assert_eq!(windows.try_reshape(&[]).map(|scalar| scalar.rank()), Ok(0));
    let mut x = [1, 2, 3, 4];
    let shape = [1, 2, 1, 1, 1, 1, 1, 1, 1, 2, 1];
    let layout = LayoutDyn::row_major(&shape).unwrap();
    let mut view = StridedViewMutDyn::new(&mut x, layout.try_reverse(1).unwrap()).unwrap();
    assert_eq!(view.as_view().to_vec(), [3, 4, 1, 2]);
    view[&[0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0]] = 7;
    let moved = view.apply(&Operation::Squeeze(None)).unwrap();
    assert_eq!((moved.shape(), moved.as_view().to_vec()), (&[2, 2][..], vec![3, 4, 1, 7]));
    // Beyond some rank an error keeps no tuple, but tells each number of it.
    let error = LayoutDyn::new(&shape, &[2; 11], 0, 4).unwrap_err();
    let witness = error.witness().unwrap();
    assert_eq!(
        (witness.axis, witness.index_on(1, 2, 2), witness.index_on(9, 2, 2)),
        (Some(9), 1, 1)
    );
    assert_eq!((witness.index.rank(), witness.index.as_slice()), (11, None));
}

#[test]
fn layouts_of_run_time_rank_are_equal_however_they_came_about() {
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
