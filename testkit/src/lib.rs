//! The fuzz targets as functions, and what they share.
//!
//! Most modules are one target each: a `Case`, which [`arbitrary`] makes from bytes and whose
//! `Debug` form says what it means, and a function `run`, which panics when the crate is wrong about
//! the case. `fuzz/` feeds them from libFuzzer; the tests feed the same functions from proptest and
//! from the inputs that are kept below `fuzz/`. The others are what the targets share:
//!
//! - [`oracle`] is the specification over wide integers, which never calls the crate;
//! - [`request`] generates requests, most of them within one unit of the boundary between what is
//!   accepted and what is not;
//! - [`element`] has the element types, and the place of reading without a check; [`reading`] reads a
//!   view in every way there is;
//! - [`subject`] states the crate's answers in the oracle's terms. To judge another implementation
//!   is to write its own such function: [`as_strided::judge`] and [`oracle::judge`] take answers from
//!   anywhere.

pub mod as_strided;
pub mod bytes;
#[cfg(feature = "command")]
pub mod command;
pub mod element;
pub mod oracle;
pub mod reading;
pub mod request;
pub mod subject;
pub mod unique;
pub mod view_ops;

pub use element::{Checked, Element, Unchecked};
