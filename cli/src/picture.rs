//! The picture of a buffer and what a view does to it, as text and as SVG.
//!
//! Both draw one model: rows of cells near the places that matter, with gaps in between. A buffer
//! may have 2^70 bytes, so nothing here is allocated or counted by its size.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use strideproof::Unit;

use crate::int::Int;
use crate::request::Request;
use crate::verdict::{Reason, Verdict};
use crate::wide;

/// Cells in a row.
const WIDTH: u8 = 16;
/// Rows that are shown without a gap.
const WHOLE: u8 = 12;
/// Times that are told apart; beyond, a cell is just repeated.
const TIMES: u8 = 10;
/// Steps that counting a cell's items may take, and those of all cells together: a picture takes
/// milliseconds, whatever the view.
const STEPS: u32 = 5000;
const ALL_STEPS: u32 = 20_000;
/// Numbers of more bits are not drawn: arithmetic with them takes long, and so do their labels.
const BITS: u64 = 4096;

/// What happens to one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Outside the buffer, and nobody goes there.
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
        start: Int,
        /// The cells.
        cells: Vec<Cell>,
        /// Before which cell the buffer starts and ends, where that is in this row: 0 is before
        /// the first cell, and the number of cells after the last.
        ends: (Option<usize>, Option<usize>),
    },
    /// So many cells are left out.
    Gap(Int),
}

/// The model of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The unit of addresses.
    pub unit: Unit,
    /// How many units a cell stands for.
    pub cell: Int,
    /// From the lowest address to the highest.
    pub rows: Vec<Row>,
}

/// A view in terms of cells.
struct View {
    offset: BigInt,
    item: BigInt,
    /// The axes that go anywhere, by descending magnitude of their strides.
    axes: Vec<Axis>,
    /// How often each address occurs for the axes that go nowhere.
    times: u8,
}

struct Axis {
    stride: BigInt,
    last: BigInt,
    /// The lowest and the highest sum that the axes after this one can make.
    rest: (BigInt, BigInt),
}

impl Picture {
    /// Draws what a verdict speaks of; `None` when there is nothing to draw: numbers that no
    /// buffer has, ranks that differ, too many elements, items of no bytes, numbers of more than
    /// a thousand digits.
    #[must_use]
    pub fn new(request: &Request, verdict: &Verdict) -> Option<Self> {
        let rejection = match verdict {
            Verdict::Accepted(_) => None,
            Verdict::Rejected(rejection) => Some(rejection),
        };
        match rejection.map(|rejection| &rejection.reason) {
            Some(
                Reason::RankMismatch { .. }
                | Reason::NegativeDimension { .. }
                | Reason::NegativeOffset { .. }
                | Reason::TooManyElements,
            ) => return None,
            _ if request.item().is_zero() => return None,
            _ => {}
        }
        let empty = request.is_empty();
        let strides = request.strides_or_row_major();
        let shape = if empty { Vec::new() } else { wide::count(&request.shape).ok()?.0 };
        let (offset, item) = (request.offset.to_big(), request.item().to_big());
        let len = request.buffer_len.to_big();
        let followed = shape.iter().zip(&strides).filter(|(extent, _)| **extent > 1);
        let long = |number: &BigInt| number.bits() > BITS;
        if [&offset, &item, &len].into_iter().any(long)
            || followed.into_iter().any(|(_, stride)| long(&stride.to_big()))
        {
            return None;
        }
        let mut times = 1u8;
        let mut axes: Vec<Axis> = Vec::new();
        for (&extent, stride) in shape.iter().zip(&strides) {
            if stride.is_zero() {
                times = times.saturating_mul(u8::try_from(extent).unwrap_or(TIMES)).min(TIMES);
            } else if extent > 1 {
                let (stride, last) = (stride.to_big(), BigInt::from(extent - 1));
                axes.push(Axis { stride, last, rest: Default::default() });
            }
        }
        axes.sort_by(|a, b| b.stride.magnitude().cmp(a.stride.magnitude()));
        let mut rest = (BigInt::zero(), BigInt::zero());
        for axis in axes.iter_mut().rev() {
            axis.rest = rest.clone();
            *(if axis.stride.is_negative() { &mut rest.0 } else { &mut rest.1 }) +=
                &axis.stride * &axis.last;
        }
        // The largest cell on whose grid everything lies.
        let cell = axes.iter().fold(item.gcd(&offset), |gcd, axis| gcd.gcd(&axis.stride));
        let in_cells = |number: &BigInt| number.div_floor(&cell);
        let last: BigInt = Integer::div_ceil(&len, &cell) - 1;
        let (below, above) = wide::reaches(&shape, &strides[..shape.len().min(strides.len())]);
        let mut places = vec![BigInt::zero(), in_cells(&offset)];
        if !len.is_zero() {
            places.push(last.clone());
        }
        if !empty {
            places.push(in_cells(&(&offset - below)));
            places.push(in_cells(&(&offset + above + &item)) - 1);
        }
        if let Some(address) = rejection.and_then(|rejection| rejection.address.as_ref()) {
            places.push(in_cells(&address.to_big()));
        }
        let view = View { offset, item, axes, times: if empty { 0 } else { times } };
        let mut left = ALL_STEPS;
        let rows = rows(&places)
            .into_iter()
            .map(|row| match row {
                Ok(row) => view.row(&row, &cell, &len, &last, &mut left),
                Err(gap) => Row::Gap(Int::from(gap * WIDTH)),
            })
            .collect();
        Some(Self { unit: request.unit, cell: Int::from(cell), rows })
    }
}

/// The rows that show all places, as numbers, and the gaps between them, as counts of rows.
fn rows(places: &[BigInt]) -> Vec<Result<BigInt, BigInt>> {
    let width = BigInt::from(WIDTH);
    let numbers: BTreeSet<BigInt> = places.iter().map(|place| place.div_floor(&width)).collect();
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Vec::new() };
    let mut shown = BTreeSet::new();
    if last - first < BigInt::from(WHOLE) {
        let mut row = first.clone();
        while row <= *last {
            shown.insert(row.clone());
            row += 1;
        }
    } else {
        for row in &numbers {
            shown.extend(
                [row - 1, row.clone(), row + 1]
                    .into_iter()
                    .filter(|row| row >= first && row <= last),
            );
        }
    }
    let mut rows = Vec::new();
    let mut next: Option<BigInt> = None;
    for row in shown {
        if let Some(next) = next {
            if next < row {
                rows.push(Err(&row - next));
            }
        }
        next = Some(&row + 1);
        rows.push(Ok(row));
    }
    rows
}

impl View {
    fn row(&self, row: &BigInt, cell: &BigInt, len: &BigInt, last: &BigInt, left: &mut u32) -> Row {
        let first = row * WIDTH;
        let mut cells: Vec<Cell> =
            (0..WIDTH).map(|k| self.cell(&((&first + k) * cell), cell, len, left)).collect();
        let border =
            |number: BigInt| (number - &first).to_usize().filter(|&at| at <= usize::from(WIDTH));
        // The border after the last cell of a row is drawn there, not before the next row.
        let start = border(BigInt::zero()).filter(|&at| at < usize::from(WIDTH));
        let end = border(last + 1).filter(|&at| at > 0 || len.is_zero());
        let kept = cells.iter().rposition(|cell| *cell != Cell::Nothing).map_or(0, |at| at + 1);
        cells.truncate(kept.max(start.unwrap_or(0)).max(end.unwrap_or(0)));
        Row::Cells { start: Int::from(first * cell), cells, ends: (start, end) }
    }

    /// What happens to the cell at `address`; takes the steps of counting from `left`.
    fn cell(&self, address: &BigInt, cell: &BigInt, len: &BigInt, left: &mut u32) -> Cell {
        let within = !address.is_negative() && address < len;
        let cut = address + cell > *len;
        // An item touches the cell if it starts in it, or less than an item before it.
        let low = address - &self.item + 1 - &self.offset;
        let high = address + cell - 1 - &self.offset;
        let granted = STEPS.min(*left);
        let mut steps = granted;
        let times = self.count(0, &low, &high, &mut steps);
        *left = left.saturating_sub(granted.saturating_sub(steps));
        match times {
            Some(0) if within => Cell::Untouched,
            Some(0) => Cell::Nothing,
            Some(_) | None if !within || cut => Cell::Outside,
            Some(times) => Cell::Touched(times),
            None => Cell::Unknown,
        }
    }

    /// The number of index tuples on the axes from `level` on whose sum lies in `low..=high`, up
    /// to [`TIMES`]; `None` when the steps ran out and nothing is known.
    fn count(&self, level: usize, low: &BigInt, high: &BigInt, steps: &mut u32) -> Option<u8> {
        if self.times == 0 {
            return Some(0);
        }
        let Some(Axis { stride, last, rest }) = self.axes.get(level) else {
            let hit = !low.is_positive() && !high.is_negative();
            return Some(if hit { self.times } else { 0 });
        };
        // low <= i · stride + rest <= high for some rest.
        let (from, to) = (low - &rest.1, high - &rest.0);
        let (from, to) = if stride.is_negative() { (-to, -from) } else { (from, to) };
        let magnitude = stride.abs();
        let mut index = Integer::div_ceil(&from, &magnitude).max(BigInt::zero());
        let end = to.div_floor(&magnitude).min(last.clone());
        let mut total = 0u8;
        let mut unknown = false;
        while index <= end && total < TIMES {
            match steps.checked_sub(1) {
                Some(left) => *steps = left,
                None => return (total > 0).then_some(total),
            }
            let term = &index * stride;
            match self.count(level + 1, &(low - &term), &(high - &term), steps) {
                Some(more) => total = total.saturating_add(more).min(TIMES),
                None => unknown = true,
            }
            index += BigInt::one();
        }
        if unknown && total == 0 { None } else { Some(total) }
    }
}

/// What each mark means, for those that occur.
pub(crate) fn legend(picture: &Picture) -> Vec<(Cell, &'static str)> {
    let cells = || {
        picture.rows.iter().flat_map(|row| match row {
            Row::Cells { cells, .. } => cells.as_slice(),
            Row::Gap(_) => &[],
        })
    };
    let kinds = [
        (Cell::Touched(1), "touched"),
        (Cell::Touched(2), "touched that often (+ beyond)"),
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
fn mark(cell: Cell) -> char {
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

fn size_of_cell(picture: &Picture) -> String {
    crate::verdict::counted(&picture.cell, picture.unit)
}

impl Picture {
    /// Draws with one character a cell, styled for a terminal; a writer may strip the styles.
    #[must_use]
    pub fn to_text(&self) -> String {
        use anstyle::{AnsiColor, Style};
        let style = |cell: Cell| match cell {
            Cell::Touched(1) => AnsiColor::Green.on_default(),
            Cell::Touched(_) | Cell::Unknown => AnsiColor::Yellow.on_default().bold(),
            Cell::Outside => AnsiColor::Red.on_default().bold(),
            Cell::Nothing | Cell::Untouched => Style::new().dimmed(),
        };
        let labels = self.rows.iter().map(|row| match row {
            Row::Cells { start, .. } => start.to_string(),
            Row::Gap(_) => "...".into(),
        });
        let labels: Vec<String> = labels.collect();
        let width = labels.iter().map(String::len).max().unwrap_or(0);
        let mut text = String::new();
        for (row, label) in self.rows.iter().zip(labels) {
            // Writing to a string cannot fail.
            let _ = write!(text, "  {label:>width$} ");
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
                Row::Gap(cells) => {
                    let _ = write!(text, "{cells} cells");
                }
            }
            text.push('\n');
        }
        let _ = write!(text, "  one cell is {}", size_of_cell(self));
        for (cell, meaning) in legend(self) {
            let style = style(cell);
            match cell {
                Cell::Touched(2) => {
                    let _ = write!(text, "; {style}2-9{style:#} {meaning}");
                }
                cell => {
                    let _ = write!(text, "; {style}{}{style:#} {meaning}", mark(cell));
                }
            }
        }
        text.push_str("; | the buffer's ends\n");
        text
    }
}
