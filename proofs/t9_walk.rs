//! T9: the walk over a layout gives the address of every index exactly once, in row-major order, element
//! by element and by runs, and no run leaves the buffer.
//!
//! The sizes are given, so that loops have known bounds, and strides are masked, since each turn of the
//! walk multiplies one by an index. Of any rank and size it is Coq's (`run_is_even`, `walk_is_row_major`).

use super::Source;
use crate::walk::Addresses;
use crate::{Const, Layout};

/// A layout of these sizes in some buffer, and its length.
fn any<const N: usize>(
    source: &mut impl Source,
    shape: [usize; N],
) -> Option<(Layout<Const<N>>, usize)> {
    let mut strides = [0; N];
    let mut axis = 0;
    while axis < N {
        strides[axis] = source.signed_bits(4);
        axis += 1;
    }
    let (offset, len) = (source.bits(6), source.bits(8));
    Some((Layout::new(shape, strides, offset, len).ok()?, len))
}

/// An index, its position in row-major order, and its address by the definition, which is that of an
/// accepted layout and so fits (T3).
fn any_index<const N: usize>(
    source: &mut impl Source,
    layout: &Layout<Const<N>>,
) -> (usize, usize) {
    let (mut position, mut address) = (0, layout.offset());
    let mut axis = 0;
    while axis < N {
        let index = source.at_most(layout.shape()[axis] - 1);
        position = position * layout.shape()[axis] + index;
        let reach = layout.strides()[axis].wrapping_mul(index.cast_signed());
        address = address.wrapping_add_signed(reach);
        axis += 1;
    }
    (position, address)
}

fn runs<const N: usize>(source: &mut impl Source, shape: [usize; N]) {
    let Some((layout, len)) = any(source, shape) else { return };
    let (wanted, expected) = any_index(source, &layout);
    let (mut at, mut runs) = (0, 0);
    Addresses::new(layout).for_each_run(|address, stride, size| {
        if let Some(place) = wanted.checked_sub(at) {
            if place < size {
                let reached = address.wrapping_add_signed(stride.wrapping_mul(place.cast_signed()));
                assert!(reached == expected && reached < len);
            }
        }
        at += size;
        runs += 1;
    });
    cover!(source, runs == 1, "one run of all");
    cover!(source, runs == shape[0], "a run a row");
    assert!(at == layout.len());
}

/// Of four indices.
fn walk<const N: usize>(source: &mut impl Source, shape: [usize; N]) {
    let Some((layout, _)) = any(source, shape) else { return };
    let (wanted, expected) = any_index(source, &layout);
    let mut addresses = Addresses::new(layout);
    let mut at = 0;
    // Not a loop, whose bound would be that of the loops in the walk as well.
    let mut next = || {
        let address = addresses.next();
        assert!(at != wanted || address == Some(expected));
        at += 1;
    };
    next();
    next();
    next();
    next();
    cover!(source, wanted == 3, "the last address");
    assert!(addresses.next().is_none());
}

harness! {
    #[stubs(accepted)]
    #[unwind(4)]
    t9_runs(source) => runs(source, [2, 3])
}
harness! {
    #[stubs(accepted)]
    #[unwind(4)]
    t9_walk(source) => walk(source, [2, 2])
}
