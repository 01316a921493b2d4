//! Steps on views for writing: derived by value, and written to in the end.

use std::format;

use super::items::{Piece, Recast, Shadow};
use super::model::{Expect, Model};
use super::program::{Op, Type, slices};
use super::ranks::{Family, is_fixed};
use super::{At, Step, array, layouts, numbers, shared, writes};
use strideproof::ops::{Double, OneLess, OneMore, Rank, Wider};
use strideproof::{Error, LayoutDyn, MAX_DYN_RANK, StridedViewMut, StridedViewMutDyn};

/// Goes through the steps of a chain.
pub(super) fn follow<'p, T: Piece>(
    at: At<'p>,
    shadow: &mut Shadow,
    mut view: StridedViewMutDyn<'_, T>,
    model: &'p Model,
    steps: &'p [Step],
) {
    at.same(view.shape(), model.shape(), "the shape for writing");
    if at.turn % 16 == 4 && model.addresses().len() < 64 {
        let shown = (format!("{view:?}"), format!("{view}"));
        let expected = (format!("{:?}", view.as_view()), format!("{}", view.as_view()));
        at.same(shown, expected, "the view for writing as it is printed");
    }
    let mut all = model.addresses().iter();
    view.as_view().iter().for_each(|element| {
        let expected = all.next().map(|&address| shadow.get(model.place, address));
        at.same(Some(*element), expected, "an element of the view for writing");
    });
    for (k, step) in steps.iter().enumerate() {
        let at = at.step(&steps[k..]);
        let rest = &steps[k + 1..];
        match &step.op {
            Op::Write(write) => writes::write(at, shadow, &mut view, model, write),
            &Op::Items { to, axis } => {
                // For reading first, without what follows.
                let mut context = Recast { at, parent: model, to, axis, rest: &[] };
                T::recast(context, shadow, view.as_view());
                if to != Type::Triple {
                    context.rest = rest;
                    return T::recast_mut(context, shadow, view);
                }
            }
            op if op.moves() => {
                let layout = layouts::derive(at, view.layout(), model);
                if at.turn % 4 == 3 {
                    shared::derive(at, shadow, &view.as_view(), model);
                    if let Some(result) = dynamic(op, view.reborrow()) {
                        agree(at, &result.map(|view| *view.layout()), &layout);
                    }
                }
                match (step.successor(), step.writable) {
                    (Some(next), true) => {
                        // Some are only had at run-time rank.
                        let child = match at_fixed_rank(at, view.reborrow()) {
                            Some(Ok(child)) => {
                                agree(at, &Ok(*child.layout()), &layout);
                                return follow(at, shadow, child, next, rest);
                            }
                            None => dynamic(op, view),
                            Some(Err(error)) => Some(Err(error)),
                        };
                        return match child {
                            Some(Ok(child)) => follow(at, shadow, child, next, rest),
                            _ => at.fail(&"it is refused for writing"),
                        };
                    }
                    (next, _) => {
                        if let Some(result) = at_fixed_rank(at, view.reborrow()) {
                            agree(at, &result.map(|view| *view.layout()), &layout);
                        }
                        if let Some(next) = next {
                            let child = shared::derive(at, shadow, &view.as_view(), model);
                            let Some(child) = child else { at.fail(&"nothing is derived") };
                            return shared::follow(at, shadow, child, next, rest);
                        }
                    }
                }
            }
            _ => shared::look(at, shadow, view.as_view(), model),
        }
    }
}

/// Compares what a view for writing became with what a step should give, and with what the layout
/// became if there is such a form.
fn agree(at: At<'_>, result: &Result<LayoutDyn, Error>, layout: &Option<Result<LayoutDyn, Error>>) {
    match (result, at.expect()) {
        (Err(error), Expect::Refused(expected)) => at.same(error, expected, "for writing"),
        (Err(Error::NeedsCopy { .. }), Expect::NeedsCopy) => {}
        (Err(error), Expect::Listed(model)) if !model.is_unique() => {
            numbers::is_alias(at, Some(*error), model);
        }
        // More indices than there are elements.
        (Err(Error::Aliased { first, second }), Expect::Vast { .. }) => {
            let address = |index: &strideproof::Index| match layout {
                Some(Ok(layout)) => layout.address(index.as_slice()?),
                _ => None,
            };
            let shared = address(first).is_some() && address(first) == address(second);
            at.must(shared && first != second, "two indices that share an element");
        }
        (Ok(child), Expect::Listed(model)) if model.is_unique() => match layout {
            Some(layout) => at.same(&Ok(*child), layout, "the layout for writing"),
            None => layouts::agree(at, child),
        },
        (result, _) => at.fail(&format_args!("{result:?} for writing")),
    }
}

/// What a derivation came to; `None` where there is nothing to derive, or no such form.
type Derived<'a, T> = Option<Result<StridedViewMutDyn<'a, T>, Error>>;

fn dynamic<'a, T>(op: &Op, view: StridedViewMutDyn<'a, T>) -> Derived<'a, T> {
    Some(match op {
        &Op::SplitAt { axis, index, tail } => {
            view.try_split_at(axis, index).map(|(head, rest)| if tail { rest } else { head })
        }
        op => run_time_forms!(view, op),
    })
}

fn at_fixed_rank<'a, T: Piece>(at: At<'_>, view: StridedViewMutDyn<'a, T>) -> Derived<'a, T> {
    let rank = view.layout().rank();
    if matches!(at.op(), Op::BroadcastTo(_)) {
        // A repeated element is not written to: there is no such method.
        return None;
    }
    let family = Family::of(at.op(), rank);
    at_family!(T; family, rank, (at, view); same less more twice line)
}

/// The view at its rank.
pub(super) fn fixed<'a, T: Piece, const N: usize>(
    at: At<'_>,
    view: StridedViewMutDyn<'a, T>,
) -> StridedViewMut<'a, T, N> {
    let rank = view.layout().rank();
    match StridedViewMut::try_from(view) {
        Ok(view) => view,
        Err(error) => at.fail(&format_args!("rank {rank} is not rank {N}: {error}")),
    }
}

macro_rules! for_writing {
    ($at:ident; $view:ident.$plain:ident, $fallible:ident($($argument:expr),*)) => {
        match T::EVERY_RANK {
            true if $at.plain() && $at.step.is_some_and(|step| step.writable) => {
                Ok($view.$plain($($argument),*))
            }
            _ => $view.$fallible($($argument),*),
        }
    };
}

fn same<'a, T: Piece, const N: usize>(at: At<'_>, view: StridedViewMutDyn<'a, T>) -> Derived<'a, T>
where
    Rank<N>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let view = fixed::<T, N>(at, view);
    Some(same_forms!(at, view, for_writing, N).map(StridedViewMutDyn::from))
}

fn less<'a, T: Piece, const N: usize, const LESS: usize>(
    at: At<'_>,
    view: StridedViewMutDyn<'a, T>,
) -> Derived<'a, T>
where
    Rank<N>: OneLess<LESS>,
    Rank<LESS>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let view = fixed::<T, N>(at, view);
    let result = match at.op() {
        &Op::AxisIter { axis, pick } => {
            let extent = view.shape().get(axis).copied().unwrap_or(1);
            let number = pick.checked_rem(extent)?;
            match for_writing!(at; view.axis_iter_mut, try_axis_iter_mut(axis)) {
                Ok(mut items) => Ok(items.nth(number)?),
                Err(error) => Err(error),
            }
        }
        _ => less_forms!(at, view, for_writing, LESS),
    };
    Some(result.map(StridedViewMutDyn::from))
}

fn more<'a, T: Piece, const N: usize, const MORE: usize>(
    at: At<'_>,
    view: StridedViewMutDyn<'a, T>,
) -> Derived<'a, T>
where
    Rank<N>: OneMore<MORE>,
    Rank<MORE>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let view = fixed::<T, N>(at, view);
    Some(more_forms!(at, view, for_writing, MORE).map(StridedViewMutDyn::from))
}

fn twice<'a, T: Piece, const N: usize, const TWICE: usize>(
    at: At<'_>,
    view: StridedViewMutDyn<'a, T>,
) -> Derived<'a, T>
where
    Rank<N>: Double<TWICE>,
    Rank<TWICE>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let view = fixed::<T, N>(at, view);
    Some(twice_forms!(at, view, for_writing, TWICE).map(StridedViewMutDyn::from))
}

fn line<'a, T: Piece, const N: usize>(
    at: At<'_>,
    view: StridedViewMutDyn<'a, T>,
) -> Derived<'a, T> {
    let view = fixed::<T, N>(at, view);
    let result = match at.op() {
        &Op::Lanes { axis, pick } => match for_writing!(at; view.lanes_mut, try_lanes_mut(axis)) {
            Ok(mut lanes) => Ok(lanes.nth(pick.checked_rem(lanes.len())?)?),
            Err(error) => Err(error),
        },
        Op::Reshape(shape) => {
            for_writing!(at; view.reshape, try_reshape(array::<_, 1>(at, shape.as_slice())))
        }
        _ => at.fail(&"it gives no line"),
    };
    Some(result.map(StridedViewMutDyn::from))
}
