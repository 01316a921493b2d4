//! The run of a target: batches of cases in children, what went wrong in them, and the shrinking of
//! that.

use std::collections::HashSet;
use std::error::Error;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::process::{ExitCode, ExitStatus};
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use strideproof_oracle::Rng;

use crate::Case;
use crate::class::{Class, Validity};
use crate::finding::{Finding, Frame, Line, Summary};
use crate::generate::{Gen, Source};
use crate::guard;

/// How many cases a child runs at most.
const BATCH: u64 = 256;
/// How often a finding is replayed to shrink it, which most often takes less than a second, and ends
/// at the same request whatever else the machine does.
const MOST_REPLAYS: usize = 2000;
/// The processor time after which the shrinking of one ends whose replays take long.
const SHRINK: Duration = Duration::from_millis(1800);
/// The same for one whose replays wait, or that gets little of the processor.
const SHRINK_WAITING: Duration = Duration::from_secs(20);
/// After how many time-outs a run ends.
const MOST_TIME_OUTS: u64 = 3;
/// How often the progress is said.
const PROGRESS: Duration = Duration::from_millis(200);

/// What a run is asked for.
#[derive(Debug)]
struct Plan {
    seed: u64,
    requests: u64,
    seconds: f64,
    /// The names of case functions; all of them if there is none.
    cases: Vec<String>,
}

impl Plan {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut plan =
            Self { seed: 1, requests: 10_000, seconds: f64::INFINITY, cases: Vec::new() };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            let wrong = || format!("{name} {value} is no number");
            match name.as_str() {
                "--seed" => plan.seed = value.parse().map_err(|_| wrong())?,
                "--requests" => plan.requests = value.parse().map_err(|_| wrong())?,
                "--case" => plan.cases.push(value),
                "--seconds" => plan.seconds = value.parse().map_err(|_| wrong())?,
                _ => return Err(format!("there is no option {name}")),
            }
        }
        Ok(plan)
    }
}

pub(crate) fn main(cases: &[(&str, Case)]) -> ExitCode {
    match run(cases) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(cases: &[(&str, Case)]) -> Result<(), Box<dyn Error>> {
    let plan = Plan::parse(std::env::args().skip(1))?;
    if let Some(name) = plan.cases.iter().find(|name| cases.iter().all(|case| case.0 != **name)) {
        return Err(format!("there is no function {name}").into());
    }
    guard::prepare()?;
    std::panic::set_hook(Box::new(remember));
    for &(name, case) in cases {
        if plan.cases.is_empty() || plan.cases.iter().any(|asked| asked == name) {
            Run::new(name, case, &plan).run()?;
        }
    }
    Ok(())
}

/// A panic hook that prints nothing.
fn remember(info: &PanicHookInfo<'_>) {
    guard::paused(|| guard::record().panic.set(format_args!("{info}")));
    guard::trace();
}

/// What findings are told apart by.
type Key = (Class, Validity, String);

/// A case as it can be run again.
#[derive(Clone)]
struct Choices {
    values: Vec<u64>,
    left: bool,
}

struct Run<'a> {
    name: &'a str,
    case: Case,
    plan: &'a Plan,
    began: Instant,
    known: HashSet<Key>,
}

impl<'a> Run<'a> {
    fn new(name: &'a str, case: Case, plan: &'a Plan) -> Self {
        Self { name, case, plan, began: Instant::now(), known: HashSet::new() }
    }

    fn run(mut self) -> io::Result<()> {
        let record = guard::record();
        record.tallies.iter().for_each(|tally| tally.store(0, Relaxed));
        let (mut next, mut said, mut time_outs) = (0, self.began, 0);
        while next < self.plan.requests && self.began.elapsed().as_secs_f64() < self.plan.seconds {
            let end = self.plan.requests.min(next + BATCH);
            let exit = guard::child(|| {
                for number in next..end {
                    record.begin(number);
                    self.attempt(self.source(number), is_left(number));
                    let is_new = key().is_some_and(|key| !self.known.contains(&key));
                    if is_new {
                        return;
                    }
                    if record.class().is_some() {
                        record.repeat();
                    }
                    record.count();
                    // What is drawn next begins with a case of its own.
                    record.begin(number + 1);
                    if !guard::has_room() {
                        return;
                    }
                }
            })?;
            next = record.case.load(Relaxed);
            blame(exit);
            if let Some(key) = key() {
                record.count();
                next += 1;
                let is_time_out = key.0 == Class::TimeOut;
                let stands = if self.known.contains(&key) {
                    record.repeat();
                    true
                } else {
                    self.report(key, next)?
                };
                time_outs += u64::from(is_time_out && stands);
            }
            if time_outs >= MOST_TIME_OUTS {
                break;
            }
            if said.elapsed() > PROGRESS {
                said = Instant::now();
                print(&Line::Progress(self.summary(next)))?;
            }
        }
        print(&Line::Summary(self.summary(next)))
    }

    fn source(&self, number: u64) -> Source {
        // Neighbouring numbers give sequences that have nothing in common (splitmix64).
        let mut seed = self.plan.seed.wrapping_mul(0xd1b5_4a32_d192_ed03).wrapping_add(number);
        for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
            seed = (seed ^ seed >> 30).wrapping_mul(factor);
        }
        Source::Fresh(Rng::new(seed ^ seed >> 31))
    }

    /// Runs one case in this process, and records what came of it unless that ends the process.
    fn attempt(&self, source: Source, left: bool) {
        let record = guard::record();
        let mut g = Gen::new(record, source);
        guard::enter(left);
        let result = catch_unwind(AssertUnwindSafe(|| (self.case)(&mut g)));
        guard::leave();
        let is_good = record.validity() == Validity::Good;
        if result.is_err() {
            record.refused.store(true, Relaxed);
            if is_good {
                record.found(Class::Panic, format_args!("{}", message()));
            }
        } else if is_good && record.refused.load(Relaxed) {
            record.found(Class::TooStrict, format_args!("a request that fits is refused"));
        }
    }

    /// Runs one case in a child, and says what findings it belongs to.
    fn replay(&self, choices: &Choices) -> io::Result<Option<Key>> {
        let record = guard::record();
        record.begin(0);
        let source = Source::Replay(choices.values.clone().into_iter());
        let exit = guard::child(|| self.attempt(source, choices.left))?;
        blame(exit);
        Ok(key())
    }

    /// Shrinks a case that has just been run, and prints the finding. `false` if there is none: the case
    /// took its time because other processes had the processor.
    fn report(&mut self, key: Key, requests: u64) -> io::Result<bool> {
        let record = guard::record();
        let seconds = self.began.elapsed().as_secs_f64();
        let found = Choices { values: record.choices(), left: is_left(requests - 1) };
        let mut finding = self.finding(&key, found.clone(), Vec::new());
        if self.replay(&found)?.as_ref() == Some(&key) {
            let began = Instant::now();
            let smallest = self.shrink(&key, found)?;
            let shrinking = began.elapsed().as_secs_f64();
            record.verbose.store(true, Relaxed);
            guard::with_backtrace(true);
            let mut again = self.replay(&smallest)?;
            let frames = Frame::parse(&record.frames.read());
            guard::with_backtrace(false);
            // A backtrace can fail where the fault itself does not.
            if again.as_ref() != Some(&key) {
                again = self.replay(&smallest)?;
            }
            record.verbose.store(false, Relaxed);
            if again.as_ref() == Some(&key) {
                finding = Finding { shrinking, ..self.finding(&key, smallest, frames) };
            }
        } else if key.0 == Class::TimeOut {
            return Ok(false);
        }
        self.known.insert(key);
        print(&Line::Finding(Box::new(Finding { requests, seconds, ..finding })))?;
        Ok(true)
    }

    /// What the record says of a case that has just been run.
    fn finding(&self, key: &Key, choices: Choices, mut frames: Vec<Frame>) -> Finding {
        let record = guard::record();
        let (class, request, call) = key.clone();
        // What is left is the adapter's, the crate's, and that of its dependencies.
        let kit = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");
        frames.retain(|frame| ![kit, "/rustc/", "./"].iter().any(|of| frame.file.starts_with(of)));
        Finding {
            case: self.name.to_owned(),
            class,
            request,
            call,
            detail: record.detail.read(),
            smallest: record.notes.read(),
            code: record.code.read().lines().map(str::to_owned).collect(),
            frames,
            choices: choices.values,
            left: choices.left,
            requests: 0,
            seconds: 0.0,
            shrinking: 0.0,
        }
    }

    /// Deletes choices and makes them smaller for as long as the finding stays.
    fn shrink(&self, key: &Key, found: Choices) -> io::Result<Choices> {
        let (began, used) = (Instant::now(), guard::processor_time());
        let mut replays = 0;
        let mut is_over = move || {
            replays += 1;
            replays > MOST_REPLAYS
                || guard::processor_time().saturating_sub(used) > SHRINK
                || began.elapsed() > SHRINK_WAITING
        };
        let mut best = found;
        // What a choice was drawn for may end before the choices do.
        let mut keeps = |best: &mut Choices, values: Vec<u64>| -> io::Result<bool> {
            let tried = Choices { values, left: best.left };
            if is_over() || self.replay(&tried)?.as_ref() != Some(key) {
                return Ok(false);
            }
            let values = guard::record().choices();
            let smaller = (values.len(), &values) < (best.values.len(), &best.values);
            if smaller {
                best.values = values;
            }
            Ok(smaller)
        };
        loop {
            let before = best.values.clone();
            for width in [16, 8, 6, 5, 4, 3, 2, 1] {
                let mut at = best.values.len();
                while at > 0 {
                    at -= 1;
                    let mut values = best.values.clone();
                    if at + width <= values.len() {
                        values.drain(at..at + width);
                        keeps(&mut best, values)?;
                        at = at.min(best.values.len());
                    }
                }
            }
            for at in 0..before.len() {
                if at >= best.values.len() {
                    break;
                }
                let mut step = best.values[at];
                while let Some(&value) = best.values.get(at).filter(|_| step > 0) {
                    step = step.min(value);
                    let mut values = best.values.clone();
                    values[at] = value - step;
                    if !keeps(&mut best, values)? {
                        step /= 2;
                    }
                }
            }
            if best.values == before {
                return Ok(best);
            }
        }
    }

    fn summary(&self, requests: u64) -> Summary {
        let tallies = guard::record().tallies.each_ref().map(|tally| tally.load(Relaxed));
        let [good_accepted, good_refused, bad_accepted, bad_refused, accepted, refused, repeated] =
            tallies;
        Summary {
            case: self.name.to_owned(),
            requests,
            seconds: self.began.elapsed().as_secs_f64(),
            good_accepted,
            good_refused,
            bad_accepted,
            bad_refused,
            unspecified: accepted + refused,
            repeated,
        }
    }
}

/// Of four cases one has its blocks at the left.
fn is_left(number: u64) -> bool {
    number % 4 == 3
}

/// What the case belongs to that was run last, if anything went wrong.
fn key() -> Option<Key> {
    let record = guard::record();
    record.class().map(|class| (class, record.validity(), record.call.read()))
}

/// The first paragraph of the last panic's place and message, in one line.
fn message() -> String {
    let text = guard::record().panic.read();
    text.split("\n\n").next().unwrap_or_default().replace('\n', " ")
}

/// Records why a child ended that did not say so itself.
fn blame(exit: ExitStatus) {
    let record = guard::record();
    if record.returned.load(Relaxed) || record.class().is_some() {
        return;
    }
    let panic = message();
    let exit = format!("ended the process with {exit}");
    // What the compiler and the standard library check where debug assertions are on. The hook's
    // text has the place before the message.
    const CHECKS: [&str; 3] = [
        "unsafe precondition(s) violated",
        "null pointer dereference occurred",
        "misaligned pointer dereference",
    ];
    if CHECKS.iter().any(|check| panic.contains(check)) {
        record.found(Class::ViolatedPrecondition, format_args!("{panic}"));
    } else if record.starved.load(Relaxed) {
        record.found(Class::OutOfMemory, format_args!("{exit} after an allocation was refused"));
    } else if panic.is_empty() {
        record.found(Class::Abort, format_args!("{exit}"));
    } else {
        record.found(Class::Abort, format_args!("{exit}: {panic}"));
    }
}

fn print(line: &Line) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    out.write_all(b"\n")?;
    out.flush()
}
