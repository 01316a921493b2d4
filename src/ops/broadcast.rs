//! Broadcasting: axes of size 1 repeated, new axes put in front, by stride 0.

use super::plain;
use super::select::{Selection, Walk};
use crate::error::{Error, incompatible};
use crate::layout::Layout;
use crate::rank::{PerAxis, Rank, Wider, slice};
use crate::view::{View, ViewUnit};

impl<D: Rank> Layout<D> {
    /// As [`View::broadcast_to`], on the numbers alone.
    ///
    /// # Errors
    /// [`IncompatibleShapes`](Error::IncompatibleShapes),
    /// [`TooManyElements`](Error::TooManyElements).
    pub fn try_broadcast_to<S: PerAxis<usize>>(&self, shape: S) -> Result<Layout<S::Rank>, Error> {
        self.select(&self.broadcasting_to(shape.values())?)
    }

    pub(crate) fn broadcasting_to<E: Rank>(
        &self,
        shape: &[usize],
    ) -> Result<Selection<D, E>, Error> {
        let incompatible = || incompatible(self.sizes(), shape);
        // Shapes are lined up at their last axes.
        let Some(added) = shape.len().checked_sub(self.rank()) else { return Err(incompatible()) };
        let mut walks = E::filled(shape.len(), Walk::repeat(1))?;
        for (walk, &size) in walks.as_mut().iter_mut().zip(shape) {
            *walk = Walk::repeat(size);
        }
        let old = walks.as_mut().iter_mut().skip(added);
        for ((axis, &size), walk) in self.sizes().iter().enumerate().zip(old) {
            if size == walk.size {
                *walk = Walk::whole(axis, size);
            } else if size != 1 {
                return Err(incompatible());
            }
        }
        Ok(Selection { start: self.first_index(), walks })
    }
}

/// The shape to which both shapes broadcast.
fn common_shape<E: Rank>(one: &[usize], other: &[usize]) -> Result<E::List<usize>, Error> {
    let mut common = E::filled(one.len().max(other.len()), 1)?;
    for shape in [one, other] {
        for (common, &size) in common.as_mut().iter_mut().rev().zip(shape.iter().rev()) {
            match (*common, size) {
                (1, _) => *common = size,
                (_, 1) => {}
                (common, size) if common == size => {}
                _ => return Err(incompatible(one, other)),
            }
        }
    }
    Ok(common)
}

/// A shared view, and two of one shape.
type Shared<'a, T, D, U> = View<&'a [T], T, D, U>;
type Pair<'a, 'b, T, V, W, U> = (Shared<'a, T, W, U>, Shared<'b, V, W, U>);

impl<'a, T, D: Rank, U: ViewUnit> View<&'a [T], T, D, U> {
    plain! {
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
        #[must_use]
        fn broadcast_to [S: PerAxis<usize>] ([self] shape: S) -> Shared<'a, T, S::Rank, U>,
        by self.try_broadcast_to
    }

    /// As [`broadcast_to`](Self::broadcast_to), returning the error.
    ///
    /// # Errors
    /// Those of [`Layout::try_broadcast_to`].
    pub fn try_broadcast_to<S: PerAxis<usize>>(
        self,
        shape: S,
    ) -> Result<Shared<'a, T, S::Rank, U>, Error> {
        let selection = self.broadcasting_to(shape.values())?;
        self.select(&selection)
    }

    plain! {
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
        #[must_use]
        fn broadcast ['b, V, E: Rank] ([&self] other: &View<&'b [V], V, E, U>)
        -> Pair<'a, 'b, T, V, D::Wide, U>, [D: Wider<E>] by self.try_broadcast
    }

    /// As [`broadcast`](Self::broadcast), returning the error.
    ///
    /// # Errors
    /// [`IncompatibleShapes`](Error::IncompatibleShapes),
    /// [`TooManyElements`](Error::TooManyElements).
    pub fn try_broadcast<'b, V, E: Rank>(
        &self,
        other: &View<&'b [V], V, E, U>,
    ) -> Result<Pair<'a, 'b, T, V, D::Wide, U>, Error>
    where
        D: Wider<E>,
    {
        let shape = common_shape::<D::Wide>(self.sizes(), other.sizes())?;
        let shape = slice::<D::Wide, _>(&shape);
        Ok((
            self.clone().select(&self.broadcasting_to(shape)?)?,
            other.clone().select(&other.broadcasting_to(shape)?)?,
        ))
    }
}
