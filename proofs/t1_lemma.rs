//! T1, the only nonlinear fact: an index scaled stays within its axis's reserved reach.
//!
//! `reserve` and `scale` hold the kernel's two multiplications. Everything else is proved about
//! *any* values that these two may return (`stubs.rs`), so this lemma carries the whole weight of
//! 64-bit products. `smt/t1_lemma.smt2` states it once more, for a solver alone.

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

/// What else the stubs take for granted of any product.
fn products(source: &mut impl Source) {
    let (steps, size) = (source.word(), source.word());
    let reserved = reserve(steps, size);
    assert!(reserved.is_some() || (steps > 1 && size > 1));
    if let Some(product) = reserved {
        cover!(source, product > 1, "a product");
        assert!((steps == 0 || size == 0) == (product == 0));
    }
}

/// The lemma again at 8 bits, where a SAT solver enumerates it: a check on the other route, not
/// needed for it.
fn lemma_at_8_bits(source: &mut impl Source) {
    let last = source.at_most(255);
    let index = source.at_most(last);
    let magnitude = source.at_most(255);
    let (index, last, magnitude) = (index as u8, last as u8, magnitude as u8);
    if let Some(reach) = last.checked_mul(magnitude) {
        cover!(source, index > 1 && index < last && magnitude > 1, "a proper multiple");
        assert!(index.checked_mul(magnitude).is_some_and(|term| term <= reach));
    }
}

mod needs_proofs_solvers_on_path {
    use super::{exact, lemma, products};

    harness! {
        #[kani::solver(cvc5)]
        t1_lemma(source) => lemma(source)
    }
    harness! {
        #[kani::solver(cvc5)]
        t1_reserve_is_exact(source) => exact(source)
    }
    harness! {
        #[kani::solver(cvc5)]
        t1_products(source) => products(source)
    }
}
harness! {
    t1_lemma_at_8_bits(source) => lemma_at_8_bits(source)
}
