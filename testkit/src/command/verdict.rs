//! The specification: what a verdict must say of a request. Verdicts are read as JSON and judged by
//! the oracle.

use strideproof::Unit;
use strideproof_oracle::{
    self as oracle, Answer, Extent, MAX_COUNT, Remedy, Truth, address, count, is_collision,
    is_index,
};

use super::Check;
use super::json::{Json, Text, named};
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

/// Distinct units may stay uncounted only in a view that spans at least so many.
const COUNTED: i128 = 1 << 16;

/// Steps that decide whether small views are unique.
pub(super) const ENOUGH: u64 = 10_000;

/// What a line of output says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Accepted,
    Rejected,
    Error,
}

/// A verdict whose fields are those of the schema.
pub(super) struct Verdict {
    pub(super) word: Word,
    fields: Vec<(Text, Json)>,
    /// What follows the fields of the schema.
    pub(super) more: Vec<(Text, Json)>,
}

/// Judges a line of output, a verdict on a request, and returns it; see [`Verdict::judge`].
pub(super) fn judge(request: &Request, line: &[u8]) -> Result<(bool, Verdict), String> {
    judge_within(request, line, false)
}

/// As [`judge`]; a search that is `hard_pressed` may end without a result even for small views.
pub(super) fn judge_within(
    request: &Request,
    line: &[u8],
    hard_pressed: bool,
) -> Result<(bool, Verdict), String> {
    let verdict = Verdict::read(line)?;
    match verdict.judge(request, hard_pressed) {
        Ok(accepted) => Ok((accepted, verdict)),
        Err(why) => Err(format!("{why}: {}", line.escape_ascii())),
    }
}

impl Verdict {
    /// Reads a verdict, and checks which fields it has in which order.
    pub(super) fn read(line: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(line).map_err(|_| "a verdict is not UTF-8")?;
        let mut fields = Json::members(text)?;
        let aliased = named(&fields, "reason").and_then(Json::text) == Some("aliased");
        let (word, schema) = match named(&fields, "verdict").and_then(Json::text) {
            Some("accepted") => (Word::Accepted, ACCEPTED.to_vec()),
            Some("rejected") if aliased => (Word::Rejected, [&REJECTED[..], &ALIASED].concat()),
            Some("rejected") => (Word::Rejected, REJECTED.to_vec()),
            Some("error") => (Word::Error, ERROR.to_vec()),
            word => return Err(format!("the verdict is {word:?}: {text}")),
        };
        let names = fields.iter().map(|(name, _)| name.as_deref());
        let is_schema = names.take(schema.len()).eq(schema.iter().map(|&name| Ok(name)));
        check!(is_schema, "the fields are not {schema:?}: {text}");
        let more = fields.split_off(schema.len());
        let verdict = Self { word, fields, more };
        check!(verdict.integer("schema")? == 1, "the schema is not 1: {text}");
        Ok(verdict)
    }

    pub(super) fn field(&self, name: &str) -> Result<&Json, String> {
        named(&self.fields, name).ok_or_else(|| format!("no field {name}"))
    }

    pub(super) fn text(&self, name: &str) -> Result<&str, String> {
        self.field(name)?.text().ok_or_else(|| format!("{name} is no text"))
    }

    fn is_null(&self, name: &str) -> Result<bool, String> {
        Ok(*self.field(name)? == Json::Null)
    }

    fn optional(&self, name: &str) -> Result<Option<i128>, String> {
        match self.field(name)? {
            Json::Null => Ok(None),
            value => value.integer().map(Some).ok_or_else(|| format!("{name} is no integer")),
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
    fn answer(&self, request: &oracle::Request) -> Result<Answer, String> {
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
                        let named = message.rsplit_once("an offset of at least ");
                        let offset =
                            named.and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
                        Remedy::Offset(offset.ok_or("the message names no offset")?)
                    }
                };
                Answer::Leaves { axis, index, address: self.integer("address")?, remedy }
            }
            _ => return Err(format!("refused as {code}")),
        })
    }

    /// Judges a verdict on a request, and returns whether it is accepted.
    fn judge(&self, asked: &Request, hard_pressed: bool) -> Result<bool, String> {
        check!(self.word != Word::Error, "the request is taken for malformed");
        if let Some((code, axis)) = form(asked) {
            return self.refused(code, axis).map(|()| false);
        }
        let request =
            asked.words().ok_or("a request without a flaw has a number that is no word")?;
        let decided = || {
            let answer = self.answer(&request)?;
            oracle::judge(&request, &answer).map_err(|finding| finding.to_string())
        };
        if !request.is_accepted() {
            check!(self.word == Word::Rejected, "accepted, but some index leaves the buffer");
            for name in ["index", "address"] {
                let leaves = matches!(request.truth(), Truth::View { .. });
                check!(self.is_null(name)? != leaves, "{name} is or is not null");
            }
            return decided().map(|()| false);
        }
        if let Some((code, axis)) = demand(asked, &request) {
            return match code {
                "SP009" => self.misaligned(asked, &request, axis),
                code => self.refused(code, axis),
            }
            .map(|()| false);
        }
        let items = asked.items().ok_or("no items")?;
        let known = items.is_unique();
        if asked.mutable && (self.word == Word::Rejected || known == Some(false)) {
            let code = self.text("code")?;
            if code == "SP007" {
                check!(hard_pressed || !items.is_small(), "undecided, but {known:?}");
                return self.refused("SP007", None).map(|()| false);
            }
            check!(known != Some(true), "refused, but no two indices share memory");
            check!(code == "SP006", "{code} and not SP006");
            check!(self.field("index")? == self.field("first")?, "index is not first");
            check!(
                self.field("second")? == self.field("other_index")?,
                "second is not other_index"
            );
            let (shape, strides) = (&request.shape, &request.strides);
            let [first, second] = [self.index("first", shape)?, self.index("second", shape)?];
            let collide = is_collision(shape, strides, request.item, &first, &second);
            check!(collide, "{first:?} and {second:?} share no memory");
            return self.shows(&request, None, &first).map(|()| false);
        }
        check!(self.word == Word::Accepted, "refused as {}, but in range", self.text("code")?);
        decided()?;
        for name in ["lowest", "highest"] {
            check!(self.is_null(name)? == asked.is_empty(), "{name} of an empty view");
        }
        let nominal = asked.count() * asked.itemsize;
        check!(self.integer("nominal_bytes")? == nominal, "nominal_bytes is not {nominal}");
        let contiguous = Json::Bool(is_contiguous(&request));
        check!(*self.field("contiguous")? == contiguous, "contiguous is not {contiguous:?}");
        let unique = match self.field("unique")? {
            Json::Null => None,
            Json::Bool(unique) => Some(*unique),
            other => return Err(format!("unique is {other:?}")),
        };
        match (unique, known) {
            (None, Some(known)) => {
                check!(hard_pressed || !items.is_small(), "undecided, but unique is {known}");
            }
            (Some(said), Some(known)) => check!(said == known, "unique is not {known}"),
            _ => {}
        }
        check!(!asked.mutable || unique == Some(true), "mutable, but not known to be unique");
        let units = if asked.is_empty() { Some(0) } else { items.footprint() };
        let known = units.and_then(|units| i128::try_from(units).ok());
        match (self.optional("distinct_bytes")?, known.map(|units| units * asked.scale())) {
            (Some(counted), Some(known)) => {
                check!(counted == known, "distinct_bytes is not {known}");
            }
            (Some(counted), None) => {
                check!((0..=nominal).contains(&counted), "distinct_bytes exceeds nominal_bytes");
                let all = unique != Some(true) || counted == nominal;
                check!(all, "distinct_bytes is less, but unique");
            }
            (None, _) => {
                let small = items.extent().is_some_and(|(low, high)| high - low < COUNTED);
                check!(!small, "distinct_bytes is not counted");
            }
        }
        Ok(true)
    }

    /// Checks a refusal that names no index and no length.
    pub(super) fn refused(&self, code: &str, axis: Option<usize>) -> Check {
        check!(self.word == Word::Rejected, "accepted, but {code}");
        let found = self.text("code")?;
        check!(found == code, "refused as {found} and not {code}");
        let axis = axis.map(|axis| axis as i128);
        check!(self.optional("axis")? == axis, "the axis is not {axis:?}");
        for name in ["required_len", "index", "address"] {
            check!(self.is_null(name)?, "{name} is not null");
        }
        check!(!self.text("message")?.is_empty(), "no message");
        Ok(())
    }

    /// Checks a refusal that an index shows, which is in the buffer.
    fn shows(&self, request: &oracle::Request, axis: Option<usize>, index: &[usize]) -> Check {
        let axis = axis.map(|axis| axis as i128);
        check!(self.optional("axis")? == axis, "the axis is not {axis:?}");
        check!(self.is_null("required_len")?, "no length would do");
        let at = address(&request.strides, request.offset, index);
        check!(self.integer("address")? == at, "the address is not that of the index, {at}");
        Ok(())
    }

    fn misaligned(&self, asked: &Request, request: &oracle::Request, axis: Option<usize>) -> Check {
        check!(self.word == Word::Rejected, "accepted, but not aligned");
        let code = self.text("code")?;
        check!(code == "SP009", "{code} and not SP009");
        let index = self.index("index", &request.shape)?;
        let at = address(&request.strides, request.offset, &index);
        let align = asked.align.unwrap_or(1);
        let off = (asked.base % align + at % align * (asked.scale() % align)) % align;
        check!(off != 0, "{index:?} is aligned");
        self.shows(request, axis, &index)
    }
}

/// Reads an index tuple, and checks that it is one of the shape.
pub(super) fn index(json: &Json, shape: &[usize]) -> Result<Vec<usize>, String> {
    let cells = json.integers().ok_or("no array of integers")?;
    let cells: Vec<_> = cells.into_iter().filter_map(|cell| usize::try_from(cell).ok()).collect();
    check!(is_index(&cells, shape), "{json:?} is no index of {shape:?}");
    Ok(cells)
}

/// Whether the items lie one after the other in row-major order.
fn is_contiguous(request: &oracle::Request) -> bool {
    let mut step = request.item as i128;
    let axes = request.shape.iter().zip(&request.strides).rev();
    count(&request.shape) == 0
        || axes.filter(|(size, _)| **size > 1).all(|(&size, &stride)| {
            let continues = stride as i128 == step;
            step = step.saturating_mul(size as i128);
            continues
        })
}

/// What is wrong with the form of a request, the first of several by the documented order.
pub(super) fn form(asked: &Request) -> Option<(&'static str, Option<usize>)> {
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

/// The first demand that a view in its buffer does not meet.
fn demand(asked: &Request, request: &oracle::Request) -> Option<(&'static str, Option<usize>)> {
    let empty = asked.is_empty();
    let axes = request.shape.iter().zip(&request.strides).enumerate();
    let used = axes.filter(|(_, (size, _))| !empty && **size > 1);
    let steps: Vec<(usize, i128)> = used.map(|(axis, (_, &step))| (axis, step as i128)).collect();
    if asked.as_elements && asked.unit == Unit::Bytes {
        let whole = |bytes: i128| bytes == 0 || asked.itemsize != 0 && bytes % asked.itemsize == 0;
        let uneven = steps.iter().find(|(_, step)| !whole(*step)).map(|(axis, _)| *axis);
        if uneven.is_some() || !whole(asked.offset) {
            return Some(("SP008", uneven));
        }
    }
    let align = asked.align?;
    if align <= 0 || align & (align - 1) != 0 {
        return Some(("SP013", None));
    }
    if empty {
        return None;
    }
    let aligned = |bytes: i128| bytes.rem_euclid(align) == 0;
    let scale = asked.scale() % align;
    if !aligned(asked.base % align + asked.offset % align * scale) {
        return Some(("SP009", None));
    }
    let uneven = steps.iter().find(|(_, step)| !aligned(step % align * scale));
    uneven.map(|(axis, _)| ("SP009", Some(*axis)))
}
