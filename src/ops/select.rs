//! How a derived view walks its parent, and the check that it stays there (theorem T6).
//!
//! Written in plain loops, as the kernel is, which a model checker unrolls cheaply.

use crate::error::Error;
use crate::kernel::{self, Fault, Room};
use crate::layout::Layout;
use crate::rank::{Rank, slice};

/// The axes of the parent that one axis of a derived view moves along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Along {
    /// None: a new axis, which repeats what is there.
    #[default]
    Nothing,
    /// One: what most axes do.
    One(usize),
    /// Two different ones at once: a diagonal.
    Both(usize, usize),
}

impl Along {
    fn axes(self) -> [Option<usize>; 2] {
        match self {
            Self::Nothing => [None, None],
            Self::One(axis) => [Some(axis), None],
            Self::Both(one, other) => [Some(one), Some(other)],
        }
    }
}

/// One axis of a derived view: its size, and how far a step along it moves in the parent's indices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Walk {
    pub(crate) size: usize,
    pub(crate) step: isize,
    pub(crate) along: Along,
}

impl Walk {
    /// Walks a whole axis of the parent, as the parent does.
    pub(crate) fn whole(axis: usize, size: usize) -> Self {
        Self { size, step: 1, along: Along::One(axis) }
    }

    /// A new axis that repeats what is there.
    pub(crate) fn repeat(size: usize) -> Self {
        Self { size, step: 0, along: Along::Nothing }
    }

    /// The stride of this axis, if `isize` holds it.
    fn stride(self, strides: &[isize]) -> Option<isize> {
        let [one, other] = self.along.axes();
        let moved = |axis: Option<usize>| match axis {
            Some(axis) => strides.get(axis)?.checked_mul(self.step),
            None => Some(0),
        };
        moved(one)?.checked_add(moved(other)?)
    }
}

/// Maps the indices of a derived view, of rank `E`, into those of its parent, of rank `D`:
/// `parent_p = start_p + Σ_k index_k · step_k`, over the axes `k` that move along `p`.
#[derive(Clone)]
pub(crate) struct Selection<D: Rank, E: Rank> {
    /// The parent's index at which the all-zero index of the derived view lies. On an axis of the
    /// parent without elements it is 0 and means nothing.
    pub(crate) start: D::List<usize>,
    pub(crate) walks: E::List<Walk>,
}

impl<D: Rank, E: Rank> Selection<D, E> {
    pub(crate) fn walks(&self) -> &[Walk] {
        slice::<E, _>(&self.walks)
    }

    fn start(&self) -> &[usize] {
        slice::<D, _>(&self.start)
    }

    fn is_empty(&self) -> bool {
        let mut axis = 0;
        while let Some(walk) = self.walks().get(axis) {
            if walk.size == 0 {
                return true;
            }
            axis += 1;
        }
        false
    }

    /// The sizes of the derived view's axes.
    fn shape(&self) -> Result<E::List<usize>, Error> {
        let mut shape = E::filled(self.walks().len(), 0)?;
        let mut axis = 0;
        while let (Some(size), Some(walk)) = (shape.as_mut().get_mut(axis), self.walks().get(axis))
        {
            *size = walk.size;
            axis += 1;
        }
        Ok(shape)
    }

    /// Whether some axis moves along an axis of the parent.
    pub(crate) fn moves_along(&self, axis: usize) -> bool {
        self.walks().iter().any(|walk| walk.along.axes().contains(&Some(axis)))
    }

    /// Whether different indices certainly stand for different indices of the parent.
    ///
    /// They do when every axis of more than one element moves, and along axes of the parent that
    /// no other such axis moves along. For let two indices differ on axis `k`, which moves along
    /// `p`: then the parent's indices differ on `p`, since nothing else contributes there.
    pub(crate) fn is_injective(&self) -> bool {
        if self.is_empty() {
            return true;
        }
        let Ok(mut moved) = D::filled(self.start().len(), false) else { return false };
        let mut axis = 0;
        while let Some(walk) = self.walks().get(axis) {
            axis += 1;
            if walk.size <= 1 {
                continue;
            }
            if walk.step == 0 || walk.along == Along::Nothing {
                return false;
            }
            let [one, other] = walk.along.axes();
            for along in [one, other] {
                match along.map(|along| moved.as_mut().get_mut(along)) {
                    None => {}
                    Some(Some(moved)) if !*moved => *moved = true,
                    Some(_) => return false,
                }
            }
        }
        true
    }
}

impl<D: Rank, E: Rank> Selection<D, E> {
    /// An index of the parent that is in both selections, or `None` if there is certainly none.
    ///
    /// Exact if on each axis of the parent at most one axis of either moves, and nothing else with
    /// it, as in slices: then each selection has the indices whose components are, on each axis for
    /// itself, in its progression there. Of others it may name an index that is not in both.
    pub(crate) fn common_index(&self, other: &Self) -> Result<Option<D::List<usize>>, Error> {
        if self.is_empty() || other.is_empty() {
            return Ok(None);
        }
        let mut index = self.start.clone();
        for (axis, index) in index.as_mut().iter_mut().enumerate() {
            let (one, other) = (self.progression(axis), other.progression(axis));
            if let (Some(one), Some(other)) = (one, other) {
                match one.meets(other)? {
                    Some(common) => *index = common,
                    None => return Ok(None),
                }
            }
        }
        Ok(Some(index))
    }

    /// The indices on an axis of the parent, if at most one axis moves along it and with nothing
    /// else.
    fn progression(&self, axis: usize) -> Option<Progression> {
        let first = *self.start().get(axis)?;
        let mut movers = self.walks().iter().filter(|walk| walk.along.axes().contains(&Some(axis)));
        match (movers.next(), movers.next()) {
            (None, _) => Some(Progression::new(first, 0, 1)),
            (Some(&Walk { size, step, along: Along::One(_) }), None) => {
                Some(Progression::new(first, step, size))
            }
            _ => None,
        }
    }
}

/// Numbers at equal distances, from the lowest to the highest; `step` is 0 for one number alone.
#[derive(Clone, Copy)]
pub(crate) struct Progression {
    lowest: usize,
    highest: usize,
    step: usize,
}

impl Progression {
    /// `size` numbers from `first` on, at least one, all of which fit.
    pub(crate) fn new(first: usize, step: isize, size: usize) -> Self {
        let step = if size > 1 { step } else { 0 };
        let reach = kernel::scale(size.saturating_sub(1), step.unsigned_abs());
        let (lowest, highest) = if step < 0 {
            (first.saturating_sub(reach), first)
        } else {
            (first, first.saturating_add(reach))
        };
        Self { lowest, highest, step: step.unsigned_abs() }
    }

    pub(crate) fn has(self, number: usize) -> bool {
        self.lowest <= number
            && number <= self.highest
            && matches!(number.abs_diff(self.lowest).checked_rem(self.step), None | Some(0))
    }

    /// The lowest number that is in both; an error if that takes too long to find out.
    ///
    /// A divisor of both steps tells most that interleave apart: their numbers leave different rests.
    /// Where the rests are the same, the longer step reaches a number of the other progression after
    /// as few steps as the shorter one has multiples of the divisor, or leaves it before.
    pub(crate) fn meets(self, other: Self) -> Result<Option<usize>, Error> {
        let (walked, other) = if self.step < other.step { (other, self) } else { (self, other) };
        let divisor = divisor(walked.step, other.step);
        let rest = |number: usize| number.checked_rem(divisor);
        let divides = rest(walked.step) == Some(0) && rest(other.step) == Some(0);
        if divides && rest(walked.lowest) != rest(other.lowest) {
            return Ok(None);
        }
        // What is walked begins just below the other progression, or in it.
        let below = other.lowest.saturating_sub(walked.lowest);
        let skipped = below.checked_div(walked.step).unwrap_or(0);
        let mut number = walked.lowest.saturating_add(kernel::scale(skipped, walked.step));
        let mut steps = 0;
        while number <= walked.highest.min(other.highest) {
            if other.has(number) {
                return Ok(Some(number));
            }
            if steps == STEPS {
                return Err(Error::Undecided);
            }
            steps += 1;
            match number.checked_add(walked.step) {
                Some(next) if walked.step > 0 => number = next,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }
}

/// As many numbers are tried: more are needed only of axes of more than 2^40 elements.
const STEPS: usize = 1 << 20;

/// The greatest common divisor.
fn divisor(one: usize, other: usize) -> usize {
    let (mut one, mut other) = (one, other);
    while let Some(rest) = one.checked_rem(other) {
        (one, other) = (other, rest);
    }
    one
}

impl<D: Rank> Selection<D, D> {
    /// Whether certainly no index of the parent is in both selections: both walk `axis` upwards,
    /// along it and with nothing else, and this one ends where the other begins, or earlier.
    pub(crate) fn lies_before(&self, other: &Self, axis: usize) -> bool {
        match (self.run_along(axis), other.run_along(axis)) {
            (Some((_, 0)), Some(_)) | (Some(_), Some((_, 0))) => true,
            (Some((start, size)), Some((begin, _))) => {
                start.checked_add(size).is_some_and(|end| end <= begin)
            }
            _ => false,
        }
    }

    /// The first index on an axis and the number of them, if one axis walks there and no other.
    fn run_along(&self, axis: usize) -> Option<(usize, usize)> {
        let expected = Walk::whole(axis, self.walks().get(axis)?.size);
        let movers = |walk: &&Walk| walk.along.axes().contains(&Some(axis));
        let mut movers = self.walks().iter().filter(movers);
        let alone = movers.next() == Some(&expected) && movers.next().is_none();
        alone.then_some((*self.start().get(axis)?, expected.size))
    }
}

/// Takes what each walk reaches out of the rooms of the parent's axes that it moves along.
pub(crate) fn take_walks(rooms: &mut [Room], walks: &[Walk], shape: &[usize]) -> Result<(), Error> {
    let rank = rooms.len();
    let mut new = 0;
    while let Some(walk) = walks.get(new) {
        let [one, other] = walk.along.axes();
        for axis in [one, other] {
            let Some(axis) = axis else { continue };
            let Some(room) = rooms.get_mut(axis) else {
                return Err(Error::bad_axis(axis, rank));
            };
            *room = match room.step(walk.size, walk.step) {
                Ok(room) => room,
                Err(Fault::Room(_)) => return Err(Error::LeavesParent { axis }),
                Err(Fault::Count) => {
                    let axis = kernel::overfull_axis(shape, 0, 1).unwrap_or(new);
                    return Err(Error::TooManyElements { axis });
                }
            };
        }
        new += 1;
    }
    Ok(())
}

/// Moves an address `index` steps along an axis, from that of one valid index to that of another:
/// both lie in the extent, and so does everything between (theorem T3).
#[expect(clippy::arithmetic_side_effects, reason = "from address to address of one view: T3")]
fn moved(address: usize, index: usize, stride: isize) -> usize {
    let distance = kernel::scale(index, stride.unsigned_abs());
    if stride < 0 { address - distance } else { address + distance }
}

impl<D: Rank> Layout<D> {
    /// The layout of a derived view, whose addresses are among this layout's (theorem T6).
    ///
    /// Two checks, both with the kernel's arithmetic. First the selection: on each axis `p` of the
    /// parent, the derived view is a view of `0..shape_p`, with offset `start_p` and strides
    /// `step_k`. If the kernel's room suffices on every axis, each index of the derived view is a
    /// valid index of the parent, and so its address one of the parent's. Then the numbers that
    /// come of it, against the parent's buffer: that the address so computed is what the derived
    /// view's own numbers give.
    ///
    /// An empty derived view has no index to misplace. Its offset still has to lie in the buffer:
    /// it is an address of the parent, or the offset of a parent that is empty itself.
    pub(crate) fn select<E: Rank>(&self, selection: &Selection<D, E>) -> Result<Layout<E>, Error> {
        let (start, walks) = (selection.start(), selection.walks());
        let shape = selection.shape()?;
        let empty = selection.is_empty();
        let mut offset = self.offset();
        if self.is_empty() {
            if !empty {
                let empty_axis = self.sizes().iter().position(|&size| size == 0);
                return Err(Error::LeavesParent { axis: empty_axis.unwrap_or(self.rank()) });
            }
        } else {
            let mut rooms = D::filled(self.rank(), Room { below: 0, above: 0, count: 1 })?;
            let mut axis = 0;
            while let (Some(&size), Some(&stride), Some(&start), Some(room)) = (
                self.sizes().get(axis),
                self.steps().get(axis),
                start.get(axis),
                rooms.as_mut().get_mut(axis),
            ) {
                match Room::around(start, size.saturating_sub(1)) {
                    Some(around) => *room = around,
                    None => return Err(Error::LeavesParent { axis }),
                }
                offset = moved(offset, start, stride);
                axis += 1;
            }
            if !empty {
                take_walks(rooms.as_mut(), walks, slice::<E, _>(&shape))?;
            }
        }
        let mut strides = E::filled(walks.len(), 0)?;
        let mut axis = 0;
        while let (Some(walk), Some(stride)) = (walks.get(axis), strides.as_mut().get_mut(axis)) {
            *stride = match walk.stride(self.steps()) {
                Some(stride) => stride,
                // No index moves along this axis, so any stride will do.
                None if empty || walk.size <= 1 => 0,
                None => return Err(Error::DoesNotFit { axis }),
            };
            axis += 1;
        }
        self.derive(shape, strides, offset)
    }

    /// The selection that changes nothing: where most operations start.
    pub(crate) fn whole(&self) -> Result<Selection<D, D>, Error> {
        let mut walks = D::filled(self.rank(), Walk::repeat(1))?;
        for ((axis, walk), &size) in walks.as_mut().iter_mut().enumerate().zip(self.sizes()) {
            *walk = Walk::whole(axis, size);
        }
        Ok(Selection { start: self.first_index(), walks })
    }

    /// The size of an axis that a caller named.
    pub(crate) fn size_of(&self, axis: usize) -> Result<usize, Error> {
        self.sizes().get(axis).copied().ok_or(Error::bad_axis(axis, self.rank()))
    }
}

#[cfg(test)]
#[path = "../../tests/unit/select.rs"]
mod tests;
