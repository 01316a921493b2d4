//! The printed values of a view, read back and compared with the bytes of its items.

use std::cell::RefCell;

use super::asked::Asked;
use super::oracle::check;
use crate::printed;

type Check = Result<(), String>;

/// A number of an item: what it is, and how far the printed one may be from it.
#[derive(Debug)]
enum Value {
    /// A word: of an integer or a truth value.
    Word(String),
    Float {
        value: f64,
        slack: f64,
    },
    Complex {
        real: f64,
        imaginary: f64,
        slack: f64,
    },
}

/// The type of an item, by the letters that NumPy gives it.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    descr: &'a str,
    kind: u8,
    size: usize,
    big_endian: bool,
}

impl<'a> Item<'a> {
    pub(super) fn of(descr: &'a str, size: usize) -> Self {
        let bytes = descr.as_bytes();
        let big_endian = bytes.first() == Some(&b'>');
        let kind = match bytes.iter().find(|byte| byte.is_ascii_alphabetic() || **byte == b'?') {
            Some(b'?') | None => b'b',
            Some(&kind) => kind,
        };
        Self { descr, kind, size, big_endian }
    }
}

/// Compares what was printed of an accepted view; the items begin at byte `start` of the file.
pub(super) fn check(
    file: &[u8],
    start: usize,
    item: Item<'_>,
    asked: &Asked,
    printed: Result<String, String>,
) -> Check {
    let Item { kind, size, .. } = item;
    let has_values = match kind {
        b'b' | b'i' | b'u' => true,
        b'f' => size <= 8,
        b'c' => size <= 16,
        _ => false,
    };
    if asked.is_empty() {
        check!(printed.as_deref() == Ok("[]"), "an empty view is printed as {printed:?}");
        return Ok(());
    }
    if !has_values {
        check!(printed.is_err(), "items of type {:?} are printed", item.descr);
        return Ok(());
    }
    if asked.shape.len() > 64 {
        check!(printed.is_err(), "a view of more axes than NumPy has is printed");
        return Ok(());
    }
    let request = asked.words().ok_or("an accepted view of numbers that are no words")?;
    if printed::shown(&request.shape) > 1 << 14 {
        // Legitimately long, or refused as too long: not for every input.
        return Ok(());
    }
    let text = printed.map_err(|why| format!("values are not printed: {why}"))?;
    let values = RefCell::new(Vec::new());
    // NumPy prints truth values as wide as "False", except a single one.
    let least = if kind == b'b' && !request.shape.is_empty() { 5 } else { 0 };
    let expected = printed::array(&request.shape, least, |index| {
        let at = strideproof_oracle::address(&request.strides, request.offset, index);
        let from = usize::try_from(at * asked.scale()).unwrap_or(usize::MAX).saturating_add(start);
        let bytes = file.get(from..from.saturating_add(size)).unwrap_or_default();
        let value = value(bytes, item);
        match &value {
            Value::Word(word) => word.clone(),
            _ => {
                values.borrow_mut().push(value);
                String::new()
            }
        }
    });
    if matches!(kind, b'b' | b'i' | b'u') {
        check!(text == expected, "printed as {text} and not as {expected}");
        return Ok(());
    }
    // Of floating-point numbers the digits are a choice; the brackets are not.
    let brackets = |text: &str| text.matches(['[', ']']).collect::<String>();
    check!(brackets(&text) == brackets(&expected), "not the brackets of {expected}: {text}");
    check!(!text.contains(" \n") && !text.ends_with('\n'), "white space at a line's end: {text}");
    let words = words(&text, kind == b'c' && !asked.shape.is_empty());
    // The printer asks twice, to find the widest first.
    let mut values = values.into_inner();
    let values = values.split_off(values.len() / 2);
    check!(words.len() == values.len(), "{} values for {}: {text}", words.len(), values.len());
    for (word, value) in words.iter().zip(&values) {
        check!(is(word, value), "{word:?} is printed for {value:?}: {text}");
    }
    Ok(())
}

/// The words of an array, without brackets and dots between; those of complex numbers have white
/// space inside.
fn words(text: &str, complex: bool) -> Vec<String> {
    let bare = text.replace(['[', ']'], " ").replace(" ...", " ");
    if complex {
        let mut words: Vec<String> =
            bare.split('j').map(|word| word.split_whitespace().collect()).collect();
        words.pop();
        words
    } else {
        bare.split_whitespace().map(str::to_owned).collect()
    }
}

/// What an item is.
fn value(item: &[u8], of: Item<'_>) -> Value {
    let part = if of.kind == b'c' { item.len() / 2 } else { item.len() };
    let bits = |bytes: &[u8]| {
        let add = |bits: u64, &byte: &u8| bits << 8 | u64::from(byte);
        if of.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
    };
    let float = |bytes: &[u8]| match bytes.len() {
        2 => half(bits(bytes)),
        4 => f64::from(f32::from_bits(u32::try_from(bits(bytes)).unwrap_or(0))),
        _ => f64::from_bits(bits(bytes)),
    };
    // Digits enough to tell the number from its neighbours, and eight after the point.
    let slack = match part {
        2 => 1e-3,
        4 => 2e-7,
        _ => 1e-8,
    };
    match of.kind {
        b'b' => {
            let set = item.iter().any(|&byte| byte != 0);
            Value::Word(if set { "True" } else { "False" }.into())
        }
        b'u' => Value::Word(bits(item).to_string()),
        b'i' => {
            let bits = i128::from(bits(item));
            let modulus = 1i128 << (8 * item.len());
            let negative = bits >= modulus / 2;
            Value::Word((if negative { bits - modulus } else { bits }).to_string())
        }
        b'c' => {
            let (real, imaginary) = item.split_at(part);
            Value::Complex { real: float(real), imaginary: float(imaginary), slack }
        }
        _ => Value::Float { value: float(item), slack },
    }
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

/// Whether a word stands for a value.
fn is(word: &str, value: &Value) -> bool {
    match value {
        Value::Word(value) => word == value,
        Value::Float { value, slack } => is_near(word, *value, *slack),
        Value::Complex { real, imaginary, slack } => {
            let bare = word.trim_start_matches('(').trim_end_matches(')').trim_end_matches('j');
            // The sign that separates the parts is the last one that is not an exponent's.
            let mut signs = bare.rmatch_indices(['+', '-']).map(|(at, _)| at);
            let between = signs.find(|&at| at > 0 && !bare[..at].ends_with('e'));
            let (left, right) = match between {
                Some(at) => bare.split_at(at),
                None => ("0", bare),
            };
            is_near(left, *real, *slack) && is_near(right, *imaginary, *slack)
        }
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
