//! The command: builds targets, runs them, and reports.

mod bench;
mod human;
mod planted;
mod report;
mod sarif;
mod start;
mod target;

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

pub use report::{Merged, Report, Run, write_folders};
pub use sarif::sarif;
use target::Target;

/// Finds out whether safe calls can make a crate's strided code leave its buffer.
#[derive(Debug, Parser)]
#[command(name = "strideproof-audit", version)]
struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// The folder that has a folder for each target.
    #[arg(long, global = true, default_value = "audit/targets", value_name = "DIR")]
    targets: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Builds targets and audits them.
    ///
    /// Exit status: 0 clean, 1 findings about memory or aliasing, 2 a usage error or a target that does
    /// not build, 3 inconclusive: too few requests were good and accepted, or bad.
    Run(RunArguments),
    /// Runs the targets of `stridebench.toml` and compares what is found with what it expects.
    ///
    /// Exit status: 0 as expected, 1 not, 2 a usage error or a target that does not build.
    Bench(bench::Arguments),
    /// Lists the targets.
    List,
    /// Writes a target for a crate, with an adapter to fill in.
    New {
        /// The crate and its exact version, such as `transpose@0.2.2`.
        #[arg(value_name = "CRATE@VERSION")]
        package: String,
    },
}

#[derive(Debug, clap::Args)]
struct RunArguments {
    /// Names of targets; all of them if there is none.
    #[arg(value_name = "TARGET")]
    names: Vec<String>,
    /// The name of a function of the targets, such as `view::<Shared>`; all of them if there is none.
    #[arg(long = "case", value_name = "NAME")]
    cases: Vec<String>,
    /// Requests for each function of a target and each profile [default: 10000, or as many as there
    /// is time for].
    #[arg(long, value_name = "N")]
    requests: Option<u64>,
    /// Time for each function of a target and each profile.
    #[arg(long, value_name = "S", value_parser = seconds)]
    seconds: Option<f64>,
    /// What the requests are drawn from.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Many defects exist in one profile only: `both` are debug and release.
    #[arg(long, value_enum, default_value_t = Profiles::Both)]
    profile: Profiles,
    /// What goes to the standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Writes a folder for each finding there.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if seconds > 0.0 { Ok(seconds) } else { Err("no time at all".to_owned()) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Profiles {
    Debug,
    Release,
    Both,
    /// The release profile with AddressSanitizer, which sees into C code; needs a nightly compiler
    Asan,
}

impl Profiles {
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Debug => &["debug"],
            Self::Release => &["release"],
            Self::Both => &["release", "debug"],
            Self::Asan => &["asan"],
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Sarif,
}

/// What a step of the command may fail with.
type Failure = Box<dyn Error>;

/// Runs the command.
#[must_use]
pub fn main() -> ExitCode {
    // Cargo passes the name of a subcommand on.
    let mut words: Vec<_> = std::env::args_os().collect();
    if words.get(1).is_some_and(|word| word == "strideproof-audit") {
        words.remove(1);
    }
    let Arguments { action, targets } = Arguments::parse_from(words);
    let result = match action {
        Action::Run(arguments) => run(&arguments, &targets),
        Action::Bench(arguments) => bench::run(&arguments, &targets),
        Action::List => list(&targets),
        Action::New { package } => start::write(&package, &targets).map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

fn list(folder: &Path) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    for name in Target::names(folder, &[])? {
        let Target { package, metadata, .. } = Target::new(folder, &name)?;
        let about = metadata.get("about").and_then(|about| about.as_str()).unwrap_or("");
        let line = format!("{name:24} {} {}  {about}", package.name, package.version);
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn run(arguments: &RunArguments, folder: &Path) -> Result<ExitCode, Failure> {
    if !cfg!(target_os = "linux") {
        return Err(crate::NEEDS_LINUX.into());
    }
    let names = Target::names(folder, &arguments.names)?;
    if let Some(out) = &arguments.out {
        std::fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
    }
    let mut out = io::stdout().lock();
    let (mut reports, mut failed) = (Vec::new(), false);
    for name in names {
        let report = match audit(folder, &name, arguments) {
            Ok(report) => report,
            Err(error) => {
                eprintln!("error: {error}");
                failed = true;
                continue;
            }
        };
        if arguments.format == Format::Human {
            human::print(&mut out, &report)?;
        }
        reports.push(report);
    }
    match arguments.format {
        Format::Human => {}
        Format::Json => {
            let all =
                serde_json::json!({ "schema": 1, "seed": arguments.seed, "targets": reports });
            writeln!(out, "{all:#}")?;
        }
        Format::Sarif => writeln!(out, "{:#}", sarif(&reports))?,
    }
    if let Some(folder) = &arguments.out {
        let folders = write_folders(folder, &reports)?;
        if arguments.format == Format::Human && folders > 0 {
            writeln!(out, "wrote {} ({folders})", folder.display())?;
        }
    }
    Ok(ExitCode::from(if failed { 2 } else { status(&reports) }))
}

/// Builds and runs a target in the profiles that are asked for.
fn audit(folder: &Path, name: &str, arguments: &RunArguments) -> Result<Report, Failure> {
    let target = Target::new(folder, name)?;
    let profiles = arguments.profile.names().iter();
    let runs = profiles.map(|profile| run_one(&target, profile, arguments));
    let runs = runs.collect::<Result<_, _>>()?;
    Ok(Report::new(target, runs))
}

fn status(reports: &[Report]) -> u8 {
    let findings = || reports.iter().flat_map(|report| &report.findings);
    let summaries = || reports.iter().flat_map(|report| &report.runs).flat_map(|run| &run.cases);
    if findings().any(|merged| merged.finding.class.is_unsound()) {
        1
    } else if summaries().all(crate::Summary::is_conclusive) {
        0
    } else {
        3
    }
}

/// Builds and runs a target in one profile.
fn run_one(target: &Target, profile: &str, arguments: &RunArguments) -> Result<Run, Failure> {
    let requests = match (arguments.requests, arguments.seconds) {
        (Some(requests), _) => requests,
        (None, None) => 10_000,
        (None, Some(_)) => u64::MAX,
    };
    let bar = match io::stderr().is_terminal() {
        true => ProgressBar::new(requests),
        false => ProgressBar::hidden(),
    };
    let style = if requests < u64::MAX { "{msg} {wide_bar} {pos}/{len}" } else { "{msg} {pos}" };
    bar.set_style(ProgressStyle::with_template(style)?);
    bar.set_message(format!("{} ({profile}): building", target.name));
    bar.tick();
    let program = target.build(profile)?;
    let run = target.run(&program, profile, requests, arguments, |summary| {
        bar.set_message(format!("{} ({profile}): {}", target.name, summary.case));
        bar.set_position(summary.requests);
    });
    bar.finish_and_clear();
    run
}
