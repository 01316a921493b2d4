//! Images of `imgref`: rows of pixels at a stride in one buffer.

use imgref::{Img, ImgRef, ImgRefMut};

use super::{Numbers, Strided, StridedMut};
use crate::convert::{StridedView, StridedViewMut};
use crate::error::{Error, Index, Operand, signed, widen, widen_signed};
use crate::layout::Layout;
use crate::rank::Const;
use crate::view::{Buffer, View};

fn numbers<C>(image: &Img<C>) -> Result<Numbers<Const<2>>, Error> {
    let stride = isize::try_from(image.stride()).map_err(|_| Error::NumberTooLarge {
        operand: Operand::Stride { axis: 0 },
        leading: signed(widen(image.stride())),
        digits: image.stride().checked_ilog10().map_or(1, |last| last as usize + 1),
    })?;
    Ok(([image.height(), image.width()], [stride, 1], 0))
}

/// The rows and columns of an image. An image whose buffer is too short for it, which `imgref` does
/// not check, is refused with the pixel that is missing.
macro_rules! images {
    ($($image:ty),*) => {
        $(
            impl<T> Strided for $image {
                type Item = T;
                type Rank = Const<2>;

                fn elements(&self) -> &[T] {
                    self.buf()
                }

                fn numbers(&self) -> Result<Numbers<Const<2>>, Error> {
                    numbers(self)
                }
            }
        )*
    };
}

images!(ImgRef<'_, T>, ImgRefMut<'_, T>, Img<alloc::vec::Vec<T>>);

impl<T> StridedMut for ImgRefMut<'_, T> {
    fn elements_mut(&mut self) -> &mut [T] {
        self.buf_mut()
    }
}

impl<T> StridedMut for Img<alloc::vec::Vec<T>> {
    fn elements_mut(&mut self) -> &mut [T] {
        self.buf_mut()
    }
}

/// Looks at an image without copying: rows, then columns.
///
/// ```
/// use imgref::ImgRef;
/// use strideproof::StridedView;
/// let pixels = [1, 2, 3, 255, 4, 5, 6];
/// let view = StridedView::try_from(ImgRef::new_stride(&pixels[..], 3, 2, 4))?;
/// assert_eq!((view[[1, 2]], view.strides()), (6, &[4, 1]));
/// // `imgref` does not compare the height with the buffer.
/// let error = StridedView::try_from(ImgRef::new_stride(&pixels[..], 3, 3, 4)).unwrap_err();
/// assert_eq!(error.to_string(), "index [2, 0] is at element 8, past the end of 7 elements; the view needs 11 elements");
/// # Ok::<(), strideproof::Error>(())
/// ```
///
/// # Errors
/// Those of [`Layout::new`].
impl<'a, T> TryFrom<ImgRef<'a, T>> for StridedView<'a, T, 2> {
    type Error = Error;

    fn try_from(image: ImgRef<'a, T>) -> Result<Self, Error> {
        let (shape, strides, offset) = numbers(&image)?;
        View::of_lists(image.into_buf(), shape, strides, offset)
    }
}

/// Looks at an image for writing, without copying: rows, then columns.
///
/// # Errors
/// Those of [`Layout::new`].
impl<'a, T> TryFrom<ImgRefMut<'a, T>> for StridedViewMut<'a, T, 2> {
    type Error = Error;

    fn try_from(image: ImgRefMut<'a, T>) -> Result<Self, Error> {
        let (shape, strides, offset) = numbers(&image)?;
        View::of_lists(image.into_buf(), shape, strides, offset)
    }
}

/// Makes an image of a view whose rows follow each other without gaps.
///
/// A view with gaps does not say to whom they belong, so that it cannot hand out the buffer they are
/// in: see [`image`] for a buffer and a layout of rows with padding.
///
/// # Errors
/// [`NeedsCopy`](Error::NeedsCopy), and those of [`image`].
impl<'a, T> TryFrom<StridedView<'a, T, 2>> for ImgRef<'a, T> {
    type Error = Error;

    fn try_from(view: StridedView<'a, T, 2>) -> Result<Self, Error> {
        without_gaps(view)
    }
}

/// Makes an image for writing of a view whose rows follow each other without gaps.
///
/// # Errors
/// As for a shared view.
impl<'a, T> TryFrom<StridedViewMut<'a, T, 2>> for ImgRefMut<'a, T> {
    type Error = Error;

    fn try_from(view: StridedViewMut<'a, T, 2>) -> Result<Self, Error> {
        without_gaps(view)
    }
}

fn without_gaps<B: Buffer<T>, T>(view: View<B, T, Const<2>>) -> Result<Img<B>, Error> {
    let [height, width] = *view.shape();
    let slice = view.into_slice().ok_or(Error::NeedsCopy { outer: 0, inner: 1 })?;
    sized(slice, width, height, width.max(1))
}

/// Makes an image of a buffer and a layout of rows, then columns, in it.
///
/// ```
/// use strideproof::{Error, Layout, interop::imgref::image};
/// let pixels = [0, 0, 0, 255, 0, 7, 8];
/// // The lower right corner of two rows of three pixels, padded to four.
/// let corner = Layout::new([1, 2], [4, 1], 5, pixels.len())?;
/// assert!(image(&pixels, &corner)?.pixels().eq([7, 8]));
/// let upside_down = Layout::new([2, 3], [-4, 1], 4, pixels.len())?;
/// let error = image(&pixels, &upside_down).unwrap_err();
/// assert_eq!(error.to_string(), "the stride of axis 0 is -4; it cannot be negative");
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// What [`Layout::new`] says of a buffer that is too short. What `imgref` does not represent:
/// [`NegativeDimension`](Error::NegativeDimension) for rows from bottom to top,
/// [`NotAdjacent`](Error::NotAdjacent) for pixels that do not lie side by side,
/// [`Aliased`](Error::Aliased) for rows that overlap, with two indices that share a pixel, and
/// [`TooManyElements`](Error::TooManyElements) for a size beyond `u32`.
pub fn image<'a, T>(data: &'a [T], layout: &Layout<Const<2>>) -> Result<ImgRef<'a, T>, Error> {
    layout.require_len(data.len())?;
    let ([height, width], [down, across]) = (*layout.shape(), *layout.strides());
    if width > 1 && height > 0 && across != 1 {
        return Err(Error::NotAdjacent { axis: 1, stride: across });
    }
    let several = height > 1 && width > 0;
    let Ok(stride) = usize::try_from(if several { down } else { 0 }) else {
        let operand = Operand::Stride { axis: 0 };
        return Err(Error::NegativeDimension { operand, value: widen_signed(down) });
    };
    if several && stride < width {
        return Err(Error::Aliased {
            first: Index::new(&[0, stride]),
            second: Index::new(&[1, 0]),
        });
    }
    let data = data.get(layout.offset()..layout.required_len()).unwrap_or_default();
    sized(data, width, height, stride.max(width).max(1))
}

/// An image whose stride is at least its width and 1.
fn sized<B>(data: B, width: usize, height: usize, stride: usize) -> Result<Img<B>, Error> {
    for (axis, size) in [height, width].into_iter().enumerate() {
        if u32::try_from(size).is_err() {
            return Err(Error::TooManyElements { axis });
        }
    }
    Ok(Img::new_stride(data, width, height, stride))
}
