//! Verdicts for people: what happened, where, and what would be accepted instead.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use num_bigint::BigInt;
use strideproof::Unit;

use crate::int::Int;
use crate::picture::Picture;
use crate::request::Request;
use crate::verdict::{Accepted, Reason, Rejection, Uniqueness, Verdict, counted, place};
use crate::wide;

/// Entries of a tuple that are shown before it is elided.
const ENTRIES: usize = 12;

/// A request in one line of text, and where in it each of its numbers is.
struct Rendering {
    text: String,
    shape: Range<usize>,
    strides: Range<usize>,
    axes: Vec<(usize, Range<usize>, bool)>,
    offset: Range<usize>,
    len: Range<usize>,
    itemsize: Range<usize>,
    align: Range<usize>,
}

impl Rendering {
    /// Writes out `request`; of a long tuple only the ends and what is around `axis`.
    fn new(request: &Request, axis: Option<usize>) -> Self {
        let mut this = Self {
            text: String::new(),
            shape: 0..0,
            strides: 0..0,
            axes: Vec::new(),
            offset: 0..0,
            len: 0..0,
            itemsize: 0..0,
            align: 0..0,
        };
        this.text.push_str("shape ");
        this.shape = this.tuple(&request.shape, axis, false);
        this.text.push_str(" strides ");
        let strides = match &request.strides {
            Some(strides) => strides.clone(),
            None => request.strides_or_row_major(),
        };
        this.strides = this.tuple(&strides, axis, true);
        this.text.push_str(" offset ");
        this.offset = this.number(&request.offset);
        this.text.push_str(" in ");
        let start = this.text.len();
        this.text.push_str(&counted(&request.buffer_len, request.unit));
        this.len = start..this.text.len();
        if request.unit == Unit::Bytes || request.itemsize.is_negative() {
            this.text.push_str(", items of ");
            let start = this.text.len();
            this.text.push_str(&counted(&request.itemsize, Unit::Bytes));
            this.itemsize = start..this.text.len();
        }
        if let Some(align) = &request.align {
            this.text.push_str(", aligned to ");
            this.align = this.number(align);
        }
        this
    }

    fn number(&mut self, number: &Int) -> Range<usize> {
        let start = self.text.len();
        let _ = write!(self.text, "{number}");
        start..self.text.len()
    }

    fn tuple(&mut self, numbers: &[Int], around: Option<usize>, strides: bool) -> Range<usize> {
        let start = self.text.len();
        let shown = |at: usize| {
            numbers.len() <= ENTRIES
                || at < ENTRIES / 2
                || at + 2 >= numbers.len()
                || around.is_some_and(|around| at.abs_diff(around) <= 1)
        };
        self.text.push('(');
        let mut elided = false;
        for (axis, number) in numbers.iter().enumerate() {
            if !shown(axis) {
                if !elided {
                    self.text.push_str(", ...");
                }
                elided = true;
                continue;
            }
            elided = false;
            if axis > 0 {
                self.text.push_str(", ");
            }
            let span = self.number(number);
            self.axes.push((axis, span, strides));
        }
        self.text.push_str(if numbers.len() == 1 { ",)" } else { ")" });
        start..self.text.len()
    }

    /// Where the size or the stride of an axis is.
    fn axis(&self, axis: usize, stride: bool) -> Range<usize> {
        let found = self.axes.iter().find(|(at, _, of)| (*at, *of) == (axis, stride));
        found.map_or(0..0, |(_, span, _)| span.clone())
    }
}

/// A request in one line.
pub(crate) fn one_line(request: &Request) -> String {
    Rendering::new(request, None).text
}

/// An index tuple as it would be typed.
pub(crate) fn subscript(index: &[usize]) -> String {
    let mut text = String::from("[");
    for (axis, cell) in index.iter().enumerate() {
        if index.len() > ENTRIES && axis >= ENTRIES / 2 && axis + 2 < index.len() {
            if axis == ENTRIES / 2 {
                text.push_str(",...");
            }
            continue;
        }
        let _ = write!(text, "{}{cell}", if axis > 0 { "," } else { "" });
    }
    text + "]"
}

/// The address of an index tuple, term by term: `0 + 3*24 + 2*16 = 104`.
fn sum(request: &Request, index: &[usize], address: &Int) -> String {
    if index.iter().all(|&cell| cell == 0) {
        return address.to_string();
    }
    let mut text = request.offset.to_string();
    let strides = request.strides_or_row_major();
    let mut terms = index.iter().zip(&strides).filter(|&(&cell, _)| cell > 0);
    for (cell, stride) in terms.by_ref().take(ENTRIES) {
        let _ = if stride.is_negative() {
            write!(text, " - {cell}*{}", stride.to_big().magnitude())
        } else {
            write!(text, " + {cell}*{stride}")
        };
    }
    if terms.next().is_some() {
        text.push_str(" + ...");
    }
    let _ = write!(text, " = {address}");
    text
}

/// "1 stride", "2 strides".
fn several(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What would be accepted in place of a view that leaves its buffer.
fn remedies(request: &Request, rejection: &Rejection) -> Vec<String> {
    let unit = request.unit;
    let mut remedies = Vec::new();
    if let Some(required) = &rejection.required_len {
        remedies.push(format!("a buffer of {} would be accepted", counted(required, unit)));
    }
    if request.is_empty() {
        let len = &request.buffer_len;
        remedies.push(format!("an offset of 0 to {len} would be accepted"));
        return remedies;
    }
    let Ok((shape, _)) = wide::count(&request.shape) else { return remedies };
    let (below, above) = wide::reaches(&shape, &request.strides_or_row_major());
    let span: BigInt = &below + &above + request.item().to_big();
    let highest = &below + request.buffer_len.to_big() - &span;
    remedies.push(if highest < below {
        format!(
            "no offset would do: the view spans {}, the buffer has {}",
            counted(&Int::from(span), unit),
            request.buffer_len
        )
    } else if highest == below {
        format!("an offset of {below} would be accepted")
    } else {
        format!("an offset of {below} to {highest} would be accepted")
    });
    remedies
}

/// Explains a refusal, with the failing term underlined and a picture; styled for a terminal.
#[must_use]
pub fn rejected(request: &Request, rejection: &Rejection) -> String {
    let rendering = Rendering::new(request, rejection.axis);
    let index = subscript(rejection.index.as_deref().unwrap_or_default());
    let address = rejection.address.clone().unwrap_or(Int::ZERO);
    let at = place(&address, request);
    let unit = request.unit;
    let stride_or_offset = || match rejection.axis {
        Some(axis) => rendering.axis(axis, true),
        None => rendering.offset.clone(),
    };
    let along = match rejection.axis {
        Some(axis) => format!("axis {axis} takes index {index} to {at}"),
        None => format!("index {index} is at {at} already"),
    };
    let mut context: Vec<(Range<usize>, String)> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    let leaves = || {
        let mut note = format!(
            "index {index} is at {}",
            sum(request, rejection.index.as_deref().unwrap_or_default(), &address)
        );
        if unit == Unit::Bytes && !request.itemsize.is_zero() {
            let end = address.to_big() + request.itemsize.to_big() - 1;
            let _ = write!(note, ", and takes bytes {address} to {end}");
        }
        note
    };
    let (title, span, label) = match &rejection.reason {
        Reason::RankMismatch { shape, strides } => {
            context.push((rendering.shape.clone(), several(*shape, "axis", "axes")));
            (
                "shape and strides differ in length".into(),
                rendering.strides.clone(),
                several(*strides, "stride", "strides"),
            )
        }
        Reason::OffsetPastEnd => {
            context.push((rendering.len.clone(), "the buffer ends here".into()));
            notes.push(
                "a view without elements still has a place: its offset is at most the length"
                    .into(),
            );
            (
                "the offset of an empty view lies past the end of the buffer".into(),
                rendering.offset.clone(),
                "past the end".into(),
            )
        }
        Reason::PastEnd => {
            notes.push(leaves());
            if rejection.required_len.is_none() {
                notes.push("the view also reaches before the start of the buffer".into());
            }
            (
                format!("index {index} reaches {at}, past the end of the buffer"),
                stride_or_offset(),
                along,
            )
        }
        Reason::BeforeStart { .. } => {
            notes.push(leaves());
            (
                format!("index {index} reaches {at}, before the start of the buffer"),
                stride_or_offset(),
                along,
            )
        }
        Reason::TooManyElements => {
            let axis = rejection.axis.unwrap_or(0);
            notes.push(format!("a view has at most {} elements, what isize can count", isize::MAX));
            (
                "the view has too many elements".into(),
                rendering.axis(axis, false),
                "with this axis".into(),
            )
        }
        Reason::Aliased { second } => {
            let other = wide::address(request, second);
            let second = subscript(second);
            notes.push(format!(
                "index {index} is at {at}, index {second} at {}",
                place(&other, request)
            ));
            notes.push("without --mutable, for reading only, the view would be accepted".into());
            (
                format!("indices {index} and {second} share memory in a mutable view"),
                rendering.strides.clone(),
                "these strides bring them together".into(),
            )
        }
        Reason::Undecided => {
            notes.push(format!(
                "--budget {} was not enough; a larger one may decide",
                request.budget
            ));
            (
                "it was not decided whether two indices share memory".into(),
                rendering.strides.clone(),
                "no quick test applies to these".into(),
            )
        }
        Reason::NotItemMultiple { bytes } => {
            let itemsize = &request.itemsize;
            if !itemsize.is_zero() {
                let (low, high) = neighbours(bytes, itemsize);
                notes.push(format!("the nearest multiples of {itemsize} are {low} and {high}"));
            }
            let what = if rejection.axis.is_some() { "a stride" } else { "the offset" };
            (
                format!("{what} is no whole number of items"),
                stride_or_offset(),
                format!("no multiple of {itemsize}"),
            )
        }
        Reason::Misaligned { excess, align } => {
            notes.push(format!("index {index} is at {at} of the buffer"));
            (
                format!("index {index} is not aligned to {align} bytes"),
                stride_or_offset(),
                format!("{excess} past a multiple of {align}"),
            )
        }
        Reason::NegativeDimension { .. } => match rejection.axis {
            Some(axis) => {
                ("a size is negative".into(), rendering.axis(axis, false), format!("axis {axis}"))
            }
            None => ("the itemsize is negative".into(), rendering.itemsize.clone(), String::new()),
        },
        Reason::NegativeOffset { what, .. } => {
            let (span, label) = if *what == "offset" {
                (rendering.offset.clone(), "counts from the buffer's start")
            } else {
                (rendering.len.clone(), "no buffer has fewer than none")
            };
            (format!("the {what} is negative"), span, label.into())
        }
        Reason::BadAlignment { .. } => {
            ("an alignment must be a power of two".into(), rendering.align.clone(), String::new())
        }
    };
    let helps = match rejection.reason {
        Reason::PastEnd | Reason::BeforeStart { .. } | Reason::OffsetPastEnd => {
            remedies(request, rejection)
        }
        _ => Vec::new(),
    };
    let primary = AnnotationKind::Primary.span(span);
    let snippet =
        Snippet::source(rendering.text.as_str())
            .annotation(if label.is_empty() { primary } else { primary.label(label) })
            .annotations(context.iter().map(|(span, label)| {
                AnnotationKind::Context.span(span.clone()).label(label.as_str())
            }));
    let code = rejection.reason.code();
    let title = Level::ERROR.primary_title(title).id(code);
    let report = [Group::with_title(title)
        .element(snippet)
        .elements(notes.into_iter().map(|note| Level::NOTE.message(note)))
        .elements(helps.into_iter().map(|help| Level::HELP.message(help)))];
    let mut text = Renderer::styled().render(&report);
    text.push('\n');
    if let Some(picture) = Picture::new(request, &Verdict::Rejected(rejection.clone())) {
        text.push('\n');
        text.push_str(&picture.to_text());
    }
    let _ = writeln!(text, "\nFor more, try `strideproof explain {code}`.");
    text
}

/// The multiples below and above a number.
fn neighbours(number: &Int, of: &Int) -> (BigInt, BigInt) {
    use num_integer::Integer;
    let low = number.to_big().div_floor(&of.to_big()) * of.to_big();
    let high = &low + of.to_big();
    (low, high)
}

/// Reports an accepted view, with a picture; styled for a terminal.
#[must_use]
pub fn accepted(request: &Request, accepted: &Accepted) -> String {
    let unit = request.unit;
    let rendering = Rendering::new(request, None);
    let good = anstyle::AnsiColor::Green.on_default().bold();
    let mut text = format!("{good}accepted{good:#}: {}\n", rendering.text);
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<12} {value}");
    };
    line(
        "count",
        format!("{} {}", accepted.count, if accepted.count == 1 { "index" } else { "indices" }),
    );
    match &accepted.extent {
        None => line("extent", "none: the view is empty".into()),
        Some((lowest, highest)) => {
            let mut extent = format!("{unit}s {lowest} to {highest}");
            if unit == Unit::Bytes {
                let _ = write!(extent, ", where items start");
            }
            line("extent", extent);
        }
    }
    line("required_len", counted(&accepted.required_len, unit));
    line(
        "unique",
        match &accepted.unique {
            Uniqueness::Unique => "yes: no two indices share memory".into(),
            Uniqueness::Aliased { first, second } => {
                format!("no: indices {} and {} share memory", subscript(first), subscript(second))
            }
            Uniqueness::Undecided => "not decided within the budget".into(),
        },
    );
    line("contiguous", if accepted.contiguous { "yes".into() } else { "no".into() });
    if !request.itemsize.is_one() || unit == Unit::Bytes {
        let nominal = counted(&accepted.nominal_bytes, Unit::Bytes);
        line(
            "occupies",
            match &accepted.real_bytes {
                Some(real) if *real == accepted.nominal_bytes => nominal,
                Some(real) => {
                    format!("{} (count times itemsize is {nominal})", counted(real, Unit::Bytes))
                }
                None => format!("fewer than {nominal} (not counted)"),
            },
        );
    }
    if let Some(picture) = Picture::new(request, &Verdict::Accepted(accepted.clone())) {
        text.push('\n');
        text.push_str(&picture.to_text());
    }
    text
}
