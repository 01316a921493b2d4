//! Operations that are index maps: each against its map.

use proptest::prelude::*;
use strideproof::{Error, Layout, Slice};

use crate::follows;
use crate::layouts::accepted;

/// A followed stride that does not fit `isize` takes more than `isize::MAX` elements.
fn may_not_fit<const N: usize>(parent: &Layout<N>) -> bool {
    parent.required_len() > isize::MAX as usize
}

/// Unwraps, or accepts the refusal that only enormous layouts may have.
macro_rules! derived {
    ($parent:expr, $result:expr) => {
        match $result {
            Err(Error::DoesNotFit { .. }) if may_not_fit(&$parent) => return Ok(()),
            result => result.map_err(|error| TestCaseError::fail(error.to_string()))?,
        }
    };
}

fn position() -> impl Strategy<Value = Option<isize>> {
    prop_oneof![
        1 => Just(None),
        6 => (-7isize..8).prop_map(Some),
        1 => any::<isize>().prop_map(Some),
        1 => prop_oneof![Just(isize::MIN), Just(isize::MAX)].prop_map(Some),
    ]
}

fn step() -> impl Strategy<Value = isize> {
    let some = prop_oneof![
        6 => -4isize..5,
        1 => any::<isize>(),
        1 => prop_oneof![Just(isize::MIN), Just(isize::MAX), Just(1 << 62), Just(3)],
    ];
    some.prop_filter("a step", |&step| step != 0)
}

type Triple = (Option<isize>, Option<isize>, isize);

/// Python's `slice(start, end, step).indices(extent)` as its reference documents it, and the
/// number of elements of that range.
fn python((start, end, step): Triple, extent: usize) -> (i128, i128, usize) {
    let (extent, step) = (extent as i128, step as i128);
    let (lower, upper) = if step < 0 { (-1, extent - 1) } else { (0, extent) };
    let clamp = |position: isize| {
        let position = position as i128;
        (if position < 0 { position + extent } else { position }).clamp(lower, upper)
    };
    let start = start.map_or(if step < 0 { upper } else { lower }, clamp);
    let end = end.map_or(if step < 0 { lower } else { upper }, clamp);
    let span = if step < 0 { start - end } else { end - start };
    let count = if span > 0 { (span - 1) / step.abs() + 1 } else { 0 };
    (start, step, usize::try_from(count).expect("at most the extent"))
}

#[test]
fn the_oracle_slices_as_python_prints_it() {
    // From a Python prompt: list(range(10))[7:1:-2] and so on.
    assert_eq!(python((Some(7), Some(1), -2), 10), (7, -2, 3));
    assert_eq!(python((None, None, -4), 10), (9, -4, 3));
    assert_eq!(python((Some(-3), None, 1), 10), (7, 1, 3));
    assert_eq!(python((Some(5), Some(3), 1), 10), (5, 1, 0));
    assert_eq!(python((Some(-100), Some(100), 3), 10), (0, 3, 4));
}

proptest! {
    #![proptest_config(crate::cases(2000))]

    #[test]
    fn slice_takes_what_python_takes(
        parent in accepted::<3>(),
        triples in prop::array::uniform3((position(), position(), step())),
        seed in any::<u64>(),
    ) {
        let slices = triples.map(|(start, end, step)| Slice::new(start, end, step));
        let child = derived!(parent, parent.try_slice(slices));
        let axes: [(i128, i128, usize); 3] =
            std::array::from_fn(|axis| python(triples[axis], parent.shape()[axis]));
        prop_assert_eq!(*child.shape(), axes.map(|(_, _, count)| count));
        follows(&parent, &child, seed, |index| {
            std::array::from_fn(|axis| {
                let (start, step, _) = axes[axis];
                usize::try_from(start + step * index[axis] as i128).expect("an index")
            })
        })?;
    }

    #[test]
    fn slicing_one_axis_leaves_the_others(
        parent in accepted::<2>(), axis in 0usize..2, at in (position(), position(), step()),
    ) {
        let one = parent.try_slice_axis(axis, Slice::new(at.0, at.1, at.2));
        let mut slices = [Slice::FULL; 2];
        slices[axis] = Slice::new(at.0, at.1, at.2);
        prop_assert_eq!(one, parent.try_slice(slices));
    }

    #[test]
    fn reverse_counts_from_the_end(
        parent in accepted::<2>(), axis in 0usize..2, seed in any::<u64>(),
    ) {
        let child = derived!(parent, parent.try_reverse(axis));
        prop_assert_eq!(child.shape(), parent.shape());
        follows(&parent, &child, seed, |mut index| {
            index[axis] = parent.shape()[axis] - 1 - index[axis];
            index
        })?;
    }

    #[test]
    fn permute_moves_axis_axes_k_to_k(
        parent in accepted::<3>(),
        axes in Just([0usize, 1, 2]).prop_shuffle(),
        seed in any::<u64>(),
    ) {
        let child = parent.try_permute(axes).unwrap();
        prop_assert_eq!(*child.shape(), axes.map(|axis| parent.shape()[axis]));
        follows(&parent, &child, seed, |index| {
            let mut mapped = [0; 3];
            for (k, axis) in axes.into_iter().enumerate() {
                mapped[axis] = index[k];
            }
            mapped
        })?;
    }

    #[test]
    fn t_reverses_the_order_of_the_axes(parent in accepted::<3>(), seed in any::<u64>()) {
        let child = parent.try_t().unwrap();
        follows(&parent, &child, seed, |[i, j, k]| [k, j, i])?;
        prop_assert_eq!(child.try_t().unwrap(), parent);
        prop_assert_eq!(Ok(child), parent.try_swap_axes(0, 2));
    }

    #[test]
    fn index_axis_fixes_one_index(
        parent in accepted::<3>(), axis in 0usize..3, at in any::<usize>(), seed in any::<u64>(),
    ) {
        let extent = parent.shape()[axis];
        prop_assume!(extent > 0);
        let at = at % extent;
        let child: Layout<2> = parent.try_index_axis(axis, at).unwrap();
        follows(&parent, &child, seed, |index| {
            let mut mapped = [0; 3];
            let mut rest = index.into_iter();
            for (k, cell) in mapped.iter_mut().enumerate() {
                *cell = if k == axis { at } else { rest.next().unwrap() };
            }
            mapped
        })?;
        let refusal = Err(Error::bad_index(axis, extent, extent));
        prop_assert_eq!(parent.try_index_axis(axis, extent), refusal);
    }

    #[test]
    fn an_inserted_axis_has_one_index_and_squeezes_out(
        parent in accepted::<2>(), axis in 0usize..3, seed in any::<u64>(),
    ) {
        let child: Layout<3> = parent.try_insert_axis(axis).unwrap();
        prop_assert_eq!(child.shape()[axis], 1);
        follows(&parent, &child, seed, |index| {
            let mut rest = (0..3).filter(|&k| k != axis).map(|k| index[k]);
            std::array::from_fn(|_| rest.next().unwrap())
        })?;
        prop_assert_eq!(child.try_squeeze(axis), Ok(parent));
        prop_assert_eq!(parent.try_insert_axis(3), Err(Error::BadAxis { axis: 3, rank: 3 }));
    }

    #[test]
    fn diagonal_moves_along_both_axes(
        parent in accepted::<3>(),
        axes in Just([0usize, 1, 2]).prop_shuffle(),
        offset in prop_oneof![4 => -5isize..6, 1 => any::<isize>(), 1 => Just(isize::MIN)],
        seed in any::<u64>(),
    ) {
        let [rows, columns, kept] = axes;
        let child: Layout<2> = derived!(parent, parent.try_diagonal_of(offset, rows, columns));
        let (height, width) = (parent.shape()[rows] as i128, parent.shape()[columns] as i128);
        let offset = offset as i128;
        let longest = (height + offset.min(0)).min(width - offset.max(0)).max(0);
        prop_assert_eq!(*child.shape(), [parent.shape()[kept], longest as usize]);
        follows(&parent, &child, seed, |[other, step]| {
            let mut mapped = [0; 3];
            mapped[kept] = other;
            mapped[rows] = (step as i128 - offset.min(0)) as usize;
            mapped[columns] = (step as i128 + offset.max(0)) as usize;
            mapped
        })?;
    }

    #[test]
    fn a_window_holds_what_lies_from_its_position_on(
        parent in accepted::<2>(),
        window in prop::array::uniform2(any::<usize>()),
        steps in prop::array::uniform2(prop_oneof![4 => 1usize..4, 1 => 1usize..=usize::MAX]),
        seed in any::<u64>(),
    ) {
        // Sizes up to the axis's own, and half of the time small ones.
        let window: [usize; 2] = std::array::from_fn(|axis| {
            let most = parent.shape()[axis];
            let most = if window[axis] % 2 == 0 { most.min(4) } else { most };
            (window[axis] / 2).checked_rem(most.saturating_add(1)).unwrap_or(window[axis] / 2)
        });
        let result: Result<Layout<4>, Error> = parent.try_windows_by(window, steps);
        let counts: [u128; 2] = std::array::from_fn(|axis| {
            ((parent.shape()[axis] - window[axis]) / steps[axis]) as u128 + 1
        });
        let total = [counts[0], counts[1], window[0] as u128, window[1] as u128]
            .into_iter().try_fold(1u128, u128::checked_mul);
        if counts.iter().any(|&count| count > usize::MAX as u128) {
            prop_assert!(matches!(result, Err(Error::DoesNotFit { .. })), "{:?}", result);
            return Ok(());
        }
        let empty = parent.shape().contains(&0) || window.contains(&0);
        if !empty && total.is_none_or(|total| total > isize::MAX as u128) {
            prop_assert!(matches!(result, Err(Error::TooManyElements { .. })), "{:?}", result);
            return Ok(());
        }
        let child = derived!(parent, result);
        let shape = [counts[0] as usize, counts[1] as usize, window[0], window[1]];
        prop_assert_eq!(*child.shape(), shape);
        follows(&parent, &child, seed, |[i, j, k, l]| [i * steps[0] + k, j * steps[1] + l])?;
    }

    #[test]
    fn a_broadcast_repeats_axes_of_size_1_and_new_ones(
        parent in accepted::<2>(), new in 0usize..6, sizes in prop::array::uniform2(0usize..6),
        seed in any::<u64>(),
    ) {
        let [m, n]: [usize; 2] = std::array::from_fn(|axis| match parent.shape()[axis] {
            1 => sizes[axis],
            extent => extent,
        });
        let result = parent.try_broadcast_to([new, m, n]);
        let total = [new, m, n].iter().try_fold(1usize, |total, &extent| total.checked_mul(extent));
        let fits = [new, m, n].contains(&0) || total.is_some_and(|total| total <= isize::MAX as usize);
        if !fits {
            prop_assert!(matches!(result, Err(Error::TooManyElements { .. })), "{:?}", result);
            return Ok(());
        }
        let child = derived!(parent, result);
        follows(&parent, &child, seed, |[_, i, j]| {
            let [rows, columns] = *parent.shape();
            [if rows == 1 { 0 } else { i }, if columns == 1 { 0 } else { j }]
        })?;
    }

    #[test]
    fn other_shapes_do_not_broadcast(parent in accepted::<1>(), extent in 0usize..6) {
        prop_assume!(parent.shape()[0] != 1 && parent.shape()[0] != extent);
        let refused = parent.try_broadcast_to([3, extent]);
        prop_assert!(matches!(refused, Err(Error::IncompatibleShapes { .. })), "{:?}", refused);
        prop_assert!(parent.try_broadcast_to([]).is_err());
    }

    #[test]
    fn the_halves_of_a_split_hold_each_index_once(
        parent in accepted::<2>(), axis in 0usize..2, at in any::<usize>(), seed in any::<u64>(),
    ) {
        let extent = parent.shape()[axis];
        let at = at.checked_rem(extent.saturating_add(1)).unwrap_or(at);
        let (head, tail) = parent.try_split_at(axis, at).unwrap();
        prop_assert_eq!((head.shape()[axis], tail.shape()[axis]), (at, extent - at));
        follows(&parent, &head, seed, |index| index)?;
        follows(&parent, &tail, seed, |mut index| {
            index[axis] += at;
            index
        })?;
        if let Some(beyond) = extent.checked_add(1) {
            prop_assert!(parent.try_split_at(axis, beyond).is_err());
        }
    }
}

#[test]
fn extreme_strides_neither_wrap_nor_refuse_where_nobody_follows_them() {
    // A stride of 2^62 by a step of 3, on one element and on the empty result.
    let far = Layout::new([2], [1 << 62], 0, usize::MAX).unwrap();
    assert_eq!(far.try_slice([Slice::from(..).step(3)]).map(|l| *l.shape()), Ok([1]));
    assert_eq!(far.try_slice([Slice::from(2..).step(3)]).map(|l| *l.shape()), Ok([0]));
    // isize::MIN has no opposite.
    let single = Layout::new([1], [isize::MIN], 0, 1).unwrap();
    assert_eq!(single.try_reverse(0).map(|l| (*l.strides(), l.offset())), Ok(([0], 0)));
    let empty = Layout::new([0, usize::MAX], [isize::MIN; 2], 7, 7).unwrap();
    assert_eq!(empty.try_reverse(1).map(|l| (*l.strides(), l.offset())), Ok(([isize::MIN, 0], 7)));
    // Followed, it takes a buffer of more than isize::MAX elements, and is refused by name.
    let pair = Layout::new([2], [isize::MIN], 1 << 63, usize::MAX).unwrap();
    assert_eq!(pair.try_reverse(0), Err(Error::DoesNotFit { axis: 0 }));
    let both = Layout::new([2, 2], [isize::MAX, isize::MAX], 0, usize::MAX).unwrap();
    assert_eq!(both.try_diagonal(0), Err::<Layout<1>, _>(Error::DoesNotFit { axis: 0 }));
    let three = Layout::new([3], [isize::MAX], 0, usize::MAX).unwrap();
    assert_eq!(three.try_slice([Slice::from(..).step(2)]), Err(Error::DoesNotFit { axis: 0 }));
}

#[test]
fn bad_arguments_are_named() {
    let layout = Layout::row_major([2, 3]).unwrap();
    let bad_axis = |axis| Error::bad_axis(axis, 2);
    assert_eq!(layout.try_reverse(2), Err(bad_axis(2)));
    assert_eq!(layout.try_reverse(usize::MAX), Err(bad_axis(usize::MAX)));
    assert_eq!(layout.try_swap_axes(0, 5), Err(bad_axis(5)));
    assert_eq!(layout.try_permute([1, 1]), Err(Error::RepeatedAxis { axis: 1 }));
    assert_eq!(layout.try_permute([0, 2]), Err(bad_axis(2)));
    assert_eq!(layout.try_slice_axis(1, Slice::FULL.step(0)), Err(Error::ZeroStep { axis: 1 }));
    assert_eq!(
        layout.try_slice([Slice::FULL, Slice::from(5..).step(0)]),
        Err(Error::ZeroStep { axis: 1 })
    );
    assert_eq!(
        layout.try_windows_by([1, 1], [1, 0]),
        Err::<Layout<4>, _>(Error::ZeroStep { axis: 1 })
    );
    let large = Error::WindowTooLarge { axis: 0, window: 3, size: 2 };
    assert_eq!(layout.try_windows([3, 1]), Err::<Layout<4>, _>(large));
    let repeated = Error::RepeatedAxis { axis: 1 };
    assert_eq!(layout.try_diagonal_of(0, 1, 1), Err::<Layout<1>, _>(repeated));
    let not_one = Error::NotSizeOne { axis: 1, size: 3 };
    assert_eq!(layout.try_squeeze(1), Err::<Layout<1>, _>(not_one));
    assert_eq!(layout.try_split_at(1, 4), Err(Error::BadIndex { axis: 1, index: 4, size: 4 }));
    // A window of size 0 on an axis of usize::MAX elements would have 2^64 positions.
    let vast = Layout::new([usize::MAX, 0], [1, 1], 0, 0).unwrap();
    assert_eq!(vast.try_windows([0, 0]), Err::<Layout<4>, _>(Error::DoesNotFit { axis: 0 }));
}
