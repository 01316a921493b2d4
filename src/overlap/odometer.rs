//! Sharing for views with more distinct strides than any fixed scratch space holds.
//!
//! Plain depth-first search over the axes as they come, with the output
//! indices themselves as its only memory. Exact for any rank, O(rank) a
//! step, and slow: no view in a real buffer has so many axes of size > 1.

use super::axes::{Exact, to_i128, to_u64};
use super::search::{Meter, Outcome, Window};
use super::sharing::Sides;

/// Decides, leaving the indices in place.
pub(super) fn decide(
    sides: &mut Sides<'_, '_>,
    window: Window<i128>,
    meter: &mut Meter,
) -> Outcome {
    sides.odometer(window, meter)
}

impl Sides<'_, '_> {
    fn odometer(&mut self, window: Window<i128>, meter: &mut Meter) -> Outcome {
        let rank_a = self.a.shape.len();
        let rank = rank_a.saturating_add(self.b.shape.len());
        self.first.fill(0);
        self.second.fill(0);
        let mut depth = 0_usize; // axes below are fixed, those from here on are at 0
        loop {
            if !meter.spend(1) {
                return Outcome::OutOfSteps;
            }
            if self.feasible(depth, window) {
                if depth == rank {
                    return Outcome::Found;
                }
                depth = depth.wrapping_add(1); // below rank
                continue;
            }
            // Advance the last fixed axis that has an index left.
            loop {
                let Some(at) = depth.checked_sub(1) else {
                    return Outcome::Nothing;
                };
                let Some((size, _, index)) = self.axis(at) else {
                    return Outcome::Nothing;
                };
                if size.wrapping_sub(index) > 1 {
                    self.set(at, index.wrapping_add(1)); // below size
                    break;
                }
                self.set(at, 0);
                depth = at;
            }
        }
    }

    /// Whether the axes from `depth` on can still bring the sum into the window,
    /// as far as their extremes tell; for `depth` = rank, whether it is there.
    fn feasible(&self, depth: usize, window: Window<i128>) -> bool {
        let mut low = Exact::default();
        let mut high = Exact::default();
        let mut at = 0_usize;
        while let Some((size, stride, index)) = self.axis(at) {
            // |stride| <= 2^63 and indices below 2^64: each product fits.
            let product = |i: usize| stride.wrapping_mul(i128::from(to_u64(i)));
            if at < depth {
                low.add(product(index));
                high.add(product(index));
            } else {
                let end = product(size.wrapping_sub(1)); // size >= 1
                low.add(end.min(0));
                high.add(end.max(0));
            }
            at = at.wrapping_add(1); // below rank
        }
        low.normal() <= Exact::from(window.high).normal()
            && Exact::from(window.low).normal() <= high.normal()
    }

    /// Size, signed stride (b's negated) and current index of an axis.
    fn axis(&self, at: usize) -> Option<(usize, i128, usize)> {
        let rank_a = self.a.shape.len();
        if at < rank_a {
            let stride = to_i128(*self.a.strides.get(at)?);
            return Some((*self.a.shape.get(at)?, stride, *self.first.get(at)?));
        }
        let at = at.wrapping_sub(rank_a); // at >= rank_a
        let stride = to_i128(*self.b.strides.get(at)?).wrapping_neg(); // 64 bits
        Some((*self.b.shape.get(at)?, stride, *self.second.get(at)?))
    }

    fn set(&mut self, at: usize, value: usize) {
        let rank_a = self.a.shape.len();
        let slot = match at.checked_sub(rank_a) {
            None => self.first.get_mut(at),
            Some(at) => self.second.get_mut(at),
        };
        if let Some(slot) = slot {
            *slot = value;
        }
    }
}
