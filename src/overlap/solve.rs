//! Which method, in which order of the variables, and for how long.

use super::int::{Int, gcd, inverse};
use super::search::{Level, Meter, Outcome, Var, Window, branch, descend, pair};
#[cfg(feature = "alloc")]
use super::sumset;

/// What is asked of the variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Values whose sum is in the window.
    Hit,
    /// The same, not all 0. Ranges and window are symmetric, and no
    /// coefficient is in the window.
    Distinct,
}

/// Steps given to the first order: tables cost more than this to set up.
const START: u64 = 32;

/// Decides, with the method that promises to be cheapest. The values found are
/// left in `values`, in the order `vars` have afterwards; they come ascending.
///
/// A short trial takes the variables by size, which finds solutions
/// where they abound. A second one counts congruences and lasts
/// about as long as a table of sums takes to make; then the table is made, if
/// memory allows. So the whole is at most about twice the cheaper of both.
pub(super) fn solve<I: Int, const CAP: usize>(
    question: Question,
    vars: &mut [Var<I>],
    window: Window<I>,
    values: &mut [I],
    meter: &mut Meter,
) -> Outcome {
    vars.reverse();
    if let ([x, y], [x_value, y_value]) = (&*vars, &mut *values) {
        let x = match question {
            Question::Hit => *x,
            Question::Distinct => Var { low: I::ONE, ..*x },
        };
        return match pair(&Level::new(x), &Level::new(*y), window) {
            None => Outcome::Nothing,
            Some(found) => {
                (*x_value, *y_value) = found;
                Outcome::Found
            }
        };
    }
    let mut scratch = [Level::new(Var::new(I::ONE, I::ZERO, I::ZERO, 0)); CAP];
    let Some(levels) = scratch.get_mut(..vars.len()) else {
        return Outcome::OutOfSteps;
    };
    fill(levels, vars, window, false);
    let patience = if abundant(vars, window) { PATIENT } else { START };
    let outcome = question.trial(patience, levels, window, values, meter);
    if outcome != Outcome::OutOfSteps {
        return outcome;
    }
    arrange(vars, window);
    fill(levels, vars, window, true);
    #[cfg(feature = "alloc")]
    if let Some(cost) = question.cost(vars, window) {
        let outcome = question.trial(cost, levels, window, values, meter);
        if outcome != Outcome::OutOfSteps {
            return outcome;
        }
        if !meter.spend(cost) {
            return Outcome::OutOfSteps;
        }
        let outcome = question.table(vars, window, values);
        if outcome != Outcome::OutOfSteps {
            return outcome;
        }
    }
    question.search(levels, window, values, meter)
}

/// Steps given to it when there should be many solutions.
const PATIENT: u64 = 512;

/// Whether there are many more choices of values than sums to spread them over.
fn abundant<I: Int>(vars: &[Var<I>], window: Window<I>) -> bool {
    let mut choices = window.width().count().saturating_add(1);
    let mut sums = 1_u64;
    for var in vars {
        let values = var.high.minus(var.low).count().saturating_add(1);
        choices = choices.saturating_mul(values);
        sums = sums.saturating_add(var.spread().count());
    }
    choices.checked_div(sums).is_some_and(|each| each >= 16)
}

impl Question {
    /// Searches with at most so many steps.
    fn trial<I: Int>(
        self,
        steps: u64,
        levels: &[Level<I>],
        window: Window<I>,
        values: &mut [I],
        meter: &mut Meter,
    ) -> Outcome {
        let granted = steps.min(meter.0);
        let mut trial = Meter(granted);
        let outcome = self.search(levels, window, values, &mut trial);
        // What was granted is there, and unlimited stays so.
        let _ = meter.spend(granted.saturating_sub(trial.0));
        outcome
    }

    fn search<I: Int>(
        self,
        levels: &[Level<I>],
        window: Window<I>,
        values: &mut [I],
        meter: &mut Meter,
    ) -> Outcome {
        match self {
            Self::Hit => descend(levels, window, values, meter),
            Self::Distinct => lead(levels, window, values, meter),
        }
    }

    #[cfg(feature = "alloc")]
    fn cost<I: Int>(self, vars: &[Var<I>], window: Window<I>) -> Option<u64> {
        match self {
            Self::Hit => sumset::hit_cost(vars, window),
            Self::Distinct => sumset::collision_cost(vars, window.high),
        }
    }

    #[cfg(feature = "alloc")]
    fn table<I: Int>(self, vars: &[Var<I>], window: Window<I>, values: &mut [I]) -> Outcome {
        match self {
            Self::Hit => sumset::hit(vars, window, values),
            Self::Distinct => sumset::collision(vars, window.high, values),
        }
    }
}

/// A nonzero point of the box in the window: the first variable that is not
/// zero may be taken positive, because the box and the window are symmetric.
fn lead<I: Int>(
    levels: &[Level<I>],
    window: Window<I>,
    values: &mut [I],
    meter: &mut Meter,
) -> Outcome {
    values.fill(I::ZERO);
    for leader in 0..levels.len() {
        let (Some([x, rest @ ..]), Some(found)) = (levels.get(leader..), values.get_mut(leader..))
        else {
            break;
        };
        let x = Level { var: Var { low: I::ONE, ..x.var }, ..*x };
        // A single variable is left out: live strides are above the window.
        let outcome = match (rest, &mut *found) {
            ([y], [x_value, y_value]) => match pair(&x, y, window) {
                Some(point) => {
                    (*x_value, *y_value) = point;
                    Outcome::Found
                }
                None => Outcome::Nothing,
            },
            ([_, _, ..], [x_value, rest_values @ ..]) => {
                branch(&x, rest, window, x_value, rest_values, meter)
            }
            _ => Outcome::Nothing,
        };
        if outcome != Outcome::Nothing {
            return outcome;
        }
        found.fill(I::ZERO);
    }
    Outcome::Nothing
}

/// More variables than this stay in the order of their size: to compare all with all, each time
/// with the divisor of all others, would take longer than any budget says.
const ARRANGED: usize = 32;

/// Puts the variables in the order with the fewest values at each place,
/// congruences counted.
fn arrange<I: Int>(vars: &mut [Var<I>], window: Window<I>) {
    if vars.len() > ARRANGED {
        return;
    }
    let mut start = 0_usize;
    while let Some(open) = vars.get_mut(start..).filter(|open| open.len() > 2) {
        let mut best = (u64::MAX, 0);
        for candidate in 0..open.len() {
            let nodes = branching(open, candidate, window);
            if nodes < best.0 {
                best = (nodes, candidate);
            }
        }
        open.swap(0, best.1);
        start = start.wrapping_add(1); // below the length
    }
}

/// Finds the inverse that makes last pairs quick, if there will be many.
fn prepare<I: Int>(levels: &mut [Level<I>], window: Window<I>, nodes: u64) {
    if nodes <= FEW || window.low != window.high {
        return;
    }
    let [.., x, y] = levels else { return };
    if y.var.coefficient <= I::nearest(1 << 31) {
        let shared = I::from_count(gcd(x.var.magnitude(), y.var.magnitude()));
        let modulus = y.var.coefficient.div_down(shared);
        x.rest_gcd = shared;
        x.inverse = inverse(x.var.coefficient.div_down(shared).modulo(modulus), modulus);
    }
}

/// Searches with fewer last pairs than this do not repay finding an inverse.
const FEW: u64 = 4;

/// About how many values of `open[candidate]` survive when it is taken first.
fn branching<I: Int>(open: &[Var<I>], candidate: usize, window: Window<I>) -> u64 {
    let mut spread = window.width();
    let mut divisor = 0;
    for (place, var) in open.iter().enumerate() {
        if place != candidate {
            spread = spread.plus(var.spread());
            divisor = gcd(divisor, var.magnitude());
        }
    }
    open.get(candidate).map_or(u64::MAX, |var| values_of(var, spread, divisor, window))
}

fn values_of<I: Int>(var: &Var<I>, spread: I, divisor: u64, window: Window<I>) -> u64 {
    let range = var.high.minus(var.low);
    let values = range.min(spread.div_down(var.coefficient)).count();
    if divisor <= 1 {
        return values.saturating_add(1);
    }
    // Of `period` residues, about `hits` are near enough to a multiple.
    let shared = gcd(var.magnitude(), divisor);
    let period = divisor.checked_div(shared).unwrap_or(1);
    let hits = window.width().count().checked_div(shared).unwrap_or(0).saturating_add(1);
    if hits >= period {
        return values.saturating_add(1);
    }
    values.checked_div(period).unwrap_or(0).saturating_mul(hits).saturating_add(1)
}

/// Fills in the levels, from the last variable backwards.
fn fill<I: Int>(levels: &mut [Level<I>], vars: &[Var<I>], window: Window<I>, sieve: bool) {
    let (mut low, mut high, mut divisor) = (I::ZERO, I::ZERO, 0);
    let mut nodes = 1_u64; // about how many the search visits at most
    for (place, (level, var)) in levels.iter_mut().zip(vars).rev().enumerate() {
        let rest_gcd = if sieve { I::from_count(divisor) } else { I::ONE };
        *level = Level { var: *var, rest_low: low, rest_high: high, rest_gcd, inverse: I::ZERO };
        if place >= 2 {
            let spread = high.minus(low).plus(window.width());
            nodes = nodes.saturating_mul(values_of(var, spread, divisor, window));
        }
        low = low.plus(var.coefficient.times(var.low));
        high = high.plus(var.coefficient.times(var.high));
        if sieve {
            divisor = gcd(divisor, var.magnitude());
        }
    }
    prepare(levels, window, nodes);
}
