//! Numbers, tables and files that are made of them.

use std::fmt::Write as _;
use std::path::Path;

use crate::{Result, read};

/// Digits in groups of three.
pub(crate) fn thousands(number: u64) -> String {
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

/// The last lines of a text.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let last: Vec<_> = text.lines().rev().take(lines).collect();
    last.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// A text in a cell of a Markdown table.
pub(crate) fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// Fails when a generated file is not what it would be now, and names the first line.
pub(crate) fn same(root: &Path, name: &str, expected: &str, command: &str) -> Result {
    let found = read(&root.join(name))?;
    if found == expected {
        return Ok(());
    }
    let line = found.lines().zip(expected.lines()).find(|(a, b)| a != b);
    let (is, should) = line.unwrap_or(("(its length)", ""));
    Err(format!(
        "{name} does not say what the sources support; `{command}` writes it anew.\n  \
         it says: {is}\n  it should: {should}"
    ))
}

/// The project's README with the part replaced that begins so.
pub(crate) fn readme(root: &Path, begin: &str, part: &str) -> Result<String> {
    const END: &str = "<!-- end -->";
    let text = read(&root.join("README.md"))?;
    let missing = || format!("README.md has no part from {begin:?} to {END}");
    let (before, rest) = text.split_once(begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{before}{begin}{part}{END}{after}"))
}

/// A share in per cent, with both numbers.
pub(crate) fn share(part: usize, whole: usize) -> String {
    let per_mille = (part * 1000).checked_div(whole).unwrap_or(0);
    format!("{}.{} % of {whole}", per_mille / 10, per_mille % 10)
}

/// Columns under each other, the first one to the left and the others to the right.
pub(crate) fn aligned(lines: &[Vec<String>]) -> String {
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
