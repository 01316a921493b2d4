//! jxl-grid: a grid over a buffer of its own, and one over a borrowed buffer.

use strideproof_audit::{Gen, call};

fn with_alloc_tracker(g: &mut Gen) {
    let [width, height] = g.sides(["width", "height"]);
    let need = width as u128 * height as u128;
    g.valid(0 < need && need < 1 << 20);
    call!(g, let limit = jxl_grid::AllocTracker::with_limit(1 << 21));
    call!(g, let mut grid = jxl_grid::AlignedGrid::<u8>::with_alloc_tracker(width, height, Some(&limit)).unwrap());
    call!(g, *grid.as_subgrid_mut().get_mut(width - 1, height - 1) = 1);
}

fn from_buf(g: &mut Gen) {
    let [width, height] = g.sides(["width", "height"]);
    let plane = g.plane("buffer", width, height);
    let (mut buffer, buffer_stride) = (g.buffer::<u16>("buffer", plane.len), plane.stride);
    g.valid(plane.need() > 0 && plane.fits() && plane.stride >= width);
    call!(g, let mut grid = jxl_grid::MutableSubgrid::from_buf(&mut buffer, width, height, buffer_stride));
    call!(g, *grid.get_mut(width - 1, height - 1) = 1);
    if width > 1 {
        let (mut left, mut right) = grid.split_horizontal(width / 2);
        g.distinct(left.get_mut(width / 2 - 1, 0), right.get_mut(0, 0));
    }
}

strideproof_audit::main!(with_alloc_tracker, from_buf);
