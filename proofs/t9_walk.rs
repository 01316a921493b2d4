//! T9: the walk over a layout gives the address of every index exactly once, in row-major order, element
//! by element and by runs, and no run leaves the buffer.
//!
//! The sizes are given, so that loops have known bounds, and strides are masked, since each turn of the
//! walk multiplies one by an index. Of any rank and size it is Coq's (`run_is_even`, `walk_is_row_major`).

use super::Source;
use crate::planes::for_each_plane;
use crate::walk::Addresses;
use crate::{Const, Layout};

/// A layout of these sizes and of strides of so many bits in some buffer, and the buffer's length.
fn any<const N: usize>(
    source: &mut impl Source,
    shape: [usize; N],
    bits: u32,
) -> Option<(Layout<Const<N>>, usize)> {
    let mut strides = [0; N];
    let mut axis = 0;
    while axis < N {
        strides[axis] = source.signed_bits(bits);
        axis += 1;
    }
    let (offset, len) = (source.bits(bits + 2), source.bits(bits + 4));
    Some((Layout::new(shape, strides, offset, len).ok()?, len))
}

/// An index of this shape, and its position in row-major order.
fn any_index<const N: usize>(source: &mut impl Source, shape: [usize; N]) -> ([usize; N], usize) {
    let (mut index, mut position) = ([0; N], 0);
    let mut axis = 0;
    while axis < N {
        index[axis] = source.at_most(shape[axis] - 1);
        position = position * shape[axis] + index[axis];
        axis += 1;
    }
    (index, position)
}

/// The address of an index by the definition, which is that of an accepted layout and so fits (T3).
fn address_of<const N: usize>(layout: &Layout<Const<N>>, index: [usize; N]) -> usize {
    let mut address = layout.offset();
    let mut axis = 0;
    while axis < N {
        let reach = layout.strides()[axis].wrapping_mul(index[axis].cast_signed());
        address = address.wrapping_add_signed(reach);
        axis += 1;
    }
    address
}

fn runs<const N: usize>(source: &mut impl Source, shape: [usize; N]) {
    let Some((layout, len)) = any(source, shape, 4) else { return };
    let (index, wanted) = any_index(source, shape);
    let expected = address_of(&layout, index);
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
    let Some((layout, _)) = any(source, shape, 4) else { return };
    let (index, wanted) = any_index(source, shape);
    let expected = address_of(&layout, index);
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

/// The planes of two layouts have the addresses of each index, and as many rows and columns as there
/// are indices.
fn planes<const N: usize>(source: &mut impl Source, shape: [usize; N]) {
    let (Some((to, _)), Some((from, _))) = (any(source, shape, 2), any(source, shape, 2)) else {
        return;
    };
    let (index, _) = any_index(source, shape);
    let expected = (address_of(&to, index), address_of(&from, index));
    let (mut met, mut count) = (false, 0);
    let seen = for_each_plane(&to, &from, |plane| {
        let (mut row, rows, columns) = (0, plane.rows.size, plane.columns.size);
        while row < rows {
            let mut column = 0;
            while column < columns {
                met |= (plane.to(row, column), plane.from(row, column)) == expected;
                count += 1;
                column += 1;
            }
            row += 1;
        }
        cover!(source, rows == 1, "axes that continue each other");
        cover!(source, rows > 1 && plane.crosses(), "axes that cross");
    });
    assert!(seen.is_ok() && met && count == to.len());
}

/// Layouts of different shapes are not walked together.
fn shapes(source: &mut impl Source) {
    let mut any = || {
        let shape = [source.bits(2), source.bits(2)];
        (shape, Layout::new(shape, [0, 0], 0, 1))
    };
    let ((here, Ok(to)), (there, Ok(from))) = (any(), any()) else { return };
    let mut met = false;
    let seen = for_each_plane(&to, &from, |_| met = true);
    cover!(source, here[0] == there[1] && here[1] == there[0] && seen.is_err(), "sizes exchanged");
    cover!(source, met, "the same shape");
    let are_equal = here[0] == there[0] && here[1] == there[1];
    assert!(are_equal || (seen.is_err() && !met));
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
harness! {
    #[stubs(accepted)]
    #[unwind(7)]
    t9_planes(source) => planes(source, [2, 3])
}
harness! {
    #[stubs(accepted)]
    #[unwind(7)]
    t9_shapes(source) => shapes(source)
}
