//! A request in integers of any size, as the specification sees it, and its generator.

use arbitrary::{Result, Unstructured};
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use strideproof::Unit;
use strideproof_oracle::generate::{self, Width};

use super::draw::{choose, wild};
use strideproof_cli::number::Number;
use strideproof_cli::request::{DEFAULT_BUDGET, Mode, Request as CommandRequest};

/// What is asked, in the oracle's numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) unit: Unit,
    pub(super) itemsize: BigInt,
    pub(super) len: BigInt,
    pub(super) offset: BigInt,
    pub(super) shape: Vec<BigInt>,
    pub(super) strides: Option<Vec<BigInt>>,
    pub(super) mutable: bool,
    pub(super) as_elements: bool,
    pub(super) align: Option<BigInt>,
    pub(super) base: BigInt,
}

impl Request {
    /// The same in the command's terms, by way of decimal text.
    pub(super) fn request(&self) -> CommandRequest {
        let int = |number: &BigInt| match Number::parse(number.to_string().as_bytes()) {
            Some(read) => read,
            None => panic!("{number} is not read as an integer"),
        };
        let ints = |numbers: &Vec<BigInt>| numbers.iter().map(int).collect();
        CommandRequest {
            unit: self.unit,
            itemsize: int(&self.itemsize),
            buffer_len: int(&self.len),
            offset: int(&self.offset),
            shape: ints(&self.shape),
            strides: self.strides.as_ref().map(ints),
            mode: if self.mutable { Mode::Mutable } else { Mode::ReadOnly },
            as_elements: self.as_elements,
            align: self.align.as_ref().map(int),
            base_address: int(&self.base),
            budget: DEFAULT_BUDGET,
        }
    }

    /// What a request of the command asks. Of a number of many digits it keeps the first ones,
    /// which are too many for 64 bits all the same.
    pub(super) fn of(request: &CommandRequest) -> Self {
        let big = |number: &Number| {
            let shown = number.to_string();
            match shown.trim_end_matches('.').parse() {
                Ok(read) => read,
                Err(_) => panic!("{number:?} is shown as {shown}"),
            }
        };
        let bigs = |numbers: &Vec<Number>| numbers.iter().map(big).collect();
        Self {
            unit: request.unit,
            itemsize: big(&request.itemsize),
            len: big(&request.buffer_len),
            offset: big(&request.offset),
            shape: bigs(&request.shape),
            strides: request.strides.as_ref().map(bigs),
            mutable: request.mode == Mode::Mutable,
            as_elements: request.as_elements,
            align: request.align.as_ref().map(big),
            base: big(&request.base_address),
        }
    }

    /// How many units an item takes at its address.
    pub(super) fn item(&self) -> BigInt {
        match self.unit {
            Unit::Elements => BigInt::one(),
            Unit::Bytes => self.itemsize.clone(),
        }
    }

    /// The same in a buffer that has room for it, unless its numbers make no sense in any.
    pub(super) fn with_room(self) -> Self {
        if self.offset.is_negative() || self.len.is_negative() {
            return self;
        }
        let steps = self.steps();
        let axes = self.shape.iter().zip(&steps);
        let reach: BigInt = axes.map(|(size, step)| size.abs() * step.abs()).sum();
        let offset = &self.offset + reach;
        Self { len: (&offset + self.item().abs()) * 2, offset, ..self }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shape.iter().any(Zero::is_zero)
    }

    /// The strides, or those of row-major order: an axis steps over all items of the later ones.
    pub(super) fn steps(&self) -> Vec<BigInt> {
        if let Some(strides) = &self.strides {
            return strides.clone();
        }
        let mut step = self.item();
        let mut strides = vec![BigInt::zero(); self.shape.len()];
        for (stride, size) in strides.iter_mut().zip(&self.shape).rev() {
            stride.clone_from(&step);
            step *= size;
        }
        strides
    }
}

/// How many bytes an item has, where that is a plain number.
const ITEMSIZES: [usize; 8] = [1, 2, 4, 8, 3, 16, 0, 5];

/// A request within one unit of the boundary, or changed in one way that leaves the words behind.
pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Request> {
    let flags = u.arbitrary::<u8>()?;
    let unit = if flags & 1 == 0 { Unit::Elements } else { Unit::Bytes };
    let mutable = flags & 6 == 2;
    let width = if flags & 24 == 8 { Width::Full } else { Width::Memory };
    let itemsize = ITEMSIZES[usize::from(flags >> 5)];
    let item = if unit == Unit::Bytes { itemsize } else { 1 };
    // Strides in bytes are most often whole numbers of items.
    let step = if choose(u, 3)? == 0 { 1 } else { item.max(1) };
    let mut asked = of(&generate::request(u, width, item, step)?, unit, itemsize, mutable);
    match choose(u, 20)? {
        1 | 2 => magnify(u, &mut asked)?,
        how @ (3 | 4) => {
            // An axis of size 1, with any stride of 64 bits, or of any size.
            let at = usize::from(u.arbitrary::<u8>()?) % (asked.shape.len() + 1);
            let stride = if how == 3 { u.arbitrary::<i64>()?.into() } else { wild(u)? };
            insert(&mut asked, at, BigInt::one(), stride);
        }
        5 => replace(u, &mut asked, |_, number| number)?,
        6 => replace(u, &mut asked, |old, number| old + number)?,
        7 => match &mut asked.strides {
            Some(strides) if flags & 0x80 == 0 => strides.push(wild(u)?),
            Some(strides) => drop(strides.pop()),
            None => {}
        },
        8 => {
            let at = usize::from(u.arbitrary::<u8>()?) % (asked.shape.len() + 1);
            insert(&mut asked, at, BigInt::zero(), wild(u)?);
        }
        9 => replace(u, &mut asked, |old, _| -old)?,
        10..13 => pack(u, &mut asked)?,
        _ => {}
    }
    Ok(asked)
}

/// Adds demands that only the command line knows: alignment, and whole items.
pub(super) fn demands(u: &mut Unstructured<'_>, asked: &mut Request) -> Result<()> {
    let flags = u.arbitrary::<u8>()?;
    asked.as_elements = flags & 1 == 1;
    if flags & 2 == 2 {
        asked.align = Some(match flags >> 2 & 7 {
            power @ 0..5 => BigInt::from(1 << power),
            5 => BigInt::from(3),
            _ => wild(u)?,
        });
        if flags & 0x80 != 0 {
            asked.base = if flags & 0x40 == 0 { BigInt::from(flags >> 2) } else { wild(u)? };
        }
    }
    Ok(())
}

fn of(
    request: &strideproof_oracle::Request,
    unit: Unit,
    itemsize: usize,
    mutable: bool,
) -> Request {
    Request {
        unit,
        itemsize: itemsize.into(),
        len: request.len.into(),
        offset: request.offset.into(),
        shape: request.shape.iter().map(|&size| size.into()).collect(),
        strides: Some(request.strides.iter().map(|&stride| stride.into()).collect()),
        mutable,
        as_elements: false,
        align: None,
        base: BigInt::zero(),
    }
}

fn insert(asked: &mut Request, at: usize, size: BigInt, stride: BigInt) {
    asked.shape.insert(at, size);
    if let Some(strides) = &mut asked.strides {
        strides.insert(at.min(strides.len()), stride);
    }
}

/// Multiplies all addresses, which changes no verdict; then perhaps takes one unit away or adds it.
fn magnify(u: &mut Unstructured<'_>, asked: &mut Request) -> Result<()> {
    // Most products fit 64 bits.
    let by = BigInt::from(u.arbitrary::<u32>()?) + 1;
    let how = u.arbitrary::<u8>()?;
    let item = asked.item();
    asked.offset *= &by;
    for stride in asked.strides.iter_mut().flatten() {
        *stride *= &by;
    }
    if how & 1 == 1 && asked.unit == Unit::Bytes {
        asked.itemsize *= &by;
        asked.len *= &by;
    } else if asked.len >= item {
        asked.len = (&asked.len - &item) * &by + &item;
    }
    match how >> 1 & 7 {
        0 => asked.len -= 1,
        1 => asked.len += 1,
        2 => asked.offset += 1,
        _ => {}
    }
    Ok(())
}

/// Changes one of the numbers.
fn replace(
    u: &mut Unstructured<'_>,
    asked: &mut Request,
    change: impl Fn(&BigInt, BigInt) -> BigInt,
) -> Result<()> {
    let which = usize::from(u.arbitrary::<u8>()?);
    let number = wild(u)?;
    let mut numbers: Vec<&mut BigInt> =
        vec![&mut asked.len, &mut asked.offset, &mut asked.itemsize];
    numbers.extend(&mut asked.shape);
    numbers.extend(asked.strides.iter_mut().flatten());
    let count = numbers.len();
    if let Some(old) = numbers.get_mut(which % count) {
        **old = change(old, number);
    }
    Ok(())
}

/// Leaves the strides to row-major order, with a length that is just enough, or not quite.
fn pack(u: &mut Unstructured<'_>, asked: &mut Request) -> Result<()> {
    let how = u.arbitrary::<u8>()?;
    asked.strides = None;
    let count: BigInt = asked.shape.iter().product();
    asked.offset = BigInt::from(if how & 1 == 0 { 0 } else { how >> 4 });
    asked.len = &asked.offset + count * asked.item() + [0, 0, 3, -1][usize::from(how >> 1 & 3)];
    Ok(())
}
