//! Counts instructions, which a busy machine does not change, and compares them with a baseline.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::text::aligned;
use crate::{Result, json, keep};

const BASELINE: &str = "benches/instructions.json";
/// How much more a call may take than the baseline says.
const MOST_RISE: f64 = 1.05;
/// The difference between two counts of calls is free of what a process does at its start and end.
const CALLS: [u32; 2] = [100, 200];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Take the counts as the baseline
    #[arg(long)]
    accept: bool,
}

/// The counts of one compiler: another one makes other instructions.
#[derive(Serialize, Deserialize)]
struct Baseline {
    rustc: String,
    /// Instructions of a call.
    calls: BTreeMap<String, f64>,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result {
    let binary = build(root)?;
    let names = printed(Command::new(&binary))?.0;
    let mut calls = BTreeMap::new();
    for name in names.lines() {
        let [few, many] = CALLS.map(|calls| count(&binary, name, calls));
        calls.insert(name.to_owned(), (many? - few?) / f64::from(CALLS[1] - CALLS[0]));
    }
    let mut rustc = Command::new("rustc");
    rustc.arg("--version").current_dir(root);
    let now = Baseline { rustc: printed(rustc)?.0.trim().to_owned(), calls };
    if options.accept {
        return keep(&root.join(BASELINE), &now);
    }
    let before: Baseline = json(&root.join(BASELINE))?;
    print!("{}", table(&before, &now));
    if before.rustc != now.rustc {
        println!("the baseline is of {}, this is {}: not compared", before.rustc, now.rustc);
        return Ok(());
    }
    let has_risen = |(name, now): (&String, &f64)| {
        let before = before.calls.get(name);
        before.is_none_or(|before| *now > before * MOST_RISE).then(|| name.clone())
    };
    let risen: Vec<_> = now.calls.iter().filter_map(has_risen).collect();
    if risen.is_empty() {
        return Ok(());
    }
    Err(format!(
        "more than 5 % more instructions than {BASELINE} says: {}; if that is meant to be, \
         `cargo xtask instructions --accept` writes it anew",
        risen.join("; ")
    ))
}

fn table(before: &Baseline, now: &Baseline) -> String {
    let mut lines = vec![["instructions of a call", "before", "now"].map(str::to_owned).to_vec()];
    lines.extend(now.calls.iter().map(|(name, now)| {
        let before = before.calls.get(name).map_or("-".to_owned(), |before| format!("{before:.1}"));
        vec![name.clone(), before, format!("{now:.1}")]
    }));
    aligned(&lines)
}

/// Builds the program and returns its path.
fn build(root: &Path) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--message-format=json"]).current_dir(root);
    cargo.args(["-p", "strideproof-benches", "--bin", "instructions"]);
    let messages = printed(cargo)?.0;
    let binary = messages.lines().rev().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(message["executable"].as_str()?.into())
    });
    binary.ok_or_else(|| "cargo names no program".to_owned())
}

/// Instructions of a process that makes so many calls.
fn count(binary: &Path, name: &str, calls: u32) -> Result<f64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(binary);
    valgrind.args([name, &calls.to_string()]);
    let (_, report) = printed(valgrind)?;
    let collected =
        report.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    collected.ok_or_else(|| format!("valgrind printed no count:\n{report}"))
}

/// What a program prints to both of its outputs.
fn printed(mut command: Command) -> Result<(String, String)> {
    let program = command.get_program().display().to_string();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    let [out, err] =
        [output.stdout, output.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
    if output.status.success() { Ok((out, err)) } else { Err(format!("{program} failed:\n{err}")) }
}
