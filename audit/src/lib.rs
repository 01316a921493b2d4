#![doc = include_str!("../README.md")]
#![cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "nothing runs cases there"))]

#[cfg(feature = "asan")]
#[allow(unsafe_code, reason = "calls from and into the sanitizer")]
mod asan;
mod class;
#[cfg(feature = "command")]
#[doc(hidden)]
pub mod command;
mod element;
mod finding;
mod generate;
#[cfg_attr(target_os = "linux", path = "guard.rs")]
#[cfg_attr(not(target_os = "linux"), path = "elsewhere.rs")]
#[allow(unsafe_code, reason = "an allocator, a signal handler and fork")]
mod guard;
mod place;
mod record;
mod view;
#[cfg(target_os = "linux")]
mod worker;

pub use class::{Class, Validity};
pub use element::{Element, Owned};
pub use finding::{Finding, Frame, Line, Summary};
pub use generate::{Gen, Plane};
pub use guard::Guard;
pub use place::place;
pub use strideproof_oracle::{Request, Truth};
pub use view::{View, view};

/// A function that makes one request of the crate under audit.
pub type Case = fn(&mut Gen);

/// Makes a program a target: installs the guarded allocator, and audits each of the functions
/// `fn(&mut Gen)` that it is given. For a [`View`] the function is [`view::<Adapter>`](view()).
#[macro_export]
macro_rules! main {
    ($($case:expr),+ $(,)?) => {
        #[global_allocator]
        static GUARD: $crate::Guard = $crate::Guard;

        fn main() -> std::process::ExitCode {
            $crate::run_target(&[$((stringify!($case), $case as $crate::Case)),+])
        }
    };
}

/// Evaluates an expression that calls the crate under audit, and records its text as what is being
/// called and as a statement of the reproduction. With `let PATTERN =` before the expression, both
/// the adapter and the reproduction get the variables.
#[macro_export]
macro_rules! call {
    ($g:expr, let $variable:pat = $call:expr) => {
        $g.call(stringify!($call));
        $g.code(format_args!("let {} = {};", stringify!($variable), stringify!($call)));
        let $variable = $call;
    };
    ($g:expr, $call:expr) => {{
        $g.call(stringify!($call));
        $g.code(format_args!("{};", stringify!($call)));
        $call
    }};
}

/// Audits the functions of a target, as its arguments say: `--seed N`, `--requests N`, `--seconds S`.
/// Findings go to the standard output, one JSON object a line.
#[doc(hidden)]
#[must_use]
pub fn run_target(cases: &[(&str, Case)]) -> std::process::ExitCode {
    #[cfg(target_os = "linux")]
    return worker::main(cases);
    #[cfg(not(target_os = "linux"))]
    {
        eprintln!("error: {} cases need Linux: {NEEDS_LINUX}", cases.len());
        std::process::ExitCode::from(2)
    }
}

/// Why a run needs Linux.
#[cfg(any(feature = "command", not(target_os = "linux")))]
pub(crate) const NEEDS_LINUX: &str = "a case runs in a fork with inaccessible pages around every block and a handler that reads the \
     faulting address; elsewhere run the targets in a Linux container or virtual machine";
