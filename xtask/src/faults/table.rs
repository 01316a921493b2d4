//! The table of planted faults, `proofs/FAULTS.md`: written from the manifest and the last results.

use std::fmt::Write as _;
use std::path::Path;

use super::{By, Fault, Results, load};
use crate::text::{cell, same, thousands};
use crate::{Result, save};

const PLACE: &str = "proofs/FAULTS.md";

const HEAD: &str = "\
# Planted faults

Each is one edit of a copy of the project (`faults.toml`). `cargo xtask mutants` makes the edit and
runs what the entry names. Coq must refuse the lemma, and prove the claim false by evaluating the faulty
code on the request given here. The Kani harness must fail the check given here. Every test must fail, or
not end within two minutes, with each of three seeds where it draws random values. The fuzz target must
find an input from an empty corpus with `-seed=1`; it needed the number of inputs given here, and finds
nothing in as many on the unchanged copy. Tests and targets are built once: in the copy a function has a
body for every fault that is in it, and a variable of the process says which one runs. Edits outside of
functions are built alone. *AddressSanitizer* means that memory outside the buffer was touched, *oracle*
that an answer or an element was not the specification's, *overflow check* that arithmetic left its type.
*Stale* means that the edited file, the question or the flags of the build have changed since.
Written by `cargo xtask mutants`, never by hand.

| fault | what is wrong | file | Coq | Kani | tests | fuzzing |
| --- | --- | --- | --- | --- | --- | --- |
";

fn answer(root: &Path, fault: &Fault, results: &Results, by: By) -> Result<String> {
    let named = fault.named(by);
    if named.is_empty() {
        return Ok(String::new());
    }
    let who = named.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Ok(match results.of(root, fault, by)? {
        Err(word) => format!("{who}: {word}"),
        Ok(_) if by == By::Tests => who,
        Ok(notice) => match notice.runs {
            Some(runs) => format!("{who}, {} inputs: {}", thousands(runs), notice.how),
            None => format!("{who}: {}", notice.how),
        },
    })
}

fn text(root: &Path) -> Result<String> {
    let results = Results::load(root)?;
    let mut out = String::from(HEAD);
    let mut equivalents = String::new();
    for fault in &load(root)? {
        let Fault { name, what, file, .. } = fault;
        let answers = [By::Rocq, By::Kani, By::Tests, By::Fuzz];
        let answers = answers.map(|by| answer(root, fault, &results, by));
        let answers = answers.into_iter().collect::<Result<Vec<_>>>()?;
        let answers: Vec<_> = answers.iter().map(|answer| cell(answer)).collect();
        let _ = writeln!(out, "| {name} | {} | `{file}` | {} |", cell(what), answers.join(" | "));
        if let Some(why) = &fault.equivalent {
            let _ = writeln!(equivalents, "- **{name}**: {}", cell(why));
        }
    }
    if !equivalents.is_empty() {
        out += "\nNothing outside the library can tell, so the target must find nothing:\n\n";
        out += &equivalents;
    }
    Ok(out)
}

pub(super) fn write(root: &Path) -> Result {
    save(&root.join(PLACE), &text(root)?)
}

/// Fails when the table says anything else than what results and sources support.
pub(super) fn check(root: &Path) -> Result {
    same(root, PLACE, &text(root)?, "cargo xtask mutants --write")
}
