//! The axes that matter, sorted, and exact sums over any number of them.

use super::reason::{Bare, Reason};
use crate::error::widen_signed;

/// As many axes as a unique view can have, and a few more.
///
/// **More axes of size > 1 than this are never needed.** The `2^70` index
/// tuples that use only the indices 0 and 1 of 70 axes have addresses
/// `Σ b_k |s_k|` with `|s_k| <= 2^63`, so in `0..=70·2^63`; that is fewer than
/// `2^70 = 128·2^63` values, and two tuples must collide. (69 axes are not
/// enough for the argument: `69·2^63 > 2^69`.) So a layout with 70
/// or more such axes is aliased, and *any* 70 of them hold a colliding pair.
pub(super) const MOST: usize = 70;

/// One axis of size > 1: stride magnitude, highest index, and its place in the shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub stride: usize,
    pub last: usize,
    pub place: usize,
}

/// Axes of size > 1 by ascending stride magnitude, at most `CAP` of them.
pub(super) struct Sorted<const CAP: usize> {
    list: [Axis; CAP],
    len: usize,
}

impl<const CAP: usize> Sorted<CAP> {
    #[inline]
    pub(super) fn axes(&self) -> &[Axis] {
        self.list.get(..self.len).unwrap_or(&[])
    }

    /// Keeps the `CAP` smallest: the caller passes a `CAP` of at least the
    /// rank, or [`MOST`].
    fn insert(&mut self, axis: Axis) {
        let place = self.axes().partition_point(|other| other.stride <= axis.stride);
        let end = self.len.saturating_add(1).min(CAP);
        if let Some(moved) = self.list.get_mut(place..end) {
            moved.rotate_right(1);
            if let Some(slot) = moved.first_mut() {
                *slot = axis;
            }
        }
        self.len = end;
    }

    /// Whether each stride exceeds what an item and the axes of smaller strides reach.
    ///
    /// Nested strides at least double, so [`MOST`] of them cannot be nested, and that some are
    /// left out beyond that changes nothing.
    pub(super) fn is_nested(&self, layout: Bare<'_>) -> bool {
        let mut reason = Reason::<CAP>::new();
        for axis in self.axes() {
            reason.push(axis.place, 0);
        }
        reason.holds(layout.shape, layout.strides, layout.itemsize)
    }
}

/// Drops axes of size 1 (whatever their stride), sorts the rest; an axis of size > 1 and stride 0
/// is the error.
pub(super) fn gather<const CAP: usize>(
    shape: &[usize],
    strides: &[isize],
) -> Result<Sorted<CAP>, usize> {
    let mut sorted = Sorted { list: [Axis { stride: 0, last: 0, place: 0 }; CAP], len: 0 };
    for (place, (&size, &stride)) in shape.iter().zip(strides).enumerate() {
        if size > 1 {
            if stride == 0 {
                return Err(place);
            }
            sorted.insert(Axis {
                stride: stride.unsigned_abs(),
                last: size.saturating_sub(1),
                place,
            });
        }
    }
    Ok(sorted)
}

/// An exact sum of numbers below 2^127 in magnitude: `sum + wraps · 2^128`, ordered like its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exact {
    pub wraps: i64,
    pub sum: i128,
}

impl Exact {
    pub(super) const fn new(sum: i128) -> Self {
        Self { wraps: 0, sum }
    }

    #[inline]
    pub(super) fn add(&mut self, value: i128) {
        let (sum, wrapped) = self.sum.overflowing_add(value);
        // Only a sum of two numbers of one sign wraps.
        self.wraps = match (wrapped, value < 0) {
            (false, _) => self.wraps,
            (true, false) => self.wraps.saturating_add(1),
            (true, true) => self.wraps.saturating_sub(1),
        };
        self.sum = sum;
    }

    /// Adds `factor · stride`, where the factor is a difference of two indices.
    #[inline]
    pub(super) fn add_product(&mut self, factor: i128, stride: isize) {
        // |factor| < 2^64 and |stride| <= 2^63, so the product is below 2^127.
        self.add(factor.wrapping_mul(widen_signed(stride)));
    }
}
