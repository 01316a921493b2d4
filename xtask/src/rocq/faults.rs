//! Asks Coq about a fault: it must refuse the named lemma *and* prove the claim false by a request.
//!
//! A proof script that fails says little: it may fail for a reason of its own. So each fault comes
//! with a request on which the faulty code, evaluated by Coq, answers otherwise than the
//! specification; `Check….v` turns that into a proof of the claim's negation.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::{compile, needed, scratch, theories, translated};
use crate::{Result, read, save};

/// The file `Check….v` that refutes a claim.
fn check_of(files: &BTreeMap<String, String>, claim: &str) -> Result<String> {
    let refutation = format!("{claim}_refuted");
    let found = files.iter().find(|(_, text)| states(text, &refutation));
    found.map(|(name, _)| name.clone()).ok_or_else(|| format!("there is no `{refutation}`"))
}

/// The beginning of a file that uses a claim's tests.
fn head(check: &str) -> String {
    let module = check.trim_end_matches(".v");
    format!(
        "From Coq Require Import ZArith List Bool.\nFrom Strideproof Require Import {module}.\n\
         Import ListNotations.\nOpen Scope Z_scope.\n"
    )
}

/// Shows that without a fault no request refutes its claim.
pub(crate) fn unrefuted(copy: &Path, requests: &[(&str, &str)]) -> Result {
    let folder = copy.join("target/rocq");
    let files = theories(copy)?;
    compile(&folder, &files, 2)?;
    let mut texts = BTreeMap::new();
    for (claim, request) in requests {
        let check = check_of(&files, claim)?;
        let text = texts.entry(check.clone()).or_insert_with(|| head(&check));
        *text += &format!("Goal {claim}_test {request} = true. vm_compute. reflexivity. Qed.\n");
    }
    for text in texts.values() {
        scratch(&folder, "Unrefuted", text)?;
    }
    Ok(())
}

/// Whether the translator refuses a copy's sources, and says so in these words.
pub(crate) fn refused(copy: &Path, why: &str) -> Result<String> {
    compiles_as_rust(copy, &copy.join("target/rocq"))?;
    match translated(copy, None) {
        Err(error) if error.contains(why) => Ok(error),
        Err(error) => Err(format!("refused for another reason: {error}")),
        Ok(_) => Err("it is translated".into()),
    }
}

/// What the faulty code of a copy answers to a request that refutes its claim; an error unless Coq
/// proves that, and refuses the lemma.
pub(crate) fn refuted(copy: &Path, lemma: &str, claim: &str, request: &str) -> Result<String> {
    let folder = &copy.join("target/rocq");
    compiles_as_rust(copy, folder)?;
    let mut files = theories(copy)?;
    files.extend(translated(copy, None)?);

    // First the proof that the claim is false, out of files that prove nothing about the code.
    let check = check_of(&files, claim)?;
    let wanted = needed(folder, &files, &check)?;
    let before: BTreeMap<_, _> =
        files.clone().into_iter().filter(|(name, _)| wanted.contains(name)).collect();
    compile(folder, &before, 1).map_err(|error| format!("before any proof: {error}"))?;
    let text = format!(
        "{head}Theorem refuted : ~ {claim}_claim.\n\
         Proof. apply ({claim}_refuted {request}); vm_compute; reflexivity. Qed.\n\
         Print Assumptions refuted.\nEval vm_compute in {claim}_answer {request}.\n",
        head = head(&check),
    );
    let printed = scratch(folder, "Refuted", &text)
        .map_err(|error| format!("the request does not refute the claim: {error}"))?;
    if !printed.contains("Closed under the global context") {
        return Err("its refutation rests on an axiom".into());
    }
    let answer = printed.split_once("= ").map_or("", |(_, answer)| answer);
    let answer = answer.rsplit_once("\n     :").map_or(answer, |(answer, _)| answer);
    let answer = answer.replace("Prelude.", "").replace("Kernel.", "");

    // Then the lemma that no longer holds, in its file and what that requires.
    let home = files.iter().find(|(_, text)| states(text, lemma)).map(|(name, _)| name);
    let home = home.cloned().ok_or_else(|| format!("there is no lemma `{lemma}`"))?;
    let wanted = needed(folder, &files, &home)?;
    files.retain(|name, _| wanted.contains(name));
    // A step that no longer succeeds may search without an end; so Coq says where it stopped.
    files.values_mut().for_each(|text| text.insert_str(0, "Set Default Timeout 60. "));
    let Err(error) = compile(folder, &files, 1) else {
        return Err(format!("Coq accepts {home}"));
    };
    match lemma_at(&files, &error)? {
        found if found == lemma => Ok(answer.split_whitespace().collect::<Vec<_>>().join(" ")),
        found => Err(format!("Coq refuses `{found}`, not `{lemma}`")),
    }
}

/// The lemmas that the theories state.
pub(crate) fn lemmas(root: &Path) -> Result<Vec<String>> {
    let files = theories(root)?;
    Ok(files.values().flat_map(|text| text.lines().filter_map(stated)).map(String::from).collect())
}

/// The name of the lemma that a line states.
pub(super) fn stated(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let keyword = words.next()?;
    let name = words.next()?.trim_end_matches(':');
    ["Lemma", "Theorem", "Corollary", "Let"].contains(&keyword).then_some(name)
}

pub(super) fn states(text: &str, lemma: &str) -> bool {
    text.lines().any(|line| stated(line) == Some(lemma))
}

/// The lemma in whose proof Coq stopped: `File "./Decide.v", line 21, characters …`.
fn lemma_at(files: &BTreeMap<String, String>, error: &str) -> Result<String> {
    let place = error.split_once("File \"./").and_then(|(_, rest)| rest.split_once("\", line "));
    let found = place.and_then(|(file, rest)| {
        let line: usize = rest.split_once(',')?.0.parse().ok()?;
        let lines: Vec<_> = files.get(file)?.lines().take(line).collect();
        lines.iter().rev().find_map(|line| stated(line)).map(str::to_owned)
    });
    found.ok_or_else(|| format!("Coq stopped outside a proof: {error}"))
}

/// A fault that rustc would refuse could not be made.
fn compiles_as_rust(copy: &Path, folder: &Path) -> Result {
    let folder = folder.join("planted");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let mut modules = String::new();
    for (file, _) in super::SOURCES {
        let name = file.rsplit('/').next().unwrap_or(file);
        save(&folder.join(name), &read(&copy.join(file))?)?;
        modules += &format!("mod {};\n", name.trim_end_matches(".rs"));
    }
    save(&folder.join("lib.rs"), &modules)?;
    let output = Command::new("rustc")
        .args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--cap-lints=allow"])
        .arg("lib.rs")
        .current_dir(&folder)
        .output()
        .map_err(|error| format!("rustc: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("it is no Rust: {}", String::from_utf8_lossy(&output.stderr)))
}
