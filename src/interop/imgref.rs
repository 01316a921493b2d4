//! Images of `imgref`: rows of pixels at a stride in one buffer.

use alloc::vec::Vec;

use imgref::{Img, ImgRef, ImgRefMut};

use super::{Numbers, forward, packed, part, part_mut, stride};
use crate::convert::{StridedView, StridedViewMut};
use crate::error::{Error, Index};
use crate::layout::Layout;
use crate::rank::Const;
use crate::view::View;

fn numbers<C>(image: &Img<C>) -> Result<Numbers<Const<2>>, Error> {
    Ok(([image.height(), image.width()], [stride(0, image.stride())?, 1], 0))
}

strided! {
    /// Rows, then columns. An image whose buffer is too short for it, which `imgref` does not check,
    /// is refused with the pixel that is missing.
    ['a, T] ImgRef<'a, T>: Const<2>, T, by numbers, |image| image.buf();
    /// As for [`ImgRef`].
    ['a, T] ImgRefMut<'a, T>: Const<2>, T, by numbers, |image| image.buf(), mut |image| image.buf_mut();
    /// As for [`ImgRef`].
    [T] Img<Vec<T>>: Const<2>, T, by numbers, |image| image.buf(), mut |image| image.buf_mut();
}

convert! {
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
    ['a, T] ImgRef<'a, T> => StridedView<'a, T, 2>, by |image| {
        let (shape, strides, offset) = numbers(&image)?;
        View::of_lists(image.into_buf(), shape, strides, offset)
    };
    /// Looks at an image for writing, without copying: rows, then columns.
    ///
    /// # Errors
    /// Those of [`Layout::new`].
    ['a, T] ImgRefMut<'a, T> => StridedViewMut<'a, T, 2>, by |image| {
        let (shape, strides, offset) = numbers(&image)?;
        View::of_lists(image.into_buf(), shape, strides, offset)
    };
    /// Makes an image of a view without gaps.
    ///
    /// # Errors
    /// [`NeedsCopy`](Error::NeedsCopy), [`NotAdjacent`](Error::NotAdjacent), and those of [`image()`].
    ['a, T] StridedView<'a, T, 2> => ImgRef<'a, T>, by |view| {
        let (pixels, layout) = packed(view)?;
        sized(pixels, &layout)
    };
    /// Makes an image for writing of a view without gaps.
    ///
    /// # Errors
    /// As for a shared view.
    ['a, T] StridedViewMut<'a, T, 2> => ImgRefMut<'a, T>, by |view| {
        let (pixels, layout) = packed(view)?;
        sized(pixels, &layout)
    };
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
    sized(part(data, layout)?, layout)
}

/// As [`image()`], for writing.
///
/// # Errors
/// Those of [`image()`].
pub fn image_mut<'a, T>(
    data: &'a mut [T],
    layout: &Layout<Const<2>>,
) -> Result<ImgRefMut<'a, T>, Error> {
    sized(part_mut(data, layout)?, layout)
}

/// An image in a buffer that begins with its first pixel.
fn sized<B>(pixels: B, layout: &Layout<Const<2>>) -> Result<Img<B>, Error> {
    let ([height, width], [down, across]) = (*layout.shape(), forward(layout)?);
    for (axis, size) in [height, width].into_iter().enumerate() {
        if u32::try_from(size).is_err() {
            return Err(Error::TooManyElements { axis });
        }
    }
    if width > 1 && height > 0 && across != 1 {
        return Err(Error::NotAdjacent { axis: 1, stride: layout.strides()[1] });
    }
    if height > 1 && width > 0 && down < width {
        return Err(Error::Aliased { first: Index::new(&[0, down]), second: Index::new(&[1, 0]) });
    }
    Ok(Img::new_stride(pixels, width, height, down.max(width).max(1)))
}
