//! Hashes by which a kept result tells whether what it depends on has changed.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{Result, read};

#[derive(Default)]
pub(crate) struct Hash(Sha256);

impl Hash {
    pub(crate) fn add(&mut self, text: impl AsRef<[u8]>) {
        self.0.update(text);
    }

    /// A file by its path and its lines of code: comments and blank lines do not count, nor do lines
    /// that are `skipped`.
    pub(crate) fn code(&mut self, root: &Path, file: &str, skipped: fn(&str) -> bool) -> Result {
        self.add(file);
        for line in read(&root.join(file))?.lines().map(str::trim) {
            if !line.is_empty() && !line.starts_with("//") && !skipped(line) {
                self.add(line);
                self.add("\n");
            }
        }
        Ok(())
    }

    /// The first digits, which are enough.
    pub(crate) fn finish(self) -> String {
        self.0.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }
}
