//! resize: an image with padded rows is scaled to one without.

use resize::{Pixel, Type};
use strideproof_audit::{Gen, call};

fn resize_stride(g: &mut Gen) {
    let [width, height] = ["width", "height"].map(|name| g.number(name, 1..=16));
    let [columns, rows] = ["columns", "rows"].map(|name| g.number(name, 1..=16));
    let kinds = [Type::Point, Type::Triangle, Type::Catrom, Type::Lanczos3];
    let kind = kinds.into_iter().nth(g.below(4)).unwrap();
    let plane = g.plane("from", width, height);
    let to = g.len("to", (columns * rows) as u128);
    let from: Vec<_> = g.buffer::<u8>("from", plane.len).into_iter().map(Into::into).collect();
    let mut into: Vec<_> = g.buffer::<u8>("into", to).into_iter().map(Into::into).collect();
    g.valid(plane.fits() && plane.stride >= width && to == columns * rows);
    let mut resizer = resize::new(width, height, columns, rows, Pixel::Gray8, kind).unwrap();
    call!(g, let result = resizer.resize_stride(&from, plane.stride, &mut into));
    g.accepted(result.is_ok());
}

strideproof_audit::main!(resize_stride);
