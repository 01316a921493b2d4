//! Slices: start, end and step per axis, with NumPy's meaning of negative numbers.

use core::marker::PhantomData;
use core::ops::{Range, RangeFrom, RangeFull, RangeTo};

use super::select::{Along, Selection, Walk};
use super::{derived, plain};
use crate::error::{Error, accept, signed, widen, widen_signed};
use crate::layout::Layout;
use crate::rank::{Const, Dyn, Grow, PerAxis, Rank, slice};
use crate::view::{Buffer, View, ViewUnit};

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

/// An integer that names a position on an axis: `isize`, `usize` and `i32`, so that bare literals,
/// which may be negative, and sizes both work.
pub trait Position: Copy {
    /// The same position in a type that holds all of them.
    fn widened(self) -> i128;
}

impl Position for isize {
    fn widened(self) -> i128 {
        widen_signed(self)
    }
}

impl Position for usize {
    fn widened(self) -> i128 {
        signed(widen(self))
    }
}

impl Position for i32 {
    fn widened(self) -> i128 {
        self.into()
    }
}

impl From<RangeFull> for Slice {
    fn from(_: RangeFull) -> Self {
        Self::FULL
    }
}

impl<P: Position> From<Range<P>> for Slice {
    fn from(range: Range<P>) -> Self {
        Self { start: Some(range.start.widened()), end: Some(range.end.widened()), step: 1 }
    }
}

impl<P: Position> From<RangeFrom<P>> for Slice {
    fn from(range: RangeFrom<P>) -> Self {
        Self { start: Some(range.start.widened()), end: None, step: 1 }
    }
}

impl<P: Position> From<RangeTo<P>> for Slice {
    fn from(range: RangeTo<P>) -> Self {
        Self { start: None, end: Some(range.end.widened()), step: 1 }
    }
}

/// What is taken of one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A slice of it.
    Range(Slice),
    /// One position; the axis goes. Negative positions count from the end.
    At(i128),
}

impl Default for Piece {
    fn default() -> Self {
        Self::Range(Slice::FULL)
    }
}

/// Takes a piece of one axis of a view: a range or a [`Slice`], which keeps the axis, or a position,
/// which takes it out. `E` is the rank so far.
pub trait PieceArg<E: Rank> {
    /// The rank with this axis.
    type Rank: Rank;

    /// The piece.
    fn piece(self) -> Piece;
}

impl<E: Rank, P: Position> PieceArg<E> for P {
    type Rank = E;

    fn piece(self) -> Piece {
        Piece::At(self.widened())
    }
}

macro_rules! ranges {
    ($([$($generic:tt)*] $range:ty;)*) => {
        $(
            impl<E: Grow $($generic)*> PieceArg<E> for $range {
                type Rank = E::Larger;

                fn piece(self) -> Piece {
                    Piece::Range(self.into())
                }
            }
        )*
    };
}

ranges! {
    [] Slice;
    [] RangeFull;
    [, P: Position] Range<P>;
    [, P: Position] RangeFrom<P>;
    [, P: Position] RangeTo<P>;
}

/// A piece of each axis of a view of rank `D`, which together are a view of rank `E`: what
/// [`s!`](crate::s) writes.
#[derive(Clone)]
pub struct Pieces<D: Rank, E: Rank> {
    pieces: D::List<Piece>,
    rank: PhantomData<E>,
}

impl Pieces<Const<0>, Const<0>> {
    /// No axes yet.
    pub const NONE: Self = Self { pieces: [], rank: PhantomData };
}

impl<D: Grow, E: Rank> Pieces<D, E> {
    /// The same, and a piece of one more axis.
    pub fn and<P: PieceArg<E>>(self, piece: P) -> Pieces<D::Larger, P::Rank> {
        let before = slice::<D, _>(&self.pieces);
        // Never refused: a list of constant rank.
        let mut pieces = accept(D::Larger::filled(before.len().saturating_add(1), piece.piece()));
        for (piece, &before) in pieces.as_mut().iter_mut().zip(before) {
            *piece = before;
        }
        Pieces { pieces, rank: PhantomData }
    }
}

/// Gives a piece of each axis of a view of rank `D`: what [`s!`](crate::s) writes, or a list of
/// [`Slice`]s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not give one slice for each axis",
    note = "write `s![1.., ..;2, 3]` for a view of constant rank, `&s![1.., ..;2, 3]` for one of run-time rank"
)]
pub trait SliceArg<D: Rank> {
    /// The rank of the pieces together.
    type Rank: Rank;

    /// How many pieces there are.
    fn count(&self) -> usize;

    /// The piece of an axis.
    fn piece(&self, axis: usize) -> Option<Piece>;
}

impl<D: Rank, S: PerAxis<Slice, Rank = D>> SliceArg<D> for S {
    type Rank = D;

    fn count(&self) -> usize {
        self.values().len()
    }

    fn piece(&self, axis: usize) -> Option<Piece> {
        self.values().get(axis).copied().map(Piece::Range)
    }
}

/// What views of each kind of rank take.
macro_rules! pieces {
    ($($pieces:ty, $from:ty, $to:ty;)*) => {
        $(
            impl<E: Rank, const N: usize> SliceArg<$from> for $pieces {
                type Rank = $to;

                fn count(&self) -> usize {
                    N
                }

                fn piece(&self, axis: usize) -> Option<Piece> {
                    self.pieces.get(axis).copied()
                }
            }
        )*
    };
}

pieces! {
    Pieces<Const<N>, E>, Const<N>, E;
    Pieces<Const<N>, E>, Dyn, Dyn;
    &Pieces<Const<N>, E>, Dyn, Dyn;
}

/// Writes a piece of each axis: `s![1.., ..;2, ..;-1, 0]` is NumPy's `[1:, ::2, ::-1, 0]`.
///
/// Each item is a range, after a semicolon its step, or a position. A position takes its axis out of
/// the result, whose rank is known when the program is compiled.
///
/// ```
/// use strideproof::{s, as_strided};
/// let x: Vec<i64> = (0..16).collect();
/// let x = as_strided(&x, [4, 4], None, 0)?;
/// assert_eq!(x.slice(s![1..3, ..;-2]).to_string(), "[[ 7  5]\n [11  9]]");
/// assert_eq!(x.slice(s![-1, 1..]).shape(), &[3]);
/// # Ok::<(), strideproof::Error>(())
/// ```
#[macro_export]
macro_rules! s {
    ($($piece:expr $(; $step:expr)?),* $(,)?) => {
        $crate::ops::Pieces::NONE$(.and({
            let piece = $piece;
            $(let piece = $crate::Slice::from(piece).step($step);)?
            piece
        }))*
    };
}

impl<D: Rank> Layout<D> {
    pub(super) fn slicing<S: SliceArg<D>>(
        &self,
        slices: &S,
    ) -> Result<Selection<D, S::Rank>, Error> {
        let (count, rank) = (slices.count(), self.rank());
        if count != rank {
            return Err(Error::WrongRank { rank: count, needed: rank });
        }
        self.taking(|axis| slices.piece(axis).unwrap_or_default())
    }

    /// One selection for slices and positions together: its cost grows with the rank alone.
    pub(super) fn taking<E: Rank>(
        &self,
        piece: impl Fn(usize) -> Piece,
    ) -> Result<Selection<D, E>, Error> {
        let mut selection = self.whole()?;
        let mut kept = D::filled(self.rank(), true)?;
        for (axis, kept) in kept.as_mut().iter_mut().enumerate() {
            match piece(axis) {
                Piece::Range(slice) => self.cut(&mut selection, axis, slice)?,
                Piece::At(position) => {
                    *kept = false;
                    if let Some(start) = selection.start.as_mut().get_mut(axis) {
                        *start = self.position(axis, position)?;
                    }
                }
            }
        }
        let kept = slice::<D, _>(&kept);
        let walks = || selection.walks().iter().zip(kept).filter(|(_, kept)| **kept);
        let mut taken = E::filled(walks().count(), Walk::repeat(1))?;
        for (taken, (walk, _)) in taken.as_mut().iter_mut().zip(walks()) {
            *taken = *walk;
        }
        Ok(Selection { start: selection.start, walks: taken })
    }

    /// A position on an axis that may count from its end.
    pub(super) fn position(&self, axis: usize, index: i128) -> Result<usize, Error> {
        let size = self.size_of(axis)?;
        let from_start = if index < 0 { index.saturating_add(signed(widen(size))) } else { index };
        let position = usize::try_from(from_start).ok().filter(|&position| position < size);
        position.ok_or(Error::BadIndex { axis, index, size })
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

impl<D: Rank> Layout<D> {
    /// As [`View::slice`], on the numbers alone.
    ///
    /// # Errors
    /// - [`ZeroStep`](Error::ZeroStep)
    /// - [`BadIndex`](Error::BadIndex)
    /// - [`DoesNotFit`](Error::DoesNotFit)
    /// - [`WrongRank`](Error::WrongRank)
    pub fn try_slice<S: SliceArg<D>>(&self, slices: S) -> Result<Layout<S::Rank>, Error> {
        self.select(&self.slicing(&slices)?)
    }
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> View<B, T, D, U> {
    plain! {
        /// Takes every so-many-th element between two positions of each axis: NumPy's
        /// `x[start:end:step, …]`. An axis of which one position is taken goes.
        ///
        /// A piece of each axis, most easily written with [`s!`](crate::s), or one [`Slice`] each.
        ///
        /// ```
        /// use strideproof::{s, as_strided};
        /// let x = vec![0u8; 1000];
        /// let x = as_strided(&x, [10, 10, 10], None, 0)?;
        /// let sliced = x.slice(s![..;2, ..;3, ..;4]);
        /// assert_eq!((sliced.shape(), sliced.strides()), (&[5, 4, 3], &[200, 30, 4]));
        /// let picked = x.slice(s![1, 2..4, -1]);
        /// assert_eq!((picked.shape(), picked.strides(), picked.offset()), (&[2], &[10], 129));
        /// # Ok::<(), strideproof::Error>(())
        /// ```
        #[must_use]
        fn slice [S: SliceArg<D>] ([self] slices: S) -> View<B, T, S::Rank, U>, by self.try_slice
    }

    /// As [`slice`](Self::slice), returning the error.
    ///
    /// # Errors
    /// Those of [`Layout::try_slice`].
    pub fn try_slice<S: SliceArg<D>>(self, slices: S) -> Result<View<B, T, S::Rank, U>, Error> {
        let selection = self.slicing(&slices)?;
        self.select(&selection)
    }
}

impl<'a, T, D: Rank, U: ViewUnit> View<&'a mut [T], T, D, U> {
    plain! {
        /// Takes several parts of a view, to write to all of them at the same time: ndarray's
        /// `multi_slice_mut`.
        ///
        /// Whether two parts have an element in common is decided exactly, and the refusal names it.
        /// The parts are written alike: in each the same axes are taken out, if any.
        ///
        /// ```
        /// use strideproof::{StridedViewMut, s};
        /// let mut x = [0; 8];
        /// let x = StridedViewMut::from_slice(&mut x)?;
        /// let [mut even, mut odd] = x.multi_slice_mut([s![..;2], s![1..;2]]);
        /// for (i, (even, odd)) in even.iter_mut().zip(&mut odd).enumerate() {
        ///     (*even, *odd) = (i, i + 100);
        /// }
        ///
        /// let mut x = [0; 8];
        /// let x = StridedViewMut::from_slice(&mut x)?;
        /// let error = x.try_multi_slice_mut([s![..;2], s![1..;3]]).unwrap_err();
        /// assert_eq!(error.to_string(), "parts 0 and 1 of a mutable view both have its index [4]");
        /// # Ok::<(), strideproof::Error>(())
        /// ```
        #[must_use]
        fn multi_slice_mut [S: SliceArg<D>, const K: usize] ([self] parts: [S; K])
        -> [View<&'a mut [T], T, S::Rank, U>; K], by self.try_multi_slice_mut
    }

    /// As [`multi_slice_mut`](Self::multi_slice_mut), returning the error.
    ///
    /// # Errors
    /// [`PartsOverlap`](Error::PartsOverlap), and those of [`Layout::try_slice`];
    /// [`Undecided`](Error::Undecided) on an axis of more than 2^40 elements.
    #[expect(clippy::type_complexity, reason = "as many views as parts")]
    pub fn try_multi_slice_mut<S: SliceArg<D>, const K: usize>(
        self,
        parts: [S; K],
    ) -> Result<[View<&'a mut [T], T, S::Rank, U>; K], Error> {
        let selections = parts.map(|part| self.slicing(&part));
        if let Some(&error) = selections.iter().find_map(|part| part.as_ref().err()) {
            return Err(error);
        }
        self.select_each(selections.map(accept))
    }
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
