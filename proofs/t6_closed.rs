//! T6: a derived view stays inside its parent.
//!
//! Every operation but `reshape` and `reinterpret` is a [`Selection`], and one function turns a
//! selection into a layout. So the theorem is about that function and *any* selection at all, those
//! that no operation would make included: what it accepts maps its indices to the parent's addresses
//! as documented.

use super::Source;
use crate::kernel::{Room, scale};
use crate::ops::{Along, Selection, Walk, take_walks};
use crate::{Const, Layout};

// Small numbers: the claim has products of three factors. `valid` and the files smt/t6_*.smt2
// have the rest at full width.

fn parent<const N: usize>(source: &mut impl Source, bits: u32) -> Option<Layout<Const<N>>> {
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
) -> Selection<Const<N>, Const<M>> {
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
        let size = (1 << bits) - 1 - source.bits(bits);
        walks[axis] = Walk { size, step: source.signed_bits(bits), along: along(source, rank) };
        axis += 1;
    }
    Selection { start, walks }
}

/// The parent's index that an index of the derived view stands for, by the definition.
fn mapped<const N: usize, const M: usize>(
    selection: &Selection<Const<N>, Const<M>>,
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

/// The heart of it, at full width: a selection whose walks fit into the rooms of the parent's axes
/// maps every valid index of the derived view to a valid index of the parent.
///
/// The room of an axis is that of a view of `0..size` with the selection's start as its offset, so
/// this is T2 once more. `smt/t6_address.smt2` states the identity that makes the derived view's own
/// numbers give the parent's address; that those numbers stay in the buffer is checked by `decide`.
fn valid<const N: usize, const M: usize>(source: &mut impl Source, both: bool) {
    let mut rooms = [Room { below: 0, above: 0, count: 1 }; N];
    let (mut sizes, mut start) = ([0; N], [0; N]);
    let mut axis = 0;
    while axis < N {
        (sizes[axis], start[axis]) = (source.word(), source.word());
        assume!(source, sizes[axis] > 0);
        let Some(room) = Room::around(start[axis], sizes[axis] - 1) else { return };
        rooms[axis] = room;
        axis += 1;
    }
    let mut walks = [Walk::repeat(1); M];
    let (mut shape, mut index) = ([0; M], [0; M]);
    let mut axis = 0;
    while axis < M {
        let step = source.stride();
        let along = if both { Along::Both(0, N - 1) } else { Along::One(source.at_most(N - 1)) };
        (shape[axis], index[axis]) = (source.word(), source.word());
        assume!(source, index[axis] < shape[axis]);
        walks[axis] = Walk { size: shape[axis], step, along };
        axis += 1;
    }
    if take_walks(&mut rooms, &walks, &shape).is_err() {
        cover!(source, true, "a selection that leaves its parent");
        return;
    }
    cover!(source, index[0] > 0 && walks[0].step != 0, "an index away from the start");
    let mut p = 0;
    while p < N {
        // By plain steps: an index that leaves the axis on the way is a failure too.
        let (mut here, mut k) = (start[p], 0);
        while k < M {
            let Walk { step, along, .. } = walks[k];
            if along == Along::One(p) || both {
                let distance = scale(index[k], step.unsigned_abs());
                here = if step < 0 { here - distance } else { here + distance };
                assert!(here < sizes[p]);
            }
            k += 1;
        }
        p += 1;
    }
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

/// Component by component: comparing arrays is comparing bytes to a model checker.
fn differ<T: PartialEq, const N: usize>(one: &[T; N], other: &[T; N]) -> bool {
    let (mut axis, mut differ) = (0, false);
    while axis < N {
        differ |= one[axis] != other[axis];
        axis += 1;
    }
    differ
}

/// Different indices stand for different indices of the parent wherever that is promised, which is
/// all that a derived mutable view rests on.
fn injective<const N: usize, const M: usize>(source: &mut impl Source, bits: u32) {
    let selection = selection::<N, M>(source, bits, N - 1);
    let (mut one, mut other) = ([0; M], [0; M]);
    let mut axis = 0;
    while axis < M {
        let size = selection.walks[axis].size;
        assume!(source, size > 0);
        one[axis] = source.at_most(size - 1);
        other[axis] = size - 1 - source.at_most(size - 1);
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
    assume!(source, differ(&one, &other));
    if selection.is_injective() {
        cover!(source, true, "an injective selection");
        assert!(differ(&mapped(&selection, one), &mapped(&selection, other)));
    } else {
        cover!(source, true, "a selection that repeats");
    }
}

harness! {
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::unwind(4)]
    t6_closed_1_to_1(source) => closed::<1, 1>(source, 2)
}
harness! {
    #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
    #[kani::stub(crate::kernel::scale, crate::proofs::stubs::scale)]
    #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
    #[kani::unwind(8)]
    t6_valid_1_to_1(source) => valid::<1, 1>(source, false)
}
harness! {
    #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
    #[kani::stub(crate::kernel::scale, crate::proofs::stubs::scale)]
    #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
    #[kani::unwind(8)]
    t6_valid_1_to_2(source) => valid::<1, 2>(source, false)
}
harness! {
    #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
    #[kani::stub(crate::kernel::scale, crate::proofs::stubs::scale)]
    #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
    #[kani::unwind(8)]
    t6_valid_diagonal(source) => valid::<2, 1>(source, true)
}
harness! {
    #[kani::unwind(4)]
    t6_injective_1_to_1(source) => injective::<1, 1>(source, 6)
}
harness! {
    #[kani::unwind(5)]
    t6_injective_2_to_2(source) => injective::<2, 2>(source, 3)
}
