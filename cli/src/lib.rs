//! What the command `strideproof` is made of, apart from the terminal: requests, verdicts with
//! their JSON, and the files and pictures around them.
//!
//! A library, so that tests and fuzzers can hand any bytes to it: nothing here panics on input.
#![forbid(unsafe_code)]

mod archive;
pub mod args;
pub mod chain;
pub mod decide;
pub mod derive;
pub mod dtype;
pub mod explain;
mod float;
pub mod human;
pub mod jsonl;
mod literal;
mod nearest;
pub mod npy;
pub mod number;
pub mod overlap;
pub mod picture;
pub mod print;
pub mod request;
#[cfg(feature = "scan")]
pub mod scan;
pub mod source;
pub mod svg;
mod time;
pub mod verdict;
