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

const LINES: [(&str, &str); 6] = [
    (
        "lines-beyond-64-bits",
        "{\"shape\":[3],\"strides\":[1180591620717411303424],\"buffer_len\":2361183241434822606849}\n\
         {\"unit\":\"bytes\",\"itemsize\":170141183460469231731687303715884105728,\"shape\":[1],\
         \"buffer_len\":170141183460469231731687303715884105727}\n",
    ),
    (
        "lines-malformed",
        "\n{\n{}\n{\"shape\":[1],\"buffer_len\":1,\"shape\":[2]}\n{\"shape\":[1.5],\"buffer_len\":1}\n\
         {\"shape\":[\"1,2\"],\"buffer_len\":1,\"id\":4}\n{\"shape\":[01],\"buffer_len\":1}\n",
    ),
    (
        "lines-escapes",
        "\u{feff}{\"sh\\u0061pe\":[1],\"buffer_len\":1,\"unit\":\"b\\u0079tes\",\"id\":\"\u{2028}\u{85}\\n\"}\r\n",
    ),
    (
        "lines-ids",
        "{\"shape\":[],\"buffer_len\":1,\"id\":{\"a\": [null, 1e999, \"\\ud800\"]}}\n\
         {\"shape\":[2],\"buffer_len\":1,\"id\":\"x\"}",
    ),
    (
        "lines-row-major",
        "{\"shape\":[2,0,3],\"buffer_len\":0,\"strides\":null}\n{\"shape\":[4,3],\"buffer_len\":11}\n",
    ),
    (
        "lines-limits",
        "{\"shape\":[9223372036854775807],\"strides\":[0],\"buffer_len\":1}\n\
         {\"shape\":[4294967296,4294967296],\"strides\":[0,0],\"buffer_len\":1}\n\
         {\"shape\":[2],\"strides\":[-9223372036854775808],\"offset\":9223372036854775808,\
         \"buffer_len\":18446744073709551615,\"mode\":\"mut\"}\n",
    ),
];

const CHAINS: [(&str, &str); 8] = [
    ("chain-slices", "slice ::-1,1:3:2 | slice 0"),
    ("chain-axes", "t | permute 1,0 | swap 0 -1 | reverse | insert 0 | squeeze"),
    ("chain-windows", "windows 2,2 by 1,2"),
    ("chain-diagonal", "diagonal -1,0,1 | reshape -1"),
    ("chain-reshape", "reshape 2,6 | index 1,-1 | broadcast 3,2"),
    ("chain-refused", "t | reshape 12"),
    ("chain-misspelt", "slice 1:2:3:4 | tt"),
    ("chain-not-ascii", "reverse\u{a0}0 | \u{9b}2J\u{202e}"),
];

const ARGUMENTS: [(&str, &str); 9] = [
    ("arguments-check", "check --shape 4,3 --strides 2,2 --len 12"),
    (
        "arguments-bytes",
        "check\n--unit=bytes\n--itemsize=8\n--len=96\n--shape=(12,)\n--strides=-8\n--offset=88\n--mutable",
    ),
    (
        "arguments-demands",
        "check --unit bytes --itemsize 8 --len 96 --shape 3 --strides 12 --typed --align 4 --base-address 7",
    ),
    ("arguments-default-shape", "draw --len 96 --unit bytes --itemsize 7"),
    ("arguments-view", "view\nslice 0:8:2 | windows 2\n--shape=12\n--format\njson"),
    ("arguments-overlap", "overlap --shape 2,3 --strides 3,2"),
    (
        "arguments-overlap-of-two",
        "overlap --shape 5 --strides 2 --other-shape 5 --other-strides 2 --other-offset 1",
    ),
    ("arguments-explain", "explain sp003"),
    ("arguments-none", ""),
];

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
    let plain = b"{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }\n";
    let version_2 = [&b"\x93NUMPY\x02\0\x3a\0\0\0"[..], plain, b"abcd"].concat();
    seeds.insert("npy-version-2".into(), encode("bytes", &version_2));
    let lies = [&b"\x93NUMPY\x03\0\xff\xff\xff\xff"[..], plain].concat();
    seeds.insert("npy-header-length-that-lies".into(), encode("bytes", &lies));
    for (kind, known) in [("lines", &LINES[..]), ("text", &CHAINS), ("words", &ARGUMENTS)] {
        let known =
            known.iter().map(|(name, text)| (name.to_string(), encode(kind, text.as_bytes())));
        seeds.extend(known);
    }
    seeds.insert("code-sp021".into(), encode("code", b"SP021"));
    compare_seeds("cli", &seeds);
}
