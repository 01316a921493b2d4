//! The fuzz target `cli`: any bytes through everything of the command but its terminal and files.
//!
//! Most cases are what users send, written in one of the many ways that mean the same, with an
//! answer that follows from the specification; the others are any bytes at all, of which it is
//! asked that nothing panics or takes long, that every output can be read, and that those bytes
//! which do mean something get the answer for it.

/// Returns an error with a message unless a condition holds.
macro_rules! check {
    ($holds:expr, $($what:tt)+) => {
        if !$holds {
            return Err(format!($($what)+));
        }
    };
}

mod arguments;
mod array;
mod chain;
mod draw;
mod encoded;
mod json;
mod lines;
mod program;
mod request;
mod sharing;
mod show;
mod values;
mod verdict;

use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use self::draw::rest;
use self::encoded::Encoded;
use self::request::Request;

/// The result of a check; an error says what is wrong.
type Check = std::result::Result<(), String>;

/// Something that the command is given.
#[derive(Debug)]
pub struct Case {
    /// Which of [`kinds`] it is.
    pub kind: &'static str,
    given: Box<dyn Given>,
    /// Varies what is looked at besides.
    turn: u8,
}

trait Given: fmt::Debug {
    /// Judges the command on it.
    fn run(&self, turn: u8) -> Check;

    /// Requests that are judged as they are.
    fn requests(&self) -> Vec<&Request> {
        Vec::new()
    }
}

type Draw = fn(&mut Unstructured<'_>, u8) -> Result<Box<dyn Given>>;

/// The kinds of cases: the name, how many of 32 first bytes select it, and the generator. Kinds that build
/// a parser of arguments are slow, and therefore rare.
const KINDS: [(&str, u8, Draw); 11] = [
    ("lines", 3, |u, _| Ok(Box::new(lines::Lines::draw(u)?))),
    ("requests", 9, |u, turn| {
        let count = if turn & 3 == 3 { 3 } else { 1 };
        Ok(Box::new((0..count).map(|_| Encoded::draw(u)).collect::<Result<Vec<_>>>()?))
    }),
    ("shown", 5, |u, turn| {
        let mut request = Request::draw(u)?;
        if turn & 3 == 3 {
            request.draw_demands(u)?;
        }
        Ok(Box::new(show::Shown(request)))
    }),
    ("overlap", 3, |u, turn| Ok(Box::new(sharing::Overlap(two(u, turn)?)))),
    ("flags", 1, |u, turn| Ok(Box::new(arguments::Flags(two(u, turn)?)))),
    ("words", 1, |u, turn| Ok(Box::new(arguments::Words::draw(u, turn & 15 == 0)?))),
    ("bytes", 1, |u, _| Ok(Box::new(array::File::draw_raw(u)?))),
    ("array", 3, |u, _| Ok(Box::new(array::File::draw(u)?))),
    ("text", 2, |u, _| Ok(Box::new(chain::Text::draw(u)?))),
    ("program", 3, |u, turn| {
        let mut start = Request::draw(u)?;
        if turn & 24 != 0 {
            start = start.with_room();
        }
        if turn & 7 == 7 {
            start.draw_demands(u)?;
        }
        Ok(Box::new(program::Program::draw(u, start)?))
    }),
    ("code", 1, |u, turn| {
        Ok(Box::new(arguments::Code(match turn {
            0 => String::from_utf8_lossy(rest(u)?).into_owned(),
            turn => format!("{}{:03}", ["SP", "sp"][usize::from(turn & 1)], turn >> 1 & 31),
        })))
    }),
];

/// A request with demands, or two without.
type Two = (Request, Option<Request>);

fn two(u: &mut Unstructured<'_>, turn: u8) -> Result<Two> {
    let mut one = Request::draw(u)?;
    if turn & 3 == 3 {
        return Ok((one, Some(Request::draw(u)?)));
    }
    one.draw_demands(u)?;
    Ok((one, None))
}

/// The names of the kinds of cases.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.0)
}

/// Which of [`KINDS`] a first byte selects.
fn kind_of(byte: u8) -> usize {
    let last = |kind: usize| KINDS[..=kind].iter().map(|kind| kind.1).sum::<u8>();
    (0..KINDS.len()).find(|&kind| byte % 32 < last(kind)).unwrap_or(0)
}

/// Encodes a case of kind `lines`, `bytes` (a file, without flags), `text` (a chain, on a view of shape
/// (4, 3)), `words` (arguments, separated by spaces, or by line feeds if there are any) or `code`.
pub fn encode(kind: &str, bytes: &[u8]) -> Vec<u8> {
    let selects = |byte: &u8| KINDS[kind_of(*byte)].0 == kind;
    let mut out = vec![(0..32).find(selects).unwrap_or(0), 0];
    if matches!(kind, "lines" | "bytes" | "text") {
        out.push(0);
    }
    out.extend(bytes);
    out
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (kind, _, draw) = KINDS[kind_of(u.arbitrary()?)];
        let turn = u.arbitrary::<u8>()?;
        Ok(Self { kind, given: draw(u, turn)?, turn })
    }
}

impl Case {
    /// Whether its requests are accepted, by the command: [`run`] says whether that is right.
    pub fn verdicts(&self) -> Vec<bool> {
        let accepted = |request: &Request| {
            strideproof_cli::decide::judge(&request.to_command()).0.is_accepted()
        };
        self.given.requests().into_iter().map(accepted).collect()
    }
}

/// Judges the command on a case.
pub fn run(case: &Case) {
    if let Err(wrong) = case.given.run(case.turn) {
        panic!("{case:?}: {wrong}");
    }
}
