//! Planted faults: `faults.toml` lists edits that make the project wrong, and what must notice
//! each.
//!
//! A fault is planted into a copy of the project, and the harness, tests and fuzz target that its
//! entry names are run on that copy. A result counts only while everything it depends on has the
//! hash that the run saw; `proofs/FAULTS.md` is the table of what stands.

mod fuzz;
mod kani;
mod rocq;
mod switch;
mod table;
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::text::thousands;
use crate::{Result, each_in_jobs, keep, kept, lock, make_folder, read, save, toml_of};
use switch::Switch;

const RESULTS: &str = "proofs/faults.json";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// What is asked
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = ALL)]
    by: Vec<By>,
    /// Only the faults whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// How many faults are asked about at once
    #[arg(short, long, default_value_t = 1)]
    jobs: usize,
    /// Only the faults of which no result stands
    #[arg(long)]
    missing: bool,
    /// Build nothing: check that each edit applies, that all names exist, and the table
    #[arg(long)]
    check: bool,
    /// Build nothing: write proofs/FAULTS.md anew from the last results
    #[arg(long, conflicts_with = "check")]
    write: bool,
    #[command(flatten)]
    limits: fuzz::Limits,
}

/// In the order in which they are asked.
const ALL: [By; 4] = [By::Rocq, By::Kani, By::Tests, By::Fuzz];

/// What is asked about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    Rocq,
    Kani,
    Tests,
    Fuzz,
}

impl Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
    }
}

/// One edit, and what must notice it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub(crate) name: String,
    /// What is wrong, in words.
    pub(crate) what: String,
    pub(crate) file: String,
    /// Occurs exactly once in the file, and is replaced by `to`.
    from: String,
    to: String,
    /// The harness that must fail, by the last part of its path.
    pub(crate) kani: Option<String>,
    /// A part of the description of a check that the harness must fail.
    pub(crate) check: Option<String>,
    /// The tests that must fail, by the last part of their paths.
    #[serde(default)]
    tests: Vec<String>,
    /// The target that must find an input.
    fuzz: Option<String>,
    /// The lemma that Coq must refuse.
    rocq: Option<String>,
    /// The claim that Coq must then prove false: `decide`, `address` and so on.
    claim: Option<String>,
    /// The request that refutes the claim, as arguments in Coq.
    request: Option<String>,
    /// Instead of these three: why the translator must refuse the edited code.
    refused: Option<String>,
    /// Why nothing outside the library can tell: the target must find nothing.
    equivalent: Option<String>,
}

impl Fault {
    /// What must notice, by name.
    fn named(&self, by: By) -> Vec<&str> {
        match by {
            By::Rocq if self.refused.is_some() => vec!["the translator"],
            By::Rocq => self.rocq.as_deref().into_iter().collect(),
            By::Kani => self.kani.as_deref().into_iter().collect(),
            By::Tests => self.tests.iter().map(String::as_str).collect(),
            By::Fuzz => self.fuzz.as_deref().into_iter().collect(),
        }
    }

    pub(crate) fn asks(&self, by: By) -> bool {
        !self.named(by).is_empty()
    }

    /// Makes the edit in the text of the file.
    fn plant(&self, text: &str) -> Result<String> {
        plant(&self.name, &self.file, text, &self.from, &self.to)
    }

    /// The hash of what a result depends on: the edit, the file it is made in, what is asked, the
    /// sources of the question, and the flags of the builds.
    fn hash(&self, root: &Path, by: By) -> Result<String> {
        let mut files = BTreeSet::from([self.file.clone()]);
        files.extend(match by {
            By::Rocq => rocq::sources(),
            By::Kani => kani::sources(root, self)?,
            By::Tests => tests::sources(root, self)?,
            By::Fuzz => fuzz::sources(root, self),
        });
        let mut hash = Hash::default();
        let question = match by {
            By::Rocq => rocq::question(root, self)?,
            _ => self.check.clone().unwrap_or_default(),
        };
        for part in [&self.from, &self.to, &question] {
            hash.add(part);
            hash.add("\n");
        }
        hash.add(self.named(by).join("\n"));
        // Coq reads the source text, whatever cargo makes of it.
        if by != By::Rocq {
            let manifest: toml::Table = toml_of(&root.join("Cargo.toml"))?;
            let metadata = manifest.get("package").and_then(|package| package.get("metadata"));
            for flags in [metadata, manifest.get("features"), manifest.get("profile")] {
                hash.add(flags.map(ToString::to_string).unwrap_or_default());
            }
        }
        // The translator skips these attributes.
        let skipped: fn(&str) -> bool = match by {
            By::Rocq => |line| line == "#[cold]" || line.starts_with("#[inline"),
            _ => |_| false,
        };
        files.iter().try_for_each(|file| hash.code(root, file, skipped))?;
        Ok(hash.finish())
    }
}

/// Replaces what must occur exactly once in the text of a file.
pub(crate) fn plant(name: &str, file: &str, text: &str, from: &str, to: &str) -> Result<String> {
    match text.matches(from).count() {
        1 => Ok(text.replacen(from, to, 1)),
        n => Err(format!("{name}: `from` occurs {n} times in {file}")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    fault: Vec<Fault>,
}

pub(crate) fn load(root: &Path) -> Result<Vec<Fault>> {
    let manifest: Manifest = toml_of(&root.join("faults.toml"))?;
    Ok(manifest.fault)
}

/// How a fault was noticed.
#[derive(Clone, Serialize, Deserialize)]
struct Notice {
    hash: String,
    /// The failed check, the failed tests, or what the target reported.
    how: String,
    /// How many inputs the target took.
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<u64>,
}

/// What is kept of the last runs.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Results {
    /// By target, for how many inputs it found nothing in the unchanged project.
    #[serde(default)]
    clean: BTreeMap<String, fuzz::Clean>,
    #[serde(default)]
    faults: BTreeMap<String, BTreeMap<By, Notice>>,
}

impl Results {
    pub(crate) fn load(root: &Path) -> Result<Self> {
        kept(&root.join(RESULTS))
    }

    /// What stands about a fault: `Err` holds the word for why nothing does.
    fn of(&self, root: &Path, fault: &Fault, by: By) -> Result<std::result::Result<&Notice, &str>> {
        Ok(match self.faults.get(&fault.name).and_then(|by_engine| by_engine.get(&by)) {
            None => Err("not run"),
            Some(notice) if notice.hash == fault.hash(root, by)? => Ok(notice),
            Some(_) => Err("stale"),
        })
    }

    /// Whether it stands that the fault was noticed.
    pub(crate) fn noticed(&self, root: &Path, fault: &Fault, by: By) -> bool {
        matches!(self.of(root, fault, by), Ok(Ok(_)))
    }
}

/// How a fault was noticed, and after how many inputs; `Err` says what was seen instead.
type Answer = Result<(String, Option<u64>)>;

/// One way of asking.
trait Engine: Sync {
    /// Fails unless what the faults name finds nothing in the unchanged copy.
    fn baseline(&mut self, copy: &Path, wanted: &[&Fault], results: &mut Results) -> Result;

    /// How the copy's fault was noticed. A tool that fails has noticed nothing. The switch is that of
    /// the fault, if it is one of many in the copy.
    fn ask(&self, copy: &Path, fault: &Fault, switch: Option<Switch>) -> Answer;
}

pub(crate) fn run(root: &Path, options: &Options) -> Result {
    if options.write {
        return table::write(root);
    }
    let faults = load(root)?;
    if options.check {
        check(root, &faults)?;
        println!("{} faults: each edit applies, and all names exist", faults.len());
        let unasked = unasked(root, &faults)?;
        if !unasked.is_empty() {
            return Err(format!("no fault asks {}", unasked.join(", ")));
        }
        return table::check(root);
    }
    let mut results = Results::load(root)?;
    let known = |name: &String| faults.iter().any(|fault| &fault.name == name);
    results.faults.retain(|name, _| known(name));
    let mut problems = Vec::new();
    for &by in &options.by {
        let mut wanted = Vec::new();
        for fault in &faults {
            let named = options.only.as_ref().is_none_or(|only| fault.name.contains(only));
            if named && fault.asks(by) && !(options.missing && results.of(root, fault, by)?.is_ok())
            {
                wanted.push(fault);
            }
        }
        check(root, wanted.iter().copied())?;
        problems.extend(campaign(root, by, &wanted, &mut results, options)?);
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// Plants some faults and asks one engine about each.
fn campaign(
    root: &Path,
    by: By,
    wanted: &[&Fault],
    results: &mut Results,
    options: &Options,
) -> Result<Vec<String>> {
    println!("{} faults for {by}", wanted.len());
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let started = Instant::now();
    // Of what is copied now, whatever is edited in the meantime.
    let hashes: BTreeMap<_, _> = wanted
        .iter()
        .map(|fault| Ok((&fault.name, fault.hash(root, by)?)))
        .collect::<Result<_>>()?;
    let folder = |job: usize| format!("target/faults/{by}-{job}");
    let mut engine: Box<dyn Engine> = match by {
        By::Rocq => Box::new(rocq::Rocq),
        By::Kani => Box::new(kani::Kani::new(root)?),
        By::Tests => Box::new(tests::Tests::new(root)?),
        By::Fuzz => Box::new(fuzz::Fuzz::new(root, options.limits)?),
    };
    let together = copy(root, &format!("target/faults/{by}"))?;
    let switches = match by {
        By::Rocq | By::Kani => BTreeMap::new(),
        By::Tests | By::Fuzz => switch::plant(&together, wanted)?,
    };
    if !switches.is_empty() {
        println!("{} of them are planted at once, in {}", switches.len(), together.display());
    }
    engine.baseline(&together, wanted, results)?;
    let engine = &*engine;
    let (results, problems) = (Mutex::new(results), Mutex::new(Vec::new()));
    let ask = |copy: &Path, fault: &Fault, switch| {
        let who = fault.named(by).join(", ");
        println!("{by} {}: asking {who}", fault.name);
        let asked = Instant::now();
        let answer = engine.ask(copy, fault, switch);
        let (word, text) = match &answer {
            Ok((how, runs)) => {
                let runs = runs.map(|runs| format!(", after {} inputs", thousands(runs)));
                ("noticed", how.clone() + &runs.unwrap_or_default())
            }
            Err(why) => ("NOT NOTICED", why.clone()),
        };
        println!("{word} {} by {who}: {text} [{} s]", fault.name, asked.elapsed().as_secs());
        let results = &mut **lock(&results);
        let entry = results.faults.entry(fault.name.clone()).or_default();
        match answer {
            Ok((how, runs)) => {
                let hash = hashes.get(&fault.name).cloned().unwrap_or_default();
                entry.insert(by, Notice { hash, how, runs });
            }
            Err(why) => {
                entry.remove(&by);
                results.faults.retain(|_, notices| !notices.is_empty());
                lock(&problems).push(format!("{}, {by} ({who}): {why}", fault.name));
            }
        }
        // At once, so that an interrupted run keeps what it has.
        keep(&root.join(RESULTS), results)
    };
    let switched = |fault: &Fault| switches.get(&fault.name).copied();
    let many = wanted.iter().filter(|fault| switched(fault).is_some());
    each_in_jobs(options.jobs, many, |_, fault| ask(&together, fault, switched(fault)))?;
    let others = wanted.iter().filter(|fault| switched(fault).is_none());
    each_in_jobs(options.jobs, others, |job, fault| {
        // Undoes the fault before, and keeps what cargo has built.
        let copy = copy(root, &folder(job))?;
        let path = copy.join(&fault.file);
        save(&path, &fault.plant(&read(&path)?)?)?;
        ask(&copy, fault, None)
    })?;
    println!("{} faults for {by} in {} s", wanted.len(), started.elapsed().as_secs());
    table::write(root)?;
    Ok(problems.into_inner().unwrap_or_default())
}

/// Fails unless the manifest is sound: nothing here is built.
fn check<'a>(root: &Path, faults: impl IntoIterator<Item = &'a Fault>) -> Result {
    let (harnesses, targets) = (kani::harnesses(root)?, fuzz::targets(root)?);
    let lemmas = crate::rocq::faults::lemmas(root)?.into_iter().collect();
    let tests = tests::find(root)?;
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for fault in faults {
        let name = &fault.name;
        if !names.insert(name) {
            wrong.push(format!("two faults are called {name}"));
        }
        if let Err(error) = read(&root.join(&fault.file)).and_then(|text| fault.plant(&text)) {
            wrong.push(error);
        }
        if fault.from == fault.to {
            wrong.push(format!("{name}: the edit changes nothing"));
        }
        if fault.kani.is_some() != fault.check.as_ref().is_some_and(|check| !check.is_empty()) {
            wrong.push(format!("{name}: a harness and the check it must fail go together"));
        }
        if fault.equivalent.is_some() && fault.fuzz.is_none() {
            wrong.push(format!("{name}: said to be equivalent, and no target is asked"));
        }
        let rocq = [&fault.rocq, &fault.claim, &fault.request].map(Option::is_some);
        if rocq != [fault.rocq.is_some(); 3] || (fault.rocq.is_some() && fault.refused.is_some()) {
            wrong.push(format!("{name}: a lemma, a claim and a request go together"));
        }
        if ALL.iter().all(|&by| !fault.asks(by)) {
            wrong.push(format!("{name}: no harness, test, target or lemma is named"));
        }
        for (kind, asked, known) in [
            ("lemma", fault.rocq.as_deref().into_iter().collect(), &lemmas),
            ("harness", fault.named(By::Kani), &harnesses),
            ("test", fault.named(By::Tests), &tests.keys().cloned().collect()),
            ("target", fault.named(By::Fuzz), &targets),
        ] {
            for who in asked {
                if !known.contains(who) {
                    wrong.push(format!("{name}: there is no {kind} {who}"));
                }
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Harnesses and targets that no fault asks: nothing shows that they can fail.
fn unasked(root: &Path, faults: &[Fault]) -> Result<Vec<String>> {
    let asked = |by| faults.iter().flat_map(move |fault| fault.named(by)).map(String::from);
    let asked: BTreeSet<_> = asked(By::Kani).chain(asked(By::Fuzz)).collect();
    let known: BTreeSet<_> =
        kani::harnesses(root)?.into_iter().chain(fuzz::targets(root)?).collect();
    Ok(known.difference(&asked).cloned().collect())
}

/// A copy of the project's files as they stand, in a folder of its own below the root. A file that
/// is as it was keeps its time stamp, so that cargo does not build it again.
fn copy(root: &Path, folder: &str) -> Result<PathBuf> {
    let to = root.join(folder);
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("git: {error}"))?;
    let failed = |file: &Path, error| format!("{}: {error}", file.display());
    let mut kept = BTreeSet::new();
    for file in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|file| !file.is_empty())
    {
        let (from, to) = (root.join(file), to.join(file));
        if !from.is_file() {
            continue;
        }
        make_folder(to.parent().unwrap_or(&to))?;
        let new = std::fs::read(&from).map_err(|error| failed(&from, error))?;
        if std::fs::read(&to).ok().as_ref() != Some(&new) {
            std::fs::write(&to, &new).map_err(|error| failed(&to, error))?;
        }
        kept.insert(to);
    }
    // What was moved or deleted since the last copy, or written by a test.
    let mut folders = vec![to.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if !path.is_dir() {
                if !kept.contains(&path) {
                    std::fs::remove_file(&path).map_err(|error| failed(&path, error))?;
                }
            } else if entry.file_name() != "target" {
                folders.push(path);
            }
        }
    }
    Ok(to)
}
