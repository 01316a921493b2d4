//! What is answered: a verdict, its one-line message and its JSON.
//!
//! # Schema 1
//!
//! One object; integers are exact, also beyond 64 bits; fields come in this order, and what does
//! not apply is null. Addresses and lengths are in the request's unit, and an address says where an item
//! starts. Fields may be added after these, before `id`.
//!
//! - Accepted: `schema`, `verdict`, `count`, `lowest` and `highest` (null for an empty view),
//!   `required_len`, `unique` (null if the search ran out of budget), `contiguous` (row-major
//!   without gaps); then `nominal_bytes` (count times itemsize) and `distinct_bytes` (those that some
//!   item lies on; null if not counted).
//! - Rejected: `schema`, `verdict`, `code`, `reason`, `axis`, `index`, `address`, `required_len`,
//!   `message` (which names at most 8 entries of an index); when aliased also `first` (which is
//!   `index`), `second` and `other_index` (which are the same).
//! - Span, of a view of which no buffer is known: as accepted, and `required_offset` after
//!   `required_len`; last `unit`, which is `"elements"` or `"bytes"`. `lowest` and `highest` are negative
//!   where the offset is too small, and then `required_len` is null.
//! - Error, for a line that is no request: `schema`, `verdict`, `line` (from 1), `message`.
//!
//! Last comes the `id` of a request that had one.

use std::fmt::Display;

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use strideproof::overlap::Uniqueness;
use strideproof::{Error, Unit};

use crate::request::{Resolved, signed};

/// The decision on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every index stays in the buffer, and every further demand is met.
    Accepted(Accepted),
    /// Something does not hold, and here is the proof.
    Rejected(Rejection),
}

/// What an accepted view touches. Addresses say where items start, in the request's unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The number of indices.
    pub count: usize,
    /// The lowest and the highest address; `None` for an empty view.
    pub extent: Option<(usize, usize)>,
    /// The smallest buffer length that would be accepted.
    pub required_len: usize,
    /// Whether no two indices share memory.
    pub unique: Uniqueness<Vec<usize>>,
    /// Whether the items lie in row-major order without gaps.
    pub contiguous: bool,
    /// The number of indices times the itemsize.
    pub nominal_bytes: u128,
    /// The bytes that some item lies on, each counted once; `None` if they were not counted.
    pub distinct_bytes: Option<u128>,
}

/// What a view touches of which no buffer is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it touches at an offset that is larger by `room`.
    pub accepted: Accepted,
    /// 0 unless the view reaches before the start.
    pub room: i128,
    /// The smallest offset that any buffer accepts.
    pub required_offset: i128,
}

impl Span {
    /// The lowest and the highest address; `None` for an empty view.
    #[must_use]
    pub fn extent(&self) -> Option<(i128, i128)> {
        let moved = |address| signed(address).saturating_sub(self.room);
        self.accepted.extent.map(|(lowest, highest)| (moved(lowest), moved(highest)))
    }

    /// The smallest buffer length that takes the view at its offset, if any does.
    #[must_use]
    pub fn required_len(&self) -> Option<usize> {
        (self.room == 0).then_some(self.accepted.required_len)
    }

    /// The span of a view in this unit as one JSON object on one line, without the line's end.
    #[must_use]
    pub fn to_json(&self, unit: Unit) -> Vec<u8> {
        let facts = Facts {
            required_len: self.required_len(),
            required_offset: Some(self.required_offset),
            ..self.accepted.facts(self.extent())
        };
        let mut out = Vec::new();
        write_line(&mut out, "span", facts, json!({ "unit": format!("{unit}s") }), None);
        out
    }
}

/// The library's refusal, and its witness at any rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What does not hold.
    pub error: Box<Error>,
    /// An index tuple that shows it.
    pub index: Option<Vec<usize>>,
    /// The address of that tuple, in the request's unit.
    pub address: Option<i128>,
    /// The other index tuple of two that share memory.
    pub second: Option<Vec<usize>>,
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Self { error: Box::new(error), index: None, address: None, second: None }
    }
}

impl Rejection {
    /// The refusal of a view that leaves its buffer, with the whole index tuple.
    pub(crate) fn of_view(error: Error, view: &Resolved) -> Self {
        let axes = || view.shape.iter().zip(&view.strides).enumerate();
        let index = error.witness().map(|witness| {
            axes().map(|(axis, (&size, &stride))| witness.index_on(axis, size, stride)).collect()
        });
        Self { index, address: error.witness().map(|witness| witness.address), ..error.into() }
    }
}

/// "1 byte", "2 bytes".
pub(crate) fn counted(number: impl Display, unit: Unit) -> String {
    let number = number.to_string();
    format!("{number} {unit}{}", if number == "1" { "" } else { "s" })
}

/// Appends one object on one line, without the line's end: schema 1, what is said and more of it, and the
/// echoed `id`.
pub(crate) fn write_line(
    out: &mut Vec<u8>,
    verdict: &str,
    said: impl Serialize,
    more: impl Serialize,
    id: Option<&RawValue>,
) {
    #[derive(Serialize)]
    struct Line<'a, S, M> {
        schema: u8,
        verdict: &'a str,
        #[serde(flatten)]
        said: S,
        #[serde(flatten)]
        more: M,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a RawValue>,
    }
    // Writing numbers and text to memory cannot fail.
    let _ = serde_json::to_writer(out, &Line { schema: 1, verdict, said, more, id });
}

/// What is written of an accepted view or of a span.
#[derive(Serialize)]
struct Facts {
    count: usize,
    lowest: Option<i128>,
    highest: Option<i128>,
    required_len: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_offset: Option<i128>,
    unique: Option<bool>,
    contiguous: bool,
    nominal_bytes: u128,
    distinct_bytes: Option<u128>,
}

impl Accepted {
    /// Its facts, of items that start at these addresses.
    fn facts(&self, extent: Option<(i128, i128)>) -> Facts {
        Facts {
            count: self.count,
            lowest: extent.map(|(lowest, _)| lowest),
            highest: extent.map(|(_, highest)| highest),
            required_len: Some(self.required_len),
            required_offset: None,
            unique: match &self.unique {
                Uniqueness::Unique => Some(true),
                Uniqueness::Aliased { .. } => Some(false),
                _ => None,
            },
            contiguous: self.contiguous,
            nominal_bytes: self.nominal_bytes,
            distinct_bytes: self.distinct_bytes,
        }
    }
}

/// What is written of a refusal.
#[derive(Serialize)]
struct Refusal<'a> {
    code: &'a str,
    reason: &'a str,
    axis: Option<usize>,
    index: Option<&'a [usize]>,
    address: Option<i128>,
    required_len: Option<u128>,
    message: String,
    #[serde(flatten)]
    pair: Option<Pair<'a>>,
}

/// Two indices that share memory.
#[derive(Serialize)]
struct Pair<'a> {
    first: Option<&'a [usize]>,
    second: &'a [usize],
    other_index: &'a [usize],
}

impl Rejection {
    fn refusal(&self) -> Refusal<'_> {
        let (code, index) = (self.error.code(), self.index.as_deref());
        let second = self.second.as_deref();
        Refusal {
            code: code.as_str(),
            reason: code.word(),
            axis: self.error.axis(),
            index,
            address: self.address,
            required_len: self.error.required_len(),
            message: self.error.to_string(),
            pair: second.map(|second| Pair { first: index, second, other_index: second }),
        }
    }
}

impl Verdict {
    /// Whether the request is accepted.
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// The verdict as one JSON object on one line, without the line's end: fields in a fixed order, and
    /// `id` last.
    #[must_use]
    pub fn to_json(&self, id: Option<&RawValue>) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_with((), id, &mut out);
        out
    }

    /// Appends the verdict as [`to_json`](Self::to_json) has it, with more fields before `id`.
    pub(crate) fn write_with(
        &self,
        more: impl Serialize,
        id: Option<&RawValue>,
        out: &mut Vec<u8>,
    ) {
        match self {
            Self::Accepted(accepted) => {
                let extent = accepted.extent.map(|(low, high)| (signed(low), signed(high)));
                write_line(out, "accepted", accepted.facts(extent), more, id);
            }
            Self::Rejected(rejection) => {
                write_line(out, "rejected", rejection.refusal(), more, id);
            }
        }
    }
}
