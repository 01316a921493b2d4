//! `.npy` files: the header, as NumPy documents it (`numpy.lib.format`, versions 1 to 3), and the
//! bytes of single items.
//!
//! Only the header is ever held in memory. Nothing in it is trusted: its length, its sizes and the
//! file's real length are checked against each other before any of them is used.

use std::io::{self, Read, Seek, SeekFrom};

use strideproof::Unit;

use crate::args::{RequestArgs, Tuple};
use crate::dtype::{Dtype, Parts};
use crate::literal::Literal;
use crate::nearest::{hint, listed, quoted};
use crate::number::Number;
use crate::request::{MOST_AXES, Request, row_major};

/// What is said of a `.npz` file that is taken for a `.npy` file.
pub(crate) const ARCHIVE: &str = "this is an archive of arrays (.npz); --member takes one";

/// The longest header that is read. NumPy refuses headers beyond 10,000 characters by default.
const LONGEST_HEADER: u64 = 1 << 16;

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
    /// The field of the items that is looked at, if they are records.
    place: Option<Place>,
}

/// Where a field lies.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    offset: usize,
    /// Bytes of a record.
    record: usize,
    /// The shape of the field in each record.
    inner: Vec<usize>,
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
        if prefix.starts_with(b"PK\x03\x04") || prefix.starts_with(b"PK\x05\x06") {
            return Err(ARCHIVE.into());
        }
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
        let text = match major {
            3 => String::from_utf8(header).map_err(|_| "the header is not UTF-8")?,
            _ => header.into_iter().map(char::from).collect(),
        };
        // What wrote versions 1 and 2 may have been Python 2.
        let (dtype, fortran_order, shape) = entries(Literal::parse(&text, major < 3)?)?;
        // A size of 0 makes the product 0, whatever the others; no other product wraps.
        let len = if shape.contains(&0) {
            Some(0)
        } else {
            shape.iter().try_fold(dtype.itemsize, |product, &size| product.checked_mul(size))
        };
        let len = len.and_then(|len| u64::try_from(len).ok()).filter(|&len| len <= has);
        let more =
            || format!("the header describes more than the {has} bytes of items that the file has");
        let len = len.ok_or_else(more)?;
        Ok(Self { dtype, fortran_order, shape, start, len, place: None })
    }

    /// The header of `count` integers of 64 bits that follow it at byte 0.
    pub(crate) fn of_integers(count: u64) -> Result<Self, String> {
        let (dtype, len) = (Dtype::parse("<i8")?, count.saturating_mul(8));
        let shape = vec![usize::try_from(count).map_err(|error| error.to_string())?];
        Ok(Self { dtype, fortran_order: false, shape, start: 0, len, place: None })
    }

    /// The same file, of whose records one field is looked at.
    ///
    /// # Errors
    /// A sentence: the items are no records, or have no such field.
    pub fn field(self, name: &str) -> Result<Self, String> {
        let Parts::Fields(fields) = &self.dtype.parts else {
            let descr = quoted(&self.dtype.descr);
            return Err(format!("the items are of type {descr} and have no fields"));
        };
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            let names = || fields.iter().map(|field| field.name.as_str());
            let hint = hint(name, names(), || format!("they have {}", listed(names())));
            return Err(format!("the items have no field {}{hint}", quoted(name)));
        };
        let (dtype, inner) = match &field.dtype.parts {
            Parts::Array(dtype, shape) => ((**dtype).clone(), shape.clone()),
            _ => (field.dtype.clone(), Vec::new()),
        };
        let place = Place { offset: field.offset, record: self.dtype.itemsize, inner };
        Ok(Self { dtype, place: Some(place), ..self })
    }

    /// The same bytes as items of another size: numbers of the same kind if there are such, else
    /// bytes without a meaning.
    #[must_use]
    pub fn resized(self, itemsize: usize) -> Self {
        let items = usize::try_from(self.len).ok().and_then(|len| len.checked_div(itemsize));
        let dtype = self.dtype.resized(itemsize);
        Self { dtype, fortran_order: false, shape: vec![items.unwrap_or(0)], ..self }
    }

    /// The request for the whole array or what the flags make of it. Unit bytes by default.
    ///
    /// Without a shape it is the array's; without strides they are the array's own for its own
    /// shape, and those of row-major order for another shape. A field has its own offset.
    #[must_use]
    pub fn request(&self, args: &RequestArgs) -> Request {
        let unit = args.unit.map_or(Unit::Bytes, Unit::from);
        let itemsize = self.dtype.itemsize;
        let bytes = usize::try_from(self.len).unwrap_or(usize::MAX);
        let buffer_len = match unit {
            Unit::Elements => bytes.checked_div(itemsize).unwrap_or_else(|| self.count()),
            Unit::Bytes => bytes,
        };
        let item = if unit == Unit::Bytes { itemsize } else { 1 };
        let (record, inner) = match &self.place {
            Some(place) => (place.record, place.inner.as_slice()),
            None => (item, &[][..]),
        };
        // Of an array that lies in a file, all strides that are used fit.
        let packed =
            |shape: &[usize], item| row_major(shape, item).unwrap_or_else(|_| vec![0; shape.len()]);
        let own_strides = || {
            let strides = match self.fortran_order {
                false => packed(&self.shape, record),
                true => {
                    let reversed: Vec<usize> = self.shape.iter().rev().copied().collect();
                    packed(&reversed, record).into_iter().rev().collect()
                }
            };
            strides.into_iter().chain(packed(inner, item)).map(Number::from).collect::<Vec<_>>()
        };
        let own_shape = || self.shape.iter().chain(inner).map(|&size| size.into()).collect();
        let (shape, strides) = match (&args.shape, &args.strides) {
            (shape, Some(Tuple(strides))) => (shape.as_ref(), Some(strides.clone())),
            (Some(shape), None) => (Some(shape), None),
            (None, None) => (None, (self.fortran_order || self.place.is_some()).then(own_strides)),
        };
        args.with(Request {
            unit,
            itemsize: itemsize.into(),
            buffer_len: buffer_len.into(),
            offset: self.place.as_ref().map_or(0, |place| place.offset).into(),
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

/// The three entries of a header: the type, whether the first axis varies fastest, and the shape.
fn entries(header: Literal) -> Result<(Dtype, bool, Vec<usize>), String> {
    let Literal::Dictionary(entries) = header else {
        return Err("the header is malformed: it is no dictionary".into());
    };
    let (mut descr, mut order, mut sizes) = (None, None, None);
    for (key, value) in entries {
        // Of a key that is there twice Python takes the last value.
        match key {
            Literal::Text(key) if key == "descr" => descr = Some(value),
            Literal::Text(key) if key == "fortran_order" => order = Some(value),
            Literal::Text(key) if key == "shape" => sizes = Some(value),
            Literal::Text(key) => {
                return Err(format!("the header has an unknown key {}", quoted(&key)));
            }
            _ => return Err("the header has a key that is no text".into()),
        }
    }
    let (Some(descr), Some(order), Some(sizes)) = (descr, order, sizes) else {
        return Err("the header lacks one of 'descr', 'fortran_order' and 'shape'".into());
    };
    let Literal::Truth(order) = order else {
        return Err("the header is malformed: fortran_order is neither True nor False".into());
    };
    let no_sizes = "the header is malformed: shape is no tuple of integers";
    let Literal::Tuple(sizes) = sizes else { return Err(no_sizes.into()) };
    if sizes.len() > MOST_AXES {
        return Err(format!("the header has more than {MOST_AXES} axes"));
    }
    let size = |size: &Literal| {
        let Literal::Integer(size) = size else { return Err(no_sizes.into()) };
        size.to_usize().ok_or_else(|| format!("the header gives an axis the size {size}"))
    };
    let shape = sizes.iter().map(size).collect::<Result<_, String>>()?;
    let dtype = Dtype::read(&descr)?;
    if matches!(dtype.parts, Parts::Array(..)) {
        return Err("the items are arrays, which NumPy puts into the shape".into());
    }
    Ok((dtype, order, shape))
}
