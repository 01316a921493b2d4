//! A checked `(shape, strides, offset)`.

use crate::error::{Error, Unit, describe};
use crate::kernel;

/// Describes where the elements of a view lie, checked once and for good.
///
/// All numbers are in elements. A `Layout` can only be had from the kernel's check, has no public
/// fields, and keeps its [`required_len`](Self::required_len): it is valid for *every* buffer of
/// at least that many elements, and for no shorter one. That makes a layout independent of its
/// buffer, as mdspan's mappings are.
///
/// ```
/// use strideproof::Layout;
/// let layout = Layout::new([4, 3], [2, 2], 0, 12)?;
/// assert_eq!((layout.len(), layout.required_len()), (12, 11));
/// assert_eq!(layout.address([3, 2]), Some(10));
/// # Ok::<(), strideproof::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout<const N: usize> {
    shape: [usize; N],
    strides: [isize; N],
    offset: usize,
    count: usize,
    lowest: usize,
    highest: usize,
    required_len: usize,
}

impl<const N: usize> Layout<N> {
    /// Accepts `shape`, `strides` and `offset` exactly when every index of the view lies in a
    /// buffer of `len` elements (specification, section "Acceptance").
    ///
    /// Strides and offset count elements. An empty view may have any strides, an axis of size 1 any
    /// stride; strides may be zero or negative.
    ///
    /// # Errors
    /// [`PastEnd`](Error::PastEnd), [`BeforeStart`](Error::BeforeStart),
    /// [`OffsetPastEnd`](Error::OffsetPastEnd) or [`TooManyElements`](Error::TooManyElements).
    #[inline]
    pub fn new(
        shape: [usize; N],
        strides: [isize; N],
        offset: usize,
        len: usize,
    ) -> Result<Self, Error> {
        match kernel::decide(&shape, &strides, offset, len, 1) {
            Ok(extent) => Ok(Self {
                shape,
                strides,
                offset,
                count: extent.count,
                lowest: extent.lowest,
                highest: extent.highest,
                required_len: extent.required_len,
            }),
            Err(refusal) => {
                Err(describe(refusal, &shape, &strides, offset, len, 1, Unit::Elements))
            }
        }
    }

    /// Lays out `shape` in row-major order from offset 0: the last axis has stride 1.
    ///
    /// # Errors
    /// [`TooManyElements`](Error::TooManyElements).
    pub fn row_major(shape: [usize; N]) -> Result<Self, Error> {
        let mut strides = [0; N];
        packed_strides(shape.iter().zip(&mut strides).rev());
        Self::packed(shape, strides)
    }

    /// Lays out `shape` in column-major order from offset 0: the first axis has stride 1.
    ///
    /// # Errors
    /// [`TooManyElements`](Error::TooManyElements).
    pub fn column_major(shape: [usize; N]) -> Result<Self, Error> {
        let mut strides = [0; N];
        packed_strides(shape.iter().zip(&mut strides));
        Self::packed(shape, strides)
    }

    /// The largest buffer takes whatever has few enough elements; the layout keeps its own length.
    fn packed(shape: [usize; N], strides: [isize; N]) -> Result<Self, Error> {
        Self::new(shape, strides, 0, kernel::MAX_COUNT)
    }

    /// Checks a layout derived from this one against the buffer that this one was checked for.
    ///
    /// Every derived view passes here, so that its soundness rests on the kernel alone and a
    /// mistake in an operation is a refusal, not a read outside memory.
    #[inline]
    pub(crate) fn derive<const M: usize>(
        &self,
        shape: [usize; M],
        strides: [isize; M],
        offset: usize,
    ) -> Result<Layout<M>, Error> {
        Layout::new(shape, strides, offset, self.required_len)
    }

    /// The number of axes.
    #[must_use]
    pub const fn rank(&self) -> usize {
        N
    }

    /// The size of each axis.
    #[must_use]
    pub const fn shape(&self) -> &[usize; N] {
        &self.shape
    }

    /// How many elements each axis steps over.
    #[must_use]
    pub const fn strides(&self) -> &[isize; N] {
        &self.strides
    }

    /// The address of the all-zero index, in elements; of an empty view, some position in the
    /// buffer or its end.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The number of indices: the product of the shape.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether some axis has size 0.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The lowest and the highest address of the view, in elements; `None` if it is empty.
    #[must_use]
    pub const fn extent(&self) -> Option<(usize, usize)> {
        if self.count == 0 { None } else { Some((self.lowest, self.highest)) }
    }

    /// The length in elements of the smallest buffer for this layout: mdspan's
    /// `required_span_size`, with the offset counted in.
    #[must_use]
    pub const fn required_len(&self) -> usize {
        self.required_len
    }

    /// The address of an index tuple in elements, or `None` if the tuple is not valid.
    #[inline]
    #[must_use]
    pub fn address(&self, index: [usize; N]) -> Option<usize> {
        kernel::address(&self.shape, &self.strides, self.offset, &index)
    }

    /// Whether the elements lie in row-major order without gaps (NumPy's `C_CONTIGUOUS`): every
    /// axis of more than one element steps over exactly the elements of the axes after it. An
    /// empty view is contiguous.
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        is_packed(self.shape.iter().zip(&self.strides).rev())
    }

    /// Whether the elements lie in column-major order without gaps (NumPy's `F_CONTIGUOUS`).
    #[must_use]
    pub fn is_column_major(&self) -> bool {
        is_packed(self.shape.iter().zip(&self.strides))
    }
}

/// Fills in strides that step over all axes visited before, in the order of the visit.
///
/// An axis of size 0 counts as size 1. A step that `isize` cannot hold occurs only
/// with too many elements, which the check refuses, or in an empty view, where any stride does.
pub(crate) fn packed_strides<'a>(axes: impl Iterator<Item = (&'a usize, &'a mut isize)>) {
    let mut step = Some(1isize);
    for (&extent, stride) in axes {
        *stride = step.unwrap_or(0);
        step = step.and_then(|step| step.checked_mul(isize::try_from(extent.max(1)).ok()?));
    }
}

/// Whether each axis steps over exactly the axes visited before it.
pub(crate) fn is_packed<'a>(axes: impl Iterator<Item = (&'a usize, &'a isize)> + Clone) -> bool {
    if axes.clone().any(|(&extent, _)| extent == 0) {
        return true;
    }
    let mut step = Some(1isize);
    for (&extent, &stride) in axes {
        if extent == 1 {
            continue;
        }
        if step != Some(stride) {
            return false;
        }
        step = step.and_then(|step| step.checked_mul(isize::try_from(extent).ok()?));
    }
    true
}
