//! The bytes that a view really occupies, against its count times its itemsize.
//!
//! A view whose items overlap lies on fewer bytes than it has; windows over 12 numbers may count
//! 30. What is counted is the set of sums `Σ i_k · |stride_k|`; an item of several bytes is one
//! more axis of stride 1.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use strideproof::Unit;

use crate::int::Int;
use crate::request::Request;

/// The largest sum for which every possible one gets a bit, to be counted.
const MARKED: u128 = 1 << 16;

/// The units of a view whose items do not overlap.
pub(crate) fn product(count: usize, item: usize) -> Option<u128> {
    u128::try_from(count).ok()?.checked_mul(u128::try_from(item).ok()?)
}

/// The nominal and the real bytes, given the real number of units.
pub(crate) fn in_bytes(request: &Request, count: usize, units: Option<u128>) -> (Int, Option<Int>) {
    let scaled = |number: u128, by: &Int| match by
        .to_usize()
        .and_then(|by| i128::try_from(number.checked_mul(u128::try_from(by).ok()?)?).ok())
    {
        Some(bytes) => Int::from(bytes),
        None => Int::from(BigInt::from(number) * by.to_big()),
    };
    let nominal = scaled(u128::try_from(count).unwrap_or(u128::MAX), &request.itemsize);
    let real = units.map(|units| match request.unit {
        Unit::Elements => scaled(units, &request.itemsize),
        Unit::Bytes => scaled(units, &Int::ONE),
    });
    (nominal, real)
}

/// The number of distinct units on which the items of a view of at least one item lie, or `None`
/// where counting would take long.
pub(crate) fn narrow(shape: &[usize], strides: &[isize], item: usize) -> Option<u128> {
    let axes = shape.iter().zip(strides).map(|(&extent, &stride)| {
        let last = u128::try_from(extent).ok()?.checked_sub(1)?;
        Some((last, u128::try_from(stride.unsigned_abs()).ok()?))
    });
    distinct(axes.collect::<Option<_>>()?, u128::try_from(item).ok()?)
}

/// As [`narrow`], for strides of any size.
pub(crate) fn wide(shape: &[usize], strides: &[Int], item: &BigInt) -> Option<u128> {
    let axes = shape.iter().zip(strides).map(|(&extent, stride)| {
        let last = u128::try_from(extent).ok()?.checked_sub(1)?;
        // On an axis of one index nobody follows the stride.
        Some((last, if last == 0 { 0 } else { stride.to_big().abs().to_u128()? }))
    });
    distinct(axes.collect::<Option<_>>()?, item.to_u128()?)
}

/// Counts the distinct sums of axes given as (last index, stride), each with `item` units.
fn distinct(mut axes: Vec<(u128, u128)>, item: u128) -> Option<u128> {
    let Some(last) = item.checked_sub(1) else { return Some(0) };
    axes.push((last, 1));
    axes.retain(|&(last, stride)| last > 0 && stride > 0);
    axes.sort_unstable_by_key(|&(_, stride)| stride);
    // An axis whose stride is a multiple of a smaller one's, and not beyond its end, continues it:
    // the sums of both are those of one longer axis.
    let mut at = 0;
    while at < axes.len() {
        let (mut last, stride) = axes[at];
        let mut next = at + 1;
        while next < axes.len() {
            let (more, larger) = axes[next];
            let times = larger / stride;
            if larger % stride == 0 && times <= last.saturating_add(1) {
                last = last.checked_add(times.checked_mul(more)?)?;
                axes.remove(next);
            } else {
                next += 1;
            }
        }
        axes[at].0 = last;
        at += 1;
    }
    let mut total = 1u128;
    let mut reach = 0u128;
    let mut nested = true;
    for &(last, stride) in &axes {
        nested &= stride > reach;
        total = total.checked_mul(last.checked_add(1)?)?;
        reach = reach.checked_add(last.checked_mul(stride)?)?;
    }
    if nested {
        return Some(total);
    }
    if reach >= MARKED {
        return None;
    }
    let mut sums = vec![0u64; usize::try_from(reach / 64).ok()?.checked_add(1)?];
    *sums.first_mut()? = 1;
    for &(last, stride) in &axes {
        // The sums for the first `done` indices, shifted, are those for as many more.
        let mut done = 1;
        while done <= last {
            let more = done.min(last + 1 - done);
            or_shifted(&mut sums, usize::try_from(more * stride).ok()?);
            done += more;
        }
    }
    Some(sums.iter().map(|word| u128::from(word.count_ones())).sum())
}

/// Adds to a set of small numbers each of its members plus `by`; the largest one fits.
fn or_shifted(set: &mut [u64], by: usize) {
    let (words, bits) = (by / 64, by % 64);
    // From the top, so that what is read has not been added to.
    for at in (words..set.len()).rev() {
        let mut word = set[at - words] << bits;
        if bits > 0 && at > words {
            word |= set[at - words - 1] >> (64 - bits);
        }
        set[at] |= word;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::distinct;

    proptest! {
        #[test]
        fn distinct_sums_are_those_of_plain_enumeration(
            axes in prop::collection::vec((0u128..7, 0u128..90), 0..5),
            item in 0u128..20,
        ) {
            let mut sums = vec![0];
            for &(last, stride) in &axes {
                sums = (0..=last).flat_map(|i| sums.iter().map(move |sum| sum + i * stride)).collect();
            }
            let mut units: Vec<u128> = sums.iter().flat_map(|&sum| sum..sum + item).collect();
            units.sort_unstable();
            units.dedup();
            prop_assert_eq!(distinct(axes, item), u128::try_from(units.len()).ok());
        }
    }

    #[test]
    fn what_takes_long_is_not_counted() {
        assert_eq!(distinct(vec![(9, 100_003), (9, 100_019), (3, 300_000)], 1), None);
        assert_eq!(distinct(vec![(u128::MAX, 3), (u128::MAX, 2)], 1), None);
    }
}
