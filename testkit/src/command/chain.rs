//! Chains of operations: any text, and programs whose result a list of addresses tells.

use std::fmt;

use super::asked::Asked;
use super::draw::{choose, rest};
use super::json::Json;
use super::oracle::{self, Said, check};
use super::program::Meant;
use super::show::plain;
use arbitrary::{Result, Unstructured};
use strideproof_cli::chain::Chain;
use strideproof_cli::decide::{judge, judge_resolved};
use strideproof_cli::derive::{self, Failure};
use strideproof_cli::request::{Request, Resolved};
use strideproof_cli::verdict::Verdict;
use strideproof_oracle::model::View;

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
        let shape: Vec<i128> = SHAPES[self.start].iter().map(|&size| size.into()).collect();
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

/// Applies a chain, and judges what comes of it; by the model as far as it can follow.
pub(super) fn apply(start: &Asked, chain: &Chain, text: &str, meant: Option<&[Meant]>) -> Check {
    let plainly = Asked { mutable: false, as_elements: false, align: None, ..start.clone() };
    let refused_start = |view: Option<&Resolved>, asked: &Asked, verdict: &Verdict| {
        let line = derive::verdict_json(view, verdict);
        let line = String::from_utf8(line).map_err(|_| "a verdict is not UTF-8")?;
        let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
        let accepted = oracle::judge(asked, &Said::read(&json)?, false)?;
        check!(!accepted, "the start is refused: {line}");
        Ok(())
    };
    let view = match start.request().resolve() {
        Ok(view) => view,
        Err(error) => return refused_start(None, start, &Verdict::Rejected(error.into())),
    };
    smallest_len(start, &view)?;
    let derived = derive::derive(&view, chain);
    let parent = plainly.addresses();
    match derived {
        Err(Failure::Start(rejection)) => {
            if rejection.error.code() == "SP026" {
                check!(start.shape.len() > derive::MOST_AXES, "{rejection:?}");
                return Ok(());
            }
            refused_start(Some(&view), &plainly, &Verdict::Rejected(*rejection))?;
        }
        Err(Failure::Step { step, error, parent }) => {
            let line = String::from_utf8(derive::refusal_json(step, &error));
            let line = line.map_err(|_| "a refusal is not UTF-8")?;
            let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
            check!(json.members().is_some(), "{line}");
            let shown = plain(&derive::refused(text, chain, step, &error, &parent))?;
            check!(shown.contains(error.code().as_str()), "no code in {shown:?}");
            if let Some(model) = follow(start, meant, step) {
                let done = meant.and_then(|meant| meant.get(step)).map(|meant| meant.apply(&model));
                let unknown = matches!(done, None | Some(Err(_)));
                check!(unknown, "step {step} is refused: {line}, but gives {done:?}");
            }
        }
        Ok(derived) => {
            let asked = Asked::of(&Request::from(&derived));
            let verdict = judge_resolved(&derived);
            let line = derive::verdict_json(Some(&derived), &verdict);
            let line = String::from_utf8(line).map_err(|_| "a verdict is not UTF-8")?;
            let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
            let said = Said::read(&json).map_err(|why| format!("{why}: {line}"))?;
            oracle::judge(&asked, &said, false).map_err(|why| format!("{why}: {line}"))?;
            numbers(&said, &asked).map_err(|why| format!("{why}: {line}"))?;
            let accepted = judge_resolved(&derived.plain()).is_accepted();
            check!(accepted, "a view of an accepted view leaves its buffer: {line}");
            let found = asked.addresses();
            if let (Some(parent), Some(found)) = (parent, &found) {
                let strange = found.iter().find(|&at| !parent.contains(at));
                check!(strange.is_none(), "address {strange:?} is none of the start's: {line}");
            }
            let steps = meant.map_or(0, <[Meant]>::len);
            if let (Some(model), Some(found)) = (follow(start, meant, steps), found) {
                let shape: Vec<i128> = model.shape().iter().map(|&size| size as i128).collect();
                check!(asked.shape == shape, "shape {:?} is not {shape:?}", asked.shape);
                let expected = model.addresses();
                check!(found == expected, "{found:?} is not {expected:?}");
            }
        }
    }
    Ok(())
}

/// The view after some steps, as far as the model can follow. What it refuses, the command must
/// refuse.
fn follow(start: &Asked, meant: Option<&[Meant]>, steps: usize) -> Option<View> {
    let request = start.words()?;
    // Addresses count what strides count.
    let mut view = View::in_bytes(&request.shape, &request.strides, request.offset, request.item);
    for (at, each) in meant?.iter().take(steps).enumerate() {
        view = match each.apply(&view) {
            Ok(view) => view,
            Err(Some(_)) => return None,
            Err(None) => panic!("step {at}, {each:?}, is accepted on {view:?}"),
        };
    }
    Some(view)
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
    check!(oracle::integer(at) == Some(asked.offset), "the offset is wrong");
    Ok(())
}

/// The smallest length takes the view, if any does, and one unit less does not.
fn smallest_len(asked: &Asked, view: &Resolved) -> Check {
    let len = derive::smallest_len(view) as i128;
    let code = |len: i128| {
        let asked = Asked { len, mutable: false, as_elements: false, align: None, ..asked.clone() };
        match judge(&asked.request()).0 {
            Verdict::Accepted(_) => None,
            Verdict::Rejected(rejection) => Some(rejection.error.code().as_str()),
        }
    };
    match code(len) {
        // The largest length there is may be too small.
        Some("SP002" | "SP003") if len < usize::MAX as i128 => {
            Err(format!("a length of {len} is too small"))
        }
        None if code(len - 1).is_none() => Err(format!("a length of {len} is more than needed")),
        _ => Ok(()),
    }
}
