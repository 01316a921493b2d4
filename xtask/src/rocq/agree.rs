//! Compares what Rust computes with what Coq evaluates, on the same requests.
//!
//! What a comparison is worth is shown by planted edits of the Coq side, which it must notice.

mod certificates;
mod functions;
mod models;
mod random;

use std::fmt::Write as _;
use std::panic::{UnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;

use serde::Deserialize;

use super::{compile, needed, scratch, theories, translated};
use crate::faults::plant;
use crate::{Result, each_in_jobs, lock, toml_of};

/// How many requests are enough to notice a planted edit.
const FEWER: usize = 2_000;
/// How many requests a file and a list have: Coq reads short lists faster than a long one.
const FILE: usize = 2_000;
const LIST: usize = 200;

/// A request and what Rust answers.
struct Row {
    /// The request in words.
    request: String,
    /// Whether Rust refuses it.
    refused: bool,
    /// The request and the answer as numbers, for `agrees` in Coq.
    numbers: Vec<Vec<i128>>,
}

/// A Rust side and a Coq side.
struct Comparison {
    /// What is compared.
    what: &'static str,
    /// The Coq file that is evaluated; it is compiled without any proof about it.
    file: &'static str,
    /// Coq: `agrees : list (list Z) -> bool`, whether a row's answer is that of the evaluation.
    agrees: &'static str,
    /// How many random requests are compared.
    requests: usize,
    /// All known requests, and so many random ones.
    rows: fn(usize) -> Result<Vec<Row>>,
}

const COMPARISONS: [&Comparison; 3] =
    [&functions::COMPARISON, &certificates::COMPARISON, &models::COMPARISON];

const HEAD: &str = "\
From Coq Require Import Uint63 ZArith List Bool.
From Strideproof Require Import Prelude.
Import ListNotations.
Open Scope Z_scope.

Fixpoint same (a b : list Z) : bool :=
  match a, b with
  | [], [] => true
  | x :: a, y :: b => (x =? y) && same a b
  | _, _ => false
  end.
";

const DIFFERING: &str = "
(* Numbers come as machine words, which Coq reads ten times faster: the lowest two bits say whether a
   second word follows, and the sign. *)
Fixpoint numbers_of (words : list int) : list Z :=
  match words with
  | [] => []
  | w :: words =>
    let z := Uint63.to_Z w in
    let sign := if 2 <=? z mod 4 then -1 else 1 in
    if z mod 2 =? 0 then sign * (z / 4) :: numbers_of words else
    match words with
    | [] => []
    | low :: words => sign * (z / 4 * 4294967296 + Uint63.to_Z low) :: numbers_of words
    end
  end.

(* So many lists, each behind its length, and what follows them. *)
Fixpoint lists (n : nat) (l : list Z) : list (list Z) * list Z :=
  match n, l with
  | S n, length :: l =>
    let (rest, after) := lists n (skipn (Z.to_nat length) l) in
    (firstn (Z.to_nat length) l :: rest, after)
  | _, _ => ([], l)
  end.

(* The positions of the rows that do not agree; each is behind the number of its lists. *)
Fixpoint differing (rows : nat) (at_ : Z) (l : list Z) : list Z :=
  match rows, l with
  | O, _ => []
  | S rows, [] => at_ :: differing rows (at_ + 1) []
  | S rows, n :: l =>
    let (row, l) := lists (Z.to_nat n) l in
    if agrees row then differing rows (at_ + 1) l else at_ :: differing rows (at_ + 1) l
  end.
";

fn wide(number: usize) -> i128 {
    i128::try_from(number).unwrap_or(i128::MAX)
}

fn all_wide(numbers: &[usize]) -> Vec<i128> {
    numbers.iter().copied().map(wide).collect()
}

fn all_signed(numbers: &[isize]) -> Vec<i128> {
    numbers.iter().map(|&number| i128::try_from(number).unwrap_or(0)).collect()
}

/// The numbers of an answer, or what stands for a panic.
fn caught(answer: impl FnOnce() -> Vec<usize> + UnwindSafe) -> Vec<i128> {
    catch_unwind(answer).map_or(vec![-1], |numbers| all_wide(&numbers))
}

/// Runs what may panic without a word: panics are compared too.
fn quietly<R>(run: impl FnOnce() -> R) -> R {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = run();
    std::panic::set_hook(hook);
    result
}

/// A number as one or two machine words.
fn push(words: &mut Vec<u64>, number: i128) {
    let magnitude = u64::try_from(number.unsigned_abs()).unwrap_or(u64::MAX);
    let sign = if number < 0 { 2 } else { 0 };
    if magnitude < 1 << 32 {
        words.push((magnitude << 2) | sign);
    } else {
        words.extend([((magnitude >> 32) << 2) | sign | 1, magnitude & 0xFFFF_FFFF]);
    }
}

impl Row {
    fn words(&self) -> Vec<u64> {
        let mut words = Vec::new();
        push(&mut words, wide(self.numbers.len()));
        for list in &self.numbers {
            push(&mut words, wide(list.len()));
            list.iter().for_each(|&number| push(&mut words, number));
        }
        words
    }
}

impl Comparison {
    /// A Coq file that prints the positions of the rows that differ.
    fn text(&self, rows: &[Row]) -> String {
        let mut text = [HEAD, self.agrees, DIFFERING].concat();
        let mut lists = Vec::new();
        for (at, rows) in rows.chunks(LIST).enumerate() {
            let words: Vec<_> =
                rows.iter().flat_map(Row::words).map(|word| word.to_string()).collect();
            let words = words.join(";\n");
            let _ = writeln!(text, "Definition words{at} : list int := [\n{words}]%uint63.");
            lists.push(format!("words{at}"));
        }
        let (count, lists) = (rows.len(), lists.join(" ++ "));
        let _ = writeln!(text, "Eval vm_compute in differing {count} 0 (numbers_of ({lists})).");
        text
    }

    /// The positions of the rows on which Rust and Coq differ.
    fn differing(&self, folder: &Path, rows: &[Row], jobs: usize) -> Result<Vec<usize>> {
        let found = Mutex::new(Vec::new());
        each_in_jobs(jobs, rows.chunks(FILE).enumerate(), |_, (at, rows)| {
            let printed = scratch(folder, &format!("Agreement{at}"), &self.text(rows))?;
            let positions = positions(&printed)?;
            lock(&found).extend(positions.into_iter().map(|row| at * FILE + row));
            Ok(())
        })?;
        let mut found = found.into_inner().map_err(|error| error.to_string())?;
        found.sort_unstable();
        Ok(found)
    }

    /// Compiles what is evaluated, with an edit if there is one; whether the edit is in it.
    fn prepare(&self, root: &Path, folder: &Path, edit: Option<&Edit>) -> Result<bool> {
        let mut files = theories(root)?;
        files.extend(translated(root, None)?);
        let needed = needed(folder, &files, self.file)?;
        files.retain(|name, _| needed.contains(name));
        if let Some(edit) = edit {
            let Some(text) = files.get_mut(&edit.file) else { return Ok(false) };
            *text = plant(&edit.name, &edit.file, text, &edit.find, &edit.replace)?;
        }
        compile(folder, &files, 1)?;
        Ok(true)
    }
}

/// Reads the list that Coq prints: `= [3; 17] : list Z`.
fn positions(printed: &str) -> Result<Vec<usize>> {
    let inner = printed.split_once("= [").and_then(|(_, rest)| rest.split_once(']'));
    let (inner, _) = inner.ok_or_else(|| format!("Coq printed no list: {printed}"))?;
    let numbers = inner.split(';').map(str::trim).filter(|number| !number.is_empty());
    numbers.map(|number| number.parse().map_err(|_| format!("no number: {number}"))).collect()
}

/// Makes all comparisons.
pub(super) fn run(root: &Path, jobs: usize) -> Result {
    let folder = root.join("target/rocq");
    for comparison in COMPARISONS {
        let rows = (comparison.rows)(comparison.requests)?;
        comparison.prepare(root, &folder, None)?;
        let found = comparison.differing(&folder, &rows, jobs)?;
        let (what, count) = (comparison.what, rows.len());
        if let Some(row) = found.first().and_then(|at| rows.get(*at)) {
            let (differing, first) = (found.len(), &row.request);
            return Err(format!(
                "{what} differ on {differing} of {count} requests, first on {first}"
            ));
        }
        let refused = rows.iter().filter(|row| row.refused).count();
        println!("{what} agree on {count} requests, {refused} of them refused");
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    edit: Vec<Edit>,
}

/// An edit of the translation, the prelude or a model, as a mistaken translator or author makes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    name: String,
    file: String,
    find: String,
    replace: String,
}

/// Plants each edit of `proofs/rocq/mistranslations.toml`; a comparison must notice it.
pub(super) fn mistranslations(root: &Path, only: &str, jobs: usize) -> Result {
    let manifest: Manifest = toml_of(&root.join("proofs/rocq/mistranslations.toml"))?;
    let mut missed = manifest.edit;
    missed.retain(|edit| edit.name.contains(only));
    let folder = root.join("target/rocq-mistranslated");
    println!("| mistranslation | differing requests | first |\n| --- | --: | --- |");
    for comparison in COMPARISONS {
        let rows = (comparison.rows)(FEWER)?;
        for edit in std::mem::take(&mut missed) {
            let found = match comparison.prepare(root, &folder, Some(&edit))? {
                true => comparison.differing(&folder, &rows, jobs)?,
                false => Vec::new(),
            };
            match found.first().and_then(|&at| rows.get(at)) {
                Some(row) => println!("| {} | {} | {} |", edit.name, found.len(), row.request),
                None => missed.push(edit),
            }
        }
    }
    let missed: Vec<_> = missed.iter().map(|edit| edit.name.as_str()).collect();
    let names = missed.join(", ");
    if missed.is_empty() { Ok(()) } else { Err(format!("no request differs: {names}")) }
}
