//! The specification over the integers: what a verdict must say of a request.
//!
//! Nothing here calls what decides. Verdicts are judged as JSON.

use std::ops::{Add, Sub};

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use strideproof::Unit;

use super::json::{Json, Text};
use super::request::Request;

/// Fields of a verdict, in the order of the schema.
const ACCEPTED: [&str; 10] = [
    "schema",
    "verdict",
    "count",
    "lowest",
    "highest",
    "required_len",
    "unique",
    "contiguous",
    "nominal_bytes",
    "distinct_bytes",
];
const REJECTED: [&str; 9] =
    ["schema", "verdict", "code", "reason", "axis", "index", "address", "required_len", "message"];
const ALIASED: [&str; 3] = ["first", "second", "other_index"];
const ERROR: [&str; 4] = ["schema", "verdict", "line", "message"];

/// A view of at most so many indices is enumerated.
pub(super) const SMALL: usize = 256;
/// Where the distinct units of a view may stay uncounted: beyond so many.
const COUNTED: u32 = 1 << 16;

type Check = Result<(), String>;

macro_rules! check {
    ($holds:expr, $($what:tt)+) => {
        if !$holds {
            return Err(format!($($what)+));
        }
    };
}
pub(super) use check;

/// What a line of output says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Accepted,
    Rejected,
    Error,
}

/// A verdict whose fields are those of the schema.
pub(super) struct Verdict<'a> {
    pub(super) word: Word,
    fields: &'a [(Text, Json)],
    /// What follows the fields of the schema.
    pub(super) more: &'a [(Text, Json)],
}

impl<'a> Verdict<'a> {
    /// Reads a verdict, and checks which fields it has in which order.
    pub(super) fn read(json: &'a Json) -> Result<Self, String> {
        let fields = json.members().ok_or("a verdict is no object")?;
        let named =
            |name: &str| fields.iter().find(|(key, _)| *key == *name).map(|(_, value)| value);
        let word = named("verdict").and_then(Json::text).ok_or("no verdict")?;
        let aliased = named("reason").and_then(Json::text) == Some("aliased");
        let (word, schema) = match word {
            "accepted" => (Word::Accepted, ACCEPTED.to_vec()),
            "rejected" if aliased => (Word::Rejected, [&REJECTED[..], &ALIASED].concat()),
            "rejected" => (Word::Rejected, REJECTED.to_vec()),
            "error" => (Word::Error, ERROR.to_vec()),
            word => return Err(format!("the verdict is {word:?}")),
        };
        for (at, name) in schema.iter().enumerate() {
            let key = fields.get(at).map(|(key, _)| key);
            check!(key.is_some_and(|key| *key == **name), "field {at} is not {name}");
        }
        let (fields, more) = fields.split_at(schema.len());
        let said = Self { word, fields, more };
        check!(said.integer("schema")? == BigInt::one(), "the schema is not 1");
        Ok(said)
    }

    pub(super) fn field(&self, name: &str) -> Result<&'a Json, String> {
        let found = self.fields.iter().find(|(key, _)| *key == *name);
        found.map(|(_, value)| value).ok_or_else(|| format!("no field {name}"))
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, String> {
        self.field(name)?.text().ok_or_else(|| format!("{name} is no text"))
    }

    fn optional(&self, name: &str) -> Result<Option<BigInt>, String> {
        match self.field(name)? {
            Json::Null => Ok(None),
            value => integer(value).map(Some).ok_or_else(|| format!("{name} is no integer")),
        }
    }

    pub(super) fn integer(&self, name: &str) -> Result<BigInt, String> {
        self.optional(name)?.ok_or_else(|| format!("{name} is null"))
    }

    /// An index tuple of the shape.
    fn index(&self, name: &str, shape: &[BigInt]) -> Result<Vec<BigInt>, String> {
        index(self.field(name)?, shape).map_err(|why| format!("{name}: {why}"))
    }
}

pub(super) fn integer(json: &Json) -> Option<BigInt> {
    json.integer().and_then(|digits| digits.parse().ok())
}

/// Reads an index tuple, and checks that it is one of the shape.
pub(super) fn index(json: &Json, shape: &[BigInt]) -> Result<Vec<BigInt>, String> {
    let Json::Array(cells) = json else { return Err("no array".into()) };
    let cells: Option<Vec<BigInt>> = cells.iter().map(integer).collect();
    let cells = cells.ok_or("not of integers")?;
    let valid = cells.len() == shape.len()
        && cells.iter().zip(shape).all(|(cell, size)| !cell.is_negative() && cell < size);
    check!(valid, "{cells:?} is no index of {shape:?}");
    Ok(cells)
}

pub(super) fn address(offset: &BigInt, steps: &[BigInt], index: &[BigInt]) -> BigInt {
    index.iter().zip(steps).fold(offset.clone(), |sum, (cell, step)| sum + cell * step)
}

/// How far indices reach below and above the offset.
fn reaches(shape: &[BigInt], steps: &[BigInt]) -> (BigInt, BigInt) {
    let (mut below, mut above) = (BigInt::zero(), BigInt::zero());
    for (size, step) in shape.iter().zip(steps) {
        *(if step.is_negative() { &mut below } else { &mut above }) += (size - 1) * step.abs();
    }
    (below, above)
}

/// The addresses of all indices in row-major order, by adding strides.
fn walk<T>(offset: T, shape: &[BigInt], steps: &[T]) -> Vec<T>
where
    T: Clone + for<'a> Add<&'a T, Output = T>,
{
    let mut all = vec![offset];
    for (size, step) in shape.iter().zip(steps) {
        let size = size.to_usize().unwrap_or(0);
        if size == 1 {
            continue;
        }
        let mut next = Vec::with_capacity(all.len() * size);
        for at in all {
            let mut at = at;
            for _ in 1..size {
                next.push(at.clone());
                at = at + step;
            }
            if size > 0 {
                next.push(at);
            }
        }
        all = next;
    }
    all
}

/// The addresses of all indices in row-major order, if they are few, and none is beyond 100 bits.
pub(super) fn addresses(offset: &BigInt, shape: &[BigInt], steps: &[BigInt]) -> Option<Vec<i128>> {
    if shape.iter().product::<BigInt>() > BigInt::from(SMALL) {
        return None;
    }
    let word = |number: &BigInt| number.to_i128().filter(|number| number.unsigned_abs() < 1 << 100);
    // The stride of an axis of size 1 does not matter.
    let used = |(step, size): (&BigInt, &BigInt)| if size.is_one() { Some(0) } else { word(step) };
    let steps = steps.iter().zip(shape).map(used).collect::<Option<Vec<_>>>()?;
    Some(walk(word(offset)?, shape, &steps))
}

/// Judges a verdict on a request, and returns whether it is accepted. `hard_pressed` allows a
/// search without an end result even for small views.
pub(super) fn judge(
    asked: &Request,
    said: &Verdict<'_>,
    hard_pressed: bool,
) -> Result<bool, String> {
    check!(said.word != Word::Error, "the request is taken for malformed");
    if let Some((code, axis)) = form(asked) {
        return refused(said, code, axis, None).map(|()| false);
    }
    let steps = asked.steps();
    if asked.is_empty() {
        if asked.offset > asked.len {
            return refused(said, "SP002", None, Some(&asked.offset)).map(|()| false);
        }
        return match demand(asked, &steps) {
            Some(demand) => unmet(asked, &steps, said, demand).map(|()| false),
            None => empty(asked, said).map(|()| true),
        };
    }
    if let Some(axis) = overfull(asked) {
        return refused(said, "SP005", Some(axis), None).map(|()| false);
    }
    let count = asked.shape.iter().product();
    let item = asked.item();
    let (below, above) = reaches(&asked.shape, &steps);
    let (lowest, highest) = (&asked.offset - &below, &asked.offset + &above);
    if lowest.is_negative() || &highest + &item > asked.len {
        return leaves(asked, &steps, said).map(|()| false);
    }
    if let Some(demand) = demand(asked, &steps) {
        return unmet(asked, &steps, said, demand).map(|()| false);
    }
    let known = Known::new(asked, &steps, &count);
    if asked.mutable && (said.word == Word::Rejected || known.unique == Some(false)) {
        check!(known.unique != Some(true), "refused, but no two indices share memory");
        let code = said.text("code")?;
        if code == "SP007" {
            check!(hard_pressed || known.unique.is_none(), "undecided, but {:?}", known.unique);
            return refused(said, "SP007", None, None).map(|()| false);
        }
        check!(code == "SP006", "{code} and not SP006");
        check!(said.field("index")? == said.field("first")?, "index is not first");
        check!(said.field("second")? == said.field("other_index")?, "second is not other_index");
        check!(said.optional("axis")?.is_none(), "an axis is to blame");
        check!(said.optional("required_len")?.is_none(), "no length would do");
        let first = said.index("first", &asked.shape)?;
        let second = said.index("second", &asked.shape)?;
        collide(asked, &steps, &first, &second)?;
        let at = address(&asked.offset, &steps, &first);
        check!(said.integer("address")? == at, "the address is not that of first, {at}");
        return Ok(false);
    }
    check!(said.word == Word::Accepted, "refused as {}, but in range", said.text("code")?);
    check!(said.integer("count")? == count, "the count is not {count}");
    check!(said.integer("lowest")? == lowest, "the lowest address is not {lowest}");
    check!(said.integer("highest")? == highest, "the highest address is not {highest}");
    let required = &highest + &item;
    check!(said.integer("required_len")? == required, "required_len is not {required}");
    let nominal = &count * &asked.itemsize;
    check!(said.integer("nominal_bytes")? == nominal, "nominal_bytes is not {nominal}");
    let contiguous = *said.field("contiguous")? == Json::Bool(true);
    check!(contiguous == known.contiguous, "contiguous is not {}", known.contiguous);
    let unique = match said.field("unique")? {
        Json::Null => None,
        Json::Bool(unique) => Some(*unique),
        other => return Err(format!("unique is {other:?}")),
    };
    match (unique, known.unique) {
        (None, Some(known)) => {
            check!(hard_pressed, "unique is undecided, but it is {known}");
        }
        (Some(said), Some(known)) => check!(said == known, "unique is not {known}"),
        _ => {}
    }
    check!(!asked.mutable || unique == Some(true), "a mutable view that is not known to be unique");
    match (said.optional("distinct_bytes")?, known.units) {
        (Some(real), Some(units)) => {
            let scale =
                if asked.unit == Unit::Bytes { BigInt::one() } else { asked.itemsize.clone() };
            let known = units * scale;
            check!(real == known, "distinct_bytes is not {known}");
        }
        (Some(real), None) => {
            check!(!real.is_negative() && real <= nominal, "distinct_bytes exceeds nominal_bytes");
            check!(unique != Some(true) || real == nominal, "distinct_bytes is less, but unique");
        }
        (None, _) => {
            let small = &above + &below + &item < BigInt::from(COUNTED);
            check!(!small, "distinct_bytes is not counted");
        }
    }
    Ok(true)
}

/// The axis with which a view that is not empty has more than `isize::MAX` indices.
fn overfull(asked: &Request) -> Option<usize> {
    let mut count = BigInt::one();
    asked.shape.iter().position(|size| {
        count *= size;
        count > BigInt::from(isize::MAX)
    })
}

/// Judges the refusal of a view of 64-bit numbers that may lie in any buffer.
pub(super) fn judge_anywhere(asked: &Request, said: &Verdict<'_>) -> Check {
    let axis = if asked.is_empty() { None } else { overfull(asked) };
    check!(axis.is_some(), "some buffer has room for it");
    refused(said, "SP005", axis, None)
}

/// Whether a number fits a signed or an unsigned word of 64 bits.
fn fits_64_bits(number: &BigInt) -> (bool, bool) {
    let power = |bits: u32| BigInt::one() << bits;
    let signed = -power(63) <= *number && *number < power(63);
    (signed, !number.is_negative() && *number < power(64))
}

/// What is wrong with the form of a request, the first of several by the documented order.
fn form(asked: &Request) -> Option<(&'static str, Option<usize>)> {
    if asked.strides.as_ref().is_some_and(|strides| strides.len() != asked.shape.len()) {
        return Some(("SP001", None));
    }
    let count = |number: &BigInt, negative: &'static str| match fits_64_bits(number) {
        (_, true) => None,
        (true, false) => Some(negative),
        (false, false) => Some("SP028"),
    };
    for (axis, size) in asked.shape.iter().enumerate() {
        if let Some(code) = count(size, "SP010") {
            return Some((code, Some(axis)));
        }
    }
    for (number, negative) in
        [(&asked.itemsize, "SP010"), (&asked.offset, "SP011"), (&asked.len, "SP011")]
    {
        if let Some(code) = count(number, negative) {
            return Some((code, None));
        }
    }
    // A stride of row-major order counts only where it is used, in a view that may be accepted.
    let given = asked.strides.is_some();
    let elements: BigInt = asked.shape.iter().product();
    let counts = !elements.is_zero() && elements <= BigInt::from(isize::MAX);
    for (axis, (size, step)) in asked.shape.iter().zip(asked.steps()).enumerate() {
        if !fits_64_bits(&step).0 && (given || counts && *size > BigInt::one()) {
            return Some(("SP028", Some(axis)));
        }
    }
    if asked.align.as_ref().is_some_and(|align| fits_64_bits(align) == (false, false)) {
        return Some(("SP028", None));
    }
    count(&asked.base, "SP011").map(|code| (code, None))
}

/// Checks a refusal that names no index.
fn refused(
    said: &Verdict<'_>,
    code: &str,
    axis: Option<usize>,
    required: Option<&BigInt>,
) -> Check {
    check!(said.word == Word::Rejected, "accepted, but {code}");
    let found = said.text("code")?;
    check!(found == code, "refused as {found} and not {code}");
    let axis = axis.map(BigInt::from);
    check!(said.optional("axis")? == axis, "the axis is not {axis:?}");
    let required = required.cloned();
    check!(said.optional("required_len")? == required, "required_len is not {required:?}");
    for name in ["index", "address"] {
        check!(*said.field(name)? == Json::Null, "{name} is not null");
    }
    check!(!said.text("message")?.is_empty(), "no message");
    Ok(())
}

fn empty(asked: &Request, said: &Verdict<'_>) -> Check {
    check!(said.word == Word::Accepted, "refused as {}, but empty", said.text("code")?);
    for name in ["count", "nominal_bytes", "distinct_bytes"] {
        check!(said.integer(name)?.is_zero(), "{name} is not 0");
    }
    for name in ["lowest", "highest"] {
        check!(*said.field(name)? == Json::Null, "{name} is not null");
    }
    for name in ["unique", "contiguous"] {
        check!(*said.field(name)? == Json::Bool(true), "{name} is not true");
    }
    check!(said.integer("required_len")? == asked.offset, "required_len is not the offset");
    Ok(())
}

/// Checks the refusal of a view that leaves its buffer, by the documentation of
/// `strideproof::Witness`.
fn leaves(asked: &Request, steps: &[BigInt], said: &Verdict<'_>) -> Check {
    check!(said.word == Word::Rejected, "accepted, but some index leaves the buffer");
    let item = asked.item();
    let index = said.index("index", &asked.shape)?;
    let at = address(&asked.offset, steps, &index);
    check!(said.integer("address")? == at, "the address is not that of index, {at}");
    let inside = |at: &BigInt| !at.is_negative() && at + &item <= asked.len;
    check!(!inside(&at), "index {index:?} is inside");
    let fits = |axes: usize| {
        let (below, above) = reaches(&asked.shape[..axes], steps);
        below <= asked.offset && &asked.offset + above + &item <= asked.len
    };
    match said.optional("axis")?.map(|axis| axis.to_usize()) {
        None => check!(!fits(0) && index.iter().all(Zero::is_zero), "an axis is to blame"),
        Some(Some(axis)) if axis < index.len() => {
            check!(fits(axis) && !fits(axis + 1), "axis {axis} is not the first that leaves");
            for (k, cell) in index.iter().enumerate() {
                let same_side = steps[k].is_negative() == at.is_negative();
                let last = if k < axis && same_side { &asked.shape[k] - 1 } else { BigInt::zero() };
                check!(k == axis || *cell == last, "{index:?} is not the documented corner");
            }
            let before = &at - &steps[axis];
            check!(index[axis].is_positive() && inside(&before), "{index:?} is not the first");
        }
        Some(_) => return Err("no such axis".into()),
    }
    let (below, above) = reaches(&asked.shape, steps);
    let (code, message) = (said.text("code")?, said.text("message")?);
    let required = said.optional("required_len")?;
    if at.is_negative() {
        check!(code == "SP004", "{code} and not SP004");
        check!(required.is_none(), "no length would do");
        let named = format!("an offset of at least {below}");
        check!(message.ends_with(&named), "the message does not say {named:?}");
    } else {
        check!(code == "SP003", "{code} and not SP003");
        let would_do = (below <= asked.offset).then(|| &asked.offset + above + &item);
        check!(required == would_do, "required_len is not {would_do:?}");
        let named = would_do.map_or("also reaches before".into(), |len| format!("needs {len} "));
        check!(message.contains(&named), "the message does not say {named:?}");
    }
    Ok(())
}

/// A demand that a view in its buffer does not meet.
enum Demand {
    Whole(Option<usize>),
    BadAlignment,
    Aligned(Option<usize>),
}

/// The first demand that is not met.
fn demand(asked: &Request, steps: &[BigInt]) -> Option<Demand> {
    let empty = asked.is_empty();
    let used = |axis: &usize| !empty && !asked.shape[*axis].is_one();
    if asked.as_elements && asked.unit == Unit::Bytes {
        let whole = |bytes: &BigInt| {
            bytes.is_zero() || !asked.itemsize.is_zero() && (bytes % &asked.itemsize).is_zero()
        };
        let uneven = (0..steps.len()).filter(used).find(|&axis| !whole(&steps[axis]));
        if uneven.is_some() || !whole(&asked.offset) {
            return Some(Demand::Whole(uneven));
        }
    }
    let align = asked.align.as_ref()?;
    if !align.is_positive() || (align & (align - 1)) != BigInt::zero() {
        return Some(Demand::BadAlignment);
    }
    if empty {
        return None;
    }
    let scale = if asked.unit == Unit::Bytes { BigInt::one() } else { asked.itemsize.clone() };
    let aligned = |units: &BigInt| (units * &scale).is_multiple_of(align);
    if !(&asked.base + &asked.offset * &scale).is_multiple_of(align) {
        return Some(Demand::Aligned(None));
    }
    let uneven = (0..steps.len()).filter(used).find(|&axis| !aligned(&steps[axis]));
    uneven.map(|axis| Demand::Aligned(Some(axis)))
}

fn unmet(asked: &Request, steps: &[BigInt], said: &Verdict<'_>, demand: Demand) -> Check {
    match demand {
        Demand::Whole(axis) => refused(said, "SP008", axis, None),
        Demand::BadAlignment => refused(said, "SP013", None, None),
        Demand::Aligned(axis) => {
            check!(said.word == Word::Rejected, "accepted, but not aligned");
            let code = said.text("code")?;
            check!(code == "SP009", "{code} and not SP009");
            check!(said.optional("axis")? == axis.map(BigInt::from), "the axis is not {axis:?}");
            check!(said.optional("required_len")?.is_none(), "no length would do");
            let index = said.index("index", &asked.shape)?;
            let at = address(&asked.offset, steps, &index);
            check!(said.integer("address")? == at, "the address is not that of index, {at}");
            let bytes = if asked.unit == Unit::Bytes { at } else { at * &asked.itemsize };
            let align = asked.align.clone().unwrap_or_default();
            check!(!(&asked.base + bytes).is_multiple_of(&align), "{index:?} is aligned");
            Ok(())
        }
    }
}

/// Checks two indices that are said to share memory.
pub(super) fn collide(
    asked: &Request,
    steps: &[BigInt],
    first: &[BigInt],
    second: &[BigInt],
) -> Check {
    check!(first != second, "{first:?} is the same index twice");
    let zero = BigInt::zero();
    let apart = address(&zero, steps, first) - address(&zero, steps, second);
    check!(apart.abs() < asked.item(), "{first:?} and {second:?} share no memory");
    Ok(())
}

/// What enumeration or simple arithmetic says of a view in its buffer.
pub(super) struct Known {
    /// Whether no two indices share memory, where that is known.
    pub(super) unique: Option<bool>,
    pub(super) contiguous: bool,
    /// How many units lie on some item.
    pub(super) units: Option<BigInt>,
}

impl Known {
    pub(super) fn new(asked: &Request, steps: &[BigInt], count: &BigInt) -> Self {
        let item = asked.item();
        let axes = || asked.shape.iter().zip(steps).filter(|(size, _)| !size.is_one());
        if *count <= BigInt::from(SMALL) {
            let small = item.to_i128().filter(|item| *item < 1 << 100);
            let narrow = addresses(&BigInt::zero(), &asked.shape, steps).zip(small);
            return match narrow {
                Some((all, item)) => Self::by_enumeration(all, &item),
                None => Self::by_enumeration(walk(BigInt::zero(), &asked.shape, steps), &item),
            };
        }
        let mut step = item.clone();
        let mut contiguous = true;
        for (size, stride) in axes().collect::<Vec<_>>().into_iter().rev() {
            contiguous &= *stride == step;
            step *= size;
        }
        let mut by_magnitude: Vec<_> = axes().map(|(size, step)| (step.abs(), size)).collect();
        by_magnitude.sort_unstable();
        let mut reach = &item - 1;
        let mut nested = true;
        for (magnitude, size) in by_magnitude {
            nested &= magnitude > reach;
            reach += magnitude * (size - 1);
        }
        let unique = if item.is_zero() || nested {
            Some(true)
        } else if axes().any(|(_, step)| step.is_zero()) || count * &item > reach + 1 {
            Some(false)
        } else {
            None
        };
        let units = (unique == Some(true)).then(|| count * &item);
        Self { unique, contiguous, units }
    }

    /// From the addresses relative to the offset, in row-major order.
    fn by_enumeration<T>(mut all: Vec<T>, item: &T) -> Self
    where
        T: Clone + Ord + Zero + for<'a> Add<&'a T, Output = T> + for<'a> Sub<&'a T, Output = T>,
        BigInt: From<T>,
    {
        let mut place = T::zero();
        let mut contiguous = true;
        for at in &all {
            contiguous &= *at == place;
            place = place + item;
        }
        all.sort_unstable();
        let (mut unique, mut units) = (true, item.clone());
        for pair in all.windows(2) {
            let gap = pair[1].clone() - &pair[0];
            unique &= item.is_zero() || gap >= *item;
            units = units + item.min(&gap);
        }
        Self { unique: Some(unique), contiguous, units: Some(units.into()) }
    }
}
