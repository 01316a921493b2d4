//! Layouts and views whose rank is known at run time, up to [`MAX_DYN_RANK`].
//!
//! They are layouts and views of rank [`MAX_DYN_RANK`] whose last axes, from the rank on, have size
//! one. Such axes change neither an address nor the row-major order nor whether indices share
//! elements, so every check and every operation is that of the fixed rank, there is no `unsafe`
//! here, and axes keep their numbers. Nothing is allocated.

mod convert;
mod layout;
mod view;

pub use layout::LayoutDyn;
pub use view::{StridedViewDyn, StridedViewMutDyn};

use crate::error::{Error, INLINE_RANK};
use crate::ops::{Selection, Slice, Walk};

/// The largest rank of a view whose rank is known at run time.
pub const MAX_DYN_RANK: usize = INLINE_RANK;

const R: usize = MAX_DYN_RANK;

/// How a view of run-time rank walks its parent: a selection, and the rank of the result.
type Selected = (Selection<R, R>, usize);

/// Lengthens a list of arguments, one for each axis, to the inner rank.
fn padded<T: Copy>(arguments: &[T], filler: T) -> Result<[T; R], Error> {
    let mut padded = [filler; R];
    let too_large = Error::RankTooLarge { rank: arguments.len(), limit: R };
    padded.get_mut(..arguments.len()).ok_or(too_large)?.copy_from_slice(arguments);
    Ok(padded)
}

/// Keeps those walks that `axes` names, in that order, and adds axes of size 1 behind them.
fn repacked<const M: usize>(
    selection: &Selection<R, M>,
    axes: impl Iterator<Item = usize>,
) -> Result<Selected, Error> {
    let mut walks = [Walk::repeat(1); R];
    let mut rank = 0;
    for axis in axes {
        if let (Some(walk), Some(kept)) = (walks.get_mut(rank), selection.walks.get(axis)) {
            *walk = *kept;
        }
        rank = rank.saturating_add(1);
    }
    if rank > R {
        return Err(Error::RankTooLarge { rank, limit: R });
    }
    Ok((Selection { start: selection.start, walks }, rank))
}

/// Spells out the fallible form of one operation on layouts and views of run-time rank. The method
/// of `LayoutDyn` after `by` turns the arguments into a selection.
macro_rules! operations {
    ($($(#[$only:ident])? $name:ident, $plain:ident($($arg:ident: $ty:ty),*) by $select:ident;)*) => {
        impl LayoutDyn {
            $(
                #[doc = concat!("As [`StridedView::", stringify!($plain), "`](crate::StridedView::", stringify!($plain), ").")]
                ///
                /// # Errors
                #[doc = concat!("Those of [`StridedView::", stringify!($name), "`](crate::StridedView::", stringify!($name), "),")]
                /// [`WrongRank`](Error::WrongRank) and [`RankTooLarge`](Error::RankTooLarge).
                pub fn $name(&self, $($arg: $ty),*) -> Result<Self, Error> {
                    self.select(&self.$select($($arg),*)?)
                }
            )*
        }

        impl<'a, T> StridedViewDyn<'a, T> {
            $(
                #[doc = concat!("As [`StridedView::", stringify!($plain), "`](crate::StridedView::", stringify!($plain), ").")]
                ///
                /// # Errors
                #[doc = concat!("Those of [`StridedView::", stringify!($name), "`](crate::StridedView::", stringify!($name), "),")]
                /// [`WrongRank`](Error::WrongRank) and [`RankTooLarge`](Error::RankTooLarge).
                pub fn $name(&self, $($arg: $ty),*) -> Result<Self, Error> {
                    self.select(&self.layout.$select($($arg),*)?)
                }
            )*
        }

        $(operations! { @mutable $($only)? $name, $plain($($arg: $ty),*) by $select })*
    };
    (@mutable shared $name:ident, $plain:ident($($arg:ident: $ty:ty),*) by $select:ident) => {};
    (@mutable $name:ident, $plain:ident($($arg:ident: $ty:ty),*) by $select:ident) => {
        impl<'a, T> StridedViewMutDyn<'a, T> {
            #[doc = concat!("As [`StridedViewMut::", stringify!($plain), "`](crate::StridedViewMut::", stringify!($plain), ").")]
            ///
            /// # Errors
            #[doc = concat!("Those of [`StridedViewMut::", stringify!($name), "`](crate::StridedViewMut::", stringify!($name), "),")]
            /// [`WrongRank`](Error::WrongRank) and [`RankTooLarge`](Error::RankTooLarge).
            pub fn $name(self, $($arg: $ty),*) -> Result<Self, Error> {
                let selected = self.layout.$select($($arg),*)?;
                self.select(&selected)
            }
        }
    };
}

operations! {
    try_slice, slice(slices: &[Slice]) by slicing;
    try_slice_axis, slice_axis(axis: usize, slice: Slice) by slicing_axis;
    try_reverse, reverse(axis: usize) by reversing;
    try_permute, permute(axes: &[usize]) by permuting;
    try_t, t() by transposing;
    try_swap_axes, swap_axes(one: usize, other: usize) by swapping;
    try_index_axis, index_axis(axis: usize, index: usize) by indexing;
    try_insert_axis, insert_axis(axis: usize) by inserting;
    try_squeeze, squeeze(axis: usize) by squeezing;
    try_diagonal_of, diagonal_of(offset: isize, rows: usize, columns: usize) by diagonal_over;
    try_windows_by, windows_by(window: &[usize], steps: &[usize]) by windowing_by;
    #[shared] try_broadcast_to, broadcast_to(shape: &[usize]) by broadcasting;
}
