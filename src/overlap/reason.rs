//! What the search hands to [`certificate`]: why the items of a layout share no unit.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use super::certificate;
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

/// How the axes for which there is no reason are checked.
pub(super) struct Unexplained {
    /// The number of axes before them.
    explained: usize,
    /// Whether their indices are sorted, or their differences tried.
    sorted: bool,
    pub steps: u64,
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

    /// What it takes to check the axes named last, of which only the stride is known, and puts the
    /// longest of them first. `None` when it is more than `u64` counts.
    pub(super) fn unexplained(&mut self, layout: Bare<'_>, axes: usize) -> Option<Unexplained> {
        let Bare { shape, strides, .. } = layout;
        let explained = self.listed.checked_sub(axes)?;
        let tail = self.order.get_mut(explained..self.listed)?;
        let size = |axis: &usize| shape.get(*axis).copied().unwrap_or(0);
        if let Some(longest) = (0..tail.len()).max_by_key(|&at| tail.get(at).map(size)) {
            tail.swap(0, longest);
        }
        // The checker tries differences only where it can add them up, raised to be positive.
        let (mut indices, mut differences, mut sum) = (Some(1usize), Some(1usize), Some(0usize));
        for (place, axis) in tail.iter().enumerate() {
            let size = size(axis);
            indices = indices.and_then(|all| all.checked_mul(size));
            if place > 0 {
                let stride = strides.get(*axis).map_or(0, |stride| stride.unsigned_abs());
                let twice = size.saturating_sub(1).checked_mul(2);
                let reach = twice.and_then(|twice| twice.checked_mul(stride));
                sum = sum.zip(reach).and_then(|(sum, reach)| sum.checked_add(reach));
                let own = twice.and_then(|twice| twice.checked_add(1));
                differences = differences.zip(own).and_then(|(all, own)| all.checked_mul(own));
            }
        }
        let steps = |count: Option<usize>| count.and_then(|count| u64::try_from(count).ok());
        let sorting = steps(indices)?.checked_mul(STEPS)?;
        // Half of the differences are tried.
        let trying = steps(sum.and(differences)).map_or(u64::MAX, |all| all / 2);
        Some(Unexplained { explained, sorted: sorting < trying, steps: sorting.min(trying) })
    }

    /// Whether the reason holds with what is left unexplained, which costs that many steps. `None`
    /// when the memory does not suffice.
    pub(super) fn holds_with(&self, layout: Bare<'_>, rest: &Unexplained) -> Option<bool> {
        let Bare { shape, strides, itemsize } = layout;
        let order = self.order.get(..self.listed)?;
        let divisors = self.divisors.get(..rest.explained)?;
        if !rest.sorted {
            return Some(certificate::holds(shape, strides, itemsize, order, divisors, &[]));
        }
        let mut count = 1usize;
        for &axis in order.get(divisors.len()..)? {
            count = count.checked_mul(*layout.shape.get(axis)?)?;
        }
        let holds = |sums: &mut [(u128, usize)], numbers: &mut [usize]| -> Option<bool> {
            sort(layout, order.get(divisors.len()..)?, sums)?;
            for (number, sum) in numbers.iter_mut().zip(&*sums) {
                *number = sum.1;
            }
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
