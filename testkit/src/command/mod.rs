//! The fuzz target `cli`: any bytes through everything of the command but its terminal and files.
//!
//! Most cases are what users send, written in one of the many ways that mean the same, with an
//! answer that follows from the specification; the others are any bytes at all, of which it is
//! asked that nothing panics or takes long, that every output can be read, and that those bytes
//! which do mean something get the answer for it.

mod arguments;
mod array;
mod asked;
mod chain;
mod draw;
mod json;
mod lines;
mod oracle;
mod program;
mod sharing;
mod show;
mod values;
mod written;

use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use asked::Asked;

/// Something that the command is given.
#[derive(Clone)]
pub struct Case {
    /// Varies what is looked at besides.
    turn: u8,
    given: Given,
}

#[derive(Clone)]
enum Given {
    /// Any bytes as JSON lines.
    Lines(lines::Lines),
    /// Requests as JSON lines.
    Requests(Vec<written::Written>),
    /// A request as it is judged and shown to people.
    Shown(Asked),
    /// Whether one view or two share memory.
    Overlap(Asked, Option<Asked>),
    /// A request as flags.
    Flags(Asked, Option<Asked>),
    /// Any words as arguments.
    Words(arguments::Words),
    /// A `.npy` file, of any bytes or well-formed.
    File(array::File),
    /// Any text as a chain.
    Text(chain::Text),
    /// A chain.
    Program(program::Program),
    /// A code to be explained.
    Code(String),
}

/// The kinds of cases, in the order of the byte that selects them.
pub const KINDS: [&str; 11] = [
    "lines", "requests", "shown", "overlap", "flags", "words", "bytes", "array", "text", "program",
    "code",
];

/// How many of 32 first bytes select each of [`KINDS`]. Those that build a parser of arguments are
/// slow and few.
const WEIGHTS: [u8; 11] = [3, 9, 5, 3, 1, 1, 1, 3, 2, 3, 1];

/// A known case, to be written down as bytes.
#[derive(Clone, Copy, Debug)]
pub enum Seed<'a> {
    /// JSON lines.
    Lines(&'a [u8]),
    /// A `.npy` file.
    File(&'a [u8]),
    /// A chain, on a view of shape (4, 3).
    Chain(&'a str),
    /// Arguments, separated by spaces, or by line feeds if there are any.
    Arguments(&'a str),
    /// A code to be explained.
    Code(&'a str),
}

impl Seed<'_> {
    /// The bytes of the case.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let mut out = vec![0, 0];
        let kind = match self {
            Self::Lines(bytes) => {
                lines::Lines::encode(bytes, &mut out);
                "lines"
            }
            Self::File(bytes) => {
                array::File::encode(bytes, &mut out);
                "bytes"
            }
            Self::Chain(text) => {
                chain::Text::encode(text, &mut out);
                "text"
            }
            Self::Arguments(text) => {
                out.extend(text.as_bytes());
                "words"
            }
            Self::Code(code) => {
                out.extend(code.as_bytes());
                "code"
            }
        };
        let selects = |byte: &u8| KINDS[kind_of(*byte)] == kind;
        out[0] = (0..32).find(selects).unwrap_or(0);
        out
    }
}

/// Which of [`KINDS`] a first byte selects.
fn kind_of(byte: u8) -> usize {
    let mut at = byte % 32;
    for (kind, weight) in WEIGHTS.into_iter().enumerate() {
        match at.checked_sub(weight) {
            Some(rest) => at = rest,
            None => return kind,
        }
    }
    0
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let kind = kind_of(u.arbitrary()?);
        let turn = u.arbitrary::<u8>()?;
        let two = |u: &mut Unstructured<'a>| -> Result<(Asked, Option<Asked>)> {
            let mut one = asked::asked(u)?;
            if turn & 3 == 3 {
                return Ok((one, Some(asked::asked(u)?)));
            }
            asked::demands(u, &mut one)?;
            Ok((one, None))
        };
        let given = match KINDS[kind] {
            "lines" => Given::Lines(lines::Lines::draw(u)?),
            "requests" => {
                let count = if turn & 3 == 3 { 3 } else { 1 };
                let written =
                    (0..count).map(|_| written::Written::draw(u)).collect::<Result<_>>()?;
                Given::Requests(written)
            }
            "shown" => {
                let mut asked = asked::asked(u)?;
                if turn & 3 == 3 {
                    asked::demands(u, &mut asked)?;
                }
                Given::Shown(asked)
            }
            "overlap" => {
                let (one, other) = two(u)?;
                Given::Overlap(one, other)
            }
            "flags" => {
                let (one, other) = two(u)?;
                Given::Flags(one, other)
            }
            "words" => Given::Words(arguments::Words::draw(u, turn & 15 == 0)?),
            "bytes" => Given::File(array::File::draw_raw(u)?),
            "array" => Given::File(array::File::draw(u)?),
            "text" => Given::Text(chain::Text::draw(u)?),
            "program" => {
                let mut start = asked::asked(u)?;
                if turn & 24 != 0 {
                    start = start.with_room();
                }
                if turn & 7 == 7 {
                    asked::demands(u, &mut start)?;
                }
                Given::Program(program::Program::draw(u, start)?)
            }
            _ => {
                let code = match turn {
                    0 => String::from_utf8_lossy(draw::rest(u)?).into_owned(),
                    turn => format!("{}{:03}", ["SP", "sp"][usize::from(turn & 1)], turn >> 1 & 31),
                };
                Given::Code(code)
            }
        };
        Ok(Self { turn, given })
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.given {
            Given::Lines(lines) => lines.fmt(f),
            Given::Requests(written) => write!(f, "requests {written:#?}"),
            Given::Shown(asked) => write!(f, "shown {asked:?}"),
            Given::Overlap(one, other) => write!(f, "overlap of {one:?} and {other:?}"),
            Given::Flags(one, other) => write!(f, "flags of {one:?} and {other:?}"),
            Given::Words(words) => words.fmt(f),
            Given::File(file) => file.fmt(f),
            Given::Text(text) => text.fmt(f),
            Given::Program(program) => program.fmt(f),
            Given::Code(code) => write!(f, "code {code:?}"),
        }?;
        write!(f, " (turn {})", self.turn)
    }
}

impl Case {
    /// Which of [`KINDS`] it is; a file of any bytes counts as an array that is not well-formed.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.given {
            Given::Lines(_) => "lines",
            Given::Requests(_) => "requests",
            Given::Shown(_) => "shown",
            Given::Overlap(..) => "overlap",
            Given::Flags(..) => "flags",
            Given::Words(_) => "words",
            Given::File(file) => file.kind(),
            Given::Text(_) => "text",
            Given::Program(_) => "program",
            Given::Code(_) => "code",
        }
    }

    /// Whether its requests are accepted, by the command: [`run`] says whether that is right.
    #[must_use]
    pub fn verdicts(&self) -> Vec<bool> {
        let accepted =
            |asked: &Asked| strideproof_cli::decide::judge(&asked.request()).0.is_accepted();
        match &self.given {
            Given::Requests(written) => {
                written.iter().filter_map(|each| each.request().map(accepted)).collect()
            }
            Given::Shown(asked) => vec![accepted(asked)],
            _ => Vec::new(),
        }
    }
}

/// Judges the command on a case.
///
/// # Panics
/// When it is wrong.
pub fn run(case: &Case) {
    let turn = case.turn;
    let judged = match &case.given {
        Given::Lines(lines) => lines.run(),
        Given::Requests(written) => lines::run(written, turn >> 2),
        Given::Shown(asked) => show::run(asked, &asked.request(), turn >> 2).map(drop),
        Given::Overlap(one, other) => sharing::run(one, other.as_ref(), turn & 4 == 4),
        Given::Flags(one, other) => {
            arguments::round_trip(one, other.as_ref(), u64::from(turn >> 2), turn >> 4)
        }
        Given::Words(words) => words.run(turn),
        Given::File(file) => file.run(turn),
        Given::Text(text) => text.run(turn),
        Given::Program(program) => program.run(),
        Given::Code(code) => arguments::explain(code),
    };
    if let Err(wrong) = judged {
        panic!("{case:?}: {wrong}");
    }
}
