//! Requests as JSON lines, in all the ways that mean the same, or in one that means nothing.

use std::fmt;

use arbitrary::{Result, Unstructured};
use num_bigint::BigInt;
use num_traits::{One, Zero};
use strideproof::Unit;

use super::draw::{Rng, choose};
use super::request::{self, Request};
use strideproof_cli::jsonl::DEEPEST_ID;

/// A request and how it is written down.
#[derive(Clone)]
pub(super) struct Encoded {
    pub(super) asked: Request,
    flaw: Option<Flaw>,
    /// Which of [`IDS`] it has, if any.
    id: Option<usize>,
    rng: u64,
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

impl Encoded {
    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let flaw = FLAWS.get(usize::from(choose(u, 60)?).wrapping_sub(1)).copied();
        let id = usize::from(choose(u, 24)?);
        let rng = u.arbitrary::<u16>()?.into();
        Ok(Self { asked: request::draw(u)?, flaw, id: (id < IDS.len()).then_some(id), rng })
    }

    /// The request, if the line is one.
    pub(super) fn request(&self) -> Option<&Request> {
        if self.flaw.is_none() { Some(&self.asked) } else { None }
    }

    /// The line without its end, and the id that is to be echoed, as it is to be echoed.
    pub(super) fn render(&self) -> (Vec<u8>, Option<&'static str>) {
        let rng = &mut Rng::new(self.rng);
        let numbers = |numbers: &[BigInt], rng: &mut Rng| {
            let mut text = String::from("[");
            for (at, number) in numbers.iter().enumerate() {
                text += if at > 0 { "," } else { "" };
                text += space(rng);
                text += &number.to_string();
                text += space(rng);
            }
            text + "]"
        };
        let asked = &self.asked;
        let mut fields: Vec<(&str, String)> =
            vec![("buffer_len", asked.len.to_string()), ("shape", numbers(&asked.shape, rng))];
        match &asked.strides {
            Some(strides) => fields.push(("strides", numbers(strides, rng))),
            None if rng.below(2) == 0 => fields.push(("strides", "null".into())),
            None => {}
        }
        if !asked.offset.is_zero() || rng.below(2) == 0 {
            fields.push(("offset", asked.offset.to_string()));
        }
        if !asked.itemsize.is_one() || rng.below(2) == 0 {
            fields.push(("itemsize", asked.itemsize.to_string()));
        }
        if asked.unit == Unit::Bytes || rng.below(3) == 0 {
            let word = if asked.unit == Unit::Bytes { "bytes" } else { "elements" };
            fields.push(("unit", quoted(word, rng)));
        }
        if asked.mutable || rng.below(3) == 0 {
            fields.push(("mode", quoted(if asked.mutable { "mut" } else { "ro" }, rng)));
        }
        if rng.below(4) == 0 {
            let other = ["[{\"shape\":[1]}]", "\"\\u0000,}\"", "1e999", "false"];
            fields
                .push((["note", "Shape", "\u{e9}", ""][rng.below(4)], other[rng.below(4)].into()));
        }
        let (id, echo) = self.id.map(|id| IDS[id]).unzip();
        if let Some(id) = id {
            fields.push(("id", id.to_owned()));
        }
        let at = rng.below(fields.len());
        fields.rotate_left(at);
        let other = rng.below(fields.len());
        fields.swap(0, other);
        self.spoil(&mut fields, rng);
        let mut text = String::from("{");
        for (at, (key, value)) in fields.iter().enumerate() {
            text += if at > 0 { "," } else { "" };
            text += space(rng);
            text += &quoted(key, rng);
            text += space(rng);
            text += ":";
            text += space(rng);
            text += value;
            text += space(rng);
        }
        text += if self.flaw == Some(Flaw::TrailingComma) { ",}" } else { "}" };
        let mut line = text.into_bytes();
        match self.flaw {
            Some(Flaw::Garbage) => line.extend([b"}", b",", b"0", b"{"][rng.below(4)]),
            Some(Flaw::CutOff) => line.truncate(rng.below(line.len())),
            Some(Flaw::NotUtf8) => line.insert(rng.below(line.len()), 0xff),
            Some(Flaw::Blank) => line = b" ".repeat(rng.below(3)),
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
    fn spoil(&self, fields: &mut Vec<(&str, String)>, rng: &mut Rng) {
        let number = |key: &str| matches!(key, "buffer_len" | "offset" | "itemsize");
        let known = |key: &str| number(key) || matches!(key, "shape" | "strides" | "unit" | "mode");
        let numeric = |fields: &[(&str, String)]| fields.iter().position(|field| number(field.0));
        match self.flaw {
            Some(Flaw::Twice) => {
                let again = fields.iter().find(|field| known(field.0)).cloned();
                fields.extend(again);
            }
            Some(Flaw::Missing) => {
                let gone = ["shape", "buffer_len"][rng.below(2)];
                fields.retain(|field| field.0 != gone);
            }
            Some(Flaw::OtherWord) => {
                fields.retain(|field| field.0 != "mode");
                let value = ["\"rw\"", "null", "\"mut \"", "0", "\"MUT\""][rng.below(5)];
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
                        Flaw::Fraction => format!("{value}{}", [".0", "e0", "E+1"][rng.below(3)]),
                        Flaw::LeadingZero => format!("0{}", value.trim_start_matches('-')),
                        _ => format!("\"{value}\""),
                    };
                }
            }
            _ => {}
        }
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, _) = self.render();
        write!(f, "{}", String::from_utf8_lossy(&line))?;
        if let Some(flaw) = self.flaw { write!(f, " (malformed: {flaw:?})") } else { Ok(()) }
    }
}

/// White space, seldom.
fn space(rng: &mut Rng) -> &'static str {
    ["", "", "", "", "", " ", "\t", "\r "][rng.below(8)]
}

/// A string, sometimes with escapes where none is needed.
fn quoted(text: &str, rng: &mut Rng) -> String {
    let escaped = if rng.below(6) == 0 { rng.below(text.len().max(1)) } else { usize::MAX };
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

/// A request as lines can say it.
pub(super) fn plain(asked: &Request) -> Request {
    Request { as_elements: false, align: None, base: BigInt::zero(), ..asked.clone() }
}
