//! A chain of operations applied to a view.
//!
//! The library derives the layouts; what comes out is a request again, which is judged like any
//! other. So everything that is said about the result is found without the operations.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;
use serde_json::json;
use strideproof::{Error, LayoutDyn, Unit};

use crate::chain::{self, Action, Chain, SyntaxError};
use crate::decide::judge_resolved;
use crate::human::tuple;
use crate::request::{Resolved, signed, signed_stride, wide};
use crate::verdict::{Rejection, Verdict};

/// Why there is no derived view.
#[derive(Debug)]
pub enum Failure {
    /// The view that the chain begins with is refused.
    Start(Box<Rejection>),
    /// An operation is refused; the step counts from 0.
    Step {
        /// Which one.
        step: usize,
        /// Why.
        error: Box<Error>,
        /// The view it was applied to.
        parent: Box<Resolved>,
    },
}

/// The largest number of axes that a view in a chain may have, which is NumPy's: it bounds the time
/// that the operations take.
pub const MOST_AXES: usize = 64;

/// The view that is left after all operations, with the demands of the one they began with.
///
/// # Errors
/// [`Failure`].
pub fn derive(start: &Resolved, chain: &Chain) -> Result<Resolved, Failure> {
    if let Verdict::Rejected(rejection) = judge_resolved(&start.plain()) {
        return Err(Failure::Start(Box::new(rejection)));
    }
    let refused = |error: Error| Failure::Start(Box::new(error.into()));
    let mut grain = grain(start);
    let mut layout = layout(start, grain).map_err(refused)?;
    // What the layout does not say of the view: the buffer and the itemsize.
    let mut frame = start.clone();
    let mut view = resolved(&frame, &layout, grain).map_err(refused)?;
    for (step, each) in chain.steps.iter().enumerate() {
        let next = match &each.action {
            Action::Operation(operation) => layout.apply(operation),
            Action::Slice(entries) => chain::slice(&layout, entries, MOST_AXES),
            &Action::Reinterpret(itemsize, axis) => {
                reinterpret(&view, itemsize, axis).inspect(|_| {
                    grain = if view.unit == Unit::Bytes { itemsize } else { 1 };
                    let len = wide(frame.len).saturating_mul(wide(frame.itemsize));
                    let items = len.checked_div(wide(itemsize)).unwrap_or(0);
                    if view.unit == Unit::Elements {
                        frame.len = usize::try_from(items).unwrap_or(usize::MAX);
                    }
                    frame.itemsize = itemsize;
                })
            }
        };
        let next = next.and_then(|layout| Ok((resolved(&frame, &layout, grain)?, layout)));
        (view, layout) = next.map_err(|error| {
            let parent = Box::new(view.clone());
            Failure::Step { step, error: Box::new(error), parent }
        })?;
    }
    Ok(view)
}

/// The layout, in items, of the same bytes as items of another size.
fn reinterpret(view: &Resolved, itemsize: usize, axis: Option<isize>) -> Result<LayoutDyn, Error> {
    let (shape, strides) = (&view.shape[..], &view.strides[..]);
    let layout = match view.unit {
        Unit::Elements => LayoutDyn::new(shape, strides, view.offset, usize::MAX)?,
        Unit::Bytes => {
            LayoutDyn::from_bytes(shape, strides, view.offset, usize::MAX, view.itemsize)?
        }
    };
    let rank = shape.len();
    let number = axis.unwrap_or(-1);
    let from_start = if number < 0 { signed(rank) } else { 0 } + signed_stride(number);
    let axis = usize::try_from(from_start).ok().filter(|&axis| axis < rank);
    let axis = axis.ok_or(Error::BadAxis { axis: signed_stride(number), rank })?;
    layout.try_reinterpret_axis(axis, view.itemsize, itemsize)
}

/// The smallest length that takes every index that is not before the start, if it fits.
#[must_use]
pub fn smallest_len(view: &Resolved) -> usize {
    let above = if view.is_empty() { 0 } else { view.reaches().1 };
    let item = if view.is_empty() { 0 } else { signed(view.item()) };
    let end = signed(view.offset).saturating_add(above).saturating_add(item);
    usize::try_from(end).unwrap_or(usize::MAX)
}

/// How many units of the request a unit of the layout has: an item where offset and strides are
/// whole numbers of items, else one.
fn grain(view: &Resolved) -> usize {
    let item = view.item();
    let mut numbers = view.strides.iter().map(|stride| stride.unsigned_abs()).chain([view.offset]);
    let whole = |number: usize| number.checked_rem(item) == Some(0);
    if numbers.all(whole) { item } else { 1 }
}

/// The layout of a view in grains. Of an item of several grains only the first one counts.
fn layout(view: &Resolved, grain: usize) -> Result<LayoutDyn, Error> {
    let in_grains = |number: usize| number.checked_div(grain).unwrap_or(0);
    let strides = view.strides.iter().map(|&stride| {
        let stride = signed_stride(stride).checked_div(signed(grain)).unwrap_or(0);
        isize::try_from(stride).unwrap_or(0) // no larger than before
    });
    // The view is in its buffer, and what is derived reaches no further: any length does.
    let strides: Vec<isize> = strides.collect();
    LayoutDyn::new(&view.shape[..], strides, in_grains(view.offset), usize::MAX)
}

/// A layout in grains as a request like the one that it came from.
///
/// # Errors
/// [`RankTooLarge`](Error::RankTooLarge), and [`DoesNotFit`](Error::DoesNotFit) for a stride that is
/// used and does not fit in units.
fn resolved(start: &Resolved, layout: &LayoutDyn, grain: usize) -> Result<Resolved, Error> {
    let rank = layout.rank();
    if rank > MOST_AXES {
        return Err(Error::RankTooLarge { rank, limit: MOST_AXES });
    }
    let shape = layout.shape().to_vec();
    let empty = shape.contains(&0);
    let axes = layout.strides().iter().zip(&shape).enumerate();
    let strides = axes.map(|(axis, (&stride, &size))| {
        match isize::try_from(signed_stride(stride).saturating_mul(signed(grain))) {
            Ok(units) => Ok(units),
            Err(_) if empty || size == 1 => Ok(0),
            Err(_) => Err(Error::DoesNotFit { axis }),
        }
    });
    Ok(Resolved {
        strides: strides.collect::<Result<_, _>>()?,
        shape,
        offset: layout.offset().saturating_mul(grain),
        ..start.clone()
    })
}

/// The verdict on a derived view in JSON: schema 1 with `shape`, `strides` and `offset`, unless
/// the request did not fit 64 bits.
#[must_use]
pub fn verdict_json<'a>(view: Option<&'a Resolved>, verdict: &Verdict) -> Vec<u8> {
    #[derive(Serialize)]
    struct Place<'a> {
        shape: &'a [usize],
        strides: &'a [isize],
        offset: usize,
    }
    let place = |view: &'a Resolved| Place {
        shape: &view.shape,
        strides: &view.strides,
        offset: view.offset,
    };
    let mut out = Vec::new();
    verdict.write_with(view.map(place), None, &mut out);
    out
}

/// A refused operation in JSON: the fields of a rejection, and `step`, from 0.
#[must_use]
pub fn refusal_json(step: usize, error: &Error) -> Vec<u8> {
    let mut out = Vec::new();
    Verdict::Rejected((*error).into()).write_with(json!({ "step": step }), None, &mut out);
    out
}

/// The text with a mark in place of each control character of the second set (C1), which some
/// terminals obey as they do an escape sequence. Of the same length, so that places stay; the
/// other control characters are replaced where the text is shown.
fn harmless(text: &str) -> String {
    let mark = |c: char| if matches!(c, '\u{80}'..='\u{9f}') { '\u{bf}' } else { c };
    text.chars().map(mark).collect()
}

/// Reports a text that is no chain; styled for a terminal of so many characters a line.
#[must_use]
pub fn syntax_error(text: &str, error: &SyntaxError, width: usize) -> String {
    let text = harmless(text);
    let mark = AnnotationKind::Primary.span(error.span.clone());
    let report = [Group::with_title(Level::ERROR.primary_title(error.message.as_str()))
        .element(Snippet::source(text.as_str()).annotation(mark))];
    Renderer::styled().term_width(width).render(&report) + "\n"
}

/// Reports a refused operation; styled for a terminal of so many characters a line.
#[must_use]
pub fn refused(
    text: &str,
    chain: &Chain,
    step: usize,
    error: &Error,
    parent: &Resolved,
    width: usize,
) -> String {
    let (code, message, text) = (error.code(), error.to_string(), harmless(text));
    let span = chain.steps.get(step).map_or(0..text.len(), |step| step.span.clone());
    let (shape, strides) = (tuple(&parent.shape), tuple(&parent.strides));
    let unit = match parent.unit {
        Unit::Elements => "",
        Unit::Bytes => " bytes",
    };
    let label = format!("of shape {shape} with strides {strides}{unit}");
    let title = Level::ERROR.primary_title(message).id(code.as_str());
    // The label stands below the text where there is no room beside it.
    let fits = "1 | ".len() + span.end + 1 + label.len() <= width;
    let mark = AnnotationKind::Primary.span(span);
    let mark = if fits { mark.label(label.as_str()) } else { mark };
    let report = [Group::with_title(title)
        .element(Snippet::source(text.as_str()).annotation(mark))
        .elements((!fits).then(|| Level::NOTE.message(label.as_str())))];
    let report = Renderer::styled().term_width(width).render(&report);
    format!("{report}\n\nFor more, try `strideproof explain {code}`.\n")
}
