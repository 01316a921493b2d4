//! The command's fuzz target without libFuzzer: on the seeds, on whatever a fuzzer once found and on
//! random bytes. The function is the one that the target calls.
//!
//! `UPDATE_SEEDS=1 cargo test -p strideproof-testkit` writes the seeds anew.

use std::collections::BTreeMap;

use serde_json::Value;
use strideproof_oracle::cases::{BUGZOO, PEERS};
use strideproof_testkit::command::{Case, encode, kinds, run};
use strideproof_testkit::replay::{case, compare_seeds, files, fuzz_folder, random, replay};

#[test]
fn the_command_is_content_with_kept_and_random_inputs() {
    replay("cli", 8000, run);
}

#[test]
fn every_kind_occurs_and_a_third_of_requests_is_accepted_and_a_third_refused() {
    let mut times = BTreeMap::new();
    let mut verdicts = [0u32; 2];
    for input in random(5, 240).filter(|input| input.len() > 80).take(10_000) {
        let case: Case = case(&input);
        *times.entry(case.kind).or_insert(0) += 1;
        for accepted in case.verdicts() {
            verdicts[usize::from(accepted)] += 1;
        }
    }
    for kind in kinds() {
        assert!(times.get(kind) >= Some(&200), "{kind}: {times:?}");
    }
    let [refused, accepted] = verdicts;
    println!("{refused} refused, {accepted} accepted; {times:?}");
    let all = refused + accepted;
    assert!(refused * 3 >= all && accepted * 3 >= all, "{refused} refused, {accepted} accepted");
}

#[test]
fn the_shortest_inputs_are_cases_of_every_kind() {
    run(&case(&[]));
    for first in 0..=255 {
        run(&case(&[first]));
        for turn in [1, 3, 4, 7, 255] {
            run(&case(&[first, turn]));
        }
    }
}

/// Known requests as short lines, a dozen in a file.
fn known_lines(name: &str, text: &str, seeds: &mut BTreeMap<String, Vec<u8>>) {
    let keys = ["id", "unit", "itemsize", "buffer_len", "offset", "shape", "strides", "mode"];
    let short = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        let fields = keys.iter().filter_map(|key| Some(format!("{key:?}:{}", line.get(key)?)));
        format!("{{{}}}\n", fields.collect::<Vec<_>>().join(","))
    };
    let lines: Vec<String> = text.lines().map(short).collect();
    for (at, dozen) in lines.chunks(12).enumerate() {
        let seed = encode("lines", dozen.concat().as_bytes());
        seeds.insert(format!("lines-{name}-{at:02}"), seed);
    }
}

#[test]
fn the_seeds_are_the_known_cases() {
    let mut seeds = BTreeMap::new();
    known_lines("peers", PEERS, &mut seeds);
    known_lines("bugzoo", BUGZOO, &mut seeds);
    for (name, bytes) in &files(&fuzz_folder().join("../cli/tests/data")) {
        if let Some(name) = name.strip_suffix(".npy") {
            seeds.insert(format!("npy-{name}"), encode("bytes", bytes));
        }
    }
    // The others were written by hand, as their names say.
    for (name, seed) in files(&fuzz_folder().join("corpus-seed/cli")) {
        let kind = match name.split_once('-') {
            Some(("lines", _)) => "lines",
            Some(("npy", _)) => "bytes",
            Some(("chain", _)) => "text",
            Some(("arguments", _)) => "words",
            _ => "code",
        };
        let text = &seed[encode(kind, b"").len()..];
        seeds.entry(name).or_insert(encode(kind, text));
    }
    compare_seeds("cli", &seeds);
}
