//! One field of each element of a view of structures, in place.

use bytemuck::{AnyBitPattern, NoUninit};

use crate::bytes::check_bytes;
use crate::error::Error;
use crate::layout::Layout;
use crate::ops::plain;
use crate::rank::Rank;
use crate::view::{Bytes, View, ViewUnit};

impl<D: Rank> Layout<D> {
    /// Describes in bytes the part of type `F` that begins `offset` bytes into each element of type
    /// `T`, of a layout whose lowest element lies at address 0 of its buffer and at `start` in
    /// memory, and which counts units of `unit` bytes.
    pub(crate) fn fields<T, F>(
        &self,
        unit: usize,
        offset: usize,
        start: usize,
    ) -> Result<Self, Error> {
        // The field is a view of rank 0 in the bytes of an element. One of no bytes has a place too.
        check_bytes(&[], &[], offset, size_of::<T>(), size_of::<F>().max(1))?;
        let signed_unit = isize::try_from(unit).unwrap_or(isize::MAX);
        let (shape, mut strides) = self.lists();
        for ((axis, stride), &size) in strides.as_mut().iter_mut().enumerate().zip(self.sizes()) {
            let used = size > 1 && !self.is_empty();
            *stride = match stride.checked_mul(signed_unit) {
                Some(stride) => stride,
                // No index moves along this axis, so any stride will do.
                None if !used => 0,
                None => return Err(Error::DoesNotFit { axis }),
            };
        }
        let Some((_, highest)) = self.extent() else {
            return Self::of_lists(shape, strides, 0, 0);
        };
        let in_bytes = |units: usize, more: usize| units.checked_mul(unit)?.checked_add(more);
        let (Some(offset), Some(len)) =
            (in_bytes(self.offset(), offset), in_bytes(highest, size_of::<T>()))
        else {
            return Err(Error::DoesNotFit { axis: 0 });
        };
        let layout = Self::of_lists(shape, strides, offset, len)?;
        layout.require_items::<F>(start, len)?;
        Ok(layout)
    }
}

/// Spells out the forms for one borrow: what is written must be free of uninitialised bytes.
macro_rules! field {
    ([$borrow:ty] [$projected:ty] $($element:ident)|* -> $($item:ident)|*) => {
        impl<'a, T: $($element +)*, D: Rank, U: ViewUnit> View<$borrow, T, D, U> {
            plain! {
                /// Shows one field of each element, in place: NumPy's `x['uv']`.
                ///
                /// `offset` is that of the field in `T`, in bytes, as `offset_of!` gives it. The
                /// result has the shape of this view, and its strides, in bytes.
                ///
                /// ```
                /// use core::mem::offset_of;
                /// use bytemuck::{Pod, Zeroable};
                /// use strideproof::{Error, StridedViewMut};
                ///
                /// #[derive(Clone, Copy, Pod, Zeroable)]
                /// #[repr(C)]
                /// struct Vertex { position: [f32; 3], colour: [u8; 4] }
                ///
                /// let mut vertices = [Vertex { position: [1.0, 2.0, 3.0], colour: [255; 4] }; 4];
                /// let mesh = StridedViewMut::from_slice(&mut vertices)?;
                /// let mut positions = mesh.field::<[f32; 3]>(offset_of!(Vertex, position));
                /// assert_eq!(positions.strides(), &[16]);
                /// positions[[2]] = [0.0; 3];
                ///
                /// let mesh = StridedViewMut::from_slice(&mut vertices)?;
                /// assert!(matches!(mesh.try_field::<[f32; 2]>(12), Err(Error::PastEnd { .. })));
                /// assert_eq!(vertices[2].position, [0.0; 3]);
                /// assert_eq!(vertices[2].colour, [255; 4]);
                /// # Ok::<(), Error>(())
                /// ```
                #[must_use]
                fn field [F: $($item +)*] ([self] offset: usize) -> View<$projected, F, D, Bytes>,
                by self.try_field
            }

            /// As [`field`](Self::field), returning the error.
            ///
            /// # Errors
            /// [`PastEnd`](Error::PastEnd) for a field that does not end in its element, by the
            /// rank 0 index and in the bytes of one element; [`Misaligned`](Error::Misaligned).
            pub fn try_field<F: $($item +)*>(
                self,
                offset: usize,
            ) -> Result<View<$projected, F, D, Bytes>, Error> {
                self.project(offset)
            }
        }
    };
}

field!([&'a [T]] [&'a [F]] NoUninit -> AnyBitPattern);
field!([&'a mut [T]] [&'a mut [F]] NoUninit | AnyBitPattern -> NoUninit | AnyBitPattern);
