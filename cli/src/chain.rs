//! A chain of operations on a view, as a user types it: `slice 0:8:2 | t | windows 2,2`.
//!
//! Operations are separated by `|`; their arguments by commas, white space or both. Axes and
//! positions may be negative, and then count from the end, as in NumPy.

use std::ops::Range;

use strideproof::Slice;
use strideproof::ops::{Cut, Operation};

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
  reshape 6,-1          another shape of the same elements, without a copy
A view has at most 64 axes here.";

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

    fn exactly<const N: usize>(&self, what: &str) -> Result<[isize; N], SyntaxError> {
        let numbers = self.numbers(N, N, what)?;
        numbers.try_into().map_err(|_| expected(what, self.end()..self.end()))
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
            "swap" => {
                let [one, other] = self.exactly("two axes")?;
                Operation::SwapAxes(one, other)
            }
            "reverse" => Operation::Reverse(self.numbers(0, ANY, "axes")?),
            "index" => {
                let [axis, position] = self.exactly("an axis and a position")?;
                Operation::IndexAxis(axis, position)
            }
            "insert" => Operation::InsertAxis(self.exactly::<1>("one axis")?[0]),
            "squeeze" => {
                Operation::Squeeze(self.numbers(0, 1, "at most one axis")?.first().copied())
            }
            "broadcast" => Operation::BroadcastTo(self.list(size)?),
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
fn integer(entry: &Entry<'_>) -> Result<isize, SyntaxError> {
    integer_or(entry, "an integer")
}

/// As [`integer`], with another name for what is expected.
fn integer_or((span, word): &Entry<'_>, what: &str) -> Result<isize, SyntaxError> {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(expected(what, span.clone()));
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
            *cell = Some(integer(&(place, part))?);
        }
        start += part.len() + 1;
    }
    let [from, to, step] = parts;
    Ok(Cut::Range(Slice::new(from, to, step.unwrap_or(1))))
}
