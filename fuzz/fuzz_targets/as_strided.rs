//! What is accepted is read without a check, and what is refused is refused for the reason given.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strideproof_testkit::as_strided::{Case, run};
use strideproof_fuzz::Raw;

fuzz_target!(|case: Case| run(&case, &Raw));
