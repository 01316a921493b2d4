//! Elements written and read one by one: `fill`, `assign`, `map_in_place`, `zip`.

use super::broadcast::incompatible;
use super::plain;
use crate::error::{Error, accept};
use crate::rank::{AxisList, Dyn, INLINE, Rank};
use crate::view::{View, ViewUnit};

fn same_shape(one: &[usize], other: &[usize]) -> Result<(), Error> {
    if one == other { Ok(()) } else { Err(incompatible(one, other)) }
}

/// The side of a tile: rows of so many elements fill cache lines, and so many of them fit a cache.
const TILE: usize = 64;
/// Fewer elements stay in the cache, in whatever order.
const WORTH_TILES: usize = 1 << 14;
/// The largest rank whose copies go by tiles: a tiled view has twice as many axes, and needs no heap.
const TILED_RANKS: usize = INLINE / 2;

fn copy_each<T: Clone, D: Rank, E: Rank, U: ViewUnit, W: ViewUnit>(
    to: View<&mut [T], T, D, U>,
    from: View<&[T], T, E, W>,
) -> Result<(), Error> {
    same_shape(to.sizes(), from.sizes())?;
    to.copy(from);
    Ok(())
}

/// Copies between views of the same shape, in an order that suits the memory of both.
///
/// The axis along which the target moves least comes last. Where the source moves least along
/// another one, as in a transposition, the two are walked tile by tile, so that what one element
/// brings into the cache serves its neighbours too.
fn copy<T: Clone, U: ViewUnit, W: ViewUnit>(
    to: View<&mut [T], T, Dyn, U>,
    from: View<&[T], T, Dyn, W>,
) -> Result<(), Error> {
    let mut axes: AxisList<usize> = Dyn::filled(to.rank(), 0)?;
    for (place, axis) in axes.as_mut().iter_mut().enumerate() {
        *axis = place;
    }
    let step =
        |strides: &[isize], axis: usize| strides.get(axis).map_or(0, |step| step.unsigned_abs());
    axes.as_mut().sort_unstable_by_key(|&axis| core::cmp::Reverse(step(to.steps(), axis)));
    let (mut to, mut from) = (to.try_permute(&axes)?, from.try_permute(&axes)?);
    let moves = |axis: &usize| from.sizes().get(*axis).is_some_and(|&size| size >= TILE);
    let Some(last) = (0..to.rank()).rev().find(moves) else {
        return copy_each(to, from);
    };
    let least = (0..=last).rev().filter(moves).min_by_key(|&axis| step(from.steps(), axis));
    let other = least.unwrap_or(last);
    if other == last {
        return copy_each(to, from);
    }
    let mut tile: AxisList<usize> = Dyn::filled(to.rank(), 1)?;
    for axis in [other, last] {
        let size = to.size_of(axis)?;
        let whole = size.saturating_sub(size % TILE);
        let (head, tail) = to.try_split_at(axis, whole)?;
        let (source, rest) = from.try_split_at(axis, whole)?;
        copy_each(tail, rest)?;
        (to, from) = (head, source);
        if let Some(side) = tile.as_mut().get_mut(axis) {
            *side = TILE;
        }
    }
    copy_each(to.try_windows_by(&tile, &tile)?, from.try_windows_by(&tile, &tile)?)
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
        self.map_in_place(|element| element.clone_from(&value));
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
        let selection = source.broadcasting_to::<D>(self.sizes())?;
        let source = source.clone().select(&selection)?;
        if self.rank() <= TILED_RANKS && self.len() >= WORTH_TILES {
            return copy(self.reborrow().try_with_rank()?, source.try_with_rank()?);
        }
        copy_each(self.reborrow(), source)
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
