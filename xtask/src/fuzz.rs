//! Fuzzing: the targets of `fuzz/` run for a while, their corpora minimised, and what they cover.

mod coverage;
pub(crate) mod engine;

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::text::{aligned, share, thousands};
use crate::{Result, each_in_jobs, lock, make_folder};
use engine::{Build, Ended, Status, Target};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only this target; may be given more than once
    #[arg(long, value_name = "TARGET")]
    target: Vec<String>,
    /// How many targets run at once
    #[arg(short, long, default_value_t = 1)]
    jobs: usize,
    /// The sanitizer of the build; `none` to measure throughput
    #[arg(long, default_value = "address")]
    sanitizer: String,
    /// Leave out the second build, which counts covered lines
    #[arg(long)]
    no_coverage: bool,
    /// List the lines that no target reaches
    #[arg(long, conflicts_with = "no_coverage")]
    uncovered: bool,
}

/// A row of the table: how a target ran, and the size of its corpus after minimising.
struct Row {
    target: Target,
    ended: Ended,
    corpus: usize,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result {
    let all = engine::targets(root)?;
    for name in &options.target {
        if all.iter().all(|target| &target.name != name) {
            let names: Vec<_> = all.iter().map(|target| target.name.as_str()).collect();
            return Err(format!("there is no target {name}; there are {}", names.join(", ")));
        }
    }
    let wanted =
        |target: &Target| options.target.is_empty() || options.target.contains(&target.name);
    let targets: Vec<_> = all.into_iter().filter(wanted).collect();

    let names: Vec<_> = targets.iter().map(|target| target.name.clone()).collect();
    println!("building {} with sanitizer {}", names.join(", "), options.sanitizer);
    let started = Instant::now();
    let build = Build::campaign(root, &options.sanitizer)?;
    if options.target.is_empty() {
        build.make(None)?;
    }
    for target in targets.iter().filter(|_| !options.target.is_empty()) {
        build.make(Some(target))?;
    }
    println!("built in {} s", started.elapsed().as_secs());

    let done = Mutex::new(Vec::new());
    each_in_jobs(options.jobs, targets.into_iter(), |_, target| {
        println!("{}: running for {} s", target.name, options.seconds);
        let ended = start(root, &build, &target, options.seconds)?;
        let finding = ended.finding(root, &build, &target);
        if finding.is_none() {
            println!("{}: minimising the corpus", target.name);
            minimise(root, &build, &target)?;
        }
        let corpus = engine::count(&root.join("fuzz/corpus").join(&target.name));
        lock(&done).push((Row { target, ended, corpus }, finding));
        Ok(())
    })?;
    let (rows, findings): (Vec<_>, Vec<_>) =
        done.into_inner().unwrap_or_default().into_iter().unzip();
    let findings: Vec<_> = findings.into_iter().flatten().collect();
    let coverage = if options.no_coverage { None } else { coverage::measure(root, &names)? };
    println!("\n{}", table(&rows, coverage.as_ref()));
    if let Some(coverage) = coverage.filter(|_| options.uncovered) {
        print!("{}", coverage.uncovered());
    }
    if findings.is_empty() { Ok(()) } else { Err(findings.join("\n\n")) }
}

/// Runs a target on its corpus, the seeds and the regressions.
fn start(root: &Path, build: &Build, target: &Target, seconds: u64) -> Result<Ended> {
    let corpus = root.join("fuzz/corpus").join(&target.name);
    let artifacts = root.join("fuzz/artifacts").join(&target.name);
    make_folder(&corpus)?;
    make_folder(&artifacts)?;
    let mut arguments = target.flags(root)?;
    arguments.push(format!("-max_total_time={seconds}"));
    arguments.push(format!("-artifact_prefix={}/", artifacts.display()));
    arguments.push(corpus.display().to_string());
    arguments.extend(target.kept(root).iter().map(|folder| folder.display().to_string()));
    let log = root.join("target/fuzz").join(format!("{}.log", target.name));
    let (binary, sanitizer) = (build.binary(target), target.sanitizer(root)?);
    let limit = Duration::from_secs(seconds);
    let command = engine::command(&binary, &arguments, &sanitizer);
    engine::run(command, &log, limit, |status, elapsed| {
        println!("{}", line(target, status, elapsed));
    })
}

/// Replaces the corpus by fewer inputs with the same coverage.
fn minimise(root: &Path, build: &Build, target: &Target) -> Result {
    let corpus = root.join("fuzz/corpus").join(&target.name);
    let smaller = root.join("target/fuzz").join(format!("{}.corpus", target.name));
    let _ = std::fs::remove_dir_all(&smaller);
    make_folder(&smaller)?;
    let mut arguments = target.flags(root)?;
    arguments.push("-merge=1".into());
    arguments.extend([&smaller, &corpus].map(|folder| folder.display().to_string()));
    let log = root.join("target/fuzz").join(format!("{}.merge.log", target.name));
    let (sanitizer, limit) = (target.sanitizer(root)?, Duration::from_secs(600));
    let command = engine::command(&build.binary(target), &arguments, &sanitizer);
    let ended = engine::run(command, &log, limit, |_, _| {})?;
    if !ended.success || (engine::count(&smaller) == 0 && engine::count(&corpus) > 0) {
        return Err(format!("{}: merging the corpus failed, see {}", target.name, log.display()));
    }
    std::fs::remove_dir_all(&corpus)
        .and_then(|()| std::fs::rename(&smaller, &corpus))
        .map_err(|error| format!("{}: {error}", corpus.display()))
}

/// The progress of a target, in one line.
fn line(target: &Target, status: Status, elapsed: Duration) -> String {
    format!(
        "{:<12} {:>4} s {:>13} runs {:>8}/s  corpus {:>5}  counters {:>6}  {} MB",
        target.name,
        elapsed.as_secs(),
        thousands(status.runs),
        thousands(status.per_second),
        status.corpus,
        thousands(status.features),
        status.megabytes,
    )
}

fn table(rows: &[Row], coverage: Option<&coverage::Coverage>) -> String {
    let head = ["target", "seconds", "executions", "exec/s", "peak RSS", "corpus"];
    let mut lines = vec![head.map(String::from).to_vec()];
    for Row { target, ended, corpus } in rows {
        lines.push(vec![
            target.name.clone(),
            ended.seconds.to_string(),
            thousands(ended.runs),
            thousands(ended.runs.checked_div(ended.seconds).unwrap_or(ended.runs)),
            format!("{} MB", ended.megabytes),
            thousands(u64::try_from(*corpus).unwrap_or(u64::MAX)),
        ]);
    }
    if let Some(coverage) = coverage {
        let mut all = vec![String::new(); 6];
        all[0] = "all".into();
        lines.push(all);
        for (title, folder) in coverage::FOLDERS {
            let (head, rest) = lines.split_at_mut(1);
            head[0].push(title.into());
            for cells in rest {
                let target = Some(cells[0].as_str()).filter(|&name| name != "all");
                let (covered, total) = coverage.lines(folder, target);
                cells.push(share(covered, total));
            }
        }
    }
    aligned(&lines)
}
