//! Chains of operations: any text, and programs whose result a list of addresses tells.

use std::collections::BTreeSet;
use std::fmt;

use arbitrary::{Result, Unstructured};
use strideproof::Error;
use strideproof::ops::Operation;
use strideproof_cli::chain::{Action, Chain, Step as CommandStep};
use strideproof_cli::decide::{judge, judge_resolved};
use strideproof_cli::derive::{self, Failure};
use strideproof_cli::picture::WIDE;
use strideproof_cli::request::{self as command, Resolved};
use strideproof_cli::verdict::Verdict;
use strideproof_oracle::model::View;

use super::draw::{choose, rest};
use super::json::{Json, Text as JsonText, named};
use super::program::Step;
use super::request::Request;
use super::show::plain;
use super::{Check, Given, verdict};

/// A text that may be a chain, and a view that it is applied to.
pub(super) struct Text {
    text: String,
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
}

impl Given for Text {
    fn run(&self, turn: u8) -> Check {
        let text = self.text.as_str();
        let chain = match Chain::parse(text) {
            Ok(chain) => chain,
            Err(error) => {
                check!(text.get(error.span.clone()).is_some(), "{error:?} is outside of the text");
                check!(!error.message.is_empty(), "no message");
                if turn & 3 == 0 {
                    let shown = plain(&derive::syntax_error(text, &error, WIDE))?;
                    check!(shown.contains(" | ") || text.is_empty(), "no source in {shown:?}");
                }
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
            let actions: Vec<_> = alone.iter().map(|step| &step.action).collect();
            check!(actions == [&step.action], "{part:?} alone is {actions:?}");
        }
        let shape: Vec<i128> = SHAPES[self.start].iter().map(|&size| size.into()).collect();
        let (len, empty) = (shape.iter().product(), command::Request::default());
        apply(&Request { strides: None, len, shape, ..Request::of(&empty) }, &chain, text, None)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chain {:?} on shape {:?}", self.text, SHAPES[self.start])
    }
}

/// Applies a chain, and judges what comes of it; by the model as far as it can follow.
pub(super) fn apply(start: &Request, chain: &Chain, text: &str, steps: Option<&[Step]>) -> Check {
    let refused = |view: Option<&Resolved>, asked: &Request, verdict: Verdict| {
        let (accepted, _) = verdict::judge(asked, &derive::verdict_json(view, &verdict))?;
        check!(!accepted, "the start is refused: {asked:?}");
        Ok(())
    };
    let view = match start.to_command().resolve() {
        Ok(view) => view,
        Err(error) => return refused(None, start, Verdict::Rejected(error.into())),
    };
    let start = start.plain();
    smallest_len(&start, &view)?;
    match derive::derive(&view, chain) {
        Err(Failure::Start(rejection)) if rejection.error.code() == "SP026" => {
            check!(start.shape.len() > derive::MOST_AXES, "{rejection:?}");
        }
        Err(Failure::Start(rejection)) => {
            refused(Some(&view), &start, Verdict::Rejected(*rejection))?;
        }
        Err(Failure::Step { step, error, parent }) => {
            let line = derive::refusal_json(step, &error);
            let line = std::str::from_utf8(&line).map_err(|_| "a refusal is not UTF-8")?;
            Json::members(line)?;
            let shown = plain(&derive::refused(text, chain, step, &error, &parent, WIDE))?;
            check!(shown.contains(error.code().as_str()), "no code in {shown:?}");
            let action = &chain.steps[step].action;
            if let (
                Action::Operation(Operation::Reshape(sizes)),
                Error::CountMismatch { inferred, .. },
            ) = (action, *error)
            {
                let open = sizes.iter().position(Option::is_none);
                check!(inferred == open, "the open size is {open:?}, not {inferred:?}");
            }
            if let (Some(model), Some(steps)) = (follow(&start, steps, step)?, steps) {
                let done = steps[step].apply(&model);
                check!(!matches!(done, Some(Some(_))), "step {step} is refused: {line}: {done:?}");
            }
        }
        Ok(derived) => {
            let asked = Request::of(&command::Request::from(&derived));
            let line = derive::verdict_json(Some(&derived), &judge_resolved(&derived));
            let (_, verdict) = verdict::judge(&asked, &line)?;
            check!(numbers(&verdict.more, &asked), "{:?} are not of {asked:?}", verdict.more);
            let accepted = judge_resolved(&derived.plain()).is_accepted();
            check!(accepted, "a view of an accepted view leaves its buffer: {asked:?}");
            let Some(found) = asked.addresses() else { return Ok(()) };
            let cuts_items = |step: &CommandStep| matches!(step.action, Action::Reinterpret(..));
            if chain.steps.iter().any(cuts_items) {
                // In bytes, what the items cover is of the start's.
                let covered = |asked: &Request, found: &[i128]| -> BTreeSet<i128> {
                    let bytes = |at: &i128| {
                        let at = at * asked.scale();
                        at..at + asked.itemsize
                    };
                    found.iter().flat_map(bytes).collect()
                };
                if let Some(parent) = start.addresses() {
                    let (parent, bytes) = (covered(&start, &parent), covered(&asked, &found));
                    check!(
                        bytes.is_subset(&parent),
                        "bytes that are none of the start's: {asked:?}"
                    );
                }
            } else if let Some(parent) = start.addresses() {
                let strange = found.iter().find(|&at| !parent.contains(at));
                check!(strange.is_none(), "{strange:?} is none of the start's: {asked:?}");
            }
            if let Some(model) = follow(&start, steps, chain.steps.len())? {
                let shape: Vec<i128> = model.shape().iter().map(|&size| size as i128).collect();
                check!(asked.shape == shape, "shape {:?} is not {shape:?}", asked.shape);
                let expected = model.addresses();
                check!(found == expected, "{found:?} is not {expected:?}");
            }
        }
    }
    Ok(())
}

/// The model of a view that is accepted.
pub(super) fn model(start: &Request) -> Option<View> {
    let words = start.words().filter(|words| words.is_accepted())?;
    // Addresses count what strides count.
    Some(View::in_bytes(&words.shape, &words.strides, words.offset, words.item).listed())
}

/// The view after some steps, as far as the model can follow. What it refuses, the command must
/// refuse.
fn follow(
    start: &Request,
    steps: Option<&[Step]>,
    count: usize,
) -> std::result::Result<Option<View>, String> {
    let mut view = model(start);
    for step in steps.map_or(&[][..], |steps| &steps[..count]) {
        let Some(parent) = view else { return Ok(None) };
        view = match step.apply(&parent) {
            Some(None) => return Err(format!("{step:?} is accepted on {parent:?}")),
            child => child.flatten(),
        };
    }
    Ok(view.filter(|_| steps.is_some()))
}

/// Whether the numbers of a view follow its verdict.
fn numbers(more: &[(JsonText, Json)], asked: &Request) -> bool {
    more.iter().map(|(name, _)| name.as_deref()).eq([Ok("shape"), Ok("strides"), Ok("offset")])
        && named(more, "shape").and_then(Json::integers).as_ref() == Some(&asked.shape)
        && named(more, "strides").and_then(Json::integers) == Some(asked.steps())
        && named(more, "offset").and_then(Json::integer) == Some(asked.offset)
}

/// The smallest length takes the view, if any does, and one unit less does not.
fn smallest_len(asked: &Request, view: &Resolved) -> Check {
    let len = derive::smallest_len(view) as i128;
    let code = |len: i128| match judge(&Request { len, ..asked.clone() }.to_command()).0 {
        Verdict::Accepted(_) => None,
        Verdict::Rejected(rejection) => Some(rejection.error.code().as_str()),
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
