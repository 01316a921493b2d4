//! Views over real buffers: what is written through mutable views, and where.

use proptest::prelude::*;
use strideproof::{Error, Layout, StridedView, StridedViewMut};

use crate::layouts::{indices, small};

/// Whether no two indices share an address, by looking at all of them.
fn unique<const N: usize>(layout: &Layout<N>) -> bool {
    let mut addresses: Vec<_> =
        indices(layout.shape(), 0).into_iter().map(|index| layout.address(index)).collect();
    let count = addresses.len();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.len() == count
}

/// How often each element of the buffer is named by the layout.
fn touched<const N: usize>(layout: &Layout<N>) -> Vec<u32> {
    let mut counts = vec![0; layout.required_len()];
    for index in indices(layout.shape(), 0) {
        counts[layout.address(index).unwrap()] += 1;
    }
    counts
}

/// Runs `write` on a mutable view of zeros and returns the buffer.
fn written<const N: usize>(
    layout: &Layout<N>,
    write: impl FnOnce(StridedViewMut<'_, u32, N>),
) -> Vec<u32> {
    let mut buffer = vec![0; layout.required_len()];
    write(StridedViewMut::new(&mut buffer, *layout).unwrap());
    buffer
}

proptest! {
    #![proptest_config(crate::cases(1000))]

    #[test]
    fn partitions_of_a_mutable_view_reach_each_element_once(
        layout in small::<3>(), axis in 0usize..3, at in 0usize..5,
    ) {
        prop_assume!(unique(&layout));
        let once = touched(&layout);
        let at = at.min(layout.shape()[axis]);
        let increment = |element: &mut u32| *element += 1;

        let split = written(&layout, |view| {
            let (mut head, mut tail) = view.split_at(axis, at);
            // Both at the same time.
            let ends = head.iter_mut().chain(tail.iter_mut()).collect::<Vec<_>>();
            ends.into_iter().for_each(increment);
        });
        prop_assert_eq!(&split, &once);

        let slices = written(&layout, |view| {
            let mut slices = view.axis_iter_mut(axis).collect::<Vec<_>>();
            assert_eq!(slices.len(), layout.shape()[axis]);
            slices.iter_mut().for_each(|slice| slice.map_in_place(increment));
        });
        prop_assert_eq!(&slices, &once);

        let backwards = written(&layout, |view| {
            let mut slices = view.axis_iter_mut(axis);
            let mut taken = Vec::new();
            while let Some(slice) = slices.next_back() {
                taken.push(slice);
                taken.extend(slices.next());
            }
            taken.iter_mut().for_each(|slice| slice.map_in_place(increment));
        });
        prop_assert_eq!(&backwards, &once);

        let lanes = written(&layout, |view| {
            let mut lanes = view.lanes_mut(axis).collect::<Vec<_>>();
            lanes.iter_mut().for_each(|lane| lane.map_in_place(increment));
        });
        prop_assert_eq!(&lanes, &once);
    }

    #[test]
    fn a_derived_mutable_view_stays_unique(
        layout in small::<3>(), axis in 0usize..3, step in prop_oneof![-3isize..0, 1isize..4],
    ) {
        prop_assume!(unique(&layout));
        let slice = strideproof::Slice::FULL.step(step);
        let mut buffer = vec![0u32; layout.required_len()];
        let mut view = StridedViewMut::new(&mut buffer, layout).unwrap();
        prop_assert!(unique(view.reborrow().slice_axis(axis, slice).layout()));
        prop_assert!(unique(view.reborrow().diagonal(1).layout()));
        prop_assert!(unique(view.reborrow().permute([1, 2, 0]).insert_axis(1).layout()));
        if let Ok(flat) = view.reborrow().try_reshape([layout.len()]) {
            prop_assert!(unique(flat.layout()));
        }
        // Windows may overlap: accepted exactly when they do not.
        let window = layout.shape().map(|extent| extent.min(2));
        let steps = [1, 2, 3];
        let shown: Layout<6> = layout.try_windows_by(window, steps).unwrap();
        let granted = view.reborrow().try_windows_by(window, steps);
        prop_assert_eq!(granted.is_ok(), unique(&shown), "{:?}", granted.err());
    }

    #[test]
    fn shared_iterators_show_what_indexing_shows(layout in small::<2>(), axis in 0usize..2) {
        let buffer: Vec<usize> = (0..layout.required_len()).collect();
        let view = StridedView::new(&buffer, layout).unwrap();
        for (at, slice) in view.axis_iter(axis).enumerate() {
            prop_assert_eq!(slice.to_vec(), view.index_axis(axis, at).to_vec());
        }
        prop_assert_eq!(view.axis_iter(axis).len(), layout.shape()[axis]);
        let lanes: Vec<usize> = view.lanes(1).flat_map(|lane| lane.to_vec()).collect();
        prop_assert_eq!(lanes, view.to_vec());
        let lanes: Vec<usize> = view.lanes(0).flat_map(|lane| lane.to_vec()).collect();
        prop_assert_eq!(lanes, view.t().to_vec());
    }

    #[test]
    fn assign_copies_with_broadcasting(layout in small::<2>(), source in small::<1>()) {
        prop_assume!(unique(&layout));
        let values: Vec<u32> = (1..=u32::try_from(source.required_len()).unwrap()).collect();
        let source = StridedView::new(&values, source).unwrap();
        let mut buffer = vec![0u32; layout.required_len()];
        let mut view = StridedViewMut::new(&mut buffer, layout).unwrap();
        let fits = source.shape()[0] == layout.shape()[1] || source.shape()[0] == 1;
        let result = view.try_assign(&source);
        prop_assert_eq!(result.is_ok(), fits, "{:?}", result);
        if fits {
            let expected: Vec<u32> = (0..layout.shape()[0])
                .flat_map(|_| (0..layout.shape()[1]).map(|j| source[[if source.len() == 1 { 0 } else { j }]]))
                .collect();
            prop_assert_eq!(view.to_vec(), expected);
        } else {
            prop_assert!(view.iter().all(|&element| element == 0), "nothing is written");
        }
    }
}

#[test]
fn zip_needs_equal_shapes() {
    let (x, y) = ([1, 2, 3], [1, 2]);
    let (x, y) = (StridedView::from_slice(&x).unwrap(), StridedView::from_slice(&y).unwrap());
    let error = x.try_zip(&y).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "shapes (3,) and (2,) are incompatible");
    assert!(matches!(error, Error::IncompatibleShapes { .. }));
}

#[test]
fn the_plain_form_panics_with_the_message_of_the_error() {
    let x = [1, 2, 3];
    let x = StridedView::from_slice(&x).unwrap();
    let message = x.try_reverse(1).unwrap_err().to_string();
    let panic = std::panic::catch_unwind(|| x.reverse(1)).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>(), Some(&message));
}

#[test]
fn a_view_of_zero_sized_elements_takes_every_operation() {
    let buffer = [(); usize::MAX];
    let layout = Layout::new([isize::MAX as usize], [-2], usize::MAX - 1, usize::MAX).unwrap();
    let view = StridedView::new(&buffer, layout).unwrap();
    let turned = view.reverse(0);
    assert_eq!((turned.strides(), turned.offset()), (&[2], 2));
    assert_eq!(turned.get([isize::MAX as usize - 1]), Some(&()));
    let windows = view.windows_by([1 << 30], [1 << 40]);
    assert_eq!(windows.get([0, 5]), Some(&()));
    assert_eq!(view.real_bytes(), 0);
}
