//! Operations as values, for programs that read them from a text or draw them at random.

use alloc::vec::Vec;

use super::select::Selection;
use super::slice::{Piece, Slice};
use crate::error::{Error, widen_signed};
use crate::layout::Layout;
use crate::rank::Dyn;
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
    /// An axis, the size of the windows along it, and how far apart they are.
    AxisWindows(isize, usize, usize),
    /// The axes in the order of memory, none walked backwards.
    InMemoryOrder,
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

const BACKWARDS: Slice = Slice::FULL.step(-1);

/// A number that may count from the end of `count` things.
fn resolve(number: isize, count: usize) -> Option<usize> {
    let distance = number.unsigned_abs();
    let resolved = if number < 0 { count.checked_sub(distance)? } else { distance };
    (resolved < count).then_some(resolved)
}

fn axis(number: isize, rank: usize) -> Result<usize, Error> {
    resolve(number, rank).ok_or(Error::BadAxis { axis: widen_signed(number), rank })
}

impl Layout<Dyn> {
    fn cutting(&self, cuts: &[Cut]) -> Result<Selection<Dyn, Dyn>, Error> {
        let rank = self.rank();
        if cuts.len() > rank {
            return Err(Error::bad_axis(rank, rank));
        }
        self.taking(|axis| match cuts.get(axis) {
            None => Piece::default(),
            Some(&Cut::Range(slice)) => Piece::Range(slice),
            Some(&Cut::At(position)) => Piece::At(widen_signed(position)),
        })
    }

    /// Walks these axes backwards; all of them when none is named.
    fn reversing_each(&self, axes: &[isize]) -> Result<Selection<Dyn, Dyn>, Error> {
        let rank = self.rank();
        let all = if axes.is_empty() { rank } else { 0 };
        let mut slices = alloc::vec![Slice::FULL; rank];
        slices.iter_mut().take(all).for_each(|slice| *slice = BACKWARDS);
        for &number in axes {
            let axis = axis(number, rank)?;
            let slice = slices.get_mut(axis).filter(|slice| **slice != BACKWARDS);
            *slice.ok_or(Error::RepeatedAxis { axis })? = BACKWARDS;
        }
        self.slicing(&slices)
    }
}

impl Layout<Dyn> {
    /// What an operation takes of this layout. A reshape, which is no selection, takes all.
    fn selecting(&self, operation: &Operation) -> Result<Selection<Dyn, Dyn>, Error> {
        let rank = self.rank();
        match operation {
            Operation::Slice(cuts) => self.cutting(cuts),
            Operation::Transpose => self.transposing(),
            Operation::Permute(axes) => {
                let axes = axes.iter().map(|&number| axis(number, rank));
                self.permuting(axes.collect::<Result<Vec<usize>, Error>>()?)
            }
            &Operation::SwapAxes(one, other) => self.swapping(axis(one, rank)?, axis(other, rank)?),
            Operation::Reverse(axes) => self.reversing_each(axes),
            &Operation::IndexAxis(number, position) => {
                let axis = axis(number, rank)?;
                self.indexing(axis, self.position(axis, widen_signed(position))?)
            }
            &Operation::InsertAxis(number) => self.inserting(axis(number, rank.saturating_add(1))?),
            &Operation::Squeeze(Some(number)) => self.squeezing(axis(number, rank)?),
            Operation::Squeeze(None) => {
                let walks = self.walks_of::<Dyn>(|_, size| size != 1, 0)?;
                Ok(Selection { start: self.first_index(), walks })
            }
            Operation::BroadcastTo(shape) => self.broadcasting_to(shape),
            Operation::Windows(window, Some(steps)) => self.windowing_by(window, steps),
            Operation::Windows(window, None) => self.windowing(window),
            &Operation::AxisWindows(number, window, step) => {
                self.windowing_axis(axis(number, rank)?, window, step)
            }
            Operation::InMemoryOrder => self.ordering(),
            &Operation::Diagonal(offset, rows, columns) => {
                self.diagonal_over(offset, axis(rows, rank)?, axis(columns, rank)?)
            }
            Operation::Reshape(_) => self.whole(),
        }
    }

    /// Carries out an operation, on the numbers alone.
    ///
    /// # Errors
    /// Those of the operation.
    pub fn apply(&self, operation: &Operation) -> Result<Self, Error> {
        match operation {
            Operation::Reshape(shape) => self.try_reshape_inferred(&shape[..]),
            _ => self.select(&self.selecting(operation)?),
        }
    }
}

impl<B: Buffer<T>, T, U: ViewUnit> View<B, T, Dyn, U> {
    /// Carries out an operation. A broadcast of a mutable view is refused if it repeats elements.
    ///
    /// # Errors
    /// Those of the operation, and [`Aliased`](Error::Aliased) for a mutable view.
    pub fn apply(self, operation: &Operation) -> Result<Self, Error> {
        match operation {
            Operation::Reshape(shape) => self.try_reshape_inferred(&shape[..]),
            _ => {
                let selection = self.selecting(operation)?;
                self.select(&selection)
            }
        }
    }
}
