//! The seeds of the library's fuzz targets, and what their generators reach. Each target's module tests
//! it on the seeds, on whatever a fuzzer once found and on random bytes.
//!
//! `UPDATE_SEEDS=1 cargo test -p strideproof-testkit` writes the seeds anew.

use std::collections::BTreeMap;
use std::fs;

use strideproof_oracle::cases::{self, Known};
use strideproof_oracle::{Answer, Case, Checked, Items, Request, Wrong, generate, judge_in_memory};
use strideproof_testkit::replay::{case, compare_seeds, files, fuzz_folder, random};
use strideproof_testkit::{bytes, unique, view_ops};

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

#[test]
fn a_third_of_requests_is_accepted_and_a_third_fails_by_one_unit() {
    let inputs: Vec<Vec<u8>> =
        random(1, 400).filter(|input| input.len() > 150).take(20_000).collect();
    let requests =
        |request: fn(&[u8]) -> Request| inputs.iter().map(|input| request(input)).collect();
    let targets: [(&str, Vec<Request>); 2] = [
        ("as_strided", requests(|input| case::<Case>(input).request)),
        ("bytes", requests(|input| case::<bytes::Case>(input).request)),
    ];
    for (target, requests) in targets {
        let share = |part: &dyn Fn(&Request) -> bool| {
            requests.iter().filter(|request| part(request)).count() * 1000 / requests.len()
        };
        let accepted = share(&Request::is_accepted);
        let by_one = share(&Request::is_refused_for_one);
        println!("{target}: of 1000, {accepted} accepted, {by_one} refused for one unit");
        assert!(accepted > 333, "{target}: only {accepted} of 1000 are accepted");
        assert!(by_one > 333, "{target}: only {by_one} of 1000 are refused for one unit");
    }
}

#[test]
fn large_views_are_decided_by_the_oracle() {
    let (mut large, mut decided, mut unique) = (0, 0, 0);
    for input in random(2, 300).take(20_000) {
        let one = case::<unique::Case>(&input).one;
        if one.is_small() {
            continue;
        }
        large += 1;
        if let Some(truth) = one.is_unique() {
            decided += 1;
            unique += u32::from(truth);
        }
    }
    println!("{large} views are too large for a list, {decided} of them decided, {unique} unique");
    assert!(large > 1000 && decided * 10 > large * 7, "{decided} of {large}");
    assert!(unique > 100 && decided - unique > 1000, "{unique} of {decided}");
}

/// The check that libraries write: the last address, in 64 bits that wrap.
fn wrapping(request: &Request) -> Answer {
    let axes = request.shape.iter().zip(&request.strides);
    let last = axes.fold(request.offset, |last, (&size, &stride)| {
        last.wrapping_add(
            size.wrapping_sub(1).wrapping_mul(usize::from_ne_bytes(stride.to_ne_bytes())),
        )
    });
    Answer::from(request.shape.contains(&0) || last < request.len)
}

#[test]
fn any_checker_can_be_judged_and_a_wrong_one_is_refuted() {
    let mut seen = Vec::new();
    for input in random(1, 400).take(1000) {
        if let Err(finding) = judge_in_memory(&case(&input), wrapping, &Checked) {
            seen.push(finding.wrong);
        }
    }
    assert!(seen.contains(&Wrong::Unsound), "accepts what leaves the buffer");
    assert!(seen.iter().any(|wrong| matches!(wrong, Wrong::Memory(_))), "and acts on it");
}

/// Some operations on the view of a known case, others for each, if it is one to begin with.
fn program(start: &Request, number: usize) -> Option<Vec<u8>> {
    // Scattered, and none that ends a chain.
    let byte = |k: usize| u8::try_from((number * 97 + k * k * 31 + k * 7) % 236).unwrap_or(0);
    let turn = u32::try_from(number).unwrap_or(0);
    let program = (0..48).map(byte).collect();
    let made = view_ops::Case { element: 1, turn, wide: false, start: start.clone(), program };
    let input = made.encode();
    // A view that is refused, or a large one, makes way for one that is near.
    (case::<view_ops::Case>(&input) == made).then_some(input)
}

/// The targets that a known case is a seed of, with the input; the cases are numbered.
fn seeds(known: &Known, request: &Request, number: usize) -> Vec<(&'static str, Vec<u8>)> {
    let mut seeds = Vec::new();
    if known.in_bytes {
        seeds.push(("bytes", bytes::Case::encode(request)));
    } else {
        let element = match (known.itemsize, request.shape.len()) {
            (3, _) | (_, 4..) => 4,
            (1, _) => 0,
            (2, _) => 1,
            _ => 2,
        };
        let made = Case { element, turn: 0, request: request.clone() };
        let input = made.encode();
        assert_eq!(case::<Case>(&input), made, "{}", known.id);
        seeds.push(("as_strided", input));
        seeds.extend(program(request, number).map(|input| ("view_ops", input)));
    }
    if known.mutable {
        let Request { shape, strides, item, .. } = request.clone();
        let items = Items { address: 1 << 40, shape, strides, item };
        let input = unique::Case::encode(&items);
        assert_eq!(case::<unique::Case>(&input).one, items, "{}", known.id);
        seeds.push(("unique", input));
    }
    seeds
}

#[test]
fn the_seeds_are_the_known_cases() {
    let usable = |known: Known| {
        let request = known.request()?;
        let rank = request.shape.len();
        (rank <= generate::MAX_RANK && rank == request.strides.len()).then_some((known, request))
    };
    let known: Vec<_> = cases::all().into_iter().filter_map(usable).collect();
    assert!(known.len() > 170, "only {} of 180 cases", known.len());
    let mut expected: BTreeMap<&str, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for (number, (known, request)) in known.iter().enumerate() {
        for (target, input) in seeds(known, request, number) {
            expected.entry(target).or_default().insert(known.id.clone(), input);
        }
    }
    for (target, seeds) in expected {
        compare_seeds(target, &seeds);
    }
}
