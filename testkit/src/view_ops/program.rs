//! The steps of a program, as one reads them.

use core::fmt;
use std::boxed::Box;
use std::vec::Vec;

use super::ranks::is_fixed;
use super::tuple::{MAX_RANK, Tuple};
use strideproof::Slice;
use strideproof_oracle::Rgb;

/// Python's `start:end:step`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) start: Option<isize>,
    pub(super) end: Option<isize>,
    pub(super) step: isize,
}

impl Cut {
    pub(super) const FULL: Self = Self { start: None, end: None, step: 1 };

    /// The crate's slice, made in one of the ways there are.
    pub(super) fn slice(self) -> Slice {
        let Self { start, end, step } = self;
        let small = |position: isize| i32::try_from(position).ok();
        let natural = |position: isize| usize::try_from(position).ok();
        if let (Some(start), Some(end)) = (start.and_then(natural), end.and_then(natural)) {
            return Slice::from(start..end).step(step);
        }
        match (start, end) {
            (None, None) => Slice::from(..).step(step),
            (None, Some(end)) => Slice::from(..end).step(step),
            (Some(start), None) => match small(start) {
                Some(start) => Slice::from(start..).step(step),
                None => Slice::from(start..).step(step),
            },
            (Some(_), Some(_)) => Slice::new(start, end, step),
        }
    }
}

impl fmt::Debug for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.start.map_or(Ok(()), |start| write!(f, "{start}"))?;
        f.write_str("..")?;
        self.end.map_or(Ok(()), |end| write!(f, "{end}"))?;
        if self.step == 1 { Ok(()) } else { write!(f, " by {}", self.step) }
    }
}

/// The slices of all axes.
pub(super) fn slices(cuts: &[Cut]) -> [Slice; MAX_RANK] {
    core::array::from_fn(|axis| cuts.get(axis).map_or_else(Slice::default, |cut| cut.slice()))
}

/// What the elements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    U8,
    U16,
    U64,
    Rgb,
    /// An item that no power of two is a multiple of; only to read as, once.
    Triple,
}

impl Type {
    pub(super) fn size(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U64 => 8,
            Self::Rgb | Self::Triple => 3,
        }
    }

    /// Whether there are views of this type whose rank is fixed.
    pub(super) fn is_fixed(self, rank: usize) -> bool {
        match self {
            Self::U8 => is_fixed::<u8>(rank),
            Self::U16 => is_fixed::<u16>(rank),
            Self::U64 => is_fixed::<u64>(rank),
            Self::Rgb => is_fixed::<Rgb>(rank),
            Self::Triple => false,
        }
    }

    pub(super) fn align(self) -> usize {
        match self {
            Self::U16 => align_of::<u16>(),
            Self::U64 => align_of::<u64>(),
            _ => 1,
        }
    }
}

/// One operation with its arguments.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Op {
    Slice(Vec<Cut>),
    SliceAxis(usize, Cut),
    Reverse(usize),
    Permute(Tuple),
    Transpose,
    SwapAxes(usize, usize),
    IndexAxis(usize, usize),
    InsertAxis(usize),
    Squeeze(usize),
    Diagonal(isize),
    DiagonalOf(isize, usize, usize),
    Windows(Tuple),
    WindowsBy(Tuple, Tuple),
    BroadcastTo(Tuple),
    Reshape(Tuple),
    /// Goes on with one of the halves.
    SplitAt {
        axis: usize,
        index: usize,
        tail: bool,
    },
    /// Visits all, and goes on with one of them.
    AxisIter {
        axis: usize,
        pick: usize,
    },
    /// Visits all, and goes on with one of them.
    Lanes {
        axis: usize,
        pick: usize,
    },
    /// The same bytes as items of another type.
    Items {
        to: Type,
        axis: Option<usize>,
    },
    /// The same bytes as items of another size, on the numbers alone.
    Recast {
        axis: usize,
        from: usize,
        to: usize,
    },
    /// Two views derived from this one, and what they have to do with each other.
    Pair(Box<[Op; 2]>),
    /// Lists of so many arguments, where the rank is known at run time.
    WrongCount(usize),
    Read,
    Write(Write),
}

/// One way of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Write {
    Fill,
    MapInPlace,
    /// So many elements one by one, and the others in one go.
    Iter(usize),
    IntoIter,
    /// One element, if there is one at this index.
    At(Tuple),
    /// From a view of this shape.
    Assign(Tuple),
    /// Together with a view of this shape.
    Zip(Tuple),
    Lanes(usize),
    AxisIter(usize),
    /// Both halves by turns.
    Split {
        axis: usize,
        index: usize,
    },
    /// Through the view whose rank is known at run time.
    Dynamic,
}

impl Op {
    /// The operation's name.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Slice(_) => "slice",
            Self::SliceAxis(..) => "slice_axis",
            Self::Reverse(_) => "reverse",
            Self::Permute(_) => "permute",
            Self::Transpose => "t",
            Self::SwapAxes(..) => "swap_axes",
            Self::IndexAxis(..) => "index_axis",
            Self::InsertAxis(_) => "insert_axis",
            Self::Squeeze(_) => "squeeze",
            Self::Diagonal(_) => "diagonal",
            Self::DiagonalOf(..) => "diagonal_of",
            Self::Windows(_) => "windows",
            Self::WindowsBy(..) => "windows_by",
            Self::BroadcastTo(_) => "broadcast_to",
            Self::Reshape(_) => "reshape",
            Self::SplitAt { .. } => "split_at",
            Self::AxisIter { .. } => "axis_iter",
            Self::Lanes { .. } => "lanes",
            Self::Items { .. } => "reinterpret",
            Self::Recast { .. } => "recast",
            Self::Pair(_) => "pair",
            Self::WrongCount(_) => "wrong count",
            Self::Read => "read",
            Self::Write(write) => match write {
                Write::Fill => "fill",
                Write::MapInPlace => "map_in_place",
                Write::Iter(_) => "iter_mut",
                Write::IntoIter => "into_iter",
                Write::At(_) => "get_mut",
                Write::Assign(_) => "assign",
                Write::Zip(_) => "zip_mut",
                Write::Lanes(_) => "lanes_mut",
                Write::AxisIter(_) => "axis_iter_mut",
                Write::Split { .. } => "split_at and write",
                Write::Dynamic => "write dynamically",
            },
        }
    }

    /// Whether the program goes on with the view that this gives.
    pub(super) fn moves(&self) -> bool {
        !matches!(
            self,
            Self::Items { to: Type::Triple, .. }
                | Self::Recast { .. }
                | Self::Pair(_)
                | Self::WrongCount(_)
                | Self::Read
                | Self::Write(_)
        )
    }
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Slice(cuts) => write!(f, "({cuts:?})"),
            Self::SliceAxis(axis, cut) => write!(f, "(axis {axis}, {cut:?})"),
            Self::Reverse(axis) | Self::InsertAxis(axis) | Self::Squeeze(axis) => {
                write!(f, "(axis {axis})")
            }
            Self::Permute(axes) => write!(f, "({axes:?})"),
            Self::Transpose | Self::Read => Ok(()),
            Self::SwapAxes(one, other) => write!(f, "(axes {one} and {other})"),
            Self::IndexAxis(axis, index) => write!(f, "(axis {axis}, index {index})"),
            Self::Diagonal(offset) => write!(f, "(offset {offset})"),
            Self::DiagonalOf(offset, rows, columns) => {
                write!(f, "(offset {offset}, axes {rows} and {columns})")
            }
            Self::Windows(window) => write!(f, "({window:?})"),
            Self::WindowsBy(window, steps) => write!(f, "({window:?} by {steps:?})"),
            Self::BroadcastTo(shape) | Self::Reshape(shape) => write!(f, "({shape:?})"),
            Self::SplitAt { axis, index, tail } => {
                let half = if *tail { "tail" } else { "head" };
                write!(f, "(axis {axis}, index {index}; the {half})")
            }
            Self::AxisIter { axis, pick } | Self::Lanes { axis, pick } => {
                write!(f, "(axis {axis}; number {pick})")
            }
            Self::Items { to, axis: None } => write!(f, "(as {to:?})"),
            Self::Items { to, axis: Some(axis) } => write!(f, "(as {to:?}, axis {axis})"),
            Self::Recast { axis, from, to } => {
                write!(f, "(axis {axis}, items of {from} bytes as {to})")
            }
            Self::Pair(pair) => write!(f, "({:?} beside {:?})", pair[0], pair[1]),
            Self::WrongCount(count) => write!(f, "({count})"),
            Self::Write(write) => match write {
                Write::Iter(first) => write!(f, "({first} by next)"),
                Write::At(index) => write!(f, "({index:?})"),
                Write::Assign(shape) | Write::Zip(shape) => write!(f, "(shape {shape:?})"),
                Write::Lanes(axis) | Write::AxisIter(axis) => write!(f, "(axis {axis})"),
                Write::Split { axis, index } => write!(f, "(axis {axis}, index {index})"),
                Write::Fill | Write::MapInPlace | Write::IntoIter | Write::Dynamic => Ok(()),
            },
        }
    }
}
