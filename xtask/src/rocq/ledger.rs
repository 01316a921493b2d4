//! What the ledger says of the theorems that Coq checks.
//!
//! `proofs/rocq/theorems.toml` lists them, written by hand; `proofs/rocq/results.json` keeps the hash
//! of the files that Coq and coqchk accepted. A theorem counts as proved only while the hash is that
//! of the files as they stand, and the translation is compared with the sources by every run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{SOURCES, faults, scratch, theories};
use crate::faults::By;
use crate::hash::Hash;
use crate::text::cell;
use crate::{Result, keep, kept, toml_of};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    theorem: Vec<Theorem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Theorem {
    /// The project's name of the theorem, T1 and so on.
    theorem: String,
    name: String,
    file: String,
    says: String,
    /// What the statement is about: the source text, a model, the specification.
    about: String,
    domain: String,
    assumes: String,
}

/// What is kept of the last run that was recorded.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Results {
    pub(super) versions: BTreeMap<String, String>,
    /// The hash of the files that Coq accepted, with every theorem closed.
    pub(super) coqc: String,
    /// The hash of the files that coqchk accepted, with no axiom.
    pub(super) coqchk: String,
}

impl Results {
    pub(super) fn load(root: &Path) -> Result<Self> {
        kept(&root.join("proofs/rocq/results.json"))
    }

    pub(super) fn save(&self, root: &Path) -> Result {
        keep(&root.join("proofs/rocq/results.json"), self)
    }
}

fn load(root: &Path) -> Result<Vec<Theorem>> {
    let manifest: Manifest = toml_of(&root.join("proofs/rocq/theorems.toml"))?;
    Ok(manifest.theorem)
}

/// A file without its proofs: what is proved may not change behind a result, how it is proved may.
fn statements(text: &str) -> String {
    let mut out = String::new();
    let mut proving = false;
    for line in text.lines().map(str::trim) {
        proving |= line.starts_with("Proof.");
        if !proving {
            out += line;
            out += "\n";
        }
        proving &= !line.ends_with("Qed.");
    }
    out
}

/// The statements in all files that the proof of a lemma rests on, and in those that the refutation
/// of a claim does.
pub(crate) fn proofs(root: &Path, lemma: &str, claim: &str) -> Result<String> {
    let files = theories(root)?;
    let refutation = format!("{claim}_refuted");
    let homes = files
        .iter()
        .filter(|(_, text)| faults::states(text, lemma) || faults::states(text, &refutation));
    let mut wanted: Vec<String> = homes.map(|(name, _)| name.clone()).collect();
    let mut at = 0;
    let mut out = String::new();
    while let Some(text) = wanted.get(at).and_then(|name| files.get(name)) {
        // A translation follows from its source, which is edited.
        if !SOURCES.iter().any(|(_, module)| wanted.get(at) == Some(&format!("{module}.v"))) {
            out += &statements(text);
        }
        let required =
            text.lines().filter_map(|line| line.strip_prefix("From Strideproof Require"));
        let required: Vec<_> = required
            .flat_map(|names| names.trim_end_matches('.').split_whitespace())
            .map(|name| format!("{name}.v"))
            .filter(|name| files.contains_key(name))
            .collect();
        for name in required {
            if !wanted.contains(&name) {
                wanted.push(name);
            }
        }
        at += 1;
    }
    Ok(out)
}

/// The hash of all files of `proofs/rocq`, the translation among them.
pub(super) fn hash(root: &Path) -> Result<String> {
    let mut hash = Hash::default();
    for (name, text) in theories(root)? {
        hash.add(name);
        hash.add("\n");
        hash.add(text);
    }
    Ok(hash.finish())
}

/// Demands that every theorem of the ledger exists in its file and rests on no axiom.
pub(super) fn closed(root: &Path, folder: &Path) -> Result {
    let theorems = load(root)?;
    let mut text = String::new();
    for theorem in &theorems {
        let module = theorem.file.trim_end_matches(".v");
        let _ = writeln!(text, "From Strideproof Require {module}.");
        let _ = writeln!(text, "Print Assumptions {module}.{}.", theorem.name);
    }
    let printed = scratch(folder, "Assumptions", &text)?;
    let closed = printed.matches("Closed under the global context").count();
    if closed == theorems.len() {
        println!("{closed} theorems rest on no axiom");
        return Ok(());
    }
    Err(format!("a theorem rests on an axiom: {printed}"))
}

/// What is proved of one of the project's theorems, in short, for the README's table.
pub(crate) fn evidence(root: &Path, theorem: &str) -> Result<String> {
    let theorems = load(root)?;
    let own: Vec<_> = theorems.iter().filter(|own| own.theorem == theorem).collect();
    if own.is_empty() {
        return Ok(String::new());
    }
    if Results::load(root)?.coqc != hash(root)? {
        return Ok("stale or not run".into());
    }
    let mut parts: Vec<String> = Vec::new();
    for own in own {
        // `about` says more: which file, which model.
        let about = ["source text", "model", "specification"];
        let about = about.into_iter().find(|word| own.about.starts_with(word)).unwrap_or("other");
        let part = format!("{} ({about})", own.domain);
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    Ok(format!("proved: {}", cell(&parts.join("; "))))
}

/// The ledger's section about the second prover.
pub(crate) fn section(root: &Path) -> Result<String> {
    let (theorems, results, current) = (load(root)?, Results::load(root)?, hash(root)?);
    let faults = crate::faults::load(root)?;
    let runs = crate::faults::Results::load(root)?;
    let mut out = String::from(
        "\n## The second prover: Coq, about the source text\n\n\
         `cargo xtask rocq` translates the sources, compares the result with the committed translation,\n\
         has Coq check every file of `proofs/rocq` and demands that no theorem rests on an axiom;\n\
         `--coqchk` has the independent checker do so again. The induction over the rank is Coq's.\n\
         [docs/trust.md](../docs/trust.md) says what has to be believed.\n\n\
         | theorem | statement | says | about | domain | assumes | state |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let state = match (results.coqc == current, results.coqchk == current) {
        (true, true) => "proved, by coqc and coqchk",
        (true, false) => "proved, by coqc",
        (false, _) if results.coqc.is_empty() => "not run",
        (false, _) => "stale",
    };
    for theorem in &theorems {
        let Theorem { theorem, name, file, says, about, domain, assumes } = theorem;
        let _ = writeln!(
            out,
            "| {theorem} | `{name}` ({file}) | {} | {} | {} | {} | {state} |",
            cell(says),
            cell(about),
            cell(domain),
            cell(assumes)
        );
    }
    let faults: Vec<_> = faults.iter().filter(|fault| fault.asks(By::Rocq)).collect();
    let refuted = faults.iter().filter(|fault| runs.noticed(root, fault, By::Rocq)).count();
    let _ = writeln!(
        out,
        "\nThe hash of the files is {current}. Of {} planted faults {refuted} are refuted\n\
         ([FAULTS.md](FAULTS.md)): the lemma named fails, and Coq proves the claim false by evaluating\n\
         the faulty code on a request (`cargo xtask mutants --by rocq`).\n",
        faults.len()
    );
    for (tool, version) in &results.versions {
        let _ = write!(out, "\n- {tool}: {version}");
    }
    Ok(out + "\n")
}
