//! T1, the only nonlinear fact: an index scaled stays within its axis's reserved reach.
//!
//! `reserve` and `scale` hold the kernel's two multiplications. Everything else is proved about
//! *any* values that these two may return (`stubs.rs`), so this lemma carries the whole weight of
//! 64-bit products. Two independent routes are kept: an SMT solver over the integers on the
//! statement itself, and a stock bit-vector solver on one step of an induction over the index.

use super::Source;
use crate::kernel::{reserve, scale};

/// `index <= last` and `last * magnitude` fits ⟹ `index * magnitude` fits and is at most that.
fn lemma(source: &mut impl Source) {
    let last = source.word();
    let index = source.at_most(last);
    let magnitude = source.word();
    let Some(reach) = reserve(last, magnitude) else {
        cover!(source, last > 1 && magnitude > 1, "a product that does not fit");
        return;
    };
    cover!(source, index > 1 && index < last && magnitude > 1, "a proper multiple");
    // That `scale` does not overflow is checked by its own multiplication.
    let term = scale(index, magnitude);
    assert!(term <= reach);
    assert!(index < last || term == reach);
    assert!(index > 0 || term == 0);
}

/// `reserve` is the exact product, or says that it exceeds 64 bits.
fn exact(source: &mut impl Source) {
    let (steps, size) = (source.word(), source.word());
    let product = steps as u128 * size as u128;
    match reserve(steps, size) {
        Some(reserved) => {
            cover!(source, reserved > steps && reserved > size, "a product that fits");
            assert!(reserved as u128 == product);
        }
        None => {
            cover!(source, true, "a product that does not fit");
            assert!(product > usize::MAX as u128);
        }
    }
}

/// One step of the induction: one more index adds one more magnitude.
fn distribute(source: &mut impl Source) {
    let (index, magnitude) = (source.word(), source.word());
    let (wide, step) = (index as u128, magnitude as u128);
    cover!(source, index > 1 && magnitude > 1, "a proper product");
    assert!((wide + 1) * step == wide * step + step);
}

/// The other half of it, linear: if the product of `index + 1` fits and is at most `reach`, then
/// so is that of `index`.
fn descend(source: &mut impl Source) {
    let reach = source.word();
    let next = source.at_most(reach);
    let magnitude = source.at_most(next);
    let here = next as u128 - magnitude as u128;
    cover!(source, magnitude > 0 && here > 0, "a proper step");
    assert!(here <= reach as u128 && here <= usize::MAX as u128);
}

harness! {
    #[kani::solver(cvc5)]
    t1_lemma => lemma
}
harness! {
    #[kani::solver(cvc5)]
    t1_reserve_is_exact => exact
}
harness! {
    #[kani::solver(bitwuzla)]
    t1_induction_distributes => distribute
}
harness! {
    t1_induction_descends => descend
}
