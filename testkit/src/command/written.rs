//! Requests as JSON lines, in all the ways that mean the same, or in one that means nothing.

use std::fmt;

use arbitrary::{Result, Unstructured};
use strideproof::Unit;

use super::asked::{self, Asked};
use super::draw::{Whim, choose, digits};
use strideproof_cli::jsonl::DEEPEST_ID;

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

/// Ids that are to be echoed.
const IDS: [&str; 12] = [
    "7",
    "null",
    "-0.50e+3",
    "\"a b\"",
    "[ 1 ,\t{\"k\" : [ ] } ]",
    "\"\\u2028 \\\" \u{2028}\u{2029}\u{85}\"",
    "\"\u{1f600}\\\\\"",
    "{\"a\" :\"]} \\\" \" }",
    "\"\\ud800\"",
    "true",
    "\"\"",
    "340282366920938463463374607431768211456",
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

    /// The line without its end.
    pub(super) fn render(&self) -> Vec<u8> {
        let whim = &mut Whim::new(self.whim);
        let numbers = |numbers: &[i128], whim: &mut Whim| {
            let mut text = String::from("[");
            for (at, number) in numbers.iter().enumerate() {
                text += if at > 0 { "," } else { "" };
                text += space(whim);
                text += &digits(*number, whim);
                text += space(whim);
            }
            text + "]"
        };
        let asked = &self.asked;
        let mut fields: Vec<(&str, String)> =
            vec![("buffer_len", digits(asked.len, whim)), ("shape", numbers(&asked.shape, whim))];
        match &asked.strides {
            Some(strides) => fields.push(("strides", numbers(strides, whim))),
            None if whim.below(2) == 0 => fields.push(("strides", "null".into())),
            None => {}
        }
        if asked.offset != 0 || whim.below(2) == 0 {
            fields.push(("offset", digits(asked.offset, whim)));
        }
        if asked.itemsize != 1 || whim.below(2) == 0 {
            fields.push(("itemsize", digits(asked.itemsize, whim)));
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
        fields.extend(self.id.map(|id| ("id", IDS[id].to_owned())));
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
        line
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
        let line = self.render();
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

/// A request as lines can say it.
pub(super) fn plain(asked: &Asked) -> Asked {
    Asked { as_elements: false, align: None, base: 0, ..asked.clone() }
}
