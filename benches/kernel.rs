//! What a check costs at rank 1, 2, 4 and 8, next to a check that wraps and one in 128 bits.
//!
//! ```text
//! cargo bench -p strideproof-benches --bench kernel
//! ```

use std::hint::black_box;

use criterion::Criterion;
use strideproof::{Layout, check_bytes};
use strideproof_benches::Ratios;

/// How many different requests a call checks, so that no branch is learnt by heart.
const REQUESTS: u32 = 256;

struct Request<const N: usize> {
    shape: [usize; N],
    strides: [isize; N],
    offset: usize,
    len: usize,
}

/// Accepted requests of all kinds: steps forwards and backwards, repeats, gaps, spare room.
fn requests<const N: usize>() -> Vec<Request<N>> {
    // A linear congruential generator: the same requests in each run.
    let mut state = 1u64;
    let mut below = move |end: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    let requests = (0..REQUESTS).map(|_| {
        let mut shape = [0; N];
        let mut strides = [0; N];
        let (mut lowest, mut highest) = (0i64, 0i64);
        for (extent, stride) in shape.iter_mut().zip(&mut strides) {
            let (size, step) = (1 + below(9), below(2000));
            let step = if below(3) == 0 { -step.cast() } else { step.cast() };
            let reach = (size.cast() - 1) * step;
            lowest += reach.min(0);
            highest += reach.max(0);
            *extent = usize::try_from(size).expect("small");
            *stride = isize::try_from(step).expect("small");
        }
        let offset = usize::try_from(-lowest + below(3).cast()).expect("not negative");
        let len = offset + usize::try_from(highest + 1 + below(3).cast()).expect("not negative");
        Request { shape, strides, offset, len }
    });
    requests.collect()
}

/// Numbers that are small enough to be signed.
trait Small {
    fn cast(self) -> i64;
}

impl Small for u64 {
    fn cast(self) -> i64 {
        i64::try_from(self).expect("small")
    }
}

/// The check that many libraries make: right as long as nothing wraps.
#[inline]
fn wrapping(shape: &[usize], strides: &[isize], offset: usize, len: usize) -> Option<usize> {
    if shape.len() != strides.len() || shape.contains(&0) {
        return None;
    }
    let (mut lowest, mut highest) = (0isize, 0isize);
    for (&extent, &stride) in shape.iter().zip(strides) {
        let reach = 0isize.wrapping_add_unsigned(extent.wrapping_sub(1)).wrapping_mul(stride);
        lowest = lowest.wrapping_add(reach.min(0));
        highest = highest.wrapping_add(reach.max(0));
    }
    let start = offset.wrapping_add_signed(lowest);
    let end = offset.wrapping_add_signed(highest).wrapping_add(1);
    (start <= offset && end <= len).then_some(end)
}

/// The check in integers that are wide enough, once the count is known to fit.
#[inline]
fn wide(shape: &[usize], strides: &[isize], offset: usize, len: usize) -> Option<usize> {
    if shape.len() != strides.len() || shape.contains(&0) {
        return None;
    }
    let mut count = 1u128;
    let (mut lowest, mut highest) = (offset as i128, offset as i128);
    for (&extent, &stride) in shape.iter().zip(strides) {
        count *= extent as u128;
        if count > isize::MAX as u128 {
            return None;
        }
        let reach = (extent as i128 - 1) * stride as i128;
        lowest += reach.min(0);
        highest += reach.max(0);
    }
    (lowest >= 0 && highest < len as i128).then(|| usize::try_from(highest + 1).unwrap_or(0))
}

/// Checks all requests and returns the sum of the lengths that they need, so that no check and no
/// number that it finds is left out.
#[inline]
fn all<const N: usize>(
    requests: &[Request<N>],
    check: impl Fn(&Request<N>) -> Option<usize>,
) -> usize {
    let needed = requests.iter().map(|request| check(black_box(request)).expect("accepted"));
    needed.fold(0, usize::wrapping_add)
}

fn at_rank<const N: usize>(criterion: &mut Criterion, ratios: &mut Ratios) {
    let requests = requests::<N>();
    let requests = &requests[..];
    ratios.group(format!("check of rank {N}"), REQUESTS);
    let naive = || all(requests, |r| wrapping(&r.shape, &r.strides, r.offset, r.len));
    let exact = || {
        all(requests, |r| {
            let layout = Layout::new(r.shape, r.strides, r.offset, r.len);
            layout.ok().map(|layout| layout.required_len())
        })
    };
    // The same, and all of the layout is written to memory.
    let kept = || {
        all(requests, |r| {
            let layout = Layout::new(r.shape, r.strides, r.offset, r.len);
            black_box(&layout).as_ref().ok().map(Layout::required_len)
        })
    };
    let bytes = || {
        all(requests, |r| {
            let extent = check_bytes(&r.shape, &r.strides, r.offset, r.len, 1);
            extent.ok().map(|extent| extent.required_len)
        })
    };
    let wide = || all(requests, |r| wide(&r.shape, &r.strides, r.offset, r.len));
    // All contestants find the same numbers, or the comparison would be of nothing.
    assert!([exact(), kept(), bytes(), wide()].iter().all(|&needed| needed == naive()));
    ratios.contestant(criterion, "wrapping, not exact", naive);
    ratios.contestant(criterion, "Layout::new", exact);
    ratios.contestant(criterion, "Layout::new, kept in memory", kept);
    ratios.contestant(criterion, "check_bytes", bytes);
    ratios.contestant(criterion, "in 128 bits", wide);
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut ratios = Ratios::default();
    at_rank::<1>(&mut criterion, &mut ratios);
    at_rank::<2>(&mut criterion, &mut ratios);
    at_rank::<4>(&mut criterion, &mut ratios);
    at_rank::<8>(&mut criterion, &mut ratios);
    criterion.final_summary();
    ratios.print();
}
