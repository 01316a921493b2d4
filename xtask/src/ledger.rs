//! The ledger, `proofs/README.md`, and the table in the project's README: written from the census
//! and the last results, never by hand.
//!
//! A harness counts as proved only while the sources it speaks about have the hash that Kani saw.

use std::fmt::Write as _;
use std::path::Path;

use crate::census::{self, Census, Harness};
use crate::faults::{self, By};
use crate::prove::{Outcome, Results};
use crate::text::{cell, readme, same};
use crate::{Result, rocq, save};

enum State<'a> {
    Proved(&'a Outcome),
    Stale,
    NotRun,
}

fn state<'a>(root: &Path, harness: &Harness, results: &'a Results) -> Result<State<'a>> {
    Ok(match results.harness.get(&harness.name) {
        None => State::NotRun,
        Some(outcome) if outcome.hash == census::source_hash(root, harness)? => {
            State::Proved(outcome)
        }
        Some(_) => State::Stale,
    })
}

const HEAD: &str = "\
# The ledger

What the theorems of strideproof rest on. This file is written by `cargo xtask prove` and is never
edited; `cargo xtask prove --check` fails when it claims more than the sources support. *Proved*
means that the prover named verified exactly these sources: Kani, with every check passed and every
declared cover satisfied, or Coq, with no axiom. *Stale* means that the sources have changed since,
*not run* that the prover has not seen them.

Reproduce with `cargo xtask prove` (all), `cargo xtask prove --theorem T2`, or by hand with
`cargo kani`, which needs nothing but Kani 0.68 or a build of its main branch from 14 August 2026 on
(0.67.0 as released accepts some pointer arithmetic that it should not); see
[how the proofs are built](#how-the-proofs-are-built).
";

const METHOD: &str = "\
## How the proofs are built

- **Two multiplications.** All products of the kernel are in `reserve` and `scale`. T1 is about
  these two alone; Coq proves it for all numbers. Kani's harnesses at full width are run with the two
  replaced by stubs that may return *anything* T1 allows (`proofs/stubs.rs`), so that no query of
  theirs contains a product.
- **Any rank.** The induction over the rank is Coq's, about the source text (above). T2's harnesses take
  one axis from any state at full width, in the compiled code; the end to end harnesses run whole
  functions at small ranks.
- **Every index** is one symbolic index tuple, not a loop and not a quantifier.
- **Bounds, and why.** Where a domain names numbers up to a limit, real products are part of the query,
  and SAT solvers manage those only when they are small: the code is that of 64 bits, the values are
  not. Where a domain names a rank, loops are unrolled.
- **Not vacuous.** Each harness over a property declares what must be reachable by `kani::cover!`,
  and the run fails unless exactly that many covers are satisfied.
- **Not a tautology.** Each planted fault makes the harness that it names fail, for the named check.
- **Twice.** The same properties run under `cargo test` on boundary grids and random values, so every
  one is executed and refutable on machines without Kani.

What has to be believed, and what neither prover covers: [docs/trust.md](../docs/trust.md). 64-bit targets
only.
";

fn text(root: &Path) -> Result<(String, String)> {
    let census = Census::load(root)?;
    let results = Results::load(root)?;
    let (faults, noticed) = (faults::load(root)?, faults::Results::load(root)?);
    let mut out = String::from(HEAD);
    let mut table = String::from("| | says | Coq | Kani |\n| --- | --- | --- | --- |\n");
    let (mut proved, mut total, mut seconds) = (0, 0, 0.0);
    for (name, theorem) in &census.theorem {
        let _ = writeln!(out, "\n## {name}\n\n{}\n", cell(&theorem.statement));
        let mut rows = String::new();
        let (mut own_proved, mut own) = (0, 0);
        for harness in census.harness.iter().filter(|harness| &harness.theorem == name) {
            own += 1;
            let short = harness.name.strip_prefix("proofs::").unwrap_or(&harness.name);
            let refuted = faults.iter().filter(|fault| {
                let asked = fault.kani.as_deref().is_some_and(|kani| short.ends_with(kani));
                asked && noticed.noticed(root, fault, By::Kani)
            });
            let (state, [solver, time, checks, covers]) = match state(root, harness, &results)? {
                State::Proved(outcome) => {
                    own_proved += 1;
                    seconds += outcome.seconds;
                    let time = format!("{:.1}", outcome.seconds);
                    let (checks, covers) = (outcome.checks.to_string(), outcome.covers.to_string());
                    ("proved", [outcome.solver.clone(), time, checks, covers])
                }
                State::Stale => ("stale", Default::default()),
                State::NotRun => ("not run", Default::default()),
            };
            let _ = writeln!(
                rows,
                "| `{short}` | {} | {} | {} | {state} | {} | {time} | {checks} | {covers} | {} |",
                harness.kind,
                cell(&harness.claim),
                cell(&harness.domain),
                cell(&solver),
                refuted.count(),
            );
        }
        if own == 0 {
            out += "By the second prover alone, below.\n";
        } else {
            out += "| harness | kind | claim | domain | state | solver that ran | seconds | checks | covers ";
            out += "| faults refuted |\n";
            out += "| --- | --- | --- | --- | --- | --- | --: | --: | --: | --: |\n";
            out += &rows;
        }
        if !theorem.rest.is_empty() {
            let _ = writeln!(out, "\nNot proved, tested only: {}", cell(&theorem.rest));
        }
        let kani = match (own, own_proved) {
            (0, _) => String::new(),
            _ if own_proved == own => format!("proved: {}", cell(&theorem.scope)),
            _ => format!("{own_proved} of {own} harnesses proved, the rest stale or not run"),
        };
        let coq = rocq::ledger::evidence(root, name)?;
        let _ = writeln!(table, "| {name} | {} | {coq} | {kani} |", cell(&theorem.title));
        proved += own_proved;
        total += own;
    }
    out += "\n## Planted faults\n\n[FAULTS.md](FAULTS.md) lists them, with what noticed each.\n";
    out += &rocq::ledger::section(root)?;
    let _ = writeln!(out, "\n{METHOD}");
    let _ = writeln!(out, "## Versions\n");
    for (tool, version) in &results.versions {
        let _ = writeln!(out, "- {tool}: {version}");
    }
    let _ =
        writeln!(out, "\n{proved} of {total} harnesses proved, {seconds:.0} s of solving in all.");
    Ok((out, table))
}

const BEGIN: &str = "<!-- written by `cargo xtask prove` -->\n";

pub(crate) fn write(root: &Path) -> Result {
    let (ledger, table) = text(root)?;
    save(&root.join("proofs/README.md"), &ledger)?;
    save(&root.join("README.md"), &readme(root, BEGIN, &table)?)
}

/// Fails when the census misses a harness, or when ledger or README say anything else than what
/// census, results and sources support.
pub(crate) fn check(root: &Path) -> Result {
    Census::load(root)?.compare(&census::in_sources(root)?, "the sources")?;
    let (ledger, table) = text(root)?;
    let readme = readme(root, BEGIN, &table)?;
    for (name, expected) in [("proofs/README.md", ledger), ("README.md", readme)] {
        same(root, name, &expected, "cargo xtask prove --write")?;
    }
    println!("the ledger claims what the sources support");
    Ok(())
}
