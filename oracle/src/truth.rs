//! The specification: what is true of a view, by visiting every index and by a closed form.

/// The largest count of indices that the specification accepts.
pub const MAX_COUNT: u128 = (1 << 63) - 1;

/// What is true of shape, strides and offset, whatever the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// Shape and strides differ in length.
    Rank,
    /// Some size is 0.
    Empty,
    /// The sizes up to and with this axis multiply to more than [`MAX_COUNT`].
    TooMany {
        /// The axis with which they do.
        axis: usize,
    },
    /// It has indices.
    View {
        /// How many.
        count: u128,
        /// The lowest address.
        lowest: i128,
        /// The highest address.
        highest: i128,
    },
}

/// `offset + Σ i_k · stride_k`, for a view of at most [`MAX_COUNT`] indices.
///
/// # Panics
/// When index and strides differ in length.
#[must_use]
pub fn address(strides: &[isize], offset: usize, index: &[usize]) -> i128 {
    assert_eq!(strides.len(), index.len());
    let terms = strides.iter().zip(index);
    terms.fold(offset as i128, |sum, (&stride, &i)| sum + stride as i128 * i as i128)
}

/// The product of all sizes, saturating: more than [`MAX_COUNT`] is always told from less.
#[must_use]
pub fn count(shape: &[usize]) -> u128 {
    if shape.contains(&0) {
        return 0;
    }
    shape.iter().fold(1, |count, &size| count.saturating_mul(size as u128))
}

/// Calls `f` with every valid index tuple in row-major order.
pub fn for_each_index(shape: &[usize], mut f: impl FnMut(&[usize])) {
    if shape.contains(&0) {
        return;
    }
    let mut index = vec![0; shape.len()];
    loop {
        f(&index);
        if !advance(&mut index, shape) {
            return;
        }
    }
}

/// Moves to the next index tuple in row-major order; after the last one to the first, and `false`.
pub fn advance(index: &mut [usize], shape: &[usize]) -> bool {
    for (i, &size) in index.iter_mut().zip(shape).rev() {
        *i += 1;
        if *i < size {
            return true;
        }
        *i = 0;
    }
    false
}

/// The addresses of all index tuples in row-major order.
#[must_use]
pub fn addresses(shape: &[usize], strides: &[isize], offset: usize) -> Vec<i128> {
    let mut all = Vec::new();
    for_each_index(shape, |index| all.push(address(strides, offset, index)));
    all
}

impl Truth {
    /// Finds it by visiting every index.
    #[must_use]
    pub fn by_enumeration(shape: &[usize], strides: &[isize], offset: usize) -> Self {
        if shape.len() != strides.len() {
            return Self::Rank;
        }
        let (mut count, mut lowest, mut highest) = (0, i128::MAX, i128::MIN);
        for_each_index(shape, |index| {
            let address = address(strides, offset, index);
            count += 1;
            lowest = lowest.min(address);
            highest = highest.max(address);
        });
        if count == 0 { Self::Empty } else { Self::View { count, lowest, highest } }
    }

    /// Finds it by the two corners that are the lowest and the highest address.
    ///
    /// `i128` is wide enough: the count comes first, and with `Π n_k < 2^63` and all `n_k >= 1` also
    /// `Σ (n_k - 1) < 2^63`. A stride is at most `2^63` in magnitude, so every `Σ i_k · stride_k` is
    /// below `2^126`; offset and length add less than `2^65`.
    #[must_use]
    pub fn by_corners(shape: &[usize], strides: &[isize], offset: usize) -> Self {
        if shape.len() != strides.len() {
            return Self::Rank;
        }
        if shape.contains(&0) {
            return Self::Empty;
        }
        if let Some(axis) = (0..shape.len()).find(|&axis| count(&shape[..=axis]) > MAX_COUNT) {
            return Self::TooMany { axis };
        }
        let (mut lowest, mut highest) = (offset as i128, offset as i128);
        for (&size, &stride) in shape.iter().zip(strides) {
            let reach = (size as i128 - 1) * stride as i128;
            lowest += reach.min(0);
            highest += reach.max(0);
        }
        Self::View { count: count(shape), lowest, highest }
    }

    /// Whether all addresses of a view with indices lie in `0..len`, `item` units each.
    pub(crate) fn fits(self, len: usize, item: usize) -> bool {
        match self {
            Self::View { lowest, highest, .. } => {
                lowest >= 0 && highest + item as i128 <= len as i128
            }
            _ => false,
        }
    }

    /// The smallest buffer of items of one unit that an accepted view needs; `None` for what no
    /// buffer takes.
    #[must_use]
    pub fn required_len(self, offset: usize) -> Option<i128> {
        match self {
            Self::Empty => Some(offset as i128),
            Self::View { lowest, highest, .. } => (lowest >= 0).then_some(highest + 1),
            Self::Rank | Self::TooMany { .. } => None,
        }
    }

    /// The specification's verdict.
    #[must_use]
    pub fn accepts(self, offset: usize, len: usize, item: usize) -> bool {
        match self {
            Self::Empty => offset <= len,
            view => view.fits(len, item),
        }
    }
}
