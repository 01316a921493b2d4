//! Writing to parts of a view, all of which are at hand at once.

use std::vec::Vec;

use super::items::{Piece, Shadow};
use super::model::{Expect, Model};
use super::program::Op;
use super::writes::put;
use super::{At, maps};
use strideproof::ops::{OneLess, Rank};
use strideproof::{Error, StridedViewMut};

/// Writes to all elements of a part.
fn every<T: Piece, const M: usize>(
    at: At<'_>,
    shadow: &mut Shadow,
    part: &mut StridedViewMut<'_, T, M>,
    expected: &Expect,
) {
    let Expect::Listed(model) = expected else { at.fail(&"part of a view that is listed") };
    at.same(&part.shape()[..], model.shape(), "the shape of a part");
    for (element, &address) in part.iter_mut().zip(model.addresses()) {
        put(at, shadow, model, address, element);
    }
}

/// Writes lane by lane.
pub(super) fn lanes<T: Piece, const N: usize>(
    at: At<'_>,
    shadow: &mut Shadow,
    view: StridedViewMut<'_, T, N>,
    model: &Model,
    axis: usize,
) -> Result<(), Error> {
    let lanes = if at.plain() { view.lanes_mut(axis) } else { view.try_lanes_mut(axis)? };
    let count = maps::lanes(model, axis);
    at.same(lanes.len(), count, "how many lanes there are");
    let lanes: Vec<_> = lanes.collect();
    at.same(lanes.len(), count, "how many lanes there were");
    for (number, mut lane) in lanes.into_iter().enumerate().rev() {
        every(at, shadow, &mut lane, &maps::lane(model, axis, number));
    }
    Ok(())
}

/// Writes to both halves by turns.
pub(super) fn halves<T: Piece, const N: usize>(
    at: At<'_>,
    shadow: &mut Shadow,
    view: StridedViewMut<'_, T, N>,
    model: &Model,
    axis: usize,
    index: usize,
) -> Result<(), Error> {
    let (mut head, mut tail) = match at.plain() {
        true => view.split_at(axis, index),
        false => view.try_split_at(axis, index)?,
    };
    let half = |tail| maps::expect(model, &Op::SplitAt { axis, index, tail }, 0);
    let (Expect::Listed(head_model), Expect::Listed(tail_model)) = (half(false), half(true)) else {
        at.fail(&"halves of a view that is listed")
    };
    at.same(&head.shape()[..], head_model.shape(), "the shape of the head");
    at.same(&tail.shape()[..], tail_model.shape(), "the shape of the tail");
    let (mut heads, mut tails) = (head.iter_mut(), tail.iter_mut());
    let longest = head_model.addresses().len().max(tail_model.addresses().len());
    for k in 0..=longest {
        let (one, other) = (heads.next(), tails.next());
        for (element, model) in [(one, &head_model), (other, &tail_model)] {
            match (element, model.addresses().get(k)) {
                (Some(element), Some(&address)) => put(at, shadow, model, address, element),
                (None, None) => {}
                (element, _) => at.fail(&format_args!("{element:?} is number {k} of a half")),
            }
        }
    }
    Ok(())
}

/// Writes slice by slice along an axis, which are taken from both ends.
pub(super) fn slices<T: Piece, const N: usize, const LESS: usize>(
    at: At<'_>,
    shadow: &mut Shadow,
    view: StridedViewMut<'_, T, N>,
    model: &Model,
    axis: usize,
) -> Result<(), Error>
where
    Rank<N>: OneLess<LESS>,
{
    let mut items = match at.plain() {
        true => view.axis_iter_mut(axis),
        false => view.try_axis_iter_mut(axis)?,
    };
    let extent = model.shape()[axis];
    // Of an empty view there may be any number, each of them empty.
    let most = if model.is_empty() { extent.min(3) } else { extent };
    let (mut front, mut back) = (0, extent);
    let mut all = Vec::with_capacity(most);
    for k in 0..most {
        at.same(items.len(), back - front, "how many are left");
        let (item, number) = if (at.turn >> (k % 16)) & 1 > 0 {
            back -= 1;
            (items.next_back(), back)
        } else {
            front += 1;
            (items.next(), front - 1)
        };
        let Some(item) = item else { at.fail(&format_args!("number {number} is missing")) };
        all.push((item, number));
    }
    if most == extent {
        at.must(items.next().is_none() && items.next_back().is_none(), "that was all");
    }
    for (mut item, number) in all {
        every(at, shadow, &mut item, &maps::without(model, axis, number));
    }
    Ok(())
}
