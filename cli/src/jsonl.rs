//! One JSON request a line in, one JSON verdict a line out, in order.
//!
//! A line is an object with the keys
//!
//! - `buffer_len` and `shape`, which must be there;
//! - `strides`: an array, or null or missing for row-major order;
//! - `offset` (default 0), `itemsize` (default 1);
//! - `unit`: `"bytes"` or `"elements"` (default), `mode`: `"ro"` (default) or `"mut"`;
//! - `id`: any JSON value, echoed; up to [`DEEPEST_ID`] levels deep, so that a reader of the
//!   verdict need not recurse further than a reader of sane JSON does.
//!
//! Other keys are ignored. Numbers are integers, written without fraction or exponent: `3.0` and
//! `1e3` are malformed, because they come from sizes computed in floating point. A number that does
//! not fit 64 bits gets a refusal (SP028). A key that is given twice is malformed, and so are a
//! blank line, a line of more than [`LONGEST_LINE`] bytes and a list of more than [`MOST_AXES`]
//! numbers: every line of input has exactly one line of output, and memory is bounded.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use strideproof::Unit;

use crate::decide::judge;
use crate::number::Number;
use crate::request::{MOST_AXES, Mode, Request};
use crate::verdict::write_id;

/// How many levels of arrays and objects an `id` may have.
pub const DEEPEST_ID: usize = 100;

/// The longest line that is read, in bytes, without its end.
pub const LONGEST_LINE: usize = 1 << 24;

/// A key of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Unit,
    Itemsize,
    BufferLen,
    Offset,
    Shape,
    Strides,
    Mode,
    Id,
    Other,
}

const KEYS: [&str; 8] =
    ["unit", "itemsize", "buffer_len", "offset", "shape", "strides", "mode", "id"];

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                Ok(match key {
                    "unit" => Key::Unit,
                    "itemsize" => Key::Itemsize,
                    "buffer_len" => Key::BufferLen,
                    "offset" => Key::Offset,
                    "shape" => Key::Shape,
                    "strides" => Key::Strides,
                    "mode" => Key::Mode,
                    "id" => Key::Id,
                    _ => Key::Other,
                })
            }
        }
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

/// The values of a line as they were written; nothing but their JSON has been looked at.
#[derive(Default)]
struct Fields<'a> {
    values: [Option<&'a RawValue>; KEYS.len()],
    twice: Option<&'static str>,
}

impl<'a> Fields<'a> {
    fn get(&self, key: Key) -> Option<&'a str> {
        self.values.get(key as usize).copied().flatten().map(RawValue::get)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Fields::default();
                while let Some(key) = map.next_key::<Key>()? {
                    let Some(slot) = fields.values.get_mut(key as usize) else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    if slot.replace(map.next_value()?).is_some() {
                        fields.twice = KEYS.get(key as usize).copied();
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
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
    format!("{key} must be an integer and is {found}")
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

/// Reads one of two words from its JSON.
fn word<T>(key: &str, json: &str, words: [(&str, T); 2]) -> Result<T, String> {
    // Through a parser, since a string may be written with escapes.
    let text: Option<String> = serde_json::from_str(json).ok();
    let [a, b] = words;
    match text.as_deref() {
        Some(text) if text == a.0 => Ok(a.1),
        Some(text) if text == b.0 => Ok(b.1),
        _ => Err(format!("{key} must be \"{}\" or \"{}\"", a.0, b.0)),
    }
}

/// Makes a valid JSON value safe to put into a line of output: no white space outside of strings,
/// where a line's end may hide, and no character that some readers take for one.
fn one_line(json: &str) -> Option<String> {
    let hidden = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\t' | b' ' | 0x80..);
    if !json.bytes().any(hidden) {
        return None;
    }
    let mut out = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c == '"' {
            in_string = true;
        } else if c.is_ascii_whitespace() {
            continue;
        }
        match c {
            '\u{85}' => out.push_str("\\u0085"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    Some(out)
}

/// How many levels of arrays and objects a valid JSON value has.
fn depth(json: &str) -> usize {
    let (mut now, mut most) = (0usize, 0usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => now = now.saturating_add(1),
            b']' | b'}' => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
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
    /// Returns whether the line was well-formed. Any bytes at all are fine: this never panics.
    pub fn judge(&mut self, line: &[u8], number: u64, out: &mut Vec<u8>) -> bool {
        match self.parse(line) {
            Ok(id) => {
                let (verdict, _) = judge(&self.request);
                verdict.write_json(id.as_ref().map(Id::as_str), out);
                out.push(b'\n');
                true
            }
            Err((message, id)) => {
                write_error(&message, number, id.as_ref().map(Id::as_str), out);
                false
            }
        }
    }

    fn parse<'a>(&mut self, line: &'a [u8]) -> Result<Option<Id<'a>>, (String, Option<Id<'a>>)> {
        let text = std::str::from_utf8(line)
            .map_err(|error| (format!("not UTF-8 from byte {}", error.valid_up_to()), None))?;
        if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return Err(("the line is blank; expected one JSON object".into(), None));
        }
        let fields: Fields<'a> = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            // The line within the line is always 1.
            (
                format!("not a request: {}", message.replace(" at line 1 column ", " at column ")),
                None,
            )
        })?;
        let id = match fields.get(Key::Id) {
            None => None,
            Some(json) if depth(json) > DEEPEST_ID => {
                return Err((format!("id is more than {DEEPEST_ID} levels deep"), None));
            }
            Some(json) => Some(match one_line(json) {
                Some(line) => Id::Owned(line),
                None => Id::Borrowed(json),
            }),
        };
        match self.fill(&fields) {
            Ok(()) => Ok(id),
            Err(message) => Err((message, id)),
        }
    }

    fn fill(&mut self, fields: &Fields<'_>) -> Result<(), String> {
        if let Some(key) = fields.twice {
            return Err(format!("{key} is given twice"));
        }
        let request = &mut self.request;
        let need =
            |key: Key| fields.get(key).ok_or_else(|| format!("{} is missing", KEYS[key as usize]));
        integers("shape", need(Key::Shape)?, &mut request.shape)?;
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
        request.buffer_len = integer("buffer_len", need(Key::BufferLen)?)?;
        let or = |key: Key, default: Number| match fields.get(key) {
            Some(json) => integer(KEYS[key as usize], json),
            None => Ok(default),
        };
        request.offset = or(Key::Offset, Number::ZERO)?;
        request.itemsize = or(Key::Itemsize, Number::ONE)?;
        request.unit = match fields.get(Key::Unit) {
            None | Some("\"elements\"") => Unit::Elements,
            Some("\"bytes\"") => Unit::Bytes,
            Some(json) => {
                word("unit", json, [("bytes", Unit::Bytes), ("elements", Unit::Elements)])?
            }
        };
        request.mode = match fields.get(Key::Mode) {
            None | Some("\"ro\"") => Mode::ReadOnly,
            Some("\"mut\"") => Mode::Mutable,
            Some(json) => word("mode", json, [("ro", Mode::ReadOnly), ("mut", Mode::Mutable)])?,
        };
        Ok(())
    }
}

/// An `id` as it goes into the output.
enum Id<'a> {
    Borrowed(&'a str),
    Owned(String),
}

impl Id<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(id) => id,
            Self::Owned(id) => id,
        }
    }
}

/// Appends the line for a line of input that is no request.
#[cold]
fn write_error(message: &str, number: u64, id: Option<&str>, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"schema":1,"verdict":"error","line":"#);
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    out.extend_from_slice(br#","message":"#);
    // A message may quote the input. Writing a string to memory cannot fail.
    let quoted = serde_json::to_string(message).unwrap_or_else(|_| "\"\"".into());
    let quoted = one_line(&quoted).unwrap_or(quoted);
    out.extend_from_slice(quoted.as_bytes());
    write_id(out, id);
    out.extend_from_slice(b"}\n");
}

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The lines read.
    pub lines: u64,
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
        bytes = bytes.saturating_add(read);
        summary.lines = summary.lines.saturating_add(1);
        let mut text = line.as_slice();
        if summary.lines == 1 {
            // The mark that some editors put before a text.
            text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        }
        let well_formed = if line.len() > LONGEST_LINE {
            let message = format!("the line is longer than {LONGEST_LINE} bytes");
            write_error(&message, summary.lines, None, &mut out);
            false
        } else {
            lines.judge(text, summary.lines, &mut out)
        };
        if !well_formed {
            summary.malformed = summary.malformed.saturating_add(1);
        }
    }
}

/// Reads a line without its end, of a longer one than [`LONGEST_LINE`] no more than one byte more.
/// Returns the bytes read, 0 at the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    line.clear();
    let mut read = 0u64;
    loop {
        let chunk = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            chunk => chunk?,
        };
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let text = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        let kept = text.len().min((LONGEST_LINE + 1).saturating_sub(line.len()));
        line.extend_from_slice(text.get(..kept).unwrap_or_default());
        let used = text.len() + usize::from(end.is_some());
        read = read.saturating_add(u64::try_from(used).unwrap_or(u64::MAX));
        input.consume(used);
        if end.is_some() || used == 0 {
            return Ok(read);
        }
    }
}
