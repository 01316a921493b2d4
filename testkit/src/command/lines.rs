//! JSON lines, of any bytes, and what each of them means by the documentation of `jsonl`.

use std::fmt;
use std::io::{self, Read};

use arbitrary::{Result, Unstructured};
use strideproof::Unit;
use strideproof_cli::jsonl::{self, DEEPEST_ID, RunError};
use strideproof_cli::request::DEFAULT_BUDGET;

use super::draw::{near, rest};
use super::encoded::Encoded;
use super::json::{Bad, Json, Text, named};
use super::request::Request;
use super::verdict::{self, ENOUGH, Verdict, Word};
use super::{Check, Given};

/// Lines, as they are in a file.
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// How many bytes a read returns at most.
    chunk: usize,
    /// The output is closed after so many bytes.
    closes: Option<usize>,
}

impl Lines {
    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let how = u.arbitrary::<u8>()?;
        let closes = (how & 0xf0 == 0xf0).then(|| usize::from(how & 15) * 16);
        let chunk = if how & 0x80 == 0 { usize::MAX } else { 1 + usize::from(how & 15) };
        Ok(Self { bytes: rest(u)?.to_vec(), chunk, closes })
    }

    /// An output that is closed gets the first lines, and the run ends.
    fn closed(&self, output: &[u8]) -> Check {
        let Some(room) = self.closes else { return Ok(()) };
        let mut taken = vec![0; room];
        let mut out = taken.as_mut_slice();
        let done = jsonl::run(Pieces { rest: &self.bytes, most: self.chunk }, &mut out, |_| {});
        let left = out.len();
        check!(output.starts_with(&taken[..room - left]), "a closed output got something else");
        match done {
            Ok(_) => check!(room - left == output.len(), "not all was written"),
            Err(RunError::Write(error, _)) => {
                check!(output.len() > room, "{error} without a reason");
            }
            Err(error) => return Err(format!("{error:?}")),
        }
        Ok(())
    }
}

impl Given for Lines {
    fn run(&self, _turn: u8) -> Check {
        let mut output = Vec::new();
        let done = jsonl::run(Pieces { rest: &self.bytes, most: self.chunk }, &mut output, |_| {});
        let summary = done.map_err(|error| format!("reading memory fails: {error:?}"))?;
        let mut inputs: Vec<&[u8]> = self.bytes.split(|&byte| byte == b'\n').collect();
        if inputs.last().is_some_and(|line| line.is_empty()) {
            inputs.pop();
        }
        if let Some(first) = inputs.first_mut() {
            *first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
        }
        let text = std::str::from_utf8(&output).map_err(|_| "output is not UTF-8")?;
        let lines: Vec<&str> = text.split_terminator('\n').collect();
        check!(output.is_empty() || output.ends_with(b"\n"), "the last line is not ended");
        check!(lines.len() == inputs.len(), "{} lines for {}", lines.len(), inputs.len());
        let mut malformed = 0;
        for (number, (input, line)) in (1u64..).zip(inputs.iter().zip(&lines)) {
            let well_formed = judge(&Reading::of(input), number, line).map_err(|why| {
                format!("line {number}, {:?}: {why}: {line}", String::from_utf8_lossy(input))
            })?;
            malformed += u64::from(!well_formed);
        }
        check!(summary.lines == u64::try_from(inputs.len()).unwrap_or(0), "{summary:?}");
        check!(summary.malformed == malformed, "{summary:?}, not {malformed} malformed");
        self.closed(&output)
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lines of {:?}", String::from_utf8_lossy(&self.bytes))
    }
}

/// Input that comes in pieces.
struct Pieces<'a> {
    rest: &'a [u8],
    most: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.most.min(buffer.len());
        self.rest.read(&mut buffer[..most])
    }
}

/// What a line means, by the documentation of `jsonl`.
#[derive(Debug)]
enum Reading {
    /// No request; the id, where there is one to be echoed.
    Malformed(Option<Json>),
    /// A request, its budget and its id.
    Request(Box<Request>, u64, Option<Json>),
    /// Deeper than the reader here goes.
    Unknown,
}

impl Reading {
    fn of(line: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(line) else { return Self::Malformed(None) };
        let members = match Json::parse(text) {
            Ok(Json::Object(members)) => members,
            Err(Bad::Deep) => return Self::Unknown,
            _ => return Self::Malformed(None),
        };
        if members.iter().any(|(name, _)| name.is_err()) {
            return Self::Malformed(None);
        }
        let id = named(&members, "id").cloned();
        if id.as_ref().is_some_and(|id| depth(id) > DEEPEST_ID) {
            return Self::Malformed(None);
        }
        // Each key is known and there once, unless it is ignored.
        let times =
            |key: &str| members.iter().filter(|(name, _)| name.as_deref() == Ok(key)).count();
        let right = |(name, _): &(Text, Json)| match name.as_deref() {
            Ok(name) => name.starts_with("x_") || KEYS.contains(&name) && times(name) == 1,
            Err(_) => false,
        };
        match request(|name| named(&members, name)) {
            Some((request, budget)) if members.iter().all(right) => {
                Self::Request(Box::new(request), budget, id)
            }
            _ => Self::Malformed(id),
        }
    }
}

/// The keys of a request.
const KEYS: [&str; 13] = [
    "unit",
    "itemsize",
    "buffer_len",
    "offset",
    "shape",
    "strides",
    "mode",
    "mutable",
    "as_elements",
    "align",
    "base_address",
    "budget",
    "id",
];

/// The request of an object and its budget, if it is one.
fn request<'a>(named: impl Fn(&str) -> Option<&'a Json>) -> Option<(Request, u64)> {
    let integer = |json: &Json| json.integer().map(near);
    let integers = |json: &Json| Some(json.integers()?.into_iter().map(near).collect());
    let or = |name: &str, default: i128| match named(name) {
        Some(json) => integer(json),
        None => Some(default),
    };
    let word = |name: &str, words: [&str; 2]| match named(name) {
        Some(json) => json.text().and_then(|text| words.iter().position(|&word| word == text)),
        None => Some(0),
    };
    let truth = |name: &str| match named(name) {
        Some(Json::Bool(truth)) => Some(*truth),
        Some(_) => None,
        None => Some(false),
    };
    let align = match named("align") {
        None | Some(Json::Null) => None,
        Some(json) => Some(integer(json)?),
    };
    let both = |one: &str, other: &str| named(one).is_some() && named(other).is_some();
    if both("mode", "mutable") || named("base_address").is_some() && named("align").is_none() {
        return None;
    }
    let request = Request {
        unit: [Unit::Elements, Unit::Bytes][word("unit", ["elements", "bytes"])?],
        itemsize: or("itemsize", 1)?,
        len: integer(named("buffer_len")?)?,
        offset: or("offset", 0)?,
        shape: integers(named("shape")?)?,
        strides: match named("strides") {
            None | Some(Json::Null) => None,
            Some(json) => Some(integers(json)?),
        },
        mutable: word("mode", ["ro", "mut"])? == 1 || truth("mutable")?,
        as_elements: truth("as_elements")?,
        align,
        base: or("base_address", 0)?,
    };
    Some((request, u64::try_from(or("budget", DEFAULT_BUDGET.into())?).ok()?))
}

/// How many levels of arrays and objects a value has.
fn depth(json: &Json) -> usize {
    match json {
        Json::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        Json::Object(members) => 1 + members.iter().map(|(_, it)| depth(it)).max().unwrap_or(0),
        _ => 0,
    }
}

/// Judges a line of output, and returns whether the input was well-formed.
fn judge(reading: &Reading, number: u64, line: &str) -> std::result::Result<bool, String> {
    let breaks = |c: char| c < ' ' || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
    check!(!line.contains(breaks), "a line that some readers take for two");
    let verdict = match reading {
        Reading::Request(request, budget, _) => {
            verdict::judge_within(request, line.as_bytes(), *budget < ENOUGH)?.1
        }
        _ => Verdict::read(line.as_bytes())?,
    };
    let found = match verdict.more.as_slice() {
        [] => None,
        [(name, id)] if name.as_deref() == Ok("id") => Some(id),
        more => return Err(format!("fields {more:?}")),
    };
    if let Reading::Request(_, _, id) | Reading::Malformed(id) = reading {
        check!(found == id.as_ref(), "id {found:?} is not {id:?}");
    }
    if matches!(reading, Reading::Malformed(_)) {
        check!(verdict.word == Word::Error, "no request, but a verdict");
        check!(verdict.integer("line")? == i128::from(number), "another line's number");
        check!(!verdict.text("message")?.is_empty(), "no message");
    }
    Ok(verdict.word != Word::Error)
}

/// Lines that come from requests.
impl Given for Vec<Encoded> {
    fn run(&self, turn: u8) -> Check {
        let style = turn >> 2;
        let mut bytes = Vec::from(if style & 3 == 3 { &b"\xef\xbb\xbf"[..] } else { b"" });
        for each in self {
            let line = each.render();
            // The reader of lines here is held to what was written.
            let reading = Reading::of(&line);
            let agrees = match (&reading, each.flaw) {
                (_, Some("edited")) | (Reading::Malformed(_), Some(_)) => true,
                (Reading::Request(request, budget, _), None) => {
                    **request == each.request && *budget == each.budget
                }
                _ => false,
            };
            check!(agrees, "{each:?} is read as {reading:?}");
            bytes.extend(line);
            bytes.extend(if style & 4 == 4 { &b"\r\n"[..] } else { b"\n" });
        }
        if style & 8 == 8 && !bytes.ends_with(b"\n\n") && self.len() > 1 {
            bytes.pop();
        }
        let chunk = if style & 0x30 == 0x30 { 1 + usize::from(style >> 6) } else { usize::MAX };
        Lines { bytes, chunk, closes: None }.run(turn)
    }

    fn requests(&self) -> Vec<&Request> {
        self.iter().filter(|each| each.flaw.is_none()).map(|each| &each.request).collect()
    }
}
