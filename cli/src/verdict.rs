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

use strideproof::overlap::Uniqueness;
use strideproof::{Error, Unit};

use crate::request::{Resolved, signed};

/// Appends one field of an object, after its comma.
macro_rules! field {
    ($out:expr, $name:literal) => {
        $out.extend_from_slice(concat!(",\"", $name, "\":").as_bytes())
    };
}

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
        let mut out = br#"{"schema":1,"verdict":"span","count":"#.to_vec();
        write_number(&mut out, self.accepted.count);
        field!(out, "lowest");
        write_optional(&mut out, self.extent().map(|(lowest, _)| lowest));
        field!(out, "highest");
        write_optional(&mut out, self.extent().map(|(_, highest)| highest));
        field!(out, "required_len");
        write_optional(&mut out, self.required_len());
        field!(out, "required_offset");
        write_number(&mut out, self.required_offset);
        self.accepted.write_facts(&mut out);
        out.extend_from_slice(format!(",\"unit\":\"{unit}s\"}}").as_bytes());
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

fn write_number(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn write_optional(out: &mut Vec<u8>, value: Option<impl itoa::Integer>) {
    match value {
        Some(value) => write_number(out, value),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends numbers as an array.
pub(crate) fn write_list<N: itoa::Integer + Copy>(out: &mut Vec<u8>, list: Option<&[N]>) {
    let Some(list) = list else {
        out.extend_from_slice(b"null");
        return;
    };
    out.push(b'[');
    for (at, &number) in list.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_number(out, number);
    }
    out.push(b']');
}

impl Verdict {
    /// Whether the request is accepted.
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// The verdict as [`write_json`](Self::write_json) writes it.
    #[must_use]
    pub fn to_json(&self, id: Option<&str>) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_json(id, &mut out);
        out
    }

    /// Appends the verdict as one JSON object on one line, without the line's end.
    ///
    /// Fields are in a fixed order, and `id`, which must be JSON, is echoed last.
    pub fn write_json(&self, id: Option<&str>, out: &mut Vec<u8>) {
        match self {
            Self::Accepted(accepted) => accepted.write_json(out),
            Self::Rejected(rejection) => rejection.write_json(out),
        }
        write_id(out, id);
        out.push(b'}');
    }
}

/// Appends the echoed `id`.
pub(crate) fn write_id(out: &mut Vec<u8>, id: Option<&str>) {
    if let Some(id) = id {
        field!(out, "id");
        out.extend_from_slice(id.as_bytes());
    }
}

impl Accepted {
    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"schema":1,"verdict":"accepted","count":"#);
        write_number(out, self.count);
        field!(out, "lowest");
        write_optional(out, self.extent.map(|(lowest, _)| lowest));
        field!(out, "highest");
        write_optional(out, self.extent.map(|(_, highest)| highest));
        field!(out, "required_len");
        write_number(out, self.required_len);
        self.write_facts(out);
    }

    /// Appends what is known besides the addresses.
    fn write_facts(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(match &self.unique {
            Uniqueness::Unique => br#","unique":true,"contiguous":"#,
            Uniqueness::Aliased { .. } => br#","unique":false,"contiguous":"#,
            _ => br#","unique":null,"contiguous":"#,
        });
        out.extend_from_slice(if self.contiguous { b"true" } else { b"false" });
        field!(out, "nominal_bytes");
        write_number(out, self.nominal_bytes);
        field!(out, "distinct_bytes");
        write_optional(out, self.distinct_bytes);
    }
}

impl Rejection {
    fn write_json(&self, out: &mut Vec<u8>) {
        let code = self.error.code();
        out.extend_from_slice(br#"{"schema":1,"verdict":"rejected","code":""#);
        out.extend_from_slice(code.as_str().as_bytes());
        out.extend_from_slice(br#"","reason":""#);
        out.extend_from_slice(code.word().as_bytes());
        out.extend_from_slice(br#"","axis":"#);
        write_optional(out, self.error.axis());
        field!(out, "index");
        write_list(out, self.index.as_deref());
        field!(out, "address");
        write_optional(out, self.address);
        field!(out, "required_len");
        write_optional(out, self.error.required_len());
        out.extend_from_slice(br#","message":""#);
        // Built from numbers and plain words only: nothing in it needs escaping.
        out.extend_from_slice(self.error.to_string().as_bytes());
        out.push(b'"');
        if let Some(second) = self.second.as_deref() {
            field!(out, "first");
            write_list(out, self.index.as_deref());
            field!(out, "second");
            write_list(out, Some(second));
            field!(out, "other_index");
            write_list(out, Some(second));
        }
    }
}
