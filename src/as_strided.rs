//! `as_strided`: the one call that other libraries leave unchecked.

use core::ops::RangeFull;

use crate::convert::{StridedView, StridedViewMut};
use crate::error::Error;
use crate::layout::Layout;
use crate::rank::Const;
use crate::view::{Buffer, View};

/// Says which shape a view gets: an array of sizes, or `..` for the buffer's own.
pub trait ShapeArg<const N: usize> {
    /// The shape, given the number of elements in the buffer.
    fn shape(self, len: usize) -> [usize; N];
}

impl<const N: usize> ShapeArg<N> for [usize; N] {
    fn shape(self, _len: usize) -> [usize; N] {
        self
    }
}

impl ShapeArg<1> for RangeFull {
    fn shape(self, len: usize) -> [usize; 1] {
        [len]
    }
}

/// Says which strides a view gets: an array of them, or `None` for those of a row-major run.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `[isize; N]`, one stride for each of the shape's axes, nor `None`",
    label = "strides are `isize`",
    note = "strides may be negative, so they are `isize`: write `stride as isize` for one that is `usize`, or \
            `isize::try_from(stride)?` if it may exceed `isize::MAX`"
)]
pub trait StridesArg<const N: usize> {
    /// The strides, unless they are those of a row-major run.
    fn strides(self) -> Option<[isize; N]>;
}

impl<const N: usize> StridesArg<N> for [isize; N] {
    #[inline]
    fn strides(self) -> Option<[isize; N]> {
        Some(self)
    }
}

impl<const N: usize> StridesArg<N> for Option<[isize; N]> {
    #[inline]
    fn strides(self) -> Self {
        self
    }
}

#[inline]
fn view<B: Buffer<T>, T, const N: usize>(
    data: B,
    shape: [usize; N],
    strides: Option<[isize; N]>,
    offset: usize,
) -> Result<View<B, T, Const<N>>, Error> {
    let strides = match strides {
        Some(strides) => strides,
        None => *Layout::row_major(shape)?.strides(),
    };
    View::of_lists(data, shape, strides, offset)
}

/// Shows a slice through any shape, strides and offset that stay inside it, and refuses all others:
/// `as_strided` of NumPy, MLX and PyTorch with its missing check.
///
/// Strides and offset count elements. The defaults are MLX's: the shape `..` is the buffer's own,
/// strides `None` are the row-major strides of the shape. The buffer counts as one row-major run;
/// of a view that is none, pass what its `to_contiguous` gives.
///
/// ```
/// use strideproof::{Error, as_strided};
/// let x: Vec<i64> = (0..12).collect();
/// assert_eq!(as_strided(&x, [4, 3], [2, 2], 0)?[[3, 2]], 10);
/// assert_eq!(as_strided(&x, [3, 4], None, 0)?[[1, 0]], 4);
/// assert_eq!(as_strided(&x, .., None, 0)?[[7]], 7);
/// assert_eq!(as_strided(&x, [12], [-1], 11)?[[0]], 11);
///
/// let error = as_strided(&x, [4, 3], [3, 2], 0).unwrap_err();
/// assert_eq!(error.to_string(), "index [3, 2] is at element 13, past the end of 12 elements; the view needs 14 elements");
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// As [`Layout::new`].
#[inline]
pub fn as_strided<T, const N: usize>(
    data: &[T],
    shape: impl ShapeArg<N>,
    strides: impl StridesArg<N>,
    offset: usize,
) -> Result<StridedView<'_, T, N>, Error> {
    view(data, shape.shape(data.len()), strides.strides(), offset)
}

/// Shows a slice for writing through any shape, strides and offset that stay inside it and give
/// each index an element of its own, and refuses all others.
///
/// Arguments as for [`as_strided`].
///
/// ```
/// use strideproof::{Error, as_strided_mut};
/// let mut x = [0; 8];
/// // Interleaved and not nested: each index still has its own element.
/// as_strided_mut(&mut x, [2, 3], [3, 2], 0)?[[1, 2]] = 7;
/// assert_eq!(x, [0, 0, 0, 0, 0, 0, 0, 7]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// As [`Layout::new`], and [`Aliased`](Error::Aliased) with two indices that share an element.
#[inline]
pub fn as_strided_mut<T, const N: usize>(
    data: &mut [T],
    shape: impl ShapeArg<N>,
    strides: impl StridesArg<N>,
    offset: usize,
) -> Result<StridedViewMut<'_, T, N>, Error> {
    let shape = shape.shape(data.len());
    view(data, shape, strides.strides(), offset)
}
