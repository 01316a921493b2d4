//! T7: a view accepted as mutable maps distinct indices to distinct addresses; the two indices of a
//! refusal really collide.

use super::Source;
use crate::overlap::{certificate, collides};

/// Small sizes and strides.
fn layout<const N: usize>(source: &mut impl Source, bits: u32) -> ([usize; N], [isize; N]) {
    let (mut shape, mut strides) = ([0; N], [0; N]);
    let mut axis = 0;
    while axis < N {
        // Counted down from the top, so that small words make axes that matter.
        shape[axis] = (1 << bits) - 1 - source.bits(bits);
        strides[axis] = source.signed_bits(bits);
        axis += 1;
    }
    (shape, strides)
}

fn address<const N: usize>(strides: &[isize; N], index: &[usize; N]) -> i32 {
    let (mut address, mut axis) = (0, 0);
    while axis < N {
        address += (index[axis] as i32) * (strides[axis] as i32);
        axis += 1;
    }
    address
}

/// Any two distinct valid index tuples, or nothing.
fn two<const N: usize>(
    source: &mut impl Source,
    shape: &[usize; N],
    bits: u32,
) -> Option<([usize; N], [usize; N])> {
    let (mut one, mut other) = ([0; N], [0; N]);
    let (mut axis, mut valid, mut distinct) = (0, true, false);
    while axis < N {
        // Masked, so that the upper bits are constant in products.
        let (last, mask) = (shape[axis].saturating_sub(1), (1 << bits) - 1);
        one[axis] = source.at_most(last) & mask;
        other[axis] = source.at_most(last) & mask;
        valid &= shape[axis] > 0;
        distinct |= one[axis] != other[axis];
        axis += 1;
    }
    (valid && distinct).then_some((one, other))
}

/// Whether two different valid index tuples are on items that share a byte, by plain arithmetic.
fn share<const N: usize>(
    strides: &[isize; N],
    itemsize: usize,
    one: &[usize; N],
    other: &[usize; N],
) -> bool {
    let distance = address(strides, one).abs_diff(address(strides, other));
    (distance as usize) < itemsize
}

/// The quick check of axes that nest as they are written: what it accepts is unique, in bytes too.
fn nested<const N: usize>(source: &mut impl Source, bits: u32) {
    let (mut shape, strides) = layout::<N>(source, bits);
    // Mostly short axes: long ones nest only with strides beyond these numbers.
    if source.bits(2) > 0 {
        let mut axis = 0;
        while axis < N {
            shape[axis] = 1 + (shape[axis] & 1);
            axis += 1;
        }
    }
    let itemsize = 1 + source.bits(2);
    let Some((one, other)) = two(source, &shape, bits) else { return };
    let accepted = certificate::nested(&shape, &strides, itemsize);
    cover!(source, !accepted, "a layout that does not nest");
    cover!(source, accepted && itemsize > 1, "two items of a nested layout");
    assert!(!accepted || !share(&strides, itemsize, &one, &other));
}

/// The check of a witness is the definition.
fn witness<const N: usize>(source: &mut impl Source, bits: u32) {
    let (shape, strides) = layout::<N>(source, bits);
    let itemsize = source.bits(2);
    let Some((one, other)) = two(source, &shape, bits) else { return };
    let collide = collides(&shape, &strides, itemsize, &one, &other);
    cover!(source, collide, "a collision");
    cover!(source, !collide, "no collision");
    assert!(collide == share(&strides, itemsize, &one, &other));
}

harness! {
    #[unwind(5)]
    t7_nested_rank3(source) => nested::<3>(source, 3)
}
// Two tuples are compared byte by byte.
harness! {
    #[unwind(17)]
    t7_collides_rank2(source) => witness::<2>(source, 2)
}
