//! The footprint of a view: how many distinct units its items lie on.
//!
//! An item of several units is one more axis of stride 1, so what is counted is the set of sums
//! `Σ i_k · |stride_k|`. Axes that continue each other are joined first. The rest is cut into
//! groups such that sums of larger axes are further apart than smaller axes reach: then the counts
//! multiply. A group of one axis has as many sums as indices. A larger group is divided by the
//! common divisor of its strides and counted: in a set of bits when its sums are close together, in
//! a sorted list when they are few.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::error::{Error, same_rank, widen};
use crate::overlap::{int::gcd, sums};

/// The largest reach of a group that is counted in bits: 128 MiB of them.
#[cfg(feature = "alloc")]
const MOST_BITS: u128 = 1 << 30;

/// The largest number of 64-bit words that counting a group in bits may pass over.
#[cfg(feature = "alloc")]
const MOST_WORDS: u128 = 1 << 28;

/// The largest number of sums of a group that are listed.
#[cfg(feature = "alloc")]
const MOST_SUMS: u128 = 1 << 20;

/// Bits on the stack, for small groups and for programs without a heap.
const INLINE_BITS: u128 = 1 << 12;

/// As many axes as are looked at once those that continue each other are joined. More than 64 are
/// never nested, and no memory has room for so many that are not.
const MOST_AXES: usize = 72;

/// Counts the distinct units that the items of a view lie on, exactly.
///
/// `item` is the number of units that each item takes from its address on: the itemsize when the
/// strides are in bytes, 1 when they are in elements. The offset does not matter. Any numbers are
/// allowed. `None` when counting would take too long or the count exceeds `u128`.
///
/// Takes O(r²) divisions for r axes where the axes nest or overlap without gaps, as those of
/// slices, windows, broadcasts and reshapes do. Otherwise some axes are counted together, in time
/// and memory proportional to their reach divided by 64, or to the number of their indices. That is
/// done within fixed bounds: at most 2^28 words of 64 bits are passed over, 2^30 bits or 2^20
/// sums are kept at once (without the feature `alloc`: 2^12 bits), and 72 axes are counted.
///
/// # Errors
/// [`Error::RankMismatch`] when `shape` and `strides` differ in length.
///
/// ```
/// use strideproof::distinct_units;
/// assert_eq!(distinct_units(&[4, 3], &[2, 2], 1)?, Some(6));
/// assert_eq!(distinct_units(&[300, 300, 300], &[18_701, 18_713, 18_671], 1)?, Some(1_242_370));
/// # Ok::<(), strideproof::Error>(())
/// ```
pub fn distinct_units(
    shape: &[usize],
    strides: &[isize],
    item: usize,
) -> Result<Option<u128>, Error> {
    same_rank(shape, strides)?;
    if item == 0 || shape.contains(&0) {
        return Ok(Some(0));
    }
    let mut axes = Axes { list: [Axis { stride: 0, last: 0 }; MOST_AXES], len: 0 };
    let sized = shape.iter().zip(strides).map(|(&size, &stride)| (size, stride.unsigned_abs()));
    for (size, stride) in sized.chain([(item, 1)]) {
        // The sizes and the item are not 0.
        let axis = Axis { stride: widen(stride), last: widen(size.saturating_sub(1)) };
        if axis.stride > 0 && axis.last > 0 && axes.insert(axis).is_none() {
            return Ok(None);
        }
    }
    axes.join();
    Ok(axes.count())
}

/// An axis of at least two indices, the last one of which is `last`; its stride is positive.
#[derive(Clone, Copy)]
struct Axis {
    stride: u128,
    last: u128,
}

impl Axis {
    /// The largest sum: both factors are below 2^64, or came out of [`Axes::join`], which checks.
    fn reach(self) -> Option<u128> {
        self.stride.checked_mul(self.last)
    }
}

/// Axes by ascending stride.
struct Axes {
    list: [Axis; MOST_AXES],
    len: usize,
}

impl Axes {
    fn get(&self) -> &[Axis] {
        self.list.get(..self.len).unwrap_or(&[])
    }

    /// Puts an axis in its place; an equal stride makes an axis longer. `None` when there is no
    /// room.
    fn insert(&mut self, axis: Axis) -> Option<()> {
        let place = self.get().partition_point(|other| other.stride < axis.stride);
        if let Some(same) = self.list.get_mut(place).filter(|same| same.stride == axis.stride) {
            same.last = same.last.checked_add(axis.last)?;
            return Some(());
        }
        let end = self.len.checked_add(1)?;
        self.list.get_mut(place..end)?.rotate_right(1);
        *self.list.get_mut(place)? = axis;
        self.len = end;
        Some(())
    }

    /// Joins axes that continue each other: where a stride is a multiple of a smaller one, and at
    /// most one step beyond its last index, the sums of both are those of one longer axis.
    fn join(&mut self) {
        let mut at = 0;
        while let Some(&(mut axis)) = self.get().get(at) {
            at = at.saturating_add(1);
            let mut next = at;
            while let Some(&larger) = self.get().get(next) {
                let (times, rest) = (larger.stride / axis.stride, larger.stride % axis.stride);
                let last = times.checked_mul(larger.last).and_then(|l| l.checked_add(axis.last));
                let Some(last) = last.filter(|_| rest == 0 && times <= axis.last + 1) else {
                    next = next.saturating_add(1);
                    continue;
                };
                axis.last = last;
                if let Some(tail) = self.list.get_mut(next..self.len) {
                    tail.rotate_left(1);
                }
                self.len = self.len.saturating_sub(1);
            }
            if let Some(slot) = self.list.get_mut(at.saturating_sub(1)) {
                *slot = axis;
            }
        }
    }

    /// The number of sums: the product over the groups.
    fn count(&self) -> Option<u128> {
        let mut total = 1u128;
        let mut rest = self.get();
        while !rest.is_empty() {
            let (group, others) = rest.split_at_checked(first_group(rest)?)?;
            total = total.checked_mul(count_group(group)?)?;
            rest = others;
        }
        Some(total)
    }
}

/// The number of axes, at least 1, that make the first group: two sums of the axes after it are
/// further apart than the group reaches.
fn first_group(axes: &[Axis]) -> Option<usize> {
    let mut reach = axes.iter().try_fold(0u128, |sum, axis| sum.checked_add(axis.reach()?))?;
    let (mut group, mut divisor) = (axes.len(), 0);
    // What is known of the distance between two sums of the axes seen so far, the largest ones.
    let mut distance = u128::MAX;
    for (place, axis) in axes.iter().enumerate().skip(1).rev() {
        // At least their common divisor; and if they differ on this axis alone, its stride; if on
        // larger ones, this axis makes up for its reach at most.
        divisor = gcd(divisor, axis.stride);
        distance = distance.saturating_sub(axis.reach()?).min(axis.stride).max(divisor);
        reach = reach.checked_sub(axis.reach()?)?;
        if reach < distance {
            group = place;
        }
    }
    Some(group)
}

/// Counts the sums of some axes.
fn count_group(axes: &[Axis]) -> Option<u128> {
    if let [axis] = axes {
        return axis.last.checked_add(1);
    }
    let divisor = axes.iter().fold(0, |sum, axis| gcd(sum, axis.stride));
    let (mut reach, mut indices) = (0u128, 1u128);
    let mut passes = 0u128;
    for axis in axes {
        reach = reach.checked_add(axis.reach()?.checked_div(divisor)?)?;
        indices = indices.saturating_mul(axis.last.checked_add(1)?);
        passes = passes.checked_add(u128::from(128 - axis.last.leading_zeros()))?;
    }
    if reach < INLINE_BITS {
        return mark(&mut [0; 64], axes, divisor);
    }
    #[cfg(feature = "alloc")]
    {
        if reach < MOST_BITS && (reach / 64).saturating_mul(passes) <= MOST_WORDS {
            return mark(&mut sums::empty(reach)?, axes, divisor);
        }
        if indices <= MOST_SUMS {
            return list(usize::try_from(indices).ok()?, axes);
        }
    }
    None
}

/// Counts in a set of bits, all 0 and enough for every sum.
fn mark(words: &mut [u64], axes: &[Axis], divisor: u128) -> Option<u128> {
    *words.first_mut()? = 1;
    axes.iter().try_fold(0, |reach, axis| {
        sums::add_axis(words, reach, axis.stride.checked_div(divisor)?, axis.last)
    })?;
    Some(words.iter().map(|word| u128::from(word.count_ones())).sum())
}

/// Counts in a sorted list of all sums, of which there are at most `indices`.
#[cfg(feature = "alloc")]
fn list(indices: usize, axes: &[Axis]) -> Option<u128> {
    let mut sums = Vec::new();
    sums.try_reserve_exact(indices).ok()?;
    sums.push(0u128);
    for axis in axes {
        let before = sums.len();
        let mut shift = 0u128;
        for _ in 0..axis.last {
            shift = shift.checked_add(axis.stride)?;
            for at in 0..before {
                let sum = sums.get(at)?.checked_add(shift)?;
                sums.push(sum);
            }
        }
        sums.sort_unstable();
        sums.dedup();
    }
    u128::try_from(sums.len()).ok()
}

#[cfg(test)]
#[path = "../tests/unit/footprint.rs"]
mod tests;
