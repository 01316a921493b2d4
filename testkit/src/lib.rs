//! The fuzz targets as functions, and what they share.
//!
//! Most modules are one target each: a `Case`, which [`arbitrary`] makes from bytes and whose `Debug`
//! form says what it means, and a function `run`, which panics when the library is wrong about the
//! case, as do the functions that it calls. `fuzz/` feeds them from libFuzzer; `tests/` of this package feeds the same functions with
//! random bytes and with the inputs that are kept below `fuzz/`. What is true comes from
//! [`strideproof_oracle`]. The others are what the targets share:
//!
//! - [`subject`] states the library's answers in the oracle's terms;
//! - [`reading`] reads a view in every way there is, [`printed`] says how it must be printed;
//! - [`replay`] finds the inputs that are kept.

/// Calls a function with a rank that is known when the program runs, as one that the compiler knows;
/// `None` beyond rank 6.
#[macro_export]
macro_rules! at_rank {
    ($rank:expr, $function:ident $arguments:tt) => {
        match $rank {
            0 => Some($function::<0> $arguments),
            1 => Some($function::<1> $arguments),
            2 => Some($function::<2> $arguments),
            3 => Some($function::<3> $arguments),
            4 => Some($function::<4> $arguments),
            5 => Some($function::<5> $arguments),
            6 => Some($function::<6> $arguments),
            _ => None,
        }
    };
}

pub mod as_strided;
pub mod bytes;
#[cfg(feature = "command")]
pub mod command;
pub mod printed;
pub mod reading;
pub mod replay;
pub mod subject;
pub mod unique;
pub mod view_ops;
