//! The decision: does every index of `(shape, strides, offset)` stay in the buffer?
//!
//! Pure integers over slices: no allocation, no `unsafe`, no panic, any rank. Everything else in
//! this crate relies on [`decide`] and [`address`], and the proofs are about this file
//! (specification, section "Acceptance"). It keeps to a small subset of Rust that a second prover
//! reads as it stands (`proofs/rocq`).
//!
//! The idea: a view starts with some *room* below and above its offset. Each axis takes its reach
//! `(size - 1) * |stride|` out of the room on the side its stride points to. The lowest and the
//! highest address are each attained by a corner of the index space, so a side whose room is used
//! up has an index that leaves the buffer there: the check is exact. Magnitudes are unsigned, and a
//! reach that does not fit `usize` exceeds any room, so no wider integer is needed.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::default_numeric_fallback,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used
)]

/// The largest number of elements a view may have: what `isize` can count, the limit that Rust
/// sets to every allocation and slice of one-byte elements.
pub(crate) const MAX_COUNT: usize = isize::MAX.unsigned_abs();

/// Which end of the buffer a view leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Below,
    Above,
}

/// Why one axis cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Count,
    Room(Side),
}

/// The room that is left on both sides of a view's offset, and the elements counted so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) below: usize,
    pub(crate) above: usize,
    pub(crate) count: usize,
}

/// What an accepted view touches. All addresses are where an item starts, counted from the
/// buffer's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) count: usize,
    /// The lowest address, or the offset of an empty view.
    pub(crate) lowest: usize,
    /// The highest address, or the offset of an empty view.
    pub(crate) highest: usize,
    /// The smallest buffer length that this view is accepted with.
    pub(crate) required_len: usize,
}

/// Why a request is refused, in numbers that do not depend on the rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `shape` and `strides` differ in length.
    Rank,
    /// The product of the sizes up to and with `axis` exceeds [`MAX_COUNT`].
    Count { axis: usize },
    /// The view is empty and its offset lies past the end.
    EmptyOffset,
    /// The all-zero index is out of range already.
    Origin,
    /// The index with `index` on `axis`, the last index on every earlier axis whose stride points
    /// to the same `side`, and 0 elsewhere, lies `excess` (at least 1) outside that end.
    Leaves { axis: usize, side: Side, index: usize, excess: usize },
}

/// Reserves `steps` times `size`: an axis's reach, or a count. `None` if it does not fit `usize`.
///
/// One of the two multiplications of the kernel (theorem T1).
#[inline]
pub(crate) fn reserve(steps: usize, size: usize) -> Option<usize> {
    steps.checked_mul(size)
}

/// Scales an index that is at most `last` by a magnitude for which `reserve(last, magnitude)` fits.
///
/// The other multiplication: it cannot overflow and is at most what was reserved (theorem T1).
#[inline]
#[expect(clippy::arithmetic_side_effects, reason = "index <= last, whose product fits: T1")]
pub(crate) fn scale(index: usize, magnitude: usize) -> usize {
    index * magnitude
}

impl Room {
    /// The room around `offset` when addresses may run from 0 to `last`; `None` if `offset` itself
    /// is out of range.
    #[inline]
    pub(crate) fn around(offset: usize, last: usize) -> Option<Self> {
        let above = last.checked_sub(offset)?;
        Some(Self { below: offset, above, count: 1 })
    }

    /// Adds one axis that has at least one index: counts its elements and takes its reach out of
    /// the room (theorem T2). An axis of size 1 has no reach, whatever its stride.
    #[inline]
    pub(crate) fn step(self, size: usize, stride: isize) -> Result<Self, Fault> {
        let count = reserve(self.count, size);
        let reach = reserve(size.saturating_sub(1), stride.unsigned_abs());
        let side = if stride < 0 { Side::Below } else { Side::Above };
        match (count, self.take(side, reach)) {
            (Some(count), Some(room)) if count <= MAX_COUNT => Ok(Self { count, ..room }),
            (Some(count), None) if count <= MAX_COUNT => Err(Fault::Room(side)),
            _ => Err(Fault::Count),
        }
    }

    /// Takes exactly a reach out of the room on one side; `None` if it does not fit.
    #[inline]
    pub(crate) fn take(self, side: Side, reach: Option<usize>) -> Option<Self> {
        let left = self.on(side).checked_sub(reach?)?;
        Some(match side {
            Side::Below => Self { below: left, ..self },
            Side::Above => Self { above: left, ..self },
        })
    }

    /// The room that is left on one side.
    #[inline]
    pub(crate) fn on(self, side: Side) -> usize {
        match side {
            Side::Below => self.below,
            Side::Above => self.above,
        }
    }

    /// Reads the extent off the room that is left of `0..=last`, for items of size `item`.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "above only ever shrinks from `last - offset`, and `last + item` is the length"
    )]
    pub(crate) fn finish(self, last: usize, item: usize) -> Extent {
        let highest = last - self.above;
        Extent { count: self.count, lowest: self.below, highest, required_len: highest + item }
    }
}

/// Whether some axis has size 0.
#[inline]
pub(crate) fn is_empty(shape: &[usize]) -> bool {
    let mut axis = 0;
    while let Some(&size) = shape.get(axis) {
        if size == 0 {
            return true;
        }
        axis = axis.saturating_add(1);
    }
    false
}

/// Whether an index tuple has a component below the size of each axis, and no other.
#[inline]
pub(crate) fn is_valid(shape: &[usize], index: &[usize]) -> bool {
    let mut axis = 0;
    while let (Some(index), Some(size)) = (index.get(axis), shape.get(axis)) {
        if index >= size {
            return false;
        }
        axis = axis.saturating_add(1);
    }
    index.len() == shape.len()
}

/// Decides a request: `item` consecutive units at every address must lie in `0..len`. Elements are
/// the case `item == 1`; bytes the case `item == itemsize`.
///
/// Accepts exactly the views of the specification (theorems T3 and T4).
#[inline(always)]
pub(crate) fn decide(
    shape: &[usize],
    strides: &[isize],
    offset: usize,
    len: usize,
    item: usize,
) -> Result<Extent, Refusal> {
    if shape.len() != strides.len() {
        return Err(Refusal::Rank);
    }
    // First of all: one size of 0 makes every stride and every other size harmless.
    if is_empty(shape) {
        return if offset <= len {
            Ok(Extent { count: 0, lowest: offset, highest: offset, required_len: offset })
        } else {
            Err(Refusal::EmptyOffset)
        };
    }
    let Some(last) = len.checked_sub(item) else { return Err(refuse_origin(shape)) };
    let Some(mut room) = Room::around(offset, last) else { return Err(refuse_origin(shape)) };
    let mut axis = 0;
    while let (Some(&size), Some(&stride)) = (shape.get(axis), strides.get(axis)) {
        match room.step(size, stride) {
            Ok(next) => room = next,
            Err(fault) => return Err(refuse(shape, axis, room, stride, fault)),
        }
        axis = axis.saturating_add(1);
    }
    Ok(room.finish(last, item))
}

/// Computes the extent of an accepted view from its numbers alone, for items of size `item`: what
/// [`decide`] returned for them.
///
/// Each axis's reach, each partial count and each partial sum was reserved when the view was
/// accepted, so nothing overflows (theorem T3). Of numbers that were not accepted the result means
/// nothing.
#[inline]
#[expect(clippy::arithmetic_side_effects, reason = "what `decide` has reserved: T3")]
pub(crate) fn extent(shape: &[usize], strides: &[isize], offset: usize, item: usize) -> Extent {
    if is_empty(shape) {
        return Extent { count: 0, lowest: offset, highest: offset, required_len: offset };
    }
    let (mut count, mut lowest, mut highest) = (1, offset, offset);
    let mut axis = 0;
    while let (Some(&size), Some(&stride)) = (shape.get(axis), strides.get(axis)) {
        let reach = scale(size - 1, stride.unsigned_abs());
        if stride < 0 {
            lowest -= reach;
        } else {
            highest += reach;
        }
        count = scale(count, size);
        axis += 1;
    }
    Extent { count, lowest, highest, required_len: highest + item }
}

/// The first axis, from `from` on, at which `count` elements times the sizes exceed [`MAX_COUNT`].
pub(crate) fn overfull_axis(shape: &[usize], from: usize, count: usize) -> Option<usize> {
    let (mut axis, mut count) = (from, count);
    while let Some(&size) = shape.get(axis) {
        match reserve(count, size) {
            Some(next) if next <= MAX_COUNT => count = next,
            _ => return Some(axis),
        }
        axis = axis.saturating_add(1);
    }
    None
}

/// Says why a view whose offset is out of range is refused. A count that does not fit comes first,
/// because no length of the buffer would help.
#[cold]
#[inline(never)]
fn refuse_origin(shape: &[usize]) -> Refusal {
    match overfull_axis(shape, 0, 1) {
        Some(axis) => Refusal::Count { axis },
        None => Refusal::Origin,
    }
}

/// Finds the witness on the axis that does not fit. It is a valid index because the axis's reach
/// exceeds the room (theorem T4).
// Not out of line: the numbers would go through memory, which takes longer than to find them.
#[inline]
fn refuse(shape: &[usize], axis: usize, room: Room, stride: isize, fault: Fault) -> Refusal {
    let side = match fault {
        Fault::Count => return Refusal::Count { axis },
        Fault::Room(side) => side,
    };
    if let Some(axis) = overfull_axis(shape, axis, room.count) {
        return Refusal::Count { axis };
    }
    let (index, excess) = first_outside(room.on(side), stride.unsigned_abs());
    Refusal::Leaves { axis, side, index, excess }
}

/// The first index along an axis to leave the room, and how far outside it lies. An axis of
/// magnitude 0 never leaves it, nor does one of magnitude 1 leave the largest room.
pub(crate) fn first_outside(room: usize, magnitude: usize) -> (usize, usize) {
    let inside = room.checked_div(magnitude).unwrap_or(0);
    let rest = room.checked_rem(magnitude).unwrap_or(0);
    (inside.saturating_add(1), magnitude.saturating_sub(rest))
}

/// The address of an index tuple of an accepted view, or `None` if the tuple is not valid.
///
/// Every index is compared before anything is computed: a tuple for an empty view may be valid on
/// its first axis, whose reach `decide` did not reserve. On a valid tuple each partial sum is the
/// address of a valid tuple, so nothing overflows on the way (theorem T3).
#[inline]
#[expect(clippy::arithmetic_side_effects, reason = "partial sums are addresses of the view: T3")]
pub(crate) fn address(
    shape: &[usize],
    strides: &[isize],
    offset: usize,
    index: &[usize],
) -> Option<usize> {
    if !is_valid(shape, index) {
        return None;
    }
    let (mut axis, mut address) = (0, offset);
    while let (Some(&index), Some(&stride)) = (index.get(axis), strides.get(axis)) {
        let term = scale(index, stride.unsigned_abs());
        address = if stride < 0 { address - term } else { address + term };
        axis += 1;
    }
    Some(address)
}
