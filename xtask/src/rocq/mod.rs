//! Coq (now Rocq), the second prover: theorems of any rank about the source text.
//!
//! `proofs/rocq` holds what a machine computes (`Prelude.v`), the translation of the files in
//! [`SOURCES`] (generated and committed), and the theorems. Everything is compiled in a folder
//! under `target`.

mod agree;
pub(crate) mod faults;
pub(crate) mod ledger;
mod translate;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

use crate::{Result, in_jobs, lock, read, save};

/// The translated files in order, each with the Coq module it becomes.
const SOURCES: [(&str, &str); 2] =
    [("src/kernel.rs", "Kernel"), ("src/overlap/certificate.rs", "Certificate")];

/// The name under which the files of `proofs/rocq` require each other.
const LIBRARY: &str = "Strideproof";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Translate the sources anew into proofs/rocq
    #[arg(long)]
    write: bool,
    /// Only compare the committed translation with the sources; needs no Coq
    #[arg(long, conflicts_with = "write")]
    check_only: bool,
    /// Have the independent checker, coqchk, check the compiled theorems and list their axioms
    #[arg(long)]
    coqchk: bool,
    /// Record the result for the ledger
    #[arg(long)]
    record: bool,
    /// Only compare what Coq evaluates with what Rust computes: the translation with the compiled
    /// functions, the models with the library
    #[arg(long)]
    agree: bool,
    /// Plant edits in translation, prelude and models; the comparisons must notice each
    #[arg(long)]
    mistranslations: bool,
    /// Only the edits with this in their names
    #[arg(long, default_value = "", requires = "mistranslations")]
    only: String,
    /// How many files Coq compiles at once
    #[arg(short, long, default_value_t = 2)]
    jobs: usize,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result {
    if options.write {
        write(root)?;
    }
    check(root)?;
    if options.check_only {
        return Ok(());
    }
    if options.mistranslations {
        return agree::mistranslations(root, &options.only, options.jobs);
    }
    if options.agree {
        return agree::run(root, options.jobs);
    }
    prove(root, options.jobs, options.coqchk, options.record)?;
    if options.record { crate::ledger::write(root) } else { Ok(()) }
}

/// Has Coq check every file, and the axioms of every theorem; the independent checker, if asked.
pub(crate) fn prove(root: &Path, jobs: usize, independent: bool, record: bool) -> Result {
    let folder = root.join("target/rocq");
    let start = Instant::now();
    let theories = theories(root)?;
    compile(&folder, &theories, jobs)?;
    ledger::closed(root, &folder)?;
    println!("Coq checked {} files, {:.0} s", theories.len(), start.elapsed().as_secs_f64());
    agree::run(root, jobs)?;
    if independent {
        coqchk(&folder, &theories)?;
        println!("coqchk checked them again, Axioms: <none>");
    }
    if record {
        let mut results = ledger::Results::load(root)?;
        let hash = ledger::hash(root)?;
        let version = tool(&folder, "coqc", &["--version"])?;
        let version = version.lines().next().unwrap_or_default().to_owned();
        results.versions.insert("Coq".into(), version);
        results.coqc.clone_from(&hash);
        if independent {
            results.coqchk = hash;
        }
        results.save(root)?;
    }
    Ok(())
}

/// The translations of the sources, by the name of their file; `instead` stands for one of them.
fn translated(root: &Path, instead: Option<(&str, &str)>) -> Result<Vec<(String, String)>> {
    let mut sources = Vec::new();
    for (path, module) in SOURCES {
        let text = match instead {
            Some((file, text)) if file == path => text.to_owned(),
            _ => read(&root.join(path))?,
        };
        sources.push(translate::Source { path: path.into(), module: module.into(), text });
    }
    let texts = translate::translate(&sources)?;
    Ok(SOURCES.iter().zip(texts).map(|((_, module), text)| (format!("{module}.v"), text)).collect())
}

fn write(root: &Path) -> Result {
    for (name, text) in translated(root, None)? {
        save(&root.join("proofs/rocq").join(name), &text)?;
    }
    Ok(())
}

/// Fails unless the committed translation is what the sources give.
fn check(root: &Path) -> Result {
    for (name, text) in translated(root, None)? {
        if read(&root.join("proofs/rocq").join(&name))? != text {
            return Err(format!(
                "proofs/rocq/{name} is not the translation of its source; run `cargo xtask rocq --write`"
            ));
        }
    }
    println!("the committed translation is that of the sources");
    Ok(())
}

/// The Coq files of the project, by name.
fn theories(root: &Path) -> Result<BTreeMap<String, String>> {
    let folder = root.join("proofs/rocq");
    let entries =
        std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "v") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, read(&path)?);
        }
    }
    Ok(files)
}

/// A tool of Coq in a folder; what it printed, coqchk's summary on the second channel included.
fn tool(folder: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    // A proof that does not end is no proof. Each file takes seconds; coqchk, which reads the
    // standard library as well, about a minute.
    let limit = if program == "coqchk" { "900" } else { "240" };
    let output = Command::new("timeout")
        .args([limit, program, "-R", ".", LIBRARY])
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("{program}: {error}; Debian's package is `coq`"))?;
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    if output.status.success() {
        Ok(printed)
    } else {
        Err(format!("{program} {}:\n{printed}", arguments.join(" ")))
    }
}

/// Compiles files in a folder, each after those it requires, and again only if one has changed.
fn compile(folder: &Path, files: &BTreeMap<String, String>, jobs: usize) -> Result {
    let requires = requires(folder, files)?;
    let waiting: BTreeSet<String> = files.keys().cloned().collect();
    let state = Mutex::new((waiting, BTreeSet::new()));
    in_jobs(jobs, |_| {
        loop {
            let next = {
                let (waiting, done) = &mut *lock(&state);
                let ready = |name: &&String| {
                    requires.get(*name).into_iter().flatten().all(|other| done.contains(other))
                };
                let next = waiting.iter().find(ready).cloned();
                match &next {
                    Some(name) => waiting.remove(name),
                    None if waiting.is_empty() => return Ok(()),
                    None => false,
                };
                next
            };
            let Some(name) = next else {
                std::thread::sleep(std::time::Duration::from_millis(20));
                continue;
            };
            let needed = requires.get(&name).map_or(&[][..], Vec::as_slice);
            if !fresh(folder, &name, needed)
                && let Err(error) = tool(folder, "coqc", &["-q", &name])
            {
                // The other jobs have nothing more to do.
                lock(&state).0.clear();
                return Err(error);
            }
            lock(&state).1.insert(name);
        }
    })
}

/// A file and all that it requires.
fn needed(folder: &Path, files: &BTreeMap<String, String>, name: &str) -> Result<Vec<String>> {
    let requires = requires(folder, files)?;
    let mut found = vec![name.to_owned()];
    let mut at = 0;
    while let Some(name) = found.get(at).cloned() {
        for other in requires.get(&name).into_iter().flatten() {
            if !found.contains(other) {
                found.push(other.clone());
            }
        }
        at += 1;
    }
    Ok(found)
}

/// An unchanged file keeps its time stamp, and with it what was compiled from it.
fn write_if_new(path: &Path, text: &str) -> Result {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    save(path, text)
}

/// Puts files into a folder; which of them each requires, as coqdep prints: `A.vo …: A.v B.vo C.vo`.
fn requires(
    folder: &Path,
    files: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Vec<String>>> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    for (name, text) in files {
        write_if_new(&folder.join(name), text)?;
    }
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    let compiled = |names: &str| -> Vec<String> {
        let names = names.split_whitespace().filter_map(|name| name.strip_suffix(".vo"));
        names.map(|name| format!("{name}.v")).collect()
    };
    let printed = tool(folder, "coqdep", &names)?;
    let lines = printed.lines().filter_map(|line| line.split_once(':'));
    let lines = lines.map(|(targets, needed)| (compiled(targets), compiled(needed)));
    Ok(lines.filter_map(|(mut names, needed)| Some((names.pop()?, needed))).collect())
}

/// Whether a file was compiled after it and everything that it requires was.
fn fresh(folder: &Path, name: &str, needed: &[String]) -> bool {
    let time = |path: PathBuf| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    let compiled = |name: &str| time(folder.join(format!("{name}o")));
    let Some(own) = compiled(name) else { return false };
    time(folder.join(name)).is_some_and(|source| source <= own)
        && needed.iter().all(|other| compiled(other).is_some_and(|other| other <= own))
}

/// Compiles a file that no other requires; what Coq prints.
fn scratch(folder: &Path, name: &str, text: &str) -> Result<String> {
    let file = format!("{name}.v");
    save(&folder.join(&file), text)?;
    let printed = tool(folder, "coqc", &["-q", &file]);
    for extension in ["v", "vo", "vok", "vos", "glob"] {
        // What is not there need not go.
        drop(std::fs::remove_file(folder.join(format!("{name}.{extension}"))));
    }
    printed
}

/// Has the independent checker read every compiled file and the standard library; an error if a
/// theorem rests on an axiom.
fn coqchk(folder: &Path, files: &BTreeMap<String, String>) -> Result {
    let modules: Vec<_> = files
        .keys()
        .filter_map(|name| Some(format!("{LIBRARY}.{}", name.strip_suffix(".v")?)))
        .collect();
    let mut arguments = vec!["-silent", "-o"];
    arguments.extend(modules.iter().map(String::as_str));
    let text = tool(folder, "coqchk", &arguments)?;
    if text.lines().any(|line| line.trim() == "* Axioms: <none>") {
        return Ok(());
    }
    Err(format!("coqchk finds axioms:\n{text}"))
}
