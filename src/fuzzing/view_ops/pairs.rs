//! Several views at once: two derived from one, and all along an axis.

use core::array::from_fn;

use super::items::{Piece, Shadow};
use super::model::{Expect, Model};
use super::program::Op;
use super::program::slices;
use super::shared::fixed;
use super::{At, array, maps, numbers};
use crate::ops::{OneLess, Rank, Wider};
use crate::overlap::Sharing;
use crate::{Error, Index, Slice, StridedView, StridedViewDyn};

/// Two views that are derived from one: what they share, and their elements side by side.
pub(super) fn beside<T: Piece>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedViewDyn<'_, T>,
    model: &Model,
    pair: &[Op; 2],
) {
    match (view.rank(), &pair[1]) {
        (1, Op::IndexAxis(..)) => unequal::<T, 1, 0>(at, shadow, fixed(at, view), model, pair),
        (2, Op::IndexAxis(..)) => unequal::<T, 2, 1>(at, shadow, fixed(at, view), model, pair),
        (3, Op::IndexAxis(..)) if T::EVERY_RANK => {
            unequal::<T, 3, 2>(at, shadow, fixed(at, view), model, pair);
        }
        (rank, _) => at_rank!(T; rank, equal::<T>(at, shadow, view, model, pair)),
    }
}

/// One of the two, and its model. An operation that is refused leaves the view as it is.
fn sibling<'a, T: Piece, const N: usize>(
    at: At<'_>,
    view: StridedView<'a, T, N>,
    model: &Model,
    op: &Op,
) -> (StridedView<'a, T, N>, Model) {
    let result = match op {
        Op::Slice(cuts) => {
            let all = slices(cuts);
            view.try_slice(from_fn::<Slice, N, _>(|axis| all[axis]))
        }
        &Op::SliceAxis(axis, cut) => view.try_slice_axis(axis, cut.slice()),
        &Op::Reverse(axis) => view.try_reverse(axis),
        Op::Permute(axes) => view.try_permute(array(at, axes.as_slice())),
        _ => view.try_t(),
    };
    // An index is fixed only beside a view of higher rank, and there only at some ranks.
    let op = if matches!(op, Op::IndexAxis(..)) { &Op::Transpose } else { op };
    match (result, maps::expect(model, op, 0)) {
        (Ok(view), Expect::Listed(model)) => (view, model),
        (Err(error), Expect::Refused(expected)) if error == expected => (view, model.clone()),
        (result, expected) => at.fail(&format_args!("{op:?} gives {result:?}, not {expected:?}")),
    }
}

fn equal<T: Piece, const N: usize>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedViewDyn<'_, T>,
    model: &Model,
    pair: &[Op; 2],
) where
    Rank<N>: Wider<N, N>,
{
    let view = fixed::<T, N>(at, view);
    let (one, one_model) = sibling(at, view, model, &pair[0]);
    let (other, other_model) = sibling(at, view, model, &pair[1]);
    sharing(at, (one, &one_model), (other, &other_model));
    common(at, shadow, (&one_model, &other_model), one.try_broadcast(&other));
    let zipped = one.try_zip(&other);
    if one_model.shape() != other_model.shape() {
        let (from, to) = (Index::new(one_model.shape()), Index::new(other_model.shape()));
        let refused = Some(Error::IncompatibleShapes { from, to });
        at.same(zipped.err(), refused, "zip");
        return;
    }
    let Ok(zipped) = zipped else { at.fail(&"zip is refused") };
    at.same(zipped.len(), one_model.addresses().len(), "how many are zipped");
    let mut all = one_model.addresses().iter().zip(other_model.addresses());
    for (one, other) in zipped {
        let expected = all.next().map(|(&one, &other)| {
            (shadow.get(one_model.place, one), shadow.get(other_model.place, other))
        });
        at.same(Some((*one, *other)), expected, "zipped");
    }
}

fn unequal<T: Piece, const N: usize, const LESS: usize>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedView<'_, T, N>,
    model: &Model,
    pair: &[Op; 2],
) where
    Rank<N>: OneLess<LESS> + Wider<LESS, N>,
    Rank<LESS>: Wider<N, N>,
{
    let (one, one_model) = sibling(at, view, model, &pair[0]);
    let &Op::IndexAxis(axis, index) = &pair[1] else { return };
    let (other, other_model) =
        match (view.try_index_axis(axis, index), maps::expect(model, &pair[1], 0)) {
            (Ok(other), Expect::Listed(model)) => (other, model),
            (Err(error), Expect::Refused(expected)) if error == expected => return,
            (result, _) => at.fail(&format_args!("{:?} gives {result:?}", pair[1])),
        };
    sharing(at, (one, &one_model), (other, &other_model));
    common(at, shadow, (&one_model, &other_model), one.try_broadcast(&other));
    let turned = other.try_broadcast(&one).map(|(other, one)| (one, other));
    match turned {
        Ok(turned) => common(at, shadow, (&one_model, &other_model), Ok(turned)),
        Err(error) => {
            let expected = maps::common_shape(other_model.shape(), one_model.shape());
            at.same(expected.err(), Some(error), "broadcast");
        }
    }
}

/// Whether two views share elements, and which.
fn sharing<T: Piece, const N: usize, const M: usize>(
    at: At<'_>,
    (one, one_model): (StridedView<'_, T, N>, &Model),
    (other, other_model): (StridedView<'_, T, M>, &Model),
) {
    let (ones, others) = (one_model.addresses(), other_model.addresses());
    let has_bytes = size_of::<T>() > 0;
    let shares = has_bytes && ones.iter().any(|address| others.contains(address));
    match (one.shares_memory(&other), shares) {
        (Sharing::Disjoint, false) => {}
        (Sharing::Shared { first, second }, true) => {
            let (one, other) = (one_model.at(&first), other_model.at(&second));
            at.same(one, other, "the elements of the two indices that share one");
        }
        (sharing, _) => at.fail(&format_args!("{sharing:?}, but {ones:?} and {others:?}")),
    }
    let may = has_bytes
        && match (extent(ones), extent(others)) {
            (Some((low, high)), Some((other_low, other_high))) => {
                low <= other_high && other_low <= high
            }
            _ => false,
        };
    at.same(one.may_share_memory(&other), may, "may_share_memory");
}

fn extent(addresses: &[usize]) -> Option<(usize, usize)> {
    addresses.iter().min().copied().zip(addresses.iter().max().copied())
}

/// Compares two views at their common shape with the model.
fn common<T: Piece, const K: usize>(
    at: At<'_>,
    shadow: &Shadow,
    (one, other): (&Model, &Model),
    result: Result<(StridedView<'_, T, K>, StridedView<'_, T, K>), Error>,
) {
    let shape = match (&result, maps::common_shape(one.shape(), other.shape())) {
        (Ok(_), Ok(shape)) => shape,
        (Err(error), Err(expected)) => return at.same(*error, expected, "broadcast"),
        (result, expected) => at.fail(&format_args!("broadcast {result:?}, not {expected:?}")),
    };
    let Ok((one_view, other_view)) = result else { return };
    for (view, model) in [(one_view, one), (other_view, other)] {
        at.same(&view.shape()[..], shape.as_slice(), "the shape to which both broadcast");
        match maps::broadcast(model, shape.as_slice()) {
            Ok(Expect::Listed(model)) => {
                numbers::agree(at, view.layout(), &model);
                at.must(view.iter().eq(&shadow.elements::<T>(&model)), "broadcast elements");
            }
            Ok(Expect::Vast { samples, .. }) => {
                for (index, address) in samples {
                    let address_now = view.layout().address(array(at, index.as_slice()));
                    at.same(address_now, Some(address), "a broadcast address");
                }
            }
            _ => at.fail(&"broadcast is granted"),
        }
    }
}

/// The most items of an empty view that are looked at.
const MOST_ITEMS: usize = 4;

/// Visits all views along an axis from both ends, and gives one of them, if there is one.
pub(super) fn walk_axis<'a, T: Piece, const N: usize, const LESS: usize>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedView<'a, T, N>,
    model: &Model,
    axis: usize,
    pick: usize,
) -> Option<Result<StridedView<'a, T, LESS>, Error>>
where
    Rank<N>: OneLess<LESS>,
{
    let mut items = match view.try_axis_iter(axis) {
        Ok(items) => items,
        Err(error) => return Some(Err(error)),
    };
    let extent = model.shape().get(axis).copied().unwrap_or(0);
    let most = if model.is_empty() { extent.min(MOST_ITEMS) } else { extent };
    let (mut front, mut back) = (0, extent);
    let mut picked = None;
    for k in 0..most {
        at.same(items.len(), back - front, "how many are left");
        // Not always by turns.
        let from_back = (at.turn >> (k % 16)) & 1 > 0;
        let (item, number) = if from_back {
            back -= 1;
            (items.next_back(), back)
        } else {
            front += 1;
            (items.next(), front - 1)
        };
        let Some(item) = item else { at.fail(&format_args!("number {number} is missing")) };
        let Expect::Listed(part) = maps::without(model, axis, number) else {
            at.fail(&"part of a view that is listed")
        };
        at.same(&item.shape()[..], part.shape(), "the shape of a part");
        at.must(item.iter().eq(&shadow.elements::<T>(&part)), "the elements of a part");
        if number == pick % extent {
            picked = Some(Ok(item));
        }
    }
    if most == extent {
        at.must(items.next().is_none() && items.next_back().is_none(), "that was all");
    } else if picked.is_none() {
        // So many that nobody visits them all.
        picked = Some(Ok(view.index_axis(axis, pick % extent)));
    }
    picked
}

/// Visits all lanes along an axis, and gives one of them, if there is one.
pub(super) fn walk_lanes<'a, T: Piece, const N: usize>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedView<'a, T, N>,
    model: &Model,
    axis: usize,
    pick: usize,
) -> Option<Result<StridedView<'a, T, 1>, Error>> {
    let mut lanes = match view.try_lanes(axis) {
        Ok(lanes) => lanes,
        Err(error) => return Some(Err(error)),
    };
    let count = maps::lanes(model, axis);
    let mut picked = None;
    for number in 0..count {
        at.same(lanes.len(), count - number, "how many lanes are left");
        let Some(lane) = lanes.next() else { at.fail(&format_args!("no lane {number}")) };
        let Expect::Listed(part) = maps::lane(model, axis, number) else {
            at.fail(&"part of a view that is listed")
        };
        at.must(lane.iter().eq(&shadow.elements::<T>(&part)), "the elements of a lane");
        if number == pick % count {
            picked = Some(Ok(lane));
        }
    }
    at.must(lanes.len() == 0 && lanes.next().is_none(), "that was all lanes");
    picked
}
