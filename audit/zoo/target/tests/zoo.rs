//! Each planted defect is found, shrunk and named; in what is sound nothing is.

use std::process::Command;

use strideproof_audit::{Class, Finding, Line, Summary, Validity};
use {Class::*, Validity::*};

/// Runs case functions of the zoo, all of them if none is named.
fn run(case: Option<&str>, options: &[&str]) -> (Vec<Finding>, Vec<Summary>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_audit-zoo"));
    command.args(options);
    if let Some(case) = case {
        command.args(["--case", case]);
    }
    let output = command.output().expect("the zoo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (mut findings, mut summaries) = (Vec::new(), Vec::new());
    for line in String::from_utf8(output.stdout).expect("text").lines() {
        match serde_json::from_str(line).expect("a line of JSON") {
            Line::Finding(finding) => findings.push(*finding),
            Line::Summary(summary) => summaries.push(summary),
            Line::Progress(_) => {}
        }
    }
    (findings, summaries)
}

/// The case function; what is found; of which request; the smallest one, where there is only one;
/// what is said of it.
type Row = (&'static str, Class, Validity, &'static str, &'static str);

const ROWS: &[Row] = &[
    ("read_past", OutOfBoundsRead, Bad, "count 1 len 0", "read at address 0x1, near null"),
    ("write_past", OutOfBoundsWrite, Bad, "count 1 len 0", "wrote at address 0x4, near null"),
    ("write_before", OutOfBoundsWrite, Good, "len 1", "wrote 8 bytes before a block of 8 bytes"),
    ("read_before", OutOfBoundsRead, Good, "len 1", "read 8 bytes before a block of 8 bytes"),
    ("tail", OutOfBoundsRead, Good, "len 1", "read 0 bytes past the end of a block of 1 byte"),
    (
        "scratch",
        OutOfBoundsWrite,
        Good,
        "width 1 height 2 source_stride 2 source_len 3",
        "wrote 0 bytes past the end of a block of 8 bytes",
    ),
    ("precondition", ViolatedPrecondition, Bad, "count 1 len 0", "slice::get_unchecked"),
    (
        "slack",
        OutOfBoundsWrite,
        Unknown,
        "value 0",
        "wrote 0 bytes past the end of a block of 8 bytes",
    ),
    ("use_after_free", UseAfterFree, Good, "len 1", "read 0 bytes into a freed block of 8 bytes"),
    ("double_free", DoubleFree, Good, "len 1", "a block of 8 bytes is freed again"),
    ("wrong_size", BadFree, Good, "len 2", "is freed as one of 4 bytes aligned to 4"),
    ("no_block", BadFree, Good, "len 2", "freed 8 bytes into a block of 16 bytes"),
    ("stack_block", BadFree, Unknown, "value 0", "freed far from every block"),
    ("two_exclusive", Aliasing, Good, "len 2 middle 0", "share 1 bytes"),
    ("owned_twice", DoubleFree, Good, "len 1", "a block of 8 bytes is freed again"),
    ("panics", Panic, Good, "len 5", "too long"),
    ("aborts", Abort, Good, "len 4", "with signal: 6 (SIGABRT)"),
    ("exits", Abort, Good, "len 4", "with exit status: 0"),
    ("recurses", Abort, Unknown, "depth 0", "the stack overflowed"),
    ("hungry", OutOfMemory, Unknown, "len (2^64 - 1)", "after an allocation was refused"),
    ("wrong", WrongElement, Good, "len 2", "the first element is 1, expected 0"),
    ("strict", TooStrict, Good, "count 5 len 5", "is refused"),
    ("view::<Strided<2>>", AcceptedOutOfBounds, Bad, "", "reads as 0"),
    ("view::<Strided<4>>", Aliasing, Bad, "", "share an element"),
];

/// How a row differs from what is found.
fn differs(&(case, class, request, smallest, detail): &Row) -> Option<String> {
    let (findings, _) = run(Some(case), &["--requests", "600"]);
    let of_row = |finding: &&Finding| (finding.class, finding.request) == (class, request);
    let Some(finding) = findings.iter().find(of_row) else {
        return Some(format!("{case}: no {class} of a {request} request"));
    };
    if !smallest.is_empty() && finding.smallest != smallest {
        return Some(format!("{case}: {:?} is not {smallest:?}", finding.smallest));
    }
    if !finding.detail.contains(detail) {
        return Some(format!("{case}: {:?} does not say {detail:?}", finding.detail));
    }
    let other = findings.iter().find(|other| other.class != class);
    other.map(|other| format!("{case}: {} of a {} request", other.class, other.request))
}

#[test]
fn every_defect_is_found_shrunk_and_named() {
    let differences: Vec<_> = ROWS.iter().filter_map(differs).collect();
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn good_and_bad_requests_do_not_hide_each_other() {
    let (findings, summaries) = run(Some("scratch"), &["--requests", "600"]);
    let requests: Vec<_> = findings.iter().map(|finding| finding.request).collect();
    assert!(requests.contains(&Good) && requests.contains(&Bad), "{findings:#?}");
    assert!(summaries[0].is_conclusive(), "{summaries:?}");
    assert!(summaries[0].repeated > 20, "{summaries:?}");
}

#[test]
fn a_product_that_wraps_is_found() {
    let (findings, _) = run(Some("wrapping"), &["--requests", "2000"]);
    // In the debug profile the first access may be one that the compiler checks.
    assert!(findings.iter().any(|finding| finding.class.is_unsound()), "{findings:#?}");
    assert!(findings.iter().all(|finding| finding.request == Bad), "{findings:#?}");
}

#[test]
fn views_with_a_wrong_check_are_found_out() {
    for case in ["view::<Strided<0>>", "view::<Strided<1>>"] {
        let (findings, summaries) = run(Some(case), &["--requests", "2000"]);
        let read = |finding: &Finding| finding.class == OutOfBoundsRead;
        assert!(findings.iter().any(read), "{case}: {findings:#?}");
        assert!(findings.iter().all(|finding| finding.request != Good), "{case}: {findings:#?}");
        assert!(summaries[0].is_conclusive(), "{case}: {summaries:?}");
    }
}

#[test]
fn what_takes_too_long_is_ended() {
    let (findings, summaries) = run(Some("spins"), &["--requests", "300"]);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].class, TimeOut);
    // Three are enough.
    assert!(summaries[0].requests < 300, "{summaries:?}");
}

#[test]
fn threads_that_outlive_a_case_raise_no_alarm() {
    let (findings, summaries) = run(Some("threads"), &["--requests", "1000"]);
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(summaries[0].unspecified, 1000);
}

#[test]
fn nothing_is_found_in_what_is_sound() {
    for case in ["sound", "view::<Strided<3>>"] {
        let (findings, summaries) = run(Some(case), &["--requests", "10000", "--seed", "7"]);
        assert!(findings.is_empty(), "{case}: {findings:#?}");
        let summary = &summaries[0];
        assert!(summary.is_conclusive(), "{summary:?}");
        assert_eq!((summary.requests, summary.good_refused, summary.bad_accepted), (10_000, 0, 0));
    }
}

#[test]
fn a_seed_always_makes_the_same_requests() {
    // How far a finding is shrunk depends on the time there is.
    let found = |seed: &str| -> Vec<_> {
        let (findings, _) =
            run(Some("view::<Strided<1>>"), &["--requests", "2000", "--seed", seed]);
        findings.into_iter().map(|found| (found.class, found.requests)).collect()
    };
    assert_eq!(found("3"), found("3"));
    assert_ne!(found("3"), found("4"));
}

#[test]
fn frames_lead_to_the_defect() {
    let (findings, _) = run(Some("tail"), &["--requests", "100"]);
    let frame =
        findings[0].frames.iter().find(|frame| frame.file.ends_with("zoo/crate/src/lib.rs"));
    let frame = frame.unwrap_or_else(|| panic!("{findings:#?}"));
    assert!(frame.function.ends_with("copy_fast"), "{frame:?}");
}

#[test]
fn arguments_are_checked() {
    for options in
        [&["--requests", "some"][..], &["--case", "unicorn"], &["--request", "1"], &["--seed"]]
    {
        let output =
            Command::new(env!("CARGO_BIN_EXE_audit-zoo")).args(options).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: "), "{options:?}");
    }
}
