//! The specification: what a verdict must say of a request. Verdicts are read as JSON and judged by
//! the oracle.

use strideproof::Unit;
use strideproof_oracle::{
    Answer, Extent, MAX_COUNT, Remedy, Request, Truth, address, count, is_collision, is_index,
};

use super::asked::Asked;
use super::json::{Json, Text};

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

/// Where the distinct units of a view may stay uncounted: beyond so many.
const COUNTED: i128 = 1 << 16;

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
pub(super) struct Said<'a> {
    pub(super) word: Word,
    fields: &'a [(Text, Json)],
    /// What follows the fields of the schema.
    pub(super) more: &'a [(Text, Json)],
}

impl<'a> Said<'a> {
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
        check!(said.integer("schema")? == 1, "the schema is not 1");
        Ok(said)
    }

    pub(super) fn field(&self, name: &str) -> Result<&'a Json, String> {
        let found = self.fields.iter().find(|(key, _)| *key == *name);
        found.map(|(_, value)| value).ok_or_else(|| format!("no field {name}"))
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, String> {
        self.field(name)?.text().ok_or_else(|| format!("{name} is no text"))
    }

    fn optional(&self, name: &str) -> Result<Option<i128>, String> {
        match self.field(name)? {
            Json::Null => Ok(None),
            value => integer(value).map(Some).ok_or_else(|| format!("{name} is no integer")),
        }
    }

    pub(super) fn integer(&self, name: &str) -> Result<i128, String> {
        self.optional(name)?.ok_or_else(|| format!("{name} is null"))
    }

    /// An index tuple of the shape.
    fn index(&self, name: &str, shape: &[usize]) -> Result<Vec<usize>, String> {
        index(self.field(name)?, shape).map_err(|why| format!("{name}: {why}"))
    }

    /// What a decision on shape, strides and offset says, in the oracle's terms.
    fn answer(&self, request: &Request) -> Result<Answer, String> {
        if self.word == Word::Accepted {
            let at = request.offset as i128;
            let count = u128::try_from(self.integer("count")?).map_err(|_| "a negative count")?;
            return Ok(Answer::Accepted(Extent {
                count,
                lowest: self.optional("lowest")?.unwrap_or(at),
                highest: self.optional("highest")?.unwrap_or(at),
                required_len: self.integer("required_len")?,
            }));
        }
        let axis = self.optional("axis")?.map(usize::try_from).transpose();
        let axis = axis.map_err(|_| "no such axis")?;
        let (code, message) = (self.text("code")?, self.text("message")?);
        let required = self.optional("required_len")?;
        Ok(match code {
            "SP005" => Answer::TooMany { axis: axis.ok_or("no axis")? },
            "SP002" => Answer::EmptyOffset { required_len: required.ok_or("no length")? },
            "SP003" | "SP004" => {
                let index = self.index("index", &request.shape)?;
                let remedy = match code {
                    "SP003" => {
                        let named = required
                            .map_or("also reaches before".into(), |len| format!("needs {len} "));
                        check!(message.contains(&named), "the message does not say {named:?}");
                        Remedy::Len(required)
                    }
                    _ => {
                        check!(required.is_none(), "no length would do");
                        let offset = message.rsplit(' ').next().and_then(|word| word.parse().ok());
                        Remedy::Offset(offset.ok_or("the message names no offset")?)
                    }
                };
                Answer::Leaves { axis, index, address: self.integer("address")?, remedy }
            }
            _ => return Err(format!("refused as {code}")),
        })
    }
}

/// An integer, or the largest there is.
pub(super) fn integer(json: &Json) -> Option<i128> {
    let digits = json.integer()?;
    let far = if digits.starts_with('-') { i128::MIN } else { i128::MAX };
    Some(digits.parse().unwrap_or(far))
}

/// Reads an index tuple, and checks that it is one of the shape.
pub(super) fn index(json: &Json, shape: &[usize]) -> Result<Vec<usize>, String> {
    let Json::Array(cells) = json else { return Err("no array".into()) };
    let cell = |cell: &Json| integer(cell).and_then(|cell| usize::try_from(cell).ok());
    let cells = cells.iter().map(cell).collect::<Option<Vec<_>>>().ok_or("not of integers")?;
    check!(is_index(&cells, shape), "{cells:?} is no index of {shape:?}");
    Ok(cells)
}

/// Judges a verdict on a request, and returns whether it is accepted. `hard_pressed` allows a
/// search without an end result even for small views.
pub(super) fn judge(asked: &Asked, said: &Said<'_>, hard_pressed: bool) -> Result<bool, String> {
    check!(said.word != Word::Error, "the request is taken for malformed");
    if let Some((code, axis)) = form(asked) {
        return refused(said, code, axis).map(|()| false);
    }
    let request = asked.words().ok_or("a request without a flaw has a number that is no word")?;
    let decided = |said: &Said<'_>| {
        let answer = said.answer(&request)?;
        strideproof_oracle::judge(&request, &answer).map_err(|finding| finding.to_string())
    };
    if !request.is_accepted() {
        check!(said.word == Word::Rejected, "accepted, but some index leaves the buffer");
        for name in ["index", "address"] {
            let leaves = matches!(request.truth(), Truth::View { .. });
            check!((*said.field(name)? == Json::Null) != leaves, "{name} is or is not null");
        }
        return decided(said).map(|()| false);
    }
    if let Some(demand) = demand(asked, &request) {
        return unmet(asked, &request, said, demand).map(|()| false);
    }
    let items = asked.items().ok_or("no items")?;
    let known = items.is_unique();
    if asked.mutable && (said.word == Word::Rejected || known == Some(false)) {
        check!(known != Some(true), "refused, but no two indices share memory");
        let code = said.text("code")?;
        if code == "SP007" {
            check!(hard_pressed || !items.is_small(), "undecided, but {known:?}");
            return refused(said, "SP007", None).map(|()| false);
        }
        check!(code == "SP006", "{code} and not SP006");
        check!(said.field("index")? == said.field("first")?, "index is not first");
        check!(said.field("second")? == said.field("other_index")?, "second is not other_index");
        check!(said.optional("axis")?.is_none(), "an axis is to blame");
        check!(said.optional("required_len")?.is_none(), "no length would do");
        let Request { shape, strides, offset, item, .. } = &request;
        let first = said.index("first", shape)?;
        let second = said.index("second", shape)?;
        let collide = is_collision(shape, strides, *item, &first, &second);
        check!(collide, "{first:?} and {second:?} share no memory");
        let at = address(strides, *offset, &first);
        check!(said.integer("address")? == at, "the address is not that of first, {at}");
        return Ok(false);
    }
    check!(said.word == Word::Accepted, "refused as {}, but in range", said.text("code")?);
    decided(said)?;
    for name in ["lowest", "highest"] {
        check!((*said.field(name)? == Json::Null) == asked.is_empty(), "{name} of an empty view");
    }
    let nominal = asked.count() * asked.itemsize;
    check!(said.integer("nominal_bytes")? == nominal, "nominal_bytes is not {nominal}");
    let contiguous = is_contiguous(&request);
    check!(*said.field("contiguous")? == Json::Bool(contiguous), "contiguous is not {contiguous}");
    let unique = match said.field("unique")? {
        Json::Null => None,
        Json::Bool(unique) => Some(*unique),
        other => return Err(format!("unique is {other:?}")),
    };
    match (unique, known) {
        (None, Some(known)) => {
            check!(hard_pressed || !items.is_small(), "unique is undecided, but it is {known}");
        }
        (Some(said), Some(known)) => check!(said == known, "unique is not {known}"),
        _ => {}
    }
    check!(!asked.mutable || unique == Some(true), "a mutable view that is not known to be unique");
    let counted = said.optional("distinct_bytes")?;
    let units = if asked.is_empty() { Some(0) } else { items.footprint() };
    let units = units.and_then(|units| i128::try_from(units).ok());
    match (counted, units) {
        (Some(counted), Some(units)) => {
            let known = units * asked.scale();
            check!(counted == known, "distinct_bytes is not {known}");
        }
        (Some(counted), None) => {
            let fewer = (0..=nominal).contains(&counted);
            check!(fewer, "distinct_bytes exceeds nominal_bytes");
            check!(
                unique != Some(true) || counted == nominal,
                "distinct_bytes is less, but unique"
            );
        }
        (None, _) => {
            let small = items.extent().is_some_and(|(low, high)| high - low < COUNTED);
            check!(!small, "distinct_bytes is not counted");
        }
    }
    Ok(true)
}

/// Whether the items lie one after the other in row-major order.
fn is_contiguous(request: &Request) -> bool {
    let mut step = request.item as i128;
    let axes = request.shape.iter().zip(&request.strides).rev();
    count(&request.shape) == 0
        || axes.filter(|(size, _)| **size > 1).all(|(&size, &stride)| {
            let continues = stride as i128 == step;
            step = step.saturating_mul(size as i128);
            continues
        })
}

/// Judges the refusal of a view of 64-bit numbers that may lie in any buffer.
pub(super) fn judge_anywhere(asked: &Asked, said: &Said<'_>) -> Check {
    let Some(Truth::TooMany { axis }) = asked.words().map(|request| request.truth()) else {
        return Err("some buffer has room for it".into());
    };
    refused(said, "SP005", Some(axis))
}

/// What is wrong with the form of a request, the first of several by the documented order.
pub(super) fn form(asked: &Asked) -> Option<(&'static str, Option<usize>)> {
    if asked.strides.as_ref().is_some_and(|strides| strides.len() != asked.shape.len()) {
        return Some(("SP001", None));
    }
    let signed = |number: i128| isize::try_from(number).is_ok();
    let flaw = |number: i128, negative: &'static str| match usize::try_from(number) {
        Ok(_) => None,
        Err(_) if signed(number) => Some(negative),
        Err(_) => Some("SP028"),
    };
    for (axis, &size) in asked.shape.iter().enumerate() {
        if let Some(code) = flaw(size, "SP010") {
            return Some((code, Some(axis)));
        }
    }
    for (number, negative) in
        [(asked.itemsize, "SP010"), (asked.offset, "SP011"), (asked.len, "SP011")]
    {
        if let Some(code) = flaw(number, negative) {
            return Some((code, None));
        }
    }
    // A stride of row-major order counts only where it is used, in a view that may be accepted.
    let given = asked.strides.is_some();
    let counts = asked.count() > 0 && asked.count().unsigned_abs() <= MAX_COUNT;
    for (axis, (&size, step)) in asked.shape.iter().zip(asked.steps()).enumerate() {
        if !signed(step) && (given || counts && size > 1) {
            return Some(("SP028", Some(axis)));
        }
    }
    let aligns = |align: i128| signed(align) || usize::try_from(align).is_ok();
    if asked.align.is_some_and(|align| !aligns(align)) {
        return Some(("SP028", None));
    }
    flaw(asked.base, "SP011").map(|code| (code, None))
}

/// Checks a refusal that names no index and no length.
fn refused(said: &Said<'_>, code: &str, axis: Option<usize>) -> Check {
    check!(said.word == Word::Rejected, "accepted, but {code}");
    let found = said.text("code")?;
    check!(found == code, "refused as {found} and not {code}");
    let axis = axis.map(|axis| axis as i128);
    check!(said.optional("axis")? == axis, "the axis is not {axis:?}");
    for name in ["required_len", "index", "address"] {
        check!(*said.field(name)? == Json::Null, "{name} is not null");
    }
    check!(!said.text("message")?.is_empty(), "no message");
    Ok(())
}

/// A demand that a view in its buffer does not meet.
enum Demand {
    Whole(Option<usize>),
    BadAlignment,
    Aligned(Option<usize>),
}

/// The first demand that is not met.
fn demand(asked: &Asked, request: &Request) -> Option<Demand> {
    let empty = asked.is_empty();
    let axes = request.shape.iter().zip(&request.strides).enumerate();
    let used = axes.filter(|(_, (size, _))| !empty && **size > 1);
    let steps: Vec<(usize, i128)> = used.map(|(axis, (_, &step))| (axis, step as i128)).collect();
    if asked.as_elements && asked.unit == Unit::Bytes {
        let whole = |bytes: i128| bytes == 0 || asked.itemsize != 0 && bytes % asked.itemsize == 0;
        let uneven = steps.iter().find(|(_, step)| !whole(*step)).map(|(axis, _)| *axis);
        if uneven.is_some() || !whole(asked.offset) {
            return Some(Demand::Whole(uneven));
        }
    }
    let align = asked.align?;
    if align <= 0 || align & (align - 1) != 0 {
        return Some(Demand::BadAlignment);
    }
    if empty {
        return None;
    }
    let aligned = |bytes: i128| bytes.rem_euclid(align) == 0;
    let scale = asked.scale() % align;
    if !aligned(asked.base % align + asked.offset % align * scale) {
        return Some(Demand::Aligned(None));
    }
    let uneven = steps.iter().find(|(_, step)| !aligned(step % align * scale));
    uneven.map(|(axis, _)| Demand::Aligned(Some(*axis)))
}

fn unmet(asked: &Asked, request: &Request, said: &Said<'_>, demand: Demand) -> Check {
    match demand {
        Demand::Whole(axis) => refused(said, "SP008", axis),
        Demand::BadAlignment => refused(said, "SP013", None),
        Demand::Aligned(axis) => {
            check!(said.word == Word::Rejected, "accepted, but not aligned");
            let code = said.text("code")?;
            check!(code == "SP009", "{code} and not SP009");
            let axis = axis.map(|axis| axis as i128);
            check!(said.optional("axis")? == axis, "the axis is not {axis:?}");
            check!(said.optional("required_len")?.is_none(), "no length would do");
            let index = said.index("index", &request.shape)?;
            let at = address(&request.strides, request.offset, &index);
            check!(said.integer("address")? == at, "the address is not that of index, {at}");
            let align = asked.align.unwrap_or(1);
            let off = (asked.base % align + at % align * (asked.scale() % align)) % align;
            check!(off != 0, "{index:?} is aligned");
            Ok(())
        }
    }
}
