//! The printed values of a view, read back and compared with the bytes of its items.

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive};
use strideproof::Unit;

use super::oracle::check;
use super::request::Request;

type Check = Result<(), String>;

/// Views of more elements are elided by NumPy, axes to this many indices at either end.
const THRESHOLD: u32 = 1000;
const EDGE: i128 = 3;

/// A number of an item: what it is, and how far the printed one may be from it.
enum Value {
    Integer(BigInt),
    Bool(bool),
    Float { value: f64, slack: f64 },
    Complex { real: f64, imaginary: f64, slack: f64 },
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
    start: u64,
    item: Item<'_>,
    asked: &Request,
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
    let count: BigInt = asked.shape.iter().product();
    let elided = count > BigInt::from(THRESHOLD);
    let mut shown = vec![0i128];
    let (mut brackets, mut blocks) = (0usize, 1usize);
    for (size, step) in asked.shape.iter().zip(asked.steps()) {
        let size = size.to_i128().ok_or("an axis of too many elements")?;
        let indices: Vec<i128> = if elided && size > 2 * EDGE {
            (0..EDGE).chain(size - EDGE..size).collect()
        } else {
            (0..size).collect()
        };
        // The stride of an axis of size 1 does not matter.
        let step = if size == 1 { Some(0) } else { step.to_i128() };
        let step = step.ok_or("a stride that leaves any file")?;
        brackets += blocks;
        blocks = blocks.saturating_mul(indices.len());
        if blocks > 1 << 14 {
            // Legitimately long, or refused as too long: not for every input.
            return Ok(());
        }
        shown = shown.iter().flat_map(|at| indices.iter().map(move |i| at + i * step)).collect();
    }
    if !has_values {
        check!(printed.is_err(), "items of type {:?} are printed", item.descr);
        return Ok(());
    }
    if asked.shape.len() > 64 {
        check!(printed.is_err(), "a view of more axes than NumPy has is printed");
        return Ok(());
    }
    let text = printed.map_err(|why| format!("values are not printed: {why}"))?;
    let opened = text.matches('[').count();
    check!(
        opened == brackets && text.matches(']').count() == brackets,
        "not {brackets} brackets: {text}"
    );
    check!(
        text.starts_with(&"[".repeat(asked.shape.len())),
        "not of rank {}: {text}",
        asked.shape.len()
    );
    check!(!text.contains(" \n") && !text.ends_with('\n'), "white space at a line's end: {text}");
    let words = words(&text, kind == b'c' && !asked.shape.is_empty());
    check!(words.len() == shown.len(), "{} values for {}: {text}", words.len(), shown.len());
    let scale = if asked.unit == Unit::Bytes { 1 } else { i128::try_from(size).unwrap_or(0) };
    let offset = asked.offset.to_i128().ok_or("an offset beyond any file")?;
    for (word, at) in words.iter().zip(&shown) {
        let from = (offset + at) * scale + i128::from(start);
        let from = usize::try_from(from).map_err(|_| "an item before the file")?;
        let bytes = file.get(from..from + size).ok_or("an item beyond the file")?;
        let value = value(bytes, item);
        check!(is(word, &value), "{word:?} is printed for {}: {text}", bytes.escape_ascii());
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
        b'b' => Value::Bool(item.iter().any(|&byte| byte != 0)),
        b'u' => Value::Integer(bits(item).into()),
        b'i' => {
            let bits = BigInt::from(bits(item));
            let modulus = BigInt::one() << (8 * item.len());
            let negative = bits >= &modulus / 2;
            Value::Integer(if negative { bits - modulus } else { bits })
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
        Value::Integer(value) => word.parse::<BigInt>().as_ref() == Ok(value),
        Value::Bool(value) => word == if *value { "True" } else { "False" },
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
