//! Plants the faults of `proofs/rocq/faults.toml` into the sources, one at a time, and demands that
//! Coq refuses the named lemma *and* proves the claim false by a request.
//!
//! A proof script that fails says little: it may fail for a reason of its own. So each fault comes
//! with a request on which the faulty code, evaluated by Coq, answers otherwise than the
//! specification; `Check.v` turns that into a proof of the claim's negation.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::{compile, ledger, lock, order, scratch, theories, translated};
use crate::mutants::{hash, plant};
use crate::{Result, read, save};

#[derive(Deserialize)]
struct Manifest {
    fault: Vec<Fault>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub(crate) name: String,
    /// The fault in words.
    pub(crate) fault: String,
    pub(crate) file: String,
    /// Occurs exactly once in the file.
    pub(crate) find: String,
    pub(crate) replace: String,
    /// The first lemma that Coq refuses.
    #[serde(default)]
    pub(crate) lemma: String,
    /// The claim that the request refutes: decide, address or extent.
    #[serde(default)]
    pub(crate) claim: String,
    /// The request, as arguments in Coq.
    #[serde(default)]
    pub(crate) request: String,
    /// Instead of lemma and request: why the translator refuses the edited code.
    #[serde(default)]
    pub(crate) refused: String,
}

impl Fault {
    /// What its result is good for: the edit, the file, and the proofs that it was shown to break.
    fn hash(&self, root: &Path) -> Result<String> {
        let proofs = ledger::proofs(root, &self.lemma, &self.claim)?;
        let parts = [
            &self.find,
            &self.replace,
            &self.lemma,
            &self.claim,
            &self.request,
            &self.refused,
            &proofs,
        ];
        hash(root, &self.file, &parts.map(String::as_str))
    }
}

pub(crate) fn load(root: &Path) -> Result<Vec<Fault>> {
    let path = root.join("proofs/rocq/faults.toml");
    let manifest: Manifest =
        toml::from_str(&read(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(manifest.fault)
}

/// What is kept of the last run, in `proofs/rocq/faults.json`: hashes of refuted faults.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Results {
    refuted: BTreeMap<String, String>,
}

impl Results {
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let path = root.join("proofs/rocq/faults.json");
        if !path.exists() {
            return Ok(Self::default());
        }
        serde_json::from_str(&read(&path)?).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Notes a result at once, so that an interrupted run is not lost.
    fn keep(&mut self, root: &Path, all: &[Fault], fault: &Fault, refuted: bool) -> Result {
        self.refuted.remove(&fault.name);
        if refuted {
            self.refuted.insert(fault.name.clone(), fault.hash(root)?);
        }
        self.refuted.retain(|name, _| all.iter().any(|fault| &fault.name == name));
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        save(&root.join("proofs/rocq/faults.json"), &(text + "\n"))
    }

    pub(crate) fn refuted(&self, root: &Path, fault: &Fault) -> bool {
        self.refuted.get(&fault.name).cloned() == fault.hash(root).ok()
    }
}

/// What became of a fault.
enum Outcome {
    /// The first lemma that is refused, and what the faulty code answers.
    Refuted {
        lemma: String,
        answer: String,
    },
    Refused(String),
}

pub(crate) fn run(root: &Path, only: Option<&str>, missing: bool, jobs: usize) -> Result {
    let faults = load(root)?;
    let before = Results::load(root)?;
    let wanted: Vec<_> = faults
        .iter()
        .filter(|fault| only.is_none_or(|only| fault.name.contains(only)))
        .filter(|fault| !missing || !before.refuted(root, fault))
        .collect();
    unrefuted(root, &wanted, jobs)?;
    println!("without a fault every request is answered rightly");

    let kept = Mutex::new(before);
    let next = Mutex::new(wanted.iter());
    let rows = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for worker in 0..jobs.max(1) {
            let (next, rows, kept, faults) = (&next, &rows, &kept, &faults);
            scope.spawn(move || {
                let folder = root.join(format!("target/rocq-faults/{worker}"));
                while let Some(fault) = { lock(next).next() } {
                    let outcome = one(root, &folder, fault);
                    match &outcome {
                        Ok(Outcome::Refuted { lemma, .. }) => {
                            println!("refuted  {} ({lemma})", fault.name);
                        }
                        Ok(Outcome::Refused(_)) => println!("refused  {}", fault.name),
                        Err(error) => println!("SURVIVES {}: {error}", fault.name),
                    }
                    let kept = lock(kept).keep(root, faults, fault, outcome.is_ok());
                    lock(rows).insert(fault.name.clone(), kept.and(outcome));
                }
            });
        }
    });

    let rows = rows.into_inner().map_err(|_| "a thread panicked")?;
    let mut survivors = Vec::new();
    println!("\n| fault | lemma | request | answer |\n| --- | --- | --- | --- |");
    for fault in &wanted {
        let Fault { name, claim, request, .. } = fault;
        match rows.get(name) {
            Some(Ok(Outcome::Refuted { lemma, answer })) => {
                println!("| {name} | {lemma} | `{claim} {request}` | `{answer}` |");
            }
            Some(Ok(Outcome::Refused(why))) => println!("| {name} | not translated: {why} | | |"),
            Some(Err(error)) => survivors.push(format!("{name}: {error}")),
            None => survivors.push(format!("{name}: it was not run")),
        }
    }
    println!("\n{} of {} faults refuted", wanted.len() - survivors.len(), wanted.len());
    if survivors.is_empty() { Ok(()) } else { Err(survivors.join("\n")) }
}

/// The file `Check….v` that refutes a fault's claim.
fn check_of(files: &BTreeMap<String, String>, fault: &Fault) -> Result<String> {
    let refutation = format!("{}_refuted", fault.claim);
    let found = files.iter().find(|(_, text)| states(text, &refutation));
    found.map(|(name, _)| name.clone()).ok_or_else(|| format!("there is no `{refutation}`"))
}

/// The beginning of a file that uses a claim's tests.
fn head(check: &str) -> String {
    let module = check.trim_end_matches(".v");
    format!(
        "From Coq Require Import ZArith List Bool.\nFrom Strideproof Require Import {module}.\n\
         Import ListNotations.\nOpen Scope Z_scope.\n"
    )
}

/// Shows that without a fault no request refutes anything.
fn unrefuted(root: &Path, faults: &[&Fault], jobs: usize) -> Result {
    let folder = root.join("target/rocq");
    compile(&folder, &theories(root)?, jobs)?;
    let mut texts = BTreeMap::new();
    let files = theories(root)?;
    for fault in faults.iter().filter(|fault| !fault.claim.is_empty()) {
        let Fault { name, claim, request, .. } = fault;
        let check = check_of(&files, fault)?;
        let text = texts.entry(check.clone()).or_insert_with(|| head(&check));
        *text += &format!(
            "(* {name} *)\nGoal {claim}_test {request} = true. vm_compute. reflexivity. Qed.\n"
        );
    }
    for text in texts.values() {
        scratch(&folder, "Unrefuted", text)?;
    }
    Ok(())
}

fn one(root: &Path, folder: &Path, fault: &Fault) -> Result<Outcome> {
    let planted = plant(
        &fault.name,
        &fault.file,
        &read(&root.join(&fault.file))?,
        &fault.find,
        &fault.replace,
    )?;
    compiles_as_rust(root, folder, (&fault.file, &planted))?;
    let translated = translated(root, Some((&fault.file, &planted)));
    if !fault.refused.is_empty() {
        return match translated {
            Err(error) if error.contains(&fault.refused) => Ok(Outcome::Refused(error)),
            Err(error) => Err(format!("refused for another reason: {error}")),
            Ok(_) => Err("it is translated".into()),
        };
    }
    let mut files = theories(root)?;
    files.extend(translated?);

    // First the proof that the claim is false, out of files that prove nothing about the code.
    let check = check_of(&files, fault)?;
    let needed = order(folder, &files, &check)?;
    let before: BTreeMap<_, _> =
        files.clone().into_iter().filter(|(name, _)| needed.contains(name)).collect();
    compile(folder, &before, 1).map_err(|error| format!("before any proof: {error}"))?;
    let text = format!(
        "{head}Theorem refuted : ~ {claim}_claim.\n\
         Proof. apply ({claim}_refuted {request}); vm_compute; reflexivity. Qed.\n\
         Print Assumptions refuted.\nEval vm_compute in {claim}_answer {request}.\n",
        head = head(&check),
        claim = fault.claim,
        request = fault.request,
    );
    let printed = scratch(folder, "Refuted", &text)
        .map_err(|error| format!("the request does not refute the claim: {error}"))?;
    if !printed.contains("Closed under the global context") {
        return Err("its refutation rests on an axiom".into());
    }
    let answer = printed.split_once("= ").map_or("", |(_, answer)| answer);
    let answer = answer.rsplit_once("\n     :").map_or(answer, |(answer, _)| answer);
    let answer = answer.replace("Prelude.", "").replace("Kernel.", "");
    let answer = answer.split_whitespace().collect::<Vec<_>>().join(" ");

    // Then the lemma that no longer holds, in its file and what that requires.
    let home = files.iter().find(|(_, text)| states(text, &fault.lemma)).map(|(name, _)| name);
    let home = home.cloned().ok_or_else(|| format!("there is no lemma `{}`", fault.lemma))?;
    let needed = order(folder, &files, &home)?;
    files.retain(|name, _| needed.contains(name));
    let Err(error) = compile(folder, &files, 1) else {
        return Err(format!("Coq accepts {home}"));
    };
    let lemma = lemma_at(&files, &error)?;
    if lemma != fault.lemma {
        return Err(format!("Coq refuses `{lemma}`, not `{}`", fault.lemma));
    }
    Ok(Outcome::Refuted { lemma, answer })
}

/// The name of the lemma that a line states.
pub(super) fn stated(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let keyword = words.next()?;
    let name = words.next()?.trim_end_matches(':');
    ["Lemma", "Theorem", "Corollary", "Let"].contains(&keyword).then_some(name)
}

pub(super) fn states(text: &str, lemma: &str) -> bool {
    text.lines().any(|line| stated(line) == Some(lemma))
}

/// The lemma in whose proof Coq stopped: `File "./Decide.v", line 21, characters …`.
fn lemma_at(files: &BTreeMap<String, String>, error: &str) -> Result<String> {
    let place = error.split_once("File \"./").and_then(|(_, rest)| rest.split_once("\", line "));
    let found = place.and_then(|(file, rest)| {
        let line: usize = rest.split_once(',')?.0.parse().ok()?;
        let lines: Vec<_> = files.get(file)?.lines().take(line).collect();
        lines.iter().rev().find_map(|line| stated(line)).map(str::to_owned)
    });
    found.ok_or_else(|| format!("Coq stopped outside a proof: {error}"))
}

/// A fault that rustc would refuse could not be made.
fn compiles_as_rust(root: &Path, folder: &Path, planted: (&str, &str)) -> Result {
    let folder = folder.join("planted");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let mut modules = String::new();
    for (file, _) in super::SOURCES {
        let name = file.rsplit('/').next().unwrap_or(file);
        let text = if file == planted.0 { planted.1.to_owned() } else { read(&root.join(file))? };
        save(&folder.join(name), &text)?;
        modules += &format!("mod {};\n", name.trim_end_matches(".rs"));
    }
    save(&folder.join("lib.rs"), &modules)?;
    let output = Command::new("rustc")
        .args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--cap-lints=allow"])
        .arg("lib.rs")
        .current_dir(&folder)
        .output()
        .map_err(|error| format!("rustc: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("it is no Rust: {}", String::from_utf8_lossy(&output.stderr)))
}
