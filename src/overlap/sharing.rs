//! Sharing: an item of one view and an item of another on a common byte.
//!
//! Axes with the same stride magnitude become one variable (those of `a` count
//! forwards, those of `b` backwards, negative strides the other way), whose
//! range always holds 0. What is then looked for is a weighted sum in a window
//! given by the difference of the addresses and the item sizes.

use super::axes::{Exact, to_u64, to_usize};
use super::int::{Int, gcd};
use super::search::{Meter, Outcome, Var, Window};
use super::solve::{Question, solve};
use super::{Budget, Bytes, Sharing, odometer};

/// Distinct stride magnitudes that fit into the usual scratch space.
const INLINE: usize = 64;

/// Distinct stride magnitudes beyond which only the odometer is left.
const MANY: usize = 256;

/// [`extent`] in machine words, for views that are not absurdly large.
#[inline]
fn small_extent(view: Bytes<'_>) -> Option<(i64, i64)> {
    let mut low = i64::try_from(view.address).ok()?;
    let mut high = low.checked_add(i64::try_from(view.itemsize).ok()?)?;
    for (&size, &stride) in view.shape.iter().zip(view.strides) {
        let last = i64::try_from(size).ok()?.checked_sub(1)?;
        let reach = i64::try_from(stride).ok()?.checked_mul(last)?;
        low = low.checked_add(reach.min(0))?;
        high = high.checked_add(reach.max(0))?;
    }
    Some((low, high))
}

/// Decides whether two views, each with shape and strides of one length, have a
/// byte in common.
pub(super) fn shares(
    a: Bytes<'_>,
    b: Bytes<'_>,
    budget: Budget,
    first: &mut [usize],
    second: &mut [usize],
) -> Sharing<(), ()> {
    if a.is_empty() || b.is_empty() {
        return Sharing::Disjoint;
    }
    let small = match (small_extent(a), small_extent(b)) {
        (Some((a_low, a_high)), Some((b_low, b_high))) => {
            if a_high <= b_low || b_high <= a_low {
                return Sharing::Disjoint;
            }
            // Extents of less than 2^63 bytes each, whose differences fit.
            let spans = i128::from(a_high)
                .wrapping_sub(i128::from(a_low))
                .wrapping_add(i128::from(b_high).wrapping_sub(i128::from(b_low)));
            // Reaches are at most the spans, both ends of the window twice that.
            spans.unsigned_abs() < <i64 as Int>::ROOM / 8
        }
        _ if !extents_meet(a, b) => return Sharing::Disjoint,
        _ => false,
    };
    decide(small, a, b, budget, first, second)
}

/// Lowest byte and one past the highest, over the integers; `None` if no byte.
pub(super) fn extent(view: Bytes<'_>) -> Option<((i128, u64), (i128, u64))> {
    if view.is_empty() {
        return None;
    }
    let mut low = Exact::from(i128::from(to_u64(view.address)));
    let mut high = low;
    high.add(i128::from(to_u64(view.itemsize)));
    for (&size, &stride) in view.shape.iter().zip(view.strides) {
        let last = i128::from(to_u64(size)).wrapping_sub(1); // size >= 1
        let side = if stride < 0 { &mut low } else { &mut high };
        side.add_product(last, stride);
    }
    Some((low.normal(), high.normal()))
}

/// Whether the intervals of bytes meet.
pub(super) fn extents_meet(a: Bytes<'_>, b: Bytes<'_>) -> bool {
    match (extent(a), extent(b)) {
        (Some((a_low, a_high)), Some((b_low, b_high))) => a_low < b_high && b_low < a_high,
        _ => false,
    }
}

/// Whether an item of each, both valid, have a byte in common.
pub(super) fn meet(a: Bytes<'_>, b: Bytes<'_>, first: &[usize], second: &[usize]) -> bool {
    if a.rank().is_none_or(|rank| rank != first.len())
        || b.rank().is_none_or(|rank| rank != second.len())
    {
        return false;
    }
    // a's item starts `distance` bytes above b's.
    let mut distance = Exact::from(i128::from(to_u64(a.address)));
    distance.add(i128::from(to_u64(b.address)).wrapping_neg());
    for (view, index, sign) in [(a, first, 1_i128), (b, second, -1)] {
        for ((&size, &stride), &i) in view.shape.iter().zip(view.strides).zip(index) {
            if i >= size {
                return false;
            }
            distance.add_product(i128::from(to_u64(i)).wrapping_mul(sign), stride);
        }
    }
    if a.itemsize == 0 || b.itemsize == 0 {
        return false;
    }
    distance.value().is_some_and(|distance| {
        distance < i128::from(to_u64(b.itemsize))
            && i128::from(to_u64(a.itemsize)) > distance.wrapping_neg() // above i128::MIN: checked first
            && distance > i128::MIN
    })
}

/// Every axis that matters: stride magnitude, highest index, and whether the
/// index adds to the sum or takes away.
fn axes<'a>(a: Bytes<'a>, b: Bytes<'a>) -> impl Iterator<Item = (u64, u64, bool)> {
    let side = |view: Bytes<'a>, forward: bool| {
        view.shape.iter().zip(view.strides).filter(|&(&size, &stride)| size > 1 && stride != 0).map(
            move |(&size, &stride)| {
                let last = to_u64(size).wrapping_sub(1); // size > 1
                (to_u64(stride.unsigned_abs()), last, (stride > 0) == forward)
            },
        )
    };
    side(a, true).chain(side(b, false))
}

/// Sums of strides for which an item of `a` and one of `b` have a byte in common.
pub(super) fn window_of(a: Bytes<'_>, b: Bytes<'_>) -> Window<i128> {
    // Item addresses differ by `sum + distance`; that must be above
    // -a.itemsize and below b.itemsize.
    let distance = i128::from(to_u64(a.address)).wrapping_sub(i128::from(to_u64(b.address)));
    Window {
        low: 1_i128.wrapping_sub(i128::from(to_u64(a.itemsize))).wrapping_sub(distance),
        high: i128::from(to_u64(b.itemsize)).wrapping_sub(1).wrapping_sub(distance),
    }
}

/// Decides; both views have bytes, and their extents meet.
#[inline(never)]
fn decide(
    small: bool,
    a: Bytes<'_>,
    b: Bytes<'_>,
    budget: Budget,
    first: &mut [usize],
    second: &mut [usize],
) -> Sharing<(), ()> {
    let window = window_of(a, b);
    first.fill(0);
    second.fill(0);
    if window.low <= 0 && 0 <= window.high {
        return Sharing::Shared { first: (), second: () };
    }
    let mut meter = Meter(budget.0);
    let rank = a.shape.len().saturating_add(b.shape.len());
    let mut sides = Sides { a, b, first, second };
    // The window is at most the extents wide and away, since the extents meet.
    let outcome = match (small, rank) {
        (true, ..=8) => run::<i64, 8>(&mut sides, window, &mut meter),
        (true, ..=16) => run::<i64, 16>(&mut sides, window, &mut meter),
        (true, _) => run::<i64, INLINE>(&mut sides, window, &mut meter),
        (false, _) => run::<i128, INLINE>(&mut sides, window, &mut meter),
    };
    let outcome = outcome
        .or_else(|| run::<i128, MANY>(&mut sides, window, &mut meter))
        .unwrap_or_else(|| odometer::decide(&mut sides, window, &mut meter));
    match outcome {
        Outcome::Found => Sharing::Shared { first: (), second: () },
        Outcome::Nothing => Sharing::Disjoint,
        Outcome::OutOfSteps => Sharing::Undecided,
    }
}

/// The state of the reduction: as in `unique`, but ranges and window are not
/// symmetric, and nothing is excluded.
struct Problem<I, const CAP: usize> {
    /// Ascending by coefficient; `absorbed` first, then live up to `end`. The
    /// number of a variable is its stride in bytes.
    vars: [Var<I>; CAP],
    /// For each absorbed variable, the window (in bytes) before it was absorbed.
    inner: [Window<I>; CAP],
    absorbed: usize,
    end: usize,
    window: Window<I>,
    scale: I,
}

/// `None` when there are more than `CAP` distinct strides.
///
/// Kept apart from its caller: the scratch space of the large ones would be paid
/// for by every call.
#[inline(never)]
fn run<I: Int, const CAP: usize>(
    sides: &mut Sides<'_, '_>,
    window: Window<i128>,
    meter: &mut Meter,
) -> Option<Outcome> {
    let window = Window { low: I::nearest(window.low), high: I::nearest(window.high) };
    let mut problem = Problem::<I, CAP> {
        vars: [Var::new(I::ONE, I::ZERO, I::ZERO, 0); CAP],
        inner: [window; CAP],
        absorbed: 0,
        end: 0,
        window,
        scale: I::ONE,
    };
    for (stride, last, forward) in axes(sides.a, sides.b) {
        problem.insert(stride, last, forward)?;
    }
    let mut values = [I::ZERO; CAP];
    let outcome = problem.solve(meter, &mut values);
    if outcome == Outcome::Found {
        problem.recover(&mut values);
        for (var, value) in problem.vars.iter().zip(&values).take(problem.end) {
            sides.distribute(to_u64(var.id), value.exact());
        }
    }
    Some(outcome)
}

impl<I: Int, const CAP: usize> Problem<I, CAP> {
    /// Adds an axis to the variable with its stride, or a new one in its place.
    fn insert(&mut self, stride: u64, last: u64, forward: bool) -> Option<()> {
        let coefficient = I::from_count(stride);
        let vars = self.vars.get(..self.end)?;
        let place = vars.iter().take_while(|var| var.coefficient < coefficient).count();
        if vars.get(place).is_none_or(|var| var.coefficient != coefficient) {
            self.end = self.end.checked_add(1)?;
            let mut carry = Var::new(coefficient, I::ZERO, I::ZERO, to_usize(stride));
            // Everything from its place on moves up by one.
            for var in self.vars.get_mut(place..self.end)? {
                core::mem::swap(var, &mut carry);
            }
        }
        let var = self.vars.get_mut(place)?;
        // Longer sums are never needed: see `REACH_CAP`.
        if forward {
            var.high = var.high.plus(I::from_count(last)).at_most(coefficient);
        } else {
            let mirrored = I::from_count(last).minus(var.low).at_most(coefficient);
            var.low = I::ZERO.minus(mirrored);
        }
        Some(())
    }

    fn live(&mut self) -> &mut [Var<I>] {
        self.vars.get_mut(self.absorbed..self.end).unwrap_or_default()
    }

    fn solve(&mut self, meter: &mut Meter, values: &mut [I; CAP]) -> Outcome {
        loop {
            match self.absorb() {
                None => return Outcome::Nothing,
                Some(true) if !self.feasible() => return Outcome::Nothing,
                _ => {}
            }
            match self.divide() {
                None => return Outcome::Nothing,
                Some(true) => {}
                Some(false) => break,
            }
        }
        let window = self.window;
        let (absorbed, end) = (self.absorbed, self.end);
        let Some(found) = values.get_mut(absorbed..end) else {
            return Outcome::Nothing;
        };
        solve::<I, CAP>(Question::Hit, self.live(), window, found, meter)
    }

    /// Divides by the common divisor, if there is one. `None` when the window
    /// holds no multiple.
    fn divide(&mut self) -> Option<bool> {
        let mut divisor = 0;
        for var in self.live() {
            divisor = gcd(divisor, var.magnitude());
            if divisor == 1 {
                return Some(false);
            }
        }
        if divisor == 0 {
            return Some(false);
        }
        let divisor = I::from_count(divisor);
        for var in self.live() {
            var.coefficient = var.coefficient.div_down(divisor);
        }
        self.window.low = self.window.low.div_up(divisor);
        self.window.high = self.window.high.div_down(divisor);
        self.scale = self.scale.times(divisor);
        (self.window.low <= self.window.high).then_some(true)
    }

    /// Whether the extremes of the live sums leave the window a chance.
    fn feasible(&mut self) -> bool {
        let (mut low, mut high) = (I::ZERO, I::ZERO);
        for var in self.live() {
            low = low.plus(var.coefficient.times(var.low));
            high = high.plus(var.coefficient.times(var.high));
        }
        self.window.low <= high && low <= self.window.high
    }

    /// A stride not above the number of sums in the window leaves no gap:
    /// drops it and widens the window. `None` when nothing can be in the window.
    fn absorb(&mut self) -> Option<bool> {
        let mut again = false;
        while let Some(var) = self.live().first().copied() {
            if var.coefficient > self.window.width().plus(I::ONE) {
                break;
            }
            if let Some(inner) = self.inner.get_mut(self.absorbed) {
                inner.low = self.window.low.times(self.scale);
                inner.high = self.window.high.times(self.scale);
            }
            let up = Window { low: self.window.low, high: self.window.high };
            let low = up.low.minus(var.coefficient.times(var.high));
            let high = up.high.minus(var.coefficient.times(var.low));
            self.window = Window { low, high }.shifted(I::ZERO)?;
            self.absorbed = self.absorbed.wrapping_add(1); // below `end`
            again = true;
        }
        Some(again)
    }

    /// Values for the absorbed variables, from the last: each just brings the sum
    /// into the window there was before it.
    fn recover(&self, values: &mut [I; CAP]) {
        let stride = |var: &Var<I>| I::from_count(to_u64(var.id));
        let (absorbed, live) = self.vars.split_at_checked(self.absorbed).unwrap_or_default();
        let Some((absorbed_values, live_values)) = values.split_at_mut_checked(self.absorbed)
        else {
            return;
        };
        let live_len = self.end.wrapping_sub(self.absorbed); // absorbed <= end
        let mut sum = I::ZERO;
        for (var, &value) in live.iter().zip(&*live_values).take(live_len) {
            // Exact, though wrapping: the final value is in the window.
            sum = sum.plus_product(stride(var), value);
        }
        let known = absorbed.iter().zip(&self.inner).zip(absorbed_values);
        for ((var, inner), value) in known.rev() {
            let missing = inner.low.minus(sum).div_up(stride(var));
            *value = missing.max(var.low);
            sum = sum.plus_product(stride(var), *value);
        }
    }
}

/// Both views and where their indices go.
pub(super) struct Sides<'a, 'o> {
    pub a: Bytes<'a>,
    pub b: Bytes<'a>,
    pub first: &'o mut [usize],
    pub second: &'o mut [usize],
}

impl Sides<'_, '_> {
    /// Hands the value of a merged variable out to the axes it stands for.
    fn distribute(&mut self, stride: u64, value: i128) {
        let mut left = value;
        if left == 0 {
            return;
        }
        for (view, index, forward) in
            [(self.a, &mut *self.first, true), (self.b, &mut *self.second, false)]
        {
            for ((&size, &s), slot) in view.shape.iter().zip(view.strides).zip(index) {
                if size < 2 || to_u64(s.unsigned_abs()) != stride {
                    continue;
                }
                let sign = if (s > 0) == forward { 1_i128 } else { -1 };
                // Positive when this axis moves the sum the right way.
                let wanted = left.wrapping_mul(sign); // sign is ±1
                let taken = wanted.clamp(0, i128::from(to_u64(size)).wrapping_sub(1));
                *slot = to_usize(u64::try_from(taken).unwrap_or(0));
                left = left.wrapping_sub(taken.wrapping_mul(sign)); // towards 0
            }
        }
    }
}
