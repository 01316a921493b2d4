//! What AddressSanitizer finds, which also sees into blocks of C's `malloc` and onto the stack.
//!
//! The guard stays: it has the blocks of Rust's allocator, and the faults beside them. A target is
//! linked with the sanitizer by `run --profile asan`, on a nightly compiler.

use std::ffi::{CStr, c_char, c_int, c_void};

use crate::class::Class;
use crate::guard;

unsafe extern "C" {
    fn __asan_get_report_description() -> *const c_char;
    fn __asan_get_report_access_type() -> c_int;
}

/// The sanitizer asks for its options at its start: faults are the guard's, and a block that is too
/// large is refused.
#[unsafe(no_mangle)]
extern "C" fn __asan_default_options() -> *const c_char {
    c"handle_segv=0:handle_sigbus=0:detect_leaks=0:allocator_may_return_null=1".as_ptr()
}

/// The sanitizer calls this before it prints a report and ends the process.
#[unsafe(no_mangle)]
extern "C" fn __asan_on_error() -> *mut c_void {
    // SAFETY: a report is being made.
    let description = unsafe { __asan_get_report_description() };
    // SAFETY: a string of the sanitizer's, for as long as the process lives.
    let description = unsafe { CStr::from_ptr(description) };
    let description = description.to_string_lossy();
    // SAFETY: a report is being made.
    let is_write = unsafe { __asan_get_report_access_type() } != 0;
    let class = match &*description {
        "heap-use-after-free" | "stack-use-after-return" | "stack-use-after-scope" => {
            Class::UseAfterFree
        }
        "double-free" | "attempting double-free" => Class::DoubleFree,
        text if text.contains("free") => Class::BadFree,
        _ if is_write => Class::OutOfBoundsWrite,
        _ => Class::OutOfBoundsRead,
    };
    guard::die(class, format_args!("AddressSanitizer: {description}"))
}
