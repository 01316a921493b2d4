//! Plants faults, one at a time, into a copy of the project, and demands that a target finds each
//! from nothing.
//!
//! Found means that the target, which is clean on the unchanged copy for as many executions, ends
//! with an input that fails. A fault that does not compile is an error, never found.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::engine::{self, Build, Ended, Run, Target};
use super::report;
use crate::{Result, mutants, read, save};

/// How long a fault is looked for.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) runs: u64,
    /// Seconds.
    pub(super) cap: u64,
    /// Whether the seeds are there from the beginning.
    pub(super) seeds: bool,
    /// Whether the copy is built to run fast, rather than fast.
    pub(super) optimised: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    #[serde(default)]
    mutant: Vec<Entry>,
    /// What is to be said of the proofs' mutants beyond their own manifest.
    #[serde(default)]
    proved: Vec<Remark>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    fault: String,
    file: String,
    find: String,
    replace: String,
    target: String,
    #[serde(default)]
    equivalent: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Remark {
    name: String,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    equivalent: Option<String>,
}

/// A fault, and who is expected to find it.
pub(super) struct Fault {
    pub(super) name: String,
    pub(super) fault: String,
    pub(super) file: String,
    find: String,
    replace: String,
    /// Asked one after the other.
    targets: Vec<String>,
    /// Why it is no fault, seen from outside.
    pub(super) equivalent: Option<String>,
}

/// Who is asked about a fault of the proofs when nobody is named.
const ANYBODY: [&str; 4] = ["as_strided", "bytes", "unique", "view_ops"];

impl Fault {
    /// The proofs' mutants, then those of `fuzz/mutants.toml`.
    pub(super) fn load(root: &Path) -> Result<Vec<Self>> {
        let path = root.join("fuzz/mutants.toml");
        let manifest: Manifest = toml::from_str(&read(&path)?)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let results = Results::load(root)?;
        let mut remarks = manifest.proved;
        let mut faults = Vec::new();
        for mutant in mutants::load(root)? {
            let at = remarks.iter().position(|remark| remark.name == mutant.name);
            let remark = at.map(|at| remarks.swap_remove(at));
            let named = remark.as_ref().and_then(|remark| remark.target.clone());
            let last = results.mutants.get(&mutant.name).map(|found| found.target.clone());
            let targets = match named {
                Some(target) => vec![target],
                None => {
                    let anybody = ANYBODY.map(String::from).into_iter();
                    let others = anybody.filter(|target| Some(target) != last.as_ref());
                    last.clone().into_iter().chain(others).collect()
                }
            };
            faults.push(Self {
                name: mutant.name,
                fault: mutant.fault,
                file: mutant.file,
                find: mutant.find,
                replace: mutant.replace,
                targets,
                equivalent: remark.and_then(|remark| remark.equivalent),
            });
        }
        if let Some(remark) = remarks.first() {
            return Err(format!("proofs/mutants.toml has no mutant {}", remark.name));
        }
        for Entry { name, fault, file, find, replace, target, equivalent } in manifest.mutant {
            let targets = vec![target];
            faults.push(Self { name, fault, file, find, replace, targets, equivalent });
        }
        for (at, fault) in faults.iter().enumerate() {
            if faults.iter().take(at).any(|other| other.name == fault.name) {
                return Err(format!("two mutants are called {}", fault.name));
            }
        }
        Ok(faults)
    }

    /// The edit, the text it is made in, and the target.
    pub(super) fn hash(&self, root: &Path, target: &str) -> Result<String> {
        mutants::hash(root, &self.file, &[&self.find, &self.replace, target])
    }
}

/// What is kept of the last runs, in `fuzz/mutants.json`.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Results {
    /// By target, for how many executions the unchanged copy was clean.
    clean: BTreeMap<String, Clean>,
    pub(super) mutants: BTreeMap<String, Found>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Clean {
    /// Of all sources.
    hash: String,
    runs: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) hash: String,
    pub(super) target: String,
    pub(super) runs: u64,
    pub(super) by: String,
}

impl Results {
    pub(super) fn load(root: &Path) -> Result<Self> {
        let path = root.join("fuzz/mutants.json");
        if !path.exists() {
            return Ok(Self::default());
        }
        serde_json::from_str(&read(&path)?).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Whether what is known of a fault is about the sources as they are.
    fn stands(&self, root: &Path, fault: &Fault) -> Result<bool> {
        match self.mutants.get(&fault.name) {
            Some(found) => Ok(fault.equivalent.is_none()
                && fault.targets.contains(&found.target)
                && found.hash == fault.hash(root, &found.target)?),
            None => Ok(fault.equivalent.is_some()),
        }
    }

    fn save(&self, root: &Path) -> Result {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        save(&root.join("fuzz/mutants.json"), &(text + "\n"))?;
        report::write(root)
    }
}

struct Bench<'a> {
    root: &'a Path,
    copy: PathBuf,
    build: Build,
    targets: Vec<Target>,
    limits: Limits,
    /// The targets that were run on the unchanged copy, just now.
    seen: BTreeSet<String>,
    /// Of all sources.
    hash: String,
    /// By target, what is known of the unchanged copy; what an earlier run left counts as long as no
    /// source has changed.
    clean: BTreeMap<String, Clean>,
}

/// Hashes everything that the targets are built from.
fn hash_of_sources(root: &Path) -> Result<String> {
    let mut folders: Vec<_> =
        ["src", "cli/src", "fuzz/src", "fuzz/fuzz_targets", "fuzz/options", "fuzz/dict"]
            .map(|folder| root.join(folder))
            .into();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let texts = files.iter().map(|file| read(file)).collect::<Result<Vec<_>>>()?;
    let parts: Vec<_> = texts.iter().map(String::as_str).collect();
    mutants::hash(root, "fuzz/Cargo.lock", &parts)
}

impl Bench<'_> {
    /// Builds a target and runs it from nothing; failing inputs are called after `name`.
    fn run(&self, target: &str, name: &str) -> Result<(Ended, Duration)> {
        let target = self.targets.iter().find(|known| known.name == target);
        let target = target.ok_or_else(|| format!("{name}: there is no such target"))?;
        let started = Instant::now();
        self.build.make(Some(target))?;
        let built = started.elapsed();
        let place = self.root.join("target/mutants-fuzz");
        let corpus = place.join("corpus");
        let _ = std::fs::remove_dir_all(&corpus);
        std::fs::create_dir_all(&corpus).map_err(|error| error.to_string())?;
        let Limits { runs, cap, seeds, .. } = self.limits;
        let mut arguments = target.flags(self.root)?;
        arguments.extend(["-seed=1".into(), format!("-runs={runs}")]);
        // Unoptimised, an input takes its time without being a finding.
        arguments.push("-timeout=60".into());
        arguments.push(format!("-max_total_time={cap}"));
        arguments.push(format!("-artifact_prefix={}/{name}-", place.display()));
        arguments.push(corpus.display().to_string());
        if seeds {
            let kept = target.kept(self.root);
            arguments.extend(kept.iter().map(|folder| folder.display().to_string()));
        }
        let log = place.join("log");
        // What a failing input did is named, not traced.
        let sanitizer = target.sanitizer(self.root)? + ":symbolize=0";
        let binary = self.build.binary(target);
        let run = Run::start(&binary, &arguments, &sanitizer, &log, Duration::from_secs(cap))?;
        Ok((run.wait()?, built))
    }

    /// Makes sure that a target is clean on the unchanged copy, for as many executions.
    fn clean(&mut self, target: &str) -> Result {
        // What a slow target does within the time counts; a fault has to be found in fewer.
        let stands = |known: &Clean| {
            let seen = self.seen.contains(target);
            known.hash == self.hash && (seen || known.runs >= self.limits.runs)
        };
        if self.clean.get(target).is_some_and(stands) {
            return Ok(());
        }
        let (ended, built) = self.run(target, &format!("unchanged-{target}"))?;
        if !ended.success {
            return Err(format!(
                "{target} fails before anything is planted: {}",
                ended.found_by().unwrap_or_else(|| "it did not run".into())
            ));
        }
        println!(
            "clean  {} executions of {target} before anything is planted [{} s + {} s]",
            report::thousands(ended.runs),
            built.as_secs(),
            ended.seconds
        );
        let known = Clean { hash: self.hash.clone(), runs: ended.runs };
        self.clean.insert(target.to_owned(), known);
        self.seen.insert(target.to_owned());
        Ok(())
    }

    /// Plants one fault and asks its targets.
    fn look_for(&mut self, fault: &Fault) -> Result<Option<Found>> {
        let Fault { name, file, find, replace, .. } = fault;
        let original = read(&self.root.join(file))?;
        let planted = mutants::plant(name, file, &original, find, replace)?;
        let place = self.copy.join(file);
        for target in &fault.targets {
            self.clean(target)?;
            save(&place, &planted)?;
            let outcome = self.run(target, name);
            save(&place, &original)?;
            let (ended, built) = outcome?;
            let time = format!("[{} s + {} s]", built.as_secs(), ended.seconds);
            let runs = report::thousands(ended.runs);
            if ended.success {
                println!("       not found in {runs} executions of {target}: {name} {time}");
                continue;
            }
            if self.clean.get(target).is_none_or(|clean| clean.runs < ended.runs) {
                println!("       found later than the unchanged copy was run: {name} {time}");
                continue;
            }
            let by = ended.found_by().ok_or_else(|| format!("{target} did not run"))?;
            println!("found  {name} by {target} after {runs} executions: {by} {time}");
            let hash = fault.hash(self.root, target)?;
            return Ok(Some(Found { hash, target: target.clone(), runs: ended.runs, by }));
        }
        Ok(None)
    }
}

/// Which faults are planted.
#[derive(Clone, Copy)]
pub(super) struct Which<'a> {
    /// Those whose name contains this.
    pub(super) only: Option<&'a str>,
    /// Every so many from there on.
    pub(super) part: (usize, usize),
    /// Those of which no result stands.
    pub(super) missing: bool,
}

pub(super) fn run(root: &Path, which: Which<'_>, limits: Limits) -> Result {
    let faults = Fault::load(root)?;
    let mut results = Results::load(root)?;
    let mut wanted = Vec::new();
    for fault in &faults {
        let named = which.only.is_none_or(|only| fault.name.contains(only));
        if named && !(which.missing && results.stands(root, fault)?) {
            wanted.push(fault);
        }
    }
    let (part, parts) = which.part;
    let wanted: Vec<_> = wanted.into_iter().skip(part).step_by(parts).collect();
    let copy = mutants::copy(root, "target/mutants-fuzz/copy")?;
    let mut bench = Bench {
        root,
        build: Build::planted(&copy, limits.optimised)?,
        copy,
        targets: engine::targets(root)?,
        limits,
        hash: hash_of_sources(root)?,
        seen: BTreeSet::new(),
        clean: if limits.seeds { BTreeMap::new() } else { results.clean.clone() },
    };
    // What fails by itself finds nothing: no further then.
    let expected: BTreeSet<_> = wanted.iter().filter_map(|fault| fault.targets.first()).collect();
    for target in expected {
        bench.clean(target)?;
    }
    let mut survivors = Vec::new();
    let (asked, started) = (wanted.len(), Instant::now());
    for fault in wanted {
        match bench.look_for(fault) {
            Ok(None) if fault.equivalent.is_some() => {
                println!("not found, as is said of it: {}", fault.name);
                results.mutants.remove(&fault.name);
            }
            Ok(None) => {
                results.mutants.remove(&fault.name);
                let targets = fault.targets.join(", ");
                survivors.push(format!("{} is not found by {targets}", fault.name));
                println!("NOT FOUND  {} by {targets}", fault.name);
            }
            Ok(Some(found)) if fault.equivalent.is_some() => {
                survivors.push(format!("{} is said to be no fault, and is found", fault.name));
                println!("FOUND  {} by {}, which should be none", fault.name, found.target);
            }
            Ok(Some(found)) => {
                results.mutants.insert(fault.name.clone(), found);
            }
            Err(error) => {
                results.mutants.remove(&fault.name);
                println!("ERROR  {}: {error}", fault.name);
                survivors.push(format!("{}: {error}", fault.name));
            }
        }
        if !limits.seeds {
            results.clean.clone_from(&bench.clean);
            results.mutants.retain(|name, _| faults.iter().any(|fault| &fault.name == name));
            // At once, so that an interrupted run keeps what it has.
            results.save(root)?;
        }
    }
    println!("{asked} planted faults in {} s", started.elapsed().as_secs());
    if survivors.is_empty() { Ok(()) } else { Err(survivors.join("\n")) }
}
