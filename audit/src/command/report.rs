//! What was found in a target, and the folder that a maintainer gets of it.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use super::target::Target;
use crate::class::{Class, Validity};
use crate::finding::{Finding, Frame, Summary};

/// One run of a target.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// `debug` or `release`.
    pub profile: String,
    /// What came of each case function.
    pub cases: Vec<Summary>,
    /// In the order in which they were found.
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

/// All runs of a target.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What ran.
    pub target: Target,
    /// Its runs.
    pub runs: Vec<Run>,
    /// One for each class and root, the gravest first.
    pub findings: Vec<Merged>,
}

/// What runs found of one root.
#[derive(Clone, Debug, Serialize)]
pub struct Merged {
    /// The one with the smallest request.
    #[serde(flatten)]
    pub finding: Finding,
    /// The profiles in which it was found.
    pub profiles: Vec<String>,
    /// The calls that lead there.
    pub calls: Vec<String>,
}

impl Report {
    /// Merges the findings of runs.
    #[must_use]
    pub fn new(target: Target, runs: Vec<Run>) -> Self {
        let mut report = Self { target, runs, findings: Vec::new() };
        let mut roots: Vec<Root> = Vec::new();
        for run in &report.runs {
            for finding in &run.findings {
                let root = report.root(finding);
                let at = roots.iter().position(|known| *known == root).unwrap_or(roots.len());
                if at == roots.len() {
                    roots.push(root);
                    let (profiles, calls) = (Vec::new(), Vec::new());
                    report.findings.push(Merged { finding: finding.clone(), profiles, calls });
                }
                let merged = &mut report.findings[at];
                if finding.choices.len() < merged.finding.choices.len() {
                    merged.finding = finding.clone();
                }
                let lists =
                    [(&mut merged.profiles, &run.profile), (&mut merged.calls, &finding.call)];
                for (list, item) in lists {
                    if !list.contains(item) {
                        list.push(item.clone());
                    }
                }
            }
        }
        report.findings.sort_by_key(|merged| (merged.finding.class, merged.finding.request));
        report
    }

    fn root(&self, finding: &Finding) -> Root {
        let place = match self.frames(finding).next() {
            Some(frame) => (frame.file, frame.line.to_string()),
            None => (finding.case.clone(), finding.call.clone()),
        };
        (finding.class, finding.request, place)
    }

    /// The frames of a finding that are in the crate under audit, the innermost first, with files
    /// relative to the crate's folder.
    pub(super) fn frames<'a>(
        &'a self,
        finding: &'a Finding,
    ) -> impl Iterator<Item = Frame> + use<'a> {
        let folder = &self.target.package.folder;
        finding.frames.iter().filter_map(move |frame| {
            let file = Path::new(&frame.file).strip_prefix(folder).ok()?;
            Some(Frame { file: file.display().to_string(), ..frame.clone() })
        })
    }
}

/// What findings of one root have in common.
type Root = (Class, Validity, (String, String));

/// Writes a folder for each finding; returns how many.
///
/// # Errors
/// Those of the file system.
pub fn write_folders(out: &Path, reports: &[Report]) -> io::Result<usize> {
    let mut written = 0;
    for report in reports {
        for (number, merged) in report.findings.iter().enumerate() {
            let class = merged.finding.class.id();
            let folder = out.join(format!("{}-{}-{class}", report.target.name, number + 1));
            fs::create_dir_all(&folder)?;
            fs::write(folder.join("report.md"), markdown(report, merged))?;
            fs::write(folder.join("repro.rs"), repro(&merged.finding))?;
            fs::write(folder.join("Cargo.toml"), manifest(report))?;
            if merged.finding.class.is_unsound() {
                fs::write(folder.join("advisory.md"), advisory(report, merged))?;
            }
            let json = serde_json::to_string_pretty(merged)?;
            fs::write(folder.join("finding.json"), json + "\n")?;
            written += 1;
        }
    }
    Ok(written)
}

/// The program that shows it.
fn repro(finding: &Finding) -> String {
    let mut text =
        "#![forbid(unsafe_code)]\n#![allow(unused_mut, unused_variables)]\n\nfn main() {\n"
            .to_owned();
    for statement in &finding.code {
        let _ = writeln!(text, "    {statement}");
    }
    text + "}\n"
}

fn manifest(report: &Report) -> String {
    format!(
        "[workspace]\n\n[package]\nname = \"repro\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n\
         [[bin]]\nname = \"repro\"\npath = \"repro.rs\"\n\n[dependencies]\n{}\n",
        report.target.dependencies.join("\n")
    )
}

fn title(report: &Report, merged: &Merged) -> String {
    let package = &report.target.package;
    let function = report.frames(&merged.finding).next().map(|frame| frame.function);
    let place = function.unwrap_or_else(|| merged.finding.case.clone());
    format!("{} {}: {} in `{place}`", package.name, package.version, merged.finding.class)
}

fn markdown(report: &Report, merged: &Merged) -> String {
    let finding = &merged.finding;
    let package = &report.target.package;
    let request = match finding.request {
        Validity::Good => "The request is valid: every element that it names lies in its buffer.",
        Validity::Bad => "The request is invalid, and has to be refused by an error or a panic.",
        Validity::Unknown => "The documentation does not say whether the request is valid.",
    };
    let calls: Vec<_> = merged.calls.iter().map(|call| format!("- `{call}`")).collect();
    let mut frames: Vec<_> = report
        .frames(finding)
        .take(5)
        .map(|frame| format!("- `{}:{}` `{}`", frame.file, frame.line, frame.function))
        .collect();
    if frames.is_empty() {
        frames.push("- not known".to_owned());
    }
    format!(
        "# {title}\n\n\
         **Summary.** {meaning} {detail}.\n\n\
         - request: {smallest}\n{calls}\n\n\
         ```rust\n{repro}```\n\n\
         **Threat model.** Safe code only: `repro.rs` forbids `unsafe`. {request}\n\n\
         **Impact.** {meaning} {limits}\n\n\
         **Innermost frames in the crate.**\n\n{frames}\n\n\
         **Versions.** {name} {version}, profiles {profiles}; {os} on {arch}.\n\n\
         **How found.** Generated requests at the exact boundary, with every block beside an \
         inaccessible page (`strideproof-audit` {audit}), after {requests} requests; shrunk to the one above.\n",
        title = title(report, merged),
        meaning = finding.class.meaning(),
        detail = capitalised(&finding.detail),
        smallest = finding.smallest,
        calls = calls.join("\n"),
        repro = repro(finding),
        limits = finding.class.limits(),
        frames = frames.join("\n"),
        name = package.name,
        version = package.version,
        profiles = merged.profiles.join(" and "),
        os = std::env::consts::OS,
        arch = std::env::consts::ARCH,
        audit = env!("CARGO_PKG_VERSION"),
        requests = finding.requests,
    )
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A draft for RustSec's database.
fn advisory(report: &Report, merged: &Merged) -> String {
    let package = &report.target.package;
    let category = match merged.finding.class {
        Class::OutOfBoundsRead => "memory-exposure",
        _ => "memory-corruption",
    };
    let url = package.repository.as_deref().unwrap_or("");
    format!(
        "```toml\n[advisory]\nid = \"RUSTSEC-0000-0000\"\npackage = \"{name}\"\ndate = \"YYYY-MM-DD\"\n\
         url = \"{url}\"\ncategories = [\"{category}\"]\n\n[affected]\nfunctions = {{}}\n\n\
         [versions]\npatched = []\nunaffected = []\n```\n\n# {title}\n\n{meaning} The call is safe code: {detail}.\n\n\
         ```rust\n{repro}```\n",
        name = package.name,
        title = title(report, merged),
        meaning = merged.finding.class.meaning(),
        detail = merged.finding.detail,
        repro = repro(&merged.finding),
    )
}
