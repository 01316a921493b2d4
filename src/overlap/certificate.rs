//! Checks a reason why no two items of a layout share a unit.
//!
//! The search in this folder is not trusted: what it finds unique is accepted only after this file
//! has checked the reason it gives. Pure integers over slices, like the kernel: no allocation, no
//! `unsafe`, no panic, any rank.
//!
//! Two index tuples that differ by `d_k` on axis `k` are on items `Σ d_k · stride_k` apart, and
//! `d_k` runs from `-last_k` to `last_k`. So no two items share a unit exactly if `d = 0` is the
//! only such tuple with `|Σ d_k · |stride_k|| <= window`, where the window is `item - 1`. A reason
//! names the axes in some order and says for each one why `d_k = 0`, given the axes after it:
//!
//! - *Inner* (divisor 0): its stride exceeds the window. Then it may be left out if the window grows
//!   by its reach: when all others are 0, so is this one. Axes that nest are all inner.
//! - *Separate* (a divisor): no multiple of its stride, by an index difference that the reach of the
//!   others can make up for, comes within the window of a multiple of the divisor, which divides
//!   the strides of all others. An axis whose stride exceeds the reach of all others is one.
//!
//! Axes for which there is no such reason come last. Either all their indices are given by ascending
//! address, or nothing is given and all their differences are tried, but for those of one axis.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used
)]

use crate::kernel::is_empty;

/// The last index of an axis and the magnitude of its stride.
#[inline]
fn axis_of(shape: &[usize], strides: &[isize], axis: usize) -> Option<(usize, usize)> {
    let (Some(&size), Some(&stride)) = (shape.get(axis), strides.get(axis)) else { return None };
    Some((size.saturating_sub(1), stride.unsigned_abs()))
}

/// Whether each axis of more than one index has a stride that exceeds what an item and the axes
/// after it reach.
///
/// What this accepts is unique. It is the quick check for rows, planes and slices of them, in the
/// order in which they are usually written.
#[inline]
pub(crate) fn nested(shape: &[usize], strides: &[isize], item: usize) -> bool {
    let mut window = item.saturating_sub(1);
    let mut axis = shape.len();
    while axis > 0 {
        axis = axis.saturating_sub(1);
        let Some((last, magnitude)) = axis_of(shape, strides, axis) else { return false };
        if last > 0 {
            if magnitude <= window {
                return false;
            }
            // No stride exceeds what is saturated.
            window = window.saturating_add(last.saturating_mul(magnitude));
        }
    }
    true
}

/// The same for columns: each stride exceeds what an item and the axes before it reach.
#[inline]
pub(crate) fn nested_columns(shape: &[usize], strides: &[isize], item: usize) -> bool {
    let mut window = item.saturating_sub(1);
    let mut axis = 0;
    while axis < shape.len() {
        let Some((last, magnitude)) = axis_of(shape, strides, axis) else { return false };
        if last > 0 {
            if magnitude <= window {
                return false;
            }
            window = window.saturating_add(last.saturating_mul(magnitude));
        }
        axis = axis.saturating_add(1);
    }
    true
}

/// Whether a reason holds, and with it that no two items share a unit.
///
/// `order` names every axis of more than one index. `divisors` gives the reason for as many of them
/// as it is long; `sorted` numbers all indices of the others by ascending address, the first of
/// these axes being the fastest to vary. Where it is empty, the differences of the others are tried.
#[inline]
pub(crate) fn holds(
    shape: &[usize],
    strides: &[isize],
    item: usize,
    order: &[usize],
    divisors: &[usize],
    sorted: &[usize],
) -> bool {
    if shape.len() != strides.len() {
        return false;
    }
    if item == 0 || is_empty(shape) {
        return true;
    }
    covers(shape, order) && separates(shape, strides, item, order, divisors, sorted)
}

/// Whether every axis of more than one index is listed.
#[inline]
fn covers(shape: &[usize], order: &[usize]) -> bool {
    let mut axis = 0;
    while let Some(&size) = shape.get(axis) {
        if size > 1 && !lists(order, axis) {
            return false;
        }
        axis = axis.saturating_add(1);
    }
    true
}

/// Whether a list has a number.
#[inline]
fn lists(list: &[usize], number: usize) -> bool {
    let mut place = 0;
    while let Some(&listed) = list.get(place) {
        if listed == number {
            return true;
        }
        place = place.saturating_add(1);
    }
    false
}

/// Whether the listed axes are separate for the reasons given.
#[inline]
fn separates(
    shape: &[usize],
    strides: &[isize],
    item: usize,
    order: &[usize],
    divisors: &[usize],
    sorted: &[usize],
) -> bool {
    let mut window = item.saturating_sub(1);
    let mut place = 0;
    while let (Some(&axis), Some(&divisor)) = (order.get(place), divisors.get(place)) {
        let Some((last, magnitude)) = axis_of(shape, strides, axis) else { return false };
        place = place.saturating_add(1);
        if divisor == 0 {
            if magnitude <= window {
                return false;
            }
            match grown(window, last, magnitude) {
                Some(wider) => window = wider,
                // No stride exceeds such a window: this must be the last axis.
                None => return place == order.len(),
            }
        } else {
            let reach = reach_from(shape, strides, order, place, window);
            let limit = largest(last, magnitude, reach);
            if limit > 0
                && !(divides(shape, strides, order, place, divisor)
                    && apart(magnitude, divisor, limit, window))
            {
                return false;
            }
        }
    }
    if place == order.len() {
        true
    } else if sorted.is_empty() {
        misses(shape, strides, order, place, window)
    } else {
        ascends(shape, strides, order, place, window, sorted)
    }
}

/// A sum and the reach of one more axis; `None` exceeds `usize`.
#[inline]
fn grown(sum: usize, last: usize, magnitude: usize) -> Option<usize> {
    match last.checked_mul(magnitude) {
        Some(reach) => sum.checked_add(reach),
        None => None,
    }
}

/// The window and the reach of the axes listed from `place` on, together; `None` exceeds `usize`.
fn reach_from(
    shape: &[usize],
    strides: &[isize],
    order: &[usize],
    place: usize,
    window: usize,
) -> Option<usize> {
    let (mut place, mut sum) = (place, window);
    while let Some(&axis) = order.get(place) {
        let (last, magnitude) = axis_of(shape, strides, axis)?;
        sum = grown(sum, last, magnitude)?;
        place = place.saturating_add(1);
    }
    Some(sum)
}

/// The largest index difference, at most `last`, that a reach can make up for.
#[inline]
fn largest(last: usize, magnitude: usize, reach: Option<usize>) -> usize {
    match reach {
        Some(reach) => reach.checked_div(magnitude).unwrap_or(last).min(last),
        None => last,
    }
}

/// Whether the strides of the axes listed from `place` on are multiples of `divisor`.
fn divides(
    shape: &[usize],
    strides: &[isize],
    order: &[usize],
    place: usize,
    divisor: usize,
) -> bool {
    let mut place = place;
    while let Some(&axis) = order.get(place) {
        let Some((_, magnitude)) = axis_of(shape, strides, axis) else { return false };
        let Some(rest) = magnitude.checked_rem(divisor) else { return false };
        if rest != 0 {
            return false;
        }
        place = place.saturating_add(1);
    }
    true
}

/// Whether `step · d`, for each `d` from 1 to `limit`, is more than `window` away from every
/// multiple of `divisor`.
///
/// The pairs `(d, step · d + divisor · t)` are a lattice. Kept are two of its points that span it:
/// one `up` above 0 and one `down` below it, at `d = up_at` and `down_at`. Every point is a
/// combination of the two. If both are outside the window, and the sum of both beyond the limit, so
/// is every other point: with factors of one sign it lies beyond the limit or is a multiple of one
/// of the two, and with factors of different signs it is at least as far from 0 as both together.
/// As long as the sum is within the limit, it is closer to 0 than one of the two, and takes its
/// place; several such steps are one division.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "up_at · down + down_at · up is the divisor throughout, so each product and sum is \
              at most that; the differences are of compared numbers"
)]
fn apart(step: usize, divisor: usize, limit: usize, window: usize) -> bool {
    let Some(rest) = step.checked_rem(divisor) else { return false };
    let (mut up, mut down) = (rest, divisor - rest);
    let (mut up_at, mut down_at) = (1usize, 1usize);
    while up > window && down > window {
        if up_at.saturating_add(down_at) > limit {
            return true;
        }
        if up > down {
            let times = (up - window - 1) / down;
            if times == 0 {
                return false;
            }
            up -= times * down;
            up_at += times * down_at;
        } else {
            let times = (down - window - 1) / up;
            if times == 0 {
                return false;
            }
            down -= times * up;
            down_at += times * up_at;
        }
    }
    false
}

/// Whether no difference of the axes listed from `place` on, but 0, is within the window: for each
/// difference of all but the first of them, the two nearest multiples of the first are tried.
///
/// A difference and its opposite are as far from 0. In the order of their numbers, the second half
/// are the opposites of the first, and the one in the middle is 0: the first half are tried.
fn misses(
    shape: &[usize],
    strides: &[isize],
    order: &[usize],
    place: usize,
    window: usize,
) -> bool {
    let Some(&axis) = order.get(place) else { return true };
    let Some((last, magnitude)) = axis_of(shape, strides, axis) else { return false };
    if magnitude <= window {
        return false;
    }
    let others = place.saturating_add(1);
    let Some(reach) = reach_from(shape, strides, order, others, 0) else { return false };
    let Some(count) = differences_from(shape, strides, order, others) else { return false };
    let (mut number, half) = (0, count / 2);
    while number < half {
        let Some(sum) = raised(shape, strides, order, others, number) else { return false };
        let distance = sum.abs_diff(reach);
        let Some(times) = distance.checked_div(magnitude) else { return false };
        let Some(above) = distance.checked_rem(magnitude) else { return false };
        let below = magnitude.saturating_sub(above);
        if (above <= window && times <= last) || (below <= window && times < last) {
            return false;
        }
        number = number.saturating_add(1);
    }
    true
}

/// The number of differences of the axes listed from `place` on; `None` exceeds `usize`.
fn differences_from(
    shape: &[usize],
    strides: &[isize],
    order: &[usize],
    place: usize,
) -> Option<usize> {
    let (mut place, mut count) = (place, 1usize);
    while let Some(&axis) = order.get(place) {
        let (last, _) = axis_of(shape, strides, axis)?;
        count = count.checked_mul(grown(1, last, 2)?)?;
        place = place.saturating_add(1);
    }
    Some(count)
}

/// The sum of a difference given by its number, and the reach of its axes, which are those listed
/// from `place` on, the first being the fastest to vary. `None` exceeds `usize`.
fn raised(
    shape: &[usize],
    strides: &[isize],
    order: &[usize],
    place: usize,
    number: usize,
) -> Option<usize> {
    let (mut place, mut rest, mut sum) = (place, number, 0usize);
    while let Some(&axis) = order.get(place) {
        let (last, magnitude) = axis_of(shape, strides, axis)?;
        let differences = grown(1, last, 2)?;
        sum = grown(sum, rest.checked_rem(differences)?, magnitude)?;
        rest = rest.checked_div(differences)?;
        place = place.saturating_add(1);
    }
    Some(sum)
}

/// Whether `sorted` numbers all indices of the axes listed from `place` on, such that each address
/// exceeds the one before by more than the window.
fn ascends(
    shape: &[usize],
    strides: &[isize],
    order: &[usize],
    place: usize,
    window: usize,
    sorted: &[usize],
) -> bool {
    let Some(count) = count_from(shape, order, place) else { return false };
    if sorted.len() != count {
        return false;
    }
    let (mut at, mut least) = (0, Sum { high: 0, low: 0 });
    while let Some(&number) = sorted.get(at) {
        if number >= count {
            return false;
        }
        let Some(sum) = sum_of(shape, strides, order, place, number) else { return false };
        if sum.high < least.high || (sum.high == least.high && sum.low < least.low) {
            return false;
        }
        at = at.saturating_add(1);
        // No sum exceeds what does not fit: this must be the last one.
        let Some(next) = sum.beyond(window) else { return at == count };
        least = next;
    }
    true
}

/// The number of indices of the axes listed from `place` on; `None` exceeds `usize`.
fn count_from(shape: &[usize], order: &[usize], place: usize) -> Option<usize> {
    let (mut place, mut count) = (place, 1usize);
    while let Some(&axis) = order.get(place) {
        let &size = shape.get(axis)?;
        count = count.checked_mul(size)?;
        place = place.saturating_add(1);
    }
    Some(count)
}

/// The base in which sums are kept: 2^32.
const BASE: usize = 4_294_967_296;

/// A sum that may exceed `usize`: `high · BASE + low`, where `low` is less than the base.
struct Sum {
    high: usize,
    low: usize,
}

impl Sum {
    /// What exceeds this sum by one more than the window; `None` is more than is kept.
    fn beyond(self, window: usize) -> Option<Self> {
        let low = self.low.saturating_add(window % BASE).saturating_add(1);
        let high = self.high.checked_add(window / BASE)?;
        Some(Self { high: high.checked_add(low / BASE)?, low: low % BASE })
    }
}

/// The address of an index given by its number, the first of the axes being the fastest to vary,
/// when each stride counts by its magnitude. `None` is more than is kept.
fn sum_of(
    shape: &[usize],
    strides: &[isize],
    order: &[usize],
    place: usize,
    number: usize,
) -> Option<Sum> {
    let (mut place, mut rest, mut high, mut low) = (place, number, 0usize, 0usize);
    while let Some(&axis) = order.get(place) {
        let (&size, &stride) = (shape.get(axis)?, strides.get(axis)?);
        let index = rest.checked_rem(size)?;
        rest = rest.checked_div(size)?;
        high = grown(high, index, stride.unsigned_abs() / BASE)?;
        low = grown(low, index, stride.unsigned_abs() % BASE)?;
        place = place.saturating_add(1);
    }
    Some(Sum { high: high.checked_add(low / BASE)?, low: low % BASE })
}
