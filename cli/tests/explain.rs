//! Every code of the library is explained, and by an example that gets it.

use std::collections::BTreeSet;
use std::path::Path;

use clap::CommandFactory;
use strideproof_cli::args::Cli;
use strideproof_cli::explain::{Example, Explanation, all, list};

/// The codes that the library's source speaks of.
fn codes() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/error.rs");
    let source = std::fs::read_to_string(path).unwrap();
    let after = source.split("=> \"SP").skip(1);
    let codes: BTreeSet<String> = after.map(|rest| format!("SP{}", &rest[..3])).collect();
    assert!(codes.len() >= 13, "{codes:?}");
    codes
}

#[test]
fn every_code_has_one_explanation() {
    let explained: BTreeSet<String> = all().map(|each| each.code.to_owned()).collect();
    assert_eq!(explained.len(), all().count());
    assert_eq!(explained, codes());
    for code in codes() {
        assert!(list().contains(&code));
        assert!(Explanation::of(&code.to_lowercase()).is_some());
    }
    assert!(Explanation::of("SP3").is_none());
}

#[test]
fn every_example_gets_its_code() {
    for explanation in all() {
        if matches!(explanation.example, Example::None) {
            // Nothing gets this one, and the library's own tests say so.
            assert_eq!(explanation.code, "SP027");
            continue;
        }
        let got = explanation.example.run();
        assert_eq!(got.map(|got| got.0), Some(explanation.code), "{explanation:?}");
        assert!(explanation.text.lines().all(|line| line.chars().count() <= 90), "{explanation:?}");
    }
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}
