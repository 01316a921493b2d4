//! Sharing between views, by the addresses that their elements really have.

use super::{Budget, Bytes, Sharing, may_share_memory, shares_memory_into};
use crate::StridedView;

/// The strides in bytes. Those that an index follows lead from an element of a slice to another,
/// and so fit; of the others any number will do.
fn byte_strides<const N: usize>(strides: &[isize; N], itemsize: usize) -> [isize; N] {
    let itemsize = isize::try_from(itemsize).unwrap_or(isize::MAX);
    strides.map(|stride| stride.saturating_mul(itemsize))
}

impl<T, const N: usize> StridedView<'_, T, N> {
    /// Decides whether this view and another one have a byte in common, exactly: NumPy's
    /// `shares_memory`.
    ///
    /// Types, ranks and buffers may differ; what counts is where the elements lie in memory. Of two
    /// items that share a byte the indices are returned, that of this view first. Empty views and
    /// elements of no size share nothing. It decides at once for the common layouts, and can take
    /// long for contrived ones: [`shares_memory_within`](Self::shares_memory_within) has a budget,
    /// and [`overlap`](crate::overlap) says what it costs. Never
    /// [`Undecided`](Sharing::Undecided). (Specification, section "Overlap of two views".)
    ///
    /// ```
    /// use strideproof::overlap::Sharing;
    /// use strideproof::{StridedView, s};
    /// let x: Vec<i64> = (0..10).collect();
    /// let x = StridedView::from_slice(&x)?;
    /// let (even, odd) = (x.slice(s![..;2]), x.slice(s![1..;2]));
    /// assert!(even.may_share_memory(&odd));
    /// assert_eq!(even.shares_memory(&odd), Sharing::Disjoint);
    /// let third = x.slice(s![..;-3]);
    /// assert!(matches!(odd.shares_memory(&third), Sharing::Shared { .. }));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    #[must_use]
    pub fn shares_memory<U, const M: usize>(
        &self,
        other: &StridedView<'_, U, M>,
    ) -> Sharing<[usize; N], [usize; M]> {
        self.shares_memory_within(other, Budget::UNLIMITED)
    }

    /// As [`shares_memory`](Self::shares_memory), spending at most `budget`.
    #[must_use]
    pub fn shares_memory_within<U, const M: usize>(
        &self,
        other: &StridedView<'_, U, M>,
        budget: Budget,
    ) -> Sharing<[usize; N], [usize; M]> {
        let (mut first, mut second) = ([0; N], [0; M]);
        let (one, two) = (Numbers::of(self), Numbers::of(other));
        match shares_memory_into(one.bytes(), two.bytes(), budget, &mut first, &mut second) {
            Ok(Sharing::Disjoint) => Sharing::Disjoint,
            Ok(Sharing::Shared { .. }) => Sharing::Shared { first, second },
            // The lengths agree: there is no error.
            Ok(Sharing::Undecided) | Err(_) => Sharing::Undecided,
        }
    }

    /// Whether the extents of this view and another one meet in memory: NumPy's
    /// `may_share_memory`.
    ///
    /// O(rank). `false` means that no byte is shared; `true` says nothing about elements that lie
    /// between each other, as every second one and the rest do.
    #[must_use]
    pub fn may_share_memory<U, const M: usize>(&self, other: &StridedView<'_, U, M>) -> bool {
        may_share_memory(Numbers::of(self).bytes(), Numbers::of(other).bytes())
    }
}

/// A view as bare numbers in bytes.
struct Numbers<'a, const N: usize> {
    address: usize,
    shape: &'a [usize; N],
    strides: [isize; N],
    itemsize: usize,
}

impl<'a, const N: usize> Numbers<'a, N> {
    fn of<T>(view: &'a StridedView<'_, T, N>) -> Self {
        let itemsize = size_of::<T>();
        let strides = byte_strides(view.strides(), itemsize);
        // An empty view is nowhere, and its address is not looked at.
        let address = view.get([0; N]).map_or(0, |origin| core::ptr::from_ref(origin).addr());
        Self { address, shape: view.shape(), strides, itemsize }
    }

    fn bytes(&self) -> Bytes<'_> {
        Bytes {
            address: self.address,
            shape: self.shape,
            strides: &self.strides,
            itemsize: self.itemsize,
        }
    }
}
