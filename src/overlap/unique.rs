//! Uniqueness: two distinct index tuples on overlapping items, or a proof of none.
//!
//! Works on differences: tuples `i != j` collide exactly if `d = j - i` has `|d_k| < shape_k`, is
//! not zero, and `|Σ d_k s_k| < itemsize`. The signs of the strides are put back at the end.

use super::certificate;
use super::int::{Exact, Int, ONE, ZERO, div_down, first_hit, int, modulo, to_usize};
use super::reason::{Bare, Reason};
use super::reduce::Problem;
use super::search::{Meter, Outcome, Var, Window};
use super::solve::{divisor_of, solve};
use super::{Budget, Uniqueness};
use crate::error::{signed, widen};

/// As many axes as a unique view can have, and a few more.
///
/// **More axes of size > 1 than this are never needed.** The `2^70` index tuples that use only the
/// indices 0 and 1 of 70 axes have addresses `Σ b_k |s_k|` with `|s_k| <= 2^63`, so in
/// `0..=70·2^63`; that is fewer than `2^70 = 128·2^63` values, and two tuples must collide. (69
/// axes are not enough for the argument: `69·2^63 > 2^69`.) So a layout with 70 or more such axes
/// is aliased, and *any* 70 of them hold a colliding pair.
pub(super) const MOST: usize = 70;

/// As many steps as are always spent before axes without a reason are checked.
const TRIAL: u64 = 512;

/// Checks of as many steps are made without a search.
const GUESS: u64 = 128;

/// The differences of two indices, which collide when their sum is in the window.
///
/// The caller passes a `CAP` of at least the rank, or [`MOST`].
fn differences<const CAP: usize>(layout: Bare<'_>) -> Problem<CAP> {
    let window = int(layout.itemsize) - ONE;
    let mut problem = Problem::new(Window { low: -window, high: window });
    for (id, (&size, &stride)) in layout.shape.iter().zip(layout.strides).enumerate() {
        if size > 1 {
            let coefficient = int(stride.unsigned_abs());
            // At most 2^64 - 1, times at most 2^63: below `REACH_CAP`.
            let high = int(size) - ONE;
            // What finds no room is not needed: the smallest strides are kept.
            if problem.end == CAP
                && problem.live().last().is_some_and(|var| coefficient < var.coefficient)
            {
                problem.end = problem.end.saturating_sub(1);
            }
            let _ = problem.insert(Var { coefficient, low: -high, high, id });
        }
    }
    problem
}

/// Whether each stride exceeds what an item and the axes of smaller strides reach; also when there
/// is nothing to collide.
///
/// Nested strides at least double, so [`MOST`] of them cannot be nested, and that some are left out
/// beyond that changes nothing.
pub(super) fn is_nested<const CAP: usize>(layout: Bare<'_>) -> bool {
    nests(&differences::<CAP>(layout), layout)
}

fn nests<const CAP: usize>(problem: &Problem<CAP>, layout: Bare<'_>) -> bool {
    let mut reason = Reason::<CAP>::new();
    problem.vars.iter().take(problem.end).for_each(|var| reason.push(var.id, 0));
    reason.holds(layout.shape, layout.strides, layout.itemsize)
}

/// Decides a layout that is not nested as listed.
///
/// What the search finds is checked: a layout is unique only if [`certificate`](super::certificate)
/// accepts the reason, and aliased only if the two indices really collide.
#[cold]
#[inline(never)]
pub(super) fn decide<const CAP: usize>(
    layout: Bare<'_>,
    budget: Budget,
    first: &mut [usize],
    second: &mut [usize],
) -> Uniqueness<()> {
    let Bare { shape, strides, itemsize } = layout;
    let (mut meter, mut reason) = (Meter(budget.0), Reason::<CAP>::new());
    let mut problem = differences::<CAP>(layout);
    if nests(&problem, layout) {
        return Uniqueness::Unique;
    }
    let mut values = [ZERO; CAP];
    if guess::<CAP>(layout, problem.live()) {
        return Uniqueness::Unique;
    }
    let outcome = match reduce(&mut problem, &mut reason, &mut values) {
        Some(Outcome::Nothing) if reason.holds(shape, strides, itemsize) => {
            return Uniqueness::Unique;
        }
        Some(outcome) => outcome,
        None => {
            let live = problem.live();
            live.iter().for_each(|var| reason.push(var.id, 0));
            let rest = reason.unexplained(layout, live.len());
            // The search first takes as long as the check.
            let steps = rest.as_ref().map_or(u64::MAX, |rest| rest.steps.max(TRIAL));
            let trial = meter.lend(steps, |meter| search(&mut problem, &mut values, meter));
            if trial != Outcome::Found
                && rest.is_some_and(|rest| {
                    meter.spend(rest.steps) && reason.holds_with(layout, &rest) == Some(true)
                })
            {
                return Uniqueness::Unique;
            }
            match trial {
                Outcome::OutOfSteps => search(&mut problem, &mut values, &mut meter),
                trial => trial,
            }
        }
    };
    if outcome != Outcome::Found {
        return Uniqueness::Undecided;
    }
    problem.recover(&mut values);
    first.fill(0);
    second.fill(0);
    for (var, &d) in problem.vars.iter().zip(&values).take(problem.end) {
        // `d` is for stride magnitudes: a negative stride turns it round.
        let forward = (d > ZERO) == (strides.get(var.id).is_some_and(|&stride| stride >= 0));
        let side = if forward { &mut *second } else { &mut *first };
        if let Some(index) = side.get_mut(var.id) {
            *index = to_usize(d.max(-d));
        }
    }
    if collides(shape, strides, itemsize, first, second) {
        Uniqueness::Aliased { first: (), second: () }
    } else {
        Uniqueness::Undecided
    }
}

/// Whether the obvious reason holds: of two axes, one is separate from the multiples of the other;
/// of more, few differences are tried. `false` says nothing.
fn guess<const CAP: usize>(layout: Bare<'_>, vars: &[Var]) -> bool {
    let Bare { shape, strides, itemsize } = layout;
    if let [inner, outer] = vars {
        let separate = |one: &Var, other: &Var| {
            let divisor = to_usize(other.coefficient);
            certificate::holds(shape, strides, itemsize, &[one.id, other.id], &[divisor, 0], &[])
        };
        return separate(outer, inner) || separate(inner, outer);
    }
    let mut reason = Reason::<CAP>::new();
    vars.iter().for_each(|var| reason.push(var.id, 0));
    reason
        .unexplained(layout, vars.len())
        .is_some_and(|rest| rest.steps <= GUESS && reason.holds_with(layout, &rest) == Some(true))
}

/// Simplifies exactly until all is decided or nothing changes; `None` leaves two live axes or more.
/// Axes that are done with go into the reason, each with the divisor that gives it.
fn reduce<const CAP: usize>(
    problem: &mut Problem<CAP>,
    reason: &mut Reason<CAP>,
    values: &mut [Int; CAP],
) -> Option<Outcome> {
    loop {
        let before = (problem.absorbed, problem.end);
        problem.divide();
        loop {
            let Some(&var) = problem.live().first() else { return Some(Outcome::Nothing) };
            if var.coefficient <= problem.window.high {
                // One step along this axis is made up for by what is covered.
                *values.get_mut(problem.absorbed)? = ONE;
                return Some(Outcome::Found);
            }
            if !problem.absorb() {
                break;
            }
            reason.push(var.id, 0);
        }
        sift(problem, reason);
        if (problem.absorbed, problem.end) == before {
            return None;
        }
    }
}

/// Drops the first axis, from the largest, none of whose multiples that the reach of the others can
/// make up for is near enough to a multiple of their common divisor.
///
/// Of two axes this decides: if neither is dropped, two indices collide.
fn sift<const CAP: usize>(problem: &mut Problem<CAP>, reason: &mut Reason<CAP>) {
    let (window, scale) = (problem.window.high, problem.scale);
    let both = window + window;
    for place in (0..problem.live().len()).rev() {
        let live = problem.live();
        let Some(&var) = live.get(place) else { return };
        let c = var.coefficient;
        let others =
            || live.iter().enumerate().filter(|&(other, _)| other != place).map(|(_, var)| var);
        let reach = others().fold(window, |reach, var| reach + var.coefficient * var.high);
        let divisor = divisor_of(others());
        // The check of the reason makes no use of what exceeds 64 bits.
        let bounded = reach * scale < int(usize::MAX);
        let limit = if bounded { var.high.min(div_down(reach, c)) } else { var.high };
        // c·d + window in 0..=2·window modulo the divisor, first d >= 1.
        let start = window - modulo(c, divisor);
        if limit < ONE
            || divisor > both + ONE && first_hit(start, c, divisor, both, limit - ONE).is_none()
        {
            problem.drop_live(place);
            reason.push(var.id, to_usize(divisor * scale));
            return;
        }
    }
}

/// Values of the live axes, not all 0, whose sum is in the window. The largest stride that takes
/// part may be walked forwards, because ranges and window are symmetric.
fn search<const CAP: usize>(
    problem: &mut Problem<CAP>,
    values: &mut [Int; CAP],
    meter: &mut Meter,
) -> Outcome {
    let (absorbed, window) = (problem.absorbed, problem.window);
    for leader in (absorbed..problem.end).rev() {
        let mut vars = problem.vars;
        let (Some(part), Some(found)) =
            (vars.get_mut(absorbed..=leader), values.get_mut(absorbed..=leader))
        else {
            break;
        };
        if let Some(leader) = part.last_mut() {
            leader.low = ONE;
        }
        let outcome = solve::<CAP>(part, window, found, meter);
        if outcome == Outcome::Found {
            (problem.vars, problem.end) = (vars, leader.saturating_add(1));
        }
        if outcome != Outcome::Nothing {
            return outcome;
        }
    }
    Outcome::Nothing
}

/// Checks a witness: `first` and `second` are valid, distinct, and their items share a unit.
///
/// Strides and `itemsize` are in the same units. O(rank), and independent of the search: this, not
/// the search, is what a refusal stands on. `false` when slices differ in length. Does not panic.
#[must_use]
pub fn collides(
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
    let mut distance = Exact::new(0);
    for (((&size, &stride), &i), &j) in shape.iter().zip(strides).zip(first).zip(second) {
        if i >= size || j >= size {
            return false;
        }
        distance.add_product(signed(widen(j)).wrapping_sub(signed(widen(i))), stride);
    }
    distance.wraps == 0 && distance.sum.unsigned_abs() < widen(itemsize)
}
