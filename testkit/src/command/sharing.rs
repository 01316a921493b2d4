//! Whether views share memory.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::json::Json;
use super::oracle::{self, Known, Verdict, address, addresses, check, collide};
use super::request::Request;
use super::show::plain;
use strideproof_cli::overlap;
use strideproof_cli::request::{Mode, Request as CommandRequest};
use strideproof_cli::verdict::Verdict as CommandVerdict;

type Check = Result<(), String>;

/// Whether views share memory, of one view or two: the second is another request in the same unit
/// and buffer.
pub(super) fn run(asked: &Request, other: Option<&Request>, in_buffer: bool) -> Check {
    let request = CommandRequest { mode: Mode::ReadOnly, ..asked.request() };
    let other_request = other.map(|other| CommandRequest {
        unit: request.unit,
        buffer_len: request.buffer_len,
        mode: Mode::ReadOnly,
        ..other.request()
    });
    let one = Request::of(&request);
    let two = other_request.as_ref().map(Request::of);
    // Without a budget the worst of the views that are not small take forever, as documented.
    let few =
        |asked: &Request| asked.shape.iter().product::<BigInt>() <= BigInt::from(oracle::SMALL);
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
            let verdict = CommandVerdict::Rejected(rejection);
            let line = strideproof_cli::derive::verdict_json(view.as_ref(), &verdict);
            let line = String::from_utf8(line).map_err(|_| "a verdict is not UTF-8")?;
            let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
            let said = Verdict::read(&json)?;
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

fn check_overlap(one: &Request, two: Option<&Request>, line: &str) -> Check {
    let json = Json::parse(line).map_err(|bad| format!("{bad:?}"))?;
    let members = json.members().ok_or("no object")?;
    let named = |name: &str| {
        let found = members.iter().find(|(key, _)| *key == *name);
        found.map(|(_, value)| value).ok_or_else(|| format!("no field {name}"))
    };
    let word = named("verdict")?.text().ok_or("no verdict")?;
    let (one_steps, other) = (one.steps(), two.unwrap_or(one));
    let other_steps = other.steps();
    let truth =
        match two {
            None if one.is_empty() => Some(false),
            None => {
                let count = one.shape.iter().product();
                Known::new(one, &one_steps, &count).unique.map(|unique| !unique)
            }
            Some(_) if one.is_empty() || other.is_empty() => Some(false),
            Some(_) => {
                let lower = one.offset.clone().min(other.offset.clone());
                let all = addresses(&(&one.offset - &lower), &one.shape, &one_steps)
                    .zip(addresses(&(&other.offset - &lower), &other.shape, &other_steps));
                let items = one.item().to_i128().zip(other.item().to_i128());
                all.zip(items).map(|((first, second), (a, b))| meet(first, a, second, b))
            }
        };
    let shared = match (word, two.is_some()) {
        ("unique", false) | ("disjoint", true) => Some(false),
        ("aliased", false) | ("shared", true) => Some(true),
        ("undecided", _) => None,
        _ => return Err(format!("the verdict is {word:?}")),
    };
    match (shared, truth) {
        (None, Some(truth)) => return Err(format!("undecided, but {truth}")),
        (Some(shared), Some(truth)) => check!(shared == truth, "{shared} and not {truth}"),
        _ => {}
    }
    if shared == Some(true) {
        let first = oracle::index(named("first")?, &one.shape)?;
        let second = oracle::index(named("second")?, &other.shape)?;
        let (a, b) = (
            address(&one.offset, &one_steps, &first),
            address(&other.offset, &other_steps, &second),
        );
        let named_address = |name: &str| {
            named(name).and_then(|json| oracle::integer(json).ok_or("no address".into()))
        };
        check!(named_address("first_address")? == a, "first_address is not {a}");
        check!(named_address("second_address")? == b, "second_address is not {b}");
        if two.is_none() {
            collide(one, &one_steps, &first, &second)?;
        } else {
            let common = a.clone().max(b.clone()) < (a + one.item()).min(b + other.item());
            check!(common, "{first:?} and {second:?} share no memory");
        }
    } else {
        for name in ["first", "second", "first_address", "second_address"] {
            check!(*named(name)? == Json::Null, "{name} is not null");
        }
    }
    if two.is_some() {
        let may = *named("may_share_memory")? == Json::Bool(true);
        check!(may || shared != Some(true), "shared, although the extents do not meet");
    }
    Ok(())
}

/// Whether an item of one list and an item of the other have a unit in common.
fn meet(mut first: Vec<i128>, first_item: i128, mut second: Vec<i128>, second_item: i128) -> bool {
    if first_item == 0 || second_item == 0 {
        return false;
    }
    first.sort_unstable();
    second.sort_unstable();
    let (mut i, mut j) = (0, 0);
    while let (Some(&a), Some(&b)) = (first.get(i), second.get(j)) {
        if first_item <= b - a {
            i += 1;
        } else if second_item <= a - b {
            j += 1;
        } else {
            return true;
        }
    }
    false
}
