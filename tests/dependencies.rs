//! Dependencies between the modules of `src/` point one way: as the table in `CONTRIBUTING.md` says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

/// The modules of each row of the table, lowest first. Code uses what stands in earlier rows, and
/// nothing of its own row but its own module.
static FLOORS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let text = contributing();
    let (_, table) = text.split_once("| modules of `src/` |").expect("the table of modules");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let modules = rows.filter_map(|row| row.split('|').nth(1));
    modules.map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()).collect()
});

fn contributing() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("CONTRIBUTING.md");
    std::fs::read_to_string(path).expect("CONTRIBUTING.md")
}

/// The row of a module, by the longest part of its path that has one.
fn floor(path: &[String]) -> Option<(usize, &'static str)> {
    let found = |length: usize| {
        let name = path.get(..length)?.join("/");
        FLOORS.iter().enumerate().find_map(|(floor, modules)| {
            Some((floor, modules.iter().find(|module| **module == name)?.as_str()))
        })
    };
    (1..=path.len()).rev().find_map(found)
}

/// The code of a file: no comments, no unit tests.
fn code(text: &str) -> String {
    let lines = text.lines().take_while(|line| !line.trim().starts_with("#[cfg(test)]"));
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The paths in a use tree after `crate` or `super`: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(text: &str, before: &[String], out: &mut Vec<Vec<String>>) {
    let text = text.trim_start();
    if let Some(list) = text.strip_prefix('{') {
        let (mut depth, mut start) = (0, 0);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    if !list[start..at].trim().is_empty() {
                        expand(&list[start..at], before, out);
                    }
                    start = at + 1;
                    if c == '}' {
                        return;
                    }
                }
                _ => {}
            }
        }
        return;
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let path: Vec<_> = before.iter().cloned().chain([text[..end].to_owned()]).collect();
    match text[end..].strip_prefix("::") {
        Some(rest) => expand(rest, &path, out),
        None => out.push(path),
    }
}

/// All paths in some code of `module` that begin with `crate` or `super`, from the crate's root. A
/// `super` may stand in a module within the file and name what is in the file: these are marked.
fn paths(code: &str, module: &[String]) -> Vec<(bool, Vec<String>)> {
    let mut found = Vec::new();
    for (start, before) in [("crate::", &[][..]), ("super::", &module[..module.len().max(1) - 1])] {
        for (at, _) in code.match_indices(start) {
            let own = code[..at].chars().next_back();
            if own.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') {
                let mut out = Vec::new();
                expand(&code[at + start.len()..], before, &mut out);
                found.extend(out.into_iter().map(|path| (start == "super::", path)));
            }
        }
    }
    found
}

/// What `lib.rs` offers under another path than its own.
fn exports(lib: &str) -> BTreeMap<String, Vec<String>> {
    let mut exports = BTreeMap::new();
    for item in lib.split(';') {
        let Some((_, tree)) =
            item.split_once("pub use ").or_else(|| item.split_once("pub(crate) use "))
        else {
            continue;
        };
        let mut out = Vec::new();
        expand(tree.trim_start_matches("crate::"), &[], &mut out);
        exports.extend(out.into_iter().filter_map(|path| Some((path.last()?.clone(), path))));
    }
    exports
}

fn files(folder: &Path, module: &[String], out: &mut Vec<(Vec<String>, String)>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let inner: Vec<_> = module.iter().cloned().chain([stem.clone()]).collect();
        if path.is_dir() {
            files(&path, &inner, out);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !stem.ends_with("tests")
        {
            let module = if stem == "mod" { module.to_vec() } else { inner };
            out.push((module, code(&std::fs::read_to_string(&path).unwrap())));
        }
    }
}

/// Each use of a module on the same floor or above, as a sentence.
fn climbs(
    files: &[(Vec<String>, String)],
    exports: &BTreeMap<String, Vec<String>>,
) -> BTreeSet<String> {
    let mut wrong = BTreeSet::new();
    for (module, code) in files {
        let Some((from, name)) = floor(module) else {
            wrong.insert(format!("{} is in no row of the table", module.join("/")));
            continue;
        };
        for (own, path) in paths(code, module) {
            let target = floor(&path).or_else(|| floor(exports.get(path.first()?)?));
            match target {
                Some((to, used)) if to >= from && used != name => {
                    wrong.insert(format!("{name} uses {used}: {}", path.join("::")));
                }
                None if !own => {
                    wrong.insert(format!("{name} uses {}, which is nowhere", path.join("::")));
                }
                _ => {}
            }
        }
    }
    wrong
}

#[test]
fn dependencies_point_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &[], &mut found);
    let lib = found.iter().find(|(module, _)| *module == ["lib"]).expect("src/lib.rs");
    let wrong = climbs(&found, &exports(&lib.1));
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_use_upwards_is_seen_however_it_is_written() {
    let exports = exports("pub use layout::Layout;\npub use view::{IndexedIter as _, View};");
    let wrong = |module: &str, text: &str| {
        let module = module.split('/').map(String::from).collect();
        climbs(&[(module, code(text))], &exports).len()
    };
    assert_eq!(
        wrong("view", "use crate::{Layout, kernel::{self, Side}};\ncrate::ops::select::at();"),
        0
    );
    assert_eq!(wrong("view", "crate::ops::accept();"), 1);
    assert_eq!(wrong("kernel", "use crate::error::Error;"), 1);
    assert_eq!(wrong("layout", "use crate::{\n    error::Error,\n    View,\n};"), 1);
    assert_eq!(wrong("ops/select", "use super::slice::Slice;"), 1);
    assert_eq!(wrong("ops/slice", "use super::select;\nlet x = crate::as_strided::x();"), 1);
    assert_eq!(wrong("error", "use super::kernel;\nuse super::layout::Layout;"), 1);
    assert_eq!(wrong("display", "use crate::iter::Iter;"), 1);
    assert_eq!(wrong("kernel", "use crate::nowhere;"), 1);
    assert_eq!(wrong("kernel", "/// See [`crate::view`].\n#[cfg(test)]\nuse crate::view;"), 0);
    assert_eq!(wrong("elsewhere", ""), 1);
}

#[test]
fn what_contributing_names_exists() {
    let (root, text) = (Path::new(env!("CARGO_MANIFEST_DIR")), contributing());
    let (names, _) = text.split_once("## Rules").expect("the tables come first");
    let names = names.split('`').skip(1).step_by(2);
    for name in names.filter(|name| name.contains('/') && !name.contains([' ', '*'])) {
        // Modules are named by their paths below `src`.
        let module = root.join("src").join(name).with_extension("rs");
        assert!(root.join(name).exists() || module.exists(), "there is no {name}");
    }
}
