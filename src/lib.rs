//! Decides, exactly and with a proof, whether a strided view stays inside its buffer.
//!
//! A strided view is a shape, strides and an offset over a buffer. NumPy's and MLX's `as_strided`,
//! image planes, tensors and DLPack trust such triples; a wrong one reads or writes outside memory.
//!
//! ```
//! use strideproof::{Error, as_strided};
//! let x: Vec<i64> = (0..12).collect();
//! let windows = as_strided(&x, [10, 3], [1, 1], 0)?;
//! assert_eq!(windows[[9, 2]], 11);
//! assert!(matches!(as_strided(&x, [11, 3], [1, 1], 0), Err(Error::PastEnd { .. })));
//! # Ok::<(), Error>(())
//! ```
//!
//! # Where to start
//!
//! - [`as_strided`] and [`as_strided_mut`] show a slice through a shape, strides and an offset, or say
//!   at which index it would be left. What they return is a [`View`], which has NumPy's operations.
//! - [`check_bytes`] and [`check_elements`] answer for bare numbers, without a buffer: what code that
//!   has its own views puts in front of them.
//! - [`overlap`] decides whether two indices, or two views, share memory.
//! - [`examples`] and [`first_hour`] show all of it at work.
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `std` (default) | `alloc` |
//! | `alloc` | copies, ranks above 8 at run time, and tables that bound the hardest searches for an alias |
//! | `bytemuck` | views over bytes whose strides count bytes, [`reinterpret`](View::reinterpret) and [`field`](View::field) |
//! | `rayon` | parallel iteration over the elements, and over [`axis_iter`](View::axis_iter) and [`lanes`](View::lanes) |
//! | `ndarray`, `imgref`, `image`, `nalgebra`, `faer` | conversion from and to the views of these crates: [`interop`] |
//!
//! Without any the crate needs no heap and no other crate. Targets of 64 bits are those that are proved
//! and tested; see the next section.
//!
//! # Evidence
//!
//! That the decision is the specification below is proved by two provers, for numbers of 64 bits and,
//! by one of them, any rank. [The ledger][ledger] lists each theorem with its domain and what turned it
//! red, and [`docs/trust.md`][trust] what is trusted. On targets of other widths the same code runs, and
//! nothing is claimed.
//!
//! [ledger]: https://docs.rs/crate/strideproof/latest/source/proofs/README.md
//! [trust]: https://docs.rs/crate/strideproof/latest/source/docs/trust.md
//!
//! # Specification
//!
//! Over the integers, so that no definition can overflow: an index tuple `i` is *valid* iff
//! `0 <= i_k < shape_k` on every axis; `address(i) = offset + Σ i_k · strides_k`; the view is
//! *empty* iff some size is 0; rank 0 has one index, the empty tuple.
//!
//! **Acceptance.** Accepted iff shape and strides agree in rank, the product of the sizes is at
//! most `isize::MAX`, and either the view is empty and `offset <= len`, or it is not empty and
//! `0 <= address(i) < len` for every valid `i`. Nothing else is refused. So an empty view may carry
//! any strides, an axis of size 1 any stride; stride 0, negative strides and overlapping read-only
//! views are fine; and the buffer may have any length that `usize` can say.
//!
//! **Byte form.** The same with all numbers in bytes, where all `itemsize` bytes of each item must
//! lie in the buffer. Conversion between bytes and elements is exact or refused.
//!
//! **Span form.** Where no length is known: the lowest and the highest address counted from the
//! all-zero index, both of which must fit `isize`; of items at byte strides, how many bytes before
//! and after the start of the buffer a view needs.
//!
//! **Uniqueness.** No two valid index tuples share an address (in byte form: a byte). A mutable
//! view needs it. Shape (2, 3) with strides (3, 2) is unique.
//!
//! **Witness.** A refusal names the axis, an index tuple that leaves the buffer and its address,
//! and the smallest length that would do; or two index tuples that share an element.
//!
//! # Operations
//!
//! Slices, transposes, windows, diagonals, broadcasts, reshapes and the like are methods of the
//! views, checked the same way. [`ops`] says how, and what they cost; [`examples`] shows them at
//! work.
//!
//! # Unsafe code
//!
//! One file, `view.rs`, dereferences addresses. Everything below it is integer arithmetic.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

// Not in its place: rustdoc lists methods in this order, and `new`, `get` and `iter` come first.
mod view;

mod as_strided;
mod bytes;
mod convert;
mod display;
mod error;
mod footprint;
pub mod interop;
mod iter;
mod kernel;
mod layout;
pub mod ops;
pub mod overlap;
#[cfg(feature = "rayon")]
mod parallel;
mod planes;
mod rank;
mod sharing;
mod walk;

#[cfg(any(kani, test))]
#[path = "../proofs/mod.rs"]
mod proofs;

pub use as_strided::{ShapeArg, StridesArg, as_strided, as_strided_mut};
pub use bytes::{ByteSpan, Extent, Span};
pub use bytes::{check_alignment, check_bytes, check_elements, check_span, check_span_bytes};
pub use convert::{StridedView, StridedViewDyn, StridedViewMut, StridedViewMutDyn};
pub use error::{Code, Error, INLINE_RANK, Index, Operand, SHOWN_DIGITS, Unit, Witness};
pub use footprint::distinct_units;
pub use iter::{IndexedIter, IterMut};
pub use layout::{Layout, LayoutDyn, is_column_major, is_row_major, row_major_strides};
pub use ops::Slice;
#[cfg(feature = "rayon")]
pub use parallel::ParIter;
pub use rank::{AxisList, Const, Dyn, Grow, PerAxis, Rank, Short, Shrink, Twice, Wider};
pub use view::{Buffer, Bytes, Elements, Iter, Run, View, ViewUnit};

/// What one does with strides, one short example each: the operations at work.
///
/// Nothing but documentation, and tests of it.
// Rustdoc shows it with any features; the examples run when all that they use is there.
#[cfg(all(doc, any(not(doctest), all(feature = "alloc", feature = "bytemuck"))))]
#[doc = include_str!("../docs/examples.md")]
pub mod examples {}

/// From a clone to the first views: the newcomer's path, step by step.
///
/// Nothing but documentation, and tests of it.
#[cfg(all(
    doc,
    any(not(doctest), all(feature = "alloc", feature = "bytemuck", feature = "ndarray"))
))]
#[doc = include_str!("../docs/first-hour.md")]
pub mod first_hour {}

/// The README's Rust is compiled and run with the documentation's examples.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;
