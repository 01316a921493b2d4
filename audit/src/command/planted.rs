//! Faults planted into `strideproof` itself, which the kit has to find through its public interface.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::target::{Target, built_in};
use super::{Failure, Run};

/// `faults.toml` of the repository.
#[derive(Deserialize)]
struct Manifest {
    fault: Vec<Fault>,
}

/// An edit that makes the library wrong.
#[derive(Deserialize)]
pub(super) struct Fault {
    pub(super) name: String,
    pub(super) what: String,
    file: String,
    from: String,
    to: String,
}

/// A copy of the repository into which faults are planted one after the other.
pub(super) struct Copy {
    folder: PathBuf,
    faults: Vec<Fault>,
}

impl Copy {
    /// Copies what the target needs of the repository.
    pub(super) fn of(repository: &Path) -> Result<Self, Failure> {
        let folder = built_in().join("planted");
        fs::create_dir_all(&folder)?;
        for part in
            ["Cargo.toml", "README.md", "audit", "docs", "examples", "oracle", "proofs", "src"]
        {
            let mut copy = Command::new("cp");
            copy.args(["--recursive", "--preserve=timestamps"]);
            if !copy.arg(repository.join(part)).arg(&folder).status()?.success() {
                return Err(format!("{part} is not copied").into());
            }
        }
        let Manifest { fault } =
            toml::from_str(&fs::read_to_string(repository.join("faults.toml"))?)?;
        Ok(Self { folder, faults: fault })
    }

    pub(super) fn fault(&self, name: &str) -> Result<&Fault, Failure> {
        let mut faults = self.faults.iter();
        faults
            .find(|fault| fault.name == name)
            .ok_or_else(|| format!("there is no fault {name}").into())
    }

    /// Runs the target with a fault planted.
    pub(super) fn with<'a>(
        &self,
        fault: &Fault,
        run: impl FnOnce(&Target) -> Result<Run, Failure> + 'a,
    ) -> Result<Run, Failure> {
        let path = self.folder.join(&fault.file);
        let sound = fs::read_to_string(&path)?;
        if sound.matches(&fault.from).count() != 1 {
            return Err(format!("fault {} has no place of its own", fault.name).into());
        }
        fs::write(&path, sound.replace(&fault.from, &fault.to))?;
        let target = Target::new(&self.folder.join("audit/targets"), "strideproof");
        let result = target.and_then(|target| run(&target));
        fs::write(&path, sound)?;
        result
    }
}
