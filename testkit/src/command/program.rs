//! Chains that are well-formed: how each operation is drawn and written, and what it means in the
//! oracle's model.

use std::fmt;

use arbitrary::{Result, Unstructured};
use strideproof::ops::{Cut as Selected, Operation};
use strideproof_cli::chain::{Action, Chain, Entry};
use strideproof_cli::derive::MOST_AXES;
use strideproof_oracle::model::{Cut, Op, Refusal, View};
use strideproof_oracle::{Rng, count};

use super::draw::{choose, rest, style};
use super::request::Request;
use super::{Check, Given, chain};
use crate::view_ops::draw::Cursor;
use crate::view_ops::ops::{operation, slice};

/// A chain that is well-formed, and a view that it is applied to.
pub(super) struct Program {
    start: Request,
    text: String,
    steps: Vec<Step>,
}

/// An operation of a chain.
#[derive(Debug)]
pub(super) struct Step {
    text: String,
    /// What is read from the text.
    action: Action,
    /// The model's operations, in order; `None` if it must be refused.
    ops: Option<Vec<Op>>,
}

impl Program {
    pub(super) fn draw(u: &mut Unstructured<'_>, start: Request) -> Result<Self> {
        let count = choose(u, 6)?;
        let style = &mut style(u)?;
        let mut cursor = Cursor(rest(u)?);
        let mut view = chain::model(&start);
        let (mut text, mut steps) = (String::new(), Vec::new());
        for _ in 0..count {
            // After a refusal, as on any view.
            let shape = view.as_ref().map_or(vec![3, 2], |view| view.shape().to_vec());
            let Some(step) = Step::draw(&mut cursor, &shape, style) else { continue };
            let bar = [" | ", "|", "\t| ", "\u{a0}|\n"][style.below(4)];
            text += if steps.is_empty() { "" } else { bar };
            text += &step.text;
            view = view.and_then(|view| step.apply(&view).flatten());
            steps.push(step);
        }
        Ok(Self { start, text, steps })
    }
}

impl Given for Program {
    fn run(&self, _turn: u8) -> Check {
        let text = &self.text;
        let chain = Chain::parse(text).map_err(|error| format!("{text:?}: {error:?}"))?;
        let read = chain.steps.iter().map(|step| &step.action);
        let written = self.steps.iter().map(|step| &step.action);
        check!(read.eq(written), "{text:?} is read as {chain:?}, not {:?}", self.steps);
        chain::apply(&self.start, &chain, text, Some(&self.steps))
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chain {:?} on {:?}", self.text, self.start)
    }
}

/// A number counted from the start or from the end; one that is out of range stays out of range.
fn signed(number: usize, count: usize, backwards: bool) -> isize {
    let signed = |number: usize| isize::try_from(number).unwrap_or(isize::MAX);
    match (backwards, number < count) {
        (false, _) => signed(number),
        (true, true) => signed(number) - signed(count),
        (true, false) => -1 - signed(number),
    }
}

/// Arguments with brackets around them or without.
fn bracketed(arguments: &str, style: &mut Rng) -> String {
    match style.below(6) {
        0 => format!("({arguments})"),
        1 => format!("[{arguments}]"),
        2 if !arguments.is_empty() => format!("{arguments},"),
        _ => arguments.to_owned(),
    }
}

/// Joins numbers.
fn list<T: ToString>(numbers: &[T], gap: &str) -> String {
    numbers.iter().map(T::to_string).collect::<Vec<_>>().join(gap)
}

impl Step {
    /// An operation with arguments that most often fit a view of the shape.
    fn draw(cursor: &mut Cursor<'_>, shape: &[usize], style: &mut Rng) -> Option<Self> {
        let rank = shape.len();
        let gap = [",", ", ", " ", "  ,\t", " , "][style.below(5)];
        match cursor.byte() % 44 {
            0..8 => Some(Self::slice(cursor, shape, gap, style)),
            8..11 => {
                let axes: Vec<_> = (0..cursor.byte() % 3).map(|_| cursor.axis(rank)).collect();
                let written: Vec<_> =
                    axes.iter().map(|&axis| signed(axis, rank, cursor.byte() % 2 > 0)).collect();
                let twice = axes.len() == 2 && axes[0] == axes[1];
                let axes = if axes.is_empty() { (0..rank).collect() } else { axes };
                Some(Self {
                    text: format!(
                        "{} {}",
                        ["reverse", "flip"][style.below(2)],
                        list(&written, gap)
                    ),
                    action: Action::Operation(Operation::Reverse(written)),
                    ops: (!twice).then(|| axes.into_iter().map(Op::Reverse).collect()),
                })
            }
            11 => Some(Self {
                text: "squeeze".into(),
                action: Action::Operation(Operation::Squeeze(None)),
                ops: Some((0..rank).rev().filter(|&i| shape[i] == 1).map(Op::Squeeze).collect()),
            }),
            40.. => Some(Self::open_reshape(cursor, shape, gap, style)),
            // The first ones are slices.
            kind => {
                let mut op = cursor.op(kind - 6, shape)?;
                if cursor.byte() % 16 == 0 {
                    // One entry more than there are axes.
                    if let Op::Permute(list) | Op::Windows { window: list, .. } = &mut op {
                        list.push(1);
                    }
                }
                let mut operation = operation(&op, shape, style.below(2) == 0).filter(has_text)?;
                // An axis that does not exist, before the first instead of behind the last.
                let axes_there = rank + usize::from(matches!(operation, Operation::InsertAxis(_)));
                for axis in axes(&mut operation).into_iter().filter(|_| cursor.byte() % 2 == 0) {
                    *axis = usize::try_from(*axis)
                        .map_or(*axis, |axis| signed(axis, axes_there, axis >= axes_there));
                }
                let text = written(&operation, gap, style);
                Some(Self { text, action: Action::Operation(operation), ops: Some(vec![op]) })
            }
        }
    }

    /// A reshape, one size of which follows from the others, if there is one that fits.
    fn open_reshape(cursor: &mut Cursor<'_>, shape: &[usize], gap: &str, style: &mut Rng) -> Self {
        let mut sizes: Vec<usize> = (0..cursor.byte() % 3).map(|_| cursor.byte() % 5).collect();
        let open = cursor.byte() % (sizes.len() + 1);
        let mut read: Vec<Option<usize>> = sizes.iter().copied().map(Some).collect();
        read.insert(open, None);
        let operation = Operation::Reshape(read);
        let (all, known) = (count(shape), count(&sizes));
        let fits = all.checked_rem(known) == Some(0);
        let rest = all.checked_div(known).and_then(|rest| usize::try_from(rest).ok());
        let ops = rest.filter(|_| fits).map(|rest| {
            sizes.insert(open, rest);
            vec![Op::Reshape(sizes)]
        });
        Self { text: written(&operation, gap, style), action: Action::Operation(operation), ops }
    }

    /// A slice of the first axes, some of which may get one position.
    fn slice(cursor: &mut Cursor<'_>, shape: &[usize], gap: &str, style: &mut Rng) -> Self {
        let mut cuts = cursor.cuts(shape);
        match cursor.byte() % 8 {
            0 => cuts.truncate(1),
            1 => cuts.push(Cut::FULL),
            _ => {}
        }
        let fits = cuts.len() <= shape.len();
        let (mut words, mut selected) = (Vec::new(), Vec::new());
        let (mut full, mut ops) = (vec![Cut::FULL; shape.len().max(cuts.len())], Vec::new());
        for (axis, cut) in cuts.into_iter().enumerate() {
            let size = shape.get(axis).copied().unwrap_or(1);
            if cursor.byte() % 4 == 0 {
                let at = cursor.below(size);
                let number = signed(at, size, cursor.byte() % 2 > 0);
                words.push(number.to_string());
                selected.push(Selected::At(number));
                ops.push(Op::IndexAxis(axis, at));
                continue;
            }
            let word = |number: Option<isize>| number.map(|n| n.to_string()).unwrap_or_default();
            let step =
                if cut.step == 1 && style.below(2) == 0 { "" } else { &format!(":{}", cut.step) };
            words.push(format!("{}:{}{step}", word(cut.start), word(cut.end)));
            selected.push(Selected::Range(slice(cut)));
            full[axis] = cut;
        }
        // From the last axis on, so that the earlier ones keep their numbers.
        ops.push(Op::Slice(full));
        ops.reverse();
        let mut action = Action::Operation(Operation::Slice(selected.clone()));
        if style.below(4) == 0 && fits {
            // The axes that are not named, which are the last ones if there are any; and perhaps a new axis.
            let rest = shape.len() - words.len();
            let at = if rest == 0 { style.below(words.len() + 1) } else { words.len() };
            let mut entries: Vec<Entry> = selected.iter().copied().map(Entry::Cut).collect();
            entries.insert(at, Entry::Rest);
            words.insert(at, ["...", "Ellipsis"][style.below(2)].into());
            if style.below(2) == 0 {
                let new = style.below(entries.len() + 1);
                let axes = |entry: &Entry| match entry {
                    Entry::Cut(Selected::At(_)) => 0,
                    Entry::Rest => rest,
                    _ => 1,
                };
                ops.push(Op::InsertAxis(entries[..new].iter().map(axes).sum()));
                entries.insert(new, Entry::NewAxis);
                words.insert(new, ["None", "newaxis"][style.below(2)].into());
            }
            action = Action::Slice(entries);
        }
        let text = format!("slice {}", bracketed(&words.join(gap), style));
        Self { text, action, ops: fits.then_some(ops) }
    }

    /// Applies it to a view of the model. `Some(None)`: it must be refused. `None`: the view is too large
    /// for the model to tell.
    pub(super) fn apply(&self, view: &View) -> Option<Option<View>> {
        let mut view = view.clone();
        let Some(ops) = &self.ops else { return Some(None) };
        for op in ops {
            view = match view.apply(op) {
                Ok(view) => view,
                Err(Refusal::Unknown) => return None,
                Err(_) => return Some(None),
            };
        }
        Some((view.rank() <= MOST_AXES).then(|| view.listed()))
    }
}

/// The axes that an operation names.
fn axes(operation: &mut Operation) -> Vec<&mut isize> {
    match operation {
        Operation::Permute(axes) => axes.iter_mut().collect(),
        Operation::SwapAxes(one, other) => vec![one, other],
        Operation::IndexAxis(axis, _) | Operation::InsertAxis(axis) => vec![axis],
        Operation::Squeeze(Some(axis)) => vec![axis],
        Operation::Diagonal(_, rows, columns) => vec![rows, columns],
        _ => Vec::new(),
    }
}

/// Whether all sizes have a text: they are read as signed numbers.
fn has_text(operation: &Operation) -> bool {
    let fits = |size: &usize| isize::try_from(*size).is_ok();
    match operation {
        Operation::BroadcastTo(shape) => shape.iter().all(fits),
        Operation::Windows(window, steps) => window.iter().chain(steps.iter().flatten()).all(fits),
        Operation::Reshape(shape) => shape.iter().flatten().all(fits),
        _ => true,
    }
}

/// An operation as a user might type it.
fn written(operation: &Operation, gap: &str, style: &mut Rng) -> String {
    match operation {
        Operation::Transpose => ["t", "T", "transpose", "transpose ()"][style.below(4)].into(),
        Operation::Permute(axes) => {
            // Without axes, `transpose` reverses them.
            let names = if axes.is_empty() { 1 } else { 2 };
            let name = ["permute", "transpose"][style.below(names)];
            format!("{name} {}", bracketed(&list(axes, gap), style))
        }
        Operation::SwapAxes(one, other) => {
            format!("{} {}", ["swap", "swapaxes"][style.below(2)], list(&[one, other], gap))
        }
        Operation::Reverse(axes) => format!("reverse {}", list(axes, gap)),
        Operation::IndexAxis(axis, at) => format!("index {}", list(&[axis, at], gap)),
        Operation::InsertAxis(axis) => {
            format!("{} {axis}", ["insert", "expand_dims"][style.below(2)])
        }
        Operation::Squeeze(Some(axis)) => format!("squeeze\t{axis}"),
        Operation::BroadcastTo(shape) => {
            format!("broadcast {}", bracketed(&list(shape, gap), style))
        }
        Operation::Windows(window, None) => {
            format!("windows {}", bracketed(&list(window, gap), style))
        }
        Operation::Windows(window, Some(steps)) => {
            let window = bracketed(&list(window, gap), style);
            format!("windows {window} by {}", bracketed(&list(steps, gap), style))
        }
        Operation::Diagonal(0, 0, 1) if style.below(2) == 0 => "diagonal".into(),
        Operation::Diagonal(offset, 0, 1) if style.below(2) == 0 => {
            format!("diagonal +{offset}").replace("+-", "-")
        }
        Operation::Diagonal(offset, rows, columns) => {
            format!("diagonal {}", list(&[offset, rows, columns], gap))
        }
        Operation::Reshape(shape) if shape == &[None] && style.below(2) == 0 => "ravel".into(),
        Operation::Reshape(shape) => {
            let size = |size: &Option<usize>| size.map_or("-1".into(), |size| size.to_string());
            let sizes = list(&shape.iter().map(size).collect::<Vec<_>>(), gap);
            format!("reshape {}", bracketed(&sizes, style))
        }
        other => panic!("{other:?} has no text"),
    }
}
