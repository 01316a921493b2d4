//! Axes reordered, taken out and put in.

use super::{OneLess, OneMore, Rank, Selection, Walk, derived};
use crate::Layout;
use crate::error::Error;

impl<const N: usize> Layout<N> {
    pub(crate) fn permuting(&self, axes: [usize; N]) -> Result<Selection<N, N>, Error> {
        let mut selection = self.whole();
        for (&axis, walk) in axes.iter().zip(&mut selection.walks) {
            *walk = Walk::whole(axis, self.extent_of(axis)?);
        }
        let mut named = [false; N];
        for axis in axes {
            if named.get_mut(axis).is_none_or(|named| core::mem::replace(named, true)) {
                return Err(Error::RepeatedAxis { axis });
            }
        }
        Ok(selection)
    }

    #[expect(clippy::unnecessary_wraps, reason = "as every operation, though nothing can go wrong")]
    pub(crate) fn transposing(&self) -> Result<Selection<N, N>, Error> {
        let mut selection = self.whole();
        selection.walks.reverse();
        Ok(selection)
    }

    pub(crate) fn swapping(&self, one: usize, other: usize) -> Result<Selection<N, N>, Error> {
        self.extent_of(one)?;
        self.extent_of(other)?;
        let mut selection = self.whole();
        selection.walks.swap(one, other);
        Ok(selection)
    }

    pub(crate) fn indexing<const M: usize>(
        &self,
        axis: usize,
        index: usize,
    ) -> Result<Selection<N, M>, Error> {
        let extent = self.extent_of(axis)?;
        if index >= extent {
            return Err(Error::bad_index(axis, index, extent));
        }
        let mut selection = Selection { start: [0; N], walks: self.walks_without(&[axis]) };
        if let Some(start) = selection.start.get_mut(axis) {
            *start = index;
        }
        Ok(selection)
    }

    pub(crate) fn squeezing<const M: usize>(&self, axis: usize) -> Result<Selection<N, M>, Error> {
        match self.extent_of(axis)? {
            1 => self.indexing(axis, 0),
            extent => Err(Error::NotSizeOne { axis, size: extent }),
        }
    }

    pub(crate) fn inserting<const M: usize>(&self, axis: usize) -> Result<Selection<N, M>, Error> {
        if axis >= M {
            return Err(Error::bad_axis(axis, M));
        }
        let mut walks = [Walk::repeat(1); M];
        let old = walks.iter_mut().enumerate().filter(|&(new, _)| new != axis);
        for ((_, walk), (axis, &extent)) in old.zip(self.shape().iter().enumerate()) {
            *walk = Walk::whole(axis, extent);
        }
        Ok(Selection { start: [0; N], walks })
    }

    /// The walks of all axes but some, in order; axes that there are not so many of are new.
    pub(crate) fn walks_without<const M: usize>(&self, removed: &[usize]) -> [Walk; M] {
        let mut walks = [Walk::repeat(1); M];
        let kept = self.shape().iter().enumerate().filter(|(axis, _)| !removed.contains(axis));
        for (walk, (axis, &extent)) in walks.iter_mut().zip(kept) {
            *walk = Walk::whole(axis, extent);
        }
        walks
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
    fn permute;
    /// # Errors
    /// [`BadAxis`](crate::Error::BadAxis), [`RepeatedAxis`](crate::Error::RepeatedAxis).
    fn try_permute;
    mutable [] (axes: [usize; N]) -> N where [] by permuting
}

derived! {
    /// Transposes: the axes in reverse order, NumPy's `x.T`.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x = [1i16, 2, 3, 4, 5, 6];
    /// let x = as_strided(&x, [2, 3], None, 0)?;
    /// assert_eq!(x.t().to_string(), "[[1 4]\n [2 5]\n [3 6]]");
    /// assert_eq!(x.t().strides(), &[1, 3]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn t;
    /// # Errors
    /// None: every view can be transposed.
    fn try_t;
    mutable [] () -> N where [] by transposing
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
    fn swap_axes;
    /// # Errors
    /// [`BadAxis`](crate::Error::BadAxis).
    fn try_swap_axes;
    mutable [] (one: usize, other: usize) -> N where [] by swapping
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
    fn index_axis;
    /// # Errors
    /// [`BadAxis`](crate::Error::BadAxis), [`BadIndex`](crate::Error::BadIndex).
    fn try_index_axis;
    mutable [const M: usize] (axis: usize, index: usize) -> M where [Rank<N>: OneLess<M>] by indexing
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
    fn insert_axis;
    /// # Errors
    /// [`BadAxis`](crate::Error::BadAxis) when the result has no such axis.
    fn try_insert_axis;
    mutable [const M: usize] (axis: usize) -> M where [Rank<N>: OneMore<M>] by inserting
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
    fn squeeze;
    /// # Errors
    /// [`BadAxis`](crate::Error::BadAxis), [`NotSizeOne`](crate::Error::NotSizeOne).
    fn try_squeeze;
    mutable [const M: usize] (axis: usize) -> M where [Rank<N>: OneLess<M>] by squeezing
}
