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

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use strideproof::Unit;

use crate::decide::judge;
use crate::nearest::{hint, quoted};
use crate::number::Number;
use crate::request::{DEFAULT_BUDGET, MOST_AXES, MOST_BUDGET, Mode, Request};
use crate::verdict::write_line;

/// The JSON Schema of a request, without the demand that no key is given twice.
pub const REQUEST_SCHEMA: &str = include_str!("../schemas/request.json");

/// The JSON Schema of a line of output.
pub const VERDICT_SCHEMA: &str = include_str!("../schemas/verdict.json");

/// How many levels of arrays and objects an `id` may have.
pub const DEEPEST_ID: usize = 100;

/// The longest line that is read, in bytes, without its end.
pub const LONGEST_LINE: usize = 1 << 24;

/// The keys of a request.
const KEYS: [&str; 13] = [
    "buffer_len",
    "shape",
    "strides",
    "offset",
    "itemsize",
    "unit",
    "mode",
    "mutable",
    "as_elements",
    "align",
    "base_address",
    "budget",
    "id",
];

/// A key as a line has it, which may be written with escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cold]
fn unknown(name: &str) -> String {
    let hint = hint(name, KEYS, || format!("the keys are {}", KEYS.join(", ")));
    format!("there is no key {}{hint}", quoted(name))
}

/// The values of a line as they were written; nothing but their JSON has been looked at.
#[derive(Default)]
struct Fields<'a> {
    values: [Option<&'a RawValue>; KEYS.len()],
    /// What is wrong with a key, the first one.
    wrong: Option<String>,
}

impl<'a> Fields<'a> {
    fn raw(&self, key: &str) -> Option<&'a RawValue> {
        let place = KEYS.iter().position(|known| *known == key)?;
        self.values.get(place).copied().flatten()
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        self.raw(key).map(RawValue::get)
    }

    /// Reads one of two words, the first of which is the default.
    fn word<T: Copy>(&self, key: &str, words: [(&str, T); 2]) -> Result<T, String> {
        let [default, other] = words;
        let Some(json) = self.get(key) else { return Ok(default.1) };
        // Through a parser, since a string may be written with escapes.
        match serde_json::from_str::<String>(json) {
            Ok(text) if text == default.0 => Ok(default.1),
            Ok(text) if text == other.0 => Ok(other.1),
            _ => Err(format!("{key} must be {:?} or {:?}", default.0, other.0)),
        }
    }

    fn truth(&self, key: &str) -> Result<bool, String> {
        match self.get(key) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(format!("{key} must be true or false")),
        }
    }

    fn integer(&self, key: &str, default: Number) -> Result<Number, String> {
        self.get(key).map_or(Ok(default), |json| integer(key, json))
    }

    fn need(&self, key: &str) -> Result<&'a str, String> {
        self.get(key).ok_or_else(|| format!("{key} is missing"))
    }
}

impl<'de> Visitor<'de> for &mut Fields<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            let value = map.next_value()?;
            match KEYS.iter().position(|known| *known == key) {
                Some(place) => {
                    if self.values[place].replace(value).is_some() {
                        self.wrong.get_or_insert_with(|| format!("{key} is given twice"));
                    }
                }
                None if key.starts_with("x_") => {}
                None => {
                    self.wrong.get_or_insert_with(|| unknown(&key));
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

/// Makes a JSON value safe to put into a line of output: no white space outside of strings, where a
/// line's end may hide, and no character that some readers take for one.
fn one_line(value: &RawValue) -> Cow<'_, RawValue> {
    let json = value.get();
    let hidden = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\t' | b' ' | 0x80..);
    if !json.bytes().any(hidden) {
        return Cow::Borrowed(value);
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
    // It is JSON still.
    RawValue::from_string(out).map_or(Cow::Borrowed(RawValue::NULL), Cow::Owned)
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
                verdict.write_with((), id.as_deref(), out);
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
        let id = fields.raw("id");
        if id.is_some_and(|id| depth(id.get()) > DEEPEST_ID) {
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
        integers("shape", fields.need("shape")?, &mut request.shape)?;
        // The vector is kept for the next line that has strides.
        let mut strides =
            request.strides.take().unwrap_or_else(|| std::mem::take(&mut self.strides));
        match fields.get("strides") {
            None | Some("null") => self.strides = strides,
            Some(json) => {
                integers("strides", json, &mut strides)?;
                request.strides = Some(strides);
            }
        }
        request.buffer_len = integer("buffer_len", fields.need("buffer_len")?)?;
        request.offset = fields.integer("offset", Number::ZERO)?;
        request.itemsize = fields.integer("itemsize", Number::ONE)?;
        let units = [("elements", Unit::Elements), ("bytes", Unit::Bytes)];
        request.unit = fields.word("unit", units)?;
        request.mode = match (fields.get("mode"), fields.get("mutable")) {
            (Some(_), Some(_)) => return Err("mode and mutable say the same; give one".into()),
            (None, Some(_)) if fields.truth("mutable")? => Mode::Mutable,
            _ => fields.word("mode", [("ro", Mode::ReadOnly), ("mut", Mode::Mutable)])?,
        };
        request.as_elements = fields.truth("as_elements")?;
        request.align = match fields.get("align") {
            None | Some("null") => None,
            Some(json) => Some(integer("align", json)?),
        };
        request.base_address = fields.integer("base_address", Number::ZERO)?;
        let budget = fields.integer("budget", DEFAULT_BUDGET.into())?.to_usize();
        request.budget = budget
            .and_then(|budget| budget.try_into().ok())
            .filter(|&budget| budget <= MOST_BUDGET)
            .ok_or_else(|| format!("budget must be a number of steps from 0 to {MOST_BUDGET}"))?;
        if fields.get("base_address").is_some() && fields.get("align").is_none() {
            return Err("base_address goes with align".into());
        }
        Ok(())
    }
}

/// An `id` as it goes into the output.
type OptionalId<'a> = Option<Cow<'a, RawValue>>;

/// Appends the line for a line of input that is no request.
#[cold]
fn write_error(message: &str, number: u64, id: Option<&RawValue>, out: &mut Vec<u8>) {
    #[derive(Serialize)]
    struct Wrong<'a> {
        line: u64,
        message: Cow<'a, RawValue>,
    }
    // A message may quote the input. Writing a string to memory cannot fail.
    let quoted = serde_json::value::to_raw_value(message).unwrap_or_default();
    let wrong = Wrong { line: number, message: one_line(&quoted) };
    write_line(out, "error", wrong, (), id);
    out.push(b'\n');
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
