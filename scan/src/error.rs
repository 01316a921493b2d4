//! What keeps a scan from starting.

use std::fmt;
use std::path::PathBuf;

/// Why there is nothing to scan.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The target is neither a path nor `NAME@VERSION`.
    NoSuchTarget(String),
    /// A path holds no Rust crate.
    NoCrate(PathBuf),
    /// Cargo could not bring the source of a published crate.
    Cargo {
        /// What was asked for.
        target: String,
        /// What cargo said.
        message: String,
    },
    /// A file or folder could not be read.
    Read(PathBuf, std::io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchTarget(target) => {
                write!(f, "`{target}` is neither a path nor a crate as NAME@VERSION")
            }
            Self::NoCrate(path) => write!(
                f,
                "{}: no Rust crate here: neither a Cargo.toml, nor src/lib.rs, nor a .rs file",
                path.display()
            ),
            Self::Cargo { target, message } => write!(
                f,
                "cargo could not bring the source of {target}: {message}\n\
                 without a network, give the path of a copy of its source instead"
            ),
            Self::Read(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}
