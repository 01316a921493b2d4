//! The library's tests, but for what takes long (`grids.rs`) or runs a compiler (`ui.rs`): known
//! cases, documents, ranks, and plain examples. The fuzz targets' functions, which compare views,
//! operations and the search for overlap with the oracle, are tested in `testkit/`.
#![cfg(feature = "alloc")]

mod cases;
mod display;
mod documents;
mod goldens;
mod interface;
mod interop;
mod iteration;
mod matrices;
mod ops;
mod overlap;
mod package;
mod parts;
mod ranks;
mod typed;
