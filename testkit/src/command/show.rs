//! What people get to see of a request: text, pictures, and the overlap of views.

use super::asked::Asked;
use super::json::Json;
use super::oracle::{self, Said, check};
use strideproof_cli::decide::judge;
use strideproof_cli::picture::{Cell, Picture, Row};
use strideproof_cli::request::{Request, Resolved};
use strideproof_cli::verdict::Verdict;
use strideproof_cli::{human, svg};

type Check = Result<(), String>;

/// Cells in a row of a picture.
const WIDTH: usize = 16;

/// Judges the verdict on a request, with demands that lines do not know, and shows it.
pub(super) fn run(asked: &Asked, request: &Request, turn: u8) -> Result<bool, String> {
    let (verdict, view) = judge(request);
    let mut line = Vec::new();
    verdict.write_json(None, &mut line);
    let line = String::from_utf8(line).map_err(|_| "a verdict is not UTF-8")?;
    let json = Json::parse(&line).map_err(|bad| format!("{bad:?}: {line}"))?;
    let said = Said::read(&json).map_err(|why| format!("{why}: {line}"))?;
    check!(said.more.is_empty(), "fields after the last: {line}");
    let hard_pressed = request.budget < 10_000;
    let accepted =
        oracle::judge(asked, &said, hard_pressed).map_err(|why| format!("{why}: {line}"))?;
    check!(accepted == verdict.is_accepted(), "is_accepted is not {accepted}");
    // These take ten times longer than the verdict.
    match turn % 16 {
        0 => in_words(request, view.as_ref(), &verdict)?,
        1 => in_pictures(asked, view.as_ref(), &verdict)?,
        _ => {}
    }
    Ok(accepted)
}

/// What people get to read.
fn in_words(request: &Request, view: Option<&Resolved>, verdict: &Verdict) -> Check {
    let text = match (verdict, view) {
        (Verdict::Accepted(accepted), Some(view)) => human::accepted(view, accepted),
        (Verdict::Accepted(_), None) => return Err("accepted, but not in 64 bits".into()),
        (Verdict::Rejected(rejection), view) => human::rejected(request, view, rejection),
    };
    let text = plain(&text)?;
    check!(text.ends_with('\n'), "text without a line's end: {text}");
    let word = match verdict {
        Verdict::Accepted(_) => "accepted: ",
        Verdict::Rejected(rejection) => rejection.error.code().as_str(),
    };
    check!(text.contains(word), "no {word} in: {text}");
    match view.and_then(|view| Picture::new(view, verdict)) {
        Some(picture) => {
            let picture = plain(&picture.to_text())?;
            check!(text.contains(&picture), "the picture is not in the text: {text}");
        }
        None => check!(!text.contains("one cell is"), "a picture of nothing: {text}"),
    }
    Ok(())
}

/// What people get to see.
fn in_pictures(asked: &Asked, view: Option<&Resolved>, verdict: &Verdict) -> Check {
    let Some(view) = view else { return Ok(()) };
    let Some(picture) = Picture::new(view, verdict) else { return Ok(()) };
    check_picture(asked, &picture).map_err(|why| format!("{why}: {picture:?}"))?;
    let svg = svg::draw(view, verdict, &picture);
    well_formed(&svg).map_err(|why| format!("{why}: {svg}"))
}

/// Text without the styles of a terminal; anything else that a terminal would obey is a mistake.
pub(super) fn plain(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        out += &rest[..at];
        let style = rest[at..].strip_prefix("\u{1b}[").ok_or("a stray escape")?;
        let end = style.find('m').ok_or("a style without an end")?;
        let numbers = style[..end].bytes().all(|byte| byte.is_ascii_digit() || byte == b';');
        check!(numbers, "an escape that is no style in {text:?}");
        rest = &style[end + 1..];
    }
    out += rest;
    let obeyed = |c: char| c.is_control() && c != '\n';
    check!(!out.contains(obeyed), "a control character in {out:?}");
    Ok(out)
}

/// Compares every cell with the items that lie on it.
fn check_picture(asked: &Asked, picture: &Picture) -> Check {
    let (cell, item) = (picture.cell, asked.item());
    check!(cell > 0 && picture.unit == asked.unit, "cells of {cell}");
    let items = asked.addresses();
    let mut next: Option<i128> = None;
    let mut must_show = vec![0, asked.offset];
    must_show.extend(items.iter().flatten().min());
    must_show.extend(items.iter().flatten().max().map(|at| at + item - 1));
    let width = cell * WIDTH as i128;
    check!(picture.rows.len() <= 36, "{} rows", picture.rows.len());
    for row in &picture.rows {
        let (start, cells, ends) = match row {
            Row::Gap(count) => {
                check!(*count > 0, "a gap of {count}");
                next = next.map(|next| next + count * cell);
                check!(next.is_some(), "a gap before the first row");
                continue;
            }
            Row::Cells { start, cells, ends } => (*start, cells, ends),
        };
        check!(next.is_none_or(|next| next == start), "a row at {start} is out of place");
        check!(cells.len() <= WIDTH, "{} cells in a row", cells.len());
        check!(start % width == 0, "a row starts at {start}");
        let end = start + width;
        must_show.retain(|place| *place < start || *place >= end);
        for (at, found) in (0..WIDTH).map(|at| (at, cells.get(at).unwrap_or(&Cell::Nothing))) {
            let from = start + cell * at as i128;
            let to = from + cell;
            let within = from >= 0 && from < asked.len;
            let fits = within && to <= asked.len;
            let times = items
                .as_ref()
                .map(|items| items.iter().filter(|&&at| at < to && from - item < at).count());
            let expected = match times {
                Some(0) if within => Cell::Untouched,
                Some(0) => Cell::Nothing,
                Some(times) if fits => Cell::Touched(u8::try_from(times.min(10)).unwrap_or(10)),
                Some(_) => Cell::Outside,
                // Too many to look: of what is found, only the place is known.
                None => match found {
                    Cell::Outside if !fits => continue,
                    Cell::Nothing if !within => continue,
                    Cell::Untouched if within => continue,
                    Cell::Touched(1..=10) | Cell::Unknown if fits => continue,
                    _ => return Err(format!("{found:?} at {from}")),
                },
            };
            check!(*found == expected, "the cell at {from} is {found:?} and not {expected:?}");
        }
        for (name, mark, place) in
            [("start", ends.0, 0), ("end", ends.1, (asked.len + cell - 1) / cell * cell)]
        {
            let shown = mark.map(|at| start + cell * at as i128);
            check!(mark.is_none_or(|at| at <= cells.len()), "the {name} is drawn beyond its row");
            check!(shown.is_none_or(|shown| shown == place), "the {name} is drawn at {mark:?}");
        }
        next = Some(end);
    }
    check!(must_show.is_empty(), "{must_show:?} are not shown");
    Ok(())
}

/// Checks that a document has tags that match, attributes in quotes, and no stray characters.
pub(super) fn well_formed(xml: &str) -> Check {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    let text_is_fine = |text: &str| {
        let entity = |part: &str| {
            ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|name| part.starts_with(name))
        };
        let control = |c: char| c.is_control() && c != '\n';
        !text.contains('>') && !text.contains(control) && text.split('&').skip(1).all(entity)
    };
    while let Some(at) = rest.find('<') {
        let (text, tagged) = rest.split_at(at);
        check!(text_is_fine(text), "stray characters in {text:?}");
        check!(!open.is_empty() || text.trim().is_empty(), "text outside: {text:?}");
        let end = tagged.find('>').ok_or("a tag without an end")?;
        let tag = &tagged[1..end];
        rest = &tagged[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            check!(open.pop() == Some(name), "</{name}> closes something else");
            continue;
        }
        let single = tag.ends_with('/');
        let (name, attributes) = tag.trim_end_matches('/').split_once(' ').unwrap_or((tag, ""));
        check!(!open.is_empty() || rest.len() + tag.len() + 2 >= xml.len() - 1, "two roots");
        let quotes: Vec<&str> = attributes.split('"').collect();
        check!(quotes.len() % 2 == 1, "attributes {attributes:?}");
        for pair in quotes.chunks(2) {
            let [before, value] = pair else { continue };
            check!(before.ends_with('=') && text_is_fine(value), "attributes {attributes:?}");
        }
        if !single {
            open.push(name);
        }
    }
    check!(open.is_empty() && rest.trim().is_empty(), "{open:?} left open");
    Ok(())
}
