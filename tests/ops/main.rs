//! Every operation against its documented meaning, on accepted layouts of all kinds.
//!
//! The meaning of an operation is an index map, written down here a second time in plain `i128`
//! arithmetic: where in the parent does this index of the derived view lie? The oracle for an
//! address is the specification's sum. A derived layout must have the documented shape and, at
//! every index (small layouts) or at corners and random indices (full width), the parent's address.

#![cfg(feature = "alloc")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "64-bit targets; what is cast is a size, or a random number that may be cut"
)]

mod dynamic;
mod elements;
mod layouts;
mod maps;
mod merging;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use strideproof::Layout;

use layouts::indices;

/// So many cases of which few may be dropped: a property names what it does not speak about.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        max_global_rejects: 20 * cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// `offset + Σ i_k · strides_k`, the specification's definition.
pub(crate) fn oracle<const N: usize>(layout: &Layout<N>, index: [usize; N]) -> i128 {
    let terms = index.iter().zip(layout.strides()).map(|(&i, &s)| i as i128 * s as i128);
    layout.offset() as i128 + terms.sum::<i128>()
}

/// The derived layout has the parent's address at the mapped index, wherever it is looked at, and
/// asks for no longer a buffer.
pub(crate) fn follows<const N: usize, const M: usize>(
    parent: &Layout<N>,
    child: &Layout<M>,
    seed: u64,
    map: impl Fn([usize; M]) -> [usize; N],
) -> TestCaseResult {
    prop_assert!(child.required_len() <= parent.required_len(), "{child:?} outgrows {parent:?}");
    for index in indices(child.shape(), seed) {
        let mapped = map(index);
        let valid = mapped.iter().zip(parent.shape()).all(|(i, extent)| i < extent);
        prop_assert!(valid, "{index:?} maps to {mapped:?}, outside {parent:?}");
        let address = child.address(index).map(|address| address as i128);
        prop_assert_eq!(address, Some(oracle(parent, mapped)), "at {:?} of {:?}", index, child);
    }
    Ok(())
}
