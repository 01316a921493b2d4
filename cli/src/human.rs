//! Verdicts for people: what happened, where, and what would be accepted instead.

use std::fmt::{Display, Write as _};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use strideproof::overlap::Uniqueness;
use strideproof::{Error, Operand, Unit};

use crate::number::Number;
use crate::picture::Picture;
use crate::request::{Request, Resolved, signed};
use crate::verdict::{Accepted, Rejection, Verdict, counted};

/// Entries of a tuple that are shown before it is elided.
const ENTRIES: usize = 12;

/// Whether an entry of a long list is shown: those at the ends and around one place are.
fn is_shown(at: usize, len: usize, around: Option<usize>) -> bool {
    len <= ENTRIES
        || at < ENTRIES / 2
        || len - at <= 2
        || around.is_some_and(|around| at.abs_diff(around) <= 1)
}

/// Numbers as Python writes a tuple, of a long one the ends.
pub(crate) fn tuple(numbers: &[impl Display]) -> String {
    let mut text = String::new();
    write_tuple(&mut text, numbers, None, |_, _| {});
    text
}

/// Writes numbers as Python writes a tuple, of a long one the ends and those around one place;
/// reports where the shown ones are.
fn write_tuple(
    text: &mut String,
    numbers: &[impl Display],
    around: Option<usize>,
    mut shown: impl FnMut(usize, Range<usize>),
) {
    text.push('(');
    let mut elided = false;
    for (axis, number) in numbers.iter().enumerate() {
        if !is_shown(axis, numbers.len(), around) {
            text.push_str(if elided { "" } else { ", ..." });
            elided = true;
            continue;
        }
        elided = false;
        text.push_str(if axis > 0 { ", " } else { "" });
        let start = text.len();
        // Writing to a string cannot fail.
        let _ = write!(text, "{number}");
        shown(axis, start..text.len());
    }
    text.push_str(if numbers.len() == 1 { ",)" } else { ")" });
}

/// A request in one line of text, and where in it each of its numbers is.
#[derive(Default)]
struct Rendering {
    text: String,
    shape: Range<usize>,
    strides: Range<usize>,
    spans: Vec<(Operand, Range<usize>)>,
}

impl Rendering {
    /// Writes out `request`; of a long tuple only the ends and what is around `axis`.
    fn new(request: &Request, axis: Option<usize>) -> Self {
        let mut this = Self::default();
        let text = &mut this.text;
        let spans = &mut this.spans;
        text.push_str("shape ");
        let start = text.len();
        write_tuple(text, &request.shape, axis, |axis, span| {
            spans.push((Operand::Size { axis }, span));
        });
        this.shape = start..text.len();
        text.push_str(" strides ");
        let start = text.len();
        match &request.strides {
            Some(strides) => write_tuple(text, strides, axis, |axis, span| {
                spans.push((Operand::Stride { axis }, span));
            }),
            None => text.push_str("row-major"),
        }
        this.strides = start..text.len();
        let mut number = |before: &str, operand: Operand, number: String| {
            text.push_str(before);
            let start = text.len();
            text.push_str(&number);
            spans.push((operand, start..text.len()));
        };
        number(" offset ", Operand::Offset, request.offset.to_string());
        number(" in ", Operand::Len, counted(request.buffer_len, request.unit));
        if request.unit == Unit::Bytes || request.itemsize.to_usize().is_none() {
            number(", items of ", Operand::Itemsize, counted(request.itemsize, Unit::Bytes));
        }
        if let Some(align) = request.align {
            number(", aligned to ", Operand::Align, align.to_string());
        }
        if request.base_address != Number::ZERO {
            number(", at address ", Operand::BaseAddress, request.base_address.to_string());
        }
        this
    }

    /// Where a number is; the strides where it is a stride of row-major order.
    fn span(&self, operand: Operand) -> Range<usize> {
        let found = self.spans.iter().find(|(of, _)| *of == operand);
        found.map_or(self.strides.clone(), |(_, span)| span.clone())
    }

    /// Where the stride of an axis is, or the offset.
    fn stride_or_offset(&self, axis: Option<usize>) -> Range<usize> {
        self.span(axis.map_or(Operand::Offset, |axis| Operand::Stride { axis }))
    }
}

/// A request in one line.
pub(crate) fn one_line(request: &Request) -> String {
    Rendering::new(request, None).text
}

/// An index tuple as it would be typed, of a long one the ends.
pub(crate) fn subscript(index: &[usize]) -> String {
    let mut text = String::new();
    write_tuple(&mut text, index, None, |_, _| {});
    let entries = text.trim_matches(['(', ')']).trim_end_matches(',').replace(", ", ",");
    format!("[{entries}]")
}

/// The address of an index tuple, term by term: `0 + 3*24 + 2*16 = 104`.
fn sum(view: &Resolved, index: &[usize], address: i128) -> String {
    if index.iter().all(|&cell| cell == 0) {
        return address.to_string();
    }
    let mut text = view.offset.to_string();
    let mut terms = index.iter().zip(&view.strides).filter(|&(&cell, _)| cell > 0);
    for (cell, &stride) in terms.by_ref().take(ENTRIES) {
        let sign = if stride < 0 { '-' } else { '+' };
        let _ = write!(text, " {sign} {cell}*{}", stride.unsigned_abs());
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

/// Which offsets would be accepted in place of that of a view that leaves its buffer.
fn accepted_offsets(view: &Resolved) -> String {
    if view.is_empty() {
        return format!("an offset of 0 to {} would be accepted", view.len);
    }
    let (below, above) = view.reaches();
    let span = below.saturating_add(above).saturating_add(signed(view.item()));
    let highest = signed(view.len).saturating_sub(span).saturating_add(below);
    if highest < below {
        format!(
            "no offset would be accepted: the view spans {}, the buffer has {}",
            counted(span, view.unit),
            view.len
        )
    } else if highest == below {
        format!("an offset of {below} would be accepted")
    } else {
        format!("an offset of {below} to {highest} would be accepted")
    }
}

/// What is underlined of a refused request, and what is said of it and below it.
struct Remarks {
    span: Range<usize>,
    label: String,
    context: Option<(Range<usize>, String)>,
    notes: Vec<String>,
    help: Option<String>,
}

/// The remarks on a refusal. Addresses and offsets that would be accepted need a view in 64 bits.
fn remarks(rendering: &Rendering, view: Option<&Resolved>, rejection: &Rejection) -> Remarks {
    let (mut context, mut notes) = (None, Vec::new());
    let index = rejection.index.as_deref().unwrap_or_default();
    let address = rejection.address.unwrap_or(0);
    let unit = view.map_or(Unit::Elements, |view| view.unit);
    let at = format!("index {} is at {unit} {address}", subscript(index));
    let (span, label) = match *rejection.error {
        Error::RankMismatch { shape, strides } => {
            context = Some((rendering.shape.clone(), several(shape, "axis", "axes")));
            (rendering.strides.clone(), several(strides, "stride", "strides"))
        }
        Error::PastEnd { .. } | Error::BeforeStart { .. } => {
            let axis = rejection.error.axis();
            if let Some(view) = view {
                let sum = sum(view, index, address);
                let mut note = format!("index {} is at {sum}", subscript(index));
                if unit == Unit::Bytes && view.itemsize > 0 {
                    let end = address.saturating_add(signed(view.itemsize)).saturating_sub(1);
                    let _ = write!(note, ", and takes bytes {address} to {end}");
                }
                notes.push(note);
            }
            let label = match axis {
                Some(axis) => {
                    format!("axis {axis} takes index {} to {unit} {address}", subscript(index))
                }
                None => format!("{at} already"),
            };
            (rendering.stride_or_offset(axis), label)
        }
        Error::OffsetPastEnd { .. } => {
            context = Some((rendering.span(Operand::Len), "the buffer ends here".into()));
            (rendering.span(Operand::Offset), "past the end".into())
        }
        Error::TooManyElements { axis } => {
            (rendering.span(Operand::Size { axis }), "with this axis".into())
        }
        Error::NotItemMultiple { operand, bytes, itemsize } => {
            if let Some(below) = bytes.checked_rem_euclid(signed(itemsize)) {
                let low = bytes.saturating_sub(below);
                let high = low.saturating_add(signed(itemsize));
                notes.push(format!("the nearest multiples of {itemsize} are {low} and {high}"));
            }
            (rendering.span(operand), format!("no multiple of {itemsize}"))
        }
        Error::Misaligned { axis, excess, align } => {
            notes.push(format!("{at} of the buffer"));
            (rendering.stride_or_offset(axis), format!("{excess} past a multiple of {align}"))
        }
        Error::NegativeDimension { operand, .. } | Error::NegativeOffset { operand, .. } => {
            (rendering.span(operand), String::new())
        }
        Error::NumberTooLarge { operand, .. } => {
            (rendering.span(operand), format!("does not fit {} bits", usize::BITS))
        }
        Error::BadAlignment { .. } => (rendering.span(Operand::Align), String::new()),
        Error::Aliased { .. } => {
            let second = rejection.second.as_deref().unwrap_or_default();
            let other = view.map_or(0, |view| view.address(second));
            notes.push(format!("{at}, index {} at {unit} {other}", subscript(second)));
            notes.push("without --mutable, for reading only, the view would be accepted".into());
            (rendering.strides.clone(), "these strides bring them together".into())
        }
        Error::Undecided => {
            let budget = view.map_or(0, |view| view.budget);
            notes.push(format!("--budget {budget} was not enough; a larger one may decide"));
            (rendering.strides.clone(), "no quick test applies to these".into())
        }
        _ => (rendering.strides.clone(), String::new()),
    };
    let moved = matches!(
        *rejection.error,
        Error::PastEnd { .. } | Error::BeforeStart { .. } | Error::OffsetPastEnd { .. }
    );
    let help = view.filter(|_| moved).map(accepted_offsets);
    Remarks { span, label, context, notes, help }
}

/// Explains a refusal, with the failing term underlined and a picture; styled for a terminal.
#[must_use]
pub fn rejected(request: &Request, view: Option<&Resolved>, rejection: &Rejection) -> String {
    let axis = rejection.error.axis();
    let rendering = match view {
        Some(view) => Rendering::new(&view.into(), axis),
        None => Rendering::new(request, axis),
    };
    let Remarks { span, label, context, notes, help } = remarks(&rendering, view, rejection);
    let primary = AnnotationKind::Primary.span(span);
    let snippet = Snippet::source(rendering.text.as_str())
        .annotation(if label.is_empty() { primary } else { primary.label(label) })
        .annotations(context.map(|(span, label)| AnnotationKind::Context.span(span).label(label)));
    let code = rejection.error.code();
    let title = Level::ERROR.primary_title(rejection.error.to_string()).id(code.as_str());
    let report = [Group::with_title(title)
        .element(snippet)
        .elements(notes.into_iter().map(|note| Level::NOTE.message(note)))
        .elements(help.map(|help| Level::HELP.message(help)))];
    let mut text = Renderer::styled().render(&report);
    text.push('\n');
    let picture = view.and_then(|view| Picture::new(view, &Verdict::Rejected(rejection.clone())));
    if let Some(picture) = picture {
        text.push('\n');
        text.push_str(&picture.to_text());
    }
    let _ = writeln!(text, "\nFor more, try `strideproof explain {code}`.");
    text
}

/// Reports an accepted view, with a picture; styled for a terminal.
#[must_use]
pub fn accepted(view: &Resolved, accepted: &Accepted) -> String {
    let unit = view.unit;
    let good = anstyle::AnsiColor::Green.on_default().bold();
    let mut text = format!("{good}accepted{good:#}: {}\n", one_line(&view.into()));
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<12} {value}");
    };
    line("count", several(accepted.count, "index", "indices"));
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
    line("required_len", counted(accepted.required_len, unit));
    line(
        "unique",
        match &accepted.unique {
            Uniqueness::Unique => "yes: no two indices share memory".into(),
            Uniqueness::Aliased { first, second } => {
                format!("no: indices {} and {} share memory", subscript(first), subscript(second))
            }
            _ => "not decided within the budget".into(),
        },
    );
    line("contiguous", if accepted.contiguous { "yes".into() } else { "no".into() });
    if view.itemsize != 1 || unit == Unit::Bytes {
        let nominal = counted(accepted.nominal_bytes, Unit::Bytes);
        line(
            "occupies",
            match accepted.distinct_bytes {
                Some(real) if real == accepted.nominal_bytes => nominal,
                Some(real) => {
                    format!("{} (count times itemsize is {nominal})", counted(real, Unit::Bytes))
                }
                None => format!("fewer than {nominal} (not counted)"),
            },
        );
    }
    if let Some(picture) = Picture::new(view, &Verdict::Accepted(accepted.clone())) {
        text.push('\n');
        text.push_str(&picture.to_text());
    }
    text
}
