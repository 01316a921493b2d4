//! Diagonals over any two axes.

use super::{Along, OneLess, Rank, Selection, Walk, derived};
use crate::Layout;
use crate::error::Error;

impl<const N: usize> Layout<N> {
    fn diagonal_first<const M: usize>(&self, offset: isize) -> Result<Selection<N, M>, Error> {
        self.diagonal_over(offset, 0, 1)
    }

    pub(crate) fn diagonal_over<const M: usize>(
        &self,
        offset: isize,
        rows: usize,
        columns: usize,
    ) -> Result<Selection<N, M>, Error> {
        let height = self.extent_of(rows)?;
        let width = self.extent_of(columns)?;
        if rows == columns {
            return Err(Error::RepeatedAxis { axis: rows });
        }
        // Above the main diagonal the walk starts some columns in, below it some rows down.
        let distance = offset.unsigned_abs();
        let (down, across) = if offset < 0 { (distance, 0) } else { (0, distance) };
        let extent = height.saturating_sub(down).min(width.saturating_sub(across));
        let mut selection =
            Selection { start: [0; N], walks: self.walks_without(&[rows, columns]) };
        if let Some(walk) = selection.walks.last_mut() {
            *walk = Walk { extent, step: 1, along: Along::Both(rows, columns) };
        }
        if extent > 0 {
            for (axis, start) in selection.start.iter_mut().enumerate() {
                if axis == rows {
                    *start = down;
                } else if axis == columns {
                    *start = across;
                }
            }
        }
        Ok(selection)
    }
}

derived! {
    /// Shows a diagonal of the first two axes: NumPy's `diagonal(x, offset)`.
    ///
    /// A positive offset is above the main diagonal, a negative one below it. The two axes go, and
    /// the diagonal becomes the last axis. A diagonal beside the view is empty.
    ///
    /// ```
    /// use strideproof::{s, as_strided};
    /// let x: Vec<i64> = (0..16).collect();
    /// let x = as_strided(&x, [4, 4], None, 0)?;
    /// assert_eq!(x.diagonal(0).to_vec(), [0, 5, 10, 15]);
    /// assert_eq!(x.diagonal(1).to_vec(), [1, 6, 11]);
    /// assert_eq!(x.reverse(1).diagonal(0).to_vec(), [3, 6, 9, 12]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn diagonal;
    /// # Errors
    /// [`BadAxis`](crate::Error::BadAxis) of a view of rank 1,
    /// [`DoesNotFit`](crate::Error::DoesNotFit).
    fn try_diagonal;
    mutable [const M: usize] (offset: isize) -> M where [Rank<N>: OneLess<M>] by diagonal_first
}

derived! {
    /// Shows a diagonal of two axes: NumPy's `diagonal(x, offset, rows, columns)`.
    ///
    /// As [`diagonal`](Self::diagonal), over any two different axes.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x: Vec<i64> = (0..8).collect();
    /// let x = as_strided(&x, [2, 2, 2], None, 0)?;
    /// assert_eq!(x.diagonal_of(0, 0, 2).to_string(), "[[0 5]\n [2 7]]");
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn diagonal_of;
    /// # Errors
    /// [`BadAxis`](crate::Error::BadAxis), [`RepeatedAxis`](crate::Error::RepeatedAxis),
    /// [`DoesNotFit`](crate::Error::DoesNotFit).
    fn try_diagonal_of;
    mutable [const M: usize] (offset: isize, rows: usize, columns: usize) -> M
    where [Rank<N>: OneLess<M>] by diagonal_over
}
