//! Asks tests about a fault: every named test must fail, whatever random values it draws.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde::Deserialize;

use super::{Answer, Engine, Fault, Results, Switch};
use crate::process::Process;
use crate::{Result, files_below, read};

/// How long a test may take: on the unchanged project it takes seconds.
const LIMIT: Duration = Duration::from_secs(120);
/// A fault that a test finds with some seeds only was found by luck.
const SEEDS: [&str; 3] = ["1", "2", "3"];

/// Where a test is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    package: String,
    /// The package's folder below the root.
    folder: String,
    /// The flag that makes cargo build the test's program: `--lib`, or `--test` and a name.
    program: Vec<String>,
    file: String,
    /// Whether it draws random values.
    random: bool,
}

/// What `cargo metadata` says, as far as it matters here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
    src_path: PathBuf,
}

/// All tests of the workspace, by the last part of their paths; looked for once.
pub(super) fn find(root: &Path) -> Result<&'static BTreeMap<String, Place>> {
    static FOUND: OnceLock<Result<BTreeMap<String, Place>>> = OnceLock::new();
    FOUND.get_or_init(|| look_for(root)).as_ref().map_err(String::clone)
}

fn look_for(root: &Path) -> Result<BTreeMap<String, Place>> {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--no-deps", "--format-version=1", "--quiet"]).current_dir(root);
    let output = cargo.output().map_err(|error| format!("cargo metadata: {error}"))?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cargo metadata: {error}"))?;
    let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
    let mut tests = BTreeMap::new();
    for Package { name: package, manifest_path, targets } in metadata.packages {
        let folder = below(manifest_path.parent().unwrap_or(root));
        for Target { kind, name, src_path } in targets {
            let source = src_path.parent().unwrap_or(root);
            let (program, mut files) = match kind.first().map(String::as_str) {
                Some("lib") => (vec!["--lib".to_owned()], files_below(source)),
                Some("test") if src_path.ends_with("main.rs") => {
                    (vec!["--test".to_owned(), name], files_below(source))
                }
                Some("test") => (vec!["--test".to_owned(), name], vec![src_path]),
                _ => continue,
            };
            if folder.is_empty() && program.len() == 1 {
                // Modules of the library.
                files.extend(
                    ["proofs", "tests/unit"].iter().flat_map(|f| files_below(&root.join(f))),
                );
            }
            for path in files.iter().filter(|path| path.extension().is_some_and(|e| e == "rs")) {
                let (text, file) = (read(path)?, below(path));
                let random = file.starts_with("proofs/")
                    || ["proptest", "replay("].iter().any(|sign| text.contains(sign));
                let (package, folder, program) = (package.clone(), folder.clone(), program.clone());
                let place = Place { package, folder, program, file, random };
                tests.extend(names(&text).map(|name| (name, place.clone())));
            }
        }
    }
    Ok(tests)
}

/// The functions under `#[test]` and in `harness!`.
fn names(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut marked = false;
    text.lines().map(str::trim).filter_map(move |line| {
        if line.starts_with("#[test]") || line.starts_with("harness! {") {
            marked = true;
        }
        let name = match line.strip_prefix("fn ") {
            None if !line.contains("(source) =>") => return None,
            name => name.unwrap_or(line).split('(').next()?,
        };
        std::mem::take(&mut marked).then(|| name.to_owned())
    })
}

/// The files that the question is in: the tests, and what they take truth and inputs from.
pub(super) fn sources(root: &Path, fault: &Fault) -> Result<Vec<String>> {
    let tests = find(root)?;
    let mut files = Vec::new();
    let mut folders = vec!["oracle/src"];
    for name in &fault.tests {
        let place = tests.get(name).ok_or_else(|| format!("there is no test {name}"))?;
        if place.file.starts_with("proofs/") {
            files.extend(["proofs/mod.rs", "proofs/engine.rs"].map(String::from));
        }
        if place.file.starts_with("testkit/") {
            folders.push("testkit/src");
        }
        files.push(place.file.clone());
    }
    let below = folders.iter().flat_map(|folder| files_below(&root.join(folder)));
    files
        .extend(below.filter_map(|file| Some(file.strip_prefix(root).ok()?.display().to_string())));
    Ok(files)
}

pub(super) struct Tests {
    places: &'static BTreeMap<String, Place>,
}

impl Tests {
    pub(super) fn new(root: &Path) -> Result<Self> {
        Ok(Self { places: find(root)? })
    }

    /// Those of the named tests that fail, each with the seeds it fails with; the log is called
    /// after `label`.
    fn failing<'a>(
        &self,
        copy: &Path,
        label: &str,
        names: &BTreeSet<&'a str>,
        switch: Option<Switch>,
    ) -> Result<BTreeMap<&'a str, Vec<&'static str>>> {
        let mut programs: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for &name in names {
            let place = self.places.get(name).ok_or_else(|| format!("there is no test {name}"))?;
            programs.entry((&place.package, &place.program)).or_default().push((name, place));
        }
        let mut failing: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for ((package, program), tests) in programs {
            let binary = build(copy, package, program)?;
            // One by one: a test that ends the process says nothing about another.
            for (name, place) in tests {
                for &seed in if place.random { &SEEDS[..] } else { &SEEDS[..1] } {
                    let mut test = Command::new(&binary);
                    test.arg(name).env("PROPTEST_RNG_SEED", seed).env("REPLAY_SEED", seed);
                    test.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
                    // As cargo does.
                    test.current_dir(copy.join(&place.folder));
                    test.env("CARGO_MANIFEST_DIR", copy.join(&place.folder));
                    if let Some(switch) = switch {
                        switch.turn_on(&mut test);
                    }
                    let log = copy.join("target").join(format!("{label}.log"));
                    let mut process = Process::start(test, &log, LIMIT)?;
                    let ended = process.wait(|_| {})?;
                    let died = ended.is_none_or(|status| status.code().is_none());
                    match outcome(&process.text(), name) {
                        Some(true) => {}
                        None if !died => return Err(format!("cargo did not run {name}")),
                        // A failure, or no answer: the process was ended, or did not end.
                        _ if place.random => failing.entry(name).or_default().push(seed),
                        _ => failing.entry(name).or_default().extend(SEEDS),
                    }
                }
            }
        }
        Ok(failing)
    }
}

/// Builds a program of tests.
fn build(copy: &Path, package: &str, program: &[String]) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--package", package, "--all-features", "--no-run"]).args(program);
    cargo.arg("--message-format=json-render-diagnostics");
    cargo.current_dir(copy).env("CARGO_INCREMENTAL", "1");
    // Cargo set these for `xtask`.
    cargo.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO_MANIFEST_DIR");
    let output = cargo.output().map_err(|error| format!("cargo test: {error}"))?;
    if !output.status.success() {
        let log = String::from_utf8_lossy(&output.stderr);
        let error = log.find("\nerror").map_or(&*log, |at| log[at..].trim_start());
        return Err(format!("it does not compile: {}", crate::text::tail(error, 12)));
    }
    // The test program is built last.
    let text = String::from_utf8_lossy(&output.stdout);
    let binary = text.lines().rev().find_map(|line| {
        let message: Message = serde_json::from_str(line).ok()?;
        message.profile?.test.then_some(message.executable).flatten()
    });
    binary.ok_or_else(|| format!("cargo built no tests of {package}"))
}

/// What cargo says of something that it built.
#[derive(Deserialize)]
struct Message {
    profile: Option<Profile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// Whether a test passed, by libtest's line about it.
fn outcome(text: &str, name: &str) -> Option<bool> {
    text.lines().find_map(|line| {
        let (path, said) = line.strip_prefix("test ")?.split_once(" ... ")?;
        let path = path.trim_end_matches(" - should panic");
        (path.rsplit("::").next() == Some(name)).then(|| said.starts_with("ok"))
    })
}

impl Engine for Tests {
    fn baseline(&mut self, copy: &Path, wanted: &[&Fault], _: &mut Results) -> Result {
        let names: BTreeSet<_> =
            wanted.iter().flat_map(|fault| fault.tests.iter().map(String::as_str)).collect();
        println!("tests: {} on the unchanged copy", names.len());
        let failing = self.failing(copy, "unchanged", &names, None)?;
        match failing.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("{name} fails before anything is planted")),
        }
    }

    fn ask(&self, copy: &Path, fault: &Fault, switch: Option<Switch>) -> Answer {
        let names = fault.named(super::By::Tests).into_iter().collect();
        let failing = self.failing(copy, &fault.name, &names, switch)?;
        for name in names {
            match failing.get(name) {
                None => return Err(format!("{name} passes")),
                Some(seeds) if seeds.len() < SEEDS.len() => {
                    return Err(format!("{name} fails by luck, with seed {}", seeds.join(", ")));
                }
                Some(_) => {}
            }
        }
        Ok((fault.tests.join(", "), None))
    }
}

#[cfg(test)]
mod unit {
    use super::{names, outcome};

    #[test]
    fn tests_are_named_by_their_functions() {
        let text = "#[test]\nfn one() {\n}\nfn helper() {}\nharness! {\n  #[kani::unwind(3)]\n  \
                    two(source) => two(source)\n}\n\
                    proptest! {\n  #[test]\n  fn three(x in any()) {";
        assert_eq!(names(text).collect::<Vec<_>>(), ["one", "two", "three"]);
    }

    #[test]
    fn a_test_without_an_answer_did_not_pass() {
        let text = "running 3 tests\ntest a::one ... ok\ntest a::one_more ... FAILED\n";
        assert_eq!(outcome(text, "one"), Some(true));
        assert_eq!(outcome(text, "one_more"), Some(false));
        assert_eq!(outcome(text, "two"), None);
    }
}
