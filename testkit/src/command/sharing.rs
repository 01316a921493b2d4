//! Whether views share memory.

use super::asked::Asked;
use super::json::Json;
use super::oracle::{self, Said, check};
use super::show::plain;
use strideproof_cli::overlap;
use strideproof_cli::request::{Mode, Request};
use strideproof_cli::verdict::Verdict;
use strideproof_oracle::address;

type Check = Result<(), String>;

/// Whether views share memory, of one view or two: the second is another request in the same unit
/// and buffer.
pub(super) fn run(asked: &Asked, other: Option<&Asked>, in_buffer: bool) -> Check {
    let request = Request { mode: Mode::ReadOnly, ..asked.request() };
    let other_request = other.map(|other| Request {
        unit: request.unit,
        buffer_len: request.buffer_len,
        mode: Mode::ReadOnly,
        ..other.request()
    });
    let one = Asked::of(&request);
    let two = other_request.as_ref().map(Asked::of);
    // Without a budget the worst of the views that are not small take forever, as documented.
    let few = |asked: &Asked| asked.count() <= 256;
    let budget = if few(&one) && two.iter().all(few) { None } else { Some(20_000) };
    let mut views = Vec::new();
    for (request, asked) in std::iter::once((&request, &one)).chain(other_request.iter().zip(&two))
    {
        let resolved = request.resolve();
        let admitted = match &resolved {
            Ok(view) => overlap::admit(view, in_buffer),
            Err(error) => Err((*error).into()),
        };
        let view = resolved.ok();
        if let Err(rejection) = admitted {
            let verdict = Verdict::Rejected(rejection);
            let line = strideproof_cli::derive::verdict_json(view.as_ref(), &verdict);
            let line = String::from_utf8(line).map_err(|_| "a verdict is not UTF-8")?;
            let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
            let said = Said::read(&json)?;
            if view.is_some() && !in_buffer {
                return oracle::judge_anywhere(asked, &said)
                    .map_err(|why| format!("{why}: {line}"));
            }
            return match oracle::judge(asked, &said, false) {
                Ok(true) => Err(format!("an accepted view is refused: {line}")),
                result => result.map(|_| ()),
            };
        }
        views.extend(view);
    }
    let (view, other) = match views.as_slice() {
        [view] => (view, None),
        [view, other] => (view, Some(other)),
        _ => return Err("a view is missing".into()),
    };
    let answer = overlap::decide(view, other, budget);
    let text = plain(&answer.to_text(view, other, in_buffer))?;
    check!(text.ends_with('\n'), "text without a line's end: {text}");
    let line = answer.to_json(view, other);
    check_overlap(&one, two.as_ref(), &line).map_err(|why| format!("{why}: {line}"))
}

fn check_overlap(one: &Asked, two: Option<&Asked>, line: &str) -> Check {
    let json = Json::parse(line).map_err(|bad| format!("{bad:?}"))?;
    let members = json.members().ok_or("no object")?;
    let named = |name: &str| {
        let found = members.iter().find(|(key, _)| *key == *name);
        found.map(|(_, value)| value).ok_or_else(|| format!("no field {name}"))
    };
    let word = named("verdict")?.text().ok_or("no verdict")?;
    let (first_items, second_items) =
        one.items().zip(two.unwrap_or(one).items()).ok_or("numbers that are no words")?;
    let truth = match two {
        None => first_items.is_unique().map(|unique| !unique),
        Some(_) => first_items.shares(&second_items),
    };
    let shared = match (word, two.is_some()) {
        ("unique", false) | ("disjoint", true) => Some(false),
        ("aliased", false) | ("shared", true) => Some(true),
        ("undecided", _) => None,
        _ => return Err(format!("the verdict is {word:?}")),
    };
    match (shared, truth) {
        (None, Some(truth)) if first_items.is_small() && second_items.is_small() => {
            return Err(format!("undecided, but {truth}"));
        }
        (Some(shared), Some(truth)) => check!(shared == truth, "{shared} and not {truth}"),
        _ => {}
    }
    if shared == Some(true) {
        let first = oracle::index(named("first")?, &first_items.shape)?;
        let second = oracle::index(named("second")?, &second_items.shape)?;
        for (name, items, index) in
            [("first_address", &first_items, &first), ("second_address", &second_items, &second)]
        {
            let at = address(&items.strides, items.address, index);
            check!(oracle::integer(named(name)?) == Some(at), "{name} is not {at}");
        }
        let meet = first_items.meet(&second_items, &first, &second);
        check!(meet, "{first:?} and {second:?} share no memory");
        check!(two.is_some() || first != second, "{first:?} is the same index twice");
    } else {
        for name in ["first", "second", "first_address", "second_address"] {
            check!(*named(name)? == Json::Null, "{name} is not null");
        }
    }
    if two.is_some() {
        let may = *named("may_share_memory")? == Json::Bool(true);
        let expected = first_items.may_share(&second_items);
        check!(expected.is_none_or(|expected| may == expected), "may_share_memory is {may}");
    }
    Ok(())
}
