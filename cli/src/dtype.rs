//! The types of items, as NumPy spells them and reads them on a machine of 64 bits.

use crate::literal::Literal;
use crate::nearest::quoted;
use crate::number::Number;

/// Bytes of an item at most, as in NumPy.
const LARGEST: usize = 0x7fff_ffff;
/// Types within types that are read.
const DEEPEST: usize = 32;

/// The type of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dtype {
    /// The type as the file spells it; `|V8` for records of 8 bytes.
    pub descr: String,
    /// NumPy's letter for it: `b i u f c S U V M m`.
    pub kind: u8,
    /// Bytes of an item.
    pub itemsize: usize,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
    /// The steps of a date or a duration.
    pub(crate) step: Option<Step>,
    /// What an item is made of.
    pub parts: Parts,
}

/// What an item is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Nothing smaller.
    None,
    /// The fields of a record.
    Fields(Vec<Field>),
    /// An array of a shape.
    Array(Box<Dtype>, Vec<usize>),
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Where in the record it starts.
    pub offset: usize,
    /// Its type.
    pub dtype: Dtype,
}

/// So many of a unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) count: i64,
    /// The place of the unit in [`UNITS`].
    pub(crate) unit: usize,
}

/// Units of time.
pub(crate) const UNITS: [&str; 13] =
    ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"];

/// How many of the next units a unit has; of a year and a month NumPy knows these.
fn smaller(unit: usize) -> &'static [i64] {
    match UNITS[unit] {
        "Y" => &[12, 52, 365],
        "M" => &[4, 30, 720],
        "W" => &[7, 168, 10_080],
        "D" => &[24, 1440, 86_400],
        "h" => &[60, 3600],
        "m" => &[60, 60_000],
        "fs" => &[1000],
        "as" => &[],
        _ => &[1000, 1_000_000],
    }
}

/// Names and letters, each with the kind and the size. Letters may stand behind a byte order.
const NAMES: [(&str, u8, usize); 23] = [
    ("bool bool_ ?", b'b', 1),
    ("int8 byte b", b'i', 1),
    ("int16 short h", b'i', 2),
    ("int32 intc i", b'i', 4),
    ("int64 int int_ intp long longlong l q p n", b'i', 8),
    ("uint8 ubyte B", b'u', 1),
    ("uint16 ushort H", b'u', 2),
    ("uint32 uintc I", b'u', 4),
    ("uint64 uint uintp ulong ulonglong L Q P N", b'u', 8),
    ("float16 half e", b'f', 2),
    ("float32 single f", b'f', 4),
    ("float64 float double d", b'f', 8),
    ("float128 longdouble g", b'f', 16),
    ("complex64 csingle F", b'c', 8),
    ("complex128 complex cdouble D", b'c', 16),
    ("complex256 clongdouble G", b'c', 32),
    ("str str_ unicode U", b'U', 0),
    ("bytes bytes_ S a", b'S', 0),
    ("c", b'S', 1),
    ("void V", b'V', 0),
    ("object object_ O", b'O', 8),
    ("M", b'M', 8),
    ("m", b'm', 8),
];

/// The kind and the size of a type by its name.
fn named(name: &str) -> Option<(u8, usize)> {
    let row = NAMES.iter().find(|(names, ..)| names.split(' ').any(|known| known == name));
    row.map(|&(_, kind, size)| (kind, size))
}

/// The size of a type that a letter and a number name.
fn sized(kind: u8, number: usize) -> Option<usize> {
    match (kind, number) {
        (b'b', 1) | (b'i' | b'u', 1 | 2 | 4 | 8) | (b'f', 2 | 4 | 8 | 16) => Some(number),
        (b'c', 8 | 16 | 32) | (b'O' | b'M' | b'm', 8) | (b'S' | b'V', _) => Some(number),
        (b'U', length) => length.checked_mul(4),
        _ => None,
    }
}

fn unknown(descr: &str) -> String {
    format!("the type {} is not known", quoted(descr))
}

const OBJECTS: &str = "the file holds pickled Python objects, whose bytes are no items";

impl Dtype {
    fn plain(descr: &str, kind: u8, itemsize: usize, big_endian: bool) -> Result<Self, String> {
        if itemsize > LARGEST {
            return Err(unknown(descr));
        }
        let descr = descr.into();
        Ok(Self { descr, kind, itemsize, big_endian, step: None, parts: Parts::None })
    }

    /// A type of items with parts, or of bytes without a meaning.
    fn void(itemsize: Option<usize>, parts: Parts) -> Result<Self, String> {
        let itemsize = itemsize.filter(|&size| size <= LARGEST).ok_or("an item is too large")?;
        let descr = format!("|V{itemsize}");
        Ok(Self { parts, ..Self::plain(&descr, b'V', itemsize, false)? })
    }

    /// The same kind of number in another size, else bytes without a meaning.
    #[must_use]
    pub(crate) fn resized(&self, itemsize: usize) -> Self {
        let keeps =
            self.parts == Parts::None && matches!(self.kind, b'b' | b'i' | b'u' | b'f' | b'c');
        let kind = if keeps && sized(self.kind, itemsize).is_some() { self.kind } else { b'V' };
        let order = if self.big_endian { '>' } else { '<' };
        let descr = format!("{order}{}{itemsize}", char::from(kind));
        Self { descr, kind, itemsize, big_endian: self.big_endian, step: None, parts: Parts::None }
    }

    /// Reads a type's text, such as `<f8`, `float64`, `d` or `i4,f8`.
    ///
    /// # Errors
    /// A sentence, for what has no fixed size or is not NumPy's.
    pub fn parse(descr: &str) -> Result<Self, String> {
        let bare = descr.strip_prefix(['<', '>', '|', '=']).unwrap_or(descr);
        // A comma counts outside of brackets.
        let mut inside = false;
        let comma = descr.chars().any(|c| {
            inside = c == '[' || inside && c != ']';
            c == ',' && !inside
        });
        let several =
            comma || bare.starts_with("()") || bare.starts_with(|c: char| c.is_ascii_digit());
        let dtype = if several { Self::list(descr)? } else { Self::one(descr)? };
        if dtype.kind == b'O' { Err(OBJECTS.into()) } else { Ok(dtype) }
    }

    /// Reads the text of one type.
    fn one(descr: &str) -> Result<Self, String> {
        let wrong = || unknown(descr);
        if let Some((kind, itemsize)) = named(descr) {
            return Self::plain(descr, kind, itemsize, cfg!(target_endian = "big"));
        }
        let (big_endian, bare) = match descr.as_bytes() {
            [b'>', ..] => (true, descr.get(1..)),
            [b'<', ..] => (false, descr.get(1..)),
            [b'=' | b'|', ..] => (cfg!(target_endian = "big"), descr.get(1..)),
            _ => (cfg!(target_endian = "big"), Some(descr)),
        };
        let bare = bare.ok_or_else(wrong)?;
        for (name, kind) in
            [("datetime64", b'M'), ("timedelta64", b'm'), ("M8", b'M'), ("m8", b'm')]
        {
            let Some(step) = bare.strip_prefix(name) else { continue };
            let step = if step.is_empty() { None } else { Step::parse(step).ok_or_else(wrong)? };
            return Ok(Self { step, ..Self::plain(descr, kind, 8, big_endian)? });
        }
        let &[first, ref digits @ ..] = bare.as_bytes() else { return Err(wrong()) };
        // As the C function that NumPy uses reads a number.
        let digits = digits.trim_ascii_start();
        let digits = digits.strip_prefix(b"+").unwrap_or(digits);
        let number = Number::parse(digits).filter(|_| !digits.starts_with(b"-"));
        let (kind, itemsize) = match number.map(Number::to_usize) {
            None if bare.len() == 1 => named(bare).ok_or_else(wrong)?,
            Some(Some(number)) => {
                let kind = if first == b'a' { b'S' } else { first };
                (kind, sized(kind, number).ok_or_else(wrong)?)
            }
            _ => return Err(wrong()),
        };
        Self::plain(descr, kind, itemsize, big_endian)
    }

    /// Reads types between commas, each perhaps with a shape before it: a record, or what is alone.
    fn list(descr: &str) -> Result<Self, String> {
        let wrong = || unknown(descr);
        let (mut rest, mut types, mut several) = (descr, Vec::new(), false);
        while !rest.is_empty() {
            let mut take = |of: &dyn Fn(char) -> bool, most: usize| {
                let mut taken =
                    rest.char_indices().map_while(|(at, c)| of(c).then(|| at + c.len_utf8()));
                let (taken, left) = rest.split_at(taken.by_ref().take(most).last().unwrap_or(0));
                rest = left;
                taken
            };
            let order = |c: char| matches!(c, '<' | '>' | '|' | '=');
            let space = |c: char| c == ' ';
            let before = take(&order, 1);
            let indent = take(&space, usize::MAX);
            let open = take(&|c| c == '(', 1);
            let repeats = take(&|c| matches!(c, ' ' | ',' | '0'..='9'), usize::MAX).trim();
            let close = take(&|c| c == ')', 1);
            take(&space, usize::MAX);
            let after = take(&order, 1);
            let name = take(&|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '?'), usize::MAX);
            let step = match rest.find(']').filter(|_| rest.starts_with('[')) {
                Some(end) => rest.get(..=end).unwrap_or_default(),
                None => "",
            };
            rest = rest.get(step.len()..).unwrap_or_default().trim_start();
            if let Some(more) = rest.strip_prefix(',') {
                (rest, several) = (more.trim_start(), true);
            } else if !rest.is_empty() {
                return Err(wrong());
            }
            let native =
                |order: &str| matches!(order, "" | "=" | "|" | "<").then_some("<").unwrap_or(">");
            if !before.is_empty() && !after.is_empty() && native(before) != native(after) {
                return Err(wrong());
            }
            let order = if after.is_empty() { before } else { after };
            let dtype = Self::one(&format!("{order}{name}{step}")).map_err(|_| wrong())?;
            let shape = match (open, repeats, close) {
                ("", "", "") if indent.is_empty() => None,
                ("", _, "") | ("(", _, ")") => Some(
                    Literal::parse(&format!("{open}{repeats}{close}"), false)
                        .map_err(|_| wrong())?,
                ),
                _ => return Err(wrong()),
            };
            types.push(match shape {
                Some(shape) => dtype.array(&shape)?,
                None => dtype,
            });
        }
        match types.pop() {
            Some(only) if !several => Ok(only),
            last => {
                types.extend(last);
                let named = types.into_iter().enumerate();
                Self::record(named.map(|(at, dtype)| (Some(format!("f{at}")), dtype)).collect())
            }
        }
    }

    /// An array of this type as an item.
    fn array(self, shape: &Literal) -> Result<Self, String> {
        let sizes = match shape {
            Literal::Tuple(sizes) | Literal::List(sizes) => {
                sizes.iter().map(|size| size.integer()?.to_usize()).collect()
            }
            Literal::Integer(size) => size.to_usize().map(|size| vec![size]),
            _ => None,
        };
        let sizes: Vec<usize> = sizes.ok_or("the shape of an item is no tuple of sizes")?;
        if sizes.is_empty() {
            return Ok(self);
        }
        let size = sizes.iter().try_fold(self.itemsize, |size, &count| size.checked_mul(count));
        Self::void(size, Parts::Array(Box::new(self), sizes))
    }

    /// A record of fields one after the other; what has no name is padding.
    fn record(types: Vec<(Option<String>, Self)>) -> Result<Self, String> {
        let (mut fields, mut offset) = (Vec::<Field>::new(), Some(0usize));
        for (name, dtype) in types {
            if dtype.kind == b'O' {
                return Err(OBJECTS.into());
            }
            let start = offset.ok_or("an item is too large")?;
            offset = start.checked_add(dtype.itemsize);
            let Some(name) = name else { continue };
            if fields.iter().any(|field| field.name == name) {
                return Err(format!("the items have the field {} twice", quoted(&name)));
            }
            fields.push(Field { name, offset: start, dtype });
        }
        Self::void(offset, Parts::Fields(fields))
    }

    /// Reads a type from the literal that a header has.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub(crate) fn read(descr: &Literal) -> Result<Self, String> {
        Self::nested(descr, DEEPEST)
    }

    fn nested(descr: &Literal, levels: usize) -> Result<Self, String> {
        let wrong = || "the type of the items is none of NumPy's".to_owned();
        let levels = levels.checked_sub(1).ok_or_else(wrong)?;
        let fields = match descr {
            Literal::Text(text) => return Self::parse(text),
            Literal::Tuple(pair) => {
                let [of, shape] = pair.as_slice() else { return Err(wrong()) };
                return Self::nested(of, levels)?.array(shape);
            }
            Literal::List(fields) => fields.as_slice(),
            // Python walks a dictionary as a list of its keys.
            Literal::Dictionary(none) if none.is_empty() => &[],
            _ => return Err(wrong()),
        };
        let mut types = Vec::new();
        for field in fields {
            let (Literal::Tuple(field) | Literal::List(field)) = field else { return Err(wrong()) };
            let (name, dtype) = match field.as_slice() {
                [name, of] => (name, Self::nested(of, levels)?),
                [name, of, shape] => (name, Self::nested(of, levels)?.array(shape)?),
                _ => return Err(wrong()),
            };
            // A tuple has a title before the name.
            let name = match name {
                Literal::Text(name) => name,
                Literal::Tuple(names) => match names.as_slice() {
                    [_, Literal::Text(name)] => name,
                    _ => return Err(wrong()),
                },
                _ => return Err(wrong()),
            };
            let padding =
                name.is_empty() && dtype.kind == b'V' && !matches!(dtype.parts, Parts::Fields(_));
            types.push(((!padding).then(|| name.clone()), dtype));
        }
        Self::record(types)
    }
}

impl Step {
    /// Reads `[25us]` or `[h/2]`. NumPy's generic unit is no step. `None`: not NumPy's.
    #[expect(clippy::option_option, reason = "the outer one says whether the text is one")]
    fn parse(text: &str) -> Option<Option<Self>> {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        let inner = inner.strip_prefix('+').unwrap_or(inner);
        let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
        let (count, rest) = inner.split_at(digits);
        let count = if count.is_empty() { 1 } else { count.parse::<i32>().ok()? };
        let (unit, divisor) = rest.split_once('/').unwrap_or((rest, "1"));
        let divisor: i64 = divisor.parse::<i32>().ok().filter(|&divisor| divisor > 0)?.into();
        if unit == "generic" && divisor == 1 {
            return Some(None);
        }
        let unit = UNITS.iter().position(|&known| known == unit)?;
        if divisor == 1 {
            return Some(Some(Self { count: count.into(), unit }));
        }
        // The first smaller unit of which a part is a whole number.
        let (more, times) =
            smaller(unit).iter().enumerate().find(|(_, times)| **times % divisor == 0)?;
        Some(Some(Self { count: i64::from(count) * (times / divisor), unit: unit + 1 + more }))
    }
}
