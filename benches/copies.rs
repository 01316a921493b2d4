//! What copies cost that change the order of elements, beside `memcpy` of as many.

use std::hint::black_box;

use ndarray::{ArrayView, ArrayViewMut, Axis, IxDyn, ShapeBuilder};
use strideproof::{StridedViewDyn, as_strided, as_strided_mut, s};

use crate::runner::Runner;

/// Copies a view into row-major order by each crate. `square` is the side if the view is a transposed
/// square, which the crate `transpose` takes.
fn copy<T: Copy + Default + PartialEq + Send + Sync + 'static>(
    runner: &Runner,
    name: &str,
    source: &[T],
    view: &StridedViewDyn<'_, T>,
    square: Option<usize>,
) {
    if !runner.wants(name) {
        return;
    }
    let (shape, count) = (view.shape().to_vec(), view.len());
    let mut targets: [Vec<T>; 4] = std::array::from_fn(|_| vec![T::default(); count]);
    let [ours, arrays, permuted, transposed] = &mut targets;
    let mut plain = ours.clone();
    let offset = isize::try_from(view.offset()).expect("small");

    let mut by_us = || {
        let mut to = as_strided_dyn(ours, &shape);
        to.assign(black_box(view));
        black_box(&to);
    };
    // `ndarray` has no negative strides from a slice: its axes are turned round afterwards.
    let strides: Vec<usize> = view.strides().iter().map(|s| s.unsigned_abs()).collect();
    let lowest = view.layout().extent().map_or(0, |(lowest, _)| lowest);
    let mut array =
        ArrayView::from_shape(IxDyn(&shape).strides(IxDyn(&strides)), &source[lowest..])
            .expect("few");
    for (axis, _) in view.strides().iter().enumerate().filter(|(_, stride)| **stride < 0) {
        array.invert_axis(Axis(axis));
    }
    let mut by_ndarray = || {
        let mut to = ArrayViewMut::from_shape(IxDyn(&shape), arrays).expect("few");
        to.assign(black_box(&array));
        black_box(&to);
    };
    let strides = view.strides().to_vec();
    let from = strided_view::StridedView::<T>::new(source, &shape, &strides, offset).expect("few");
    let row_major = strided_view::row_major_strides(&shape);
    let mut by_strided_perm = || {
        let to = strided_view::StridedViewMut::new(&mut *permuted, &shape, &row_major, 0);
        let exec = threadteam::Exec::serial();
        strided_perm::copy_into(&mut to.expect("few"), black_box(&from), exec).expect("alike");
    };
    let mut by_transpose = || {
        let side = square.expect("a square");
        transpose::transpose(black_box(source), transposed, side, side);
    };
    let mut by_memcpy = || black_box(&mut plain).copy_from_slice(black_box(&source[..count]));

    by_us();
    by_ndarray();
    by_strided_perm();
    if square.is_some() {
        by_transpose();
    }
    let mut contestants: Vec<crate::runner::Contestant<'_>> = vec![
        ("memcpy of as many", &mut by_memcpy),
        ("ndarray, assign", &mut by_ndarray),
        ("strided-perm, copy_into", &mut by_strided_perm),
        ("strideproof, assign", &mut by_us),
    ];
    if square.is_some() {
        contestants.push(("transpose", &mut by_transpose));
    }
    runner.group(name, count, &mut contestants);
    let [first, others @ ..] = &targets;
    let others = &others[..if square.is_some() { 3 } else { 2 }];
    assert!(others.iter().all(|other| other == first), "all copy the same");
}

fn as_strided_dyn<'a, T>(
    data: &'a mut [T],
    shape: &[usize],
) -> strideproof::StridedViewMutDyn<'a, T> {
    let layout = strideproof::LayoutDyn::row_major(shape).expect("few");
    strideproof::StridedViewMutDyn::new(data, layout).expect("as many")
}

/// Some elements, each unlike its neighbours.
fn elements<T>(count: usize, element: impl Fn(u8) -> T) -> Vec<T> {
    (0..count).map(|number| element((number % 251).to_le_bytes()[0])).collect()
}

fn transposed<T: Copy + Default + PartialEq + Send + Sync + 'static>(
    runner: &Runner,
    name: &str,
    element: impl Fn(u8) -> T,
    sides: &[usize],
) {
    for &side in sides {
        let source = elements(side * side, &element);
        let view = as_strided(&source, [side, side], None, 0).expect("a square").t();
        let name = format!("transposed copy, {name}, {side} x {side}");
        copy(runner, &name, &source, &view.into(), Some(side));
    }
}

fn transpose_by_us(square: &mut [f32], side: usize) {
    as_strided_mut(square, [side; 2], None, 0).expect("a square").transpose_in_place();
}

fn transpose_by_loops(square: &mut [f32], side: usize) {
    for row in 0..side {
        (0..row).for_each(|column| square.swap(row * side + column, column * side + row));
    }
}

/// A square that is transposed where it lies.
fn in_place(runner: &Runner, side: usize) {
    let mut squares: [Vec<f32>; 4] = std::array::from_fn(|_| elements(side * side, f32::from));
    let [ours, by_loops, plain, source] = &mut squares;
    transpose_by_us(ours, side);
    transpose_by_loops(by_loops, side);
    assert!(ours == by_loops && ours != source, "both do the same");
    runner.group(
        &format!("transposed in place, f32, {side} x {side}"),
        side * side,
        &mut [
            ("memcpy of as many", &mut || {
                black_box(&mut *plain).copy_from_slice(black_box(source))
            }),
            ("swaps of a slice, row by row", &mut || transpose_by_loops(black_box(by_loops), side)),
            ("strideproof, transpose_in_place", &mut || transpose_by_us(black_box(ours), side)),
        ],
    );
}

pub(crate) fn run(runner: &Runner) {
    [10, 1000, 1024].into_iter().for_each(|side| in_place(runner, side));
    transposed(runner, "f32", f32::from, &[3, 4, 8, 10, 64, 256, 1000, 1024, 4000, 4096]);
    transposed(runner, "u8", |n| n, &[64, 1024]);
    transposed(runner, "u16", u16::from, &[64, 1024]);
    transposed(runner, "[u8; 3]", |n| [n; 3], &[64, 1024]);
    transposed(runner, "f64", f64::from, &[64, 1024, 2048]);
    transposed(runner, "[f64; 2]", |n| [f64::from(n); 2], &[64, 1024]);

    let source = elements(256 << 14, f32::from);
    let batch = as_strided(&source, [256, 128, 128], None, 0).expect("few").permute([0, 2, 1]);
    copy(runner, "256 transposed squares, f32, 128 x 128", &source, &batch.into(), None);
    let cube = as_strided(&source, [160; 3], None, 0).expect("few");
    copy(
        runner,
        "axes turned, f32, 160 x 160 x 160",
        &source,
        &cube.permute([2, 0, 1]).into(),
        None,
    );
    copy(runner, "axes reversed, f32, 160 x 160 x 160", &source, &cube.t().into(), None);
    let square = as_strided(&source, [1000, 1000], None, 0).expect("few");
    copy(
        runner,
        "rows flipped, f32, 1000 x 1000",
        &source,
        &square.slice(s![..;-1, ..]).into(),
        None,
    );
    copy(
        runner,
        "columns flipped, f32, 1000 x 1000",
        &source,
        &square.slice(s![.., ..;-1]).into(),
        None,
    );

    // 1080p, three bytes a pixel, rows padded to a multiple of 64 bytes.
    let image = elements(1080 * 5824, |n| n);
    let pixels = as_strided(&image, [1080, 1920, 3], [5824, 3, 1], 0).expect("an image");
    let planes = pixels.permute([2, 0, 1]);
    copy(runner, "pixels to planes, u8, 1080p with padded rows", &image, &planes.into(), None);
    copy(runner, "padding removed, u8, 1080p with padded rows", &image, &pixels.into(), None);
}
