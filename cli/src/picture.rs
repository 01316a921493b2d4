//! The picture of a buffer and what a view does to it, as text and as SVG.
//!
//! Both draw one model: rows of cells near the places that matter, with gaps in between. A buffer
//! may have 2^64 bytes, so nothing here is allocated or counted by its size.
//!
//! A view of at most `isize::MAX` elements reaches at most 2^126 units below and above its offset,
//! so all addresses, and the distances between them, fit `i128`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use strideproof::overlap::Uniqueness;
use strideproof::{Error, Unit};

use crate::request::{Resolved, signed, signed_stride};
use crate::verdict::{Accepted, Verdict, counted};

/// Cells in a row, unless they do not fit.
const WIDTH: u8 = 16;
/// Characters of a line where nothing says how many fit.
pub const WIDE: usize = 140;
/// Rows that are shown without a gap.
const WHOLE: u8 = 12;
/// Times that are told apart; beyond, a cell is just repeated.
const TIMES: u8 = 10;
/// Steps that counting a cell's items may take, and those of all cells together: a picture takes
/// milliseconds, whatever the view.
const STEPS: u32 = 5000;
const ALL_STEPS: u32 = 20_000;
/// What happens to one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Outside the buffer, on no item.
    Nothing,
    /// In the buffer, on no item.
    Untouched,
    /// In the buffer, on so many items; 10 stands for more than 9.
    Touched(u8),
    /// In the buffer, and counting its items would take long.
    Unknown,
    /// On an item, and outside the buffer.
    Outside,
}

/// A row of cells, or cells left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// Cells from this address on.
    Cells {
        /// The address of the first cell, in the request's unit.
        start: i128,
        /// The cells.
        cells: Vec<Cell>,
        /// Before which cell the buffer starts and ends, where that is in this row: 0 is before
        /// the first cell, and the number of cells after the last.
        ends: (Option<usize>, Option<usize>),
    },
    /// Cells that are left out.
    Gap {
        /// How many.
        cells: i128,
        /// Whether some of them are on items; `None` where finding out would take long.
        touched: Option<bool>,
        /// Whether they are in the buffer.
        within: bool,
    },
}

impl Row {
    /// What is said in place of the cells that are left out, of so many.
    pub(crate) fn left_out(cells: &str, touched: Option<bool>, within: bool) -> String {
        let what = match (touched, within) {
            (Some(true), true) => "some touched",
            (Some(true), false) => "some out of range",
            (Some(false), _) => "none touched",
            (None, _) => "not counted",
        };
        format!("{cells} cells left out, {what}")
    }
}

/// The model of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The unit of addresses.
    pub unit: Unit,
    /// How many units a cell stands for.
    pub cell: i128,
    /// From the lowest address to the highest.
    pub rows: Vec<Row>,
}

/// A view in terms of cells.
struct View {
    offset: i128,
    item: i128,
    len: i128,
    /// The axes that go anywhere, by descending magnitude of their strides.
    axes: Vec<Axis>,
    /// How often each address occurs for the axes that go nowhere.
    times: u8,
    /// How many units a cell has.
    cell: i128,
}

struct Axis {
    stride: i128,
    last: i128,
    /// The lowest and the highest sum that the axes after this one can make.
    rest: (i128, i128),
}

/// The greatest common divisor.
fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A division by a positive number, rounded up.
fn div_ceil(number: i128, by: i128) -> i128 {
    -(-number).div_euclid(by)
}

impl Picture {
    /// Draws what a verdict speaks of; `None` when there is nothing to draw: too many elements, or
    /// items of size 0.
    #[must_use]
    pub fn new(view: &Resolved, verdict: &Verdict) -> Option<Self> {
        Self::with(view, verdict, WIDTH)
    }

    /// As [`new`](Self::new), with rows so short that [`to_text`](Self::to_text) makes lines of at most
    /// `width` characters of them, as far as that goes.
    #[must_use]
    pub fn fitting(view: &Resolved, verdict: &Verdict, width: usize) -> Option<Self> {
        let pictures = || {
            let widths = [WIDTH, WIDTH / 2, WIDTH / 4].into_iter();
            widths.filter_map(|cells| Self::with(view, verdict, cells))
        };
        pictures().find(|picture| picture.width() <= width).or_else(|| pictures().next_back())
    }

    fn with(view: &Resolved, verdict: &Verdict, width: u8) -> Option<Self> {
        let rejection = match verdict {
            Verdict::Accepted(_) => None,
            Verdict::Rejected(rejection) => Some(rejection),
        };
        let too_many = |error: &Error| matches!(error, Error::TooManyElements { .. });
        if rejection.is_some_and(|rejection| too_many(&rejection.error)) || view.item() == 0 {
            return None;
        }
        let (below, above) = if view.is_empty() { (0, 0) } else { view.reaches() };
        let drawn = View::new(view);
        let last = div_ceil(drawn.len, drawn.cell) - 1;
        let in_cells = |number: i128| number.div_euclid(drawn.cell);
        let mut places = vec![0, in_cells(drawn.offset)];
        places.extend(rejection.and_then(|rejection| rejection.address).map(in_cells));
        if let Verdict::Accepted(Accepted { unique: Uniqueness::Aliased { first, .. }, .. }) =
            verdict
        {
            places.push(in_cells(view.address(first)));
        }
        if drawn.len > 0 {
            places.push(last);
        }
        if !view.is_empty() {
            places.push(in_cells(drawn.offset - below));
            places.push(in_cells(drawn.offset + above + drawn.item) - 1);
        }
        let mut left = ALL_STEPS;
        let rows = rows(&places, width)
            .into_iter()
            .map(|row| match row {
                Ok(row) => drawn.row(row, width, last, &mut left),
                Err((row, gap)) => drawn.gap(row, gap, width, &mut left),
            })
            .collect();
        Some(Self { unit: view.unit, cell: drawn.cell, rows })
    }
}

/// The rows that show all places, as numbers, and the gaps between them, as the first row and a count.
fn rows(places: &[i128], width: u8) -> Vec<Result<i128, (i128, i128)>> {
    let numbers: BTreeSet<i128> =
        places.iter().map(|place| place.div_euclid(i128::from(width))).collect();
    let (Some(&first), Some(&last)) = (numbers.first(), numbers.last()) else {
        return Vec::new();
    };
    let shown: BTreeSet<i128> = if last - first < i128::from(WHOLE) {
        (first..=last).collect()
    } else {
        let around = numbers.iter().flat_map(|row| row - 1..=row + 1);
        around.filter(|row| (first..=last).contains(row)).collect()
    };
    let mut rows = Vec::new();
    let mut next = first;
    for row in shown {
        if next < row {
            rows.push(Err((next, row - next)));
        }
        next = row + 1;
        rows.push(Ok(row));
    }
    rows
}

impl View {
    fn new(view: &Resolved) -> Self {
        let empty = view.is_empty();
        let (offset, item) = (signed(view.offset), signed(view.item()));
        let mut times = if empty { 0 } else { 1u8 };
        let mut axes: Vec<Axis> = Vec::new();
        for (&size, &stride) in view.shape.iter().zip(&view.strides).filter(|_| !empty) {
            if stride == 0 {
                times = times.saturating_mul(u8::try_from(size).unwrap_or(TIMES)).min(TIMES);
            } else if size > 1 {
                let (stride, last) = (signed_stride(stride), signed(size) - 1);
                axes.push(Axis { stride, last, rest: (0, 0) });
            }
        }
        axes.sort_by_key(|axis| std::cmp::Reverse(axis.stride.abs()));
        let mut rest = (0, 0);
        for axis in axes.iter_mut().rev() {
            axis.rest = rest;
            *(if axis.stride < 0 { &mut rest.0 } else { &mut rest.1 }) += axis.stride * axis.last;
        }
        // The largest cell on whose grid everything lies.
        let cell = axes.iter().fold(gcd(item, offset), |cell, axis| gcd(cell, axis.stride));
        Self { offset, item, len: signed(view.len), axes, times, cell }
    }

    fn gap(&self, row: i128, rows: i128, width: u8, left: &mut u32) -> Row {
        let cells = rows * i128::from(width);
        let start = row * i128::from(width) * self.cell;
        let end = start + cells * self.cell;
        let touched = self.touched(start, end, left).map(|times| times > 0);
        // The rows at the ends of the buffer are shown: a gap has neither.
        Row::Gap { cells, touched, within: start >= 0 && start < self.len }
    }

    fn row(&self, row: i128, width: u8, last: i128, left: &mut u32) -> Row {
        let first = row * i128::from(width);
        let mut cells: Vec<Cell> =
            (0..width).map(|k| self.cell((first + i128::from(k)) * self.cell, left)).collect();
        let border = |number: i128| {
            usize::try_from(number - first).ok().filter(|&at| at <= usize::from(width))
        };
        // The border after the last cell of a row is drawn there, not before the next row.
        let start = border(0).filter(|&at| at < usize::from(width));
        let end = border(last + 1).filter(|&at| at > 0 || self.len == 0);
        let kept = cells.iter().rposition(|cell| *cell != Cell::Nothing).map_or(0, |at| at + 1);
        cells.truncate(kept.max(start.unwrap_or(0)).max(end.unwrap_or(0)));
        Row::Cells { start: first * self.cell, cells, ends: (start, end) }
    }

    /// What happens to the cell at `address`; takes the steps of counting from `left`.
    fn cell(&self, address: i128, left: &mut u32) -> Cell {
        let within = 0 <= address && address < self.len;
        let cut = address + self.cell > self.len;
        match self.touched(address, address + self.cell, left) {
            Some(0) if within => Cell::Untouched,
            Some(0) => Cell::Nothing,
            Some(_) | None if !within || cut => Cell::Outside,
            Some(times) => Cell::Touched(times),
            None => Cell::Unknown,
        }
    }

    /// How many items lie on the units from `start` up to `end`; takes the steps of counting from `left`.
    fn touched(&self, start: i128, end: i128, left: &mut u32) -> Option<u8> {
        // An item does if it starts there, or less than an item before.
        let (low, high) = (start - self.item + 1 - self.offset, end - 1 - self.offset);
        let granted = STEPS.min(*left);
        let mut steps = granted;
        let times = self.count(0, low, high, &mut steps);
        *left = left.saturating_sub(granted.saturating_sub(steps));
        times
    }

    /// The number of index tuples on the axes from `level` on whose sum lies in `low..=high`, up
    /// to [`TIMES`]; `None` when the steps ran out and nothing is known.
    fn count(&self, level: usize, low: i128, high: i128, steps: &mut u32) -> Option<u8> {
        if self.times == 0 {
            return Some(0);
        }
        let Some(&Axis { stride, last, rest }) = self.axes.get(level) else {
            return Some(if low <= 0 && 0 <= high { self.times } else { 0 });
        };
        // low <= i · stride + rest <= high for some rest.
        let (from, to) = (low - rest.1, high - rest.0);
        let (from, to) = if stride < 0 { (-to, -from) } else { (from, to) };
        let magnitude = stride.abs();
        let mut index = div_ceil(from, magnitude).max(0);
        let end = to.div_euclid(magnitude).min(last);
        let mut total = 0u8;
        let mut unknown = false;
        while index <= end && total < TIMES {
            match steps.checked_sub(1) {
                Some(left) => *steps = left,
                None => return (total > 0).then_some(total),
            }
            let term = index * stride;
            match self.count(level + 1, low - term, high - term, steps) {
                Some(more) => total = total.saturating_add(more).min(TIMES),
                None => unknown = true,
            }
            index += 1;
        }
        if unknown && total == 0 { None } else { Some(total) }
    }
}

/// What each mark means, for those that occur.
pub(crate) fn legend(picture: &Picture) -> Vec<(Cell, &'static str)> {
    let cells = || {
        picture.rows.iter().flat_map(|row| match row {
            Row::Cells { cells, .. } => cells.as_slice(),
            Row::Gap { .. } => &[],
        })
    };
    let kinds = [
        (Cell::Touched(1), "touched"),
        (Cell::Touched(2), "repeated so often (+ more)"),
        (Cell::Unknown, "not counted"),
        (Cell::Untouched, "untouched"),
        (Cell::Outside, "out of range"),
    ];
    let occurs = |kind: Cell| {
        cells().any(|&cell| match cell {
            Cell::Touched(3..) => kind == Cell::Touched(2),
            cell => kind == cell,
        })
    };
    kinds.into_iter().filter(|&(kind, _)| occurs(kind)).collect()
}

/// The mark of a cell in text.
pub(crate) fn mark(cell: Cell) -> char {
    match cell {
        Cell::Nothing => ' ',
        Cell::Untouched => '.',
        Cell::Touched(1) => '#',
        Cell::Touched(times @ 2..=9) => char::from(b'0' + times),
        Cell::Touched(_) => '+',
        Cell::Unknown => '?',
        Cell::Outside => '!',
    }
}

impl Picture {
    /// The longest line that has cells.
    fn width(&self) -> usize {
        let cells = self.rows.iter().map(|row| match row {
            Row::Cells { start, cells, .. } => (start.to_string().len(), cells.len()),
            Row::Gap { .. } => ("...".len(), 0),
        });
        let (labels, cells): (Vec<usize>, Vec<usize>) = cells.unzip();
        let most = |of: Vec<usize>| of.into_iter().max().unwrap_or(0);
        // Two characters a cell, and a border at the end.
        2 + most(labels) + 1 + 2 * most(cells) + 1
    }

    /// Draws with one character a cell, styled for a terminal; a writer may strip the styles. The legend
    /// is broken into lines of at most `width` characters.
    #[must_use]
    pub fn to_text(&self, width: usize) -> String {
        use anstyle::{AnsiColor, Style};
        let style = |cell: Cell| match cell {
            Cell::Touched(1) => AnsiColor::Green.on_default(),
            Cell::Touched(_) | Cell::Unknown => AnsiColor::Yellow.on_default().bold(),
            Cell::Outside => AnsiColor::Red.on_default().bold(),
            Cell::Nothing | Cell::Untouched => Style::new().dimmed(),
        };
        let labels = self.rows.iter().map(|row| match row {
            Row::Cells { start, .. } => start.to_string(),
            Row::Gap { .. } => "...".into(),
        });
        let labels: Vec<String> = labels.collect();
        let label_width = labels.iter().map(String::len).max().unwrap_or(0);
        let mut text = String::new();
        for (row, label) in self.rows.iter().zip(labels) {
            // Writing to a string cannot fail.
            let _ = write!(text, "  {label:>label_width$} ");
            match row {
                Row::Cells { cells, ends, .. } => {
                    for at in 0..=cells.len() {
                        let border = ends.0 == Some(at) || ends.1 == Some(at);
                        let border = if border { "|" } else { " " };
                        let Some(&cell) = cells.get(at) else {
                            text.push_str(border.trim_end());
                            break;
                        };
                        let style = style(cell);
                        let _ = write!(text, "{border}{style}{}{style:#}", mark(cell));
                    }
                }
                &Row::Gap { cells, touched, within } => {
                    text.push_str(&Row::left_out(&cells.to_string(), touched, within));
                }
            }
            text.push('\n');
        }
        let mut parts = vec![(format!("one cell is {}", counted(self.cell, self.unit)), None)];
        for (cell, meaning) in legend(self) {
            let mark = match cell {
                Cell::Touched(2) => "2-9".into(),
                cell => mark(cell).to_string(),
            };
            parts.push((format!("{mark} {meaning}"), Some((style(cell), mark.len()))));
        }
        parts.push(("| the buffer's ends".into(), None));
        let mut used = 0;
        for (at, (part, marked)) in parts.iter().enumerate() {
            let last = at + 1 == parts.len();
            let needed = part.len() + usize::from(!last);
            if at == 0 || used + 1 + needed > width {
                text.push_str(if at == 0 { "  " } else { "\n  " });
                used = 2;
            } else {
                text.push(' ');
                used += 1;
            }
            used += needed;
            match marked {
                Some((style, mark)) => {
                    let (mark, meaning) = part.split_at(*mark);
                    let _ = write!(text, "{style}{mark}{style:#}{meaning}");
                }
                None => text.push_str(part),
            }
            text.push_str(if last { "\n" } else { ";" });
        }
        text
    }
}
