//! The project's chores, `cargo xtask …`: proofs and their ledger, fuzzing, and planted faults that
//! proofs, tests and fuzz targets must notice.

// Both are what `cargo xtask rocq --agree` compares with their translation.
#[path = "../../src/overlap/certificate.rs"]
mod certificate;
#[allow(dead_code, reason = "not all of it is compared")]
#[path = "../../src/kernel.rs"]
mod kernel;

mod bench;
mod census;
mod faults;
mod fuzz;
mod hash;
mod instructions;
mod ledger;
mod process;
mod prove;
mod rocq;
mod text;

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
        /// Only the harnesses of this theorem, such as T3; the other entries keep their last result
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
    /// Plant each fault of faults.toml into a copy; what the entry names must notice it
    Mutants(faults::Options),
    /// Run the fuzz targets and report coverage; needs a nightly toolchain and cargo-fuzz
    Fuzz(fuzz::Options),
    /// Check the theorems of proofs/rocq about the source, with Coq
    Rocq(rocq::Options),
    /// Run the benchmarks and print each contestant beside the first of its group
    Bench(bench::Options),
    /// Count the instructions of a check and of an access with Callgrind: a rise of more than 5 % fails
    Instructions(instructions::Options),
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
        Chore::Mutants(options) => faults::run(&root(), &options),
        Chore::Fuzz(options) => fuzz::run(&root(), &options),
        Chore::Rocq(options) => rocq::run(&root(), &options),
        Chore::Bench(options) => bench::run(&root(), &options),
        Chore::Instructions(options) => instructions::run(&root(), &options),
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

/// Reads a file in TOML.
fn toml_of<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    toml::from_str(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

/// Reads a file in JSON.
fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_str(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

/// What is kept in JSON of earlier runs; nothing before the first.
fn kept<T: serde::de::DeserializeOwned + Default>(path: &Path) -> Result<T> {
    if path.exists() { json(path) } else { Ok(T::default()) }
}

/// Keeps something in JSON.
fn keep(path: &Path, what: &impl serde::Serialize) -> Result {
    let text = serde_json::to_string_pretty(what).map_err(|error| error.to_string())?;
    save(path, &(text + "\n"))
}

/// Makes a folder, unless it is there.
fn make_folder(path: &Path) -> Result {
    std::fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// All files below a folder, in order; none if there is no such folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// Runs a function in so many threads at once, each with its number, from 1.
fn in_jobs(jobs: usize, work: impl Fn(usize) -> Result + Sync) -> Result {
    let work = &work;
    std::thread::scope(|scope| {
        let jobs: Vec<_> = (1..=jobs.max(1)).map(|job| scope.spawn(move || work(job))).collect();
        let panicked = |_| Err("a job panicked".into());
        jobs.into_iter().try_for_each(|job| job.join().unwrap_or_else(panicked))
    })
}

/// Hands each of some items to one of so many threads, with the number of the thread, from 1.
fn each_in_jobs<T>(
    jobs: usize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(usize, T) -> Result + Sync,
) -> Result {
    let items = std::sync::Mutex::new(items);
    in_jobs(jobs, |job| {
        while let Some(item) = { lock(&items).next() } {
            work(job, item)?;
        }
        Ok(())
    })
}

/// What a mutex holds, whether a thread panicked or not.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Writes a file of the project.
fn save(path: &Path, text: &str) -> Result {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
