//! The project's own chores, `cargo xtask …`: running the proofs, keeping their ledger honest,
//! fuzzing, and planting faults to see each proof, test and fuzz target go red.

mod census;
mod fuzz;
// The functions that `cargo xtask rocq --agree` compares with their translation.
#[allow(dead_code, reason = "not all of it is compared")]
#[path = "../../src/kernel.rs"]
mod kernel;
mod ledger;
mod mutants;
mod prove;
mod rocq;
mod smt;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a chore ends with: an error is a sentence for a person.
type Result<T = ()> = std::result::Result<T, String>;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Proofs, ledger, fuzzing and planted faults of strideproof"
)]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run Coq, coqchk and the Kani harnesses, and write the ledger, proofs/README.md
    Prove {
        /// Only the harnesses of this theorem, T1 to T8; the other entries keep their last result
        #[arg(long)]
        theorem: Option<String>,
        /// How many harnesses run at once
        #[arg(short, long, default_value_t = 1)]
        jobs: usize,
        /// Run nothing: fail if the ledger claims what the sources no longer support
        #[arg(long)]
        check: bool,
        /// Run nothing: write the ledger anew from the last results
        #[arg(long, conflicts_with = "check")]
        write: bool,
    },
    /// Plant each fault of proofs/mutants.toml into a copy; its harness and the tests must go red
    Mutants {
        /// Only the mutants whose name contains this
        #[arg(long)]
        only: Option<String>,
        /// Leave out Kani: see only that `cargo test` goes red
        #[arg(long)]
        tests_only: bool,
        /// Leave out `cargo test`: see only that the harness goes red
        #[arg(long, conflicts_with = "tests_only")]
        kani_only: bool,
    },
    /// Run the fuzz targets, and say what they cover; it takes nightly and cargo-fuzz
    Fuzz(fuzz::Options),
    /// Check proofs/smt with cvc5, and see the controls refuted
    Smt,
    /// Check the theorems of proofs/rocq about the source, with Coq
    Rocq(rocq::Options),
}

/// The root of the workspace, wherever the command is run.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap_or_else(|_| ".".into())
}

fn main() -> ExitCode {
    let outcome = match Args::parse().chore {
        Chore::Prove { check: true, .. } => ledger::check(&root()),
        Chore::Prove { write: true, .. } => ledger::write(&root()),
        Chore::Prove { theorem: None, jobs, .. } => {
            rocq::prove(&root(), jobs, true, true).and_then(|()| prove::run(&root(), None, jobs))
        }
        Chore::Prove { theorem, jobs, .. } => prove::run(&root(), theorem.as_deref(), jobs),
        Chore::Mutants { only, tests_only, kani_only } => {
            mutants::run(&root(), only.as_deref(), !kani_only, !tests_only)
        }
        Chore::Fuzz(options) => fuzz::run(&root(), &options),
        Chore::Smt => smt::run(&root()),
        Chore::Rocq(options) => rocq::run(&root(), &options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads a file of the project.
fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file of the project.
fn save(path: &Path, text: &str) -> Result {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
