//! Views over slices: the only file of this crate with `unsafe` code.
//!
//! Every block rests on one invariant of [`View`], which private fields protect. Views are made by
//! [`View::from_raw`] alone, an `unsafe fn` whose contract it is, and a copy of what a view borrows
//! by [`View::with_layout`]:
//!
//! > **V** For every address of `layout`, a whole, aligned, initialised `T` starts that many units
//! > after `base`, and all these `T` and the position `layout.required_len()` units after `base`
//! > lie in one allocation or at its end. These `T` are borrowed as `B` says: shared, or
//! > exclusively and then each under one index only, no two of them sharing a byte.
//!
//! By T3 every address that [`Layout::address`] or a walk over the layout yields is one of these.
//! V promises nothing about what lies *between* the addresses: it may belong to the other half of a
//! split mutable view, so no view hands out the buffer below it.

#![allow(unsafe_code, reason = "the one file that dereferences addresses")]

use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::ops::{Deref, Range};
use core::ptr::NonNull;

use crate::error::{Error, Index, accept};
use crate::layout::Layout;
use crate::ops::select::{Selection, Walk};
use crate::planes::{Plane, for_each_plane};
use crate::rank::{Const, PerAxis, Rank, slice};
use crate::walk::Addresses;

mod sealed {
    pub trait Sealed {}
    impl<T> Sealed for &[T] {}
    impl<T> Sealed for &mut [T] {}
    impl Sealed for super::Elements {}
    impl Sealed for super::Bytes {}
}

/// Says how a view borrows its buffer: `&'a [T]` to read it, `&'a mut [T]` to read and write it.
pub trait Buffer<T>: sealed::Sealed + AsRef<[T]> {
    /// A reference to one element: `&'a T` or `&'a mut T`.
    type Element;
    /// Whether no two elements of a view may share memory.
    const EXCLUSIVE: bool;

    /// Where the buffer lies.
    fn into_raw(self) -> NonNull<[T]>;

    /// Makes the reference to an element.
    ///
    /// # Safety
    /// A whole, aligned, initialised `T` lies at `element`, borrowed as `Self` says for its
    /// lifetime; if exclusively, then no other reference to it is in use in that time.
    unsafe fn element(element: NonNull<T>) -> Self::Element;

    /// Makes the slice of `len` elements from `start` on.
    ///
    /// # Safety
    /// Whole, aligned, initialised `T` lie there side by side in one allocation, borrowed as `Self`
    /// says for its lifetime; if exclusively, then no other reference to them is in use in that time.
    unsafe fn run(start: NonNull<T>, len: usize) -> Self;
}

impl<'a, T> Buffer<T> for &'a [T] {
    type Element = &'a T;
    const EXCLUSIVE: bool = false;

    #[inline]
    fn into_raw(self) -> NonNull<[T]> {
        self.into()
    }

    #[inline]
    unsafe fn element(element: NonNull<T>) -> &'a T {
        // SAFETY: the caller's contract is that of `as_ref`.
        unsafe { element.as_ref() }
    }

    #[inline]
    unsafe fn run(start: NonNull<T>, len: usize) -> Self {
        // SAFETY: the caller's contract is that of `from_raw_parts`.
        unsafe { core::slice::from_raw_parts(start.as_ptr(), len) }
    }
}

impl<'a, T> Buffer<T> for &'a mut [T] {
    type Element = &'a mut T;
    const EXCLUSIVE: bool = true;

    #[inline]
    fn into_raw(self) -> NonNull<[T]> {
        self.into()
    }

    #[inline]
    unsafe fn element(mut element: NonNull<T>) -> &'a mut T {
        // SAFETY: the caller's contract is that of `as_mut`.
        unsafe { element.as_mut() }
    }

    #[inline]
    unsafe fn run(start: NonNull<T>, len: usize) -> Self {
        // SAFETY: the caller's contract is that of `from_raw_parts_mut`.
        unsafe { core::slice::from_raw_parts_mut(start.as_ptr(), len) }
    }
}

/// What brackets do with an index tuple that is not valid, given the shape.
type Invalid<I> = fn(I, &[usize]) -> !;

/// Says what the strides, the offset and the addresses of a view count: [`Elements`] or [`Bytes`].
pub trait ViewUnit: sealed::Sealed + Copy {
    /// Whether it is a byte, not an element.
    const IS_BYTE: bool;

    /// The number of units that one element takes.
    #[inline]
    fn item<T>() -> usize {
        if Self::IS_BYTE { size_of::<T>() } else { 1 }
    }

    /// The number of bytes in one unit.
    #[inline]
    fn size<T>() -> usize {
        if Self::IS_BYTE { 1 } else { size_of::<T>() }
    }

    /// The pointer `address` units after `base`.
    ///
    /// # Safety
    /// The result lies in the allocation of `base` or at its end.
    #[inline]
    unsafe fn locate<T>(base: NonNull<T>, address: usize) -> NonNull<T> {
        if Self::IS_BYTE {
            // SAFETY: the caller's contract; an allocation has at most `isize::MAX` bytes.
            unsafe { base.byte_add(address) }
        } else {
            // SAFETY: as above.
            unsafe { base.add(address) }
        }
    }
}

/// The unit of a view whose strides count elements.
#[derive(Clone, Copy, Debug)]
pub enum Elements {}

/// The unit of a view whose strides count bytes, and need not be multiples of an element's size.
#[derive(Clone, Copy, Debug)]
pub enum Bytes {}

impl ViewUnit for Elements {
    const IS_BYTE: bool = false;
}

impl ViewUnit for Bytes {
    const IS_BYTE: bool = true;
}

/// Shows a buffer through a checked shape, strides and offset: NumPy's `as_strided` that cannot
/// leave the buffer.
///
/// `B` says how the buffer is borrowed, `T` is the element, `D` the rank, [`Const<N>`] or
/// [`Dyn`](crate::Dyn), and `U` what strides and offset count. The four common forms have names:
/// [`StridedView`](crate::StridedView), [`StridedViewMut`](crate::StridedViewMut),
/// [`StridedViewDyn`](crate::StridedViewDyn) and [`StridedViewMutDyn`](crate::StridedViewMutDyn).
/// The numbers of a view are those of its [`Layout`], whose methods a view has. Indices of a shared
/// view may share elements; those of a mutable view do not.
///
/// ```
/// use strideproof::{Error, Layout, StridedView, StridedViewMut};
/// let x: Vec<i64> = (0..12).collect();
/// let rows = StridedView::new(&x, Layout::new([4, 3], [2, 2], 0, x.len())?)?;
/// assert_eq!(rows[[3, 2]], 10);
/// assert_eq!(rows.to_string(), "[[ 0  2  4]\n [ 2  4  6]\n [ 4  6  8]\n [ 6  8 10]]");
///
/// let mut y = [2, 5];
/// let repeated = Layout::new([2, 8], [1, 0], 0, y.len())?;
/// assert!(matches!(StridedViewMut::new(&mut y, repeated), Err(Error::Aliased { .. })));
/// # Ok::<(), Error>(())
/// ```
pub struct View<B, T, D: Rank, U = Elements> {
    base: NonNull<T>,
    layout: Layout<D>,
    borrow: PhantomData<(B, U)>,
}

// SAFETY: by V a view is a `B` with numbers beside it, and hands out what a `B` hands out.
unsafe impl<B: Send, T, D: Rank, U> Send for View<B, T, D, U> {}
// SAFETY: as above.
unsafe impl<B: Sync, T, D: Rank, U> Sync for View<B, T, D, U> {}

impl<T, D: Rank, U: ViewUnit> Clone for View<&[T], T, D, U> {
    fn clone(&self) -> Self {
        // SAFETY: V for the same layout; shared elements may be borrowed twice.
        unsafe { self.with_layout(self.layout.clone()) }
    }
}

impl<T, const N: usize, U: ViewUnit> Copy for View<&[T], T, Const<N>, U> {}

impl<B, T, D: Rank, U> Deref for View<B, T, D, U> {
    type Target = Layout<D>;

    #[inline]
    fn deref(&self) -> &Layout<D> {
        &self.layout
    }
}

impl<B: Buffer<T>, T, D: Rank> View<B, T, D> {
    /// Lays a checked layout over a buffer of at least [`required_len`](Layout::required_len)
    /// elements; for writing, one that is unique.
    ///
    /// # Errors
    /// What [`Layout::new`] says of this buffer's length, when the buffer is shorter than that. For
    /// writing also [`Aliased`](Error::Aliased) with two indices that share an element, and
    /// [`Undecided`](Error::Undecided) when the search for such a pair takes too long.
    pub fn new(data: B, layout: Layout<D>) -> Result<Self, Error> {
        let data = data.into_raw();
        layout.require_len(data.len())?;
        // SAFETY: the buffer has an element at every address below `required_len`.
        unsafe { Self::over(data, layout) }
    }

    /// [`new`](Self::new) with [`Layout::new`], in one check.
    #[inline]
    pub(crate) fn of_lists(
        data: B,
        shape: D::List<usize>,
        strides: D::List<isize>,
        offset: usize,
    ) -> Result<Self, Error> {
        let data = data.into_raw();
        Layout::of_lists_then(shape, strides, offset, data.len(), |layout| {
            // SAFETY: the layout was checked for this length.
            unsafe { Self::over(data, layout) }
        })
    }

    /// Lays a layout over a buffer; for writing, one that is unique.
    ///
    /// # Safety
    /// The buffer, borrowed as `B` says, has an element at every address of the layout, and at least
    /// `required_len` elements.
    #[inline]
    unsafe fn over(data: NonNull<[T]>, layout: Layout<D>) -> Result<Self, Error> {
        if B::EXCLUSIVE {
            layout.require_unique(1)?;
        }
        // SAFETY: V: by the caller's contract, and by T7 each element has one index if the borrow is
        // exclusive.
        Ok(unsafe { Self::from_raw(data.cast(), layout) })
    }
}

impl<'a, T, D: Rank, U: ViewUnit> View<&'a [T], T, D, U> {
    /// The element at an index tuple, or `None` if the tuple is not valid.
    #[inline]
    #[must_use]
    pub fn get(&self, index: impl PerAxis<usize, Rank = D>) -> Option<&'a T> {
        // SAFETY: V: initialised, aligned and borrowed shared for `'a`.
        self.find(index.values()).map(|element| unsafe { element.as_ref() })
    }

    /// Iterates over the elements in row-major order of their indices.
    #[must_use]
    pub fn iter(&self) -> Iter<&'a [T], T, D, U> {
        self.clone().into_iter()
    }
}

impl<T, D: Rank, U: ViewUnit> View<&mut [T], T, D, U> {
    /// The element at an index tuple, or `None` if the tuple is not valid.
    #[inline]
    #[must_use]
    pub fn get(&self, index: impl PerAxis<usize, Rank = D>) -> Option<&T> {
        self.get_at(index.values())
    }

    /// The element at an index tuple for writing, or `None` if the tuple is not valid.
    #[inline]
    #[must_use]
    pub fn get_mut(&mut self, index: impl PerAxis<usize, Rank = D>) -> Option<&mut T> {
        // SAFETY: V: initialised, aligned and borrowed exclusively; the result borrows all of
        // `self` exclusively.
        self.find(index.values()).map(|mut element| unsafe { element.as_mut() })
    }

    /// The element at an index tuple for writing; calls `invalid` if the tuple is not valid.
    #[inline]
    pub(crate) fn get_mut_or<I>(&mut self, index: I, invalid: Invalid<I>) -> &mut T
    where
        I: PerAxis<usize, Rank = D>,
    {
        // SAFETY: as in `get_mut`.
        unsafe { self.find_or(index, invalid).as_mut() }
    }

    /// Exchanges two elements; calls `invalid` if a tuple is not valid.
    #[inline]
    pub(crate) fn swap_or<I: PerAxis<usize, Rank = D>>(
        &mut self,
        [one, other]: [I; 2],
        invalid: Invalid<I>,
    ) {
        let (one, other) = (self.find_or(one, invalid), self.find_or(other, invalid));
        // SAFETY: V: both initialised, aligned and borrowed exclusively; by V they are the same
        // element or share no byte.
        unsafe { one.swap(other) }
    }

    /// The pointer to the element with index 0 on every axis, for writing.
    ///
    /// As [`as_ptr`](View::as_ptr); it may be used to read and write every element of the view, and
    /// none between them, until the view is used again.
    ///
    /// ```
    /// use strideproof::{as_strided_mut, s};
    /// let mut x = [0; 8];
    /// let mut odd = as_strided_mut(&mut x, .., None, 0)?.slice(s![1..;2]);
    /// let (pointer, stride) = (odd.as_mut_ptr(), odd.strides()[0]);
    /// // SAFETY: [3] is an index of the view.
    /// unsafe { pointer.offset(3 * stride).write(9) };
    /// assert_eq!(x, [0, 0, 0, 0, 0, 0, 0, 9]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.origin().as_ptr()
    }

    /// Lends this view out for a shorter time.
    #[must_use]
    pub fn reborrow(&mut self) -> View<&mut [T], T, D, U> {
        // SAFETY: V for the same layout; the result borrows all of `self` exclusively.
        unsafe { self.with_layout(self.layout.clone()) }
    }

    /// Iterates over the elements in row-major order of their indices.
    #[must_use]
    pub fn iter(&self) -> Iter<&[T], T, D, U> {
        self.as_view().into_iter()
    }

    /// Iterates over the elements for writing, in row-major order of their indices.
    #[must_use]
    pub fn iter_mut(&mut self) -> Iter<&mut [T], T, D, U> {
        self.reborrow().into_iter()
    }
}

#[cfg(feature = "bytemuck")]
impl<'a, T: bytemuck::AnyBitPattern, D: Rank> View<&'a [T], T, D, Bytes> {
    /// Reads elements out of a byte buffer through a layout that counts bytes, whose strides need
    /// not be multiples of the element's size: `[u8; 3]` pixels in rows padded to 4 bytes, or one
    /// field of an array of structures.
    ///
    /// ```
    /// use strideproof::{Bytes, Layout, View};
    /// // Two rows of two pixels of three bytes each, in rows of eight bytes.
    /// let image: [u8; 16] = core::array::from_fn(|i| i as u8);
    /// let layout = Layout::new([2, 2], [8, 3], 0, image.len())?;
    /// let pixels = View::<&[[u8; 3]], _, _, Bytes>::new(&image, layout)?;
    /// assert_eq!(pixels[[1, 1]], [11, 12, 13]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`check_bytes`](crate::check_bytes) and
    /// [`check_alignment`](crate::check_alignment).
    pub fn new(data: &'a [u8], layout: Layout<D>) -> Result<Self, Error> {
        layout.require_items::<T>(data.as_ptr().addr(), data.len())?;
        // SAFETY: V: every item lies in the buffer whole and aligned, and any bytes are a `T`.
        Ok(unsafe { Self::from_raw(NonNull::from(data).cast(), layout) })
    }
}

#[cfg(feature = "bytemuck")]
impl<'a, T: bytemuck::AnyBitPattern + bytemuck::NoUninit, D: Rank> View<&'a mut [T], T, D, Bytes> {
    /// Reads and writes elements in a byte buffer through a layout that counts bytes.
    ///
    /// # Errors
    /// Those of the shared view; [`Aliased`](Error::Aliased) with two indices that share a byte;
    /// [`Undecided`](Error::Undecided) when the search for such a pair takes too long.
    pub fn new(data: &'a mut [u8], layout: Layout<D>) -> Result<Self, Error> {
        layout.require_items::<T>(data.as_ptr().addr(), data.len())?;
        layout.require_unique(size_of::<T>())?;
        // SAFETY: V: as for a shared view; by T7 no two items share a byte; and a `T` that is
        // written leaves initialised bytes.
        Ok(unsafe { Self::from_raw(NonNull::from(data).cast(), layout) })
    }
}

impl<B, T, D: Rank, U> View<B, T, D, U> {
    /// Makes a view: the only way to do so.
    ///
    /// # Safety
    /// V holds for the result.
    #[inline]
    unsafe fn from_raw(base: NonNull<T>, layout: Layout<D>) -> Self {
        Self { base, layout, borrow: PhantomData }
    }
}

impl<B, T, D: Rank, U: ViewUnit> View<B, T, D, U> {
    /// The checked numbers of the view.
    #[inline]
    #[must_use]
    pub const fn layout(&self) -> &Layout<D> {
        &self.layout
    }

    /// A view of elements of this view, under other indices or for another borrow.
    ///
    /// The only way to copy what an exclusive view borrows.
    ///
    /// # Safety
    /// V holds for the result. So the elements of `layout` are elements of this view, each under
    /// one index if `C` is exclusive, and what `C` says of their borrow is true: as long as the
    /// result is in use exclusively, nothing else uses them, this view included.
    #[inline]
    unsafe fn with_layout<C, E: Rank>(&self, layout: Layout<E>) -> View<C, T, E, U> {
        // SAFETY: the caller's contract.
        unsafe { View::from_raw(self.base, layout) }
    }

    /// The pointer to the element at an index tuple, or `None` if the tuple is not valid.
    #[inline]
    fn find(&self, index: &[usize]) -> Option<NonNull<T>> {
        let address = self.layout.address_of(index)?;
        // SAFETY: T3 and V: an element of the buffer starts at this address.
        Some(unsafe { U::locate(self.base, address) })
    }

    /// The pointer to the element at an index tuple; calls `invalid` if the tuple is not valid.
    ///
    /// Not by [`find`](Self::find), whose result costs a test for null. The tuple is handed on by
    /// value, so that it needs no place in memory before it turns out to be invalid.
    #[inline]
    fn find_or<I: PerAxis<usize, Rank = D>>(&self, index: I, invalid: Invalid<I>) -> NonNull<T> {
        match self.layout.address_of(index.values()) {
            // SAFETY: T3 and V: an element of the buffer starts at this address.
            Some(address) => unsafe { U::locate(self.base, address) },
            None => invalid(index, self.sizes()),
        }
    }

    /// The element at an index tuple; calls `invalid` if the tuple is not valid.
    #[inline]
    pub(crate) fn get_or<I: PerAxis<usize, Rank = D>>(&self, index: I, invalid: Invalid<I>) -> &T {
        // SAFETY: V: initialised, aligned and borrowed; the result borrows `self` shared.
        unsafe { self.find_or(index, invalid).as_ref() }
    }

    /// The element at an index tuple in a slice, or `None` if the tuple is not valid.
    #[inline]
    pub(crate) fn get_at(&self, index: &[usize]) -> Option<&T> {
        // SAFETY: V: initialised, aligned and borrowed; the result borrows `self` shared.
        self.find(index).map(|element| unsafe { element.as_ref() })
    }

    /// The pointer to the element with index 0 on every axis; of an empty view, to where it would be.
    #[inline]
    fn origin(&self) -> NonNull<T> {
        // SAFETY: V: the offset is an address of the view, or that of an empty view, which lies in
        // the allocation or at its end.
        unsafe { U::locate(self.base, self.offset()) }
    }

    /// Where the element with index 0 on every axis lies in memory, if there is one.
    pub(crate) fn origin_address(&self) -> Option<usize> {
        (!self.is_empty()).then_some(self.origin().addr().get())
    }

    /// The pointer to the element with index 0 on every axis, to hand to C or to code of other
    /// crates.
    ///
    /// It may be used to read every element of the view, as long as the view could be: the element
    /// at `index` lies `Σ index_k · strides_k` units after it, which fits `isize` for elements that
    /// have a size. A reference to one element, `&view[[0, 0]] as *const T`, may be used for that
    /// element alone. What lies between the view's elements may be borrowed elsewhere. Of an empty
    /// view the pointer must not be read.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x = [1, 2, 3, 4, 5, 6];
    /// let x = as_strided(&x, [2, 3], None, 0)?.reverse(1);
    /// let (pointer, [down, across]) = (x.as_ptr(), *x.strides());
    /// // SAFETY: [1, 2] is an index of the view.
    /// assert_eq!(unsafe { *pointer.offset(down + 2 * across) }, x[[1, 2]]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn as_ptr(&self) -> *const T {
        self.origin().as_ptr()
    }

    /// Reads through this view for as long as the borrow of `self` lasts.
    #[inline]
    #[must_use]
    pub fn as_view(&self) -> View<&[T], T, D, U> {
        // SAFETY: V for the same layout; while `self` is borrowed shared, it only reads.
        unsafe { self.with_layout(self.layout.clone()) }
    }

    /// The same view with its rank kept in another way.
    ///
    /// # Errors
    /// Those of [`Layout::with_rank`].
    pub fn try_with_rank<E: Rank>(self) -> Result<View<B, T, E, U>, Error> {
        let layout = self.layout.with_rank()?;
        // SAFETY: V for the same numbers, and `self` is given up.
        Ok(unsafe { self.with_layout(layout) })
    }
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> View<B, T, D, U> {
    /// Derives the view that a selection describes: the gate of the operations.
    pub(crate) fn select<E: Rank>(
        self,
        selection: &Selection<D, E>,
    ) -> Result<View<B, T, E, U>, Error> {
        let layout = self.layout.select(selection)?;
        if B::EXCLUSIVE && !selection.is_injective() {
            layout.require_unique(U::item::<T>())?;
        }
        // SAFETY: V. `Layout::select` returns only layouts whose addresses are among this view's
        // (T6) and whose `required_len` is at most this one's. Each element keeps one index: by V
        // no two indices of this view share a byte, and an injective selection gives different
        // indices different indices of this view; of any other selection it was decided just now.
        // `self` is given up.
        Ok(unsafe { self.with_layout(layout) })
    }

    /// The same elements in the same order under another shape.
    pub(crate) fn reshaped<E: Rank>(
        self,
        shape: E::List<usize>,
    ) -> Result<View<B, T, E, U>, Error> {
        let layout = self.layout.reshaped(shape)?;
        // SAFETY: V: the layout has the same addresses in the same order (T6), each as often as
        // before, and `self` is given up.
        Ok(unsafe { self.with_layout(layout) })
    }

    /// Derives the views that selections describe, no two of which have an index in common.
    pub(crate) fn select_each<E: Rank, const K: usize>(
        self,
        selections: [Selection<D, E>; K],
    ) -> Result<[View<B, T, E, U>; K], Error> {
        for (second, other) in selections.iter().enumerate() {
            if !other.is_injective() {
                return Err(Error::LeavesParent { axis: 0 });
            }
            for (first, one) in selections.iter().enumerate().take(second) {
                if let Some(index) = one.common_index(other)? {
                    let index = Index::new(slice::<D, _>(&index));
                    return Err(Error::PartsOverlap { first, second, index });
                }
            }
        }
        let layouts = selections.map(|selection| self.layout.select(&selection));
        if let Some(&error) = layouts.iter().find_map(|layout| layout.as_ref().err()) {
            return Err(error);
        }
        Ok(layouts.map(|layout| {
            let layout = accept(layout);
            // SAFETY: V, as in `select`: the selection is injective. No index of `self` is in two
            // of them, so by V, which gives different indices of `self` different elements, no
            // element is in two. `self` is given up.
            unsafe { self.with_layout(layout) }
        }))
    }

    /// As [`split_at`](Self::split_at), returning the error.
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis), [`BadIndex`](Error::BadIndex).
    pub fn try_split_at(self, axis: usize, index: usize) -> Result<(Self, Self), Error> {
        let [head, tail] = self.layout.splitting(axis, index)?;
        if !(head.lies_before(&tail, axis) && head.is_injective() && tail.is_injective()) {
            return Err(Error::LeavesParent { axis });
        }
        let (head, tail) = (self.layout.select(&head)?, self.layout.select(&tail)?);
        // SAFETY: V for both, as in `select`. No index of `self` is in both selections, so by V,
        // which gives different indices of `self` different elements, no element is in both.
        // `self` is given up.
        let head = unsafe { self.with_layout(head) };
        // SAFETY: as above.
        Ok((head, unsafe { self.with_layout(tail) }))
    }
}

impl<'a, T, D: Rank, U: ViewUnit> View<&'a [T], T, D, U> {
    /// Calls a function with each [`Run`] of elements at equal distances: together they are all
    /// elements in row-major order of their indices.
    ///
    /// Runs are as long as the axes allow, whole rows at least; where elements lie side by side, a run
    /// is a slice. Of [`in_memory_order`](Self::in_memory_order) they are the longest there are.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// // Two rows of three pixels, each followed by one of padding.
    /// let image = [1, 2, 3, 0, 4, 5, 6, 0];
    /// let mut rows = Vec::new();
    /// as_strided(&image, [2, 3], [4, 1], 0)?.for_each_run(|row| rows.push(row.as_slice()));
    /// assert_eq!(rows, [Some(&[1, 2, 3][..]), Some(&[4, 5, 6])]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    #[inline]
    pub fn for_each_run(&self, mut f: impl FnMut(Run<'a, T>)) {
        Addresses::new(self.layout.clone()).for_each_run(|address, stride, left| {
            // SAFETY: T3 and V: an element of the buffer starts at this address.
            let next = unsafe { U::locate(self.base, address) };
            // In an allocation no two elements are farther apart than `isize::MAX` bytes; a run of
            // one element is not stepped through.
            let size = isize::try_from(U::size::<T>()).unwrap_or(isize::MAX);
            let step = stride.saturating_mul(size);
            f(Run { next: next.as_ptr(), step, left, borrow: PhantomData });
        });
    }
}

/// Elements of a shared view at equal distances, such as a row: an iterator over them.
///
/// [`View::for_each_run`] hands them out.
pub struct Run<'a, T> {
    /// **V** for a run: `left` whole, aligned, initialised `T`, borrowed shared for `'a`, lie `step`
    /// bytes apart from here on, in one allocation.
    next: *const T,
    step: isize,
    left: usize,
    borrow: PhantomData<&'a [T]>,
}

impl<'a, T> Run<'a, T> {
    /// The elements that are left as a slice, if they lie side by side.
    #[inline]
    #[must_use]
    pub fn as_slice(&self) -> Option<&'a [T]> {
        if self.left == 0 {
            return Some(&[]);
        }
        let is_slice = self.left == 1 || usize::try_from(self.step) == Ok(size_of::<T>());
        // SAFETY: V for a run: so many elements lie side by side from here on.
        is_slice.then(|| unsafe { core::slice::from_raw_parts(self.next, self.left) })
    }
}

impl<'a, T> Iterator for Run<'a, T> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        self.left = self.left.checked_sub(1)?;
        let element = self.next;
        // After the last element this may be outside the allocation, and is not read.
        self.next = element.wrapping_byte_offset(self.step);
        // SAFETY: V for a run, of which at least one element was left.
        Some(unsafe { &*element })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for Run<'_, T> {}
impl<T> FusedIterator for Run<'_, T> {}

impl<B: Buffer<T>, T, D: Rank> View<B, T, D> {
    /// Turns the view into a slice for as long as its buffer is borrowed, if the elements are a
    /// row-major run without gaps: `&[T]` of a shared view, `&mut [T]` of a mutable one.
    ///
    /// ```
    /// use strideproof::as_strided_mut;
    /// fn last_row(image: &mut [u8]) -> Option<&mut [u8]> {
    ///     let rows = as_strided_mut(image, [2, 3], [4, 1], 0).ok()?;
    ///     rows.index_axis(0, 1).into_slice()
    /// }
    /// let mut image = [0, 1, 2, 255, 3, 4, 5];
    /// last_row(&mut image).unwrap().reverse();
    /// assert_eq!(image, [0, 1, 2, 255, 5, 4, 3]);
    /// ```
    #[must_use]
    pub fn into_slice(self) -> Option<B> {
        if !self.is_contiguous() {
            return None;
        }
        // SAFETY: V: `offset <= required_len`, which lies in the allocation or at its end.
        let start = unsafe { Elements::locate(self.base, self.offset()) };
        // SAFETY: a contiguous view's addresses are exactly `offset .. offset + len`, so by V
        // these elements exist and are borrowed as `B` says; `self` is given up.
        Some(unsafe { B::run(start, self.len()) })
    }
}

impl<'a, T, D: Rank> View<&'a [T], T, D> {
    /// The elements as a slice, if they are a row-major run without gaps.
    #[must_use]
    pub fn as_slice(&self) -> Option<&'a [T]> {
        self.clone().into_slice()
    }
}

impl<T, D: Rank> View<&mut [T], T, D> {
    /// The elements as a slice, if they are a row-major run without gaps.
    #[must_use]
    pub fn as_slice(&self) -> Option<&[T]> {
        self.as_view().into_slice()
    }

    /// The elements as a slice for writing, if they are a row-major run without gaps.
    ///
    /// ```
    /// use strideproof::as_strided_mut;
    /// // An image of two rows of three pixels, each row followed by one of padding.
    /// let mut image = [3, 1, 2, 255, 9, 7, 8, 255];
    /// for mut row in as_strided_mut(&mut image, [2, 3], [4, 1], 0)?.rows() {
    ///     row.as_slice_mut().unwrap().sort();
    /// }
    /// assert_eq!(image, [1, 2, 3, 255, 7, 8, 9, 255]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    #[must_use]
    pub fn as_slice_mut(&mut self) -> Option<&mut [T]> {
        self.reborrow().into_slice()
    }
}

/// Iterates over the elements of a view in row-major order of their indices.
pub struct Iter<B, T, D: Rank, U = Elements> {
    view: View<B, T, D, U>,
    addresses: Addresses<D>,
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> Iter<B, T, D, U> {
    /// # Safety
    /// The address is that of an index of `view`, as by T3 all are that a walk over its layout yields,
    /// and each index is used only once if the borrow is exclusive.
    #[inline]
    unsafe fn element(view: &View<B, T, D, U>, address: usize) -> B::Element {
        // SAFETY: T3 and V: an element of the buffer starts at this address.
        let element = unsafe { U::locate(view.base, address) };
        // SAFETY: V: initialised, aligned and borrowed as `B` says by `view`, which the iterator
        // keeps and does not use otherwise. The walk gives each index once, and by V each index
        // of an exclusive view has its own element.
        unsafe { B::element(element) }
    }

    /// The numbers of the view.
    pub(crate) const fn layout(&self) -> &Layout<D> {
        &self.view.layout
    }
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> Iterator for Iter<B, T, D, U> {
    type Item = B::Element;

    #[inline]
    fn next(&mut self) -> Option<B::Element> {
        let address = self.addresses.next()?;
        // SAFETY: the walk yielded the address just now.
        Some(unsafe { Self::element(&self.view, address) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.addresses.size_hint()
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<B::Element> {
        let address = self.addresses.nth(n)?;
        // SAFETY: the walk yielded the address just now.
        Some(unsafe { Self::element(&self.view, address) })
    }

    #[inline]
    fn fold<A, F: FnMut(A, B::Element) -> A>(self, init: A, mut f: F) -> A {
        let Self { view, addresses } = self;
        // SAFETY: the walk yielded the address.
        addresses.fold(init, |acc, address| f(acc, unsafe { Self::element(&view, address) }))
    }
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> DoubleEndedIterator for Iter<B, T, D, U> {
    #[inline]
    fn next_back(&mut self) -> Option<B::Element> {
        let address = self.addresses.next_back()?;
        // SAFETY: the walk yielded the address just now, from its other end: so each only once.
        Some(unsafe { Self::element(&self.view, address) })
    }
}

/// What is done with each element of one view and that of another under the same index.
pub(crate) trait Meeting<T, V> {
    /// Of two elements.
    fn each(&mut self, to: &mut T, from: &V);

    /// Of as many elements of either as lie side by side in both.
    #[inline]
    fn slices(&mut self, to: &mut [T], from: &[V]) {
        to.iter_mut().zip(from).for_each(|(to, from)| self.each(to, from));
    }

    /// Of rows of the one and columns of the other.
    #[inline]
    fn block<const R: usize, const C: usize>(
        &mut self,
        rows: [&mut [T; C]; R],
        columns: [&[V; R]; C],
    ) {
        each_of_block(rows, columns, |to, from| self.each(to, from));
    }
}

/// Calls a function with each element of rows and the one of columns under the same index.
#[inline(always)]
pub(crate) fn each_of_block<T, V, const R: usize, const C: usize>(
    rows: [&mut [T; C]; R],
    columns: [&[V; R]; C],
    mut f: impl FnMut(&mut T, &V),
) {
    // By numbers: iterators over both arrays would be kept in memory.
    for (i, row) in rows.into_iter().enumerate() {
        for (j, to) in row.iter_mut().enumerate() {
            f(to, &columns[j][i]);
        }
    }
}

/// The rows and columns of a tile: the rows of the target are long enough to be written ahead of, and
/// what a column of the source brings into the cache is used up before it is needed for other things.
const TILE: [usize; 2] = [64, 256];

impl<T, D: Rank, U: ViewUnit> View<&mut [T], T, D, U> {
    /// Meets the elements of another view of the same shape, in an order that suits the memory of both.
    pub(crate) fn meet<V, E: Rank, W: ViewUnit>(
        &mut self,
        from: &View<&[V], V, E, W>,
        meeting: &mut impl Meeting<T, V>,
    ) -> Result<(), Error> {
        for_each_plane(&self.layout, &from.layout, |plane| {
            let Plane { rows, columns, .. } = plane;
            let (to, from, units) = (self.base, from.base, PhantomData::<(U, W)>);
            let mut crossing = Crossing { to, from, plane, meeting, units };
            if !plane.crosses() {
                // SAFETY: V for a crossing, by V and T9: the addresses in a plane are those of
                // indices of both views, and each index is in one plane and row.
                (0..rows.size).for_each(|row| unsafe { crossing.row(row) });
                return;
            }
            let [height, width] = TILE;
            for row in (0..rows.size).step_by(height) {
                for column in (0..columns.size).step_by(width) {
                    let rows = row..row.saturating_add(height).min(rows.size);
                    let columns = column..column.saturating_add(width).min(columns.size);
                    // SAFETY: as above, and each row and column is in one tile.
                    unsafe { crossing.tile(rows, columns) };
                }
            }
        })
    }
}

/// Two views on a plane.
///
/// > **V** for a crossing: for each row and column of `plane` a whole, aligned, initialised `T` lies
/// > `plane.to(…)` units after `to`, and such a `V` `plane.from(…)` units after `from`: the one
/// > borrowed exclusively and under one row and column only, the other shared.
struct Crossing<'m, T, V, U, W, M> {
    to: NonNull<T>,
    from: NonNull<V>,
    plane: Plane,
    meeting: &'m mut M,
    units: PhantomData<(U, W)>,
}

impl<T, V, U: ViewUnit, W: ViewUnit, M: Meeting<T, V>> Crossing<'_, T, V, U, W, M> {
    /// The pointer to an element of the target.
    ///
    /// # Safety
    /// V for a crossing; the row and the column are in the plane.
    #[inline]
    unsafe fn target(&self, row: usize, column: usize) -> NonNull<T> {
        // SAFETY: the caller's contract.
        unsafe { U::locate(self.to, self.plane.to(row, column)) }
    }

    /// The pointer to an element of the source.
    ///
    /// # Safety
    /// As for [`target`](Self::target).
    #[inline]
    unsafe fn source(&self, row: usize, column: usize) -> NonNull<V> {
        // SAFETY: the caller's contract.
        unsafe { W::locate(self.from, self.plane.from(row, column)) }
    }

    /// Meets the elements of a row.
    ///
    /// # Safety
    /// V for a crossing; the row is in the plane, which has a column, and is met once.
    unsafe fn row(&mut self, row: usize) {
        let columns = self.plane.columns;
        let backwards = are_neighbours(columns.from.wrapping_neg(), W::item::<V>());
        let is_line = backwards || are_neighbours(columns.from, W::item::<V>());
        if !is_line || !are_neighbours(columns.to, U::item::<T>()) {
            // SAFETY: the caller's contract.
            (0..columns.size).for_each(|column| unsafe { self.each(row, column) });
            return;
        }
        let lowest = if backwards { columns.size.saturating_sub(1) } else { 0 };
        // SAFETY: the caller's contract.
        let to = unsafe { self.target(row, 0) };
        // SAFETY: V: so many elements lie side by side, borrowed exclusively and met once.
        let to = unsafe { core::slice::from_raw_parts_mut(to.as_ptr(), columns.size) };
        // SAFETY: the caller's contract.
        let from = unsafe { self.source(row, lowest) };
        // SAFETY: as above, borrowed shared.
        let from = unsafe { core::slice::from_raw_parts(from.as_ptr(), columns.size) };
        if backwards {
            to.iter_mut().zip(from.iter().rev()).for_each(|(to, from)| self.meeting.each(to, from));
        } else {
            self.meeting.slices(to, from);
        }
    }

    /// Meets two elements.
    ///
    /// # Safety
    /// V for a crossing; the row and the column are in the plane, and are met once.
    #[inline]
    unsafe fn each(&mut self, row: usize, column: usize) {
        // SAFETY: the caller's contract.
        let mut to = unsafe { self.target(row, column) };
        // SAFETY: as above.
        let from = unsafe { self.source(row, column) };
        // SAFETY: V: borrowed exclusively, and met once.
        let to = unsafe { to.as_mut() };
        // SAFETY: V: borrowed shared.
        self.meeting.each(to, unsafe { from.as_ref() });
    }

    /// Meets the elements of a tile.
    ///
    /// # Safety
    /// V for a crossing; the rows and columns are in the plane, and are met once.
    unsafe fn tile(&mut self, rows: Range<usize>, columns: Range<usize>) {
        let mut row = rows.start;
        while let Some(left @ 1..) = rows.end.checked_sub(row) {
            row = row.saturating_add(match (left, columns.len()) {
                // Pixels of three channels, and planes of them.
                // SAFETY: at least so many rows are left.
                (8.., 3) => unsafe { self.band::<8, 3>(row, columns.clone()) },
                // SAFETY: as above.
                (3, _) => unsafe { self.band::<3, 8>(row, columns.clone()) },
                // SAFETY: as above.
                (4.., _) => unsafe { self.band::<4, 2>(row, columns.clone()) },
                // SAFETY: as above.
                _ => unsafe { self.band::<1, 8>(row, columns.clone()) },
            });
        }
    }

    /// Meets the elements of `R` rows in these columns, as far as it goes by blocks of `C` columns,
    /// which become rows in registers. Returns the number of rows.
    ///
    /// # Safety
    /// As for [`tile`](Self::tile).
    unsafe fn band<const R: usize, const C: usize>(
        &mut self,
        row: usize,
        columns: Range<usize>,
    ) -> usize {
        let Range { start, end } = columns;
        let mut column = start;
        // The compiler would read the fields again after each write.
        let (plane, source) = (self.plane, self.from);
        if are_neighbours(plane.columns.to, U::item::<T>())
            && are_neighbours(plane.rows.from, W::item::<V>())
        {
            // SAFETY: the caller's contract.
            let lines: [NonNull<T>; R] =
                core::array::from_fn(|i| unsafe { self.target(row.wrapping_add(i), column) });
            while end.saturating_sub(column) >= C {
                let rows = lines.map(|line| {
                    // SAFETY: V: along the row the elements lie side by side, up to the last column.
                    let first = unsafe { line.add(column.wrapping_sub(start)) };
                    // SAFETY: V: `C` elements, borrowed exclusively and met once.
                    unsafe { first.cast::<[T; C]>().as_mut() }
                });
                let columns = core::array::from_fn::<_, C, _>(|j| {
                    let address = plane.from(row, column.wrapping_add(j));
                    // SAFETY: the caller's contract.
                    let first = unsafe { W::locate(source, address) };
                    // SAFETY: V: along the column the elements of `R` rows lie side by side,
                    // borrowed shared.
                    unsafe { first.cast::<[V; R]>().as_ref() }
                });
                self.meeting.block(rows, columns);
                column = column.wrapping_add(C);
            }
        }
        for row in (row..).take(R) {
            // SAFETY: the caller's contract.
            (column..end).for_each(|column| unsafe { self.each(row, column) });
        }
        R
    }
}

fn are_neighbours(step: isize, item: usize) -> bool {
    usize::try_from(step) == Ok(item)
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> ExactSizeIterator for Iter<B, T, D, U> {}
impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> FusedIterator for Iter<B, T, D, U> {}

impl<T, D: Rank, U: ViewUnit> Clone for Iter<&[T], T, D, U> {
    fn clone(&self) -> Self {
        Self { view: self.view.clone(), addresses: self.addresses.clone() }
    }
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> IntoIterator for View<B, T, D, U> {
    type Item = B::Element;
    type IntoIter = Iter<B, T, D, U>;

    fn into_iter(self) -> Self::IntoIter {
        let addresses = Addresses::new(self.layout.clone());
        Iter { view: self, addresses }
    }
}

/// Iterates over parts of a view, of rank `E`, one for each index on some of its axes, in row-major
/// order of these indices. No two parts have an element in common.
pub struct Parts<B, T, D: Rank, E: Rank, U = Elements> {
    view: View<B, T, D, U>,
    /// The sizes of the axes on which each part has one index, and 1 for the other axes.
    fixed: D::List<usize>,
    /// How a part walks along those other axes.
    walks: E::List<Walk>,
    /// The parts that are left, by number.
    left: Range<usize>,
}

impl<B: Buffer<T>, T, D: Rank, E: Rank, U: ViewUnit> Parts<B, T, D, E, U> {
    /// At most `limit` parts. Refuses walks that move along a fixed axis, or repeat elements.
    pub(crate) fn new(
        view: View<B, T, D, U>,
        fixed: D::List<usize>,
        walks: E::List<Walk>,
        limit: usize,
    ) -> Result<Self, Error> {
        let selection = Selection::<D, E> { start: view.first_index(), walks };
        let mut count = Some(1usize);
        for (axis, &size) in slice::<D, _>(&fixed).iter().enumerate() {
            count = count.and_then(|count| count.checked_mul(size));
            if size != 1 && selection.moves_along(axis) {
                return Err(Error::LeavesParent { axis });
            }
        }
        if B::EXCLUSIVE && !selection.is_injective() {
            return Err(Error::LeavesParent { axis: 0 });
        }
        let left = 0..count.map_or(0, |count| count.min(limit));
        Ok(Self { view, fixed, walks: selection.walks, left })
    }

    pub(crate) fn left(&self) -> usize {
        self.left.len()
    }

    /// Hands out the next part, from either end.
    pub(crate) fn take_part(&mut self, from_end: bool) -> Option<View<B, T, E, U>> {
        let mut rest = if from_end { self.left.next_back() } else { self.left.next() }?;
        let mut start = self.fixed.clone();
        for index in start.as_mut().iter_mut().rev() {
            let size = *index;
            *index = rest.checked_rem(size).unwrap_or(0);
            rest = rest.checked_div(size).unwrap_or(0);
        }
        let selection = Selection::<D, E> { start, walks: self.walks.clone() };
        let layout = accept(self.view.layout.select(&selection));
        // SAFETY: V, as in `View::select`: the walks are injective. `left` yields each number
        // below the product of the fixed sizes at most once, different numbers give different
        // indices on a fixed axis, and no walk moves along one, so no index of `self.view` is in
        // two parts; and `self.view` is not used otherwise.
        Some(unsafe { self.view.with_layout(layout) })
    }
}

impl<T, D: Rank, E: Rank, U: ViewUnit> Clone for Parts<&[T], T, D, E, U> {
    fn clone(&self) -> Self {
        let Self { view, fixed, walks, left } = self;
        Self { view: view.clone(), fixed: fixed.clone(), walks: walks.clone(), left: left.clone() }
    }
}

/// The lowest address of a layout, and the layout counted from there in a buffer that ends with the
/// highest one; `None` if it is empty.
#[cfg(any(feature = "bytemuck", feature = "ndarray"))]
fn from_lowest<D: Rank>(layout: &Layout<D>) -> Result<Option<(usize, Layout<D>)>, Error> {
    let Some((lowest, highest)) = layout.extent() else { return Ok(None) };
    // The lowest address is at most the offset and the highest.
    let offset = layout.offset().saturating_sub(lowest);
    let len = highest.saturating_sub(lowest).saturating_add(1);
    Ok(Some((lowest, layout.moved_to(offset, len)?)))
}

/// Views from and to those of `ndarray`, which are a pointer to the element with index 0 on every
/// axis, a shape and strides.
#[cfg(feature = "ndarray")]
mod array {
    use ndarray::{ArrayView, ArrayViewMut, Axis, Dimension, IxDyn, ShapeBuilder, StrideShape};

    use super::{Buffer, Elements, Error, Layout, NonNull, Rank, View, ViewUnit, from_lowest};
    use crate::kernel;
    use crate::layout::row_major_strides;
    use crate::rank::list;

    impl<B: Buffer<T>, T, D: Rank> View<B, T, D> {
        /// Checks the numbers of a view that is given by a pointer, and looks through it.
        ///
        /// # Safety
        /// For each index tuple valid for `shape`, a whole, aligned, initialised `T` lies
        /// `Σ index_k · strides_k` elements after `origin`, all in one allocation, and they are
        /// borrowed as `B` says.
        unsafe fn from_origin(
            origin: *const T,
            shape: &[usize],
            strides: &[isize],
        ) -> Result<Self, Error> {
            let (shape, strides) = (list::<D, _>(shape)?, list::<D, _>(strides)?);
            // In the middle of the largest buffer, where the strides of an allocation fit.
            let middle = isize::MIN.unsigned_abs();
            let around = Layout::of_lists(shape, strides, middle, usize::MAX)?;
            if B::EXCLUSIVE {
                around.require_unique(1)?;
            }
            let (base, layout) = match (NonNull::new(origin.cast_mut()), from_lowest(&around)?) {
                (Some(origin), Some((_, layout))) => {
                    // SAFETY: by the contract the lowest element lies so far before the origin.
                    (unsafe { origin.sub(layout.offset()) }, layout)
                }
                // Nothing is there to point to.
                (_, None) => (NonNull::dangling(), around.moved_to(0, 0)?),
                // A pointer to an element is not null.
                (None, Some(_)) => return Err(Error::LeavesParent { axis: 0 }),
            };
            // SAFETY: V: by the contract each address from the lowest on is that of an element, and
            // by T7 each has one index if the borrow is exclusive.
            Ok(unsafe { Self::from_raw(base, layout) })
        }
    }

    impl<'a, T, D: Rank> View<&'a [T], T, D> {
        pub(crate) fn from_array<E: Dimension>(array: ArrayView<'a, T, E>) -> Result<Self, Error> {
            // SAFETY: what `ArrayView` promises of its pointer, shape and strides, for `'a`.
            unsafe { Self::from_origin(array.as_ptr(), array.shape(), array.strides()) }
        }

        pub(crate) fn into_array<E: Dimension>(self) -> Result<ArrayView<'a, T, E>, Error> {
            let Described { start, shape } = Described::new(&self)?;
            // SAFETY: V: the lowest element and all others exist, are aligned and borrowed shared
            // for `'a`; what else is asked of the numbers `Described` has checked.
            let mut array = unsafe { ArrayView::from_shape_ptr(shape, start.as_ptr()) };
            backwards(&self).for_each(|axis| array.invert_axis(axis));
            Ok(array)
        }
    }

    impl<'a, T, D: Rank> View<&'a mut [T], T, D> {
        pub(crate) fn from_array<E: Dimension>(
            mut array: ArrayViewMut<'a, T, E>,
        ) -> Result<Self, Error> {
            let origin = array.as_mut_ptr();
            // SAFETY: what `ArrayViewMut` promises of its pointer, shape and strides, for `'a`; it
            // is given up.
            unsafe { Self::from_origin(origin, array.shape(), array.strides()) }
        }

        pub(crate) fn into_array<E: Dimension>(self) -> Result<ArrayViewMut<'a, T, E>, Error> {
            if let Some(axis) = interleaved(&self) {
                return Err(Error::Interleaved { axis });
            }
            let Described { start, shape } = Described::new(&self)?;
            // SAFETY: as for a shared view; by V each element has one index, and `self` is given up.
            let mut array = unsafe { ArrayViewMut::from_shape_ptr(shape, start.as_ptr()) };
            backwards(&self).for_each(|axis| array.invert_axis(axis));
            Ok(array)
        }
    }

    /// A view as `ndarray` takes it: from the lowest element, by strides that are not negative.
    struct Described<T, E: Dimension> {
        start: NonNull<T>,
        shape: StrideShape<E>,
    }

    impl<T, E: Dimension> Described<T, E> {
        /// Refuses what `ndarray` does not represent: more elements than `isize::MAX` but for an
        /// axis of size 0, and a reach beyond `isize::MAX`.
        fn new<B, D: Rank>(view: &View<B, T, D>) -> Result<Self, Error> {
            let sizes = view.sizes();
            let (lowest, highest) = view.extent().unwrap_or((0, 0));
            let counted: alloc::vec::Vec<usize> = sizes.iter().map(|&size| size.max(1)).collect();
            if let Some(axis) = kernel::overfull_axis(&counted, 0, 1) {
                return Err(Error::TooManyElements { axis });
            }
            if highest.saturating_sub(lowest) > isize::MAX.unsigned_abs() {
                return Err(Error::DoesNotFit { axis: 0 });
            }
            // Strides that lead nowhere may be any, and so need not be ones for `ndarray`.
            let mut strides = alloc::vec![0; sizes.len()];
            if view.is_empty() {
                row_major_strides(sizes, &mut strides)?;
            } else {
                strides.copy_from_slice(view.steps());
            }
            let axes = strides.iter().zip(sizes);
            let strides: alloc::vec::Vec<usize> = axes
                .map(|(&stride, &size)| if size == 1 { stride.max(0) } else { stride })
                .map(isize::unsigned_abs)
                .collect();
            let dimension = |numbers: &[usize]| {
                let needed = E::NDIM.unwrap_or(numbers.len());
                let wrong = Error::WrongRank { rank: numbers.len(), needed };
                E::from_dimension(&IxDyn(numbers)).ok_or(wrong)
            };
            let shape = dimension(sizes)?.strides(dimension(&strides)?);
            // SAFETY: V: an element starts at the lowest address; of an empty view this is `base`.
            let first = unsafe { Elements::locate(view.base, lowest) };
            Ok(Self { start: first, shape })
        }
    }

    /// An axis whose stride does not exceed what the axes of smaller strides reach: `ndarray` asserts
    /// that there is none in a view for writing.
    fn interleaved<B, T, D: Rank>(view: &View<B, T, D>) -> Option<usize> {
        let axes = || view.sizes().iter().zip(view.steps()).enumerate();
        let moving = || axes().filter(|(_, (size, _))| **size > 1 && !view.is_empty());
        let is_short = |&(axis, (_, stride)): &(usize, (&usize, &isize))| {
            let own = stride.unsigned_abs();
            let smaller = moving()
                .filter(|&(other, (_, stride))| other != axis && stride.unsigned_abs() <= own);
            // A part of the reach of the view.
            let reach = smaller.fold(0usize, |reach, (_, (size, stride))| {
                let last = size.saturating_sub(1);
                reach.saturating_add(last.saturating_mul(stride.unsigned_abs()))
            });
            own <= reach
        };
        moving().find(is_short).map(|(axis, _)| axis)
    }

    /// The axes along which a view of any elements walks backwards.
    fn backwards<B, T, D: Rank>(
        view: &View<B, T, D>,
    ) -> impl Iterator<Item = Axis> + use<'_, B, T, D> {
        let axes = view.sizes().iter().zip(view.steps()).enumerate();
        let moving = axes.filter(|_| !view.is_empty());
        moving.filter(|(_, (size, stride))| **size > 1 && **stride < 0).map(|(axis, _)| Axis(axis))
    }
}

/// Views of the same bytes as items of another type.
#[cfg(feature = "bytemuck")]
mod recast {
    use bytemuck::{AnyBitPattern, NoUninit};

    use super::{Buffer, Bytes, Elements, Layout, NonNull, Rank, View, ViewUnit, from_lowest};
    use crate::error::Error;

    /// The items of type `V` that a view of `T` covers: where the lowest of them starts, and their
    /// layout counted from there.
    fn items<B: Buffer<T>, T, V, D: Rank>(
        view: &View<B, T, D>,
        axis: usize,
    ) -> Result<(NonNull<V>, Layout<D>), Error> {
        let Some((lowest, layout)) = from_lowest(&view.layout)? else {
            let layout = view.layout.moved_to(0, 0)?;
            return Ok((NonNull::dangling(), layout.recast(axis, size_of::<T>(), size_of::<V>())?));
        };
        let layout = layout.recast(axis, size_of::<T>(), size_of::<V>())?;
        // SAFETY: V: an element of the buffer starts at the lowest address.
        let start = unsafe { Elements::locate(view.base, lowest) };
        // Every item lies a whole number of items from here, so if one is aligned, all are.
        let (align, address) = (align_of::<V>(), start.addr().get());
        match address.checked_rem(align) {
            Some(0) => Ok((start.cast(), layout)),
            excess => Err(Error::Misaligned { axis: None, excess: excess.unwrap_or(0), align }),
        }
    }

    /// The parts of type `F` that begin `offset` bytes into each element of a view: where the lowest
    /// element starts, and the layout of the parts in bytes, counted from there.
    fn fields<B: Buffer<T>, T, F, D: Rank, U: ViewUnit>(
        view: &View<B, T, D, U>,
        offset: usize,
    ) -> Result<(NonNull<F>, Layout<D>), Error> {
        let unit = U::size::<T>();
        let Some((lowest, layout)) = from_lowest(&view.layout)? else {
            let layout = view.layout.moved_to(0, 0)?.fields::<T, F>(unit, offset, 0)?;
            return Ok((NonNull::dangling(), layout));
        };
        // SAFETY: V: an element starts at the lowest address.
        let base = unsafe { U::locate(view.base, lowest) };
        let layout = layout.fields::<T, F>(unit, offset, base.addr().get())?;
        Ok((base.cast(), layout))
    }

    impl<'a, T: NoUninit, D: Rank, U: ViewUnit> View<&'a [T], T, D, U> {
        /// Derives the view of a part of each element.
        pub(crate) fn project<F: AnyBitPattern>(
            self,
            offset: usize,
        ) -> Result<View<&'a [F], F, D, Bytes>, Error> {
            let (base, layout) = fields::<_, T, F, D, U>(&self, offset)?;
            // SAFETY: V: each part lies in the bytes of the element with the same index, which the
            // kernel has checked again against the bytes from the lowest element to the end of the
            // highest, and is aligned. No byte of a `T: NoUninit` is uninitialised, and any bytes
            // are an `F: AnyBitPattern`.
            Ok(unsafe { View::from_raw(base, layout) })
        }
    }

    impl<'a, T: NoUninit + AnyBitPattern, D: Rank, U: ViewUnit> View<&'a mut [T], T, D, U> {
        /// Derives the view of a part of each element.
        pub(crate) fn project<F: NoUninit + AnyBitPattern>(
            self,
            offset: usize,
        ) -> Result<View<&'a mut [F], F, D, Bytes>, Error> {
            let (base, layout) = fields::<_, T, F, D, U>(&self, offset)?;
            // SAFETY: V, as for a shared view. Parts of different elements share no byte; `self` is
            // given up. What is written through an `F: NoUninit` is initialised and, bytes being
            // bytes, leaves a valid `T`.
            Ok(unsafe { View::from_raw(base, layout) })
        }
    }

    impl<'a, T: NoUninit, D: Rank> View<&'a [T], T, D> {
        /// Derives the view of the same bytes as `V`.
        pub(crate) fn cast<V: AnyBitPattern>(
            self,
            axis: usize,
        ) -> Result<View<&'a [V], V, D>, Error> {
            let (base, layout) = items::<_, T, V, D>(&self, axis)?;
            // SAFETY: V: the layout's items are, byte for byte, this view's elements: on `axis`
            // elements that lie side by side are joined or cut up without a rest, all other steps
            // span as many bytes as before, and the kernel has checked the result against the
            // bytes from the lowest element to the end of the highest. No byte of a `T: NoUninit`
            // is uninitialised, and any bytes are a `V: AnyBitPattern`.
            Ok(unsafe { View::from_raw(base, layout) })
        }
    }

    impl<'a, T: NoUninit + AnyBitPattern, D: Rank> View<&'a mut [T], T, D> {
        /// Derives the view of the same bytes as `V`.
        pub(crate) fn cast<V: NoUninit + AnyBitPattern>(
            self,
            axis: usize,
        ) -> Result<View<&'a mut [V], V, D>, Error> {
            let (base, layout) = items::<_, T, V, D>(&self, axis)?;
            // SAFETY: V, as for a shared view. Different items join different elements, or are
            // different parts of elements, which share no byte; `self` is given up. What is written
            // through a `V: NoUninit` is initialised and, bytes being bytes, a valid `T`.
            Ok(unsafe { View::from_raw(base, layout) })
        }
    }
}
