//! webp: an image of red, green and blue bytes, which is encoded by C code.

use strideproof_audit::{Gen, call};

fn encode(g: &mut Gen) {
    let [width, height] = ["width", "height"].map(|name| g.number(name, 1..=20));
    let need = 3 * width * height;
    let len = g.len("len", need as u128);
    let image = g.buffer::<u8>("image", len);
    g.valid(len >= need);
    call!(g, webp::Encoder::from_rgb(&image, width as u32, height as u32).encode(75.0));
}

strideproof_audit::main!(encode);
