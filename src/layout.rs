//! A checked `(shape, strides, offset)`, of a rank known at compile time or at run time.

use core::fmt;
use core::hash::{Hash, Hasher};

use crate::error::{Error, Index, Unit, accept, describe, same_rank};
use crate::footprint;
use crate::kernel;
use crate::overlap::{Budget, Uniqueness, certificate, is_unique_into};
use crate::rank::{Const, Dyn, PerAxis, Rank, Short, list, slice};

/// Describes where the elements of a view lie, checked once and for good.
///
/// `D` is the rank: [`Const<N>`] or [`Dyn`]. A `Layout` exists only after the kernel's check, and
/// its fields are private. It is valid for every buffer of at least
/// [`required_len`](Self::required_len) elements and for no shorter one, so it is independent of
/// its buffer, as mdspan's mappings are.
///
/// The numbers are addresses in units at which an element starts. A layout does not know the unit:
/// it is the element of a [`StridedView`](crate::StridedView), and the byte of a view in
/// [`Bytes`](crate::Bytes), whose buffer has fewer starts than bytes.
///
/// ```
/// use strideproof::{Layout, LayoutDyn};
/// let layout = Layout::new([4, 3], [2, 2], 0, 12)?;
/// assert_eq!((layout.len(), layout.required_len()), (12, 11));
/// assert_eq!(layout.address([3, 2]), Some(10));
///
/// let at_run_time = LayoutDyn::new(&[4, 3], &[2, 2], 0, 12)?;
/// assert_eq!(at_run_time.try_t()?.shape(), &[3, 4]);
/// assert_eq!(Layout::try_from(at_run_time), Ok(layout));
/// # Ok::<(), strideproof::Error>(())
/// ```
#[derive(Clone)]
pub struct Layout<D: Rank> {
    shape: D::List<usize>,
    strides: D::List<isize>,
    offset: usize,
}

/// A checked layout whose rank is known at run time.
pub type LayoutDyn = Layout<Dyn>;

impl<const N: usize> Copy for Layout<Const<N>> {}

impl<D: Rank> Layout<D> {
    /// Accepts `shape`, `strides` and `offset` exactly when every index of the view lies in a
    /// buffer of `len` elements (specification, section "Acceptance").
    ///
    /// Strides and offset count elements. An empty view may have any strides, an axis of size 1 any
    /// stride; strides may be zero or negative.
    ///
    /// # Errors
    /// [`PastEnd`](Error::PastEnd), [`BeforeStart`](Error::BeforeStart),
    /// [`OffsetPastEnd`](Error::OffsetPastEnd) or [`TooManyElements`](Error::TooManyElements); of
    /// run-time rank also [`RankMismatch`](Error::RankMismatch) and, without the feature `alloc`,
    /// [`RankTooLarge`](Error::RankTooLarge).
    #[inline]
    pub fn new(
        shape: impl PerAxis<usize, Rank = D>,
        strides: impl PerAxis<isize, Rank = D>,
        offset: usize,
        len: usize,
    ) -> Result<Self, Error> {
        // The lists first, so that what is checked is what is kept:
        // a foreign `PerAxis` may answer otherwise when it is asked again.
        Self::of_lists(shape.into_list()?, strides.into_list()?, offset, len)
    }

    /// [`new`](Self::new) on lists of this rank.
    // Part of the caller: a constant rank makes straight code of the check, and the numbers are
    // written once, to where they stay.
    #[inline(always)]
    pub(crate) fn of_lists(
        shape: D::List<usize>,
        strides: D::List<isize>,
        offset: usize,
        len: usize,
    ) -> Result<Self, Error> {
        Self::of_lists_then(shape, strides, offset, len, Ok)
    }

    /// [`of_lists`](Self::of_lists), and what comes of the layout.
    // In one, because an error would be copied from one result into the next.
    #[inline(always)]
    pub(crate) fn of_lists_then<R>(
        shape: D::List<usize>,
        strides: D::List<isize>,
        offset: usize,
        len: usize,
        then: impl FnOnce(Self) -> Result<R, Error>,
    ) -> Result<R, Error> {
        match kernel::decide(slice::<D, _>(&shape), slice::<D, _>(&strides), offset, len, 1) {
            Ok(_) => then(Self { shape, strides, offset }),
            Err(refusal) => Err(refused::<D>(refusal, shape, strides, offset, len)),
        }
    }

    /// Lays out `shape` in row-major order from offset 0: the last axis has stride 1.
    ///
    /// # Errors
    /// [`TooManyElements`](Error::TooManyElements); of run-time rank also
    /// [`RankTooLarge`](Error::RankTooLarge).
    pub fn row_major(shape: impl PerAxis<usize, Rank = D>) -> Result<Self, Error> {
        Self::packed(shape.into_list()?, true)
    }

    /// Lays out `shape` in column-major order from offset 0: the first axis has stride 1.
    ///
    /// # Errors
    /// Those of [`row_major`](Self::row_major).
    pub fn column_major(shape: impl PerAxis<usize, Rank = D>) -> Result<Self, Error> {
        Self::packed(shape.into_list()?, false)
    }

    fn packed(shape: D::List<usize>, row_major: bool) -> Result<Self, Error> {
        let sizes = slice::<D, _>(&shape);
        let mut strides = D::filled(sizes.len(), 0)?;
        let axes = sizes.iter().zip(strides.as_mut());
        if row_major {
            pack(axes.rev())
        } else {
            pack(axes)
        }
        // The largest buffer takes every shape of at most `isize::MAX` elements.
        Self::of_lists(shape, strides, 0, kernel::MAX_COUNT)
    }

    /// Checks a layout derived from this one against the buffer that this one was checked for.
    ///
    /// Every derived view passes here, so that its soundness rests on the kernel alone and a
    /// mistake in an operation is a refusal, not a read outside memory.
    #[inline]
    pub(crate) fn derive<E: Rank>(
        &self,
        shape: E::List<usize>,
        strides: E::List<isize>,
        offset: usize,
    ) -> Result<Layout<E>, Error> {
        Layout::of_lists(shape, strides, offset, self.required_len())
    }

    /// The same layout with its rank kept in another way: known at run time, or at compile time.
    ///
    /// # Errors
    /// [`WrongRank`](Error::WrongRank) when `E` is another constant rank;
    /// [`RankTooLarge`](Error::RankTooLarge) when there is no memory for so many axes.
    pub fn with_rank<E: Rank>(&self) -> Result<Layout<E>, Error> {
        let shape = list::<E, _>(slice::<D, _>(&self.shape))?;
        let strides = list::<E, _>(slice::<D, _>(&self.strides))?;
        // The same numbers, which the kernel has accepted.
        Ok(Layout { shape, strides, offset: self.offset })
    }

    /// The same shape and strides from another offset, against a buffer of another length.
    #[cfg(any(feature = "bytemuck", feature = "ndarray"))]
    pub(crate) fn moved_to(&self, offset: usize, len: usize) -> Result<Self, Error> {
        Self::of_lists(self.shape.clone(), self.strides.clone(), offset, len)
    }

    /// Refuses a buffer that is shorter than the layout asks for, naming the index that leaves it.
    #[inline]
    pub(crate) fn require_len(&self, len: usize) -> Result<(), Error> {
        if self.required_len() <= len { Ok(()) } else { Err(too_short(self, len)) }
    }

    /// Refuses a layout two of whose items share a unit, when an item takes `item` units.
    pub(crate) fn require_unique(&self, item: usize) -> Result<(), Error> {
        require_unique::<D>(&self.shape, &self.strides, item)
    }

    /// The number of axes.
    #[inline]
    #[must_use]
    pub fn rank(&self) -> usize {
        slice::<D, _>(&self.shape).len()
    }

    /// The size of each axis.
    #[inline]
    #[must_use]
    pub fn shape(&self) -> &D::Axes<usize> {
        core::borrow::Borrow::borrow(&self.shape)
    }

    /// How many elements each axis steps over.
    #[inline]
    #[must_use]
    pub fn strides(&self) -> &D::Axes<isize> {
        core::borrow::Borrow::borrow(&self.strides)
    }

    /// The sizes as a slice.
    #[inline]
    pub(crate) fn sizes(&self) -> &[usize] {
        slice::<D, _>(&self.shape)
    }

    /// The strides as a slice.
    #[inline]
    pub(crate) fn steps(&self) -> &[isize] {
        slice::<D, _>(&self.strides)
    }

    /// Copies of both lists.
    pub(crate) fn lists(&self) -> (D::List<usize>, D::List<isize>) {
        (self.shape.clone(), self.strides.clone())
    }

    /// The index 0 on every axis.
    pub(crate) fn first_index(&self) -> D::List<usize> {
        // A copy of a list of this rank, which cannot be refused as a new list can.
        let mut index = self.shape.clone();
        index.as_mut().fill(0);
        index
    }

    /// The address of the all-zero index, in elements; of an empty view, some position in the
    /// buffer or its end.
    #[inline]
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    fn reach(&self) -> kernel::Extent {
        kernel::extent(self.sizes(), self.steps(), self.offset, 1)
    }

    /// The number of indices: the product of the shape. More than the number of elements where
    /// indices share one.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.reach().count
    }

    /// Whether some axis has size 0.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        kernel::is_empty(self.sizes())
    }

    /// The lowest and the highest address of the view, in elements; `None` if it is empty.
    #[must_use]
    pub fn extent(&self) -> Option<(usize, usize)> {
        let kernel::Extent { count, lowest, highest, .. } = self.reach();
        (count > 0).then_some((lowest, highest))
    }

    /// The length in elements of the smallest buffer for this layout: mdspan's
    /// `required_span_size`, with the offset counted in.
    #[inline]
    #[must_use]
    pub fn required_len(&self) -> usize {
        self.reach().required_len
    }

    /// The address of an index tuple in elements, or `None` if the tuple is not valid.
    #[inline]
    #[must_use]
    pub fn address(&self, index: impl PerAxis<usize, Rank = D>) -> Option<usize> {
        self.address_of(index.values())
    }

    /// [`address`](Self::address) for an index in a slice.
    #[inline]
    pub(crate) fn address_of(&self, index: &[usize]) -> Option<usize> {
        kernel::address(self.sizes(), self.steps(), self.offset, index)
    }

    /// Whether the elements lie in row-major order without gaps (NumPy's `C_CONTIGUOUS`): every
    /// axis of more than one element steps over exactly the elements of the axes after it. An
    /// empty view is contiguous.
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        is_packed(self.sizes().iter().zip(self.steps()).rev())
    }

    /// Whether the elements lie in column-major order without gaps (NumPy's `F_CONTIGUOUS`).
    #[must_use]
    pub fn is_column_major(&self) -> bool {
        is_packed(self.sizes().iter().zip(self.steps()))
    }

    /// The number of different elements that the indices of the layout stand for: at most
    /// [`len`](Self::len), and less where indices share elements. `None` when counting would take
    /// more than the work that [`distinct_units`](crate::distinct_units) allows.
    ///
    /// ```
    /// use strideproof::Layout;
    /// assert_eq!(Layout::new([4, 3], [2, 2], 0, 12)?.distinct_len(), Some(6));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    #[must_use]
    pub fn distinct_len(&self) -> Option<usize> {
        let count = footprint::distinct_units(self.sizes(), self.steps(), 1).ok()??;
        usize::try_from(count).ok()
    }
}

/// Asks the kernel, and turns a refusal into the error that names its witness.
#[inline]
pub(crate) fn check(
    shape: &[usize],
    strides: &[isize],
    offset: usize,
    len: usize,
    item: usize,
    unit: Unit,
) -> Result<kernel::Extent, Error> {
    kernel::decide(shape, strides, offset, len, item)
        .map_err(|refusal| describe(refusal, shape, strides, offset, len, item, unit))
}

/// The error for a refusal. It takes the lists by value: those of an accepted layout then need no
/// address.
#[cold]
#[inline(never)]
fn refused<D: Rank>(
    refusal: kernel::Refusal,
    shape: D::List<usize>,
    strides: D::List<isize>,
    offset: usize,
    len: usize,
) -> Error {
    let (shape, strides) = (slice::<D, _>(&shape), slice::<D, _>(&strides));
    describe(refusal, shape, strides, offset, len, 1, Unit::Elements)
}

/// The error for a buffer that is shorter than the layout asks for: checking the same numbers
/// against the shorter buffer finds the witness.
#[cold]
#[inline(never)]
pub(crate) fn too_short<D: Rank>(layout: &Layout<D>, len: usize) -> Error {
    let (offset, unit) = (layout.offset, Unit::Elements);
    match check(layout.sizes(), layout.steps(), offset, len, 1, unit) {
        Err(error) => error,
        // The kernel refuses every length below the required one (theorem T4).
        Ok(_) => Error::OffsetPastEnd { offset, len, unit },
    }
}

/// Refuses a layout two of whose items share a unit.
#[inline]
pub(crate) fn require_unique<D: Rank>(
    shape: &D::List<usize>,
    strides: &D::List<isize>,
    item: usize,
) -> Result<(), Error> {
    if certificate::nested(slice::<D, _>(shape), slice::<D, _>(strides), item) {
        return Ok(());
    }
    search_unique::<D>(shape.clone(), strides.clone(), item)
}

/// The same for layouts that are not rows of rows.
// Out of the way of those, which are nearly all; and with copies, so that those need no address.
#[cold]
#[inline(never)]
fn search_unique<D: Rank>(
    shape: D::List<usize>,
    strides: D::List<isize>,
    item: usize,
) -> Result<(), Error> {
    let (shape, strides) = (slice::<D, _>(&shape), slice::<D, _>(&strides));
    let mut first = D::filled(shape.len(), 0)?;
    let mut second = D::filled(shape.len(), 0)?;
    let (one, other) = (first.as_mut(), second.as_mut());
    match is_unique_into(shape, strides, item, Budget::DEFAULT, one, other) {
        Ok(Uniqueness::Unique) => Ok(()),
        Ok(Uniqueness::Aliased { .. }) => {
            let (first, second) = (slice::<D, _>(&first), slice::<D, _>(&second));
            Err(Error::Aliased { first: Index::new(first), second: Index::new(second) })
        }
        Ok(Uniqueness::Undecided) | Err(_) => Err(Error::Undecided),
    }
}

impl<D: Rank> PartialEq for Layout<D> {
    fn eq(&self, other: &Self) -> bool {
        (self.sizes(), self.steps(), self.offset) == (other.sizes(), other.steps(), other.offset)
    }
}

impl<D: Rank> Eq for Layout<D> {}

impl<D: Rank> Hash for Layout<D> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.sizes(), self.steps(), self.offset).hash(state);
    }
}

impl<D: Rank> fmt::Debug for Layout<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layout")
            .field("shape", &self.sizes())
            .field("strides", &self.steps())
            .field("offset", &self.offset)
            .finish()
    }
}

impl<const N: usize> From<Layout<Const<N>>> for LayoutDyn
where
    Const<N>: Short,
{
    fn from(layout: Layout<Const<N>>) -> Self {
        // Never refused: so few axes need no memory.
        accept(layout.with_rank())
    }
}

impl<const N: usize> TryFrom<LayoutDyn> for Layout<Const<N>> {
    type Error = Error;

    fn try_from(layout: LayoutDyn) -> Result<Self, Error> {
        layout.with_rank()
    }
}

/// Fills in the strides of a row-major layout of `shape`: the last axis has stride 1, each other
/// one steps over the elements of the axes after it. An axis of size 0 counts as size 1; a step
/// that `isize` cannot hold, which takes more than `isize::MAX` elements or an empty view, is 0.
///
/// Strides count elements. Any rank.
///
/// # Errors
/// [`RankMismatch`](Error::RankMismatch).
pub fn row_major_strides(shape: &[usize], strides: &mut [isize]) -> Result<(), Error> {
    same_rank(shape, strides)?;
    pack(shape.iter().zip(strides).rev());
    Ok(())
}

/// Whether a view lies in row-major order without gaps: every axis of more than one element steps
/// over exactly the elements of the axes after it, or the view is empty.
///
/// Strides count elements. `false` when the slices differ in length.
#[must_use]
pub fn is_row_major(shape: &[usize], strides: &[isize]) -> bool {
    shape.len() == strides.len() && is_packed(shape.iter().zip(strides).rev())
}

/// Whether a view lies in column-major order without gaps: every axis of more than one element
/// steps over exactly the elements of the axes before it, or the view is empty.
///
/// Strides count elements. `false` when the slices differ in length.
#[must_use]
pub fn is_column_major(shape: &[usize], strides: &[isize]) -> bool {
    shape.len() == strides.len() && is_packed(shape.iter().zip(strides))
}

/// Fills in strides that step over all axes visited before, in the order of the visit.
fn pack<'a>(axes: impl Iterator<Item = (&'a usize, &'a mut isize)>) {
    let mut step = Some(1isize);
    for (&size, stride) in axes {
        *stride = step.unwrap_or(0);
        step = step.and_then(|step| step.checked_mul(isize::try_from(size.max(1)).ok()?));
    }
}

/// Whether each axis steps over exactly the axes visited before it.
fn is_packed<'a>(axes: impl Iterator<Item = (&'a usize, &'a isize)> + Clone) -> bool {
    if axes.clone().any(|(&size, _)| size == 0) {
        return true;
    }
    let mut step = Some(1isize);
    for (&size, &stride) in axes.filter(|(size, _)| **size != 1) {
        if step != Some(stride) {
            return false;
        }
        step = step.and_then(|step| step.checked_mul(isize::try_from(size).ok()?));
    }
    true
}

#[cfg(test)]
#[path = "../tests/unit/layout.rs"]
mod tests;
