//! Targets: packages of their own, each with a lockfile, that hold an adapter for one crate.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::{Failure, Run, RunArguments};
use crate::finding::{Line, Summary};

/// A folder with an adapter.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    /// The name of the folder.
    pub name: String,
    /// The crate under audit.
    pub package: Package,
    /// The crate and what else a reproduction needs, as lines of a manifest.
    #[serde(skip)]
    pub dependencies: Vec<String>,
    /// `package.metadata.audit` of the manifest: what the target says of itself.
    pub metadata: serde_json::Value,
    /// Where the target is.
    pub folder: PathBuf,
}

/// A crate.
#[derive(Clone, Debug, Serialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where its sources are.
    #[serde(skip)]
    pub folder: PathBuf,
    /// Where its repository is.
    pub repository: Option<String>,
}

// What is used of the output of `cargo metadata`.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Described>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    root: Option<String>,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    version: String,
    id: String,
    manifest_path: PathBuf,
    repository: Option<String>,
    dependencies: Vec<Dependency>,
    metadata: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    rename: Option<String>,
    uses_default_features: bool,
    features: Vec<String>,
    path: Option<PathBuf>,
    /// `dev`, `build` or none.
    kind: Option<String>,
}

impl Dependency {
    /// Its line in a manifest.
    fn line(&self) -> String {
        let Self { name, req, rename, uses_default_features, features, path, kind: _ } = self;
        let mut parts = Vec::new();
        match path {
            Some(path) => parts.push(format!("path = {path:?}")),
            None => parts.push(format!("version = {req:?}")),
        }
        if rename.is_some() {
            parts.push(format!("package = {name:?}"));
        }
        if !uses_default_features {
            parts.push("default-features = false".to_owned());
        }
        if !features.is_empty() {
            parts.push(format!("features = {features:?}"));
        }
        let key = rename.as_ref().unwrap_or(name);
        match parts.as_slice() {
            [_] if path.is_none() => format!("{key} = {req:?}"),
            parts => format!("{key} = {{ {} }}", parts.join(", ")),
        }
    }
}

impl Target {
    /// These names, each of which has to be that of a target, or those of all targets of a folder.
    pub(super) fn names(folder: &Path, names: &[String]) -> Result<Vec<String>, Failure> {
        if !folder.is_dir() {
            let folder = folder.display();
            return Err(
                format!("there is no folder {folder}; `--targets DIR` names another").into()
            );
        }
        let mut names = names.to_vec();
        if names.is_empty() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if entry.path().join("Cargo.toml").is_file() {
                    names.push(entry.file_name().to_string_lossy().into_owned());
                }
            }
            names.sort();
        }
        if names.is_empty() {
            return Err(format!("there are no targets in {}", folder.display()).into());
        }
        let is_missing = |name: &&String| !folder.join(name).join("Cargo.toml").is_file();
        match names.iter().find(is_missing) {
            Some(name) => Err(format!("there is no target {name} in {}", folder.display()).into()),
            None => Ok(names),
        }
    }

    /// The target of a name.
    pub(super) fn new(folder: &Path, name: &str) -> Result<Self, Failure> {
        let manifest = folder.join(name).join("Cargo.toml");
        let mut cargo = cargo();
        cargo.args(["metadata", "--format-version", "1", "--manifest-path"]).arg(&manifest);
        let output = cargo.stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(format!("cargo does not take {}", manifest.display()).into());
        }
        let Metadata { packages, resolve } = serde_json::from_slice(&output.stdout)?;
        let root = packages.iter().find(|package| Some(&package.id) == resolve.root.as_ref());
        let root = root.ok_or_else(|| format!("target {name} is no package"))?;
        let metadata = root.metadata.as_ref().and_then(|metadata| metadata.get("audit"));
        let metadata = metadata.cloned().unwrap_or_default();
        let others: Vec<_> = root
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind.is_none())
            .filter(|dependency| dependency.name != "strideproof-audit")
            .collect();
        let named = metadata.get("crate").and_then(serde_json::Value::as_str);
        let is_exact = |dependency: &&&Dependency| dependency.req.starts_with('=');
        let pinned = others.iter().find(is_exact).or(others.first());
        let audited = named.or(pinned.map(|pinned| pinned.name.as_str()));
        // Where two versions of the crate are in the graph, the target's own requirement is exact.
        let requirement =
            others.iter().find(|dependency| Some(dependency.name.as_str()) == audited);
        let exact = requirement.and_then(|dependency| dependency.req.strip_prefix('='));
        let package = packages.iter().find(|package| {
            Some(package.name.as_str()) == audited
                && exact.is_none_or(|version| version == package.version)
        });
        let package =
            package.ok_or_else(|| format!("target {name} depends on no crate to audit"))?;
        Ok(Self {
            name: name.to_owned(),
            package: Package {
                name: package.name.clone(),
                version: package.version.clone(),
                folder: package.manifest_path.parent().unwrap_or(Path::new("")).to_owned(),
                repository: package.repository.clone(),
            },
            dependencies: others.into_iter().map(Dependency::line).collect(),
            metadata,
            folder: folder.join(name),
        })
    }

    /// Builds the target and returns its program.
    pub(super) fn build(&self, profile: &str) -> Result<PathBuf, Failure> {
        let mut cargo = if profile == "asan" { sanitizing()? } else { cargo() };
        cargo
            .args(["build", "--quiet", "--message-format", "json-render-diagnostics"])
            // The guard is not what is audited, and fills and compares pages.
            .args(["--config", "profile.dev.package.strideproof-audit.opt-level=3"])
            .arg("--manifest-path")
            .arg(self.folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(built_in())
            // For the frames of a finding.
            .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only");
        if profile != "debug" {
            cargo.arg("--release");
        }
        if profile == "asan" {
            cargo.args(["--features", "strideproof-audit/asan"]);
        }
        let output = cargo.stderr(Stdio::inherit()).output()?;
        let messages = output.stdout.split(|&byte| byte == b'\n');
        let mut programs = messages.filter_map(|message| {
            let message: serde_json::Value = serde_json::from_slice(message).ok()?;
            Some(PathBuf::from(message.get("executable")?.as_str()?))
        });
        match programs.next_back() {
            Some(program) if output.status.success() => Ok(program),
            _ => Err(format!("target {} does not build ({profile})", self.name).into()),
        }
    }

    /// Runs the target's program.
    pub(super) fn run(
        &self,
        program: &Path,
        profile: &str,
        requests: u64,
        options: &RunArguments,
        mut progress: impl FnMut(&Summary),
    ) -> Result<Run, Failure> {
        let mut command = Command::new(program);
        command.args(["--seed", &options.seed.to_string()]);
        command.args(["--requests", &requests.to_string()]);
        if let Some(seconds) = options.seconds {
            command.args(["--seconds", &seconds.to_string()]);
        }
        for case in &options.cases {
            command.args(["--case", case]);
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("a target has no standard output")?;
        let mut run = Run { profile: profile.to_owned(), cases: Vec::new(), findings: Vec::new() };
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            let line = serde_json::from_str(&line)
                .map_err(|error| format!("target {} says {line:?}: {error}", self.name))?;
            match line {
                Line::Progress(summary) => progress(&summary),
                Line::Finding(finding) => run.findings.push(*finding),
                Line::Summary(summary) => run.cases.push(summary),
            }
        }
        let status = child.wait()?;
        if !status.success() {
            return Err(format!("target {} ends with {status} ({profile})", self.name).into());
        }
        Ok(run)
    }
}

/// Where targets are built.
pub(super) fn built_in() -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    Path::new(&folder).join("audit")
}

/// A nightly cargo that builds with AddressSanitizer.
fn sanitizing() -> Result<Command, Failure> {
    let rustc = Command::new("rustup").args(["run", "nightly", "rustc", "-vV"]).output();
    let version = rustc.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    let version = version.ok_or("the profile asan needs rustup and a nightly toolchain")?;
    let version = String::from_utf8_lossy(&version).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let mut cargo = Command::new("rustup");
    cargo.args(["run", "nightly", "cargo"]);
    // With a target named, the flags are not those of build scripts.
    cargo.env("CARGO_BUILD_TARGET", host.ok_or("rustc names no host")?);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", "-Zsanitizer=address");
    // Both are the calling toolchain's where cargo runs this.
    cargo.env_remove("CARGO").env_remove("RUSTC");
    Ok(cargo)
}

/// The cargo that runs this, or the one on the path.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
