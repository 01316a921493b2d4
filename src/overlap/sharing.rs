//! Sharing: an item of one view and an item of another on a common byte.
//!
//! Axes with the same stride magnitude become one variable (those of `a` count forwards, those of
//! `b` backwards, negative strides the other way), whose range always holds 0. What is then looked
//! for is a weighted sum in a window given by the difference of the addresses and the item sizes.

use super::int::{Exact, Int, ONE, ZERO, at_most, int, to_usize};
use super::reduce::Problem;
use super::search::{Meter, Outcome, Var, Window};
use super::solve::solve;
use super::{Budget, Bytes, SMALL, Sharing};
use crate::error::{signed, widen};

/// As many distinct stride magnitudes as are searched. Two accepted views have no more axes of
/// size > 1, because the sizes of each multiply to at most `isize::MAX`.
const MANY: usize = 128;

/// Decides whether two views, each with shape and strides of one length, have a byte in common.
pub(super) fn shares(
    a: Bytes<'_>,
    b: Bytes<'_>,
    budget: Budget,
    first: &mut [usize],
    second: &mut [usize],
) -> Sharing<(), ()> {
    if !extents_meet(a, b) {
        return Sharing::Disjoint;
    }
    let window = window_of(a, b);
    first.fill(0);
    second.fill(0);
    if window.contains(ZERO) {
        return Sharing::Shared { first: (), second: () };
    }
    let mut meter = Meter(budget.0);
    let rank = a.shape.len().saturating_add(b.shape.len());
    let outcome = if rank <= SMALL {
        decide::<SMALL>([(a, first), (b, second)], window, &mut meter)
    } else {
        decide::<MANY>([(a, first), (b, second)], window, &mut meter)
    };
    match outcome {
        Some(Outcome::Found) => Sharing::Shared { first: (), second: () },
        Some(Outcome::Nothing) => Sharing::Disjoint,
        Some(Outcome::OutOfSteps) | None => Sharing::Undecided,
    }
}

/// Lowest byte and one past the highest, over the integers; `None` if no byte.
fn extent(view: Bytes<'_>) -> Option<(Exact, Exact)> {
    if view.itemsize == 0 || view.shape.contains(&0) {
        return None;
    }
    let mut low = Exact::new(signed(widen(view.address)));
    let mut high = low;
    high.add(signed(widen(view.itemsize)));
    for (&size, &stride) in view.shape.iter().zip(view.strides) {
        let side = if stride < 0 { &mut low } else { &mut high };
        side.add_product(signed(widen(size.saturating_sub(1))), stride);
    }
    Some((low, high))
}

/// Quick test by extent only: `false` means that no byte is shared, `true` that the
/// intervals of bytes meet.
///
/// Exact over the integers. `true` when the slices of a view differ in length, because then nothing
/// is known. Does not panic. (Specification, section Overlap of two views.)
#[must_use]
pub fn may_share_memory(a: Bytes<'_>, b: Bytes<'_>) -> bool {
    a.rank().is_none() || b.rank().is_none() || extents_meet(a, b)
}

fn extents_meet(a: Bytes<'_>, b: Bytes<'_>) -> bool {
    match (extent(a), extent(b)) {
        (Some((a_low, a_high)), Some((b_low, b_high))) => a_low < b_high && b_low < a_high,
        _ => false,
    }
}

/// Checks a witness of sharing: both indices are valid and their items have a byte in common.
///
/// O(rank), and independent of the search. `false` when slices differ in length. Does not panic.
#[must_use]
pub fn meets(a: Bytes<'_>, b: Bytes<'_>, first: &[usize], second: &[usize]) -> bool {
    // a's item starts `distance` bytes above b's.
    let mut distance = Exact::new((int(a.address) - int(b.address)).0);
    for (view, index, sign) in [(a, first, 1_i128), (b, second, -1)] {
        if view.rank() != Some(index.len()) {
            return false;
        }
        for ((&size, &stride), &i) in view.shape.iter().zip(view.strides).zip(index) {
            if i >= size {
                return false;
            }
            distance.add_product(signed(widen(i)).wrapping_mul(sign), stride);
        }
    }
    let Exact { wraps, sum } = distance;
    let (above, below) = (signed(widen(b.itemsize)), signed(widen(a.itemsize)));
    above > 0 && below > 0 && wraps == 0 && -below < sum && sum < above
}

/// Every axis that matters: stride magnitude, highest index, and whether the
/// index adds to the sum or takes away.
fn axes<'a>(a: Bytes<'a>, b: Bytes<'a>) -> impl Iterator<Item = (usize, usize, bool)> {
    let side = |view: Bytes<'a>, forward: bool| {
        let axes = view.shape.iter().zip(view.strides);
        axes.filter(|&(&size, &stride)| size > 1 && stride != 0).map(move |(&size, &stride)| {
            (stride.unsigned_abs(), size.saturating_sub(1), (stride > 0) == forward)
        })
    };
    side(a, true).chain(side(b, false))
}

/// Sums of strides for which an item of `a` and one of `b` have a byte in common.
fn window_of(a: Bytes<'_>, b: Bytes<'_>) -> Window {
    // Item addresses differ by `sum + distance`; that must be above
    // -a.itemsize and below b.itemsize.
    let distance = int(a.address) - int(b.address);
    Window { low: ONE - int(a.itemsize) - distance, high: int(b.itemsize) - ONE - distance }
}

/// Decides for two views, each with the place for its index; `None` when there are more than `CAP`
/// distinct strides.
///
/// Kept apart from its caller: the scratch space of the large ones would be paid for by every call.
#[inline(never)]
fn decide<const CAP: usize>(
    views: [(Bytes<'_>, &mut [usize]); 2],
    window: Window,
    meter: &mut Meter,
) -> Option<Outcome> {
    let mut problem = Problem::<CAP>::new(window);
    let [(a, _), (b, _)] = &views;
    for (stride, last, forward) in axes(*a, *b) {
        let coefficient = int(stride);
        let place = problem.live().partition_point(|var| var.coefficient < coefficient);
        if problem.live().get(place).is_none_or(|var| var.coefficient != coefficient) {
            problem.insert(Var::new(coefficient, stride))?;
        }
        let var = problem.live().get_mut(place)?;
        if forward {
            var.high = at_most(var.high + int(last), coefficient);
        } else {
            var.low = -at_most(int(last) - var.low, coefficient);
        }
    }
    let mut values = [ZERO; CAP];
    let outcome = search(&mut problem, meter, &mut values);
    if outcome == Outcome::Found {
        problem.recover(&mut values);
        for ((view, index), forward) in views.into_iter().zip([true, false]) {
            for ((&size, &stride), slot) in view.shape.iter().zip(view.strides).zip(index) {
                let mut known = problem.vars.iter().zip(&mut values).take(problem.end);
                let merged = known.find(|(var, _)| size > 1 && var.id == stride.unsigned_abs());
                // The value of a merged variable is handed out to the axes it stands for.
                let Some((_, left)) = merged else { continue };
                let sign = if (stride > 0) == forward { ONE } else { -ONE };
                // Positive when this axis moves the sum the right way.
                let taken = (*left * sign).clamp(ZERO, int(size) - ONE);
                *slot = to_usize(taken);
                *left -= taken * sign; // towards 0
            }
        }
    }
    Some(outcome)
}

fn search<const CAP: usize>(
    problem: &mut Problem<CAP>,
    meter: &mut Meter,
    values: &mut [Int; CAP],
) -> Outcome {
    loop {
        while problem.absorb() {}
        let divided = problem.divide();
        // Whether the extremes of the live sums leave the window a chance.
        let window = problem.window;
        let extremes = problem.live().iter().fold((ZERO, ZERO), |(low, high), var| {
            (low + var.coefficient * var.low, high + var.coefficient * var.high)
        });
        if window.low > window.high || window.low > extremes.1 || extremes.0 > window.high {
            return Outcome::Nothing;
        }
        if !divided {
            break;
        }
    }
    let (absorbed, window) = (problem.absorbed, problem.window);
    let Some(found) = values.get_mut(absorbed..problem.end) else { return Outcome::Nothing };
    solve::<CAP>(problem.live(), window, found, meter)
}
