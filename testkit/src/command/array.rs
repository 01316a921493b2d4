//! `.npy` files: any bytes, and arrays whose values are known.

use std::fmt;
use std::io::Cursor;

use arbitrary::{Result, Unstructured};
use strideproof_cli::args::{RequestArgs, Tuple, UnitArg};
use strideproof_cli::decide::judge;
use strideproof_cli::dtype::Parts;
use strideproof_cli::npy::Header;
use strideproof_cli::number::Number;
use strideproof_cli::print;
use strideproof_oracle::count;

use super::draw::{choose, rest, style, wild};
use super::request::Request;
use super::values::{self, Item};
use super::{Check, Given, verdict};

/// A file, and the flags with which it is looked at.
pub(super) struct File {
    bytes: Vec<u8>,
    flags: Flags,
    /// The array in the file, if it was written and not just any bytes.
    array: Option<Array>,
}

/// Flags that override what the file says.
#[derive(Debug, Default)]
struct Flags {
    elements: bool,
    shape: Option<Vec<i64>>,
    strides: Option<Vec<i64>>,
    offset: i64,
}

/// What is in a file that was written as it should be, or with one flaw.
#[derive(Debug)]
struct Array {
    descr: &'static str,
    fortran: bool,
    shape: Vec<usize>,
    /// Something is wrong, or may be.
    flawed: bool,
    /// So wrong that nothing can be made of it.
    hopeless: bool,
}

/// Types of all kinds.
const TYPES: [&str; 26] = [
    "<i4", "|u1", "<i8", ">i2", "<u8", ">u4", "|b1", "<f8", ">f4", "<f2", "<c8", ">c16", "|i1",
    "=u2", "?", "<f16", "<c32", "|S5", "<U3", "<M8[ns]", "<m8", "|V7", "|S0", "|V300", ">U1", "a2",
];

impl Array {
    /// The bytes of an item, by the type's digits: four of a character each.
    fn itemsize(&self) -> usize {
        let digits = self.descr.split('[').next().unwrap_or_default();
        let digits = digits.trim_start_matches(|c: char| !c.is_ascii_digit());
        let characters = if self.descr.contains('U') { 4 } else { 1 };
        digits.parse().unwrap_or(1) * characters
    }

    fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

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
            member: None,
            field: None,
            arange: None,
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

    /// An array, written with a flaw or without.
    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let flags = Flags::draw(u)?;
        let descr = TYPES[usize::from(choose(u, 26)?)];
        let fortran = choose(u, 3)? == 2;
        let flaw = choose(u, 40)?;
        let style = &mut style(u)?;
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
        let hopeless = matches!(flaw, 1 | 3 | 5 | 6);
        let array = Array { descr, fortran, shape, flawed: false, hopeless };
        let needed = array.count() * array.itemsize();
        let mut bytes = b"\x93NUMPY".to_vec();
        let version = [1u8, 1, 2, 3][style.below(4)];
        let mut sizes: Vec<String> = array.shape.iter().map(usize::to_string).collect();
        let mut flawed = true;
        let mut descr_text = format!("'{descr}'");
        let (mut extra, mut missing, mut longer) = ("", 0, 0i64);
        match flaw {
            1 => bytes[usize::from(choose(u, 6)?)] ^= 1 << choose(u, 8)?,
            2 => {
                longer = [1, 1, -1, 65_535, 200, -200][usize::from(choose(u, 6)?)];
                // Sometimes with nothing behind it.
                missing = if choose(u, 2)? == 0 { needed } else { 0 };
            }
            3 if needed > 0 => missing = 1 + usize::from(choose(u, 8)?),
            4 => sizes.push(wild(u)?.to_string()),
            5 => extra = ["'shape', ", "'more': 1, ", "descr: 1", "\u{e9}"][style.below(4)],
            6 => {
                let other =
                    ["'O'", "[('a', '<i3')]", "''", "'<i3'", "'<U99999999999999999999'", "'<i4"];
                descr_text = other[style.below(6)].into();
            }
            _ => flawed = false,
        }
        let tuple = match sizes.len() {
            // Python 2 wrote long integers so.
            1 => format!(
                "({}{},)",
                sizes[0],
                ["", "L"][style.below(if version < 3 { 2 } else { 1 })]
            ),
            _ => format!("({})", sizes.join(", ")),
        };
        let quote = ["'", "\""][style.below(2)];
        let order = if fortran { "True" } else { "False" };
        let mut entries = [
            format!("{quote}descr{quote}: {descr_text}"),
            format!("{quote}fortran_order{quote}: {order}"),
            format!("{quote}shape{quote}:{}{tuple}", ["", " ", "\n"][style.below(3)]),
        ];
        let first = style.below(3);
        entries.rotate_left(first);
        let header =
            format!("{{{extra}{}{}}}", entries.join(", "), [", ", "", ","][style.below(3)]);
        let padding = [0, 1, 40][style.below(3)];
        let header = header + &" ".repeat(padding) + ["\n", ""][style.below(2)];
        bytes.extend([version, 0]);
        let length = i64::try_from(header.len()).unwrap_or(0) + longer;
        let length = length.max(0).to_le_bytes();
        bytes.extend(&length[..if version == 1 { 2 } else { 4 }]);
        bytes.extend(header.as_bytes());
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
        let array = Array { flawed, hopeless: flawed && hopeless, ..array };
        Ok(Self { bytes, flags, array: Some(array) })
    }

    /// The array, if it was written without a flaw.
    fn whole(&self) -> Option<&Array> {
        self.array.as_ref().filter(|array| !array.flawed)
    }

    fn look(&self, header: &Header, flags: &Flags) -> Check {
        let request = header.request(&flags.args());
        let asked = Request::of(&request);
        let plain = flags.shape.is_none();
        if let Some(array) = self.whole().filter(|_| plain) {
            is_whole(array, &asked)?;
        }
        let (verdict, view) = judge(&request);
        let (accepted, _) = verdict::judge(&asked, &verdict.to_json(None))?;
        let own = plain && flags.offset == 0 && asked.count() <= isize::MAX as i128;
        check!(accepted || !own, "the file's own view is refused: {verdict:?}");
        if !accepted {
            return Ok(());
        }
        let view = view.ok_or("accepted, but not in 64 bits")?;
        let printed = print::values(Cursor::new(&self.bytes), header, &view);
        if header.dtype.parts != Parts::None {
            // Records are printed as tuples: the tests of the command have NumPy's.
            return Ok(());
        }
        // Of what was written the type is known without the reader of headers.
        let item = match self.whole() {
            Some(array) => Item::of(array.descr, array.itemsize()),
            None => Item::of(&header.dtype.descr, header.dtype.itemsize),
        };
        let start = usize::try_from(header.start).unwrap_or(usize::MAX);
        values::check(&self.bytes, start, item, &asked, printed)
    }
}

impl Given for File {
    fn run(&self, turn: u8) -> Check {
        let header = match Header::read(Cursor::new(&self.bytes)) {
            Ok(header) => header,
            Err(error) => {
                check!(self.whole().is_none(), "a valid file is refused: {error}");
                check!(!error.is_empty(), "no reason");
                return Ok(());
            }
        };
        let hopeless = self.array.as_ref().is_some_and(|array| array.hopeless);
        check!(!hopeless, "taken for {header:?}");
        let has = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        let within = header.start <= has && header.len <= has - header.start;
        check!(within, "{header:?} of {has} bytes");
        let all = count(&header.shape) * header.dtype.itemsize as u128;
        check!(all == u128::from(header.len), "{header:?}, but its items are {all}");
        if let Some(array) = self.whole() {
            let found = (&header.shape, header.fortran_order, header.dtype.descr.as_str());
            let expected = (&array.shape, array.fortran, array.descr);
            check!(found == expected, "{header:?} of {expected:?}");
            let itemsize = array.itemsize();
            check!(header.dtype.itemsize == itemsize, "the itemsize is not {itemsize}");
            let len = usize::try_from(header.len);
            check!(len == Ok(array.count() * itemsize), "the length is wrong");
        }
        // Looked at as the flags say, and as the file says.
        self.look(&header, &self.flags)?;
        if turn & 1 == 1 { self.look(&header, &Flags::default()) } else { Ok(()) }
    }
}

/// The request without flags is for all items, in the order of the file.
fn is_whole(array: &Array, asked: &Request) -> Check {
    let shape: Vec<i128> = array.shape.iter().map(|&size| size as i128).collect();
    check!(asked.shape == shape, "the request is of shape {:?}", asked.shape);
    let step = |axis: usize| {
        let inner = if array.fortran { &shape[..axis] } else { &shape[axis + 1..] };
        inner.iter().product::<i128>() * asked.item()
    };
    let expected: Vec<i128> = (0..shape.len()).map(step).collect();
    let steps = asked.steps();
    check!(asked.is_empty() || steps == expected, "the request's strides are {steps:?}");
    Ok(())
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
