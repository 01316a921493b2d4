//! A chain of operations applied to a view.
//!
//! The library derives the layouts; what comes out is a request again, which is judged like any
//! other. So everything that is said about the result is found without the operations.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::Zero;
use strideproof::{LayoutDyn, Unit};

use crate::chain::{Chain, Refusal, SyntaxError};
use crate::decide::Judge;
use crate::int::Int;
use crate::request::{Mode, Request};
use crate::verdict::{Rejection, Verdict};
use crate::wide;

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
        refusal: Refusal,
        /// The view it was applied to.
        parent: Box<Request>,
    },
    /// The view cannot be handed to the operations: one sentence.
    Unsupported(String),
}

/// The view that is left after all operations, with the demands of the one they began with.
///
/// # Errors
/// [`Failure`].
pub fn derive(start: &Request, chain: &Chain) -> Result<Request, Failure> {
    let plain = Request { mode: Mode::ReadOnly, as_elements: false, align: None, ..start.clone() };
    if let Verdict::Rejected(rejection) = Judge::default().judge(&plain) {
        return Err(Failure::Start(Box::new(rejection)));
    }
    let (mut layout, grain) = layout(start)?;
    for (step, each) in chain.steps.iter().enumerate() {
        layout = each.operation.apply(&layout).map_err(|refusal| {
            let parent = Box::new(request(start, &layout, &grain));
            Failure::Step { step, refusal, parent }
        })?;
    }
    Ok(request(start, &layout, &grain))
}

/// The smallest length that takes every index that is not before the start.
#[must_use]
pub fn smallest_len(request: &Request) -> Int {
    let strides = request.strides_or_row_major();
    if request.is_empty() || request.shape.iter().any(Int::is_negative) {
        return request.offset.clone();
    }
    match wide::count(&request.shape) {
        Ok((shape, _)) => {
            let (_, above) = wide::reaches(&shape, &strides);
            let end = request.offset.to_big() + above + request.item().to_big();
            Int::from(end.max(BigInt::zero()))
        }
        Err(_) => Int::ZERO,
    }
}

/// A layout in grains, and how many units of the request a grain has: one item where everything is
/// a whole number of items, else one unit, and then only the first one of each item counts.
fn layout(request: &Request) -> Result<(LayoutDyn, BigInt), Failure> {
    let unsupported = |what: &str, number: &dyn std::fmt::Display| {
        Failure::Unsupported(format!("{what} {number} does not fit 64 bits, as operations need"))
    };
    let empty = request.is_empty();
    let item = request.item().to_big();
    let strides = request.strides_or_row_major();
    let whole = |number: &Int| number.to_big().is_multiple_of(&item);
    let in_items = !item.is_zero() && whole(&request.offset) && strides.iter().all(whole);
    let grain = if in_items { item.clone() } else { BigInt::from(1) };
    let in_grains = |number: &Int| Int::from(number.to_big() / &grain);

    let mut shape = Vec::new();
    for size in &request.shape {
        shape.push(size.to_usize().ok_or_else(|| unsupported("the size", size))?);
    }
    let mut counted = Vec::new();
    for (stride, &size) in strides.iter().zip(&shape) {
        counted.push(match in_grains(stride).to_isize() {
            Some(stride) => stride,
            // Never followed, whatever it is.
            None if empty || size == 1 => 0,
            None => return Err(unsupported("the stride", stride)),
        });
    }
    let offset = in_grains(&request.offset);
    let offset = offset.to_usize().ok_or_else(|| unsupported("the offset", &request.offset))?;
    let mut len = request.buffer_len.to_big().div_floor(&grain);
    if !in_items && !empty {
        // An item lies in the buffer exactly when its first unit is so far from the end.
        len = len - item + 1;
    }
    // A longer buffer takes the same views of 64 bits.
    let len = Int::from(len).to_usize().unwrap_or(usize::MAX);
    match LayoutDyn::new(&shape, &counted, offset, len) {
        Ok(layout) => Ok((layout, grain)),
        Err(error) => Err(Failure::Unsupported(format!("{}: {error}", error.code()))),
    }
}

/// A layout as a request like the one that its ancestor was.
fn request(start: &Request, layout: &LayoutDyn, grain: &BigInt) -> Request {
    Request {
        shape: layout.shape().iter().map(|&size| Int::from(size)).collect(),
        strides: Some(layout.strides().iter().map(|&stride| Int::from(grain * stride)).collect()),
        offset: Int::from(grain * layout.offset()),
        ..start.clone()
    }
}

/// The numbers of a view as further fields of its verdict in JSON, without the object's end.
fn write_numbers(request: &Request, out: &mut Vec<u8>) {
    let mut list = |name: &str, numbers: &[Int]| {
        out.extend_from_slice(format!(",\"{name}\":[").as_bytes());
        for (at, number) in numbers.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            number.write_to(out);
        }
        out.push(b']');
    };
    list("shape", &request.shape);
    list("strides", &request.strides_or_row_major());
    out.extend_from_slice(b",\"offset\":");
    request.offset.write_to(out);
}

/// The verdict on a derived view in JSON: schema 1 with `shape`, `strides` and `offset`.
#[must_use]
pub fn verdict_json(request: &Request, verdict: &Verdict) -> Vec<u8> {
    let mut out = Vec::new();
    verdict.write_json(request, None, &mut out);
    out.pop();
    write_numbers(request, &mut out);
    out.push(b'}');
    out
}

/// A refused operation in JSON: the fields of a rejection, and `step`, from 0.
#[must_use]
pub fn refusal_json(step: usize, refusal: &Refusal) -> Vec<u8> {
    let axis = refusal.axis.map_or("null".into(), |axis| axis.to_string());
    format!(
        "{{\"schema\":1,\"verdict\":\"rejected\",\"code\":\"{}\",\"reason\":\"{}\",\"axis\":{axis},\
         \"index\":null,\"address\":null,\"required_len\":null,\"message\":\"{}\",\"step\":{step}}}",
        refusal.code,
        refusal.reason,
        refusal.message,
    )
    .into_bytes()
}

/// The text with a mark in place of each control character of the second set (C1), which some
/// terminals obey as they do an escape sequence. Of the same length, so that places stay; the
/// other control characters are replaced where the text is shown.
fn harmless(text: &str) -> String {
    let mark = |c: char| if matches!(c, '\u{80}'..='\u{9f}') { '\u{bf}' } else { c };
    text.chars().map(mark).collect()
}

/// Reports a text that is no chain; styled for a terminal.
#[must_use]
pub fn syntax_error(text: &str, error: &SyntaxError) -> String {
    let text = harmless(text);
    let mark = AnnotationKind::Primary.span(error.span.clone());
    let report = [Group::with_title(Level::ERROR.primary_title(error.message.as_str()))
        .element(Snippet::source(text.as_str()).annotation(mark))];
    Renderer::styled().render(&report) + "\n"
}

/// Reports a refused operation; styled for a terminal.
#[must_use]
pub fn refused(
    text: &str,
    chain: &Chain,
    step: usize,
    refusal: &Refusal,
    parent: &Request,
) -> String {
    let (code, text) = (refusal.code, harmless(text));
    let span = chain.steps.get(step).map_or(0..text.len(), |step| step.span.clone());
    let shape = tuple(&parent.shape);
    let strides = tuple(&parent.strides_or_row_major());
    let unit = match parent.unit {
        Unit::Elements => "",
        Unit::Bytes => " bytes",
    };
    let label = format!("of shape {shape} with strides {strides}{unit}");
    let title = Level::ERROR.primary_title(refusal.message.as_str()).id(code);
    let mark = AnnotationKind::Primary.span(span).label(label);
    let report =
        [Group::with_title(title).element(Snippet::source(text.as_str()).annotation(mark))];
    let report = Renderer::styled().render(&report);
    format!("{report}\n\nFor more, try `strideproof explain {code}`.\n")
}

/// Numbers as Python writes a tuple.
fn tuple(numbers: &[Int]) -> String {
    let listed: Vec<String> = numbers.iter().map(Int::to_string).collect();
    format!("({}{})", listed.join(", "), if numbers.len() == 1 { "," } else { "" })
}
