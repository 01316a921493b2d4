//! The reductions that both questions share: strides that leave no gap widen the window, and common
//! divisors are cancelled.

use core::num::Saturating;

use super::int::{Int, ONE, div_down, div_up};
use super::search::{Var, Window};
use super::solve::divisor_of;

/// A sum of variables that has to be in a window.
///
/// Variables move through three states: *live* ones are still to be searched; *absorbed* ones are
/// so dense that their sums cover an interval without gaps and just widen the window; and *dropped*
/// ones were shown to be 0.
pub(super) struct Problem<const CAP: usize> {
    /// The absorbed ones, whose coefficients are strides; then the live ones up to `end`, by
    /// ascending coefficient, in multiples of `scale`.
    pub vars: [Var; CAP],
    /// For each absorbed variable, the window before it was absorbed, in the units of strides.
    inner: [Window; CAP],
    pub absorbed: usize,
    pub end: usize,
    pub window: Window,
    pub scale: Int,
}

impl<const CAP: usize> Problem<CAP> {
    pub(super) fn new(window: Window) -> Self {
        let vars = [Var::new(ONE, 0); CAP];
        Self { vars, inner: [window; CAP], absorbed: 0, end: 0, window, scale: ONE }
    }

    pub(super) fn live(&mut self) -> &mut [Var] {
        self.vars.get_mut(self.absorbed..self.end).unwrap_or_default()
    }

    /// Puts a variable in its place; `None` without room.
    pub(super) fn insert(&mut self, var: Var) -> Option<()> {
        let place = self.live().partition_point(|other| other.coefficient <= var.coefficient);
        let end = self.end.checked_add(1)?;
        let moved = self.vars.get_mut(place..end)?;
        moved.rotate_right(1);
        *moved.first_mut()? = var;
        self.end = end;
        Some(())
    }

    /// Takes out a live variable.
    pub(super) fn drop_live(&mut self, place: usize) {
        if let Some(tail) = self.live().get_mut(place..) {
            tail.rotate_left(1);
        }
        self.end = self.end.saturating_sub(1);
    }

    /// Divides everything by the common divisor of the live coefficients, if there is one.
    pub(super) fn divide(&mut self) -> bool {
        let divisor = divisor_of(self.live().iter());
        if divisor <= ONE {
            return false;
        }
        for var in self.live() {
            var.coefficient = div_down(var.coefficient, divisor);
        }
        self.window.low = div_up(self.window.low, divisor);
        self.window.high = div_down(self.window.high, divisor);
        self.scale *= divisor;
        true
    }

    /// Absorbs the smallest live variable, if its coefficient is at most the number of sums in the
    /// window.
    pub(super) fn absorb(&mut self) -> bool {
        let (window, scale) = (self.window, self.scale);
        let Some(var) = self.live().first_mut() else { return false };
        let c = var.coefficient;
        if c > window.width() + ONE {
            return false;
        }
        var.coefficient *= scale;
        self.window = window.moved(c * var.high, c * var.low);
        if let Some(inner) = self.inner.get_mut(self.absorbed) {
            *inner = Window { low: window.low * scale, high: window.high * scale };
        }
        self.absorbed = self.absorbed.saturating_add(1);
        true
    }

    /// Fills in the values of the absorbed variables, given those of the live ones: from the last,
    /// each just brings the sum into the window there was before it.
    pub(super) fn recover(&self, values: &mut [Int; CAP]) {
        let mut sum = 0i128;
        let known = self.vars.iter().zip(&self.inner).zip(values).take(self.end).enumerate();
        for (place, ((var, inner), value)) in known.rev() {
            let mut stride = var.coefficient;
            if place < self.absorbed {
                *value = div_up(inner.low - Saturating(sum), stride).max(var.low);
            } else {
                stride *= self.scale;
            }
            // Exact, though wrapping: the final value is in the window.
            sum = sum.wrapping_add(stride.0.wrapping_mul(value.0));
        }
    }
}
