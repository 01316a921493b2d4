//! Several views at once: two derived from one, and all along an axis.

use super::items::{Piece, Shadow};
use super::model::{Expect, Model};
use super::program::Op;
use super::shared::{dynamic, fixed};
use super::{At, array, maps, numbers};
use strideproof::ops::{OneLess, Rank, Wider};
use strideproof::overlap::Sharing;
use strideproof::{Error, Index, StridedView, StridedViewDyn};

/// Two views that are derived from one: what they share, and their elements side by side.
pub(super) fn beside<T: Piece>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedViewDyn<'_, T>,
    model: &Model,
    pair: &[Op; 2],
) {
    match (view.rank(), &pair[1]) {
        (1, Op::IndexAxis(..)) => unequal::<T, 1, 0>(at, shadow, view, model, pair),
        (2, Op::IndexAxis(..)) if T::EVERY_RANK => {
            unequal::<T, 2, 1>(at, shadow, view, model, pair);
        }
        (3, Op::IndexAxis(..)) if T::EVERY_RANK => {
            unequal::<T, 3, 2>(at, shadow, view, model, pair);
        }
        (rank, _) => at_rank!(T; rank, equal::<T>(at, shadow, view, model, pair)),
    }
}

/// One of the two, and its model. An operation that is refused leaves the view as it is.
fn sibling<'a, T: Piece>(
    at: At<'_>,
    view: StridedViewDyn<'a, T>,
    model: &Model,
    op: &Op,
) -> (StridedViewDyn<'a, T>, Model) {
    match (dynamic(&view, op), maps::expect(model, op, 0)) {
        (Some(Ok(child)), Expect::Listed(model)) => (child, model),
        (Some(Err(error)), Expect::Refused(expected)) if error == expected => (view, model.clone()),
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
    // An index is fixed beside a view of higher rank, which there is not at all ranks.
    let second = if matches!(pair[1], Op::IndexAxis(..)) { &Op::Transpose } else { &pair[1] };
    let (one, one_model) = sibling(at, view, model, &pair[0]);
    let (other, other_model) = sibling(at, view, model, second);
    let (one, other) = (fixed::<T, N>(at, one), fixed::<T, N>(at, other));
    sharing(at, (one, &one_model), (other, &other_model));
    let models = (&one_model, &other_model);
    common(at, shadow, models, one.try_broadcast(&other));
    if at.turn % 4 == 0 && maps::common_shape(one_model.shape(), other_model.shape()).is_ok() {
        common(at, shadow, models, Ok(one.broadcast(&other)));
    }
    let zipped = one.try_zip(&other);
    if one_model.shape() != other_model.shape() {
        let (from, to) = (Index::new(one_model.shape()), Index::new(other_model.shape()));
        let refused = Some(Error::IncompatibleShapes { from, to });
        at.same(zipped.err(), refused, "zip");
        return;
    }
    let Ok(zipped) = zipped else { at.fail(&"zip is refused") };
    let zipped = if at.turn % 2 == 0 { one.zip(&other) } else { zipped };
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
    view: StridedViewDyn<'_, T>,
    model: &Model,
    pair: &[Op; 2],
) where
    Rank<N>: Wider<LESS, N>,
    Rank<LESS>: Wider<N, N>,
{
    let (one, one_model) = sibling(at, view, model, &pair[0]);
    let (other, other_model) = sibling(at, view, model, &pair[1]);
    if other.rank() == N {
        // There is no such index.
        return;
    }
    let (one, other) = (fixed::<T, N>(at, one), fixed::<T, LESS>(at, other));
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
    let mut items = match at.plain() {
        true => view.axis_iter(axis),
        false => match view.try_axis_iter(axis) {
            Ok(items) => items,
            Err(error) => return Some(Err(error)),
        },
    };
    at.same(items.clone().len(), items.len(), "how many a clone has");
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
    let mut lanes = match at.plain() {
        true => view.lanes(axis),
        false => match view.try_lanes(axis) {
            Ok(lanes) => lanes,
            Err(error) => return Some(Err(error)),
        },
    };
    at.same(lanes.clone().len(), lanes.len(), "how many lanes a clone has");
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
