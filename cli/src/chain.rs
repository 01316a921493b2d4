//! A chain of operations on a view, as a user types it: `slice 0:8:2 | t | windows 2,2`.
//!
//! Operations are separated by `|`; their arguments by commas, white space or both. Axes and
//! positions may be negative, and then count from the end, as in NumPy.

use std::ops::Range;

use strideproof::{Error, Index, LayoutDyn, Slice};

/// What may be written, for `--help`.
pub const HELP: &str = "\
Operations (numbers separated by commas or spaces; negative axes and positions count from the end):
  slice 1:8:2,::-1,3    start:end:step for each axis; an integer takes its axis out
  t                     reverse the order of the axes
  permute 2,0,1         the axes in a new order
  swap 0,1              two axes exchanged
  reverse 0             walk axes backwards; without one, all
  index 0,3             one position of an axis, which goes
  insert 1              a new axis of size 1
  squeeze 1             without an axis of size 1; without an argument, without all of them
  broadcast 2,4,3       repeat axes of size 1, and add axes in front
  windows 2,2 by 1,2    every window of a size, moving by these steps (1)
  diagonal 1,0,1        the diagonal with an offset (0) of two axes (0,1)
  reshape 6,-1          another shape of the same elements, without a copy";

/// Operations in the order in which they are applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The operations.
    pub steps: Vec<Step>,
}

/// An operation, and where in the text it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub operation: Operation,
    /// The bytes of the text that say so.
    pub span: Range<usize>,
}

/// What cannot be read, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// One sentence.
    pub message: String,
    /// The bytes of the text that it is about.
    pub span: Range<usize>,
}

/// An operation with its arguments as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `slice`, an entry for each of the first axes.
    Slice(Vec<Cut>),
    /// `t`.
    Transpose,
    /// `permute`.
    Permute(Vec<isize>),
    /// `swap`.
    Swap(isize, isize),
    /// `reverse`; no axis stands for all.
    Reverse(Vec<isize>),
    /// `index`: an axis and a position.
    Index(isize, isize),
    /// `insert`.
    Insert(isize),
    /// `squeeze`; no axis stands for all of size 1.
    Squeeze(Option<isize>),
    /// `broadcast`.
    Broadcast(Vec<usize>),
    /// `windows`: sizes, and steps unless all are 1.
    Windows(Vec<usize>, Option<Vec<usize>>),
    /// `diagonal`: its offset and two axes.
    Diagonal(isize, isize, isize),
    /// `reshape`; `None` is a size that follows from the others, at most one.
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

/// Why an operation is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The library's code.
    pub code: &'static str,
    /// The reason in one word.
    pub reason: &'static str,
    /// The axis that it is about, if it is about one.
    pub axis: Option<usize>,
    /// One sentence without quotes or backslashes.
    pub message: String,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let code = error.code();
        let (code, reason) = (code.as_str(), code.word());
        Self { code, reason, axis: error.axis(), message: error.to_string() }
    }
}

/// Names that exist, for those that do not.
const NAMES: &str = "slice, t, permute, swap, reverse, index, insert, squeeze, broadcast, windows, \
                     diagonal and reshape";

impl Chain {
    /// Reads a chain. An empty text is a chain of nothing.
    ///
    /// # Errors
    /// [`SyntaxError`], for the first thing that cannot be read.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut steps = Vec::new();
        if text.trim().is_empty() {
            return Ok(Self { steps });
        }
        let mut start = 0;
        for part in text.split('|') {
            let indent = part.len() - part.trim_start().len();
            let trimmed = part.trim();
            let span = start + indent..start + indent + trimmed.len();
            if trimmed.is_empty() {
                // The mark of what is missing points at the bar, or at the end.
                let message = "an operation is missing here".into();
                return Err(SyntaxError { message, span: span.start..span.start });
            }
            let operation = Arguments::new(trimmed, span.start).operation()?;
            steps.push(Step { operation, span });
            start += part.len() + 1;
        }
        Ok(Self { steps })
    }
}

/// The words of one operation and where they begin.
struct Arguments<'a> {
    name: (Range<usize>, &'a str),
    rest: &'a str,
    start: usize,
}

impl<'a> Arguments<'a> {
    fn new(text: &'a str, start: usize) -> Self {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        Self { name: (start..start + end, name), rest, start: start + end }
    }

    fn end(&self) -> usize {
        self.start + self.rest.len()
    }

    /// The entries of a list, with their places.
    fn entries(&self) -> Result<Vec<(Range<usize>, &'a str)>, SyntaxError> {
        let mut entries = Vec::new();
        let mut at = 0;
        // Whether a comma asks for one more entry.
        let mut wanted = false;
        while let Some(rest) = self.rest.get(at..).filter(|rest| !rest.is_empty()) {
            let skipped = rest.len() - rest.trim_start().len();
            if skipped > 0 {
                at += skipped;
                continue;
            }
            if rest.starts_with(',') {
                if wanted || entries.is_empty() {
                    let place = self.start + at;
                    return Err(expected("a number before this comma", place..place + 1));
                }
                wanted = true;
                at += 1;
                continue;
            }
            let len = rest.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(rest.len());
            let place = self.start + at..self.start + at + len;
            entries.push((place, rest.get(..len).unwrap_or_default()));
            wanted = false;
            at += len;
        }
        if wanted {
            return Err(expected("a number after the comma", self.end()..self.end()));
        }
        Ok(entries)
    }

    fn list<T>(
        &self,
        read: impl Fn(&Entry<'a>) -> Result<T, SyntaxError>,
    ) -> Result<Vec<T>, SyntaxError> {
        self.entries()?.iter().map(read).collect()
    }

    /// A list of between `least` and `most` entries.
    fn numbers(&self, least: usize, most: usize, what: &str) -> Result<Vec<isize>, SyntaxError> {
        let entries = self.entries()?;
        if entries.len() < least {
            return Err(expected(what, self.end()..self.end()));
        }
        if let Some((span, _)) = entries.get(most) {
            let more = if most == 0 { "" } else { " and nothing more" };
            let message = format!("{} takes {what}{more}", self.name.1);
            return Err(SyntaxError { message, span: span.clone() });
        }
        entries.iter().map(integer).collect()
    }

    fn operation(self) -> Result<Operation, SyntaxError> {
        const ANY: usize = usize::MAX;
        Ok(match self.name.1 {
            "slice" => Operation::Slice(self.list(cut)?),
            "t" => {
                self.numbers(0, 0, "no argument")?;
                Operation::Transpose
            }
            "permute" => Operation::Permute(self.numbers(0, ANY, "axes")?),
            "swap" => match *self.numbers(2, 2, "two axes")? {
                [one, other] => Operation::Swap(one, other),
                _ => return Err(self.unknown()),
            },
            "reverse" => Operation::Reverse(self.numbers(0, ANY, "axes")?),
            "index" => match *self.numbers(2, 2, "an axis and a position")? {
                [axis, position] => Operation::Index(axis, position),
                _ => return Err(self.unknown()),
            },
            "insert" => match *self.numbers(1, 1, "one axis")? {
                [axis] => Operation::Insert(axis),
                _ => return Err(self.unknown()),
            },
            "squeeze" => {
                Operation::Squeeze(self.numbers(0, 1, "at most one axis")?.first().copied())
            }
            "broadcast" => Operation::Broadcast(self.list(size)?),
            "windows" => self.windows()?,
            "diagonal" => match *self.numbers(0, 3, "an offset and two axes")? {
                [] => Operation::Diagonal(0, 0, 1),
                [offset] => Operation::Diagonal(offset, 0, 1),
                [offset, rows, columns] => Operation::Diagonal(offset, rows, columns),
                _ => return Err(expected("the second of two axes", self.end()..self.end())),
            },
            "reshape" => self.reshape()?,
            _ => return Err(self.unknown()),
        })
    }

    fn unknown(&self) -> SyntaxError {
        let (span, name) = self.name.clone();
        SyntaxError { message: format!("there is no operation {name:?}, but {NAMES}"), span }
    }

    fn windows(&self) -> Result<Operation, SyntaxError> {
        let entries = self.entries()?;
        let by = entries.iter().position(|(_, word)| *word == "by").unwrap_or(entries.len());
        let (window, steps) = entries.split_at(by);
        let window = window.iter().map(size).collect::<Result<_, _>>()?;
        let steps = match steps.split_first() {
            Some((_, steps)) => Some(steps.iter().map(size).collect::<Result<_, _>>()?),
            None => None,
        };
        Ok(Operation::Windows(window, steps))
    }

    fn reshape(&self) -> Result<Operation, SyntaxError> {
        let mut open = false;
        let mut shape = Vec::new();
        for entry in self.entries()? {
            if entry.1 == "-1" {
                if open {
                    let message = "only one size can follow from the others".into();
                    return Err(SyntaxError { message, span: entry.0 });
                }
                open = true;
                shape.push(None);
            } else {
                shape.push(Some(size(&entry)?));
            }
        }
        Ok(Operation::Reshape(shape))
    }
}

type Entry<'a> = (Range<usize>, &'a str);

fn expected(what: &str, span: Range<usize>) -> SyntaxError {
    SyntaxError { message: format!("expected {what}"), span }
}

/// An integer of 64 bits.
fn integer((span, word): &Entry<'_>) -> Result<isize, SyntaxError> {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(expected("an integer", span.clone()));
    }
    word.parse().map_err(|_| SyntaxError {
        message: "this integer does not fit 64 bits".into(),
        span: span.clone(),
    })
}

/// A size: an integer that is not negative.
fn size(entry: &Entry<'_>) -> Result<usize, SyntaxError> {
    usize::try_from(integer(entry)?).map_err(|_| SyntaxError {
        message: "a size is not negative".into(),
        span: entry.0.clone(),
    })
}

/// `start:end:step` with anything left out but one colon, or an integer.
fn cut(entry: &Entry<'_>) -> Result<Cut, SyntaxError> {
    let (span, word) = entry;
    if !word.contains(':') {
        return integer(entry).map(Cut::At).map_err(|error| {
            if error.message == "expected an integer" {
                expected("start:end:step or an integer", error.span)
            } else {
                error
            }
        });
    }
    let mut parts = [None; 3];
    let mut start = span.start;
    let mut cells = parts.iter_mut();
    for part in word.split(':') {
        let place = start..start + part.len();
        let Some(cell) = cells.next() else {
            return Err(expected("at most start:end:step", place.start - 1..span.end));
        };
        if !part.is_empty() {
            *cell = Some(integer(&(place, part))?);
        }
        start += part.len() + 1;
    }
    let [from, to, step] = parts;
    Ok(Cut::Range(Slice::new(from, to, step.unwrap_or(1))))
}

/// An axis counted from the start.
fn axis(axis: isize, rank: usize) -> Result<usize, Refusal> {
    if let Ok(axis) = usize::try_from(axis) {
        return Ok(axis); // whether it is there is the library's question
    }
    rank.checked_sub(axis.unsigned_abs()).ok_or_else(|| Refusal {
        axis: None,
        message: format!("there is no axis {axis} among {rank}"),
        ..Error::BadAxis { axis: 0, rank }.into()
    })
}

/// A position on an axis, counted from its start.
fn position(position: isize, axis: usize, layout: &LayoutDyn) -> Result<usize, Refusal> {
    if let Ok(position) = usize::try_from(position) {
        return Ok(position);
    }
    let rank = layout.rank();
    let extent = *layout.shape().get(axis).ok_or(Error::bad_axis(axis, rank))?;
    extent.checked_sub(position.unsigned_abs()).ok_or_else(|| Refusal {
        message: format!("position {position} is not on axis {axis}, which has {extent}"),
        ..Error::bad_index(axis, 0, extent).into()
    })
}

impl Operation {
    /// The layout that the operation makes of another one.
    ///
    /// # Errors
    /// [`Refusal`], with the library's code.
    pub fn apply(&self, layout: &LayoutDyn) -> Result<LayoutDyn, Refusal> {
        let rank = layout.rank();
        let axis = |number: isize| axis(number, rank);
        Ok(match self {
            Self::Slice(cuts) => slice(layout, cuts)?,
            Self::Transpose => layout.try_t()?,
            Self::Permute(axes) => {
                let axes =
                    axes.iter().map(|&number| axis(number)).collect::<Result<Vec<_>, _>>()?;
                layout.try_permute(&axes)?
            }
            Self::Swap(one, other) => layout.try_swap_axes(axis(*one)?, axis(*other)?)?,
            Self::Reverse(axes) => {
                let mut all = (0..rank).collect::<Vec<_>>();
                if !axes.is_empty() {
                    all = axes.iter().map(|&number| axis(number)).collect::<Result<_, _>>()?;
                }
                for (at, &axis) in all.iter().enumerate() {
                    if all.iter().take(at).any(|&before| before == axis) {
                        return Err(Error::RepeatedAxis { axis }.into());
                    }
                }
                all.iter().try_fold(*layout, |layout, &axis| layout.try_reverse(axis))?
            }
            Self::Index(number, at) => {
                let axis = axis(*number)?;
                layout.try_index_axis(axis, position(*at, axis, layout)?)?
            }
            Self::Insert(number) => {
                layout.try_insert_axis(self::axis(*number, rank.saturating_add(1))?)?
            }
            Self::Squeeze(Some(number)) => layout.try_squeeze(axis(*number)?)?,
            Self::Squeeze(None) => {
                let mut ones = (0..rank).rev().filter(|&axis| layout.shape().get(axis) == Some(&1));
                ones.try_fold(*layout, |layout, axis| layout.try_squeeze(axis))?
            }
            Self::Broadcast(shape) => layout.try_broadcast_to(shape)?,
            Self::Windows(window, Some(steps)) => layout.try_windows_by(window, steps)?,
            Self::Windows(window, None) => layout.try_windows_by(window, &vec![1; window.len()])?,
            Self::Diagonal(offset, rows, columns) => {
                layout.try_diagonal_of(*offset, axis(*rows)?, axis(*columns)?)?
            }
            Self::Reshape(shape) => layout.try_reshape(&close(layout, shape)?)?,
        })
    }
}

fn slice(layout: &LayoutDyn, cuts: &[Cut]) -> Result<LayoutDyn, Refusal> {
    let rank = layout.rank();
    if cuts.len() > rank {
        return Err(Error::WrongRank { rank: cuts.len(), needed: rank }.into());
    }
    let mut slices = vec![Slice::FULL; rank];
    for (slice, cut) in slices.iter_mut().zip(cuts) {
        if let Cut::Range(range) = cut {
            *slice = *range;
        }
    }
    let mut sliced = layout.try_slice(&slices)?;
    // From the last axis on, so that the earlier ones keep their numbers.
    for (axis, cut) in cuts.iter().enumerate().rev() {
        if let Cut::At(at) = cut {
            sliced = sliced.try_index_axis(axis, position(*at, axis, layout)?)?;
        }
    }
    Ok(sliced)
}

/// Fills in the size that follows from the others.
fn close(layout: &LayoutDyn, shape: &[Option<usize>]) -> Result<Vec<usize>, Refusal> {
    if shape.iter().all(Option::is_some) {
        return Ok(shape.iter().flatten().copied().collect());
    }
    let known = shape.iter().flatten().try_fold(1usize, |product, &size| product.checked_mul(size));
    let open = known
        .filter(|&known| known > 0 && layout.len() % known == 0)
        .and_then(|known| layout.len().checked_div(known));
    match open {
        Some(open) => Ok(shape.iter().map(|size| size.unwrap_or(open)).collect()),
        None => Err(Refusal {
            message: format!(
                "no size for the open axis gives as many elements as shape {:?} has",
                layout.shape()
            ),
            ..Error::CountMismatch {
                from: Index::new(layout.shape()),
                to: Index::new(&[]),
                inferred: None,
            }
            .into()
        }),
    }
}
