//! Whether two indices of a view, or two views of one buffer, share memory: exactly, with the
//! indices that show it.

use serde::Serialize;
use strideproof::overlap::{self, Budget, Bytes, Sharing, Uniqueness};
use strideproof::{Error, Unit, check_span};

use crate::args::{OverlapArgs, Tuple};
use crate::decide::judge_resolved;
use crate::human::{BAD, GOOD, one_line, subscript};
use crate::number::Number;
use crate::request::{Request, Resolved, signed};
use crate::verdict::{Rejection, Verdict, write_line};

/// What is known of one view or two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Of one view.
    One(Uniqueness<Vec<usize>>),
    /// Of two.
    Two {
        /// Whether an item of one and an item of the other have a byte in common.
        shares: Sharing<Vec<usize>>,
        /// Whether their extents do.
        may_share: bool,
    },
}

/// The other view that the flags describe: unit and buffer are those of `request`.
#[must_use]
pub fn other(args: &OverlapArgs, request: &Request) -> Option<Request> {
    let Tuple(shape) = args.other_shape.clone()?;
    Some(Request {
        shape,
        strides: args.other_strides.clone().map(|Tuple(strides)| strides),
        offset: args.other_offset.unwrap_or(Number::ZERO),
        itemsize: args.other_itemsize.unwrap_or(request.itemsize),
        ..request.clone()
    })
}

/// Refuses what is no view of the buffer, or of any buffer if none is known.
///
/// # Errors
/// [`Rejection`].
pub fn admit(view: &Resolved, in_buffer: bool) -> Result<(), Rejection> {
    if in_buffer {
        return match judge_resolved(&view.plain()) {
            Verdict::Accepted(_) => Ok(()),
            Verdict::Rejected(rejection) => Err(rejection),
        };
    }
    match check_span(&view.shape, &view.strides) {
        Err(error @ Error::TooManyElements { .. }) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Decides of views that were admitted. Without a budget the answer is never undecided.
#[must_use]
pub fn decide(view: &Resolved, other: Option<&Resolved>, budget: Option<u64>) -> Answer {
    let budget = budget.map_or(Budget::UNLIMITED, Budget::steps);
    let Some(other) = other else {
        let unique = overlap::is_unique_dyn(&view.shape, &view.strides, view.item(), budget);
        // Shape and strides have the same length.
        return Answer::One(unique.unwrap_or(Uniqueness::Undecided));
    };
    // Only the distance matters: move the lower one to 0.
    let lower = view.offset.min(other.offset);
    let [a, b] = [view, other].map(|view| Bytes {
        address: view.offset.saturating_sub(lower),
        shape: &view.shape,
        strides: &view.strides,
        itemsize: view.item(),
    });
    let shares = overlap::shares_memory(a, b, budget).unwrap_or(Sharing::Undecided);
    Answer::Two { shares, may_share: overlap::may_share_memory(a, b) }
}

/// "bytes 8 to 15", "element 3".
fn item(view: &Resolved, index: &[usize]) -> String {
    let address = view.address(index);
    match view.unit {
        Unit::Elements => format!("element {address}"),
        Unit::Bytes if view.itemsize <= 1 => format!("byte {address}"),
        Unit::Bytes => {
            let last = address.saturating_add(signed(view.itemsize)).saturating_sub(1);
            format!("bytes {address} to {last}")
        }
    }
}

impl Answer {
    /// Whether no memory is shared.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::One(Uniqueness::Unique) | Self::Two { shares: Sharing::Disjoint, .. })
    }

    /// The verdict in a word, and the two indices that share memory.
    fn parts(&self) -> (&'static str, Option<[&[usize]; 2]>) {
        match self {
            Self::One(Uniqueness::Unique) => ("unique", None),
            Self::One(Uniqueness::Aliased { first, second }) => ("aliased", Some([first, second])),
            Self::Two { shares: Sharing::Disjoint, .. } => ("disjoint", None),
            Self::Two { shares: Sharing::Shared { first, second }, .. } => {
                ("shared", Some([first, second]))
            }
            _ => ("undecided", None),
        }
    }

    /// One JSON object: `schema`, `verdict` (unique, aliased, disjoint, shared or undecided),
    /// `first` and `second`, index tuples, with their addresses `first_address` and
    /// `second_address` (null where nothing is shared); for two views `may_share_memory`.
    #[must_use]
    pub fn to_json(&self, view: &Resolved, other: Option<&Resolved>) -> String {
        #[derive(Serialize)]
        struct Pair<'a> {
            first: Option<&'a [usize]>,
            second: Option<&'a [usize]>,
            first_address: Option<i128>,
            second_address: Option<i128>,
            #[serde(skip_serializing_if = "Option::is_none")]
            may_share_memory: Option<bool>,
        }
        let (word, pair) = self.parts();
        let second = other.unwrap_or(view);
        let said = Pair {
            first: pair.map(|pair| pair[0]),
            second: pair.map(|pair| pair[1]),
            first_address: pair.map(|pair| view.address(pair[0])),
            second_address: pair.map(|pair| second.address(pair[1])),
            may_share_memory: match self {
                Self::One(_) => None,
                Self::Two { may_share, .. } => Some(*may_share),
            },
        };
        let mut out = Vec::new();
        write_line(&mut out, word, said, (), None);
        String::from_utf8(out).unwrap_or_default()
    }

    /// The answer for people; styled for a terminal.
    #[must_use]
    pub fn to_text(&self, view: &Resolved, other: Option<&Resolved>, in_buffer: bool) -> String {
        let shown = |view: &Resolved| one_line(&view.into(), in_buffer);
        let (word, pair) = self.parts();
        let style = if self.is_good() { GOOD } else { BAD };
        let said = match (word, pair) {
            ("unique", _) => "no two indices share memory".to_owned(),
            ("disjoint", _) => "the views share no memory".into(),
            (_, Some([first, second])) => {
                let views =
                    if other.is_some() { [" of the first", " of the second"] } else { [""; 2] };
                format!(
                    "index {}{} is on {}, and index {}{} on {}",
                    subscript(first),
                    views[0],
                    item(view, first),
                    subscript(second),
                    views[1],
                    item(other.unwrap_or(view), second)
                )
            }
            _ => "not decided within the budget of steps; a larger --budget may decide".into(),
        };
        let mut text = format!("{style}{word}{style:#}: {said}\n  view       {}\n", shown(view));
        if let Some(other) = other {
            text += &format!("  other      {}\n", shown(other));
        }
        if let Self::Two { may_share, .. } = self {
            text += if *may_share {
                "  by extent  may share: the extents meet\n"
            } else {
                "  by extent  disjoint: the extents do not meet\n"
            };
        }
        text
    }
}
