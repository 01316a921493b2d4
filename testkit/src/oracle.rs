//! The specification over wide integers: what tests and fuzz targets believe instead of the crate.
//!
//! Nothing here calls the crate. A view's [`Truth`] is found twice, by visiting every index
//! ([`Truth::by_enumeration`]) and by a closed form ([`Truth::by_corners`]) that works at full
//! width; the exhaustive tests compare the two before they trust either. [`judge`] then compares a
//! checker's [`Answer`] with the truth. The same function judges the crate and, in `tests/mutants`,
//! kernels with a planted fault.
//!
//! Why `i128` is wide enough: the count is compared first, and with `Π e_k < 2^63` and all
//! `e_k >= 1` also `Σ (e_k - 1) <= Π e_k - 1 < 2^63`. A stride is at most `2^63` in magnitude, so
//! every `Σ i_k · stride_k` is below `2^126`, and offset and length add less than `2^65`. Were this
//! wrong, the tests' overflow checks would stop the run.

use core::fmt;
use std::vec::Vec;

/// The largest rank of a request in the tests.
pub const MAX_RANK: usize = 8;

/// The largest count that the specification accepts.
pub const MAX_COUNT: u128 = (1 << 63) - 1;

/// A request, in whatever unit: `item` consecutive units at each address must lie in `0..len`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// The size of each axis.
    pub shape: &'a [usize],
    /// How many units each axis steps over.
    pub strides: &'a [isize],
    /// Where the all-zero index lies.
    pub offset: usize,
    /// How many units the buffer has.
    pub len: usize,
    /// How many units an item takes at its address.
    pub item: usize,
    /// How many bytes a unit has. The specification does not care; some wrong kernels multiply.
    pub unit_bytes: usize,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shape, strides, offset, len, item, .. } = self;
        write!(f, "shape {shape:?} strides {strides:?} offset {offset} len {len} item {item}")
    }
}

/// What a checker says of a request that it accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The number of indices.
    pub count: u128,
    /// The lowest address; the offset of an empty view.
    pub lowest: i128,
    /// The highest address; the offset of an empty view.
    pub highest: i128,
    /// The smallest length that would do.
    pub required_len: i128,
}

/// What a checker says would help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Past the end: this length, or none because the view leaves at the start too.
    Len(Option<i128>),
    /// Before the start: this offset.
    Offset(i128),
}

/// A checker's answer, in a form that is no checker's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Accepted, with what it touches.
    Accepted(Extent),
    /// Accepted, by a checker that says no more.
    Yes,
    /// Refused, by a checker that says no more.
    No,
    /// Shape and strides differ in length.
    Rank,
    /// More than [`MAX_COUNT`] indices.
    TooMany {
        /// The axis with which there are too many.
        axis: usize,
    },
    /// The view is empty, and its offset past the end.
    EmptyOffset {
        /// The smallest length that would do.
        required_len: i128,
    },
    /// An index leaves the buffer.
    Leaves {
        /// The axis along which it leaves; `None` when the all-zero index is outside already.
        axis: Option<usize>,
        /// The index tuple.
        index: Tuple,
        /// Its address.
        address: i128,
        /// What would help.
        remedy: Remedy,
    },
}

impl Answer {
    /// Whether the request is accepted.
    #[must_use]
    pub fn accepts(&self) -> bool {
        matches!(self, Self::Accepted(_) | Self::Yes)
    }
}

/// An index tuple of at most [`MAX_RANK`] axes, without allocation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tuple {
    rank: usize,
    cells: [usize; MAX_RANK],
}

impl Tuple {
    /// Keeps an index tuple of at most [`MAX_RANK`] axes.
    ///
    /// # Panics
    /// When it has more.
    #[must_use]
    pub fn new(index: &[usize]) -> Self {
        let mut cells = [0; MAX_RANK];
        cells[..index.len()].copy_from_slice(index);
        Self { rank: index.len(), cells }
    }

    /// Another index of the same rank.
    pub(crate) fn set(&mut self, index: impl Iterator<Item = usize>) {
        for (cell, i) in self.cells.iter_mut().zip(index) {
            *cell = i;
        }
    }

    /// The tuple.
    #[must_use]
    pub fn as_slice(&self) -> &[usize] {
        &self.cells[..self.rank]
    }
}

impl fmt::Debug for Tuple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

/// How an answer differs from the truth, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Accepts what leaves the buffer, or has too many elements, or ranks that disagree.
    Unsound,
    /// Refuses what stays inside.
    Incomplete,
    /// Accepts rightly with a wrong count, extent or required length.
    Extent,
    /// Refuses rightly with a wrong reason, axis, index, address or remedy.
    Witness(&'static str),
}

/// What is true of a view, whatever its buffer.
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

/// `offset + Σ i_k · stride_k`.
///
/// # Panics
/// When index and strides differ in length.
#[must_use]
pub fn address(strides: &[isize], offset: usize, index: &[usize]) -> i128 {
    assert_eq!(strides.len(), index.len());
    let terms = strides.iter().zip(index);
    terms.fold(offset as i128, |sum, (&stride, &i)| sum + stride as i128 * i as i128)
}

/// Calls `f` with every valid index tuple in row-major order.
pub fn for_each_index(shape: &[usize], mut f: impl FnMut(&[usize])) {
    if shape.contains(&0) {
        return;
    }
    let mut index = Tuple::new(shape);
    index.cells = [0; MAX_RANK];
    let rank = shape.len();
    loop {
        f(index.as_slice());
        let Some(axis) = (0..rank).rev().find(|&axis| index.cells[axis] + 1 < shape[axis]) else {
            return;
        };
        index.cells[axis] += 1;
        index.cells[axis + 1..rank].fill(0);
    }
}

/// The addresses of all index tuples in row-major order.
#[must_use]
pub fn addresses(shape: &[usize], strides: &[isize], offset: usize) -> Vec<i128> {
    let mut all = Vec::new();
    for_each_index(shape, |index| all.push(address(strides, offset, index)));
    all
}

impl Truth {
    /// By visiting every index.
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

    /// By the two corners that are the lowest and the highest address.
    #[must_use]
    pub fn by_corners(shape: &[usize], strides: &[isize], offset: usize) -> Self {
        if shape.len() != strides.len() {
            return Self::Rank;
        }
        if shape.contains(&0) {
            return Self::Empty;
        }
        // A product of positive numbers only grows, so to saturate is to exceed.
        let mut count = 1u128;
        for (axis, &extent) in shape.iter().enumerate() {
            count = count.saturating_mul(extent as u128);
            if count > MAX_COUNT {
                return Self::TooMany { axis };
            }
        }
        let (mut lowest, mut highest) = (offset as i128, offset as i128);
        for (&extent, &stride) in shape.iter().zip(strides) {
            let reach = (extent as i128 - 1) * stride as i128;
            lowest += reach.min(0);
            highest += reach.max(0);
        }
        Self::View { count, lowest, highest }
    }

    /// Whether all addresses of a view with indices lie in `0..len`, `item` units each.
    fn fits(self, len: usize, item: usize) -> bool {
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
            Self::View { highest, .. } => Some(highest + 1),
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

/// Compares an answer with the truth about the request.
///
/// # Errors
/// How it differs.
pub fn judge(request: &Request<'_>, truth: Truth, answer: &Answer) -> Result<(), Wrong> {
    let &Request { offset, len, item, .. } = request;
    match (truth.accepts(offset, len, item), answer.accepts()) {
        (false, true) => return Err(Wrong::Unsound),
        (true, false) => return Err(Wrong::Incomplete),
        _ => {}
    }
    match (truth, *answer) {
        (_, Answer::Yes | Answer::No) => Ok(()),
        (_, Answer::Accepted(extent)) => {
            let at = offset as i128;
            let expected = match truth {
                Truth::View { count, lowest, highest } => {
                    Extent { count, lowest, highest, required_len: highest + item as i128 }
                }
                _ => Extent { count: 0, lowest: at, highest: at, required_len: at },
            };
            if extent == expected { Ok(()) } else { Err(Wrong::Extent) }
        }
        (Truth::Rank, Answer::Rank) => Ok(()),
        (Truth::TooMany { axis }, Answer::TooMany { axis: named }) if named == axis => Ok(()),
        (Truth::Empty, Answer::EmptyOffset { required_len }) if required_len == offset as i128 => {
            Ok(())
        }
        (Truth::View { lowest, highest, .. }, Answer::Leaves { axis, index, address, remedy }) => {
            check_index(request, axis, index.as_slice(), address)?;
            let expected = if address < 0 {
                Remedy::Offset(offset as i128 - lowest)
            } else {
                Remedy::Len((lowest >= 0).then_some(highest + item as i128))
            };
            if remedy == expected { Ok(()) } else { Err(Wrong::Witness("remedy")) }
        }
        _ => Err(Wrong::Witness("reason")),
    }
}

/// Checks that a witness is what the documentation of `strideproof::Witness` says.
fn check_index(
    request: &Request<'_>,
    axis: Option<usize>,
    index: &[usize],
    claimed: i128,
) -> Result<(), Wrong> {
    let &Request { shape, strides, offset, len, item, .. } = request;
    if index.len() != shape.len() || index.iter().zip(shape).any(|(i, extent)| i >= extent) {
        return Err(Wrong::Witness("index is not valid"));
    }
    if address(strides, offset, index) != claimed {
        return Err(Wrong::Witness("address is not the index's"));
    }
    let inside = |address: i128| address >= 0 && address + item as i128 <= len as i128;
    if inside(claimed) {
        return Err(Wrong::Witness("index does not leave"));
    }
    let prefix_fits =
        |axes: usize| Truth::by_corners(&shape[..axes], &strides[..axes], offset).fits(len, item);
    let Some(axis) = axis else {
        // The origin itself is out of range.
        return match prefix_fits(0) || index.iter().any(|&i| i != 0) {
            true => Err(Wrong::Witness("an axis is to blame")),
            false => Ok(()),
        };
    };
    if axis >= shape.len() || !prefix_fits(axis) || prefix_fits(axis + 1) {
        return Err(Wrong::Witness("axis is not the first that leaves"));
    }
    let down = claimed < 0;
    for (k, (&i, (&extent, &stride))) in index.iter().zip(shape.iter().zip(strides)).enumerate() {
        let expected = if k < axis && (stride < 0) == down { extent - 1 } else { 0 };
        if k != axis && i != expected {
            return Err(Wrong::Witness("index is not the documented corner"));
        }
    }
    // One step earlier on that axis is still inside.
    if index[axis] == 0 || !inside(claimed - strides[axis] as i128) {
        return Err(Wrong::Witness("index is not the first that leaves"));
    }
    Ok(())
}

/// Two index tuples whose items share a unit when each item takes `item` units at its address, by
/// comparing all pairs' addresses in sorted order; `None` when there are none.
#[must_use]
pub fn colliding_pair(shape: &[usize], strides: &[isize], item: usize) -> Option<(Tuple, Tuple)> {
    let mut all = Vec::new();
    for_each_index(shape, |index| all.push((address(strides, 0, index), Tuple::new(index))));
    all.sort_by_key(|&(address, _)| address);
    let collide = |pair: &&[(i128, Tuple)]| pair[1].0 - pair[0].0 < item as i128;
    all.windows(2).find(collide).map(|pair| (pair[0].1, pair[1].1))
}

/// Checks a pair that a checker claims to collide.
#[must_use]
pub fn is_collision(
    shape: &[usize],
    strides: &[isize],
    item: usize,
    first: &[usize],
    second: &[usize],
) -> bool {
    let valid = |index: &[usize]| {
        index.len() == shape.len() && index.iter().zip(shape).all(|(i, extent)| i < extent)
    };
    let steps = first.iter().zip(second).map(|(&i, &j)| i as i128 - j as i128);
    valid(first)
        && valid(second)
        && first != second
        && exact_sum(steps.zip(strides)).is_some_and(|apart| apart.abs() < item as i128)
}

/// `Σ steps_k · stride_k` of steps below 2^64, whatever their number: one product nearly fills an
/// `i128`, and several do not fit. `None` for sums of 2^120 or more, which nothing is near.
pub(crate) fn exact_sum<'a>(terms: impl Iterator<Item = (i128, &'a isize)>) -> Option<i128> {
    // By the halves of the strides: the upper one has the sign.
    let (mut upper, mut lower) = (0i128, 0i128);
    for (steps, &stride) in terms {
        upper += steps * (stride >> 32) as i128;
        lower += steps * (stride & 0xffff_ffff) as i128;
    }
    let upper = upper + (lower >> 32);
    (upper.abs() < 1 << 88).then(|| (upper << 32) + (lower & 0xffff_ffff))
}

#[cfg(test)]
mod tests {
    use super::exact_sum;

    #[test]
    fn sums_of_products_that_fill_an_i128_are_exact() {
        let sum = |terms: &[(i128, isize)]| {
            exact_sum(terms.iter().map(|(steps, stride)| (*steps, stride)))
        };
        assert_eq!(sum(&[]), Some(0));
        assert_eq!(sum(&[(3, -7), (-2, 5), (1 << 40, 1 << 40)]), Some((1 << 80) - 31));
        let far = i128::from(u64::MAX);
        assert_eq!(sum(&[(far, isize::MIN); 300]), None);
        assert_eq!(sum(&[(far, isize::MIN), (far, isize::MAX)]), Some(-far));
        let there_and_back =
            [(far, isize::MIN), (far, isize::MIN), (-far, isize::MIN), (1, -9), (-far, isize::MIN)];
        assert_eq!(sum(&there_and_back), Some(-9));
    }
}
