//! Depth-first search for a point of a box whose weighted sum hits a window.
//!
//! Find integers `x_k` in `low_k..=high_k` with `Σ c_k x_k` in a window, `c_k > 0`. At each level
//! the values tried are those that leave the rest a chance: the remaining sum must lie between the
//! rest's extremes (interval) and near enough to a multiple of the rest's common divisor
//! (congruence). The last two variables are solved at once, in a logarithmic number of divisions.

use super::int::{Int, ONE, REACH_CAP, ZERO, div_down, div_up, first_hit, modulo};
use core::num::Saturating;

/// Work left to spend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter(pub(super) u64);

impl Meter {
    /// `false` when there is not enough left. `u64::MAX` never runs out.
    #[inline]
    pub(super) fn spend(&mut self, steps: u64) -> bool {
        if self.0 == u64::MAX {
            return true;
        }
        match self.0.checked_sub(steps) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }

    /// Does some work with at most so many of the steps.
    pub(super) fn lend(&mut self, steps: u64, work: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let lent = steps.min(self.0);
        let mut meter = Self(lent);
        let outcome = work(&mut meter);
        // What was lent is there, and unlimited stays so.
        let _ = self.spend(lent.saturating_sub(meter.0));
        outcome
    }
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Found,
    Nothing,
    OutOfSteps,
}

/// One variable: its coefficient, its range, and the caller's number for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Var {
    pub coefficient: Int,
    pub low: Int,
    pub high: Int,
    pub id: usize,
}

impl Var {
    /// A variable that is 0.
    pub(super) const fn new(coefficient: Int, id: usize) -> Self {
        Self { coefficient, low: ZERO, high: ZERO, id }
    }

    /// Highest minus lowest contribution.
    #[inline]
    pub(super) fn spread(&self) -> Int {
        (self.high - self.low) * self.coefficient
    }
}

/// An interval of sums, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub low: Int,
    pub high: Int,
}

impl Window {
    #[inline]
    pub(super) fn width(self) -> Int {
        self.high - self.low
    }

    #[inline]
    pub(super) fn contains(self, sum: Int) -> bool {
        self.low <= sum && sum <= self.high
    }

    /// The window with its ends moved, clipped to the sums the lemma at `REACH_CAP` allows, so that
    /// no later step saturates wrongly. It is empty when its low end exceeds its high end.
    #[inline]
    pub(super) fn moved(self, low: Int, high: Int) -> Self {
        Self { low: (self.low - low).max(-REACH_CAP), high: (self.high - high).min(REACH_CAP) }
    }
}

/// A variable in its place in the search, with what is known of those after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    pub var: Var,
    /// Extremes of the sum of the variables after this one.
    pub rest_low: Int,
    pub rest_high: Int,
    /// Their common divisor; 0 without any.
    pub rest_gcd: Int,
}

/// Searches; the values found are left in `values`, in the order of `levels`,
/// which is as long. Of up to two variables it takes no step.
pub(super) fn descend(
    levels: &[Level],
    window: Window,
    values: &mut [Int],
    meter: &mut Meter,
) -> Outcome {
    let found = match (levels, &mut *values) {
        ([x, y], [x_value, y_value]) => {
            pair(&x.var, &y.var, window).map(|found| (*x_value, *y_value) = found)
        }
        ([x], [value]) => single(&x.var, window).map(|found| *value = found),
        ([x, rest @ ..], [value, rest_values @ ..]) => {
            return branch(x, rest, window, value, rest_values, meter);
        }
        _ => window.contains(ZERO).then_some(()),
    };
    if found.is_some() { Outcome::Found } else { Outcome::Nothing }
}

/// One variable with two or more after it: tries every value that leaves a chance.
fn branch(
    x: &Level,
    rest: &[Level],
    window: Window,
    value: &mut Int,
    rest_values: &mut [Int],
    meter: &mut Meter,
) -> Outcome {
    let c = x.var.coefficient;
    let from = x.var.low.max(div_up(window.low - x.rest_high, c));
    let end = x.var.high.min(div_down(window.high - x.rest_low, c));
    // A window as wide as the divisor always holds a multiple of it.
    let width = window.width();
    let sieve = width + ONE < x.rest_gcd;
    // Most sums are near the middle, so solutions are likeliest there: the upper
    // half first. (Both ends are in range, so their distance does not saturate
    // unless it is beyond anything that can be tried.)
    let middle = from + (end - from) / Saturating(2);
    for (from, end) in [(middle, end), (from, middle - ONE)] {
        let mut at = from;
        while at <= end {
            if sieve {
                // Only residues matter here: taken before the difference, which could saturate.
                let start = modulo(window.high, x.rest_gcd) - modulo(c * at, x.rest_gcd);
                let Some(skip) = first_hit(start, c, x.rest_gcd, width, end - at) else { break };
                at += skip;
            }
            if !meter.spend(1) {
                return Outcome::OutOfSteps;
            }
            let left = window.moved(c * at, c * at);
            if left.low <= left.high {
                let outcome = descend(rest, left, rest_values, meter);
                if outcome != Outcome::Nothing {
                    *value = at;
                    return outcome;
                }
            }
            at += ONE;
        }
    }
    Outcome::Nothing
}

/// One variable: the smallest multiple in the window.
fn single(x: &Var, window: Window) -> Option<Int> {
    let value = x.low.max(div_up(window.low, x.coefficient));
    (value <= x.high && x.coefficient * value <= window.high).then_some(value)
}

/// Two variables, exactly, without trying values one by one.
pub(super) fn pair(x: &Var, y: &Var, window: Window) -> Option<(Int, Int)> {
    let (cx, cy) = (x.coefficient, y.coefficient);
    let top = cy * y.high;
    // Outside these `x`, even the extreme `y` misses the window.
    let from = x.low.max(div_up(window.low - top, cx));
    let end = x.high.min(div_down(window.high - cy * y.low, cx));
    if from > end {
        return None;
    }
    let left = window.high - cx * from;
    if top <= left {
        return Some((from, y.high));
    }
    // From here on the largest `y` not above the window is `left / cy`, and it
    // is in range: below `y.high` by the test above, not below `y.low` by `end`.
    // It is in the window exactly if the remainder is within the width.
    let value = from + first_hit(left, cx, cy, window.width(), end - from)?;
    Some((value, div_down(window.high - cx * value, cy)))
}
