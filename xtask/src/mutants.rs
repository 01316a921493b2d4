//! What the ledger asks about planted faults.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::census::Census;
use crate::{Result, faults, read};

/// Hashes a file, and what else a result depends on.
pub(crate) fn hash(root: &Path, file: &str, parts: &[&str]) -> Result<String> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update("\n");
    }
    hash.update(read(&root.join(file))?);
    Ok(hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect())
}

/// Makes an edit whose anchor occurs exactly once.
pub(crate) fn plant(
    name: &str,
    file: &str,
    text: &str,
    find: &str,
    replace: &str,
) -> Result<String> {
    match text.matches(find).count() {
        1 => Ok(text.replacen(find, replace, 1)),
        n => Err(format!("{name}: its anchor occurs {n} times in {file}")),
    }
}

pub(crate) struct Mutant {
    pub(crate) name: String,
    pub(crate) fault: String,
    pub(crate) harness: String,
    pub(crate) check: String,
    refuted: (bool, bool),
}

pub(crate) fn load(root: &Path) -> Result<Vec<Mutant>> {
    let (census, results) = (Census::load(root)?, faults::Results::load(root)?);
    let mut mutants = Vec::new();
    for fault in faults::load(root)? {
        let Some(name) = &fault.kani else { continue };
        let end = format!("::{name}");
        let harness = census.harness.iter().find(|harness| harness.name.ends_with(&end));
        mutants.push(Mutant {
            refuted: (
                results.noticed(root, &fault, faults::By::Kani),
                results.noticed(root, &fault, faults::By::Tests),
            ),
            harness: harness.map(|harness| harness.name.clone()).unwrap_or_default(),
            name: fault.name,
            fault: fault.what,
            check: fault.check.unwrap_or_default(),
        });
    }
    Ok(mutants)
}

pub(crate) struct Results;

impl Results {
    pub(crate) fn load(_: &Path) -> Result<Self> {
        Ok(Self)
    }

    pub(crate) fn refuted_by_kani(&self, _: &Path, mutant: &Mutant) -> bool {
        mutant.refuted.0
    }

    pub(crate) fn refuted_by_tests(&self, _: &Path, mutant: &Mutant) -> bool {
        mutant.refuted.1
    }
}
