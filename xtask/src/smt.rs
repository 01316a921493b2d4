//! The arithmetic of T1, T2, T4, T6 and T7 as SMT-LIB files, checked without Kani.

use std::path::Path;
use std::process::Command;

use crate::{Result, read};

/// Each file must get the answer it states: theorems `unsat`, controls `sat`.
pub(crate) fn run(root: &Path) -> Result {
    let mut checked = 0;
    let mut wrong = Vec::new();
    for folder in ["proofs/smt", "proofs/smt/controls"] {
        let entries =
            std::fs::read_dir(root.join(folder)).map_err(|error| format!("{folder}: {error}"))?;
        let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "smt2"));
        files.sort();
        for file in files {
            let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            let expected = if folder.ends_with("controls") { "sat" } else { "unsat" };
            if !read(&file)?.contains(&format!("(set-info :status {expected})")) {
                return Err(format!("{name} must state (set-info :status {expected})"));
            }
            let output = Command::new("cvc5")
                .args(["--solve-bv-as-int=sum", "--tlimit=60000"])
                .arg(&file)
                .output()
                .map_err(|error| format!("cvc5 (Debian: apt-get install cvc5): {error}"))?;
            let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            println!("{name}: {answer}");
            checked += 1;
            if answer != expected {
                wrong.push(format!("{name}: expected {expected}, got '{answer}'"));
            }
        }
    }
    if wrong.is_empty() && checked > 0 {
        println!("{checked} files as stated");
        return Ok(());
    }
    Err(wrong.join("; "))
}
