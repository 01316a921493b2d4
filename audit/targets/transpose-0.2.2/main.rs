//! transpose: panics unless both lengths are the product of width and height.

use strideproof_audit::{Gen, call};

fn transpose(g: &mut Gen) {
    let [width, height] = g.sides(["width", "height"]);
    let need = width as u128 * height as u128;
    let [from, to] = ["from", "to"].map(|name| g.len(name, need));
    let input = g.buffer::<u8>("input", from);
    let mut output = g.buffer::<u8>("output", to);
    g.valid(from as u128 == need && to as u128 == need);
    call!(g, transpose::transpose(&input, &mut output, width, height));
    for i in 0..need.min(5000) as usize {
        g.check("an element", &output[i % width * height + i / width], &input[i]);
    }
}

strideproof_audit::main!(transpose);
