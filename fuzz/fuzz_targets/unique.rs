//! Uniqueness and sharing, against brute force.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strideproof_testkit::unique::{Case, run};

fuzz_target!(|case: Case| run(&case));
