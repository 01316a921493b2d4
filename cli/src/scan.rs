//! `strideproof scan`: where to look in a crate.

use clap::{Args, ValueEnum};
use strideproof_scan::{Without, locate, scan, to_sarif};

/// The arguments of `scan`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ScanArgs {
    /// A crate or workspace by its folder, a `.rs` file, or a published crate as NAME@VERSION.
    #[arg(value_name = "PATH | NAME@VERSION")]
    pub target: String,
    /// How to write what was found.
    #[arg(long, value_enum, default_value_t)]
    pub format: ScanFormat,
    /// How many findings of each package to show.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Leave out a part of the analysis, to see what it contributes.
    #[arg(long, value_enum, value_delimiter = ',', hide = true)]
    pub without: Vec<Part>,
}

const EXAMPLES: &str = "\
Lists, ranked, where a safe public function reaches unsafe memory access with an index, offset or \
length that no check was seen for, or only one that can wrap. What it lists is unproven; it need not \
be wrong. Class 1 has the most speaking for it.

Exit status: 0 nothing of class 1, 1 something of class 1, 2 wrong usage or nothing to scan.

Examples:
  strideproof scan .
  strideproof scan transpose@0.2.2
  strideproof scan . --format sarif > scan.sarif";

/// How to write what was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ScanFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a package and line, schema 1.
    Json,
    /// One SARIF 2.1.0 log.
    Sarif,
}

/// A part of the analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Checks whose arithmetic can wrap.
    WrappingChecks,
    /// Fields, and what gives them values.
    Fields,
    /// What called functions check and return.
    Summaries,
    /// Checks altogether.
    Guards,
}

/// Scans, and returns what to print and whether something of class 1 is in it.
///
/// # Errors
///
/// If there is nothing to scan, in words.
pub fn run(args: &ScanArgs) -> Result<(String, bool), String> {
    let left_out = |part| args.without.contains(&part);
    let without = Without {
        wrapping_checks: left_out(Part::WrappingChecks),
        fields: left_out(Part::Fields),
        summaries: left_out(Part::Summaries),
        guards: left_out(Part::Guards),
    };
    let mut reports = Vec::new();
    for package in locate(&args.target).map_err(|error| error.to_string())? {
        reports.push(scan(&package, without).map_err(|error| error.to_string())?);
    }
    let found = reports.iter().any(|report| report.count(strideproof_scan::Class::First) > 0);
    let text = match args.format {
        ScanFormat::Human => {
            reports.iter().map(|report| report.to_text(args.top)).collect::<Vec<_>>().join("\n")
        }
        ScanFormat::Json => {
            reports.iter().map(|report| format!("{}\n", report.to_json(args.top))).collect()
        }
        ScanFormat::Sarif => format!("{:#}\n", to_sarif(&reports, args.top)),
    };
    Ok((text, found))
}
