//! `.npy` files: the header, as NumPy documents it (`numpy.lib.format`, versions 1 to 3), and the
//! bytes of single items.
//!
//! Only the header is ever held in memory. Nothing in it is trusted: its length, its sizes and the
//! file's real length are checked against each other before any of them is used.

use std::io::{self, Read, Seek, SeekFrom};

use strideproof::Unit;

use crate::args::{RequestArgs, Tuple};
use crate::number::Number;
use crate::request::{MOST_AXES, Request, row_major};

/// The longest header that is read. NumPy refuses headers beyond 10,000 characters by default.
const LONGEST_HEADER: u64 = 1 << 16;

/// The type of an item, from a `descr` such as `<f8`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dtype {
    /// The type as the file spells it.
    pub descr: String,
    /// NumPy's letter for it: `b i u f c S U V M m`.
    pub kind: u8,
    /// Bytes of an item.
    pub itemsize: usize,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
}

impl Dtype {
    /// Reads a `descr`.
    ///
    /// # Errors
    /// A sentence, for what has no fixed size or is not NumPy's.
    pub fn parse(descr: &str) -> Result<Self, String> {
        let unknown = || format!("the type {descr:?} is not known");
        let (big_endian, rest) = match descr.as_bytes() {
            [b'<' | b'|', rest @ ..] => (false, rest),
            [b'>', rest @ ..] => (true, rest),
            [b'=', rest @ ..] | rest => (cfg!(target_endian = "big"), rest),
        };
        let Some((&letter, rest)) = rest.split_first() else { return Err(unknown()) };
        let kind = match letter {
            b'?' => b'b',
            b'a' => b'S',
            letter => letter,
        };
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, suffix) = rest.split_at(digits);
        let number = match (letter, digits) {
            (b'?', []) => Some(1),
            (_, digits) => Number::parse(digits).and_then(Number::to_usize),
        };
        if kind == b'O' {
            return Err("the file holds pickled Python objects, whose bytes are no items".into());
        }
        let is_time = matches!(kind, b'M' | b'm');
        let times = suffix.first() == Some(&b'[') && suffix.last() == Some(&b']') && is_time;
        let itemsize = match (kind, number) {
            (b'b', Some(1)) => Some(1),
            (b'i' | b'u', Some(size @ (1 | 2 | 4 | 8))) => Some(size),
            (b'f', Some(size @ (2 | 4 | 8 | 12 | 16))) => Some(size),
            (b'c', Some(size @ (8 | 16 | 24 | 32))) => Some(size),
            (b'M' | b'm', Some(8)) => Some(8),
            (b'S' | b'V', Some(size)) => Some(size),
            (b'U', Some(length)) => length.checked_mul(4),
            _ => None,
        };
        match itemsize {
            Some(itemsize) if suffix.is_empty() || times => {
                Ok(Self { descr: descr.into(), kind, itemsize, big_endian })
            }
            _ => Err(unknown()),
        }
    }
}

/// What a `.npy` file says about itself, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type of an item.
    pub dtype: Dtype,
    /// Whether the first axis varies fastest.
    pub fortran_order: bool,
    /// The size of each axis.
    pub shape: Vec<usize>,
    /// The byte of the file at which the items start.
    pub start: u64,
    /// The bytes of all items.
    pub len: u64,
}

impl Header {
    /// Reads the header, and checks that the file has all the items it speaks of.
    ///
    /// # Errors
    /// A sentence: the file cannot be read, is no `.npy` file, contradicts itself, or holds no plain
    /// items.
    pub fn read(mut file: impl Read + Seek) -> Result<Self, String> {
        let unread = |error: io::Error| error.to_string();
        let file_len = file.seek(SeekFrom::End(0)).map_err(unread)?;
        file.rewind().map_err(unread)?;
        if file_len < 8 {
            return Err("not a .npy file: it is too short".into());
        }
        let mut magic = [0; 8];
        file.read_exact(&mut magic).map_err(unread)?;
        let [prefix @ .., major, minor] = magic;
        if &prefix != b"\x93NUMPY" {
            return Err("not a .npy file: it does not begin as one".into());
        }
        let width: usize = match (major, minor) {
            (1, 0) => 2,
            (2 | 3, 0) => 4,
            _ => return Err(format!("version {major}.{minor} of the format is not known")),
        };
        if file_len < 8 + u64::from(width == 4) * 2 + 2 {
            return Err("the file ends before its header's length".into());
        }
        let mut length = [0; 4];
        file.read_exact(&mut length[..width]).map_err(unread)?;
        let length = u64::from(u32::from_le_bytes(length));
        let start = 8 + u64::try_from(width).unwrap_or(4) + length;
        let Some(has) = file_len.checked_sub(start) else {
            let before = "but the file ends before that";
            return Err(format!("the header should have {length} bytes, {before}"));
        };
        if length > LONGEST_HEADER {
            let most = LONGEST_HEADER;
            return Err(format!("the header has {length} bytes; more than {most} are not read"));
        }
        let mut header = Vec::new();
        file.take(length).read_to_end(&mut header).map_err(unread)?;
        // Versions 1 and 2 are Latin-1 and version 3 is UTF-8; what is understood is ASCII.
        let header = String::from_utf8_lossy(&header);
        let (descr, fortran_order, shape) = Literal { rest: &header }.header()?;
        let dtype = Dtype::parse(&descr)?;
        // A size of 0 makes the product 0, whatever the others; no other product wraps.
        let len = if shape.contains(&0) {
            Some(0)
        } else {
            shape.iter().try_fold(dtype.itemsize, |product, &size| product.checked_mul(size))
        };
        let len = len.and_then(|len| u64::try_from(len).ok()).filter(|&len| len <= has);
        let more =
            || format!("the header describes more than the {has} bytes of items that the file has");
        Ok(Self { dtype, fortran_order, shape, start, len: len.ok_or_else(more)? })
    }

    /// The request for the whole array or what the flags make of it. Unit bytes by default.
    ///
    /// Without a shape it is the array's; without strides they are the array's own for its own
    /// shape, and those of row-major order for another shape.
    #[must_use]
    pub fn request(&self, args: &RequestArgs) -> Request {
        let unit = args.unit.map_or(Unit::Bytes, Unit::from);
        let itemsize = self.dtype.itemsize;
        let bytes = usize::try_from(self.len).unwrap_or(usize::MAX);
        let buffer_len = match unit {
            Unit::Elements => bytes.checked_div(itemsize).unwrap_or_else(|| self.count()),
            Unit::Bytes => bytes,
        };
        let column_major = || {
            let item = if unit == Unit::Bytes { itemsize } else { 1 };
            let reversed: Vec<usize> = self.shape.iter().rev().copied().collect();
            // Of an array that lies in a file, all strides that are used fit.
            let strides = row_major(&reversed, item).unwrap_or_else(|_| vec![0; reversed.len()]);
            strides.into_iter().rev().map(Number::from).collect::<Vec<_>>()
        };
        let (shape, strides) = match (&args.shape, &args.strides) {
            (shape, Some(Tuple(strides))) => (shape.as_ref(), Some(strides.clone())),
            (Some(shape), None) => (Some(shape), None),
            (None, None) => (None, self.fortran_order.then(column_major)),
        };
        let own_shape = || self.shape.iter().map(|&size| size.into()).collect();
        args.with(Request {
            unit,
            itemsize: itemsize.into(),
            buffer_len: buffer_len.into(),
            shape: shape.map_or_else(own_shape, |Tuple(shape)| shape.clone()),
            strides,
            ..Request::default()
        })
    }

    /// The number of items, as far as it fits: those of no bytes may be any number.
    fn count(&self) -> usize {
        if self.shape.contains(&0) {
            return 0;
        }
        self.shape.iter().fold(1, |count, &size| count.saturating_mul(size))
    }
}

/// Reads the one Python literal that a header is: a dictionary of three keys.
struct Literal<'a> {
    rest: &'a str,
}

impl<'a> Literal<'a> {
    /// Skips white space, then `token` if it is next.
    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.eat(token) {
            return Ok(());
        }
        let found: String = self.rest.chars().take(12).collect();
        Err(format!("the header is malformed: expected {token:?} and found {found:?}"))
    }

    fn string(&mut self) -> Result<&'a str, String> {
        let quote = if self.eat("\"") { '"' } else { '\'' };
        if quote == '\'' {
            self.expect("'")?;
        }
        let end = self.rest.find([quote, '\\', '\n']);
        match end.map(|end| self.rest.split_at(end)) {
            Some((text, rest)) if rest.starts_with(quote) => {
                self.rest = &rest[1..];
                Ok(text)
            }
            _ => Err("the header is malformed: a string does not end".into()),
        }
    }

    fn sizes(&mut self) -> Result<Vec<usize>, String> {
        self.expect("(")?;
        let mut sizes = Vec::new();
        while !self.eat(")") {
            if !sizes.is_empty() {
                self.expect(",")?;
                if self.eat(")") {
                    break;
                }
            }
            self.rest = self.rest.trim_start();
            let is_part = |c: char| c == '-' || c.is_ascii_digit();
            let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
            let (digits, rest) = self.rest.split_at(end);
            let Some(number) = Number::parse(digits.as_bytes()) else {
                return Err("the header is malformed: shape is no tuple of integers".into());
            };
            match number.to_usize() {
                Some(size) if sizes.len() < MOST_AXES => sizes.push(size),
                Some(_) => return Err(format!("the header has more than {MOST_AXES} axes")),
                None => return Err(format!("the header gives an axis the size {number}")),
            }
            // Python 2 wrote long integers so.
            self.rest = rest.strip_prefix('L').unwrap_or(rest);
        }
        Ok(sizes)
    }

    fn header(mut self) -> Result<(String, bool, Vec<usize>), String> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        self.expect("{")?;
        while !self.eat("}") {
            let key = self.string()?;
            self.expect(":")?;
            let again = match key {
                "descr" => {
                    self.rest = self.rest.trim_start();
                    if self.rest.starts_with(['[', '(']) {
                        return Err(
                            "the items are records or arrays (a structured type); only plain \
                             types are taken"
                                .into(),
                        );
                    }
                    descr.replace(self.string()?.to_owned()).is_some()
                }
                "fortran_order" => {
                    let value = self.eat("True");
                    if !value {
                        self.expect("False")?;
                    }
                    fortran_order.replace(value).is_some()
                }
                "shape" => shape.replace(self.sizes()?).is_some(),
                key => return Err(format!("the header has an unknown key {key:?}")),
            };
            if again {
                return Err(format!("the header gives {key:?} twice"));
            }
            if !self.eat(",") {
                self.expect("}")?;
                break;
            }
        }
        if !self.rest.trim().is_empty() {
            return Err("the header is malformed: something follows its dictionary".into());
        }
        match (descr, fortran_order, shape) {
            (Some(descr), Some(order), Some(shape)) => Ok((descr, order, shape)),
            _ => Err("the header lacks one of 'descr', 'fortran_order' and 'shape'".into()),
        }
    }
}
