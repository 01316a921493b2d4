//! Views cut in two, and views one after the other along an axis.

use core::iter::FusedIterator;

use super::plain;
use super::select::{Selection, Walk};
use super::slice::Slice;
use crate::error::{Error, accept};
use crate::layout::Layout;
use crate::rank::{Const, Rank, Shrink};
use crate::view::{Buffer, Elements, Parts, View, ViewUnit};

impl<D: Rank> Layout<D> {
    /// What lies before and from a position on one axis; between them the two hold each index of
    /// the layout once.
    pub(crate) fn splitting(
        &self,
        axis: usize,
        index: usize,
    ) -> Result<[Selection<D, D>; 2], Error> {
        let size = self.size_of(axis)?;
        if index > size {
            // A cut may lie before each element and after the last one.
            return Err(Error::bad_index(axis, index, size.saturating_add(1)));
        }
        let head = self.slicing_axis(axis, Slice::from(..index))?;
        let tail = self.slicing_axis(axis, Slice::from(index..))?;
        Ok([head, tail])
    }

    /// As [`View::split_at`], on the numbers alone.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis), [`BadIndex`](Error::BadIndex).
    pub fn try_split_at(&self, axis: usize, index: usize) -> Result<(Self, Self), Error> {
        let [head, tail] = self.splitting(axis, index)?;
        Ok((self.select(&head)?, self.select(&tail)?))
    }
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> View<B, T, D, U> {
    plain! {
        /// Cuts the view in two before position `index` of an axis: NumPy's `x[:i]` and `x[i:]`.
        ///
        /// The halves of a mutable view share no element and may be written to at the same time,
        /// even where they interleave in memory.
        ///
        /// ```
        /// use strideproof::as_strided_mut;
        /// let mut x = [0; 6];
        /// let (mut left, mut right) = as_strided_mut(&mut x, [2, 3], None, 0)?.split_at(1, 1);
        /// left[[1, 0]] = 7;
        /// right[[0, 0]] = 8;
        /// assert_eq!((left.shape(), right.shape()), (&[2, 1], &[2, 2]));
        /// assert_eq!(x, [0, 8, 0, 7, 0, 0]);
        /// # Ok::<(), strideproof::Error>(())
        /// ```
        #[must_use]
        fn split_at [] ([self] axis: usize, index: usize) -> (Self, Self), by self.try_split_at
    }

    plain! {
        /// Visits the view's slices of one rank less, along an axis: what NumPy's `for row in x`
        /// does for axis 0. Those of a mutable view share no element and may be kept.
        ///
        /// ```
        /// use strideproof::{as_strided, as_strided_mut};
        /// let x: Vec<i64> = (0..6).collect();
        /// let x = as_strided(&x, [2, 3], None, 0)?;
        /// let sums: Vec<i64> = x.axis_iter(1).map(|column| column.iter().sum()).collect();
        /// assert_eq!(sums, [3, 5, 7]);
        ///
        /// let mut y = [0; 6];
        /// for (i, mut column) in as_strided_mut(&mut y, [2, 3], None, 0)?.axis_iter(1).enumerate() {
        ///     column[[0]] = i;
        /// }
        /// assert_eq!(y, [0, 1, 2, 0, 0, 0]);
        /// # Ok::<(), strideproof::Error>(())
        /// ```
        fn axis_iter [] ([self] axis: usize)
        -> AxisIter<B, T, D, U>, [D: Shrink] by self.try_axis_iter
    }

    /// As [`axis_iter`](Self::axis_iter), returning the error.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis).
    pub fn try_axis_iter(self, axis: usize) -> Result<AxisIter<B, T, D, U>, Error>
    where
        D: Shrink,
    {
        let size = self.size_of(axis)?;
        let mut fixed = D::filled(self.rank(), 1)?;
        if let Some(fixed) = fixed.as_mut().get_mut(axis) {
            *fixed = size;
        }
        let walks = self.walks_of::<D::Smaller>(|kept, _| kept != axis, 0)?;
        Parts::new(self, fixed, walks, usize::MAX)
    }

    plain! {
        /// Visits the view's lanes along an axis: for each index on the other axes, in row-major
        /// order, the view of rank 1 that runs along this one. An empty view has no lanes. The
        /// lanes of a mutable view share no element and may be kept.
        ///
        /// ```
        /// use strideproof::{as_strided, as_strided_mut};
        /// let x: Vec<i64> = (0..6).collect();
        /// let x = as_strided(&x, [2, 3], None, 0)?;
        /// let last: Vec<i64> = x.lanes(1).map(|row| row[[2]]).collect();
        /// assert_eq!(last, [2, 5]);
        ///
        /// let mut y = [3, 1, 2, 9, 7, 8];
        /// for mut row in as_strided_mut(&mut y, [2, 3], None, 0)?.lanes(1) {
        ///     let smallest = row.iter().min().copied();
        ///     row[[0]] = smallest.unwrap_or(0);
        /// }
        /// assert_eq!(y, [1, 1, 2, 7, 7, 8]);
        /// # Ok::<(), strideproof::Error>(())
        /// ```
        fn lanes [] ([self] axis: usize) -> Lanes<B, T, D, U>, by self.try_lanes
    }

    /// As [`lanes`](Self::lanes), returning the error.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis).
    pub fn try_lanes(self, axis: usize) -> Result<Lanes<B, T, D, U>, Error> {
        let walks = [Walk::whole(axis, self.size_of(axis)?)];
        let mut fixed = self.first_index();
        fixed.as_mut().copy_from_slice(self.sizes());
        if let Some(fixed) = fixed.as_mut().get_mut(axis) {
            *fixed = 1;
        }
        let limit = if self.is_empty() { 0 } else { usize::MAX };
        Parts::new(self, fixed, walks, limit)
    }
}

impl<B: Buffer<T>, T, U: ViewUnit> View<B, T, Const<2>, U> {
    /// Visits the rows of a view of rank 2: [`axis_iter`](View::axis_iter) along axis 0. Of other
    /// ranks, [`lanes`](View::lanes) along the last axis are the rows.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x = [1, 2, 3, 4, 5, 6];
    /// let x = as_strided(&x, [2, 3], None, 0)?;
    /// assert!(x.rows().map(|row| row.to_vec()).eq([[1, 2, 3], [4, 5, 6]]));
    /// assert!(x.columns().rev().map(|column| column[[1]]).eq([6, 5, 4]));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    pub fn rows(self) -> AxisIter<B, T, Const<2>, U> {
        // Never refused: there is an axis 0, and an axis 1.
        accept(self.try_axis_iter(0))
    }

    /// Visits the columns of a view of rank 2: [`axis_iter`](View::axis_iter) along axis 1.
    pub fn columns(self) -> AxisIter<B, T, Const<2>, U> {
        accept(self.try_axis_iter(1))
    }
}

/// Iterates over a view's slices of one rank less along an axis; see [`View::axis_iter`].
pub type AxisIter<B, T, D, U = Elements> = Parts<B, T, D, <D as Shrink>::Smaller, U>;

/// Iterates over a view's lanes along an axis; see [`View::lanes`].
pub type Lanes<B, T, D, U = Elements> = Parts<B, T, D, Const<1>, U>;

impl<B: Buffer<T>, T, D: Rank, E: Rank, U: ViewUnit> Iterator for Parts<B, T, D, E, U> {
    type Item = View<B, T, E, U>;

    fn next(&mut self) -> Option<Self::Item> {
        self.take_part(false)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left(), Some(self.left()))
    }
}

impl<B: Buffer<T>, T, D: Rank, E: Rank, U: ViewUnit> DoubleEndedIterator for Parts<B, T, D, E, U> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.take_part(true)
    }
}

impl<B: Buffer<T>, T, D: Rank, E: Rank, U: ViewUnit> ExactSizeIterator for Parts<B, T, D, E, U> {}
impl<B: Buffer<T>, T, D: Rank, E: Rank, U: ViewUnit> FusedIterator for Parts<B, T, D, E, U> {}
