//! Tables of all sums: always decide, in time linear in the extent.
//!
//! One bit a unit, so the memory is an eighth of the extent in bytes, less than
//! the buffer the view lives in.

use alloc::vec::Vec;
use core::num::Saturating;

use super::int::Int;
use super::search::{Outcome, Var, Window};
use super::sums;

/// Sums beyond this are not tabulated (512 MiB a set); the search decides.
const MOST_BITS: u128 = 1 << 32;

/// Words one table pass handles in the time of one search step.
const WORDS_A_STEP: u64 = 64;

/// What allocating and starting costs, in search steps.
const START: u64 = 16;

/// One axis of a table: `0..=last` steps of `stride`.
#[derive(Clone, Copy)]
struct Step {
    stride: u128,
    last: u128,
}

/// A sum of variables in a window, with every variable counted from its lowest value.
pub(super) struct Table {
    /// The window, as an axis of stride 1, and the variables.
    steps: Vec<Step>,
    /// The sum that is looked for.
    goal: u128,
    /// The largest sum.
    top: u128,
}

impl Table {
    /// `None` when the sums are too large to tabulate.
    pub(super) fn new(vars: &[Var], window: Window) -> Option<Self> {
        let unsigned = |value: Int| u128::try_from(value.0).ok();
        let mut steps = alloc::vec![Step { stride: 1, last: unsigned(window.width())? }];
        // From x to x - low: Σ c (x - low) + (0..=width) = high - Σ c·low.
        let mut goal = window.high;
        for var in vars {
            goal -= var.coefficient * var.low;
            steps.push(Step {
                stride: unsigned(var.coefficient)?,
                last: unsigned(var.high - var.low)?,
            });
        }
        let top = steps.iter().try_fold(0u128, |top, step| {
            top.checked_add(step.stride.checked_mul(step.last)?).filter(|&top| top < MOST_BITS)
        })?;
        Some(Self { steps, goal: unsigned(goal)?, top })
    }

    /// All sums of the first `len` axes.
    fn sums(&self, len: usize) -> Option<Vec<u64>> {
        let steps = self.steps.get(..len)?;
        let mut set = sums::empty(steps.iter().map(|step| step.stride * step.last).sum())?;
        *set.first_mut()? = 1;
        let add = |reach, step: &Step| sums::add_axis(&mut set, reach, step.stride, step.last);
        steps.iter().try_fold(0, add)?;
        Some(set)
    }

    /// What [`hit`](Self::hit) costs in search steps.
    pub(super) fn cost(&self) -> u64 {
        let words = u64::try_from(self.top / 64).unwrap_or(u64::MAX).saturating_add(1);
        let digits = |step: &Step| u64::from(u128::BITS.saturating_sub(step.last.leading_zeros()));
        let passes = self.steps.iter().map(digits).sum::<u64>().saturating_mul(2);
        (words.saturating_mul(passes) / WORDS_A_STEP).saturating_add(START)
    }

    /// Finds values of the variables whose sum is in the window. `OutOfSteps` when memory does not
    /// allow.
    pub(super) fn hit(&self, vars: &[Var], values: &mut [Int]) -> Outcome {
        match self.decide(vars, values) {
            Some(true) => Outcome::Found,
            Some(false) => Outcome::Nothing,
            None => Outcome::OutOfSteps,
        }
    }

    fn decide(&self, vars: &[Var], values: &mut [Int]) -> Option<bool> {
        let mut left = self.goal;
        if !sums::contains(&self.sums(self.steps.len())?, left) {
            return Some(false);
        }
        // One variable after the other from the last: the sums of what comes before tell which
        // value can be completed.
        for ((place, var), value) in vars.iter().enumerate().zip(values).rev() {
            let before = place.checked_add(1)?;
            let (step, sums) = (self.steps.get(before)?, self.sums(before)?);
            *value = var.low;
            while !sums::contains(&sums, left) {
                left = left.checked_sub(step.stride)?;
                *value += Saturating(1);
            }
        }
        Some(true)
    }
}
