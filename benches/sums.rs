//! What it costs to reduce views, in whichever order: whole views, windows, and one axis at growing strides.

use std::hint::black_box;

use ndarray::{Array2, ArrayView, ArrayView2, IxDyn, ShapeBuilder};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use strideproof::{StridedViewDyn, as_strided, as_strided_mut, s};

use crate::runner::{Runner, keep};

/// The reduction of `ndarray` and others by hand: a plain slice, in as many accumulators as a vector has.
fn sum_by_hand(numbers: &[f32]) -> f32 {
    let mut sums = [0f32; 64];
    let chunks = numbers.chunks_exact(sums.len());
    let rest = chunks.remainder().iter().sum::<f32>();
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, number)| *sum += number);
    }
    sums.iter().sum::<f32>() + rest
}

fn sum(runner: &Runner, numbers: &[f32], name: &str, view: &StridedViewDyn<'_, f32>) {
    let strides: Vec<usize> = view.strides().iter().map(|s| s.unsigned_abs()).collect();
    let shape = IxDyn(view.shape()).strides(IxDyn(&strides));
    let other = ArrayView::from_shape(shape, numbers).expect("few");
    let relative = view.sum() / other.sum();
    assert!((0.999..1.001).contains(&relative), "both add up the same");
    let mut by_hand = || keep(sum_by_hand(black_box(&numbers[..view.len()])));
    runner.group(
        &format!("sum of f32, {name}"),
        view.len(),
        &mut [
            ("as many side by side, by hand", &mut by_hand),
            ("ndarray, sum", &mut || keep(black_box(&other).sum())),
            ("strideproof, sum", &mut || keep(black_box(view).sum())),
        ],
    );
}

/// One thread and all of the machine's, by the time on the clock.
fn threads(runner: &Runner) {
    let mut numbers = vec![1f32; 1 << 20];
    let mut view = as_strided_mut(&mut numbers, [1 << 10, 1 << 10], None, 0).expect("a square").t();
    let work = |number: &mut f32| *number = (*number * 1.5 + 1.0).sqrt().sqrt();
    let view = std::cell::RefCell::new(&mut view);
    runner.group_of_threads(
        "square roots of f32, 1024 x 1024 transposed, by threads",
        1 << 20,
        &mut [
            ("one, in the order of memory", &mut || {
                let mut view = view.borrow_mut();
                black_box(view.reborrow()).in_memory_order().map_in_place(work);
            }),
            ("all, par_iter_mut", &mut || {
                black_box(view.borrow_mut().reborrow()).into_par_iter().for_each(work);
            }),
        ],
    );
}

fn windows(runner: &Runner) {
    let side = 1024;
    let image: Vec<f32> = (0..1u32 << 20).map(|n| (n % 251) as f32).collect();
    let mut one = vec![0f32; (side - 2) * (side - 2)];
    let mut other = Array2::<f32>::zeros((side - 2, side - 2));
    let mut third = one.clone();
    let array = ArrayView2::from_shape((side, side), &image).expect("a square");
    let view = as_strided(&image, [side, side], None, 0).expect("a square").windows([3, 3]);
    let mut by_hand = || {
        let image = black_box(&image);
        for (row, sums) in third.chunks_exact_mut(side - 2).enumerate() {
            sums.fill(0.0);
            for at in (0..3).flat_map(|i| (0..3).map(move |j| (row + i) * side + j)) {
                sums.iter_mut().zip(&image[at..]).for_each(|(sum, number)| *sum += number);
            }
        }
    };
    let mut ours = || {
        let mut sums = as_strided_mut(&mut one, [side - 2; 2], None, 0).expect("a square");
        sums.fill(0.0);
        sums.fold_inner(black_box(&view), |sum, x| *sum += x);
    };
    let mut theirs = || {
        let windows = black_box(&array).windows((3, 3));
        other.iter_mut().zip(windows).for_each(|(sum, window)| *sum = window.sum());
    };
    runner.group(
        "sums of 3 x 3 windows, f32, 1024 x 1024",
        (side - 2) * (side - 2),
        &mut [
            ("ndarray, windows and sum", &mut theirs),
            ("strideproof, fold_inner", &mut ours),
            ("loops by hand, interchanged", &mut by_hand),
        ],
    );
    theirs();
    ours();
    by_hand();
    assert!(other.iter().eq(&one) && one == third, "all add up the same");
}

/// The same count of elements, farther and farther apart: from 64 bytes each has a cache line of its own.
fn strides(runner: &Runner) {
    const COUNT: usize = 1 << 14;
    let numbers = vec![1f32; COUNT * 1024];
    for bytes in (2..=12).map(|power| 1usize << power) {
        let stride = bytes / 4;
        let view = as_strided(&numbers, [COUNT], [isize::try_from(stride).expect("small")], 0)
            .expect("few");
        let other = ArrayView::from_shape([COUNT].strides([stride]), &numbers).expect("few");
        runner.group(
            &format!("16384 f32 every {bytes} bytes"),
            COUNT,
            &mut [
                ("slice, step_by", &mut || {
                    black_box(
                        black_box(&numbers[..COUNT * stride]).iter().step_by(stride).sum::<f32>(),
                    );
                }),
                ("ndarray, sum", &mut || keep(black_box(&other).sum())),
                ("strideproof, sum", &mut || keep(black_box(&view).sum())),
            ],
        );
    }
}

pub(crate) fn run(runner: &Runner) {
    let numbers: Vec<f32> = (0..1 << 24).map(|n: u32| (n % 8) as f32).collect();
    let flat = as_strided(&numbers, [1 << 24], None, 0).expect("few");
    let cube = as_strided(&numbers, [256; 3], None, 0).expect("few").t();
    let sparse = as_strided(&numbers, [100; 3], None, 0).expect("few");
    let rows = as_strided(&numbers, [1000, 1000], [1024, 1], 0).expect("few");
    for count in [10, 1000, 4096, 100_000, 1 << 24] {
        sum(runner, &numbers, &format!("{count} side by side"), &flat.slice(s![..count]).into());
    }
    sum(runner, &numbers, "rows of 1000 with gaps", &rows.into());
    sum(runner, &numbers, "256 x 256 x 256 transposed", &cube.into());
    let sparse = sparse.slice(s![..;2, ..;3, ..;4]);
    sum(runner, &numbers, "every second, third, fourth of 100 x 100 x 100", &sparse.into());
    windows(runner);
    threads(runner);
    strides(runner);
}
