//! Matrices of `faer`.
//!
//! There are conversions to `faer` only: it has no safe function that hands out the elements of a matrix
//! but by single rows and columns. Of its constructors the column-major ones are used, and their
//! transposes. A row or a column whose elements lie side by side is a slice:
//!
//! ```
//! use strideproof::StridedView;
//! let matrix = faer::Mat::from_fn(3, 2, |row, column| 10 * row + column);
//! let column = matrix.as_ref().col(1).try_as_col_major().map(|column| column.as_slice());
//! assert_eq!(StridedView::from_slice(column.unwrap())?.to_vec(), [1, 11, 21]);
//! # Ok::<(), strideproof::Error>(())
//! ```

use faer::{MatMut, MatRef};

use super::{moving, packed, part, part_mut};
use crate::convert::{StridedView, StridedViewMut};
use crate::error::Error;
use crate::layout::Layout;
use crate::rank::Const;

/// Makes a matrix of the elements from the lowest to the highest of a layout.
macro_rules! from_lowest {
    ($elements:expr, $layout:expr, $matrix:ident $columns:ident $transpose:ident $rows:ident $cols:ident) => {{
        let Steps { lead, by_columns, backwards } = Steps::of($layout)?;
        let [rows, columns] = *$layout.shape();
        let matrix = if by_columns {
            $matrix::$columns($elements, rows, columns, lead)
        } else {
            $matrix::$columns($elements, columns, rows, lead).$transpose()
        };
        let matrix = if backwards[0] { matrix.$rows() } else { matrix };
        if backwards[1] { matrix.$cols() } else { matrix }
    }};
}

convert! {
    /// Looks at a view without gaps as a matrix.
    ///
    /// # Errors
    /// [`NeedsCopy`](Error::NeedsCopy) and [`NotAdjacent`](Error::NotAdjacent).
    ['a, T] StridedView<'a, T, 2> => MatRef<'a, T>, by |view| {
        let (elements, layout) = packed(view)?;
        Ok(from_lowest!(
            elements, &layout,
            MatRef from_column_major_slice_with_stride transpose reverse_rows reverse_cols
        ))
    };
    /// Looks at a view without gaps as a matrix for writing.
    ///
    /// # Errors
    /// As for a shared view.
    ['a, T] StridedViewMut<'a, T, 2> => MatMut<'a, T>, by |view| {
        let (elements, layout) = packed(view)?;
        Ok(from_lowest!(
            elements, &layout,
            MatMut from_column_major_slice_with_stride_mut transpose_mut reverse_rows_mut reverse_cols_mut
        ))
    };
}

/// Looks at a buffer as a matrix through a layout of rows, then columns, in it.
///
/// ```
/// use strideproof::{Error, Layout, interop::faer::matrix};
/// let x = [1.0, 2.0, 3.0, 0.0, 4.0, 5.0, 6.0, 0.0];
/// let upside_down = Layout::new([2, 3], [-4, 1], 4, x.len())?;
/// let rows = matrix(&x, &upside_down)?;
/// assert_eq!((rows[(0, 2)], rows.row_stride()), (6.0, -4));
/// let every_other = Layout::new([2, 2], [4, 2], 0, x.len())?;
/// assert!(matches!(matrix(&x, &every_other), Err(Error::NotAdjacent { axis: 1, stride: 2 })));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// What [`Layout::new`] says of a buffer that is too short, and [`NotAdjacent`](Error::NotAdjacent)
/// when elements lie side by side along neither axis: of such a matrix `faer` has no safe constructor.
pub fn matrix<'a, T>(data: &'a [T], layout: &Layout<Const<2>>) -> Result<MatRef<'a, T>, Error> {
    let elements = part(data, layout)?;
    Ok(from_lowest!(
        elements, layout,
        MatRef from_column_major_slice_with_stride transpose reverse_rows reverse_cols
    ))
}

/// As [`matrix`], for writing.
///
/// # Errors
/// Those of [`matrix`], and [`Aliased`](Error::Aliased) with two indices that share an element.
pub fn matrix_mut<'a, T>(
    data: &'a mut [T],
    layout: &Layout<Const<2>>,
) -> Result<MatMut<'a, T>, Error> {
    let elements = part_mut(data, layout)?;
    Ok(from_lowest!(
        elements, layout,
        MatMut from_column_major_slice_with_stride_mut transpose_mut reverse_rows_mut reverse_cols_mut
    ))
}

/// How a matrix walks: side by side along one axis, and by `lead` along the other.
struct Steps {
    lead: usize,
    by_columns: bool,
    backwards: [bool; 2],
}

impl Steps {
    fn of(layout: &Layout<Const<2>>) -> Result<Self, Error> {
        let mut steps = [None; 2];
        let mut backwards = [false; 2];
        for (axis, _, stride) in moving(layout) {
            steps[axis] = Some(stride.unsigned_abs());
            backwards[axis] = stride < 0;
        }
        // What moves along one axis alone may have any lead that clears that axis.
        let clear = |size: usize| if layout.is_empty() { 1 } else { size };
        let lead = |step: Option<usize>, size: usize| step.unwrap_or(clear(size));
        let [rows, columns] = *layout.shape();
        let [down, across] = steps;
        if matches!(down, None | Some(1)) {
            return Ok(Self { lead: lead(across, rows), by_columns: true, backwards });
        }
        if matches!(across, None | Some(1)) {
            return Ok(Self { lead: lead(down, columns), by_columns: false, backwards });
        }
        Err(Error::NotAdjacent { axis: 1, stride: layout.strides()[1] })
    }
}
