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

use crate::error::{Error, widen};

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
    if shape.len() != strides.len() {
        return Err(Error::RankMismatch { shape: shape.len(), strides: strides.len() });
    }
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
    let bits = reach.checked_add(1)?;
    if bits <= INLINE_BITS {
        let mut words = [0; 64];
        return mark(words.get_mut(..usize::try_from(bits.div_ceil(64)).ok()?)?, axes, divisor);
    }
    #[cfg(feature = "alloc")]
    {
        if bits <= MOST_BITS && (bits / 64).saturating_mul(passes) <= MOST_WORDS {
            let mut words = Vec::new();
            let len = usize::try_from(bits.div_ceil(64)).ok()?;
            words.try_reserve_exact(len).ok()?;
            words.resize(len, 0);
            return mark(&mut words, axes, divisor);
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
    let mut reach = 0u128;
    for axis in axes {
        let stride = axis.stride.checked_div(divisor)?;
        // The sums for the first `done` indices, shifted, are those for as many more.
        let mut done = 1u128;
        while done <= axis.last {
            let more = done.min(axis.last.saturating_sub(done).saturating_add(1));
            let by = more.checked_mul(stride)?;
            reach = reach.checked_add(by)?;
            let used = usize::try_from(reach / 64).ok()?.checked_add(1)?;
            or_shifted(words.get_mut(..used)?, by)?;
            done = done.checked_add(more)?;
        }
    }
    Some(words.iter().map(|word| u128::from(word.count_ones())).sum())
}

/// Adds to a set of small numbers each of its members plus `by`; the largest one fits.
fn or_shifted(set: &mut [u64], by: u128) -> Option<()> {
    let (words, bits) = (usize::try_from(by / 64).ok()?, u32::try_from(by % 64).ok()?);
    // From the top, so that what is read has not been added to.
    for at in (words..set.len()).rev() {
        let from = at.checked_sub(words)?;
        let below = from.checked_sub(1).and_then(|below| set.get(below)).copied().unwrap_or(0);
        // Two shifts, because a shift by 64 is none.
        let word = set.get(from)?.wrapping_shl(bits)
            | below.wrapping_shr(1).wrapping_shr(63u32.saturating_sub(bits));
        *set.get_mut(at)? |= word;
    }
    Some(())
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

fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::distinct_units;
    use crate::Error;

    /// By enumeration: every unit of every item, into a set.
    fn units(shape: &[usize], strides: &[isize], item: usize) -> u128 {
        let mut sums = BTreeSet::from([0i128]);
        for (&size, &stride) in shape.iter().zip(strides) {
            let size = i128::try_from(size).unwrap();
            let steps: Vec<i128> = (0..size).map(|i| i * i128::try_from(stride).unwrap()).collect();
            sums = steps.iter().flat_map(|step| sums.iter().map(move |sum| sum + step)).collect();
        }
        let item = i128::try_from(item).unwrap();
        let all: BTreeSet<i128> = sums.iter().flat_map(|&sum| sum..sum + item).collect();
        u128::try_from(all.len()).unwrap()
    }

    fn agrees(axes: &[(usize, isize)], item: usize) {
        let (shape, strides): (Vec<_>, Vec<_>) = axes.iter().copied().unzip();
        assert_eq!(
            distinct_units(&shape, &strides, item),
            Ok(Some(units(&shape, &strides, item))),
            "{shape:?} {strides:?} {item}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 2000, failure_persistence: None, ..ProptestConfig::default()
        })]

        #[test]
        fn close_strides(axes in prop::collection::vec((0usize..7, -90isize..90), 0..5), item in 0usize..20) {
            agrees(&axes, item);
        }

        #[test]
        fn multiples(
            axes in prop::collection::vec((1usize..6, prop::sample::select(
                [1isize, 2, 3, 4, 6, 8, 12, -18, 24, 36, -60, 120, 360].as_slice())), 0..6),
            factor in prop::sample::select([1isize, 8, 1 << 40, 1 << 54].as_slice()),
            item in 1usize..10,
        ) {
            let axes: Vec<_> = axes.iter().map(|&(size, stride)| (size, stride * factor)).collect();
            agrees(&axes, item);
        }

        #[test]
        fn far_strides(
            axes in prop::collection::vec((1usize..6, prop_oneof![any::<isize>(), Just(isize::MIN), -5000isize..5000]), 0..5),
            item in 1usize..4,
        ) {
            agrees(&axes, item);
        }
    }

    #[test]
    fn every_layout_of_two_axes_and_small_numbers() {
        for item in 0..4 {
            for (n, m) in (0..5).flat_map(|n| (0..5).map(move |m| (n, m))) {
                for (s, t) in (-8..9).flat_map(|s| (-8..9).map(move |t| (s, t))) {
                    agrees(&[(n, s), (m, t)], item);
                }
            }
        }
    }

    #[test]
    fn gaps_and_long_axes_are_counted_in_bits() {
        agrees(&[(30_000, 7), (3, 11), (2, 1 << 40)], 1);
        agrees(&[(61, 1000), (59, -1013), (53, 990)], 3);
    }

    #[test]
    fn a_window_over_a_tangled_group_counts_once_for_each_of_its_sums() {
        // 6, 10 and 15 leave gaps near both ends only.
        agrees(&[(9, 6), (8, 10), (7, 15), (4, 100_000), (3, 50_000)], 1);
    }

    #[test]
    fn numbers_too_large_to_count_are_not_counted() {
        // Two tangled axes of 2^62 indices each.
        assert_eq!(distinct_units(&[1 << 62, 1 << 62], &[1 << 61, (1 << 61) - 1], 1), Ok(None));
        // 8 axes of 64 indices without any structure.
        let strides = [
            0x4f1b_bcdc_bfa5_1e3b,
            0x5851_f42d_4c95_7f2d,
            0x2545_f491_4f6c_dd1d,
            0x1405_7b7e_f767_814f,
            0x369d_ea0f_31a5_3f85,
            0x27bb_2ee6_87b0_b0fd,
            0x106a_a070_0c8b_66a3,
            0x71d6_7fff_eda6_0000,
        ];
        assert_eq!(distinct_units(&[64; 8], &strides, 1), Ok(None));
        // More axes than are looked at: they differ, and none continues another.
        let strides: Vec<isize> = (0..100).map(|axis| 1000 + axis).collect();
        assert_eq!(distinct_units(&[2; 100], &strides, 1), Ok(None));
    }

    #[test]
    fn ranks_that_differ_are_an_error() {
        let refused = Err(Error::RankMismatch { shape: 2, strides: 1 });
        assert_eq!(distinct_units(&[2, 2], &[1], 1), refused);
    }

    #[test]
    fn extremes_neither_panic_nor_wrap() {
        let all = (u128::from(u64::MAX) - 1) * (1 << 63) + u128::from(u64::MAX);
        assert_eq!(distinct_units(&[usize::MAX], &[isize::MIN], usize::MAX), Ok(Some(all)));
        assert_eq!(distinct_units(&[usize::MAX], &[1], 1), Ok(Some(u128::from(u64::MAX))));
        assert_eq!(distinct_units(&[1, 0], &[isize::MIN, 5], 9), Ok(Some(0)));
        assert_eq!(distinct_units(&[7], &[isize::MIN], 0), Ok(Some(0)));
        assert_eq!(distinct_units(&[2], &[isize::MIN], 1 << 63), Ok(Some(1 << 64)));
    }
}
