//! The documents, the help and the manifests agree.

use std::collections::BTreeSet;
use std::path::Path;

use clap::CommandFactory;
use strideproof_cli::args::Cli;

/// A file of the repository.
pub(crate) fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a text has in backticks outside of its blocks.
fn quoted(text: &str) -> Vec<&str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|prose| prose.split('`').skip(1).step_by(2)).collect()
}

/// The README from a heading to the next.
fn section<'a>(readme: &'a str, heading: &str) -> &'a str {
    let (_, section) = readme.split_once(&format!("\n## {heading}\n")).unwrap();
    section.split("\n## ").next().unwrap()
}

#[test]
fn the_readme_and_the_help_have_the_same_subcommands() {
    let readme = read("README.md");
    let words = quoted(section(&readme, "The command")).into_iter();
    let words = words.filter_map(|quoted| quoted.split(' ').next());
    let named: BTreeSet<&str> =
        words.filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())).collect();
    let cli = Cli::command();
    let known: BTreeSet<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    assert_eq!(named, known);
}

#[test]
fn flags_that_documents_name_exist() {
    let mut cli = Cli::command();
    cli.build();
    let flags: BTreeSet<String> = cli
        .get_subcommands()
        .flat_map(clap::Command::get_arguments)
        .filter_map(|argument| Some(format!("--{}", argument.get_long()?)))
        .collect();
    let readme = read("README.md");
    for text in [section(&readme, "The command"), &read("docs/first-hour.md")] {
        let words = quoted(text).into_iter().flat_map(|quoted| quoted.split(' '));
        for flag in words.filter(|word| word.len() > 2 && word.starts_with("--")) {
            assert!(flags.contains(flag), "{flag}");
        }
    }
}

/// The README's list of features is the manifest's, and so is that of the library's first page.
#[test]
fn every_feature_of_the_library_is_documented() {
    let manifest = read("Cargo.toml");
    let (_, features) = manifest.split_once("\n[features]\n").unwrap();
    let features = features.split("\n[").next().unwrap().lines();
    let names: Vec<&str> = features
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .filter(|name| *name != "default")
        .collect();
    assert!(names.contains(&"alloc"), "{names:?}");
    let (readme, library) = (read("README.md"), read("src/lib.rs"));
    for name in names {
        let quoted = format!("`{name}`");
        assert!(section(&readme, "In Rust").contains(&quoted), "README: {name}");
        assert!(library.contains(&quoted), "src/lib.rs: {name}");
    }
}

/// What `.ci/run` installs, the README says.
#[test]
fn what_the_checks_install_is_documented() {
    let run = read(".ci/run");
    let packages: Vec<&str> = run
        .lines()
        .filter_map(|line| {
            let (_, packages) = line
                .split_once("apt-get install ")
                .or_else(|| line.split_once("cargo install "))?;
            Some(packages.split(['&', ';']).next().unwrap_or_default())
        })
        .flat_map(str::split_whitespace)
        .filter(|word| !word.starts_with('-'))
        .collect();
    assert_eq!(packages, ["coq", "valgrind", "cargo-deny", "cargo-fuzz"]);
    let readme = read("README.md");
    let tests = section(&readme, "Tests");
    for package in packages {
        assert!(tests.contains(&format!("`{package}`")), "{package}");
    }
    assert!(run.contains("tests/numpy/requirements.txt") && tests.contains("NumPy from PyPI"));
}
