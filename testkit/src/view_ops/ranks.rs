//! From a rank known at run time to one that the compiler knows.
//!
//! Each rank of each element type is compiled apart, so only one type has them all: what a view
//! does depends on the type by its size alone. The others have the lowest few, and go through the
//! views of run-time rank beyond.

use super::draw::MOST_AXES;
use super::items::Piece;
use super::program::Op;

/// The largest rank at which every element type has views of fixed rank.
const FEW: usize = 1;

/// Whether views of a type have this rank at compile time.
pub(super) fn is_fixed<T: Piece>(rank: usize) -> bool {
    rank <= if T::EVERY_RANK { MOST_AXES } else { FEW }
}

/// Calls a function with a rank that its element type has.
macro_rules! at_rank {
    ($all:ty; $rank:expr, $function:ident::<$($ty:ty),*>$arguments:tt) => {
        match $rank {
            0 => $function::<$($ty,)* 0> $arguments,
            1 => $function::<$($ty,)* 1> $arguments,
            2 if <$all>::EVERY_RANK => $function::<$($ty,)* 2> $arguments,
            3 if <$all>::EVERY_RANK => $function::<$($ty,)* 3> $arguments,
            4 if <$all>::EVERY_RANK => $function::<$($ty,)* 4> $arguments,
            rank => unreachable!("rank {rank} is for run time"),
        }
    };
}

/// Calls a function that knows no element type with a rank.
macro_rules! at_every_rank {
    ($rank:expr, $function:ident $arguments:tt) => {
        match $rank {
            0 => $function::<0> $arguments,
            1 => $function::<1> $arguments,
            2 => $function::<2> $arguments,
            3 => $function::<3> $arguments,
            4 => $function::<4> $arguments,
            rank => unreachable!("no program goes on at rank {rank}"),
        }
    };
}

/// How the rank of the result relates to that of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Same,
    Less,
    More,
    Twice,
    Line,
    /// In a way that is only had at run-time rank here.
    Other,
}

impl Family {
    /// The family of an operation on a view of a rank.
    pub(super) fn of(op: &Op, rank: usize) -> Self {
        match op {
            Op::IndexAxis(..)
            | Op::Squeeze(_)
            | Op::Diagonal(_)
            | Op::DiagonalOf(..)
            | Op::AxisIter { .. } => Self::Less,
            Op::InsertAxis(_) => Self::More,
            Op::Windows(_) | Op::WindowsBy(..) => Self::Twice,
            Op::Lanes { .. } => Self::Line,
            Op::BroadcastTo(shape) | Op::Reshape(shape) => match shape.as_slice().len() {
                new if new == rank => Self::Same,
                new if new + 1 == rank => Self::Less,
                new if new == rank + 1 => Self::More,
                1 => Self::Line,
                new if new == 2 * rank => Self::Twice,
                _ => Self::Other,
            },
            _ => Self::Same,
        }
    }
}

/// Calls a function of a family with the ranks that belong together; `None` where its element type
/// has no such views.
macro_rules! at_family {
    ($all:ty; $family:expr, $rank:expr, $arguments:tt;
        $same:ident $less:ident $more:ident $twice:ident $line:ident) => {
        match ($family, $rank) {
            (Family::Same, rank) if is_fixed::<$all>(rank) => {
                at_rank!($all; rank, $same::<$all> $arguments)
            }
            (Family::Line, rank) if is_fixed::<$all>(rank) => {
                at_rank!($all; rank, $line::<$all> $arguments)
            }
            (Family::Less, 1) => $less::<$all, 1, 0> $arguments,
            (Family::Less, 2) if <$all>::EVERY_RANK => $less::<$all, 2, 1> $arguments,
            (Family::Less, 3) if <$all>::EVERY_RANK => $less::<$all, 3, 2> $arguments,
            (Family::Less, 4) if <$all>::EVERY_RANK => $less::<$all, 4, 3> $arguments,
            (Family::More, 0) => $more::<$all, 0, 1> $arguments,
            (Family::More, 1) if <$all>::EVERY_RANK => $more::<$all, 1, 2> $arguments,
            (Family::More, 2) if <$all>::EVERY_RANK => $more::<$all, 2, 3> $arguments,
            (Family::More, 3) if <$all>::EVERY_RANK => $more::<$all, 3, 4> $arguments,
            (Family::More, 4) if <$all>::EVERY_RANK => $more::<$all, 4, 5> $arguments,
            (Family::Twice, 0) => $twice::<$all, 0, 0> $arguments,
            (Family::Twice, 1) if <$all>::EVERY_RANK => $twice::<$all, 1, 2> $arguments,
            (Family::Twice, 2) if <$all>::EVERY_RANK => $twice::<$all, 2, 4> $arguments,
            (Family::Twice, 3) if <$all>::EVERY_RANK => $twice::<$all, 3, 6> $arguments,
            (Family::Twice, 4) if <$all>::EVERY_RANK => $twice::<$all, 4, 8> $arguments,
            _ => None,
        }
    };
}
