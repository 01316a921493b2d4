//! Every request in a small box against the enumeration of its indices, and every combination of
//! boundary values against a closed form; uniqueness of every small layout.

use strideproof::overlap::{Budget, Uniqueness, collides, is_nested, is_unique_into};
use strideproof::{Layout, LayoutDyn};
use strideproof_oracle::grid::{Outcome, boundary, for_each_array, ranks, small, small_bytes};
use strideproof_oracle::model::View as Model;
use strideproof_oracle::{Answer, Request, addresses, is_collision};
use strideproof_testkit::subject;

/// A stream that never accepts, or never refuses, would prove nothing.
#[track_caller]
fn passes(outcome: Outcome) {
    match outcome {
        Ok(tally) => assert!(tally.accepted > 0 && tally.refused > 0, "{tally:?} is one-sided"),
        Err(finding) => panic!("{finding}"),
    }
}

/// A layout of constant rank, and of run-time rank, which must say the same.
fn elements(request: &Request) -> Answer {
    let answer = subject::elements_of_constant_rank(request);
    assert_eq!(subject::elements(request), answer, "at run-time rank");
    answer
}

#[test]
fn small_layouts_of_rank_0_and_1() {
    passes(small(0).judge(&elements));
    passes(small(1).judge(&elements));
}

#[test]
fn small_layouts_of_rank_2() {
    passes(small(2).judge(&elements));
}

#[test]
fn small_layouts_of_rank_3() {
    passes(small(3).judge(&elements));
}

#[test]
fn small_views_in_bytes() {
    for rank in 0..=3 {
        passes(small_bytes(rank).judge(&subject::bytes));
    }
}

#[test]
fn ranks_that_disagree_are_refused_even_when_empty() {
    passes(ranks(&subject::bytes));
    passes(ranks(&subject::elements));
}

#[test]
fn boundary_values_of_layouts() {
    for rank in 0..=2 {
        passes(boundary(rank, &[1]).judge(&elements));
    }
}

#[test]
fn boundary_values_in_bytes() {
    const ITEMS: &[usize] = &[0, 1, 2, 3, 8, (1 << 63) - 1, 1 << 63, usize::MAX - 1, usize::MAX];
    for rank in [0, 1] {
        passes(boundary(rank, ITEMS).judge(&subject::bytes));
    }
    passes(boundary(2, &[0, usize::MAX]).judge(&subject::bytes));
}

/// Calls `f` with all accepted layouts of a rank over small values and a buffer of 64 elements.
fn accepted(mut f: impl FnMut(&LayoutDyn)) -> u64 {
    let mut seen = 0;
    for (rank, offsets) in [(0, 3), (1, 14), (2, 14), (3, 3)] {
        let each = &mut |shape: &[usize], strides: &[isize]| {
            for offset in 0..offsets {
                if let Ok(layout) = LayoutDyn::new(shape, strides, offset, 64) {
                    seen += 1;
                    f(&layout);
                }
            }
        };
        for_each_layout(rank, &[0, 1, 2, 3, 4], &[-3, -2, -1, 0, 1, 2, 3], each);
    }
    assert!(seen > 10_000, "only {seen} layouts were accepted");
    seen
}

fn for_each_layout(
    rank: usize,
    sizes: &[usize],
    strides: &[isize],
    each: &mut dyn FnMut(&[usize], &[isize]),
) {
    let done = for_each_array(sizes, rank, &mut |shape| {
        for_each_array(strides, rank, &mut |strides| {
            each(shape, strides);
            Ok::<(), ()>(())
        })
    });
    assert_eq!(done, Ok(()));
}

#[test]
fn small_layouts_are_what_the_model_says() {
    let mut contiguous = [0; 2];
    let seen = accepted(|layout| {
        let model = Model::new(layout.shape(), layout.strides(), layout.offset(), 1);
        let outcome = subject::layout_is(layout, &model, true);
        outcome.unwrap_or_else(|why| panic!("{layout:?}: {why}"));
        for (order, is) in
            [layout.is_contiguous(), layout.is_column_major()].into_iter().enumerate()
        {
            contiguous[order] += u32::from(is);
        }
    });
    assert!(contiguous.iter().all(|&count| count > 100), "{contiguous:?} of {seen}");
}

#[test]
fn packed_layouts_are_the_strides_of_their_order() {
    for shape in (0..5usize.pow(3)).map(|n| [n % 5, n / 5 % 5, n / 25]) {
        let rows = Layout::row_major(shape).unwrap();
        let columns = Layout::column_major(shape).unwrap();
        let count = shape.iter().product::<usize>();
        let expected: Vec<i128> = (0..count as i128).collect();
        assert_eq!(addresses(&shape, rows.strides(), rows.offset()), expected);
        let turned = columns.try_t().unwrap();
        assert_eq!(addresses(turned.shape(), turned.strides(), turned.offset()), expected);
        assert!(rows.is_contiguous() && columns.is_column_major());
        assert_eq!((rows.required_len(), columns.required_len()), (count, count));
    }
    // A size of 0 counts as 1.
    assert_eq!(Layout::row_major([2, 0, 3]).unwrap().strides(), &[3, 3, 1]);
    assert_eq!(Layout::column_major([2, 0, 3]).unwrap().strides(), &[1, 2, 2]);
    // Too many elements in either order, and an empty shape whose strides fit no word.
    for shape in [[1 << 32, 1 << 31], [usize::MAX, 1], [1, 1 << 63]] {
        assert!(Layout::row_major(shape).is_err() && Layout::column_major(shape).is_err());
    }
    for shape in [[0, usize::MAX], [usize::MAX, 0]] {
        assert!(Layout::row_major(shape).is_ok() && Layout::column_major(shape).is_ok());
    }
}

/// Exact enumeration into a bit set, quick enough for millions of layouts.
fn unique_bits(shape: &[usize], strides: &[isize], itemsize: usize) -> bool {
    // Highest spread with strides in -12..=12 and sizes <= 5: 3·4·12·2 + itemsize.
    let mut words = [0u64; 8];
    let mut index = [0usize; 3];
    if shape.contains(&0) {
        return true;
    }
    loop {
        let mut address = 200_isize;
        for (&i, &s) in index.iter().zip(strides) {
            address += isize::try_from(i).unwrap() * s;
        }
        for byte in 0..itemsize {
            let bit = usize::try_from(address).unwrap() + byte;
            if words[bit / 64] >> (bit % 64) & 1 == 1 {
                return false;
            }
            words[bit / 64] |= 1 << (bit % 64);
        }
        if !strideproof_oracle::advance(&mut index[..shape.len()], shape) {
            return true;
        }
    }
}

/// Compares the library with enumeration; returns what is true.
fn uniqueness(shape: &[usize], strides: &[isize], itemsize: usize) -> bool {
    let expected = unique_bits(shape, strides, itemsize);
    let (mut first, mut second) = ([9_usize; 3], [9_usize; 3]);
    let rank = shape.len();
    let (one, two) = (&mut first[..rank], &mut second[..rank]);
    let got = is_unique_into(shape, strides, itemsize, Budget::UNLIMITED, one, two).unwrap();
    let (first, second) = (&first[..rank], &second[..rank]);
    match got {
        Uniqueness::Unique => assert!(expected, "{shape:?} {strides:?} {itemsize}: said unique"),
        Uniqueness::Aliased { .. } => {
            assert!(!expected, "{shape:?} {strides:?} {itemsize}: said aliased");
            let proof = is_collision(shape, strides, itemsize, first, second);
            assert!(proof, "{shape:?} {strides:?} {itemsize}: {first:?} {second:?}");
            assert!(collides(shape, strides, itemsize, first, second));
        }
        other => panic!("{other:?}"),
    }
    if is_nested(shape, strides, itemsize) {
        assert!(expected, "{shape:?} {strides:?} {itemsize}: nested but aliased");
    }
    expected
}

/// All strides from -12 to 12.
fn strides() -> Vec<isize> {
    (-12..=12).collect()
}

#[test]
fn uniqueness_of_every_layout_up_to_rank_two() {
    for itemsize in 1..=3 {
        for rank in 0..=2 {
            for_each_layout(rank, &[0, 1, 2, 3, 4, 5], &strides(), &mut |shape, strides| {
                uniqueness(shape, strides, itemsize);
            });
        }
    }
}

#[test]
fn uniqueness_of_every_layout_of_rank_three() {
    let mut unique = 0_u32;
    for itemsize in 1..=3 {
        for_each_layout(3, &[1, 2, 3, 4, 5], &strides(), &mut |shape, strides| {
            unique += u32::from(uniqueness(shape, strides, itemsize));
        });
    }
    assert!(unique > 100_000);
}
