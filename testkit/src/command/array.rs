//! `.npy` files: any bytes, and arrays whose values are known.

use std::fmt;
use std::io::Cursor;

use arbitrary::{Result, Unstructured};

use super::asked::Asked;
use super::draw::{Whim, choose, rest, wild};
use super::json::Json;
use super::oracle::{self, Said, check};
use super::values::Item;
use strideproof_cli::args::{RequestArgs, Tuple, UnitArg};
use strideproof_cli::decide::judge;
use strideproof_cli::npy::Header;
use strideproof_cli::number::Number;
use strideproof_cli::print;

type Check = std::result::Result<(), String>;

/// A file, and the flags with which it is looked at.
#[derive(Clone)]
pub(super) struct File {
    bytes: Vec<u8>,
    flags: Flags,
    /// The array in the file, if it was written and not just any bytes.
    array: Option<Array>,
}

/// Flags that override what the file says.
#[derive(Clone, Debug, Default)]
struct Flags {
    elements: bool,
    shape: Option<Vec<i64>>,
    strides: Option<Vec<i64>>,
    offset: i64,
}

/// What is in a file that was written as it should be, or with one flaw.
#[derive(Clone, Debug)]
struct Array {
    descr: &'static str,
    itemsize: usize,
    fortran: bool,
    shape: Vec<usize>,
    /// Something is wrong, or may be.
    flawed: bool,
    /// So wrong that nothing can be made of it.
    hopeless: bool,
}

/// Types and their itemsizes; those of kinds that are printed come first.
const TYPES: [(&str, usize); 26] = [
    ("<i4", 4),
    ("|u1", 1),
    ("<i8", 8),
    (">i2", 2),
    ("<u8", 8),
    (">u4", 4),
    ("|b1", 1),
    ("<f8", 8),
    (">f4", 4),
    ("<f2", 2),
    ("<c8", 8),
    (">c16", 16),
    ("|i1", 1),
    ("=u2", 2),
    ("?", 1),
    ("<f16", 16),
    ("<c32", 32),
    ("|S5", 5),
    ("<U3", 12),
    ("<M8[ns]", 8),
    ("<m8", 8),
    ("|V7", 7),
    ("|S0", 0),
    ("|V300", 300),
    (">U1", 4),
    ("a2", 2),
];

impl Flags {
    fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let how = u.arbitrary::<u8>()?;
        let mut flags = Self { elements: how & 1 == 1, ..Self::default() };
        let numbers = |u: &mut Unstructured<'_>, count: u8| {
            (0..count).map(|_| u.arbitrary::<i8>().map(i64::from)).collect::<Result<Vec<_>>>()
        };
        if how & 6 == 6 {
            let rank = how >> 3 & 3;
            let mut shape = numbers(u, rank)?;
            for size in &mut shape {
                // Sizes are small, seldom huge or negative.
                *size = if *size < -120 { *size * 1_000_000_007 } else { (*size & 63) % 9 };
            }
            if how & 0x40 == 0 {
                let mut strides = numbers(u, rank)?;
                for stride in &mut strides {
                    *stride =
                        [0, 1, 2, 4, 8, *stride][usize::try_from(*stride & 7).unwrap_or(0).min(5)];
                }
                flags.strides = Some(strides);
            }
            if how & 0x80 != 0 {
                if let Some(size) = shape.first_mut() {
                    *size += 1001;
                }
            }
            flags.shape = Some(shape);
            flags.offset = i64::from(choose(u, 40)?);
        }
        Ok(flags)
    }

    fn args(&self) -> RequestArgs {
        let ints = |numbers: &Vec<i64>| {
            Tuple(numbers.iter().map(|&number| Number::from(number)).collect())
        };
        RequestArgs {
            shape: self.shape.as_ref().map(ints),
            strides: self.strides.as_ref().map(ints),
            offset: Some(Number::from(self.offset)),
            len: None,
            unit: self.elements.then_some(UnitArg::Elements),
            itemsize: None,
            npy: None,
            mutable: false,
            as_elements: false,
            align: None,
            base_address: None,
            budget: None,
        }
    }
}

impl File {
    /// Any bytes.
    pub(super) fn draw_raw(u: &mut Unstructured<'_>) -> Result<Self> {
        let flags = Flags::draw(u)?;
        Ok(Self { bytes: rest(u)?.to_vec(), flags, array: None })
    }

    /// Writes the bytes of a file looked at without flags.
    pub(super) fn encode(file: &[u8], out: &mut Vec<u8>) {
        out.push(0);
        out.extend(file);
    }

    /// An array, written with a flaw or without.
    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let flags = Flags::draw(u)?;
        let (descr, itemsize) = TYPES[usize::from(choose(u, 26)?)];
        let fortran = choose(u, 3)? == 2;
        let flaw = choose(u, 40)?;
        let whim = &mut Whim::new(u.arbitrary::<u16>()?.into());
        let rank = choose(u, 12)?;
        let mut shape = Vec::new();
        for _ in 0..if rank < 11 { rank % 5 } else { 0 } {
            let byte = u.arbitrary::<u8>()?;
            shape.push(usize::from(if byte < 8 { 0 } else { byte % 4 + 1 }));
        }
        if rank == 11 {
            // Of more than a thousand items not all are printed.
            let byte = usize::from(u.arbitrary::<u8>()?);
            let long = 1001 + byte % 16;
            shape = match byte % 3 {
                0 => vec![long],
                1 => vec![long / 9, 9],
                _ => vec![3, long / 2],
            };
        }
        let count: usize = shape.iter().product();
        let mut bytes = b"\x93NUMPY".to_vec();
        let version = [1u8, 1, 2, 3][whim.below(4)];
        let mut sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
        let mut flawed = true;
        let mut descr_text = format!("'{descr}'");
        let (mut extra, mut missing, mut longer) = ("", 0, 0i64);
        match flaw {
            1 => bytes[usize::from(choose(u, 6)?)] ^= 1 << choose(u, 8)?,
            2 => {
                longer = [1, 1, -1, 65_535, 200, -200][usize::from(choose(u, 6)?)];
                // Sometimes with nothing behind it.
                missing = if choose(u, 2)? == 0 { count * itemsize } else { 0 };
            }
            3 if count * itemsize > 0 => missing = 1 + usize::from(choose(u, 8)?),
            4 => sizes.push(wild(u)?.to_string()),
            5 => extra = ["'shape': (), ", "'more': 1, ", "descr: 1", "\u{e9}"][whim.below(4)],
            6 => {
                let other =
                    ["'O'", "[('a', '<i2')]", "''", "'<i3'", "'<U99999999999999999999'", "'<i4"];
                descr_text = other[whim.below(6)].into();
            }
            _ => flawed = false,
        }
        let tuple = match sizes.len() {
            1 => format!("({}{},)", sizes[0], ["", "L"][whim.below(2)]),
            _ => format!("({})", sizes.join(", ")),
        };
        let quote = ["'", "\""][whim.below(2)];
        let order = if fortran { "True" } else { "False" };
        let mut entries = [
            format!("{quote}descr{quote}: {descr_text}"),
            format!("{quote}fortran_order{quote}: {order}"),
            format!("{quote}shape{quote}:{}{tuple}", ["", " ", "\n"][whim.below(3)]),
        ];
        let first = whim.below(3);
        entries.rotate_left(first);
        let header = format!("{{{extra}{}{}}}", entries.join(", "), [", ", "", ","][whim.below(3)]);
        let padding = [0, 1, 40][whim.below(3)];
        let header = header + &" ".repeat(padding) + ["\n", ""][whim.below(2)];
        let hopeless = flawed && matches!(flaw, 1 | 3 | 5 | 6);
        bytes.extend([version, 0]);
        let length = i64::try_from(header.len()).unwrap_or(0) + longer;
        let length = length.max(0).to_le_bytes();
        bytes.extend(&length[..if version == 1 { 2 } else { 4 }]);
        bytes.extend(header.as_bytes());
        let needed = count * itemsize;
        let data = rest(u)?;
        // Where the input is shorter, it is repeated with a twist.
        let twist = |at: usize| {
            let turn = at.checked_div(data.len()).unwrap_or(0);
            data.get(at - turn * data.len())
                .copied()
                .unwrap_or(0)
                .wrapping_add(u8::try_from(turn % 251).unwrap_or(0))
        };
        bytes.extend((0..needed.saturating_sub(missing)).map(twist));
        if flaw == 39 {
            bytes.extend(b"more");
        }
        let array = Some(Array { descr, itemsize, fortran, shape, flawed, hopeless });
        Ok(Self { bytes, flags, array })
    }

    pub(super) fn kind(&self) -> &'static str {
        if self.array.is_some() { "array" } else { "bytes" }
    }

    pub(super) fn run(&self, turn: u8) -> Check {
        let mut file = Cursor::new(self.bytes.as_slice());
        let header = match Header::read(&mut file) {
            Ok(header) => header,
            Err(error) => {
                let valid = self.array.as_ref().is_some_and(|array| !array.flawed);
                check!(!valid, "a valid file is refused: {error}");
                check!(!error.to_string().is_empty(), "no reason");
                return Ok(());
            }
        };
        let hopeless = self.array.as_ref().is_some_and(|array| array.hopeless);
        check!(!hopeless, "taken for {header:?}");
        let has = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        check!(
            header.start <= has && header.len <= has - header.start,
            "{header:?} of {has} bytes"
        );
        let items = strideproof_oracle::count(&header.shape);
        let spoken_of = items * header.dtype.itemsize as u128;
        check!(spoken_of == u128::from(header.len), "{header:?}, but its items are {spoken_of}");
        if let Some(array) = self.array.as_ref().filter(|array| !array.flawed) {
            let count: usize = array.shape.iter().product();
            check!(header.shape == array.shape, "the shape is {:?}", header.shape);
            check!(header.fortran_order == array.fortran, "the order is not as written");
            check!(header.dtype.descr == array.descr, "the type is {:?}", header.dtype);
            check!(header.dtype.itemsize == array.itemsize, "the itemsize is not as written");
            check!(
                usize::try_from(header.len) == Ok(count * array.itemsize),
                "the length is wrong"
            );
        }
        // Looked at as the flags say, and as the file says.
        self.look(&header, &self.flags)?;
        if turn & 1 == 1 { self.look(&header, &Flags::default()) } else { Ok(()) }
    }

    fn look(&self, header: &Header, flags: &Flags) -> Check {
        let request = header.request(&flags.args());
        let asked = Asked::of(&request);
        let plain = flags.shape.is_none();
        let array = self.array.as_ref().filter(|array| !array.flawed && plain);
        if let Some(array) = array {
            self.is_whole(array, &asked)?;
        }
        let (verdict, view) = judge(&request);
        let mut line = Vec::new();
        verdict.write_json(None, &mut line);
        let line = String::from_utf8(line).map_err(|_| "a verdict is not UTF-8")?;
        let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
        let accepted = oracle::judge(&asked, &Said::read(&json)?, false)
            .map_err(|why| format!("{why}: {line}"))?;
        let too_many = asked.count() > isize::MAX as i128;
        let own = plain && flags.offset == 0 && !too_many;
        check!(accepted || !own, "the file's own view is refused: {line}");
        if !accepted {
            return Ok(());
        }
        let file = Cursor::new(self.bytes.as_slice());
        let view = view.ok_or("accepted, but not in 64 bits")?;
        let printed = print::values(file, header, &view);
        // Of what was written the type is known without the reader of headers.
        let written = self.array.as_ref().filter(|array| !array.flawed);
        let item = match written {
            Some(array) => Item::of(array.descr, array.itemsize),
            None => Item::of(&header.dtype.descr, header.dtype.itemsize),
        };
        let start = usize::try_from(header.start).unwrap_or(usize::MAX);
        super::values::check(&self.bytes, start, item, &asked, printed)
    }

    /// The request without flags is for all items, in the order of the file.
    fn is_whole(&self, array: &Array, asked: &Asked) -> Check {
        let shape: Vec<i128> = array.shape.iter().map(|&size| size as i128).collect();
        check!(asked.shape == shape, "the request is of shape {:?}", asked.shape);
        if asked.is_empty() {
            return Ok(());
        }
        let mut step = asked.item();
        let mut expected = vec![0; shape.len()];
        let axes: Vec<usize> = if array.fortran {
            (0..shape.len()).collect()
        } else {
            (0..shape.len()).rev().collect()
        };
        for axis in axes {
            expected[axis] = step;
            step *= shape[axis];
        }
        check!(asked.steps() == expected, "the request's strides are {:?}", asked.steps());
        check!(u64::try_from(step).is_ok(), "a file of {step} units");
        Ok(())
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a .npy file of {} bytes ", self.bytes.len())?;
        match &self.array {
            Some(array) => write!(f, "with {array:?}")?,
            None => write!(f, "\"{}\"", self.bytes.escape_ascii())?,
        }
        write!(f, ", looked at with {:?}", self.flags)
    }
}
