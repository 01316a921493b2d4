//! One JSON request a line in, one JSON verdict a line out, in order.
//!
//! A line is an object with the keys
//!
//! - `buffer_len` and `shape`, which must be there;
//! - `strides`: an array, or null or missing for row-major order;
//! - `offset` (default 0), `itemsize` (default 1);
//! - `unit`: `"bytes"` or `"elements"` (default);
//! - `mutable` and `as_elements`: booleans (default false), `mode`: `"ro"` or `"mut"`, another way to
//!   say `mutable`;
//! - `align`: an alignment or null (default), `base_address` (default 0), `budget` (default
//!   [`DEFAULT_BUDGET`], at most [`MOST_BUDGET`]);
//! - `id`: any JSON value, echoed; up to [`DEEPEST_ID`] levels deep, so that a reader of the
//!   verdict need not recurse further than a reader of sane JSON does.
//!
//! Keys that begin with `x_` are ignored; a line with any other key is malformed, because a verdict
//! that leaves out what was asked is wrong. Numbers are integers, written without fraction or exponent: `3.0` and
//! `1e3` are malformed, because they come from sizes computed in floating point. A number that does
//! not fit 64 bits gets a refusal (SP028). A key that is given twice is malformed, and so are a
//! blank line, a line of more than [`LONGEST_LINE`] bytes and a list of more than [`MOST_AXES`]
//! numbers: every line of input has exactly one line of output, and memory is bounded.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use strideproof::Unit;

use crate::decide::judge;
use crate::nearest::{nearest, quoted};
use crate::number::Number;
use crate::request::{DEFAULT_BUDGET, MOST_AXES, MOST_BUDGET, Mode, Request};
use crate::verdict::write_id;

/// The JSON Schema of a request, without the demand that no key is given twice.
pub const REQUEST_SCHEMA: &str = include_str!("../schemas/request.json");

/// The JSON Schema of a line of output.
pub const VERDICT_SCHEMA: &str = include_str!("../schemas/verdict.json");

/// How many levels of arrays and objects an `id` may have.
pub const DEEPEST_ID: usize = 100;

/// The longest line that is read, in bytes, without its end.
pub const LONGEST_LINE: usize = 1 << 24;

/// A key of a request.
#[derive(Clone, Copy)]
enum Key {
    BufferLen,
    Shape,
    Strides,
    Offset,
    Itemsize,
    Unit,
    Mode,
    Mutable,
    AsElements,
    Align,
    BaseAddress,
    Budget,
    Id,
}

/// The keys in the order of [`Key`], with their names.
const KEYS: [(Key, &str); 13] = [
    (Key::BufferLen, "buffer_len"),
    (Key::Shape, "shape"),
    (Key::Strides, "strides"),
    (Key::Offset, "offset"),
    (Key::Itemsize, "itemsize"),
    (Key::Unit, "unit"),
    (Key::Mode, "mode"),
    (Key::Mutable, "mutable"),
    (Key::AsElements, "as_elements"),
    (Key::Align, "align"),
    (Key::BaseAddress, "base_address"),
    (Key::Budget, "budget"),
    (Key::Id, "id"),
];

impl Key {
    const fn name(self) -> &'static str {
        KEYS[self as usize].1
    }
}

/// A key as a line has it.
enum Written {
    Known(Key),
    Ignored,
    /// What is said of a key that does not exist.
    Unknown(String),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Written;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Written, E> {
                Ok(match KEYS.iter().find(|(_, known)| *known == name) {
                    Some(&(key, _)) => Written::Known(key),
                    None if name.starts_with("x_") => Written::Ignored,
                    None => Written::Unknown(unknown(name)),
                })
            }
        }
        reader.deserialize_str(Name)
    }
}

#[cold]
fn unknown(name: &str) -> String {
    let names = KEYS.map(|(_, name)| name);
    match nearest(name, names) {
        Some(near) => format!("there is no key {}; did you mean {near:?}?", quoted(name)),
        None => format!("there is no key {}; the keys are {}", quoted(name), names.join(", ")),
    }
}

/// The values of a line as they were written; nothing but their JSON has been looked at.
#[derive(Default)]
struct Fields<'a> {
    values: [Option<&'a RawValue>; KEYS.len()],
    /// What is wrong with a key, the first one.
    wrong: Option<String>,
}

impl<'a> Fields<'a> {
    fn get(&self, key: Key) -> Option<&'a str> {
        self.values.get(key as usize).copied().flatten().map(RawValue::get)
    }

    /// Reads one of two words, the first of which is the default.
    fn word<T: Copy>(&self, key: Key, words: [(&str, T); 2]) -> Result<T, String> {
        let [default, other] = words;
        let Some(json) = self.get(key) else { return Ok(default.1) };
        // Through a parser, since a string may be written with escapes.
        match serde_json::from_str::<String>(json) {
            Ok(text) if text == default.0 => Ok(default.1),
            Ok(text) if text == other.0 => Ok(other.1),
            _ => Err(format!("{} must be {:?} or {:?}", key.name(), default.0, other.0)),
        }
    }

    fn truth(&self, key: Key) -> Result<bool, String> {
        match self.get(key) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(format!("{} must be true or false", key.name())),
        }
    }

    fn integer(&self, key: Key, default: Number) -> Result<Number, String> {
        self.get(key).map_or(Ok(default), |json| integer(key.name(), json))
    }

    fn need(&self, key: Key) -> Result<&'a str, String> {
        self.get(key).ok_or_else(|| format!("{} is missing", key.name()))
    }
}

impl<'de> Visitor<'de> for &mut Fields<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key()? {
            match key {
                Written::Known(key) => {
                    let value = map.next_value()?;
                    if self.values[key as usize].replace(value).is_some() {
                        self.wrong.get_or_insert_with(|| format!("{} is given twice", key.name()));
                    }
                }
                Written::Unknown(wrong) => {
                    map.next_value::<IgnoredAny>()?;
                    self.wrong.get_or_insert(wrong);
                }
                Written::Ignored => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Reads one integer from its JSON.
fn integer(key: &str, json: &str) -> Result<Number, String> {
    Number::parse(json.as_bytes()).ok_or_else(|| not_an_integer(key, json))
}

#[cold]
fn not_an_integer(key: &str, json: &str) -> String {
    let found = match json.as_bytes().first() {
        Some(b'"') => "a string",
        Some(b'[') => "an array",
        Some(b'{') => "an object",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number with a fraction or an exponent",
    };
    format!("{key} must be an integer, not {found}")
}

/// Reads an array of integers from JSON that is known to be valid into `out`.
fn integers(key: &str, json: &str, out: &mut Vec<Number>) -> Result<(), String> {
    out.clear();
    let Some(inner) = json.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return Err(format!("{key} must be an array of integers"));
    };
    let trim = |text: &str| -> bool { text.bytes().all(|byte| byte.is_ascii_whitespace()) };
    if trim(inner) {
        return Ok(());
    }
    // The first entry that is no integer ends the loop, so no comma inside a string or an array
    // is ever taken for one between entries.
    for entry in inner.split(',') {
        let entry = entry.trim_ascii();
        match Number::parse(entry.as_bytes()) {
            Some(_) if out.len() == MOST_AXES => {
                return Err(format!("{key} has more than {MOST_AXES} entries"));
            }
            Some(value) => out.push(value),
            None => return Err(not_an_integer(&format!("{key}[{}]", out.len()), entry)),
        }
    }
    Ok(())
}

/// The characters of a valid JSON value, each with whether it is inside a string.
fn marked(json: &str) -> impl Iterator<Item = (char, bool)> {
    let (mut in_string, mut escaped) = (false, false);
    json.chars().map(move |c| {
        let stands = in_string;
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            in_string = c == '"';
        }
        (c, stands)
    })
}

/// Makes a valid JSON value safe to put into a line of output: no white space outside of strings,
/// where a line's end may hide, and no character that some readers take for one.
fn one_line(json: &str) -> Cow<'_, str> {
    let hidden = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\t' | b' ' | 0x80..);
    if !json.bytes().any(hidden) {
        return json.into();
    }
    let mut out = String::with_capacity(json.len());
    for (c, in_string) in marked(json) {
        match c {
            c if c.is_ascii_whitespace() && !in_string => {}
            '\u{85}' => out.push_str("\\u0085"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out.into()
}

/// How many levels of arrays and objects a valid JSON value has.
fn depth(json: &str) -> usize {
    let (mut now, mut most) = (0usize, 0usize);
    for (c, _) in marked(json).filter(|(_, in_string)| !in_string) {
        match c {
            '[' | '{' => now = now.saturating_add(1),
            ']' | '}' => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
}

/// What came of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The request is accepted.
    Accepted,
    /// The request is rejected.
    Rejected,
    /// The line is no request.
    Malformed,
}

/// Decides lines, and keeps its buffers from one to the next.
#[derive(Debug, Default)]
pub struct Lines {
    request: Request,
    strides: Vec<Number>,
}

impl Lines {
    /// Decides one line, given without its end, and appends exactly one line of JSON to `out`.
    ///
    /// Any bytes at all are fine: this never panics.
    pub fn judge(&mut self, line: &[u8], number: u64, out: &mut Vec<u8>) -> Outcome {
        match self.parse(line) {
            Ok(id) => {
                let (verdict, _) = judge(&self.request);
                verdict.write_json(id.as_deref(), out);
                out.push(b'\n');
                if verdict.is_accepted() { Outcome::Accepted } else { Outcome::Rejected }
            }
            Err((message, id)) => {
                write_error(&message, number, id.as_deref(), out);
                Outcome::Malformed
            }
        }
    }

    fn parse<'a>(&mut self, line: &'a [u8]) -> Result<OptionalId<'a>, (String, OptionalId<'a>)> {
        let text = std::str::from_utf8(line)
            .map_err(|error| (format!("not UTF-8 from byte {}", error.valid_up_to()), None))?;
        let start = text.trim_start();
        if !start.starts_with('{') {
            let what = if start.is_empty() { "the line is blank" } else { "not a request" };
            return Err((format!("{what}: expected one JSON object"), None));
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        let mut fields = Fields::default();
        let read = reader.deserialize_map(&mut fields).and_then(|()| reader.end());
        read.map_err(|error| {
            // The line within the line is always 1.
            let message = error.to_string().replace(" at line 1 column ", " at column ");
            (format!("not a request: {message}"), None)
        })?;
        let id = fields.get(Key::Id);
        if id.is_some_and(|id| depth(id) > DEEPEST_ID) {
            return Err((format!("id is more than {DEEPEST_ID} levels deep"), None));
        }
        let id = id.map(one_line);
        match self.fill(&fields) {
            Ok(()) => Ok(id),
            Err(message) => Err((message, id)),
        }
    }

    fn fill(&mut self, fields: &Fields<'_>) -> Result<(), String> {
        if let Some(wrong) = &fields.wrong {
            return Err(wrong.clone());
        }
        let request = &mut self.request;
        integers("shape", fields.need(Key::Shape)?, &mut request.shape)?;
        // The vector is kept for the next line that has strides.
        let mut strides =
            request.strides.take().unwrap_or_else(|| std::mem::take(&mut self.strides));
        match fields.get(Key::Strides) {
            None | Some("null") => self.strides = strides,
            Some(json) => {
                integers("strides", json, &mut strides)?;
                request.strides = Some(strides);
            }
        }
        request.buffer_len = integer("buffer_len", fields.need(Key::BufferLen)?)?;
        request.offset = fields.integer(Key::Offset, Number::ZERO)?;
        request.itemsize = fields.integer(Key::Itemsize, Number::ONE)?;
        let units = [("elements", Unit::Elements), ("bytes", Unit::Bytes)];
        request.unit = fields.word(Key::Unit, units)?;
        request.mode = match (fields.get(Key::Mode), fields.get(Key::Mutable)) {
            (Some(_), Some(_)) => return Err("mode and mutable say the same; give one".into()),
            (None, Some(_)) if fields.truth(Key::Mutable)? => Mode::Mutable,
            _ => fields.word(Key::Mode, [("ro", Mode::ReadOnly), ("mut", Mode::Mutable)])?,
        };
        request.as_elements = fields.truth(Key::AsElements)?;
        request.align = match fields.get(Key::Align) {
            None | Some("null") => None,
            Some(json) => Some(integer("align", json)?),
        };
        request.base_address = fields.integer(Key::BaseAddress, Number::ZERO)?;
        let budget = fields.integer(Key::Budget, DEFAULT_BUDGET.into())?.to_usize();
        request.budget = budget
            .and_then(|budget| budget.try_into().ok())
            .filter(|&budget| budget <= MOST_BUDGET)
            .ok_or_else(|| format!("budget must be a number of steps from 0 to {MOST_BUDGET}"))?;
        if fields.get(Key::BaseAddress).is_some() && fields.get(Key::Align).is_none() {
            return Err("base_address goes with align".into());
        }
        Ok(())
    }
}

/// An `id` as it goes into the output.
type OptionalId<'a> = Option<Cow<'a, str>>;

/// Appends the line for a line of input that is no request.
#[cold]
fn write_error(message: &str, number: u64, id: Option<&str>, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"schema":1,"verdict":"error","line":"#);
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    out.extend_from_slice(br#","message":"#);
    // A message may quote the input. Writing a string to memory cannot fail.
    let quoted = serde_json::to_string(message).unwrap_or_else(|_| "\"\"".into());
    out.extend_from_slice(one_line(&quoted).as_bytes());
    write_id(out, id);
    out.extend_from_slice(b"}\n");
}

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The lines read.
    pub lines: u64,
    /// The requests that were rejected.
    pub rejected: u64,
    /// Those that were no request.
    pub malformed: u64,
}

/// An input or output error, kept apart: a closed output is no failure of this program.
#[derive(Debug)]
pub enum RunError {
    /// The input cannot be read.
    Read(io::Error),
    /// The output cannot be written.
    Write(io::Error, Summary),
}

/// How much input is read at once; output is written as often.
const CHUNK: usize = 1 << 16;

/// Decides every line of `input`, and calls `progress` with the bytes read now and then.
///
/// # Errors
/// [`RunError`] when reading or writing fails.
pub fn run(
    input: impl Read,
    mut output: impl Write,
    mut progress: impl FnMut(u64),
) -> Result<Summary, RunError> {
    let mut input = BufReader::with_capacity(CHUNK, input);
    let (mut lines, mut line, mut out) = (Lines::default(), Vec::new(), Vec::new());
    let (mut summary, mut bytes) = (Summary::default(), 0u64);
    loop {
        // What is decided is shown before waiting for more, so that two programs can take turns.
        if input.buffer().is_empty() || out.len() >= CHUNK {
            let written = output.write_all(&out).and_then(|()| output.flush());
            written.map_err(|error| RunError::Write(error, summary))?;
            out.clear();
            progress(bytes);
        }
        let read = read_line(&mut input, &mut line).map_err(RunError::Read)?;
        if read == 0 {
            return Ok(summary);
        }
        bytes = bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        summary.lines = summary.lines.saturating_add(1);
        let mut text = line.as_slice();
        if summary.lines == 1 {
            // The mark that some editors put before a text.
            text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        }
        let outcome = if line.len() > LONGEST_LINE {
            let message = format!("the line is longer than {LONGEST_LINE} bytes");
            write_error(&message, summary.lines, None, &mut out);
            Outcome::Malformed
        } else {
            lines.judge(text, summary.lines, &mut out)
        };
        match outcome {
            Outcome::Accepted => {}
            Outcome::Rejected => summary.rejected = summary.rejected.saturating_add(1),
            Outcome::Malformed => summary.malformed = summary.malformed.saturating_add(1),
        }
    }
}

/// Reads a line without its end, of a longer one than [`LONGEST_LINE`] no more than one byte more.
/// Returns the bytes read, 0 at the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    line.clear();
    let mut read = input.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > LONGEST_LINE {
        read = read.saturating_add(input.skip_until(b'\n')?);
    }
    Ok(read)
}
