//! The steps of a program: what they are, and how each is done on layouts and on views.

use core::fmt;

use strideproof::ops::Operation;
use strideproof::{Buffer, Dyn, Error, LayoutDyn, Slice, StridedViewDyn, StridedViewMutDyn, View};
use strideproof_oracle::model::{Cut, Op, Refusal, View as Model};

use super::draw::MOST_AXES;
use super::items::{Piece, Recast, Shadow};
use super::{At, agree, parts, writes};

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

    pub(super) fn align(self) -> usize {
        match self {
            Self::U16 => align_of::<u16>(),
            Self::U64 => align_of::<u64>(),
            _ => 1,
        }
    }
}

/// What a step does.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Does {
    /// Derives a view, and goes on with it.
    Derive(Op),
    /// Visits all, and goes on with one of them.
    AxisIter {
        axis: usize,
        pick: usize,
    },
    /// Visits all, and goes on with one of them.
    Lanes {
        axis: usize,
        pick: usize,
    },
    /// The same bytes as items of another type.
    Items {
        to: Type,
        axis: Option<usize>,
    },
    /// The same bytes as items of another size, on the numbers alone.
    Recast {
        axis: usize,
        from: usize,
        to: usize,
    },
    /// Two views derived from this one, and what they have to do with each other.
    Pair(Box<[Op; 2]>),
    /// Lists of so many arguments.
    WrongCount(usize),
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
    /// Both halves by turns.
    Split {
        axis: usize,
        index: usize,
    },
}

impl Does {
    /// The name of what is done.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Derive(op) => match op {
                Op::Slice(_) => "slice",
                Op::SliceAxis(..) => "slice_axis",
                Op::Reverse(_) => "reverse",
                Op::Permute(_) => "permute",
                Op::Transpose => "transpose",
                Op::SwapAxes(..) => "swap_axes",
                Op::IndexAxis(..) => "index_axis",
                Op::InsertAxis(_) => "insert_axis",
                Op::Squeeze(_) => "squeeze",
                Op::Diagonal { .. } => "diagonal",
                Op::Windows { .. } => "windows",
                Op::Broadcast(_) => "broadcast_to",
                Op::Reshape(_) => "reshape",
                Op::Split { .. } => "split_at",
                Op::Reinterpret { .. } => "reinterpret_axis",
            },
            Self::AxisIter { .. } => "axis_iter",
            Self::Lanes { .. } => "lanes",
            Self::Items { .. } => "reinterpret",
            Self::Recast { .. } => "recast",
            Self::Pair(_) => "pair",
            Self::WrongCount(_) => "wrong count",
            Self::Read => "read",
            Self::Write(write) => match write {
                Write::Fill => "fill",
                Write::MapInPlace => "map_in_place",
                Write::Iter(_) => "iter_mut",
                Write::IntoIter => "into_iter",
                Write::At(_) => "get_mut",
                Write::Assign(_) => "assign",
                Write::Zip(_) => "zip_mut",
                Write::Lanes(_) => "write to lanes",
                Write::AxisIter(_) => "write along an axis",
                Write::Split { .. } => "write to halves",
            },
        }
    }
}

impl fmt::Debug for Does {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Derive(op) => op.fmt(f),
            Self::AxisIter { axis, pick } | Self::Lanes { axis, pick } => {
                write!(f, "{} {axis}, number {pick}", self.name())
            }
            Self::Items { to, axis } => write!(f, "reinterpret as {to:?} along {axis:?}"),
            Self::Recast { axis, from, to } => {
                write!(f, "items of {from} bytes as {to} along {axis}")
            }
            Self::Pair(pair) => write!(f, "{:?} beside {:?}", pair[0], pair[1]),
            Self::WrongCount(count) => write!(f, "{count} arguments"),
            Self::Read => f.write_str("Read"),
            Self::Write(write) => write.fmt(f),
        }
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
}

impl Step {
    /// A step on a view in a buffer at an address.
    pub(super) fn new(model: &Model, does: Does, buffer: usize, writable: bool) -> Self {
        let expect = expect(model, &does, buffer).map(|child| child.map(Model::listed));
        let repeats = match &expect {
            Ok(Some(child)) => child.count() > 1 << 12 || !child.is_unique(),
            _ => false,
        };
        let writable = writable && !repeats && !matches!(does, Does::Derive(Op::Broadcast(_)));
        Self { does, expect, writable }
    }

    /// The view with which the program goes on, if it is another one.
    pub(super) fn successor(&self) -> Option<&Model> {
        let moves = match self.does {
            Does::Items { to, .. } => to != Type::Triple,
            Does::Derive(_) | Does::AxisIter { .. } | Does::Lanes { .. } => true,
            _ => false,
        };
        let small = |child: &&Model| child.rank() <= MOST_AXES && child.count() <= 256;
        self.expect.as_ref().ok()?.as_ref().filter(|_| moves).filter(small)
    }
}

/// What the model says of a step.
fn expect(model: &Model, does: &Does, buffer: usize) -> Result<Option<Model>, Refusal> {
    match does {
        Does::Derive(op) => model.apply(op).map(Some),
        &Does::AxisIter { axis, pick } => {
            let part = |index| model.without(axis, index);
            Ok(pick.checked_rem(model.size(axis)?).map(part))
        }
        &Does::Lanes { axis, pick } => {
            model.size(axis)?;
            let lanes = model.lanes(axis);
            Ok(pick.checked_rem(lanes.len()).map(|number| lanes[number].clone()))
        }
        &Does::Items { to, axis } => {
            let base = model.addresses().into_iter().min().unwrap_or(0);
            let (to, align) = (to.size(), to.align());
            model.apply(&Op::Reinterpret { axis, to, align, buffer, base }).map(Some)
        }
        Does::Write(write) => writes::refusal(model, write).map_or(Ok(None), Err),
        Does::Read | Does::Pair(_) | Does::WrongCount(_) | Does::Recast { .. } => Ok(None),
    }
}

/// The library's slice, made in one of the ways there are.
fn slice(cut: Cut) -> Slice {
    let Cut { start, end, step } = cut;
    let small = |position: isize| i32::try_from(position).ok();
    let natural = |position: isize| usize::try_from(position).ok();
    if let (Some(start), Some(end)) = (start.and_then(natural), end.and_then(natural)) {
        return Slice::from(start..end).step(step);
    }
    match (start, end) {
        (None, None) => Slice::from(..).step(step),
        (None, Some(end)) => Slice::from(..end).step(step),
        (Some(start), None) => match small(start) {
            Some(start) => Slice::from(start..).step(step),
            None => Slice::from(start..).step(step),
        },
        (Some(_), Some(_)) => Slice::new(start, end, step),
    }
}

fn slices(cuts: &[Cut]) -> Vec<Slice> {
    cuts.iter().map(|&cut| slice(cut)).collect()
}

/// An operation in the library's terms; axes and positions that there are counted from the end if
/// `backwards`. `None` for arguments that it has no words for.
pub(super) fn operation(op: &Op, shape: &[usize], backwards: bool) -> Option<Operation> {
    let number = |number: usize, count: usize| {
        let signed = isize::try_from(number).ok()?;
        let from_end = backwards && number < count;
        Some(if from_end { signed - isize::try_from(count).ok()? } else { signed })
    };
    let axis = |&axis: &usize| number(axis, shape.len());
    Some(match op {
        Op::Slice(cuts) => {
            Operation::Slice(slices(cuts).into_iter().map(strideproof::ops::Cut::Range).collect())
        }
        Op::Reverse(one) => Operation::Reverse(vec![axis(one)?]),
        Op::Permute(axes) => Operation::Permute(axes.iter().map(axis).collect::<Option<_>>()?),
        Op::Transpose => Operation::Transpose,
        Op::SwapAxes(one, other) => Operation::SwapAxes(axis(one)?, axis(other)?),
        Op::IndexAxis(one, index) => {
            let size = shape.get(*one).copied().unwrap_or(0);
            Operation::IndexAxis(axis(one)?, number(*index, size)?)
        }
        Op::InsertAxis(axis) => Operation::InsertAxis(number(*axis, shape.len() + 1)?),
        Op::Squeeze(one) => Operation::Squeeze(Some(axis(one)?)),
        Op::Diagonal { offset, rows, columns } => {
            Operation::Diagonal(*offset, axis(rows)?, axis(columns)?)
        }
        Op::Windows { window, steps } => {
            let steps =
                if steps.iter().all(|&step| step == 1) { None } else { Some(steps.clone()) };
            Operation::Windows(window.clone(), steps)
        }
        Op::Broadcast(shape) => Operation::BroadcastTo(shape.clone()),
        Op::Reshape(to) => {
            let mut sizes: Vec<Option<usize>> = to.iter().copied().map(Some).collect();
            let count = strideproof_oracle::count;
            if let (Some(first), true) = (sizes.first_mut(), backwards && count(to) == count(shape))
            {
                // It follows from the others, unless there are no elements.
                *first = first.filter(|_| count(shape) == 0);
            }
            Operation::Reshape(sizes)
        }
        Op::SliceAxis(..) | Op::Split { .. } | Op::Reinterpret { .. } => return None,
    })
}

/// One operation on a layout or a view, by a method of its own: `$form` is the one that returns the
/// error, or the one that panics.
macro_rules! by_method {
    ($x:ident, $op:ident, $form:ident) => {
        match $op {
            Op::Slice(cuts) => $form!($x, slice, try_slice, &slices(cuts)),
            &Op::SliceAxis(axis, cut) => $form!($x, slice_axis, try_slice_axis, axis, slice(cut)),
            &Op::Reverse(axis) => $form!($x, reverse, try_reverse, axis),
            Op::Permute(axes) => $form!($x, permute, try_permute, axes),
            Op::Transpose => $form!($x, t, try_t,),
            &Op::SwapAxes(one, other) => $form!($x, swap_axes, try_swap_axes, one, other),
            &Op::IndexAxis(axis, index) => $form!($x, index_axis, try_index_axis, axis, index),
            &Op::InsertAxis(axis) => $form!($x, insert_axis, try_insert_axis, axis),
            &Op::Squeeze(axis) => $form!($x, squeeze, try_squeeze, axis),
            &Op::Diagonal { offset, rows: 0, columns: 1 } => {
                $form!($x, diagonal, try_diagonal, offset)
            }
            &Op::Diagonal { offset, rows, columns } => {
                $form!($x, diagonal_of, try_diagonal_of, offset, rows, columns)
            }
            Op::Windows { window, steps } if steps.iter().all(|&step| step == 1) => {
                $form!($x, windows, try_windows, window)
            }
            Op::Windows { window, steps } => $form!($x, windows_by, try_windows_by, window, steps),
            Op::Broadcast(shape) => $x.apply(&Operation::BroadcastTo(shape.clone())),
            Op::Reshape(shape) => $form!($x, reshape, try_reshape, shape),
            &Op::Split { axis, index, tail } => {
                let halves = $form!($x, split_at, try_split_at, axis, index);
                halves.map(|(head, rest)| if tail { rest } else { head })
            }
            Op::Reinterpret { .. } => unreachable!("items are seen as others elsewhere"),
        }
    };
}

macro_rules! fallible {
    ($x:ident, $plain:ident, $fallible:ident, $($argument:expr),*) => { $x.$fallible($($argument),*) };
}

macro_rules! plain {
    ($x:ident, $plain:ident, $fallible:ident, $($argument:expr),*) => { Ok($x.$plain($($argument),*)) };
}

/// Derives a layout.
pub(super) fn on_layout(at: At<'_>, layout: &LayoutDyn, op: &Op) -> Result<LayoutDyn, Error> {
    match operation(op, layout.shape(), at.turn % 8 > 3) {
        Some(operation) if at.turn % 4 == 1 => layout.apply(&operation),
        _ => by_method!(layout, op, fallible),
    }
}

/// Derives a view, for reading or for writing; `plain` if the form that panics may be called.
pub(super) fn on_view<B: Buffer<T>, T>(
    at: At<'_>,
    view: View<B, T, Dyn>,
    op: &Op,
    plain: bool,
) -> Result<View<B, T, Dyn>, Error> {
    match operation(op, view.layout().shape(), at.turn % 8 > 3) {
        Some(operation) if at.turn % 4 == 3 => view.apply(&operation),
        _ if plain => by_method!(view, op, plain),
        _ => by_method!(view, op, fallible),
    }
}

/// Does a step on a layout, and compares with the model.
fn derive_layout(
    at: At<'_>,
    layout: &LayoutDyn,
    op: &Op,
    model: &Model,
) -> Result<LayoutDyn, Error> {
    let result = on_layout(at, layout, op);
    match (&result, at.step.map(|step| &step.expect)) {
        (Ok(child), Some(Ok(Some(expected)))) => agree::layout(at, child, expected),
        (Err(error), _) => agree::is_refused(at, error, model),
        (Ok(child), _) => at.fail(&format_args!("it is accepted, as {child:?}")),
    }
    result
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
            &Does::Items { to, axis } => {
                return T::recast(Recast { at, parent: model, to, axis, rest }, shadow, view);
            }
            Does::Derive(op) => derive(at, &view, op, model),
            &Does::AxisIter { axis, pick } => parts::walk_axis(at, &view, model, axis, pick),
            &Does::Lanes { axis, pick } => parts::walk_lanes(at, &view, model, axis, pick),
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

/// Derives a view for reading, in all its forms.
fn derive<'a, T: Piece>(
    at: At<'_>,
    view: &StridedViewDyn<'a, T>,
    op: &Op,
    model: &Model,
) -> Option<StridedViewDyn<'a, T>> {
    let layout = derive_layout(at, view.layout(), op, model);
    if let Op::Broadcast(shape) = op {
        let result = view.clone().try_broadcast_to(shape).map(|child| child.layout().clone());
        at.same(&result, &layout, "try_broadcast_to");
    }
    let result = on_view(at, view.clone(), op, at.plain());
    at.same(
        &result.as_ref().map(|child| child.layout().clone()).map_err(|&error| error),
        &layout.clone(),
        "the view's layout",
    );
    agree::with_expected(at, result, model)
}

/// A step that derives nothing to go on with.
fn look<T: Piece>(at: At<'_>, shadow: &Shadow, view: &StridedViewDyn<'_, T>, model: &Model) {
    match at.step.map(|step| &step.does) {
        Some(&Does::Recast { axis, from, to }) => agree::recast(at, view.layout(), axis, from, to),
        Some(Does::Pair(pair)) => parts::beside(at, shadow, view, model, pair),
        Some(&Does::WrongCount(given)) => agree::wrong_counts(at, view.layout(), given),
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
            &Does::Items { to, axis } => {
                // For reading first, without what follows.
                let recast = Recast { at, parent: model, to, axis, rest: &[] };
                T::recast(recast, shadow, view.as_view());
                if to != Type::Triple {
                    return T::recast_mut(Recast { rest, ..recast }, shadow, view);
                }
            }
            Does::Derive(op) => {
                let layout = derive_layout(at, view.layout(), op, model);
                let unique = layout.is_ok() && step.writable;
                let result = on_view(at, view.reborrow(), op, at.plain() && unique);
                match (result, &step.expect) {
                    (Err(error), Ok(Some(child))) if !step.writable => {
                        // Where indices share elements, there is nothing to write to.
                        agree::is_alias(at, Some(error), child);
                    }
                    (Ok(child), Ok(Some(expected))) => {
                        at.same(Ok(child.layout().clone()), layout, "the layout for writing");
                        agree::view(at, &child.as_view(), expected);
                    }
                    (Err(error), _) => agree::is_refused(at, &error, model),
                    (Ok(child), _) => at.fail(&format_args!("accepted as {child:?}")),
                }
                match step.successor() {
                    Some(next) if step.writable => {
                        let Ok(child) = on_view(at, view, op, false) else {
                            at.fail(&"granted once, and not again");
                        };
                        return follow_mut(at, shadow, child, next, rest);
                    }
                    Some(next) => {
                        let Some(child) = derive(at, &view.as_view(), op, model) else {
                            at.fail(&"nothing is derived");
                        };
                        return follow(at, shadow, child, next, rest);
                    }
                    None => {}
                }
            }
            &Does::AxisIter { axis, pick } => {
                parts::walk_axis(at, &view.as_view(), model, axis, pick);
                if let (Some(next), Ok(mut items)) =
                    (step.successor(), view.reborrow().try_axis_iter(axis))
                {
                    let Some(child) = items.nth(pick % model.shape()[axis]) else {
                        at.fail(&"a part is missing");
                    };
                    return follow_mut(at, shadow, child, next, rest);
                }
            }
            &Does::Lanes { axis, pick } => {
                parts::walk_lanes(at, &view.as_view(), model, axis, pick);
                if let (Some(next), Ok(mut lanes)) =
                    (step.successor(), view.reborrow().try_lanes(axis))
                {
                    let Some(child) = lanes.nth(pick % lanes.len()) else {
                        at.fail(&"a lane is missing");
                    };
                    let child = StridedViewMutDyn::from(child);
                    return follow_mut(at, shadow, child, next, rest);
                }
            }
            _ => look(at, shadow, &view.as_view(), model),
        }
    }
}
