//! T1, the only nonlinear fact: an index scaled stays within its axis's reserved reach.
//!
//! `reserve` and `scale` hold the kernel's two multiplications. Coq proves the fact for all numbers
//! (`reserve_correct`, `scale_correct`); most other harnesses put stubs in the place of the two
//! (`stubs.rs`), which may return anything that it allows. Here the compiled multiplications run,
//! with one factor of a few bits: a SAT solver cannot manage two wide ones.

use super::Source;
use crate::kernel::{reserve, scale};

/// `reserve` is the exact product, or says that it exceeds 64 bits; `index <= last` scaled is at
/// most that; and what else the stubs take for granted.
fn lemma(source: &mut impl Source) {
    let last = source.word();
    let index = source.at_most(last);
    let magnitude = source.bits(3);
    let product = last as u128 * magnitude as u128;
    let Some(reach) = reserve(last, magnitude) else {
        cover!(source, true, "a product that does not fit");
        assert!(product > usize::MAX as u128);
        assert!(last > 1 && magnitude > 1);
        return;
    };
    cover!(source, index > 1 && index < last && magnitude > 1, "a proper multiple");
    assert!(reach as u128 == product);
    assert!((last == 0 || magnitude == 0) == (reach == 0));
    // That `scale` does not overflow is checked by its own multiplication.
    let term = scale(index, magnitude);
    assert!(term <= reach);
    assert!(index < last || term == reach);
    assert!(index > 0 || term == 0);
}

harness! {
    t1_lemma(source) => lemma(source)
}
