//! What a sum over a view costs, element by element and by iteration, next to the slice below it
//! and to `ndarray`, for a run and for its transposition.
//!
//! ```text
//! cargo bench -p strideproof-benches --bench access
//! ```

use std::hint::black_box;

use criterion::Criterion;
use ndarray::ArrayView2;
use strideproof::{Layout, StridedView, StridedViewMut};
use strideproof_benches::Ratios;

/// Rows and columns: 128 KiB, which stay in a second-level cache.
const SIDE: usize = 128;
const ELEMENTS: u32 = 128 * 128;

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

fn by_index<'a>(get: impl Fn(usize, usize) -> &'a i64) -> i64 {
    let mut sum = 0i64;
    for i in 0..SIDE {
        for j in 0..SIDE {
            sum = sum.wrapping_add(*get(i, j));
        }
    }
    sum
}

fn sums(
    criterion: &mut Criterion,
    ratios: &mut Ratios,
    name: &str,
    data: &[i64],
    view: StridedView<'_, i64, 2>,
    other: ArrayView2<'_, i64>,
) {
    assert!(view.iter().eq(other.iter()));
    ratios.group(name, ELEMENTS);
    ratios.contestant(criterion, "slice, iter", || by_fold(black_box(data).iter()));
    ratios.contestant(criterion, "strideproof, fold", || by_fold(black_box(view).iter()));
    ratios.contestant(criterion, "ndarray, fold", || by_fold(black_box(other).into_iter()));
    ratios.contestant(criterion, "strideproof, next", || by_next(black_box(view)));
    ratios.contestant(criterion, "ndarray, next", || by_next(black_box(other)));
    ratios.contestant(criterion, "strideproof, get", || {
        let view = black_box(view);
        by_index(|i, j| view.get([i, j]).expect("valid"))
    });
    ratios.contestant(criterion, "ndarray, get", || {
        let other = black_box(&other);
        by_index(|i, j| other.get([i, j]).expect("valid"))
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut ratios = Ratios::default();
    let mut data: Vec<i64> = (0..i64::from(ELEMENTS)).map(|n| n * n % 1009).collect();

    let run = Layout::row_major([SIDE, SIDE]).expect("few elements");
    let turned = Layout::column_major([SIDE, SIDE]).expect("few elements");
    let other = ArrayView2::from_shape((SIDE, SIDE), &data).expect("a square");
    for (name, layout, other) in
        [("sum of a run", run, other), ("sum of its transposition", turned, other.reversed_axes())]
    {
        let view = StridedView::new(&data, layout).expect("as long as it must be");
        sums(&mut criterion, &mut ratios, name, &data, view, other);
    }

    ratios.group("increment of the transposition", ELEMENTS);
    ratios.contestant(&mut criterion, "slice, iter_mut", || {
        black_box(&mut data[..]).iter_mut().for_each(|element| *element = element.wrapping_add(1));
    });
    let mut view = StridedViewMut::new(&mut data, turned).expect("unique");
    ratios.contestant(&mut criterion, "strideproof, iter_mut", || {
        black_box(&mut view).iter_mut().for_each(|element| *element = element.wrapping_add(1));
    });
    let mut other = ndarray::Array2::<i64>::zeros((SIDE, SIDE)).reversed_axes();
    ratios.contestant(&mut criterion, "ndarray, iter_mut", || {
        black_box(&mut other).iter_mut().for_each(|element| *element = element.wrapping_add(1));
    });

    criterion.final_summary();
    ratios.print();
}
