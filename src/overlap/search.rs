//! Depth-first search for a point of a box whose weighted sum hits a window.
//!
//! Find integers `x_k` in `low_k..=high_k` with `Σ c_k x_k` in a window, `c_k > 0`.
//! At each level the values tried are those that leave the rest a chance: the
//! remaining sum must lie between the rest's extremes (interval) and near
//! enough to a multiple of the rest's common divisor (congruence). The last
//! two variables are solved at once, in a logarithmic number of divisions.

use super::int::{Int, first_hit};

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
pub(super) struct Var<I> {
    pub coefficient: I,
    pub low: I,
    pub high: I,
    pub id: usize,
}

impl<I: Int> Var<I> {
    pub(super) fn new(coefficient: I, low: I, high: I, id: usize) -> Self {
        Self { coefficient, low, high, id }
    }

    /// As a number for `gcd`: coefficients are stride magnitudes, at most 2^63.
    #[inline]
    pub(super) fn magnitude(&self) -> u64 {
        self.coefficient.count()
    }

    /// Highest minus lowest contribution.
    #[inline]
    pub(super) fn spread(&self) -> I {
        self.high.minus(self.low).times(self.coefficient)
    }
}

/// An interval of sums, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<I> {
    pub low: I,
    pub high: I,
}

impl<I: Int> Window<I> {
    #[inline]
    pub(super) fn width(self) -> I {
        self.high.minus(self.low)
    }

    /// What is left of the window once a term is fixed. Clipped to the sums the
    /// lemma at `REACH_CAP` allows, so that no later step saturates wrongly;
    /// `None` when nothing remains.
    #[inline]
    pub(super) fn shifted(self, by: I) -> Option<Self> {
        let low = self.low.minus(by).max(I::ZERO.minus(I::CAP));
        let high = self.high.minus(by).min(I::CAP);
        (low <= high).then_some(Self { low, high })
    }
}

/// A variable in its place in the search, with what is known of those after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level<I> {
    pub var: Var<I>,
    /// Extremes of the sum of the variables after this one.
    pub rest_low: I,
    pub rest_high: I,
    /// Their common divisor, or 1 where it is not used.
    pub rest_gcd: I,
    /// For the last but one: the inverse of its coefficient modulo the last one's,
    /// both divided by `rest_gcd`; 0 when not known.
    pub inverse: I,
}

impl<I: Int> Level<I> {
    /// With nothing known.
    pub(super) fn new(var: Var<I>) -> Self {
        Self { var, rest_low: I::ZERO, rest_high: I::ZERO, rest_gcd: I::ONE, inverse: I::ZERO }
    }
}

/// Searches; the values found are left in `values`, in the order of `levels`,
/// which is as long.
pub(super) fn descend<I: Int>(
    levels: &[Level<I>],
    window: Window<I>,
    values: &mut [I],
    meter: &mut Meter,
) -> Outcome {
    match (levels, &mut *values) {
        ([x, y], [x_value, y_value]) => {
            if !meter.spend(1) {
                return Outcome::OutOfSteps;
            }
            match pair(x, y, window) {
                Some(found) => {
                    (*x_value, *y_value) = found;
                    Outcome::Found
                }
                None => Outcome::Nothing,
            }
        }
        ([x], [value]) => match single(&x.var, window) {
            Some(found) => {
                *value = found;
                Outcome::Found
            }
            None => Outcome::Nothing,
        },
        ([x, rest @ ..], [value, rest_values @ ..]) => {
            branch(x, rest, window, value, rest_values, meter)
        }
        _ if window.low <= I::ZERO && I::ZERO <= window.high => Outcome::Found,
        _ => Outcome::Nothing,
    }
}

/// One variable with at least one after it: tries every value that leaves a chance.
pub(super) fn branch<I: Int>(
    x: &Level<I>,
    rest: &[Level<I>],
    window: Window<I>,
    value: &mut I,
    rest_values: &mut [I],
    meter: &mut Meter,
) -> Outcome {
    let c = x.var.coefficient;
    let from = x.var.low.max(window.low.minus(x.rest_high).div_up(c));
    let end = x.var.high.min(window.high.minus(x.rest_low).div_down(c));
    if from > end {
        return Outcome::Nothing;
    }
    // Most sums are near the middle, so solutions are likeliest there: the upper
    // half first. (Both ends are in range, so their distance does not saturate
    // unless it is beyond anything that can be tried.)
    let middle = from.plus(end.minus(from).half());
    match scan(x, rest, window, (middle, end), value, rest_values, meter) {
        Outcome::Nothing if from < middle => {
            let below = middle.minus(I::ONE);
            scan(x, rest, window, (from, below), value, rest_values, meter)
        }
        outcome => outcome,
    }
}

/// Tries the values of `x` in a range, upwards.
fn scan<I: Int>(
    x: &Level<I>,
    rest: &[Level<I>],
    window: Window<I>,
    (from, end): (I, I),
    value: &mut I,
    rest_values: &mut [I],
    meter: &mut Meter,
) -> Outcome {
    let c = x.var.coefficient;
    // A window as wide as the divisor always holds a multiple of it.
    let width = window.width();
    let sieve = width.plus(I::ONE) < x.rest_gcd;
    let mut at = from;
    while at <= end {
        if sieve {
            // Only residues matter here: taken before the difference, which
            // could saturate.
            let start = window.high.modulo(x.rest_gcd).minus(c.times(at).modulo(x.rest_gcd));
            let Some(skip) = first_hit(start, c, x.rest_gcd, width, end.minus(at)) else {
                return Outcome::Nothing;
            };
            at = at.plus(skip);
        }
        if !meter.spend(1) {
            return Outcome::OutOfSteps;
        }
        let result = match window.shifted(c.times(at)) {
            Some(left) => descend(rest, left, rest_values, meter),
            None => Outcome::Nothing,
        };
        match result {
            Outcome::Nothing => at = at.plus(I::ONE),
            Outcome::Found => {
                *value = at;
                return Outcome::Found;
            }
            Outcome::OutOfSteps => return Outcome::OutOfSteps,
        }
    }
    Outcome::Nothing
}

/// One variable: the smallest multiple in the window.
fn single<I: Int>(x: &Var<I>, window: Window<I>) -> Option<I> {
    let value = x.low.max(window.low.div_up(x.coefficient));
    (value <= x.high && x.coefficient.times(value) <= window.high).then_some(value)
}

/// Two variables, exactly, without trying values one by one.
pub(super) fn pair<I: Int>(x: &Level<I>, y: &Level<I>, window: Window<I>) -> Option<(I, I)> {
    let (cx, cy) = (x.var.coefficient, y.var.coefficient);
    let top = cy.times(y.var.high);
    // Outside these `x`, even the extreme `y` misses the window.
    let from = x.var.low.max(window.low.minus(top).div_up(cx));
    let end = x.var.high.min(window.high.minus(cy.times(y.var.low)).div_down(cx));
    if from > end {
        return None;
    }
    let left = window.high.minus(cx.times(from));
    if top <= left {
        return Some((from, y.var.high));
    }
    // From here on the largest `y` not above the window is `left / cy`, and it
    // is in range: below `y.var.high` by the test above, not below `y.var.low` by `end`.
    // It is in the window exactly if the remainder is within the width.
    let width = window.width();
    let skip = if width == I::ZERO && x.inverse > I::ZERO {
        // The same, from the inverse found beforehand.
        let shared = x.rest_gcd;
        let multiple = left.div_down(shared);
        if multiple.times(shared) != left {
            return None;
        }
        let modulus = cy.div_down(shared);
        multiple.modulo(modulus).times(x.inverse).modulo(modulus)
    } else {
        first_hit(left, cx, cy, width, end.minus(from))?
    };
    let value = from.plus(skip);
    if value > end {
        return None;
    }
    Some((value, window.high.minus(cx.times(value)).div_down(cy)))
}
