//! JSON lines: any bytes, and requests that are written in all the ways that mean the same, or in
//! one that means nothing.

use std::fmt;
use std::io::{self, Read, Write};

use arbitrary::{Result, Unstructured};
use num_bigint::BigInt;
use num_traits::{One, Zero};
use strideproof::Unit;

use super::asked::{self, Asked};
use super::draw::{Whim, choose, rest};
use super::json::{Bad, Json, Text};
use super::oracle::{self, Said, Word, check};
use crate::jsonl::{self, DEEPEST_ID, RunError};

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
    let integers = |json: &Json| match json {
        Json::Array(entries) => entries.iter().map(oracle::integer).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    let or = |name: &str, default: u8| match named(name) {
        Some(json) => oracle::integer(json),
        None => Some(default.into()),
    };
    let word = |name: &str, words: [&str; 2]| match named(name) {
        Some(json) => json.text().and_then(|text| words.iter().position(|&word| word == text)),
        None => Some(0),
    };
    Some(Asked {
        unit: [Unit::Elements, Unit::Bytes][word("unit", ["elements", "bytes"])?],
        itemsize: or("itemsize", 1)?,
        len: oracle::integer(named("buffer_len")?)?,
        offset: or("offset", 0)?,
        shape: integers(named("shape")?)?,
        strides: match named("strides") {
            None | Some(Json::Null) => None,
            Some(json) => Some(integers(json)?),
        },
        mutable: word("mode", ["ro", "mut"])? == 1,
        as_elements: false,
        align: None,
        base: BigInt::zero(),
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
    match reading {
        Reading::Unknown => {
            let json = Json::parse(line).map_err(|bad| format!("{bad:?}: output is not JSON"))?;
            Ok(Said::read(&json)?.word != Word::Error)
        }
        Reading::Malformed(id) => judge_one(None, Some(id.as_ref()), number, line),
        Reading::Request(asked, id) => judge_one(Some(asked), Some(id.as_ref()), number, line),
    }
}

/// Judges a line of output for a request, or for none; the id only if it is known what it should be.
fn judge_one(
    asked: Option<&Asked>,
    expected: Option<Option<&Json>>,
    number: u64,
    line: &str,
) -> std::result::Result<bool, String> {
    let breaks = |c: char| c < ' ' || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
    check!(!line.contains(breaks), "a line that some readers take for two");
    let json = Json::parse(line).map_err(|bad| format!("{bad:?}: output is not JSON"))?;
    let said = Said::read(&json)?;
    let id = match said.more {
        [] => None,
        [(name, id)] if *name == *"id" => Some(id),
        more => return Err(format!("fields {more:?}")),
    };
    check!(expected.is_none_or(|expected| expected == id), "id {id:?} is not {expected:?}");
    match asked {
        Some(asked) => oracle::judge(asked, &said, false).map(|_| true),
        None => {
            check!(said.word == Word::Error, "no request, but a verdict");
            check!(said.integer("line")? == BigInt::from(number), "another line's number");
            check!(!said.text("message")?.is_empty(), "no message");
            Ok(false)
        }
    }
}

/// A request and how it is written down.
#[derive(Clone)]
pub(super) struct Written {
    pub(super) asked: Asked,
    flaw: Option<Flaw>,
    /// Which of [`IDS`] it has, if any.
    id: Option<usize>,
    whim: u64,
}

/// What makes a line no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    Twice,
    Fraction,
    Missing,
    Garbage,
    LeadingZero,
    Text,
    CutOff,
    NotUtf8,
    OtherWord,
    DeepId,
    Blank,
    TrailingComma,
}

const FLAWS: [Flaw; 12] = [
    Flaw::Twice,
    Flaw::Fraction,
    Flaw::Missing,
    Flaw::Garbage,
    Flaw::LeadingZero,
    Flaw::Text,
    Flaw::CutOff,
    Flaw::NotUtf8,
    Flaw::OtherWord,
    Flaw::DeepId,
    Flaw::Blank,
    Flaw::TrailingComma,
];

/// Ids, and how they are echoed.
const IDS: [(&str, &str); 12] = [
    ("7", "7"),
    ("null", "null"),
    ("-0.50e+3", "-0.50e+3"),
    ("\"a b\"", "\"a b\""),
    ("[ 1 ,\t{\"k\" : [ ] } ]", "[1,{\"k\":[]}]"),
    ("\"\\u2028 \\\" \u{2028}\u{2029}\u{85}\"", "\"\\u2028 \\\" \\u2028\\u2029\\u0085\""),
    ("\"\u{1f600}\\\\\"", "\"\u{1f600}\\\\\""),
    ("{\"a\" :\"]} \\\" \" }", "{\"a\":\"]} \\\" \"}"),
    ("\"\\ud800\"", "\"\\ud800\""),
    ("true", "true"),
    ("\"\"", "\"\""),
    ("340282366920938463463374607431768211456", "340282366920938463463374607431768211456"),
];

impl Written {
    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let flaw = FLAWS.get(usize::from(choose(u, 60)?).wrapping_sub(1)).copied();
        let id = usize::from(choose(u, 24)?);
        let whim = u.arbitrary::<u16>()?.into();
        Ok(Self { asked: asked::asked(u)?, flaw, id: (id < IDS.len()).then_some(id), whim })
    }

    /// The request, if the line is one.
    pub(super) fn request(&self) -> Option<&Asked> {
        if self.flaw.is_none() { Some(&self.asked) } else { None }
    }

    /// The line without its end, and the id that is to be echoed, as it is to be echoed.
    fn render(&self) -> (Vec<u8>, Option<&'static str>) {
        let whim = &mut Whim::new(self.whim);
        let numbers = |numbers: &[BigInt], whim: &mut Whim| {
            let mut text = String::from("[");
            for (at, number) in numbers.iter().enumerate() {
                text += if at > 0 { "," } else { "" };
                text += space(whim);
                text += &number.to_string();
                text += space(whim);
            }
            text + "]"
        };
        let asked = &self.asked;
        let mut fields: Vec<(&str, String)> =
            vec![("buffer_len", asked.len.to_string()), ("shape", numbers(&asked.shape, whim))];
        match &asked.strides {
            Some(strides) => fields.push(("strides", numbers(strides, whim))),
            None if whim.below(2) == 0 => fields.push(("strides", "null".into())),
            None => {}
        }
        if !asked.offset.is_zero() || whim.below(2) == 0 {
            fields.push(("offset", asked.offset.to_string()));
        }
        if !asked.itemsize.is_one() || whim.below(2) == 0 {
            fields.push(("itemsize", asked.itemsize.to_string()));
        }
        if asked.unit == Unit::Bytes || whim.below(3) == 0 {
            let word = if asked.unit == Unit::Bytes { "bytes" } else { "elements" };
            fields.push(("unit", quoted(word, whim)));
        }
        if asked.mutable || whim.below(3) == 0 {
            fields.push(("mode", quoted(if asked.mutable { "mut" } else { "ro" }, whim)));
        }
        if whim.below(4) == 0 {
            let other = ["[{\"shape\":[1]}]", "\"\\u0000,}\"", "1e999", "false"];
            fields.push((
                ["note", "Shape", "\u{e9}", ""][whim.below(4)],
                other[whim.below(4)].into(),
            ));
        }
        let (id, echo) = self.id.map(|id| IDS[id]).unzip();
        if let Some(id) = id {
            fields.push(("id", id.to_owned()));
        }
        let at = whim.below(fields.len());
        fields.rotate_left(at);
        let other = whim.below(fields.len());
        fields.swap(0, other);
        self.spoil(&mut fields, whim);
        let mut text = String::from("{");
        for (at, (key, value)) in fields.iter().enumerate() {
            text += if at > 0 { "," } else { "" };
            text += space(whim);
            text += &quoted(key, whim);
            text += space(whim);
            text += ":";
            text += space(whim);
            text += value;
            text += space(whim);
        }
        text += if self.flaw == Some(Flaw::TrailingComma) { ",}" } else { "}" };
        let mut line = text.into_bytes();
        match self.flaw {
            Some(Flaw::Garbage) => line.extend([b"}", b",", b"0", b"{"][whim.below(4)]),
            Some(Flaw::CutOff) => line.truncate(whim.below(line.len())),
            Some(Flaw::NotUtf8) => line.insert(whim.below(line.len()), 0xff),
            Some(Flaw::Blank) => line = b" ".repeat(whim.below(3)),
            _ => {}
        }
        let silent = [
            Flaw::Garbage,
            Flaw::LeadingZero,
            Flaw::CutOff,
            Flaw::NotUtf8,
            Flaw::DeepId,
            Flaw::Blank,
            Flaw::TrailingComma,
        ];
        let echoed = !self.flaw.is_some_and(|flaw| silent.contains(&flaw));
        (line, echo.filter(|_| echoed))
    }

    /// Puts the flaw into the fields.
    fn spoil(&self, fields: &mut Vec<(&str, String)>, whim: &mut Whim) {
        let number = |key: &str| matches!(key, "buffer_len" | "offset" | "itemsize");
        let known = |key: &str| number(key) || matches!(key, "shape" | "strides" | "unit" | "mode");
        let numeric = |fields: &[(&str, String)]| fields.iter().position(|field| number(field.0));
        match self.flaw {
            Some(Flaw::Twice) => {
                let again = fields.iter().find(|field| known(field.0)).cloned();
                fields.extend(again);
            }
            Some(Flaw::Missing) => {
                let gone = ["shape", "buffer_len"][whim.below(2)];
                fields.retain(|field| field.0 != gone);
            }
            Some(Flaw::OtherWord) => {
                fields.retain(|field| field.0 != "mode");
                let value = ["\"rw\"", "null", "\"mut \"", "0", "\"MUT\""][whim.below(5)];
                fields.push(("mode", value.into()));
            }
            Some(Flaw::DeepId) => {
                fields.retain(|field| field.0 != "id");
                fields.push(("id", "[".repeat(DEEPEST_ID + 1) + &"]".repeat(DEEPEST_ID + 1)));
            }
            Some(flaw @ (Flaw::Fraction | Flaw::LeadingZero | Flaw::Text)) => {
                let at = numeric(fields).unwrap_or(0);
                if let Some((_, value)) = fields.get_mut(at) {
                    *value = match flaw {
                        Flaw::Fraction => format!("{value}{}", [".0", "e0", "E+1"][whim.below(3)]),
                        Flaw::LeadingZero => format!("0{}", value.trim_start_matches('-')),
                        _ => format!("\"{value}\""),
                    };
                }
            }
            _ => {}
        }
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, _) = self.render();
        write!(f, "{}", String::from_utf8_lossy(&line))?;
        if let Some(flaw) = self.flaw { write!(f, " (malformed: {flaw:?})") } else { Ok(()) }
    }
}

/// White space, seldom.
fn space(whim: &mut Whim) -> &'static str {
    ["", "", "", "", "", " ", "\t", "\r "][whim.below(8)]
}

/// A string, sometimes with escapes where none is needed.
fn quoted(text: &str, whim: &mut Whim) -> String {
    let escaped = if whim.below(6) == 0 { whim.below(text.len().max(1)) } else { usize::MAX };
    let mut out = String::from("\"");
    for (at, c) in text.chars().enumerate() {
        if at == escaped {
            out += &format!("\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out + "\""
}

/// Lines that come from requests.
pub(super) fn run(written: &[Written], whim: u8) -> std::result::Result<(), String> {
    let mut bytes = Vec::new();
    let mut expected = Vec::new();
    for (at, each) in written.iter().enumerate() {
        let (line, echo) = each.render();
        let expects = match each.flaw {
            Some(_) => None,
            None => Some(Box::new(plain(&each.asked))),
        };
        if whim & 7 == 0 {
            // The reader of lines here is held to what was written.
            let reading = Reading::of(&line);
            let agrees = match (&reading, &expects) {
                (Reading::Malformed(_), None) => true,
                (Reading::Request(asked, _), Some(expected)) => asked == expected,
                _ => false,
            };
            check!(agrees, "{each:?} is read as {reading:?}");
        }
        if at == 0 && whim & 3 == 3 {
            bytes.extend(b"\xef\xbb\xbf");
        }
        bytes.extend(line);
        bytes.extend(if whim & 4 == 4 { &b"\r\n"[..] } else { b"\n" });
        expected.push((expects, echo));
    }
    if whim & 8 == 8 && !bytes.ends_with(b"\n\n") && expected.len() > 1 {
        bytes.pop();
    }
    let lines = Lines { bytes, chunk: usize::MAX, closes: None };
    let mut output = Vec::new();
    let most = if whim & 0x30 == 0x30 { 1 + usize::from(whim >> 6) } else { usize::MAX };
    let done = jsonl::run(Pieces { rest: &lines.bytes, most }, &mut output, |_| {});
    check!(done.is_ok(), "reading memory fails: {done:?}");
    let text = std::str::from_utf8(&output).map_err(|_| "output is not UTF-8")?;
    check!(text.is_empty() || text.ends_with('\n'), "the last line is not ended");
    check!(text.lines().count() == expected.len(), "{} lines: {text}", text.lines().count());
    for (number, ((asked, echo), line)) in (1u64..).zip(expected.iter().zip(text.lines())) {
        judge_one(asked.as_deref(), None, number, line)
            .map_err(|why| format!("line {number}: {why}: {line}"))?;
        let echoed = match echo {
            Some(id) => line.ends_with(&format!(",\"id\":{id}}}")),
            None => !line.contains(",\"id\":"),
        };
        check!(echoed, "line {number}: the id is not echoed as {echo:?}: {line}");
    }
    Ok(())
}

/// A request as lines can say it.
fn plain(asked: &Asked) -> Asked {
    Asked { as_elements: false, align: None, base: BigInt::zero(), ..asked.clone() }
}
