//! imgref: pixels and rows of an image. A buffer that is too small panics.

use strideproof_audit::{Element, Gen, Plane, call};

fn plane(g: &mut Gen) -> (Plane, Vec<u32>) {
    let [width, height] = g.sides(["width", "height"]);
    let plane = g.plane("buffer", width, height);
    if plane.need() > 0 && plane.stride >= width {
        g.valid(plane.fits());
    }
    (plane, g.buffer("buffer", plane.len))
}

fn pixels(g: &mut Gen) {
    let (Plane { width, height, stride: buffer_stride, .. }, buffer) = plane(g);
    call!(g, let image = imgref::Img::new_stride(&buffer[..], width, height, buffer_stride));
    call!(g, let last = image.pixels().take(1 << 12).last());
    if (1..=1 << 12).contains(&width.saturating_mul(height)) {
        let expected = u32::at((height - 1) * buffer_stride + width - 1);
        g.check("the last pixel", &last, &Some(expected));
    }
}

fn rows_mut(g: &mut Gen) {
    let (Plane { width, height, stride: buffer_stride, .. }, buffer) = plane(g);
    call!(g, let mut image = imgref::Img::new_stride(buffer, width, height, buffer_stride));
    call!(g, image.rows_mut().take(64).for_each(|row| row.fill(1)));
    call!(g, image.pixels_mut().take(1 << 12).for_each(|pixel| *pixel = 2));
}

strideproof_audit::main!(pixels, rows_mut);
