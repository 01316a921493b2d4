//! Asks Kani about a fault: the named harness must run to its end and fail the named check.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Answer, Engine, Fault, Results, Switch};
use crate::census::{self, Census, Harness};
use crate::{Result, prove};

pub(super) struct Kani {
    census: Census,
    /// What was proved, about which sources.
    proved: prove::Results,
}

/// The last part of a path.
fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// The harnesses of the census, by the last part of their paths.
pub(super) fn harnesses(root: &Path) -> Result<BTreeSet<String>> {
    let census = Census::load(root)?;
    Ok(census.harness.iter().map(|harness| last(&harness.name).to_owned()).collect())
}

fn harness<'a>(census: &'a Census, fault: &Fault) -> Result<&'a Harness> {
    let name = fault.kani.as_deref().unwrap_or_default();
    let found = census.harness.iter().find(|harness| last(&harness.name) == name);
    found.ok_or_else(|| format!("{}: there is no harness {name}", fault.name))
}

/// The files that the question is in: the property, what it stubs, and what it speaks about.
pub(super) fn sources(root: &Path, fault: &Fault) -> Result<Vec<String>> {
    let census = Census::load(root)?;
    let harness = harness(&census, fault)?;
    let own = harness.name.split("::").nth(1).unwrap_or_default();
    let common = ["mod", "stubs", own].map(|file| format!("proofs/{file}.rs"));
    Ok(common.into_iter().chain(harness.sources.iter().cloned()).collect())
}

/// Runs one harness; an error if Kani did not finish it.
fn failures(copy: &Path, harness: &str) -> Result<Vec<String>> {
    let (runs, _) = prove::kani(copy, &copy.join("target"), &[harness], false)?;
    let run = runs.get(harness).ok_or("Kani did not run it")?;
    if !run.success && run.failures.is_empty() {
        return Err("Kani gave up on it".into());
    }
    Ok(run.failures.clone())
}

impl Kani {
    pub(super) fn new(root: &Path) -> Result<Self> {
        Ok(Self { census: Census::load(root)?, proved: prove::Results::load(root)? })
    }
}

impl Engine for Kani {
    fn baseline(&mut self, copy: &Path, wanted: &[&Fault], _: &mut Results) -> Result {
        let mut seen = BTreeSet::new();
        for fault in wanted {
            let harness = harness(&self.census, fault)?;
            let hash = census::source_hash(copy, harness)?;
            let proved = self.proved.harness.get(&harness.name).is_some_and(|of| of.hash == hash);
            if proved || !seen.insert(&harness.name) {
                continue;
            }
            println!("kani: {} on the unchanged copy", harness.name);
            let failures = failures(copy, &harness.name)?;
            if !failures.is_empty() {
                return Err(format!("{} fails unchanged: {}", harness.name, failures.join("; ")));
            }
        }
        Ok(())
    }

    fn ask(&self, copy: &Path, fault: &Fault, _: Option<Switch>) -> Answer {
        let failures = failures(copy, &harness(&self.census, fault)?.name)?;
        let check = fault.check.as_deref().unwrap_or_default();
        let named = |failure: &&String| failure.starts_with("failure: ") && failure.contains(check);
        match failures.iter().find(named) {
            Some(failure) => Ok((failure.trim_start_matches("failure: ").to_owned(), None)),
            None if failures.is_empty() => Err("it is proved all the same".into()),
            None => Err(format!("it failed, but not \"{check}\": {}", failures.join("; "))),
        }
    }
}
