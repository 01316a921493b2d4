//! Measures the scan on published crates, which cargo downloads: where it ranks the defects that
//! are public, how much it says of the controls and of the held-out crates, and what changes
//! without a part of the analysis (`--ablation`). Fails if a threshold is missed.
//!
//! ```sh
//! cargo run --release -p strideproof-scan --example thresholds -- --ablation
//! ```

use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use strideproof_scan::{Class, Report, Without, locate, scan};

/// A public defect: the crate, where it was reported, the lines of its check, its gate or its access,
/// and the lowest rank that is good enough; none if it is only measured.
type Defect = (&'static str, &'static str, &'static [Lines], Option<usize>);

type Lines = (&'static str, RangeInclusive<usize>);

const DEFECTS: [Defect; 8] = [
    (
        "nalgebra@0.35.0",
        "dimforge/nalgebra 1418",
        &[("src/base/matrix_view.rs", 300..=320)],
        Some(5),
    ),
    (
        "nalgebra@0.35.0",
        "dimforge/nalgebra 1620",
        &[("src/base/vec_storage.rs", 120..=135)],
        Some(5),
    ),
    ("nalgebra@0.35.0", "dimforge/nalgebra 1616", &[("src/base/blas_uninit.rs", 30..=120)], None),
    ("rten-tensor@0.27.0", "robertknight/rten 1373", &[("src/layout.rs", 255..=275)], Some(5)),
    (
        "imgref@1.12.0",
        "kornelski/imgref 31",
        &[("src/iter.rs", 190..=226), ("src/lib.rs", 650..=670)],
        Some(5),
    ),
    ("transpose@0.2.2", "RUSTSEC-2023-0080", &[("src/out_of_place.rs", 230..=232)], Some(5)),
    ("v_frame@0.3.9", "rust-av/v_frame 74", &[("src/plane.rs", 505..=560)], Some(5)),
    ("candle-core@0.11.0", "huggingface/candle 3986", &[("src/layout.rs", 12..=30)], Some(20)),
];

const CONTROLS: [&str; 9] = [
    "ndarray@0.17.2",
    "kornia-tensor@0.2.0",
    "mdarray@0.8.1",
    "imgref@1.12.3",
    "transpose@0.2.3",
    "jxl-grid@0.6.2",
    "stride@0.4.0",
    "toodee@0.6.2",
    "resize@0.8.9",
];

/// Crates that no rule and no weight was chosen on; see `HELD_OUT.md`.
const HELD_OUT: [&str; 14] = [
    "rulinalg@0.4.2",
    "toodee@0.5.0",
    "arrow2@0.18.0",
    "imageproc@0.25.0",
    "cgmath@0.18.0",
    "webp@0.3.0",
    "stackvector@1.1.1",
    "ffmpeg-the-third@6.0.0+ffmpeg-9.0",
    "image-texel@0.5.0",
    "grid@1.0.1",
    "fast_image_resize@6.1.0",
    "yuv@0.8.20",
    "tiny-skia@0.12.0",
    "faer@0.24.4",
];

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

fn rank(report: &Report, lines: &[Lines]) -> Option<usize> {
    let hit = |mark: &strideproof_scan::Mark| {
        lines.iter().any(|(file, lines)| mark.file.ends_with(file) && lines.contains(&mark.line))
    };
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
    for (target, reference, lines, within) in &DEFECTS {
        let mut cells = Vec::new();
        for (place, (_, without)) in parts.iter().enumerate() {
            let report = report(target, *without)?;
            let rank = rank(&report, lines);
            if let (0, Some(within)) = (place, within) {
                good &= rank.is_some_and(|rank| rank <= *within);
            }
            let rank = rank.map_or("-".to_owned(), |rank| rank.to_string());
            cells.push(format!("{rank} of {}", report.findings.len()));
        }
        println!("| {target}: {reference} | {} |", cells.join(" | "));
    }
    Ok(good)
}

fn classes(title: &str, targets: &[&str], parts: &[(&str, Without)]) -> Result<bool, String> {
    let mut good = true;
    println!();
    head(&format!("{title}: findings of class 1 / 2 / 3"), parts);
    for target in targets {
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
    good &= classes("control", &CONTROLS, parts)?;
    // Only reported: nothing follows from it for the rules.
    classes("held out", &HELD_OUT, &parts[..1])?;
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
