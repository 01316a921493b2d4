//! The check behind the operations, on selections that no operation makes: it must accept exactly
//! those that stay in the parent, since nothing else stands between a mistake and a wrong view.

use std::collections::HashSet;
use std::vec::Vec;

use proptest::prelude::*;

use super::{Along, Progression, Selection, Walk};
use crate::error::Error;
use crate::{Const, Layout};

impl std::fmt::Debug for Selection<Const<2>, Const<2>> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} from {:?}", self.walks, self.start)
    }
}

fn parent() -> impl Strategy<Value = Layout<Const<2>>> {
    (prop::array::uniform2(0usize..4), prop::array::uniform2(-5isize..6)).prop_map(
        |(shape, strides)| Layout::new(shape, strides, 40, 100).expect("within 40 of its offset"),
    )
}

fn walk() -> impl Strategy<Value = Walk> {
    let along = prop_oneof![
        Just(Along::Nothing),
        (0usize..2).prop_map(Along::One),
        (0usize..2, 0usize..2).prop_map(|(one, other)| Along::Both(one, other)),
        Just(Along::One(2)),
    ];
    (prop_oneof![1 => Just(0usize), 8 => 1usize..4], -2isize..3, along)
        .prop_map(|(size, step, along)| Walk { size, step, along })
}

fn selection() -> impl Strategy<Value = Selection<Const<2>, Const<2>>> {
    (prop::array::uniform2(0usize..4), [walk(), walk()])
        .prop_map(|(start, walks)| Selection { start, walks })
}

/// The indices of the derived view, each with the parent's index that the selection maps it to;
/// `None` stands for one that the parent does not have.
fn mapped(
    parent: &Layout<Const<2>>,
    selection: &Selection<Const<2>, Const<2>>,
) -> Vec<([usize; 2], Option<[usize; 2]>)> {
    let [one, other] = selection.walks;
    let indices = (0..one.size).flat_map(|i| (0..other.size).map(move |j| [i, j]));
    let map = |index: [usize; 2]| {
        let mut target = selection.start.map(|start| isize::try_from(start).expect("small"));
        for (walk, i) in selection.walks.iter().zip(index) {
            let axes = match walk.along {
                Along::Nothing => std::vec![],
                Along::One(axis) => std::vec![axis],
                Along::Both(axis, another) => std::vec![axis, another],
            };
            for axis in axes {
                *target.get_mut(axis)? += isize::try_from(i).expect("small") * walk.step;
            }
        }
        let [i, j] = target.map(|i| usize::try_from(i).ok());
        let target = [i?, j?];
        target.iter().zip(parent.shape()).all(|(i, size)| i < size).then_some(target)
    };
    indices.map(|index| (index, map(index))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 20_000, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn a_selection_is_accepted_exactly_if_it_stays_in_the_parent(
        parent in parent(), selection in selection(),
    ) {
        let map = mapped(&parent, &selection);
        let starts = selection.start.iter().zip(parent.shape()).all(|(start, extent)| start < extent);
        let inside = map.iter().all(|(_, target)| target.is_some())
            && (!map.is_empty() || parent.is_empty() || starts);
        let result = parent.select(&selection);
        prop_assert_eq!(result.is_ok(), inside, "{:?}", result);
        let Ok(child) = result else {
            // Refused for what it is, before the numbers that come of it are looked at.
            let named = matches!(result, Err(Error::LeavesParent { .. } | Error::BadAxis { .. }));
            prop_assert!(named, "{:?}", result);
            return Ok(());
        };
        for (index, target) in &map {
            prop_assert_eq!(child.address(*index), target.and_then(|target| parent.address(target)));
        }
        let targets: HashSet<_> = map.iter().map(|(_, target)| target).collect();
        prop_assert!(!selection.is_injective() || targets.len() == map.len(), "not injective");
    }

    #[test]
    fn selections_one_before_the_other_have_no_index_in_common(
        parent in parent(), before in selection(), after in selection(), axis in 0usize..3,
    ) {
        // Mostly unchanged axes, as in a split.
        let [mut before, mut after] = [before, after];
        if let (Some(one), Some(other)) = (before.walks.get_mut(axis), after.walks.get_mut(axis)) {
            one.along = Along::One(axis);
            other.along = Along::One(axis);
            one.step = 1;
            other.step = other.step.max(1);
        }
        let targets = |selection| -> HashSet<_> {
            mapped(&parent, selection).into_iter().filter_map(|(_, target)| target).collect()
        };
        if before.lies_before(&after, axis) {
            prop_assert!(targets(&before).is_disjoint(&targets(&after)));
        }
    }
}

/// Beyond the small numbers that Kani has, against lists.
#[test]
fn progressions_meet_exactly_in_a_number_that_both_have() {
    let mut state = 1u64;
    let mut below = |end: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from((state >> 33) % end).unwrap()
    };
    let mut meet = 0;
    for _ in 0..20_000 {
        let steps = [7, 100, 3000][below(3)];
        let mut progression = || {
            let (size, step) = (1 + below(60), below(steps));
            let first = below(600) + size * step;
            let down = below(2) == 0;
            let signed = if down { -step.cast_signed() } else { step.cast_signed() };
            let number = |k| if down { first - k * step } else { first + k * step };
            let numbers: Vec<usize> = (0..if step == 0 { 1 } else { size }).map(number).collect();
            (Progression::new(first, signed, numbers.len()), numbers)
        };
        let ((one, ones), (other, others)) = (progression(), progression());
        let common = ones.iter().filter(|number| others.contains(number)).min().copied();
        assert_eq!(one.meets(other), Ok(common), "{ones:?} {others:?}");
        meet += usize::from(common.is_some());
    }
    assert!(meet > 2_000 && meet < 18_000, "{meet}");
}

#[test]
fn progressions_of_any_numbers_are_decided_or_not_soon() {
    let long = 1usize << 31;
    for (step, other) in [(long, long + 1), (long - 1, long), (3, usize::MAX >> 1), (1, 1)] {
        let one = Progression::new(1, step.cast_signed(), usize::MAX / step / 2);
        let two = Progression::new(0, other.cast_signed(), usize::MAX / other / 2);
        match one.meets(two) {
            Ok(Some(number)) => assert!(one.has(number) && two.has(number)),
            Ok(None) | Err(Error::Undecided) => {}
            Err(error) => panic!("{error}"),
        }
    }
}
