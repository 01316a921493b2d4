//! Several views at once: all along an axis, and two derived from one.

use strideproof::overlap::Sharing;
use strideproof::{Error, Rank, StridedViewDyn, View};
use strideproof_oracle::model::{Op, View as Model, common_shape};

use super::items::{Piece, Shadow};
use super::ops::on_view;
use super::{At, agree};
use crate::subject;

/// The most parts of an empty view that are looked at; of others there are few.
const MOST_PARTS: usize = 4;

/// Takes parts from both ends of an iterator, not always by turns, and checks how many are left.
/// Returns them with their numbers.
pub(super) fn take<V>(
    at: At<'_>,
    mut parts: impl DoubleEndedIterator<Item = V> + ExactSizeIterator,
    count: usize,
    empty: bool,
) -> Vec<(usize, V)> {
    let most = if empty { count.min(MOST_PARTS) } else { count };
    let (mut front, mut back) = (0, count);
    let mut taken = Vec::with_capacity(most);
    for k in 0..most {
        at.same(parts.len(), back - front, "how many are left");
        let (part, number) = if (at.turn >> (k % 16)) & 1 > 0 {
            back -= 1;
            (parts.next_back(), back)
        } else {
            front += 1;
            (parts.next(), front - 1)
        };
        taken.push((number, at.some(part, "a part")));
    }
    if most == count {
        at.must(parts.next().is_none() && parts.next_back().is_none(), "that was all");
    }
    taken
}

/// Visits parts of a view, of which the models are known.
fn walk<'a, T: Piece, D: Rank>(
    at: At<'_>,
    parts: Result<
        impl DoubleEndedIterator<Item = View<&'a [T], T, D>> + ExactSizeIterator + Clone,
        Error,
    >,
    model: &Model,
    (count, expected): (usize, impl Fn(usize) -> Model),
) where
    StridedViewDyn<'a, T>: From<View<&'a [T], T, D>>,
{
    match parts {
        Ok(parts) => {
            at.same(parts.clone().len(), parts.len(), "how many a clone has");
            for (number, part) in take(at, parts, count, model.is_empty()) {
                agree::view(at, &part.into(), &expected(number));
            }
        }
        Err(error) => agree::is_refused(at, &error, model),
    }
}

/// Visits all views along an axis.
pub(super) fn walk_axis<T: Piece>(
    at: At<'_>,
    view: &StridedViewDyn<'_, T>,
    model: &Model,
    axis: usize,
) {
    let view = view.clone();
    let parts = if at.plain() { Ok(view.axis_iter(axis)) } else { view.try_axis_iter(axis) };
    let size = model.size(axis).unwrap_or(0);
    walk(at, parts, model, (size, |number| model.without(axis, number)));
}

/// Visits all lanes along an axis.
pub(super) fn walk_lanes<T: Piece>(
    at: At<'_>,
    view: &StridedViewDyn<'_, T>,
    model: &Model,
    axis: usize,
) {
    let view = view.clone();
    let lanes = if at.plain() { Ok(view.lanes(axis)) } else { view.try_lanes(axis) };
    let expected = model.size(axis).map_or(Vec::new(), |_| model.lanes(axis));
    walk(at, lanes, model, (expected.len(), |number| expected[number].clone()));
}

/// One of two views, and its model.
type Sibling<'a, T> = (StridedViewDyn<'a, T>, Model);

/// An operation that is refused leaves the view as it is.
fn sibling<'a, T: Piece>(
    at: At<'_>,
    view: &StridedViewDyn<'a, T>,
    model: &Model,
    op: &Op,
) -> Sibling<'a, T> {
    match (on_view(at, view.clone(), op, false), model.apply(op)) {
        (Ok(child), Ok(model)) => (child, model),
        (Err(error), Err(expected)) if subject::refusal(&error) == expected => {
            (view.clone(), model.clone())
        }
        (result, expected) => at.fail(&format_args!("{op:?} gives {result:?}, not {expected:?}")),
    }
}

/// Two views that are derived from one: what they share, and their elements side by side.
pub(super) fn beside<T: Piece>(
    at: At<'_>,
    shadow: &Shadow,
    view: &StridedViewDyn<'_, T>,
    model: &Model,
    pair: &[Op; 2],
) {
    let [first, second] = [0, 1].map(|which| sibling(at, view, model, &pair[which]));
    sharing(at, &first, &second);
    common(at, &first, &second);
    let ((one, one_model), (other, other_model)) = (first, second);
    let zipped = one.try_zip(&other);
    if one_model.shape() != other_model.shape() {
        let refused = matches!(zipped.err(), Some(Error::IncompatibleShapes { .. }));
        return at.must(refused, "zip of other shapes");
    }
    let expected = shadow.elements::<T>(&one_model).into_iter().zip(shadow.elements(&other_model));
    let zipped = at.some(zipped.ok(), "what is zipped");
    at.same(zipped.len() as u128, one_model.count(), "how many are zipped");
    let copied = |(one, other): (&T, &T)| (*one, *other);
    let pairs: Vec<(T, T)> = match at.turn % 2 {
        0 => one.zip(&other).map(copied).collect(),
        _ => zipped.map(copied).collect(),
    };
    at.must(pairs.into_iter().eq(expected), "zipped");
}

/// Whether two views share elements, and which.
fn sharing<T: Piece>(
    at: At<'_>,
    (one, one_model): &Sibling<'_, T>,
    (other, other_model): &Sibling<'_, T>,
) {
    let (ones, others) = (one_model.addresses(), other_model.addresses());
    let shares = ones.iter().any(|address| others.contains(address));
    match (one.shares_memory(other), shares) {
        (Sharing::Disjoint, false) => {}
        (Sharing::Shared { first, second }, true) => {
            let (one, other) = (one_model.at(&first), other_model.at(&second));
            at.same(one, other, "the elements of the two indices that share one");
        }
        (sharing, _) => at.fail(&format_args!("{sharing:?}, but {ones:?} and {others:?}")),
    }
    let extent = |all: &[i128]| all.iter().min().copied().zip(all.iter().max().copied());
    let may = match (extent(&ones), extent(&others)) {
        (Some((low, high)), Some((other_low, other_high))) => {
            low <= other_high && other_low <= high
        }
        _ => false,
    };
    at.same(one.may_share_memory(other), may, "may_share_memory");
}

/// Compares two views at their common shape with the model.
fn common<T: Piece>(
    at: At<'_>,
    (one, one_model): &Sibling<'_, T>,
    (other, other_model): &Sibling<'_, T>,
) {
    let shape = common_shape(one_model.shape(), other_model.shape());
    let expected = shape.and_then(|shape| {
        let op = Op::Broadcast(shape);
        Some((one_model.apply(&op).ok()?, other_model.apply(&op).ok()?))
    });
    match (one.try_broadcast(other), expected) {
        (Ok((left, right)), Some((left_model, right_model))) => {
            agree::layout(at, left.layout(), &left_model);
            agree::view(at, &left, &left_model);
            agree::view(at, &right, &right_model);
            let (plain, _) = one.broadcast(other);
            at.same(plain.layout(), left.layout(), "broadcast");
        }
        (Err(Error::IncompatibleShapes { .. } | Error::TooManyElements { .. }), None) => {}
        (result, expected) => at.fail(&format_args!("broadcast {result:?}, not {expected:?}")),
    }
}
