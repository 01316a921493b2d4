//! Runs Kani and believes only a run that is complete.
//!
//! Kani calls a run successful although a `kani::cover!` is unsatisfiable, and says nothing of a
//! harness that is gone. So its JSON export is read, and every entry of the census must be there
//! with all checks passed, none undetermined, and exactly as many covers satisfied as declared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::census::{self, Census, Harness};
use crate::{Result, ledger, read, save};

/// What is kept of the last runs, in `proofs/results.json`.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Results {
    /// Tools and solvers by name.
    pub(crate) versions: BTreeMap<String, String>,
    pub(crate) harness: BTreeMap<String, Outcome>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) hash: String,
    pub(crate) seconds: f64,
    pub(crate) checks: usize,
    pub(crate) covers: usize,
}

impl Results {
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let path = root.join("proofs/results.json");
        if !path.exists() {
            return Ok(Self::default());
        }
        serde_json::from_str(&read(&path)?).map_err(|error| format!("{}: {error}", path.display()))
    }

    fn save(&self, root: &Path) -> Result {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        save(&root.join("proofs/results.json"), &(text + "\n"))
    }
}

/// The search path with `proofs/solvers` in front, where Kani finds the solver script.
pub(crate) fn solver_path(root: &Path) -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(root.join("proofs/solvers")).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).map_err(|error| error.to_string())
}

/// One harness as Kani's export tells it.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) success: bool,
    pub(crate) seconds: f64,
    pub(crate) passed: usize,
    pub(crate) covers_met: usize,
    pub(crate) covers_missed: usize,
    /// Checks that did not pass: `status: description`.
    pub(crate) failures: Vec<String>,
}

#[derive(Deserialize)]
struct Export {
    tools: BTreeMap<String, serde_json::Value>,
    verification_results: Verification,
}

#[derive(Deserialize)]
struct Verification {
    results: Vec<Verified>,
}

#[derive(Deserialize)]
struct Verified {
    harness_id: String,
    status: String,
    duration_ms: f64,
    checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Check {
    status: String,
    description: String,
    category: String,
}

/// Runs `cargo kani` in a folder and reads its export. A tool's failure is an error, never a run.
pub(crate) fn kani(folder: &Path, arguments: &[&str]) -> Result<(BTreeMap<String, Run>, Versions)> {
    let export = folder.join("target/kani-export.json");
    let _ = std::fs::remove_file(&export);
    let output = Command::new("cargo")
        .arg("kani")
        .args(arguments)
        .arg("--export-json")
        .arg(&export)
        .env("PATH", solver_path(folder)?)
        // What cargo sets for this very program would pin the inner run to another toolchain.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .current_dir(folder)
        .output()
        .map_err(|error| format!("cargo kani: {error}"))?;
    let Ok(text) = std::fs::read_to_string(&export) else {
        let log = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        let tail: Vec<_> = log.lines().rev().take(15).collect();
        let tail: Vec<_> = tail.into_iter().rev().collect();
        return Err(format!("cargo kani wrote no export:\n{}", tail.join("\n")));
    };
    let export: Export =
        serde_json::from_str(&text).map_err(|error| format!("Kani's export: {error}"))?;
    let runs = export.verification_results.results.into_iter().map(|verified| {
        let mut run = Run {
            success: verified.status == "Success",
            seconds: verified.duration_ms / 1000.0,
            ..Run::default()
        };
        for check in verified.checks {
            match (check.category.as_str(), check.status.to_ascii_lowercase().as_str()) {
                ("cover", "satisfied") => run.covers_met += 1,
                ("cover", _) => run.covers_missed += 1,
                (_, "success") => run.passed += 1,
                (_, status) => run.failures.push(format!("{status}: {}", check.description)),
            }
        }
        (verified.harness_id, run)
    });
    Ok((runs.collect(), versions(&export.tools)))
}

/// Tools and solvers by name.
pub(crate) type Versions = BTreeMap<String, String>;

fn versions(tools: &BTreeMap<String, serde_json::Value>) -> Versions {
    let mut versions = Versions::new();
    for name in ["kani", "rustc", "cbmc"] {
        if let Some(version) = tools.get(name).and_then(|version| version.as_str()) {
            versions.insert(name.to_owned(), version.to_owned());
        }
    }
    if let Ok(output) = Command::new("cvc5").arg("--version").output() {
        let text = String::from_utf8_lossy(&output.stdout);
        let first = text.lines().next().unwrap_or_default();
        let version = first.trim_start_matches("This is cvc5 version ");
        versions.insert("cvc5".to_owned(), version.to_owned());
    }
    versions
}

/// Says what is wrong with a harness's run, if anything.
fn fault(harness: &Harness, run: &Run) -> Option<String> {
    if !run.success || !run.failures.is_empty() {
        return Some(format!("{} failed: {}", harness.name, run.failures.join("; ")));
    }
    if run.passed == 0 {
        return Some(format!("{} checked nothing", harness.name));
    }
    if run.covers_missed > 0 || run.covers_met != harness.covers {
        return Some(format!(
            "{}: {} covers satisfied and {} not; {} are declared",
            harness.name, run.covers_met, run.covers_missed, harness.covers
        ));
    }
    None
}

/// Runs all harnesses, or those of one theorem, and writes the ledger.
pub(crate) fn run(root: &Path, theorem: Option<&str>, jobs: usize) -> Result {
    let census = Census::load(root)?;
    census.compare(&census::in_sources(root)?, "the sources")?;
    let wanted: Vec<_> = census
        .harness
        .iter()
        .filter(|harness| theorem.is_none_or(|theorem| harness.theorem == theorem))
        .collect();
    if wanted.is_empty() {
        return Err("no such theorem".into());
    }
    let jobs = jobs.to_string();
    let mut arguments = vec!["--output-format", "terse", "-j", &jobs];
    if theorem.is_some() {
        arguments.push("--exact");
        for harness in &wanted {
            arguments.extend(["--harness", &harness.name]);
        }
    }
    let (runs, versions) = kani(root, &arguments)?;
    if theorem.is_none() {
        let ran: BTreeSet<_> = runs.keys().cloned().collect();
        census.compare(&ran, "what Kani ran")?;
    }
    let mut results = Results::load(root)?;
    results.versions = versions;
    let mut faults = Vec::new();
    for harness in wanted {
        let fault = match runs.get(&harness.name) {
            None => Some(format!("Kani did not run {}", harness.name)),
            Some(run) => fault(harness, run),
        };
        match (fault, runs.get(&harness.name)) {
            (None, Some(run)) => {
                let outcome = Outcome {
                    hash: census::source_hash(root, harness)?,
                    seconds: run.seconds,
                    checks: run.passed,
                    covers: run.covers_met,
                };
                println!("proved  {:7.1} s  {}", run.seconds, harness.name);
                results.harness.insert(harness.name.clone(), outcome);
            }
            (fault, _) => {
                results.harness.remove(&harness.name);
                faults.extend(fault);
            }
        }
    }
    results.harness.retain(|name, _| census.harness.iter().any(|harness| &harness.name == name));
    results.save(root)?;
    ledger::write(root)?;
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}
