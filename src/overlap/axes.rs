//! The fast path: axes that matter, sorted, and the running-sum test.

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
pub(crate) struct Axis {
    pub stride: u64,
    pub last: u64,
    pub place: usize,
}

impl Axis {
    pub(crate) const NONE: Self = Self { stride: 0, last: 0, place: 0 };

    /// Distance between the axis' first and last index: below 2^127.
    #[inline]
    pub(super) fn reach(self) -> u128 {
        u128::from(self.stride).wrapping_mul(u128::from(self.last)) // < 2^128
    }
}

/// `usize` is at most 64 bits wide on every supported target.
#[inline]
#[allow(clippy::cast_lossless, reason = "no From<usize> for u64 in core")]
pub(super) const fn to_u64(value: usize) -> u64 {
    value as u64
}

/// Back from `u64`; the values come from a `usize` or are smaller than one.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "bounded by a usize the caller passed in")]
pub(super) const fn to_usize(value: u64) -> usize {
    value as usize
}

/// What a look at every axis finds.
pub(super) enum Gathered<const CAP: usize> {
    /// Some size is 0: no index tuple at all.
    Empty,
    /// This axis has stride 0 and a size above 1.
    Repeats(usize),
    /// The axes of size > 1, by ascending stride magnitude.
    Sorted(Sorted<CAP>),
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
    #[inline]
    fn insert(&mut self, axis: Axis) {
        let mut carry = axis;
        let mut moving = false;
        for slot in self.list.iter_mut().take(self.len) {
            // Once the place is found everything above it moves up by one.
            if moving || carry.stride < slot.stride {
                core::mem::swap(slot, &mut carry);
                moving = true;
            }
        }
        if let Some(slot) = self.list.get_mut(self.len) {
            *slot = carry;
            self.len = self.len.wrapping_add(1); // at most CAP
        }
    }
}

/// Drops axes of size 1 (whatever their stride), sorts the rest.
#[inline]
pub(super) fn gather<const CAP: usize>(shape: &[usize], strides: &[isize]) -> Gathered<CAP> {
    // Emptiness comes first: an empty view may carry any strides, 0 included.
    if shape.contains(&0) {
        return Gathered::Empty;
    }
    let mut sorted = Sorted { list: [Axis::NONE; CAP], len: 0 };
    let mut repeats = None;
    for (axis, (&size, &stride)) in shape.iter().zip(strides).enumerate() {
        if size > 1 {
            if stride == 0 {
                repeats = Some(axis);
                break;
            }
            sorted.insert(Axis {
                stride: to_u64(stride.unsigned_abs()),
                last: to_u64(size).wrapping_sub(1), // size > 1
                place: axis,
            });
        }
    }
    match repeats {
        Some(axis) => Gathered::Repeats(axis),
        None => Gathered::Sorted(sorted),
    }
}

/// Running-sum test on sorted axes; `itemsize >= 1`.
///
/// Each stride must exceed the highest byte the smaller axes reach. Then the
/// largest axis in which two index tuples differ cannot be made up for.
#[inline]
pub(crate) fn nested(axes: &[Axis], itemsize: u64) -> bool {
    let mut reach = u128::from(itemsize).wrapping_sub(1); // itemsize >= 1
    for axis in axes {
        if u128::from(axis.stride) <= reach {
            return false;
        }
        // Saturation only makes the test stricter, and no stride is that large.
        reach = reach.saturating_add(axis.reach());
    }
    true
}

/// An exact sum of any number of products of a `u65` and an `i64`.
///
/// Each product is below 2^127 in magnitude but a sum of two is not: the low
/// 64 bits and the rest are summed apart, and rank < 2^60 keeps both in range.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Exact {
    high: i128,
    low: u128,
}

impl Exact {
    pub(super) fn from(value: i128) -> Self {
        let mut sum = Self::default();
        sum.add(value);
        sum
    }

    #[inline]
    #[allow(
        clippy::cast_sign_loss,
        reason = "the low 64 bits of two's complement are what is meant"
    )]
    pub(super) fn add(&mut self, value: i128) {
        // wrapping: 2^60 summands of 64 bits each stay below 2^124.
        self.high = self.high.wrapping_add(value.wrapping_shr(64));
        self.low = self.low.wrapping_add((value as u128) & u128::from(u64::MAX));
    }

    /// `difference · stride`, both as they come from index tuples and strides.
    #[inline]
    pub(super) fn add_product(&mut self, difference: i128, stride: isize) {
        // |difference| < 2^64 and |stride| <= 2^63, so below 2^127.
        self.add(difference.wrapping_mul(to_i128(stride)));
    }

    /// `(high, low)` with the value `high·2^64 + low` and `low < 2^64`: ordered
    /// like the value itself.
    pub(super) fn normal(self) -> (i128, u64) {
        let carry = self.low.wrapping_shr(64);
        let low = self.low & u128::from(u64::MAX);
        (
            self.high.wrapping_add(i128::try_from(carry).unwrap_or(0)), // carry < 2^64
            u64::try_from(low).unwrap_or(0),                            // masked
        )
    }

    /// The value, if it fits.
    pub(super) fn value(self) -> Option<i128> {
        let (high, low) = self.normal();
        high.checked_mul(1 << 64)?.checked_add(i128::from(low))
    }
}

#[inline]
#[allow(clippy::cast_lossless, reason = "no From<isize> for i128 in core")]
pub(super) const fn to_i128(stride: isize) -> i128 {
    stride as i128
}
