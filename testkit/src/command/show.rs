//! What people get to see of a request: text and pictures.

use strideproof_cli::decide::judge;
use strideproof_cli::picture::{Cell, Picture, Row, WIDE};
use strideproof_cli::request::{self as command, Resolved};
use strideproof_cli::verdict::Verdict;
use strideproof_cli::{human, svg};

use super::request::Request;
use super::{Check, Given, verdict};

/// Cells in a row of a picture.
const WIDTH: usize = 16;

/// A request as it is judged and shown to people.
#[derive(Debug)]
pub(super) struct Shown(pub(super) Request);

impl Given for Shown {
    fn run(&self, turn: u8) -> Check {
        run(&self.0, &self.0.to_command(), turn >> 2)
    }

    fn requests(&self) -> Vec<&Request> {
        vec![&self.0]
    }
}

/// Judges the verdict on a request, with demands that lines do not know, and shows it.
pub(super) fn run(asked: &Request, request: &command::Request, turn: u8) -> Check {
    let (verdict, view) = judge(request);
    let line = verdict.to_json(None);
    let (accepted, judged) = verdict::judge_within(asked, &line, request.budget < verdict::ENOUGH)?;
    check!(judged.more.is_empty(), "fields after the last: {:?}", judged.more);
    check!(accepted == verdict.is_accepted(), "is_accepted is not {accepted}");
    let picture = view.as_ref().and_then(|view| Some((view, Picture::new(view, &verdict)?)));
    // These take ten times longer than the verdict.
    match (turn % 16, &picture) {
        (0, picture) => {
            let picture = picture.as_ref().map(|(_, picture)| picture);
            in_words(request, view.as_ref(), &verdict, picture)?;
            if let Some(view) = &view {
                narrow(request, view, &verdict, 40 + usize::from(turn))?;
            }
            Ok(())
        }
        (1, Some((view, picture))) => {
            check_picture(asked, picture).map_err(|why| format!("{why}: {picture:?}"))?;
            let svg = svg::draw(view, &verdict, picture);
            check!(svg.is_ascii() && svg.len() < 100_000, "{} bytes", svg.len());
            match roxmltree::Document::parse(&svg) {
                Ok(_) => Ok(()),
                Err(error) => Err(format!("{error}: {svg}")),
            }
        }
        _ => Ok(()),
    }
}

/// What people get to read.
fn in_words(
    request: &command::Request,
    view: Option<&Resolved>,
    verdict: &Verdict,
    picture: Option<&Picture>,
) -> Check {
    let (text, word) = match (verdict, view) {
        (Verdict::Accepted(accepted), Some(view)) => {
            (human::accepted(view, accepted, WIDE), "accepted: ")
        }
        (Verdict::Accepted(_), None) => return Err("accepted, but not in 64 bits".into()),
        (Verdict::Rejected(rejection), view) => {
            let text = human::rejected(request, view, rejection, true, WIDE);
            (text, rejection.error.code().as_str())
        }
    };
    let text = plain(&text)?;
    let short = text.lines().count() < 70 && text.len() < 10_000;
    check!(short && text.is_ascii() && text.ends_with('\n'), "too long, or not ended: {text}");
    check!(text.contains(word), "no {word} in: {text}");
    match picture {
        Some(picture) => {
            let picture = plain(&picture.to_text(WIDE))?;
            check!(text.contains(&picture), "the picture is not in the text: {text}");
        }
        None => check!(!text.contains("one cell is"), "a picture of nothing: {text}"),
    }
    Ok(())
}

/// Annotated lines and pictures fit a terminal of so many characters a line.
fn narrow(request: &command::Request, view: &Resolved, verdict: &Verdict, width: usize) -> Check {
    if let Verdict::Rejected(rejection) = verdict {
        let text = plain(&human::rejected(request, Some(view), rejection, true, width))?;
        let annotated = text.lines().filter(|line| {
            let bare = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
            bare.starts_with("| ") && !line.contains('=')
        });
        // A number is not broken, and a label has a word.
        let long = annotated.filter(|line| line.len() > width.max(76)).count();
        check!(long == 0 || width < 60, "a line of more than {width} characters in: {text}");
    }
    let Some(picture) = Picture::fitting(view, verdict, width) else { return Ok(()) };
    let text = plain(&picture.to_text(width))?;
    // An address may take half of the line.
    let is_long = |line: &&str| line.len() > width.max(60) && !line.contains("cells left out");
    let long = text.lines().find(is_long);
    check!(long.is_none(), "{long:?} has more than {width} characters");
    Ok(())
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
fn check_picture(asked: &Request, picture: &Picture) -> Check {
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
            Row::Gap { cells: count, touched, within } => {
                check!(*count > 0, "a gap of {count}");
                let start = next.ok_or("a gap before the first row")?;
                let end = start + count * cell;
                let lies = |&at: &i128| at < end && at + item > start;
                let known = items.as_ref().map(|items| items.iter().any(lies));
                let right = touched.is_none() || known.is_none() || *touched == known;
                check!(right, "{touched:?} are on the cells from {start} to {end}");
                check!(*within == (0 <= start && end <= asked.len), "{within} of {start} to {end}");
                next = Some(end);
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
