//! Inputs of the fuzz targets: those that are kept below `fuzz/`, and random ones.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use arbitrary::{Arbitrary, Unstructured};
use strideproof_oracle::Rng;

/// The folder of the targets.
pub fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The files of a folder by their names, none if there is no such folder.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (name, fs::read(&path).expect("a readable file"))
    };
    entries.map(file).collect()
}

/// What an input means.
pub fn case<'a, C: Arbitrary<'a>>(bytes: &'a [u8]) -> C {
    C::arbitrary(&mut Unstructured::new(bytes)).expect("bytes that run out count as 0")
}

/// Inputs of up to so many random bytes, the same in each run.
pub fn random(seed: u64, most: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut random = Rng::new(seed);
    std::iter::from_fn(move || {
        let length = random.below(most);
        Some(random.bytes(length))
    })
}

/// Runs a target on its seeds and regressions, and on random inputs: the same in each run, unless
/// the variable `REPLAY_SEED` chooses others.
///
/// # Panics
/// When the target does, with the input's meaning before it; and when there are no seeds.
pub fn replay<C: for<'a> Arbitrary<'a> + Debug>(target: &str, inputs: usize, run: impl Fn(&C)) {
    let kept = [fuzz_folder().join("corpus-seed"), fuzz_folder().join("regressions")];
    let [seeds, regressions] = kept.map(|folder| files(&folder.join(target)));
    assert!(!seeds.is_empty(), "{target} has no seeds");
    for (name, input) in seeds.iter().chain(&regressions) {
        println!("{target}/{name}: {:?}", case::<C>(input));
        run(&case(input));
    }
    let seed = std::env::var("REPLAY_SEED").ok().and_then(|seed| seed.parse().ok());
    for (number, input) in random(seed.unwrap_or(1), 300).take(inputs).enumerate() {
        let case: C = case(&input);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&case)));
        assert!(outcome.is_ok(), "{target}: random input {number}: {case:?}");
    }
}

/// Compares the seeds of a target with what they should be, and writes them when the variable
/// `UPDATE_SEEDS` is set.
pub fn compare_seeds(target: &str, expected: &BTreeMap<String, Vec<u8>>) {
    let folder = fuzz_folder().join("corpus-seed").join(target);
    if std::env::var_os("UPDATE_SEEDS").is_some() {
        fs::create_dir_all(&folder).expect("a folder");
        for (name, input) in expected {
            fs::write(folder.join(name), input).expect("a file");
        }
    }
    // By name first: a difference of bytes says little.
    let found = files(&folder);
    let names = |map: &BTreeMap<String, Vec<u8>>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(expected), "{target}: the names of the seeds");
    for (name, seed) in expected {
        assert_eq!(found.get(name), Some(seed), "{target}/{name}");
    }
}
