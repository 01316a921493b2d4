//! Input that no crate should be, and that must be reported within bounds and without a panic.

use std::fs;
use std::path::Path;

use strideproof_scan::{Error, Report, Without, locate, scan};

const SOUND: &str = "pub fn first(values: &[u8]) -> Option<&u8> { values.first() }\n";

/// Scans a crate of these files; what ends in `/` is a folder.
fn of(files: &[(&str, &[u8])]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
        } else {
            fs::write(path, content).unwrap();
        }
    }
    in_folder(folder.path())
}

fn in_folder(folder: &Path) -> Report {
    let packages = locate(folder.to_str().unwrap()).unwrap();
    let report = scan(&packages[0], Without::default()).unwrap();
    // Each report can be written.
    assert!(report.to_text(10).contains("unchecked accesses"));
    assert_eq!(report.to_json(10)["schema"], 1);
    assert_eq!(strideproof_scan::to_sarif(&[report], 10)["version"], "2.1.0");
    scan(&packages[0], Without::default()).unwrap()
}

/// The only reason why something was skipped.
fn reason(report: &Report) -> &str {
    assert_eq!(report.skipped.len(), 1, "{:?}", report.skipped);
    &report.skipped[0].reason
}

#[test]
fn what_is_no_rust_is_skipped_with_its_line() {
    let report = of(&[
        ("src/lib.rs", b"mod sound;\nmod broken;"),
        ("src/sound.rs", SOUND.as_bytes()),
        ("src/broken.rs", b"fn first() {\n    let x = ;\n}\n"),
    ]);
    assert_eq!(report.files, 2);
    assert!(reason(&report).starts_with("line 2: "), "{:?}", report.skipped);

    for broken in [&b"fn first() {"[..], b"fn \"", b"\xff\xfe", b"\0", b"'", b"/*"] {
        let report = of(&[("src/lib.rs", broken)]);
        assert_eq!((report.files, report.skipped.len()), (0, 1), "{broken:?}");
    }
    assert_eq!(of(&[("src/lib.rs", b"")]).files, 1);
    assert_eq!(of(&[("src/lib.rs", b"\xef\xbb\xbf#!/bin/run\nfn first() {}")]).files, 1);
}

#[test]
fn missing_modules_are_reported_unless_a_feature_may_leave_them_out() {
    let report = of(&[("src/lib.rs", b"mod gone;\n#[cfg(feature = \"x\")] mod optional;")]);
    assert_eq!(reason(&report), "there is no such file");
    let report = of(&[("src/lib.rs", b"#[path = \"folder\"] mod folder;"), ("src/folder/", b"")]);
    assert_eq!(reason(&report), "not a regular file");
}

#[test]
fn circles_of_modules_end() {
    let report = of(&[
        ("src/lib.rs", b"#[path = \"lib.rs\"] mod again; #[path = \"a.rs\"] mod a;"),
        ("src/a.rs", b"#[path = \"lib.rs\"] mod up; #[path = \"a.rs\"] mod me;"),
    ]);
    assert_eq!((report.files, report.skipped.len()), (2, 0));
}

#[cfg(unix)]
#[test]
fn circles_of_links_end() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("src");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("lib.rs"), "mod link; mod endless;").unwrap();
    std::os::unix::fs::symlink(source.join("lib.rs"), source.join("link.rs")).unwrap();
    std::os::unix::fs::symlink(source.join("endless.rs"), source.join("endless.rs")).unwrap();
    let report = in_folder(folder.path());
    assert_eq!(report.files, 1);
    assert_eq!(report.skipped.len(), 1, "{:?}", report.skipped);
}

#[test]
fn what_nests_too_deep_is_skipped() {
    let nested = |open: &str, close: &str, times: usize| {
        format!("fn f() {{ let x = {}1{}; }}", open.repeat(times), close.repeat(times))
    };
    for (open, close) in [
        ("(", ")"),
        ("!", ""),
        ("{", "}"),
        ("[", "]"),
        ("if a {} else ", "{}"),
        ("&", ""),
        ("a.b(", ")"),
        ("|x| ", ""),
        ("1 + ", ""),
        ("", ".a()"),
        ("", "?"),
        ("-(", ")"),
    ] {
        let report = of(&[("src/lib.rs", nested(open, close, 60_000).as_bytes())]);
        let reason = reason(&report);
        assert!(reason.contains("tokens depend on each other"), "{open}{close}: {reason}");
        // As deep as is admitted, by each of the constructs.
        let report = of(&[("src/lib.rs", nested(open, close, 500).as_bytes())]);
        assert!(report.skipped.len() < 2, "{open}{close}: {:?}", report.skipped);
    }
    let types = format!("type T = {}u8{};", "Vec<".repeat(60_000), ">".repeat(60_000));
    assert!(reason(&of(&[("src/lib.rs", types.as_bytes())])).contains("tokens depend"));
}

#[test]
fn what_is_too_large_is_skipped() {
    let large = "// a comment\n".repeat(400_000);
    assert!(reason(&of(&[("src/lib.rs", large.as_bytes())])).contains("bytes are more than"));
}

#[test]
fn what_repeats_itself_takes_bounded_time() {
    let mut source = String::from("pub fn f(a: usize, v: &[u8]) -> u8 {\n");
    for _ in 0..20_000 {
        source.push_str("if a > v.len() { return 0; } unsafe { v.get_unchecked(a); }\n");
    }
    source.push_str("0 }\n");
    let start = std::time::Instant::now();
    of(&[("src/lib.rs", source.as_bytes())]);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn what_is_no_crate_is_an_error() {
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(locate(empty.path().to_str().unwrap()), Err(Error::NoCrate(_))));
    for target in ["", "nowhere", "no/where", "@1", "a@", "--help@1.0.0", "a b@1", "../x@1", "x@y"]
    {
        assert!(matches!(locate(target), Err(Error::NoSuchTarget(_))), "{target}");
    }
}
