//! Fuzzing: the targets of `fuzz/` run for a while, their corpora minimised, and what they cover.

mod coverage;
pub(crate) mod engine;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::Result;
use crate::text::{aligned, share, thousands};
use engine::{Build, Ended, Run, Target};

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

/// What is to be known of a target's run, for the table.
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

    let mut rows = Vec::new();
    let mut waiting = targets.into_iter();
    let mut running: Vec<(Target, Run)> = Vec::new();
    let mut progress = Progress::new();
    loop {
        while running.len() < options.jobs.max(1) {
            let Some(target) = waiting.next() else { break };
            println!("{}: running for {} s", target.name, options.seconds);
            let run = start(root, &build, &target, options.seconds)?;
            running.push((target, run));
        }
        if running.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
        let mut still = Vec::new();
        for (target, mut run) in running {
            match run.ended()? {
                None => still.push((target, run)),
                Some(ended) => {
                    progress.clear();
                    println!("{}", line(&target, &run));
                    rows.push(Row { target, ended, corpus: 0 });
                }
            }
        }
        running = still;
        progress.show(&running);
    }

    let mut findings = Vec::new();
    for row in &mut rows {
        match row.ended.finding(root, &build, &row.target) {
            Some(finding) => findings.push(finding),
            None => {
                println!("{}: minimising the corpus", row.target.name);
                minimise(root, &build, &row.target)?;
            }
        }
        row.corpus = engine::count(&root.join("fuzz/corpus").join(&row.target.name));
    }
    let coverage = if options.no_coverage { None } else { coverage::measure(root, &names)? };
    println!("\n{}", table(&rows, coverage.as_ref()));
    if let Some(coverage) = coverage.filter(|_| options.uncovered) {
        print!("{}", coverage.uncovered());
    }
    if findings.is_empty() { Ok(()) } else { Err(findings.join("\n\n")) }
}

/// Starts a target on its corpus, the seeds, and everything that was ever found.
fn start(root: &Path, build: &Build, target: &Target, seconds: u64) -> Result<Run> {
    let corpus = root.join("fuzz/corpus").join(&target.name);
    let artifacts = root.join("fuzz/artifacts").join(&target.name);
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    let mut arguments = target.flags(root)?;
    arguments.push(format!("-max_total_time={seconds}"));
    arguments.push(format!("-artifact_prefix={}/", artifacts.display()));
    arguments.push(corpus.display().to_string());
    arguments.extend(target.kept(root).iter().map(|folder| folder.display().to_string()));
    let log = root.join("target/fuzz").join(format!("{}.log", target.name));
    let sanitizer = target.sanitizer(root)?;
    Run::start(&build.binary(target), &arguments, &sanitizer, &log, Duration::from_secs(seconds))
}

/// Replaces the corpus by as few inputs that reach as much, with the binary that is there.
fn minimise(root: &Path, build: &Build, target: &Target) -> Result {
    let corpus = root.join("fuzz/corpus").join(&target.name);
    let smaller = root.join("target/fuzz").join(format!("{}.corpus", target.name));
    let _ = std::fs::remove_dir_all(&smaller);
    std::fs::create_dir_all(&smaller).map_err(|error| error.to_string())?;
    let mut arguments = target.flags(root)?;
    arguments.push("-merge=1".into());
    arguments.extend([&smaller, &corpus].map(|folder| folder.display().to_string()));
    let log = root.join("target/fuzz").join(format!("{}.merge.log", target.name));
    let (sanitizer, limit) = (target.sanitizer(root)?, Duration::from_secs(600));
    let run = Run::start(&build.binary(target), &arguments, &sanitizer, &log, limit)?;
    let ended = run.wait()?;
    if !ended.success || (engine::count(&smaller) == 0 && engine::count(&corpus) > 0) {
        return Err(format!("{}: merging the corpus failed, see {}", target.name, log.display()));
    }
    std::fs::remove_dir_all(&corpus)
        .and_then(|()| std::fs::rename(&smaller, &corpus))
        .map_err(|error| format!("{}: {error}", corpus.display()))
}

/// How a target is doing, in one line.
fn line(target: &Target, run: &Run) -> String {
    let status = run.status();
    format!(
        "{:<12} {:>4} s {:>13} runs {:>8}/s  corpus {:>5}  counters {:>6}  {} MB",
        target.name,
        run.elapsed().as_secs(),
        thousands(status.runs),
        thousands(status.per_second),
        status.corpus,
        thousands(status.features),
        status.megabytes,
    )
}

/// Shows the lines of all running targets: on a terminal in place, else now and then.
struct Progress {
    terminal: bool,
    last: Instant,
    shown: bool,
}

impl Progress {
    fn new() -> Self {
        Self { terminal: std::io::stdout().is_terminal(), last: Instant::now(), shown: false }
    }

    fn show(&mut self, running: &[(Target, Run)]) {
        let pause = Duration::from_secs(if self.terminal { 1 } else { 30 });
        if running.is_empty() || self.last.elapsed() < pause {
            return;
        }
        self.last = Instant::now();
        self.clear();
        let lines: Vec<_> = running.iter().map(|(target, run)| line(target, run)).collect();
        if self.terminal {
            print!("{}", lines.join("  |  "));
            let _ = std::io::stdout().flush();
            self.shown = true;
        } else {
            println!("{}", lines.join("\n"));
        }
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            print!("\r\x1b[2K");
        }
    }
}

fn table(rows: &[Row], coverage: Option<&coverage::Coverage>) -> String {
    let mut lines = vec![
        ["target", "seconds", "executions", "exec/s", "peak RSS", "corpus"]
            .map(String::from)
            .to_vec(),
    ];
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

/// Where something of a run is kept, as a command at the project's root would name it.
fn relative(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_owned()
}
