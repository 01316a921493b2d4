//! Derived views: slices, transposes, windows and the other ways to see part of a view anew.
//!
//! An operation never touches an element and never computes a pointer. It says, in integers, *how
//! a new view walks its parent*: at which index of the parent it starts, and how far along which
//! of the parent's axes one step of each of its own axes goes. That statement is a `Selection`
//! (`select.rs`). One function checks it with the kernel's own arithmetic, and then checks the
//! numbers that come of it once more against the buffer. So a mistake in an operation is a refusal,
//! not an access outside memory, and not an access to the other half of a split view either.
//! `reshape` and `reinterpret`, which are no selections, have a check of their own each.
//!
//! Every operation comes as `Layout::try_x`, on integers alone; as `try_x` on views, which returns
//! the [`Error`]; and as `x`, which panics with the error's message. Each costs a few steps per
//! axis and copies nothing. The meaning of each is NumPy's, with two exceptions that no element
//! can tell: the offset of a view derived from an empty view stays where it is, and a stride along
//! an axis of at most one element that does not fit `isize` becomes 0.
//!
//! A view accepted as such is never refused by the kernel after an operation (theorem T6): the
//! errors name a bad argument, a count beyond `isize::MAX` (windows and broadcasts multiply
//! elements) or [`DoesNotFit`](Error::DoesNotFit), which takes a layout of more than `isize::MAX`
//! elements and so elements of no size.
//!
//! # Mutable views
//!
//! [`StridedViewMut`](crate::StridedViewMut) offers an operation when different indices of the
//! result stand for different indices of the parent. The parent gives each of its indices an
//! element of its own, so the result does too, and no search for overlap is needed. An operation
//! on a mutable view takes it by value; [`reborrow`](crate::StridedViewMut::reborrow) first to keep
//! it. A broadcast repeats elements, and so there is none for writing:
//!
//! ```compile_fail,E0599
//! let mut x = [1, 2, 3];
//! strideproof::StridedViewMut::from_slice(&mut x)?.broadcast_to([2, 3]);
//! # Ok::<(), strideproof::Error>(())
//! ```

mod axes;
mod broadcast;
mod bytes_used;
mod diagonal;
mod elementwise;
mod rank;
mod reinterpret;
mod reshape;
mod select;
mod slice;
mod split;
mod windows;

pub use crate::view::LanesMut;
pub use rank::{Double, OneLess, OneMore, Rank, Wider};
#[cfg(any(kani, test))]
pub(crate) use select::take_walks;
pub(crate) use select::{Along, Selection, Walk};
pub use slice::Slice;
pub use split::{AxisIter, AxisIterMut, Lanes};

use crate::error::Error;

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

/// Spells out the forms of one operation: `Layout::try_x`, and `try_x` and `x` on views.
///
/// `mutable` operations come on both kinds of view, `shared` ones on `StridedView` only. `by` names
/// the method of `Layout` that turns the arguments into a `Selection`.
macro_rules! derived {
    (
        $(#[$doc:meta])* fn $plain:ident;
        $(#[$errors:meta])* fn $fallible:ident;
        shared [$($generic:tt)*] ($($arg:ident: $ty:ty),*) -> $rank:ident
        where [$($bound:tt)*] by $select:ident
    ) => {
        impl<const N: usize> crate::Layout<N> {
            #[doc = concat!("As [`StridedView::", stringify!($plain), "`](crate::StridedView::",
                stringify!($plain), "), on the numbers alone.")]
            ///
            $(#[$errors])*
            pub fn $fallible<$($generic)*>(
                &self, $($arg: $ty),*
            ) -> Result<crate::Layout<$rank>, crate::Error> where $($bound)* {
                self.select(&self.$select($($arg),*)?)
            }
        }

        impl<'a, T, const N: usize> crate::StridedView<'a, T, N> {
            $(#[$doc])*
            ///
            /// # Panics
            #[doc = concat!("With the message of the error of [`", stringify!($fallible),
                "`](Self::", stringify!($fallible), ").")]
            #[must_use]
            #[track_caller]
            pub fn $plain<$($generic)*>(
                &self, $($arg: $ty),*
            ) -> crate::StridedView<'a, T, $rank> where $($bound)* {
                crate::ops::accept(self.$fallible($($arg),*))
            }

            #[doc = concat!("As [`", stringify!($plain), "`](Self::", stringify!($plain),
                "), returning the error.")]
            ///
            $(#[$errors])*
            pub fn $fallible<$($generic)*>(
                &self, $($arg: $ty),*
            ) -> Result<crate::StridedView<'a, T, $rank>, crate::Error> where $($bound)* {
                self.select(&self.layout().$select($($arg),*)?)
            }
        }
    };
    (
        $(#[$doc:meta])* fn $plain:ident;
        $(#[$errors:meta])* fn $fallible:ident;
        mutable [$($generic:tt)*] ($($arg:ident: $ty:ty),*) -> $rank:ident
        where [$($bound:tt)*] by $select:ident
    ) => {
        derived! {
            $(#[$doc])* fn $plain;
            $(#[$errors])* fn $fallible;
            shared [$($generic)*] ($($arg: $ty),*) -> $rank where [$($bound)*] by $select
        }

        impl<'a, T, const N: usize> crate::StridedViewMut<'a, T, N> {
            #[doc = concat!("As [`StridedView::", stringify!($plain), "`](crate::StridedView::",
                stringify!($plain), "), for writing.")]
            ///
            /// # Panics
            #[doc = concat!("With the message of the error of [`", stringify!($fallible),
                "`](Self::", stringify!($fallible), ").")]
            #[must_use]
            #[track_caller]
            pub fn $plain<$($generic)*>(
                self, $($arg: $ty),*
            ) -> crate::StridedViewMut<'a, T, $rank> where $($bound)* {
                crate::ops::accept(self.$fallible($($arg),*))
            }

            #[doc = concat!("As [`", stringify!($plain), "`](Self::", stringify!($plain),
                "), returning the error.")]
            ///
            $(#[$errors])*
            pub fn $fallible<$($generic)*>(
                self, $($arg: $ty),*
            ) -> Result<crate::StridedViewMut<'a, T, $rank>, crate::Error> where $($bound)* {
                let selection = self.layout().$select($($arg),*)?;
                self.select(&selection)
            }
        }
    };
}
use derived;
