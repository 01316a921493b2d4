//! Operations that join and cut axes: reshape and reinterpret.

use proptest::prelude::*;
use strideproof::{Error, Layout};

use crate::layouts::{small, unravel, wide};
use crate::oracle;

/// Shapes of rank 3 with a given number of elements, now and then wrong by one.
fn shapes(count: usize, cuts: (usize, usize)) -> [usize; 3] {
    let first = (1..=cuts.0 % 7 + 1).rev().find(|d| count % d == 0).unwrap_or(1);
    let rest = count / first;
    let second = (1..=cuts.1 % 7 + 1).rev().find(|d| rest % d == 0).unwrap_or(1);
    [first, second, rest / second]
}

/// Strides that would describe `shape` over the parent's elements in row-major order, by trying
/// the only candidate: an axis's stride is the distance of its second index from its first.
fn possible<const N: usize, const M: usize>(parent: &Layout<N>, shape: &[usize; M]) -> bool {
    let address = |k: usize| oracle(parent, unravel(parent.shape(), k));
    let strides: [i128; M] = std::array::from_fn(|axis| {
        let below: usize = shape[axis + 1..].iter().product();
        if shape[axis] > 1 { address(below) - address(0) } else { 0 }
    });
    (0..parent.len()).all(|k| {
        let index = unravel(shape, k);
        let sum: i128 = index.iter().zip(&strides).map(|(&i, &stride)| i as i128 * stride).sum();
        address(0) + sum == address(k)
    })
}

proptest! {
    #![proptest_config(crate::cases(4000))]

    #[test]
    fn reshape_keeps_the_order_or_is_impossible(
        parent in small::<3>(), cuts in any::<(usize, usize)>(),
    ) {
        prop_assume!(!parent.is_empty());
        let shape = shapes(parent.len(), cuts);
        match parent.try_reshape(shape) {
            Ok(child) => {
                prop_assert_eq!(*child.shape(), shape);
                for k in 0..parent.len() {
                    let address = child.address(unravel(&shape, k)).map(|a| a as i128);
                    prop_assert_eq!(address, Some(oracle(&parent, unravel(parent.shape(), k))));
                }
            }
            Err(Error::NeedsCopy { outer, inner }) => {
                prop_assert!(!possible(&parent, &shape), "{:?} to {:?}", parent, shape);
                prop_assert!(outer < inner && inner < 3, "{outer} {inner}");
                let between = &parent.shape()[outer + 1..inner];
                prop_assert!(between.iter().all(|&extent| extent == 1));
                let step = parent.strides()[inner] * parent.shape()[inner] as isize;
                prop_assert_ne!(parent.strides()[outer], step, "they merge");
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }

    #[test]
    fn a_reshape_splits_any_axis_and_merges_it_back(
        parent in wide::<2>(), axis in 0usize..2, divisor in 1usize..5,
    ) {
        let [rows, columns] = *parent.shape();
        let extent = parent.shape()[axis];
        prop_assume!(extent % divisor == 0 && !parent.is_empty());
        let (outer, inner) = (extent / divisor, divisor);
        let shape = if axis == 0 { [outer, inner, columns] } else { [rows, outer, inner] };
        match parent.try_reshape(shape) {
            Ok(child) => {
                let back = child.try_reshape([rows, columns]).unwrap();
                for k in [0, 1, parent.len() / 2, parent.len() - 1] {
                    let k = k.min(parent.len() - 1);
                    let expected = Some(oracle(&parent, unravel(&[rows, columns], k)));
                    prop_assert_eq!(child.address(unravel(&shape, k)).map(|a| a as i128), expected);
                    prop_assert_eq!(back.address(unravel(&[rows, columns], k)).map(|a| a as i128), expected);
                }
            }
            Err(error) => {
                let vast = parent.required_len() > isize::MAX as usize;
                prop_assert!(vast && matches!(error, Error::DoesNotFit { .. }), "{}", error);
            }
        }
    }

    #[test]
    fn another_number_of_elements_is_refused(parent in wide::<2>(), shape in any::<[usize; 3]>()) {
        let count = if shape.contains(&0) { Some(0) } else {
            shape.iter().try_fold(1usize, |count, &extent| count.checked_mul(extent))
        };
        prop_assume!(count != Some(parent.len()));
        let refused = parent.try_reshape(shape);
        prop_assert!(matches!(refused, Err(Error::CountMismatch { .. })), "{:?}", refused);
    }

    #[test]
    fn an_empty_view_takes_every_empty_shape(
        offset in any::<usize>(), a in any::<usize>(), b in any::<usize>(), c in any::<usize>(),
    ) {
        let parent = Layout::new([a, 0], [isize::MIN, 5], offset, offset).unwrap();
        let child = parent.try_reshape([b, 0, c]).unwrap();
        prop_assert_eq!((*child.shape(), child.offset()), ([b, 0, c], offset));
    }

    #[test]
    fn reinterpreted_items_are_the_same_bytes_in_the_same_order(
        parent in small::<2>(), axis in 0usize..2, sizes in (0usize..4, 0usize..4), unit in any::<bool>(),
    ) {
        let (from, to) = (1usize << sizes.0, 1usize << sizes.1);
        // Side by side often enough to be joined.
        let parent = if unit {
            let mut strides = [parent.strides()[1 - axis]; 2];
            strides[axis] = 1;
            match Layout::new(*parent.shape(), strides, parent.offset(), 1000) {
                Ok(parent) => parent,
                Err(_) => return Ok(()),
            }
        } else {
            parent
        };
        // With the axis moved last, both must list the same bytes.
        let bytes = |layout: &Layout<2>, size: usize| -> Vec<i128> {
            let lined_up = layout.try_swap_axes(axis, 1).unwrap();
            (0..lined_up.len())
                .flat_map(|k| {
                    let item = oracle(&lined_up, unravel(lined_up.shape(), k)) * size as i128;
                    (0..size).map(move |byte| item + byte as i128)
                })
                .collect()
        };
        match parent.try_reinterpret_axis(axis, from, to) {
            Ok(child) => prop_assert_eq!(bytes(&parent, from), bytes(&child, to)),
            Err(Error::NotAdjacent { axis: named, stride }) => {
                prop_assert!(named == axis && stride != 1 && from != to);
                prop_assert!(stride == parent.strides()[axis] && parent.shape()[axis] > 1);
            }
            Err(Error::NotItemMultiple { .. }) => {
                // Some number of bytes is really no multiple.
                let other = 1 - axis;
                let odd_axis = (parent.shape()[axis] * from) % to != 0;
                let odd_stride = parent.shape()[other] > 1
                    && (parent.strides()[other] * from as isize) % to as isize != 0;
                let odd_offset = (parent.offset() * from) % to != 0;
                prop_assert!(odd_axis || odd_stride || odd_offset);
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }

    #[test]
    fn reinterpretation_survives_every_number(
        parent in wide::<2>(), axis in any::<usize>(), from in any::<usize>(), to in any::<usize>(),
    ) {
        for (from, to) in [(from, to), (from % 9, to % 9), (1, usize::MAX), (usize::MAX, 1), (0, 1)] {
            for axis in [axis, axis % 2] {
                let _: Result<Layout<2>, Error> = parent.try_reinterpret_axis(axis, from, to);
            }
        }
    }

    #[test]
    fn distinct_len_counts_the_addresses(parent in small::<3>()) {
        let addresses: std::collections::HashSet<i128> =
            (0..parent.len()).map(|k| oracle(&parent, unravel(parent.shape(), k))).collect();
        prop_assert_eq!(parent.distinct_len(), addresses.len());
    }
}

#[test]
fn distinct_len_counts_across_pages_and_gaps() {
    // 7 and 11 nest in neither order, so that the addresses are marked page by page.
    let layout = Layout::new([30_000, 3, 2], [7, 11, 1 << 40], 0, 1 << 41).unwrap();
    let mut addresses = std::collections::HashSet::new();
    for i in 0..30_000usize {
        for j in 0..3 {
            for k in 0..2usize {
                addresses.insert(7 * i + 11 * j + (k << 40));
            }
        }
    }
    assert_eq!(layout.distinct_len(), addresses.len());
}
