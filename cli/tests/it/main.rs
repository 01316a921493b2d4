//! Tests of the command: as a library, as a process, and as its transcripts show it.

mod cases;
mod command;
mod documents;
mod explain;
mod lines;
mod npy;
#[cfg(feature = "scan")]
mod sarif;
mod schema;
mod transcripts;
mod views;
mod worst;
