//! Operations as values, for programs that read them from a text or draw them at random.

use alloc::vec::Vec;

use super::select::{Selection, Walk};
use super::slice::Slice;
use crate::error::{Error, Index, signed, widen};
use crate::layout::Layout;
use crate::rank::{Dyn, list};
use crate::view::{Buffer, View, ViewUnit};

/// One operation with its arguments, by NumPy's conventions: negative axes and positions count from
/// the end.
///
/// [`Layout::apply`] and [`View::apply`] carry it out.
///
/// ```
/// use strideproof::LayoutDyn;
/// use strideproof::ops::Operation;
/// let layout = LayoutDyn::row_major(&[2, 3, 4])?;
/// let moved = layout.apply(&Operation::Permute(vec![-1, 0, 1]))?;
/// assert_eq!(moved.shape(), &[4, 2, 3]);
/// # Ok::<(), strideproof::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// NumPy's `x[…]`: one entry for each of the first axes; the others are taken whole.
    Slice(Vec<Cut>),
    /// The axes in reverse order.
    Transpose,
    /// The axes in the order given.
    Permute(Vec<isize>),
    /// Two axes exchanged.
    SwapAxes(isize, isize),
    /// These axes walked backwards; all of them when none is named.
    Reverse(Vec<isize>),
    /// An axis and the position on it.
    IndexAxis(isize, isize),
    /// A new axis of size 1, at this number in the result.
    InsertAxis(isize),
    /// This axis, of size 1, taken out; all axes of size 1 when none is named.
    Squeeze(Option<isize>),
    /// The shape to repeat to.
    BroadcastTo(Vec<usize>),
    /// The window's size on each axis, and its steps unless all are 1.
    Windows(Vec<usize>, Option<Vec<usize>>),
    /// The diagonal's offset, its rows' axis and its columns' axis.
    Diagonal(isize, isize, isize),
    /// The new shape; at most one size may be `None`, and follows from the others.
    Reshape(Vec<Option<usize>>),
}

/// What a slice does to one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// `start:end:step`.
    Range(Slice),
    /// One position; the axis goes.
    At(isize),
}

/// A number that may count from the end of `count` things.
fn resolve(number: isize, count: usize) -> Option<usize> {
    let distance = number.unsigned_abs();
    let resolved = if number < 0 { count.checked_sub(distance)? } else { distance };
    (resolved < count).then_some(resolved)
}

fn axis(number: isize, rank: usize) -> Result<usize, Error> {
    resolve(number, rank).ok_or(Error::BadAxis { axis: wide(number), rank })
}

fn wide(number: isize) -> i128 {
    let magnitude = signed(widen(number.unsigned_abs()));
    if number < 0 { magnitude.saturating_neg() } else { magnitude }
}

impl Layout<Dyn> {
    fn position(&self, number: isize, axis: usize) -> Result<usize, Error> {
        let size = self.size_of(axis)?;
        resolve(number, size).ok_or(Error::BadIndex { axis, index: wide(number), size })
    }

    /// One selection for slices and positions together: its cost grows with the rank alone.
    fn cutting(&self, cuts: &[Cut]) -> Result<Selection<Dyn, Dyn>, Error> {
        let rank = self.rank();
        if cuts.len() > rank {
            return Err(Error::WrongRank { rank: cuts.len(), needed: rank });
        }
        let mut slices = alloc::vec![Slice::FULL; rank];
        for (slice, cut) in slices.iter_mut().zip(cuts) {
            if let Cut::Range(range) = cut {
                *slice = *range;
            }
        }
        let mut selection = self.slicing(slices)?;
        for ((axis, cut), start) in cuts.iter().enumerate().zip(selection.start.as_mut()) {
            if let Cut::At(number) = *cut {
                *start = self.position(number, axis)?;
            }
        }
        let is_kept = |axis| !matches!(cuts.get(axis), Some(Cut::At(_)));
        let walks = selection.walks().iter().enumerate().filter(|&(axis, _)| is_kept(axis));
        let walks: Vec<Walk> = walks.map(|(_, &walk)| walk).collect();
        selection.walks = list::<Dyn, _>(&walks)?;
        Ok(selection)
    }

    /// Takes out all axes of size 1.
    fn squeezing_all(&self) -> Result<Selection<Dyn, Dyn>, Error> {
        let walks = self.walks_of::<Dyn>(|_, size| size != 1, 0)?;
        Ok(Selection { start: self.first_index(), walks })
    }

    /// Walks all axes backwards.
    fn reversing_all(&self) -> Result<Selection<Dyn, Dyn>, Error> {
        self.slicing(alloc::vec![Slice::FULL.step(-1); self.rank()])
    }

    /// The new shape with the size that follows from the others.
    fn closed(&self, shape: &[Option<usize>]) -> Result<Vec<usize>, Error> {
        let Some(inferred) = shape.iter().position(Option::is_none) else {
            return Ok(shape.iter().flatten().copied().collect());
        };
        let known =
            shape.iter().flatten().try_fold(1usize, |product, &size| product.checked_mul(size));
        let count = self.len();
        let open = known
            .filter(|&known| count.checked_rem(known) == Some(0))
            .and_then(|known| count.checked_div(known));
        let sizes: Vec<usize> =
            shape.iter().map(|size| size.unwrap_or(open.unwrap_or(0))).collect();
        match open {
            Some(_) => Ok(sizes),
            None => Err(Error::CountMismatch {
                from: Index::new(self.sizes()),
                to: Index::new(&sizes),
                inferred: Some(inferred),
            }),
        }
    }
}

/// One body for layouts, whose operations take `&self`, and views, whose operations take `self`.
macro_rules! apply {
    ($start:ident, $operation:ident) => {{
        let mut result = $start;
        let rank = result.rank();
        match $operation {
            Operation::Slice(cuts) => {
                let selection = result.cutting(cuts)?;
                result = result.select(&selection)?;
            }
            Operation::Transpose => result = result.try_t()?,
            Operation::Permute(axes) => {
                let axes: Result<Vec<usize>, Error> =
                    axes.iter().map(|&number| axis(number, rank)).collect();
                result = result.try_permute(axes?)?;
            }
            &Operation::SwapAxes(one, other) => {
                result = result.try_swap_axes(axis(one, rank)?, axis(other, rank)?)?;
            }
            Operation::Reverse(axes) if axes.is_empty() => {
                let selection = result.reversing_all()?;
                result = result.select(&selection)?;
            }
            Operation::Reverse(axes) => {
                for (place, &number) in axes.iter().enumerate() {
                    let axis = axis(number, rank)?;
                    if axes.iter().take(place).any(|&other| resolve(other, rank) == Some(axis)) {
                        return Err(Error::RepeatedAxis { axis });
                    }
                    result = result.try_reverse(axis)?;
                }
            }
            &Operation::IndexAxis(number, position) => {
                let axis = axis(number, rank)?;
                let position = result.position(position, axis)?;
                result = result.try_index_axis(axis, position)?;
            }
            &Operation::InsertAxis(number) => {
                result = result.try_insert_axis(axis(number, rank.saturating_add(1))?)?;
            }
            &Operation::Squeeze(Some(number)) => {
                result = result.try_squeeze(axis(number, rank)?)?
            }
            Operation::Squeeze(None) => {
                let selection = result.squeezing_all()?;
                result = result.select(&selection)?;
            }
            Operation::BroadcastTo(shape) => {
                let selection = result.broadcasting_to(shape)?;
                result = result.select(&selection)?;
            }
            Operation::Windows(window, Some(steps)) => {
                result = result.try_windows_by(window, steps)?;
            }
            Operation::Windows(window, None) => result = result.try_windows(window)?,
            &Operation::Diagonal(offset, rows, columns) => {
                result = result.try_diagonal_of(offset, axis(rows, rank)?, axis(columns, rank)?)?;
            }
            Operation::Reshape(shape) => {
                let shape = result.closed(shape)?;
                result = result.try_reshape(shape)?;
            }
        }
        Ok(result)
    }};
}

impl Layout<Dyn> {
    /// Carries out an operation, on the numbers alone.
    ///
    /// # Errors
    /// Those of the operation.
    pub fn apply(&self, operation: &Operation) -> Result<Self, Error> {
        let start = self.clone();
        apply!(start, operation)
    }
}

impl<B: Buffer<T>, T, U: ViewUnit> View<B, T, Dyn, U> {
    /// Carries out an operation. A broadcast of a mutable view is refused if it repeats elements.
    ///
    /// # Errors
    /// Those of the operation, and [`Aliased`](Error::Aliased) for a mutable view.
    pub fn apply(self, operation: &Operation) -> Result<Self, Error> {
        apply!(self, operation)
    }
}
