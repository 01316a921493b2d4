//! Sharing between views, by the addresses that their elements really have.

use crate::error::{Error, widen};
use crate::footprint::distinct_units;
use crate::layout::Layout;
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

impl<D: Rank> Layout<D> {
    /// Decides whether the parts of this layout, one for each index on its first `outer` axes, have
    /// no element in common, exactly: whether each thread of a grid has elements of its own.
    ///
    /// Within a part indices may share elements. Of two parts that meet, the answer has the indices
    /// of this layout at which they do: their first `outer` components name the two parts, and both
    /// are at the same [`address`](Self::address). For each outer axis one question as that of
    /// [`shares_memory_within`](View::shares_memory_within) is asked, which may spend
    /// [`Budget::DEFAULT`].
    ///
    /// ```
    /// use strideproof::Layout;
    /// use strideproof::overlap::Sharing;
    /// // A grid of 8 by 5 threads, each with a tile of 2 by 4 elements of a row-major image.
    /// let grid = |width: usize| {
    ///     let row = width as isize;
    ///     Layout::new([8, 5, 2, 4], [2 * row, 4, row, 1], 0, 16 * width + 1)
    /// };
    /// assert_eq!(grid(20)?.disjoint_over(2), Ok(Sharing::Disjoint));
    /// // In rows of 19 the last thread of a row of tiles reaches into the next row.
    /// let narrow = grid(19)?;
    /// let Ok(Sharing::Shared { first, second }) = narrow.disjoint_over(2) else { panic!() };
    /// assert_eq!((&first[..2], &second[..2]), (&[0, 4][..], &[0, 0][..]));
    /// assert_eq!((narrow.address(first), narrow.address(second)), (Some(19), Some(19)));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis) when the layout has fewer axes.
    pub fn disjoint_over(&self, outer: usize) -> Result<Sharing<D::List<usize>>, Error> {
        self.disjoint_items_over(outer, 1)
    }

    /// As [`disjoint_over`](Self::disjoint_over), where an item takes `item` units.
    fn disjoint_items_over(
        &self,
        outer: usize,
        item: usize,
    ) -> Result<Sharing<D::List<usize>>, Error> {
        if outer > self.rank() {
            return Err(Error::bad_axis(outer.saturating_sub(1), self.rank()));
        }
        for axis in (0..outer).rev() {
            match self.parts_that_differ_on(axis, item) {
                Sharing::Disjoint => {}
                other => return Ok(other),
            }
        }
        Ok(Sharing::Disjoint)
    }

    /// Whether two parts share a unit that differ on `axis`, and on later axes, but on none before.
    ///
    /// Only the difference of two indices counts. So on `axis` one of them may be 0 and the other
    /// is at least 1, and on the axes before both are 0; on the axes after it both are free.
    fn parts_that_differ_on(&self, axis: usize, item: usize) -> Sharing<D::List<usize>> {
        let (mut first, mut second) = (self.first_index(), self.first_index());
        if let Some(next) = first.as_mut().get_mut(axis) {
            *next = 1;
        }
        // No second index on the axis, or no index at all.
        let Some(address) = self.address_of(slice::<D, _>(&first)) else {
            return Sharing::Disjoint;
        };
        let (mut shape, _) = self.lists();
        if let Some(size) = shape.as_mut().get_mut(axis) {
            *size = size.saturating_sub(1);
        }
        let view =
            |address, shape, strides| overlap::Bytes { address, shape, strides, itemsize: item };
        let after = axis.saturating_add(1);
        let tail = |from: usize| self.steps().get(from..).unwrap_or_default();
        let sizes = slice::<D, _>(&shape);
        let one = view(address, sizes.get(axis..).unwrap_or_default(), tail(axis));
        let other = view(self.offset(), sizes.get(after..).unwrap_or_default(), tail(after));
        let (i, j) = (first.as_mut(), second.as_mut());
        let (Some(i), Some(j)) = (i.get_mut(axis..), j.get_mut(after..)) else {
            return Sharing::Undecided;
        };
        let found = shares_memory_into(one, other, Budget::DEFAULT, i, j);
        if let Some(i) = i.first_mut() {
            *i = i.saturating_add(1);
        }
        // The lengths agree: there is no error.
        found.unwrap_or(Sharing::Undecided).at(first, second)
    }
}

impl<B, T, D: Rank, U: ViewUnit> View<B, T, D, U> {
    /// Decides whether the parts of this view, one for each index on its first `outer` axes, have no
    /// byte in common: [`Layout::disjoint_over`], in the unit of the view.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis) when the view has fewer axes.
    pub fn disjoint_over(&self, outer: usize) -> Result<Sharing<D::List<usize>>, Error> {
        self.disjoint_items_over(outer, U::item::<T>())
    }
}
