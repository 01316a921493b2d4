//! Views over slices: the only file of this crate with `unsafe` code.
//!
//! Every block rests on one invariant, held by private fields, the two `new` functions and the few
//! that derive a view from another (`select`, `try_reshape`, `try_split_at`, `LanesMut`, `cast`),
//! each of which says why it keeps it:
//!
//! > **V** `base` points to the first of `len` consecutive, initialised `T` of one allocation;
//! > `layout.required_len() <= len`; and the elements at the layout's addresses are borrowed for
//! > `'a`, shared or, for the mutable view, exclusively and each under one index only.
//!
//! By T3 every address that [`Layout::address`] or a walk over the layout yields is below
//! `required_len`, so by V it is an element of the buffer. V promises nothing about elements
//! *between* the layout's addresses: they may belong to the other half of a split mutable view, so
//! no view ever hands out the buffer below it.

#![allow(unsafe_code, reason = "the one file that dereferences addresses")]

use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::ops::{Index, IndexMut};
use core::ptr::NonNull;

use crate::error::{Error, Unit};
use crate::iter::Addresses;
use crate::ops::{Selection, accept};
use crate::{Layout, display, overlap};

/// Reads a slice through a shape, strides and an offset: NumPy's `as_strided` that cannot leave the
/// buffer.
///
/// `T` elements, rank `N`; sizes, strides and offset count elements. Indices may share elements.
///
/// ```
/// use strideproof::{Layout, StridedView};
/// let x: Vec<i64> = (0..12).collect();
/// let rows = StridedView::new(&x, Layout::new([4, 3], [2, 2], 0, x.len())?)?;
/// assert_eq!(rows[[3, 2]], 10);
/// assert_eq!(rows.to_string(), "[[ 0  2  4]\n [ 2  4  6]\n [ 4  6  8]\n [ 6  8 10]]");
/// # Ok::<(), strideproof::Error>(())
/// ```
pub struct StridedView<'a, T, const N: usize> {
    base: NonNull<T>,
    len: usize,
    layout: Layout<N>,
    buffer: PhantomData<&'a [T]>,
}

/// Reads and writes a slice through a shape, strides and an offset no two of whose indices share an
/// element.
///
/// `T` elements, rank `N`; sizes, strides and offset count elements.
///
/// ```
/// use strideproof::{Error, Layout, StridedViewMut};
/// let mut y = [2, 5];
/// let repeated = Layout::new([2, 8], [1, 0], 0, y.len())?;
/// assert!(matches!(StridedViewMut::new(&mut y, repeated), Err(Error::Aliased { .. })));
/// # Ok::<(), Error>(())
/// ```
pub struct StridedViewMut<'a, T, const N: usize> {
    base: NonNull<T>,
    len: usize,
    layout: Layout<N>,
    buffer: PhantomData<&'a mut [T]>,
}

// SAFETY: by V a `StridedView` is a `&[T]` with numbers beside it, and `&[T]` is `Send` and `Sync`
// exactly when `T` is `Sync`.
unsafe impl<T: Sync, const N: usize> Send for StridedView<'_, T, N> {}
// SAFETY: as above.
unsafe impl<T: Sync, const N: usize> Sync for StridedView<'_, T, N> {}
// SAFETY: by V a `StridedViewMut` is part of a `&mut [T]` that no other part overlaps, and
// `&mut [T]` is `Send` when `T` is.
unsafe impl<T: Send, const N: usize> Send for StridedViewMut<'_, T, N> {}
// SAFETY: a shared `StridedViewMut` only hands out `&T`, as a shared `&mut [T]` does.
unsafe impl<T: Sync, const N: usize> Sync for StridedViewMut<'_, T, N> {}

impl<T, const N: usize> Clone for StridedView<'_, T, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, const N: usize> Copy for StridedView<'_, T, N> {}

/// Refuses a buffer that is shorter than the layout asks for, naming its highest index.
fn fits<const N: usize>(layout: &Layout<N>, len: usize) -> Result<(), Error> {
    if layout.required_len() <= len {
        return Ok(());
    }
    Err(too_short(layout, len))
}

/// The error for a buffer that is shorter than the layout asks for: checking the same numbers
/// against the shorter buffer finds the witness.
#[cold]
#[inline(never)]
pub(crate) fn too_short<const N: usize>(layout: &Layout<N>, len: usize) -> Error {
    match Layout::new(*layout.shape(), *layout.strides(), layout.offset(), len) {
        Err(error) => error,
        // The kernel refuses every length below the required one (theorem T4).
        Ok(_) => Error::OffsetPastEnd { offset: layout.offset(), len, unit: Unit::Elements },
    }
}

impl<'a, T> StridedView<'a, T, 1> {
    /// Shows a slice as it is: one axis of stride 1.
    ///
    /// # Errors
    /// [`TooManyElements`](Error::TooManyElements), which takes a slice of zero-sized elements.
    pub fn from_slice(data: &'a [T]) -> Result<Self, Error> {
        Self::new(data, Layout::row_major([data.len()])?)
    }
}

impl<'a, T, const N: usize> StridedView<'a, T, N> {
    /// Lays a checked layout over a buffer of at least
    /// [`required_len`](Layout::required_len) elements.
    ///
    /// # Errors
    /// What [`Layout::new`] says of this buffer's length, when the buffer is shorter than that.
    pub fn new(data: &'a [T], layout: Layout<N>) -> Result<Self, Error> {
        fits(&layout, data.len())?;
        Ok(Self { base: NonNull::from(data).cast(), len: data.len(), layout, buffer: PhantomData })
    }

    /// The checked numbers of the view.
    #[must_use]
    pub const fn layout(&self) -> &Layout<N> {
        &self.layout
    }

    /// The size of each axis.
    #[must_use]
    pub const fn shape(&self) -> &[usize; N] {
        self.layout.shape()
    }

    /// How many elements each axis steps over.
    #[must_use]
    pub const fn strides(&self) -> &[isize; N] {
        self.layout.strides()
    }

    /// Where the all-zero index lies in the buffer, in elements.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.layout.offset()
    }

    /// The number of indices, which is more than the number of elements where indices share one.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.layout.len()
    }

    /// Whether some axis has size 0.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.layout.is_empty()
    }

    /// Whether the view is a row-major run without gaps: [`Layout::is_contiguous`].
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        self.layout.is_contiguous()
    }

    /// The smallest buffer length in elements that takes this view.
    #[must_use]
    pub const fn required_len(&self) -> usize {
        self.layout.required_len()
    }

    /// Derives the view that a selection describes: the gate of the operations.
    ///
    /// It keeps V. [`Layout::select`] returns only layouts whose addresses are among this view's
    /// (T6), which by V are initialised and borrowed for `'a`; that the *bounds* are kept would not
    /// do, for what lies between may be borrowed by somebody else. And its `required_len` is at
    /// most this layout's: the kernel has checked it against that.
    pub(crate) fn select<const M: usize>(
        &self,
        selection: &Selection<N, M>,
    ) -> Result<StridedView<'a, T, M>, Error> {
        let layout = self.layout.select(selection)?;
        Ok(StridedView { base: self.base, len: self.len, layout, buffer: PhantomData })
    }

    /// As [`reshape`](Self::reshape), returning the error.
    ///
    /// # Errors
    /// Those of [`Layout::try_reshape`].
    pub fn try_reshape<const M: usize>(
        &self,
        shape: [usize; M],
    ) -> Result<StridedView<'a, T, M>, Error> {
        // It keeps V: the layout has the same addresses in the same order (T6).
        let layout = self.layout.try_reshape(shape)?;
        Ok(StridedView { base: self.base, len: self.len, layout, buffer: PhantomData })
    }

    /// The element at an address that the layout gave.
    #[inline]
    fn at(&self, address: usize) -> &'a T {
        debug_assert!(address < self.len, "T3");
        // SAFETY: T3 and V: `address < required_len <= len`, so the element exists, and the
        // offset in bytes is within an allocation that a slice may have.
        let element = unsafe { self.base.add(address) };
        // SAFETY: V: initialised and borrowed shared for `'a`.
        unsafe { element.as_ref() }
    }

    /// The element at an index tuple, or `None` if the tuple is not valid.
    #[inline]
    #[must_use]
    pub fn get(&self, index: [usize; N]) -> Option<&'a T> {
        self.layout.address(index).map(|address| self.at(address))
    }

    /// Iterates over the elements in row-major order of their indices.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, T, N> {
        Iter { view: *self, addresses: Addresses::new(self.layout) }
    }

    /// Iterates over index tuples and elements in row-major order.
    #[must_use]
    pub fn indexed_iter(&self) -> IndexedIter<'a, T, N> {
        IndexedIter { inner: self.iter() }
    }

    /// The elements as a slice, if they are a row-major run without gaps.
    #[must_use]
    pub fn as_slice(&self) -> Option<&'a [T]> {
        if !self.is_contiguous() {
            return None;
        }
        // SAFETY: V: `offset <= required_len <= len`, the end of the allocation included.
        let start = unsafe { self.base.add(self.offset()) };
        // SAFETY: a contiguous view's addresses are exactly `offset .. offset + count`, so by V
        // these elements exist and are borrowed shared for `'a`.
        Some(unsafe { core::slice::from_raw_parts(start.as_ptr(), self.len()) })
    }

    /// Copies the elements out in row-major order.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_vec(&self) -> alloc::vec::Vec<T>
    where
        T: Clone,
    {
        match self.as_slice() {
            Some(slice) => slice.to_vec(),
            None => self.iter().cloned().collect(),
        }
    }

    /// The elements in row-major order: borrowed if they lie so already, else one copy.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_contiguous(&self) -> alloc::borrow::Cow<'a, [T]>
    where
        T: Clone,
    {
        match self.as_slice() {
            Some(slice) => alloc::borrow::Cow::Borrowed(slice),
            None => alloc::borrow::Cow::Owned(self.to_vec()),
        }
    }
}

impl<'a, T> StridedViewMut<'a, T, 1> {
    /// Shows a slice as it is: one axis of stride 1.
    ///
    /// # Errors
    /// [`TooManyElements`](Error::TooManyElements), which takes a slice of zero-sized elements.
    pub fn from_slice(data: &'a mut [T]) -> Result<Self, Error> {
        let layout = Layout::row_major([data.len()])?;
        Self::new(data, layout)
    }
}

impl<'a, T, const N: usize> StridedViewMut<'a, T, N> {
    /// Lays a checked layout that is unique over a buffer of at least
    /// [`required_len`](Layout::required_len) elements.
    ///
    /// # Errors
    /// What [`Layout::new`] says of this buffer's length, when the buffer is shorter than that;
    /// [`Aliased`](Error::Aliased) with two indices that share an element.
    pub fn new(data: &'a mut [T], layout: Layout<N>) -> Result<Self, Error> {
        fits(&layout, data.len())?;
        overlap::require_unique(layout.shape(), layout.strides())?;
        let len = data.len();
        Ok(Self { base: NonNull::from(data).cast(), len, layout, buffer: PhantomData })
    }

    /// The checked numbers of the view.
    #[must_use]
    pub const fn layout(&self) -> &Layout<N> {
        &self.layout
    }

    /// The size of each axis.
    #[must_use]
    pub const fn shape(&self) -> &[usize; N] {
        self.layout.shape()
    }

    /// How many elements each axis steps over.
    #[must_use]
    pub const fn strides(&self) -> &[isize; N] {
        self.layout.strides()
    }

    /// Where the all-zero index lies in the buffer, in elements.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.layout.offset()
    }

    /// The number of elements, each of which has one index.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.layout.len()
    }

    /// Whether some axis has size 0.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.layout.is_empty()
    }

    /// Whether the view is a row-major run without gaps: [`Layout::is_contiguous`].
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        self.layout.is_contiguous()
    }

    /// The smallest buffer length in elements that takes this view.
    #[must_use]
    pub const fn required_len(&self) -> usize {
        self.layout.required_len()
    }

    /// Reads through this view for as long as the borrow of `self` lasts.
    #[must_use]
    pub fn as_view(&self) -> StridedView<'_, T, N> {
        StridedView { base: self.base, len: self.len, layout: self.layout, buffer: PhantomData }
    }

    /// Lends this view out for a shorter time.
    #[must_use]
    pub fn reborrow(&mut self) -> StridedViewMut<'_, T, N> {
        StridedViewMut { base: self.base, len: self.len, layout: self.layout, buffer: PhantomData }
    }

    /// Derives the view that a selection describes: the gate of the operations.
    ///
    /// It keeps V, for the reasons given at [`StridedView::select`], and each element keeps one
    /// index: by V no two indices of this view share an element, and an injective selection gives
    /// different indices different indices of this view. Of any other selection the uniqueness is
    /// decided afresh. `self` is consumed, so the elements are borrowed through the result only.
    pub(crate) fn select<const M: usize>(
        self,
        selection: &Selection<N, M>,
    ) -> Result<StridedViewMut<'a, T, M>, Error> {
        let layout = self.layout.select(selection)?;
        if !selection.is_injective() {
            overlap::require_unique(layout.shape(), layout.strides())?;
        }
        Ok(StridedViewMut { base: self.base, len: self.len, layout, buffer: PhantomData })
    }

    /// As [`reshape`](Self::reshape), returning the error.
    ///
    /// # Errors
    /// Those of [`Layout::try_reshape`].
    pub fn try_reshape<const M: usize>(
        self,
        shape: [usize; M],
    ) -> Result<StridedViewMut<'a, T, M>, Error> {
        // It keeps V: the layout has the same addresses in the same order (T6), each once.
        let layout = self.layout.try_reshape(shape)?;
        Ok(StridedViewMut { base: self.base, len: self.len, layout, buffer: PhantomData })
    }

    /// As [`split_at`](Self::split_at), returning the error.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis), [`BadIndex`](Error::BadIndex).
    pub fn try_split_at(self, axis: usize, index: usize) -> Result<(Self, Self), Error> {
        let [head, tail] = self.layout.splitting(axis, index)?;
        if !head.lies_before(&tail, axis) {
            return Err(Error::LeavesParent { axis });
        }
        // V for both: no index of `self` is in both selections, so by V of `self`, whose indices
        // have an element each, no element is.
        let twin =
            Self { base: self.base, len: self.len, layout: self.layout, buffer: PhantomData };
        Ok((self.select(&head)?, twin.select(&tail)?))
    }

    /// As [`lanes_mut`](Self::lanes_mut), returning the error.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis).
    pub fn try_lanes_mut(self, axis: usize) -> Result<LanesMut<'a, T, N>, Error> {
        let heads = Addresses::new(self.layout.lane_heads(axis)?);
        Ok(LanesMut { view: self, axis, heads })
    }

    /// The element at an index tuple, or `None` if the tuple is not valid.
    #[inline]
    #[must_use]
    pub fn get(&self, index: [usize; N]) -> Option<&T> {
        self.as_view().get(index)
    }

    /// The element at an index tuple for writing, or `None` if the tuple is not valid.
    #[inline]
    #[must_use]
    pub fn get_mut(&mut self, index: [usize; N]) -> Option<&mut T> {
        let address = self.layout.address(index)?;
        debug_assert!(address < self.len, "T3");
        // SAFETY: T3 and V: `address < required_len <= len`, so the element exists.
        let mut element = unsafe { self.base.add(address) };
        // SAFETY: V: initialised and borrowed exclusively; the result borrows all of `self`.
        Some(unsafe { element.as_mut() })
    }

    /// Iterates over the elements in row-major order of their indices.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T, N> {
        self.as_view().iter()
    }

    /// Iterates over index tuples and elements in row-major order.
    #[must_use]
    pub fn indexed_iter(&self) -> IndexedIter<'_, T, N> {
        self.as_view().indexed_iter()
    }

    /// Iterates over the elements for writing, in row-major order of their indices.
    #[must_use]
    pub fn iter_mut(&mut self) -> IterMut<'_, T, N> {
        let addresses = Addresses::new(self.layout);
        IterMut { view: self.reborrow(), addresses }
    }

    /// Copies the elements out in row-major order.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_vec(&self) -> alloc::vec::Vec<T>
    where
        T: Clone,
    {
        self.as_view().to_vec()
    }
}

/// Iterates over the elements of a view in row-major order of their indices.
pub struct Iter<'a, T, const N: usize> {
    view: StridedView<'a, T, N>,
    addresses: Addresses<N>,
}

impl<T, const N: usize> Clone for Iter<'_, T, N> {
    fn clone(&self) -> Self {
        Self { view: self.view, addresses: self.addresses.clone() }
    }
}

impl<'a, T, const N: usize> Iterator for Iter<'a, T, N> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        self.addresses.next().map(|address| self.view.at(address))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.addresses.size_hint()
    }

    fn fold<B, F: FnMut(B, &'a T) -> B>(self, init: B, mut f: F) -> B {
        let Self { view, addresses } = self;
        addresses.fold(init, |acc, address| f(acc, view.at(address)))
    }
}

impl<T, const N: usize> ExactSizeIterator for Iter<'_, T, N> {}
impl<T, const N: usize> FusedIterator for Iter<'_, T, N> {}

/// Iterates over index tuples and elements of a view in row-major order.
pub struct IndexedIter<'a, T, const N: usize> {
    inner: Iter<'a, T, N>,
}

impl<T, const N: usize> Clone for IndexedIter<'_, T, N> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<'a, T, const N: usize> Iterator for IndexedIter<'a, T, N> {
    type Item = ([usize; N], &'a T);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let index = self.inner.addresses.index();
        self.inner.next().map(|element| (index, element))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<T, const N: usize> ExactSizeIterator for IndexedIter<'_, T, N> {}
impl<T, const N: usize> FusedIterator for IndexedIter<'_, T, N> {}

/// Iterates over the elements of a mutable view in row-major order of their indices.
pub struct IterMut<'a, T, const N: usize> {
    view: StridedViewMut<'a, T, N>,
    addresses: Addresses<N>,
}

impl<'a, T, const N: usize> IterMut<'a, T, N> {
    fn at(view: &mut StridedViewMut<'a, T, N>, address: usize) -> &'a mut T {
        debug_assert!(address < view.len, "T3");
        // SAFETY: T3 and V: `address < required_len <= len`, so the element exists.
        let mut element = unsafe { view.base.add(address) };
        // SAFETY: V: initialised and borrowed exclusively for `'a` by `view`, which nobody else
        // reads while this iterator holds it. The walk gives each index once, and by T7 each
        // index its own element, so no two of these references overlap.
        unsafe { element.as_mut() }
    }
}

impl<'a, T, const N: usize> Iterator for IterMut<'a, T, N> {
    type Item = &'a mut T;

    #[inline]
    fn next(&mut self) -> Option<&'a mut T> {
        self.addresses.next().map(|address| Self::at(&mut self.view, address))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.addresses.size_hint()
    }

    fn fold<B, F: FnMut(B, &'a mut T) -> B>(self, init: B, mut f: F) -> B {
        let Self { mut view, addresses } = self;
        addresses.fold(init, |acc, address| f(acc, Self::at(&mut view, address)))
    }
}

impl<T, const N: usize> ExactSizeIterator for IterMut<'_, T, N> {}
impl<T, const N: usize> FusedIterator for IterMut<'_, T, N> {}

/// Iterates over a mutable view's lanes along an axis; see [`StridedViewMut::lanes_mut`].
pub struct LanesMut<'a, T, const N: usize> {
    view: StridedViewMut<'a, T, N>,
    axis: usize,
    heads: Addresses<N>,
}

impl<'a, T, const N: usize> Iterator for LanesMut<'a, T, N> {
    type Item = StridedViewMut<'a, T, 1>;

    fn next(&mut self) -> Option<Self::Item> {
        let head = self.heads.index();
        self.heads.next()?;
        // V for each lane: the walk over the heads gives each index once, and two lanes differ in
        // an index on an axis other than their own, so no index of `view` is in both. `view` is
        // not used for anything else.
        let StridedViewMut { base, len, layout, buffer } = self.view;
        let whole = StridedViewMut { base, len, layout, buffer };
        Some(accept(layout.lane(self.axis, head).and_then(|lane| whole.select(&lane))))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.heads.size_hint()
    }
}

impl<T, const N: usize> ExactSizeIterator for LanesMut<'_, T, N> {}
impl<T, const N: usize> FusedIterator for LanesMut<'_, T, N> {}

impl<'a, T, const N: usize> IntoIterator for StridedView<'a, T, N> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T, N>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T, const N: usize> IntoIterator for &StridedView<'a, T, N> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T, N>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T, const N: usize> IntoIterator for &'a mut StridedViewMut<'_, T, N> {
    type Item = &'a mut T;
    type IntoIter = IterMut<'a, T, N>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<'a, T, const N: usize> IntoIterator for StridedViewMut<'a, T, N> {
    type Item = &'a mut T;
    type IntoIter = IterMut<'a, T, N>;

    fn into_iter(self) -> Self::IntoIter {
        let addresses = Addresses::new(self.layout);
        IterMut { view: self, addresses }
    }
}

/// Views of the same bytes as items of another type.
#[cfg(feature = "bytemuck")]
mod recast {
    use core::marker::PhantomData;
    use core::mem::{align_of, size_of};
    use core::ptr::NonNull;

    use bytemuck::{AnyBitPattern, NoUninit};

    use super::{StridedView, StridedViewMut};
    use crate::Layout;
    use crate::error::Error;

    /// The items of type `U` that a view of `T` covers: where the lowest of them starts, and their
    /// layout counted from there.
    fn items<T, U, const N: usize>(
        view: &StridedView<'_, T, N>,
        axis: usize,
    ) -> Result<(NonNull<U>, Layout<N>), Error> {
        let Some((lowest, highest)) = view.layout.extent() else {
            let layout = Layout::new(*view.shape(), *view.strides(), 0, 0)?;
            return Ok((NonNull::dangling(), layout.recast(axis, size_of::<T>(), size_of::<U>())?));
        };
        // The lowest address is at most the offset and the highest, and `highest < required_len`.
        let from_lowest = view.offset().saturating_sub(lowest);
        let len = highest.saturating_sub(lowest).saturating_add(1);
        let layout = Layout::new(*view.shape(), *view.strides(), from_lowest, len)?;
        let layout = layout.recast(axis, size_of::<T>(), size_of::<U>())?;
        // SAFETY: V: `lowest < required_len <= len`, so the element exists.
        let start = unsafe { view.base.add(lowest) };
        // Every item lies a whole number of items from here, so if one is aligned, all are.
        let (align, address) = (align_of::<U>(), start.addr().get());
        match address.checked_rem(align) {
            Some(0) => Ok((start.cast(), layout)),
            excess => Err(Error::Misaligned { axis: None, excess: excess.unwrap_or(0), align }),
        }
    }

    impl<'a, T: NoUninit, const N: usize> StridedView<'a, T, N> {
        /// Derives the view of the same bytes as `U`.
        ///
        /// It keeps V. The layout's items are, byte for byte, this view's elements: on `axis`
        /// elements that lie side by side are joined or cut up without a rest, all other steps span
        /// as many bytes as before, and the kernel has checked the result against the bytes from
        /// the lowest element to the end of the highest. No byte of a `T: NoUninit` is
        /// uninitialised, and any bytes are a `U: AnyBitPattern`.
        pub(crate) fn cast<U: AnyBitPattern>(
            &self,
            axis: usize,
        ) -> Result<StridedView<'a, U, N>, Error> {
            let (base, layout) = items::<T, U, N>(self, axis)?;
            Ok(StridedView { base, len: layout.required_len(), layout, buffer: PhantomData })
        }
    }

    impl<'a, T: NoUninit + AnyBitPattern, const N: usize> StridedViewMut<'a, T, N> {
        /// Derives the view of the same bytes as `U`.
        ///
        /// It keeps V, for the reasons given at [`StridedView::cast`]. Different items join
        /// different elements, or are different parts of elements, which share no byte. What is
        /// written through a `U: NoUninit` is initialised and, bytes being bytes, a valid `T`.
        pub(crate) fn cast<U: NoUninit + AnyBitPattern>(
            self,
            axis: usize,
        ) -> Result<StridedViewMut<'a, U, N>, Error> {
            let (base, layout) = items::<T, U, N>(&self.as_view(), axis)?;
            Ok(StridedViewMut { base, len: layout.required_len(), layout, buffer: PhantomData })
        }
    }
}

#[cold]
#[track_caller]
fn invalid_index(index: &[usize], shape: &[usize]) -> ! {
    panic!("index {index:?} is not valid for shape {shape:?}")
}

/// # Panics
/// Indexing panics when the tuple is not valid; [`get`](StridedView::get) does not.
impl<T, const N: usize> Index<[usize; N]> for StridedView<'_, T, N> {
    type Output = T;

    #[inline]
    fn index(&self, index: [usize; N]) -> &T {
        match self.get(index) {
            Some(element) => element,
            None => invalid_index(&index, self.shape()),
        }
    }
}

/// # Panics
/// Indexing panics when the tuple is not valid; [`get`](StridedViewMut::get) does not.
impl<T, const N: usize> Index<[usize; N]> for StridedViewMut<'_, T, N> {
    type Output = T;

    #[inline]
    fn index(&self, index: [usize; N]) -> &T {
        match self.get(index) {
            Some(element) => element,
            None => invalid_index(&index, self.shape()),
        }
    }
}

impl<T, const N: usize> IndexMut<[usize; N]> for StridedViewMut<'_, T, N> {
    #[inline]
    fn index_mut(&mut self, index: [usize; N]) -> &mut T {
        let shape = *self.shape();
        match self.get_mut(index) {
            Some(element) => element,
            None => invalid_index(&index, &shape),
        }
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for StridedView<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display::rows(f, self, fmt::Debug::fmt)
    }
}

impl<T: fmt::Display, const N: usize> fmt::Display for StridedView<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display::rows(f, self, fmt::Display::fmt)
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for StridedViewMut<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_view(), f)
    }
}

impl<T: fmt::Display, const N: usize> fmt::Display for StridedViewMut<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.as_view(), f)
    }
}
