//! Every code of the library is explained, and by an example that gets it.

use std::collections::BTreeSet;

use clap::CommandFactory;
use strideproof::Code;
use strideproof_cli::args::Cli;
use strideproof_cli::explain::{Explanation, all, list};

#[test]
fn every_code_has_one_explanation() {
    let explained: Vec<&str> = all().map(|each| each.code).collect();
    assert_eq!(explained, Code::ALL.iter().map(Code::as_str).collect::<Vec<_>>());
    let distinct =
        |of: fn(&Code) -> &'static str| Code::ALL.iter().map(of).collect::<BTreeSet<_>>();
    for of in [Code::as_str, Code::word, Code::title] {
        assert_eq!(distinct(of).len(), Code::ALL.len());
    }
    for &code in &explained {
        assert!(list().contains(code));
        assert!(Explanation::of(&code.to_lowercase()).is_some());
    }
    assert!(Explanation::of("SP3").is_none());
}

#[test]
fn every_example_gets_its_code() {
    for explanation in all() {
        // No example gets these; the library's own tests cover them.
        let none = matches!(explanation.code, "SP026" | "SP027");
        let got = explanation.run().map(|error| error.code().as_str());
        assert_eq!(got, (!none).then_some(explanation.code), "{explanation:?}");
        assert_eq!(explanation.example.is_none(), none, "{explanation:?}");
        assert!(explanation.text.lines().all(|line| line.chars().count() <= 90), "{explanation:?}");
    }
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}
