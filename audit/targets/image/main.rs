//! image: samples of an image in a buffer, from sides and strides in samples.

use image::flat::{FlatSamples, SampleLayout};
use image::{GenericImageView, Luma};
use strideproof_audit::{Request, View, view};

struct Samples;

impl View for Samples {
    type Item = u16;
    type View<'a> = FlatSamples<&'a [u16]>;

    const RANKS: (usize, usize) = (2, 2);
    const SIGNED: bool = false;
    const OFFSET: bool = false;

    fn build<'a>(buffer: &'a mut Vec<u16>, r: &Request) -> Option<Self::View<'a>> {
        let [height, width] = [0, 1].map(|axis| u32::try_from(r.shape[axis]).ok());
        let [height_stride, width_stride] = [0, 1].map(|axis| r.strides[axis] as usize);
        let mut layout = SampleLayout::row_major_packed(1, width?, height?);
        (layout.height_stride, layout.width_stride) = (height_stride, width_stride);
        let samples = FlatSamples { samples: &buffer[..], layout, color_hint: None };
        samples.as_view::<Luma<u16>>().is_ok().then_some(samples)
    }

    fn get(view: &Self::View<'_>, index: &[usize]) -> Option<u16> {
        Some(view.as_view::<Luma<u16>>().ok()?.get_pixel(index[1] as u32, index[0] as u32).0[0])
    }
}

strideproof_audit::main!(view::<Samples>);
