//! Chains that are well-formed: how each operation is drawn and written, and what it means in the
//! oracle's model.

use std::fmt;

use arbitrary::{Result, Unstructured};

use super::asked::Asked;
use super::chain::apply;
use super::draw::{Whim, choose};
use super::oracle::check;
use strideproof::Slice;
use strideproof::ops::{Cut, Operation};
use strideproof_cli::chain::Chain;
use strideproof_cli::derive::MOST_AXES;
use strideproof_oracle::model::{self, Op, Refusal, View};

type Check = std::result::Result<(), String>;

/// A chain that is well-formed, and a view that it is applied to.
#[derive(Clone)]
pub(super) struct Program {
    start: Asked,
    meant: Vec<Meant>,
    whim: u64,
}

impl Program {
    pub(super) fn draw(u: &mut Unstructured<'_>, start: Asked) -> Result<Self> {
        let count = choose(u, 6)?;
        let whim = u.arbitrary::<u16>()?.into();
        let rank = start.shape.len();
        let meant = (0..count).map(|_| meant(u, rank)).collect::<Result<_>>()?;
        Ok(Self { start, meant, whim })
    }

    fn text(&self) -> String {
        let whim = &mut Whim::new(self.whim);
        let mut text = String::new();
        for (at, meant) in self.meant.iter().enumerate() {
            text += if at > 0 { [" | ", "|", "\t| ", "\u{a0}|\n"][whim.below(4)] } else { "" };
            text += &written(meant, whim);
        }
        text
    }

    pub(super) fn run(&self) -> Check {
        let text = self.text();
        let chain = Chain::parse(&text).map_err(|error| format!("{text:?}: {error:?}"))?;
        let read: Vec<_> = chain.steps.iter().map(|step| step.operation.clone()).collect();
        let meant: Vec<_> = self.meant.iter().map(Meant::operation).collect();
        check!(read == meant, "{text:?} is read as {read:?}");
        apply(&self.start, &chain, &text, Some(&self.meant))
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chain {:?} on {:?}", self.text(), self.start)
    }
}

/// An axis or a position that most often exists, counted from either end.
fn near(u: &mut Unstructured<'_>, most: usize) -> Result<isize> {
    let byte = u.arbitrary::<u8>()?;
    let most = isize::try_from(most).unwrap_or(0).max(1);
    let at = isize::from(i16::from(byte & 63)) % most;
    Ok(match byte >> 6 {
        0 | 1 => at,
        2 => at - most,
        _ if byte & 63 < 56 => at,
        _ => [most, -most - 1, isize::MAX, isize::MIN, 9, -9, 1 << 32, 100][usize::from(byte & 7)],
    })
}

/// A size, seldom large.
fn size(u: &mut Unstructured<'_>) -> Result<usize> {
    let byte = usize::from(u.arbitrary::<u8>()?);
    Ok(match byte {
        0..8 => 0,
        250..254 => [usize::MAX >> 1, 1 << 32, 1 << 40, 4096][byte - 250],
        _ => byte % 4 + 1,
    })
}

/// An operation, with arguments that most often fit a view of the rank.
fn meant(u: &mut Unstructured<'_>, rank: usize) -> Result<Meant> {
    let several = |u: &mut Unstructured<'_>, most: usize| {
        let byte = usize::from(u.arbitrary::<u8>()?);
        Ok(if byte < 200 { most } else { byte % 10 })
    };
    Ok(Meant::Other(match choose(u, 14)? {
        0 | 12 => {
            let cuts = (0..several(u, rank.min(3))?).map(|_| cut(u)).collect::<Result<_>>()?;
            return Ok(Meant::Slice(cuts));
        }
        1 => Operation::Transpose,
        2 => {
            // Most often a rotation or a reflection.
            let turn = choose(u, 8)?;
            let (by, rank) = (usize::from(turn), isize::try_from(rank).unwrap_or(0));
            let mut axes: Vec<isize> = (0..rank).collect();
            let count = axes.len().max(1);
            axes.rotate_left(by % count % count);
            if turn & 4 == 4 {
                axes.reverse();
            }
            if u.arbitrary::<u8>()? > 200 {
                let spoilt = near(u, axes.len())?;
                if let Some(axis) = axes.first_mut() {
                    *axis = spoilt;
                }
            }
            Operation::Permute(axes)
        }
        3 => Operation::SwapAxes(near(u, rank)?, near(u, rank)?),
        4 => {
            let count = choose(u, 3)?;
            Operation::Reverse((0..count).map(|_| near(u, rank)).collect::<Result<_>>()?)
        }
        5 => Operation::IndexAxis(near(u, rank)?, near(u, 3)?),
        6 => Operation::InsertAxis(near(u, rank + 1)?),
        7 => Operation::Squeeze(if choose(u, 2)? == 0 { None } else { Some(near(u, rank)?) }),
        8 => {
            let count = several(u, rank + 1)?;
            Operation::BroadcastTo((0..count).map(|_| size(u)).collect::<Result<_>>()?)
        }
        9 => {
            let count = several(u, rank)?;
            let window = (0..count).map(|_| Ok(size(u)?.min(3))).collect::<Result<_>>()?;
            let steps = if choose(u, 2)? == 0 {
                None
            } else {
                let count = several(u, rank)?;
                Some((0..count).map(|_| size(u)).collect::<Result<_>>()?)
            };
            Operation::Windows(window, steps)
        }
        10 => {
            let offset = near(u, 3)?;
            Operation::Diagonal(offset, near(u, rank)?, near(u, rank)?)
        }
        _ => {
            let count = usize::from(choose(u, 5)?);
            let mut shape: Vec<_> =
                (0..count).map(|_| Ok(Some(size(u)?))).collect::<Result<_>>()?;
            let open = usize::from(u.arbitrary::<u8>()?);
            if open < 200 && count > 0 {
                shape[open % count] = None;
            }
            Operation::Reshape(shape)
        }
    }))
}

fn cut(u: &mut Unstructured<'_>) -> Result<Selected> {
    let byte = u.arbitrary::<u8>()?;
    let number = |u: &mut Unstructured<'_>, there: bool| {
        if there { near(u, 5).map(Some) } else { Ok(None) }
    };
    if byte & 6 == 6 {
        return Ok(Selected::At(near(u, 2)?));
    }
    let (start, end) = (number(u, byte & 1 == 1)?, number(u, byte & 2 == 2)?);
    let steps = [-1, 2, -2, 1, 3, 0, isize::MIN, isize::MAX];
    let step = if byte & 8 == 8 { Some(steps[usize::from(byte >> 5)]) } else { None };
    Ok(Selected::Range(start, end, step))
}

/// The operation as a user might type it.
fn written(meant: &Meant, whim: &mut Whim) -> String {
    let gap = [",", ", ", " ", "  ,\t", " , "][whim.below(5)];
    let list = |numbers: &[isize]| {
        let words: Vec<String> = numbers.iter().map(isize::to_string).collect();
        words.join(gap)
    };
    let sizes = |numbers: &[usize]| {
        let words: Vec<String> = numbers.iter().map(usize::to_string).collect();
        words.join(gap)
    };
    let operation = match meant {
        Meant::Slice(cuts) => {
            let word = |number: Option<isize>| number.map(|n| n.to_string()).unwrap_or_default();
            let cuts = cuts.iter().map(|cut| match *cut {
                Selected::At(at) => at.to_string(),
                Selected::Range(start, end, None) => format!("{}:{}", word(start), word(end)),
                Selected::Range(start, end, step) => {
                    format!("{}:{}:{}", word(start), word(end), word(step))
                }
            });
            return format!("slice {}", cuts.collect::<Vec<_>>().join(gap));
        }
        Meant::Other(operation) => operation,
    };
    match operation {
        Operation::Slice(_) | Operation::Transpose => "t".into(),
        Operation::Permute(axes) => format!("permute {}", list(axes)),
        Operation::SwapAxes(one, other) => format!("swap {}", list(&[*one, *other])),
        Operation::Reverse(axes) => format!("reverse {}", list(axes)),
        Operation::IndexAxis(axis, at) => format!("index {}", list(&[*axis, *at])),
        Operation::InsertAxis(axis) => format!("insert {axis}"),
        Operation::Squeeze(None) => "squeeze".into(),
        Operation::Squeeze(Some(axis)) => format!("squeeze\t{axis}"),
        Operation::BroadcastTo(shape) => format!("broadcast {}", sizes(shape)),
        Operation::Windows(window, None) => format!("windows {}", sizes(window)),
        Operation::Windows(window, Some(steps)) => {
            format!("windows {} by {}", sizes(window), sizes(steps))
        }
        Operation::Diagonal(0, 0, 1) if whim.below(2) == 0 => "diagonal".into(),
        Operation::Diagonal(offset, 0, 1) if whim.below(2) == 0 => {
            format!("diagonal +{offset}").replace("+-", "-")
        }
        Operation::Diagonal(offset, rows, columns) => {
            format!("diagonal {}", list(&[*offset, *rows, *columns]))
        }
        Operation::Reshape(shape) => {
            let words: Vec<String> =
                shape.iter().map(|size| size.map_or("-1".into(), |n| n.to_string())).collect();
            format!("reshape {}", words.join(gap))
        }
        other => panic!("{other:?} has no text"),
    }
}

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
    pub(super) fn apply(&self, view: &View) -> std::result::Result<View, Option<Refusal>> {
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
