//! Any bytes through the command's library.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strideproof_testkit::command::{Case, run};

fuzz_target!(|case: Case| run(&case));
