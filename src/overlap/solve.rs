//! Which method, in which order of the variables, and for how long.

use core::num::Saturating;

use super::int::{Int, ONE, ZERO, div_down, gcd};
use super::search::{Level, Meter, Outcome, Var, Window, descend};
#[cfg(feature = "alloc")]
use super::sumset::Table;
use crate::error::signed;

/// Steps given to the first order: a table costs more than this to set up.
const TRIAL: u64 = 512;

/// Finds values of `vars` whose sum is in the window, with the method that promises to be cheapest.
/// The values are left in `values`, in the order `vars` have afterwards; they come ascending.
///
/// A short trial takes the variables by size, which finds solutions
/// where they abound. A second one takes them in the order with the fewest values, congruences
/// counted, and lasts about as long as a table of sums takes to make; then the table is made, if
/// memory allows. So the whole is at most about twice the cheaper of both.
pub(super) fn solve<const CAP: usize>(
    vars: &mut [Var],
    window: Window,
    values: &mut [Int],
    meter: &mut Meter,
) -> Outcome {
    vars.reverse();
    let none = Level { var: Var::new(ONE, 0), rest_low: ZERO, rest_high: ZERO, rest_gcd: ZERO };
    let mut scratch = [none; CAP];
    let Some(levels) = scratch.get_mut(..vars.len()) else { return Outcome::OutOfSteps };
    fill(levels, vars);
    let mut outcome = meter.lend(TRIAL, |meter| descend(levels, window, values, meter));
    if outcome != Outcome::OutOfSteps {
        return outcome;
    }
    arrange(vars, window);
    fill(levels, vars);
    #[cfg(feature = "alloc")]
    if let Some(table) = Table::new(vars, window) {
        outcome = meter.lend(table.cost(), |meter| descend(levels, window, values, meter));
        if outcome == Outcome::OutOfSteps && meter.spend(table.cost()) {
            outcome = table.hit(vars, values);
        }
    }
    if outcome == Outcome::OutOfSteps {
        outcome = descend(levels, window, values, meter);
    }
    outcome
}

/// The common divisor of the coefficients; 0 without any.
pub(super) fn divisor_of<'a>(vars: impl Iterator<Item = &'a Var>) -> Int {
    Saturating(signed(vars.fold(0, |sum, var| gcd(sum, var.coefficient.0.unsigned_abs()))))
}

/// Fills in the levels, from the last variable backwards.
fn fill(levels: &mut [Level], vars: &[Var]) {
    let (mut rest_low, mut rest_high, mut rest_gcd) = (ZERO, ZERO, ZERO);
    for (level, &var) in levels.iter_mut().zip(vars).rev() {
        *level = Level { var, rest_low, rest_high, rest_gcd };
        rest_low += var.coefficient * var.low;
        rest_high += var.coefficient * var.high;
        rest_gcd = divisor_of([&Var::new(rest_gcd, 0), &var].into_iter());
    }
}

/// More variables than this stay in the order of their size: to compare all with all, each time
/// with the divisor of all others, would take longer than any budget says.
const ARRANGED: usize = 32;

/// Puts the variables in the order with the fewest values at each place, congruences counted.
fn arrange(vars: &mut [Var], window: Window) {
    if vars.len() > ARRANGED {
        return;
    }
    for start in 0..vars.len().saturating_sub(2) {
        let Some(open) = vars.get_mut(start..) else { return };
        let fewest = (0..open.len()).min_by_key(|&place| branching(open, place, window));
        open.swap(0, fewest.unwrap_or(0));
    }
}

/// About how many values of `open[place]` survive when it is taken first.
fn branching(open: &[Var], place: usize, window: Window) -> Int {
    let Some(var) = open.get(place) else { return ZERO };
    let others =
        || open.iter().enumerate().filter(|&(other, _)| other != place).map(|(_, var)| var);
    let spread = others().fold(window.width(), |sum, other| sum + other.spread());
    let divisor = divisor_of(others());
    let more = (var.high - var.low).min(div_down(spread, var.coefficient));
    // Of `period` residues, about `hits` are near enough to a multiple.
    let shared = divisor_of([&Var::new(divisor, 0), var].into_iter());
    let (period, hits) = (div_down(divisor, shared), div_down(window.width(), shared) + ONE);
    ONE + if hits < period { div_down(more, period) * hits } else { more }
}
