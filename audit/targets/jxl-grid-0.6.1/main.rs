//! jxl-grid: a grid over a buffer of its own, and one over a borrowed buffer.

use jxl_grid::{AlignedGrid, AllocTracker, MutableSubgrid};
use strideproof_audit::{Gen, call};

fn with_alloc_tracker(g: &mut Gen) {
    let [width, height] = g.sides(["width", "height"]);
    let need = width as u128 * height as u128;
    g.valid(0 < need && need < 1 << 20);
    let limit = AllocTracker::with_limit(1 << 21);
    let mut grid = call!(g, AlignedGrid::<u8>::with_alloc_tracker(width, height, Some(&limit))).unwrap();
    let mut whole = grid.as_subgrid_mut();
    call!(g, *whole.get_mut(width - 1, height - 1) = 1);
}

fn from_buf(g: &mut Gen) {
    let [width, height] = g.sides(["width", "height"]);
    let plane = g.plane("buffer", width, height);
    let mut buffer = g.buffer::<u16>("buffer", plane.len);
    g.valid(plane.need() > 0 && plane.fits() && plane.stride >= width);
    let mut grid = call!(g, MutableSubgrid::from_buf(&mut buffer, width, height, plane.stride));
    call!(g, *grid.get_mut(width - 1, height - 1) = 1);
    let (mut left, mut right) = grid.split_horizontal(width / 2);
    if width > 1 {
        g.distinct(left.get_mut(width / 2 - 1, 0), right.get_mut(0, 0));
    }
}

strideproof_audit::main!(with_alloc_tracker, from_buf);
