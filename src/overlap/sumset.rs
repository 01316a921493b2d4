//! Bit sets of all sums: always decides, in time linear in the extent.
//!
//! Bit `v` of the set is 1 when some choice of indices has the sum `v`. Adding an
//! axis of `n` values is about `2·log2(n)` shift-and-or passes. One bit a unit, so the
//! memory is an eighth of the extent in bytes (times two or three), less than
//! the buffer the view lives in.

use super::int::Int;
use super::search::{Outcome, Var, Window};
use alloc::vec::Vec;

/// Sums beyond this are not tabulated (512 MiB a set); the search decides.
const MOST_BITS: u64 = 1 << 32;

/// Words one table pass handles in the time of one search step.
const WORDS_A_STEP: u64 = 64;

/// What allocating and starting costs, in search steps.
const START: u64 = 16;

/// A set of non-negative integers below a fixed bound.
struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// No bit set, room for `0..bits`; `None` when memory does not allow.
    fn new(bits: u64) -> Option<Self> {
        let len = usize::try_from(bits.div_ceil(64)).ok()?;
        let mut words = Vec::new();
        words.try_reserve_exact(len).ok()?;
        words.resize(len, 0);
        Some(Self { words })
    }

    /// Sets `0..count`.
    fn fill(&mut self, count: u64) {
        let mut left = count;
        for word in &mut self.words {
            let here = left.min(64);
            *word |= low_bits(here);
            left = left.wrapping_sub(here); // here <= left
        }
    }

    fn contains(&self, value: i64) -> bool {
        let Ok(value) = usize::try_from(value) else {
            return false;
        };
        let word = self.words.get(value.wrapping_shr(6)).copied().unwrap_or(0);
        word.wrapping_shr(low6(value)) & 1 == 1
    }

    /// `self |= source << by`, looking at the `used` lowest words of `source`.
    /// Where a bit was set already, returns its place and, when `distinct`, stops.
    fn merge(&mut self, source: &[u64], by: u64, distinct: bool) -> Option<u64> {
        let (skip, bits) = (usize::try_from(by.wrapping_shr(6)).ok()?, low6_u64(by));
        let target = self.words.get_mut(skip..)?;
        let mut carry = 0_u64;
        let tail = core::iter::once(&0);
        for (place, (slot, &word)) in target.iter_mut().zip(source.iter().chain(tail)).enumerate() {
            let moved = word.wrapping_shl(bits) | carry;
            // Two shifts, because 64 - 0 would be no shift at all.
            carry = word.wrapping_shr(1).wrapping_shr(63_u32.wrapping_sub(bits));
            let common = *slot & moved;
            if distinct && common != 0 {
                let word = u64::try_from(place.wrapping_add(skip)).ok()?;
                return Some(
                    word.wrapping_mul(64).wrapping_add(u64::from(common.trailing_zeros())),
                );
            }
            *slot |= moved;
        }
        None
    }

    /// The same with itself as the source: from the top down, so that nothing
    /// is read after it was changed.
    fn double(&mut self, by: u64, used: usize, distinct: bool) -> Option<u64> {
        let (skip, bits) = (usize::try_from(by.wrapping_shr(6)).ok()?, low6_u64(by));
        if distinct {
            // A pass to compare first: a collision must leave the set as it was.
            let mut carry = 0_u64;
            let source = self.words.get(..used)?;
            let target = self.words.get(skip..)?;
            let tail = core::iter::once(&0);
            for (place, (&slot, &word)) in target.iter().zip(source.iter().chain(tail)).enumerate()
            {
                let common = slot & (word.wrapping_shl(bits) | carry);
                carry = word.wrapping_shr(1).wrapping_shr(63_u32.wrapping_sub(bits));
                if common != 0 {
                    let word = u64::try_from(place.wrapping_add(skip)).ok()?;
                    let bit = u64::from(common.trailing_zeros());
                    return Some(word.wrapping_mul(64).wrapping_add(bit));
                }
            }
        }
        let end = skip.wrapping_add(used).wrapping_add(1).min(self.words.len());
        for place in (skip..end).rev() {
            let from = place.wrapping_sub(skip); // place >= skip
            let high = self.words.get(from).copied().unwrap_or(0);
            let low = from.checked_sub(1).and_then(|p| self.words.get(p)).copied().unwrap_or(0);
            let carry = low.wrapping_shr(1).wrapping_shr(63_u32.wrapping_sub(bits));
            if let Some(slot) = self.words.get_mut(place) {
                *slot |= high.wrapping_shl(bits) | carry;
            }
        }
        None
    }
}

fn low_bits(count: u64) -> u64 {
    if count >= 64 { u64::MAX } else { 1_u64.wrapping_shl(low6_u64(count)).wrapping_sub(1) }
}

fn low6(value: usize) -> u32 {
    u32::try_from(value & 63).unwrap_or(0)
}

fn low6_u64(value: u64) -> u32 {
    u32::try_from(value & 63).unwrap_or(0)
}

/// One axis of a table: `0..=last` steps of `stride`.
#[derive(Clone, Copy)]
struct Step {
    stride: u64,
    last: u64,
}

fn steps_of<I: Int>(vars: &[Var<I>], half: bool) -> Vec<Step> {
    vars.iter()
        .map(|var| Step {
            stride: var.magnitude(),
            // A difference ranges over -last..=last, an index over 0..=last.
            last: u64::try_from((if half { var.high } else { var.high.minus(var.low) }).exact())
                .unwrap_or(u64::MAX),
        })
        .collect()
}

/// Largest sum; `None` when it is too large to tabulate.
fn top(base: u64, steps: &[Step]) -> Option<u64> {
    let mut sum = base;
    for step in steps {
        sum = step.stride.checked_mul(step.last)?.checked_add(sum)?;
    }
    (sum < MOST_BITS).then_some(sum)
}

/// Search steps that building the table is worth.
fn cost(base: u64, steps: &[Step]) -> Option<u64> {
    let words = top(base, steps)?.div_ceil(64);
    let mut passes = 0_u64;
    for step in steps {
        // Two passes a binary digit.
        let digits = u64::from(64_u32.wrapping_sub(step.last.leading_zeros()));
        passes = passes.saturating_add(digits.wrapping_mul(2)); // digits <= 64
    }
    Some(words.saturating_mul(passes).checked_div(WORDS_A_STEP)?.saturating_add(START))
}

/// A collision: which step was being added, how many of its values were in
/// the set already, the shift, and the sum that was there twice.
struct Clash {
    step: usize,
    have: u64,
    extra: u64,
    sum: u64,
}

enum Built {
    Set(Bits),
    Clash(Clash),
    NoMemory,
}

/// All sums of `0..=base` and the steps. With `distinct`, stops at the first
/// sum that arises twice.
///
/// Each axis is added by its size in binary, from the top digit: a set of `n`
/// shifted copies becomes `2n` by one shift of itself, and `2n + 1` by one more
/// copy of what there was before the axis.
fn build(base: u64, steps: &[Step], distinct: bool) -> Built {
    let Some(top) = top(base, steps) else {
        return Built::NoMemory;
    };
    let Some(mut set) = Bits::new(top.saturating_add(1)) else {
        return Built::NoMemory;
    };
    set.fill(base.saturating_add(1));
    let mut highest = base;
    for (place, step) in steps.iter().enumerate() {
        let size = step.last.saturating_add(1);
        let words =
            |highest: u64| usize::try_from(highest.wrapping_shr(6)).unwrap_or(0).saturating_add(1);
        let mut before: Vec<u64> = Vec::new();
        let copy = set.words.get(..words(highest)).unwrap_or(&[]);
        if before.try_reserve_exact(copy.len()).is_err() {
            return Built::NoMemory;
        }
        before.extend_from_slice(copy);
        let mut have = 1_u64;
        let mut reach = highest;
        let mut digit = 63_u32.wrapping_sub(size.leading_zeros()); // size >= 1
        while digit > 0 {
            digit = digit.wrapping_sub(1);
            // Products stay below `top`, hence below MOST_BITS.
            let by = step.stride.wrapping_mul(have);
            if let Some(sum) = set.double(by, words(reach), distinct) {
                return Built::Clash(Clash { step: place, have, extra: have, sum });
            }
            reach = reach.wrapping_add(by);
            have = have.wrapping_mul(2);
            if size.wrapping_shr(digit) & 1 == 1 {
                let by = step.stride.wrapping_mul(have);
                if let Some(sum) = set.merge(&before, by, distinct) {
                    return Built::Clash(Clash { step: place, have, extra: 1, sum });
                }
                reach = reach.wrapping_add(step.stride);
                have = have.wrapping_add(1);
            }
        }
        highest = reach;
    }
    Built::Set(set)
}

/// Indices with `sum - Σ stride·index` in `0..=base`, one step after the other from the last:
/// tables of what comes before tell which index can be completed.
fn indices(base: u64, steps: &[Step], sum: u64, out: &mut [u64]) -> Option<()> {
    let mut left = i64::try_from(sum).ok()?;
    for place in (0..steps.len()).rev() {
        let step = steps.get(place)?;
        let Built::Set(set) = build(base, steps.get(..place)?, false) else {
            return None;
        };
        let stride = i64::try_from(step.stride).ok()?;
        let mut index = 0_u64;
        while !set.contains(left) {
            if index == step.last || left < 0 {
                return None;
            }
            index = index.wrapping_add(1); // below `last`
            left = left.wrapping_sub(stride);
        }
        *out.get_mut(place)? = index;
    }
    Some(())
}

/// Cost of [`collision`] in search steps; `None` when the extent is too large.
pub(super) fn collision_cost<I: Int>(vars: &[Var<I>], window: I) -> Option<u64> {
    cost(u64::try_from(window.exact()).ok()?, &steps_of(vars, true))
}

/// Decides whether two choices of indices of `vars` (symmetric ranges) have
/// sums at most `window` apart. `OutOfSteps` when memory does not allow.
pub(super) fn collision<I: Int>(vars: &[Var<I>], window: I, values: &mut [I]) -> Outcome {
    let base = u64::try_from(window.exact()).unwrap_or(u64::MAX);
    let mut steps = steps_of(vars, true);
    // Sums of items (blocks of `window + 1` units) are distinct exactly if the
    // items are disjoint.
    let clash = match build(base, &steps, true) {
        Built::Set(_) => return Outcome::Nothing,
        Built::NoMemory => return Outcome::OutOfSteps,
        Built::Clash(clash) => clash,
    };
    let found = || -> Option<(Vec<u64>, Vec<u64>)> {
        let mut one = alloc::vec![0; steps.len()];
        let mut two = one.clone();
        let part = steps.get_mut(..=clash.step)?;
        let shift = part.last()?.stride.wrapping_mul(clash.have);
        // One copy was in the set, the other is a shifted one.
        part.last_mut()?.last = clash.have.wrapping_sub(1); // have >= 1
        indices(base, part, clash.sum, one.get_mut(..=clash.step)?)?;
        part.last_mut()?.last = clash.extra.wrapping_sub(1); // extra >= 1
        indices(base, part, clash.sum.wrapping_sub(shift), two.get_mut(..=clash.step)?)?;
        let last = two.get_mut(clash.step)?;
        *last = last.wrapping_add(clash.have);
        Some((one, two))
    };
    let mut found = found;
    let Some((one, two)) = found() else {
        return Outcome::OutOfSteps;
    };
    for (value, (i, j)) in values.iter_mut().zip(one.into_iter().zip(two)) {
        *value = I::nearest(i128::from(j)).minus(I::nearest(i128::from(i)));
    }
    Outcome::Found
}

/// The two halves of a hitting problem, from its variables and window.
struct Halves {
    base: u64,
    steps: Vec<Step>,
    /// The second half starts here.
    split: usize,
    /// The two halves must sum to this.
    goal: u64,
}

fn halves<I: Int>(vars: &[Var<I>], window: Window<I>) -> Option<Halves> {
    let steps = steps_of(vars, false);
    let base = u64::try_from(window.width().exact()).ok()?;
    // From x to x - low: Σ c (x - low) + (0..=width) = high - Σ c·low.
    let goal = vars.iter().fold(window.high, |sum, var| sum.minus(var.coefficient.times(var.low)));
    let goal = u64::try_from(goal.exact()).ok()?;
    let all = top(base, &steps)?;
    let mut split = 0;
    let mut sum = base;
    for (place, step) in steps.iter().enumerate().rev() {
        // Variables come with the largest first; the small ones and the window
        // make the first half.
        let more = step.stride.saturating_mul(step.last).saturating_add(sum);
        if more.saturating_mul(2) > all.saturating_add(sum) {
            split = place.saturating_add(1);
            break;
        }
        sum = more;
    }
    Some(Halves { base, steps, split, goal })
}

/// Cost of [`hit`] in search steps; `None` when the extent is too large.
pub(super) fn hit_cost<I: Int>(vars: &[Var<I>], window: Window<I>) -> Option<u64> {
    let halves = halves(vars, window)?;
    let (large, small) = halves.steps.split_at_checked(halves.split)?;
    Some(cost(halves.base, small)?.saturating_add(cost(0, large)?))
}

/// Decides whether a choice of values has its sum in the window.
pub(super) fn hit<I: Int>(vars: &[Var<I>], window: Window<I>, values: &mut [I]) -> Outcome {
    let run = || -> Option<Option<Vec<u64>>> {
        let halves = halves(vars, window)?;
        let (large, small) = halves.steps.split_at_checked(halves.split)?;
        let Built::Set(one) = build(halves.base, small, false) else {
            return None;
        };
        let Built::Set(two) = build(0, large, false) else {
            return None;
        };
        let Some(sum) = meeting(&one, &two, halves.goal, top(0, large)?) else {
            return Some(None);
        };
        drop((one, two));
        let mut out = alloc::vec![0; halves.steps.len()];
        let (large_out, small_out) = out.split_at_mut_checked(halves.split)?;
        indices(halves.base, small, sum, small_out)?;
        indices(0, large, halves.goal.checked_sub(sum)?, large_out)?;
        Some(Some(out))
    };
    match run() {
        None => Outcome::OutOfSteps,
        Some(None) => Outcome::Nothing,
        Some(Some(out)) => {
            for ((value, var), steps) in values.iter_mut().zip(vars).zip(out) {
                *value = var.low.plus(I::nearest(i128::from(steps)));
            }
            Outcome::Found
        }
    }
}

/// A sum `v` in `one` with `goal - v` in `two`, whose largest element is `top`.
fn meeting(one: &Bits, two: &Bits, goal: u64, top: u64) -> Option<u64> {
    // `two` is symmetric: w is in it exactly if `top - w` is. So look for a bit
    // common to `one` and `two` moved up by `goal - top`.
    let moved = i64::try_from(goal).ok()?.checked_sub(i64::try_from(top).ok()?)?;
    let bits = u32::try_from(moved.rem_euclid(64)).ok()?;
    let skip = moved.div_euclid(64);
    for (place, &word) in one.words.iter().enumerate() {
        if word == 0 {
            continue;
        }
        // Word `place` of the moved set: word `place - skip`, and what spills
        // over from the one below.
        let from = i64::try_from(place).ok()?.checked_sub(skip)?;
        let read = |at: i64| {
            usize::try_from(at).ok().and_then(|at| two.words.get(at).copied()).unwrap_or(0)
        };
        let low = read(from.wrapping_sub(1)); // places are far from the limits
        let spill = low.wrapping_shr(1).wrapping_shr(63_u32.wrapping_sub(bits));
        let common = word & (read(from).wrapping_shl(bits) | spill);
        if common != 0 {
            let place = u64::try_from(place).ok()?;
            return Some(place.wrapping_mul(64).wrapping_add(u64::from(common.trailing_zeros())));
        }
    }
    None
}
