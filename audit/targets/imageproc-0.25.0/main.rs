//! imageproc: three samplings of an image at points that the caller chooses.

use imageproc::geometric_transformations::Interpolation;
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

/// Where a point lies outside the image, the result is the default.
fn warp(g: &mut Gen) {
    let [width, height] = ["width", "height"].map(|name| g.number(name, 0..=9) as u32);
    let [x, y] = ["x", "y"].map(|_| g.pick(&[1.0, 1.0, 2.0, 8.5, -2.0, f32::NAN, f32::INFINITY]));
    g.code(format_args!("let (width, height, x, y) = ({width}, {height}, {x:?}_f32, {y:?}_f32);"));
    let axes = [(x, width as f32), (y, height as f32)];
    if axes.iter().all(|&(at, size)| at >= 1.0 && at + 3.0 < size) {
        g.valid(true);
    } else if axes.iter().any(|&(at, size)| !(at > -1.0 && at < size)) {
        g.valid(false);
    }
    let how = g.pick(&[Interpolation::Bilinear, Interpolation::Bicubic]);
    g.code(format_args!("let how = imageproc::geometric_transformations::Interpolation::{how:?};"));
    call!(g, let image = image::GrayImage::from_pixel(width, height, image::Luma([1])));
    call!(g, let mut out = image::GrayImage::new(1, 1));
    call!(
        g,
        imageproc::geometric_transformations::warp_into_with(
            &image,
            |_, _| (x, y),
            how,
            image::Luma([0]),
            &mut out
        )
    );
    g.accepted(out.get_pixel(0, 0).0 == [1]);
}

strideproof_audit::main!(brief, kernel, warp);
