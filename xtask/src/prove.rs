//! Runs Kani, and accepts only a complete run.
//!
//! Kani calls a run successful although a `kani::cover!` is unsatisfiable, and does not report a
//! harness that is missing. So its JSON export is read: every harness of the census must be in it
//! with all checks passed, none undetermined, and exactly as many covers satisfied as declared.
//!
//! The solver that ran is read from CBMC's output. The export names only the solver that was asked
//! for, and a CBMC without that solver runs another one.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::census::{self, Census, Harness};
use crate::text::tail;
use crate::{Result, in_jobs, json, keep, kept, ledger, lock, make_folder, read};

/// What is kept of the last runs, in `proofs/results.json`.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Results {
    /// Tools by name.
    pub(crate) versions: Versions,
    pub(crate) harness: BTreeMap<String, Outcome>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) hash: String,
    pub(crate) seconds: f64,
    pub(crate) checks: usize,
    pub(crate) covers: usize,
    /// As CBMC named it when it ran; empty where no query was left to solve.
    #[serde(default)]
    pub(crate) solver: String,
}

impl Results {
    pub(crate) fn load(root: &Path) -> Result<Self> {
        kept(&root.join("proofs/results.json"))
    }
}

/// The result of one harness.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) success: bool,
    seconds: f64,
    passed: usize,
    covers_met: usize,
    covers_missed: usize,
    /// Checks that did not pass: `status: description`.
    pub(crate) failures: Vec<String>,
    solver: String,
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

/// What Kani and CBMC print in their regular format, one harness after the other.
#[derive(Default)]
struct Heard {
    harness: String,
    solvers: BTreeMap<String, String>,
}

impl Heard {
    /// Reads a line; returns the harness that begins there.
    fn hear(&mut self, line: &str) -> Option<&str> {
        if let Some(rest) = line.strip_prefix("Checking harness ") {
            self.harness = rest.trim_end_matches("...").to_owned();
            return Some(&self.harness);
        }
        // `Solving with CaDiCaL 2.0.0`.
        if let Some(solver) = line.strip_prefix("Solving with ") {
            self.solvers.insert(self.harness.clone(), solver.trim().to_owned());
        }
        None
    }
}

/// Runs `cargo kani` on some harnesses, or on all, and reads its export. A tool's failure is an
/// error, never a run. Prints the name of each harness as it begins if `say` is set.
pub(crate) fn kani(
    folder: &Path,
    target: &Path,
    harnesses: &[&str],
    say: bool,
) -> Result<(Runs, Versions)> {
    let version = Command::new("cargo").args(["kani", "--version"]).output();
    if !version.is_ok_and(|version| version.status.success()) {
        let install = "cargo install --locked kani-verifier && cargo kani setup";
        return Err(format!("there is no cargo kani here: {install}"));
    }
    make_folder(target)?;
    let (export, errors) = (target.join("kani-export.json"), target.join("kani-errors.log"));
    let _ = std::fs::remove_file(&export);
    let log = File::create(&errors).map_err(|error| error.to_string())?;
    let mut child = Command::new("cargo")
        .args(["kani", "--exact"])
        .args(harnesses.iter().flat_map(|harness| ["--harness", harness]))
        .arg("--target-dir")
        .arg(target)
        .arg("--export-json")
        .arg(&export)
        // Cargo set these for `xtask`; they would choose the toolchain of the inner run.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .map_err(|error| format!("cargo kani: {error}"))?;
    let (mut heard, mut last) = (Heard::default(), String::new());
    for line in BufReader::new(child.stdout.take().ok_or("cargo kani: no output")?).lines() {
        let line = line.map_err(|error| format!("cargo kani: {error}"))?;
        if let Some(harness) = heard.hear(&line).filter(|_| say) {
            println!("checking {harness}");
        }
        last = line;
    }
    child.wait().map_err(|error| format!("cargo kani: {error}"))?;
    if !export.exists() {
        return Err(format!("cargo kani wrote no export: {last}\n{}", tail(&read(&errors)?, 15)));
    }
    let Export { tools, verification_results } = json(&export)?;
    let runs = verification_results.results.into_iter().map(|verified| {
        let mut run = Run {
            success: verified.status == "Success",
            seconds: verified.duration_ms / 1000.0,
            solver: heard.solvers.remove(&verified.harness_id).unwrap_or_default(),
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
    let version = |name: &str| Some((name.to_owned(), tools.get(name)?.as_str()?.to_owned()));
    Ok((runs.collect(), ["kani", "rustc", "cbmc"].into_iter().filter_map(version).collect()))
}

pub(crate) type Runs = BTreeMap<String, Run>;
/// Tools by name.
pub(crate) type Versions = BTreeMap<String, String>;

/// What is wrong with a harness's run, if anything.
fn wrong(harness: &Harness, run: &Run) -> Option<String> {
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

/// Distributes harnesses over jobs, the longest first, by the time each took last.
fn shared<'a>(wanted: &[&'a Harness], jobs: usize, last: &Results) -> Vec<Vec<&'a str>> {
    let seconds = |name: &str| last.harness.get(name).map_or(1.0, |outcome| outcome.seconds);
    let mut wanted: Vec<_> = wanted.iter().map(|harness| harness.name.as_str()).collect();
    wanted.sort_by(|a, b| seconds(b).total_cmp(&seconds(a)));
    let mut shares = vec![(0.0_f64, Vec::new()); jobs.clamp(1, wanted.len().max(1))];
    for name in wanted {
        if let Some((load, share)) = shares.iter_mut().min_by(|(a, _), (b, _)| a.total_cmp(b)) {
            *load += seconds(name);
            share.push(name);
        }
    }
    shares.into_iter().map(|(_, share)| share).collect()
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
    let mut results = Results::load(root)?;
    let shares = shared(&wanted, jobs, &results);
    println!("building {} harnesses for {} jobs", wanted.len(), shares.len());
    let ran = Mutex::new((Runs::new(), Versions::new()));
    in_jobs(shares.len(), |job| {
        let target = root.join(format!("target/kani-{job}"));
        let share = shares.get(job.wrapping_sub(1)).map_or(&[][..], Vec::as_slice);
        let (runs, versions) = kani(root, &target, share, true)?;
        let mut ran = lock(&ran);
        ran.0.extend(runs);
        ran.1 = versions;
        Ok(())
    })?;
    let (runs, versions) = ran.into_inner().unwrap_or_default();
    results.versions = versions;
    let mut faults = Vec::new();
    for harness in wanted {
        results.harness.remove(&harness.name);
        let Some(run) = runs.get(&harness.name) else {
            faults.push(format!("Kani did not run {}", harness.name));
            continue;
        };
        if let Some(fault) = wrong(harness, run) {
            faults.push(fault);
            continue;
        }
        println!("proved  {:7.1} s  {}  {}", run.seconds, harness.name, run.solver);
        let outcome = Outcome {
            hash: census::source_hash(root, harness)?,
            seconds: run.seconds,
            checks: run.passed,
            covers: run.covers_met,
            solver: run.solver.clone(),
        };
        results.harness.insert(harness.name.clone(), outcome);
    }
    results.harness.retain(|name, _| census.harness.iter().any(|harness| &harness.name == name));
    keep(&root.join("proofs/results.json"), &results)?;
    ledger::write(root)?;
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::Heard;

    #[test]
    fn the_solver_is_the_one_that_ran() {
        let mut heard = Heard::default();
        let text = "Checking harness a::one...\nCBMC 6.6.0 (cbmc-6.6.0)\n\
                    Solving with MiniSAT 2.2.1 with simplifier\nVERIFICATION:- SUCCESSFUL\n\
                    Checking harness a::two...\nRuntime Symex: 0.1s\n";
        let begun: Vec<_> =
            text.lines().filter_map(|line| heard.hear(line).map(String::from)).collect();
        assert_eq!(begun, ["a::one", "a::two"]);
        assert_eq!(heard.solvers["a::one"], "MiniSAT 2.2.1 with simplifier");
        assert_eq!(heard.solvers.get("a::two"), None);
    }
}
