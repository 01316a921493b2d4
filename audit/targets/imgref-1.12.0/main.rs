//! imgref: pixels and rows of an image. A buffer that is too small panics.

use imgref::Img;
use strideproof_audit::{Element, Gen, Plane, call};

fn plane(g: &mut Gen) -> Plane {
    let [width, height] = g.sides(["width", "height"]);
    let plane = g.plane("buffer", width, height);
    if plane.need() > 0 && plane.stride >= width {
        g.valid(plane.fits());
    }
    plane
}

fn pixels(g: &mut Gen) {
    let Plane { width, height, stride, len } = plane(g);
    let buffer = g.buffer::<u32>("buffer", len);
    let image = call!(g, Img::new_stride(&buffer[..], width, height, stride));
    let last = call!(g, image.pixels().take(1 << 12).last());
    if width.saturating_mul(height) <= 1 << 12 {
        g.check("the last pixel", &last, &Some(u32::at((height - 1) * stride + width - 1)));
    }
}

fn rows_mut(g: &mut Gen) {
    let Plane { width, height, stride, len } = plane(g);
    let buffer = g.buffer::<u32>("buffer", len);
    let mut image = call!(g, Img::new_stride(buffer, width, height, stride));
    call!(g, image.rows_mut().take(64).for_each(|row| row.fill(1)));
    call!(g, image.pixels_mut().take(1 << 12).for_each(|pixel| *pixel = 2));
}

strideproof_audit::main!(pixels, rows_mut);
