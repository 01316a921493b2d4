//! The picture of a view as an SVG: small, without scripts or fonts of its own, and readable in
//! light and dark.

use std::fmt::Write as _;

use crate::picture::{self, Cell, Picture, Row, legend};
use crate::request::Resolved;
use crate::verdict::{Verdict, counted};

/// A cell's side, and a row's height.
const SIDE: usize = 28;
const ROW: usize = 36;
/// What a character of a label takes at most.
const CHARACTER: usize = 8;
/// Characters of a label or a heading line.
const LABEL: usize = 26;
const HEADING: usize = 76;

const STYLE: &str = include_str!("svg.css");

/// Makes text safe between tags and in attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML has no way to write the other control characters.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Keeps the ends of text that is longer than `most` characters. Our text is ASCII.
fn shortened(text: &str, most: usize) -> String {
    let half = most.saturating_sub(3) / 2;
    match (text.get(..half), text.len().checked_sub(half).and_then(|at| text.get(at..))) {
        (Some(head), Some(tail)) if text.len() > most => format!("{head}...{tail}"),
        _ => text.into(),
    }
}

/// Breaks text into lines at spaces.
fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word = shortened(word, HEADING);
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= HEADING || line.is_empty() => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

fn class(cell: Cell) -> &'static str {
    match cell {
        Cell::Nothing | Cell::Untouched => "free",
        Cell::Touched(1) => "touched",
        Cell::Touched(_) => "often",
        Cell::Unknown => "unknown",
        Cell::Outside => "outside",
    }
}

/// What stands in a cell, so that colour is not all there is.
fn mark(cell: Cell) -> String {
    match cell {
        Cell::Nothing | Cell::Untouched | Cell::Touched(1) => String::new(),
        cell => picture::mark(cell).into(),
    }
}

/// An SVG under construction; writing to a string cannot fail.
struct Canvas {
    body: String,
    height: usize,
}

impl Canvas {
    fn text(&mut self, x: usize, y: usize, class: &str, text: &str) {
        let text = escaped(text);
        let _ = writeln!(self.body, r#"<text x="{x}" y="{y}" class="{class}">{text}</text>"#);
    }

    fn cell(&mut self, x: usize, y: usize, cell: Cell) {
        let class = class(cell);
        let _ = writeln!(
            self.body,
            r#"<rect x="{x}" y="{y}" width="{SIDE}" height="{SIDE}" class="{class}"/>"#
        );
        let mark = mark(cell);
        if !mark.is_empty() {
            self.text(x + SIDE / 2, y + SIDE / 2 + 4, "mark", &mark);
        }
    }
}

/// Draws a picture, with the request and its verdict above it and a legend below.
#[must_use]
pub fn draw(view: &Resolved, verdict: &Verdict, picture: &Picture) -> String {
    let (head, detail) = match verdict {
        Verdict::Accepted(accepted) => (
            "accepted".to_owned(),
            format!(
                "count {}, needs a buffer of {}",
                accepted.count,
                counted(accepted.required_len, view.unit)
            ),
        ),
        Verdict::Rejected(rejection) => (
            format!("rejected: {} {}", rejection.error.code(), rejection.error.code().word()),
            rejection.error.to_string(),
        ),
    };
    let asked = crate::human::one_line(&view.into(), true);
    let mut canvas = Canvas { body: String::new(), height: 12 };
    for (class, text) in [("head", &head), ("", &asked), ("soft", &detail)] {
        for line in lines(text) {
            canvas.height += 16;
            let y = canvas.height;
            canvas.text(12, y, class, &line);
        }
    }
    canvas.height += 16;
    let labels: Vec<String> = picture
        .rows
        .iter()
        .map(|row| match row {
            Row::Cells { start, .. } => shortened(&start.to_string(), LABEL),
            Row::Gap { .. } => String::new(),
        })
        .collect();
    let left = 24 + CHARACTER * labels.iter().map(String::len).max().unwrap_or(0);
    for (row, label) in picture.rows.iter().zip(&labels) {
        let y = canvas.height;
        match row {
            &Row::Gap { cells, touched, within } => {
                let cells = shortened(&cells.to_string(), HEADING - LABEL);
                let text = Row::left_out(&cells, touched, within);
                canvas.text(left, y + SIDE / 2 + 4, "gap", &format!("... {text} ..."));
            }
            Row::Cells { cells, ends, .. } => {
                canvas.text(left - 8, y + SIDE / 2 + 4, "label", label);
                for (at, &cell) in cells.iter().enumerate() {
                    if cell != Cell::Nothing {
                        canvas.cell(left + at * SIDE, y, cell);
                    }
                }
                for at in [ends.0, ends.1].into_iter().flatten() {
                    let x = left + at * SIDE;
                    let (top, bottom) = (y - 3, y + SIDE + 3);
                    let _ = writeln!(canvas.body, r#"<path d="M{x} {top}V{bottom}" class="end"/>"#);
                }
            }
        }
        canvas.height += ROW;
    }
    let mut x = 12;
    let y = canvas.height + 4;
    for (cell, meaning) in legend(picture) {
        canvas.cell(x, y, cell);
        x += SIDE + 6;
        canvas.text(x, y + SIDE / 2 + 4, "soft", meaning);
        x += meaning.len() * CHARACTER + 12;
    }
    canvas.height = y + SIDE + 20;
    let y = canvas.height;
    let unit = shortened(&counted(picture.cell, picture.unit), HEADING / 2);
    canvas.text(
        12,
        y,
        "soft",
        &format!("One cell is {unit}; a thick line is an end of the buffer."),
    );
    let height = canvas.height + 14;
    let width = (left + 16 * SIDE + 16).max(24 + HEADING * CHARACTER).max(x);
    let title = escaped(&shortened(&format!("{head}: {asked}"), 400));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n\
         <rect class=\"back\" width=\"{width}\" height=\"{height}\"/>\n{}</svg>\n",
        canvas.body
    )
}
