//! What is answered: a verdict, its one-line message and its JSON.
//!
//! # Schema 1
//!
//! One object; integers are exact at any size, fields come in this order, and what does not apply
//! is null. Addresses and lengths are in the request's unit, and an address says where an item
//! starts. Fields may be added after these, before `id`.
//!
//! - Accepted: `schema`, `verdict`, `count`, `lowest` and `highest` (null for an empty view),
//!   `required_len`, `unique` (null if the search ran out of budget), `contiguous` (row-major
//!   without gaps); then `nominal_bytes` (count times itemsize) and `real_bytes` (those that some
//!   item lies on; null if not counted).
//! - Rejected: `schema`, `verdict`, `code`, `reason`, `axis`, `index`, `address`, `required_len`,
//!   `message`; when aliased also `first` (which is `index`), `second` and `other_index` (which
//!   are the same).
//! - Error, for a line that is no request: `schema`, `verdict`, `line` (from 1), `message`.
//!
//! Last comes the `id` of a request that had one.

use std::fmt::Write as _;

use strideproof::Unit;

use crate::int::Int;
use crate::request::Request;

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
    pub extent: Option<(Int, Int)>,
    /// The smallest buffer length that would be accepted.
    pub required_len: Int,
    /// Whether no two indices share memory.
    pub unique: Uniqueness,
    /// Whether the items lie in row-major order without gaps.
    pub contiguous: bool,
    /// The number of indices times the itemsize.
    pub nominal_bytes: Int,
    /// The bytes that some item lies on, each counted once; `None` if they were not counted.
    pub real_bytes: Option<Int>,
}

/// Whether two indices of a view share memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// None do.
    Unique,
    /// These two do.
    Aliased {
        /// An index tuple.
        first: Vec<usize>,
        /// Another one.
        second: Vec<usize>,
    },
    /// The budget ran out before this was known.
    Undecided,
}

/// A refusal and its witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What does not hold.
    pub reason: Reason,
    /// The axis along which it does not.
    pub axis: Option<usize>,
    /// An index tuple that shows it.
    pub index: Option<Vec<usize>>,
    /// The address of that tuple, in the request's unit.
    pub address: Option<Int>,
    /// The smallest buffer length that would be accepted, if any length would.
    pub required_len: Option<Int>,
}

/// Why a request is refused. Each reason has the code of the library's error of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Shape and strides differ in length.
    RankMismatch {
        /// The number of sizes.
        shape: usize,
        /// The number of strides.
        strides: usize,
    },
    /// The view is empty, and its offset lies past the end.
    OffsetPastEnd,
    /// An index reaches past the end.
    PastEnd,
    /// An index reaches before the start.
    BeforeStart {
        /// The smallest offset that keeps every index from it.
        required_offset: Int,
    },
    /// More indices than `isize::MAX`.
    TooManyElements,
    /// A view to write through has two indices that share memory.
    Aliased {
        /// The other of the two.
        second: Vec<usize>,
    },
    /// Whether a view to write through has two such indices was not decided.
    Undecided,
    /// A number of bytes is no whole number of items; the axis tells a stride from the offset.
    NotItemMultiple {
        /// The number of bytes.
        bytes: Int,
    },
    /// An item is not aligned.
    Misaligned {
        /// How many bytes it lies past a multiple of the alignment, or the axis's stride does.
        excess: Int,
        /// The alignment.
        align: Int,
    },
    /// A size is negative: that of an axis, or the itemsize.
    NegativeDimension {
        /// The size.
        size: Int,
    },
    /// The offset or the buffer's length is negative.
    NegativeOffset {
        /// Which of the two.
        what: &'static str,
        /// Its value.
        value: Int,
    },
    /// An alignment is not a power of two.
    BadAlignment {
        /// The alignment.
        align: Int,
    },
}

impl Reason {
    /// The library's code for the reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RankMismatch { .. } => "SP001",
            Self::OffsetPastEnd => "SP002",
            Self::PastEnd => "SP003",
            Self::BeforeStart { .. } => "SP004",
            Self::TooManyElements => "SP005",
            Self::Aliased { .. } => "SP006",
            Self::Undecided => "SP007",
            Self::NotItemMultiple { .. } => "SP008",
            Self::Misaligned { .. } => "SP009",
            Self::NegativeDimension { .. } => "SP010",
            Self::NegativeOffset { .. } => "SP011",
            Self::BadAlignment { .. } => "SP013",
        }
    }

    /// The reason in one word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::RankMismatch { .. } => "rank_mismatch",
            Self::OffsetPastEnd => "offset_past_end",
            Self::PastEnd => "past_end",
            Self::BeforeStart { .. } => "before_start",
            Self::TooManyElements => "too_many_elements",
            Self::Aliased { .. } => "aliased",
            Self::Undecided => "undecided",
            Self::NotItemMultiple { .. } => "not_item_multiple",
            Self::Misaligned { .. } => "misaligned",
            Self::NegativeDimension { .. } => "negative_dimension",
            Self::NegativeOffset { .. } => "negative_offset",
            Self::BadAlignment { .. } => "bad_alignment",
        }
    }
}

/// "1 byte", "2 bytes".
pub(crate) fn counted(number: &Int, unit: Unit) -> String {
    format!("{number} {unit}{}", if number.is_one() { "" } else { "s" })
}

/// Where an item lies: "element 13", "byte 104" or "bytes 104 to 111".
pub(crate) fn place(address: &Int, request: &Request) -> String {
    match request.unit {
        Unit::Elements => format!("element {address}"),
        Unit::Bytes => format!("byte {address}"),
    }
}

impl Rejection {
    /// The refusal in one sentence of ASCII without quotes or backslashes.
    #[must_use]
    pub fn message(&self, request: &Request) -> String {
        let unit = request.unit;
        let index = self.index.as_deref().unwrap_or_default();
        let address = self.address.clone().unwrap_or(Int::ZERO);
        let len = counted(&request.buffer_len, unit);
        match &self.reason {
            Reason::RankMismatch { shape, strides } => {
                format!("shape has {shape} axes and strides have {strides}")
            }
            Reason::OffsetPastEnd => {
                format!(
                    "the offset {} of an empty view lies past the buffer's {len}",
                    request.offset
                )
            }
            Reason::PastEnd => {
                let mut text = match unit {
                    Unit::Elements => format!("index {index:?} is at element {address}"),
                    Unit::Bytes => format!(
                        "index {index:?} takes {} from byte {address}",
                        counted(&request.itemsize, unit)
                    ),
                };
                let _ = write!(text, ", past the end of {len}");
                match &self.required_len {
                    Some(required) => {
                        let _ = write!(text, "; {} would do", counted(required, unit));
                    }
                    None => text.push_str("; the view also reaches before the start"),
                }
                text
            }
            Reason::BeforeStart { required_offset } => format!(
                "index {index:?} is at {unit} {address}, before the start of the buffer; an \
                 offset of at least {required_offset} would keep it inside"
            ),
            Reason::TooManyElements => format!(
                "with axis {} the view has more than {} elements",
                self.axis.unwrap_or(0),
                isize::MAX
            ),
            Reason::Aliased { second } => format!(
                "indices {index:?} and {second:?} share memory, which a mutable view must not"
            ),
            Reason::Undecided => {
                "whether two indices share memory was not decided within the budget".into()
            }
            Reason::NotItemMultiple { bytes } => {
                let what = match self.axis {
                    Some(axis) => format!("the stride of axis {axis}"),
                    None => "the offset".into(),
                };
                let itemsize = &request.itemsize;
                format!("{what} is {bytes} bytes, no multiple of the itemsize {itemsize}")
            }
            Reason::Misaligned { excess, align } => match self.axis {
                None => format!("the first item lies {excess} bytes past a multiple of {align}"),
                Some(axis) => {
                    format!(
                        "the stride of axis {axis} is {excess} bytes past a multiple of {align}"
                    )
                }
            },
            Reason::NegativeDimension { size } => match self.axis {
                Some(axis) => format!("axis {axis} has size {size}"),
                None => format!("the itemsize is {size}"),
            },
            Reason::NegativeOffset { what, value } => format!("the {what} {value} is negative"),
            Reason::BadAlignment { align } => {
                format!("an alignment of {align} is not a power of two")
            }
        }
    }
}

/// Appends one field of an object, after its comma.
macro_rules! field {
    ($out:expr, $name:literal) => {
        $out.extend_from_slice(concat!(",\"", $name, "\":").as_bytes())
    };
}

fn write_usize(out: &mut Vec<u8>, value: usize) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn write_optional(out: &mut Vec<u8>, value: Option<&Int>) {
    match value {
        Some(value) => value.write_to(out),
        None => out.extend_from_slice(b"null"),
    }
}

fn write_index(out: &mut Vec<u8>, index: Option<&[usize]>) {
    let Some(index) = index else {
        out.extend_from_slice(b"null");
        return;
    };
    out.push(b'[');
    for (axis, &cell) in index.iter().enumerate() {
        if axis > 0 {
            out.push(b',');
        }
        write_usize(out, cell);
    }
    out.push(b']');
}

impl Verdict {
    /// Whether the request is accepted.
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// Appends the verdict as one JSON object on one line, without the line's end.
    ///
    /// Integers are exact at any size, fields are in a fixed order, and `id`, which must be JSON,
    /// is echoed last.
    pub fn write_json(&self, request: &Request, id: Option<&str>, out: &mut Vec<u8>) {
        match self {
            Self::Accepted(accepted) => accepted.write_json(out),
            Self::Rejected(rejection) => rejection.write_json(request, out),
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
        write_usize(out, self.count);
        field!(out, "lowest");
        write_optional(out, self.extent.as_ref().map(|(lowest, _)| lowest));
        field!(out, "highest");
        write_optional(out, self.extent.as_ref().map(|(_, highest)| highest));
        field!(out, "required_len");
        self.required_len.write_to(out);
        out.extend_from_slice(match &self.unique {
            Uniqueness::Unique => br#","unique":true,"contiguous":"#,
            Uniqueness::Aliased { .. } => br#","unique":false,"contiguous":"#,
            Uniqueness::Undecided => br#","unique":null,"contiguous":"#,
        });
        out.extend_from_slice(if self.contiguous { b"true" } else { b"false" });
        field!(out, "nominal_bytes");
        self.nominal_bytes.write_to(out);
        field!(out, "real_bytes");
        write_optional(out, self.real_bytes.as_ref());
    }
}

impl Rejection {
    fn write_json(&self, request: &Request, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"schema":1,"verdict":"rejected","code":""#);
        out.extend_from_slice(self.reason.code().as_bytes());
        out.extend_from_slice(br#"","reason":""#);
        out.extend_from_slice(self.reason.word().as_bytes());
        out.extend_from_slice(br#"","axis":"#);
        match self.axis {
            Some(axis) => write_usize(out, axis),
            None => out.extend_from_slice(b"null"),
        }
        field!(out, "index");
        write_index(out, self.index.as_deref());
        field!(out, "address");
        write_optional(out, self.address.as_ref());
        field!(out, "required_len");
        write_optional(out, self.required_len.as_ref());
        out.extend_from_slice(br#","message":""#);
        // Built from numbers and plain words only: nothing in it needs escaping.
        out.extend_from_slice(self.message(request).as_bytes());
        out.push(b'"');
        if let Reason::Aliased { second } = &self.reason {
            field!(out, "first");
            write_index(out, self.index.as_deref());
            field!(out, "second");
            write_index(out, Some(second));
            field!(out, "other_index");
            write_index(out, Some(second));
        }
    }
}
