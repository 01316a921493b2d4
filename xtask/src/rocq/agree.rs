//! Tests the translator: the compiled Rust functions and their translations, evaluated by Coq, must
//! agree, on all known cases and on random and boundary requests; on panics too.
//!
//! What the test is worth is shown by planted mistranslations, which it must notice.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::catch_unwind;
use std::path::Path;

use serde::Deserialize;

use super::{compile, order, scratch, theories, translated};
use crate::faults::plant;
use crate::kernel::{self, Extent, Refusal, Side};
use crate::{Result, read};

/// How many random requests are compared.
pub(super) const REQUESTS: usize = 10_000;
/// How many are enough to notice a planted mistranslation.
const FEWER: usize = 1_500;
/// How many requests a file and a list have: Coq reads short lists faster than a long one.
const FILE: usize = 2_000;
const LIST: usize = 200;

/// The arguments of all functions that are compared.
struct Request {
    shape: Vec<usize>,
    strides: Vec<isize>,
    offset: usize,
    len: usize,
    item: usize,
    index: Vec<usize>,
    from: usize,
    count: usize,
}

/// What the functions answer, as numbers; `Agreement` in Coq writes the same ones.
fn answers(request: &Request) -> Vec<i128> {
    let Request { shape, strides, offset, len, item, index, from, count } = request;
    let extent = |e: &Extent| vec![e.count, e.lowest, e.highest, e.required_len];
    let wide = |numbers: Vec<usize>| numbers.into_iter().map(wide).collect::<Vec<i128>>();
    let mut all = vec![caught(|| match kernel::decide(shape, strides, *offset, *len, *item) {
        Ok(e) => wide([vec![0], extent(&e)].concat()),
        Err(Refusal::Rank) => vec![1],
        Err(Refusal::Count { axis }) => wide(vec![2, axis]),
        Err(Refusal::EmptyOffset) => vec![3],
        Err(Refusal::Origin) => vec![4],
        Err(Refusal::Leaves { axis, side, index, excess }) => {
            wide(vec![5, axis, usize::from(side == Side::Above), index, excess])
        }
    })];
    all.push(caught(|| wide(extent(&kernel::extent(shape, strides, *offset, *item)))));
    let option = |answer: Option<usize>| wide(answer.into_iter().collect());
    all.push(caught(|| option(kernel::address(shape, strides, *offset, index))));
    all.push(caught(|| option(kernel::overfull_axis(shape, *from, *count))));
    all.push(caught(|| wide(vec![kernel::scale(*offset, *item)])));
    all.join(&-9)
}

/// The numbers of an answer, or what stands for a panic.
fn caught(answer: impl FnOnce() -> Vec<i128> + std::panic::UnwindSafe) -> Vec<i128> {
    catch_unwind(answer).unwrap_or_else(|_| vec![-1])
}

fn wide(number: usize) -> i128 {
    i128::try_from(number).unwrap_or(i128::MAX)
}

const AGREEMENT: &str = "\
From Coq Require Import Uint63 ZArith List Bool.
From Strideproof Require Import Prelude Kernel.
Import ListNotations.
Open Scope Z_scope.

Definition numbers {A} (f : A -> list Z) (m : res A) : list Z :=
  match m with Val a => f a | Panic => [-1] | Endless => [-2] end.
Definition of_extent (e : Extent) : list Z :=
  [Extent_count e; Extent_lowest e; Extent_highest e; Extent_required_len e].
Definition of_answer (r : result Extent Refusal) : list Z :=
  match r with
  | Ok e => 0 :: of_extent e
  | Err Refusal_Rank => [1]
  | Err (Refusal_Count axis) => [2; axis]
  | Err Refusal_EmptyOffset => [3]
  | Err Refusal_Origin => [4]
  | Err (Refusal_Leaves axis side index excess) =>
    [5; axis; match side with Side_Below => 0 | Side_Above => 1 end; index; excess]
  end.
Definition of_option (o : option Z) : list Z := match o with Some a => [a] | None => [] end.

Fixpoint same (a b : list Z) : bool :=
  match a, b with
  | [], [] => true
  | x :: a, y :: b => (x =? y) && same a b
  | _, _ => false
  end.

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

(* A list behind its length, and what follows it. *)
Definition take (l : list Z) : list Z * list Z :=
  match l with
  | [] => ([], [])
  | n :: l => (firstn (Z.to_nat n) l, skipn (Z.to_nat n) l)
  end.

(* The positions of the rows that do not agree. A row is shape, strides, index, the five numbers
   offset, len, item, from and count, and the answers. *)
Fixpoint differing (rows : nat) (at_ : Z) (l : list Z) : list Z :=
  match rows with
  | O => []
  | S rows =>
    let (shape, l) := take l in
    let (strides, l) := take l in
    let (index, l) := take l in
    let (given, l) := take l in
    let (answers, l) := take l in
    let agrees :=
      match given with
      | [offset; len; item; from; count] =>
        same answers
          (numbers of_answer (decide shape strides offset len item) ++ [-9] ++
           numbers of_extent (extent shape strides offset item) ++ [-9] ++
           numbers of_option (address shape strides offset index) ++ [-9] ++
           numbers of_option (overfull_axis shape from count) ++ [-9] ++
           numbers (fun a => [a]) (scale offset item))
      | _ => false
      end in
    if agrees then differing rows (at_ + 1) l else at_ :: differing rows (at_ + 1) l
  end.
";

/// A list as machine words, behind its length.
fn push(words: &mut Vec<u64>, numbers: &[i128]) {
    for number in std::iter::once(&wide(numbers.len())).chain(numbers) {
        let magnitude = u64::try_from(number.unsigned_abs()).unwrap_or(u64::MAX);
        let sign = if *number < 0 { 2 } else { 0 };
        if magnitude < 1 << 32 {
            words.push((magnitude << 2) | sign);
        } else {
            words.extend([((magnitude >> 32) << 2) | sign | 1, magnitude & 0xFFFF_FFFF]);
        }
    }
}

fn row(request: &Request) -> Vec<u64> {
    let Request { shape, strides, offset, len, item, index, from, count } = request;
    let all = |numbers: &[usize]| numbers.iter().copied().map(wide).collect::<Vec<_>>();
    let strides: Vec<_> =
        strides.iter().map(|stride| i128::try_from(*stride).unwrap_or(0)).collect();
    let mut words = Vec::new();
    push(&mut words, &all(shape));
    push(&mut words, &strides);
    push(&mut words, &all(index));
    push(&mut words, &all(&[*offset, *len, *item, *from, *count]));
    push(&mut words, &answers(request));
    words
}

/// The requests on which Rust and the translation differ.
fn differing(folder: &Path, requests: &[Request], jobs: usize) -> Result<Vec<usize>> {
    // A function that panics is compared too, and need not say so.
    std::panic::set_hook(Box::new(|_| {}));
    let mut files = BTreeMap::new();
    let mut starts = BTreeMap::new();
    for (at, part) in requests.chunks(FILE).enumerate() {
        let mut text = AGREEMENT.to_owned();
        for (at, rows) in part.chunks(LIST).enumerate() {
            let words = rows.iter().flat_map(row).map(|word| word.to_string());
            let words: Vec<_> = words.collect();
            let _ = writeln!(
                text,
                "Definition words{at} : list int := [\n{}]%uint63.",
                words.join(";\n")
            );
        }
        let lists: Vec<_> = (0..part.chunks(LIST).len()).map(|at| format!("words{at}")).collect();
        let _ = writeln!(
            text,
            "Eval vm_compute in differing {} 0 (numbers_of ({})).",
            part.len(),
            lists.join(" ++ ")
        );
        files.insert(format!("Agreement{at}"), text);
        starts.insert(format!("Agreement{at}"), at * FILE);
    }
    drop(std::panic::take_hook());
    let files: Vec<_> = files.into_iter().collect();
    let share = files.len().div_ceil(jobs.max(1)).max(1);
    let mut found = Vec::new();
    let parts: Vec<Result<Vec<usize>>> = std::thread::scope(|scope| {
        let workers: Vec<_> = files
            .chunks(share)
            .map(|files| {
                let starts = &starts;
                scope.spawn(move || {
                    let mut found = Vec::new();
                    for (name, text) in files {
                        let printed = scratch(folder, name, text)?;
                        let start = starts.get(name).copied().unwrap_or_default();
                        let at = positions(&printed)?;
                        found.extend(at.into_iter().map(|at| start + at));
                    }
                    Ok(found)
                })
            })
            .collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined.map(|part| part.unwrap_or_else(|_| Err("a thread panicked".into()))).collect()
    });
    for part in parts {
        found.extend(part?);
    }
    found.sort_unstable();
    Ok(found)
}

/// Reads the list that Coq prints: `= [3; 17] : list Z`.
fn positions(printed: &str) -> Result<Vec<usize>> {
    let inner = printed.split_once("= [").and_then(|(_, rest)| rest.split_once(']'));
    let (inner, _) = inner.ok_or_else(|| format!("Coq printed no list: {printed}"))?;
    let numbers = inner.split(';').map(str::trim).filter(|number| !number.is_empty());
    numbers.map(|number| number.parse().map_err(|_| format!("no number: {number}"))).collect()
}

fn describe(request: &Request) -> String {
    let Request { shape, strides, offset, len, item, index, from, count } = request;
    format!(
        "shape {shape:?} strides {strides:?} offset {offset} len {len} item {item} index {index:?} \
         from {from} count {count}"
    )
}

pub(super) fn run(root: &Path, jobs: usize) -> Result {
    let folder = root.join("target/rocq-agree");
    let requests = requests(root, REQUESTS)?;
    prepare(root, &folder, &translated(root, None)?, None)?;
    let found = differing(&folder, &requests, jobs)?;
    if let Some(request) = found.first().and_then(|at| requests.get(*at)) {
        return Err(format!(
            "the compiled functions and their translation differ on {} of {} requests, first on {}",
            found.len(),
            requests.len(),
            describe(request)
        ));
    }
    let refused = requests.iter().filter(|request| answers_refused(request)).count();
    println!(
        "the compiled functions and their translation agree on {} requests, {refused} of them refused",
        requests.len()
    );
    Ok(())
}

fn answers_refused(request: &Request) -> bool {
    let Request { shape, strides, offset, len, item, .. } = request;
    kernel::decide(shape, strides, *offset, *len, *item).is_err()
}

/// Compiles the translation alone, with an edit of one of the files if there is one.
fn prepare(
    root: &Path,
    folder: &Path,
    texts: &[(String, String)],
    edit: Option<&Mistranslation>,
) -> Result {
    let mut files = theories(root)?;
    files.extend(texts.iter().cloned());
    if let Some(edit) = edit {
        let name = edit.file.rsplit('/').next().unwrap_or_default().to_owned();
        let text = files.get(&name).ok_or_else(|| format!("there is no {name}"))?;
        let text = plant(&edit.name, &edit.file, text, &edit.find, &edit.replace)?;
        files.insert(name, text);
    }
    let needed = order(folder, &files, "Kernel.v")?;
    files.retain(|name, _| needed.contains(name));
    compile(folder, &files, 1)
}

#[derive(Deserialize)]
struct Manifest {
    mistranslation: Vec<Mistranslation>,
}

/// An edit of the translation or of the prelude, as a mistaken translator or prelude would make it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mistranslation {
    name: String,
    file: String,
    find: String,
    replace: String,
}

/// Plants each mistranslation of `proofs/rocq/faults.toml`; the comparison must notice it.
pub(super) fn mistranslations(root: &Path, jobs: usize) -> Result {
    let path = root.join("proofs/rocq/faults.toml");
    let manifest: Manifest =
        toml::from_str(&read(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    let folder = root.join("target/rocq-mistranslated");
    let requests = requests(root, FEWER)?;
    let texts = translated(root, None)?;
    let mut missed = Vec::new();
    println!("| mistranslation | differing requests | first |\n| --- | --: | --- |");
    for edit in &manifest.mistranslation {
        let found = prepare(root, &folder, &texts, Some(edit))
            .and_then(|()| differing(&folder, &requests, jobs));
        match found {
            Ok(found) if !found.is_empty() => {
                let first = found.first().and_then(|at| requests.get(*at)).map(describe);
                println!("| {} | {} | {} |", edit.name, found.len(), first.unwrap_or_default());
            }
            Ok(_) => missed.push(format!("{}: no request differs", edit.name)),
            Err(error) => missed.push(format!("{}: {error}", edit.name)),
        }
    }
    if missed.is_empty() { Ok(()) } else { Err(missed.join("\n")) }
}

/// A known case. Some have numbers that no `usize` holds, as a size below 0.
#[derive(Deserialize)]
struct Case {
    itemsize: Option<i128>,
    unit: String,
    buffer_len: i128,
    offset: i128,
    shape: Vec<i128>,
    strides: Vec<i128>,
}

impl Case {
    fn request(&self) -> Option<Request> {
        let number = |number: i128| usize::try_from(number).ok();
        let shape: Vec<_> = self.shape.iter().map(|size| number(*size)).collect::<Option<_>>()?;
        let strides = self.strides.iter().map(|stride| isize::try_from(*stride).ok());
        let item = if self.unit == "bytes" { self.itemsize.unwrap_or(1) } else { 1 };
        Some(Request {
            strides: strides.collect::<Option<_>>()?,
            offset: number(self.offset)?,
            len: number(self.buffer_len)?,
            item: number(item)?,
            index: shape.iter().map(|size| size.saturating_sub(1)).collect(),
            shape,
            from: 0,
            count: 1,
        })
    }
}

/// All known cases, and random requests.
fn requests(root: &Path, random: usize) -> Result<Vec<Request>> {
    let mut requests = Vec::new();
    for name in ["oracle/cases/peers.jsonl", "oracle/cases/bugzoo.jsonl"] {
        for line in read(&root.join(name))?.lines().filter(|line| !line.trim().is_empty()) {
            let case: Case =
                serde_json::from_str(line).map_err(|error| format!("{name}: {error}: {line}"))?;
            requests.extend(case.request());
        }
    }
    let mut random_numbers = Random(20_260_101);
    requests.extend((0..random).map(|_| random_numbers.request()));
    Ok(requests)
}

/// SplitMix64: the same requests everywhere.
struct Random(u64);

impl Random {
    fn word(&mut self) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from(z ^ (z >> 31)).unwrap_or(0)
    }

    fn below(&mut self, n: usize) -> usize {
        self.word() % n.max(1)
    }

    /// A number: mostly small, else beside a power of two.
    fn number(&mut self) -> usize {
        match self.below(8) {
            0..=4 => self.below(7),
            5 => self.below(1000),
            _ => {
                let power = 1usize.checked_shl(u32::try_from(self.below(65)).unwrap_or(0));
                let around = power.unwrap_or(0).wrapping_add(self.below(3)).wrapping_sub(1);
                if self.below(4) == 0 { self.word() } else { around }
            }
        }
    }

    fn signed(&mut self) -> isize {
        let magnitude = self.number();
        let magnitude = isize::try_from(magnitude).unwrap_or(isize::MIN);
        if self.below(2) == 0 { magnitude.wrapping_neg() } else { magnitude }
    }

    /// A number within one or two of another.
    fn beside(&mut self, number: i128) -> usize {
        let number = number + wide(self.below(4)) - 2;
        usize::try_from(number.clamp(0, wide(usize::MAX))).unwrap_or(0)
    }

    fn request(&mut self) -> Request {
        let rank = self.below(6);
        let shape: Vec<_> = (0..rank).map(|_| self.number()).collect();
        let ranks = if self.below(30) == 0 { self.below(6) } else { rank };
        let strides: Vec<_> = (0..ranks).map(|_| self.signed()).collect();
        let item = if self.below(4) == 0 { self.number() } else { 1 };
        // Offset and length beside what the view needs, unless it needs too much.
        let (mut low, mut high) = (0i128, 0i128);
        for (size, stride) in shape.iter().zip(&strides) {
            let reach = wide(size.saturating_sub(1))
                .saturating_mul(i128::from(i64::try_from(*stride).unwrap_or(0)));
            low = low.saturating_add(reach.min(0));
            high = high.saturating_add(reach.max(0));
        }
        let limit = 1i128 << 70;
        let offset = if self.below(5) == 0 { self.number() } else { self.beside(-low.max(-limit)) };
        let needed = high.min(limit) + wide(offset) + wide(item);
        let len = if self.below(5) == 0 { self.number() } else { self.beside(needed) };
        let mut index: Vec<_> = shape.iter().map(|size| self.below(*size)).collect();
        match self.below(6) {
            0 => index.push(0),
            1 => drop(index.pop()),
            2 => index = shape.clone(),
            3 => index = shape.iter().map(|size| size.saturating_sub(1)).collect(),
            _ => {}
        }
        let (from, count) = (self.below(rank + 2), self.number());
        Request { shape, strides, offset, len, item, index, from, count }
    }
}
