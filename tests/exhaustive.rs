//! Every request in a small box against the enumeration of its indices, and every combination of
//! boundary values against a closed form.

mod suite;

use oracle::{Request, Truth, address, addresses, for_each_index};
use strideproof::Layout;
use strideproof_testkit::{oracle, subject};
use suite::{Outcome, SMALL, SMALL_BYTES, Tally, boundary, ranks, small};

/// A stream that never accepts, or never refuses, would prove nothing.
#[track_caller]
fn passes(outcome: Outcome) -> Tally {
    match outcome {
        Ok(tally) => {
            assert!(tally.accepted > 0 && tally.refused > 0, "{tally:?} is one-sided");
            tally
        }
        Err(refuted) => panic!("{refuted:?}"),
    }
}

#[test]
fn the_closed_form_agrees_with_the_enumeration() {
    let mut seen = 0;
    for rank in 0..=3u32 {
        for shape in 0..5usize.pow(rank) {
            for strides in 0..7usize.pow(rank) {
                let shape: Vec<_> = (0..rank).map(|k| shape / 5usize.pow(k) % 5).collect();
                let stride = |k| isize::try_from(strides / 7usize.pow(k) % 7).unwrap() - 3;
                let strides: Vec<_> = (0..rank).map(stride).collect();
                let enumerated = Truth::by_enumeration(&shape, &strides, 2);
                assert_eq!(enumerated, Truth::by_corners(&shape, &strides, 2));
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 1 + 5 * 7 + 25 * 49 + 125 * 343);
}

#[test]
fn small_layouts_of_rank_0() {
    passes(small(&SMALL[0], &subject::elements));
}

#[test]
fn small_layouts_of_rank_1() {
    passes(small(&SMALL[1], &subject::elements));
}

#[test]
fn small_layouts_of_rank_2() {
    passes(small(&SMALL[2], &subject::elements));
}

#[test]
fn small_layouts_of_rank_3() {
    passes(small(&SMALL[3], &subject::elements));
}

#[test]
fn small_views_in_bytes() {
    for grid in &SMALL_BYTES {
        passes(small(grid, &subject::bytes));
    }
}

#[test]
fn ranks_that_disagree_are_refused_even_when_empty() {
    passes(ranks(&subject::bytes));
}

#[test]
fn boundary_values_of_rank_0_and_1() {
    for rank in [0, 1] {
        passes(boundary(rank, &[1], &subject::elements));
    }
}

#[test]
fn boundary_values_of_rank_2() {
    passes(boundary(2, &[1], &subject::elements));
}

#[test]
fn boundary_values_in_bytes() {
    let items = [0, 1, 2, 3, 8, (1 << 63) - 1, 1 << 63, usize::MAX - 1, usize::MAX];
    for rank in [0, 1] {
        passes(boundary(rank, &items, &subject::bytes));
    }
    passes(boundary(2, &[0, usize::MAX], &subject::bytes));
}

/// Calls `f` with all accepted layouts of rank `N` over small values and a buffer of 64 elements.
fn accepted<const N: usize>(offsets: usize, mut f: impl FnMut(&Request<'_>, &Layout<N>)) {
    let rank = u32::try_from(N).unwrap();
    for number in 0..5usize.pow(rank) * 7usize.pow(rank) {
        let shape: [usize; N] =
            std::array::from_fn(|k| number / 35usize.pow(u32::try_from(k).unwrap()) % 5);
        let strides: [isize; N] = std::array::from_fn(|k| {
            let digit = number / 35usize.pow(u32::try_from(k).unwrap()) / 5 % 7;
            isize::try_from(digit).unwrap() - 3
        });
        for offset in 0..offsets {
            let request = Request {
                shape: &shape,
                strides: &strides,
                offset,
                len: 64,
                item: 1,
                unit_bytes: 1,
            };
            if let Ok(layout) = Layout::new(shape, strides, offset, 64) {
                f(&request, &layout);
            }
        }
    }
}

/// The same at every rank up to 3: the request, the layout's `address`, and whether it claims to be
/// row-major and column-major contiguous. Returns how many there were.
fn accepted_up_to_rank_3(
    mut f: impl FnMut(&Request<'_>, &dyn Fn(&[usize]) -> Option<usize>, [bool; 2]),
) -> u64 {
    let mut seen = 0;
    macro_rules! each {
        ($($rank:literal: $offsets:expr),*) => {$(
            accepted::<$rank>($offsets, |request, layout| {
                seen += 1;
                let at = |index: &[usize]| layout.address(index.try_into().unwrap());
                f(request, &at, [layout.is_contiguous(), layout.is_column_major()]);
            });
        )*};
    }
    each!(0: 3, 1: 14, 2: 14, 3: 3);
    seen
}

#[test]
fn address_is_defined_exactly_on_the_valid_indices() {
    let seen = accepted_up_to_rank_3(|request, at, _| {
        // One step beyond the shape on every axis, and the largest index.
        let beyond: Vec<usize> = request.shape.iter().map(|extent| extent + 2).collect();
        for_each_index(&beyond, |index| {
            let valid = index.iter().zip(request.shape).all(|(i, extent)| i < extent);
            let expected = address(request.strides, request.offset, index);
            let expected = valid.then(|| usize::try_from(expected).unwrap());
            assert_eq!(at(index), expected, "{index:?} of {request:?}");
        });
        for axis in 0..request.shape.len() {
            for huge in [usize::MAX, 1 << 63, 1 << 32] {
                let mut index = vec![0; request.shape.len()];
                index[axis] = huge;
                assert_eq!(at(&index), None, "{index:?} of {request:?}");
            }
        }
    });
    assert!(seen > 10_000, "only {seen} layouts were accepted");
}

#[test]
fn contiguous_means_that_the_addresses_are_consecutive() {
    let mut contiguous = [0; 2];
    accepted_up_to_rank_3(|request, _, claimed| {
        let reversed = |values: &[usize]| values.iter().rev().copied().collect::<Vec<_>>();
        let strides: Vec<isize> = request.strides.iter().rev().copied().collect();
        // Column-major order of the indices is row-major order of the transposed view.
        let orders = [
            addresses(request.shape, request.strides, request.offset),
            addresses(&reversed(request.shape), &strides, request.offset),
        ];
        for (order, (addresses, claimed)) in orders.iter().zip(claimed).enumerate() {
            let start = request.offset as i128;
            let consecutive = (start..).zip(addresses).all(|(expected, &at)| at == expected);
            assert_eq!(claimed, consecutive, "order {order} of {request:?}");
            contiguous[order] += u32::from(consecutive);
        }
    });
    assert!(contiguous.iter().all(|&count| count > 100), "{contiguous:?}");
}

#[test]
fn required_len_is_accepted_and_one_less_is_not() {
    let seen = accepted_up_to_rank_3(|request, _, _| {
        let at = |len| subject::elements(&Request { len, ..*request });
        let oracle::Answer::Accepted(extent) = at(64) else { unreachable!("was accepted") };
        let required = usize::try_from(extent.required_len).unwrap();
        assert!(at(required).accepts(), "{request:?}");
        if let Some(short) = required.checked_sub(1) {
            assert!(!at(short).accepts(), "{request:?}");
        }
    });
    assert!(seen > 10_000);
}

#[test]
fn packed_layouts_are_the_strides_of_their_order() {
    for shape in (0..5usize.pow(3)).map(|n| [n % 5, n / 5 % 5, n / 25]) {
        let rows = Layout::row_major(shape).unwrap();
        let columns = Layout::column_major(shape).unwrap();
        let count = shape.iter().product::<usize>();
        let expected: Vec<i128> = (0..count as i128).collect();
        assert_eq!(addresses(&shape, rows.strides(), rows.offset()), expected);
        let turned = [shape[2], shape[1], shape[0]];
        let [a, b, c] = *columns.strides();
        assert_eq!(addresses(&turned, &[c, b, a], columns.offset()), expected);
        assert!(rows.is_contiguous() && columns.is_column_major());
        assert_eq!((rows.required_len(), columns.required_len()), (count, count));
    }
    // A size of 0 counts as 1.
    assert_eq!(Layout::row_major([2, 0, 3]).unwrap().strides(), &[3, 3, 1]);
    assert_eq!(Layout::column_major([2, 0, 3]).unwrap().strides(), &[1, 2, 2]);
    // Too many elements in either order, and an empty shape whose strides nobody could hold.
    for shape in [[1 << 32, 1 << 31], [usize::MAX, 1], [1, 1 << 63]] {
        assert!(Layout::row_major(shape).is_err() && Layout::column_major(shape).is_err());
    }
    for shape in [[0, usize::MAX], [usize::MAX, 0]] {
        assert!(Layout::row_major(shape).is_ok() && Layout::column_major(shape).is_ok());
    }
}
