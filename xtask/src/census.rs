//! The census: which harnesses there are, and what each one claims.
//!
//! `proofs/census.toml` is written by hand. It must name exactly the harnesses that stand in
//! `proofs/*.rs` (read off the sources here) and that Kani ran (compared in `prove.rs`), so that no
//! proof can be lost without a word.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::hash::Hash;
use crate::{Result, files_below, read, toml_of};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Census {
    /// Theorems by name.
    pub(crate) theorem: BTreeMap<String, Theorem>,
    pub(crate) harness: Vec<Harness>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Theorem {
    /// What it says in a few words, for the README.
    pub(crate) title: String,
    pub(crate) statement: String,
    /// For which values and ranks its harnesses prove it, in a few words; empty if it has none.
    pub(crate) scope: String,
    /// What is left to tests, if anything.
    #[serde(default)]
    pub(crate) rest: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Harness {
    /// The full path, `proofs::file::name`.
    pub(crate) name: String,
    pub(crate) theorem: String,
    /// lemma, contract, step or end to end.
    pub(crate) kind: String,
    pub(crate) claim: String,
    /// For which values and ranks.
    pub(crate) domain: String,
    #[serde(default)]
    pub(crate) covers: usize,
    /// The sources the proof speaks about, besides its own file and the common ones.
    pub(crate) sources: Vec<String>,
}

impl Census {
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let census: Self = toml_of(&root.join("proofs/census.toml"))?;
        let mut names = BTreeSet::new();
        for harness in &census.harness {
            if !names.insert(&harness.name) {
                return Err(format!("the census names {} twice", harness.name));
            }
            if !census.theorem.contains_key(&harness.theorem) {
                return Err(format!("{} proves an unknown theorem", harness.name));
            }
        }
        for (name, theorem) in &census.theorem {
            let has_harness = census.harness.iter().any(|harness| &harness.theorem == name);
            if has_harness == theorem.scope.is_empty() {
                return Err(format!("{name}: a scope and harnesses go together"));
            }
        }
        Ok(census)
    }

    /// Compares the census with a set of harnesses found elsewhere.
    pub(crate) fn compare(&self, found: &BTreeSet<String>, place: &str) -> Result {
        let named: BTreeSet<_> = self.harness.iter().map(|harness| harness.name.clone()).collect();
        let missing: Vec<_> = named.difference(found).cloned().collect();
        let unnamed: Vec<_> = found.difference(&named).cloned().collect();
        if missing.is_empty() && unnamed.is_empty() {
            return Ok(());
        }
        Err(format!(
            "the census and {place} differ: only in the census: [{}]; only there: [{}]",
            missing.join(", "),
            unnamed.join(", ")
        ))
    }
}

/// The harnesses that stand in the sources, by full path.
pub(crate) fn in_sources(root: &Path) -> Result<BTreeSet<String>> {
    let mut harnesses = BTreeSet::new();
    let files = files_below(&root.join("proofs"));
    for path in files.iter().filter(|path| path.extension().is_some_and(|e| e == "rs")) {
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // The module path is that of the enclosing `mod … {` lines, told by their indentation.
        let mut modules: Vec<(usize, String)> = Vec::new();
        let mut pending = false;
        for line in read(path)?.lines() {
            let indent = line.len() - line.trim_start().len();
            let text = line.trim();
            if text == "}" {
                modules.retain(|(at, _)| *at < indent);
            }
            if let Some(name) = text.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(" {")) {
                modules.push((indent, name.to_owned()));
            }
            if text.starts_with("harness! {") || text.starts_with("#[kani::proof") {
                pending = true;
            }
            let name = text.strip_prefix("fn ").unwrap_or(text);
            let is_harness = text.starts_with("fn ") || text.contains("(source) =>");
            if pending && is_harness {
                let name: String =
                    name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                // The macro that declares harnesses is none.
                if !name.is_empty() && file != "mod" {
                    let path = modules.iter().map(|(_, name)| format!("{name}::"));
                    harnesses.insert(format!("proofs::{file}::{}{name}", path.collect::<String>()));
                }
                pending = false;
            }
        }
    }
    Ok(harnesses)
}

/// The hash of everything a harness's proof speaks about.
pub(crate) fn source_hash(root: &Path, harness: &Harness) -> Result<String> {
    let own = harness.name.split("::").nth(1).unwrap_or_default();
    let mut files =
        vec!["proofs/mod.rs".to_owned(), "proofs/stubs.rs".to_owned(), format!("proofs/{own}.rs")];
    files.extend(harness.sources.iter().cloned());
    files.sort();
    files.dedup();
    let mut hash = Hash::default();
    files.iter().try_for_each(|file| hash.code(root, file, |_| false))?;
    Ok(hash.finish())
}
