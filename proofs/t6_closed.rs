//! T6: a derived view stays inside its parent.
//!
//! Every operation but `reshape` and `reinterpret` is a [`Selection`], and one function turns a
//! selection into a layout. So the theorem is about that function and *any* selection at all, those
//! that no operation would make included: what it accepts maps its indices to the parent's addresses
//! as documented.

use super::Source;
use crate::kernel::{Room, scale};
use crate::ops::{Along, Progression, Selection, Walk, take_walks};
use crate::{Const, Layout};

// Small numbers: the claim has products of three factors. `valid` has the index map at full width,
// and Coq the identity that makes the derived view's own numbers give the parent's address, at any
// rank (proofs/rocq/Operations.v).

/// A parent of three by three indices, each with an address of its own.
fn parent() -> Option<Layout<Const<2>>> {
    Layout::new([3, 3], [4, -1], 2, 11).ok()
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
            let walk = selection.walks[k];
            parent[p] += i32::from(times(walk, p)) * (walk.step as i32) * (index[k] as i32);
            k += 1;
        }
        p += 1;
    }
    parent
}

/// How often a walk moves along an axis of the parent.
fn times(walk: Walk, axis: usize) -> u8 {
    match walk.along {
        Along::Nothing => 0,
        Along::One(one) => u8::from(one == axis),
        Along::Both(one, other) => u8::from(one == axis) + u8::from(other == axis),
    }
}

/// The heart of it, at full width: a selection whose walks fit into the rooms of the parent's axes
/// maps every valid index of the derived view to a valid index of the parent.
///
/// The room of an axis is that of a view of `0..size` with the selection's start as its offset, so
/// this is T2 once more.
fn valid<const N: usize, const M: usize>(source: &mut impl Source, diagonal: bool) {
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
        let along = if diagonal { along(source, N) } else { Along::One(source.at_most(N)) };
        (shape[axis], index[axis]) = (source.word(), source.word());
        assume!(source, index[axis] < shape[axis]);
        walks[axis] = Walk { size: shape[axis], step, along };
        axis += 1;
    }
    if take_walks(&mut rooms, &walks, &shape).is_err() {
        cover!(source, true, "a selection that leaves its parent");
        return;
    }
    cover!(
        source,
        index[0] > 0 && walks[0].step != 0 && times(walks[0], N - 1) > 0,
        "an index away from the start"
    );
    let mut p = 0;
    while p < N {
        // By plain steps: an index that leaves the axis on the way is a failure too.
        let (mut here, mut k) = (start[p], 0);
        while k < M {
            let mut again = 0;
            while again <= u8::from(diagonal) {
                if again < times(walks[k], p) {
                    let distance = scale(index[k], walks[k].step.unsigned_abs());
                    here = if walks[k].step < 0 { here - distance } else { here + distance };
                    assert!(here < sizes[p]);
                }
                again += 1;
            }
            k += 1;
        }
        p += 1;
    }
}

/// Any selection at full width.
fn any<const N: usize, const M: usize>(source: &mut impl Source) -> Selection<Const<N>, Const<M>> {
    let mut walks = [Walk::repeat(1); M];
    let mut axis = 0;
    while axis < M {
        // Counted from the whole axis, so that a tape of small words gives halves of a split.
        let step = source.stride().wrapping_add(1);
        let along = match source.bits(1) {
            0 => Along::One((axis + source.bits(2)) % 4),
            _ => along(source, N),
        };
        walks[axis] = Walk { size: source.word(), step, along };
        axis += 1;
    }
    Selection { start: source.shape::<N>(), walks }
}

/// Where the indices of a selection lie on an axis that is walked alone, one by one: the sum has no
/// product.
fn on_axis<const N: usize>(
    selection: &Selection<Const<N>, Const<N>>,
    axis: usize,
    index: [usize; N],
) -> u128 {
    let (mut here, mut k) = (selection.start[axis] as u128, 0);
    while k < N {
        if times(selection.walks[k], axis) > 0 {
            assert!(times(selection.walks[k], axis) == 1 && selection.walks[k].step == 1);
            here += index[k] as u128;
        }
        k += 1;
    }
    here
}

/// What keeps two exclusive views of one buffer apart, at full width: of a selection that lies
/// before another on an axis, no index stands for an index of the other.
fn apart(source: &mut impl Source) {
    let (mut head, mut tail) = (any::<2, 2>(source), any::<2, 2>(source));
    let (one, other) = (source.shape::<2>(), source.shape::<2>());
    let axis = source.at_most(1);
    // Mostly the halves of a split, which random selections are not.
    if source.bits(3) > 0 {
        let whole = |k, index: [usize; 2]| Walk::whole(k, index[k].saturating_add(1));
        head.walks = [whole(0, one), whole(1, one)];
        tail.walks = [whole(0, other), whole(1, other)];
        tail.start[axis] = head.start[axis].saturating_add(head.walks[axis].size);
    }
    assume!(source, head.lies_before(&tail, axis));
    assume!(source, one[0] < head.walks[0].size && one[1] < head.walks[1].size);
    assume!(source, other[0] < tail.walks[0].size && other[1] < tail.walks[1].size);
    let (one, other) = (on_axis(&head, axis, one), on_axis(&tail, axis, other));
    cover!(source, one + 1 == other, "neighbours at the cut");
    assert!(one < other);
}

/// Three numbers at equal distances, or the first of them in place of those that are left out;
/// nothing where they would be below 0.
fn progression(source: &mut impl Source) -> Option<(Progression, [usize; 3])> {
    let (first, step, size) = (source.bits(3), source.signed_bits(2), 1 + source.at_most(2));
    let reach = |index: usize| index * step.unsigned_abs();
    if step < 0 && first < reach(size - 1) {
        return None;
    }
    let mut numbers = [first; 3];
    let mut index = 1;
    while index < size {
        numbers[index] = if step < 0 { first - reach(index) } else { first + reach(index) };
        index += 1;
    }
    Some((Progression::new(first, step, size), numbers))
}

/// What keeps parts that are cut at once apart, on an axis: two progressions meet exactly if they have
/// a number in common, and in one that both have.
fn interleaved(source: &mut impl Source) {
    let (Some((one, here)), Some((other, there))) = (progression(source), progression(source))
    else {
        return;
    };
    let (here_at, there_at) = (source.at_most(2), source.at_most(2));
    match one.meets(other) {
        Ok(None) => {
            cover!(source, here[here_at] + 1 == there[there_at], "neighbours");
            assert!(here[here_at] != there[there_at]);
        }
        Ok(Some(number)) => {
            cover!(source, here[0] != there[0], "apart at the start");
            assert!(number == here[0] || number == here[1] || number == here[2]);
            assert!(number == there[0] || number == there[1] || number == there[2]);
        }
        Err(_) => panic!("few numbers"),
    }
}

/// What keeps lanes and slices apart: on an axis that a selection says not to move along, all its
/// indices have the index at which it starts.
fn fixed(source: &mut impl Source) {
    let selection = any::<3, 2>(source);
    let axis = source.at_most(2);
    let moves = times(selection.walks[0], axis) + times(selection.walks[1], axis) > 0;
    cover!(source, moves, "an axis that is walked");
    cover!(source, !moves, "an axis that is not");
    assert!(selection.moves_along(axis) == moves);
}

/// What is accepted is inside the parent, index for index.
fn closed<const M: usize>(source: &mut impl Source, bits: u32) {
    let Some(parent) = parent() else { return };
    // One axis more than there is: `select` must see that.
    let selection = selection::<2, M>(source, bits, 2);
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
    assert!(here[0] >= 0 && here[1] >= 0);
    assert!(parent.address([here[0] as usize, here[1] as usize]) == Some(address));
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
    #[stubs(refusals, errors)]
    #[unwind(4)]
    t6_closed_2_to_1(source) => closed::<1>(source, 2)
}
harness! {
    #[stubs(products, refusals)]
    #[unwind(8)]
    t6_valid_1_to_2(source) => valid::<1, 2>(source, false)
}
harness! {
    #[stubs(products, refusals)]
    #[unwind(8)]
    t6_valid_2_to_1(source) => valid::<2, 1>(source, true)
}
harness! {
    #[unwind(4)]
    t6_apart(source) => apart(source)
}
harness! {
    #[unwind(6)]
    t6_interleaved(source) => interleaved(source)
}
harness! {
    #[unwind(4)]
    t6_fixed(source) => fixed(source)
}
harness! {
    #[unwind(5)]
    t6_injective_2_to_2(source) => injective::<2, 2>(source, 3)
}
