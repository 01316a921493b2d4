//! Axes reordered, taken out and put in.

use core::cmp::Reverse;

use super::derived;
use super::select::{Selection, Walk};
use crate::error::Error;
use crate::layout::Layout;
use crate::rank::{Grow, PerAxis, Rank, Shrink, slice};

impl<D: Rank> Layout<D> {
    pub(super) fn permuting(
        &self,
        axes: impl PerAxis<usize, Rank = D>,
    ) -> Result<Selection<D, D>, Error> {
        self.reordering(axes.values())
    }

    fn reordering(&self, axes: &[usize]) -> Result<Selection<D, D>, Error> {
        let rank = self.rank();
        if axes.len() != rank {
            return Err(Error::WrongRank { rank: axes.len(), needed: rank });
        }
        let mut selection = self.whole()?;
        for (&axis, walk) in axes.iter().zip(selection.walks.as_mut()) {
            *walk = Walk::whole(axis, self.size_of(axis)?);
        }
        let mut named = D::filled(rank, false)?;
        for &axis in axes {
            let named = named.as_mut().get_mut(axis);
            if named.is_none_or(|named| core::mem::replace(named, true)) {
                return Err(Error::RepeatedAxis { axis });
            }
        }
        Ok(selection)
    }

    pub(super) fn ordering(&self) -> Result<Selection<D, D>, Error> {
        let mut axes = D::filled(self.rank(), 0)?;
        for (place, axis) in axes.as_mut().iter_mut().enumerate() {
            *axis = place;
        }
        let stride = |axis: usize| self.steps().get(axis).copied().unwrap_or(0);
        // What repeats comes first, so that runs are along axes that move.
        let moves = |axis: usize| stride(axis).unsigned_abs().wrapping_sub(1);
        axes.as_mut().sort_unstable_by_key(|&axis| (Reverse(moves(axis)), axis));
        let axes = slice::<D, _>(&axes);
        let mut selection = self.reordering(axes)?;
        for (walk, &axis) in selection.walks.as_mut().iter_mut().zip(axes) {
            // `isize::MIN` has no opposite, and an axis that moves so is walked as it is.
            let is_farthest = stride(axis) == isize::MIN && walk.size > 1;
            let is_turned = stride(axis) < 0 && !is_farthest;
            if let (true, Some(start)) = (is_turned, selection.start.as_mut().get_mut(axis)) {
                (*start, walk.step) = (walk.size.saturating_sub(1), -1);
            }
        }
        Ok(selection)
    }

    pub(super) fn transposing(&self) -> Result<Selection<D, D>, Error> {
        let mut selection = self.whole()?;
        selection.walks.as_mut().reverse();
        Ok(selection)
    }

    pub(super) fn swapping(&self, one: usize, other: usize) -> Result<Selection<D, D>, Error> {
        self.size_of(one)?;
        self.size_of(other)?;
        let mut selection = self.whole()?;
        selection.walks.as_mut().swap(one, other);
        Ok(selection)
    }

    pub(crate) fn indexing<E: Rank>(
        &self,
        axis: usize,
        index: usize,
    ) -> Result<Selection<D, E>, Error> {
        let size = self.size_of(axis)?;
        if index >= size {
            return Err(Error::bad_index(axis, index, size));
        }
        let mut start = self.first_index();
        if let Some(start) = start.as_mut().get_mut(axis) {
            *start = index;
        }
        Ok(Selection { start, walks: self.walks_of::<E>(|kept, _| kept != axis, 0)? })
    }

    pub(super) fn squeezing<E: Rank>(&self, axis: usize) -> Result<Selection<D, E>, Error> {
        match self.size_of(axis)? {
            1 => self.indexing(axis, 0),
            size => Err(Error::NotSizeOne { axis, size }),
        }
    }

    pub(super) fn inserting<E: Rank>(&self, axis: usize) -> Result<Selection<D, E>, Error> {
        let rank = self.rank().saturating_add(1);
        if axis >= rank {
            return Err(Error::bad_axis(axis, rank));
        }
        let mut walks = E::filled(rank, Walk::repeat(1))?;
        let old = walks.as_mut().iter_mut().enumerate().filter(|&(new, _)| new != axis);
        for ((_, walk), (axis, &size)) in old.zip(self.sizes().iter().enumerate()) {
            *walk = Walk::whole(axis, size);
        }
        Ok(Selection { start: self.first_index(), walks })
    }

    /// The walks of the axes that are kept, in order, and then `added` new axes of size 1.
    pub(crate) fn walks_of<E: Rank>(
        &self,
        keep: impl Fn(usize, usize) -> bool,
        added: usize,
    ) -> Result<E::List<Walk>, Error> {
        let kept = || self.sizes().iter().enumerate().filter(|&(axis, &size)| keep(axis, size));
        let mut walks = E::filled(kept().count().saturating_add(added), Walk::repeat(1))?;
        for (walk, (axis, &size)) in walks.as_mut().iter_mut().zip(kept()) {
            *walk = Walk::whole(axis, size);
        }
        Ok(walks)
    }
}

derived! {
    /// Puts the axes into another order: NumPy's `transpose(x, axes)`. Axis `axes[k]` of this view
    /// becomes axis `k`.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x: Vec<i64> = (0..24).collect();
    /// let x = as_strided(&x, [2, 3, 4], None, 0)?.permute([2, 0, 1]);
    /// assert_eq!((x.shape(), x.strides()), (&[4, 2, 3], &[1, 12, 4]));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn permute(axes: impl PerAxis<usize, Rank = D>) -> D,
    try_permute by permuting or BadAxis RepeatedAxis WrongRank
}

derived! {
    /// Transposes: the axes in reverse order, NumPy's `x.T`. Never refused.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x = [1i16, 2, 3, 4, 5, 6];
    /// let x = as_strided(&x, [2, 3], None, 0)?;
    /// assert_eq!(x.t().to_string(), "[[1 4]\n [2 5]\n [3 6]]");
    /// assert_eq!(x.t().strides(), &[1, 3]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn t() -> D, try_t by transposing
}

derived! {
    /// Puts the axes into the order in which the elements lie in memory, for work whose order does
    /// not matter: the largest stride first, and none negative. Axes that repeat elements come before
    /// all others. Never refused.
    ///
    /// A walk over the result goes through memory from one end to the other, in the longest runs
    /// that there are.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x: Vec<i64> = (0..24).collect();
    /// let x = as_strided(&x, [2, 3, 4], None, 0)?.permute([2, 0, 1]).reverse(1);
    /// assert_eq!(x.strides(), &[1, -12, 4]);
    /// assert!(x.in_memory_order().iter().eq(&(0..24).collect::<Vec<_>>()));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn in_memory_order() -> D, try_in_memory_order by ordering
}

derived! {
    /// Exchanges two axes: NumPy's `swapaxes`.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x = [0u8; 24];
    /// let x = as_strided(&x, [2, 3, 4], None, 0)?;
    /// assert_eq!(x.swap_axes(0, 2).shape(), &[4, 3, 2]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn swap_axes(one: usize, other: usize) -> D, try_swap_axes by swapping or BadAxis
}

derived! {
    /// Fixes the index on one axis, which goes: NumPy's `x[3]` or `x[:, 3]`.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x: Vec<i64> = (0..12).collect();
    /// let x = as_strided(&x, [3, 4], None, 0)?;
    /// assert_eq!(x.index_axis(0, 1).to_vec(), [4, 5, 6, 7]);
    /// assert_eq!(x.index_axis(1, 1).to_vec(), [1, 5, 9]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn index_axis(axis: usize, index: usize) -> D::Smaller,
    [D: Shrink] try_index_axis by indexing or BadAxis BadIndex
}

derived! {
    /// Puts in an axis of size 1, before the axis that has this number now: NumPy's `expand_dims`.
    ///
    /// ```
    /// use strideproof::StridedView;
    /// let x = [1, 2, 3];
    /// let column = StridedView::from_slice(&x)?.insert_axis(1);
    /// assert_eq!(column.to_string(), "[[1]\n [2]\n [3]]");
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn insert_axis(axis: usize) -> D::Larger, [D: Grow] try_insert_axis by inserting or BadAxis
}

derived! {
    /// Takes out an axis of size 1: NumPy's `squeeze(x, axis)`.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x = [1, 2, 3];
    /// assert_eq!(as_strided(&x, [1, 3], None, 0)?.squeeze(0).shape(), &[3]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn squeeze(axis: usize) -> D::Smaller,
    [D: Shrink] try_squeeze by squeezing or BadAxis NotSizeOne
}
