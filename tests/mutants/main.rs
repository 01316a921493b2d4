//! Would the tests notice? Each faulty logic of `cases/bugzoo.jsonl`, and a few more, is planted
//! into a copy of the kernel, and the same oracle and the same requests that pass the crate must
//! refute it.
//!
//! `cargo test --test mutants -- --nocapture` prints what refutes which.

#[path = "../suite/mod.rs"]
mod suite;

mod convert;
mod kernel;
mod unique;

use kernel::{FAULTS, Fault, decide, signed, unsigned};
use oracle::{Request, Truth, Wrong, judge};
use serde_json::Value;
use strideproof_testkit::{oracle, subject};
use suite::{Checker, Outcome, SMALL, SMALL_BYTES, boundary, ranks, small};

type Stream = fn(Checker<'_>) -> Outcome;

/// Streams of the exhaustive tests, which the crate passes there, the cheap ones first.
const STREAMS: [(&str, Stream); 9] = [
    ("ranks", ranks),
    ("small, rank 0", |check| small(&SMALL[0], check)),
    ("small, rank 1", |check| small(&SMALL[1], check)),
    ("bytes, rank 1", |check| small(&SMALL_BYTES[1], check)),
    ("boundary, rank 0", |check| boundary(0, &[0, 1, 8, usize::MAX], check)),
    ("boundary, rank 1", |check| boundary(1, &[0, 1, 8, usize::MAX], check)),
    ("small, rank 2", |check| small(&SMALL[2], check)),
    ("boundary, rank 2", |check| boundary(2, &[1], check)),
    ("small, rank 3", |check| small(&SMALL[3], check)),
];

/// The first stream that refutes a checker, and how.
fn refute(check: Checker<'_>) -> Option<(&'static str, suite::Refuted)> {
    STREAMS.iter().find_map(|&(name, stream)| Some((name, stream(check).err()?)))
}

#[test]
fn the_copy_without_a_fault_passes_every_stream() {
    if let Some((stream, refuted)) = refute(&|request| decide(Fault::Nothing, request)) {
        panic!("{stream}: {refuted:?}");
    }
}

/// The faults that never change a verdict, only what is said beside it.
const BESIDE_THE_VERDICT: [Fault; 9] = [
    Fault::M09FirstAndLastCornerAsRange,
    Fault::M21EmptyMovesOrigin,
    Fault::K20RequiredLenWithoutItem,
    Fault::K21LowestIsOffset,
    Fault::K22WitnessOneStepLate,
    Fault::K23WitnessCornerOfOtherSide,
    Fault::K24WitnessAddressUnsigned,
    Fault::K25BoundsBeforeCount,
    Fault::K26RemedyForgetsOtherSide,
];

#[test]
fn every_kernel_with_a_planted_fault_is_refuted() {
    for &fault in FAULTS {
        let beside = BESIDE_THE_VERDICT.contains(&fault);
        let refuted = refute(&|request| {
            let (answer, right) = (decide(fault, request), decide(Fault::Nothing, request));
            // A fault in the verdict must be seen in the verdict, whatever else is wrong with it.
            if !beside && answer.accepts() == right.accepts() { right } else { answer }
        });
        let Some((stream, suite::Refuted { wrong, request, .. })) = refuted else {
            panic!("{fault:?} passes every stream");
        };
        let verdict = matches!(wrong, Wrong::Unsound | Wrong::Incomplete);
        assert_ne!(verdict, beside, "{fault:?} is {wrong:?} on {request}");
        println!("{:<33} {wrong:<10?} {stream:<16} {request}", format!("{fault:?}"));
    }
}

#[test]
fn every_uniqueness_test_with_a_planted_fault_is_refuted() {
    assert_eq!(refute_unique(unique::the_crate), None);
    for (name, test) in unique::FAULTS {
        match refute_unique(test) {
            Some(refuted) => println!("{name:<34} {refuted}"),
            None => panic!("{name} passes"),
        }
    }
}

/// The first small shape and strides about which a uniqueness test is wrong.
fn refute_unique(test: unique::Test) -> Option<String> {
    for (rank, sizes, strides) in [(0, 1, 1), (1, 6, 11), (2, 6, 13), (3, 4, 11)] {
        let bases = [vec![sizes; rank], vec![strides; rank]].concat();
        for number in 0..bases.iter().product::<usize>() {
            let mut rest = number;
            let mut digit = |base| {
                let digit = rest % base;
                rest /= base;
                digit
            };
            let shape: Vec<usize> = (0..rank).map(|_| digit(sizes)).collect();
            let middle = isize::try_from(strides / 2).unwrap();
            let strides: Vec<isize> =
                (0..rank).map(|_| isize::try_from(digit(strides)).unwrap() - middle).collect();
            if let Err(refuted) = unique::judge(&shape, &strides, test(&shape, &strides)) {
                return Some(refuted);
            }
        }
    }
    None
}

#[test]
fn every_conversion_with_a_planted_fault_is_refuted() {
    assert_eq!(refute_conversion(convert::the_crate), None);
    for (name, conversion) in convert::FAULTS {
        match refute_conversion(conversion) {
            Some(refuted) => println!("{name:<34} {refuted}"),
            None => panic!("{name} passes"),
        }
    }
}

fn refute_conversion(conversion: convert::Conversion) -> Option<String> {
    let mut refuted = None;
    for grid in &SMALL_BYTES[1..3] {
        let found = small(grid, &|request| {
            if refuted_at(conversion, request).is_some() {
                // Any wrong answer stops the stream.
                return oracle::Answer::TooMany { axis: usize::MAX };
            }
            subject::bytes(request)
        });
        refuted = refuted.or(found.err().map(|refuted| refuted.request));
    }
    refuted
}

fn refuted_at(conversion: convert::Conversion, request: &Request<'_>) -> Option<String> {
    convert::judge(request, &conversion(request)).err()
}

#[test]
fn every_fault_of_the_bug_zoo_is_planted_and_is_wrong_on_its_lines() {
    let mut lines = 0;
    for line in include_str!("../cases/bugzoo.jsonl").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let id = line["id"].as_str().unwrap();
        let mutant = &line["mutant"].as_str().unwrap()[..3];
        let numbers = |key: &str| -> Vec<usize> {
            let array = line[key].as_array().unwrap();
            array.iter().map(bits).collect()
        };
        let shape: Vec<usize> = numbers("shape");
        let strides: Vec<isize> = numbers("strides").into_iter().map(signed).collect();
        let itemsize = bits(&line["itemsize"]);
        let bytes = line["unit"] == "bytes";
        let request = Request {
            shape: &shape,
            strides: &strides,
            // A negative offset arrives as the bits that a foreign caller would pass.
            offset: bits(&line["offset"]),
            len: bits(&line["buffer_len"]),
            item: if bytes { itemsize } else { 1 },
            unit_bytes: if bytes { 1 } else { itemsize },
        };
        assert!(is_wrong(mutant, &request), "{id}: no planted {mutant} is wrong on {request:?}");
        lines += 1;
    }
    assert_eq!(lines, 46);
}

/// The 64 bits of an integer, negative ones in two's complement.
fn bits(value: &Value) -> usize {
    let positive = value.as_u64().map(|value| usize::try_from(value).unwrap());
    let negative = || value.as_i64().map(|value| unsigned(isize::try_from(value).unwrap()));
    positive.or_else(negative).expect("an integer of 64 bits")
}

/// Whether a planted fault of that number answers the request wrongly.
fn is_wrong(mutant: &str, request: &Request<'_>) -> bool {
    let truth = Truth::by_corners(request.shape, request.strides, request.offset);
    let kernels = FAULTS.iter().filter(|fault| format!("{fault:?}").starts_with(mutant));
    let mut wrong = kernels.map(|&fault| judge(request, truth, &decide(fault, request)));
    let verdict = |outcome: Result<(), Wrong>| {
        // A fault of the zoo gives a wrong verdict or a wrong range, not just a poor witness.
        outcome.is_err_and(|wrong| !matches!(wrong, Wrong::Witness(_)))
    };
    let (shape, strides) = (request.shape, request.strides);
    wrong.any(verdict)
        || unique::FAULTS.iter().any(|&(name, test)| {
            name.starts_with(mutant) && unique::judge(shape, strides, test(shape, strides)).is_err()
        })
        || convert::FAULTS.iter().any(|&(name, conversion)| {
            name.starts_with(mutant) && refuted_at(conversion, request).is_some()
        })
}
