//! The theorems, one file each. A theorem is a *property*: a function over a [`Source`] of values
//! that asserts something about the crate's own functions, private ones included.
//!
//! Every property is written once and run by two engines. Under Kani the source is symbolic and
//! the run is a proof; under `cargo test` the source replays an exhaustive grid of boundary values
//! and then proptest's values (`engine.rs`), so that each harness body is compiled, executed and
//! refutable without Kani. The ledger, `proofs/README.md`, says what was proved, by what, and when.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::incompatible_msrv,
    reason = "properties compute on small numbers by plain arithmetic; only Kani and tests see them"
)]

/// Where a property takes its values from.
pub(crate) trait Source {
    /// Any 64-bit word.
    fn word(&mut self) -> usize;

    /// Any word up to and with `max`.
    fn at_most(&mut self, max: usize) -> usize;

    /// Any word of so many bits. Masked, not assumed: the constant upper bits vanish from products.
    fn bits(&mut self, bits: u32) -> usize {
        self.word() & ((1 << bits) - 1)
    }

    /// Any integer whose magnitude has so many bits.
    fn signed_bits(&mut self, bits: u32) -> isize {
        let magnitude = self.bits(bits).cast_signed();
        if self.bits(1) == 0 { magnitude } else { -magnitude }
    }

    /// Whether the case counts; a property returns when it does not.
    fn assume(&mut self, condition: bool) -> bool;

    /// Notes that a case was seen; a run in which one never was proves nothing.
    #[cfg(not(kani))]
    fn cover(&mut self, condition: bool, what: &'static str);

    /// Any stride.
    fn stride(&mut self) -> isize {
        self.word().cast_signed()
    }

    /// Any `N` sizes. Element by element: an arbitrary array costs an SMT solver its integer mode.
    fn shape<const N: usize>(&mut self) -> [usize; N] {
        let mut shape = [0; N];
        let mut axis = 0;
        while axis < N {
            shape[axis] = self.word();
            axis += 1;
        }
        shape
    }

    /// Any `N` strides.
    fn strides<const N: usize>(&mut self) -> [isize; N] {
        let mut strides = [0; N];
        let mut axis = 0;
        while axis < N {
            strides[axis] = self.stride();
            axis += 1;
        }
        strides
    }
}

/// Drops the case unless the condition holds.
macro_rules! assume {
    ($source:expr, $condition:expr) => {
        if !$source.assume($condition) {
            return;
        }
    };
}

/// Demands that the condition is satisfiable (Kani) or was met at least once (tests).
macro_rules! cover {
    ($source:expr, $condition:expr, $what:literal) => {{
        #[cfg(kani)]
        kani::cover!($condition, $what);
        #[cfg(not(kani))]
        $source.cover($condition, $what);
    }};
}

/// Declares a theorem's harness: a Kani proof and a test of the same name over one property.
///
/// `#[stubs(…)]` names what Kani puts in the place of other functions: `products`, the kernel's two
/// multiplications; `refusals`, the cold paths that say why a view is refused; `errors`, the function
/// that makes an error of it; `accepted`, all of these, so that a refused view ends the case;
/// `witnesses`, the division that finds one; `uniqueness`, the search for an alias.
macro_rules! harness {
    (@kani [products $($set:ident)*] $($rest:tt)*) => {
        harness! {
            @kani [$($set)*]
            #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
            #[kani::stub(crate::kernel::scale, crate::proofs::stubs::scale)]
            $($rest)*
        }
    };
    (@kani [refusals $($set:ident)*] $($rest:tt)*) => {
        harness! {
            @kani [$($set)*]
            #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
            #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
            #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
            $($rest)*
        }
    };
    (@kani [errors $($set:ident)*] $($rest:tt)*) => {
        harness! {
            @kani [$($set)*]
            #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
            $($rest)*
        }
    };
    (@kani [accepted $($set:ident)*] $($rest:tt)*) => {
        harness! {
            @kani [$($set)*]
            #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::accepted::refuse)]
            #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::accepted::refuse_origin)]
            #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
            #[kani::stub(crate::error::describe, crate::proofs::stubs::accepted::describe)]
            #[kani::stub(crate::error::refuse, crate::proofs::stubs::panic)]
            #[kani::stub(crate::layout::too_short, crate::proofs::stubs::accepted::too_short)]
            $($rest)*
        }
    };
    (@kani [witnesses $($set:ident)*] $($rest:tt)*) => {
        harness! {
            @kani [$($set)*]
            #[kani::stub(crate::kernel::first_outside, crate::proofs::stubs::first_outside)]
            $($rest)*
        }
    };
    (@kani [uniqueness $($set:ident)*] $($rest:tt)*) => {
        harness! {
            @kani [$($set)*]
            #[kani::stub(crate::layout::require_unique, crate::proofs::stubs::require_unique)]
            $($rest)*
        }
    };
    (@kani [] $(#[$attribute:meta])* $name:ident($source:ident) => $property:expr) => {
        #[cfg(kani)]
        #[kani::proof]
        $(#[$attribute])*
        fn $name() {
            let $source = &mut crate::proofs::Symbolic;
            $property;
        }
    };
    (
        $(#[stubs($($set:ident),*)])? $(#[unwind($unwind:literal)])?
        $name:ident($source:ident) => $property:expr
    ) => {
        harness! {
            @kani [$($($set)*)?] $(#[kani::unwind($unwind)])? $name($source) => $property
        }

        #[cfg(test)]
        #[test]
        fn $name() {
            let name = concat!(module_path!(), "::", stringify!($name));
            crate::proofs::engine::run(name, |$source| $property);
        }
    };
}

#[cfg(test)]
mod engine;
#[cfg(kani)]
mod stubs;
mod t1_lemma;
mod t2_step;
mod t3_sound;
mod t4_complete;
mod t5_access;
mod t6_closed;
mod t7_unique;
mod t8_convert;
mod t9_walk;

/// The symbolic source: every value at once.
#[cfg(kani)]
pub(crate) struct Symbolic;

#[cfg(kani)]
impl Source for Symbolic {
    fn word(&mut self) -> usize {
        kani::any()
    }

    fn at_most(&mut self, max: usize) -> usize {
        let word = kani::any();
        kani::assume(word <= max);
        word
    }

    fn assume(&mut self, condition: bool) -> bool {
        kani::assume(condition);
        true
    }
}
