//! Compares a checker's answer with the specification.

use core::fmt;

use crate::request::Request;
use crate::truth::{Truth, address};

/// What a checker says of a request that it accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The number of indices.
    pub count: u128,
    /// The lowest address; the offset of an empty view.
    pub lowest: i128,
    /// The highest address; the offset of an empty view.
    pub highest: i128,
    /// The smallest length that would do.
    pub required_len: i128,
}

/// What a checker says would help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Past the end: this length, or none because the view leaves at the start too.
    Len(Option<i128>),
    /// Before the start: this offset.
    Offset(i128),
}

/// A checker's answer, in a form that is no checker's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Accepted, with what it touches.
    Accepted(Extent),
    /// Accepted, by a checker that says no more.
    Yes,
    /// Refused, by a checker that says no more.
    No,
    /// Shape and strides differ in length.
    Rank,
    /// More than [`MAX_COUNT`](crate::MAX_COUNT) indices.
    TooMany {
        /// The axis with which there are too many.
        axis: usize,
    },
    /// The view is empty, and its offset past the end.
    EmptyOffset {
        /// The smallest length that would do.
        required_len: i128,
    },
    /// An index leaves the buffer.
    Leaves {
        /// The axis along which it leaves; `None` when the all-zero index is outside already.
        axis: Option<usize>,
        /// The index tuple: the first to leave along that axis, at the last index of each earlier
        /// axis that points the same way, 0 elsewhere.
        index: Vec<usize>,
        /// Its address.
        address: i128,
        /// What would help.
        remedy: Remedy,
    },
}

impl Answer {
    /// Whether the request is accepted.
    #[must_use]
    pub fn accepts(&self) -> bool {
        matches!(self, Self::Accepted(_) | Self::Yes)
    }
}

impl From<bool> for Answer {
    fn from(accepted: bool) -> Self {
        if accepted { Self::Yes } else { Self::No }
    }
}

/// How an answer differs from the truth, the gravest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Accepts what leaves the buffer, or has too many elements, or ranks that disagree.
    Unsound,
    /// Refuses what stays inside.
    Incomplete,
    /// What is accepted reads another element, or none; or what is refused may be read after all.
    Memory(String),
    /// Accepts rightly with a wrong count, extent or required length.
    Extent,
    /// Refuses rightly with a wrong reason, axis, index, address or remedy.
    Witness(&'static str),
}

/// A wrong answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it is wrong.
    pub wrong: Wrong,
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub answer: Answer,
    /// What is true.
    pub truth: Truth,
}

impl Finding {
    pub(crate) fn new(wrong: Wrong, request: &Request, truth: Truth, answer: &Answer) -> Box<Self> {
        Box::new(Self { wrong, request: request.clone(), answer: answer.clone(), truth })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wrong, request, answer, truth } = self;
        write!(f, "{wrong:?}: {request:?}: the answer is {answer:?}, the specification's {truth:?}")
    }
}

impl core::error::Error for Finding {}

/// Compares an answer with the specification's.
///
/// # Errors
/// How it differs.
pub fn judge(request: &Request, answer: &Answer) -> Result<(), Box<Finding>> {
    judge_against(request.truth(), request, answer)
}

/// Compares an answer with a truth that was found in whatever way.
///
/// # Errors
/// How it differs.
pub fn judge_against(truth: Truth, request: &Request, answer: &Answer) -> Result<(), Box<Finding>> {
    compare(truth, request, answer).map_err(|wrong| Finding::new(wrong, request, truth, answer))
}

fn compare(truth: Truth, request: &Request, answer: &Answer) -> Result<(), Wrong> {
    let &Request { offset, len, item, .. } = request;
    match (truth.accepts(offset, len, item), answer.accepts()) {
        (false, true) => return Err(Wrong::Unsound),
        (true, false) => return Err(Wrong::Incomplete),
        _ => {}
    }
    let at = offset as i128;
    match (truth, answer) {
        (_, Answer::Yes | Answer::No) => Ok(()),
        (_, &Answer::Accepted(extent)) => {
            let expected = match truth {
                Truth::View { count, lowest, highest } => {
                    Extent { count, lowest, highest, required_len: highest + item as i128 }
                }
                _ => Extent { count: 0, lowest: at, highest: at, required_len: at },
            };
            if extent == expected { Ok(()) } else { Err(Wrong::Extent) }
        }
        (Truth::Rank, Answer::Rank) => Ok(()),
        (Truth::TooMany { axis }, Answer::TooMany { axis: named }) if *named == axis => Ok(()),
        (Truth::Empty, Answer::EmptyOffset { required_len }) if *required_len == at => Ok(()),
        (Truth::View { lowest, highest, .. }, Answer::Leaves { axis, index, address, remedy }) => {
            check_witness(request, *axis, index, *address)?;
            let expected = if *address < 0 {
                Remedy::Offset(at - lowest)
            } else {
                Remedy::Len((lowest >= 0).then_some(highest + item as i128))
            };
            if *remedy == expected { Ok(()) } else { Err(Wrong::Witness("remedy")) }
        }
        _ => Err(Wrong::Witness("reason")),
    }
}

/// Checks that a witness is what [`Answer::Leaves`] documents.
fn check_witness(
    request: &Request,
    axis: Option<usize>,
    index: &[usize],
    claimed: i128,
) -> Result<(), Wrong> {
    let &Request { ref shape, ref strides, offset, len, item } = request;
    if index.len() != shape.len() || index.iter().zip(shape).any(|(i, size)| i >= size) {
        return Err(Wrong::Witness("index is not valid"));
    }
    if address(strides, offset, index) != claimed {
        return Err(Wrong::Witness("address is not the index's"));
    }
    let inside = |address: i128| address >= 0 && address + item as i128 <= len as i128;
    if inside(claimed) {
        return Err(Wrong::Witness("index does not leave"));
    }
    let prefix_fits =
        |axes: usize| Truth::by_corners(&shape[..axes], &strides[..axes], offset).fits(len, item);
    let Some(axis) = axis else {
        // The origin itself is out of range.
        return match prefix_fits(0) || index.iter().any(|&i| i != 0) {
            true => Err(Wrong::Witness("an axis is to blame")),
            false => Ok(()),
        };
    };
    if axis >= shape.len() || !prefix_fits(axis) || prefix_fits(axis + 1) {
        return Err(Wrong::Witness("axis is not the first that leaves"));
    }
    let down = claimed < 0;
    for (k, (&i, (&size, &stride))) in index.iter().zip(shape.iter().zip(strides)).enumerate() {
        let expected = if k < axis && (stride < 0) == down { size - 1 } else { 0 };
        if k != axis && i != expected {
            return Err(Wrong::Witness("index is not the documented corner"));
        }
    }
    // One step earlier on that axis is still inside.
    if index[axis] == 0 || !inside(claimed - strides[axis] as i128) {
        return Err(Wrong::Witness("index is not the first that leaves"));
    }
    Ok(())
}
