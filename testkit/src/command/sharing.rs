//! Whether views share memory.

use strideproof_cli::request::{Mode, Request as CommandRequest};
use strideproof_cli::verdict::Verdict as CommandVerdict;
use strideproof_cli::{derive, overlap};
use strideproof_oracle::{Truth, address};

use super::json::{Json, named};
use super::request::Request;
use super::show::plain;
use super::verdict::{self, Verdict, index};
use super::{Check, Given, Two};

/// Whether one view or two share memory.
#[derive(Debug)]
pub(super) struct Overlap(pub(super) Two);

impl Given for Overlap {
    fn run(&self, turn: u8) -> Check {
        let (one, other) = &self.0;
        run(one, other.as_ref(), turn & 4 == 4)
    }
}

/// Whether views share memory, of one view or two: the second is another request in the same unit
/// and buffer.
pub(super) fn run(one: &Request, other: Option<&Request>, in_buffer: bool) -> Check {
    let read_only =
        |request: &Request| CommandRequest { mode: Mode::ReadOnly, ..request.to_command() };
    let first = read_only(one);
    let mut requests = vec![first.clone()];
    requests.extend(other.map(|other| CommandRequest {
        unit: first.unit,
        buffer_len: first.buffer_len,
        ..read_only(other)
    }));
    let asked: Vec<Request> = requests.iter().map(Request::of).collect();
    let mut views = Vec::new();
    for (request, asked) in requests.iter().zip(&asked) {
        let view = request.resolve();
        let admitted = match &view {
            Ok(view) => overlap::admit(view, in_buffer),
            Err(error) => Err((*error).into()),
        };
        if let Err(rejection) = admitted {
            let view = view.as_ref().ok();
            let line = derive::verdict_json(view, &CommandVerdict::Rejected(rejection));
            if view.is_some() && !in_buffer {
                // Only a view that fits no buffer is refused then.
                let Some(Truth::TooMany { axis }) = asked.words().map(|words| words.truth()) else {
                    return Err(format!("some buffer has room for {asked:?}"));
                };
                return Verdict::read(&line)?.refused("SP005", Some(axis));
            }
            let (accepted, _) = verdict::judge(asked, &line)?;
            check!(!accepted, "an accepted view is refused: {asked:?}");
            return Ok(());
        }
        views.extend(view);
    }
    // Without a budget the worst of the views that are not small take forever, as documented.
    let budget = asked.iter().any(|asked| asked.count() > 256).then_some(20_000);
    let (view, other) = (&views[0], views.get(1));
    let answer = overlap::decide(view, other, budget);
    let text = plain(&answer.to_text(view, other, in_buffer))?;
    check!(text.ends_with('\n'), "text without a line's end: {text}");
    let line = answer.to_json(view, other);
    check_overlap(&asked, &line).map_err(|why| format!("{why}: {line}"))
}

fn check_overlap(asked: &[Request], line: &str) -> Check {
    let members = Json::members(line)?;
    let named = |name: &str| named(&members, name).ok_or_else(|| format!("no field {name}"));
    let word = named("verdict")?.text().ok_or("no verdict")?;
    let two = asked.len() == 2;
    let items = |asked: &Request| asked.items().ok_or("numbers that are no words");
    let (one, other) = (items(&asked[0])?, items(&asked[asked.len() - 1])?);
    let truth = match two {
        false => one.is_unique().map(|unique| !unique),
        true => one.shares(&other),
    };
    let shared = match (word, two) {
        ("unique", false) | ("disjoint", true) => Some(false),
        ("aliased", false) | ("shared", true) => Some(true),
        ("undecided", _) => None,
        _ => return Err(format!("the verdict is {word:?}")),
    };
    match (shared, truth) {
        (None, Some(truth)) => {
            check!(!one.is_small() || !other.is_small(), "undecided, but {truth}");
        }
        (Some(shared), Some(truth)) => check!(shared == truth, "{shared} and not {truth}"),
        _ => {}
    }
    if shared == Some(true) {
        let first = index(named("first")?, &one.shape)?;
        let second = index(named("second")?, &other.shape)?;
        for (name, items, index) in
            [("first_address", &one, &first), ("second_address", &other, &second)]
        {
            let at = address(&items.strides, items.address, index);
            check!(named(name)?.integer() == Some(at), "{name} is not {at}");
        }
        check!(one.meet(&other, &first, &second), "{first:?} and {second:?} share no memory");
        check!(two || first != second, "{first:?} is the same index twice");
    } else {
        for name in ["first", "second", "first_address", "second_address"] {
            check!(*named(name)? == Json::Null, "{name} is not null");
        }
    }
    if two {
        let may = *named("may_share_memory")? == Json::Bool(true);
        let expected = one.may_share(&other);
        check!(expected.is_none_or(|expected| may == expected), "may_share_memory is {may}");
    }
    Ok(())
}
