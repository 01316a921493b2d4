//! Asks a fuzz target about a fault: from an empty corpus it must find a failing input within some
//! executions, and find none in as many on the unchanged copy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Answer, Engine, Fault, Results, Switch};
use crate::fuzz::engine::{self, Build, Ended, Target};
use crate::hash::Hash;
use crate::text::thousands;
use crate::{Result, files_below, make_folder, read};

/// How long a target looks.
#[derive(Clone, Copy, clap::Args)]
pub(super) struct Limits {
    /// Within how many inputs a target must find a fault
    #[arg(long, default_value_t = 30_000)]
    runs: u64,
    /// How many seconds those inputs may take
    #[arg(long, default_value_t = 300)]
    cap: u64,
}

/// What a target did on the unchanged project.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Clean {
    /// Of all sources.
    hash: String,
    runs: u64,
}

pub(super) struct Fuzz {
    root: PathBuf,
    targets: Vec<Target>,
    limits: Limits,
    clean: BTreeMap<String, Clean>,
}

/// The targets by name.
pub(super) fn targets(root: &Path) -> Result<BTreeSet<String>> {
    Ok(engine::targets(root)?.into_iter().map(|target| target.name).collect())
}

/// The folders that every target is built from, besides what it judges.
const HARNESS: [&str; 3] = ["fuzz/src", "oracle/src", "testkit/src"];

/// The files that the question is in: the target, its options, and the harness but for what is
/// another target's, by name.
pub(super) fn sources(root: &Path, fault: &Fault) -> Vec<String> {
    let target = fault.fuzz.as_deref().unwrap_or_default();
    let others = targets(root).unwrap_or_default();
    let others: Vec<_> = others.iter().filter(|name| *name != target).collect();
    let of_another = |file: &Path| {
        let mut parts = file.iter().map(|part| Path::new(part).file_stem().unwrap_or_default());
        parts.any(|part| others.iter().any(|name| part == name.as_str()))
    };
    let mut files: Vec<_> =
        HARNESS.iter().flat_map(|folder| files_below(&root.join(folder))).collect();
    files.push(root.join(format!("fuzz/fuzz_targets/{target}.rs")));
    files.push(root.join(format!("fuzz/options/{target}.options")));
    files.push(root.join(format!("fuzz/dict/{target}.dict")));
    let files =
        files.iter().filter(|file| file.is_file()).filter_map(|file| file.strip_prefix(root).ok());
    files.filter(|file| !of_another(file)).map(|file| file.display().to_string()).collect()
}

/// Hashes everything that the targets are built from.
fn hash_of_sources(root: &Path) -> Result<String> {
    let folders = ["src", "cli/src", "fuzz/fuzz_targets", "fuzz/options", "fuzz/dict"];
    let mut files: Vec<_> =
        folders.iter().chain(&HARNESS).flat_map(|folder| files_below(&root.join(folder))).collect();
    files.push(root.join("fuzz/Cargo.lock"));
    let mut hash = Hash::default();
    for file in files {
        hash.add(read(&file)?);
    }
    Ok(hash.finish())
}

impl Fuzz {
    pub(super) fn new(root: &Path, limits: Limits) -> Result<Self> {
        let (root, targets) = (root.to_path_buf(), engine::targets(root)?);
        Ok(Self { root, targets, limits, clean: BTreeMap::new() })
    }

    /// Builds a target and runs it from nothing; failing inputs are called after `name`.
    fn run(&self, copy: &Path, target: &str, name: &str, switch: Option<Switch>) -> Result<Ended> {
        let target = self.targets.iter().find(|known| known.name == target);
        let target = target.ok_or_else(|| format!("{name}: there is no such target"))?;
        let build = Build::of_faults(copy)?;
        build.make(Some(target))?;
        let place = copy.join("target");
        let corpus = place.join(format!("{name}-corpus"));
        let _ = std::fs::remove_dir_all(&corpus);
        make_folder(&corpus)?;
        let Limits { runs, cap, .. } = self.limits;
        let mut arguments = target.flags(copy)?;
        arguments.extend(["-seed=1".into(), format!("-runs={runs}")]);
        // Not optimised much, an input takes its time without being a finding.
        arguments.push("-timeout=60".into());
        arguments.push(format!("-max_total_time={cap}"));
        arguments.push(format!("-artifact_prefix={}/{name}-", place.display()));
        arguments.push(corpus.display().to_string());
        // What a failing input did is named, not traced.
        let sanitizer = target.sanitizer(copy)? + ":symbolize=0";
        let binary = build.binary(target);
        let cap = Duration::from_secs(cap);
        let log = place.join(format!("{name}.log"));
        let mut command = engine::command(&binary, &arguments, &sanitizer);
        if let Some(switch) = switch {
            switch.turn_on(&mut command);
        }
        engine::run(command, &log, cap, |_, _| {})
    }
}

impl Engine for Fuzz {
    fn baseline(&mut self, copy: &Path, wanted: &[&Fault], results: &mut Results) -> Result {
        let hash = hash_of_sources(&self.root)?;
        let targets: BTreeSet<_> = wanted.iter().filter_map(|fault| fault.fuzz.as_ref()).collect();
        for target in targets {
            let known = results.clean.get(target);
            // A slow target reaches the time limit before the number of inputs.
            if known.is_none_or(|known| known.hash != hash || known.runs < self.limits.runs) {
                println!("fuzz: {target} on the unchanged copy");
                let ended = self.run(copy, target, &format!("unchanged-{target}"), None)?;
                if !ended.success {
                    let by = ended.found_by().unwrap_or_else(|| "it did not run".into());
                    return Err(format!("{target} fails before anything is planted: {by}"));
                }
                println!("clean {target}: {} inputs in {} s", thousands(ended.runs), ended.seconds);
                let clean = Clean { hash: hash.clone(), runs: ended.runs };
                results.clean.insert(target.clone(), clean);
            }
        }
        self.clean = results.clean.clone();
        Ok(())
    }

    fn ask(&self, copy: &Path, fault: &Fault, switch: Option<Switch>) -> Answer {
        let target = fault.fuzz.as_deref().unwrap_or_default();
        let ended = self.run(copy, target, &fault.name, switch)?;
        let runs = thousands(ended.runs);
        match (&fault.equivalent, ended.success) {
            (Some(_), true) => Ok(("nothing, as said".into(), Some(ended.runs))),
            (None, true) => Err(format!("nothing in {runs} inputs")),
            (equivalent, false) => {
                let by = ended.found_by().ok_or_else(|| format!("{target} did not run"))?;
                if equivalent.is_some() {
                    return Err(format!("said to be equivalent, and found by {by}"));
                }
                if self.clean.get(target).is_none_or(|clean| clean.runs < ended.runs) {
                    return Err(format!(
                        "found by {by}, but later than the unchanged copy was run"
                    ));
                }
                Ok((by, Some(ended.runs)))
            }
        }
    }
}
