//! Measures the scan on published crates, which cargo downloads: where it ranks the defects that
//! are public, how much it says of the controls and of the held-out crates, and what changes
//! without a part of the analysis (`--ablation`). Fails if a threshold is missed.
//!
//! ```sh
//! cargo run --release -p strideproof-scan --example thresholds -- --ablation
//! ```

use std::process::ExitCode;
use std::time::{Duration, Instant};

use strideproof_scan::{Class, Mark, Report, Without, locate, scan};

/// Public defects: the crate, the lowest rank that is good enough (`-` if it is only measured), the lines of
/// the defect's check, gate or access, and where it was reported.
const DEFECTS: &str = "\
nalgebra@0.35.0 5 src/base/matrix_view.rs:300-320 dimforge/nalgebra 1418
nalgebra@0.35.0 5 src/base/vec_storage.rs:120-135 dimforge/nalgebra 1620
nalgebra@0.35.0 - src/base/blas_uninit.rs:30-120 dimforge/nalgebra 1616
rten-tensor@0.27.0 5 src/layout.rs:255-275 robertknight/rten 1373
imgref@1.12.0 5 src/iter.rs:190-226,src/lib.rs:650-670 kornelski/imgref 31
transpose@0.2.2 5 src/out_of_place.rs:230-232 RUSTSEC-2023-0080
v_frame@0.3.9 5 src/plane.rs:505-560 rust-av/v_frame 74
candle-core@0.11.0 20 src/layout.rs:12-30 huggingface/candle 3986";

const CONTROLS: &str = "ndarray@0.17.2 kornia-tensor@0.2.0 mdarray@0.8.1 imgref@1.12.3 \
    transpose@0.2.3 jxl-grid@0.6.2 stride@0.4.0 toodee@0.6.2 resize@0.8.9";

/// Crates that no rule and no weight was chosen on; see `HELD_OUT.md`.
const HELD_OUT: &str = "rulinalg@0.4.2 toodee@0.5.0 arrow2@0.18.0 imageproc@0.25.0 cgmath@0.18.0 \
    webp@0.3.0 stackvector@1.1.1 ffmpeg-the-third@6.0.0+ffmpeg-9.0 image-texel@0.5.0 grid@1.0.1 \
    fast_image_resize@6.1.0 yuv@0.8.20 tiny-skia@0.12.0 faer@0.24.4";

/// A control has at most so many findings of the first class.
const MOST_FIRST: usize = 1;
const MOST_PER_100_000_LINES: Duration = Duration::from_secs(3);

const PARTS: [(&str, Without); 5] = {
    let all = Without { wrapping_checks: false, fields: false, summaries: false, guards: false };
    [
        ("everything", all),
        ("wrapping checks", Without { wrapping_checks: true, ..all }),
        ("fields", Without { fields: true, ..all }),
        ("summaries", Without { summaries: true, ..all }),
        ("guards", Without { guards: true, ..all }),
    ]
};

fn report(target: &str, without: Without) -> Result<Report, String> {
    let packages = locate(target).map_err(|error| error.to_string())?;
    let package = packages.first().ok_or_else(|| format!("{target}: no package"))?;
    scan(package, without).map_err(|error| error.to_string())
}

/// Whether a mark is in one of the ranges of lines, such as `src/lib.rs:3-5,src/iter.rs:7-9`.
fn is_in(mark: &Mark, ranges: &str) -> bool {
    ranges.split(',').any(|range| {
        let (file, lines) = range.split_once(':').expect("FILE:LINES");
        let (from, to) = lines.split_once('-').expect("FROM-TO");
        let bound = |text: &str| text.parse::<usize>().expect("a line");
        mark.file.ends_with(file) && (bound(from)..=bound(to)).contains(&mark.line)
    })
}

fn rank(report: &Report, ranges: &str) -> Option<usize> {
    let hit = |mark: &Mark| is_in(mark, ranges);
    report.findings.iter().position(|finding| finding.marks.iter().any(hit)).map(|place| place + 1)
}

fn counts(report: &Report) -> String {
    Class::ALL.map(|class| report.count(class).to_string()).join(" / ")
}

fn head(title: &str, parts: &[(&str, Without)]) {
    let names: Vec<_> = parts.iter().map(|(name, _)| *name).collect();
    println!("| {title} | {} |", names.join(" | without "));
    println!("| --- |{}", " --: |".repeat(parts.len()));
}

fn defects(parts: &[(&str, Without)]) -> Result<bool, String> {
    let mut good = true;
    head("defect", parts);
    for defect in DEFECTS.lines() {
        let fields: Vec<_> = defect.splitn(4, ' ').collect();
        let [target, within, ranges, reference] = fields[..] else { panic!("{defect}") };
        let mut cells = Vec::new();
        for (place, (_, without)) in parts.iter().enumerate() {
            let report = report(target, *without)?;
            let rank = rank(&report, ranges);
            if let (0, Ok(within)) = (place, within.parse()) {
                good &= rank.is_some_and(|rank: usize| rank <= within);
            }
            let rank = rank.map_or("-".to_owned(), |rank| rank.to_string());
            cells.push(format!("{rank} of {}", report.findings.len()));
        }
        println!("| {target}: {reference} | {} |", cells.join(" | "));
    }
    Ok(good)
}

fn classes(title: &str, targets: &str, parts: &[(&str, Without)]) -> Result<bool, String> {
    let mut good = true;
    println!();
    head(&format!("{title}: findings of class 1 / 2 / 3"), parts);
    for target in targets.split_whitespace() {
        let mut cells = Vec::new();
        for (place, (_, without)) in parts.iter().enumerate() {
            let report = report(target, *without)?;
            good &= place > 0 || report.count(Class::First) <= MOST_FIRST;
            cells.push(counts(&report));
        }
        println!("| {target} | {} |", cells.join(" | "));
    }
    Ok(good)
}

/// The largest crates together, timed.
fn speed() -> Result<bool, String> {
    let (mut lines, mut took) = (0, Duration::ZERO);
    for target in ["nalgebra@0.35.0", "candle-core@0.11.0", "faer@0.24.4"] {
        let start = Instant::now();
        lines += report(target, Without::default())?.lines;
        took += start.elapsed();
    }
    println!("\n{lines} lines in {:.2} s", took.as_secs_f64());
    Ok(took * 100_000 <= MOST_PER_100_000_LINES * u32::try_from(lines).unwrap_or(u32::MAX))
}

fn run() -> Result<bool, String> {
    let ablation = std::env::args().any(|arg| arg == "--ablation");
    let parts = if ablation { &PARTS[..] } else { &PARTS[..1] };
    let mut good = defects(parts)?;
    good &= classes("control", CONTROLS, parts)?;
    // Only reported: nothing follows from it for the rules.
    classes("held out", HELD_OUT, &parts[..1])?;
    Ok(good & speed()?)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("a threshold is missed");
            ExitCode::FAILURE
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}
