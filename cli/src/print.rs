//! Prints the values of a view as NumPy does (`str(array)`, version 2.4, default options).
//!
//! Items are read one by one at their addresses, so strides may be no multiple of the itemsize,
//! items may overlap partly, and either byte order comes out right.

use std::fmt::Write as _;
use std::io::{self, Read, Seek, SeekFrom};

use crate::dtype::{Dtype, Parts};
use crate::float::{self, Precision};
use crate::npy::Header;
use crate::request::{Resolved, signed, signed_stride};
use crate::time;

/// More elements than this are elided.
const THRESHOLD: usize = 1000;
/// Indices kept at either end of an elided axis.
const EDGE: usize = 3;
/// Characters in a line.
const LINE: usize = 75;
/// NumPy has no more axes.
const AXES: usize = 64;
/// Items that are printed at most: axes of up to six indices are never elided, however many.
const ITEMS: usize = 1 << 16;
/// Bytes that are printed at most: an item may have any number of them.
const BYTES: usize = 1 << 24;

/// The indices of an axis that are printed.
fn shown(size: usize, elide: bool) -> Vec<usize> {
    if elide && size > 2 * EDGE {
        (0..EDGE).chain(size - EDGE..size).collect()
    } else {
        (0..size).collect()
    }
}

/// The text of an accepted view over the items of a file.
///
/// # Errors
/// A sentence: the file cannot be read, or the items are too many or too large.
pub fn values(file: impl Read + Seek, header: &Header, view: &Resolved) -> Result<String, String> {
    if view.is_empty() {
        return Ok("[]".into());
    }
    let too_many = || format!("more than {ITEMS} items are not printed");
    let shape = &view.shape;
    let count = shape.iter().fold(1usize, |count, &size| count.saturating_mul(size));
    if shape.len() > AXES {
        return Err(format!("a view of {} axes is not printed", shape.len()));
    }
    let elide = count > THRESHOLD;
    let axes: Vec<Vec<usize>> = {
        let product = shape.iter().try_fold(1usize, |product, &size| {
            let kept = if elide && size > 2 * EDGE { 2 * EDGE } else { size };
            product.checked_mul(kept).filter(|&product| product <= ITEMS)
        });
        product.ok_or_else(too_many)?;
        shape.iter().map(|&size| shown(size, elide)).collect()
    };
    // The view may have been given items of another size.
    let dtype = match view.itemsize == header.dtype.itemsize {
        true => &header.dtype,
        false => &header.dtype.resized(view.itemsize),
    };
    let printed = axes.iter().fold(1, |count: usize, axis| count.saturating_mul(axis.len()));
    if printed.saturating_mul(leaves(dtype)) > ITEMS {
        return Err(too_many());
    }
    if printed.saturating_mul(dtype.itemsize) > BYTES {
        return Err(format!("more than {BYTES} bytes of items are not printed"));
    }
    let addresses = addresses(view, header, &axes).ok_or_else(too_many)?;
    let items = read_items(file, dtype.itemsize, &addresses).map_err(|error| error.to_string())?;
    let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
    let form = if shape.is_empty() { Form::Scalar } else { Form::Array };
    let words = words(&items, dtype, form);
    let mut layout = Layout { shape, elide, words: words.iter() };
    Ok(if shape.is_empty() { words.concat() } else { layout.block(0, " ", LINE) })
}

/// The byte of the file at which each printed item starts, in row-major order.
fn addresses(view: &Resolved, header: &Header, axes: &[Vec<usize>]) -> Option<Vec<u64>> {
    let scale = match view.unit {
        strideproof::Unit::Bytes => 1,
        strideproof::Unit::Elements => signed(view.itemsize),
    };
    let start = signed(view.offset).checked_mul(scale)?;
    let mut addresses = vec![start.checked_add(i128::from(header.start))?];
    for (indices, &stride) in axes.iter().zip(&view.strides) {
        // At most 2^64 times 2^63.
        let stride = signed_stride(stride).checked_mul(scale)?;
        let steps = |address: i128| {
            let step = move |&index| address.checked_add(stride.checked_mul(signed(index))?);
            indices.iter().map(step)
        };
        addresses = addresses.into_iter().flat_map(steps).collect::<Option<_>>()?;
    }
    addresses.into_iter().map(|address| u64::try_from(address).ok()).collect()
}

fn read_items(
    file: impl Read + Seek,
    itemsize: usize,
    addresses: &[u64],
) -> io::Result<Vec<Vec<u8>>> {
    let mut file = io::BufReader::new(file);
    let mut at = file.stream_position()?;
    let mut items = Vec::with_capacity(addresses.len());
    for &address in addresses {
        match i64::try_from(i128::from(address) - i128::from(at)) {
            Ok(distance) => file.seek_relative(distance)?,
            Err(_) => {
                file.seek(SeekFrom::Start(address))?;
            }
        }
        let mut item = vec![0; itemsize];
        file.read_exact(&mut item)?;
        at = address.saturating_add(u64::try_from(item.len()).unwrap_or(0));
        items.push(item);
    }
    Ok(items)
}

/// The little-endian bytes of an integer or a float as a number of 64 bits.
fn bits(item: &[u8]) -> u64 {
    item.iter().rev().fold(0, |bits, &byte| bits << 8 | u64::from(byte))
}

/// The little-endian bytes of a signed integer.
fn integer(item: &[u8]) -> i64 {
    let negative = item.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut bytes = [if negative { 0xff } else { 0 }; 8];
    for (byte, &of_item) in bytes.iter_mut().zip(item) {
        *byte = of_item;
    }
    i64::from_le_bytes(bytes)
}

/// How many words an item is printed with.
fn leaves(dtype: &Dtype) -> usize {
    match &dtype.parts {
        Parts::None => 1,
        Parts::Fields(fields) => {
            fields.iter().fold(1, |sum: usize, field| sum.saturating_add(leaves(&field.dtype)))
        }
        Parts::Array(of, sizes) => {
            sizes.iter().fold(leaves(of), |product, &size| product.saturating_mul(size))
        }
    }
}

/// Where an item stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Among others, as wide as they are.
    Array,
    /// Alone.
    Scalar,
    /// In a record that stands alone: NumPy prints only real numbers as if they were alone.
    Part,
}

/// Formats items alike; one that is alone stands for itself.
fn words(items: &[&[u8]], dtype: &Dtype, form: Form) -> Vec<String> {
    let inner = if form == Form::Array { Form::Array } else { Form::Part };
    match &dtype.parts {
        Parts::None => plain_words(items, dtype, form),
        Parts::Fields(fields) => {
            let columns: Vec<Vec<String>> = fields
                .iter()
                .map(|field| {
                    let end = field.offset + field.dtype.itemsize;
                    let parts: Vec<_> = items.iter().map(|item| &item[field.offset..end]).collect();
                    words(&parts, &field.dtype, inner)
                })
                .collect();
            let word = |item: usize| {
                let words: Vec<&str> = columns.iter().map(|column| column[item].as_str()).collect();
                format!("({}{})", words.join(", "), if words.len() == 1 { "," } else { "" })
            };
            (0..items.len()).map(word).collect()
        }
        Parts::Array(of, sizes) => {
            // Where no size is 0, the product is among those of which so many are printed.
            let count = if sizes.contains(&0) { 0 } else { sizes.iter().product() };
            let size = of.itemsize;
            let parts: Vec<_> = items
                .iter()
                .flat_map(|item| (0..count).map(move |part| &item[part * size..(part + 1) * size]))
                .collect();
            let mut words = words(&parts, of, inner);
            for &size in sizes.iter().rev() {
                let lists = words.chunks(size.max(1));
                words = lists.map(|list| format!("[{}]", list.join(", "))).collect();
            }
            if count == 0 { vec!["[]".into(); items.len()] } else { words }
        }
    }
}

/// The bytes of a number in little-endian order; `parts` are swapped each for itself.
fn little(item: &[u8], dtype: &Dtype, parts: usize) -> Vec<u8> {
    let mut item = item.to_vec();
    if dtype.big_endian {
        let part = item.len().checked_div(parts).unwrap_or(0).max(1);
        item.chunks_mut(part).for_each(<[u8]>::reverse);
    }
    item
}

/// Formats items that have no parts; numbers are as wide as the widest.
fn plain_words(items: &[&[u8]], dtype: &Dtype, form: Form) -> Vec<String> {
    let scalar = form == Form::Scalar;
    let precision = |size| match size {
        2 => Some(Precision::Half),
        4 => Some(Precision::Single),
        8 => Some(Precision::Double),
        _ => None,
    };
    let parts = if dtype.kind == b'c' { 2 } else { 1 };
    let numbers = || items.iter().map(|item| little(item, dtype, parts));
    // `least` is what a word takes at least.
    let padded = |least: usize, words: Vec<String>| -> Vec<String> {
        let width = words.iter().map(String::len).max().unwrap_or(0).max(least);
        words.into_iter().map(|word| format!("{word:>width$}")).collect()
    };
    let part = |precision: Precision, imaginary: bool| -> Vec<f64> {
        let part = |item: Vec<u8>| {
            let (low, high) = item.split_at(item.len() / parts);
            precision.decode(bits(if imaginary { high } else { low }))
        };
        numbers().map(part).collect()
    };
    // Times; none of them is aligned where all are.
    let times = |word: &dyn Fn(i64) -> Option<String>| -> Vec<String> {
        let words: Vec<_> = numbers().map(|item| word(integer(&item))).collect();
        let never = if scalar { "NaT" } else { "'NaT'" };
        let words = words.into_iter().map(|word| word.unwrap_or_else(|| never.into()));
        padded(0, words.collect())
    };
    match (dtype.kind, precision(dtype.itemsize / parts), dtype.step) {
        (b'b', ..) => {
            let word = |item: Vec<u8>| if bits(&item) == 0 { "False" } else { "True" }.to_owned();
            // As wide as "False" even where all are true.
            padded(if scalar { 0 } else { 5 }, numbers().map(word).collect())
        }
        (b'i', ..) => padded(0, numbers().map(|item| integer(&item).to_string()).collect()),
        (b'u', ..) => padded(0, numbers().map(|item| bits(&item).to_string()).collect()),
        (b'f', Some(precision), _) => {
            let values = part(precision, false);
            match form != Form::Array {
                true => values.iter().map(|&value| float::scalar(value, precision)).collect(),
                false => float::words(&values, precision, false),
            }
        }
        (b'c', Some(precision), _) => {
            let (real, imaginary) = (part(precision, false), part(precision, true));
            if scalar {
                let pairs = real.iter().zip(&imaginary);
                return pairs.map(|(&re, &im)| float::complex_scalar(re, im, precision)).collect();
            }
            let real = float::words(&real, precision, false);
            let pairs = real.into_iter().zip(float::words(&imaginary, precision, true));
            let joined = pairs.map(|(real, imaginary)| {
                let digits = imaginary.trim_end();
                let spaces = &imaginary[digits.len()..];
                format!("{real}{digits}j{spaces}")
            });
            joined.collect()
        }
        (b'M', _, Some(step)) if scalar => times(&|value| time::date(value, step)),
        (b'M', _, Some(step)) => {
            times(&|value| time::date(value, step).map(|it| format!("'{it}'")))
        }
        (b'm', ..) if scalar => times(&|value| time::duration(value, dtype.step)),
        (b'm', ..) => times(&time::steps),
        (b'U', ..) => items.iter().map(|item| text(item, dtype, scalar)).collect(),
        (b'S', ..) if scalar => {
            items.iter().map(|item| format!("np.bytes_({})", bytes(item))).collect()
        }
        (b'S', ..) => items.iter().map(|item| bytes(item)).collect(),
        _ => {
            let word = |item: &&[u8]| {
                let mut word = String::from("b'");
                // Writing to a string cannot fail.
                item.iter().for_each(|byte| _ = write!(word, "\\x{byte:02X}"));
                word + "'"
            };
            items.iter().map(word).collect()
        }
    }
}

/// Whether a character is printed as it is: what a terminal shows, and obeys in no way. Python asks a
/// table of Unicode, which differs for some of the characters beyond ASCII.
fn is_printed(c: char) -> bool {
    let hidden = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..);
    c == ' ' || !c.is_control() && !c.is_whitespace() && !hidden
}

/// Puts what may be printed into quotes, as Python does.
fn quoted(words: &str, prefix: &str) -> String {
    // Quotes that were not escaped are escaped here.
    match (words.contains('\''), words.contains('"')) {
        (true, false) => format!("{prefix}\"{words}\""),
        (true, true) => format!("{prefix}'{}'", words.replace('\'', "\\'")),
        _ => format!("{prefix}'{words}'"),
    }
}

/// Appends a character as Python writes it between quotes.
fn escape(code: u32, limit: u32, out: &mut String) {
    match char::from_u32(code).filter(|_| code < limit) {
        Some('\\') => out.push_str("\\\\"),
        Some('\n') => out.push_str("\\n"),
        Some('\r') => out.push_str("\\r"),
        Some('\t') => out.push_str("\\t"),
        Some(c) if is_printed(c) => out.push(c),
        _ => out.push_str(&match code {
            0..=0xff => format!("\\x{code:02x}"),
            0x100..=0xffff => format!("\\u{code:04x}"),
            _ => format!("\\U{code:08x}"),
        }),
    }
}

/// Text of characters of four bytes each, without the zeros at its end. A single one goes without
/// quotes, and all the same without characters that a terminal obeys.
fn text(item: &[u8], dtype: &Dtype, scalar: bool) -> String {
    let swapped = little(item, dtype, item.len() / 4);
    let codes: Vec<u32> = swapped.chunks(4).map(|c| u32::try_from(bits(c)).unwrap_or(0)).collect();
    let kept = codes.iter().rposition(|&code| code != 0).map_or(0, |last| last + 1);
    let mut words = String::new();
    codes.iter().take(kept).for_each(|&code| escape(code, u32::MAX, &mut words));
    if scalar { words } else { quoted(&words, "") }
}

/// Bytes without the zeros at their end.
fn bytes(item: &[u8]) -> String {
    let kept = item.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let mut words = String::new();
    item.iter().take(kept).for_each(|&byte| escape(byte.into(), 0x7f, &mut words));
    quoted(&words, "b")
}

/// Lays words out as nested rows.
struct Layout<'a> {
    shape: &'a [usize],
    elide: bool,
    words: std::slice::Iter<'a, String>,
}

impl Layout<'_> {
    /// The block of one index of the axes before `axis`. Its first line is not indented; `width`
    /// is what a line may take, brackets that close outer blocks not counted.
    fn block(&mut self, axis: usize, indent: &str, width: usize) -> String {
        let Some(&size) = self.shape.get(axis) else {
            return self.words.next().cloned().unwrap_or_default();
        };
        let gap = self.elide && size > 2 * EDGE;
        let entries = shown(size, self.elide).len();
        if axis + 1 == self.shape.len() {
            let words: Vec<String> =
                (0..entries).map(|_| self.words.next().cloned().unwrap_or_default()).collect();
            return row(&words, gap, indent, width.saturating_sub(1));
        }
        let inner = format!("{indent} ");
        let break_line = "\n".repeat(self.shape.len() - axis - 1);
        let mut text = String::from("[");
        for entry in 0..entries {
            if entry > 0 {
                text.push_str(&break_line);
                text.push_str(indent);
                if gap && entry == EDGE {
                    text.push_str("...");
                    text.push_str(&break_line);
                    text.push_str(indent);
                }
            }
            text.push_str(&self.block(axis + 1, &inner, width.saturating_sub(1)));
        }
        text + "]"
    }
}

/// One innermost row, broken where a line gets longer than `width`.
fn row(words: &[String], gap: bool, indent: &str, width: usize) -> String {
    let mut text = String::new();
    let mut line = indent.to_owned();
    let mut add = |word: &str, line: &mut String| {
        if line.chars().count() + word.chars().count() > width && line.len() > indent.len() {
            text.push_str(line.trim_end());
            text.push('\n');
            indent.clone_into(line);
        }
        line.push_str(word);
    };
    for (at, word) in words.iter().enumerate() {
        if gap && at == EDGE {
            add("...", &mut line);
            line.push(' ');
        }
        add(word, &mut line);
        if at + 1 < words.len() {
            line.push(' ');
        }
    }
    text.push_str(&line);
    format!("[{}]", &text[indent.len()..])
}
