//! Verdicts for people: what happened, where, and what would be accepted instead.

use std::fmt::{Display, Write as _};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use strideproof::overlap::Uniqueness;
use strideproof::{Error, Operand, Unit};

use crate::number::Number;
use crate::picture::Picture;
use crate::request::{Request, Resolved, signed};
use crate::verdict::{Accepted, Rejection, Span, Verdict, counted};

/// The styles of what is accepted and what is not.
pub(crate) const GOOD: anstyle::Style = anstyle::AnsiColor::Green.on_default().bold();
pub(crate) const BAD: anstyle::Style = anstyle::AnsiColor::Red.on_default().bold();

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

/// A request as text, and where in it each of its numbers is.
#[derive(Default)]
struct Rendering {
    text: String,
    shape: Range<usize>,
    strides: Range<usize>,
    spans: Vec<(Operand, Range<usize>)>,
}

impl Rendering {
    /// Writes out `request` on one line; of a long tuple only the ends and what is around `axis`. Of its
    /// buffer only the unit unless it is `in_buffer`.
    fn new(request: &Request, axis: Option<usize>, in_buffer: bool) -> Self {
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
        let len = if in_buffer {
            counted(request.buffer_len, request.unit)
        } else {
            format!("{}s", request.unit)
        };
        number(" in ", Operand::Len, len);
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

    /// Breaks the text into lines of at most `width` characters where it has spaces. No place moves.
    fn wrap(&mut self, width: usize) {
        let (mut line, mut space) = (0, None);
        let mut text: Vec<char> = self.text.chars().collect();
        for at in 0..=text.len() {
            // A word that is a name stays with what follows it.
            let is_space = text.get(at).is_none_or(|&c| c == ' ');
            if !is_space {
                continue;
            }
            if at - line > width {
                if let Some(space) = space.take() {
                    text[space] = '\n';
                    line = space + 1;
                }
            }
            if at.checked_sub(1).is_some_and(|before| !text[before].is_ascii_lowercase()) {
                space = Some(at);
            }
        }
        self.text = text.into_iter().collect();
    }

    /// The column after a place, on its line.
    fn column(&self, span: &Range<usize>) -> usize {
        let before = self.text.get(..span.end).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default().len()
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

/// A request on one line.
pub(crate) fn one_line(request: &Request, in_buffer: bool) -> String {
    Rendering::new(request, None, in_buffer).text
}

/// A request on as many lines as it takes, the first of which is `used` already.
fn wrapped(request: &Request, in_buffer: bool, used: usize, width: usize) -> String {
    let mut rendering = Rendering::new(request, None, in_buffer);
    rendering.text.insert_str(0, &"x".repeat(used));
    rendering.wrap(width);
    rendering.text.get(used..).unwrap_or_default().replace('\n', "\n  ")
}

/// An index as the library writes it, of a long one the ends.
pub(crate) fn subscript(index: &[usize]) -> String {
    let tuple = tuple(index);
    let entries = tuple.trim_matches(['(', ')']).trim_end_matches(',');
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
        return format!("an offset of 0 to {} would be accepted", counted(view.len, view.unit));
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
        format!("an offset of {} would be accepted", counted(below, view.unit))
    } else {
        format!("an offset of {below} to {} would be accepted", counted(highest, view.unit))
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
        Error::Misaligned { axis, align, .. } => {
            notes.push(format!("{at} of the buffer"));
            (rendering.stride_or_offset(axis), format!("no multiple of {align}"))
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

/// What `draw` says of a verdict, on a line; styled for a terminal.
#[must_use]
pub fn headline(view: &Resolved, verdict: &Verdict, width: usize) -> String {
    match verdict {
        Verdict::Accepted(_) => accepted_line(view, width),
        Verdict::Rejected(rejection) => {
            format!("{BAD}rejected{BAD:#}: {}: {}\n", rejection.error.code(), rejection.error)
        }
    }
}

fn accepted_line(view: &Resolved, width: usize) -> String {
    let before = "accepted: ".len();
    format!("{GOOD}accepted{GOOD:#}: {}\n", wrapped(&view.into(), true, before, width))
}

/// Explains a refusal, with the failing term underlined and a picture; styled for a terminal of so many
/// characters a line. Of a view without a buffer no length is shown, and no picture.
#[must_use]
pub fn rejected(
    request: &Request,
    view: Option<&Resolved>,
    rejection: &Rejection,
    in_buffer: bool,
    width: usize,
) -> String {
    let axis = rejection.error.axis();
    let mut rendering = match view {
        Some(view) => Rendering::new(&view.into(), axis, in_buffer),
        None => Rendering::new(request, axis, in_buffer),
    };
    // The number of a line stands before it.
    let room = width.saturating_sub("1 | ".len());
    rendering.wrap(room);
    let Remarks { span, mut label, mut context, mut notes, help } =
        remarks(&rendering, view, rejection);
    // A label without room stands below.
    let labels = context.iter_mut().map(|(span, label)| (&*span, label));
    for (span, label) in labels.chain([(&span, &mut label)]) {
        if rendering.column(span) + 1 + label.len() > room && !label.is_empty() {
            notes.insert(0, std::mem::take(label));
        }
    }
    let primary = AnnotationKind::Primary.span(span);
    let snippet = Snippet::source(rendering.text.as_str())
        .annotation(if label.is_empty() { primary } else { primary.label(label) })
        .annotations(context.map(|(span, label)| {
            let context = AnnotationKind::Context.span(span);
            if label.is_empty() { context } else { context.label(label) }
        }));
    let code = rejection.error.code();
    let title = Level::ERROR.primary_title(rejection.error.to_string()).id(code.as_str());
    let report = [Group::with_title(title)
        .element(snippet)
        .elements(notes.into_iter().map(|note| Level::NOTE.message(note)))
        .elements(help.map(|help| Level::HELP.message(help)))];
    let mut text = Renderer::styled().term_width(width).render(&report);
    text.push('\n');
    let verdict = Verdict::Rejected(rejection.clone());
    let view = view.filter(|_| in_buffer);
    if let Some(picture) = view.and_then(|view| Picture::fitting(view, &verdict, width)) {
        text.push('\n');
        text.push_str(&picture.to_text(width));
    }
    let _ = writeln!(text, "\nFor more, try `strideproof explain {code}`.");
    text
}

/// Reports an accepted view, with a picture; styled for a terminal of so many characters a line.
#[must_use]
pub fn accepted(view: &Resolved, accepted: &Accepted, width: usize) -> String {
    let extent = accepted.extent.map(|(lowest, highest)| (signed(lowest), signed(highest)));
    let needs = ("required_len", counted(accepted.required_len, view.unit));
    let mut text = accepted_line(view, width) + &facts(view, accepted, extent, needs);
    if let Some(picture) = Picture::fitting(view, &Verdict::Accepted(accepted.clone()), width) {
        text.push('\n');
        text.push_str(&picture.to_text(width));
    }
    text
}

/// Reports the span of a view of which no buffer is known; styled for a terminal of so many characters
/// a line.
#[must_use]
pub fn spanned(view: &Resolved, span: &Span, width: usize) -> String {
    let unit = view.unit;
    let needs = match span.extent() {
        Some((lowest, highest)) => {
            let last = highest.saturating_add(signed(view.item())).saturating_sub(1);
            let all = format!("{unit}s {lowest} to {last}");
            match span.required_len() {
                Some(len) => format!("{all}: a buffer of at least {}", counted(len, unit)),
                None => {
                    format!("{all}: an offset of at least {}", counted(span.required_offset, unit))
                }
            }
        }
        None => format!("a buffer of at least {}", counted(span.accepted.required_len, unit)),
    };
    let line = wrapped(&view.into(), false, "spans: ".len(), width);
    let facts = facts(view, &span.accepted, span.extent(), ("needs", needs));
    format!("{GOOD}spans{GOOD:#}: {line}\n{facts}")
}

/// What is known of an accepted view, a line each: where items start, and what is needed of a buffer.
fn facts(
    view: &Resolved,
    accepted: &Accepted,
    extent: Option<(i128, i128)>,
    needs: (&str, String),
) -> String {
    let unit = view.unit;
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<12} {value}");
    };
    line("count", several(accepted.count, "index", "indices"));
    match extent {
        None => line("extent", "none: the view is empty".into()),
        Some((lowest, highest)) => {
            let mut extent = format!("{unit}s {lowest} to {highest}");
            if unit == Unit::Bytes {
                let _ = write!(extent, ", where items start");
            }
            line("extent", extent);
        }
    }
    line(needs.0, needs.1);
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
    text
}
