//! Streams of requests on which any checker is judged: all small ones, and all combinations of
//! values at which integer arithmetic goes wrong.
//!
//! Each stream goes from small to large and stops at the first wrong answer, so that a finding is a
//! small one.

use crate::judge::{Answer, Finding, judge_against};
use crate::request::Request;
use crate::truth::Truth;

/// What is judged.
pub type Checker<'a> = &'a dyn Fn(&Request) -> Answer;

/// How many requests a stream had, and what the truth about them was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many the specification accepts.
    pub accepted: u64,
    /// How many it refuses.
    pub refused: u64,
}

/// The count of a stream that was answered rightly, or the first wrong answer.
pub type Outcome = Result<Tally, Box<Finding>>;

impl Tally {
    fn judge(
        &mut self,
        checker: Checker<'_>,
        request: &Request,
        truth: Truth,
    ) -> Result<(), Box<Finding>> {
        let accepted = truth.accepts(request.offset, request.len, request.item);
        *(if accepted { &mut self.accepted } else { &mut self.refused }) += 1;
        judge_against(truth, request, &checker(request))
    }
}

/// Calls `f` with all arrays over `values`, of length `rank`.
pub fn for_each_array<T: Copy, E>(
    values: &[T],
    rank: usize,
    f: &mut impl FnMut(&[T]) -> Result<(), E>,
) -> Result<(), E> {
    let (mut array, mut digits) = (vec![values[0]; rank], vec![0; rank]);
    loop {
        for (cell, &digit) in array.iter_mut().zip(&digits) {
            *cell = values[digit];
        }
        f(&array)?;
        let Some(place) = digits.iter().position(|&digit| digit + 1 < values.len()) else {
            return Ok(());
        };
        digits[place] += 1;
        digits[..place].fill(0);
    }
}

/// A box of requests: all shapes and strides over the given values, and so for the others.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The number of axes.
    pub rank: usize,
    /// The sizes of an axis.
    pub sizes: &'static [usize],
    /// The strides of an axis.
    pub strides: &'static [isize],
    /// The offsets.
    pub offsets: Vec<usize>,
    /// The lengths of the buffer.
    pub lens: Vec<usize>,
    /// How many units an item takes.
    pub items: &'static [usize],
    /// Whether to find the truth by visiting every index, rather than by the closed form.
    pub enumerate: bool,
}

impl Grid {
    /// Judges a checker on all requests of the box.
    ///
    /// # Errors
    /// The first wrong answer.
    pub fn judge(&self, checker: Checker<'_>) -> Outcome {
        let mut tally = Tally::default();
        for_each_array(self.sizes, self.rank, &mut |shape| {
            for_each_array(self.strides, self.rank, &mut |strides| {
                let (shape, strides) = (shape.to_vec(), strides.to_vec());
                let mut request = Request { shape, strides, offset: 0, len: 0, item: 0 };
                for &offset in &self.offsets {
                    request.offset = offset;
                    let Request { shape, strides, .. } = &request;
                    let truth = match self.enumerate {
                        true => Truth::by_enumeration(shape, strides, offset),
                        false => Truth::by_corners(shape, strides, offset),
                    };
                    for &len in &self.lens {
                        for &item in self.items {
                            (request.len, request.item) = (len, item);
                            tally.judge(checker, &request, truth)?;
                        }
                    }
                }
                Ok::<_, Box<Finding>>(())
            })
        })?;
        Ok(tally)
    }
}

/// Sizes and strides of small requests.
const SMALL_SIZES: [usize; 6] = [0, 1, 2, 3, 4, 5];
const SMALL_STRIDES: [isize; 11] = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5];

/// How many sizes, strides, offsets and lengths there are at each rank.
type Bounds = [[usize; 4]; 4];

fn small_numbers(rank: usize, bounds: Bounds, items: &'static [usize]) -> Grid {
    let [sizes, strides, offsets, lens] = bounds[rank];
    Grid {
        rank,
        sizes: &SMALL_SIZES[..sizes],
        strides: &SMALL_STRIDES[..strides],
        offsets: (0..offsets).collect(),
        lens: (0..lens).collect(),
        items,
        enumerate: true,
    }
}

/// All requests of small numbers in elements, at ranks up to 3, against the enumeration of every
/// index. Rank 0 has its lengths, ranks 1 and 2 room to spare, rank 3 enough of each sign, size and
/// collision.
///
/// # Panics
/// For a higher rank.
#[must_use]
pub fn small(rank: usize) -> Grid {
    const BOUNDS: Bounds = [[1, 1, 5, 5], [6, 11, 22, 23], [5, 9, 11, 13], [4, 6, 7, 10]];
    small_numbers(rank, BOUNDS, &[1])
}

/// The same in bytes, where an item takes more than one unit, or none.
///
/// # Panics
/// For a higher rank.
#[must_use]
pub fn small_bytes(rank: usize) -> Grid {
    const BOUNDS: Bounds = [[1, 1, 6, 6], [5, 9, 14, 16], [4, 7, 8, 10], [4, 5, 5, 8]];
    small_numbers(rank, BOUNDS, if rank == 3 { &[0, 2, 3] } else { &[0, 1, 2, 3] })
}

/// The ends of words, and the largest `usize` and `isize`.
const B32: usize = 1 << 32;
const B62: usize = 1 << 62;
const B63: usize = 1 << 63;
const TOP: usize = usize::MAX;
const S32: isize = 1 << 32;
const S62: isize = 1 << 62;
const MAX: isize = isize::MAX;
const MIN: isize = isize::MIN;

/// Sizes at which integer checks go wrong: around 0, and around the ends of the words they use.
pub const SIZES: [usize; 15] =
    [0, 1, 2, 3, B32, B32 - 1, B32 + 1, B62, B62 + 1, B63 - 2, B63 - 1, B63, B63 + 1, TOP - 1, TOP];

/// Strides of the same kind.
pub const STRIDES: [isize; 15] =
    [0, 1, -1, 2, -3, S32, -S32 - 1, S62, -S62, S62 + 1, MAX - 1, MAX, -MAX, MIN, MIN + 2];

/// The sizes that rank 2 combines, and its offsets and lengths.
const FEW: [usize; 11] = [0, 1, 2, 5, B32 - 1, B62, B63 - 1, B63, B63 + 1, TOP - 1, TOP];

/// Every combination of boundary values at one rank, against the closed form.
#[must_use]
pub fn boundary(rank: usize, items: &'static [usize]) -> Grid {
    let sizes: &[usize] = if rank < 2 { &SIZES } else { &FEW };
    let (offsets, lens) = (sizes.to_vec(), sizes.to_vec());
    Grid { rank, sizes, strides: &STRIDES, offsets, lens, items, enumerate: false }
}

/// Judges a checker on shapes and strides of different length, with and without a size of 0.
///
/// # Errors
/// The first wrong answer.
pub fn ranks(checker: Checker<'_>) -> Outcome {
    let mut tally = Tally::default();
    for (rank, other) in (0..4).flat_map(|rank| (0..4).map(move |other| (rank, other))) {
        for_each_array(&[1usize, 0, 2], rank, &mut |shape| {
            let (shape, strides) = (shape.to_vec(), [1isize, 0, 1][..other].to_vec());
            let request = Request { shape, strides, offset: 0, len: 8, item: 1 };
            tally.judge(checker, &request, request.truth())
        })?;
    }
    Ok(tally)
}
