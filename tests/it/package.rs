//! What the published package holds: `include` in `Cargo.toml`.

use std::fs::read_to_string;
use std::path::{Component, Path, PathBuf};

/// The patterns of `include`, and those that take files out again.
fn patterns() -> (Vec<String>, Vec<String>) {
    let manifest = read_to_string("Cargo.toml").expect("the manifest");
    let (_, list) = manifest.split_once("\ninclude = [").expect("what is included");
    let (list, _) = list.split_once(']').expect("the end of the list");
    let all = list.split('"').skip(1).step_by(2).map(String::from);
    let (without, with): (Vec<_>, Vec<_>) = all.partition(|pattern| pattern.starts_with('!'));
    (with, without.into_iter().map(|pattern| pattern[1..].to_owned()).collect())
}

fn is_shipped(path: &Path, (with, without): &(Vec<String>, Vec<String>)) -> bool {
    let name = path.to_str().expect("a plain name");
    let matches = |pattern: &String| match pattern.split_once('*') {
        Some((start, _)) => name.starts_with(start),
        None => name == pattern,
    };
    with.iter().any(matches) && !without.iter().any(matches)
}

/// The documents and sources below a folder.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            documents(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md" || extension == "rs") {
            found.push(path);
        }
    }
}

/// The files that the links of a text lead to. Names of items and addresses are none.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    ends.filter(|link| link.contains(['.', '/']) && !link.contains([':', ' ', ',', '(']))
}

#[test]
fn links_of_what_is_shipped_lead_to_what_is_shipped() {
    let patterns = patterns();
    let mut found = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(PathBuf::from).to_vec();
    ["docs", "examples", "proofs", "src"]
        .iter()
        .for_each(|folder| documents(Path::new(folder), &mut found));
    found.retain(|path| is_shipped(path, &patterns));
    assert!(found.len() > 5, "the documents: {found:?}");
    for document in &found {
        let text = read_to_string(document).expect("a document");
        for link in links(&text) {
            let mut target = PathBuf::new();
            for part in document.parent().expect("a folder").join(link).components() {
                match part {
                    Component::ParentDir => assert!(target.pop(), "{document:?}: {link}"),
                    part => target.push(part),
                }
            }
            let exists = target.exists() && is_shipped(&target, &patterns);
            assert!(exists, "{document:?} links to {link}, which is not in the package");
        }
    }
}
