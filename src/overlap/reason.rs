//! What the search hands to [`certificate`]: why the items of a layout share no unit.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use super::certificate;
use super::search::Meter;
use crate::error::widen;

/// A layout as bare numbers; the slices have the same length.
#[derive(Clone, Copy)]
pub(super) struct Bare<'a> {
    pub shape: &'a [usize],
    pub strides: &'a [isize],
    pub itemsize: usize,
}

/// As many indices as are sorted on the stack.
const INLINE: usize = 128;

/// Budget steps that the sorting of one index takes.
const STEPS: u64 = 4;

/// The axes of more than one index in the order in which a reason names them, and for each one the
/// divisor that gives the reason.
pub(super) struct Reason<const CAP: usize> {
    order: [usize; CAP],
    divisors: [usize; CAP],
    listed: usize,
}

impl<const CAP: usize> Reason<CAP> {
    pub(super) fn new() -> Self {
        Self { order: [0; CAP], divisors: [0; CAP], listed: 0 }
    }

    /// Names the next axis. Beyond the capacity nothing is noted, and the check will fail.
    #[inline]
    pub(super) fn push(&mut self, axis: usize, divisor: usize) {
        let slots = (self.order.get_mut(self.listed), self.divisors.get_mut(self.listed));
        if let (Some(order), Some(slot)) = slots {
            (*order, *slot) = (axis, divisor);
            self.listed = self.listed.saturating_add(1);
        }
    }

    /// Whether the reason holds, as the checker sees it.
    #[inline]
    pub(super) fn holds(&self, shape: &[usize], strides: &[isize], itemsize: usize) -> bool {
        let order = self.order.get(..self.listed).unwrap_or(&[]);
        let divisors = self.divisors.get(..self.listed).unwrap_or(&[]);
        certificate::holds(shape, strides, itemsize, order, divisors, &[])
    }

    /// The same when the axes named last have no reason but the addresses of all their indices:
    /// those are sorted. `None` when that exceeds the budget or the memory.
    pub(super) fn holds_when_sorted(
        &self,
        layout: Bare<'_>,
        unexplained: usize,
        meter: &mut Meter,
    ) -> Option<bool> {
        let order = self.order.get(..self.listed)?;
        let (divisors, _) = self
            .divisors
            .get(..self.listed)?
            .split_at_checked(self.listed.checked_sub(unexplained)?)?;
        let mut count = 1usize;
        for &axis in order.get(divisors.len()..)? {
            count = count.checked_mul(*layout.shape.get(axis)?)?;
        }
        let steps = u64::try_from(count).ok()?.saturating_mul(STEPS);
        if !meter.spend(steps) {
            return None;
        }
        let holds = |sums: &mut [(u128, usize)], numbers: &mut [usize]| -> Option<bool> {
            sort(layout, order.get(divisors.len()..)?, sums)?;
            for (number, sum) in numbers.iter_mut().zip(&*sums) {
                *number = sum.1;
            }
            let Bare { shape, strides, itemsize } = layout;
            Some(certificate::holds(shape, strides, itemsize, order, divisors, numbers))
        };
        if count <= INLINE {
            let (mut sums, mut numbers) = ([(0, 0); INLINE], [0; INLINE]);
            return holds(sums.get_mut(..count)?, numbers.get_mut(..count)?);
        }
        #[cfg(feature = "alloc")]
        {
            let (mut sums, mut numbers) = (Vec::new(), Vec::new());
            sums.try_reserve_exact(count).ok()?;
            sums.resize(count, (0, 0));
            numbers.try_reserve_exact(count).ok()?;
            numbers.resize(count, 0);
            holds(&mut sums, &mut numbers)
        }
        #[cfg(not(feature = "alloc"))]
        None
    }
}

/// The addresses and numbers of all indices of some axes, by ascending address; as many as there is
/// room for. `None` when an address exceeds `u128`.
fn sort(layout: Bare<'_>, axes: &[usize], sums: &mut [(u128, usize)]) -> Option<()> {
    let mut done = 1usize; // index 0 of all axes, which is there
    for &axis in axes {
        let size = *layout.shape.get(axis)?;
        let stride = widen(layout.strides.get(axis)?.unsigned_abs());
        let before = done;
        let mut shift = 0u128;
        for _ in 1..size {
            shift = shift.checked_add(stride)?;
            let (old, new) = sums.split_at_mut_checked(done)?;
            for (number, (slot, &(sum, _))) in new.iter_mut().zip(old.get(..before)?).enumerate() {
                *slot = (sum.checked_add(shift)?, done.checked_add(number)?);
            }
            done = done.checked_add(before)?;
        }
    }
    sums.sort_unstable();
    Some(())
}
