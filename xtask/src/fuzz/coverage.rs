//! Which lines the corpora reach: the targets are built with coverage counters and replay them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::engine::{self, Target, nightly, rustc};
use crate::Result;
use crate::process::output;
use crate::text::tail;

/// The folders that are counted, each with its column's title.
pub(super) const FOLDERS: [(&str, &str); 2] =
    [("lines of src/", "src"), ("of cli/src/", "cli/src")];

/// By target, which lines hold code, and whether they were run.
pub(super) struct Coverage {
    targets: BTreeMap<String, Lines>,
}

/// Path below the root and line number; whether it was run.
type Lines = BTreeMap<(String, u32), bool>;

impl Coverage {
    /// How many lines of a folder one target runs, or all targets together, and how many there are.
    pub(super) fn lines(&self, folder: &str, target: Option<&str>) -> (usize, usize) {
        let inside = |file: &str| Path::new(file).starts_with(folder);
        let (mut covered, mut all) = (BTreeSet::new(), BTreeSet::new());
        for (name, lines) in &self.targets {
            for (place, &run) in lines.iter().filter(|((file, _), _)| inside(file)) {
                all.insert(place);
                if run && target.is_none_or(|target| target == name) {
                    covered.insert(place);
                }
            }
        }
        (covered.len(), all.len())
    }

    /// The lines that no target runs, by file.
    pub(super) fn uncovered(&self) -> String {
        let mut lines: BTreeMap<&(String, u32), bool> = BTreeMap::new();
        for (place, &run) in self.targets.values().flatten() {
            *lines.entry(place).or_default() |= run;
        }
        let mut files: BTreeMap<&str, (usize, Vec<u32>)> = BTreeMap::new();
        for ((file, line), run) in lines {
            let (all, missed) = files.entry(file).or_default();
            *all += 1;
            if !run {
                missed.push(*line);
            }
        }
        let mut out = String::from("\nlines that no target runs:\n");
        for (file, (all, missed)) in files.iter().filter(|(_, (_, missed))| !missed.is_empty()) {
            let _ = writeln!(out, "{file} ({} of {all}): {}", missed.len(), ranges(missed));
        }
        out
    }
}

/// Ascending numbers as ranges: `3, 7-9`.
fn ranges(numbers: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == number => *end = number,
            _ => ranges.push((number, number)),
        }
    }
    let shown = ranges.iter().map(|&(from, to)| match from == to {
        true => from.to_string(),
        false => format!("{from}-{to}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// LLVM's two programs, of the compiler's LLVM version or a later one.
struct Tools {
    profdata: PathBuf,
    cov: PathBuf,
}

/// The major version in `… LLVM version 22.1.8` or `LLVM version: 22.1`.
fn llvm_major(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("LLVM version")?;
    rest.trim_start_matches([':', ' ']).split('.').next()?.parse().ok()
}

impl Tools {
    /// Looks in the toolchain, then on the search path under the names that distributions use.
    fn find() -> Result<Self> {
        let version = rustc(&["-vV"]).ok_or("there is no nightly toolchain")?;
        let needed = llvm_major(&version).ok_or("rustc does not say which LLVM it uses")?;
        let sysroot = rustc(&["--print", "sysroot"]).unwrap_or_default();
        let own = Path::new(sysroot.trim()).join("lib/rustlib").join(engine::host()?).join("bin");
        let newer = (needed..needed + 8).map(|major| format!("-{major}"));
        let elsewhere = newer.chain([String::new()]).map(|suffix| {
            (format!("llvm-profdata{suffix}").into(), format!("llvm-cov{suffix}").into())
        });
        let own = [(own.join("llvm-profdata"), own.join("llvm-cov"))];
        for (profdata, cov) in own.into_iter().chain(elsewhere) {
            let version = output(Command::new(&cov).arg("--version"));
            let merges = Command::new(&profdata).arg("--help").stdout(Stdio::null()).status();
            if version.and_then(|version| llvm_major(&version)).is_some_and(|v| v >= needed)
                && merges.is_ok()
            {
                return Ok(Self { profdata, cov });
            }
        }
        Err(format!(
            "llvm-profdata and llvm-cov {needed} or later are missing: `rustup component add \
             llvm-tools --toolchain nightly`, or a distribution's package llvm-{needed}"
        ))
    }
}

/// Replays corpora, seeds and regressions. `None`, with a message, if LLVM's tools are missing.
pub(super) fn measure(root: &Path, wanted: &[String]) -> Result<Option<Coverage>> {
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(why) => {
            println!("no coverage: {why}");
            return Ok(None);
        }
    };
    let into = root.join("fuzz/target/coverage");
    let folder = into.display().to_string();
    let fuzz = root.join("fuzz");
    let mut build = nightly(&fuzz, &["build", "--bins", "--target-dir", &folder]);
    // No sanitizer and no fuzzing: libFuzzer only runs the target on each input.
    build.env("RUSTFLAGS", "-Cinstrument-coverage --cfg fuzzing");
    build.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0");
    // One codegen unit, so that functions that no target calls are linked and counted as not run.
    build.env("CARGO_PROFILE_DEV_CODEGEN_UNITS", "1");
    // Build scripts and macros are instrumented too: this is where they write.
    build.env("LLVM_PROFILE_FILE", into.join("build-%m.profraw"));
    println!("building the targets again, to count lines");
    let output = build.output().map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        let log = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the build for coverage failed:\n{}", tail(&log, 30)));
    }
    let mut targets = BTreeMap::new();
    for target in engine::targets(root)?.iter().filter(|t| wanted.contains(&t.name)) {
        println!("{}: replaying the corpus", target.name);
        targets.insert(target.name.clone(), replay(root, &into, &tools, target)?);
    }
    Ok(Some(Coverage { targets }))
}

fn replay(root: &Path, into: &Path, tools: &Tools, target: &Target) -> Result<Lines> {
    let name = &target.name;
    let binary = into.join("debug").join(name);
    let (raw, merged) =
        (into.join(format!("{name}.profraw")), into.join(format!("{name}.profdata")));
    let _ = std::fs::remove_file(&raw);
    let run = Command::new(&binary)
        .args(target.flags(root)?)
        .arg("-runs=0")
        .arg(root.join("fuzz/corpus").join(name))
        .args(target.kept(root))
        .env("LLVM_PROFILE_FILE", &raw)
        .output()
        .map_err(|error| format!("{}: {error}", binary.display()))?;
    if !run.status.success() {
        let log = String::from_utf8_lossy(&run.stderr);
        return Err(format!("{name}: an input of the corpus fails:\n{}", tail(&log, 15)));
    }
    let mut merge = Command::new(&tools.profdata);
    merge.args(["merge", "-sparse", "-o"]).arg(&merged).arg(&raw);
    output(&mut merge).ok_or_else(|| format!("{name}: llvm-profdata failed"))?;
    let mut export = Command::new(&tools.cov);
    export.args(["export", "--format=lcov", "--skip-functions"]);
    export.arg(format!("--instr-profile={}", merged.display())).arg(&binary);
    let lcov = output(&mut export).ok_or_else(|| format!("{name}: llvm-cov failed"))?;
    Ok(lines(root, &lcov))
}

/// The lines of the project's own files, from lcov's `SF:path` and `DA:line,count`.
fn lines(root: &Path, lcov: &str) -> Lines {
    let mut lines = Lines::new();
    let mut file = None;
    for line in lcov.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            let path = Path::new(path);
            let own = path.strip_prefix(root).ok();
            let own = own.filter(|path| FOLDERS.iter().any(|(_, folder)| path.starts_with(folder)));
            file = own.map(|path| path.display().to_string());
        } else if let (Some(file), Some(data)) = (&file, line.strip_prefix("DA:")) {
            let (line, count) = data.split_once(',').unwrap_or((data, "0"));
            if let Ok(line) = line.parse() {
                *lines.entry((file.clone(), line)).or_default() |= count != "0";
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Coverage, lines, llvm_major, ranges};

    #[test]
    fn neighbouring_lines_are_one_range() {
        assert_eq!(ranges(&[3, 7, 8, 9, 11]), "3, 7-9, 11");
    }

    #[test]
    fn both_ways_of_writing_the_version_are_read() {
        assert_eq!(llvm_major("  LLVM version 22.1.8\n"), Some(22));
        assert_eq!(llvm_major("release: 1.97.0-nightly\nLLVM version: 22.1.2\n"), Some(22));
    }

    #[test]
    fn a_line_is_covered_if_some_target_runs_it_and_the_harness_is_not_counted() {
        let export = |count: u32| {
            format!(
                "SF:/p/src/view.rs\nDA:1,{count}\nDA:2,0\nend_of_record\n\
                 SF:/p/testkit/src/lib.rs\nDA:1,1\nend_of_record\n\
                 SF:/q/src/lib.rs\nDA:1,1\nend_of_record\n"
            )
        };
        let of = |count| lines(Path::new("/p"), &export(count));
        let targets = [("one".to_owned(), of(0)), ("two".to_owned(), of(5))];
        let coverage = Coverage { targets: targets.into() };
        assert_eq!(coverage.lines("src", Some("one")), (0, 2));
        assert_eq!(coverage.lines("src", Some("two")), (1, 2));
        assert_eq!(coverage.lines("src", None), (1, 2));
        assert_eq!(coverage.lines("cli/src", None), (0, 0));
        assert!(coverage.uncovered().ends_with("src/view.rs (1 of 2): 2\n"));
    }
}
