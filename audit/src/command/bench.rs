//! The benchmark: public defects that have to be found, and crates in which nothing may be found.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::planted::Copy;
use super::target::Target;
use super::{Failure, Format, Profiles, Run, RunArguments, run_one};
use crate::class::Class;
use crate::finding::{Finding, Summary};

/// Options of `bench`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Names of targets; all of the table if there is none.
    #[arg(value_name = "TARGET")]
    names: Vec<String>,
    /// Requests for each function that has a defect, or had one.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    requests: u64,
    /// Time for each function that has a defect, or had one.
    #[arg(long, value_name = "S", value_parser = super::seconds, default_value = "10")]
    seconds: f64,
    /// Requests for each function of a sound crate, in each profile.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    control_requests: u64,
    /// What the requests are drawn from.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Runs targets in this profile alone where the table has others too.
    #[arg(long, value_enum, default_value_t = Profiles::Both)]
    profile: Profiles,
    /// Plants faults into copies of `strideproof` instead, and runs its target.
    #[arg(long, conflicts_with = "names")]
    planted: bool,
    /// Keeps the results in `stridebench.json` and writes `STRIDEBENCH.md` and the table of the
    /// README, beside `stridebench.toml`.
    #[arg(long)]
    write: bool,
}

/// `stridebench.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Names of faults of the repository's `faults.toml`.
    planted: Vec<String>,
    entry: Vec<Entry>,
}

/// What is expected of one target, or of one of its functions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    target: String,
    /// The function; all of them where it is absent.
    case: Option<String>,
    #[serde(rename = "crate")]
    package: String,
    version: String,
    /// The advisory or the issue.
    #[serde(default)]
    source: String,
    label: Label,
    /// Whether the defect is in the arithmetic of a check.
    #[serde(default)]
    arithmetic: bool,
    /// The profile that shows it; both where it is absent.
    profile: Option<String>,
    /// One of these has to be found.
    #[serde(default)]
    classes: Vec<Class>,
    /// Why a defect is not found.
    missed: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Label {
    Vulnerable,
    Fixed,
    Control,
}

/// What runs found: `stridebench.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Results {
    /// By target and profile.
    targets: BTreeMap<String, BTreeMap<String, Found>>,
    /// By the name of the fault.
    planted: BTreeMap<String, Planted>,
}

/// What the kit finds of a planted fault.
#[derive(Debug, Serialize, Deserialize)]
struct Planted {
    /// What is wrong, in words.
    what: String,
    /// The profile, and what took the fewest requests in it.
    found: Option<(String, Finding)>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Found {
    cases: Vec<Summary>,
    /// About memory or aliasing.
    findings: Vec<Finding>,
}

/// What is kept of a finding: not how to reproduce it.
fn kept(finding: Finding) -> Finding {
    let (code, frames, choices) = Default::default();
    Finding { code, frames, choices, ..finding }
}

/// What it took, and the smallest request, as cells of a table.
fn cells(finding: &Finding, profile: &str) -> String {
    let Finding { class, requests, seconds, shrinking, request, smallest, .. } = finding;
    format!(
        "{class} | {profile} | {requests} | {seconds:.2} | {shrinking:.2} | {request}: `{smallest}` |"
    )
}

impl From<Run> for Found {
    fn from(run: Run) -> Self {
        let unsound = run.findings.into_iter().filter(|finding| finding.class.is_unsound());
        Self { cases: run.cases, findings: unsound.map(kept).collect() }
    }
}

impl Entry {
    fn profiles(&self) -> Vec<&str> {
        self.profile.as_deref().map_or(vec!["release", "debug"], |profile| vec![profile])
    }

    fn is_advisory(&self) -> bool {
        self.source.starts_with("RUSTSEC")
    }

    fn covers(&self, case: &str) -> bool {
        self.case.as_deref().is_none_or(|own| own == case)
    }

    /// What is found in its functions, and in which profile.
    fn defects<'a>(&'a self, results: &'a Results) -> impl Iterator<Item = (&'a str, &'a Finding)> {
        let profiles = results.targets.get(&self.target).into_iter().flatten();
        profiles.flat_map(move |(profile, found)| {
            let defects = found.findings.iter().filter(|defect| self.covers(&defect.case));
            defects.map(move |defect| (profile.as_str(), defect))
        })
    }

    /// The expected defect that took the fewest requests.
    fn found<'a>(&'a self, results: &'a Results) -> Option<(&'a str, &'a Finding)> {
        let expected = |defect: &Finding| self.classes.contains(&defect.class);
        let found = self.defects(results).filter(|(_, defect)| expected(defect));
        found.min_by_key(|(_, defect)| defect.requests)
    }

    fn is_as_expected(&self, results: &Results) -> bool {
        match self.label {
            Label::Vulnerable if self.missed.is_none() => self.found(results).is_some(),
            _ => self.defects(results).next().is_none(),
        }
    }
}

/// Runs targets and compares with the table.
pub(super) fn run(arguments: &Arguments, targets: &Path) -> Result<ExitCode, Failure> {
    let folder = targets.join("..");
    let read = |name: &str| fs::read_to_string(folder.join(name));
    let table: Table = toml::from_str(&read("stridebench.toml")?)?;
    let mut results = Results::default();
    let status = match arguments.planted {
        true => u8::from(run_planted(arguments, &table, &folder.join(".."), &mut results)? > 0),
        false => run_targets(arguments, &table, targets, &mut results)?,
    };
    if arguments.write {
        let mut kept: Results = match read("stridebench.json") {
            Ok(text) => serde_json::from_str(&text)?,
            Err(_) => Results::default(),
        };
        for (name, ran) in results.targets {
            kept.targets.entry(name).or_default().extend(ran);
        }
        kept.planted.extend(results.planted);
        let text = serde_json::to_string_pretty(&kept)? + "\n";
        fs::write(folder.join("stridebench.json"), text)?;
        fs::write(folder.join("STRIDEBENCH.md"), markdown(&table, &kept))?;
        let readme = readme(&read("README.md")?, &table, &kept);
        fs::write(folder.join("README.md"), readme.ok_or("README.md has no place for the table")?)?;
    }
    Ok(ExitCode::from(status))
}

/// Runs targets and returns the exit status.
fn run_targets(
    arguments: &Arguments,
    table: &Table,
    targets: &Path,
    results: &mut Results,
) -> Result<u8, Failure> {
    let mut status = 0;
    let mut out = io::stdout().lock();
    for name in names(table, &arguments.names)? {
        let entries: Vec<_> = table.entry.iter().filter(|entry| entry.target == name).collect();
        match run_target(arguments, &entries, targets, &name) {
            Ok(ran) => drop(results.targets.insert(name, ran)),
            Err(error) => {
                eprintln!("error: {error}");
                status = 2;
                continue;
            }
        }
        for entry in entries {
            let expected = entry.is_as_expected(results);
            status = status.max(u8::from(!expected));
            writeln!(out, "{}", verdict(entry, expected, results))?;
        }
    }
    if arguments.names.is_empty() {
        for Threshold { found, of, what, least } in thresholds(table, results) {
            status = status.max(u8::from(found < least));
            writeln!(out, "{found} of {of} {what}, at least {least}")?;
        }
        let is_control = |name: &&String| {
            let mut entries = table.entry.iter().filter(|entry| entry.target == **name);
            entries.all(|entry| entry.label == Label::Control)
        };
        let controls = results.targets.iter().filter(|(name, _)| is_control(name));
        let (mut requests, mut alarms) = (0, 0);
        for found in controls.flat_map(|(_, ran)| ran.values()) {
            requests += found.cases.iter().map(|case| case.requests).sum::<u64>();
            alarms += found.findings.len();
        }
        writeln!(out, "{alarms} alarms in {requests} requests on controls, at most 0")?;
    }
    Ok(status)
}

/// Runs a target in the profiles that its entries name.
fn run_target(
    arguments: &Arguments,
    entries: &[&Entry],
    targets: &Path,
    name: &str,
) -> Result<BTreeMap<String, Found>, Failure> {
    let target = Target::new(targets, name)?;
    let package = &target.package;
    for entry in entries {
        if package.name != entry.package || !package.version.starts_with(&entry.version) {
            let (is, wanted) = (&package.version, &entry.version);
            return Err(format!(
                "target {name} audits {} {is}, not {} {wanted}",
                package.name, entry.package
            )
            .into());
        }
    }
    let options = options(arguments, entries);
    let mut ran = BTreeMap::new();
    for profile in arguments.profile.names() {
        if entries.iter().any(|entry| entry.profiles().contains(profile)) {
            ran.insert((*profile).to_owned(), run_one(&target, profile, &options)?.into());
        }
    }
    Ok(ran)
}

/// Plants faults and runs the target; returns how many are not found.
fn run_planted(
    arguments: &Arguments,
    table: &Table,
    repository: &Path,
    results: &mut Results,
) -> Result<usize, Failure> {
    let copy = Copy::of(repository)?;
    let options = options(arguments, &[]);
    let mut out = io::stdout().lock();
    let faults = table.planted.iter().map(|name| copy.fault(name));
    for fault in faults.collect::<Result<Vec<_>, _>>()? {
        let name = &fault.name;
        let mut found = None;
        for profile in arguments.profile.names() {
            let run = copy.with(fault, |target| run_one(target, profile, &options))?;
            let first = run.findings.into_iter().min_by_key(|finding| finding.requests);
            found = first.map(|finding| ((*profile).to_owned(), kept(finding)));
            if found.is_some() {
                break;
            }
        }
        let class = found.as_ref().map_or("not found", |(_, defect)| defect.class.name());
        writeln!(out, "{name}: {class}")?;
        results.planted.insert(name.clone(), Planted { what: fault.what.clone(), found });
    }
    Ok(results.planted.values().filter(|planted| planted.found.is_none()).count())
}

/// The targets of the table, or those of these names.
fn names(table: &Table, wanted: &[String]) -> Result<Vec<String>, Failure> {
    let mut names: Vec<_> = table.entry.iter().map(|entry| entry.target.clone()).collect();
    names.dedup();
    if let Some(unknown) = wanted.iter().find(|name| !names.contains(name)) {
        return Err(format!("there is no target {unknown} in the table").into());
    }
    names.retain(|name| wanted.is_empty() || wanted.contains(name));
    Ok(names)
}

fn options(arguments: &Arguments, entries: &[&Entry]) -> RunArguments {
    let control = !entries.is_empty() && entries.iter().all(|entry| entry.label == Label::Control);
    RunArguments {
        names: Vec::new(),
        cases: Vec::new(),
        requests: Some(if control { arguments.control_requests } else { arguments.requests }),
        seconds: (!control).then_some(arguments.seconds),
        seed: arguments.seed,
        profile: Profiles::Both,
        format: Format::Human,
        out: None,
    }
}

/// One line for an entry.
fn verdict(entry: &Entry, expected: bool, results: &Results) -> String {
    let mut line = if expected { "as expected" } else { "UNEXPECTED " }.to_owned();
    let case = entry.case.as_deref().unwrap_or("all functions");
    let _ = write!(line, "  {} {case}: ", entry.target);
    let first = entry.found(results).or_else(|| entry.defects(results).next());
    let _ = match first {
        Some((profile, Finding { class, requests, seconds, smallest, .. })) => {
            write!(
                line,
                "{class} ({profile}) after {requests} requests, {seconds:.2} s: {smallest}"
            )
        }
        None => write!(line, "nothing found"),
    };
    line
}

/// How many of the public defects have to be found.
struct Threshold {
    what: &'static str,
    found: usize,
    of: usize,
    least: usize,
}

fn thresholds(table: &Table, results: &Results) -> [Threshold; 3] {
    let share = |what, spared: usize, counts: fn(&Entry) -> bool| {
        // An advisory with several targets is one.
        let mut sources: BTreeMap<&str, bool> = BTreeMap::new();
        let vulnerable = table.entry.iter().filter(|entry| entry.label == Label::Vulnerable);
        for entry in vulnerable.filter(|entry| counts(entry)) {
            *sources.entry(&entry.source).or_default() |= entry.found(results).is_some();
        }
        let found = sources.values().filter(|found| **found).count();
        Threshold { what, found, of: sources.len(), least: sources.len() - spared }
    };
    let arithmetic = "advisories about the arithmetic of a check";
    [
        share("advisories", 4, Entry::is_advisory),
        share(arithmetic, 0, |entry| entry.is_advisory() && entry.arithmetic),
        share("public issues", 0, |entry| !entry.is_advisory()),
    ]
}

/// The public defects that are found, a row each.
fn found_table(table: &Table, results: &Results) -> String {
    let mut text = "| source | target | function | class | profile | requests | seconds | shrunk in | smallest request |\n\
                    | --- | --- | --- | --- | --- | --: | --: | --: | --- |\n".to_owned();
    for entry in table.entry.iter().filter(|entry| entry.label == Label::Vulnerable) {
        let Some((profile, defect)) = entry.found(results) else { continue };
        let (source, target, cells) = (&entry.source, &entry.target, cells(defect, profile));
        let _ = writeln!(text, "| {source} | {target} | `{}` | {cells}", defect.case);
    }
    text
}

/// The kit's README with a new table between its marks.
fn readme(old: &str, table: &Table, results: &Results) -> Option<String> {
    const MARKS: [&str; 2] = ["<!-- found, by `bench --write` -->\n\n", "\n<!-- found -->"];
    let (before, rest) = old.split_once(MARKS[0])?;
    let (_, after) = rest.split_once(MARKS[1])?;
    Some([before, MARKS[0], &found_table(table, results), MARKS[1], after].concat())
}

/// `STRIDEBENCH.md`.
fn markdown(table: &Table, results: &Results) -> String {
    let mut text = HEAD.to_owned();
    let vulnerable = || table.entry.iter().filter(|entry| entry.label == Label::Vulnerable);
    text += "## Found\n\n";
    for Threshold { found, of, what, .. } in thresholds(table, results) {
        let _ = writeln!(text, "- {found} of {of} {what}");
    }
    text += "\n";
    text += &found_table(table, results);
    text += "\n## Not found or not run\n\n| source | target | why |\n| --- | --- | --- |\n";
    for entry in vulnerable().filter(|entry| entry.found(results).is_none()) {
        let why = entry.missed.as_deref().unwrap_or("not run");
        let _ = writeln!(text, "| {} | {} | {why} |", entry.source, entry.target);
    }
    text += "\n## Without a defect\n\n\
             | target | version | label | function | profile | requests | good, accepted | bad | alarms |\n\
             | --- | --- | --- | --- | --- | --: | --: | --: | --: |\n";
    for entry in table.entry.iter().filter(|entry| entry.label != Label::Vulnerable) {
        let label = if entry.label == Label::Fixed { "fixed" } else { "control" };
        let (target, version) = (&entry.target, &entry.version);
        let ran = results.targets.get(target);
        if ran.is_none() {
            let _ = writeln!(text, "| {target} | {version} | {label} | not run | | | | | |");
        }
        for (profile, found) in ran.into_iter().flatten() {
            for summary in found.cases.iter().filter(|summary| entry.covers(&summary.case)) {
                let case = &summary.case;
                let alarms = found.findings.iter().filter(|defect| defect.case == *case).count();
                let Summary { requests, good_accepted, bad_accepted, bad_refused, .. } = summary;
                let percent = |count: u64| 100 * count / requests.max(&1);
                let (good, bad) = (percent(*good_accepted), percent(bad_accepted + bad_refused));
                let _ = writeln!(
                    text,
                    "| {target} | {version} | {label} | `{case}` | {profile} | {requests} | {good} % | {bad} % | {alarms} |"
                );
            }
        }
    }
    text += PLANTED;
    for name in &table.planted {
        let Some(Planted { what, found }) = results.planted.get(name) else { continue };
        let _ = match found {
            Some((profile, defect)) => {
                writeln!(text, "| {name} | {what} | {}", cells(defect, profile))
            }
            None => writeln!(text, "| {name} | {what} | not found | | | | | |"),
        };
    }
    text
}

const PLANTED: &str = "
## Faults planted into strideproof

`bench --planted` makes each of these edits of `faults.toml` in a copy of `src/` and runs the target
`strideproof`, through the public interface alone: in the release profile, and where nothing is found there in
the debug profile.

| fault | what is wrong | class | profile | requests | seconds | shrunk in | smallest request |
| --- | --- | --- | --- | --: | --: | --: | --- |
";

const HEAD: &str = "# stridebench

<!-- written by `cargo run -p strideproof-audit --release -- bench --write` -->

Public defects in Rust crates that show a buffer by shape and strides, as targets of the kit, and crates
without a known one. `stridebench.toml` has what is expected of each; a run of at most 10,000 requests and
10 seconds has to find a defect, with seed 1. Seconds, to find and to shrink, are of the machine that ran it.
*Good* requests are valid by the documentation and leave the buffer all the same; *bad* ones have to be
refused.

";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    #[test]
    fn the_committed_table_is_what_the_results_say() {
        let table: Table = toml::from_str(&read("stridebench.toml")).unwrap();
        let results: Results = serde_json::from_str(&read("stridebench.json")).unwrap();
        assert_eq!(read("STRIDEBENCH.md"), markdown(&table, &results));
        let shown = read("README.md");
        assert_eq!(Some(&shown), readme(&shown, &table, &results).as_ref());
        let ran = |entry: &&Entry| results.targets.contains_key(&entry.target);
        for entry in table.entry.iter().filter(ran) {
            assert!(entry.is_as_expected(&results), "{}", verdict(entry, false, &results));
        }
        let targets: Vec<_> = table.entry.iter().map(|entry| &entry.target).collect();
        assert!(
            results.targets.keys().all(|name| targets.contains(&name)),
            "a target left the table"
        );
    }

    #[test]
    fn every_target_of_the_table_pins_its_version() {
        let table: Table = toml::from_str(&read("stridebench.toml")).unwrap();
        for Entry { target, package, version, .. } in &table.entry {
            let lock = read(&format!("targets/{target}/Cargo.lock"));
            let line = format!("name = \"{package}\"\nversion = \"{version}");
            assert!(lock.contains(&line), "{target} does not depend on {package} {version}");
        }
    }

    #[test]
    fn an_adapter_takes_at_most_twenty_lines() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("targets");
        for target in fs::read_dir(folder).unwrap() {
            let path = target.unwrap().path().join("main.rs");
            // Targets of several versions share one.
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let is_code = |line: &&str| !line.is_empty() && !line.trim_start().starts_with("//");
            // Adapters are separated by lines at the margin that end them.
            let mut lines = 0;
            for line in text.lines().filter(is_code) {
                lines = if line.starts_with("fn ") || line.starts_with("impl ") {
                    1
                } else {
                    lines + 1
                };
                assert!(line != "}" || lines <= 20, "{} has {lines} lines", path.display());
            }
        }
    }

    #[test]
    fn the_documentation_shows_the_example() {
        let page = read("../docs/replace-your-check.md");
        assert!(page.contains(&read("example/lib.rs")), "the page has another text");
    }
}
