//! Uniqueness: two distinct index tuples on overlapping items, or a proof of none.
//!
//! Works on differences: tuples `i != j` collide exactly if `d = j - i` has
//! `|d_k| < shape_k`, is not zero, and `|Σ d_k s_k| < itemsize`. The signs of
//! the strides are put back at the end. Axes move through three states:
//! *live* ones are still to be searched; *absorbed* ones are so dense that
//! their sums cover an interval without gaps and just widen the window; and
//! *dropped* ones were shown to have `d_k = 0`.

use super::axes::{Axis, narrow, wide};
use super::int::{Int, first_hit, gcd};
use super::search::{Meter, Outcome, Var, Window};
use super::solve::{Question, solve};
use super::{Budget, Uniqueness};

/// Decides a layout that is not nested. `axes` as sorted by `gather`.
#[cold]
#[inline(never)]
pub(super) fn decide<const CAP: usize>(
    axes: &[Axis],
    strides: &[isize],
    itemsize: u64,
    budget: Budget,
    first: &mut [usize],
    second: &mut [usize],
) -> Uniqueness<()> {
    let total =
        axes.iter().fold(u128::from(itemsize), |sum, axis| sum.saturating_add(axis.reach()));
    let (outcome, difference) = if total < <i64 as Int>::ROOM {
        decide_as::<i64, CAP>(axes, itemsize, budget)
    } else {
        decide_as::<i128, CAP>(axes, itemsize, budget)
    };
    match outcome {
        Outcome::Nothing => Uniqueness::Unique,
        Outcome::OutOfSteps => Uniqueness::Undecided,
        Outcome::Found => {
            first.fill(0);
            second.fill(0);
            for (axis, &d) in axes.iter().zip(&difference) {
                // `d` is for stride magnitudes: a negative stride turns it round.
                let forward = (d > 0) == (strides.get(axis.place).is_some_and(|&s| s > 0));
                let steps = narrow(u64::try_from(d.unsigned_abs()).unwrap_or(0));
                let side = if forward { &mut *second } else { &mut *first };
                if let Some(index) = side.get_mut(axis.place) {
                    *index = steps;
                }
            }
            Uniqueness::Aliased { first: (), second: () }
        }
    }
}

/// The differences that collide, for stride magnitudes, in the order of `axes`.
///
/// Kept apart from its caller: the wide one needs more stack.
#[inline(never)]
pub(super) fn decide_as<I: Int, const CAP: usize>(
    axes: &[Axis],
    itemsize: u64,
    budget: Budget,
) -> (Outcome, [i128; CAP]) {
    let mut difference = [0; CAP];
    let outcome = Problem::<I, CAP>::new(axes, itemsize).solve(axes, budget, &mut difference);
    (outcome, difference)
}

/// The state of the reduction. Sums of absorbed axes and the bytes of an item
/// cover `-window..=window`, in multiples of `scale`.
struct Problem<I, const CAP: usize> {
    /// Ascending by coefficient; `absorbed` first, then live up to `end`.
    vars: [Var<I>; CAP],
    /// For each absorbed axis, the window (unscaled) before it was absorbed.
    inner: [I; CAP],
    absorbed: usize,
    end: usize,
    window: I,
    scale: I,
}

/// What a round of the reduction concludes.
enum Round {
    Decided(Outcome),
    Again,
    Done,
}

impl<I: Int, const CAP: usize> Problem<I, CAP> {
    fn new(axes: &[Axis], itemsize: u64) -> Self {
        let mut vars = [Var::new(I::ONE, I::ZERO, I::ZERO, 0); CAP];
        for (id, (var, axis)) in vars.iter_mut().zip(axes).enumerate() {
            let stride = I::from_count(axis.stride);
            // Longer differences are never needed: see `REACH_CAP`.
            let last = I::from_count(axis.last).at_most(stride);
            *var = Var::new(stride, I::ZERO.minus(last), last, id);
        }
        let window = I::narrow(i128::from(itemsize).wrapping_sub(1)); // itemsize >= 1
        Self { vars, inner: [I::ZERO; CAP], absorbed: 0, end: axes.len(), window, scale: I::ONE }
    }

    fn live(&mut self) -> &mut [Var<I>] {
        self.vars.get_mut(self.absorbed..self.end).unwrap_or_default()
    }

    fn solve(mut self, axes: &[Axis], budget: Budget, difference: &mut [i128; CAP]) -> Outcome {
        let mut values = [I::ZERO; CAP];
        let outcome = loop {
            match self.round(&mut values) {
                Round::Again => {}
                Round::Decided(outcome) => break outcome,
                Round::Done => break self.search(budget, &mut values),
            }
        };
        if outcome == Outcome::Found {
            self.recover(axes, &values, difference);
        }
        outcome
    }

    /// One pass of exact simplifications. `values` is indexed by place in `vars`.
    fn round(&mut self, values: &mut [I; CAP]) -> Round {
        self.divide();
        let mut again = false;
        // Absorb: a stride not above the number of sums covered leaves no gap.
        while let Some(var) = self.live().first().copied() {
            if var.coefficient <= self.window {
                // One step along this axis is made up for by what is covered.
                if let Some(value) = values.get_mut(self.absorbed) {
                    *value = I::ONE;
                }
                return Round::Decided(Outcome::Found);
            }
            if var.coefficient > self.window.plus(self.window).plus(I::ONE) {
                break;
            }
            if let Some(inner) = self.inner.get_mut(self.absorbed) {
                *inner = self.window.times(self.scale);
            }
            self.window = self.window.plus(var.coefficient.times(var.high)).min(I::CAP);
            self.absorbed = self.absorbed.wrapping_add(1); // below `end`
            again = true;
        }
        // Peel: a stride beyond the reach of everything smaller cannot take part.
        let window = self.window;
        while let [smaller @ .., largest] = self.live() {
            let reach = smaller.iter().fold(window, |sum, v| sum.plus(v.coefficient.times(v.high)));
            if largest.coefficient <= reach {
                break;
            }
            self.end = self.end.wrapping_sub(1); // a live axis was there
            again = true;
        }
        let live = self.live().len();
        if live <= 1 {
            // The one left is above the window: it cannot be made up for.
            return Round::Decided(Outcome::Nothing);
        }
        if again {
            return Round::Again;
        }
        if live > 2 && self.sift() {
            return Round::Again;
        }
        Round::Done
    }

    /// Divides everything by the common divisor of the live strides.
    fn divide(&mut self) {
        let divisor = self.live().iter().fold(0, |sum, var| gcd(sum, var.magnitude()));
        if divisor > 1 {
            let divisor = I::from_count(divisor);
            for var in self.live() {
                var.coefficient = var.coefficient.div_down(divisor);
            }
            self.window = self.window.div_down(divisor);
            self.scale = self.scale.times(divisor);
        }
    }

    /// Drops axes whose every multiple misses what the common divisor of the
    /// others allows. `true` if one was dropped.
    fn sift(&mut self) -> bool {
        let window = self.window;
        let both = window.plus(window);
        let count = self.live().len();
        for place in 0..count {
            let live = self.live();
            let divisor = live
                .iter()
                .enumerate()
                .filter(|&(other, _)| other != place)
                .fold(0, |sum, (_, var)| gcd(sum, var.magnitude()));
            let divisor = I::from_count(divisor);
            if divisor <= both.plus(I::ONE) {
                continue;
            }
            let Some(&var) = live.get(place) else {
                continue;
            };
            // c·d + window in 0..=2·window modulo the divisor, first d >= 1.
            let start = window.minus(var.coefficient.modulo(divisor));
            let step = var.coefficient;
            if first_hit(start, step, divisor, both, var.high.minus(I::ONE)).is_none() {
                if let Some(tail) = live.get_mut(place..) {
                    tail.rotate_left(1);
                }
                self.end = self.end.wrapping_sub(1); // a live axis was there
                return true;
            }
        }
        false
    }

    /// At least two live axes that the simplifications cannot decide.
    fn search(&mut self, budget: Budget, values: &mut [I; CAP]) -> Outcome {
        let window = Window { low: I::ZERO.minus(self.window), high: self.window };
        let mut meter = Meter(budget.0);
        let (absorbed, end) = (self.absorbed, self.end);
        let Some(found) = values.get_mut(absorbed..end) else {
            return Outcome::Nothing;
        };
        solve::<I, CAP>(Question::Distinct, self.live(), window, found, &mut meter)
    }

    /// From the live differences to those of all axes, in original units.
    fn recover(&self, axes: &[Axis], values: &[I; CAP], difference: &mut [i128; CAP]) {
        let mut sum = I::ZERO;
        let known = self.vars.iter().zip(values).take(self.end);
        for (var, &value) in known.skip(self.absorbed) {
            let (Some(slot), Some(own)) = (difference.get_mut(var.id), axes.get(var.id)) else {
                continue;
            };
            *slot = value.widen();
            // Exact, though wrapping: the final value is in the window.
            sum = sum.plus_product(I::from_count(own.stride), value);
        }
        for (var, &inner) in self.vars.iter().zip(&self.inner).take(self.absorbed).rev() {
            let (Some(slot), Some(own)) = (difference.get_mut(var.id), axes.get(var.id)) else {
                continue;
            };
            // Just enough that what is covered further in makes up for the rest.
            let stride = I::from_count(own.stride);
            let missing = I::ZERO.minus(inner).minus(sum).div_up(stride);
            let value = missing.max(var.low);
            *slot = value.widen();
            sum = sum.plus_product(stride, value);
        }
    }
}

/// Stride 0 on an axis of size > 1: indices 0 and 1 of it meet.
pub(super) fn still(axis: usize, first: &mut [usize], second: &mut [usize]) -> Uniqueness<()> {
    first.fill(0);
    second.fill(0);
    if let Some(index) = second.get_mut(axis) {
        *index = 1;
    }
    Uniqueness::Aliased { first: (), second: () }
}

/// Whether two index tuples are valid, distinct, and on overlapping items.
pub(super) fn collide(
    shape: &[usize],
    strides: &[isize],
    itemsize: usize,
    first: &[usize],
    second: &[usize],
) -> bool {
    let rank = shape.len();
    if strides.len() != rank || first.len() != rank || second.len() != rank || first == second {
        return false;
    }
    let mut distance = super::axes::Exact::default();
    for (((&size, &stride), &i), &j) in shape.iter().zip(strides).zip(first).zip(second) {
        if i >= size || j >= size {
            return false;
        }
        distance.add_product(i128::from(wide(j)).wrapping_sub(i128::from(wide(i))), stride);
    }
    matches!(distance.normal(), (0, low) if low < wide(itemsize))
        || matches!(distance.normal(), (-1, low) if low.wrapping_neg() < wide(itemsize) && low != 0)
}
