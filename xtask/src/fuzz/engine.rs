//! Builds fuzz targets, runs them, and reads what libFuzzer and AddressSanitizer print.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use crate::process::{Process, output};
use crate::text::tail;
use crate::{Result, toml_of};

/// A fuzz target, as `fuzz/Cargo.toml` has it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) name: String,
    /// Whether it needs a feature of the package, as the command's target does.
    needs_features: bool,
}

#[derive(Deserialize)]
struct Package {
    bin: Vec<Bin>,
}

#[derive(Deserialize)]
struct Bin {
    name: String,
    #[serde(default, rename = "required-features")]
    required_features: Vec<String>,
}

pub(crate) fn targets(root: &Path) -> Result<Vec<Target>> {
    let package: Package = toml_of(&root.join("fuzz/Cargo.toml"))?;
    let targets = package.bin.into_iter();
    Ok(targets
        .map(|bin| Target { name: bin.name, needs_features: !bin.required_features.is_empty() })
        .collect())
}

/// What `fuzz/options/TARGET.options` sets, in the two sections of OSS-Fuzz's format that are used.
#[derive(Default, Deserialize)]
struct Options {
    #[serde(default)]
    libfuzzer: BTreeMap<String, u64>,
    #[serde(default)]
    asan: BTreeMap<String, u64>,
}

impl Target {
    fn options(&self, root: &Path) -> Result<Options> {
        let path = root.join("fuzz/options").join(format!("{}.options", self.name));
        if path.is_file() { toml_of(&path) } else { Ok(Options::default()) }
    }

    /// The flags of every run of this target.
    pub(crate) fn flags(&self, root: &Path) -> Result<Vec<String>> {
        // No other process writes to the corpus, so it need not be read again; and to look up the
        // names of functions is slow.
        let usual = [("timeout", 10), ("rss_limit_mb", 1024), ("reload", 0), ("print_funcs", 0)];
        let mut flags = BTreeMap::from(usual.map(|(flag, value)| (flag.to_owned(), value)));
        flags.extend(self.options(root)?.libfuzzer);
        let mut flags: Vec<_> =
            flags.into_iter().map(|(flag, value)| format!("-{flag}={value}")).collect();
        flags.push("-print_final_stats=1".into());
        let words = root.join("fuzz/dict").join(format!("{}.dict", self.name));
        if words.is_file() {
            flags.push(format!("-dict={}", words.display()));
        }
        Ok(flags)
    }

    /// The sanitizer's options for every run of this target, as its environment variable has them.
    pub(crate) fn sanitizer(&self, root: &Path) -> Result<String> {
        // As `cargo fuzz run` does.
        let mut options = BTreeMap::from([("detect_odr_violation".into(), 0)]);
        options.extend(self.options(root)?.asan);
        let options: Vec<_> =
            options.into_iter().map(|(option, value)| format!("{option}={value}")).collect();
        Ok(options.join(":"))
    }

    /// The folders of committed inputs.
    pub(crate) fn kept(&self, root: &Path) -> Vec<PathBuf> {
        let folders = ["corpus-seed", "regressions"];
        let folders = folders.map(|folder| root.join("fuzz").join(folder).join(&self.name));
        folders.into_iter().filter(|folder| folder.is_dir()).collect()
    }
}

/// The number of files in a folder.
pub(crate) fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// A cargo command of the nightly toolchain, without the variables that cargo set for `xtask`.
pub(crate) fn nightly(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.arg("+nightly").args(arguments).current_dir(folder);
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    command
}

/// What `rustc +nightly` prints for some flags.
pub(crate) fn rustc(arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("rustc");
    output(command.arg("+nightly").args(arguments).env_remove("RUSTUP_TOOLCHAIN"))
}

/// The machine that the toolchain builds for.
pub(crate) fn host() -> Result<String> {
    let version = rustc(&["-vV"])
        .ok_or("there is no nightly toolchain; `rustup toolchain install nightly`")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc does not say which machine it builds for")?.to_owned())
}

/// One way to build the targets, and the folder they are built in.
pub(crate) struct Build {
    folder: PathBuf,
    into: PathBuf,
    host: String,
    sanitizer: String,
    /// Whether it is a copy with faults, which is built for few inputs.
    faults: bool,
}

impl Build {
    /// Optimised, with overflow checks and debug assertions, in cargo-fuzz's own folder.
    pub(crate) fn campaign(root: &Path, sanitizer: &str) -> Result<Self> {
        let into = match sanitizer {
            "address" => root.join("fuzz/target"),
            other => root.join("fuzz/target").join(other),
        };
        let sanitizer = sanitizer.into();
        Ok(Self { folder: root.into(), into, host: host()?, sanitizer, faults: false })
    }

    /// For a copy with faults: the same checks, with few optimisations.
    pub(crate) fn of_faults(copy: &Path) -> Result<Self> {
        let (into, sanitizer) = (copy.join("fuzz/target"), "address".into());
        Ok(Self { folder: copy.into(), into, host: host()?, sanitizer, faults: true })
    }

    /// Builds one target or all.
    pub(crate) fn make(&self, target: Option<&Target>) -> Result {
        let into = self.into.display().to_string();
        let mut command = nightly(&self.folder, &["fuzz", "build"]);
        command.args(["--sanitizer", &self.sanitizer, "--target-dir", &into]);
        // Comparison tracing does not help, because generators decode the inputs: without it
        // `as_strided` covers as much and runs a third faster.
        command.arg("--no-trace-compares");
        if self.faults {
            command.args(["--codegen-units", "16"]);
            command.env("CARGO_INCREMENTAL", "1");
            command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
            // Most of the library is not used by any one target.
            command.env("RUSTFLAGS", "-Zhint-mostly-unused");
        }
        if let Some(target) = target {
            if self.faults && !target.needs_features {
                command.arg("--no-default-features");
            }
            command.arg(&target.name);
        }
        let output = command.output().map_err(|error| format!("cargo: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let log = String::from_utf8_lossy(&output.stderr);
        if let Some(error) = log.find("\nerror") {
            let said: Vec<_> = log[error..].trim_start().lines().take(20).collect();
            return Err(format!("the build failed:\n{}", said.join("\n")));
        }
        Err(format!(
            "cargo fuzz failed; it takes a nightly toolchain (`rustup toolchain install nightly`) \
             and cargo-fuzz (`cargo install cargo-fuzz --locked`):\n{}",
            tail(&log, 10)
        ))
    }

    pub(crate) fn binary(&self, target: &Target) -> PathBuf {
        self.into.join(&self.host).join("release").join(&target.name)
    }
}

/// The numbers that libFuzzer printed last.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Status {
    pub(crate) runs: u64,
    pub(crate) features: u64,
    pub(crate) corpus: u64,
    pub(crate) per_second: u64,
    pub(crate) megabytes: u64,
}

impl Status {
    /// Reads lines such as `#8192 NEW cov: 412 ft: 1508 corp: 201/4Kb exec/s: 4096 rss: 48Mb`, and
    /// the final ones, `stat::…`.
    pub(crate) fn of(text: &str) -> Self {
        let mut status = Self::default();
        for line in text.lines().filter(|line| line.starts_with(['#', 's'])) {
            let mut before = "#";
            for word in line.trim_start_matches("stat::").split_whitespace() {
                let digits = word.trim_start_matches('#');
                let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
                let field = match before {
                    "#" | "number_of_executed_units:" => Some(&mut status.runs),
                    "ft:" => Some(&mut status.features),
                    "corp:" => Some(&mut status.corpus),
                    "exec/s:" | "average_exec_per_sec:" => Some(&mut status.per_second),
                    "rss:" | "peak_rss_mb:" => Some(&mut status.megabytes),
                    _ => None,
                };
                if let (Some(field), Ok(value)) = (field, digits[..end].parse()) {
                    *field = value;
                }
                before = word;
            }
        }
        status
    }
}

/// The command that runs a target.
pub(crate) fn command(binary: &Path, arguments: &[String], sanitizer: &str) -> Command {
    let mut command = Command::new(binary);
    command.args(arguments).env("ASAN_OPTIONS", sanitizer);
    command
}

/// Runs a target, which ends by itself after `expected`, and calls `say` every half minute.
pub(crate) fn run(
    command: Command,
    log: &Path,
    expected: Duration,
    say: impl Fn(Status, Duration),
) -> Result<Ended> {
    // libFuzzer ends inputs that hang; the limit is for a process that hangs otherwise.
    let mut process = Process::start(command, log, expected + Duration::from_secs(120))?;
    let exit = process.wait(|process| say(Status::of(&process.text()), process.elapsed()))?;
    let exit = exit.ok_or_else(|| format!("it does not end; see {}", log.display()))?;
    let text = process.text();
    let status = Status::of(&text);
    say(status, process.elapsed());
    let Status { runs, megabytes, .. } = status;
    let seconds = process.elapsed().as_secs();
    Ok(Ended { success: exit.success(), seconds, runs, megabytes, text, log: log.into() })
}

/// The folders of the generators and oracles.
const HARNESS: [&str; 2] = ["testkit/src", "oracle/src"];

/// The path of a source file within the project.
fn within(file: &str) -> &str {
    if file.contains("/registry/") {
        return "a dependency";
    }
    if file.contains("/library/") {
        return "the standard library";
    }
    let start = file.find("cli/src/").or_else(|| file.find("src/")).unwrap_or(0);
    &file[start..]
}

/// A run that is over.
pub(crate) struct Ended {
    pub(crate) success: bool,
    pub(crate) seconds: u64,
    pub(crate) runs: u64,
    pub(crate) megabytes: u64,
    text: String,
    log: PathBuf,
}

impl Ended {
    /// The input that libFuzzer saved, if it did.
    pub(crate) fn artifact(&self) -> Option<PathBuf> {
        let line =
            self.text.lines().rev().find_map(|line| line.split_once("Test unit written to "));
        line.map(|(_, path)| PathBuf::from(path.trim()))
    }

    /// What noticed a failing input; `None` for a run without a finding.
    pub(crate) fn found_by(&self) -> Option<String> {
        if self.success {
            return None;
        }
        let after = |mark: &str| {
            let (_, rest) = self.text.split_once(mark)?;
            rest.split_whitespace().next().map(|word| word.trim_end_matches(':').to_owned())
        };
        if let Some(kind) = after("ERROR: AddressSanitizer: ") {
            return Some(format!("AddressSanitizer: {kind}"));
        }
        if self.text.contains("ERROR: LeakSanitizer") {
            return Some("LeakSanitizer".into());
        }
        if let Some(place) = after("panicked at ") {
            let (_, rest) = self.text.split_once("panicked at ")?;
            let message = rest.lines().nth(1).unwrap_or_default();
            let file = place.split(':').next().unwrap_or_default();
            return Some(if message.starts_with("attempt to ") {
                "overflow check".into()
            } else if HARNESS.iter().any(|folder| file.contains(folder)) || file.starts_with("fuzz")
            {
                "oracle".into()
            } else {
                format!("panic in {}", within(file))
            });
        }
        if self.text.contains("ERROR: libFuzzer: timeout") {
            return Some("timeout".into());
        }
        if self.text.contains("ERROR: libFuzzer: out-of-memory") {
            return Some("memory limit".into());
        }
        // Without an input the process did not even start.
        self.artifact().map(|_| "crash".into())
    }

    /// The report of a finding: what it is, and the commands that reproduce and minimise it.
    pub(crate) fn finding(&self, root: &Path, build: &Build, target: &Target) -> Option<String> {
        if self.success {
            return None;
        }
        let name = &target.name;
        let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
        let log = below(&self.log);
        let Some(artifact) = self.artifact() else {
            let last = tail(&self.text, 15);
            return Some(format!("{name} did not run to its end ({log}):\n{last}"));
        };
        let said = ["panicked at ", "ERROR: "].iter().find_map(|mark| self.text.find(mark));
        let said = self.text.get(said.unwrap_or(0)..).unwrap_or_default();
        let said: Vec<_> = said.lines().take(12).collect();
        let meaning = build.meaning(target, &artifact).unwrap_or_default();
        let artifact = below(&artifact);
        // With other flags cargo-fuzz would build again.
        let flags = match build.sanitizer.as_str() {
            "address" => "--no-trace-compares".into(),
            other => format!("--no-trace-compares -s {other}"),
        };
        Some(format!(
            "{name} found by {}:\n{}\n\nthe input means: {meaning}\n\
             reproduce:  cargo +nightly fuzz run {flags} {name} {artifact}\n\
             minimise:   cargo +nightly fuzz tmin {flags} {name} {artifact}\n\
             its log:    {log}",
            self.found_by().unwrap_or_else(|| "nothing known".into()),
            said.join("\n"),
        ))
    }
}

impl Build {
    /// The `Debug` form of the case that an input decodes to, as `cargo fuzz fmt` prints it.
    fn meaning(&self, target: &Target, artifact: &Path) -> Option<String> {
        let text = artifact.with_extension("meaning");
        let run = Command::new(self.binary(target))
            .arg(artifact)
            .env("RUST_LIBFUZZER_DEBUG_PATH", &text)
            .stderr(Stdio::null())
            .status();
        let meaning = run.ok().and_then(|_| std::fs::read_to_string(&text).ok());
        let _ = std::fs::remove_file(&text);
        meaning.map(|meaning| meaning.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{Ended, Status};

    #[test]
    fn the_last_of_what_libfuzzer_says_counts() {
        let line = "INFO: seed 7\n\
                    #512\tNEW    cov: 84 ft: 300 corp: 20/90b lim: 4 exec/s: 256 rss: 40Mb\n";
        let status = Status::of(line);
        assert_eq!((status.runs, status.features, status.corpus), (512, 300, 20));
        assert_eq!((status.per_second, status.megabytes), (256, 40));
        let end = "stat::number_of_executed_units: 600\nstat::peak_rss_mb:              45\n";
        let status = Status::of(&(line.to_owned() + end));
        assert_eq!((status.runs, status.features, status.megabytes), (600, 300, 45));
    }

    fn found_by(text: &str) -> Option<String> {
        let (seconds, runs, megabytes) = (0, 0, 0);
        let ended =
            Ended { success: false, seconds, runs, megabytes, text: text.into(), log: "".into() };
        ended.found_by()
    }

    #[test]
    fn a_finding_is_named_after_what_noticed_it() {
        let panic = |place: &str, what: &str| {
            format!(
                "thread '<unnamed>' (7) panicked at {place}:\n{what}\nnote: …\n\
                 ==7== ERROR: libFuzzer: deadly signal\n"
            )
        };
        for (text, by) in [
            (panic("/x/testkit/src/unique.rs:7:9", "case: said unique"), "oracle"),
            (panic("/x/src/iter.rs:41:9", "attempt to add with overflow"), "overflow check"),
            (panic("/x/src/view.rs:41:9", "T3"), "panic in src/view.rs"),
            (
                "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1\n".into(),
                "AddressSanitizer: heap-buffer-overflow",
            ),
            ("==7== ERROR: libFuzzer: timeout after 10 seconds\n".into(), "timeout"),
            ("artifact_prefix='a/'; Test unit written to a/crash-1\n".into(), "crash"),
        ] {
            assert_eq!(found_by(&text).as_deref(), Some(by));
        }
    }

    #[test]
    fn a_target_that_does_not_start_finds_nothing() {
        assert_eq!(found_by("error while loading shared libraries\n"), None);
    }
}
