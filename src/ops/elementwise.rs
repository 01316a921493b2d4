//! Elements written and read one by one: `fill`, `assign`, `map_in_place`, `zip`.

use core::array;

use super::plain;
use crate::error::{Error, accept, incompatible};
use crate::rank::{Const, Rank};
use crate::view::{Meeting, View, ViewUnit, each_of_block};

fn same_shape(one: &[usize], other: &[usize]) -> Result<(), Error> {
    if one == other { Ok(()) } else { Err(incompatible(one, other)) }
}

struct Cloning;

impl<T: Clone> Meeting<T, T> for Cloning {
    #[inline]
    fn each(&mut self, to: &mut T, from: &T) {
        to.clone_from(from);
    }

    #[inline]
    fn slices(&mut self, to: &mut [T], from: &[T]) {
        to.clone_from_slice(from);
    }

    #[inline]
    fn block<const R: usize, const C: usize>(
        &mut self,
        rows: [&mut [T; C]; R],
        columns: [&[T; R]; C],
    ) {
        // Small elements stay in registers when all are read before any is written, and the compiler
        // makes vector instructions of that; others it would move to the stack and back.
        if !matches!(size_of::<T>(), 1 | 2 | 4) {
            return each_of_block(rows, columns, |to, from| self.each(to, from));
        }
        let clones: [[T; C]; R] = array::from_fn(|i| columns.map(|column| column[i].clone()));
        rows.into_iter().zip(clones).for_each(|(row, clones)| *row = clones);
    }
}

struct Calling<F>(F);

impl<T, V, F: FnMut(&mut T, &V)> Meeting<T, V> for Calling<F> {
    #[inline]
    fn each(&mut self, to: &mut T, from: &V) {
        self.0(to, from);
    }
}

impl<'a, T, D: Rank, U: ViewUnit> View<&'a [T], T, D, U> {
    plain! {
        /// Pairs the elements of two views of the same shape, in row-major order.
        ///
        /// [`broadcast`](Self::broadcast) makes shapes the same.
        ///
        /// ```
        /// use strideproof::StridedView;
        /// let (x, y) = ([1, 2, 3], [10, 20, 30]);
        /// let (x, y) = (StridedView::from_slice(&x)?, StridedView::from_slice(&y)?);
        /// let sums: Vec<i32> = x.zip(&y.reverse(0)).map(|(x, y)| x + y).collect();
        /// assert_eq!(sums, [31, 22, 13]);
        /// # Ok::<(), strideproof::Error>(())
        /// ```
        fn zip ['b, V, W: ViewUnit] ([&self] other: &View<&'b [V], V, D, W>)
        -> impl ExactSizeIterator<Item = (&'a T, &'b V)> + Clone, by self.try_zip
    }

    /// As [`zip`](Self::zip), returning the error.
    ///
    /// # Errors
    /// [`IncompatibleShapes`](Error::IncompatibleShapes).
    pub fn try_zip<'b, V, W: ViewUnit>(
        &self,
        other: &View<&'b [V], V, D, W>,
    ) -> Result<impl ExactSizeIterator<Item = (&'a T, &'b V)> + Clone, Error> {
        same_shape(self.sizes(), other.sizes())?;
        Ok(self.iter().zip(other.iter()))
    }
}

impl<T, D: Rank, U: ViewUnit> View<&mut [T], T, D, U> {
    /// Writes one value to every element.
    ///
    /// ```
    /// use strideproof::{s, as_strided_mut};
    /// let mut x = [0; 8];
    /// as_strided_mut(&mut x, .., None, 0)?.slice(s![1..;3]).fill(5);
    /// assert_eq!(x, [0, 5, 0, 0, 5, 0, 0, 5]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    pub fn fill(&mut self, value: T)
    where
        T: Clone,
    {
        let elements = accept(self.reborrow().try_in_memory_order());
        elements.into_iter().for_each(|element| element.clone_from(&value));
    }

    /// Calls a function on every element in row-major order, to change it where it lies.
    ///
    /// ```
    /// use strideproof::as_strided_mut;
    /// let mut x = [1, 2, 3, 4];
    /// as_strided_mut(&mut x, [2, 2], None, 0)?.diagonal(0).map_in_place(|x| *x *= 10);
    /// assert_eq!(x, [10, 2, 3, 40]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    pub fn map_in_place(&mut self, f: impl FnMut(&mut T)) {
        self.iter_mut().for_each(f);
    }

    /// Copies the elements of another view, repeated to this view's shape: NumPy's `x[...] = y`.
    ///
    /// The borrow checker sees to it that the two do not overlap.
    ///
    /// ```
    /// use strideproof::{StridedView, as_strided_mut};
    /// let mut x = [0; 6];
    /// as_strided_mut(&mut x, [2, 3], None, 0)?.assign(&StridedView::from_slice(&[1, 2, 3])?);
    /// assert_eq!(x, [1, 2, 3, 1, 2, 3]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Panics
    /// With the message of the error of [`try_assign`](Self::try_assign).
    #[track_caller]
    pub fn assign<E: Rank, W: ViewUnit>(&mut self, source: &View<&[T], T, E, W>)
    where
        T: Clone,
    {
        accept(self.try_assign(source));
    }

    /// As [`assign`](Self::assign), returning the error.
    ///
    /// # Errors
    /// [`IncompatibleShapes`](Error::IncompatibleShapes); nothing is written then.
    pub fn try_assign<E: Rank, W: ViewUnit>(
        &mut self,
        source: &View<&[T], T, E, W>,
    ) -> Result<(), Error>
    where
        T: Clone,
    {
        self.meeting(source, &mut Cloning)
    }

    /// Calls a function on every element of this view and the element of another view that belongs
    /// to it, whose shape is repeated to this one's: NumPy's `x += y` with any function.
    ///
    /// In an order that suits the memory of both, which is that of the indices only by chance. Where
    /// elements lie side by side in both, the compiler makes vector instructions of the function.
    ///
    /// ```
    /// use strideproof::{StridedView, as_strided_mut};
    /// let mut x = [1, 2, 3, 4, 5, 6];
    /// let row = [10, 20, 30];
    /// let mut sums = as_strided_mut(&mut x, [2, 3], None, 0)?;
    /// sums.zip_mut_with(&StridedView::from_slice(&row)?, |x, y| *x += y);
    /// assert_eq!(x, [11, 22, 33, 14, 25, 36]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Panics
    /// With the message of the error of [`try_zip_mut_with`](Self::try_zip_mut_with).
    #[track_caller]
    pub fn zip_mut_with<V, E: Rank, W: ViewUnit>(
        &mut self,
        source: &View<&[V], V, E, W>,
        f: impl FnMut(&mut T, &V),
    ) {
        accept(self.try_zip_mut_with(source, f));
    }

    /// As [`zip_mut_with`](Self::zip_mut_with), returning the error.
    ///
    /// # Errors
    /// [`IncompatibleShapes`](Error::IncompatibleShapes); the function is not called then.
    pub fn try_zip_mut_with<V, E: Rank, W: ViewUnit>(
        &mut self,
        source: &View<&[V], V, E, W>,
        f: impl FnMut(&mut T, &V),
    ) -> Result<(), Error> {
        self.meeting(source, &mut Calling(f))
    }

    fn meeting<V, E: Rank, W: ViewUnit>(
        &mut self,
        source: &View<&[V], V, E, W>,
        meeting: &mut impl Meeting<T, V>,
    ) -> Result<(), Error> {
        if self.sizes() == source.sizes() {
            return self.meet(source, meeting);
        }
        let repeated = source.broadcasting_to::<D>(self.sizes())?;
        self.meet(&source.clone().select(&repeated)?, meeting)
    }

    plain! {
        /// Pairs the elements of this view, for writing, with those of another view of the same
        /// shape, in row-major order.
        ///
        /// ```
        /// use strideproof::{StridedView, StridedViewMut};
        /// let (mut x, y) = ([1, 2, 3], [10, 20, 30]);
        /// for (x, y) in StridedViewMut::from_slice(&mut x)?.zip_mut(&StridedView::from_slice(&y)?) {
        ///     *x += y;
        /// }
        /// assert_eq!(x, [11, 22, 33]);
        /// # Ok::<(), strideproof::Error>(())
        /// ```
        fn zip_mut ['s, 'b, V, W: ViewUnit] ([&'s mut self] other: &View<&'b [V], V, D, W>)
        -> impl ExactSizeIterator<Item = (&'s mut T, &'b V)>, by self.try_zip_mut
    }

    /// As [`zip_mut`](Self::zip_mut), returning the error.
    ///
    /// # Errors
    /// [`IncompatibleShapes`](Error::IncompatibleShapes).
    pub fn try_zip_mut<'s, 'b, V, W: ViewUnit>(
        &'s mut self,
        other: &View<&'b [V], V, D, W>,
    ) -> Result<impl ExactSizeIterator<Item = (&'s mut T, &'b V)>, Error> {
        same_shape(self.sizes(), other.sizes())?;
        Ok(self.iter_mut().zip(other.iter()))
    }
}

/// As many rows and columns of a square stay in the cache while they are exchanged with others.
const SQUARE: usize = 16;

impl<T, U: ViewUnit> View<&mut [T], T, Const<2>, U> {
    plain! {
        /// Exchanges rows and columns of a square where they lie: each index then has the element that
        /// was at the exchanged one. NumPy's `x[...] = x.T.copy()`, without a copy.
        ///
        /// ```
        /// use strideproof::as_strided_mut;
        /// // Two rows of two, each followed by one of padding.
        /// let mut x = [1, 2, 0, 3, 4, 0];
        /// as_strided_mut(&mut x, [2, 2], [3, 1], 0)?.transpose_in_place();
        /// assert_eq!(x, [1, 3, 0, 2, 4, 0]);
        /// # Ok::<(), strideproof::Error>(())
        /// ```
        fn transpose_in_place [] ([&mut self]) -> (), by self.try_transpose_in_place
    }

    /// As [`transpose_in_place`](Self::transpose_in_place), returning the error.
    ///
    /// # Errors
    /// [`IncompatibleShapes`](Error::IncompatibleShapes) unless both sizes are the same.
    pub fn try_transpose_in_place(&mut self) -> Result<(), Error> {
        let &[size, columns] = self.shape();
        if size != columns {
            return Err(incompatible(&[columns, size], self.sizes()));
        }
        // Square by square, and in each those below the diagonal.
        for top in (0..size).step_by(SQUARE) {
            for left in (0..top.saturating_add(1)).step_by(SQUARE) {
                for row in (top..size).take(SQUARE) {
                    for column in (left..row).take(SQUARE) {
                        self.swap([row, column], [column, row]);
                    }
                }
            }
        }
        Ok(())
    }
}
