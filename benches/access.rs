//! What it costs to reach each element, by iteration and by index, for a run and for its transposition.

use std::hint::black_box;

use ndarray::{Array2, ArrayView2};
use strideproof::{Layout, StridedView, StridedViewMut};

use crate::runner::{Runner, keep};

/// Rows and columns: 128 KiB, which stay in a second-level cache.
const SIDE: usize = 128;
const ELEMENTS: usize = SIDE * SIDE;

fn by_next<'a>(iter: impl IntoIterator<Item = &'a i64>) -> i64 {
    let mut sum = 0i64;
    for element in iter {
        sum = sum.wrapping_add(*element);
    }
    sum
}

fn by_fold<'a>(iter: impl Iterator<Item = &'a i64>) -> i64 {
    iter.fold(0, |sum: i64, element| sum.wrapping_add(*element))
}

fn by_index(get: impl Fn(usize, usize) -> i64) -> i64 {
    let mut sum = 0i64;
    for i in 0..SIDE {
        for j in 0..SIDE {
            sum = sum.wrapping_add(get(i, j));
        }
    }
    sum
}

/// Indices that no compiler knows beforehand.
fn by_computed_index(order: &[[usize; 2]], get: impl Fn([usize; 2]) -> i64) -> i64 {
    order.iter().fold(0, |sum, &index| sum.wrapping_add(get(index)))
}

fn sums(
    runner: &Runner,
    name: &str,
    data: &[i64],
    layout: Layout<strideproof::Const<2>>,
    other: ArrayView2<'_, i64>,
) {
    let view = StridedView::new(data, layout).expect("as long as it must be");
    assert!(view.iter().eq(other.iter()), "both show the same");
    runner.group(
        &format!("elements of {name}"),
        ELEMENTS,
        &mut [
            ("slice, iter", &mut || keep(by_fold(black_box(data).iter()))),
            ("strideproof, fold", &mut || keep(by_fold(black_box(view).iter()))),
            ("ndarray, fold", &mut || keep(by_fold(black_box(other).into_iter()))),
            ("strideproof, next", &mut || keep(by_next(black_box(view)))),
            ("ndarray, next", &mut || keep(by_next(black_box(other)))),
            ("strideproof, get", &mut || {
                let view = black_box(view);
                black_box(by_index(|i, j| *view.get([i, j]).expect("valid")));
            }),
            ("ndarray, get", &mut || {
                let other = black_box(other);
                black_box(by_index(|i, j| *other.get([i, j]).expect("valid")));
            }),
        ],
    );
    let order: Vec<[usize; 2]> =
        (0..ELEMENTS).map(|n| n * 7919 % ELEMENTS).map(|n| [n / SIDE, n % SIDE]).collect();
    runner.group(
        &format!("computed indices of {name}"),
        ELEMENTS,
        &mut [
            ("ndarray, v[[i, j]]", &mut || {
                let (other, order) = black_box((&other, &order));
                black_box(by_computed_index(order, |index| other[index]));
            }),
            ("strideproof, v[[i, j]]", &mut || {
                let (view, order) = black_box((&view, &order));
                black_box(by_computed_index(order, |index| view[index]));
            }),
        ],
    );
}

pub(crate) fn run(runner: &Runner) {
    let mut data: Vec<i64> = (0i64..).take(ELEMENTS).map(|n| n * n % 1009).collect();
    let run = Layout::row_major([SIDE, SIDE]).expect("few elements");
    let turned = Layout::column_major([SIDE, SIDE]).expect("few elements");
    let other = ArrayView2::from_shape((SIDE, SIDE), &data).expect("a square");
    sums(runner, "a run", &data, run, other);
    sums(runner, "its transposition", &data, turned, other.reversed_axes());

    let mut slice = data.clone();
    let mut view = StridedViewMut::new(&mut data, turned).expect("unique");
    let mut other = Array2::<i64>::zeros((SIDE, SIDE)).reversed_axes();
    let increment = |element: &mut i64| *element = element.wrapping_add(1);
    runner.group(
        "increment of its transposition",
        ELEMENTS,
        &mut [
            ("slice, iter_mut", &mut || black_box(&mut slice).iter_mut().for_each(increment)),
            ("strideproof, iter_mut", &mut || black_box(&mut view).iter_mut().for_each(increment)),
            ("ndarray, iter_mut", &mut || black_box(&mut other).iter_mut().for_each(increment)),
        ],
    );
}
