//! Where a crate's source is: on this machine, or brought by cargo.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::error::Error;

/// A crate whose source is on this machine.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name, as in its `Cargo.toml`.
    pub name: String,
    /// Its version; empty for a single file.
    pub version: String,
    /// The folder that paths in a report are relative to.
    pub folder: PathBuf,
    /// The files that its module tree starts from: its library, or else its programs.
    pub roots: Vec<PathBuf>,
}

impl Package {
    fn unversioned(name: String, folder: &Path, root: PathBuf) -> Self {
        Self { name, version: String::new(), folder: folder.to_owned(), roots: vec![root] }
    }
}

/// The crates that a target stands for: a `.rs` file, a folder with a crate or a workspace, or
/// `NAME@VERSION` of a published crate, which cargo downloads unless it already has it.
///
/// # Errors
///
/// If there is no such crate, or cargo cannot bring it.
pub fn locate(target: &str) -> Result<Vec<Package>, Error> {
    let path = Path::new(target);
    if path.exists() {
        return local(path);
    }
    match target.split_once('@') {
        Some((name, version)) if is_name(name) && is_version(version) => {
            local(&published(name, version)?)
        }
        _ => Err(Error::NoSuchTarget(target.to_owned())),
    }
}

/// Cargo's rule for names; what passes cannot be mistaken for a flag or a path.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn is_version(version: &str) -> bool {
    version.starts_with(|c: char| c.is_ascii_digit())
        && version.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c))
}

fn local(path: &Path) -> Result<Vec<Package>, Error> {
    if path.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = path.parent().unwrap_or(Path::new(""));
        return Ok(vec![Package::unversioned(name, folder, path.to_owned())]);
    }
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let packages = workspace(folder).unwrap_or_else(|| by_convention(folder));
    if packages.is_empty() {
        return Err(Error::NoCrate(path.to_owned()));
    }
    Ok(packages)
}

/// What `cargo metadata` says, which needs no network: dependencies are not resolved.
fn workspace(folder: &Path) -> Option<Vec<Package>> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let metadata: Value = serde_json::from_slice(&output.stdout).ok()?;
    let packages = metadata["packages"].as_array()?.iter().filter_map(package).collect();
    Some(packages)
}

fn package(value: &Value) -> Option<Package> {
    let manifest = Path::new(value["manifest_path"].as_str()?);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let roots_of = |kinds: &[&str]| -> Vec<PathBuf> {
        let is_kind = |kind: &Value| kind.as_str().is_some_and(|kind| kinds.contains(&kind));
        let mut targets = list(&value["targets"]);
        targets.retain(|target| list(&target["kind"]).iter().any(is_kind));
        targets.iter().filter_map(|target| target["src_path"].as_str().map(PathBuf::from)).collect()
    };
    let mut roots = roots_of(&["lib", "rlib", "dylib", "cdylib", "staticlib"]);
    if roots.is_empty() {
        roots = roots_of(&["bin"]);
    }
    (!roots.is_empty()).then(|| Package {
        name: value["name"].as_str().unwrap_or_default().to_owned(),
        version: value["version"].as_str().unwrap_or_default().to_owned(),
        folder: manifest.parent().unwrap_or(manifest).to_owned(),
        roots,
    })
}

/// Without a manifest that cargo accepts, the crate is where cargo would look for it.
fn by_convention(folder: &Path) -> Vec<Package> {
    let mut roots = ["src/lib.rs", "src/main.rs"].map(|file| folder.join(file)).into_iter();
    let Some(root) = roots.find(|file| file.is_file()) else { return Vec::new() };
    let real = folder.canonicalize().unwrap_or_default();
    let name = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
    vec![Package::unversioned(name, folder, root)]
}

/// The folder of a published crate in cargo's cache; `cargo info` downloads it and nothing else.
fn published(name: &str, version: &str) -> Result<PathBuf, Error> {
    if let Some(folder) = cached(name, version) {
        return Ok(folder);
    }
    let failed = |message: String| Error::Cargo { target: format!("{name}@{version}"), message };
    // Elsewhere than in a workspace, whose lock file would choose another version.
    let output = Command::new("cargo")
        .args(["info", "--color", "never", "--registry", "crates-io"])
        .arg(format!("{name}@{version}"))
        .current_dir(std::env::temp_dir())
        .output()
        .map_err(|error| failed(format!("cargo does not run: {error}")))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let resolved = said
        .lines()
        .find_map(|line| line.strip_prefix("version: "))
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or(version);
    cached(name, resolved)
        .ok_or_else(|| failed(format!("no folder {name}-{resolved} in cargo's cache afterwards")))
}

fn cached(name: &str, version: &str) -> Option<PathBuf> {
    let home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir()?.join(".cargo"),
    };
    std::fs::read_dir(home.join("registry").join("src"))
        .ok()?
        .filter_map(|index| Some(index.ok()?.path().join(format!("{name}-{version}"))))
        .find(|folder| folder.join("Cargo.toml").is_file())
}
