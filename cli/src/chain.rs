//! A chain of operations on a view, as a user types it: `slice 0:8:2 | t | windows 2,2`.
//!
//! Operations are separated by `|`; their arguments by commas, white space or both, in brackets or
//! without. Axes and positions may be negative, and then count from the end, as in NumPy.

use std::ops::Range;

use strideproof::ops::{Cut, Operation};
use strideproof::{Error, LayoutDyn, Slice};

use crate::nearest::{hint, quoted};

/// Every operation: its names, the first of which is the one that is listed, its arguments, and what
/// it does.
pub(crate) const OPERATIONS: [(&[&str], &str, &str); 14] = [
    (&["slice"], "1:8:2,::-1,3", "start:end:step per axis; an integer takes its axis out"),
    (&["t", "T", "transpose"], "", "reverse the order of the axes"),
    (&["permute"], "2,0,1", "the axes in a new order"),
    (&["swap", "swapaxes"], "0,1", "two axes exchanged"),
    (&["reverse", "flip"], "0", "walk axes backwards; without one, all"),
    (&["index"], "0,3", "one position of an axis, which goes"),
    (&["insert", "expand_dims", "unsqueeze"], "1", "a new axis of size 1"),
    (&["squeeze"], "1", "without an axis of size 1, or without all of them"),
    (&["broadcast", "broadcast_to"], "2,4,3", "repeat axes of size 1, and add axes in front"),
    (&["windows"], "2,2 by 1,2", "every window of a size, moving by these steps (1)"),
    (&["diagonal"], "1,0,1", "the diagonal with an offset (0) of two axes (0,1)"),
    (&["reshape"], "6,-1", "another shape of the same elements, without a copy"),
    (&["ravel"], "", "all elements along one axis, without a copy"),
    (&["reinterpret"], "4,1", "the same bytes as items of 4, along an axis (the last)"),
];

/// What may be written, for `--help`.
#[must_use]
pub fn help() -> String {
    let mut text = String::from(
        "Operations (numbers separated by commas or spaces; negative axes and positions count from \
         the end):\n",
    );
    for (names, arguments, meaning) in OPERATIONS {
        text += &format!("  {:<21} {meaning}\n", format!("{} {arguments}", names[0]));
    }
    text + "\nIn a slice `...` stands for the axes that are not named, and `None` is a new axis. Also: T and \
            transpose for t, flip for reverse, expand_dims and unsqueeze for insert, swapaxes for swap, broadcast_to for \
            broadcast. A view has at most 64 axes here.\n\n\
            Exit status: 0 accepted, 1 rejected, 2 wrong usage, a chain that cannot be read, or a file."
}

/// Operations in the order in which they are applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The operations.
    pub steps: Vec<Step>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// An operation of the library.
    Operation(Operation),
    /// A slice with `...` or `None`, which take the rank of a view to be understood.
    Slice(Vec<Entry>),
    /// The same bytes as items of a size, joined or cut up along an axis, or the last one.
    Reinterpret(usize, Option<isize>),
}

/// An entry of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// What is taken of an axis.
    Cut(Cut),
    /// `...`: all of the axes that no entry names.
    Rest,
    /// `None`: a new axis.
    NewAxis,
}

/// An operation, and where in the text it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub action: Action,
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
            let action = Arguments::new(trimmed, span.start).action()?;
            steps.push(Step { action, span });
            start += part.len() + 1;
        }
        Ok(Self { steps })
    }
}

/// Carries out a slice with `...` and `None`, unless more than so many axes come of it.
pub(crate) fn slice(
    layout: &LayoutDyn,
    entries: &[Entry],
    most: usize,
) -> Result<LayoutDyn, Error> {
    let named = entries.iter().filter(|entry| matches!(entry, Entry::Cut(_))).count();
    let rest = layout.rank().saturating_sub(named);
    let (mut cuts, mut new_axes, mut axes) = (Vec::new(), Vec::new(), 0isize);
    for entry in entries {
        match entry {
            Entry::Cut(cut) => cuts.push(*cut),
            Entry::Rest => cuts.extend(vec![Cut::Range(Slice::FULL); rest]),
            Entry::NewAxis => new_axes.push(axes),
        }
        axes = axes.saturating_add(match entry {
            Entry::Cut(Cut::At(_)) => 0,
            Entry::Rest => isize::try_from(rest).unwrap_or(isize::MAX),
            _ => 1,
        });
    }
    let cut = layout.apply(&Operation::Slice(cuts))?;
    let rank = cut.rank().saturating_add(new_axes.len());
    if rank > most {
        return Err(Error::RankTooLarge { rank, limit: most });
    }
    new_axes.into_iter().try_fold(cut, |view, axis| view.apply(&Operation::InsertAxis(axis)))
}

/// The words of one operation and where they begin.
struct Arguments<'a> {
    name: (Range<usize>, &'a str),
    rest: &'a str,
    start: usize,
}

/// A word of a list, and its place.
type Word<'a> = (Range<usize>, &'a str);

/// The entries of a list, which may stand in brackets, with their places.
fn entries(text: &str, start: usize) -> Result<Vec<Word<'_>>, SyntaxError> {
    let trimmed = text.trim_start();
    let (text, start) = (trimmed.trim_end(), start + text.len() - trimmed.len());
    let close = match text.chars().next() {
        Some('(') => ')',
        Some('[') => ']',
        _ => return bare_entries(text, start),
    };
    let end = start + text.len();
    match text.get(1..).and_then(|inner| inner.strip_suffix(close)) {
        Some(inner) => bare_entries(inner, start + 1),
        None => Err(expected(&format!("{close:?} at the end"), end..end)),
    }
}

/// Entries without brackets; a comma may follow the last one, as in Python.
fn bare_entries(text: &str, start: usize) -> Result<Vec<Word<'_>>, SyntaxError> {
    let (mut entries, mut at) = (Vec::new(), start);
    let mut parts = text.split(',').peekable();
    while let Some(part) = parts.next() {
        if part.trim().is_empty() && parts.peek().is_some() {
            let comma = at + part.len();
            return Err(expected("a number before this comma", comma..comma + 1));
        }
        for piece in part.split_inclusive(char::is_whitespace) {
            let word = piece.trim_end();
            if !word.is_empty() {
                entries.push((at..at + word.len(), word));
            }
            at += piece.len();
        }
        at += 1;
    }
    Ok(entries)
}

impl<'a> Arguments<'a> {
    fn new(text: &'a str, start: usize) -> Self {
        let end =
            text.find(|c: char| c.is_whitespace() || c == '(' || c == '[').unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        Self { name: (start..start + end, name), rest, start: start + end }
    }

    fn end(&self) -> usize {
        self.start + self.rest.len()
    }

    fn entries(&self) -> Result<Vec<Word<'a>>, SyntaxError> {
        entries(self.rest, self.start)
    }

    fn list<T>(
        &self,
        read: impl Fn(&Word<'a>) -> Result<T, SyntaxError>,
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

    fn exactly<const N: usize>(&self, what: &str) -> Result<[isize; N], SyntaxError> {
        let numbers = self.numbers(N, N, what)?;
        numbers.try_into().map_err(|_| expected(what, self.end()..self.end()))
    }

    fn action(self) -> Result<Action, SyntaxError> {
        const ANY: usize = usize::MAX;
        Ok(Action::Operation(match self.name.1 {
            "slice" => return self.slice(),
            "t" | "T" | "transpose" => match self.numbers(0, ANY, "axes")? {
                none if none.is_empty() => Operation::Transpose,
                axes if self.name.1 == "transpose" => Operation::Permute(axes),
                _ => {
                    self.numbers(0, 0, "no argument")?;
                    Operation::Transpose
                }
            },
            "permute" => Operation::Permute(self.numbers(0, ANY, "axes")?),
            "swap" | "swapaxes" => {
                let [one, other] = self.exactly("two axes")?;
                Operation::SwapAxes(one, other)
            }
            "reverse" | "flip" => Operation::Reverse(self.numbers(0, ANY, "axes")?),
            "index" => {
                let [axis, position] = self.exactly("an axis and a position")?;
                Operation::IndexAxis(axis, position)
            }
            "insert" | "expand_dims" | "unsqueeze" => {
                Operation::InsertAxis(self.exactly::<1>("one axis")?[0])
            }
            "squeeze" => {
                Operation::Squeeze(self.numbers(0, 1, "at most one axis")?.first().copied())
            }
            "broadcast" | "broadcast_to" => Operation::BroadcastTo(self.list(size)?),
            "windows" => self.windows()?,
            "diagonal" => match *self.numbers(0, 3, "an offset and two axes")? {
                [] => Operation::Diagonal(0, 0, 1),
                [offset] => Operation::Diagonal(offset, 0, 1),
                [offset, rows, columns] => Operation::Diagonal(offset, rows, columns),
                _ => return Err(expected("the second of two axes", self.end()..self.end())),
            },
            "reshape" => self.reshape()?,
            "ravel" => {
                self.numbers(0, 0, "no argument")?;
                Operation::Reshape(vec![None])
            }
            "reinterpret" => {
                let what = "a size in bytes and perhaps an axis";
                let axis = self.numbers(1, 2, what)?.get(1).copied();
                let words = self.entries()?;
                let word = words.first().ok_or_else(|| expected(what, self.end()..self.end()))?;
                let itemsize = size(word)?;
                if itemsize == 0 {
                    let message = "an item has at least 1 byte".into();
                    return Err(SyntaxError { message, span: word.0.clone() });
                }
                return Ok(Action::Reinterpret(itemsize, axis));
            }
            _ => return Err(self.unknown()),
        }))
    }

    fn unknown(&self) -> SyntaxError {
        let (span, name) = self.name.clone();
        let all = OPERATIONS.iter().flat_map(|(names, ..)| names.iter().copied());
        let listed = || OPERATIONS.map(|(names, ..)| names[0]).join(", ");
        let hint = hint(name, all, || format!("the operations are {}", listed()));
        SyntaxError { message: format!("there is no operation {}{hint}", quoted(name)), span }
    }

    fn slice(&self) -> Result<Action, SyntaxError> {
        let words = self.entries()?;
        let entries = words.iter().map(|word| {
            Ok(match word.1 {
                "..." | "Ellipsis" => Entry::Rest,
                "None" | "newaxis" => Entry::NewAxis,
                _ => Entry::Cut(cut(word)?),
            })
        });
        let entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
        let cuts = entries.iter().map(|entry| match entry {
            Entry::Cut(cut) => Some(*cut),
            _ => None,
        });
        if let Some(cuts) = cuts.collect() {
            return Ok(Action::Operation(Operation::Slice(cuts)));
        }
        let mut rests = words.iter().zip(&entries).filter(|(_, entry)| **entry == Entry::Rest);
        match rests.nth(1) {
            Some(((span, _), _)) => {
                let message = "only one `...` can stand for the other axes".into();
                Err(SyntaxError { message, span: span.clone() })
            }
            None => Ok(Action::Slice(entries)),
        }
    }

    fn windows(&self) -> Result<Operation, SyntaxError> {
        let sizes = |text: &str, start| -> Result<Vec<usize>, SyntaxError> {
            entries(text, start)?.iter().map(size).collect()
        };
        let Some(by) = self.rest.find("by") else {
            return Ok(Operation::Windows(sizes(self.rest, self.start)?, None));
        };
        let (window, steps) = self.rest.split_at(by);
        let steps = steps.get(2..).unwrap_or_default();
        let window = sizes(window, self.start)?;
        Ok(Operation::Windows(window, Some(sizes(steps, self.start + by + 2)?)))
    }

    fn reshape(&self) -> Result<Operation, SyntaxError> {
        let size = |word: &Word<'a>| if word.1 == "-1" { Ok(None) } else { size(word).map(Some) };
        Ok(Operation::Reshape(self.list(size)?))
    }
}

fn expected(what: &str, span: Range<usize>) -> SyntaxError {
    SyntaxError { message: format!("expected {what}"), span }
}

/// An integer of 64 bits.
fn integer(entry: &Word<'_>) -> Result<isize, SyntaxError> {
    integer_or(entry, "an integer")
}

/// As [`integer`], with another name for what is expected.
fn integer_or((span, word): &Word<'_>, what: &str) -> Result<isize, SyntaxError> {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(expected(what, span.clone()));
    }
    word.parse().map_err(|_| SyntaxError { message: TOO_LARGE.into(), span: span.clone() })
}

const TOO_LARGE: &str = "this integer does not fit 64 bits";

/// A bound or a step of a slice: one that is out of range is moved to its end, as in Python, and so is
/// one that does not fit.
fn bound(word: &Word<'_>) -> Result<isize, SyntaxError> {
    match integer(word) {
        Err(error) if error.message == TOO_LARGE => {
            Ok(if word.1.starts_with('-') { isize::MIN } else { isize::MAX })
        }
        read => read,
    }
}

/// A size: an integer that is not negative.
fn size(entry: &Word<'_>) -> Result<usize, SyntaxError> {
    usize::try_from(integer(entry)?).map_err(|_| SyntaxError {
        message: "a size is not negative".into(),
        span: entry.0.clone(),
    })
}

/// `start:end:step` with anything left out but one colon, or an integer.
fn cut(entry: &Word<'_>) -> Result<Cut, SyntaxError> {
    let (span, word) = entry;
    if !word.contains(':') {
        return integer_or(entry, "start:end:step or an integer").map(Cut::At);
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
            *cell = Some(bound(&(place, part))?);
        }
        start += part.len() + 1;
    }
    let [from, to, step] = parts;
    Ok(Cut::Range(Slice::new(from, to, step.unwrap_or(1))))
}
