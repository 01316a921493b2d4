//! Sharing between views, by the addresses that their elements really have.

use crate::error::widen;
use crate::footprint::distinct_units;
use crate::overlap::{self, Budget, Sharing, may_share_memory, shares_memory_into};
use crate::rank::{Rank, slice};
use crate::view::{View, ViewUnit};

impl<B, T, D: Rank, U: ViewUnit> View<B, T, D, U> {
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
    pub fn shares_memory<C, V, E: Rank, W: ViewUnit>(
        &self,
        other: &View<C, V, E, W>,
    ) -> Sharing<D::List<usize>, E::List<usize>> {
        self.shares_memory_within(other, Budget::UNLIMITED)
    }

    /// As [`shares_memory`](Self::shares_memory), spending at most `budget`.
    #[must_use]
    pub fn shares_memory_within<C, V, E: Rank, W: ViewUnit>(
        &self,
        other: &View<C, V, E, W>,
        budget: Budget,
    ) -> Sharing<D::List<usize>, E::List<usize>> {
        let (mut first, mut second) = (self.first_index(), other.first_index());
        let (i, j) = (first.as_mut(), second.as_mut());
        let found = self.in_bytes(|a| other.in_bytes(|b| shares_memory_into(a, b, budget, i, j)));
        // The lengths agree: there is no error.
        found.unwrap_or(Sharing::Undecided).at(first, second)
    }

    /// Whether the extents of this view and another one meet in memory: NumPy's `may_share_memory`.
    ///
    /// O(rank). `false` means that no byte is shared; `true` says nothing about elements that lie
    /// between each other, as every second one and the rest do.
    #[must_use]
    pub fn may_share_memory<C, V, E: Rank, W: ViewUnit>(&self, other: &View<C, V, E, W>) -> bool {
        self.in_bytes(|a| other.in_bytes(|b| may_share_memory(a, b)))
    }

    /// The bytes of all indices taken together, as if each had its own element: NumPy's `nbytes`,
    /// which misleads where indices share elements.
    #[must_use]
    pub fn nominal_bytes(&self) -> u128 {
        // Both factors are below 2^64.
        widen(self.len()).saturating_mul(widen(size_of::<T>()))
    }

    /// The bytes of the buffer that the view's elements occupy, each counted once. `None` when
    /// counting would take more than the work that [`distinct_units`](crate::distinct_units)
    /// allows.
    ///
    /// ```
    /// use strideproof::StridedView;
    /// let x = [2i64, 5];
    /// let x = StridedView::from_slice(&x)?.insert_axis(1).broadcast_to([2, 8]);
    /// assert_eq!((x.nominal_bytes(), x.distinct_bytes()), (128, Some(16)));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    #[must_use]
    pub fn distinct_bytes(&self) -> Option<usize> {
        let units = distinct_units(self.sizes(), self.steps(), U::item::<T>()).ok()??;
        usize::try_from(units).ok()?.checked_mul(U::size::<T>())
    }

    /// Calls a function with the view as bare numbers in bytes.
    fn in_bytes<R>(&self, f: impl FnOnce(overlap::Bytes<'_>) -> R) -> R {
        let (_, mut strides) = self.lists();
        let unit = isize::try_from(U::size::<T>()).unwrap_or(isize::MAX);
        // The strides of axes of more than one element lead from an element of a slice to another,
        // and so fit; of the others any number will do.
        for stride in strides.as_mut() {
            *stride = stride.saturating_mul(unit);
        }
        // An empty view is nowhere, and its address is not looked at.
        let address = self.origin_address().unwrap_or(0);
        let (shape, strides) = (self.sizes(), slice::<D, _>(&strides));
        f(overlap::Bytes { address, shape, strides, itemsize: size_of::<T>() })
    }
}
