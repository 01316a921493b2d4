//! The printed values of a view, read back and compared with the bytes of its items.

use std::cell::RefCell;

use super::Check;
use super::request::Request;
use crate::printed;

/// The type of an item, by the letters that NumPy gives it.
#[derive(Clone, Copy)]
pub(super) struct Item {
    kind: u8,
    size: usize,
    big_endian: bool,
}

impl Item {
    pub(super) fn of(descr: &str, size: usize) -> Self {
        let bytes = descr.as_bytes();
        let big_endian = bytes.first() == Some(&b'>');
        let kind = match bytes.iter().find(|byte| byte.is_ascii_alphabetic() || **byte == b'?') {
            Some(b'?') | None => b'b',
            Some(b'a') => b'S',
            Some(&kind) => kind,
        };
        // Floating-point numbers of more than 64 bits are printed as bytes.
        let kind = if matches!((kind, size), (b'f', 9..) | (b'c', 17..)) { b'V' } else { kind };
        Self { kind, size, big_endian }
    }
}

/// Compares what was printed of an accepted view; the items begin at byte `start` of the file.
pub(super) fn check(
    file: &[u8],
    start: usize,
    item: Item,
    asked: &Request,
    printed: Result<String, String>,
) -> Check {
    let Item { kind, size, .. } = item;
    if asked.is_empty() {
        check!(printed.as_deref() == Ok("[]"), "an empty view is printed as {printed:?}");
        return Ok(());
    }
    // NumPy has no more axes.
    if asked.shape.len() > 64 {
        check!(printed.is_err(), "a view of too many axes is printed: {asked:?}");
        return Ok(());
    }
    let request = asked.words().ok_or("an accepted view of numbers that are no words")?;
    if printed::shown(&request.shape) > 1 << 14 {
        // Legitimately long, or refused as too long: not for every input.
        return Ok(());
    }
    let text = printed.map_err(|why| format!("values are not printed: {why}"))?;
    if matches!(kind, b'U' | b'M' | b'm') {
        // What NumPy prints for these is in the tests of the command.
        check!(
            !text.contains(|c: char| c.is_control() && c != '\n'),
            "a control character: {text:?}"
        );
        return Ok(());
    }
    let numbers = RefCell::new(Vec::new());
    // NumPy prints truth values as wide as "False", except a single one.
    let least = if kind == b'b' && !request.shape.is_empty() { 5 } else { 0 };
    let expected = printed::array(&request.shape, least, |index| {
        let at = strideproof_oracle::address(&request.strides, request.offset, index);
        let from = usize::try_from(at * asked.scale()).unwrap_or(usize::MAX).saturating_add(start);
        let bytes = file.get(from..from.saturating_add(size)).unwrap_or_default();
        match item.word(bytes, request.shape.is_empty()) {
            Some(word) => word,
            None => {
                numbers.borrow_mut().push(item.number(bytes));
                String::new()
            }
        }
    });
    if kind == b'S' {
        // Bytes are not aligned, so that lines break elsewhere.
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        check!(bare(&text) == bare(&expected), "printed as {text} and not as {expected}");
        return Ok(());
    }
    if matches!(kind, b'b' | b'i' | b'u' | b'V') {
        check!(text == expected, "printed as {text} and not as {expected}");
        return Ok(());
    }
    // Of floating-point numbers the digits are a choice; the brackets are not.
    let brackets = |text: &str| text.matches(['[', ']']).collect::<String>();
    check!(brackets(&text) == brackets(&expected), "not the brackets of {expected}: {text}");
    check!(!text.contains(" \n") && !text.ends_with('\n'), "white space at a line's end: {text}");
    // Complex numbers have white space inside, and end with a letter.
    let bare = text.replace(['[', ']', '(', ')'], " ").replace(" ...", " ");
    let complex = kind == b'c';
    let words: Vec<String> = match complex {
        true => bare.split_inclusive('j').map(|word| word.split_whitespace().collect()).collect(),
        false => bare.split_whitespace().map(str::to_owned).collect(),
    };
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    // The printer asks twice, to find the widest first.
    let mut numbers = numbers.into_inner();
    let numbers = numbers.split_off(numbers.len() / 2);
    check!(words.len() == numbers.len(), "{} values for {}: {text}", words.len(), numbers.len());
    // Digits enough to tell the number from its neighbours, and eight after the point.
    let slack = match if complex { size / 2 } else { size } {
        2 => 1e-3,
        4 => 2e-7,
        _ => 1e-8,
    };
    for (word, &(real, imaginary)) in words.iter().zip(&numbers) {
        // The sign that separates the parts is the last one that is not an exponent's.
        let bare = word.trim_end_matches('j');
        let mut signs = bare.rmatch_indices(['+', '-']).map(|(at, _)| at);
        let between = signs.find(|&at| at > 0 && !bare[..at].ends_with('e'));
        let (left, right) = match between {
            _ if !complex => (bare, "0"),
            Some(at) => bare.split_at(at),
            None => ("0", bare),
        };
        let near = is_near(left, real, slack) && is_near(right, imaginary, slack);
        check!(near, "{word:?} is printed for {real} and {imaginary}: {text}");
    }
    Ok(())
}

impl Item {
    fn bits(&self, bytes: &[u8]) -> u64 {
        let add = |bits: u64, &byte: &u8| bits << 8 | u64::from(byte);
        if self.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
    }

    /// The word of what is no floating-point number.
    fn word(&self, bytes: &[u8], alone: bool) -> Option<String> {
        match self.kind {
            b'S' => return Some(spelled(bytes, alone)),
            b'V' => {
                let digits: Vec<String> =
                    bytes.iter().map(|byte| format!("\\x{byte:02X}")).collect();
                return Some(format!("b'{}'", digits.concat()));
            }
            _ => {}
        }
        let bits = self.bits(bytes);
        Some(match self.kind {
            b'b' => if bits == 0 { "False" } else { "True" }.into(),
            b'u' => bits.to_string(),
            b'i' => {
                let (bits, modulus) = (i128::from(bits), 1i128 << (8 * bytes.len()));
                (if bits >= modulus / 2 { bits - modulus } else { bits }).to_string()
            }
            _ => return None,
        })
    }

    /// The parts of a floating-point number.
    fn number(&self, bytes: &[u8]) -> (f64, f64) {
        let float = |bytes: &[u8]| match bytes.len() {
            2 => half(self.bits(bytes)),
            4 => f64::from(f32::from_bits(u32::try_from(self.bits(bytes)).unwrap_or(0))),
            _ => f64::from_bits(self.bits(bytes)),
        };
        match self.kind {
            b'c' => (float(&bytes[..bytes.len() / 2]), float(&bytes[bytes.len() / 2..])),
            _ => (float(bytes), 0.0),
        }
    }
}

/// Bytes as Python spells them.
fn spelled(bytes: &[u8], alone: bool) -> String {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let bytes = &bytes[..end];
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut text = format!("b{quote}");
    for byte in bytes {
        match char::from(*byte) {
            c if c == quote || c == '\\' => text.extend(['\\', c]),
            '\n' => text += "\\n",
            '\r' => text += "\\r",
            '\t' => text += "\\t",
            c @ ' '..='~' => text.push(c),
            _ => text += &format!("\\x{byte:02x}"),
        }
    }
    text.push(quote);
    if alone { format!("np.bytes_({text})") } else { text }
}

/// A number of 16 bits, by its definition.
fn half(bits: u64) -> f64 {
    let fraction = f64::from(u16::try_from(bits & 0x3ff).unwrap_or(0)) / 1024.0;
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    sign * match i32::try_from(bits >> 10 & 31).unwrap_or(0) {
        0 => fraction / f64::from(1 << 14),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1.0 + fraction) * 2f64.powi(exponent - 15),
    }
}

fn is_near(word: &str, value: f64, slack: f64) -> bool {
    let Ok(read) = word.parse::<f64>() else { return false };
    if value.is_nan() || value.is_infinite() {
        return read.is_nan() == value.is_nan() && (value.is_nan() || read == value);
    }
    // Rounding may lead to infinity only for the largest numbers there are.
    let limit = slack * value.abs().max(1.0) + f64::MIN_POSITIVE;
    (read - value).abs() <= limit || read.is_infinite() && value.abs() > f64::MAX * (1.0 - slack)
}
