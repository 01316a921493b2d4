//! imageproc: three samplings of an image at points that the caller chooses.

use image::{GrayImage, Luma};
use imageproc::binary_descriptors::brief::{TestPair, brief};
use imageproc::filter::Kernel;
use imageproc::geometric_transformations::{Interpolation, warp_into_with};
use imageproc::point::Point;
use strideproof_audit::{Gen, call};

/// A keypoint has to lie at least 17 pixels from any edge.
fn descriptors(g: &mut Gen) {
    let image = GrayImage::new(40, 40);
    let [x, y] = ["x", "y"].map(|name| match g.once_in(3) {
        true => g.wild(name) as u32,
        false => g.number(name, 17..=22) as u32,
    });
    let pairs = vec![TestPair { p0: Point::new(1, 2), p1: Point::new(2, 1) }; 128];
    g.valid((17..=22).contains(&x) && (17..=22).contains(&y));
    let result = call!(g, brief(&image, &[Point::new(x, y)], 128, Some(&pairs)));
    g.accepted(result.is_ok());
}

/// The length has to be the product of width and height.
fn kernel(g: &mut Gen) {
    let [width, height] = g.sides(["width", "height"]).map(|side| side as u32);
    let need = u128::from(width) * u128::from(height);
    let len = g.len("len", need);
    let data = g.buffer::<f32>("data", len);
    g.valid(need > 0 && need == len as u128);
    let kernel = call!(g, Kernel::new(&data, width, height));
    let image = GrayImage::new(1, 1);
    call!(g, kernel.filter(&image, |out: &mut u8, sum| *out = sum as u8)) as image::ImageBuffer<Luma<u8>, _>;
}

/// Where a point lies outside the image, the result is the default.
fn warp(g: &mut Gen) {
    let [width, height] = ["width", "height"].map(|name| g.number(name, 0..=9) as u32);
    let [x, y] = ["x", "y"].map(|name| {
        let at = g.pick(&[1.0, 1.0, 2.0, 8.5, -2.0, f32::NAN, f32::INFINITY]);
        g.note(name, &at);
        at
    });
    let how = g.pick(&[Interpolation::Nearest, Interpolation::Bilinear, Interpolation::Bicubic]);
    let (image, mut out) = (GrayImage::from_pixel(width, height, Luma([1])), GrayImage::new(1, 1));
    let sides = [(x, width as f32), (y, height as f32)];
    if sides.iter().all(|&(at, size)| at >= 1.0 && at + 3.0 < size) {
        g.valid(true);
    } else if sides.iter().any(|&(at, size)| !(at > -1.0 && at < size)) {
        g.valid(false);
    }
    call!(g, warp_into_with(&image, |_, _| (x, y), how, Luma([0]), &mut out));
    g.accepted(out.get_pixel(0, 0).0 == [1]);
}

strideproof_audit::main!(descriptors, kernel, warp);
