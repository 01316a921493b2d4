//! Chains of operations: any text, and programs whose result a list of addresses tells.

use std::fmt;

use arbitrary::{Result, Unstructured};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::draw::{choose, rest};
use super::json::Json;
use super::model::{self, Model, Op, Outcome};
use super::oracle::{self, Verdict, check};
use super::request::Request;
use super::show::plain;
use strideproof_cli::chain::Chain;
use strideproof_cli::decide::{judge, judge_resolved};
use strideproof_cli::derive::{self, Failure};
use strideproof_cli::request::{Request as CommandRequest, Resolved};
use strideproof_cli::verdict::Verdict as CommandVerdict;

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
        let asked = Request { strides: None, shape, ..Request::of(&CommandRequest::default()) };
        let len = asked.shape.iter().product();
        apply(&Request { len, ..asked }, &chain, text, None)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chain {:?} on shape {:?}", self.text, SHAPES[self.start])
    }
}

/// Applies a chain, and judges what comes of it; by the model as far as it can follow.
pub(super) fn apply(start: &Request, chain: &Chain, text: &str, ops: Option<&[Op]>) -> Check {
    let plainly = Request { mutable: false, as_elements: false, align: None, ..start.clone() };
    let refused_start = |view: Option<&Resolved>, asked: &Request, verdict: &CommandVerdict| {
        let line = derive::verdict_json(view, verdict);
        let line = String::from_utf8(line).map_err(|_| "a verdict is not UTF-8")?;
        let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
        let accepted = oracle::judge(asked, &Verdict::read(&json)?, false)?;
        check!(!accepted, "the start is refused: {line}");
        Ok(())
    };
    let view = match start.request().resolve() {
        Ok(view) => view,
        Err(error) => return refused_start(None, start, &CommandVerdict::Rejected(error.into())),
    };
    smallest_len(start, &view)?;
    let derived = derive::derive(&view, chain);
    let parent = addresses(&plainly);
    match derived {
        Err(Failure::Start(rejection)) => {
            if rejection.error.code() == "SP026" {
                check!(start.shape.len() > derive::MOST_AXES, "{rejection:?}");
                return Ok(());
            }
            refused_start(Some(&view), &plainly, &CommandVerdict::Rejected(*rejection))?;
        }
        Err(Failure::Step { step, error, parent }) => {
            let line = String::from_utf8(derive::refusal_json(step, &error));
            let line = line.map_err(|_| "a refusal is not UTF-8")?;
            let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
            check!(json.members().is_some(), "{line}");
            let shown = plain(&derive::refused(text, chain, step, &error, &parent))?;
            check!(shown.contains(error.code().as_str()), "no code in {shown:?}");
            if let Some(model) = follow(start, ops, step) {
                let done = match ops.and_then(|ops| ops.get(step)).map(|op| model.apply(op)) {
                    Some(Outcome::Done(view)) => Some(view),
                    Some(Outcome::IfStrided(view)) => Some(view).filter(Model::is_strided),
                    _ => None,
                };
                check!(done.is_none(), "step {step} is refused: {line}, but gives {done:?}");
            }
        }
        Ok(derived) => {
            let asked = Request::of(&CommandRequest::from(&derived));
            let verdict = judge_resolved(&derived);
            let line = derive::verdict_json(Some(&derived), &verdict);
            let line = String::from_utf8(line).map_err(|_| "a verdict is not UTF-8")?;
            let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
            let said = Verdict::read(&json).map_err(|why| format!("{why}: {line}"))?;
            oracle::judge(&asked, &said, false).map_err(|why| format!("{why}: {line}"))?;
            numbers(&said, &asked).map_err(|why| format!("{why}: {line}"))?;
            let accepted = judge_resolved(&derived.plain()).is_accepted();
            check!(accepted, "a view of an accepted view leaves its buffer: {line}");
            let found = addresses(&asked);
            if let (Some(parent), Some(found)) = (parent, &found) {
                let strange = found.iter().find(|&at| !parent.contains(at));
                check!(strange.is_none(), "address {strange:?} is none of the start's: {line}");
            }
            let steps = ops.map_or(0, <[Op]>::len);
            if let (Some(model), Some(found)) = (follow(start, ops, steps), found) {
                let shape: Vec<_> = asked.shape.iter().filter_map(BigInt::to_usize).collect();
                check!(shape == model.shape, "shape {shape:?} is not {:?}", model.shape);
                check!(found == model.addresses, "{found:?} is not {:?}", model.addresses);
            }
        }
    }
    Ok(())
}

/// The model after some steps, as far as it can follow. What it refuses, the command must refuse.
fn follow(start: &Request, ops: Option<&[Op]>, steps: usize) -> Option<Model> {
    let shape = start.shape.iter().map(BigInt::to_usize).collect::<Option<Vec<_>>>()?;
    let mut view = Model { shape, addresses: addresses(start)? };
    for (at, each) in ops?.iter().take(steps).enumerate() {
        view = match view.apply(each) {
            Outcome::Done(view) | Outcome::IfStrided(view) => view,
            Outcome::Unknown => return None,
            Outcome::Refused => panic!("step {at}, {each:?}, is accepted on {:?}", view.shape),
        };
    }
    Some(view)
}

/// The addresses of a view in row-major order, if they are few.
fn addresses(asked: &Request) -> Option<Vec<i128>> {
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
    // The stride of an axis of size 1 does not matter.
    let used = |(step, &size): (&BigInt, &usize)| if size == 1 { Some(0) } else { word(step) };
    let steps = steps.iter().zip(&shape).map(used).collect::<Option<Vec<_>>>()?;
    Some(model::addresses(word(&asked.offset)?, &shape, &steps))
}

/// Checks the numbers of a view that follow its verdict.
fn numbers(said: &Verdict<'_>, asked: &Request) -> Check {
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
fn smallest_len(asked: &Request, view: &Resolved) -> Check {
    let len = BigInt::from(derive::smallest_len(view));
    let code = |len: BigInt| {
        let asked =
            Request { len, mutable: false, as_elements: false, align: None, ..asked.clone() };
        match judge(&asked.request()).0 {
            CommandVerdict::Accepted(_) => None,
            CommandVerdict::Rejected(rejection) => Some(rejection.error.code().as_str()),
        }
    };
    match code(len.clone()) {
        // The largest length there is may be too small.
        Some("SP002" | "SP003") if len < BigInt::from(usize::MAX) => {
            Err(format!("a length of {len} is too small"))
        }
        None if code(&len - 1).is_none() => Err(format!("a length of {len} is more than needed")),
        _ => Ok(()),
    }
}
