//! The steps of a program: what they are, and how each is done on layouts and on views.

use strideproof::{Error, LayoutDyn, StridedViewDyn, StridedViewMutDyn};
use strideproof_oracle::Request;
use strideproof_oracle::model::{Cut, Op, Refusal, View as Model};

use super::bulk::Bulk;
use super::draw::MOST_AXES;
use super::items::{Part, Piece, Recast, Shadow};
use super::ops::{on_layout, on_view};
use super::{At, Case, agree, order, parts, writes};

/// What the elements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    U8,
    U16,
    U64,
    Rgb,
    /// An item that no power of two is a multiple of; only to read as, once.
    Triple,
}

impl Type {
    pub(super) fn size(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U64 => 8,
            Self::Rgb | Self::Triple => 3,
        }
    }

    fn align(self) -> usize {
        match self {
            Self::U16 => align_of::<u16>(),
            Self::U64 => align_of::<u64>(),
            _ => 1,
        }
    }
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// Derives a view, and goes on with it.
    Derive(Op),
    /// Visits all along an axis, and goes on with the one of this number.
    AxisIter(usize, usize),
    /// The same for its lanes.
    Lanes(usize, usize),
    /// The same bytes as items of another type, along an axis if one is named.
    Items(Type, Option<usize>),
    /// The same bytes as items of another size, on the numbers alone: axis, size before and after.
    Recast(usize, usize, usize),
    /// Two views derived from this one, and what they have to do with each other.
    Pair(Box<[Op; 2]>),
    /// Lists of so many arguments.
    WrongCount(usize),
    /// The part of another type that begins so many bytes into each element.
    Field(Type, usize),
    /// What does not depend on the order of indices: in the order of memory, summed up, and by parts.
    InMemoryOrder,
    /// Work on many elements, in buffers of its own.
    Bulk(Box<Bulk>),
    Read,
    Write(Write),
}

/// One way of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Write {
    Fill,
    MapInPlace,
    /// So many elements one by one, and the others in one go.
    Iter(usize),
    IntoIter,
    /// One element, if there is one at this index.
    At(Vec<usize>),
    /// From a view of this shape.
    Assign(Vec<usize>),
    /// Together with a view of this shape.
    Zip(Vec<usize>),
    Lanes(usize),
    AxisIter(usize),
    /// Both halves by turns, of an axis that is cut at an index.
    Split(usize, usize),
    /// Several parts at once.
    Parts(Vec<Vec<Cut>>),
    /// The inner axes of a view of this shape are folded into each element.
    Fold(Vec<usize>),
}

#[cfg(test)]
impl Does {
    /// The name of what is done.
    pub(super) fn name(&self) -> String {
        let told = match self {
            Self::Derive(op) => format!("{op:?}"),
            Self::Write(write) => format!("Write::{write:?}"),
            other => format!("{other:?}"),
        };
        told.chars().take_while(|c| c.is_alphanumeric() || *c == ':').collect()
    }
}

/// One step: what is done, and what the model says of it.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) does: Does,
    /// The view that comes of it, if any.
    pub(super) expect: Result<Option<Model>, Refusal>,
    /// Whether the views of the steps that follow are still for writing.
    pub(super) writable: bool,
    /// Whether the program goes on with the view that comes of it.
    goes_on: bool,
}

impl Step {
    /// A step on a view in a buffer at an address.
    pub(super) fn new(
        model: &Model,
        does: Does,
        buffer: usize,
        writable: bool,
        wide: bool,
    ) -> Self {
        let expect = expect(model, &does, buffer).map(|child| child.map(Model::listed));
        let repeats = match &expect {
            Ok(Some(child)) => child.count() > 1 << 12 || !child.is_unique(),
            _ => false,
        };
        let writable = writable && !repeats && !matches!(does, Does::Derive(Op::Broadcast(_)));
        let moves = match does {
            Does::Items(to, _) => to != Type::Triple,
            Does::Derive(_) | Does::AxisIter(..) | Does::Lanes(..) => true,
            _ => false,
        };
        let small = |child: &Model| child.rank() <= MOST_AXES && (wide || child.count() <= 256);
        let goes_on = moves && matches!(&expect, Ok(Some(child)) if small(child));
        Self { does, expect, writable, goes_on }
    }

    /// The view with which the program goes on, if it is another one.
    pub(super) fn successor(&self) -> Option<&Model> {
        self.expect.as_ref().ok()?.as_ref().filter(|_| self.goes_on)
    }
}

/// What the model says of a step.
fn expect(model: &Model, does: &Does, buffer: usize) -> Result<Option<Model>, Refusal> {
    match does {
        Does::Derive(op) => model.apply(op).map(Some),
        &Does::AxisIter(axis, pick) => {
            Ok(pick.checked_rem(model.size(axis)?).map(|index| model.without(axis, index)))
        }
        &Does::Lanes(axis, pick) => {
            model.size(axis)?;
            let lanes = model.lanes(axis);
            Ok(pick.checked_rem(lanes.len()).map(|number| lanes[number].clone()))
        }
        &Does::Items(to, axis) => {
            let base = model.addresses().into_iter().min().unwrap_or(0);
            let (to, align) = (to.size(), to.align());
            model.apply(&Op::Reinterpret { axis, to, align, buffer, base }).map(Some)
        }
        Does::Write(write) => writes::refusal(model, write).map_or(Ok(None), Err),
        Does::Read
        | Does::Pair(_)
        | Does::WrongCount(_)
        | Does::Recast(..)
        | Does::Field(..)
        | Does::InMemoryOrder
        | Does::Bulk(_) => Ok(None),
    }
}

/// Derives a view for reading, in all its forms, and a layout, which must be the view's.
fn derive<'a, T>(
    at: At<'_>,
    view: &StridedViewDyn<'a, T>,
    op: &Op,
) -> Result<StridedViewDyn<'a, T>, Error> {
    let layout = on_layout(at, view.layout(), op);
    let of = |result: &Result<StridedViewDyn<'a, T>, Error>| match result {
        Ok(child) => Ok(child.layout().clone()),
        Err(error) => Err(*error),
    };
    if let Op::Broadcast(shape) = op {
        let result = view.clone().try_broadcast_to(shape);
        at.same(&of(&result), &layout, "try_broadcast_to");
    }
    let result = on_view(at, view.clone(), op, at.plain());
    at.same(of(&result), layout, "the view's layout");
    result
}

/// Goes through a program on numbers of any width: on layouts, and on views of elements of no size,
/// of which a buffer may have as many as `usize` can say.
pub(super) fn at_any_width(case: &Case) {
    let Request { shape, strides, offset, len, .. } = &case.start;
    let plan = case.plan(0);
    let at = At { case, buffer: 0, step: None, turn: case.turn };
    let everything = [(); usize::MAX];
    let root = LayoutDyn::new(shape, strides, *offset, *len);
    let view = root.and_then(|layout| StridedViewDyn::new(&everything[..*len], layout));
    let Ok(root) = view else { at.fail(&format_args!("the first view is refused: {view:?}")) };
    agree::layout(at, root.layout(), &plan.root);
    for steps in &plan.chains {
        let (mut view, mut model) = (root.clone(), &plan.root);
        for (k, step) in steps.iter().enumerate() {
            let at = at.step(step, steps.len() - k);
            match &step.does {
                &Does::Recast(axis, from, to) => agree::recast(at, view.layout(), axis, from, to),
                &Does::WrongCount(given) => agree::wrong_counts(at, view.layout(), given),
                Does::Derive(op) if !matches!(step.expect, Err(Refusal::Unknown)) => {
                    let child = agree::granted(at, derive(at, &view, op), model);
                    if let (Some((child, _)), Some(next)) = (child, step.successor()) {
                        (view, model) = (child, next);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Goes through the steps of a chain, for reading.
pub(super) fn follow<'p, T: Piece>(
    at: At<'p>,
    shadow: &Shadow,
    mut view: StridedViewDyn<'_, T>,
    mut model: &'p Model,
    steps: &'p [Step],
) {
    for (k, step) in steps.iter().enumerate() {
        let rest = &steps[k + 1..];
        let at = at.step(step, rest.len());
        let child = match &step.does {
            &Does::Items(to, axis) => {
                return T::recast(Recast { at, parent: model, to, axis, rest }, shadow, view);
            }
            Does::Derive(op) => agree::with_expected(at, derive(at, &view, op), model),
            &Does::AxisIter(axis, pick) => parts::walk_axis(at, &view, model, axis, pick),
            &Does::Lanes(axis, pick) => parts::walk_lanes(at, &view, model, axis, pick),
            _ => {
                look(at, shadow, &view, model);
                None
            }
        };
        if let (Some(child), Some(next)) = (child, step.successor()) {
            (view, model) = (child, next);
        }
    }
}

/// A step that derives nothing to go on with.
fn look<T: Piece>(at: At<'_>, shadow: &Shadow, view: &StridedViewDyn<'_, T>, model: &Model) {
    match at.step.map(|step| &step.does) {
        Some(&Does::Recast(axis, from, to)) => agree::recast(at, view.layout(), axis, from, to),
        Some(Does::Pair(pair)) => parts::beside(at, shadow, view, model, pair),
        Some(&Does::WrongCount(given)) => agree::wrong_counts(at, view.layout(), given),
        Some(&Does::Field(to, offset)) => {
            T::field(Part { at, model, to, offset }, shadow, view.clone());
        }
        Some(Does::InMemoryOrder) => order::in_memory(at, view, model),
        Some(Does::Bulk(bulk)) => bulk.run(),
        _ => agree::reads(at, shadow, view, model),
    }
}

/// Goes through the steps of a chain, for writing.
pub(super) fn follow_mut<'p, T: Piece>(
    at: At<'p>,
    shadow: &mut Shadow,
    mut view: StridedViewMutDyn<'_, T>,
    model: &'p Model,
    steps: &'p [Step],
) {
    if at.turn % 16 == 4 && model.count() < 64 {
        let shown = (format!("{view:?}"), format!("{view}"));
        let expected = (format!("{:?}", view.as_view()), format!("{}", view.as_view()));
        at.same(shown, expected, "the view for writing as it is printed");
    }
    agree::view(at, &view.as_view(), model);
    for (k, step) in steps.iter().enumerate() {
        let rest = &steps[k + 1..];
        let at = at.step(step, rest.len());
        match &step.does {
            Does::Write(write) => writes::write(at, shadow, &mut view, model, write),
            &Does::Field(to, offset) => {
                let part = Part { at, model, to, offset };
                T::field(part, shadow, view.as_view());
                T::field_mut(part, shadow, view.reborrow());
                agree::reads(at, shadow, &view.as_view(), model);
            }
            &Does::Items(to, axis) => {
                // For reading first, without what follows.
                let recast = Recast { at, parent: model, to, axis, rest: &[] };
                T::recast(recast, shadow, view.as_view());
                if to != Type::Triple {
                    return T::recast_mut(Recast { rest, ..recast }, shadow, view);
                }
            }
            Does::Derive(op) => {
                let read = agree::with_expected(at, derive(at, &view.as_view(), op), model);
                let read = read.map(|child| child.layout().clone());
                let plain = at.plain() && read.is_some() && step.writable;
                match (on_view(at, view.reborrow(), op, plain), &step.expect) {
                    // Where indices share elements, there is nothing to write to.
                    (Err(error), Ok(Some(child))) if !step.writable => {
                        agree::is_alias(at, Some(error), child);
                    }
                    (Ok(child), Ok(Some(expected))) => {
                        at.same(Some(child.layout()), read.as_ref(), "the layout for writing");
                        agree::view(at, &child.as_view(), expected);
                    }
                    (Err(error), _) => agree::is_refused(at, &error, model),
                    (Ok(child), _) => at.fail(&format_args!("accepted as {child:?}")),
                }
                match step.successor() {
                    Some(next) if step.writable => {
                        let child = on_view(at, view, op, false).ok();
                        let child = at.some(child, "what was granted before");
                        return follow_mut(at, shadow, child, next, rest);
                    }
                    Some(next) => {
                        let child = at.some(derive(at, &view.as_view(), op).ok(), "a child");
                        return follow(at, shadow, child, next, rest);
                    }
                    None => {}
                }
            }
            &Does::AxisIter(axis, pick) => {
                parts::walk_axis(at, &view.as_view(), model, axis, pick);
                if let Some(next) = step.successor() {
                    let mut parts = view.axis_iter(axis);
                    let child = at.some(parts.nth(pick % parts.len()), "a part");
                    return follow_mut(at, shadow, child, next, rest);
                }
            }
            &Does::Lanes(axis, pick) => {
                parts::walk_lanes(at, &view.as_view(), model, axis, pick);
                if let Some(next) = step.successor() {
                    let mut lanes = view.lanes(axis);
                    let child = at.some(lanes.nth(pick % lanes.len()), "a lane");
                    return follow_mut(at, shadow, child.into(), next, rest);
                }
            }
            _ => look(at, shadow, &view.as_view(), model),
        }
    }
}
