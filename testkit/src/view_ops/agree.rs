//! Layouts, views and refusals against the model.

use strideproof::{Buffer, Dyn, Error, Layout, LayoutDyn, Slice, StridedViewDyn, View};
use strideproof_oracle::is_index;
use strideproof_oracle::model::{Op, Refusal, View as Model};

use super::At;
use super::items::{Piece, Shadow};
use crate::reading::{check_error_text, read_every_way};
use crate::subject::{self, MOST};

/// Compares a layout with the model of its view.
pub(super) fn layout(at: At<'_>, layout: &LayoutDyn, model: &Model) {
    if let Err(why) = subject::layout_is(layout, model, at.turn % 8 < 2) {
        at.fail(&why);
    }
}

/// Compares where the elements of a view lie with the model.
pub(super) fn view<T>(at: At<'_>, view: &StridedViewDyn<'_, T>, model: &Model) {
    at.same(view.shape(), model.shape(), "the shape");
    let place = |element: &T| at.place(element);
    for (index, byte) in model.samples(MOST) {
        let found = view.get(&index).map(place);
        if found != Some(byte) {
            at.fail(&format_args!("the element at {index:?} is at byte {found:?}, not {byte}"));
        }
    }
    if model.count() <= MOST {
        at.must(view.iter().map(place).eq(model.addresses()), "the elements in their order");
    }
}

/// Compares what a step gives with the model, but for where elements lie; returns what is granted.
pub(super) fn granted<'p, B: Buffer<T>, T>(
    at: At<'p>,
    result: Result<View<B, T, Dyn>, Error>,
    parent: &Model,
) -> Option<(View<B, T, Dyn>, &'p Model)> {
    match (result, at.step.map(|step| &step.expect)) {
        (Ok(child), Some(Ok(Some(expected)))) => {
            layout(at, child.layout(), expected);
            Some((child, expected))
        }
        (Err(error), _) => {
            is_refused(at, &error, parent);
            None
        }
        (Ok(child), _) => at.fail(&format_args!("it is accepted, as {:?}", child.layout())),
    }
}

/// Compares what a step gives with the model, and returns it.
pub(super) fn with_expected<B: Buffer<T>, T>(
    at: At<'_>,
    result: Result<View<B, T, Dyn>, Error>,
    parent: &Model,
) -> Option<View<B, T, Dyn>> {
    let (child, expected) = granted(at, result, parent)?;
    view(at, &child.as_view(), expected);
    Some(child)
}

/// Compares a refusal of a view with what a step should give.
pub(super) fn is_refused(at: At<'_>, error: &Error, parent: &Model) {
    if at.turn % 4 == 0 {
        check_error_text(error);
    }
    let Some(Err(expected)) = at.step.map(|step| &step.expect) else {
        at.fail(&format_args!("it is refused: {error:?}"));
    };
    // An axis or a position that was counted from the end is named as it was given.
    at.same(subject::refusal(error), *expected, "the refusal");
    let from = match *error {
        Error::NeedsCopy { outer, inner } => {
            let explains = parent.needs_copy_between(outer, inner);
            return at.must(explains, "two axes that do not continue each other");
        }
        Error::IncompatibleShapes { from, .. } | Error::CountMismatch { from, .. } => from,
        _ => return,
    };
    at.must(from.as_slice().is_none_or(|from| from == parent.shape()), "the shape of the view");
}

/// Checks that an error names two indices of a view that share an element.
pub(super) fn is_alias(at: At<'_>, error: Option<Error>, model: &Model) {
    let (first, second) = match error {
        Some(Error::Aliased { first, second }) => (first, second),
        Some(Error::Undecided) if model.count() > 1 << 12 => return,
        _ => at.fail(&format_args!("{error:?}, though indices share elements")),
    };
    if at.turn % 4 == 0 {
        check_error_text(&Error::Aliased { first, second });
    }
    let (Some(one), Some(other)) = (first.as_slice(), second.as_slice()) else {
        // Of so many axes an error does not keep the tuples.
        return at.must(model.rank() > strideproof::INLINE_RANK, "a witness without its numbers");
    };
    let valid = is_index(one, model.shape()) && is_index(other, model.shape());
    if !valid || one == other || model.at(one) != model.at(other) {
        at.fail(&format_args!("{first} and {second} share no element of {model:?}"));
    }
}

/// Reads a view in every way.
pub(super) fn reads<T: Piece>(
    at: At<'_>,
    shadow: &Shadow,
    view: &StridedViewDyn<'_, T>,
    model: &Model,
) {
    self::view(at, view, model);
    let expected = shadow.elements::<T>(model);
    at.same(view.nominal_bytes(), size_of_val(&expected[..]) as u128, "the nominal bytes");
    let distinct = model.distinct() * size_of::<T>();
    at.same(view.distinct_bytes(), Some(distinct), "the distinct bytes");
    let wrong = vec![0; model.rank() + 1];
    at.same(view.get(&wrong), None, "the element of an index of another rank");
    read_every_way(view, &expected, at.turn.to_le_bytes()[1]);
}

/// The same bytes as items of another size, on the numbers of a layout.
pub(super) fn recast(at: At<'_>, layout: &LayoutDyn, axis: usize, from: usize, to: usize) {
    let model = Model::new(layout.shape(), layout.strides(), layout.offset(), from);
    let op = Op::Reinterpret { axis: Some(axis), to, align: 1, buffer: 0, base: 0 };
    match (layout.try_reinterpret_axis(axis, from, to), model.apply(&op)) {
        (Ok(child), Ok(expected)) => self::layout(at, &child, &expected),
        // A buffer of so many bytes that no word counts them is no memory, and is refused as such.
        (Err(Error::DoesNotFit { .. }), _) if layout.required_len().checked_mul(from).is_none() => {
        }
        (Err(error), Err(expected)) => at.same(subject::refusal(&error), expected, "the refusal"),
        (found, expected) => at.fail(&format_args!("{found:?}, not {expected:?}")),
    }
}

/// Lists of the wrong length.
pub(super) fn wrong_counts(at: At<'_>, layout: &LayoutDyn, given: usize) {
    let rank = layout.rank();
    if given == rank {
        return;
    }
    let wrong = Refusal::Rank { given, needed: rank };
    let (some, right) = (&vec![1; given], &vec![1; rank]);
    let refusals = [
        layout.try_slice(&vec![Slice::FULL; given]),
        layout.try_permute(some),
        layout.try_windows_by(some, right),
        layout.try_windows_by(right, some),
    ];
    for refusal in refusals {
        at.same(refusal.map_err(|error| subject::refusal(&error)), Err(wrong), "a wrong length");
    }
    at.same(layout.address(some), None, "the address of an index of another rank");
    if rank != 2 {
        let wrong = Err(Error::WrongRank { rank, needed: 2 });
        at.same(
            Layout::try_from(layout.clone()).map(|_: Layout<strideproof::Const<2>>| ()),
            wrong,
            "a layout of another rank",
        );
    }
}
