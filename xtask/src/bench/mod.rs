//! Runs the benchmarks and writes what each contestant takes beside the first of its group.

mod chart;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::text::{cell, readme};
use crate::{Result, read, save};

const RESULTS: &str = "benches/RESULTS.md";
const CHART: &str = "benches/strides.svg";
/// What the README has of the table, by the group's name and by the name of our contestant, and what it
/// stands beside: the contestants whose names begin so.
const PEERS: [&str; 3] = ["memcpy", "ndarray", "NumPy"];
const SHOWN: [&str; 24] = [
    "a view of rank 1",
    "a view of rank 2",
    "a view of rank 3",
    "a view of rank 4",
    "a view of rank 6",
    "a view for writing of rank 2",
    "a view for writing of rank 4",
    "a refused view of rank 2",
    "a refused view of rank 4",
    "computed indices of a run",
    "sum of f32, 4096 side by side",
    "sum of f32, rows of 1000 with gaps",
    "sum of f32, 256 x 256 x 256 transposed",
    "sum of f32, every second, third, fourth of 100 x 100 x 100",
    "sums of 3 x 3 windows, f32, 1024 x 1024",
    "transposed copy, f32, 10 x 10",
    "transposed copy, f32, 64 x 64",
    "transposed copy, f32, 1000 x 1000",
    "transposed copy, f32, 1024 x 1024",
    "transposed copy, f32, 4096 x 4096",
    "256 transposed squares, f32, 128 x 128",
    "columns flipped, f32, 1000 x 1000",
    "pixels to planes, u8, 1080p with padded rows",
    "two views that may share memory",
];
const BEGIN: &str = "<!-- written by `cargo xtask bench --write` -->\n";

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
    /// A Python that has NumPy, which runs what it can of the groups after the others
    #[arg(long, value_name = "PYTHON")]
    numpy: Option<PathBuf>,
    /// Write benches/RESULTS.md, the chart beside it and the table of the README
    #[arg(long)]
    write: bool,
}

#[derive(Serialize, Deserialize)]
struct Row {
    group: String,
    contestant: String,
    nanoseconds: f64,
    /// To the first of the group: the median over the rounds, and what a tenth of them is below and above.
    ratio: f64,
    low: f64,
    high: f64,
}

/// What NumPy took of a group, in a process of its own.
#[derive(Deserialize)]
struct Apart {
    group: String,
    nanoseconds: f64,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result {
    let mut cargo = Command::new("cargo");
    cargo.args(["bench", "--quiet", "-p", "strideproof-benches", "--", "--json", &options.only]);
    let mut rows: Vec<Row> = lines_of(root, &mut cargo)?;
    if let Some(python) = &options.numpy {
        let mut numpy = Command::new(python);
        insert(&mut rows, lines_of(root, numpy.args(["benches/rows.py", &options.only]))?);
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
        save(&root.join(CHART), &chart::of(&rows)?)?;
        save(&root.join("README.md"), &readme(root, BEGIN, &short(&rows)?)?)?;
    }
    Ok(())
}

/// Runs a program and reads the lines of JSON that it prints.
fn lines_of<T: for<'de> Deserialize<'de>>(root: &Path, command: &mut Command) -> Result<Vec<T>> {
    let program = command.get_program().display().to_string();
    let output = command.current_dir(root).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program} failed: {}", output.status));
    }
    let lines = String::from_utf8_lossy(&output.stdout);
    let read = |line: &str| {
        serde_json::from_str(line).map_err(|e| format!("{program} printed {line}: {e}"))
    };
    lines.lines().map(read).collect()
}

/// Puts each row of NumPy after the others of its group.
fn insert(rows: &mut Vec<Row>, numpy: Vec<Apart>) {
    for Apart { group, nanoseconds } in numpy {
        let Some(first) = rows.iter().find(|row| row.group == group) else { continue };
        let ratio = nanoseconds / first.nanoseconds;
        let end = rows.iter().rposition(|row| row.group == group).map_or(0, |last| last + 1);
        let contestant = "NumPy".to_owned();
        rows.insert(end, Row { group, contestant, nanoseconds, ratio, low: ratio, high: ratio });
    }
}

fn table(rows: &[Row]) -> String {
    let mut out = String::from(
        "| what | contestant | ns | ratio | of nine tenths |\n| --- | --- | --: | --: | --: |\n",
    );
    for Row { group, contestant, nanoseconds, ratio, low, high } in rows {
        let (group, contestant) = (cell(group), cell(contestant));
        let spread = if low == high { String::new() } else { format!("{low:.2} to {high:.2}") };
        let _ =
            writeln!(out, "| {group} | {contestant} | {nanoseconds:.3} | {ratio:.2} | {spread} |");
    }
    out
}

/// The README's table: what we take, and how many times what each peer takes.
fn short(rows: &[Row]) -> Result<String> {
    let mut out = String::from(
        "| | ns | × memcpy | × ndarray | × NumPy |\n| --- | --: | --: | --: | --: |\n",
    );
    for group in SHOWN {
        let of = |name: &str| {
            rows.iter().find(|row| row.group == group && row.contestant.starts_with(name))
        };
        let ours = of("strideproof").ok_or_else(|| format!("no group is {group:?}"))?;
        let _ = write!(out, "| {group} | {:.2} |", ours.nanoseconds);
        for peer in PEERS {
            let ratio = of(peer).map(|peer| format!("{:.2}", ours.ratio / peer.ratio));
            let _ = write!(out, " {} |", ratio.unwrap_or_default());
        }
        out.push('\n');
    }
    Ok(out + "\n" + &machine() + "\n")
}

fn machine() -> String {
    let machine = read(Path::new("/proc/cpuinfo")).unwrap_or_default();
    let model = machine.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("Measured on {model}, {threads} threads, with other work beside it: read the ratios.")
}

fn head() -> String {
    format!(
        "# Benchmarks\n\n{BEGIN}\n\
         Nanoseconds of CPU time an operation, an element or a view, and the ratio to the first contestant of \
         the group.\nAll of a group take turns in one process, 41 times: times and ratios are medians. NumPy runs \
         in a process of its own; what is *by threads* is timed by the clock.\n{}\n\n![Time of an element against its stride](strides.svg)\n\n",
        machine()
    )
}
