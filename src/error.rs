//! One error for the whole crate: every variant carries its numbers, and a stable code.

use core::fmt;

use crate::kernel::{self, Refusal, Side};

/// The largest rank whose index tuples an error carries whole.
pub const INLINE_RANK: usize = 8;

/// How many digits of a number too large for this machine an error shows at most.
pub const SHOWN_DIGITS: usize = 24;

/// An index tuple inside an error, kept without allocation up to rank [`INLINE_RANK`].
///
/// Beyond that rank only the length is kept; [`Witness::index_on`] gives any component of an
/// out-of-range witness at any rank.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Index {
    rank: usize,
    cells: [usize; INLINE_RANK],
}

impl Index {
    /// Keeps an index tuple, for an error that names it.
    #[must_use]
    pub fn new(index: &[usize]) -> Self {
        let mut cells = [0; INLINE_RANK];
        for (cell, &index) in cells.iter_mut().zip(index) {
            *cell = index;
        }
        Self { rank: index.len(), cells }
    }

    /// The number of axes of the tuple.
    #[must_use]
    pub const fn rank(&self) -> usize {
        self.rank
    }

    /// The whole tuple, or `None` beyond rank [`INLINE_RANK`].
    #[must_use]
    pub fn as_slice(&self) -> Option<&[usize]> {
        self.cells.get(..self.rank)
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, ["[", "]"], None)
    }
}

/// What an address, a length or a stride is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Whole items of the buffer's element type.
    Elements,
    /// Single bytes.
    Bytes,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elements => "element",
            Self::Bytes => "byte",
        })
    }
}

/// The proof that a request leaves the buffer: a valid index tuple and the address it reaches.
///
/// The tuple is the first to leave along the axis that broke: the last index on every earlier axis
/// whose stride points the same way, [`step`](Self::step) on [`axis`](Self::axis), 0 elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Witness {
    /// The axis along which the view leaves; `None` when the all-zero index is out of range
    /// already.
    pub axis: Option<usize>,
    /// The index on that axis (0 without one).
    pub step: usize,
    /// The index tuple.
    pub index: Index,
    /// The address of that tuple, exactly; negative when it lies before the buffer's start.
    pub address: i128,
    /// The unit of the address.
    pub unit: Unit,
}

impl Witness {
    /// One component of the index tuple at any rank, given that axis's size and stride.
    ///
    /// Returns the index on axis `axis` of the request that was refused.
    #[inline]
    #[must_use]
    pub fn index_on(&self, axis: usize, size: usize, stride: isize) -> usize {
        let Some(broke) = self.axis else { return 0 };
        if axis == broke {
            self.step
        } else if axis < broke && (stride < 0) == (self.address < 0) {
            size.saturating_sub(1)
        } else {
            0
        }
    }
}

/// Which number of a request an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operand {
    /// The size of an axis.
    Size {
        /// The axis.
        axis: usize,
    },
    /// The stride of an axis.
    Stride {
        /// The axis.
        axis: usize,
    },
    /// All elements of an axis together, in bytes.
    Axis {
        /// The axis.
        axis: usize,
    },
    /// The view's offset.
    Offset,
    /// The buffer's length.
    Len,
    /// The size of an item, in bytes.
    Itemsize,
    /// The alignment of the items, in bytes.
    Align,
    /// The buffer's address, in bytes.
    BaseAddress,
}

impl Operand {
    /// The axis that the number belongs to, if it belongs to one.
    #[must_use]
    pub const fn axis(self) -> Option<usize> {
        match self {
            Self::Size { axis } | Self::Stride { axis } | Self::Axis { axis } => Some(axis),
            _ => None,
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { axis } => write!(f, "the size of axis {axis}"),
            Self::Stride { axis } => write!(f, "the stride of axis {axis}"),
            Self::Axis { axis } => write!(f, "the length of axis {axis}"),
            Self::Offset => f.write_str("the offset"),
            Self::Len => f.write_str("the buffer length"),
            Self::Itemsize => f.write_str("the itemsize"),
            Self::Align => f.write_str("the alignment"),
            Self::BaseAddress => f.write_str("the buffer's address"),
        }
    }
}

/// The stable name of an error, its reason in one word, and its title.
///
/// ```
/// use strideproof::{Code, check_span};
/// let code = check_span(&[3], &[isize::MAX]).unwrap_err().code();
/// assert_eq!((code.as_str(), code.word()), ("SP012", "not_representable"));
/// assert!(Code::ALL.contains(&code));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    code: &'static str,
    word: &'static str,
    title: &'static str,
}

impl Code {
    /// The code, such as `SP003`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.code
    }

    /// The reason in one word, as the command's JSON verdict spells it: `past_end`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        self.word
    }

    /// The rule that is broken, in a few words.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.title
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code)
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, code: &&str) -> bool {
        self.code == *code
    }
}

/// Defines the errors, one entry for each: what the title does not say; code, variant, word and
/// title; the numbers; and the message.
macro_rules! errors {
    ($f:ident: $(
        $(#[$more:meta])*
        $code:ident $variant:ident $word:ident $title:literal $({ $($(#[$doc:meta])* $field:ident: $type:ty,)* })? => $message:expr;
    )*) => {
        /// Why a request, a view or an operation is refused, with the numbers that show it.
        ///
        /// [`code`](Self::code) is stable across versions; `strideproof explain CODE` tells more.
        // A tag of one byte: the compiler's own would take 16, as aligned as the widest field, and to
        // read back at once what was written in two halves takes longer than to check a view.
        #[repr(u8)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Error {
            $(
                #[doc = concat!(stringify!($code), ": ", $title, ".")]
                $(#[$more])*
                $variant $({ $($(#[$doc])* $field: $type,)* })?,
            )*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self {
                code: stringify!($code), word: stringify!($word), title: $title,
            }),*];
        }

        impl Error {
            /// The stable code of the error, `SP001` and so on.
            #[must_use]
            pub const fn code(&self) -> Code {
                match self {
                    $(Self::$variant { .. } => Code {
                        code: stringify!($code), word: stringify!($word), title: $title,
                    },)*
                }
            }
        }

        impl fmt::Display for Error {
            fn fmt(&self, $f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant { $($($field),*)? } => $message,)*
                }
            }
        }
    };
}

errors! {
    f:
    SP001 RankMismatch rank_mismatch "shape and strides differ in length" {
        /// The number of sizes.
        shape: usize,
        /// The number of strides.
        strides: usize,
    } => write!(f, "one stride for each axis is needed: {shape}, not {strides}");
    SP002 OffsetPastEnd offset_past_end "the offset of an empty view lies past the end" {
        /// The offset, which is also the smallest length that would do.
        offset: usize,
        /// The buffer's length.
        len: usize,
        /// The unit of both.
        unit: Unit,
    } => {
        write!(f, "the view is empty, and its offset {offset} exceeds the buffer length ")?;
        write!(f, "of {}", Counted(*len, *unit))
    };
    SP003 PastEnd past_end "an index reaches past the end of the buffer" {
        /// The index and its address.
        witness: Witness,
        /// The buffer's length, in the witness's unit.
        len: usize,
        /// How many units one item takes at its address: 1 for elements.
        itemsize: usize,
        /// The smallest length that would do; `None` when the view also reaches before the start,
        /// so that no length does.
        required_len: Option<u128>,
    } => {
        let Witness { index, address, unit, .. } = witness;
        write!(f, "index {index} ")?;
        match unit {
            Unit::Elements => write!(f, "is at element {address}")?,
            Unit::Bytes => write!(f, "takes {} from byte {address}", Counted(*itemsize, *unit))?,
        }
        write!(f, ", past the end of {}", Counted(*len, *unit))?;
        match required_len {
            Some(required) => write!(f, "; the view needs {}", Counted(*required, *unit)),
            None => f.write_str("; the view also reaches before the start"),
        }
    };
    SP004 BeforeStart before_start "an index reaches before the start of the buffer" {
        /// The index and its address.
        witness: Witness,
        /// The smallest offset from which no index reaches before the start.
        required_offset: u128,
    } => {
        let Witness { index, address, unit, .. } = witness;
        write!(f, "index {index} is at {unit} {address}, before the start of the buffer; ")?;
        write!(f, "the view needs an offset of at least {}", Counted(*required_offset, *unit))
    };
    /// More than `isize::MAX`.
    SP005 TooManyElements too_many_elements "the view has too many elements" {
        /// The axis with which the product of the sizes exceeds the limit.
        axis: usize,
    } => write!(f, "with axis {axis} the view has more than {} elements", kernel::MAX_COUNT);
    SP006 Aliased aliased "two indices of a mutable view share memory" {
        /// An index tuple.
        first: Index,
        /// Another one that shares memory with it.
        second: Index,
    } => write!(f, "indices {first} and {second} of a mutable view share memory");
    /// The search for such a pair has a budget, and it ran out.
    SP007 Undecided undecided "whether two indices share memory was not decided"
        => write!(f, "the search for two indices that share memory ran out of its budget");
    /// It cannot count elements.
    SP008 NotItemMultiple not_item_multiple "a number of bytes is no whole number of items" {
        /// Which number.
        operand: Operand,
        /// Its value in bytes.
        bytes: i128,
        /// The itemsize in bytes.
        itemsize: usize,
    } => write!(f, "{operand} is {bytes} bytes, not a multiple of the itemsize {itemsize}");
    SP009 Misaligned misaligned "an item is not aligned" {
        /// The axis whose stride leaves the alignment; `None` when the first item is off already.
        axis: Option<usize>,
        /// How many bytes the address or stride exceeds a multiple of the alignment by.
        excess: usize,
        /// The alignment in bytes.
        align: usize,
    } => {
        match axis {
            None => f.write_str("the address of the first item")?,
            Some(axis) => write!(f, "the stride of axis {axis}")?,
        }
        write!(f, " is not a multiple of the alignment {align}: the remainder is {excess}")
    };
    /// Foreign interfaces hand over signed sizes.
    SP010 NegativeDimension negative_dimension "a size is negative" {
        /// The size of an axis, or the itemsize.
        operand: Operand,
        /// Its value.
        value: i128,
    } => write!(f, "{operand} is {value}; it cannot be negative");
    /// Foreign interfaces hand over signed ones.
    SP011 NegativeOffset negative_offset "an offset or a buffer length is negative" {
        /// Which of them.
        operand: Operand,
        /// Its value.
        value: i128,
    } => write!(f, "{operand} is {value}; it cannot be negative");
    /// The view's lowest or highest address, counted from its origin, does not fit.
    SP012 NotRepresentable not_representable "the reach of a view does not fit isize" {
        /// The axis with which it stops fitting.
        axis: usize,
    } => {
        write!(f, "with axis {axis} the view reaches more than {} ", isize::MAX)?;
        f.write_str("(isize::MAX) away from its first item")
    };
    SP013 BadAlignment bad_alignment "an alignment is not a power of two" {
        /// The alignment; foreign interfaces hand over signed ones.
        align: i128,
    } => write!(f, "alignment {align} is not a power of two");
    SP014 BadAxis bad_axis "an operation names an axis that the view does not have" {
        /// The axis; negative where axes may count from the end.
        axis: i128,
        /// The number of axes there are to choose from.
        rank: usize,
    } => write!(f, "axis {axis} is out of range for rank {rank}");
    SP015 BadIndex bad_index "an operation names a position that the axis does not have" {
        /// The axis.
        axis: usize,
        /// The index; negative where indices may count from the end.
        index: i128,
        /// The number of indices there are to choose from.
        size: usize,
    } => write!(f, "index {index} is out of range for axis {axis} of size {size}");
    SP016 ZeroStep zero_step "a slice or a window moves by steps of 0" {
        /// The axis.
        axis: usize,
    } => write!(f, "the step along axis {axis} is 0");
    SP017 RepeatedAxis repeated_axis "an operation that needs different axes names one twice" {
        /// The axis.
        axis: usize,
    } => write!(f, "axis {axis} is given twice");
    /// Nor are the two shapes the same, where they have to be.
    SP018 IncompatibleShapes incompatible_shapes "one shape does not broadcast to the other" {
        /// The shape of the view.
        from: Index,
        /// The shape that was asked for, or that of the other view.
        to: Index,
    } => write!(f, "shapes {} and {} do not match", Shape(from, None), Shape(to, None));
    SP019 WindowTooLarge window_too_large "a window is larger than the axis it moves along" {
        /// The axis.
        axis: usize,
        /// The size of the window.
        window: usize,
        /// The size of the axis.
        size: usize,
    } => write!(f, "a window of size {window} does not fit axis {axis} of size {size}");
    SP020 CountMismatch count_mismatch "a reshape asks for another number of elements" {
        /// The shape of the view.
        from: Index,
        /// The shape that was asked for; 0 stands for the inferred size.
        to: Index,
        /// The axis of `to` whose size was to be inferred from the others.
        inferred: Option<usize>,
    } => {
        write!(f, "cannot reshape {} into {}", Shape(from, None), Shape(to, *inferred))?;
        let multiple = if inferred.is_some() { "a multiple of " } else { "" };
        match (from.product(None), to.product(*inferred)) {
            (Some(old), Some(new)) => {
                write!(f, ": {} into {multiple}{new}", Counted(old, Unit::Elements))
            }
            _ => Ok(()),
        }
    };
    /// No strides do so over the elements where they lie.
    SP021 NeedsCopy needs_copy "no strides describe the new shape without a copy" {
        /// The outer of the two axes that the new shape would merge.
        outer: usize,
        /// The inner one; the outer one's stride is not what it takes to continue it.
        inner: usize,
    } => {
        write!(f, "axes {outer} and {inner} cannot be merged without a copy: ")?;
        write!(f, "a step along axis {outer} does not lead to where axis {inner} ends")
    };
    SP022 NotSizeOne not_size_one "an axis that is not of size 1 cannot be squeezed out" {
        /// The axis.
        axis: usize,
        /// Its size.
        size: usize,
    } => write!(f, "axis {axis} has size {size}; only an axis of size 1 can be squeezed");
    SP023 NotAdjacent not_adjacent "items of another size need elements side by side" {
        /// The axis.
        axis: usize,
        /// Its stride in elements.
        stride: isize,
    } => write!(f, "axis {axis} has stride {stride}, not 1: its elements do not lie side by side");
    /// The stride is that of an axis of more than one element.
    SP024 DoesNotFit does_not_fit "a stride or a size of an operation's result does not fit" {
        /// The axis of the result.
        axis: usize,
    } => {
        write!(f, "axis {axis} of the result would have a size or a stride ")?;
        write!(f, "that does not fit {} bits", usize::BITS)
    };
    /// The list is an index, a shape or one of axes.
    SP025 WrongRank wrong_rank "a list has the wrong length for the view's rank" {
        /// The rank that was given.
        rank: usize,
        /// The rank that is needed.
        needed: usize,
    } => write!(f, "{needed} {} needed, not {rank}", if *needed == 1 { "axis is" } else { "axes are" });
    SP026 RankTooLarge rank_too_large "a view of run-time rank would get too many axes" {
        /// The number of axes.
        rank: usize,
        /// The largest number there may be.
        limit: usize,
    } => write!(f, "a view of run-time rank has at most {limit} axes, not {rank}");
    /// No operation of this crate does: the check behind it turns a mistake in one into a refusal.
    SP027 LeavesParent leaves_parent
    "an operation arrived at an index that its parent does not have" {
        /// The axis of the parent.
        axis: usize,
    } => write!(f, "the result leaves axis {axis} of the view it is derived from");
    /// A number of a request does not fit `usize`, or a stride `isize`, so it describes no memory.
    /// Foreign interfaces hand over numbers of any size.
    SP028 NumberTooLarge number_too_large "a number does not fit 64 bits" {
        /// Which number.
        operand: Operand,
        /// The number, or its first [`SHOWN_DIGITS`] digits if it has more.
        leading: i128,
        /// How many digits the number has.
        digits: usize,
    } => {
        write!(f, "{operand} is {leading}")?;
        let rest = digits.saturating_sub(SHOWN_DIGITS);
        if rest > 0 {
            write!(f, "... and {rest} more digits")?;
        }
        write!(f, ", which does not fit {} bits", usize::BITS)
    };
    SP029 PartsOverlap parts_overlap "two parts for writing have an index in common" {
        /// The number of a part, from 0.
        first: usize,
        /// The number of another one.
        second: usize,
        /// An index tuple of the view that both parts are taken of, and that both have.
        index: Index,
    } => write!(f, "parts {first} and {second} of a mutable view both have its index {index}");
    /// No two indices share an element, but some crates take a view for writing only if each stride
    /// exceeds what the axes of smaller strides reach together.
    SP030 Interleaved interleaved "another crate takes no view for writing whose axes interleave" {
        /// The axis whose stride does not.
        axis: usize,
    } => write!(f, "axis {axis} interleaves with axes of smaller strides, so the other crate takes no view for writing");
    SP031 TwoInferred two_inferred "a reshape leaves two sizes to be inferred" {
        /// The axis of the first of them.
        first: usize,
        /// The axis of the second.
        second: usize,
    } => write!(f, "only one size can be inferred from the others, not those of axes {first} and {second}");
}

impl Error {
    /// [`BadAxis`](Self::BadAxis) for an axis that counts from 0.
    #[must_use]
    pub const fn bad_axis(axis: usize, rank: usize) -> Self {
        Self::BadAxis { axis: signed(widen(axis)), rank }
    }

    /// [`BadIndex`](Self::BadIndex) for an index that counts from 0.
    #[must_use]
    pub const fn bad_index(axis: usize, index: usize, size: usize) -> Self {
        Self::BadIndex { axis, index: signed(widen(index)), size }
    }

    /// The axis that the error is about, if it is about one.
    #[must_use]
    pub fn axis(&self) -> Option<usize> {
        match *self {
            Self::PastEnd { witness, .. } | Self::BeforeStart { witness, .. } => witness.axis,
            Self::NotItemMultiple { operand, .. }
            | Self::NegativeDimension { operand, .. }
            | Self::NegativeOffset { operand, .. }
            | Self::NumberTooLarge { operand, .. } => operand.axis(),
            Self::Misaligned { axis, .. } => axis,
            Self::BadAxis { axis, .. } => usize::try_from(axis).ok(),
            Self::TooManyElements { axis }
            | Self::NotRepresentable { axis }
            | Self::BadIndex { axis, .. }
            | Self::ZeroStep { axis }
            | Self::RepeatedAxis { axis }
            | Self::WindowTooLarge { axis, .. }
            | Self::NeedsCopy { outer: axis, .. }
            | Self::NotSizeOne { axis, .. }
            | Self::NotAdjacent { axis, .. }
            | Self::DoesNotFit { axis }
            | Self::Interleaved { axis }
            | Self::LeavesParent { axis } => Some(axis),
            _ => None,
        }
    }

    /// The index that leaves the buffer, where the refusal has one.
    #[must_use]
    pub const fn witness(&self) -> Option<&Witness> {
        match self {
            Self::PastEnd { witness, .. } | Self::BeforeStart { witness, .. } => Some(witness),
            _ => None,
        }
    }

    /// The smallest buffer length that would have been accepted, where there is one.
    #[must_use]
    pub fn required_len(&self) -> Option<u128> {
        match *self {
            Self::OffsetPastEnd { offset, .. } => Some(widen(offset)),
            Self::PastEnd { required_len, .. } => required_len,
            _ => None,
        }
    }
}

/// "1 byte", "2 bytes".
struct Counted<N>(N, Unit);

impl<N: fmt::Display + PartialEq + From<u8>> fmt::Display for Counted<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1.into() { "" } else { "s" })
    }
}

/// A shape as Python writes a tuple: `(4, 3)`, `(4,)`; the inferred size as -1.
struct Shape<'a>(&'a Index, Option<usize>);

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, ["(", if self.0.rank == 1 { ",)" } else { ")" }], self.1)
    }
}

impl Index {
    /// Writes the components between brackets, one of them as -1.
    fn write(
        &self,
        f: &mut fmt::Formatter<'_>,
        [open, close]: [&str; 2],
        inferred: Option<usize>,
    ) -> fmt::Result {
        f.write_str(open)?;
        for (axis, cell) in self.cells.iter().take(self.rank).enumerate() {
            f.write_str(if axis == 0 { "" } else { ", " })?;
            if inferred == Some(axis) { f.write_str("-1")? } else { write!(f, "{cell}")? }
        }
        if self.rank > INLINE_RANK {
            write!(f, ", ... {} axes", self.rank)?;
        }
        f.write_str(close)
    }

    /// The product of the components but one; `None` where it is not known or beyond `u128`.
    fn product(&self, except: Option<usize>) -> Option<u128> {
        let mut sizes = self.as_slice()?.iter().enumerate();
        sizes.try_fold(1u128, |product, (axis, &size)| {
            if except == Some(axis) { Some(product) } else { product.checked_mul(widen(size)) }
        })
    }
}

impl core::error::Error for Error {}

/// Refuses a shape and strides of different lengths.
pub(crate) const fn same_rank(shape: &[usize], strides: &[isize]) -> Result<(), Error> {
    let (shape, strides) = (shape.len(), strides.len());
    if shape == strides { Ok(()) } else { Err(Error::RankMismatch { shape, strides }) }
}

/// The error for shapes of which one does not go with the other.
pub(crate) fn incompatible(from: &[usize], to: &[usize]) -> Error {
    Error::IncompatibleShapes { from: Index::new(from), to: Index::new(to) }
}

/// `usize` has at most 64 bits on every target this crate knows: nothing is lost.
pub(crate) const fn widen(value: usize) -> u128 {
    value as u128
}

/// As [`widen`], with a sign.
pub(crate) const fn widen_signed(value: isize) -> i128 {
    value as i128
}

/// How far a view reaches below and above its offset, exactly. With a count that fits, the sum of
/// the sizes does too, so neither sum comes near 2^127.
#[inline(always)]
fn reaches(shape: &[usize], strides: &[isize]) -> (u128, u128) {
    let (mut below, mut above) = (0u128, 0u128);
    for (&size, &stride) in shape.iter().zip(strides) {
        let reach = widen(size.saturating_sub(1)) * widen(stride.unsigned_abs());
        let (down, up) = if stride < 0 { (reach, 0) } else { (0, reach) };
        (below, above) = (below + down, above + up);
    }
    (below, above)
}

/// Turns the kernel's refusal into the error that a user reads.
#[inline(always)]
pub(crate) fn describe(
    refusal: Refusal,
    shape: &[usize],
    strides: &[isize],
    offset: usize,
    len: usize,
    item: usize,
    unit: Unit,
) -> Error {
    let (axis, side, step, address) = match refusal {
        Refusal::Rank => {
            return Error::RankMismatch { shape: shape.len(), strides: strides.len() };
        }
        Refusal::Count { axis } => return Error::TooManyElements { axis },
        Refusal::EmptyOffset => return Error::OffsetPastEnd { offset, len, unit },
        Refusal::Origin => (None, Side::Above, 0, signed(widen(offset))),
        Refusal::Leaves { axis, side: Side::Below, index, excess } => {
            (Some(axis), Side::Below, index, -signed(widen(excess)))
        }
        Refusal::Leaves { axis, side: Side::Above, index, excess } => {
            // The range ends at `len - item`, and this much outside it the item starts.
            let address = signed(widen(len)) - signed(widen(item)) + signed(widen(excess));
            (Some(axis), Side::Above, index, address)
        }
    };
    let mut index = Index { rank: shape.len(), cells: [0; INLINE_RANK] };
    let witness = Witness { axis, step, index, address, unit };
    // One by one: to copy an array that was filled in a loop takes longer than all else here.
    let cell = |axis| match (shape.get(axis), strides.get(axis)) {
        (Some(&size), Some(&stride)) => witness.index_on(axis, size, stride),
        _ => 0,
    };
    index.cells = [cell(0), cell(1), cell(2), cell(3), cell(4), cell(5), cell(6), cell(7)];
    let witness = Witness { index, ..witness };
    let (below, above) = reaches(shape, strides);
    match side {
        Side::Below => Error::BeforeStart { witness, required_offset: below },
        Side::Above => {
            let end = widen(offset).saturating_add(above).saturating_add(widen(item));
            let required_len = (below <= widen(offset)).then_some(end);
            Error::PastEnd { witness, len, itemsize: item, required_len }
        }
    }
}

/// Everything that is widened here is a sum of few 64-bit numbers, far below 2^127.
#[expect(clippy::cast_possible_wrap, reason = "a sum of a few 64-bit numbers")]
pub(crate) const fn signed(value: u128) -> i128 {
    value as i128
}

/// The one panic behind all plain forms.
#[cold]
#[inline(never)]
#[track_caller]
fn refuse(error: &Error) -> ! {
    panic!("{error}")
}

/// Unwraps for the plain form of an operation.
#[inline]
#[track_caller]
pub(crate) fn accept<T>(result: Result<T, Error>) -> T {
    match result {
        Ok(accepted) => accepted,
        Err(error) => refuse(&error),
    }
}

#[cfg(test)]
#[path = "../tests/unit/error.rs"]
mod tests;
