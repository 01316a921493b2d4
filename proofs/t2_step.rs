//! T2: the accumulator's invariant survives one more axis, whatever its reach; so it holds for any
//! rank.
//!
//! The invariant, after some axes: on each side the partial sum of any valid index's terms is at
//! most what was taken out of the room, and the corner attains it. [`Room::around`] establishes it
//! with empty sums, each [`Room::step`] keeps it, [`Room::finish`] reads the extent off it.

use super::Source;
use crate::kernel::{Extent, Fault, MAX_COUNT, Room, Side, reserve, scale};

/// The step, at full width, from any state that any number of axes may have led to.
fn step(source: &mut impl Source) {
    // The buffer and the view's offset: addresses run over 0..=last.
    let last = source.word();
    let offset = source.at_most(last);
    let beyond = last - offset;
    // The state: what is left on either side, and thereby what was taken.
    let room = Room {
        below: source.at_most(offset),
        above: source.at_most(beyond),
        count: source.at_most(MAX_COUNT),
    };
    assume!(source, room.count >= 1);
    let (taken_below, taken_above) = (offset - room.below, beyond - room.above);
    // Any index's partial sums so far, by the invariant; the corner's are the taken amounts.
    let sum_below = source.at_most(taken_below);
    let sum_above = source.at_most(taken_above);
    // One more axis, and any valid index on it.
    let last_index = source.word();
    assume!(source, last_index < usize::MAX);
    let extent = last_index + 1;
    let stride = source.stride();
    let index = source.at_most(last_index);

    let side = if stride < 0 { Side::Below } else { Side::Above };
    match room.step(extent, stride) {
        Ok(next) => {
            let magnitude = stride.unsigned_abs();
            let term = scale(index, magnitude);
            let corner = scale(last_index, magnitude);
            cover!(source, side == Side::Below && term > 0, "an accepted axis downwards");
            cover!(source, side == Side::Above && term > 0, "an accepted axis upwards");
            // Checked arithmetic: an overflow on the way is a failure.
            let (sum_below, sum_above, corner_below, corner_above) = match side {
                Side::Below => (sum_below + term, sum_above, taken_below + corner, taken_above),
                Side::Above => (sum_below, sum_above + term, taken_below, taken_above + corner),
            };
            // The invariant again.
            assert!(next.below <= offset && next.above <= beyond);
            assert!(sum_below <= offset - next.below && sum_above <= beyond - next.above);
            assert!(corner_below == offset - next.below && corner_above == beyond - next.above);
            // And what it is for: adding terms one by one never leaves the buffer.
            let address = offset + sum_above - sum_below;
            assert!(next.below <= address && address <= last - next.above);
            assert!(next.count <= MAX_COUNT && reserve(room.count, extent) == Some(next.count));
        }
        Err(Fault::Count) => {
            cover!(source, true, "too many elements");
            assert!(reserve(room.count, extent).is_none_or(|count| count > MAX_COUNT));
        }
        Err(Fault::Room(left)) => {
            cover!(source, left == Side::Below, "an axis that leaves below");
            cover!(source, left == Side::Above, "an axis that leaves above");
            // T4 for this axis: the corner of the axes so far, and this one's last index, leave.
            assert!(left == side);
            let taken = if side == Side::Below { taken_below } else { taken_above };
            let limit = if side == Side::Below { offset } else { beyond };
            let reach = reserve(last_index, stride.unsigned_abs());
            assert!(reach.is_none_or(|reach| reach as u128 + taken as u128 > limit as u128));
        }
    }
}

/// The beginning: nothing taken, nothing summed up, one index.
fn begin(source: &mut impl Source) {
    let (offset, last) = (source.word(), source.word());
    match Room::around(offset, last) {
        Some(room) => {
            cover!(source, offset > 0 && offset < last, "room on both sides");
            assert!(offset <= last);
            assert!((room.below, room.above, room.count) == (offset, last - offset, 1));
        }
        None => {
            cover!(source, true, "an offset out of range");
            assert!(offset > last);
        }
    }
}

/// The end: the extent is where the corners are.
fn finish(source: &mut impl Source) {
    let item = source.word();
    let last = source.at_most(usize::MAX - item);
    let offset = source.at_most(last);
    let room = Room {
        below: source.at_most(offset),
        above: source.at_most(last - offset),
        count: source.word(),
    };
    let Extent { count, lowest, highest, required_len } = room.finish(last, item);
    cover!(source, lowest < offset && offset < highest, "a view on both sides of its offset");
    let (sum_below, sum_above) = (offset - room.below, last - offset - room.above);
    assert!(lowest == offset - sum_below && highest == offset + sum_above);
    assert!(required_len == highest + item && required_len <= last + item && count == room.count);
}

harness! {
    #[stubs(products)]
    t2_step(source) => step(source)
}
harness! {
    t2_begin(source) => begin(source)
}
harness! {
    t2_finish(source) => finish(source)
}
