//! Derived views: slices, transposes, windows and the other ways to see part of a view anew.
//!
//! An operation never touches an element and never computes a pointer. It says, in integers, how
//! the new view walks its parent: at which index of the parent it starts, and how far along which
//! of the parent's axes one step of each of its own axes goes. That statement is a `Selection`
//! (`select.rs`). One function checks it with the kernel's own arithmetic, and then checks the
//! numbers that come of it once more against the buffer. So a mistake in an operation is a refusal,
//! not an access outside memory, and not an access to the other half of a split view either.
//! `reshape`, `reinterpret` and `field`, which are no selections, have a check of their own each.
//!
//! Each operation is one function for all views: shared and mutable, of constant rank and of
//! run-time rank.
//!
//! Every operation comes as `Layout::try_x`, on integers alone; as `try_x` on views, which returns
//! the [`Error`](crate::Error); and as `x`, which panics with the error's message. Each costs a few
//! steps per axis and copies nothing. Semantics are NumPy's, with two differences that element
//! access cannot observe: the offset of a view derived from an empty view stays where it is, and a
//! stride along an axis of at most one element that does not fit `isize` becomes 0.
//!
//! A view accepted as such is never refused by the kernel after an operation (theorem T6): the
//! errors name a bad argument, a count beyond `isize::MAX` (windows and broadcasts multiply
//! elements) or [`DoesNotFit`](crate::Error::DoesNotFit), which takes a layout of more than
//! `isize::MAX` elements and so elements of no size.
//!
//! # Mutable views
//!
//! An operation on a mutable view needs no search for overlap when different indices of the result
//! stand for different indices of the parent, because the parent gives each of its indices an
//! element of its own. Operations take the view by value: use
//! [`reborrow`](crate::View::reborrow) first to keep a mutable view, and `clone` to keep a shared
//! view of run-time rank. A broadcast repeats elements, so there is none for writing:
//!
//! ```compile_fail,E0599
//! let mut x = [1, 2, 3];
//! strideproof::StridedViewMut::from_slice(&mut x)?.broadcast_to([2, 3]);
//! # Ok::<(), strideproof::Error>(())
//! ```

#[cfg(feature = "alloc")]
mod apply;
mod axes;
mod broadcast;
mod diagonal;
mod elementwise;
#[cfg(feature = "bytemuck")]
mod field;
mod reduce;
mod reinterpret;
mod reshape;
pub(crate) mod select;
mod slice;
mod split;
mod windows;

pub use crate::view::Parts;
#[cfg(feature = "alloc")]
pub use apply::{Cut, Operation};
#[cfg(any(kani, test))]
pub(crate) use select::{Along, Progression, Selection, Walk, take_walks};
pub use slice::{Piece, PieceArg, Pieces, Position, Slice, SliceArg};
pub use split::{AxisIter, Lanes};

/// Spells out the plain form of an operation, which panics with the message of the error.
macro_rules! plain {
    (
        $(#[$doc:meta])* fn $plain:ident [$($generic:tt)*] ([$($this:tt)*] $($arg:ident: $ty:ty),*)
        -> $out:ty, $([$($bound:tt)*])? by $self:ident.$fallible:ident
    ) => {
        $(#[$doc])*
        ///
        /// # Panics
        #[doc = concat!("With the message of the error of [`", stringify!($fallible),
            "`](Self::", stringify!($fallible), ").")]
        #[track_caller]
        pub fn $plain<$($generic)*>($($this)*, $($arg: $ty),*) -> $out $(where $($bound)*)? {
            crate::error::accept($self.$fallible($($arg),*))
        }
    };
}
use plain;

/// Spells out the forms of one operation: `Layout::try_x`, and `try_x` and `x` on views.
///
/// `by` names the method of `Layout` that turns the arguments into a `Selection`, `or` the errors.
macro_rules! derived {
    (
        $(#[$doc:meta])*
        fn $plain:ident($($arg:ident: $ty:ty),*) -> $rank:ty, $([$($bound:tt)*])?
        $fallible:ident by $select:ident $(or $($error:ident)+)?
    ) => {
        impl<D: crate::rank::Rank> crate::Layout<D> {
            #[doc = concat!("As [`View::", stringify!($plain), "`](crate::View::",
                stringify!($plain), "), on the numbers alone.")]
            $(
                #[doc = concat!("\n# Errors", $("\n- [`", stringify!($error), "`](crate::Error::",
                    stringify!($error), ")"),+)]
            )?
            pub fn $fallible(
                &self, $($arg: $ty),*
            ) -> Result<crate::Layout<$rank>, crate::Error> $(where $($bound)*)? {
                self.select(&self.$select($($arg),*)?)
            }
        }

        impl<B: crate::Buffer<T>, T, D: crate::Rank, U: crate::ViewUnit> crate::View<B, T, D, U> {
            crate::ops::plain! {
                $(#[$doc])*
                #[must_use]
                fn $plain [] ([self] $($arg: $ty),*) -> crate::View<B, T, $rank, U>,
                $([$($bound)*])? by self.$fallible
            }

            #[doc = concat!("As [`", stringify!($plain), "`](Self::", stringify!($plain),
                "), returning the error.")]
            $(
                #[doc = concat!("\n# Errors", $("\n- [`", stringify!($error), "`](crate::Error::",
                    stringify!($error), ")"),+)]
            )?
            pub fn $fallible(
                self, $($arg: $ty),*
            ) -> Result<crate::View<B, T, $rank, U>, crate::Error> $(where $($bound)*)? {
                let selection = self.layout().$select($($arg),*)?;
                self.select(&selection)
            }
        }
    };
}
use derived;
