//! JSON lines, of any bytes, and what each of them means by the documentation of `jsonl`.

use std::fmt;
use std::io::{self, Read, Write};

use arbitrary::{Result, Unstructured};
use strideproof::Unit;

use super::asked::Asked;
use super::draw::{near, rest};
use super::json::{Bad, Json, Text};
use super::oracle::{self, Said, Word, check};
use super::written::{Written, plain};
use strideproof_cli::jsonl::{self, DEEPEST_ID, RunError};

/// Lines, as they are in a file.
#[derive(Clone)]
pub(super) struct Lines {
    pub(super) bytes: Vec<u8>,
    /// How many bytes a read returns at most.
    chunk: usize,
    /// The byte of output at which nobody listens any more.
    closes: Option<usize>,
}

impl Lines {
    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let how = u.arbitrary::<u8>()?;
        let closes = (how & 0xf0 == 0xf0).then(|| usize::from(how & 15) * 16);
        let chunk = if how & 0x80 == 0 { usize::MAX } else { 1 + usize::from(how & 15) };
        Ok(Self { bytes: rest(u)?.to_vec(), chunk, closes })
    }

    /// Writes the bytes of these lines.
    pub(super) fn encode(bytes: &[u8], out: &mut Vec<u8>) {
        out.push(0);
        out.extend(bytes);
    }

    pub(super) fn run(&self) -> std::result::Result<(), String> {
        let mut output = Vec::new();
        let done = jsonl::run(Pieces { rest: &self.bytes, most: self.chunk }, &mut output, |_| {});
        let summary = done.map_err(|error| format!("reading memory fails: {error:?}"))?;
        let mut inputs: Vec<&[u8]> = self.bytes.split(|&byte| byte == b'\n').collect();
        if inputs.last().is_some_and(|line| line.is_empty()) {
            inputs.pop();
        }
        let output_text = std::str::from_utf8(&output).map_err(|_| "output is not UTF-8")?;
        let lines: Vec<&str> = output_text.split_terminator('\n').collect();
        check!(output.is_empty() || output.ends_with(b"\n"), "the last line is not ended");
        check!(lines.len() == inputs.len(), "{} lines for {}", lines.len(), inputs.len());
        let mut malformed = 0;
        for (number, (input, line)) in (1u64..).zip(inputs.iter().zip(&lines)) {
            let input = if number == 1 {
                input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input)
            } else {
                input
            };
            let well_formed = judge(&Reading::of(input), number, line).map_err(|why| {
                format!("line {number}, {:?}: {why}: {line}", String::from_utf8_lossy(input))
            })?;
            malformed += u64::from(!well_formed);
        }
        check!(summary.lines == u64::try_from(inputs.len()).unwrap_or(0), "{summary:?}");
        check!(summary.malformed == malformed, "{summary:?}, not {malformed} malformed");
        self.closed(&output)
    }

    /// An output that is closed gets the first lines, and the run ends.
    fn closed(&self, output: &[u8]) -> std::result::Result<(), String> {
        let Some(room) = self.closes else { return Ok(()) };
        let mut closing = Closing { room, taken: Vec::new() };
        let done = jsonl::run(Pieces { rest: &self.bytes, most: self.chunk }, &mut closing, |_| {});
        check!(output.starts_with(&closing.taken), "a closed output got something else");
        match done {
            Ok(_) => check!(closing.taken == output, "not all was written"),
            Err(RunError::Write(error, _)) => {
                check!(output.len() > room, "{error} without a reason");
            }
            Err(error) => return Err(format!("{error:?}")),
        }
        Ok(())
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
        let count = self.rest.len().min(self.most).min(buffer.len());
        let (now, later) = self.rest.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.rest = later;
        Ok(count)
    }
}

/// Output that is closed after some bytes.
struct Closing {
    room: usize,
    taken: Vec<u8>,
}

impl Write for Closing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let count = bytes.len().min(self.room);
        self.taken.extend(&bytes[..count]);
        self.room -= count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a line means, by the documentation of `jsonl`.
#[derive(Debug)]
pub(super) enum Reading {
    /// No request; the id, where there is one to be echoed.
    Malformed(Option<Json>),
    /// A request and its id.
    Request(Box<Asked>, Option<Json>),
    /// Deeper than the reader here goes.
    Unknown,
}

impl Reading {
    pub(super) fn of(line: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(line) else { return Self::Malformed(None) };
        let json = match Json::parse(text) {
            Ok(json) => json,
            Err(Bad::Syntax) => return Self::Malformed(None),
            Err(Bad::Deep) => return Self::Unknown,
        };
        let Some(members) = json.members() else { return Self::Malformed(None) };
        if members.iter().any(|(name, _)| matches!(name, Text::Broken(_))) {
            return Self::Malformed(None);
        }
        let named = |name: &str| {
            members.iter().rev().find(|member| member.0 == *name).map(|(_, value)| value)
        };
        let id = named("id").cloned();
        if id.as_ref().is_some_and(|id| depth(id) > DEEPEST_ID) {
            return Self::Malformed(None);
        }
        let keys = ["unit", "itemsize", "buffer_len", "offset", "shape", "strides", "mode", "id"];
        let twice =
            keys.iter().any(|key| members.iter().filter(|(name, _)| *name == **key).count() > 1);
        match asked(named) {
            Some(asked) if !twice => Self::Request(Box::new(asked), id),
            _ => Self::Malformed(id),
        }
    }
}

/// The request of an object, if it is one.
fn asked<'a>(named: impl Fn(&str) -> Option<&'a Json>) -> Option<Asked> {
    let integer = |json: &Json| oracle::integer(json).map(near);
    let integers = |json: &Json| match json {
        Json::Array(entries) => entries.iter().map(integer).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    let or = |name: &str, default: u8| match named(name) {
        Some(json) => integer(json),
        None => Some(default.into()),
    };
    let word = |name: &str, words: [&str; 2]| match named(name) {
        Some(json) => json.text().and_then(|text| words.iter().position(|&word| word == text)),
        None => Some(0),
    };
    Some(Asked {
        unit: [Unit::Elements, Unit::Bytes][word("unit", ["elements", "bytes"])?],
        itemsize: or("itemsize", 1)?,
        len: integer(named("buffer_len")?)?,
        offset: or("offset", 0)?,
        shape: integers(named("shape")?)?,
        strides: match named("strides") {
            None | Some(Json::Null) => None,
            Some(json) => Some(integers(json)?),
        },
        mutable: word("mode", ["ro", "mut"])? == 1,
        as_elements: false,
        align: None,
        base: 0,
    })
}

/// How many levels of arrays and objects a value has.
fn depth(json: &Json) -> usize {
    match json {
        Json::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        Json::Object(members) => {
            1 + members.iter().map(|(_, value)| depth(value)).max().unwrap_or(0)
        }
        _ => 0,
    }
}

/// Judges a line of output, and returns whether the input was well-formed.
fn judge(reading: &Reading, number: u64, line: &str) -> std::result::Result<bool, String> {
    let breaks = |c: char| c < ' ' || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
    check!(!line.contains(breaks), "a line that some readers take for two");
    let json = Json::parse(line).map_err(|bad| format!("{bad:?}: output is not JSON"))?;
    let said = Said::read(&json)?;
    let id = match said.more {
        [] => None,
        [(name, id)] if *name == *"id" => Some(id),
        more => return Err(format!("fields {more:?}")),
    };
    let echoed = |expected: &Option<Json>| match id == expected.as_ref() {
        true => Ok(()),
        false => Err(format!("id {id:?} is not {expected:?}")),
    };
    match reading {
        Reading::Unknown => Ok(said.word != Word::Error),
        Reading::Request(asked, id) => {
            echoed(id)?;
            oracle::judge(asked, &said, false).map(|_| true)
        }
        Reading::Malformed(id) => {
            echoed(id)?;
            check!(said.word == Word::Error, "no request, but a verdict");
            check!(said.integer("line")? == i128::from(number), "another line's number");
            check!(!said.text("message")?.is_empty(), "no message");
            Ok(false)
        }
    }
}

/// Lines that come from requests.
pub(super) fn run(written: &[Written], whim: u8) -> std::result::Result<(), String> {
    let mut bytes = Vec::from(if whim & 3 == 3 { &b"\xef\xbb\xbf"[..] } else { b"" });
    for each in written {
        let line = each.render();
        // The reader of lines here is held to what was written.
        let reading = Reading::of(&line);
        let agrees = match (&reading, each.request()) {
            (Reading::Malformed(_), None) => true,
            (Reading::Request(asked, _), Some(expected)) => **asked == plain(expected),
            _ => false,
        };
        check!(agrees, "{each:?} is read as {reading:?}");
        bytes.extend(line);
        bytes.extend(if whim & 4 == 4 { &b"\r\n"[..] } else { b"\n" });
    }
    if whim & 8 == 8 && !bytes.ends_with(b"\n\n") && written.len() > 1 {
        bytes.pop();
    }
    let chunk = if whim & 0x30 == 0x30 { 1 + usize::from(whim >> 6) } else { usize::MAX };
    Lines { bytes, chunk, closes: None }.run()
}
