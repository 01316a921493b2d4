//! Lets the contestants of a group take turns in one process and prints what each takes beside the first.
//!
//! What disturbs a machine lasts longer than a turn, so that it disturbs all contestants alike, and the
//! ratio of two turns of one round is steady where their times are not.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use serde_json::json;

/// Rounds of a group; in each every contestant has its turn.
const ROUNDS: usize = 41;
/// The time of a turn: enough for the clock, little enough for many rounds.
const TURN: Duration = Duration::from_millis(2);

/// The time since some moment.
type Clock<'a> = &'a dyn Fn() -> Duration;

/// A contestant's name, and one call of it.
pub(crate) type Contestant<'a> = (&'static str, &'a mut dyn FnMut());

/// Takes a result that nothing else needs, so that no compiler leaves its computation out.
pub(crate) fn keep<R>(result: R) {
    black_box(result);
}

pub(crate) struct Runner {
    /// What a group's name has to contain to run.
    only: String,
    json: bool,
}

impl Runner {
    /// Reads `[ONLY] [--json]`; `--bench` is what `cargo bench` adds.
    pub(crate) fn from_arguments() -> Self {
        let mut runner = Self { only: String::new(), json: false };
        for argument in std::env::args().skip(1) {
            match argument.as_str() {
                "--json" => runner.json = true,
                "--bench" => {}
                _ => runner.only = argument,
            }
        }
        runner
    }

    /// Whether a group runs: what only it needs may be left out otherwise.
    pub(crate) fn wants(&self, group: &str) -> bool {
        group.contains(&self.only)
    }

    /// Measures the contestants, whose calls make so many operations each.
    pub(crate) fn group(&self, name: &str, operations: usize, contestants: &mut [Contestant<'_>]) {
        let start = ThreadTime::now();
        self.group_by(&|| start.elapsed(), name, operations, contestants);
    }

    /// [`group`](Self::group) by the time on the clock, for contestants of more than one thread.
    pub(crate) fn group_of_threads(
        &self,
        name: &str,
        operations: usize,
        contestants: &mut [Contestant<'_>],
    ) {
        let start = Instant::now();
        self.group_by(&|| start.elapsed(), name, operations, contestants);
    }

    fn group_by(
        &self,
        clock: Clock<'_>,
        name: &str,
        operations: usize,
        contestants: &mut [Contestant<'_>],
    ) {
        if !self.wants(name) {
            return;
        }
        let calls: Vec<u32> = contestants.iter_mut().map(|(_, call)| calls(clock, call)).collect();
        let mut times = vec![Vec::with_capacity(ROUNDS); contestants.len()];
        for round in 0..ROUNDS {
            // Each round begins with another, so that none always runs after the same.
            for turn in 0..contestants.len() {
                let at = (turn + round) % contestants.len();
                let elapsed = time(clock, contestants[at].1, calls[at]).as_secs_f64() * 1e9;
                times[at].push(elapsed / f64::from(calls[at]) / operations as f64);
            }
        }
        if !self.json {
            println!("{name}");
        }
        for ((contestant, _), own) in contestants.iter().zip(&times) {
            let ratios = own.iter().zip(&times[0]).map(|(own, first)| own / first);
            let ratios = sorted(ratios);
            let nanoseconds = sorted(own.iter().copied())[ROUNDS / 2];
            let [low, ratio, high] =
                [ROUNDS / 10, ROUNDS / 2, ROUNDS - 1 - ROUNDS / 10].map(|at| ratios[at]);
            if self.json {
                let row = json!({
                    "group": name, "contestant": contestant, "nanoseconds": nanoseconds,
                    "ratio": ratio, "low": low, "high": high,
                });
                println!("{row}");
            } else {
                println!(
                    "  {contestant:<36} {nanoseconds:>11.3} ns {ratio:>7.2}  {low:.2} to {high:.2}"
                );
            }
        }
    }
}

fn sorted(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// What so many calls take.
fn time(clock: Clock<'_>, call: &mut dyn FnMut(), calls: u32) -> Duration {
    let start = clock();
    for _ in 0..calls {
        call();
    }
    clock() - start
}

/// How many calls make a turn. The first calls also warm the caches up.
fn calls(clock: Clock<'_>, call: &mut dyn FnMut()) -> u32 {
    let mut calls = 1u32;
    loop {
        let elapsed = time(clock, call, calls);
        if elapsed >= TURN / 4 {
            let needed = u128::from(calls) * TURN.as_nanos() / elapsed.as_nanos();
            return u32::try_from(needed).unwrap_or(u32::MAX).max(1);
        }
        calls = calls.saturating_mul(2);
    }
}
