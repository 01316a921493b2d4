//! Whether two indices of a view, or two views of one buffer, share memory: exactly, with the
//! indices that show it.

use strideproof::Unit;
use strideproof::overlap::{self, Budget, Bytes, Sharing};

use crate::args::{OverlapArgs, Tuple};
use crate::decide::{Judge, refuse_form};
use crate::human::{one_line, subscript};
use crate::int::Int;
use crate::request::{Mode, Request};
use crate::verdict::{Rejection, Uniqueness, Verdict};
use crate::{unique, wide};

/// What is known of one view or two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Of one view.
    One(Uniqueness),
    /// Of two.
    Two {
        /// Whether an item of one and an item of the other have a byte in common.
        shares: Shares,
        /// Whether their extents do.
        may_share: bool,
    },
}

/// Whether two views share memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shares {
    /// They do not.
    Disjoint,
    /// These two items do.
    Shared {
        /// An index tuple of the first view.
        first: Vec<usize>,
        /// An index tuple of the other one.
        second: Vec<usize>,
    },
    /// The budget ran out before this was known.
    Undecided,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// A view is refused: this one.
    Rejected(Box<(Request, Rejection)>),
    /// One sentence.
    Unsupported(String),
}

/// The other view that the flags describe: unit and buffer are those of `request`.
#[must_use]
pub fn other(args: &OverlapArgs, request: &Request) -> Option<Request> {
    let Tuple(shape) = args.other_shape.clone()?;
    Some(Request {
        shape,
        strides: args.other_strides.clone().map(|Tuple(strides)| strides),
        offset: args.other_offset.clone().unwrap_or(Int::ZERO),
        itemsize: args.other_itemsize.clone().unwrap_or_else(|| request.itemsize.clone()),
        ..request.clone()
    })
}

/// Refuses what is no view, and if the buffer is known what is no view of it.
fn admit(request: &Request, in_buffer: bool) -> Result<(), Failure> {
    let rejected = |rejection| Failure::Rejected(Box::new((request.clone(), rejection)));
    refuse_form(request).map_err(rejected)?;
    if !in_buffer {
        return match wide::count(&request.shape) {
            Ok(_) => Ok(()),
            Err(_) if request.is_empty() => Ok(()),
            // Refused with the same words as in any buffer.
            Err(_) => admit(request, true),
        };
    }
    let plain = Request { mode: Mode::ReadOnly, ..request.clone() };
    match Judge::default().judge(&plain) {
        Verdict::Accepted(_) => Ok(()),
        Verdict::Rejected(rejection) => Err(rejected(rejection)),
    }
}

/// Decides. Without a budget the answer is never undecided, for views whose numbers fit 64 bits.
///
/// # Errors
/// [`Failure`].
pub fn decide(
    request: &Request,
    other: Option<&Request>,
    in_buffer: bool,
    budget: Option<u64>,
) -> Result<Answer, Failure> {
    admit(request, in_buffer)?;
    match other {
        None => Ok(Answer::One(within(request, budget))),
        Some(other) => {
            admit(other, in_buffer)?;
            between(request, other, budget)
        }
    }
}

fn steps(budget: Option<u64>) -> Budget {
    budget.map_or(Budget::UNLIMITED, Budget::steps)
}

/// The strides as machine integers, those that are never followed as 0 where they do not fit.
fn narrow(request: &Request, shape: &[usize]) -> Option<Vec<isize>> {
    let strides = request.strides_or_row_major();
    let pairs = shape.iter().zip(&strides);
    pairs.map(|(&size, stride)| if size <= 1 { Some(0) } else { stride.to_isize() }).collect()
}

fn within(request: &Request, budget: Option<u64>) -> Uniqueness {
    // An empty view has no two indices.
    let Ok((shape, _)) = wide::count(&request.shape) else { return Uniqueness::Unique };
    if let (Some(strides), Some(item)) = (narrow(request, &shape), request.item().to_usize()) {
        match overlap::is_unique_dyn(&shape, &strides, item, steps(budget)) {
            Ok(overlap::Uniqueness::Unique) => return Uniqueness::Unique,
            Ok(overlap::Uniqueness::Aliased { first, second }) => {
                return Uniqueness::Aliased { first, second };
            }
            Ok(_) => return Uniqueness::Undecided,
            // Their lengths agree: never.
            Err(_) => {}
        }
    }
    let strides = request.strides_or_row_major();
    unique::wide(&shape, &strides, &request.item().to_big(), budget.unwrap_or(u64::MAX))
}

fn between(one: &Request, other: &Request, budget: Option<u64>) -> Result<Answer, Failure> {
    let disjoint = Ok(Answer::Two { shares: Shares::Disjoint, may_share: false });
    let (Ok((one_shape, _)), Ok((other_shape, _))) =
        (wide::count(&one.shape), wide::count(&other.shape))
    else {
        return disjoint; // an empty view
    };
    if one.is_empty() || other.is_empty() {
        return disjoint;
    }
    // Only the distance matters: move the lower one to 0.
    let lower = one.offset.to_big().min(other.offset.to_big());
    let moved = |request: &Request| Int::from(request.offset.to_big() - &lower).to_usize();
    let numbers = |request: &Request, shape: &[usize]| {
        Some((moved(request)?, narrow(request, shape)?, request.item().to_usize()?))
    };
    let (Some(first), Some(second)) = (numbers(one, &one_shape), numbers(other, &other_shape))
    else {
        return Err(Failure::Unsupported(
            "two views are compared only where their numbers fit 64 bits".into(),
        ));
    };
    let a = Bytes { address: first.0, shape: &one_shape, strides: &first.1, itemsize: first.2 };
    let b =
        Bytes { address: second.0, shape: &other_shape, strides: &second.1, itemsize: second.2 };
    let shares = match overlap::shares_memory(a, b, steps(budget)) {
        Ok(Sharing::Disjoint) => Shares::Disjoint,
        Ok(Sharing::Shared { first, second }) => Shares::Shared { first, second },
        _ => Shares::Undecided,
    };
    Ok(Answer::Two { shares, may_share: overlap::may_share_memory(a, b) })
}

/// An index tuple in JSON.
fn listed(index: &[usize]) -> String {
    let cells: Vec<String> = index.iter().map(usize::to_string).collect();
    format!("[{}]", cells.join(","))
}

/// "bytes 8 to 15", "element 3".
fn item(request: &Request, index: &[usize]) -> String {
    let address = wide::address(request, index);
    let last = address.to_big() + request.item().to_big() - 1;
    match request.unit {
        Unit::Elements => format!("element {address}"),
        Unit::Bytes if last <= address.to_big() => format!("byte {address}"),
        Unit::Bytes => format!("bytes {address} to {last}"),
    }
}

impl Answer {
    /// Whether no memory is shared.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::One(Uniqueness::Unique) | Self::Two { shares: Shares::Disjoint, .. })
    }

    /// One JSON object: `schema`, `verdict` (unique, aliased, disjoint, shared or undecided),
    /// `first` and `second`, index tuples, with their addresses `first_address` and
    /// `second_address` (null where nothing is shared); for two views `may_share_memory`.
    #[must_use]
    pub fn to_json(&self, request: &Request, other: Option<&Request>) -> String {
        let (word, pair) = match self {
            Self::One(Uniqueness::Unique) => ("unique", None),
            Self::One(Uniqueness::Aliased { first, second }) => ("aliased", Some((first, second))),
            Self::Two { shares: Shares::Disjoint, .. } => ("disjoint", None),
            Self::Two { shares: Shares::Shared { first, second }, .. } => {
                ("shared", Some((first, second)))
            }
            _ => ("undecided", None),
        };
        let null = || ["null".to_owned(), "null".into(), "null".into(), "null".into()];
        let [first, second, first_address, second_address] = pair.map_or_else(null, |pair| {
            let (first, second) = pair;
            let address = wide::address(other.unwrap_or(request), second);
            [
                listed(first),
                listed(second),
                wide::address(request, first).to_string(),
                address.to_string(),
            ]
        });
        let extents = match self {
            Self::Two { may_share, .. } => format!(",\"may_share_memory\":{may_share}"),
            Self::One(_) => String::new(),
        };
        format!(
            "{{\"schema\":1,\"verdict\":\"{word}\",\"first\":{first},\"second\":{second},\
             \"first_address\":{first_address},\"second_address\":{second_address}{extents}}}"
        )
    }

    /// The answer for people; styled for a terminal.
    #[must_use]
    pub fn to_text(&self, request: &Request, other: Option<&Request>, in_buffer: bool) -> String {
        let good = anstyle::AnsiColor::Green.on_default().bold();
        let bad = anstyle::AnsiColor::Red.on_default().bold();
        let shown = |request: &Request| {
            let line = one_line(request);
            match line.split_once(" in ").filter(|_| !in_buffer) {
                Some((numbers, _)) => numbers.to_owned(),
                None => line,
            }
        };
        let undecided = "not decided within the budget";
        let (style, word, said) = match self {
            Self::One(Uniqueness::Unique) => {
                (good, "unique", "no two indices share memory".to_owned())
            }
            Self::One(Uniqueness::Aliased { first, second }) => (
                bad,
                "aliased",
                format!(
                    "index {} is on {}, and index {} on {}",
                    subscript(first),
                    item(request, first),
                    subscript(second),
                    item(request, second)
                ),
            ),
            Self::Two { shares: Shares::Disjoint, .. } => {
                (good, "disjoint", "the views share no memory".into())
            }
            Self::Two { shares: Shares::Shared { first, second }, .. } => (
                bad,
                "shared",
                format!(
                    "index {} of the first is on {}, and index {} of the second on {}",
                    subscript(first),
                    item(request, first),
                    subscript(second),
                    item(other.unwrap_or(request), second)
                ),
            ),
            _ => (bad, "undecided", undecided.into()),
        };
        let mut text = format!("{style}{word}{style:#}: {said}\n  view       {}\n", shown(request));
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
