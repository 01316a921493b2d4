//! Faults and tests: every named test must fail, whatever random values it draws.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::{Engine, Fault, Results};
use crate::{Result, files_below, read, toml_of};

/// How long the named tests of a program may take. On the unchanged project they take far less.
const LIMIT: Duration = Duration::from_secs(600);
/// A fault that a test finds with some seeds only was found by luck.
const SEEDS: [&str; 3] = ["1", "2", "3"];

/// Where a test is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    package: String,
    /// The flag that makes cargo build the test's program: `--lib`, or `--test` and a name.
    program: Vec<String>,
    file: String,
    /// Whether it draws random values.
    random: bool,
}

#[derive(Deserialize)]
struct Workspace {
    package: Named,
    workspace: Option<Members>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Members {
    members: Vec<String>,
}

/// All tests of the workspace, by the last part of their paths.
pub(super) fn find(root: &Path) -> Result<BTreeMap<String, Place>> {
    let workspace: Workspace = toml_of(&root.join("Cargo.toml"))?;
    let members = workspace.workspace.map(|workspace| workspace.members).unwrap_or_default();
    let mut tests = BTreeMap::new();
    for member in members.into_iter().chain([String::new()]) {
        let package: Workspace = toml_of(&root.join(&member).join("Cargo.toml"))?;
        // The proofs are a module of the library.
        for folder in ["src", "tests", if member.is_empty() { "proofs" } else { "src" }] {
            let folder = root.join(&member).join(folder);
            for path in files_below(&folder) {
                if path.extension().is_none_or(|extension| extension != "rs") {
                    continue;
                }
                let below = path.strip_prefix(&folder).unwrap_or(&path);
                let program = match below.iter().next() {
                    Some(first) if folder.ends_with("tests") => {
                        let name = Path::new(first).file_stem().unwrap_or_default();
                        vec!["--test".to_owned(), name.to_string_lossy().into_owned()]
                    }
                    _ => vec!["--lib".to_owned()],
                };
                let text = read(&path)?;
                let random = folder.ends_with("proofs") || text.contains("proptest");
                let file = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                let package = package.package.name.clone();
                let place = Place { package, program, file, random };
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

/// The files that the question is in: the tests, the engine of the properties, and the oracle.
pub(super) fn sources(root: &Path, fault: &Fault) -> Result<Vec<String>> {
    let tests = find(root)?;
    let mut files = Vec::new();
    for name in &fault.tests {
        let place = tests.get(name).ok_or_else(|| format!("there is no test {name}"))?;
        if place.file.starts_with("proofs/") {
            files.extend(["proofs/mod.rs", "proofs/engine.rs"].map(String::from));
        }
        files.push(place.file.clone());
    }
    let oracle = files_below(&root.join("oracle/src"));
    let oracle = oracle.iter().filter_map(|file| file.strip_prefix(root).ok());
    files.extend(oracle.map(|file| file.display().to_string()));
    Ok(files)
}

pub(super) struct Tests {
    places: BTreeMap<String, Place>,
}

impl Tests {
    pub(super) fn new(root: &Path) -> Result<Self> {
        Ok(Self { places: find(root)? })
    }

    /// Those of the named tests that fail, each with the seeds it fails with.
    fn failing<'a>(
        &self,
        copy: &Path,
        names: &BTreeSet<&'a str>,
    ) -> Result<BTreeMap<&'a str, Vec<&'static str>>> {
        let mut programs: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for &name in names {
            let place = self.places.get(name).ok_or_else(|| format!("there is no test {name}"))?;
            programs.entry((&place.package, &place.program)).or_default().push((name, place));
        }
        let mut failing: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for ((package, program), tests) in programs {
            let cargo = || {
                let mut cargo = Command::new("cargo");
                cargo.args(["test", "--package", package, "--all-features"]).args(program);
                cargo.current_dir(copy).stdin(Stdio::null()).env("CARGO_INCREMENTAL", "1");
                // What cargo sets for this very program is another build's.
                cargo.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
                cargo
            };
            let built = cargo().arg("--no-run").output();
            let built = built.map_err(|error| format!("cargo test: {error}"))?;
            if !built.status.success() {
                let log = String::from_utf8_lossy(&built.stderr);
                let error = log.find("\nerror").map_or(&*log, |at| log[at..].trim_start());
                return Err(format!("it does not compile: {}", crate::text::tail(error, 12)));
            }
            // One by one: a test that ends the process says nothing about another.
            for (name, place) in tests {
                for &seed in if place.random { &SEEDS[..] } else { &SEEDS[..1] } {
                    let mut cargo = cargo();
                    cargo.args(["--", name]).env("PROPTEST_RNG_SEED", seed);
                    cargo.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
                    let (text, ended) = output(cargo, &copy.join("target/tests.log"))?;
                    match outcome(&text, name) {
                        Some(true) => {}
                        None if ended => return Err(format!("cargo did not run {name}")),
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

/// Whether a test passed, by libtest's line about it.
fn outcome(text: &str, name: &str) -> Option<bool> {
    text.lines().find_map(|line| {
        let (path, said) = line.strip_prefix("test ")?.split_once(" ... ")?;
        let path = path.trim_end_matches(" - should panic");
        (path.rsplit("::").next() == Some(name)).then(|| said.starts_with("ok"))
    })
}

/// What a command prints, and whether it ended by itself with an answer for each test.
fn output(mut command: Command, log: &Path) -> Result<(String, bool)> {
    use std::os::unix::process::CommandExt as _;

    let file = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
    command.stdout(file).stderr(Stdio::null()).process_group(0);
    let started = Instant::now();
    let mut child = command.spawn().map_err(|error| format!("cargo test: {error}"))?;
    let ended = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            // Libtest ends with 101 after a failure; a signal ends it otherwise.
            break status.success() || read(log)?.contains("\ntest result: ");
        }
        if started.elapsed() > LIMIT {
            // The whole group: cargo and the program that hangs.
            let group = format!("-{}", child.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
            let _ = child.wait();
            break false;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let text = std::fs::read(log).map_err(|error| error.to_string())?;
    Ok((String::from_utf8_lossy(&text).into_owned(), ended))
}

impl Engine for Tests {
    fn baseline(&mut self, copy: &Path, wanted: &[&Fault], _: &mut Results) -> Result {
        let names: BTreeSet<_> =
            wanted.iter().flat_map(|fault| fault.tests.iter().map(String::as_str)).collect();
        println!("tests: {} on the unchanged copy", names.len());
        let failing = self.failing(copy, &names)?;
        match failing.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("{name} fails before anything is planted")),
        }
    }

    fn ask(&self, copy: &Path, fault: &Fault) -> Result<(String, Option<u64>)> {
        let names = fault.named(super::By::Tests).into_iter().collect();
        let failing = self.failing(copy, &names)?;
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
                    two(source) => two(source)\n}\nproptest! {\n  #[test]\n  fn three(x in any()) {";
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
