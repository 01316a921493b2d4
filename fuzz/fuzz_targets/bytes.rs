//! The byte form, conversion, alignment and reinterpretation, against the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strideproof_testkit::bytes::{Case, run};

fuzz_target!(|case: Case| run(&case));
