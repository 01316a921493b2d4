//! Plants faults, one at a time, into a copy of the project, and demands red.
//!
//! A fault counts as refuted by Kani only if the named harness ran to its end and failed the named
//! check; by the tests only if the mutant compiles and a test fails. A tool's error is never a kill.
//! The unchanged copy must be green first, and so must a canary that changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Result, prove, read, save};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    mutant: Vec<Mutant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutant {
    pub(crate) name: String,
    /// The fault in words.
    pub(crate) fault: String,
    pub(crate) file: String,
    /// Occurs exactly once in the file.
    pub(crate) find: String,
    pub(crate) replace: String,
    /// The harness that must fail, and a part of the description of a check that it must fail.
    pub(crate) harness: String,
    pub(crate) check: String,
    /// A solver better at counterexamples than the harness's own.
    #[serde(default)]
    pub(crate) solver: Option<String>,
}

/// Hashes a file, and whatever else a result is good for only: the edit, and who was asked.
pub(crate) fn hash(root: &Path, file: &str, parts: &[&str]) -> Result<String> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update("\n");
    }
    hash.update(read(&root.join(file))?);
    Ok(hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect())
}

/// Makes an edit whose anchor occurs exactly once.
pub(crate) fn plant(
    name: &str,
    file: &str,
    text: &str,
    find: &str,
    replace: &str,
) -> Result<String> {
    match text.matches(find).count() {
        1 => Ok(text.replacen(find, replace, 1)),
        n => Err(format!("{name}: its anchor occurs {n} times in {file}")),
    }
}

impl Mutant {
    fn kani_hash(&self, root: &Path) -> Result<String> {
        hash(root, &self.file, &[&self.find, &self.replace, &self.harness, &self.check])
    }

    fn tests_hash(&self, root: &Path) -> Result<String> {
        hash(root, &self.file, &[&self.find, &self.replace])
    }

    fn plant(&self, text: &str) -> Result<String> {
        plant(&self.name, &self.file, text, &self.find, &self.replace)
    }
}

pub(crate) fn load(root: &Path) -> Result<Vec<Mutant>> {
    let path = root.join("proofs/mutants.toml");
    let manifest: Manifest =
        toml::from_str(&read(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(manifest.mutant)
}

/// What is kept of the last runs, in `proofs/mutants.json`: hashes of refuted mutants.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Results {
    kani: BTreeMap<String, String>,
    tests: BTreeMap<String, String>,
}

impl Results {
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let path = root.join("proofs/mutants.json");
        if !path.exists() {
            return Ok(Self::default());
        }
        serde_json::from_str(&read(&path)?).map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(crate) fn refuted_by_kani(&self, root: &Path, mutant: &Mutant) -> bool {
        self.kani.get(&mutant.name).cloned() == mutant.kani_hash(root).ok()
    }

    pub(crate) fn refuted_by_tests(&self, root: &Path, mutant: &Mutant) -> bool {
        self.tests.get(&mutant.name).cloned() == mutant.tests_hash(root).ok()
    }
}

/// A copy of the project's files as they stand, in a folder of its own.
pub(crate) fn copy(root: &Path, folder: &str) -> Result<PathBuf> {
    let to = root.join(folder);
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("git: {error}"))?;
    let mut kept = BTreeSet::new();
    for file in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|file| !file.is_empty())
    {
        let (from, to) = (root.join(file), to.join(file));
        if !from.is_file() {
            continue;
        }
        let parent = to.parent().unwrap_or(&to);
        std::fs::create_dir_all(parent).map_err(|error| error.to_string())?;
        // An unchanged file keeps its time stamp, and cargo its build.
        let new = std::fs::read(&from).map_err(|error| error.to_string())?;
        if std::fs::read(&to).ok().as_ref() != Some(&new) {
            std::fs::copy(&from, &to).map_err(|error| format!("{file}: {error}"))?;
        }
        kept.insert(to);
    }
    // What was moved or deleted since the last copy would be compiled all the same.
    let mut folders = vec![to.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if !path.is_dir() {
                if !kept.contains(&path) {
                    std::fs::remove_file(&path).map_err(|error| error.to_string())?;
                }
            } else if entry.file_name() != "target" {
                folders.push(path);
            }
        }
    }
    Ok(to)
}

/// Whether the tests are green; an error if they do not compile. The library's own tests, which
/// build at once and hold the properties of the proofs, come first: once they are red, all are.
fn tests_pass(copy: &Path) -> Result<bool> {
    let cargo = |arguments: &[&str]| {
        Command::new("cargo")
            .args(["test", "--package", "strideproof", "--all-features"])
            .args(arguments)
            .current_dir(copy)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|error| format!("cargo test: {error}"))
    };
    for targets in ["--lib", "--tests"] {
        if !cargo(&[targets, "--no-run"])?.success() {
            return Err("it does not compile".into());
        }
        if !cargo(&[targets])?.success() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The failures of one harness; an error if Kani did not finish it.
fn harness_failures(copy: &Path, harness: &str, solver: Option<&str>) -> Result<Vec<String>> {
    let mut arguments = vec!["--exact", "--harness", harness];
    if let Some(solver) = solver {
        arguments.extend(["--solver", solver]);
    }
    let (runs, _) = prove::kani(copy, &arguments)?;
    let run = runs.get(harness).ok_or("Kani did not run it")?;
    if !run.success && run.failures.is_empty() {
        return Err("Kani gave up on it".into());
    }
    Ok(run.failures.clone())
}

pub(crate) fn run(root: &Path, only: Option<&str>, tests: bool, kani: bool) -> Result {
    let mutants = load(root)?;
    let copy = copy(root, "target/mutants")?;
    let mut results = Results::load(root)?;
    let wanted: Vec<_> =
        mutants.iter().filter(|m| only.is_none_or(|only| m.name.contains(only))).collect();

    // Green before anything is planted, and after something that changes nothing.
    for canary in [false, true] {
        let kernel = copy.join("src/kernel.rs");
        let text = read(&root.join("src/kernel.rs"))?;
        save(&kernel, &if canary { text.clone() + "\n// a canary\n" } else { text.clone() })?;
        if tests && !tests_pass(&copy)? {
            return Err("the tests are red before anything is planted".into());
        }
        if kani {
            let mut harnesses: Vec<_> = wanted.iter().map(|m| (&m.harness, &m.solver)).collect();
            harnesses.sort();
            harnesses.dedup();
            // One harness is canary enough.
            let count = if canary { 1 } else { harnesses.len() };
            for (harness, solver) in harnesses.into_iter().take(count) {
                // Another solver may not finish on a true statement; only the census's must.
                if solver.is_none() && !harness_failures(&copy, harness, None)?.is_empty() {
                    return Err(format!("{harness} is red before anything is planted"));
                }
            }
        }
        save(&kernel, &text)?;
    }
    println!("green before anything is planted");

    let mut survivors = Vec::new();
    for mutant in wanted {
        let original = read(&root.join(&mutant.file))?;
        let file = copy.join(&mutant.file);
        save(&file, &mutant.plant(&original)?)?;
        if kani {
            results.kani.remove(&mutant.name);
            match harness_failures(&copy, &mutant.harness, mutant.solver.as_deref()) {
                Ok(failures) if failures.iter().any(|failure| failure.contains(&mutant.check)) => {
                    println!("refuted by Kani   {}: {}", mutant.name, failures.join("; "));
                    results.kani.insert(mutant.name.clone(), mutant.kani_hash(root)?);
                }
                Ok(failures) => {
                    survivors.push(format!(
                        "{} survives Kani: [{}]",
                        mutant.name,
                        failures.join("; ")
                    ));
                }
                Err(error) => survivors.push(format!("{}: Kani: {error}", mutant.name)),
            }
        }
        if tests {
            results.tests.remove(&mutant.name);
            match tests_pass(&copy) {
                Ok(false) => {
                    println!("refuted by tests  {}", mutant.name);
                    results.tests.insert(mutant.name.clone(), mutant.tests_hash(root)?);
                }
                Ok(true) => survivors.push(format!("{} survives the tests", mutant.name)),
                Err(error) => survivors.push(format!("{}: tests: {error}", mutant.name)),
            }
        }
        save(&file, &original)?;
    }
    results.kani.retain(|name, _| mutants.iter().any(|mutant| &mutant.name == name));
    results.tests.retain(|name, _| mutants.iter().any(|mutant| &mutant.name == name));
    let text = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
    save(&root.join("proofs/mutants.json"), &(text + "\n"))?;
    if survivors.is_empty() { Ok(()) } else { Err(survivors.join("\n")) }
}
