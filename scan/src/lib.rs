//! Where to look: the places of a Rust crate where a safe public function reaches unsafe memory
//! access with an index, offset or length that nothing is seen to check, ranked.
//!
//! The scan reads source, resolves no types and proves nothing. What it lists is *unproven*: the
//! next step is to audit it, and each finding says how.
#![forbid(unsafe_code)]

mod adapter;
mod error;
mod expand;
mod extent;
mod finding;
mod flow;
mod human;
mod link;
mod load;
mod machine;
mod model;
mod source;
mod value;

pub use error::Error;
pub use finding::{Class, Finding, Kind, Mark, Role};
pub use load::Skipped;
pub use machine::to_sarif;
pub use source::{Package, locate};

/// Parts of the analysis that can be left out, to measure what each contributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Without {
    /// Takes a check whose arithmetic can wrap for a check.
    pub wrapping_checks: bool,
    /// Does not follow fields to what gives them values.
    pub fields: bool,
    /// Does not look into called functions for checks and results.
    pub summaries: bool,
    /// Recognises no check at all.
    pub guards: bool,
}

/// What a scan of a package found.
#[derive(Debug)]
pub struct Report {
    /// The package.
    pub package: Package,
    /// How many files were read.
    pub files: usize,
    /// How many lines they have.
    pub lines: usize,
    /// How many unchecked accesses there are.
    pub accesses: usize,
    /// The findings, those with the most speaking for them first.
    pub findings: Vec<Finding>,
    /// What was not read.
    pub skipped: Vec<Skipped>,
    sources: Vec<String>,
}

impl Report {
    /// How many findings of a class there are.
    #[must_use]
    pub fn count(&self, class: Class) -> usize {
        self.findings.iter().filter(|finding| finding.class == class).count()
    }
}

/// Room for the recursion that the depth limit of the loader admits.
const STACK: usize = 1 << 30;

/// Scans a package. It reads files and needs no network.
///
/// # Errors
///
/// If the package's root file cannot be read. What else cannot be read is in [`Report::skipped`].
pub fn scan(package: &Package, without: Without) -> Result<Report, Error> {
    let failed = |error| Error::Read(package.folder.clone(), error);
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .name("scan".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, || scan_here(package, without))
            .map_err(failed)?;
        worker.join().map_err(|_| failed(std::io::Error::other("the scan itself failed")))
    })
}

fn scan_here(package: &Package, without: Without) -> Report {
    let load::Loader { mut files, skipped, exported, .. } = load::files(package);
    let model = model::Model::new(&mut files, exported);
    let bodies = flow::bodies(&model, without);
    let leads = link::leads(&model, &bodies, without);
    let ranking = finding::Ranking { package, files: &files, model: &model };
    let findings = ranking.findings(leads);
    Report {
        package: package.clone(),
        files: files.len(),
        lines: files.iter().map(|file| file.text.lines().count()).sum(),
        accesses: bodies.iter().map(|body| body.sinks.len()).sum(),
        findings,
        skipped,
        sources: files.into_iter().map(|file| file.text).collect(),
    }
}
