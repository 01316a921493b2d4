//! T6: a derived view stays inside its parent.
//!
//! Every operation but `reshape` and `reinterpret` is a [`Selection`], and one function turns a
//! selection into a layout. So the theorem is about that function and *any* selection at all, those
//! that no operation would make included: what it accepts maps its indices to the parent's addresses
//! as documented.

use super::Source;
use crate::Layout;
use crate::ops::{Along, Selection, Walk};

// Small numbers: the claim has products of three factors. `smt/t6_slice.smt2` states the arithmetic
// of it at full width.

fn parent<const N: usize>(source: &mut impl Source, bits: u32) -> Option<Layout<N>> {
    let (mut shape, mut strides) = ([0; N], [0; N]);
    let mut axis = 0;
    while axis < N {
        shape[axis] = source.bits(bits);
        strides[axis] = source.signed_bits(bits);
        axis += 1;
    }
    let offset = source.bits(bits + 2);
    Layout::new(shape, strides, offset, (1 << (bits + 2)) - 1).ok()
}

fn along(source: &mut impl Source, rank: usize) -> Along {
    match source.bits(2) {
        0 => Along::One(source.at_most(rank)),
        1 => Along::Nothing,
        _ => Along::Both(source.at_most(rank), source.at_most(rank)),
    }
}

fn selection<const N: usize, const M: usize>(
    source: &mut impl Source,
    bits: u32,
    rank: usize,
) -> Selection<N, M> {
    let mut start = [0; N];
    let mut axis = 0;
    while axis < N {
        start[axis] = source.bits(bits);
        axis += 1;
    }
    let mut walks = [Walk::repeat(1); M];
    let mut axis = 0;
    while axis < M {
        // Counted down, and `other` below likewise, so that a tape of small words differs in them.
        let extent = (1 << bits) - 1 - source.bits(bits);
        walks[axis] = Walk { extent, step: source.signed_bits(bits), along: along(source, rank) };
        axis += 1;
    }
    Selection { start, walks }
}

/// The parent's index that an index of the derived view stands for, by the definition.
fn mapped<const N: usize, const M: usize>(
    selection: &Selection<N, M>,
    index: [usize; M],
) -> [i32; N] {
    let mut parent = [0; N];
    let mut p = 0;
    while p < N {
        parent[p] = selection.start[p] as i32;
        let mut k = 0;
        while k < M {
            let Walk { step, along, .. } = selection.walks[k];
            let times = match along {
                Along::Nothing => 0,
                Along::One(axis) => i32::from(axis == p),
                Along::Both(one, other) => i32::from(one == p) + i32::from(other == p),
            };
            parent[p] += times * (step as i32) * (index[k] as i32);
            k += 1;
        }
        p += 1;
    }
    parent
}

/// What is accepted is inside the parent, index for index.
fn closed<const N: usize, const M: usize>(source: &mut impl Source, bits: u32) {
    let Some(parent) = parent::<N>(source, bits) else { return };
    // One axis more than there is: `select` must see that.
    let selection = selection::<N, M>(source, bits, N);
    let Ok(derived) = parent.select(&selection) else {
        cover!(source, true, "a refused selection");
        return;
    };
    assert!(derived.required_len() <= parent.required_len());
    let mut index = [0; M];
    let mut axis = 0;
    while axis < M {
        index[axis] = source.bits(bits);
        axis += 1;
    }
    let Some(address) = derived.address(index) else { return };
    cover!(source, derived.len() > 1, "an element of a larger view");
    let here = mapped(&selection, index);
    let mut valid = [0; N];
    let mut p = 0;
    while p < N {
        assert!(here[p] >= 0);
        valid[p] = here[p] as usize;
        p += 1;
    }
    assert!(parent.address(valid) == Some(address));
}

/// Different indices stand for different indices of the parent wherever that is promised, which is
/// all that a derived mutable view rests on.
fn injective<const N: usize, const M: usize>(source: &mut impl Source, bits: u32) {
    let selection = selection::<N, M>(source, bits, N - 1);
    let (mut one, mut other) = ([0; M], [0; M]);
    let mut axis = 0;
    while axis < M {
        let extent = selection.walks[axis].extent;
        assume!(source, extent > 0);
        one[axis] = source.at_most(extent - 1);
        other[axis] = extent - 1 - source.at_most(extent - 1);
        // `select` refuses an axis that the parent does not have.
        assume!(
            source,
            match selection.walks[axis].along {
                Along::Nothing => true,
                Along::One(p) => p < N,
                Along::Both(p, q) => p < N && q < N,
            }
        );
        axis += 1;
    }
    assume!(source, one != other);
    if selection.is_injective() {
        cover!(source, true, "an injective selection");
        assert!(mapped(&selection, one) != mapped(&selection, other));
    } else {
        cover!(source, true, "a selection that repeats");
    }
}

harness! {
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::unwind(4)]
    t6_closed_1_to_1(source) => closed::<1, 1>(source, 3)
}
harness! {
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::unwind(5)]
    t6_closed_2_to_1(source) => closed::<2, 1>(source, 3)
}
harness! {
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::unwind(5)]
    t6_closed_1_to_2(source) => closed::<1, 2>(source, 3)
}
harness! {
    #[kani::unwind(4)]
    t6_injective_1_to_1(source) => injective::<1, 1>(source, 6)
}
harness! {
    #[kani::unwind(5)]
    t6_injective_2_to_2(source) => injective::<2, 2>(source, 3)
}
