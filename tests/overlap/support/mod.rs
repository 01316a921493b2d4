//! The oracle: plain enumeration of all index tuples, in `i128`. Knows nothing of
//! the module under test.

/// Every index tuple of a small shape with its address.
pub(crate) fn addresses(shape: &[usize], strides: &[isize], base: i128) -> Vec<(i128, Vec<usize>)> {
    let mut all = vec![(base, Vec::new())];
    for (&size, &stride) in shape.iter().zip(strides) {
        let mut next = Vec::new();
        for (address, index) in &all {
            for i in 0..size {
                let mut index = index.clone();
                index.push(i);
                next.push((address + i as i128 * stride as i128, index));
            }
        }
        all = next;
    }
    all
}

/// Uniqueness by definition.
pub(crate) fn unique(shape: &[usize], strides: &[isize], itemsize: usize) -> bool {
    if itemsize == 0 {
        return true;
    }
    let mut all = vec![0_i128];
    for (&size, &stride) in shape.iter().zip(strides) {
        let mut next = Vec::with_capacity(all.len() * size);
        for &a in &all {
            next.extend((0..size).map(|i| a + i as i128 * stride as i128));
        }
        all = next;
    }
    all.sort_unstable();
    all.windows(2).all(|w| w[1] - w[0] >= itemsize as i128)
}

/// Address of an index tuple, `None` if it is not valid.
pub(crate) fn address(shape: &[usize], strides: &[isize], index: &[usize]) -> Option<i128> {
    (index.len() == shape.len() && shape.iter().zip(index).all(|(n, i)| i < n))
        .then(|| strides.iter().zip(index).map(|(&s, &i)| s as i128 * i as i128).sum())
}

/// A witness of aliasing, checked by definition.
pub(crate) fn proves_alias(
    shape: &[usize],
    strides: &[isize],
    itemsize: usize,
    first: &[usize],
    second: &[usize],
) -> bool {
    match (address(shape, strides, first), address(shape, strides, second)) {
        (Some(a), Some(b)) => first != second && (a - b).abs() < itemsize as i128,
        _ => false,
    }
}
