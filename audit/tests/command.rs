//! The command: its arguments, its output, and the folder of a finding.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const ZOO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/zoo");

fn audit(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-strideproof-audit"));
    // Where targets are built is a folder below this one: the workspace's.
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    command.args(arguments).output().expect("the command runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// An empty folder for a test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[test]
fn usage_errors_end_with_2_and_a_message() {
    let nowhere = folder("usage").join("nowhere").display().to_string();
    let empty = folder("usage").display().to_string();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let cases: [(&[&str], &str); 7] = [
        (&["run", "--targets", &nowhere], "there is no folder"),
        (&["run", "--targets", &empty], "there are no targets in"),
        (&["run", "--targets", ZOO, "unicorn"], "there is no target unicorn in"),
        (&["run", "--targets", ZOO, "target", "--out", file], "Cargo.toml: File exists"),
        (&["run", "--seconds", "0"], "no time at all"),
        (&["new", "transpose", "--targets", &empty], "is not CRATE@VERSION"),
        (&["new", "../x@1.0.0", "--targets", &empty], "is not CRATE@VERSION"),
    ];
    for (arguments, message) in cases {
        let output = audit(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(message), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn a_target_that_fails_does_not_keep_others_from_running() {
    let targets = folder("broken");
    for name in ["one", "two"] {
        fs::create_dir(targets.join(name)).expect("a folder");
        fs::write(targets.join(name).join("Cargo.toml"), "[package").expect("a file");
    }
    let output = audit(&["run", "--targets", &targets.display().to_string()]);
    assert_eq!(output.status.code(), Some(2));
    for name in ["one", "two"] {
        let message = format!("/{name}/Cargo.toml");
        assert!(stderr(&output).contains(&message), "{}", stderr(&output));
    }
}

#[test]
fn cargo_runs_it_as_a_subcommand() {
    assert!(stdout(&audit(&["strideproof-audit", "--version"])).starts_with("strideproof-audit "));
}

#[test]
fn a_new_target_has_a_manifest_and_an_adapter() {
    let targets = folder("new").display().to_string();
    let arguments = ["new", "some-crate@1.2.3", "--targets", &targets];
    let output = audit(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let read = |file: &str| {
        fs::read_to_string(Path::new(&targets).join("some-crate-1.2.3").join(file)).expect("a file")
    };
    assert!(read("Cargo.toml").contains("\nsome-crate = \"=1.2.3\"\n"));
    assert!(read("Cargo.toml").contains("\nstrideproof-audit = { version = "));
    assert!(read("main.rs").contains("some_crate::function("));
    let again = audit(&arguments);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("there is already a folder"));
}

/// Builds the zoo's target, which takes a while, and looks at all that comes of it.
#[test]
fn a_run_reports_what_it_finds() {
    let out = folder("findings").display().to_string();
    let mut arguments = vec!["run", "target", "--targets", ZOO, "--profile", "debug"];
    for case in ["write_past", "use_after_free", "panics"] {
        arguments.extend(["--case", case]);
    }
    arguments.extend(["--requests", "40", "--format", "sarif", "--out", &out]);
    let output = audit(&arguments);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let log: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_valid(&log);
    let results = log["runs"][0]["results"].as_array().expect("results");
    let of = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).expect("a result");
    assert_eq!(of("out-of-bounds-write")["level"], "error");
    assert_eq!(of("panic")["level"], "note");
    let frame = &of("use-after-free")["stacks"][0]["frames"][0]["location"];
    assert_eq!(frame["physicalLocation"]["artifactLocation"]["uri"], "zoo-0.1.0/src/lib.rs");

    let folders =
        fs::read_dir(&out).expect("a folder").map(|entry| entry.expect("an entry").path());
    let freed = |path: &PathBuf| path.to_string_lossy().ends_with("-use-after-free");
    let folder = folders.into_iter().find(freed).expect("a folder of the finding");
    let read = |file: &str| fs::read_to_string(folder.join(file)).expect("a file");
    let report = read("report.md");
    assert!(report.starts_with("# zoo 0.1.0: use after free in `zoo::first_after`\n"), "{report}");
    assert!(report.lines().count() <= 45, "more than a screen:\n{report}");
    for part in ["Summary", "Threat model", "Impact", "Innermost frames", "Versions", "How found"] {
        assert!(report.contains(&format!("**{part}")), "{part} is missing in:\n{report}");
    }
    let repro = "#![forbid(unsafe_code)]\n#![allow(unused_mut, unused_variables)]\n\nfn main() {\n    let len = 1usize;\n    \
                 let mut buffer = vec![0u64; 1];\n    zoo::first_after(buffer);\n}\n";
    assert_eq!(read("repro.rs"), repro);
    assert!(read("advisory.md").starts_with("```toml\n[advisory]\nid = \"RUSTSEC-0000-0000\"\n"));
    assert!(read("finding.json").contains("\"class\": \"use-after-free\""));
    // It compiles by itself.
    let mut cargo = Command::new(env!("CARGO"));
    let cargo = cargo.args(["check", "--quiet", "--offline", "--target-dir"]);
    let status =
        cargo.arg(folder.join("target")).current_dir(&folder).status().expect("cargo runs");
    assert!(status.success());
}

/// The guard does not see a block of C's `malloc`; AddressSanitizer does, and the guard goes on seeing
/// the others.
#[test]
fn a_sanitizer_sees_blocks_of_c() {
    let nightly = Command::new("rustup").args(["run", "nightly", "rustc", "--version"]).output();
    if !nightly.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: no nightly toolchain here");
        return;
    }
    let found = |profile: &str| {
        let mut arguments = vec!["run", "target", "--targets", ZOO, "--profile", profile];
        arguments.extend(["--case", "foreign", "--case", "read_past", "--requests", "40"]);
        arguments.extend(["--format", "json"]);
        let output = audit(&arguments);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        stdout(&output)
    };
    assert!(!found("release").contains("AddressSanitizer"));
    let found = found("asan");
    assert!(found.contains("AddressSanitizer: heap-buffer-overflow"), "{found}");
    assert!(found.contains("near null, where empty buffers point"), "{found}");
}

/// The part of SARIF's schema that the command's output uses, with no other properties allowed.
fn assert_valid(log: &Value) {
    let schema: Value = serde_json::from_str(include_str!("sarif.schema.json")).expect("JSON");
    if let Err(error) = validate(log, &schema, &schema["definitions"]) {
        panic!("not valid: {error}");
    }
}

fn validate(value: &Value, schema: &Value, definitions: &Value) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        return validate(value, &definitions[name], definitions);
    }
    if let Some(values) = schema["enum"].as_array() {
        return if values.contains(value) {
            Ok(())
        } else {
            Err(format!("{value} is none of {values:?}"))
        };
    }
    match (schema["type"].as_str(), value) {
        (Some("string"), Value::String(_)) => Ok(()),
        (Some("integer"), Value::Number(number)) if number.is_u64() => Ok(()),
        (Some("array"), Value::Array(items)) => {
            items.iter().try_for_each(|item| validate(item, &schema["items"], definitions))
        }
        (Some("object"), Value::Object(fields)) => {
            let required = schema["required"].as_array().into_iter().flatten();
            for name in required.filter_map(Value::as_str) {
                if !fields.contains_key(name) {
                    return Err(format!("{name} is missing in {value}"));
                }
            }
            let Some(properties) = schema["properties"].as_object() else { return Ok(()) };
            fields.iter().try_for_each(|(name, field)| match properties.get(name) {
                Some(property) => validate(field, property, definitions),
                None => Err(format!("{name} is no property, in {value}")),
            })
        }
        (kind, _) => Err(format!("{value} is no {kind:?}")),
    }
}

#[test]
fn the_validator_refuses() {
    let wrong = [
        serde_json::json!({ "version": "2.0.0", "runs": [] }),
        serde_json::json!({ "runs": [] }),
        serde_json::json!({ "version": "2.1.0", "runs": [{}] }),
        serde_json::json!({ "version": "2.1.0", "runs": [], "more": 1 }),
    ];
    let schema: Value = serde_json::from_str(include_str!("sarif.schema.json")).expect("JSON");
    for log in wrong {
        assert!(validate(&log, &schema, &schema["definitions"]).is_err(), "{log}");
    }
}
