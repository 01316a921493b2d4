//! Uniqueness and sharing, decided exactly: against enumeration, with every witness checked.

mod exhaustive;
mod planted;
mod properties;
mod support;
