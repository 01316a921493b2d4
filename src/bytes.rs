//! The byte form: strides, offset and length in bytes, an itemsize and an alignment.
//!
//! DLPack, `.npy` files, image planes and NumPy itself describe views in bytes. Every function
//! here takes slices of any rank and decides with the same kernel as [`Layout`](crate::Layout).

use crate::error::{Error, Operand, Unit, same_rank, signed, widen, widen_signed};
use crate::kernel::{self, Fault, Room};
use crate::layout::{Layout, check};
use crate::rank::{PerAxis, Rank, slice};

/// What an accepted view touches, in the unit in which it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Extent {
    /// The number of indices.
    pub count: usize,
    /// The lowest address at which an item starts; the offset of an empty view.
    pub lowest: usize,
    /// The highest address at which an item starts; the offset of an empty view.
    pub highest: usize,
    /// The smallest buffer length that takes the view.
    pub required_len: usize,
}

impl From<kernel::Extent> for Extent {
    fn from(extent: kernel::Extent) -> Self {
        let kernel::Extent { count, lowest, highest, required_len } = extent;
        Self { count, lowest, highest, required_len }
    }
}

/// Accepts a view in bytes exactly when all `itemsize` bytes of every item lie in `0..len`
/// (specification, section "Byte form").
///
/// `strides`, `offset` and `len` count bytes. Strides need not be multiples of `itemsize`, and an
/// itemsize of 0 is fine. [`check_alignment`] checks the alignment.
///
/// ```
/// use strideproof::check_bytes;
/// let error = check_bytes(&[4, 3], &[24, 16], 0, 96, 8).unwrap_err();
/// assert_eq!(error.witness().unwrap().index.as_slice(), Some(&[3, 2][..]));
/// assert_eq!(error.witness().unwrap().address, 104);
/// assert_eq!(error.required_len(), Some(112));
/// ```
///
/// # Errors
/// [`RankMismatch`](Error::RankMismatch), [`PastEnd`](Error::PastEnd),
/// [`BeforeStart`](Error::BeforeStart), [`OffsetPastEnd`](Error::OffsetPastEnd) or
/// [`TooManyElements`](Error::TooManyElements).
pub fn check_bytes(
    shape: &[usize],
    strides: &[isize],
    offset: usize,
    len: usize,
    itemsize: usize,
) -> Result<Extent, Error> {
    check(shape, strides, offset, len, itemsize, Unit::Bytes).map(Extent::from)
}

/// Accepts a view in elements exactly when every index lies in `0..len` (specification, section
/// "Acceptance"): [`Layout::new`] for slices of any rank, without a heap.
///
/// `strides`, `offset` and `len` count elements.
///
/// # Errors
/// Those of [`check_bytes`].
pub fn check_elements(
    shape: &[usize],
    strides: &[isize],
    offset: usize,
    len: usize,
) -> Result<Extent, Error> {
    check(shape, strides, offset, len, 1, Unit::Elements).map(Extent::from)
}

/// The reach of a view whose buffer's length is not known, counted from its all-zero index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Span {
    /// The number of indices.
    pub count: usize,
    /// The lowest address, 0 or negative; 0 for an empty view.
    pub lowest: isize,
    /// The highest address, 0 or positive; 0 for an empty view.
    pub highest: isize,
}

/// Finds the lowest and the highest address of a view of which no buffer length is known, as in
/// DLPack, counted from its all-zero index, and whether `isize` can represent both
/// (specification, section "Span form").
///
/// The unit is that of `strides`, elements or bytes.
///
/// # Errors
/// [`RankMismatch`](Error::RankMismatch), [`TooManyElements`](Error::TooManyElements) or
/// [`NotRepresentable`](Error::NotRepresentable).
pub fn check_span(shape: &[usize], strides: &[isize]) -> Result<Span, Error> {
    same_rank(shape, strides)?;
    if shape.contains(&0) {
        return Ok(Span { count: 0, lowest: 0, highest: 0 });
    }
    let (below, above) = (isize::MIN.unsigned_abs(), isize::MAX.unsigned_abs());
    let mut room = Room { below, above, count: 1 };
    for (axis, (&size, &stride)) in shape.iter().zip(strides).enumerate() {
        room = match room.step(size, stride) {
            Ok(next) => next,
            Err(Fault::Count) => return Err(Error::TooManyElements { axis }),
            Err(Fault::Room(_)) => {
                return Err(match kernel::overfull_axis(shape, axis, room.count) {
                    Some(axis) => Error::TooManyElements { axis },
                    None => Error::NotRepresentable { axis },
                });
            }
        };
    }
    let lowest = isize::MIN.saturating_add_unsigned(room.below);
    let highest = isize::MAX.saturating_sub_unsigned(room.above);
    Ok(Span { count: room.count, lowest, highest })
}

/// The bytes that a view of items needs around its start, of a buffer whose length is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ByteSpan {
    /// The number of indices.
    pub count: usize,
    /// How many bytes must be there before the start.
    pub before: usize,
    /// How many bytes must be there from the start on; the offset of an empty view.
    pub after: usize,
}

/// Finds the bytes that a view needs before and after a pointer of which no length is known, as in
/// DLPack: the items' first byte lies `offset` bytes after the pointer (specification, section "Span
/// form").
///
/// `strides` and `offset` count bytes; DLPack's strides count items of `itemsize` bytes. A buffer of
/// which at least `before` bytes lie before the pointer and `after` bytes behind it takes the view,
/// and no smaller one does: with `before` of 0, [`check_bytes`] accepts exactly the lengths from
/// `after` on.
///
/// ```
/// use strideproof::check_span_bytes;
/// // Three rows of four f32, from the last row to the first, 40 bytes after the pointer.
/// let span = check_span_bytes(&[3, 4], &[-16, 4], 40, 4)?;
/// assert_eq!((span.before, span.after), (0, 56));
/// let span = check_span_bytes(&[3, 4], &[-16, 4], 8, 4)?;
/// assert_eq!((span.before, span.after), (24, 24));
/// # Ok::<(), strideproof::Error>(())
/// ```
///
/// # Errors
/// Those of [`check_span`], and [`PastEnd`](Error::PastEnd) or
/// [`OffsetPastEnd`](Error::OffsetPastEnd) if no memory is so long; its addresses count from the
/// first byte that the view needs.
pub fn check_span_bytes(
    shape: &[usize],
    strides: &[isize],
    offset: usize,
    itemsize: usize,
) -> Result<ByteSpan, Error> {
    let Span { lowest, .. } = check_span(shape, strides)?;
    let before = lowest.unsigned_abs().saturating_sub(offset);
    // At most the larger of the two that it was found from.
    let from_first = offset.saturating_add(before);
    let extent = check_bytes(shape, strides, from_first, usize::MAX, itemsize)?;
    let after = extent.required_len.saturating_sub(before);
    Ok(ByteSpan { count: extent.count, before, after })
}

/// Checks that every reachable item of a view in bytes is aligned, given the buffer's address
/// (0 when it is not known but aligned itself).
///
/// The all-zero index must be aligned, and so must each step along an axis of more than one
/// element; that is exact, because each of those items is reachable. An empty view reaches nothing.
///
/// # Errors
/// [`RankMismatch`](Error::RankMismatch), [`BadAlignment`](Error::BadAlignment) unless `align` is a
/// power of two, [`Misaligned`](Error::Misaligned).
pub fn check_alignment(
    shape: &[usize],
    strides: &[isize],
    offset: usize,
    base_address: usize,
    align: usize,
) -> Result<(), Error> {
    same_rank(shape, strides)?;
    if !align.is_power_of_two() {
        return Err(Error::BadAlignment { align: signed(widen(align)) });
    }
    if shape.contains(&0) {
        return Ok(());
    }
    // Modulo a power of two that divides 2^64, a wrapping sum is the right one.
    let mask = align.wrapping_sub(1);
    let excess = base_address.wrapping_add(offset) & mask;
    if excess != 0 {
        return Err(Error::Misaligned { axis: None, excess, align });
    }
    for (axis, (&size, &stride)) in shape.iter().zip(strides).enumerate() {
        let excess = stride.unsigned_abs() & mask;
        if size > 1 && excess != 0 {
            return Err(Error::Misaligned { axis: Some(axis), excess, align });
        }
    }
    Ok(())
}

/// Counts bytes in items, exactly; of items of no bytes only no bytes are a multiple.
pub(crate) fn items_in(operand: Operand, bytes: usize, itemsize: usize) -> Result<usize, Error> {
    match (bytes.checked_div(itemsize), bytes.checked_rem(itemsize)) {
        (Some(items), Some(0)) => Ok(items),
        (None, _) if bytes == 0 => Ok(0),
        _ => Err(Error::NotItemMultiple { operand, bytes: signed(widen(bytes)), itemsize }),
    }
}

/// Converts one stride from bytes to elements; on an axis of size 0 or 1, or of an empty view, a
/// stride that is no multiple becomes 0.
pub(crate) fn stride_in_elements(
    axis: usize,
    stride: isize,
    itemsize: usize,
    used: bool,
) -> Result<isize, Error> {
    // Magnitudes are divided and the sign put back: dividing a negative stride by an unsigned
    // itemsize is a classic mistake.
    let operand = Operand::Stride { axis };
    let elements = items_in(operand, stride.unsigned_abs(), itemsize).ok();
    let signed = elements.and_then(|elements| {
        if stride < 0 {
            0isize.checked_sub_unsigned(elements)
        } else {
            0isize.checked_add_unsigned(elements)
        }
    });
    match signed {
        Some(elements) => Ok(elements),
        None if !used => Ok(0),
        None => Err(Error::NotItemMultiple { operand, bytes: widen_signed(stride), itemsize }),
    }
}

impl<D: Rank> Layout<D> {
    /// Converts a view in bytes into a layout in elements of `itemsize` bytes, after
    /// [`check_bytes`] (specification, section "Byte form", theorem T8).
    ///
    /// `strides`, `offset` and `len` count bytes. Exact or refused: a stride on an axis of more
    /// than one element, or an offset, that is no multiple of `itemsize` is never truncated.
    ///
    /// ```
    /// use strideproof::{Error, Layout};
    /// let layout = Layout::from_bytes([12], [-8], 88, 96, 8)?;
    /// assert_eq!((layout.strides(), layout.offset()), (&[-1], 11));
    /// assert!(matches!(Layout::from_bytes([2], [9], 0, 96, 8), Err(Error::NotItemMultiple { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`check_bytes`], and [`NotItemMultiple`](Error::NotItemMultiple).
    pub fn from_bytes(
        shape: impl PerAxis<usize, Rank = D>,
        strides: impl PerAxis<isize, Rank = D>,
        offset: usize,
        len: usize,
        itemsize: usize,
    ) -> Result<Self, Error> {
        let (shape, mut strides) = (shape.into_list()?, strides.into_list()?);
        let sizes = slice::<D, _>(&shape);
        check_bytes(sizes, slice::<D, _>(&strides), offset, len, itemsize)?;
        let empty = sizes.contains(&0);
        for ((axis, stride), &size) in strides.as_mut().iter_mut().enumerate().zip(sizes) {
            *stride = stride_in_elements(axis, *stride, itemsize, size > 1 && !empty)?;
        }
        let offset = items_in(Operand::Offset, offset, itemsize)?;
        // Whole items lie at whole multiples, so a tail of less than one item holds none. Items
        // of no bytes are limited by nothing.
        let len = len.checked_div(itemsize).unwrap_or(usize::MAX);
        Self::of_lists(shape, strides, offset, len)
    }
}

#[cfg(feature = "bytemuck")]
mod typed {
    use bytemuck::{AnyBitPattern, NoUninit, try_cast_slice, try_cast_slice_mut};

    use super::{check_alignment, check_bytes};
    use crate::error::{Error, Operand};
    use crate::layout::Layout;
    use crate::rank::{PerAxis, Rank};
    use crate::view::View;

    impl<D: Rank> Layout<D> {
        /// Refuses a layout in bytes one of whose items, of type `T`, is not in the buffer of `len`
        /// bytes that begins at the address `start`, or not aligned.
        pub(crate) fn require_items<T>(&self, start: usize, len: usize) -> Result<(), Error> {
            let (shape, strides) = (self.sizes(), self.steps());
            check_bytes(shape, strides, self.offset(), len, size_of::<T>())?;
            check_alignment(shape, strides, self.offset(), start, align_of::<T>())
        }
    }

    /// The bytes that a view touches, and its layout in elements counted from the first of them.
    fn window<T, D: Rank>(
        data: &[u8],
        shape: impl PerAxis<usize, Rank = D>,
        strides: impl PerAxis<isize, Rank = D>,
        offset: usize,
    ) -> Result<(core::ops::Range<usize>, Layout<D>), Error> {
        let itemsize = size_of::<T>();
        let (sizes, steps) = (shape.values(), strides.values());
        let extent = check_bytes(sizes, steps, offset, data.len(), itemsize)?;
        check_alignment(sizes, steps, offset, data.as_ptr().addr(), align_of::<T>())?;
        if extent.count == 0 {
            return Ok((0..0, Layout::from_bytes(shape, strides, 0, 0, itemsize)?));
        }
        if itemsize == 0 {
            // No number of bytes says how many items of no bytes there are.
            return Err(Error::NotItemMultiple { operand: Operand::Offset, bytes: 0, itemsize });
        }
        // Both differences are of addresses of the view: the lower is subtracted from the higher.
        let from_lowest = offset.saturating_sub(extent.lowest);
        let len = extent.required_len.saturating_sub(extent.lowest);
        let layout = Layout::from_bytes(shape, strides, from_lowest, len, itemsize)?;
        Ok((extent.lowest..extent.required_len, layout))
    }

    impl<'a, T: AnyBitPattern, D: Rank> View<&'a [T], T, D> {
        /// Reads typed elements out of a byte buffer through a shape, byte strides and a byte
        /// offset; only the items themselves need to be aligned, not the buffer.
        ///
        /// # Errors
        /// Those of [`check_bytes`] and [`check_alignment`], and
        /// [`NotItemMultiple`](Error::NotItemMultiple) for a stride that is no multiple of the
        /// size of `T`, or for zero-sized `T`.
        pub fn from_bytes(
            data: &'a [u8],
            shape: impl PerAxis<usize, Rank = D>,
            strides: impl PerAxis<isize, Rank = D>,
            offset: usize,
        ) -> Result<Self, Error> {
            let (range, layout) = window::<T, D>(data, shape, strides, offset)?;
            // The window of a view that is not empty starts at an aligned item and holds whole
            // items.
            let elements = data.get(range).and_then(|bytes| try_cast_slice(bytes).ok());
            Self::new(elements.unwrap_or_default(), layout)
        }
    }

    impl<'a, T: AnyBitPattern + NoUninit, D: Rank> View<&'a mut [T], T, D> {
        /// Reads and writes typed elements in a byte buffer through a shape, byte strides and a
        /// byte offset; only the items themselves need to be aligned, not the buffer.
        ///
        /// # Errors
        /// Those of the shared view, and [`Aliased`](Error::Aliased).
        pub fn from_bytes(
            data: &'a mut [u8],
            shape: impl PerAxis<usize, Rank = D>,
            strides: impl PerAxis<isize, Rank = D>,
            offset: usize,
        ) -> Result<Self, Error> {
            let (range, layout) = window::<T, D>(data, shape, strides, offset)?;
            let elements = data.get_mut(range).and_then(|bytes| try_cast_slice_mut(bytes).ok());
            Self::new(elements.unwrap_or_default(), layout)
        }
    }
}
