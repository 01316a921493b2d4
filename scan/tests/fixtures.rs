//! Small sources with a planted pattern each, whose marked lines the scan has to find, and no others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use strideproof_scan::{Class, Finding, Role, Without, locate, scan};

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn findings(file: &Path, without: Without) -> Vec<Finding> {
    let packages = locate(file.to_str().unwrap()).unwrap();
    let report = scan(&packages[0], without).unwrap();
    assert!(report.skipped.is_empty(), "{}: {:?}", file.display(), report.skipped);
    report.findings
}

/// What the first line of a fixture says, such as `1 wrapping-check`.
fn expected(source: &str) -> Vec<String> {
    let line = source.lines().next().unwrap();
    let list = line.strip_prefix("//! expect: ").expect("a fixture says what it expects");
    list.split(", ").filter(|entry| *entry != "nothing").map(str::to_owned).collect()
}

/// The lines that end in `//~ ROLE`.
fn marked(source: &str) -> BTreeSet<(usize, String)> {
    let lines = source.lines().enumerate();
    lines
        .filter_map(|(line, text)| Some((line + 1, text.split_once("//~ ")?.1.to_owned())))
        .collect()
}

fn name(role: Role) -> Option<&'static str> {
    match role {
        Role::Sink => Some("sink"),
        Role::Check => Some("check"),
        Role::Gate => Some("gate"),
        Role::Step => None,
    }
}

#[test]
fn each_fixture_has_the_findings_that_it_names_on_the_lines_that_it_marks() {
    for file in fixtures() {
        let source = std::fs::read_to_string(&file).unwrap();
        let found = findings(&file, Without::default());
        let kinds: Vec<_> = found
            .iter()
            .map(|finding| format!("{} {}", finding.class.number(), finding.kind.name()))
            .collect();
        assert_eq!(kinds, expected(&source), "{}: {found:#?}", file.display());
        let lines: BTreeSet<_> = found
            .iter()
            .flat_map(|finding| &finding.marks)
            .filter_map(|mark| Some((mark.line, name(mark.role)?.to_owned())))
            .collect();
        assert_eq!(lines, marked(&source), "{}: {found:#?}", file.display());
    }
}

/// How many fixtures have other findings without a part of the analysis.
fn changed_by(without: Without) -> Vec<String> {
    let of_class = |findings: &[Finding]| -> Vec<(Class, &str)> {
        findings.iter().map(|finding| (finding.class, finding.kind.name())).collect()
    };
    fixtures()
        .into_iter()
        .filter(|file| {
            let (all, fewer) = (findings(file, Without::default()), findings(file, without));
            of_class(&all) != of_class(&fewer)
        })
        .map(|file| file.file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn no_part_of_the_analysis_is_idle() {
    let none = Without::default();
    let of = |without| changed_by(without);
    let wrapping = of(Without { wrapping_checks: true, ..none });
    assert_eq!(wrapping, ["in_macro", "unsafe_trait", "wrapping_check", "wrapping_helper"]);
    let fields = of(Without { fields: true, ..none });
    let expected =
        ["deserialize", "handwritten", "public_field", "setter", "unsafe_trait", "wrapping_helper"];
    assert_eq!(fields, expected);
    let summaries = of(Without { summaries: true, ..none });
    assert_eq!(summaries, ["helper", "order", "wrapping_helper"]);
    let guards = of(Without { guards: true, ..none });
    for silent in ["allocated", "checked_mul", "comparison", "helper", "widened"] {
        assert!(guards.contains(&silent.to_owned()), "{silent}: {guards:?}");
    }
}

#[test]
fn a_report_never_says_that_code_is_wrong() {
    for file in fixtures() {
        let packages = locate(file.to_str().unwrap()).unwrap();
        let report = scan(&packages[0], Without::default()).unwrap();
        let text = report.to_text(usize::MAX).to_lowercase();
        for word in text.split(|c: char| !c.is_alphabetic()) {
            let verdict = ["unsound", "undefined", "vulnerable", "bug", "wrong", "exploit"];
            assert!(!verdict.contains(&word), "{}: {text}", file.display());
        }
    }
}
