//! Accepted layouts, small and at full width, and indices to look at.

use proptest::prelude::*;
use strideproof::Layout;

/// One axis before it is made to fit: a size, and a seed for its stride.
type Axis = (usize, u64);

fn extent() -> impl Strategy<Value = usize> {
    prop_oneof![
        8 => 0usize..5,
        2 => (0u32..63).prop_map(|bits| 1 << bits),
        1 => Just(isize::MAX as usize),
        1 => Just(usize::MAX),
        1 => any::<usize>(),
    ]
}

/// A layout of rank `N` that the specification accepts, of at most `isize::MAX` or, as zero-sized
/// elements have it, `usize::MAX` elements.
pub(crate) fn wide<const N: usize>() -> impl Strategy<Value = Layout<N>> {
    let axes = prop::collection::vec((extent(), any::<u64>()), N);
    let limit = prop_oneof![3 => Just(isize::MAX as usize), 1 => Just(usize::MAX)];
    (axes, limit, any::<u64>()).prop_map(|(axes, limit, seed)| fit(&axes, limit, seed))
}

/// A layout of rank `N` with few elements close together.
pub(crate) fn small<const N: usize>() -> impl Strategy<Value = Layout<N>> {
    let axes = prop::collection::vec((0usize..5, -7isize..8), N);
    (axes, 0usize..4, 0usize..4).prop_map(|(axes, before, after)| {
        let shape: [usize; N] = std::array::from_fn(|k| axes[k].0);
        let strides: [isize; N] = std::array::from_fn(|k| axes[k].1);
        let (mut below, mut above) = (0, 0);
        for (&extent, &stride) in shape.iter().zip(&strides) {
            let reach = extent.saturating_sub(1) * stride.unsigned_abs();
            if stride < 0 { below += reach } else { above += reach }
        }
        let offset = below + before;
        Layout::new(shape, strides, offset, offset + above + 1 + after).expect("fits by design")
    })
}

/// Both kinds.
pub(crate) fn accepted<const N: usize>() -> impl Strategy<Value = Layout<N>> {
    prop_oneof![wide(), small()]
}

/// Shares the buffer out among the axes, so that the result is accepted.
fn fit<const N: usize>(axes: &[Axis], limit: usize, seed: u64) -> Layout<N> {
    let empty = axes.iter().any(|&(extent, _)| extent == 0);
    let (mut shape, mut strides) = ([0; N], [0; N]);
    let (mut count, mut left) = (1u128, limit as u128 - 1);
    let mut below = 0;
    for (axis, &(extent, seed)) in axes.iter().enumerate() {
        let fits = count * extent as u128 <= isize::MAX as u128;
        shape[axis] = if fits || empty { extent } else { 1 };
        if empty || shape[axis] <= 1 {
            // Nobody follows it: the extremes too.
            strides[axis] = [isize::MIN, isize::MAX, seed as isize, 1, 0][seed as usize % 5];
            continue;
        }
        count *= extent as u128;
        let steps = extent as u128 - 1;
        let largest = (left / steps).min(1 << 63);
        // Small strides and the largest possible one as often as any between.
        let magnitude = match seed % 4 {
            0 => largest,
            1 => largest.min(3),
            _ => (seed >> 3) as u128 % (largest + 1),
        };
        let negative = seed % 8 >= 4 || magnitude > isize::MAX as u128;
        strides[axis] =
            if negative { (magnitude as i128).wrapping_neg() as isize } else { magnitude as isize };
        left -= magnitude * steps;
        below += if negative { magnitude * steps } else { 0 };
    }
    let slack = seed as u128 % (left + 1);
    let offset = if empty { seed as usize % limit } else { (below + slack) as usize };
    Layout::new(shape, strides, offset, limit).expect("fits by design")
}

/// All indices of a small shape; of a large one corners and others. None of an empty one.
pub(crate) fn indices<const N: usize>(shape: &[usize; N], seed: u64) -> Vec<[usize; N]> {
    if shape.contains(&0) {
        return Vec::new();
    }
    let count = shape.iter().map(|&extent| extent as u128).try_fold(1u128, u128::checked_mul);
    if let Some(count) = count.filter(|&count| count <= 300) {
        return (0..count as usize).map(|k| unravel(shape, k)).collect();
    }
    let mut state = seed | 1;
    let mut random = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as usize
    };
    (0..40)
        .map(|_| {
            std::array::from_fn(|axis| match random() % 4 {
                0 => 0,
                1 => shape[axis] - 1,
                _ => random() % shape[axis],
            })
        })
        .collect()
}

/// The `k`-th index in row-major order.
pub(crate) fn unravel<const N: usize>(shape: &[usize; N], k: usize) -> [usize; N] {
    let mut index = [0; N];
    let mut rest = k;
    for axis in (0..N).rev() {
        index[axis] = rest % shape[axis];
        rest /= shape[axis];
    }
    index
}
