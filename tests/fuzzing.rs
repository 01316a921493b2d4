//! The fuzz targets without libFuzzer: on random bytes, on the seeds and on whatever a fuzzer once
//! found. The functions are those that the targets call.
//!
//! `UPDATE_SEEDS=1 cargo test --test fuzzing` writes the seeds anew.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use strideproof_testkit::oracle::{Answer, Request};
use strideproof_testkit::{Checked, as_strided, bytes, request, subject, unique, view_ops};

fn case<'a, C: Arbitrary<'a>>(bytes: &'a [u8]) -> C {
    C::arbitrary(&mut Unstructured::new(bytes)).expect("bytes that run out count as 0")
}

/// Makes a case of some bytes and judges it.
type Judge = fn(&[u8]);

/// The library's targets by name.
const TARGETS: [(&str, Judge); 4] = [
    ("as_strided", |bytes| as_strided::run(&case(bytes), &Checked)),
    ("bytes", |bytes| bytes::run(&case(bytes))),
    ("unique", |bytes| unique::run(&case(bytes))),
    ("view_ops", |bytes| view_ops::run(&case(bytes))),
];

fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The files of a folder, none if there is no such folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    entries
        .map(|entry| {
            let path = entry.expect("a readable folder").path();
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a readable file"))
        })
        .collect()
}

/// As many random inputs as it takes a second or so to judge.
fn on_random_bytes(cases: u32, longest: usize, judge: impl Fn(&[u8])) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let inputs = prop::collection::vec(any::<u8>(), 0..longest);
    let outcome = TestRunner::new(config).run(&inputs, |input| {
        judge(&input);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn every_target_is_content_with_random_bytes() {
    for (_, judge) in TARGETS {
        on_random_bytes(2000, 200, judge);
    }
}

#[test]
fn what_was_ever_found_stays_found() {
    let mut inputs = 0;
    for (target, judge) in TARGETS {
        let seeds = files(&fuzz_folder().join("corpus-seed").join(target));
        let found = files(&fuzz_folder().join("regressions").join(target));
        assert!(!seeds.is_empty(), "{target} has seeds");
        for (name, input) in seeds.iter().chain(&found) {
            // The name is printed with a failure.
            println!("{target}/{name}");
            judge(input);
            inputs += 1;
        }
    }
    assert!(inputs > 200, "only {inputs} inputs");
}

#[test]
fn each_finding_has_a_line_about_its_cause() {
    let folder = fuzz_folder().join("regressions");
    let causes = fs::read_to_string(folder.join("README.md")).expect("the causes");
    for target in fs::read_dir(&folder).expect("the findings") {
        let path = target.expect("a readable folder").path();
        for name in files(&path).into_keys().filter(|_| path.is_dir()) {
            assert!(causes.contains(&format!("- `{name}`: ")), "{name} has no line");
        }
    }
}

/// The same random bytes each time.
fn random_bytes() -> impl FnMut() -> u8 {
    let mut state = 1u64;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    }
}

/// Of random inputs: the shares that are accepted, and refused for one unit.
fn shares<'a>(
    inputs: &'a [Vec<u8>],
    request: impl Fn(&'a [u8]) -> request::RequestBuf,
) -> (f64, f64) {
    let (mut accepted, mut by_one) = (0, 0);
    for input in inputs {
        let request = request(input);
        accepted += u32::from(request.accepted());
        by_one += u32::from(request.is_refused_for_one());
    }
    let of_all = |part| f64::from(part) / inputs.len() as f64;
    (of_all(accepted), of_all(by_one))
}

#[test]
fn a_third_of_requests_is_accepted_and_a_third_fails_by_one_unit() {
    let mut byte = random_bytes();
    let inputs: Vec<Vec<u8>> = (0..20_000).map(|_| (0..200).map(|_| byte()).collect()).collect();
    for (target, (accepted, by_one)) in [
        ("as_strided", shares(&inputs, |input| case::<as_strided::Case>(input).request)),
        ("bytes", shares(&inputs, |input| case::<bytes::Case>(input).request)),
    ] {
        println!("{target}: {accepted:.3} accepted, {by_one:.3} refused for one unit");
        assert!(accepted > 1.0 / 3.0, "{target}: only {accepted} are accepted");
        assert!(by_one > 1.0 / 3.0, "{target}: only {by_one} are refused for one unit");
    }
}

/// The check that libraries write: the last address, in 64 bits that wrap.
fn wrapping(request: &Request<'_>) -> Answer {
    let axes = request.shape.iter().zip(request.strides);
    let last = axes.fold(request.offset, |last, (&extent, &stride)| {
        last.wrapping_add(
            extent.wrapping_sub(1).wrapping_mul(usize::from_ne_bytes(stride.to_ne_bytes())),
        )
    });
    if request.shape.contains(&0) || last < request.len { Answer::Yes } else { Answer::No }
}

#[test]
fn any_checker_can_be_judged_and_a_wrong_one_is_refuted() {
    let mut random = random_bytes();
    let refuted = (0..1000).position(|_| {
        let input: Vec<u8> = (0..200).map(|_| random()).collect();
        let case = case(&input);
        as_strided::judge(&case, subject::elements, &Checked);
        catch_unwind(|| as_strided::judge(&case, wrapping, &Checked)).is_err()
    });
    println!("refuted by random input {refuted:?}");
    assert!(refuted.is_some());
}

/// A known case in the library's types, and the inputs that mean it.
struct Known {
    id: String,
    in_bytes: bool,
    mutable: bool,
    shape: Vec<usize>,
    strides: Vec<isize>,
    offset: usize,
    len: usize,
    itemsize: usize,
}

impl Known {
    /// `None` for numbers that the types do not hold, and for ranks that are not generated.
    fn read(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        let size = |value: &Value| value.as_u64().and_then(|value| usize::try_from(value).ok());
        let stride = |value: &Value| value.as_i64().and_then(|value| isize::try_from(value).ok());
        let known = Self {
            id: line["id"].as_str()?.to_owned(),
            in_bytes: line["unit"] == "bytes",
            mutable: line["mode"] == "mut",
            shape: line["shape"].as_array()?.iter().map(size).collect::<Option<_>>()?,
            strides: line["strides"].as_array()?.iter().map(stride).collect::<Option<_>>()?,
            offset: size(&line["offset"])?,
            len: size(&line["buffer_len"])?,
            itemsize: size(&line["itemsize"])?,
        };
        (known.shape.len() <= request::MAX_RANK && known.shape.len() == known.strides.len())
            .then_some(known)
    }

    fn request(&self, item: usize) -> Request<'_> {
        let Self { shape, strides, offset, len, .. } = self;
        Request { shape, strides, offset: *offset, len: *len, item, unit_bytes: 1 }
    }

    /// Some operations on the view, others for each case, if it is one to begin with.
    fn program(&self, number: usize) -> Option<Vec<u8>> {
        let (shape, strides) = (self.shape.clone(), self.strides.clone());
        let &Self { offset, len, .. } = self;
        let start = request::RequestBuf { shape, strides, offset, len, item: 1 };
        // Scattered, and none that ends a chain.
        let byte = |k: usize| u8::try_from((number * 97 + k * k * 31 + k * 7) % 236).unwrap_or(0);
        let turn = u32::try_from(number).unwrap_or(0);
        let case = view_ops::Case { element: 1, turn, start, program: (0..48).map(byte).collect() };
        let input = case.encode();
        // A view that is refused, or a large one, makes way for one that is near.
        (self::case::<view_ops::Case>(&input) == case).then_some(input)
    }

    /// The targets that it is a seed of, with the input; the cases are numbered.
    fn seeds(&self, number: usize) -> Vec<(&'static str, Vec<u8>)> {
        let mut seeds = Vec::new();
        if self.in_bytes {
            seeds.push(("bytes", bytes::Case::encode(&self.request(self.itemsize))));
        } else {
            let (shape, strides) = (self.shape.clone(), self.strides.clone());
            let &Self { offset, len, .. } = self;
            let request = request::RequestBuf { shape, strides, offset, len, item: 1 };
            let element = match (self.itemsize, self.shape.len()) {
                (3, _) | (_, 4..) => 4,
                (1, _) => 0,
                (2, _) => 1,
                _ => 2,
            };
            let case = as_strided::Case { element, turn: 0, request };
            let input = case.encode();
            assert_eq!(self::case::<as_strided::Case>(&input), case, "{}", self.id);
            seeds.push(("as_strided", input));
            seeds.extend(self.program(number).map(|input| ("view_ops", input)));
        }
        if self.mutable {
            let itemsize = if self.in_bytes { self.itemsize } else { 1 };
            let (shape, strides) = (self.shape.clone(), self.strides.clone());
            let numbers = unique::Numbers { shape, strides, itemsize };
            let input = unique::Case::encode(&numbers);
            assert_eq!(self::case::<unique::Case>(&input).one, numbers, "{}", self.id);
            seeds.push(("unique", input));
        }
        seeds
    }
}

#[test]
fn the_seeds_are_the_known_cases() {
    let lines = [include_str!("cases/peers.jsonl"), include_str!("cases/bugzoo.jsonl")].into_iter();
    let known: Vec<_> = lines.flat_map(str::lines).filter_map(Known::read).collect();
    assert!(known.len() > 170, "only {} of 180 cases", known.len());
    let mut expected: BTreeMap<&str, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for (number, known) in known.iter().enumerate() {
        for (target, input) in known.seeds(number) {
            expected.entry(target).or_default().insert(known.id.clone(), input);
        }
    }
    for (target, seeds) in expected {
        let folder = fuzz_folder().join("corpus-seed").join(target);
        if std::env::var_os("UPDATE_SEEDS").is_some() {
            fs::create_dir_all(&folder).expect("a folder");
            for (name, input) in &seeds {
                fs::write(folder.join(name), input).expect("a file");
            }
        }
        same(target, &files(&folder), &seeds);
    }
}

/// Compares by name first: a difference of bytes says little.
fn same<T: PartialEq + Debug>(
    target: &str,
    found: &BTreeMap<String, T>,
    expected: &BTreeMap<String, T>,
) {
    let names = |map: &BTreeMap<String, T>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(expected), "{target}: the names of the seeds");
    for (name, seed) in expected {
        assert_eq!(found.get(name), Some(seed), "{target}/{name}");
    }
}
