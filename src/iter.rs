//! Walking a layout: addresses in row-major order, by runs along the last axis.
//!
//! Integers only. Whoever dereferences an address does so in `view.rs`.

use crate::Layout;
use crate::kernel;

/// Walks the addresses of a layout in row-major order of the indices.
///
/// Between two items at most one component of the index grows while those after it fall back to 0,
/// and each intermediate address is that of a valid index: the arithmetic stays in the extent.
#[derive(Clone, Debug)]
pub(crate) struct Addresses<const N: usize> {
    layout: Layout<N>,
    /// The index of the item that comes next, as long as `left > 0`.
    index: [usize; N],
    /// Its address.
    address: usize,
    left: usize,
}

impl<const N: usize> Addresses<N> {
    pub(crate) fn new(layout: Layout<N>) -> Self {
        Self { layout, index: [0; N], address: layout.offset(), left: layout.len() }
    }

    /// The index of the item that [`next`](Iterator::next) will give, if there is one.
    pub(crate) fn index(&self) -> [usize; N] {
        self.index
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "every address is that of a valid index: T3"
    )]
    fn advance(&mut self) {
        let axes = self.index.iter_mut().zip(self.layout.shape()).zip(self.layout.strides());
        for ((index, &extent), &stride) in axes.rev() {
            let magnitude = stride.unsigned_abs();
            if *index + 1 < extent {
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

impl<const N: usize> Iterator for Addresses<N> {
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
        let (Some(&extent), Some(&stride)) =
            (self.layout.shape().last(), self.layout.strides().last())
        else {
            return if self.left == 0 { acc } else { f(acc, self.address) };
        };
        let magnitude = stride.unsigned_abs();
        while self.left > 0 {
            let run = extent - self.index.last().copied().unwrap_or(0);
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
                if let Some(last) = self.index.last_mut() {
                    *last = extent - 1;
                }
                self.advance();
            }
        }
        acc
    }
}

impl<const N: usize> ExactSizeIterator for Addresses<N> {}
