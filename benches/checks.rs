//! What a check costs, accepted and refused, beside bare arithmetic and `ndarray`.

use std::hint::black_box;

use ndarray::{ArrayView, ArrayViewMut, Dim, ShapeBuilder};
use strideproof::{Layout, as_strided, as_strided_mut, check_bytes};

use crate::runner::{Runner, keep};

/// How many different requests a call checks, so that no branch is learnt by heart.
const REQUESTS: usize = 256;
/// Elements of the buffer that the requests of [`views`] stay in.
const ELEMENTS: usize = 1 << 16;

struct Request<const N: usize> {
    shape: [usize; N],
    strides: [isize; N],
    offset: usize,
    len: usize,
}

/// A linear congruential generator: the same numbers in each run, and in benches/rows.py.
fn draws() -> impl FnMut() -> u32 {
    let mut state = 1u64;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(state >> 33).expect("31 bits")
    }
}

/// Accepted requests of all kinds: steps forwards and backwards, repeats, gaps, spare room.
fn requests<const N: usize>() -> Vec<Request<N>> {
    let mut draw = draws();
    let mut below = |end: i64| i64::from(draw()) % end;
    let requests = (0..REQUESTS).map(|_| {
        let (mut shape, mut strides) = ([0; N], [0; N]);
        let (mut lowest, mut highest) = (0i64, 0i64);
        for (size, stride) in shape.iter_mut().zip(&mut strides) {
            let (count, step) = (1 + below(9), below(2000));
            let step = if below(3) == 0 { -step } else { step };
            let reach = (count - 1) * step;
            lowest += reach.min(0);
            highest += reach.max(0);
            *size = usize::try_from(count).expect("positive");
            *stride = isize::try_from(step).expect("small");
        }
        let offset = usize::try_from(-lowest + below(3)).expect("not negative");
        let len = offset + usize::try_from(highest + 1 + below(3)).expect("not negative");
        Request { shape, strides, offset, len }
    });
    requests.collect()
}

/// The check that many libraries make: right as long as nothing wraps.
fn wrapping<const N: usize>(request: &Request<N>) -> Option<usize> {
    if request.shape.contains(&0) {
        return None;
    }
    let (mut lowest, mut highest) = (0isize, 0isize);
    for (&size, &stride) in request.shape.iter().zip(&request.strides) {
        let reach = 0isize.wrapping_add_unsigned(size.wrapping_sub(1)).wrapping_mul(stride);
        lowest = lowest.wrapping_add(reach.min(0));
        highest = highest.wrapping_add(reach.max(0));
    }
    let start = request.offset.wrapping_add_signed(lowest);
    let end = request.offset.wrapping_add_signed(highest).wrapping_add(1);
    (start <= request.offset && end <= request.len).then_some(end)
}

/// The check in integers that are wide enough, once the count is known to fit.
fn wide<const N: usize>(request: &Request<N>) -> Option<usize> {
    if request.shape.contains(&0) {
        return None;
    }
    let mut count = 1u128;
    let (mut lowest, mut highest) = (request.offset as i128, request.offset as i128);
    for (&size, &stride) in request.shape.iter().zip(&request.strides) {
        count *= size as u128;
        if count > isize::MAX as u128 {
            return None;
        }
        let reach = (size as i128 - 1) * stride as i128;
        lowest += reach.min(0);
        highest += reach.max(0);
    }
    (lowest >= 0 && highest < request.len as i128)
        .then(|| usize::try_from(highest + 1).unwrap_or(0))
}

fn layout<const N: usize>(request: &Request<N>) -> Option<usize> {
    let layout = Layout::new(request.shape, request.strides, request.offset, request.len);
    layout.ok().map(|layout| layout.required_len())
}

/// The same, and all of the layout is written to memory.
fn layout_kept<const N: usize>(request: &Request<N>) -> Option<usize> {
    let layout = Layout::new(request.shape, request.strides, request.offset, request.len);
    black_box(&layout).as_ref().ok().map(Layout::required_len)
}

fn bytes<const N: usize>(request: &Request<N>) -> Option<usize> {
    let Request { shape, strides, offset, len } = request;
    check_bytes(shape, strides, *offset, *len, 1).ok().map(|extent| extent.required_len)
}

/// Checks all requests and returns the sum of the lengths that they need, so that no check and no
/// number that it finds is left out.
fn all<const N: usize>(
    requests: &[Request<N>],
    check: impl Fn(&Request<N>) -> Option<usize>,
) -> usize {
    let needed = requests.iter().map(|request| check(black_box(request)).expect("accepted"));
    needed.fold(0, usize::wrapping_add)
}

fn kernel<const N: usize>(runner: &Runner) {
    let requests = requests::<N>();
    let sums = [
        all(&requests, wrapping),
        all(&requests, layout),
        all(&requests, layout_kept),
        all(&requests, bytes),
        all(&requests, wide),
    ];
    assert!(sums.iter().all(|&sum| sum == sums[0]), "all find the same lengths");
    runner.group(
        &format!("check of rank {N}"),
        REQUESTS,
        &mut [
            ("wrapping, not exact", &mut || keep(all(&requests, wrapping))),
            ("Layout::new", &mut || keep(all(&requests, layout))),
            ("Layout::new, kept in memory", &mut || keep(all(&requests, layout_kept))),
            ("check_bytes", &mut || keep(all(&requests, bytes))),
            ("in 128 bits", &mut || keep(all(&requests, wide))),
        ],
    );
}

/// Shapes of at most 6 elements an axis with their row-major strides, signed and unsigned.
fn shapes<const N: usize>() -> Vec<([usize; N], [isize; N], [usize; N])> {
    (0..REQUESTS)
        .map(|number| {
            let shape: [usize; N] = std::array::from_fn(|axis| 1 + (number >> axis) % 6);
            let strides = *Layout::row_major(shape).expect("few elements").strides();
            (shape, strides, strides.map(isize::unsigned_abs))
        })
        .collect()
}

/// `ndarray` takes rank by rank: a macro for both makes the same calls of all.
macro_rules! views {
    ($rank:literal, $runner:ident) => {{
        let shapes = shapes::<$rank>();
        let buffer = vec![0u8; ELEMENTS];
        let (mut one, mut other) = (buffer.clone(), buffer.clone());
        $runner.group(
            concat!("a view of rank ", $rank),
            REQUESTS,
            &mut [
                ("ndarray, from_shape", &mut || {
                    for (shape, _, strides) in black_box(&shapes) {
                        let shape = Dim(*shape).strides(Dim(*strides));
                        black_box(&ArrayView::from_shape(shape, &buffer))
                            .as_ref()
                            .expect("accepted");
                    }
                }),
                ("strideproof, as_strided", &mut || {
                    for (shape, strides, _) in black_box(&shapes) {
                        black_box(&as_strided(&buffer, *shape, *strides, 0))
                            .as_ref()
                            .expect("accepted");
                    }
                }),
            ],
        );
        $runner.group(
            concat!("a view for writing of rank ", $rank),
            REQUESTS,
            &mut [
                ("ndarray, from_shape", &mut || {
                    for (shape, _, strides) in black_box(&shapes) {
                        let shape = Dim(*shape).strides(Dim(*strides));
                        black_box(&ArrayViewMut::from_shape(shape, &mut one))
                            .as_ref()
                            .expect("accepted");
                    }
                }),
                ("strideproof, as_strided_mut", &mut || {
                    for (shape, strides, _) in black_box(&shapes) {
                        black_box(&as_strided_mut(&mut other, *shape, *strides, 0))
                            .as_ref()
                            .expect("accepted");
                    }
                }),
            ],
        );
        // One element too few for any of them.
        let shapes: Vec<_> =
            shapes.iter().filter(|(shape, ..)| shape.iter().product::<usize>() > 1).collect();
        $runner.group(
            concat!("a refused view of rank ", $rank),
            shapes.len(),
            &mut [
                ("ndarray, from_shape", &mut || {
                    for (shape, _, strides) in black_box(&shapes) {
                        let buffer = &buffer[..shape.iter().product::<usize>() - 1];
                        let shape = Dim(*shape).strides(Dim(*strides));
                        black_box(&ArrayView::from_shape(shape, buffer))
                            .as_ref()
                            .expect_err("refused");
                    }
                }),
                ("strideproof, as_strided", &mut || {
                    for (shape, strides, _) in black_box(&shapes) {
                        let buffer = &buffer[..shape.iter().product::<usize>() - 1];
                        black_box(&as_strided(buffer, *shape, *strides, 0))
                            .as_ref()
                            .expect_err("refused");
                    }
                }),
            ],
        );
    }};
}

/// Pairs of views of 4 to 400 elements in one buffer, as slices with steps make them.
fn sharing(runner: &Runner) {
    let mut draw = draws();
    let mut below = |end: usize| draw() as usize % end;
    let buffer = vec![0u8; ELEMENTS];
    let mut view = || {
        let shape = [2 + below(19), 2 + below(19)];
        let (column, gap) = (1 + below(4), below(8));
        let row = column * shape[1] + gap;
        let strides = [row, column].map(|stride| isize::try_from(stride).expect("small"));
        as_strided(&buffer, shape, strides, below(2000)).expect("stays inside")
    };
    let pairs: Vec<_> = (0..REQUESTS).map(|_| (view(), view())).collect();
    runner.group(
        "two views that may share memory",
        REQUESTS,
        &mut [
            ("strideproof, may_share_memory", &mut || {
                for (one, other) in black_box(&pairs) {
                    keep(one.may_share_memory(other));
                }
            }),
            ("strideproof, shares_memory", &mut || {
                for (one, other) in black_box(&pairs) {
                    keep(one.shares_memory(other));
                }
            }),
        ],
    );
}

pub(crate) fn run(runner: &Runner) {
    kernel::<1>(runner);
    kernel::<2>(runner);
    kernel::<3>(runner);
    kernel::<4>(runner);
    kernel::<8>(runner);
    views!(1, runner);
    views!(2, runner);
    views!(3, runner);
    views!(4, runner);
    views!(6, runner);
    sharing(runner);
}
