//! Programs of derived views and writes, against a list of addresses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strideproof_testkit::view_ops::{Case, run};

fuzz_target!(|case: Case| run(&case));
