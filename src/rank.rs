//! Ranks known at compile time and at run time, and the lists that hold one value for each axis.

use core::borrow::Borrow;
use core::fmt;

use crate::error::Error;

mod sealed {
    pub trait Sealed {}
    impl<const N: usize> Sealed for super::Const<N> {}
    impl Sealed for super::Dyn {}
}

/// How many axes a list of run-time rank holds without a heap.
pub(crate) const INLINE: usize = 8;

/// A rank known at compile time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Const<const N: usize> {}

/// A rank known at run time: up to 8 axes without a heap, any number with the feature `alloc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dyn {}

/// Says how layouts and views keep one value for each axis: [`Const`] or [`Dyn`].
pub trait Rank: sealed::Sealed + Copy + fmt::Debug + Eq + 'static {
    /// One value for each axis, owned: `[X; N]`, or an [`AxisList`].
    type List<X: Copy>: Borrow<Self::Axes<X>> + AsMut<[X]> + Clone;
    /// One value for each axis, borrowed: `[X; N]`, or `[X]`.
    type Axes<X: Copy>: AsRef<[X]> + ?Sized;

    /// A list of `rank` equal values.
    ///
    /// # Errors
    /// [`WrongRank`](Error::WrongRank) when the type has another rank;
    /// [`RankTooLarge`](Error::RankTooLarge) when there is no memory for so many.
    fn filled<X: Copy>(rank: usize, value: X) -> Result<Self::List<X>, Error>;
}

/// The values of a list as a slice.
#[inline]
pub(crate) fn slice<D: Rank, X: Copy>(list: &D::List<X>) -> &[X] {
    let axes: &D::Axes<X> = list.borrow();
    axes.as_ref()
}

/// A list that holds a copy of these values.
#[inline]
pub(crate) fn list<D: Rank, X: Copy + Default>(values: &[X]) -> Result<D::List<X>, Error> {
    let mut list = D::filled(values.len(), X::default())?;
    list.as_mut().copy_from_slice(values);
    Ok(list)
}

impl<const N: usize> Rank for Const<N> {
    type List<X: Copy> = [X; N];
    type Axes<X: Copy> = [X; N];

    #[inline]
    fn filled<X: Copy>(rank: usize, value: X) -> Result<[X; N], Error> {
        if rank == N { Ok([value; N]) } else { Err(Error::WrongRank { rank, needed: N }) }
    }
}

impl Rank for Dyn {
    type List<X: Copy> = AxisList<X>;
    type Axes<X: Copy> = [X];

    fn filled<X: Copy>(rank: usize, value: X) -> Result<AxisList<X>, Error> {
        if rank <= INLINE {
            return Ok(AxisList(Cells::Inline { rank, cells: [value; INLINE] }));
        }
        #[cfg(feature = "alloc")]
        {
            let mut cells = alloc::vec::Vec::new();
            if cells.try_reserve_exact(rank).is_ok() {
                cells.resize(rank, value);
                return Ok(AxisList(Cells::Heap(cells.into_boxed_slice())));
            }
        }
        Err(Error::RankTooLarge { rank, limit: INLINE })
    }
}

/// One value for each axis of a layout whose rank is known at run time; read it as a slice.
#[derive(Clone)]
pub struct AxisList<X>(Cells<X>);

#[derive(Clone)]
enum Cells<X> {
    Inline {
        rank: usize,
        cells: [X; INLINE],
    },
    #[cfg(feature = "alloc")]
    Heap(alloc::boxed::Box<[X]>),
}

impl<X> AsRef<[X]> for AxisList<X> {
    fn as_ref(&self) -> &[X] {
        match &self.0 {
            Cells::Inline { rank, cells } => cells.get(..*rank).unwrap_or_default(),
            #[cfg(feature = "alloc")]
            Cells::Heap(cells) => cells,
        }
    }
}

impl<X> AsMut<[X]> for AxisList<X> {
    fn as_mut(&mut self) -> &mut [X] {
        match &mut self.0 {
            Cells::Inline { rank, cells } => cells.get_mut(..*rank).unwrap_or_default(),
            #[cfg(feature = "alloc")]
            Cells::Heap(cells) => cells,
        }
    }
}

impl<X> Borrow<[X]> for AxisList<X> {
    fn borrow(&self) -> &[X] {
        self.as_ref()
    }
}

impl<X> core::ops::Deref for AxisList<X> {
    type Target = [X];

    fn deref(&self) -> &[X] {
        self.as_ref()
    }
}

impl<X: PartialEq> PartialEq for AxisList<X> {
    fn eq(&self, other: &Self) -> bool {
        self.as_ref() == other.as_ref()
    }
}

impl<X: Eq> Eq for AxisList<X> {}

impl<X: fmt::Debug> fmt::Debug for AxisList<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

/// Gives one value for each axis, and with it the rank: `[X; N]` where the rank is constant;
/// `&[X]`, `&[X; N]` or `Vec<X>` where it is known at run time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not give one `{X}` for each axis",
    note = "with a constant rank pass an array, `[2, 3]`; with a run-time rank a slice, `&[2, 3]`",
    note = "sizes and indices are `usize`, strides are `isize`: write `stride as isize` for a stride that is `usize`"
)]
pub trait PerAxis<X: Copy + Default> {
    /// The rank that this argument has.
    type Rank: Rank;

    /// The values.
    fn values(&self) -> &[X];

    /// The values as a list of their own.
    ///
    /// # Errors
    /// [`RankTooLarge`](Error::RankTooLarge) when there is no memory for so many.
    fn into_list(self) -> Result<<Self::Rank as Rank>::List<X>, Error>;
}

impl<X: Copy + Default, const N: usize> PerAxis<X> for [X; N] {
    type Rank = Const<N>;

    #[inline]
    fn values(&self) -> &[X] {
        self
    }

    #[inline]
    fn into_list(self) -> Result<[X; N], Error> {
        Ok(self)
    }
}

macro_rules! per_axis_of_run_time_rank {
    ($($(#[$only:meta])? [$($generic:tt)*] $list:ty;)*) => {
        $(
            $(#[$only])?
            impl<X: Copy + Default $($generic)*> PerAxis<X> for $list {
                type Rank = Dyn;

                fn values(&self) -> &[X] {
                    AsRef::<[X]>::as_ref(self)
                }

                fn into_list(self) -> Result<AxisList<X>, Error> {
                    list::<Dyn, X>(self.values())
                }
            }
        )*
    };
}

per_axis_of_run_time_rank! {
    [] &[X];
    [, const N: usize] &[X; N];
    [] AxisList<X>;
    [] &AxisList<X>;
    #[cfg(feature = "alloc")]
    [] alloc::vec::Vec<X>;
    #[cfg(feature = "alloc")]
    [] &alloc::vec::Vec<X>;
}

/// Marks the constant ranks, 0 to 8, whose lists need no heap at run-time rank either.
// Not a kind of `Rank`: a bound that implies `Const<N>: Rank` would hide that its list is `[X; N]`.
#[diagnostic::on_unimplemented(
    message = "a view of more than 8 axes may need a heap: use `try_with_rank`",
    label = "`{Self}` is larger than 8"
)]
pub trait Short: sealed::Sealed {}

/// Names the larger of two ranks: of ranks 0 to 8, and of run-time ranks and any other.
#[diagnostic::on_unimplemented(
    message = "one of the two ranks is larger than 8",
    label = "the larger of `{Self}` and `{E}` is not known"
)]
pub trait Wider<E: Rank>: Rank {
    /// That rank.
    type Wide: Rank;
}

impl<E: Rank> Wider<E> for Dyn {
    type Wide = Self;
}

impl<const N: usize> Wider<Dyn> for Const<N> {
    type Wide = Dyn;
}

/// Defines a trait that names another rank: for run-time ranks themselves, else by pairs.
macro_rules! related {
    (
        $(#[$doc:meta])* $trait:ident::$to:ident, $message:literal, $label:literal,
        $($one:literal $other:literal),*
    ) => {
        $(#[$doc])*
        #[diagnostic::on_unimplemented(message = $message, label = $label)]
        pub trait $trait: Rank {
            /// That rank.
            type $to: Rank;
        }
        impl $trait for Dyn {
            type $to = Self;
        }
        $(
            impl $trait for Const<$one> {
                type $to = Const<$other>;
            }
        )*
    };
}

related! {
    /// Names the rank with one axis less: of ranks 1 to 16, and of run-time ranks.
    Shrink::Smaller, "a view of this rank has no axis to remove, or more than 16",
    "no rank is one less than `{Self}`", 1 0, 2 1, 3 2, 4 3, 5 4, 6 5, 7 6, 8 7, 9 8, 10 9, 11 10,
    12 11, 13 12, 14 13, 15 14, 16 15
}

related! {
    /// Names the rank with one axis more: of ranks 0 to 15, and of run-time ranks.
    Grow::Larger, "a view of this rank has no room for one more axis: 16 is the limit",
    "no rank is one more than `{Self}`", 0 1, 1 2, 2 3, 3 4, 4 5, 5 6, 6 7, 7 8, 8 9, 9 10, 10 11,
    11 12, 12 13, 13 14, 14 15, 15 16
}

related! {
    /// Names the rank twice as large: of ranks 0 to 8, and of run-time ranks.
    Twice::Double, "windows need a view of at most 8 axes", "no rank is twice `{Self}`",
    0 0, 1 2, 2 4, 3 6, 4 8, 5 10, 6 12, 7 14, 8 16
}

/// Each line: a rank, and the ranks below it.
macro_rules! wider {
    ($($large:literal: $($small:literal)*;)*) => {
        $(
            impl Short for Const<$large> {}
            impl Wider<Const<$large>> for Const<$large> {
                type Wide = Self;
            }
            $(
                impl Wider<Const<$small>> for Const<$large> {
                    type Wide = Self;
                }
                impl Wider<Const<$large>> for Const<$small> {
                    type Wide = Const<$large>;
                }
            )*
        )*
    };
}

wider! {
    0: ;
    1: 0;
    2: 0 1;
    3: 0 1 2;
    4: 0 1 2 3;
    5: 0 1 2 3 4;
    6: 0 1 2 3 4 5;
    7: 0 1 2 3 4 5 6;
    8: 0 1 2 3 4 5 6 7;
}
