//! Diagonals over any two axes.

use super::derived;
use super::select::{Along, Selection, Walk};
use crate::error::Error;
use crate::layout::Layout;
use crate::rank::{Rank, Shrink};

impl<D: Rank> Layout<D> {
    fn diagonal_first<E: Rank>(&self, offset: isize) -> Result<Selection<D, E>, Error> {
        self.diagonal_over(offset, 0, 1)
    }

    pub(super) fn diagonal_over<E: Rank>(
        &self,
        offset: isize,
        rows: usize,
        columns: usize,
    ) -> Result<Selection<D, E>, Error> {
        let height = self.size_of(rows)?;
        let width = self.size_of(columns)?;
        if rows == columns {
            return Err(Error::RepeatedAxis { axis: rows });
        }
        // Above the main diagonal the walk starts some columns in, below it some rows down.
        let distance = offset.unsigned_abs();
        let (down, across) = if offset < 0 { (distance, 0) } else { (0, distance) };
        let size = height.saturating_sub(down).min(width.saturating_sub(across));
        let mut walks = self.walks_of::<E>(|axis, _| axis != rows && axis != columns, 1)?;
        if let Some(walk) = walks.as_mut().last_mut() {
            *walk = Walk { size, step: 1, along: Along::Both(rows, columns) };
        }
        let mut start = self.first_index();
        if size > 0 {
            for (axis, start) in start.as_mut().iter_mut().enumerate() {
                if axis == rows {
                    *start = down;
                } else if axis == columns {
                    *start = across;
                }
            }
        }
        Ok(Selection { start, walks })
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
    fn diagonal(offset: isize) -> D::Smaller,
    [D: Shrink] try_diagonal by diagonal_first or BadAxis DoesNotFit
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
    fn diagonal_of(offset: isize, rows: usize, columns: usize) -> D::Smaller,
    [D: Shrink] try_diagonal_of by diagonal_over or BadAxis RepeatedAxis DoesNotFit
}
