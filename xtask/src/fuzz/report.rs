//! Numbers and tables, and the committed one: `fuzz/MUTANTS.md`.

use std::fmt::Write as _;
use std::path::Path;

use super::planted::{Fault, Results};
use crate::{Result, read, save};

/// Digits in groups of three.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share in per cent, with both numbers.
pub(super) fn share(part: usize, whole: usize) -> String {
    let per_mille = (part * 1000).checked_div(whole).unwrap_or(0);
    format!("{}.{} % of {whole}", per_mille / 10, per_mille % 10)
}

/// Columns under each other, the first one to the left and the others to the right.
pub(super) fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        lines.iter().filter_map(|cells| Some(cells.get(column)?.len())).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let mut out = String::new();
    for cells in lines {
        let mut line = String::new();
        for (column, (cell, &width)) in cells.iter().zip(&widths).enumerate() {
            let _ = match column {
                0 => write!(line, "{cell:<width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}

const HEAD: &str = "\
# Planted faults

Each is one edit of a copy (`proofs/mutants.toml`, `fuzz/mutants.toml`). The target named here found
it from an empty corpus with `-seed=1`, after so many executions; the unchanged copy was clean for at
least as many. *AddressSanitizer* means that memory outside the buffer was touched, *oracle* that an
answer or an element was not the specification's, *overflow check* that arithmetic left its type.
Written by `cargo xtask fuzz --mutants`, never by hand; *stale* means that the file has changed since.

";

fn text(root: &Path) -> Result<String> {
    let faults = Fault::load(root)?;
    let results = Results::load(root)?;
    let mut out = String::from(HEAD);
    out += "| mutant | fault | file | target | executions | found by |\n";
    out += "| --- | --- | --- | --- | --: | --- |\n";
    let mut equivalents = String::new();
    for fault in &faults {
        let text = fault.fault.replace('|', "\\|");
        if let Some(why) = &fault.equivalent {
            let _ =
                writeln!(equivalents, "- **{}** ({}, `{}`): {why}", fault.name, text, fault.file);
            continue;
        }
        let (target, runs, by) = match results.mutants.get(&fault.name) {
            None => (String::new(), String::new(), "not run".to_owned()),
            Some(found) if found.hash != fault.hash(root, &found.target)? => {
                (String::new(), String::new(), "stale".to_owned())
            }
            Some(found) => (format!("`{}`", found.target), thousands(found.runs), found.by.clone()),
        };
        let _ = writeln!(
            out,
            "| {} | {text} | `{}` | {target} | {runs} | {by} |",
            fault.name, fault.file
        );
    }
    if !equivalents.is_empty() {
        out += "\nNot faults after all, as seen from outside, and found by no target:\n\n";
        out += &equivalents;
    }
    Ok(out)
}

pub(super) fn write(root: &Path) -> Result {
    save(&root.join("fuzz/MUTANTS.md"), &text(root)?)
}

/// Fails when the table says anything else than what results and sources support.
pub(super) fn check(root: &Path) -> Result {
    let (stands, expected) = (read(&root.join("fuzz/MUTANTS.md"))?, text(root)?);
    if stands == expected {
        println!("the table of planted faults claims what the sources support");
        return Ok(());
    }
    let line = stands.lines().zip(expected.lines()).find(|(a, b)| a != b);
    let (is, should) = line.unwrap_or(("(its length)", ""));
    Err(format!(
        "fuzz/MUTANTS.md does not say what the sources support; run `cargo xtask fuzz --mutants`, \
         or `cargo xtask fuzz --write` to say so.\n  it says: {is}\n  it should: {should}"
    ))
}

#[cfg(test)]
mod tests {
    use super::{aligned, share, thousands};

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [share(0, 0), share(1, 3), share(7, 7)],
            ["0.0 % of 0", "33.3 % of 3", "100.0 % of 7"]
        );
        let cells = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        assert_eq!(aligned(&[cells("name", "runs"), cells("x", "1")]), "name  runs\nx        1\n");
    }
}
