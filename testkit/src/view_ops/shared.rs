//! Steps on views for reading.

use super::items::{Piece, Recast, Shadow};
use super::model::{Expect, Model};
use super::program::{Op, slices};
use super::ranks::{Family, is_fixed};
use super::tuple as oracle;
use super::{At, Step, array, layouts, numbers, pairs};
use crate::reading::read_every_way;
use strideproof::ops::{Double, OneLess, OneMore, Rank, Wider};
use strideproof::{Error, MAX_DYN_RANK, StridedView, StridedViewDyn};

/// Goes through the steps of a chain.
pub(super) fn follow<'p, T: Piece>(
    at: At<'p>,
    shadow: &Shadow,
    mut view: StridedViewDyn<'_, T>,
    mut model: &'p Model,
    steps: &'p [Step],
) {
    for (k, step) in steps.iter().enumerate() {
        let at = at.step(&steps[k..]);
        match step.op {
            Op::Items { to, axis } => {
                let context = Recast { at, parent: model, to, axis, rest: &steps[k + 1..] };
                return T::recast(context, shadow, view);
            }
            ref op if op.moves() => {
                let child = derive(at, shadow, &view, model);
                if let (Some(child), Some(next)) = (child, step.successor()) {
                    (view, model) = (child, next);
                }
            }
            _ => look(at, shadow, view, model),
        }
    }
}

/// A step that derives nothing to go on with.
pub(super) fn look<T: Piece>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedViewDyn<'_, T>,
    model: &Model,
) {
    let rank = view.rank();
    match at.op() {
        Op::Recast { .. } => at_every_rank!(rank, recast(at, view.layout(), model)),
        Op::Pair(pair) => pairs::beside(at, shadow, view, model, pair),
        &Op::WrongCount(given) => numbers::wrong_counts(at, view.layout(), given),
        _ => {
            let expected = shadow.elements::<T>(model);
            read(at, view, model, &expected);
            if is_fixed::<T>(rank) {
                at_rank!(T; rank, read_fixed::<T>(at, view, model, &expected));
            }
        }
    }
}
use numbers::recast;

/// Reads a view whose rank is known at run time.
fn read<T: Piece>(at: At<'_>, view: StridedViewDyn<'_, T>, model: &Model, expected: &[T]) {
    let mut all = expected.iter();
    // Lent as whatever can be cloned.
    let cloned = Clone::clone(&view);
    oracle::for_each_index(model.shape(), |index| {
        at.same(cloned.get(index), all.next(), "an element at run-time rank");
    });
    if at.turn % 8 == 6 {
        numbers::agree_at_run_time(at, view.layout(), model);
    }
    at.same(view.get(&[0; 9][..=view.rank()]), None, "the element of an index of another rank");
    at.must(view.iter().eq(expected), "the same elements at run-time rank");
    at.must(view.to_contiguous() == expected, "the same elements in one run at run-time rank");
    at.same(view.as_slice().is_some(), view.layout().is_contiguous(), "as_slice");
    at.must(view.as_slice().is_none_or(|slice| slice == expected), "the same elements as a slice");
    at.same(view.nominal_bytes(), size_of_val(expected) as u128, "the nominal bytes");
    at.same(view.real_bytes(), model.distinct() * size_of::<T>(), "the real bytes");
    if at.turn % 16 == 5 && expected.len() < 64 {
        let text = std::format!("{view}");
        let words = text.split(['[', ']', ' ', '\n']).filter(|word| !word.is_empty());
        at.same(words.count(), expected.len(), "how many are printed");
    }
}

fn read_fixed<T: Piece, const N: usize>(
    at: At<'_>,
    view: StridedViewDyn<'_, T>,
    model: &Model,
    expected: &[T],
) {
    let view = fixed::<T, N>(at, view);
    at.same(view.nominal_bytes(), size_of_val(expected) as u128, "the nominal bytes");
    at.same(view.real_bytes(), model.distinct() * size_of::<T>(), "the real bytes");
    read_every_way(&view, expected, at.turn.to_le_bytes()[1]);
}

/// The view at its rank.
pub(super) fn fixed<'a, T: Piece, const N: usize>(
    at: At<'_>,
    view: StridedViewDyn<'a, T>,
) -> StridedView<'a, T, N> {
    match StridedView::try_from(view) {
        Ok(view) => view,
        Err(error) => at.fail(&format_args!("{:?} has not rank {N}: {error}", view.layout())),
    }
}

/// What a derivation came to; `None` where there is nothing to derive, or no such form.
type Derived<'a, T> = Option<Result<StridedViewDyn<'a, T>, Error>>;

/// Does a step that derives a view, in all its forms.
pub(super) fn derive<'a, T: Piece>(
    at: At<'_>,
    shadow: &Shadow,
    view: &StridedViewDyn<'a, T>,
    model: &Model,
) -> Option<StridedViewDyn<'a, T>> {
    let layout = layouts::derive(at, view.layout(), model);
    let family = Family::of(at.op(), view.rank());
    let fixed = at_family!(T; family, view.rank(), (at, shadow, *view, model);
        same less more twice line);
    // Every other time, where there is another form to go on with.
    let dynamic = match at.turn % 4 < 2 && fixed.is_some() {
        true => None,
        false => dynamic(view, at.op()),
    };
    for result in [&fixed, &dynamic].into_iter().flatten() {
        match (result, &layout) {
            (Ok(view), Some(Ok(layout))) => at.same(view.layout(), layout, "the view's layout"),
            (Err(error), Some(Err(on_layout))) => at.same(error, on_layout, "the view's error"),
            (_, None) => {}
            (Ok(_), Some(Err(error))) => at.fail(&format_args!("only the layout: {error:?}")),
            (Err(error), _) => at.fail(&format_args!("only the view: {error:?}")),
        }
    }
    match (fixed, dynamic) {
        (Some(Ok(fixed)), dynamic) => {
            if let (Some(Ok(dynamic)), 1) = (dynamic, at.turn % 4) {
                only_dynamic(at, shadow, &dynamic);
            }
            Some(fixed)
        }
        (None, Some(Ok(dynamic))) => {
            only_dynamic(at, shadow, &dynamic);
            Some(dynamic)
        }
        _ => None,
    }
}

/// Compares the elements of a derived view whose rank is known at run time with the model.
pub(super) fn only_dynamic<T: Piece>(at: At<'_>, shadow: &Shadow, view: &StridedViewDyn<'_, T>) {
    match at.expect() {
        Expect::Listed(model) => {
            at.same(view.shape(), model.shape(), "the shape");
            let mut all = model.addresses().iter();
            oracle::for_each_index(model.shape(), |index| {
                let expected = all.next().map(|&address| shadow.get::<T>(model.place, address));
                at.same(view.get(index), expected.as_ref(), "an element at run-time rank");
            });
        }
        Expect::Vast { samples, place, .. } => {
            for (index, address) in samples {
                let expected = shadow.get::<T>(*place, *address);
                at.same(view.get(index.as_slice()), Some(&expected), "an element");
            }
        }
        _ => at.fail(&format_args!("it is accepted, as {:?}", view.layout())),
    }
}

pub(super) fn dynamic<'a, T>(view: &StridedViewDyn<'a, T>, op: &Op) -> Derived<'a, T> {
    Some(match op {
        Op::BroadcastTo(shape) => view.try_broadcast_to(shape.as_slice()),
        &Op::SplitAt { axis, index, tail } => {
            view.try_split_at(axis, index).map(|(head, rest)| if tail { rest } else { head })
        }
        op => run_time_forms!(view, op),
    })
}

/// Compares a derived view with what a step should give.
pub(super) fn child<'a, T: Piece, const M: usize>(
    at: At<'_>,
    shadow: &Shadow,
    parent: &Model,
    view: Result<StridedView<'a, T, M>, Error>,
) -> Result<StridedViewDyn<'a, T>, Error>
where
    Rank<M>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let view = match view {
        Ok(view) => view,
        Err(error) => {
            numbers::is_refused(at, &error, parent);
            return Err(error);
        }
    };
    match at.expect() {
        Expect::Listed(model) if at.turn % 8 == 2 => {
            read_every_way(&view, &shadow.elements::<T>(model), at.turn.to_le_bytes()[1]);
        }
        Expect::Listed(model) => {
            let mut all = model.addresses().iter();
            let mut agree = true;
            view.iter().for_each(|element| {
                let expected = all.next().map(|&address| shadow.get::<T>(model.place, address));
                agree &= Some(*element) == expected;
            });
            at.must(agree && all.next().is_none(), "the elements of the model");
        }
        Expect::Vast { samples, place, .. } => {
            for (index, address) in samples {
                let element = view.get(array(at, index.as_slice()));
                at.same(element, Some(&shadow.get(*place, *address)), "an element");
            }
        }
        _ => at.fail(&format_args!("it is accepted, as {:?}", view.layout())),
    }
    if matches!(at.op(), Op::AxisIter { .. } | Op::Lanes { .. } | Op::Items { .. }) {
        // The others have been compared as layouts.
        numbers::agree_with(at, view.layout());
    }
    Ok(StridedViewDyn::from(view))
}

macro_rules! on_view {
    ($at:ident; $view:ident.$plain:ident, $fallible:ident($($argument:expr),*)) => {
        match T::EVERY_RANK {
            true if $at.plain() => Ok($view.$plain($($argument),*)),
            _ => $view.$fallible($($argument),*),
        }
    };
}

fn same<'a, T: Piece, const N: usize>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedViewDyn<'a, T>,
    parent: &Model,
) -> Derived<'a, T>
where
    Rank<N>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let view = fixed::<T, N>(at, view);
    let result = match at.op() {
        Op::BroadcastTo(shape) => {
            on_view!(at; view.broadcast_to, try_broadcast_to(array::<_, N>(at, shape.as_slice())))
        }
        _ => same_forms!(at, view, on_view, N),
    };
    Some(child(at, shadow, parent, result))
}

fn less<'a, T: Piece, const N: usize, const LESS: usize>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedViewDyn<'a, T>,
    parent: &Model,
) -> Derived<'a, T>
where
    Rank<N>: OneLess<LESS>,
    Rank<LESS>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let view = fixed::<T, N>(at, view);
    let result = match at.op() {
        &Op::AxisIter { axis, pick } => pairs::walk_axis(at, shadow, view, parent, axis, pick)?,
        Op::BroadcastTo(shape) => view.try_broadcast_to(array::<_, LESS>(at, shape.as_slice())),
        _ => less_forms!(at, view, on_view, LESS),
    };
    Some(child(at, shadow, parent, result))
}

fn more<'a, T: Piece, const N: usize, const MORE: usize>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedViewDyn<'a, T>,
    parent: &Model,
) -> Derived<'a, T>
where
    Rank<N>: OneMore<MORE>,
    Rank<MORE>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let view = fixed::<T, N>(at, view);
    let result = match at.op() {
        Op::BroadcastTo(shape) => {
            on_view!(at; view.broadcast_to, try_broadcast_to(array::<_, MORE>(at, shape.as_slice())))
        }
        _ => more_forms!(at, view, on_view, MORE),
    };
    Some(child(at, shadow, parent, result))
}

fn twice<'a, T: Piece, const N: usize, const TWICE: usize>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedViewDyn<'a, T>,
    parent: &Model,
) -> Derived<'a, T>
where
    Rank<N>: Double<TWICE>,
    Rank<TWICE>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let view = fixed::<T, N>(at, view);
    let result = match at.op() {
        Op::BroadcastTo(shape) => view.try_broadcast_to(array::<_, TWICE>(at, shape.as_slice())),
        _ => twice_forms!(at, view, on_view, TWICE),
    };
    Some(child(at, shadow, parent, result))
}

fn line<'a, T: Piece, const N: usize>(
    at: At<'_>,
    shadow: &Shadow,
    view: StridedViewDyn<'a, T>,
    parent: &Model,
) -> Derived<'a, T> {
    let view = fixed::<T, N>(at, view);
    let result = match at.op() {
        &Op::Lanes { axis, pick } => pairs::walk_lanes(at, shadow, view, parent, axis, pick)?,
        Op::BroadcastTo(shape) => view.try_broadcast_to(array::<_, 1>(at, shape.as_slice())),
        Op::Reshape(shape) => {
            on_view!(at; view.reshape, try_reshape(array::<_, 1>(at, shape.as_slice())))
        }
        _ => at.fail(&"it gives no line"),
    };
    Some(child(at, shadow, parent, result))
}
