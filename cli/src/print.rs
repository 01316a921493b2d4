//! Prints the values of a view as NumPy does (`str(array)`, version 2.4, default options).
//!
//! Items are read one by one at their addresses, so strides may be no multiple of the itemsize,
//! items may overlap partly, and either byte order comes out right.

use std::io::{self, Read, Seek, SeekFrom};

use crate::float::{self, Precision};
use crate::npy::{Dtype, Header};
use crate::request::{Resolved, signed};

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
/// A sentence: the file cannot be read, or its type cannot be printed.
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
    // Before anything is read: items of other types may take any number of bytes each.
    let Some(kind) = Kind::of(&header.dtype) else {
        return Err(format!("values of type {:?} are not printed", header.dtype.descr));
    };
    let addresses = addresses(view, header, &axes).ok_or_else(too_many)?;
    let items = read_items(file, header, &addresses).map_err(|error| error.to_string())?;
    let words = words(&items, kind, shape.is_empty());
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
        let stride = i128::try_from(stride).ok()?.checked_mul(scale)?;
        let mut next = Vec::with_capacity(addresses.len().checked_mul(indices.len())?);
        for address in addresses {
            for &index in indices {
                next.push(address.checked_add(stride.checked_mul(signed(index))?)?);
            }
        }
        addresses = next;
    }
    addresses.into_iter().map(|address| u64::try_from(address).ok()).collect()
}

fn read_items(
    file: impl Read + Seek,
    header: &Header,
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
        let mut item = vec![0; header.dtype.itemsize];
        file.read_exact(&mut item)?;
        if header.dtype.big_endian {
            // The parts of a complex number are swapped each for itself.
            let part = if header.dtype.kind == b'c' { item.len() / 2 } else { item.len() };
            item.chunks_mut(part.max(1)).for_each(<[u8]>::reverse);
        }
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

/// What the values of a type are, if they are printed.
#[derive(Clone, Copy)]
enum Kind {
    Truth,
    Signed,
    Unsigned,
    Float(Precision),
    Complex(Precision),
}

impl Kind {
    fn of(dtype: &Dtype) -> Option<Self> {
        let precision = |size| match size {
            2 => Some(Precision::Half),
            4 => Some(Precision::Single),
            8 => Some(Precision::Double),
            _ => None,
        };
        match dtype.kind {
            b'b' => Some(Self::Truth),
            b'i' => Some(Self::Signed),
            b'u' => Some(Self::Unsigned),
            b'f' => precision(dtype.itemsize).map(Self::Float),
            b'c' => precision(dtype.itemsize / 2).map(Self::Complex),
            _ => None,
        }
    }
}

/// Formats items alike, as wide as the widest; a scalar stands for itself.
fn words(items: &[Vec<u8>], kind: Kind, scalar: bool) -> Vec<String> {
    // `least` is what a word takes at least.
    let padded = |least: usize, word: &dyn Fn(&[u8]) -> String| {
        let words: Vec<String> = items.iter().map(|item| word(item)).collect();
        let width = words.iter().map(String::len).max().unwrap_or(0).max(least);
        words.into_iter().map(|word| format!("{word:>width$}")).collect()
    };
    let parts = |precision: Precision, imaginary: bool, halves: usize| -> Vec<f64> {
        let part = |item: &Vec<u8>| {
            let (low, high) = item.split_at(item.len() / halves);
            precision.decode(bits(if imaginary { high } else { low }))
        };
        items.iter().map(part).collect()
    };
    match kind {
        Kind::Truth => {
            let word = |item: &[u8]| if bits(item) == 0 { "False" } else { "True" }.into();
            // As wide as "False" even where all are true.
            padded(if scalar { 0 } else { 5 }, &word)
        }
        Kind::Signed => padded(0, &|item| integer(item).to_string()),
        Kind::Unsigned => padded(0, &|item| bits(item).to_string()),
        Kind::Float(precision) => {
            let values = parts(precision, false, 1);
            match scalar {
                true => values.iter().map(|&value| float::scalar(value, precision)).collect(),
                false => float::words(&values, precision, false),
            }
        }
        Kind::Complex(precision) => {
            let (real, imaginary) = (parts(precision, false, 2), parts(precision, true, 2));
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
    }
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
        if line.len() + word.len() > width && line.len() > indent.len() {
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
