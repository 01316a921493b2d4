//! Runs a property without Kani: on an exhaustive grid of boundary values, then on proptest's.

use core::cell::RefCell;
use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::Source;

/// The values at which integer checks go wrong, the most telling ones first.
const BOUNDARY: [usize; 14] = [
    0,
    1,
    2,
    usize::MAX,
    1 << 63,
    (1 << 63) - 1,
    3,
    1 << 62,
    (1 << 63) + 1,
    usize::MAX - 1,
    1 << 32,
    5,
    (1 << 32) - 1,
    7,
];

/// How many cases the grid may have; the number of values per draw follows from it.
const GRID: usize = 60_000;
/// How many cases proptest adds.
const CASES: u32 = 4_000;
/// The least share of cases that a property's assumptions must keep.
const KEPT: f64 = 0.05;

/// Replays words; past its end it gives 0. Reading on tells how many words a property draws.
pub(crate) struct Tape<'a> {
    words: &'a [usize],
    drawn: usize,
    kept: bool,
    covers: &'a mut BTreeMap<&'static str, bool>,
}

impl Source for Tape<'_> {
    fn word(&mut self) -> usize {
        let word = self.words.get(self.drawn).copied().unwrap_or(0);
        self.drawn += 1;
        word
    }

    fn at_most(&mut self, max: usize) -> usize {
        let word = self.word();
        // Bounds stay reachable: a large word stands for the bound itself.
        if word <= max {
            word
        } else if word > usize::MAX - 4 {
            max
        } else {
            word % (max + 1)
        }
    }

    fn assume(&mut self, condition: bool) -> bool {
        self.kept &= condition;
        condition
    }

    fn cover(&mut self, condition: bool, what: &'static str) {
        *self.covers.entry(what).or_default() |= condition;
    }
}

/// Words that are small, at a boundary, or anything.
fn word() -> impl Strategy<Value = usize> {
    prop_oneof![
        6 => 0usize..6,
        2 => 0usize..100,
        2 => (0usize..12).prop_map(usize::wrapping_neg),
        2 => (proptest::sample::select(&BOUNDARY[..]), 0usize..3)
            .prop_map(|(word, add)| word.wrapping_add(add)),
        1 => any::<usize>(),
    ]
}

/// Runs a property and fails when an assertion does, when a cover is never met, or when the
/// assumptions discard nearly everything.
pub(crate) fn run(name: &str, property: impl Fn(&mut Tape<'_>)) {
    let mut covers = BTreeMap::new();
    let (mut cases, mut kept) = (0usize, 0usize);
    let mut longest = 0;
    let mut case = |words: &[usize]| {
        let mut tape = Tape { words, drawn: 0, kept: true, covers: &mut covers };
        property(&mut tape);
        cases += 1;
        kept += usize::from(tape.kept);
        longest = longest.max(tape.drawn);
        longest
    };

    // The grid: every tape over the first few boundary values, as long as the property draws.
    // Small scattered words too: of equal ones, many properties drop the case before the last draw.
    let draws = (0..64).fold(0, |draws, i| draws.max(case(&vec![i; 64])));
    let draws = (0..4_000_usize).fold(draws, |draws, i| {
        let scattered = |at: usize| {
            let word = (i * 64 + at + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            (word ^ (word >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 61
        };
        draws.max(case(&(0..64).map(scattered).collect::<Vec<_>>()))
    });
    // Where two values for each draw are too many, the first draws alone vary.
    let varied = draws.min(GRID.ilog2() as usize);
    let mut values = 2;
    while values < BOUNDARY.len() && (values + 1).pow(varied as u32) <= GRID {
        values += 1;
    }
    let mut digits = vec![0; varied];
    let mut words = vec![BOUNDARY[0]; draws];
    'grid: loop {
        case(&words);
        for (digit, word) in digits.iter_mut().zip(&mut words) {
            *digit += 1;
            if *digit < values {
                *word = BOUNDARY[*digit];
                continue 'grid;
            }
            *digit = 0;
            *word = BOUNDARY[0];
        }
        break;
    }

    let tapes = proptest::collection::vec(word(), draws..=draws);
    let case = RefCell::new(case);
    let mut runner = TestRunner::new(Config { cases: CASES, ..Config::default() });
    let result = runner.run(&tapes, |words| {
        (case.borrow_mut())(&words);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{name}: {error}");
    }

    let share = kept as f64 / cases as f64;
    assert!(share >= KEPT, "{name}: assumptions keep only {share:.3} of {cases} cases");
    let missed: Vec<_> = covers.iter().filter(|(_, met)| !**met).map(|(what, _)| what).collect();
    assert!(missed.is_empty(), "{name}: never met: {missed:?}");
}
