//! What an operation of a chain means, as operations of the oracle's model: axes and positions
//! counted from the end, open sizes, and several at once are written out.

use strideproof::Slice;
use strideproof::ops::{Cut, Operation};
use strideproof_cli::derive::MOST_AXES;
use strideproof_oracle::model::{self, Op, Refusal, View};

/// An operation with its slice bounds kept, because `Slice` does not show them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    Slice(Vec<Selected>),
    /// Anything else.
    Other(Operation),
}

/// `start:end:step` or one position of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selected {
    Range(Option<isize>, Option<isize>, Option<isize>),
    At(isize),
}

/// A number that may count from the end of so many, if there is such a thing.
fn resolve(number: isize, count: usize) -> Option<usize> {
    let number = number as i128;
    let resolved = if number < 0 { number + count as i128 } else { number };
    usize::try_from(resolved).ok().filter(|&resolved| resolved < count)
}

impl Meant {
    /// The same in the library's terms.
    pub(super) fn operation(&self) -> Operation {
        let cut = |cut: &Selected| match *cut {
            Selected::Range(start, end, step) => {
                Cut::Range(Slice::new(start, end, step.unwrap_or(1)))
            }
            Selected::At(at) => Cut::At(at),
        };
        match self {
            Self::Slice(cuts) => Operation::Slice(cuts.iter().map(cut).collect()),
            Self::Other(operation) => operation.clone(),
        }
    }

    /// What it gives on a view.
    ///
    /// # Errors
    /// `None` where there is no such view, whatever the reason; and a view so large that the model
    /// does not find out.
    pub(super) fn apply(&self, view: &View) -> Result<View, Option<Refusal>> {
        let mut view = view.clone();
        for op in self.ops(view.shape()).ok_or(None)? {
            view = view
                .apply(&op)
                .map_err(|refusal| Some(refusal).filter(|r| *r == Refusal::Unknown))?;
        }
        if view.rank() > MOST_AXES { Err(None) } else { Ok(view.listed()) }
    }

    /// The operations one after the other; `None` where an axis or a position does not exist, or
    /// there is no size for an open one.
    fn ops(&self, shape: &[usize]) -> Option<Vec<Op>> {
        let rank = shape.len();
        let axis = |&number: &isize| resolve(number, rank);
        Some(match self {
            Self::Slice(cuts) => {
                let mut full = vec![model::Cut::FULL; rank];
                let mut ops = Vec::new();
                for (axis, cut) in cuts.iter().enumerate() {
                    let slot = full.get_mut(axis)?;
                    match *cut {
                        Selected::At(at) => {
                            ops.push(Op::IndexAxis(axis, resolve(at, shape[axis])?));
                        }
                        Selected::Range(start, end, step) => {
                            *slot = model::Cut { start, end, step: step.unwrap_or(1) };
                        }
                    }
                }
                // From the last axis on, so that the earlier ones keep their numbers.
                ops.push(Op::Slice(full));
                ops.reverse();
                ops
            }
            Self::Other(operation) => match operation {
                Operation::Transpose => vec![Op::Transpose],
                Operation::Permute(axes) => {
                    vec![Op::Permute(axes.iter().map(axis).collect::<Option<_>>()?)]
                }
                Operation::SwapAxes(one, other) => vec![Op::SwapAxes(axis(one)?, axis(other)?)],
                Operation::Reverse(axes) if axes.is_empty() => (0..rank).map(Op::Reverse).collect(),
                Operation::Reverse(axes) => {
                    let axes = axes.iter().map(axis).collect::<Option<Vec<_>>>()?;
                    let twice = axes.iter().enumerate().any(|(at, axis)| axes[..at].contains(axis));
                    if twice {
                        return None;
                    }
                    axes.into_iter().map(Op::Reverse).collect()
                }
                Operation::IndexAxis(number, at) => {
                    let axis = axis(number)?;
                    vec![Op::IndexAxis(axis, resolve(*at, shape[axis])?)]
                }
                Operation::InsertAxis(number) => vec![Op::InsertAxis(resolve(*number, rank + 1)?)],
                Operation::Squeeze(Some(number)) => vec![Op::Squeeze(axis(number)?)],
                Operation::Squeeze(None) => {
                    (0..rank).rev().filter(|&axis| shape[axis] == 1).map(Op::Squeeze).collect()
                }
                Operation::BroadcastTo(shape) => vec![Op::Broadcast(shape.clone())],
                Operation::Windows(window, steps) => {
                    let steps = steps.clone().unwrap_or_else(|| vec![1; window.len()]);
                    vec![Op::Windows { window: window.clone(), steps }]
                }
                Operation::Diagonal(offset, rows, columns) => {
                    let (rows, columns) = (axis(rows)?, axis(columns)?);
                    vec![Op::Diagonal { offset: *offset, rows, columns }]
                }
                Operation::Reshape(sizes) => vec![Op::Reshape(closed(sizes, shape)?)],
                other => unreachable!("{other:?} is not in the model"),
            },
        })
    }
}

/// The sizes of a new shape, one of which may follow from the others.
fn closed(sizes: &[Option<usize>], shape: &[usize]) -> Option<Vec<usize>> {
    let known: Vec<usize> = sizes.iter().copied().flatten().collect();
    let (all, known) = (strideproof_oracle::count(shape), strideproof_oracle::count(&known));
    let open = match sizes.contains(&None) {
        true if known == 0 || all % known != 0 => return None,
        true => usize::try_from(all / known).ok()?,
        false => 0,
    };
    Some(sizes.iter().map(|size| size.unwrap_or(open)).collect())
}
