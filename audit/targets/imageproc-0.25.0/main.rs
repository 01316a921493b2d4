//! imageproc: three samplings of an image at points that the caller chooses.

use strideproof_audit::{Gen, call};

/// A keypoint has to lie at least 17 pixels from any edge.
fn brief(g: &mut Gen) {
    let [x, y] = ["x", "y"].map(|name| match g.once_in(3) {
        true => g.wild(name),
        false => g.number(name, 17..=22),
    });
    let inside = |at: usize| (17..=22).contains(&(at as u32));
    g.valid(inside(x) && inside(y));
    call!(g, let image = image::GrayImage::new(40, 40));
    call!(g, let at = imageproc::point::Point::new(x as u32, y as u32));
    call!(g, let pair = imageproc::binary_descriptors::brief::TestPair { p0: at - at, p1: at - at });
    call!(
        g,
        let result = imageproc::binary_descriptors::brief::brief(&image, &[at], 128, Some(&vec![pair; 128]))
    );
    g.accepted(result.is_ok());
}

/// The length has to be the product of width and height.
fn kernel(g: &mut Gen) {
    let [width, height] = g.sides(["width", "height"]).map(|side| side & 0xffff_ffff);
    let need = width as u128 * height as u128;
    let len = g.len("len", need);
    let data = g.buffer::<f32>("data", len);
    g.valid(need > 0 && need == len as u128);
    call!(g, let kernel = imageproc::filter::Kernel::new(&data, width as u32, height as u32));
    call!(g, let image = image::GrayImage::new(1, 1));
    call!(g, kernel.filter::<_, _, image::Luma<u8>>(&image, |out, sum| *out = sum as u8));
}

/// A point outside the image, or nowhere, has the default.
fn warp(g: &mut Gen) {
    let width = g.number("width", 0..=16);
    let [over, under] = [("over", 24), ("under", 3)].map(|(name, most)| g.number(name, 0..=most));
    call!(g, let x = over as f32 / under as f32);
    let fits = x >= 1.0 && x + 3.0 < width as f32;
    if fits || x.is_nan() || x >= width as f32 {
        g.valid(fits);
    }
    call!(g, let image = image::GrayImage::from_pixel(width as u32, 5, image::Luma([9])));
    call!(g, let how = imageproc::geometric_transformations::Interpolation::Bicubic);
    call!(g, let at = |_, _| (x, 1.0));
    call!(
        g,
        let out = imageproc::geometric_transformations::warp_with(&image, at, how, image::Luma([0]))
    );
    g.accepted(out[(0, 0)].0 != [0]);
}

strideproof_audit::main!(brief, kernel, warp);
