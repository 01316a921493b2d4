//! Sample buffers of `image`: rows, columns and channels at a stride each.

use alloc::vec::Vec;

use image::FlatSamples;
use image::flat::SampleLayout;

use super::{Numbers, forward, packed, part, part_mut, stride};
use crate::convert::{StridedView, StridedViewMut};
use crate::error::Error;
use crate::layout::Layout;
use crate::rank::Const;
use crate::view::View;

fn numbers<B>(samples: &FlatSamples<B>) -> Result<Numbers<Const<3>>, Error> {
    let (channels, width, height) = samples.extents();
    let (channel, across, down) = samples.strides_cwh();
    let strides = [stride(0, down)?, stride(1, across)?, stride(2, channel)?];
    Ok(([height, width, channels], strides, 0))
}

strided! {
    /// Rows, then columns, then channels. What `image` does not check, that the layout fits its
    /// buffer, is checked.
    ['a, T] FlatSamples<&'a [T]>: Const<3>, T, by numbers, |image| image.samples;
    /// As for shared samples.
    ['a, T] FlatSamples<&'a mut [T]>: Const<3>, T, by numbers, |image| image.samples,
        mut |image| image.samples;
    /// As for shared samples.
    [T] FlatSamples<Vec<T>>: Const<3>, T, by numbers, |image| &image.samples,
        mut |image| &mut image.samples;
}

convert! {
    /// Looks at samples without copying: rows, then columns, then channels.
    ///
    /// ```
    /// use image::RgbImage;
    /// use strideproof::StridedView;
    /// let image = RgbImage::from_fn(4, 2, |x, y| image::Rgb([x as u8, y as u8, 7]));
    /// let view = StridedView::try_from(image.as_flat_samples())?;
    /// assert_eq!((view.shape(), view[[1, 3, 0]]), (&[2, 4, 3], 3));
    /// // A layout that does not fit its buffer, which `image` checks only when it is used.
    /// let mut samples = image.as_flat_samples();
    /// samples.layout.height = 3;
    /// assert_eq!(StridedView::try_from(samples).unwrap_err().required_len(), Some(36));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Layout::new`].
    ['a, T] FlatSamples<&'a [T]> => StridedView<'a, T, 3>, by |image| {
        let (shape, strides, offset) = numbers(&image)?;
        View::of_lists(image.samples, shape, strides, offset)
    };
    /// Looks at samples for writing, without copying: rows, then columns, then channels.
    ///
    /// # Errors
    /// Those of [`Layout::new`], and [`Aliased`](Error::Aliased) with two indices that share a sample.
    ['a, T] FlatSamples<&'a mut [T]> => StridedViewMut<'a, T, 3>, by |image| {
        let (shape, strides, offset) = numbers(&image)?;
        View::of_lists(image.samples, shape, strides, offset)
    };
    /// Makes samples of a view without gaps: by rows, by planes or in any other order.
    ///
    /// # Errors
    /// [`NeedsCopy`](Error::NeedsCopy), [`NotAdjacent`](Error::NotAdjacent), and those of [`samples`].
    ['a, T] StridedView<'a, T, 3> => FlatSamples<&'a [T]>, by |view| {
        let (samples, layout) = packed(view)?;
        sized(samples, &layout)
    };
    /// Makes samples for writing of a view without gaps.
    ///
    /// # Errors
    /// As for a shared view.
    ['a, T] StridedViewMut<'a, T, 3> => FlatSamples<&'a mut [T]>, by |view| {
        let (samples, layout) = packed(view)?;
        sized(samples, &layout)
    };
}

/// Makes samples of a buffer and a layout of rows, columns and channels in it.
///
/// ```
/// use image::Rgb;
/// use strideproof::{Error, Layout, interop::image::samples};
/// // Two rows of two pixels, padded to eight bytes: the lower right one.
/// let bytes: Vec<u8> = (0..16).collect();
/// let corner = Layout::new([1, 1, 3], [8, 3, 1], 11, bytes.len())?;
/// let samples = samples(&bytes, &corner)?;
/// assert_eq!(samples.as_view::<Rgb<u8>>().unwrap().get_sample(2, 0, 0), Some(&13));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// What [`Layout::new`] says of a buffer that is too short. What `image` does not represent:
/// [`NegativeDimension`](Error::NegativeDimension) for what is walked backwards, and
/// [`TooManyElements`](Error::TooManyElements) for more than 255 channels or a size beyond `u32`.
pub fn samples<'a, T>(
    data: &'a [T],
    layout: &Layout<Const<3>>,
) -> Result<FlatSamples<&'a [T]>, Error> {
    sized(part(data, layout)?, layout)
}

/// As [`samples`], for writing.
///
/// # Errors
/// Those of [`samples`], and [`Aliased`](Error::Aliased) with two indices that share a sample.
pub fn samples_mut<'a, T>(
    data: &'a mut [T],
    layout: &Layout<Const<3>>,
) -> Result<FlatSamples<&'a mut [T]>, Error> {
    sized(part_mut(data, layout)?, layout)
}

/// Samples in a buffer that begins with the first of them.
fn sized<B>(samples: B, layout: &Layout<Const<3>>) -> Result<FlatSamples<B>, Error> {
    let [height, width, channels] = *layout.shape();
    let [height_stride, width_stride, channel_stride] = forward(layout)?;
    let too_many = |axis| move |_| Error::TooManyElements { axis };
    let layout = SampleLayout {
        channels: channels.try_into().map_err(too_many(2))?,
        channel_stride,
        width: width.try_into().map_err(too_many(1))?,
        width_stride,
        height: height.try_into().map_err(too_many(0))?,
        height_stride,
    };
    Ok(FlatSamples { samples, layout, color_hint: None })
}
