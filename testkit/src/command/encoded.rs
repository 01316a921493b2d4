//! Requests as JSON lines, in many equivalent ways, or malformed.

use std::fmt;

use arbitrary::{Result, Unstructured};
use strideproof::Unit;
use strideproof_cli::jsonl::DEEPEST_ID;
use strideproof_cli::request::DEFAULT_BUDGET;
use strideproof_oracle::Rng;

use super::draw::{choose, digits, style};
use super::request::Request;

/// A request and how it is written down.
pub(super) struct Encoded {
    pub(super) request: Request,
    /// Steps that a search may take.
    pub(super) budget: u64,
    /// Which of [`FLAWS`] it has, if any.
    pub(super) flaw: Option<&'static str>,
    /// Which of [`IDS`] it has, if any.
    id: Option<usize>,
    style: Rng,
}

/// Ways to malform a line; an edited byte may leave it well-formed.
const FLAWS: [&str; 14] = [
    "unknown key",
    "given twice",
    "fraction",
    "missing",
    "garbage",
    "leading zero",
    "text",
    "cut off",
    "not UTF-8",
    "other word",
    "deep id",
    "blank",
    "trailing comma",
    "edited",
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

impl Encoded {
    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let flaw = FLAWS.get(usize::from(choose(u, 60)?).wrapping_sub(1)).copied();
        let id = usize::from(choose(u, 24)?);
        let style = style(u)?;
        let mut request = Request::draw(u)?;
        let budget = [DEFAULT_BUDGET, DEFAULT_BUDGET, 0, 20_000][usize::from(choose(u, 4)?)];
        if choose(u, 8)? == 7 {
            request.draw_demands(u)?;
            // The address goes with the alignment.
            request.base = if request.align.is_some() { request.base } else { 0 };
        }
        Ok(Self { request, budget, flaw, id: (id < IDS.len()).then_some(id), style })
    }

    /// The line without its end.
    pub(super) fn render(&self) -> Vec<u8> {
        let style = &mut self.style.clone();
        let numbers = |numbers: &[i128], style: &mut Rng| {
            let mut text = String::from("[");
            for (at, number) in numbers.iter().enumerate() {
                text += if at > 0 { "," } else { "" };
                text += space(style);
                text += &digits(*number, style);
                text += space(style);
            }
            text + "]"
        };
        let request = &self.request;
        let mut fields: Vec<(&str, String)> = vec![
            ("buffer_len", digits(request.len, style)),
            ("shape", numbers(&request.shape, style)),
        ];
        match &request.strides {
            Some(strides) => fields.push(("strides", numbers(strides, style))),
            None if style.below(2) == 0 => fields.push(("strides", "null".into())),
            None => {}
        }
        if request.offset != 0 || style.below(2) == 0 {
            fields.push(("offset", digits(request.offset, style)));
        }
        if request.itemsize != 1 || style.below(2) == 0 {
            fields.push(("itemsize", digits(request.itemsize, style)));
        }
        if request.unit == Unit::Bytes || style.below(3) == 0 {
            let word = if request.unit == Unit::Bytes { "bytes" } else { "elements" };
            fields.push(("unit", quoted(word, style)));
        }
        if request.mutable || style.below(3) == 0 {
            fields.push(match style.below(2) {
                0 => ("mode", quoted(if request.mutable { "mut" } else { "ro" }, style)),
                _ => ("mutable", request.mutable.to_string()),
            });
        }
        if request.as_elements || style.below(6) == 0 {
            fields.push(("as_elements", request.as_elements.to_string()));
        }
        match &request.align {
            Some(align) => fields.push(("align", digits(*align, style))),
            None if style.below(6) == 0 => fields.push(("align", "null".into())),
            None => {}
        }
        if request.base != 0 || request.align.is_some() && style.below(2) == 0 {
            fields.push(("base_address", digits(request.base, style)));
        }
        if self.budget != DEFAULT_BUDGET || style.below(6) == 0 {
            fields.push(("budget", self.budget.to_string()));
        }
        if style.below(4) == 0 {
            let other = ["[{\"shape\":[1]}]", "\"\\u0000,}\"", "1e999", "false"];
            fields.push((
                ["x_note", "x_shape", "x_\u{e9}", "x_"][style.below(4)],
                other[style.below(4)].into(),
            ));
        }
        fields.extend(self.id.map(|id| ("id", IDS[id].to_owned())));
        let at = style.below(fields.len());
        fields.rotate_left(at);
        let other = style.below(fields.len());
        fields.swap(0, other);
        self.spoil(&mut fields, style);
        let mut text = String::from("{");
        for (at, (key, value)) in fields.iter().enumerate() {
            text += if at > 0 { "," } else { "" };
            text += space(style);
            text += &quoted(key, style);
            text += space(style);
            text += ":";
            text += space(style);
            text += value;
            text += space(style);
        }
        text += if self.flaw == Some("trailing comma") { ",}" } else { "}" };
        let mut line = text.into_bytes();
        let at = style.below(line.len());
        match self.flaw.unwrap_or_default() {
            "garbage" => line.extend([b"}", b",", b"0", b"{"][style.below(4)]),
            "cut off" => line.truncate(at),
            "not UTF-8" => line.insert(at, 0xff),
            "blank" => line = b" ".repeat(style.below(3)),
            "edited" => match style.bytes(1)[0] {
                b'\n' => drop(line.remove(at)),
                byte if style.below(2) == 0 => line[at] = byte,
                byte => line.insert(at, byte),
            },
            _ => {}
        }
        line
    }

    /// Puts the flaw into the fields.
    fn spoil(&self, fields: &mut Vec<(&str, String)>, style: &mut Rng) {
        let number = |key: &str| matches!(key, "buffer_len" | "offset" | "itemsize");
        let known = |key: &str| number(key) || matches!(key, "shape" | "strides" | "unit" | "mode");
        match self.flaw.unwrap_or_default() {
            "unknown key" => {
                let known = fields.len();
                let name = ["ofset", "units", "Shape", "x", "", "X_y"][style.below(6)];
                fields.insert(style.below(known + 1), (name, "1".into()));
            }
            "given twice" => {
                let again = fields.iter().find(|field| known(field.0)).cloned();
                fields.extend(again);
            }
            "missing" => {
                let gone = ["shape", "buffer_len"][style.below(2)];
                fields.retain(|field| field.0 != gone);
            }
            "other word" => {
                fields.retain(|field| !matches!(field.0, "mode" | "mutable"));
                let value = ["\"rw\"", "null", "\"mut \"", "0", "\"MUT\""][style.below(5)];
                fields.push(("mode", value.into()));
            }
            "deep id" => {
                fields.retain(|field| field.0 != "id");
                fields.push(("id", "[".repeat(DEEPEST_ID + 1) + &"]".repeat(DEEPEST_ID + 1)));
            }
            flaw @ ("fraction" | "leading zero" | "text") => {
                let at = fields.iter().position(|field| number(field.0)).unwrap_or(0);
                let value = &mut fields[at].1;
                *value = match flaw {
                    "fraction" => format!("{value}{}", [".0", "e0", "E+1"][style.below(3)]),
                    "leading zero" => format!("0{}", value.trim_start_matches('-')),
                    _ => format!("\"{value}\""),
                };
            }
            _ => {}
        }
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.render();
        write!(f, "{}", String::from_utf8_lossy(&line))?;
        if let Some(flaw) = self.flaw { write!(f, " (malformed: {flaw})") } else { Ok(()) }
    }
}

/// White space, seldom.
fn space(style: &mut Rng) -> &'static str {
    ["", "", "", "", "", " ", "\t", "\r "][style.below(8)]
}

/// A string, sometimes with escapes where none is needed.
fn quoted(text: &str, style: &mut Rng) -> String {
    let escaped = if style.below(6) == 0 { style.below(text.len().max(1)) } else { usize::MAX };
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
