//! v_frame: a plane is scaled down after its public geometry was changed.

use strideproof_audit::{Gen, call};
use v_frame::plane::Plane;

fn downscale(g: &mut Gen) {
    let [width, height] = ["width", "height"].map(|name| g.number(name, 2..=6));
    let mut plane = Plane::<u8>::new(width, height, 0, 0, 0, 0);
    let stride = plane.cfg.stride;
    plane.cfg.stride = if g.once_in(2) { g.stride("stride", stride) } else { stride };
    plane.cfg.alloc_height = g.number("alloc_height", height..=height + 4);
    plane.cfg.height = g.number("new_height", 2..=plane.cfg.alloc_height);
    let last = (plane.cfg.height / 2 * 2 - 1) as u128 * plane.cfg.stride as u128;
    let need = last + (width / 2 * 2) as u128;
    g.valid(need <= (stride * height) as u128 && plane.cfg.stride >= width);
    call!(g, plane.downscale::<2>());
}

strideproof_audit::main!(downscale);
