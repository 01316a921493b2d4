//! Uniqueness of one view and sharing between two, decided exactly.
//!
//! A view is *unique* when no two of its index tuples share an address (in the byte form: when no
//! two items share a byte); a mutable view must be. Two views *share memory* when an item of one
//! and an item of the other have a byte in common. Everything is meant over the integers: sizes,
//! strides and addresses may take any value, and nothing wraps. Every positive finding comes with
//! the indices that prove it, which [`collides`] and [`meets`] check in O(rank) without any of the
//! machinery here. (Specification, sections Uniqueness and Overlap of two views.)
//!
//! # How a question is decided, and what it costs
//!
//! The general problem is NP-hard in the rank; each tier below is exact, and the
//! next is only entered when it does not decide. `r` is the number of axes of size > 1.
//!
//! 1. *Nested* as listed: from the last axis to the first, or from the first to the last, each
//!    stride exceeds the reach of an item and the axes before it. O(r).
//! 2. *Nested* when sorted ([`is_nested`]): O(r²) moves of an insertion sort, O(r) sums.
//! 3. *Reductions*, a few O(r) to O(r²) rounds of greatest common divisors: strides that
//!    leave no gap are absorbed into an interval, strides beyond the reach of the
//!    rest are dropped, so are those no multiple of which is near enough to a
//!    multiple of the others' divisor; common divisors are cancelled. Two axes take no step.
//! 4. *Search*: depth first with interval and congruence bounds; the last two
//!    axes by one logarithmic computation. Exponential in r at worst.
//! 5. *Tables* (feature `alloc`): all sums as bits, in `2·log2(size)` passes an axis over extent /
//!    64 words. The search gets as many steps as this would take, so the whole is at most about
//!    twice the cheaper of both. Not used beyond 2^32 units of extent, nor when memory cannot be
//!    had: then the search goes on.
//!
//! Uniqueness is a question for each axis: whether two indices that differ on it, and on smaller
//! strides, collide. Steps of a [`Budget`] are spent in tiers 4 and 5, and on sorting (below).
//! Without a given budget, [`Budget::DEFAULT`] holds.
//!
//! # What an answer rests on
//!
//! The search is not trusted. *Unique* is said only after a small checker, `certificate.rs`, has
//! accepted the reason: an order of the axes, and for each one why no two items that differ on it
//! meet. The axes that the reductions leave have no such reason. Once the search has taken as many
//! steps without a collision, the checker does the cheaper of two things: it tries half of the
//! differences of all these axes but the longest, a budget step each, or all their indices are
//! sorted by address, at four steps each, and it looks that each address exceeds the one before by
//! enough. (Without the feature `alloc`, up to 128 indices are sorted.) What the checker does not
//! accept is undecided, never unique: that happens when this exceeds the budget or the memory.
//! *Aliased* is said only after the two indices were found to collide.
//!
//! Two axes, and more axes with up to 128 differences to try, go to the checker before any search.

pub(crate) mod certificate;
pub(crate) mod int;
mod reason;
mod reduce;
mod search;
mod sharing;
mod solve;
pub(crate) mod sums;
#[cfg(feature = "alloc")]
mod sumset;
#[cfg(test)]
#[path = "../../tests/unit/overlap.rs"]
mod tests;
mod unique;

use crate::error::Error;
#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use reason::Bare;
pub use sharing::{may_share_memory, meets};
use unique::MOST;
pub use unique::collides;

/// Whether distinct index tuples have distinct addresses.
///
/// `I` is the index tuple: `[usize; N]`, `Vec<usize>`, or `()` where the tuples
/// are written elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Uniqueness<I> {
    /// No two items overlap.
    Unique,
    /// These two distinct, valid index tuples are on overlapping items.
    Aliased {
        /// One index tuple.
        first: I,
        /// The other.
        second: I,
    },
    /// The budget ran out, or the reason could not be checked: see [the module](self).
    Undecided,
}

impl Uniqueness<()> {
    /// The same with the index tuples that were written elsewhere.
    fn at<I>(self, first: I, second: I) -> Uniqueness<I> {
        match self {
            Self::Unique => Uniqueness::Unique,
            Self::Aliased { .. } => Uniqueness::Aliased { first, second },
            Self::Undecided => Uniqueness::Undecided,
        }
    }
}

/// Whether two views have a byte in common.
///
/// `A` and `B` are their index tuples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sharing<A, B = A> {
    /// No byte belongs to both.
    Disjoint,
    /// These two items have a byte in common.
    Shared {
        /// Index tuple of the first view.
        first: A,
        /// Index tuple of the second view.
        second: B,
    },
    /// The budget ran out; or, of bare numbers, the two have more than 128 axes of different
    /// strides and more than one index, and so more indices than any memory has addresses.
    Undecided,
}

impl Sharing<(), ()> {
    /// The same with the index tuples that were written elsewhere.
    pub(crate) fn at<A, B>(self, first: A, second: B) -> Sharing<A, B> {
        match self {
            Self::Disjoint => Sharing::Disjoint,
            Self::Shared { .. } => Sharing::Shared { first, second },
            Self::Undecided => Sharing::Undecided,
        }
    }
}

/// How much work a search may spend.
///
/// One step is one candidate tried: some tens of nanoseconds, or up to two microseconds where sums
/// exceed 64 bits. A pass over a table counts one step for every 64 words, sorting an index four.
/// The common layouts spend none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget(u64);

impl Budget {
    /// No bound: the time may be exponential in the rank.
    pub const UNLIMITED: Self = Self(u64::MAX);

    /// 2^20 steps, two seconds at most: what holds where no budget is given, as for mutable views.
    ///
    /// Nearly every layout is decided without a step. What takes more than this are three or more
    /// axes whose strides have no structure and whose indices are more than 2^17.
    pub const DEFAULT: Self = Self(1 << 20);

    /// At most this many steps.
    #[must_use]
    pub const fn steps(steps: u64) -> Self {
        // `u64::MAX` is kept for "unlimited", and so is as good as it.
        Self(steps)
    }
}

fn same_rank(needed: usize, rank: usize) -> Result<(), Error> {
    if rank == needed { Ok(()) } else { Err(Error::WrongRank { rank, needed }) }
}

/// Decides whether distinct index tuples have distinct addresses, within [`Budget::DEFAULT`].
///
/// Strides are in elements. Any values are allowed; an empty view is unique and an axis of size 1
/// does not matter, whatever their strides. Does not panic. (Specification, section Uniqueness.)
///
/// ```
/// use strideproof::overlap::{Uniqueness, is_unique};
/// assert_eq!(is_unique(&[2, 3], &[3, 2]), Uniqueness::Unique);
/// assert_eq!(
///     is_unique(&[2, 4], &[3, 1]),
///     Uniqueness::Aliased { first: [0, 3], second: [1, 0] },
/// );
/// ```
#[must_use]
#[inline]
pub fn is_unique<const N: usize>(
    shape: &[usize; N],
    strides: &[isize; N],
) -> Uniqueness<[usize; N]> {
    is_unique_within(shape, strides, 1, Budget::DEFAULT)
}

/// Decides whether no two items share a unit, spending at most `budget`.
///
/// Strides are in units of which an item occupies `itemsize`: bytes and the size of
/// the type, or elements and 1. Items of size 0 share nothing. Does not panic.
/// (Specification, section Uniqueness, byte form.)
#[must_use]
#[inline]
pub fn is_unique_within<const N: usize>(
    shape: &[usize; N],
    strides: &[isize; N],
    itemsize: usize,
    budget: Budget,
) -> Uniqueness<[usize; N]> {
    let (mut first, mut second) = ([0; N], [0; N]);
    decide(shape, strides, itemsize, budget, &mut first, &mut second).at(first, second)
}

/// [`is_unique_within`] for a rank known at run time, without allocating: a
/// colliding pair is written into `first` and `second`.
///
/// The outputs hold a pair only after [`Uniqueness::Aliased`]; otherwise their
/// contents are unspecified. Does not panic.
///
/// # Errors
/// [`Error::WrongRank`] when the slices differ in length; nothing is written.
pub fn is_unique_into(
    shape: &[usize],
    strides: &[isize],
    itemsize: usize,
    budget: Budget,
    first: &mut [usize],
    second: &mut [usize],
) -> Result<Uniqueness<()>, Error> {
    for found in [strides.len(), first.len(), second.len()] {
        same_rank(shape.len(), found)?;
    }
    Ok(decide(shape, strides, itemsize, budget, first, second))
}

/// [`is_unique_into`] with the pair in vectors.
///
/// # Errors
/// [`Error::WrongRank`] when shape and strides differ in length.
#[cfg(feature = "alloc")]
pub fn is_unique_dyn(
    shape: &[usize],
    strides: &[isize],
    itemsize: usize,
    budget: Budget,
) -> Result<Uniqueness<Vec<usize>>, Error> {
    let (mut first, mut second) = (alloc::vec![0; shape.len()], alloc::vec![0; shape.len()]);
    let found = is_unique_into(shape, strides, itemsize, budget, &mut first, &mut second)?;
    Ok(found.at(first, second))
}

/// Ranks up to this take the least stack and time.
const SMALL: usize = 8;

/// The slices have the same length.
#[inline]
fn decide(
    shape: &[usize],
    strides: &[isize],
    itemsize: usize,
    budget: Budget,
    first: &mut [usize],
    second: &mut [usize],
) -> Uniqueness<()> {
    if certificate::nested(shape, strides, itemsize)
        || certificate::nested_columns(shape, strides, itemsize)
    {
        return Uniqueness::Unique;
    }
    let layout = Bare { shape, strides, itemsize };
    if shape.len() <= SMALL {
        unique::decide::<SMALL>(layout, budget, first, second)
    } else {
        unique::decide::<MOST>(layout, budget, first, second)
    }
}

/// Quick test that is enough for uniqueness, but not necessary: sorted by
/// magnitude, each stride exceeds the reach of an item and the smaller axes.
///
/// Strides and `itemsize` are in the same units. Every view derived from a nested
/// one is nested. `true` also for empty views and items of size 0; `false` when
/// the slices differ in length. Does not panic.
#[must_use]
pub fn is_nested(shape: &[usize], strides: &[isize], itemsize: usize) -> bool {
    unique::is_nested::<MOST>(Bare { shape, strides, itemsize })
}

/// A view by bare numbers, all in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a> {
    /// Where the item at index 0 of every axis starts: not the lowest byte of
    /// the view when strides are negative.
    pub address: usize,
    /// Sizes of the axes.
    pub shape: &'a [usize],
    /// Bytes from one index to the next, an entry an axis.
    pub strides: &'a [isize],
    /// Bytes of an item.
    pub itemsize: usize,
}

impl Bytes<'_> {
    /// `None` when shape and strides differ in length.
    fn rank(&self) -> Option<usize> {
        (self.shape.len() == self.strides.len()).then_some(self.shape.len())
    }
}

/// Decides whether two views have a byte in common, spending at most `budget`. The indices of two
/// such items are written into `first` (of `a`) and `second` (of `b`).
///
/// Empty views and items of size 0 have no bytes. Addresses do not wrap. The outputs hold indices
/// only after [`Sharing::Shared`]; otherwise their contents are unspecified. Does
/// not panic. (Specification, section Overlap of two views.)
///
/// # Errors
/// [`Error::WrongRank`] when the slices of a view differ in length; nothing is written.
pub fn shares_memory_into(
    a: Bytes<'_>,
    b: Bytes<'_>,
    budget: Budget,
    first: &mut [usize],
    second: &mut [usize],
) -> Result<Sharing<(), ()>, Error> {
    same_rank(a.shape.len(), a.strides.len())?;
    same_rank(a.shape.len(), first.len())?;
    same_rank(b.shape.len(), b.strides.len())?;
    same_rank(b.shape.len(), second.len())?;
    Ok(sharing::shares(a, b, budget, first, second))
}

/// [`shares_memory_into`] with the indices in vectors.
///
/// # Errors
/// [`Error::WrongRank`] when the slices of a view differ in length.
#[cfg(feature = "alloc")]
pub fn shares_memory(
    a: Bytes<'_>,
    b: Bytes<'_>,
    budget: Budget,
) -> Result<Sharing<Vec<usize>>, Error> {
    let mut first = alloc::vec![0; a.shape.len()];
    let mut second = alloc::vec![0; b.shape.len()];
    Ok(shares_memory_into(a, b, budget, &mut first, &mut second)?.at(first, second))
}
