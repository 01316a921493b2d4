//! Reports for a terminal.

use std::io::{self, Write};

use super::report::{Merged, Report};
use crate::finding::Summary;

/// Prints what was found in a target.
pub(super) fn print(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let package = &report.target.package;
    writeln!(out, "{} {} ({})", package.name, package.version, report.target.name)?;
    for run in &report.runs {
        for case in &run.cases {
            print_summary(out, &run.profile, case)?;
        }
    }
    for merged in &report.findings {
        print_finding(out, report, merged)?;
    }
    writeln!(out)
}

fn print_summary(out: &mut impl Write, profile: &str, case: &Summary) -> io::Result<()> {
    #[allow(clippy::cast_precision_loss, reason = "a percentage")]
    let share = |count: u64| 100.0 * count as f64 / case.requests.max(1) as f64;
    writeln!(
        out,
        "  {} ({profile}): {} requests in {:.1} s, {:.0} % good and accepted, {:.0} % bad{}",
        case.case,
        case.requests,
        case.seconds,
        share(case.good_accepted),
        share(case.bad_accepted + case.bad_refused),
        if case.is_conclusive() { "" } else { ": inconclusive" }
    )
}

fn print_finding(out: &mut impl Write, report: &Report, merged: &Merged) -> io::Result<()> {
    let finding = &merged.finding;
    writeln!(out, "{}: {}: {}", finding.class.level(), finding.class, finding.detail)?;
    writeln!(out, "  request   {}, {}", finding.request, finding.smallest)?;
    writeln!(out, "  function  {}", finding.case)?;
    for call in merged.calls.iter().filter(|call| !call.is_empty()) {
        writeln!(out, "  call      {call}")?;
    }
    for frame in report.frames(finding).take(3) {
        writeln!(out, "  at        {}:{} {}", frame.file, frame.line, frame.function)?;
    }
    writeln!(
        out,
        "  found     after {} requests, {:.2} s, shrunk in {:.2} s ({})",
        finding.requests,
        finding.seconds,
        finding.shrinking,
        merged.profiles.join(", ")
    )
}
