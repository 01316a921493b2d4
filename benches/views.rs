//! What it costs to make a view, and to copy a transposed one, next to `ndarray` and to `memcpy`.
//!
//! ```text
//! cargo bench -p strideproof-benches --bench views
//! ```

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use ndarray::{ArrayView, ArrayView2, ArrayViewMut, ArrayViewMut2, Dim, ShapeBuilder};
use strideproof::{Layout, as_strided, as_strided_mut};
use strideproof_benches::Ratios;

/// How many shapes a call makes views of, so that no branch is learnt by heart.
const SHAPES: u32 = 256;

/// Shapes of at most 2^16 elements with their row-major strides, signed and unsigned.
fn shapes<const N: usize>() -> Vec<([usize; N], [isize; N], [usize; N])> {
    (0..SHAPES as usize)
        .map(|number| {
            let shape: [usize; N] = std::array::from_fn(|axis| 1 + (number >> axis) % 6);
            let strides = *Layout::row_major(shape).expect("few elements").strides();
            (shape, strides, strides.map(isize::unsigned_abs))
        })
        .collect()
}

/// `ndarray` takes rank by rank: one macro for both makes the same calls of all.
macro_rules! at_rank {
    ($rank:literal, $criterion:ident, $ratios:ident) => {{
        let shapes = shapes::<$rank>();
        let mut buffer = vec![0u8; 1 << 16];
        $ratios.group(concat!("a view of rank ", $rank), SHAPES);
        $ratios.contestant(&mut $criterion, "ndarray, from_shape", || {
            for (shape, _, strides) in black_box(&shapes) {
                let shape = Dim(*shape).strides(Dim(*strides));
                let _ = black_box(&ArrayView::from_shape(shape, &buffer));
            }
        });
        $ratios.contestant(&mut $criterion, "as_strided", || {
            for (shape, strides, _) in black_box(&shapes) {
                let _ = black_box(&as_strided(&buffer, *shape, *strides, 0));
            }
        });
        $ratios.contestant(&mut $criterion, "ndarray, from_shape for writing", || {
            for (shape, _, strides) in black_box(&shapes) {
                let shape = Dim(*shape).strides(Dim(*strides));
                let _ = black_box(&ArrayViewMut::from_shape(shape, &mut buffer));
            }
        });
        $ratios.contestant(&mut $criterion, "as_strided_mut", || {
            for (shape, strides, _) in black_box(&shapes) {
                let _ = black_box(&as_strided_mut(&mut buffer, *shape, *strides, 0));
            }
        });
    }};
}

fn copies(criterion: &mut Criterion, ratios: &mut Ratios, side: u16) {
    let (rows, columns) = (usize::from(side), isize::try_from(side).expect("small"));
    let source: Vec<f32> = (0..u32::from(side).pow(2)).map(|n| (n % 1009) as f32).collect();
    let mut target = vec![0f32; source.len()];
    let turned = as_strided(&source, [rows, rows], [1, columns], 0).expect("a square");
    let other = ArrayView2::from_shape((rows, rows), &source).expect("a square").reversed_axes();
    ratios.group(format!("transposed copy, f32, {side} x {side}"), u32::from(side).pow(2));
    ratios.contestant(criterion, "copy_from_slice, straight", || {
        black_box(&mut target).copy_from_slice(black_box(&source));
    });
    ratios.contestant(criterion, "ndarray, assign", || {
        let mut to = ArrayViewMut2::from_shape((rows, rows), &mut target).expect("a square");
        to.assign(black_box(&other));
        black_box(to);
    });
    let copied = target.clone();
    ratios.contestant(criterion, "strideproof, assign", || {
        let mut to = as_strided_mut(&mut target, [rows, rows], None, 0).expect("a square");
        to.assign(black_box(&turned));
        black_box(to);
    });
    assert!(copied == target, "both copy the same");
}

fn main() {
    let short = Duration::from_millis(700);
    let criterion = Criterion::default().warm_up_time(short).measurement_time(2 * short);
    let mut criterion = criterion.sample_size(20).configure_from_args();
    let mut ratios = Ratios::default();
    at_rank!(1, criterion, ratios);
    at_rank!(2, criterion, ratios);
    at_rank!(3, criterion, ratios);
    at_rank!(4, criterion, ratios);
    at_rank!(6, criterion, ratios);
    for side in [64, 1000, 1024, 4000, 4096] {
        copies(&mut criterion, &mut ratios, side);
    }
    criterion.final_summary();
    ratios.print();
}
