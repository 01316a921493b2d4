//! Sharing for views with more distinct strides than any fixed scratch space holds.
//!
//! Plain depth-first search over the axes as they come, with the output
//! indices themselves as its only memory. Exact for any rank, O(rank) a
//! step, and slow: no view in a real buffer has so many axes of size > 1.

use super::axes::Exact;
use super::search::{Meter, Outcome, Window};
use super::sharing::Sides;
use crate::error::{signed, widen, widen_signed};

impl Sides<'_, '_> {
    /// Decides, leaving the indices in place.
    pub(super) fn odometer(&mut self, window: Window, meter: &mut Meter) -> Outcome {
        self.first.fill(0);
        self.second.fill(0);
        let mut depth = 0_usize; // axes below are fixed, those from here on are at 0
        loop {
            if !meter.spend(1) {
                return Outcome::OutOfSteps;
            }
            if self.is_feasible(depth, window) {
                if self.axis(depth).is_none() {
                    return Outcome::Found;
                }
                depth = depth.saturating_add(1);
                continue;
            }
            // Advance the last fixed axis that has an index left.
            loop {
                let Some(fixed) = depth.checked_sub(1) else { return Outcome::Nothing };
                let Some((size, _, index)) = self.axis(fixed) else { return Outcome::Nothing };
                let next = index.saturating_add(1);
                if next < size {
                    *index = next;
                    break;
                }
                *index = 0;
                depth = fixed;
            }
        }
    }

    /// Whether the axes from `depth` on can still bring the sum into the window,
    /// as far as their extremes tell; for `depth` = rank, whether it is there.
    fn is_feasible(&mut self, depth: usize, window: Window) -> bool {
        let (mut low, mut high) = (Exact::new(0), Exact::new(0));
        let mut at = 0_usize;
        while let Some((size, stride, index)) = self.axis(at) {
            // |stride| <= 2^63 and indices below 2^64: each product fits.
            let product = |index: usize| stride.wrapping_mul(signed(widen(index)));
            if at < depth {
                low.add(product(*index));
                high.add(product(*index));
            } else {
                let end = product(size.saturating_sub(1));
                low.add(end.min(0));
                high.add(end.max(0));
            }
            at = at.saturating_add(1);
        }
        low <= Exact::new(window.high.0) && Exact::new(window.low.0) <= high
    }

    /// Size, signed stride (b's negated) and current index of an axis.
    fn axis(&mut self, at: usize) -> Option<(usize, i128, &mut usize)> {
        let (view, sign, index, at) = match at.checked_sub(self.a.shape.len()) {
            None => (self.a, 1, &mut *self.first, at),
            Some(at) => (self.b, -1, &mut *self.second, at),
        };
        let stride = widen_signed(*view.strides.get(at)?).wrapping_mul(sign);
        Some((*view.shape.get(at)?, stride, index.get_mut(at)?))
    }
}
