//! Request streams on which a checker is judged, the same for the crate and for planted faults.
//!
//! Each stream goes from small to large and stops at the first wrong answer, so that a refutation
//! is a small one.

#![allow(dead_code, reason = "each test program uses its part")]

use crate::oracle::{Answer, Request, Truth, Wrong, judge};

/// A checker: the crate, or something that had better be caught.
pub(crate) type Checker<'a> = &'a dyn Fn(&Request<'_>) -> Answer;

/// How many requests a stream had, and what the truth about them was.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
}

/// The first request of a stream that was answered wrongly.
#[derive(Clone, Debug)]
pub(crate) struct Refuted {
    pub(crate) wrong: Wrong,
    pub(crate) request: String,
    pub(crate) answer: Answer,
}

pub(crate) type Outcome = Result<Tally, Refuted>;

/// Judges one answer.
pub(crate) fn compare(
    check: Checker<'_>,
    request: &Request<'_>,
    truth: Truth,
    tally: &mut Tally,
) -> Result<(), Refuted> {
    let answer = check(request);
    if truth.accepts(request.offset, request.len, request.item) {
        tally.accepted += 1;
    } else {
        tally.refused += 1;
    }
    judge(request, truth, &answer).map_err(|wrong| Refuted {
        wrong,
        request: format!("{request:?}"),
        answer,
    })
}

/// Calls `f` with all arrays over `values`, of length `rank`.
fn for_each_array<T: Copy>(
    values: &[T],
    rank: usize,
    f: &mut impl FnMut(&[T]) -> Result<(), Refuted>,
) -> Result<(), Refuted> {
    let mut array = vec![values[0]; rank];
    for number in 0..values.len().pow(u32::try_from(rank).expect("a small rank")) {
        let mut rest = number;
        for cell in &mut array {
            *cell = values[rest % values.len()];
            rest /= values.len();
        }
        f(&array)?;
    }
    Ok(())
}

/// A box of small requests: all shapes and strides over the given values, all offsets and lengths
/// up to and with the given ones.
pub(crate) struct Grid<'a> {
    pub(crate) rank: usize,
    pub(crate) sizes: &'a [usize],
    pub(crate) strides: &'a [isize],
    pub(crate) max_offset: usize,
    pub(crate) max_len: usize,
    pub(crate) items: &'a [usize],
}

/// Every rank up to 3. Rank 0 has its lengths, ranks 1 and 2 room to spare, rank 3 enough of each
/// sign, size and collision.
pub(crate) const SMALL: [Grid<'static>; 4] = [
    Grid { rank: 0, sizes: &[0], strides: &[0], max_offset: 4, max_len: 4, items: &[1] },
    Grid {
        rank: 1,
        sizes: &[0, 1, 2, 3, 4, 5],
        strides: &[0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5],
        max_offset: 21,
        max_len: 22,
        items: &[1],
    },
    Grid {
        rank: 2,
        sizes: &[0, 1, 2, 3, 4],
        strides: &[0, 1, -1, 2, -2, 3, -3, 4, -4],
        max_offset: 10,
        max_len: 12,
        items: &[1],
    },
    Grid {
        rank: 3,
        sizes: &[0, 1, 2, 3],
        strides: &[0, 1, -1, 2, -2, 3],
        max_offset: 6,
        max_len: 9,
        items: &[1],
    },
];

/// The same in bytes, where an item takes more than one unit, or none.
pub(crate) const SMALL_BYTES: [Grid<'static>; 4] = [
    Grid { rank: 0, sizes: &[0], strides: &[0], max_offset: 5, max_len: 5, items: &[0, 1, 2, 3] },
    Grid {
        rank: 1,
        sizes: &[0, 1, 2, 3, 4],
        strides: &[0, 1, -1, 2, -2, 3, -3, 4, -4],
        max_offset: 13,
        max_len: 15,
        items: &[0, 1, 2, 3],
    },
    Grid {
        rank: 2,
        sizes: &[0, 1, 2, 3],
        strides: &[0, 1, -1, 2, -2, 3, -3],
        max_offset: 7,
        max_len: 9,
        items: &[0, 1, 2, 3],
    },
    Grid {
        rank: 3,
        sizes: &[0, 1, 2, 3],
        strides: &[0, 1, -1, 3],
        max_offset: 4,
        max_len: 7,
        items: &[0, 2, 3],
    },
];

/// Judges a checker on a box, against the enumeration of every index.
pub(crate) fn small(grid: &Grid<'_>, check: Checker<'_>) -> Outcome {
    let mut tally = Tally::default();
    for_each_array(grid.sizes, grid.rank, &mut |shape| {
        for_each_array(grid.strides, grid.rank, &mut |strides| {
            for offset in 0..=grid.max_offset {
                let truth = Truth::by_enumeration(shape, strides, offset);
                for len in 0..=grid.max_len {
                    for &item in grid.items {
                        let request = Request { shape, strides, offset, len, item, unit_bytes: 1 };
                        compare(check, &request, truth, &mut tally)?;
                    }
                }
            }
            Ok(())
        })
    })?;
    Ok(tally)
}

/// Judges a checker on shapes and strides of different length, with and without a size of 0.
pub(crate) fn ranks(check: Checker<'_>) -> Outcome {
    let mut tally = Tally::default();
    for (rank, other) in (0..4).flat_map(|rank| (0..4).map(move |other| (rank, other))) {
        for_each_array(&[1usize, 0, 2], rank, &mut |shape| {
            let strides = &[1isize, 0, 1][..other];
            let truth = Truth::by_corners(shape, strides, 0);
            let request = Request { shape, strides, offset: 0, len: 8, item: 1, unit_bytes: 1 };
            compare(check, &request, truth, &mut tally)
        })?;
    }
    Ok(tally)
}

/// Sizes at which integer checks go wrong: around 0, and around the ends of the words they use.
pub(crate) const SIZES: [usize; 15] = [
    0,
    1,
    2,
    3,
    1 << 32,
    (1 << 32) - 1,
    (1 << 32) + 1,
    1 << 62,
    (1 << 62) + 1,
    (1 << 63) - 2,
    (1 << 63) - 1,
    1 << 63,
    (1 << 63) + 1,
    usize::MAX - 1,
    usize::MAX,
];

/// Strides of the same kind.
pub(crate) const STRIDES: [isize; 15] = [
    0,
    1,
    -1,
    2,
    -3,
    1 << 32,
    -(1 << 32) - 1,
    1 << 62,
    -(1 << 62),
    (1 << 62) + 1,
    isize::MAX - 1,
    isize::MAX,
    -isize::MAX,
    isize::MIN,
    isize::MIN + 2,
];

/// The sizes that rank 2 combines, and the offsets and lengths at any rank.
const FEW: [usize; 11] = [
    0,
    1,
    2,
    5,
    (1 << 32) - 1,
    1 << 62,
    (1 << 63) - 1,
    1 << 63,
    (1 << 63) + 1,
    usize::MAX - 1,
    usize::MAX,
];

/// Judges a checker on every combination of boundary values at one rank, against the closed form.
pub(crate) fn boundary(rank: usize, items: &[usize], check: Checker<'_>) -> Outcome {
    let mut tally = Tally::default();
    let sizes = if rank < 2 { &SIZES[..] } else { &FEW[..] };
    let ends = if rank < 2 { &SIZES[..] } else { &FEW[..] };
    for_each_array(sizes, rank, &mut |shape| {
        for_each_array(&STRIDES, rank, &mut |strides| {
            for &offset in ends {
                let truth = Truth::by_corners(shape, strides, offset);
                for &len in ends {
                    for &item in items {
                        let request = Request { shape, strides, offset, len, item, unit_bytes: 4 };
                        compare(check, &request, truth, &mut tally)?;
                    }
                }
            }
            Ok(())
        })
    })?;
    Ok(tally)
}
