//! Broadcasting: axes of size 1 repeated, new axes put in front, by stride 0.

use super::{Rank, Selection, Walk, Wider, accept, derived};
use crate::error::{Error, Index};
use crate::{Layout, StridedView};

impl<const N: usize> Layout<N> {
    fn broadcasting<const M: usize>(&self, shape: [usize; M]) -> Result<Selection<N, M>, Error> {
        let incompatible =
            || Error::IncompatibleShapes { from: Index::new(self.shape()), to: Index::new(&shape) };
        // Shapes are lined up at their last axes.
        let Some(added) = M.checked_sub(N) else { return Err(incompatible()) };
        let mut walks = shape.map(Walk::repeat);
        for ((axis, &extent), walk) in
            self.shape().iter().enumerate().zip(walks.iter_mut().skip(added))
        {
            if extent == walk.extent {
                *walk = Walk::whole(axis, extent);
            } else if extent != 1 {
                return Err(incompatible());
            }
        }
        Ok(Selection { start: [0; N], walks })
    }
}

derived! {
    /// Repeats the view to a larger shape without copying: NumPy's `broadcast_to`.
    ///
    /// Shapes are lined up at their last axes. An axis of size 1 becomes any size by stride 0; axes
    /// that are missing in front are new; all others must agree. Only for reading: the indices of
    /// the result share elements.
    ///
    /// ```
    /// use strideproof::StridedView;
    /// let x = [0i64, 1, 2, 3];
    /// let x = StridedView::from_slice(&x)?.broadcast_to([6, 4]);
    /// assert_eq!((x.shape(), x.strides()), (&[6, 4], &[0, 1]));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn broadcast_to;
    /// # Errors
    /// [`IncompatibleShapes`](crate::Error::IncompatibleShapes),
    /// [`TooManyElements`](crate::Error::TooManyElements).
    fn try_broadcast_to;
    shared [const M: usize] (shape: [usize; M]) -> M where [] by broadcasting
}

/// The size of one axis of the common shape.
fn common_extent(one: usize, other: usize) -> Option<usize> {
    match (one, other) {
        (1, extent) | (extent, 1) => Some(extent),
        _ => (one == other).then_some(one),
    }
}

/// The shape to which both shapes broadcast; `K` is the larger of the two ranks.
fn common_shape<const N: usize, const M: usize, const K: usize>(
    one: &[usize; N],
    other: &[usize; M],
) -> Result<[usize; K], Error> {
    let mut common = [1; K];
    let one_padded = one.iter().rev().chain(core::iter::repeat(&1));
    let other_padded = other.iter().rev().chain(core::iter::repeat(&1));
    for ((cell, &left), &right) in common.iter_mut().rev().zip(one_padded).zip(other_padded) {
        *cell = common_extent(left, right).ok_or_else(|| Error::IncompatibleShapes {
            from: Index::new(one),
            to: Index::new(other),
        })?;
    }
    Ok(common)
}

impl<'a, T, const N: usize> StridedView<'a, T, N> {
    /// Repeats two views to their common shape without copying: NumPy's `broadcast_arrays`.
    ///
    /// ```
    /// use strideproof::StridedView;
    /// let (x, y) = ([0i64, 1, 2, 3], [0i64, 10, 20]);
    /// let column = StridedView::from_slice(&y)?.insert_axis(1);
    /// let (x, y) = StridedView::from_slice(&x)?.broadcast(&column);
    /// assert_eq!((x.shape(), y.shape()), (&[3, 4], &[3, 4]));
    /// assert_eq!(x[[2, 1]] + y[[2, 1]], 21);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Panics
    /// With the message of the error of [`try_broadcast`](Self::try_broadcast).
    #[must_use]
    #[track_caller]
    pub fn broadcast<'b, U, const M: usize, const K: usize>(
        &self,
        other: &StridedView<'b, U, M>,
    ) -> (StridedView<'a, T, K>, StridedView<'b, U, K>)
    where
        Rank<N>: Wider<M, K>,
    {
        accept(self.try_broadcast(other))
    }

    /// As [`broadcast`](Self::broadcast), returning the error.
    ///
    /// # Errors
    /// [`IncompatibleShapes`](Error::IncompatibleShapes),
    /// [`TooManyElements`](Error::TooManyElements).
    pub fn try_broadcast<'b, U, const M: usize, const K: usize>(
        &self,
        other: &StridedView<'b, U, M>,
    ) -> Result<(StridedView<'a, T, K>, StridedView<'b, U, K>), Error>
    where
        Rank<N>: Wider<M, K>,
    {
        let shape = common_shape(self.shape(), other.shape())?;
        Ok((self.try_broadcast_to(shape)?, other.try_broadcast_to(shape)?))
    }
}
