//! Slices: start, end and step per axis, with NumPy's meaning of negative numbers.

use core::ops::{Range, RangeFrom, RangeFull, RangeTo};

use super::derived;
use super::select::{Along, Selection, Walk};
use crate::error::{Error, signed, widen, widen_signed};
use crate::layout::Layout;
use crate::rank::{PerAxis, Rank};

/// Chooses elements of one axis: Python's `start:end:step`.
///
/// Negative positions count from the end of the axis, positions beyond either end are clamped to
/// it, and a slice that selects nothing is an empty axis, not an error. With a negative step the
/// walk goes from `start` down to, and without, `end`, as in Python: `7:1:-2` is `7, 5, 3`. (Other
/// Rust crates reverse what `1..7` selects.)
///
/// Ranges turn into slices, inclusive ones excepted: `..=-1` would have no clear meaning.
/// [`s!`](crate::s) writes one slice for each axis.
///
/// ```
/// use strideproof::{Slice, StridedView};
/// let x: Vec<i64> = (0..10).collect();
/// let x = StridedView::from_slice(&x)?;
/// let rows = |slice: Slice| x.slice([slice]).to_vec();
/// assert_eq!(rows(Slice::from(2..)), [2, 3, 4, 5, 6, 7, 8, 9]);
/// assert_eq!(rows(Slice::from(-3..)), [7, 8, 9]);
/// assert_eq!(rows(Slice::from(7..1).step(-2)), [7, 5, 3]);
/// assert_eq!(rows(Slice::from(..).step(-4)), [9, 5, 1]);
/// assert_eq!(rows(Slice::from(5..3)), []);
/// # Ok::<(), strideproof::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slice {
    /// As in Python: negative positions count from the end, and -1 is the last element.
    start: Option<i128>,
    end: Option<i128>,
    step: isize,
}

/// What a slice selects on an axis of a known size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Selected {
    /// The first element; 0 when there is none.
    pub(crate) first: usize,
    pub(crate) count: usize,
}

impl Slice {
    /// The whole axis: Python's `:`.
    pub const FULL: Self = Self { start: None, end: None, step: 1 };

    /// Python's `start:end:step`, with `None` for what is left out there.
    #[must_use]
    pub fn new(start: Option<isize>, end: Option<isize>, step: isize) -> Self {
        Self { start: start.map(widen_signed), end: end.map(widen_signed), step }
    }

    /// The same slice with another step; negative steps walk from the start down to the end.
    #[must_use]
    pub const fn step(self, step: isize) -> Self {
        Self { step, ..self }
    }

    /// Which elements of an axis of `size` elements are selected; `None` for a step of 0.
    ///
    /// Positions are taken as boundaries between elements, 0 to `size`. Walking up, `start` is
    /// the boundary before the first element. Walking down, it is the boundary after it, one more
    /// than its position, and `end` the boundary after the element that is no longer taken.
    pub(crate) fn resolve(self, size: usize) -> Option<Selected> {
        let downwards = self.step < 0;
        let boundary = |position: i128| {
            let end = signed(widen(size));
            let from_start = if position < 0 { position.saturating_add(end) } else { position };
            let boundary = from_start.saturating_add(i128::from(downwards)).clamp(0, end);
            usize::try_from(boundary).unwrap_or(size)
        };
        let (first, last) = if downwards { (size, 0) } else { (0, size) };
        let start = self.start.map_or(first, boundary);
        let end = self.end.map_or(last, boundary);
        let span = if downwards { start.checked_sub(end) } else { end.checked_sub(start) };
        let Some(rest) = span.unwrap_or(0).checked_sub(1) else {
            return (self.step != 0).then_some(Selected { first: 0, count: 0 });
        };
        let count = rest.checked_div(self.step.unsigned_abs())?.saturating_add(1);
        let first = if downwards { start.saturating_sub(1) } else { start };
        Some(Selected { first, count })
    }
}

impl Default for Slice {
    fn default() -> Self {
        Self::FULL
    }
}

impl From<RangeFull> for Slice {
    fn from(_: RangeFull) -> Self {
        Self::FULL
    }
}

/// Three integer types, so that bare literals, which may be negative, and sizes both work.
macro_rules! ranges {
    (@one $range:ident, $start:expr, $end:expr, $type:ty) => {
        impl From<$type> for Slice {
            fn from($range: $type) -> Self {
                Self { start: $start, end: $end, step: 1 }
            }
        }
    };
    ($($integer:ty, $position:expr;)*) => {
        $(
            ranges!(@one r, Some($position(r.start)), Some($position(r.end)), Range<$integer>);
            ranges!(@one r, Some($position(r.start)), None, RangeFrom<$integer>);
            ranges!(@one r, None, Some($position(r.end)), RangeTo<$integer>);
        )*
    };
}

ranges! {
    isize, widen_signed;
    usize, |position| signed(widen(position));
    i32, i128::from;
}

/// Writes a [`Slice`] for each axis: `s![1.., ..;2, ..;-1]` is NumPy's `[1:, ::2, ::-1]`.
///
/// Each item is a range, and after a semicolon its step.
///
/// ```
/// use strideproof::{s, as_strided};
/// let x: Vec<i64> = (0..16).collect();
/// let x = as_strided(&x, [4, 4], None, 0)?;
/// assert_eq!(x.slice(s![1..3, ..;-2]).to_string(), "[[ 7  5]\n [11  9]]");
/// # Ok::<(), strideproof::Error>(())
/// ```
#[macro_export]
macro_rules! s {
    ($($range:expr $(; $step:expr)?),* $(,)?) => {
        [$($crate::Slice::from($range)$(.step($step))?),*]
    };
}

impl<D: Rank> Layout<D> {
    pub(super) fn slicing(
        &self,
        slices: impl PerAxis<Slice, Rank = D>,
    ) -> Result<Selection<D, D>, Error> {
        let (slices, rank) = (slices.values(), self.rank());
        if slices.len() != rank {
            return Err(Error::WrongRank { rank: slices.len(), needed: rank });
        }
        let mut selection = self.whole()?;
        for (axis, &slice) in slices.iter().enumerate() {
            self.cut(&mut selection, axis, slice)?;
        }
        Ok(selection)
    }

    pub(crate) fn slicing_axis(&self, axis: usize, slice: Slice) -> Result<Selection<D, D>, Error> {
        let mut selection = self.whole()?;
        self.cut(&mut selection, axis, slice)?;
        Ok(selection)
    }

    fn reversing(&self, axis: usize) -> Result<Selection<D, D>, Error> {
        self.slicing_axis(axis, Slice::FULL.step(-1))
    }

    /// Replaces one axis of a selection by what a slice takes of it. An axis that the slice leaves
    /// empty keeps its start and step, as in NumPy.
    fn cut(&self, selection: &mut Selection<D, D>, axis: usize, slice: Slice) -> Result<(), Error> {
        let Selected { first, count } =
            slice.resolve(self.size_of(axis)?).ok_or(Error::ZeroStep { axis })?;
        let step = if count == 0 { 1 } else { slice.step };
        if let (Some(start), Some(walk)) =
            (selection.start.as_mut().get_mut(axis), selection.walks.as_mut().get_mut(axis))
        {
            *start = first;
            *walk = Walk { size: count, step, along: Along::One(axis) };
        }
        Ok(())
    }
}

derived! {
    /// Takes every so-many-th element between two positions of each axis: NumPy's
    /// `x[start:end:step, …]`.
    ///
    /// One [`Slice`] for each axis, most easily written with [`s!`](crate::s).
    ///
    /// ```
    /// use strideproof::{s, as_strided};
    /// let x = vec![0u8; 1000];
    /// let x = as_strided(&x, [10, 10, 10], None, 0)?;
    /// let sliced = x.slice(s![..;2, ..;3, ..;4]);
    /// assert_eq!((sliced.shape(), sliced.strides()), (&[5, 4, 3], &[200, 30, 4]));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn slice(slices: impl PerAxis<Slice, Rank = D>) -> D,
    try_slice by slicing or ZeroStep DoesNotFit WrongRank
}

derived! {
    /// Takes every so-many-th element between two positions of one axis, and all of the others.
    ///
    /// ```
    /// use strideproof::{Slice, as_strided};
    /// let x: Vec<i64> = (0..12).collect();
    /// let x = as_strided(&x, [3, 4], None, 0)?;
    /// assert_eq!(x.slice_axis(1, Slice::from(1..3)).to_string(), "[[ 1  2]\n [ 5  6]\n [ 9 10]]");
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn slice_axis(axis: usize, slice: Slice) -> D,
    try_slice_axis by slicing_axis or BadAxis ZeroStep DoesNotFit
}

derived! {
    /// Walks one axis backwards: NumPy's `flip(x, axis)`, and `x[::-1]` for axis 0.
    ///
    /// ```
    /// use strideproof::StridedView;
    /// let x = [0i32, 1, 2];
    /// let x = StridedView::from_slice(&x)?.reverse(0);
    /// assert_eq!((x.to_vec(), x.strides(), x.offset()), (vec![2, 1, 0], &[-1], 2));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn reverse(axis: usize) -> D, try_reverse by reversing or BadAxis DoesNotFit
}
