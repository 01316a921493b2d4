//! v_frame: a plane is scaled down after its public geometry was changed.

use strideproof_audit::{Gen, call};

fn downscale(g: &mut Gen) {
    let [width, height] = ["width", "height"].map(|name| g.number(name, 2..=6));
    call!(g, let mut plane = v_frame::plane::Plane::<u8>::new(width, height, 0, 0, 0, 0));
    let (old, len) = (plane.cfg.stride, plane.data.len());
    let stride = if g.once_in(2) { g.stride("stride", old) } else { g.value("stride", old) };
    let rows = g.number("rows", 2..=height + 4);
    call!(g, plane.cfg.stride = stride);
    call!(g, plane.cfg.height = rows);
    call!(g, plane.cfg.alloc_height = rows);
    let need = (rows / 2 * 2 - 1) as u128 * stride as u128 + (width / 2 * 2) as u128;
    g.valid(need <= len as u128 && stride >= width);
    call!(g, plane.downscale::<2>());
}

strideproof_audit::main!(downscale);
