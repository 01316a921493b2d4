//! Runs the benchmarks and writes what each contestant takes beside the first of its group.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Serialize;

use crate::text::cell;
use crate::{Result, read, save};

/// The benchmarks that print ratios.
const BENCHES: [&str; 3] = ["views", "access", "kernel"];
const RESULTS: &str = "benches/RESULTS.md";
/// The line after which a benchmark prints its ratios.
const HEAD: &str = "fastest sample, per operation";

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Markdown,
    Json,
}

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the groups with this in their names; nothing is written then
    #[arg(default_value = "", conflicts_with = "write")]
    only: String,
    /// How the results are printed
    #[arg(long, value_enum, default_value = "markdown")]
    format: Format,
    /// Write benches/RESULTS.md
    #[arg(long)]
    write: bool,
}

#[derive(Serialize)]
struct Row {
    bench: &'static str,
    group: String,
    contestant: String,
    nanoseconds: f64,
    ratio: f64,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result {
    let mut rows = Vec::new();
    for bench in BENCHES {
        eprintln!("running the benchmark {bench}");
        let output = Command::new("cargo")
            .args(["bench", "--quiet", "-p", "strideproof-benches", "--bench", bench, "--"])
            .arg(&options.only)
            .current_dir(root)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("cargo bench: {error}"))?;
        if !output.status.success() {
            return Err(format!("cargo bench --bench {bench} failed"));
        }
        rows.extend(rows_of(bench, &String::from_utf8_lossy(&output.stdout))?);
    }
    if rows.is_empty() {
        return Err(format!("no group has {:?} in its name", options.only));
    }
    match options.format {
        Format::Markdown => print!("{}", table(&rows)),
        Format::Json => {
            let text = serde_json::to_string_pretty(&rows).map_err(|error| error.to_string())?;
            println!("{text}");
        }
    }
    if options.write {
        save(&root.join(RESULTS), &(head() + &table(&rows)))?;
    }
    Ok(())
}

/// What a benchmark printed after [`HEAD`]: the name of a group, and below it, indented, a contestant
/// with two numbers each.
fn rows_of(bench: &'static str, printed: &str) -> Result<Vec<Row>> {
    let lines = printed.lines().skip_while(|line| !line.starts_with(HEAD)).skip(1);
    let (mut rows, mut group) = (Vec::new(), String::new());
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let Some(contestant) = line.strip_prefix("  ") else {
            line.clone_into(&mut group);
            continue;
        };
        let unread = || format!("{bench} printed {line:?}");
        let before = |text: &'_ str| {
            let (rest, word) = text.trim_end().rsplit_once(char::is_whitespace)?;
            Some((rest.len(), word.parse::<f64>().ok()?))
        };
        let (end, ratio) = before(contestant).ok_or_else(unread)?;
        let (end, nanoseconds) = before(&contestant[..end]).ok_or_else(unread)?;
        let contestant = contestant[..end].trim().to_owned();
        rows.push(Row { bench, group: group.clone(), contestant, nanoseconds, ratio });
    }
    Ok(rows)
}

fn table(rows: &[Row]) -> String {
    let mut out = String::from(
        "| bench | what | contestant | ns | ratio |\n| --- | --- | --- | --: | --: |\n",
    );
    for Row { bench, group, contestant, nanoseconds, ratio } in rows {
        let (group, contestant) = (cell(group), cell(contestant));
        let _ =
            writeln!(out, "| {bench} | {group} | {contestant} | {nanoseconds:.3} | {ratio:.2} |");
    }
    out
}

fn head() -> String {
    let machine = read(Path::new("/proc/cpuinfo")).unwrap_or_default();
    let model = machine.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "# Benchmarks\n\n<!-- written by `cargo xtask bench --write` -->\n\n\
         The fastest sample of each contestant, in nanoseconds an operation, and its ratio to the first of \
         its group, which\nran just before it in the same process. On {model}, {threads} threads, with \
         other work beside it: read the ratios.\n\n"
    )
}
