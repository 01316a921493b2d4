//! What it costs to make a view, to copy a transposed one and to add up elements, next to `ndarray`
//! and to `memcpy`.
//!
//! ```text
//! cargo bench -p strideproof-benches --bench views
//! ```

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use ndarray::{ArrayView, ArrayView2, ArrayViewMut, ArrayViewMut2, Dim, IxDyn, ShapeBuilder};
use strideproof::{Layout, StridedViewDyn, as_strided, as_strided_mut, s};
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

fn sums(criterion: &mut Criterion, ratios: &mut Ratios) {
    let numbers: Vec<f32> = (0..1 << 24).map(|n: u32| (n % 8) as f32).collect();
    let flat = as_strided(&numbers, [4096], None, 0).expect("few");
    let cube = as_strided(&numbers, [256; 3], None, 0).expect("few").t();
    let sparse = as_strided(&numbers, [100; 3], None, 0).expect("few");
    let sparse = sparse.slice(s![..;2, ..;3, ..;4]);
    let rows = as_strided(&numbers, [1000, 1000], [1024, 1], 0).expect("few");
    let mut row = |name: &str, view: &StridedViewDyn<'_, f32>| {
        let count = u32::try_from(view.len()).expect("few");
        let shape = view.shape().to_vec();
        let strides: Vec<usize> = view.strides().iter().map(|s| s.unsigned_abs()).collect();
        let shape = IxDyn(&shape).strides(IxDyn(&strides));
        let other = ArrayView::from_shape(shape, &numbers).expect("few");
        ratios.group(format!("sum of f32, {name}"), count);
        ratios.contestant(criterion, "ndarray, sum", || {
            black_box(black_box(&other).sum());
        });
        ratios.contestant(criterion, "strideproof, sum", || {
            black_box(black_box(view).sum());
        });
        let relative = view.sum() / other.sum();
        assert!((0.999..1.001).contains(&relative), "both add up the same");
    };
    row("4096 side by side", &flat.into());
    row("rows of 1000 with gaps", &rows.into());
    row("256 x 256 x 256 transposed", &cube.into());
    row("every second, third, fourth of 100 x 100 x 100", &sparse.into());
}

fn windows(criterion: &mut Criterion, ratios: &mut Ratios) {
    let side = 1024;
    let image: Vec<f32> = (0..1u32 << 20).map(|n| (n % 251) as f32).collect();
    let (mut one, mut other) = (vec![0f32; (side - 2) * (side - 2)], Vec::new());
    let array = ArrayView2::from_shape((side, side), &image).expect("a square");
    let view = as_strided(&image, [side, side], None, 0).expect("a square").windows([3, 3]);
    ratios.group("sums of 3 x 3 windows, f32, 1024 x 1024", 1022 * 1022);
    ratios.contestant(criterion, "ndarray, windows and sum", || {
        other = black_box(&array).windows((3, 3)).into_iter().map(|w| w.sum()).collect();
    });
    ratios.contestant(criterion, "strideproof, fold_inner", || {
        let mut sums = as_strided_mut(&mut one, [side - 2; 2], None, 0).expect("a square");
        sums.fill(0.0);
        sums.fold_inner(black_box(&view), |sum, x| *sum += x);
    });
    assert!(other.is_empty() || one == other, "both add up the same");
}

fn planes(criterion: &mut Criterion, ratios: &mut Ratios) {
    // 1080p, three bytes a pixel, rows padded to a multiple of 64 bytes.
    let (height, width, stride) = (1080, 1920, 5824);
    let image: Vec<u8> = (0..height * stride).map(|n: usize| n.to_le_bytes()[0]).collect();
    let step = isize::try_from(stride).expect("small");
    let pixels = as_strided(&image, [height, width, 3], [step, 3, 1], 0).expect("an image");
    let planes = pixels.permute([2, 0, 1]);
    let mut target = vec![0u8; height * width * 3];
    let count = u32::try_from(target.len()).expect("few");
    let array = ArrayView::from_shape((height, width, 3).strides((stride, 3, 1)), &image);
    let array = array.expect("an image").permuted_axes((2, 0, 1));
    ratios.group("pixels to planes, u8, 1080p with padded rows", count);
    ratios.contestant(criterion, "copy_from_slice, straight", || {
        black_box(&mut target).copy_from_slice(black_box(&image[..height * width * 3]));
    });
    ratios.contestant(criterion, "ndarray, assign", || {
        let mut to = ArrayViewMut::from_shape((3, height, width), &mut target).expect("planes");
        to.assign(black_box(&array));
        black_box(to);
    });
    let copied = target.clone();
    ratios.contestant(criterion, "strideproof, assign", || {
        let mut to = as_strided_mut(&mut target, [3, height, width], None, 0).expect("planes");
        to.assign(black_box(&planes));
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
    planes(&mut criterion, &mut ratios);
    sums(&mut criterion, &mut ratios);
    windows(&mut criterion, &mut ratios);
    criterion.final_summary();
    ratios.print();
}
