//! Walking a layout: addresses in row-major order, by runs along the last axis.
//!
//! Integers only; `view.rs` dereferences the addresses.

use crate::kernel;
use crate::layout::Layout;
use crate::rank::{Rank, slice};

/// Walks the addresses of a layout in row-major order of the indices.
///
/// Between two items at most one component of the index grows while those after it fall back to 0,
/// and each intermediate address is that of a valid index: the arithmetic stays in the extent.
#[derive(Clone)]
pub(crate) struct Addresses<D: Rank> {
    layout: Layout<D>,
    /// The index of the item that comes next, as long as `left > 0`.
    index: D::List<usize>,
    /// Its address.
    address: usize,
    left: usize,
}

impl<D: Rank> Addresses<D> {
    pub(crate) fn new(layout: Layout<D>) -> Self {
        let index = layout.first_index();
        let (address, left) = (layout.offset(), layout.len());
        Self { layout, index, address, left }
    }

    /// The index of the item that [`next`](Iterator::next) will give, if there is one.
    pub(crate) fn index(&self) -> D::List<usize> {
        self.index.clone()
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "every address is that of a valid index: T3"
    )]
    fn advance(&mut self) {
        let axes = self.index.as_mut().iter_mut().zip(self.layout.sizes()).zip(self.layout.steps());
        for ((index, &size), &stride) in axes.rev() {
            let magnitude = stride.unsigned_abs();
            if *index + 1 < size {
                *index += 1;
                self.address =
                    if stride < 0 { self.address - magnitude } else { self.address + magnitude };
                return;
            }
            let back = kernel::scale(*index, magnitude);
            self.address = if stride < 0 { self.address + back } else { self.address - back };
            *index = 0;
        }
    }
}

impl<D: Rank> Iterator for Addresses<D> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let address = self.address;
        match self.left.checked_sub(1)? {
            0 => self.left = 0,
            left => {
                self.left = left;
                self.advance();
            }
        }
        Some(address)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }

    /// Runs along the last axis without touching the other components of the index.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "every address is that of a valid index: T3"
    )]
    fn fold<B, F: FnMut(B, usize) -> B>(mut self, init: B, mut f: F) -> B {
        let mut acc = init;
        let (Some(&size), Some(&stride)) = (self.layout.sizes().last(), self.layout.steps().last())
        else {
            return if self.left == 0 { acc } else { f(acc, self.address) };
        };
        let magnitude = stride.unsigned_abs();
        while self.left > 0 {
            let run = size - slice::<D, _>(&self.index).last().copied().unwrap_or(0);
            let mut address = self.address;
            for step in 0..run {
                if step > 0 {
                    address = if stride < 0 { address - magnitude } else { address + magnitude };
                }
                acc = f(acc, address);
            }
            self.left -= run;
            if self.left > 0 {
                // Stand on the run's last item, from where `advance` turns to the next run.
                self.address = address;
                if let Some(last) = self.index.as_mut().last_mut() {
                    *last = size - 1;
                }
                self.advance();
            }
        }
        acc
    }
}

impl<D: Rank> ExactSizeIterator for Addresses<D> {}
