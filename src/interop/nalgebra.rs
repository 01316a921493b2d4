//! Matrices of `nalgebra`.
//!
//! A matrix that owns its elements has them in a slice, which a view checks its shape against. Of the
//! views of `nalgebra` there is no conversion: what safe code gives for their elements is read by
//! numbers that safe code could have made wrong, in the versions up to 0.35.0.

use core::ops::Range;

use nalgebra::base::storage::RawStorage;
use nalgebra::{
    ArrayStorage, Const as Static, DMatrixView, DMatrixViewMut, Dim, Dyn, Matrix, SMatrix, Scalar,
    VecStorage,
};

use super::{Numbers, forward, packed, stride};
use crate::bytes::check_elements;
use crate::convert::{StridedView, StridedViewMut};
use crate::error::{Error, Index};
use crate::layout::Layout;
use crate::rank::Const;

fn numbers<T, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    matrix: &Matrix<T, R, C, S>,
) -> Result<Numbers<Const<2>>, Error> {
    let (rows, columns) = matrix.shape();
    Ok(([rows, columns], [1, stride(1, rows)?], 0))
}

strided! {
    /// Rows, then columns: column-major.
    ///
    /// ```
    /// use nalgebra::DMatrix;
    /// use strideproof::interop::{Strided, StridedMut};
    /// let mut matrix = DMatrix::from_row_slice(2, 3, &[1, 2, 3, 4, 5, 6]);
    /// assert_eq!(matrix.to_view()?.to_string(), "[[1 2 3]\n [4 5 6]]");
    /// matrix.to_view_mut()?.reverse(1).index_axis(1, 0).fill(0);
    /// assert_eq!(matrix, DMatrix::from_row_slice(2, 3, &[1, 2, 0, 4, 5, 0]));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    [T, R: Dim, C: Dim] Matrix<T, R, C, VecStorage<T, R, C>>: Const<2>, T, by numbers,
        |matrix| matrix.data.as_slice(), mut |matrix| matrix.data.as_mut_slice(),
        where [VecStorage<T, R, C>: RawStorage<T, R, C>];
    /// Rows, then columns: column-major.
    [T, const R: usize, const C: usize] SMatrix<T, R, C>: Const<2>, T, by numbers,
        |matrix| matrix.data.0.as_flattened(), mut |matrix| matrix.data.0.as_flattened_mut(),
        where [ArrayStorage<T, R, C>: RawStorage<T, Static<R>, Static<C>>];
}

/// Makes a view of `nalgebra` in a buffer that begins with the first element, by its checked
/// constructor; the sums in that check do not overflow.
macro_rules! by_checked_constructor {
    ($view:ident, $elements:expr, $layout:expr) => {{
        let elements = $elements;
        let Strides([rows, columns], [down, across]) = Strides::of($layout, elements.len())?;
        $view::from_slice_with_strides_generic(
            elements,
            Dyn(rows),
            Dyn(columns),
            Dyn(down),
            Dyn(across),
        )
    }};
}

convert! {
    /// Looks at a view without gaps as a matrix.
    ///
    /// # Errors
    /// [`NeedsCopy`](Error::NeedsCopy), [`NotAdjacent`](Error::NotAdjacent), and those of [`matrix`].
    ['a, T: Scalar] StridedView<'a, T, 2> => DMatrixView<'a, T, Dyn, Dyn>, by |view| {
        let (elements, layout) = packed(view)?;
        Ok(by_checked_constructor!(DMatrixView, elements, &layout))
    };
    /// Looks at a view without gaps as a matrix for writing.
    ///
    /// # Errors
    /// As for a shared view.
    ['a, T: Scalar] StridedViewMut<'a, T, 2> => DMatrixViewMut<'a, T, Dyn, Dyn>, by |view| {
        let (elements, layout) = packed(view)?;
        Ok(by_checked_constructor!(DMatrixViewMut, elements, &layout))
    };
}

/// Looks at a buffer as a matrix through a layout of rows, then columns, in it.
///
/// ```
/// use strideproof::{Error, Layout, interop::nalgebra::matrix};
/// let x = [1, 2, 3, 0, 4, 5, 6, 0];
/// let rows = matrix(&x, &Layout::new([2, 3], [4, 1], 0, x.len())?)?;
/// assert_eq!((rows[(1, 2)], rows.column_sum()[0]), (6, 6));
/// let backwards = Layout::new([2, 3], [4, -1], 2, x.len())?;
/// let error = matrix(&x, &backwards).unwrap_err();
/// assert_eq!(error.to_string(), "the stride of axis 1 is -1; it cannot be negative");
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// What [`Layout::new`] says of a buffer that is too short, or that ends within the padding of the last
/// row. What `nalgebra` does not represent: [`NegativeDimension`](Error::NegativeDimension) for what is
/// walked backwards, and [`Aliased`](Error::Aliased) for one row repeated.
/// [`DoesNotFit`](Error::DoesNotFit) for a reach beyond `isize::MAX`.
pub fn matrix<'a, T: Scalar>(
    data: &'a [T],
    layout: &Layout<Const<2>>,
) -> Result<DMatrixView<'a, T, Dyn, Dyn>, Error> {
    layout.require_len(data.len())?;
    let elements = data.get(from_first(layout, data.len())).unwrap_or_default();
    Ok(by_checked_constructor!(DMatrixView, elements, layout))
}

/// As [`matrix`], for writing.
///
/// # Errors
/// Those of [`matrix`], and [`Aliased`](Error::Aliased) with two indices that share an element.
pub fn matrix_mut<'a, T: Scalar>(
    data: &'a mut [T],
    layout: &Layout<Const<2>>,
) -> Result<DMatrixViewMut<'a, T, Dyn, Dyn>, Error> {
    layout.require_len(data.len())?;
    layout.require_unique(1)?;
    let elements = data.get_mut(from_first(layout, data.len())).unwrap_or_default();
    Ok(by_checked_constructor!(DMatrixViewMut, elements, layout))
}

/// What follows the first element. Of elements without a size it may be more than `isize::MAX`, which
/// the sums do not allow for.
fn from_first(layout: &Layout<Const<2>>, len: usize) -> Range<usize> {
    let start = layout.offset();
    start..start.saturating_add(isize::MAX.unsigned_abs()).min(len)
}

/// A shape and strides that `nalgebra` can work with in a slice of `len` elements.
///
/// Of its check, that `rows * down + columns * across + 1` is at most `len + down + across`, no
/// product and no sum overflows. Rows are elements apart, and all `rows * down` are in the slice.
struct Strides([usize; 2], [usize; 2]);

impl Strides {
    fn of(layout: &Layout<Const<2>>, len: usize) -> Result<Self, Error> {
        let (shape, [down, across]) = (*layout.shape(), forward(layout)?);
        // Without elements there is nothing to reach: one step along an axis of size 0.
        match shape {
            [0, _] => return Ok(Self(shape, [1, 0])),
            [_, 0] => return Ok(Self(shape, [0, 1])),
            _ => {}
        }
        let (lowest, highest) = layout.extent().unwrap_or_default();
        if highest.saturating_sub(lowest) >= len.min(isize::MAX.unsigned_abs()) {
            return Err(Error::DoesNotFit { axis: 0 });
        }
        let [rows, _] = shape;
        let down = match (rows, down) {
            (1, _) => 1,
            (_, 0) => {
                return Err(Error::Aliased {
                    first: Index::new(&[0, 0]),
                    second: Index::new(&[1, 0]),
                });
            }
            (_, down) => down,
        };
        check_elements(&[rows, down], &[stride(0, down)?, 1], 0, len)?;
        Ok(Self(shape, [down, across]))
    }
}
