//! A checked layout whose rank is known at run time.

use core::fmt;
use core::hash::{Hash, Hasher};

use super::{R, Selected, padded, repacked};
use crate::error::{Error, Index, Unit, describe};
use crate::ops::{Selection, Slice, Walk};
use crate::{Layout, kernel};

/// Describes where the elements of a view lie, as [`Layout`] does, with a rank known at run time.
///
/// All numbers are in elements; ranks go up to [`MAX_DYN_RANK`](crate::MAX_DYN_RANK). Operations
/// are those of views of fixed rank; they are documented at [`StridedView`](crate::StridedView).
///
/// ```
/// use strideproof::{Layout, LayoutDyn};
/// let layout = LayoutDyn::new(&[4, 3], &[2, 2], 0, 12)?;
/// assert_eq!(layout.try_t()?.shape(), &[3, 4]);
/// assert_eq!(Layout::try_from(layout), Layout::new([4, 3], [2, 2], 0, 12));
/// # Ok::<(), strideproof::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct LayoutDyn {
    pub(super) layout: Layout<R>,
    pub(super) rank: usize,
}

impl LayoutDyn {
    /// Accepts `shape`, `strides` and `offset` exactly when every index of the view lies in a
    /// buffer of `len` elements: [`Layout::new`].
    ///
    /// # Errors
    /// [`RankMismatch`](Error::RankMismatch), [`RankTooLarge`](Error::RankTooLarge), and those of
    /// [`Layout::new`].
    pub fn new(
        shape: &[usize],
        strides: &[isize],
        offset: usize,
        len: usize,
    ) -> Result<Self, Error> {
        if let Err(refusal) = kernel::decide(shape, strides, offset, len, 1) {
            return Err(describe(refusal, shape, strides, offset, len, 1, Unit::Elements));
        }
        let layout = Layout::new(padded(shape, 1)?, padded(strides, 0)?, offset, len)?;
        Ok(Self { layout, rank: shape.len() })
    }

    /// Lays out `shape` in row-major order from offset 0: the last axis has stride 1.
    ///
    /// # Errors
    /// [`RankTooLarge`](Error::RankTooLarge), [`TooManyElements`](Error::TooManyElements).
    pub fn row_major(shape: &[usize]) -> Result<Self, Error> {
        Ok(Self { layout: Layout::row_major(padded(shape, 1)?)?, rank: shape.len() })
    }

    /// Lays out `shape` in column-major order from offset 0: the first axis has stride 1.
    ///
    /// # Errors
    /// [`RankTooLarge`](Error::RankTooLarge), [`TooManyElements`](Error::TooManyElements).
    pub fn column_major(shape: &[usize]) -> Result<Self, Error> {
        Ok(Self { layout: Layout::column_major(padded(shape, 1)?)?, rank: shape.len() })
    }

    /// The number of axes.
    #[must_use]
    pub const fn rank(&self) -> usize {
        self.rank
    }

    /// The size of each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        self.layout.shape().get(..self.rank).unwrap_or_default()
    }

    /// How many elements each axis steps over.
    #[must_use]
    pub fn strides(&self) -> &[isize] {
        self.layout.strides().get(..self.rank).unwrap_or_default()
    }

    /// The address of the all-zero index in elements: [`Layout::offset`].
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

    /// The lowest and the highest address, in elements; `None` if the view is empty.
    #[must_use]
    pub const fn extent(&self) -> Option<(usize, usize)> {
        self.layout.extent()
    }

    /// The smallest buffer length in elements that takes this layout.
    #[must_use]
    pub const fn required_len(&self) -> usize {
        self.layout.required_len()
    }

    /// The number of different elements: [`Layout::distinct_len`].
    #[must_use]
    pub fn distinct_len(&self) -> usize {
        self.layout.distinct_len()
    }

    /// Whether the elements lie in row-major order without gaps: [`Layout::is_contiguous`].
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        self.layout.is_contiguous()
    }

    /// Whether the elements lie in column-major order without gaps: [`Layout::is_column_major`].
    #[must_use]
    pub fn is_column_major(&self) -> bool {
        self.layout.is_column_major()
    }

    /// The address of an index tuple in elements, or `None` if the tuple is not valid.
    #[must_use]
    pub fn address(&self, index: &[usize]) -> Option<usize> {
        self.layout.address(self.index(index)?)
    }

    /// An index tuple at the inner rank, if it has this rank.
    pub(super) fn index(&self, index: &[usize]) -> Option<[usize; R]> {
        if index.len() == self.rank { padded(index, 0).ok() } else { None }
    }

    pub(super) fn select(&self, (selection, rank): &Selected) -> Result<Self, Error> {
        Ok(Self { layout: self.layout.select(selection)?, rank: *rank })
    }

    pub(super) fn check_axis(&self, axis: usize) -> Result<(), Error> {
        if axis < self.rank { Ok(()) } else { Err(Error::bad_axis(axis, self.rank)) }
    }

    fn check_count(&self, rank: usize) -> Result<(), Error> {
        if rank == self.rank { Ok(()) } else { Err(Error::WrongRank { rank, needed: self.rank }) }
    }

    pub(super) fn slicing(&self, slices: &[Slice]) -> Result<Selected, Error> {
        self.check_count(slices.len())?;
        Ok((self.layout.slicing(padded(slices, Slice::FULL)?)?, self.rank))
    }

    pub(super) fn slicing_axis(&self, axis: usize, slice: Slice) -> Result<Selected, Error> {
        self.check_axis(axis)?;
        Ok((self.layout.slicing_axis(axis, slice)?, self.rank))
    }

    pub(super) fn reversing(&self, axis: usize) -> Result<Selected, Error> {
        self.slicing_axis(axis, Slice::FULL.step(-1))
    }

    pub(super) fn permuting(&self, axes: &[usize]) -> Result<Selected, Error> {
        self.check_count(axes.len())?;
        let mut all = core::array::from_fn(|axis| axis);
        for (cell, &axis) in all.iter_mut().zip(axes) {
            self.check_axis(axis)?;
            *cell = axis;
        }
        Ok((self.layout.permuting(all)?, self.rank))
    }

    pub(super) fn transposing(&self) -> Result<Selected, Error> {
        repacked(&self.layout.whole(), (0..self.rank).rev())
    }

    pub(super) fn swapping(&self, one: usize, other: usize) -> Result<Selected, Error> {
        self.check_axis(one)?;
        self.check_axis(other)?;
        Ok((self.layout.swapping(one, other)?, self.rank))
    }

    pub(super) fn indexing(&self, axis: usize, index: usize) -> Result<Selected, Error> {
        self.check_axis(axis)?;
        let selection: Selection<R, { R - 1 }> = self.layout.indexing(axis, index)?;
        repacked(&selection, 0..self.rank.saturating_sub(1))
    }

    pub(super) fn squeezing(&self, axis: usize) -> Result<Selected, Error> {
        self.check_axis(axis)?;
        let selection: Selection<R, { R - 1 }> = self.layout.squeezing(axis)?;
        repacked(&selection, 0..self.rank.saturating_sub(1))
    }

    pub(super) fn inserting(&self, axis: usize) -> Result<Selected, Error> {
        let rank = self.rank.saturating_add(1);
        if axis >= rank {
            return Err(Error::bad_axis(axis, rank));
        }
        let selection: Selection<R, { R + 1 }> = self.layout.inserting(axis)?;
        repacked(&selection, 0..rank)
    }

    pub(super) fn diagonal_over(
        &self,
        offset: isize,
        rows: usize,
        columns: usize,
    ) -> Result<Selected, Error> {
        self.check_axis(rows)?;
        self.check_axis(columns)?;
        let selection: Selection<R, { R - 1 }> =
            self.layout.diagonal_over(offset, rows, columns)?;
        // The diagonal comes after the axes that are left, before those behind the rank.
        repacked(&selection, (0..self.rank.saturating_sub(2)).chain([R - 2]))
    }

    pub(super) fn windowing_by(
        &self,
        window: &[usize],
        steps: &[usize],
    ) -> Result<Selected, Error> {
        self.check_count(window.len())?;
        self.check_count(steps.len())?;
        let (window, steps) = (padded(window, 1)?, padded(steps, 1)?);
        let selection: Selection<R, { 2 * R }> = self.layout.windowing_by(window, steps)?;
        repacked(&selection, (0..self.rank).chain((R..2 * R).take(self.rank)))
    }

    pub(super) fn broadcasting(&self, shape: &[usize]) -> Result<Selected, Error> {
        let mut walks = padded(shape, 1)?.map(Walk::repeat);
        let incompatible =
            || Error::IncompatibleShapes { from: Index::new(self.shape()), to: Index::new(shape) };
        let added = shape.len().checked_sub(self.rank).ok_or_else(incompatible)?;
        let axes = self.shape().iter().enumerate().zip(walks.iter_mut().skip(added));
        for ((axis, &extent), walk) in axes {
            if extent == walk.extent {
                *walk = Walk::whole(axis, extent);
            } else if extent != 1 {
                return Err(incompatible());
            }
        }
        Ok((Selection { start: [0; R], walks }, shape.len()))
    }

    /// As [`StridedView::reshape`](crate::StridedView::reshape), on the numbers alone.
    ///
    /// # Errors
    /// [`RankTooLarge`](Error::RankTooLarge), and those of [`Layout::try_reshape`].
    pub fn try_reshape(&self, shape: &[usize]) -> Result<Self, Error> {
        match self.layout.try_reshape(padded(shape, 1)?) {
            Ok(layout) => Ok(Self { layout, rank: shape.len() }),
            Err(error) => Err(self.of_shape(error, shape)),
        }
    }

    /// A refusal to reshape that names the shapes as the caller knows them.
    pub(super) fn of_shape(&self, error: Error, shape: &[usize]) -> Error {
        match error {
            Error::CountMismatch { .. } => Error::CountMismatch {
                from: Index::new(self.shape()),
                to: Index::new(shape),
                inferred: None,
            },
            error => error,
        }
    }

    /// As [`Layout::try_reinterpret_axis`].
    ///
    /// # Errors
    /// Those of [`Layout::try_reinterpret_axis`].
    pub fn try_reinterpret_axis(&self, axis: usize, from: usize, to: usize) -> Result<Self, Error> {
        self.check_axis(axis)?;
        let layout = self.layout.try_reinterpret_axis(axis, from, to)?;
        Ok(Self { layout, rank: self.rank })
    }
}

/// Two layouts are equal when their shapes, strides and offsets are: what the axes behind the rank
/// have for strides, which differs with how a layout came about, is nobody's business.
impl PartialEq for LayoutDyn {
    fn eq(&self, other: &Self) -> bool {
        (self.shape(), self.strides(), self.offset())
            == (other.shape(), other.strides(), other.offset())
    }
}

impl Eq for LayoutDyn {}

impl Hash for LayoutDyn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.shape(), self.strides(), self.offset()).hash(state);
    }
}

impl fmt::Debug for LayoutDyn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayoutDyn")
            .field("shape", &self.shape())
            .field("strides", &self.strides())
            .field("offset", &self.offset())
            .finish_non_exhaustive()
    }
}
