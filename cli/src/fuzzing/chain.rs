//! Chains of operations: any text, and programs whose result a list of addresses tells.

use std::fmt;

use arbitrary::{Result, Unstructured};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::asked::Asked;
use super::draw::{Whim, choose, rest};
use super::json::Json;
use super::model::{self, Meant, Model, Outcome, Selected};
use super::oracle::{self, Said, check};
use super::show::plain;
use crate::chain::{Chain, Operation};
use crate::decide::Judge;
use crate::derive::{self, Failure};
use crate::request::Request;

type Check = std::result::Result<(), String>;

/// A text that may be a chain, and a view that it is applied to.
#[derive(Clone)]
pub(super) struct Text {
    pub(super) text: String,
    start: usize,
}

/// Shapes of views that a text is applied to.
const SHAPES: [&[u32]; 8] =
    [&[4, 3], &[], &[12], &[2, 3, 4], &[1, 5, 1], &[0, 3], &[2, 2, 2, 2, 2], &[6, 6]];

impl Text {
    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let start = usize::from(choose(u, 8)?);
        Ok(Self { text: String::from_utf8_lossy(rest(u)?).into_owned(), start })
    }

    /// Writes the bytes of a text that is applied to a view of shape (4, 3).
    pub(super) fn encode(text: &str, out: &mut Vec<u8>) {
        out.push(0);
        out.extend(text.as_bytes());
    }

    pub(super) fn run(&self, turn: u8) -> Check {
        let text = self.text.as_str();
        let chain = match Chain::parse(text) {
            Ok(chain) => chain,
            Err(error) => {
                check!(text.get(error.span.clone()).is_some(), "{error:?} is outside of the text");
                check!(!error.message.is_empty(), "no message");
                if turn & 3 != 0 {
                    return Ok(());
                }
                let shown = plain(&derive::syntax_error(text, &error))?;
                check!(shown.contains(" | ") || text.is_empty(), "no source in {shown:?}");
                return Ok(());
            }
        };
        check!(text.trim().is_empty() == chain.steps.is_empty(), "{} steps", chain.steps.len());
        let mut end = 0;
        for step in &chain.steps {
            let part = text.get(step.span.clone()).ok_or("a step outside of the text")?;
            check!(step.span.start >= end && part.trim() == part, "{:?} is no step", step.span);
            end = step.span.end;
            let alone = Chain::parse(part).map(|chain| chain.steps);
            let alone = alone.map_err(|error| format!("{part:?} alone: {error:?}"))?;
            let operations: Vec<_> = alone.iter().map(|step| &step.operation).collect();
            check!(operations == [&step.operation], "{part:?} alone is {operations:?}");
        }
        let shape: Vec<BigInt> = SHAPES[self.start].iter().map(|&size| size.into()).collect();
        let asked = Asked { strides: None, shape, ..Asked::of(&Request::default()) };
        let len = asked.shape.iter().product();
        apply(&Asked { len, ..asked }, &chain, text, None)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chain {:?} on shape {:?}", self.text, SHAPES[self.start])
    }
}

/// A chain that is well-formed, and a view that it is applied to.
#[derive(Clone)]
pub(super) struct Program {
    start: Asked,
    meant: Vec<Meant>,
    whim: u64,
}

impl Program {
    pub(super) fn draw(u: &mut Unstructured<'_>, start: Asked) -> Result<Self> {
        let count = choose(u, 6)?;
        let whim = u.arbitrary::<u16>()?.into();
        let rank = start.shape.len();
        let meant = (0..count).map(|_| meant(u, rank)).collect::<Result<_>>()?;
        Ok(Self { start, meant, whim })
    }

    fn text(&self) -> String {
        let whim = &mut Whim::new(self.whim);
        let mut text = String::new();
        for (at, meant) in self.meant.iter().enumerate() {
            text += if at > 0 { [" | ", "|", "\t| ", "\u{a0}|\n"][whim.below(4)] } else { "" };
            text += &written(meant, whim);
        }
        text
    }

    pub(super) fn run(&self) -> Check {
        let text = self.text();
        let chain = Chain::parse(&text).map_err(|error| format!("{text:?}: {error:?}"))?;
        let read: Vec<_> = chain.steps.iter().map(|step| step.operation.clone()).collect();
        let meant: Vec<_> = self.meant.iter().map(Meant::operation).collect();
        check!(read == meant, "{text:?} is read as {read:?}");
        apply(&self.start, &chain, &text, Some(&self.meant))
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chain {:?} on {:?}", self.text(), self.start)
    }
}

/// An axis or a position that most often exists, counted from either end.
fn near(u: &mut Unstructured<'_>, most: usize) -> Result<isize> {
    let byte = u.arbitrary::<u8>()?;
    let most = isize::try_from(most).unwrap_or(0).max(1);
    let at = isize::from(i16::from(byte & 63)) % most;
    Ok(match byte >> 6 {
        0 | 1 => at,
        2 => at - most,
        _ if byte & 63 < 56 => at,
        _ => [most, -most - 1, isize::MAX, isize::MIN, 9, -9, 1 << 32, 100][usize::from(byte & 7)],
    })
}

/// A size, seldom large.
fn size(u: &mut Unstructured<'_>) -> Result<usize> {
    let byte = usize::from(u.arbitrary::<u8>()?);
    Ok(match byte {
        0..8 => 0,
        250..254 => [usize::MAX >> 1, 1 << 32, 1 << 40, 4096][byte - 250],
        _ => byte % 4 + 1,
    })
}

/// An operation, with arguments that most often fit a view of the rank.
fn meant(u: &mut Unstructured<'_>, rank: usize) -> Result<Meant> {
    let several = |u: &mut Unstructured<'_>, most: usize| {
        let byte = usize::from(u.arbitrary::<u8>()?);
        Ok(if byte < 200 { most } else { byte % 10 })
    };
    Ok(Meant::Other(match choose(u, 14)? {
        0 | 12 => {
            let cuts = (0..several(u, rank.min(3))?).map(|_| cut(u)).collect::<Result<_>>()?;
            return Ok(Meant::Slice(cuts));
        }
        1 => Operation::Transpose,
        2 => {
            // Most often a rotation or a reflection.
            let turn = choose(u, 8)?;
            let (by, rank) = (usize::from(turn), isize::try_from(rank).unwrap_or(0));
            let mut axes: Vec<isize> = (0..rank).collect();
            let count = axes.len().max(1);
            axes.rotate_left(by % count % count);
            if turn & 4 == 4 {
                axes.reverse();
            }
            if u.arbitrary::<u8>()? > 200 {
                let spoilt = near(u, axes.len())?;
                if let Some(axis) = axes.first_mut() {
                    *axis = spoilt;
                }
            }
            Operation::Permute(axes)
        }
        3 => Operation::Swap(near(u, rank)?, near(u, rank)?),
        4 => {
            let count = choose(u, 3)?;
            Operation::Reverse((0..count).map(|_| near(u, rank)).collect::<Result<_>>()?)
        }
        5 => Operation::Index(near(u, rank)?, near(u, 3)?),
        6 => Operation::Insert(near(u, rank + 1)?),
        7 => Operation::Squeeze(if choose(u, 2)? == 0 { None } else { Some(near(u, rank)?) }),
        8 => {
            let count = several(u, rank + 1)?;
            Operation::Broadcast((0..count).map(|_| size(u)).collect::<Result<_>>()?)
        }
        9 => {
            let count = several(u, rank)?;
            let window = (0..count).map(|_| Ok(size(u)?.min(3))).collect::<Result<_>>()?;
            let steps = if choose(u, 2)? == 0 {
                None
            } else {
                let count = several(u, rank)?;
                Some((0..count).map(|_| size(u)).collect::<Result<_>>()?)
            };
            Operation::Windows(window, steps)
        }
        10 => {
            let offset = near(u, 3)?;
            Operation::Diagonal(offset, near(u, rank)?, near(u, rank)?)
        }
        _ => {
            let count = usize::from(choose(u, 5)?);
            let mut shape: Vec<_> =
                (0..count).map(|_| Ok(Some(size(u)?))).collect::<Result<_>>()?;
            let open = usize::from(u.arbitrary::<u8>()?);
            if open < 200 && count > 0 {
                shape[open % count] = None;
            }
            Operation::Reshape(shape)
        }
    }))
}

fn cut(u: &mut Unstructured<'_>) -> Result<Selected> {
    let byte = u.arbitrary::<u8>()?;
    let number = |u: &mut Unstructured<'_>, there: bool| {
        if there { near(u, 5).map(Some) } else { Ok(None) }
    };
    if byte & 7 == 7 {
        return Ok(Selected::At(near(u, 3)?));
    }
    let (start, end) = (number(u, byte & 1 == 1)?, number(u, byte & 2 == 2)?);
    let steps = [-1, 2, -2, 1, 3, 0, isize::MIN, isize::MAX];
    let step = if byte & 8 == 8 { Some(steps[usize::from(byte >> 5)]) } else { None };
    Ok(Selected::Range(start, end, step))
}

/// The operation as a user might type it.
fn written(meant: &Meant, whim: &mut Whim) -> String {
    let gap = [",", ", ", " ", "  ,\t", " , "][whim.below(5)];
    let list = |numbers: &[isize]| {
        let words: Vec<String> = numbers.iter().map(isize::to_string).collect();
        words.join(gap)
    };
    let sizes = |numbers: &[usize]| {
        let words: Vec<String> = numbers.iter().map(usize::to_string).collect();
        words.join(gap)
    };
    let operation = match meant {
        Meant::Slice(cuts) => {
            let word = |number: Option<isize>| number.map(|n| n.to_string()).unwrap_or_default();
            let cuts = cuts.iter().map(|cut| match *cut {
                Selected::At(at) => at.to_string(),
                Selected::Range(start, end, None) => format!("{}:{}", word(start), word(end)),
                Selected::Range(start, end, step) => {
                    format!("{}:{}:{}", word(start), word(end), word(step))
                }
            });
            return format!("slice {}", cuts.collect::<Vec<_>>().join(gap));
        }
        Meant::Other(operation) => operation,
    };
    match operation {
        Operation::Slice(_) | Operation::Transpose => "t".into(),
        Operation::Permute(axes) => format!("permute {}", list(axes)),
        Operation::Swap(one, other) => format!("swap {}", list(&[*one, *other])),
        Operation::Reverse(axes) => format!("reverse {}", list(axes)),
        Operation::Index(axis, at) => format!("index {}", list(&[*axis, *at])),
        Operation::Insert(axis) => format!("insert {axis}"),
        Operation::Squeeze(None) => "squeeze".into(),
        Operation::Squeeze(Some(axis)) => format!("squeeze\t{axis}"),
        Operation::Broadcast(shape) => format!("broadcast {}", sizes(shape)),
        Operation::Windows(window, None) => format!("windows {}", sizes(window)),
        Operation::Windows(window, Some(steps)) => {
            format!("windows {} by {}", sizes(window), sizes(steps))
        }
        Operation::Diagonal(0, 0, 1) if whim.below(2) == 0 => "diagonal".into(),
        Operation::Diagonal(offset, 0, 1) if whim.below(2) == 0 => {
            format!("diagonal +{offset}").replace("+-", "-")
        }
        Operation::Diagonal(offset, rows, columns) => {
            format!("diagonal {}", list(&[*offset, *rows, *columns]))
        }
        Operation::Reshape(shape) => {
            let words: Vec<String> =
                shape.iter().map(|size| size.map_or("-1".into(), |n| n.to_string())).collect();
            format!("reshape {}", words.join(gap))
        }
    }
}

/// Applies a chain, and judges what comes of it; by the model as far as it can follow.
pub(super) fn apply(start: &Asked, chain: &Chain, text: &str, meant: Option<&[Meant]>) -> Check {
    let request = start.request();
    smallest_len(start, &request)?;
    let derived = derive::derive(&request, chain);
    let plainly = Asked { mutable: false, as_elements: false, align: None, ..start.clone() };
    let parent = addresses(&plainly);
    match derived {
        Err(Failure::Start(rejection)) => {
            let verdict = crate::verdict::Verdict::Rejected(*rejection);
            let line = derive::verdict_json(&request, &verdict);
            let line = String::from_utf8(line).map_err(|_| "a verdict is not UTF-8")?;
            let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
            let accepted = oracle::judge(&plainly, &Said::read(&json)?, false)?;
            check!(!accepted, "the start is refused: {line}");
        }
        Err(Failure::Unsupported(why)) => {
            let limit = BigInt::from(1u64 << 32);
            let small = |number: &BigInt| number.abs() < limit;
            let numbers = start.shape.iter().chain([&start.len, &start.offset, &start.itemsize]);
            let fits = numbers.into_iter().all(small)
                && start.strides.iter().flatten().all(small)
                && start.shape.len() <= 8;
            check!(!fits && !why.is_empty(), "unsupported: {why}");
        }
        Err(Failure::Step { step, refusal, parent }) => {
            let line = String::from_utf8(derive::refusal_json(step, &refusal));
            let line = line.map_err(|_| "a refusal is not UTF-8")?;
            let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
            check!(json.members().is_some(), "{line}");
            check!(refusal.code.starts_with("SP0"), "{refusal:?}");
            let shown = plain(&derive::refused(text, chain, step, &refusal, &parent))?;
            check!(shown.contains(refusal.code), "no code in {shown:?}");
            if let Some(model) = follow(start, meant, step) {
                let done = match meant.and_then(|meant| meant.get(step)).map(|op| model.apply(op)) {
                    Some(Outcome::Done(view)) => Some(view),
                    Some(Outcome::IfStrided(view)) => Some(view).filter(Model::is_strided),
                    _ => None,
                };
                check!(done.is_none(), "step {step} is refused: {line}, but gives {done:?}");
            }
        }
        Ok(derived) => {
            let asked = Asked::of(&derived);
            let verdict = Judge::default().judge(&derived);
            let line = derive::verdict_json(&derived, &verdict);
            let line = String::from_utf8(line).map_err(|_| "a verdict is not UTF-8")?;
            let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
            let said = Said::read(&json).map_err(|why| format!("{why}: {line}"))?;
            oracle::judge(&asked, &said, false).map_err(|why| format!("{why}: {line}"))?;
            numbers(&said, &asked).map_err(|why| format!("{why}: {line}"))?;
            let accepted = Judge::default().judge(&plain_request(&derived)).is_accepted();
            check!(accepted, "a view of an accepted view leaves its buffer: {line}");
            let found = addresses(&asked);
            if let (Some(parent), Some(found)) = (parent, &found) {
                let strange = found.iter().find(|&at| !parent.contains(at));
                check!(strange.is_none(), "address {strange:?} is none of the start's: {line}");
            }
            let steps = meant.map_or(0, <[Meant]>::len);
            if let (Some(model), Some(found)) = (follow(start, meant, steps), found) {
                let shape: Vec<_> = asked.shape.iter().filter_map(BigInt::to_usize).collect();
                check!(shape == model.shape, "shape {shape:?} is not {:?}", model.shape);
                check!(found == model.addresses, "{found:?} is not {:?}", model.addresses);
            }
        }
    }
    Ok(())
}

fn plain_request(request: &Request) -> Request {
    let mode = crate::request::Mode::ReadOnly;
    Request { mode, as_elements: false, align: None, ..request.clone() }
}

/// The model after some steps, as far as it can follow. What it refuses, the command must refuse.
fn follow(start: &Asked, meant: Option<&[Meant]>, steps: usize) -> Option<Model> {
    let shape = start.shape.iter().map(BigInt::to_usize).collect::<Option<Vec<_>>>()?;
    let mut view = Model { shape, addresses: addresses(start)? };
    for (at, each) in meant?.iter().take(steps).enumerate() {
        view = match view.apply(each) {
            Outcome::Done(view) | Outcome::IfStrided(view) => view,
            Outcome::Unknown => return None,
            Outcome::Refused => panic!("step {at}, {each:?}, is accepted on {:?}", view.shape),
        };
    }
    Some(view)
}

/// The addresses of a view in row-major order, if they are few.
fn addresses(asked: &Asked) -> Option<Vec<i128>> {
    let count: BigInt = asked.shape.iter().product();
    if count > BigInt::from(2048) || asked.shape.iter().any(Signed::is_negative) {
        return None;
    }
    if count.is_zero() {
        return Some(Vec::new());
    }
    let shape = asked.shape.iter().map(BigInt::to_usize).collect::<Option<Vec<_>>>()?;
    let steps = asked.steps();
    if steps.len() != shape.len() {
        return None;
    }
    let word = |number: &BigInt| number.to_i128().filter(|number| number.unsigned_abs() < 1 << 100);
    // On an axis of one index nobody follows the stride.
    let followed = |(step, &size): (&BigInt, &usize)| if size == 1 { Some(0) } else { word(step) };
    let steps = steps.iter().zip(&shape).map(followed).collect::<Option<Vec<_>>>()?;
    Some(model::addresses(word(&asked.offset)?, &shape, &steps))
}

/// Checks the numbers of a view that follow its verdict.
fn numbers(said: &Said<'_>, asked: &Asked) -> Check {
    let [(shape, sizes), (strides, steps), (offset, at)] = said.more else {
        return Err(format!("fields {:?}", said.more));
    };
    for (found, name) in [(shape, "shape"), (strides, "strides"), (offset, "offset")] {
        check!(*found == *name, "no field {name}");
    }
    let list = |json: &Json| match json {
        Json::Array(entries) => entries.iter().map(oracle::integer).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    check!(list(sizes).as_ref() == Some(&asked.shape), "the shape is not {:?}", asked.shape);
    check!(list(steps) == Some(asked.steps()), "the strides are not {:?}", asked.steps());
    check!(oracle::integer(at).as_ref() == Some(&asked.offset), "the offset is wrong");
    Ok(())
}

/// The smallest length takes the view, if any does, and one unit less does not.
fn smallest_len(asked: &Asked, request: &Request) -> Check {
    let len = derive::smallest_len(request).to_big();
    if asked.strides.as_ref().is_some_and(|strides| strides.len() != asked.shape.len()) {
        return Ok(());
    }
    let judge = |len: BigInt| {
        let asked = Asked { len, mutable: false, as_elements: false, align: None, ..asked.clone() };
        match Judge::default().judge(&asked.request()) {
            crate::verdict::Verdict::Accepted(_) => None,
            crate::verdict::Verdict::Rejected(rejection) => Some(rejection.reason.code()),
        }
    };
    match judge(len.clone()) {
        Some("SP002" | "SP003") => Err(format!("a length of {len} is too small")),
        None if judge(&len - 1).is_none() => Err(format!("a length of {len} is more than needed")),
        _ => Ok(()),
    }
}
