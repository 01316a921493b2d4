//! Elements as bytes: the copy of the buffer, and the same bytes as items of another type.

use std::vec::Vec;

use bytemuck::{AnyBitPattern, NoUninit};

use super::model::{Expect, Model, Place};
use super::program::Type;
use super::ranks::is_fixed;
use super::{At, Step, mutable, numbers, shared};
use strideproof::ops::{Rank, Wider};
use strideproof::{Error, MAX_DYN_RANK, StridedViewDyn, StridedViewMut, StridedViewMutDyn};
use strideproof_oracle::{Element, Rgb};

/// The bytes of the root's buffer, kept up to date by the model alone.
#[derive(Debug)]
pub(super) struct Shadow {
    bytes: Vec<u8>,
    /// The number of values written so far.
    written: usize,
}

impl Shadow {
    /// A copy of a buffer.
    pub(super) fn of<T: Piece>(buffer: &[T]) -> Self {
        let mut bytes = Vec::with_capacity(size_of_val(buffer));
        buffer.iter().for_each(|element| element.append(&mut bytes));
        Self { bytes, written: buffer.len() }
    }

    /// Whether the buffer has these bytes.
    pub(super) fn is<T: Piece>(&self, buffer: &[T]) -> bool {
        Self::of(buffer).bytes == self.bytes
    }

    /// The element at an address.
    pub(super) fn get<T: Piece>(&self, place: Place, address: usize) -> T {
        T::from_bytes(&self.bytes[place.bytes(address)])
    }

    /// The elements of a view, in row-major order.
    pub(super) fn elements<T: Piece>(&self, model: &Model) -> Vec<T> {
        model.addresses().iter().map(|&address| self.get(model.place, address)).collect()
    }

    /// Writes the element at an address.
    pub(super) fn set<T: Piece>(&mut self, place: Place, address: usize, value: T) {
        let mut bytes = Vec::with_capacity(8);
        value.append(&mut bytes);
        self.bytes[place.bytes(address)].copy_from_slice(&bytes);
    }

    /// A value that has not been written lately.
    pub(super) fn fresh<T: Piece>(&mut self) -> T {
        self.written += 1;
        T::nth(self.written)
    }
}

/// An element type of a program.
pub(super) trait Piece: Element {
    /// Whether there are views of every fixed rank of it; see `ranks.rs`.
    const EVERY_RANK: bool = false;

    /// Appends its bytes, as they are in memory.
    fn append(&self, bytes: &mut Vec<u8>);

    /// The value that has these bytes.
    fn from_bytes(bytes: &[u8]) -> Self;

    /// Sees a view as items of another type, and goes on with it.
    fn recast(context: Recast<'_>, _shadow: &Shadow, _view: StridedViewDyn<'_, Self>) {
        context.at.fail(&"these elements are not seen as others");
    }

    /// Sees a view for writing as items of another type, and goes on with it.
    fn recast_mut(context: Recast<'_>, _shadow: &mut Shadow, _view: StridedViewMutDyn<'_, Self>) {
        context.at.fail(&"these elements are not seen as others");
    }
}

impl Piece for Rgb {
    fn append(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.0);
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        Self([bytes[0], bytes[1], bytes[2]])
    }
}

macro_rules! integers {
    ($($integer:ident $every_rank:literal)*) => {$(
        impl Piece for $integer {
            const EVERY_RANK: bool = $every_rank;

            fn append(&self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_ne_bytes());
            }

            fn from_bytes(bytes: &[u8]) -> Self {
                Self::from_ne_bytes(bytes.try_into().expect("as many bytes"))
            }

            fn recast(context: Recast<'_>, shadow: &Shadow, view: StridedViewDyn<'_, Self>) {
                match context.to {
                    Type::U8 => seen_as::<Self, u8>(context, shadow, view),
                    Type::U16 => seen_as::<Self, u16>(context, shadow, view),
                    Type::U64 => seen_as::<Self, u64>(context, shadow, view),
                    _ => seen_as_triples(context, shadow, view),
                }
            }

            fn recast_mut(
                context: Recast<'_>,
                shadow: &mut Shadow,
                view: StridedViewMutDyn<'_, Self>,
            ) {
                match context.to {
                    Type::U8 => written_as::<Self, u8>(context, shadow, view),
                    Type::U16 => written_as::<Self, u16>(context, shadow, view),
                    Type::U64 => written_as::<Self, u64>(context, shadow, view),
                    _ => {}
                }
            }
        }
    )*};
}
integers!(u8 false u16 true u64 false);

/// A step that sees items of another type, and what follows if it is granted.
#[derive(Clone, Copy)]
pub(super) struct Recast<'p> {
    pub(super) at: At<'p>,
    pub(super) parent: &'p Model,
    pub(super) to: Type,
    pub(super) axis: Option<usize>,
    pub(super) rest: &'p [Step],
}

/// The axis that a reinterpretation joins or cuts up.
fn axis_of(context: Recast<'_>, rank: usize) -> Option<usize> {
    context.axis.or(rank.checked_sub(1))
}

fn seen_as<T, U>(context: Recast<'_>, shadow: &Shadow, view: StridedViewDyn<'_, T>)
where
    T: Piece + NoUninit,
    U: Piece + AnyBitPattern,
{
    let Recast { at, parent, rest, .. } = context;
    let rank = view.rank();
    let fixed = match is_fixed::<U>(rank) && is_fixed::<T>(rank) {
        // Both have every rank only where they are the same type.
        true if T::EVERY_RANK => match U::EVERY_RANK {
            true => Some(at_rank!(T; rank, seen_at_rank::<T, U>(context, shadow, view))),
            false => Some(at_rank!(U; rank, seen_at_rank::<T, U>(context, shadow, view))),
        },
        true => Some(at_rank!(T; rank, seen_at_rank::<T, U>(context, shadow, view))),
        false => None,
    };
    let dynamic = axis_of(context, rank).map(|axis| view.try_reinterpret_axis::<U>(axis));
    match (&dynamic, &fixed) {
        (Some(Ok(dynamic)), Some(Ok(fixed))) => {
            at.same(dynamic.layout(), fixed.layout(), "at run-time rank");
            at.must(dynamic.iter().eq(fixed.iter()), "the same elements at run-time rank");
        }
        (Some(Ok(dynamic)), None) => shared::only_dynamic(at, shadow, dynamic),
        (Some(Err(error)), None) => numbers::is_refused(at, error, parent),
        (Some(Err(error)), Some(Err(fixed))) => at.same(error, fixed, "at run-time rank"),
        (None, Some(_)) => {}
        _ => at.fail(&"fixed and run-time rank do not agree"),
    }
    match (fixed.or(dynamic), at.step.and_then(Step::successor)) {
        (Some(Ok(view)), Some(model)) => shared::follow(at, shadow, view, model, rest),
        (Some(_), None) => shared::follow(at, shadow, view, parent, rest),
        _ => at.fail(&"the program goes on with another view"),
    }
}

fn seen_at_rank<'a, T, U, const N: usize>(
    context: Recast<'_>,
    shadow: &Shadow,
    view: StridedViewDyn<'a, T>,
) -> Result<StridedViewDyn<'a, U>, Error>
where
    T: Piece + NoUninit,
    U: Piece + AnyBitPattern,
    Rank<N>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let at = context.at;
    let view = shared::fixed::<T, N>(at, view);
    let result = match context.axis {
        Some(axis) if at.plain() => Ok(view.reinterpret_axis::<U>(axis)),
        Some(axis) => view.try_reinterpret_axis::<U>(axis),
        None if at.plain() => Ok(view.reinterpret::<U>()),
        None => view.try_reinterpret::<U>(),
    };
    shared::child(at, shadow, context.parent, result)
}

fn seen_as_triples<T: Piece + NoUninit>(
    context: Recast<'_>,
    shadow: &Shadow,
    view: StridedViewDyn<'_, T>,
) {
    let Recast { at, parent, rest, .. } = context;
    let triples = match axis_of(context, view.rank()) {
        Some(axis) => view.try_reinterpret_axis::<[u8; 3]>(axis),
        None => shared::fixed::<T, 0>(at, view).try_reinterpret().map(StridedViewDyn::from),
    };
    match (triples, at.expect()) {
        (Ok(triples), Expect::Listed(model)) => {
            at.same(triples.shape(), model.shape(), "the shape");
            let expected = shadow.elements::<Rgb>(model);
            at.must(triples.iter().eq(expected.iter().map(|Rgb(bytes)| bytes)), "the same bytes");
        }
        (Ok(triples), Expect::Vast { samples, place, .. }) => {
            for (index, address) in samples {
                let Rgb(bytes) = shadow.get(*place, *address);
                at.same(triples.get(index.as_slice()), Some(&bytes), "the bytes of an item");
            }
        }
        (Err(error), _) => numbers::is_refused(at, &error, parent),
        (Ok(triples), _) => at.fail(&format_args!("it is accepted, as {triples:?}")),
    }
    shared::follow(at, shadow, view, parent, rest);
}

fn written_as<T, U>(context: Recast<'_>, shadow: &mut Shadow, mut view: StridedViewMutDyn<'_, T>)
where
    T: Piece + NoUninit + AnyBitPattern,
    U: Piece + NoUninit + AnyBitPattern,
{
    let Recast { at, parent, rest, .. } = context;
    let rank = view.layout().rank();
    let axis = axis_of(context, rank);
    let fixed = is_fixed::<u8>(rank);
    let result = match axis {
        Some(axis) if !fixed || at.turn % 2 == 0 => view.reborrow().try_reinterpret_axis::<U>(axis),
        _ => match rank {
            0 => written_at_rank::<T, U, 0>(context, view.reborrow()),
            _ => written_at_rank::<T, U, 1>(context, view.reborrow()),
        },
    };
    match (result, at.step.and_then(Step::successor)) {
        (Ok(view), Some(model)) => mutable::follow(at, shadow, view, model, rest),
        (result, None) => {
            if let Err(error) = result {
                numbers::is_refused(at, &error, parent);
            }
            mutable::follow(at, shadow, view, parent, rest);
        }
        (Err(error), Some(_)) => at.fail(&format_args!("{error:?} for writing")),
    }
}

fn written_at_rank<'a, T, U, const N: usize>(
    context: Recast<'_>,
    view: StridedViewMutDyn<'a, T>,
) -> Result<StridedViewMutDyn<'a, U>, Error>
where
    T: Piece + NoUninit + AnyBitPattern,
    U: Piece + NoUninit + AnyBitPattern,
    Rank<N>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let view = mutable::fixed::<T, N>(context.at, view);
    let plain = context.at.turn % 4 == 1 && matches!(context.at.expect(), Expect::Listed(_));
    let result: Result<StridedViewMut<'a, U, N>, Error> = match context.axis {
        Some(axis) if plain => Ok(view.reinterpret_axis::<U>(axis)),
        Some(axis) => view.try_reinterpret_axis::<U>(axis),
        None if plain => Ok(view.reinterpret::<U>()),
        None => view.try_reinterpret::<U>(),
    };
    result.map(StridedViewMutDyn::from)
}
