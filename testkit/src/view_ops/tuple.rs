//! Index tuples without allocation.

use core::fmt;

pub(super) use strideproof_oracle::{MAX_COUNT, address, for_each_index};

/// The largest rank of a tuple.
pub(super) const MAX_RANK: usize = 8;

/// An index tuple of at most [`MAX_RANK`] axes, without allocation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Tuple {
    rank: usize,
    cells: [usize; MAX_RANK],
}

impl Tuple {
    /// Keeps an index tuple of at most [`MAX_RANK`] axes.
    ///
    /// # Panics
    /// When it has more.
    #[must_use]
    pub(super) fn new(index: &[usize]) -> Self {
        let mut cells = [0; MAX_RANK];
        cells[..index.len()].copy_from_slice(index);
        Self { rank: index.len(), cells }
    }

    /// The tuple.
    #[must_use]
    pub(super) fn as_slice(&self) -> &[usize] {
        &self.cells[..self.rank]
    }
}

impl fmt::Debug for Tuple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}
