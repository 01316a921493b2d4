//! The steps of a program: what they are, and how each is done on layouts and on views.

use strideproof::{Buffer, Dyn, Error, LayoutDyn, StridedViewDyn, StridedViewMutDyn, View};
use strideproof_oracle::Request;
use strideproof_oracle::model::{Cut, Op, Refusal, View as Model};

use super::bulk::Bulk;
use super::draw::MOST_AXES;
use super::items::{Part, Piece, Recast, Shadow};
use super::ops::{on_layout, on_view};
use super::{At, Case, agree, order, parts, writes};
use crate::subject::MOST;

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

/// A view to which a program has come, for reading or for writing.
pub(super) enum Lent<'a, T> {
    Read(StridedViewDyn<'a, T>),
    Write(StridedViewMutDyn<'a, T>),
}

impl<T: Piece> Lent<'_, T> {
    pub(super) fn as_view(&self) -> StridedViewDyn<'_, T> {
        match self {
            Self::Read(view) => view.clone(),
            Self::Write(view) => view.as_view(),
        }
    }

    /// Compares the view with the model.
    fn is(&self, at: At<'_>, model: &Model) {
        let view = self.as_view();
        agree::layout(at, view.layout(), model);
        agree::view(at, &view, model);
        if let (Self::Write(own), true) = (self, at.turn % 16 == 4 && model.count() < 64) {
            let shown = (format!("{own:?}"), format!("{own}"));
            let expected = (format!("{view:?}"), format!("{view}"));
            at.same(shown, expected, "the view for writing as it is printed");
        }
    }
}

/// What a step that is granted derives.
fn child<B: Buffer<T>, T>(at: At<'_>, view: View<B, T, Dyn>, does: &Does) -> View<B, T, Dyn> {
    let child = match does {
        Does::Derive(op) => on_view(at, view, op, false).ok(),
        &Does::AxisIter(axis, pick) => {
            let mut parts = view.axis_iter(axis);
            parts.nth(pick % parts.len())
        }
        &Does::Lanes(axis, pick) => {
            let mut lanes = view.lanes(axis);
            lanes.nth(pick % lanes.len()).map(View::from)
        }
        _ => None,
    };
    at.some(child, "what was granted before")
}

/// Goes through the steps of a chain. What a view for writing gives is derived for reading first.
pub(super) fn follow<'p, T: Piece>(
    at: At<'p>,
    shadow: &mut Shadow,
    mut view: Lent<'_, T>,
    mut model: &'p Model,
    steps: &'p [Step],
) {
    view.is(at, model);
    for (k, step) in steps.iter().enumerate() {
        let rest = &steps[k + 1..];
        let at = at.step(step, rest.len());
        if let &Does::Items(to, axis) = &step.does {
            return T::recast(Recast { at, parent: model, to, axis, rest }, shadow, view);
        }
        read(at, shadow, &view.as_view(), model);
        if let Lent::Write(view) = &mut view {
            write(at, shadow, view, model, step);
        }
        let Some(next) = step.successor() else { continue };
        model = next;
        view = match view {
            Lent::Read(view) => Lent::Read(child(at, view, &step.does)),
            Lent::Write(view) if step.writable => Lent::Write(child(at, view, &step.does)),
            Lent::Write(view) => {
                let child = Lent::Read(child(at, view.as_view(), &step.does));
                return follow(at, shadow, child, next, rest);
            }
        };
        view.is(at, model);
    }
}

/// What a step does to a view for reading.
fn read<T: Piece>(at: At<'_>, shadow: &Shadow, view: &StridedViewDyn<'_, T>, model: &Model) {
    match at.step.map(|step| &step.does) {
        Some(Does::Derive(op)) => drop(agree::with_expected(at, derive(at, view, op), model)),
        Some(&Does::AxisIter(axis, _)) => parts::walk_axis(at, view, model, axis),
        Some(&Does::Lanes(axis, _)) => parts::walk_lanes(at, view, model, axis),
        Some(&Does::Recast(axis, from, to)) => agree::recast(at, view.layout(), axis, from, to),
        Some(Does::Pair(pair)) => parts::beside(at, shadow, view, model, pair),
        Some(&Does::WrongCount(given)) => agree::wrong_counts(at, view.layout(), given),
        Some(&Does::Field(to, offset)) => {
            // Beside the one that is named, each that begins in the element.
            for offset in (0..size_of::<T>()).chain([offset]) {
                T::field(Part { at, model, to, offset }, shadow, view.clone());
            }
        }
        Some(Does::InMemoryOrder) => order::in_memory(at, view, model),
        Some(Does::Bulk(bulk)) => bulk.run(),
        Some(Does::Write(_)) => {}
        _ => agree::reads(at, shadow, view, model),
    }
}

/// What a step does to a view for writing besides.
fn write<T: Piece>(
    at: At<'_>,
    shadow: &mut Shadow,
    view: &mut StridedViewMutDyn<'_, T>,
    model: &Model,
    step: &Step,
) {
    match &step.does {
        Does::Write(write) => writes::write(at, shadow, view, model, write),
        &Does::Field(to, offset) => {
            for offset in (0..size_of::<T>()).chain([offset]) {
                T::field_mut(Part { at, model, to, offset }, shadow, view.reborrow());
            }
            agree::reads(at, shadow, &view.as_view(), model);
        }
        Does::Derive(op) => {
            let layout = on_layout(at, view.layout(), op);
            match (on_view(at, view.reborrow(), op, at.plain() && step.writable), &step.expect) {
                // Where indices share elements, there is nothing to write to.
                (Err(error), Ok(Some(child))) if !step.writable => {
                    agree::is_alias(at, Some(error), child);
                }
                (result, expected) => {
                    let child = agree::with_expected(at, result, model);
                    let found = child.map(|child| child.layout().clone());
                    at.same(found, layout.ok(), "the layout for writing");
                    let shares = |child: &Model| child.count() <= MOST && !child.is_unique();
                    let lent = matches!(expected, Ok(Some(child)) if shares(child));
                    at.must(!lent, "indices that share elements are not lent for writing");
                }
            }
        }
        _ => {}
    }
}
