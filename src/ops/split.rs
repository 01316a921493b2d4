//! Views cut in two, and views one after the other along an axis.

use core::iter::FusedIterator;

use super::{Along, OneLess, Rank, Selection, Slice, Walk, accept};
use crate::error::Error;
use crate::iter::Addresses;
use crate::view::LanesMut;
use crate::{Layout, StridedView, StridedViewMut};

impl<const N: usize> Layout<N> {
    /// What lies before and from a position on one axis; between them the two hold each index of
    /// the layout once.
    pub(crate) fn splitting(
        &self,
        axis: usize,
        index: usize,
    ) -> Result<[Selection<N, N>; 2], Error> {
        let extent = self.extent_of(axis)?;
        if index > extent {
            // A cut may lie before each element and after the last one.
            return Err(Error::bad_index(axis, index, extent.saturating_add(1)));
        }
        let head = self.slicing_axis(axis, Slice::from(..index))?;
        let tail = self.slicing_axis(axis, Slice::from(index..))?;
        Ok([head, tail])
    }

    /// As [`StridedView::split_at`], on the numbers alone.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis), [`BadIndex`](Error::BadIndex).
    pub fn try_split_at(&self, axis: usize, index: usize) -> Result<(Self, Self), Error> {
        let [head, tail] = self.splitting(axis, index)?;
        Ok((self.select(&head)?, self.select(&tail)?))
    }

    /// The lane along `axis` through an index.
    pub(crate) fn lane(&self, axis: usize, through: [usize; N]) -> Result<Selection<N, 1>, Error> {
        let extent = self.extent_of(axis)?;
        let mut start = through;
        if let Some(start) = start.get_mut(axis) {
            *start = 0;
        }
        Ok(Selection { start, walks: [Walk { extent, step: 1, along: Along::One(axis) }] })
    }

    /// The first elements of all lanes along `axis`, one index for each lane.
    pub(crate) fn lane_heads(&self, axis: usize) -> Result<Self, Error> {
        self.select(&self.slicing_axis(axis, Slice::from(..1))?)
    }
}

impl<'a, T, const N: usize> StridedView<'a, T, N> {
    /// Cuts the view in two before position `index` of an axis: NumPy's `x[:i]` and `x[i:]`.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x: Vec<i64> = (0..6).collect();
    /// let (left, right) = as_strided(&x, [2, 3], None, 0)?.split_at(1, 1);
    /// assert_eq!((left.to_vec(), right.to_vec()), (vec![0, 3], vec![1, 2, 4, 5]));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Panics
    /// With the message of the error of [`try_split_at`](Self::try_split_at).
    #[must_use]
    #[track_caller]
    pub fn split_at(&self, axis: usize, index: usize) -> (Self, Self) {
        accept(self.try_split_at(axis, index))
    }

    /// As [`split_at`](Self::split_at), returning the error.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis), [`BadIndex`](Error::BadIndex).
    pub fn try_split_at(&self, axis: usize, index: usize) -> Result<(Self, Self), Error> {
        let [head, tail] = self.layout().splitting(axis, index)?;
        Ok((self.select(&head)?, self.select(&tail)?))
    }

    /// Visits the view's slices of one rank less, along an axis: what NumPy's `for row in x` does
    /// for axis 0.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x: Vec<i64> = (0..6).collect();
    /// let x = as_strided(&x, [2, 3], None, 0)?;
    /// let sums: Vec<i64> = x.axis_iter(1).map(|column| column.iter().sum()).collect();
    /// assert_eq!(sums, [3, 5, 7]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Panics
    /// With the message of the error of [`try_axis_iter`](Self::try_axis_iter).
    #[track_caller]
    pub fn axis_iter<const M: usize>(&self, axis: usize) -> AxisIter<'a, T, N, M>
    where
        Rank<N>: OneLess<M>,
    {
        accept(self.try_axis_iter(axis))
    }

    /// As [`axis_iter`](Self::axis_iter), returning the error.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis).
    pub fn try_axis_iter<const M: usize>(&self, axis: usize) -> Result<AxisIter<'a, T, N, M>, Error>
    where
        Rank<N>: OneLess<M>,
    {
        let extent = self.layout().extent_of(axis)?;
        Ok(AxisIter { view: *self, axis, indices: 0..extent })
    }

    /// Visits the view's lanes along an axis: for each index on the other axes, in row-major order,
    /// the view of rank 1 that runs along this one. An empty view has no lanes.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x: Vec<i64> = (0..6).collect();
    /// let x = as_strided(&x, [2, 3], None, 0)?;
    /// let last: Vec<i64> = x.lanes(1).map(|row| row[[2]]).collect();
    /// assert_eq!(last, [2, 5]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Panics
    /// With the message of the error of [`try_lanes`](Self::try_lanes).
    #[track_caller]
    pub fn lanes(&self, axis: usize) -> Lanes<'a, T, N> {
        accept(self.try_lanes(axis))
    }

    /// As [`lanes`](Self::lanes), returning the error.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis).
    pub fn try_lanes(&self, axis: usize) -> Result<Lanes<'a, T, N>, Error> {
        let heads = Addresses::new(self.layout().lane_heads(axis)?);
        Ok(Lanes { view: *self, axis, heads })
    }
}

impl<'a, T, const N: usize> StridedViewMut<'a, T, N> {
    /// Cuts the view in two before position `index` of an axis. The halves share no element and
    /// may be written to at the same time, even where they interleave in memory.
    ///
    /// ```
    /// use strideproof::as_strided_mut;
    /// let mut x = [0; 6];
    /// let (mut left, mut right) = as_strided_mut(&mut x, [2, 3], None, 0)?.split_at(1, 1);
    /// left[[1, 0]] = 7;
    /// right[[0, 0]] = 8;
    /// assert_eq!(x, [0, 8, 0, 7, 0, 0]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Panics
    /// With the message of the error of [`try_split_at`](Self::try_split_at).
    #[must_use]
    #[track_caller]
    pub fn split_at(self, axis: usize, index: usize) -> (Self, Self) {
        accept(self.try_split_at(axis, index))
    }

    /// Visits the view's slices of one rank less along an axis, for writing. They share no element
    /// and may be kept.
    ///
    /// ```
    /// use strideproof::as_strided_mut;
    /// let mut x = [0; 6];
    /// for (i, mut column) in as_strided_mut(&mut x, [2, 3], None, 0)?.axis_iter_mut(1).enumerate() {
    ///     column[[0]] = i;
    /// }
    /// assert_eq!(x, [0, 1, 2, 0, 0, 0]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Panics
    /// With the message of the error of [`try_axis_iter_mut`](Self::try_axis_iter_mut).
    #[track_caller]
    pub fn axis_iter_mut<const M: usize>(self, axis: usize) -> AxisIterMut<'a, T, N, M>
    where
        Rank<N>: OneLess<M>,
    {
        accept(self.try_axis_iter_mut(axis))
    }

    /// As [`axis_iter_mut`](Self::axis_iter_mut), returning the error.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis).
    pub fn try_axis_iter_mut<const M: usize>(
        self,
        axis: usize,
    ) -> Result<AxisIterMut<'a, T, N, M>, Error>
    where
        Rank<N>: OneLess<M>,
    {
        let left = self.layout().extent_of(axis)?;
        Ok(AxisIterMut { rest: Some(self), axis, left })
    }

    /// Visits the view's lanes along an axis, for writing. They share no element and may be kept.
    ///
    /// ```
    /// use strideproof::as_strided_mut;
    /// let mut x = [3, 1, 2, 9, 7, 8];
    /// for mut row in as_strided_mut(&mut x, [2, 3], None, 0)?.lanes_mut(1) {
    ///     let smallest = row.iter().min().copied();
    ///     row[[0]] = smallest.unwrap_or(0);
    /// }
    /// assert_eq!(x, [1, 1, 2, 7, 7, 8]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Panics
    /// With the message of the error of [`try_lanes_mut`](Self::try_lanes_mut).
    #[track_caller]
    pub fn lanes_mut(self, axis: usize) -> LanesMut<'a, T, N> {
        accept(self.try_lanes_mut(axis))
    }
}

/// Iterates over a view's slices of one rank less along an axis; see
/// [`StridedView::axis_iter`].
pub struct AxisIter<'a, T, const N: usize, const M: usize> {
    view: StridedView<'a, T, N>,
    axis: usize,
    indices: core::ops::Range<usize>,
}

impl<T, const N: usize, const M: usize> Clone for AxisIter<'_, T, N, M> {
    fn clone(&self) -> Self {
        Self { view: self.view, axis: self.axis, indices: self.indices.clone() }
    }
}

impl<'a, T, const N: usize, const M: usize> AxisIter<'a, T, N, M>
where
    Rank<N>: OneLess<M>,
{
    /// The slice at an index below the axis's size, which is never refused.
    fn at(&self, index: usize) -> StridedView<'a, T, M> {
        self.view.index_axis(self.axis, index)
    }
}

impl<'a, T, const N: usize, const M: usize> Iterator for AxisIter<'a, T, N, M>
where
    Rank<N>: OneLess<M>,
{
    type Item = StridedView<'a, T, M>;

    fn next(&mut self) -> Option<Self::Item> {
        self.indices.next().map(|index| self.at(index))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.indices.size_hint()
    }
}

impl<T, const N: usize, const M: usize> DoubleEndedIterator for AxisIter<'_, T, N, M>
where
    Rank<N>: OneLess<M>,
{
    fn next_back(&mut self) -> Option<Self::Item> {
        self.indices.next_back().map(|index| self.at(index))
    }
}

impl<T, const N: usize, const M: usize> ExactSizeIterator for AxisIter<'_, T, N, M> where
    Rank<N>: OneLess<M>
{
}

impl<T, const N: usize, const M: usize> FusedIterator for AxisIter<'_, T, N, M> where
    Rank<N>: OneLess<M>
{
}

/// Iterates over a mutable view's slices of one rank less along an axis; see
/// [`StridedViewMut::axis_iter_mut`].
///
/// Each step splits one slice off what is left, so that no two slices share an element.
pub struct AxisIterMut<'a, T, const N: usize, const M: usize> {
    rest: Option<StridedViewMut<'a, T, N>>,
    axis: usize,
    left: usize,
}

impl<'a, T, const N: usize, const M: usize> Iterator for AxisIterMut<'a, T, N, M>
where
    Rank<N>: OneLess<M>,
{
    type Item = StridedViewMut<'a, T, M>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (first, rest) = self.rest.take()?.split_at(self.axis, 1);
        self.rest = Some(rest);
        Some(first.index_axis(self.axis, 0))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T, const N: usize, const M: usize> DoubleEndedIterator for AxisIterMut<'_, T, N, M>
where
    Rank<N>: OneLess<M>,
{
    fn next_back(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (rest, last) = self.rest.take()?.split_at(self.axis, self.left);
        self.rest = Some(rest);
        Some(last.index_axis(self.axis, 0))
    }
}

impl<T, const N: usize, const M: usize> ExactSizeIterator for AxisIterMut<'_, T, N, M> where
    Rank<N>: OneLess<M>
{
}

impl<T, const N: usize, const M: usize> FusedIterator for AxisIterMut<'_, T, N, M> where
    Rank<N>: OneLess<M>
{
}

/// Iterates over a view's lanes along an axis; see [`StridedView::lanes`].
pub struct Lanes<'a, T, const N: usize> {
    view: StridedView<'a, T, N>,
    axis: usize,
    heads: Addresses<N>,
}

impl<T, const N: usize> Clone for Lanes<'_, T, N> {
    fn clone(&self) -> Self {
        Self { view: self.view, axis: self.axis, heads: self.heads.clone() }
    }
}

impl<'a, T, const N: usize> Iterator for Lanes<'a, T, N> {
    type Item = StridedView<'a, T, 1>;

    fn next(&mut self) -> Option<Self::Item> {
        let head = self.heads.index();
        self.heads.next()?;
        let lane = self.view.layout().lane(self.axis, head);
        Some(accept(lane.and_then(|lane| self.view.select(&lane))))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.heads.size_hint()
    }
}

impl<T, const N: usize> ExactSizeIterator for Lanes<'_, T, N> {}
impl<T, const N: usize> FusedIterator for Lanes<'_, T, N> {}
