//! Views whose rank is known at run time.

use core::fmt;

use super::{LayoutDyn, R, Selected, padded};
use crate::error::Error;
use crate::{Iter, IterMut, StridedView, StridedViewMut};

/// Reads a slice through a checked layout, as [`StridedView`] does, with a rank known at run time.
///
/// Converts losslessly from and to [`StridedView`]. Operations are those documented there.
///
/// ```
/// use strideproof::{StridedView, StridedViewDyn, as_strided};
/// let x: Vec<i64> = (0..6).collect();
/// let view = StridedViewDyn::from(as_strided(&x, [2, 3], None, 0)?);
/// let column = view.try_index_axis(1, 2)?;
/// assert_eq!((column.rank(), column.to_string()), (1, "[2 5]".into()));
/// let column: StridedView<'_, i64, 1> = column.try_into()?;
/// assert_eq!(column[[1]], 5);
/// # Ok::<(), strideproof::Error>(())
/// ```
pub struct StridedViewDyn<'a, T> {
    pub(super) view: StridedView<'a, T, R>,
    pub(super) layout: LayoutDyn,
}

/// Reads and writes a slice through a checked layout, as [`StridedViewMut`] does, with a rank known
/// at run time.
///
/// Converts losslessly from and to [`StridedViewMut`]. Operations are those documented there.
pub struct StridedViewMutDyn<'a, T> {
    pub(super) view: StridedViewMut<'a, T, R>,
    pub(super) layout: LayoutDyn,
}

impl<T> Clone for StridedViewDyn<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StridedViewDyn<'_, T> {}

impl<'a, T> StridedViewDyn<'a, T> {
    /// Lays a checked layout over a buffer: [`StridedView::new`].
    ///
    /// # Errors
    /// Those of [`StridedView::new`].
    pub fn new(data: &'a [T], layout: LayoutDyn) -> Result<Self, Error> {
        match StridedView::new(data, layout.layout) {
            Ok(view) => Ok(Self { view, layout }),
            Err(error) => Err(error.at_rank(layout.rank)),
        }
    }

    pub(super) fn at_rank(view: StridedView<'a, T, R>, rank: usize) -> Self {
        Self { view, layout: LayoutDyn { layout: *view.layout(), rank } }
    }

    pub(super) fn select(&self, (selection, rank): &Selected) -> Result<Self, Error> {
        Ok(Self::at_rank(self.view.select(selection)?, *rank))
    }

    /// The checked numbers of the view.
    #[must_use]
    pub const fn layout(&self) -> &LayoutDyn {
        &self.layout
    }

    /// The number of axes.
    #[must_use]
    pub const fn rank(&self) -> usize {
        self.layout.rank
    }

    /// The size of each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        self.layout.shape()
    }

    /// How many elements each axis steps over.
    #[must_use]
    pub fn strides(&self) -> &[isize] {
        self.layout.strides()
    }

    /// Where the all-zero index lies in the buffer, in elements.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.layout.offset()
    }

    /// The number of indices.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.layout.len()
    }

    /// Whether some axis has size 0.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.layout.is_empty()
    }

    /// The element at an index tuple, or `None` if the tuple is not valid.
    #[must_use]
    pub fn get(&self, index: &[usize]) -> Option<&'a T> {
        self.view.get(self.layout.index(index)?)
    }

    /// Iterates over the elements in row-major order of their indices.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, T, R> {
        self.view.iter()
    }

    /// The elements as a slice, if they are a row-major run without gaps.
    #[must_use]
    pub fn as_slice(&self) -> Option<&'a [T]> {
        self.view.as_slice()
    }

    /// Copies the elements out in row-major order.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_vec(&self) -> alloc::vec::Vec<T>
    where
        T: Clone,
    {
        self.view.to_vec()
    }

    /// The elements in row-major order: borrowed if they lie so already, else one copy.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_contiguous(&self) -> alloc::borrow::Cow<'a, [T]>
    where
        T: Clone,
    {
        self.view.to_contiguous()
    }

    /// As [`StridedView::reshape`].
    ///
    /// # Errors
    /// Those of [`LayoutDyn::try_reshape`].
    pub fn try_reshape(&self, shape: &[usize]) -> Result<Self, Error> {
        match self.view.try_reshape(padded(shape, 1)?) {
            Ok(view) => Ok(Self::at_rank(view, shape.len())),
            Err(error) => Err(self.layout.of_shape(error, shape)),
        }
    }

    /// As [`StridedView::split_at`].
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis), [`BadIndex`](Error::BadIndex).
    pub fn try_split_at(&self, axis: usize, index: usize) -> Result<(Self, Self), Error> {
        self.layout.check_axis(axis)?;
        let (head, tail) = self.view.try_split_at(axis, index)?;
        Ok((Self::at_rank(head, self.rank()), Self::at_rank(tail, self.rank())))
    }

    /// As [`StridedView::reinterpret_axis`].
    ///
    /// # Errors
    /// Those of [`StridedView::try_reinterpret_axis`].
    #[cfg(feature = "bytemuck")]
    pub fn try_reinterpret_axis<U: bytemuck::AnyBitPattern>(
        &self,
        axis: usize,
    ) -> Result<StridedViewDyn<'a, U>, Error>
    where
        T: bytemuck::NoUninit,
    {
        self.layout.check_axis(axis)?;
        Ok(StridedViewDyn::at_rank(self.view.try_reinterpret_axis(axis)?, self.rank()))
    }

    /// The bytes of all indices taken together: [`StridedView::nominal_bytes`].
    #[must_use]
    pub fn nominal_bytes(&self) -> u128 {
        self.view.nominal_bytes()
    }

    /// The bytes that the elements really occupy: [`StridedView::real_bytes`].
    #[must_use]
    pub fn real_bytes(&self) -> usize {
        self.view.real_bytes()
    }
}

impl<'a, T> StridedViewMutDyn<'a, T> {
    /// Lays a checked layout that is unique over a buffer: [`StridedViewMut::new`].
    ///
    /// # Errors
    /// Those of [`StridedViewMut::new`].
    pub fn new(data: &'a mut [T], layout: LayoutDyn) -> Result<Self, Error> {
        match StridedViewMut::new(data, layout.layout) {
            Ok(view) => Ok(Self { view, layout }),
            Err(error) => Err(error.at_rank(layout.rank)),
        }
    }

    pub(super) fn at_rank(view: StridedViewMut<'a, T, R>, rank: usize) -> Self {
        let layout = LayoutDyn { layout: *view.layout(), rank };
        Self { view, layout }
    }

    pub(super) fn select(self, (selection, rank): &Selected) -> Result<Self, Error> {
        match self.view.select(selection) {
            Ok(view) => Ok(Self::at_rank(view, *rank)),
            Err(error) => Err(error.at_rank(*rank)),
        }
    }

    /// The checked numbers of the view.
    #[must_use]
    pub const fn layout(&self) -> &LayoutDyn {
        &self.layout
    }

    /// The number of axes.
    #[must_use]
    pub const fn rank(&self) -> usize {
        self.layout.rank
    }

    /// The size of each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        self.layout.shape()
    }

    /// Reads through this view for as long as the borrow of `self` lasts.
    #[must_use]
    pub fn as_view(&self) -> StridedViewDyn<'_, T> {
        StridedViewDyn { view: self.view.as_view(), layout: self.layout }
    }

    /// Lends this view out for a shorter time.
    #[must_use]
    pub fn reborrow(&mut self) -> StridedViewMutDyn<'_, T> {
        StridedViewMutDyn { view: self.view.reborrow(), layout: self.layout }
    }

    /// The element at an index tuple for writing, or `None` if the tuple is not valid.
    #[must_use]
    pub fn get_mut(&mut self, index: &[usize]) -> Option<&mut T> {
        self.view.get_mut(self.layout.index(index)?)
    }

    /// Iterates over the elements for writing, in row-major order of their indices.
    #[must_use]
    pub fn iter_mut(&mut self) -> IterMut<'_, T, R> {
        self.view.iter_mut()
    }

    /// As [`StridedViewMut::reshape`].
    ///
    /// # Errors
    /// Those of [`LayoutDyn::try_reshape`].
    pub fn try_reshape(self, shape: &[usize]) -> Result<Self, Error> {
        match self.view.try_reshape(padded(shape, 1)?) {
            Ok(view) => Ok(Self::at_rank(view, shape.len())),
            Err(error) => Err(self.layout.of_shape(error, shape)),
        }
    }

    /// As [`StridedViewMut::split_at`].
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis), [`BadIndex`](Error::BadIndex).
    pub fn try_split_at(self, axis: usize, index: usize) -> Result<(Self, Self), Error> {
        let rank = self.rank();
        self.layout.check_axis(axis)?;
        let (head, tail) = self.view.try_split_at(axis, index)?;
        Ok((Self::at_rank(head, rank), Self::at_rank(tail, rank)))
    }

    /// As [`StridedViewMut::reinterpret_axis`].
    ///
    /// # Errors
    /// Those of [`StridedViewMut::try_reinterpret_axis`].
    #[cfg(feature = "bytemuck")]
    pub fn try_reinterpret_axis<U: bytemuck::NoUninit + bytemuck::AnyBitPattern>(
        self,
        axis: usize,
    ) -> Result<StridedViewMutDyn<'a, U>, Error>
    where
        T: bytemuck::NoUninit + bytemuck::AnyBitPattern,
    {
        let rank = self.rank();
        self.layout.check_axis(axis)?;
        Ok(StridedViewMutDyn::at_rank(self.view.try_reinterpret_axis(axis)?, rank))
    }
}

/// Prints through the view of fixed rank, so that there are as many brackets as axes.
macro_rules! print_as {
    ($($format:ident),*) => {
        $(
            impl<T: fmt::$format> fmt::$format for StridedViewDyn<'_, T> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    print_as!(@ranks $format, self, f, 0 1 2 3 4 5 6 7)
                }
            }
        )*
    };
    (@ranks $format:ident, $view:ident, $f:ident, $($rank:literal)*) => {
        match $view.rank() {
            $($rank => match StridedView::<'_, T, $rank>::try_from(*$view) {
                Ok(view) => fmt::$format::fmt(&view, $f),
                Err(_) => Err(fmt::Error),
            },)*
            _ => fmt::$format::fmt(&$view.view, $f),
        }
    };
}

print_as!(Debug, Display);

impl<T: fmt::Debug> fmt::Debug for StridedViewMutDyn<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_view(), f)
    }
}

impl<T: fmt::Display> fmt::Display for StridedViewMutDyn<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.as_view(), f)
    }
}
