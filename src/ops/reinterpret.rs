//! The same bytes as items of another size: NumPy's `.view(dtype)`.

use crate::bytes::{items_in, stride_in_elements};
use crate::error::{Error, Operand};
use crate::layout::Layout;
use crate::rank::Rank;

/// Counts `elements` of `from` bytes in items of `to` bytes, exactly.
fn recount(
    operand: Operand,
    axis: usize,
    elements: usize,
    from: usize,
    to: usize,
) -> Result<usize, Error> {
    let bytes = elements.checked_mul(from).ok_or(Error::DoesNotFit { axis })?;
    items_in(operand, bytes, to)
}

impl<D: Rank> Layout<D> {
    /// Describes the same bytes as items of another size: NumPy's `.view(dtype)`, on the numbers
    /// alone.
    ///
    /// This layout counts elements of `from` bytes, the result items of `to` bytes, the offset
    /// included. If the sizes differ, elements along `axis` are joined or cut up, and must lie side
    /// by side: stride 1, or a single element. That axis gets another size, and all other strides
    /// the number of items that span as many bytes. In NumPy the axis is the last one, which suits
    /// row-major views; column-major views take the first.
    ///
    /// ```
    /// use strideproof::{Error, Layout};
    /// let bytes = Layout::row_major([3, 4])?;
    /// let pairs = bytes.try_reinterpret_axis(1, 1, 2)?;
    /// assert_eq!((pairs.shape(), pairs.strides()), (&[3, 2], &[2, 1]));
    /// assert!(matches!(bytes.try_reinterpret_axis(0, 1, 2), Err(Error::NotAdjacent { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`BadAxis`](Error::BadAxis); [`NotAdjacent`](Error::NotAdjacent);
    /// [`NotItemMultiple`](Error::NotItemMultiple) when the axis, a stride of an axis of more than
    /// one element or the offset is no whole number of items, or an item has no bytes;
    /// [`DoesNotFit`](Error::DoesNotFit); [`TooManyElements`](Error::TooManyElements).
    pub fn try_reinterpret_axis(&self, axis: usize, from: usize, to: usize) -> Result<Self, Error> {
        self.size_of(axis)?;
        self.recast(axis, from, to)
    }

    /// As [`try_reinterpret_axis`](Self::try_reinterpret_axis), where items of the same size need
    /// no axis.
    pub(crate) fn recast(&self, axis: usize, from: usize, to: usize) -> Result<Self, Error> {
        if from == 0 || to == 0 {
            let operand = Operand::Axis { axis };
            return Err(Error::NotItemMultiple { operand, bytes: 0, itemsize: 0 });
        }
        if from == to {
            return Ok(self.clone());
        }
        let size = self.size_of(axis)?;
        let (mut shape, mut strides) = self.lists();
        if let (Some(shape), Some(stride)) =
            (shape.as_mut().get_mut(axis), strides.as_mut().get_mut(axis))
        {
            if *stride != 1 && size > 1 && !self.is_empty() {
                return Err(Error::NotAdjacent { axis, stride: *stride });
            }
            *shape = recount(Operand::Axis { axis }, axis, size, from, to)?;
            *stride = 1;
        }
        let others = self.sizes().iter().zip(strides.as_mut()).enumerate();
        for (other, (&size, stride)) in others.filter(|(other, _)| *other != axis) {
            let used = size > 1 && !self.is_empty();
            let bytes = isize::try_from(from).ok().and_then(|from| stride.checked_mul(from));
            *stride = match bytes {
                Some(bytes) => stride_in_elements(other, bytes, to, used)?,
                None if !used => 0,
                None => return Err(Error::DoesNotFit { axis: other }),
            };
        }
        let len = self.required_len().checked_mul(from).ok_or(Error::DoesNotFit { axis })?;
        let len = len.checked_div(to).unwrap_or(0);
        let offset = if self.is_empty() {
            // No item lies there: any position will do.
            len
        } else {
            recount(Operand::Offset, axis, self.offset(), from, to)?
        };
        // Whole items at whole multiples: a rest of the buffer that is less than one holds none.
        Self::of_lists(shape, strides, offset, len)
    }
}

#[cfg(feature = "bytemuck")]
mod typed {
    use bytemuck::{AnyBitPattern, NoUninit};

    use crate::error::Error;
    use crate::ops::plain;
    use crate::rank::Rank;
    use crate::view::View;

    /// Spells out the four forms for one borrow. The two borrows differ in what bytes may become:
    /// what is written must be free of uninitialised bytes.
    macro_rules! reinterpret {
        ([$borrow:ty] [$recast:ty] $($element:ident)|* -> $($item:ident)|*) => {
            impl<'a, T: $($element +)*, D: Rank> View<$borrow, T, D> {
                plain! {
                    /// Shows the same bytes as items of another type: NumPy's `.view(dtype)`.
                    ///
                    /// If the sizes differ, elements along the last axis, which must lie side by
                    /// side, are joined or cut up; see [`reinterpret_axis`](Self::reinterpret_axis)
                    /// for other axes. The offset of the result counts from the lowest item of this
                    /// view. Multi-byte values are read in this machine's byte order.
                    ///
                    /// ```
                    /// use strideproof::as_strided;
                    /// let x = [1u16, 0, 2, 0, 3, 0, 4, 0].map(u16::to_le);
                    /// let x = as_strided(&x, [2, 4], None, 0)?;
                    /// let bytes = x.reinterpret::<u8>();
                    /// assert_eq!((bytes.shape(), bytes.strides()), (&[2, 8], &[8, 1]));
                    /// assert_eq!(bytes.to_string(), "[[1 0 0 0 2 0 0 0]\n [3 0 0 0 4 0 0 0]]");
                    /// # Ok::<(), strideproof::Error>(())
                    /// ```
                    #[must_use]
                    fn reinterpret [V: $($item +)*] ([self]) -> View<$recast, V, D>,
                    by self.try_reinterpret
                }

                /// As [`reinterpret`](Self::reinterpret), returning the error.
                ///
                /// # Errors
                /// Those of [`Layout::try_reinterpret_axis`](crate::Layout::try_reinterpret_axis),
                /// and [`Misaligned`](Error::Misaligned).
                pub fn try_reinterpret<V: $($item +)*>(self) -> Result<View<$recast, V, D>, Error> {
                    let last = self.rank().saturating_sub(1);
                    self.cast(last)
                }

                plain! {
                    /// Shows the same bytes as items of another type, joined or cut up along any
                    /// axis whose elements lie side by side: the first one of a column-major view.
                    #[must_use]
                    fn reinterpret_axis [V: $($item +)*] ([self] axis: usize)
                    -> View<$recast, V, D>, by self.try_reinterpret_axis
                }

                /// As [`reinterpret_axis`](Self::reinterpret_axis), returning the error.
                ///
                /// # Errors
                /// Those of [`try_reinterpret`](Self::try_reinterpret).
                pub fn try_reinterpret_axis<V: $($item +)*>(
                    self,
                    axis: usize,
                ) -> Result<View<$recast, V, D>, Error> {
                    self.size_of(axis)?;
                    self.cast(axis)
                }
            }
        };
    }

    reinterpret!([&'a [T]] [&'a [V]] NoUninit -> AnyBitPattern);
    reinterpret!([&'a mut [T]] [&'a mut [V]] NoUninit | AnyBitPattern -> NoUninit | AnyBitPattern);
}
