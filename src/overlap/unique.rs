//! Uniqueness: two distinct index tuples on overlapping items, or a proof of none.
//!
//! Works on differences: tuples `i != j` collide exactly if `d = j - i` has
//! `|d_k| < shape_k`, is not zero, and `|Σ d_k s_k| < itemsize`. The signs of
//! the strides are put back at the end. Axes move through three states:
//! *live* ones are still to be searched; *absorbed* ones are so dense that
//! their sums cover an interval without gaps and just make the window larger; and
//! *dropped* ones were shown to have `d_k = 0`.

use super::axes::{Axis, to_u64, to_usize};
use super::int::{Int, first_hit, gcd};
use super::reason::{Bare, Reason};
use super::search::{Meter, Outcome, Var, Window};
use super::solve::{Question, solve};
use super::{Budget, Uniqueness};

/// Decides a layout that is not nested. `axes` as sorted by `gather`.
///
/// What the search finds is checked: a layout is unique only if [`certificate`](super::certificate)
/// accepts the reason, and aliased only if the two indices really collide.
#[cold]
#[inline(never)]
pub(super) fn decide<const CAP: usize>(
    axes: &[Axis],
    layout: Bare<'_>,
    budget: Budget,
    mut reason: Reason<CAP>,
    first: &mut [usize],
    second: &mut [usize],
) -> Uniqueness<()> {
    let Bare { shape, strides, itemsize } = layout;
    let mut meter = Meter(budget.0);
    let unit = to_u64(itemsize);
    let total = axes.iter().fold(u128::from(unit), |sum, axis| sum.saturating_add(axis.reach()));
    let (outcome, difference, unexplained) = if total < <i64 as Int>::ROOM {
        decide_as::<i64, CAP>(axes, unit, &mut meter, &mut reason)
    } else {
        decide_as::<i128, CAP>(axes, unit, &mut meter, &mut reason)
    };
    let confirmed = match outcome {
        Outcome::Nothing if unexplained == 0 => reason.holds(shape, strides, itemsize),
        Outcome::Nothing => {
            reason.holds_when_sorted(layout, unexplained, &mut meter).unwrap_or(false)
        }
        Outcome::OutOfSteps => false,
        Outcome::Found => {
            first.fill(0);
            second.fill(0);
            for (axis, &d) in axes.iter().zip(&difference) {
                // `d` is for stride magnitudes: a negative stride turns it round.
                let forward = (d > 0) == (strides.get(axis.place).is_some_and(|&s| s > 0));
                let steps = to_usize(u64::try_from(d.unsigned_abs()).unwrap_or(0));
                let side = if forward { &mut *second } else { &mut *first };
                if let Some(index) = side.get_mut(axis.place) {
                    *index = steps;
                }
            }
            collide(shape, strides, itemsize, first, second)
        }
    };
    match outcome {
        Outcome::Nothing if confirmed => Uniqueness::Unique,
        Outcome::Found if confirmed => Uniqueness::Aliased { first: (), second: () },
        _ => Uniqueness::Undecided,
    }
}

/// The differences that collide, for stride magnitudes, in the order of `axes`; or the reason why
/// there are none, and how many of its last axes are left to be explained.
///
/// Kept apart from its caller: the one for `i128` needs more stack.
#[inline(never)]
pub(super) fn decide_as<I: Int, const CAP: usize>(
    axes: &[Axis],
    itemsize: u64,
    meter: &mut Meter,
    reason: &mut Reason<CAP>,
) -> (Outcome, [i128; CAP], usize) {
    let mut difference = [0; CAP];
    let (outcome, unexplained) =
        Problem::<I, CAP>::new(axes, itemsize).solve(axes, meter, reason, &mut difference);
    (outcome, difference, unexplained)
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
        let window = I::nearest(i128::from(itemsize).wrapping_sub(1)); // itemsize >= 1
        Self { vars, inner: [I::ZERO; CAP], absorbed: 0, end: axes.len(), window, scale: I::ONE }
    }

    fn live(&mut self) -> &mut [Var<I>] {
        self.vars.get_mut(self.absorbed..self.end).unwrap_or_default()
    }

    fn solve(
        mut self,
        axes: &[Axis],
        meter: &mut Meter,
        reason: &mut Reason<CAP>,
        difference: &mut [i128; CAP],
    ) -> (Outcome, usize) {
        let mut values = [I::ZERO; CAP];
        let mut note = |var: &Var<I>, divisor: I| {
            if let Some(axis) = axes.get(var.id) {
                reason.push(axis.place, to_usize(divisor.count()));
            }
        };
        let outcome = loop {
            match self.round(&mut values, &mut note) {
                Round::Again => {}
                Round::Decided(outcome) => break outcome,
                Round::Done => break self.search(meter, &mut values),
            }
        };
        let mut unexplained = 0_usize;
        match outcome {
            Outcome::Found => self.recover(axes, &values, difference),
            Outcome::Nothing => {
                for var in self.live() {
                    note(var, I::ZERO);
                    unexplained = unexplained.wrapping_add(1); // at most CAP
                }
            }
            Outcome::OutOfSteps => {}
        }
        (outcome, unexplained)
    }

    /// One pass of exact simplifications. `values` is indexed by place in `vars`; `note` takes the
    /// axes that are done with, each with the divisor that gives the reason.
    fn round(&mut self, values: &mut [I; CAP], note: &mut impl FnMut(&Var<I>, I)) -> Round {
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
            note(&var, I::ZERO);
            self.window = self.window.plus(var.coefficient.times(var.high)).min(I::CAP);
            self.absorbed = self.absorbed.wrapping_add(1); // below `end`
            again = true;
        }
        // Separate the largest: it cannot take part when it exceeds the reach of everything
        // smaller, for which any divisor is a reason.
        let window = self.window;
        while let [smaller @ .., largest] = self.live() {
            let reach = smaller.iter().fold(window, |sum, v| sum.plus(v.coefficient.times(v.high)));
            if largest.coefficient <= reach {
                break;
            }
            note(largest, I::ONE);
            self.end = self.end.wrapping_sub(1); // a live axis was there
            again = true;
        }
        match self.live() {
            [] => return Round::Decided(Outcome::Nothing),
            // The one left is above the window: it cannot be made up for.
            &mut [var] => {
                note(&var, I::ZERO);
                self.end = self.end.wrapping_sub(1); // a live axis was there
                return Round::Decided(Outcome::Nothing);
            }
            _ if again => return Round::Again,
            _ => {}
        }
        if self.sift(note) { Round::Again } else { Round::Done }
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

    /// Drops an axis none of whose multiples that the reach of the others can make up for is near
    /// enough to a multiple of their common divisor. `true` if one was dropped.
    ///
    /// Of two axes this decides: if neither is dropped, two indices collide.
    fn sift(&mut self, note: &mut impl FnMut(&Var<I>, I)) -> bool {
        let (window, scale) = (self.window, self.scale);
        let both = window.plus(window);
        let count = self.live().len();
        // The largest first: the others make up for the fewest of its multiples.
        for place in (0..count).rev() {
            let live = self.live();
            let others = live.iter().enumerate().filter(|&(other, _)| other != place);
            let (divisor, reach) = others.fold((0, window), |(divisor, reach), (_, var)| {
                let reach = reach.plus(var.coefficient.times(var.high));
                (gcd(divisor, var.magnitude()), reach)
            });
            let divisor = I::from_count(divisor);
            if divisor <= both.plus(I::ONE) {
                continue;
            }
            let Some(&var) = live.get(place) else {
                continue;
            };
            let limit = match reach.times(scale).count() {
                // The check of the reason makes no use of what exceeds 64 bits.
                u64::MAX => var.high,
                _ => var.high.min(reach.div_down(var.coefficient)),
            };
            // c·d + window in 0..=2·window modulo the divisor, first d >= 1.
            let start = window.minus(var.coefficient.modulo(divisor));
            let step = var.coefficient;
            if first_hit(start, step, divisor, both, limit.minus(I::ONE)).is_none() {
                if let Some(tail) = live.get_mut(place..) {
                    tail.rotate_left(1);
                }
                self.end = self.end.wrapping_sub(1); // a live axis was there
                note(&var, divisor.times(scale));
                return true;
            }
        }
        false
    }

    /// At least two live axes that the simplifications cannot decide.
    fn search(&mut self, meter: &mut Meter, values: &mut [I; CAP]) -> Outcome {
        let window = Window { low: I::ZERO.minus(self.window), high: self.window };
        let (absorbed, end) = (self.absorbed, self.end);
        let Some(found) = values.get_mut(absorbed..end) else {
            return Outcome::Nothing;
        };
        solve::<I, CAP>(Question::Distinct, self.live(), window, found, meter)
    }

    /// From the live differences to those of all axes, in original units.
    fn recover(&self, axes: &[Axis], values: &[I; CAP], difference: &mut [i128; CAP]) {
        let mut sum = I::ZERO;
        let known = self.vars.iter().zip(values).take(self.end);
        for (var, &value) in known.skip(self.absorbed) {
            let (Some(slot), Some(own)) = (difference.get_mut(var.id), axes.get(var.id)) else {
                continue;
            };
            *slot = value.exact();
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
            *slot = value.exact();
            sum = sum.plus_product(stride, value);
        }
    }
}

/// Stride 0 on an axis of size > 1: indices 0 and 1 of it meet.
pub(super) fn repeats(axis: usize, first: &mut [usize], second: &mut [usize]) -> Uniqueness<()> {
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
        distance.add_product(i128::from(to_u64(j)).wrapping_sub(i128::from(to_u64(i))), stride);
    }
    matches!(distance.normal(), (0, low) if low < to_u64(itemsize))
        || matches!(distance.normal(), (-1, low) if low.wrapping_neg() < to_u64(itemsize) && low != 0)
}
