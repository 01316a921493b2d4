//! Layouts against the model: shape, addresses, and what else the numbers say.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::model::{Expect, Model, count};
use super::program::Op;
use super::tuple as oracle;
use super::{At, array, packed};
use crate::reading::check_error_text as speaks;
use strideproof::ops::{Rank, Wider};
use strideproof::{Error, Layout, LayoutDyn, MAX_DYN_RANK, Slice};
use strideproof_oracle::advance as next_index;

/// Compares a layout with the model of its view.
pub(super) fn agree<const N: usize>(at: At<'_>, layout: &Layout<N>, model: &Model) {
    let addresses = model.addresses();
    at.same(&layout.shape()[..], model.shape(), "the shape");
    at.same((layout.rank(), layout.len()), (model.rank(), addresses.len()), "rank and count");
    at.same(layout.is_empty(), addresses.is_empty(), "is_empty");
    let mut index = [0; N];
    for &address in addresses {
        let by_strides = oracle::address(layout.strides(), layout.offset(), &index);
        if layout.address(index) != Some(address) || by_strides != address as i128 {
            at.fail(&format_args!("{index:?} is at {address}, not where {layout:?} has it"));
        }
        next_index(&mut index, layout.shape());
    }
    for axis in 0..N {
        let mut outside = [0; N];
        outside[axis] = layout.shape()[axis];
        at.same(layout.address(outside), None, "the address of no index");
    }
    let extent = addresses.iter().min().copied().zip(addresses.iter().max().copied());
    at.same(layout.extent(), extent, "the extent");
    let required_len = extent.map_or(layout.offset(), |(_, highest)| highest + 1);
    at.same(layout.required_len(), required_len, "the required length");
    if at.turn % 8 == 0 {
        agree_on_memory(at, layout, model);
    }
}

fn agree_on_memory<const N: usize>(at: At<'_>, layout: &Layout<N>, model: &Model) {
    let found = (layout.distinct_len(), layout.is_contiguous(), layout.is_column_major());
    at.same(found, memory(model), MEMORY);
}

/// What [`memory`] tells.
const MEMORY: &str =
    "the different elements, and whether they lie side by side by rows, by columns";

fn memory(model: &Model) -> (usize, bool, bool) {
    let first = model.addresses().first().copied().unwrap_or(0);
    let runs = model.addresses().iter().zip(first..).all(|(&address, next)| address == next);
    let strides = packed(model.shape(), true);
    let mut column_major = true;
    let mut all = model.addresses().iter();
    oracle::for_each_index(model.shape(), |index| {
        let expected = oracle::address(&strides, first, index);
        column_major &= all.next().map(|&address| address as i128) == Some(expected);
    });
    (model.distinct(), runs, column_major)
}

/// The same of a layout of run-time rank, which is the one it would be equal to if made anew.
pub(super) fn agree_at_run_time(at: At<'_>, layout: &LayoutDyn, model: &Model) {
    let found = (layout.distinct_len(), layout.is_contiguous(), layout.is_column_major());
    at.same(found, memory(model), MEMORY);
    let (shape, strides) = (layout.shape(), layout.strides());
    let anew = LayoutDyn::new(shape, strides, layout.offset(), layout.required_len());
    at.same(anew, Ok(*layout), "the layout made anew");
    at.same(anew.map(|layout| hash(&layout)), Ok(hash(layout)), "the hash of the layout made anew");
}

fn hash(layout: &LayoutDyn) -> u64 {
    let mut hasher = DefaultHasher::new();
    layout.hash(&mut hasher);
    hasher.finish()
}

/// Compares a layout with what a step should give.
pub(super) fn agree_with<const N: usize>(at: At<'_>, layout: &Layout<N>) {
    match at.expect() {
        Expect::Listed(model) => agree(at, layout, model),
        Expect::Vast { shape, samples, .. } => {
            at.same(&layout.shape()[..], shape.as_slice(), "the shape");
            at.same(layout.len() as u128, count(shape.as_slice()), "the count");
            for (index, address) in samples {
                let address_now = layout.address(array(at, index.as_slice()));
                at.same(address_now, Some(*address), "an address");
            }
        }
        Expect::Refused(_) | Expect::NeedsCopy | Expect::Stays => {
            at.fail(&format_args!("it is accepted, as {layout:?}"))
        }
    }
}

/// Compares a refusal of a view with what a step should give.
pub(super) fn is_refused(at: At<'_>, error: &Error, parent: &Model) {
    if at.turn % 4 == 0 {
        speaks(error);
    }
    match at.expect() {
        Expect::Refused(expected) => at.same(error, expected, "the error"),
        Expect::NeedsCopy => {
            let shape = parent.shape();
            let explains = match *error {
                Error::NeedsCopy { outer, inner } if outer < inner && inner < shape.len() => {
                    // The outer axis is the next that anybody moves along, and it does not continue
                    // the inner one.
                    let between = &shape[outer + 1..inner];
                    let (step, inner_step) = (parent.step(outer), parent.step(inner));
                    let continued = inner_step.map(|step| step * shape[inner] as i128);
                    step.is_some()
                        && continued.is_some()
                        && step != continued
                        && between.iter().all(|&extent| extent == 1)
                }
                _ => false,
            };
            at.must(explains, "two axes that do not continue each other");
        }
        _ => at.fail(&format_args!("it is refused: {error:?}")),
    }
}

/// Checks that an error names two indices of a view that share an element.
pub(super) fn is_alias(at: At<'_>, error: Option<Error>, model: &Model) {
    let Some(Error::Aliased { first, second }) = error else {
        at.fail(&format_args!("{error:?}, though indices share elements"));
    };
    if at.turn % 4 == 0 {
        speaks(&Error::Aliased { first, second });
    }
    let valid = |index: Option<&[usize]>| {
        let fits = |index: &&[usize]| {
            index.len() == model.rank()
                && index.iter().zip(model.shape()).all(|(i, extent)| i < extent)
        };
        index.filter(fits).map(|index| model.at(index))
    };
    let share = match (valid(first.as_slice()), valid(second.as_slice())) {
        (Some(one), Some(other)) => one == other && first != second,
        _ => false,
    };
    if !share {
        at.fail(&format_args!("{first} and {second} share no element of {model:?}"));
    }
}

/// The two constructors that find strides themselves.
pub(super) fn constructors<const N: usize>(at: At<'_>, shape: [usize; N])
where
    Rank<N>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    if at.turn % 8 != 3 {
        return;
    }
    for column_major in [false, true] {
        let (fixed, dynamic) = match column_major {
            false => (Layout::row_major(shape), LayoutDyn::row_major(&shape)),
            true => (Layout::column_major(shape), LayoutDyn::column_major(&shape)),
        };
        let (Ok(fixed), Ok(dynamic)) = (fixed, dynamic) else {
            at.fail(&format_args!("{fixed:?} and {dynamic:?} as packed layouts"));
        };
        agree(at, &fixed, &Model::new(&shape, &packed(&shape, column_major), 0, 1));
        at.same(LayoutDyn::from(fixed), dynamic, "packed, at run-time rank");
        at.same(Layout::try_from(dynamic), Ok(fixed), "packed, back from run-time rank");
    }
}

/// The same bytes as items of another size.
pub(super) fn recast<const N: usize>(at: At<'_>, layout: &LayoutDyn, parent: &Model) {
    let &Op::Recast { axis, from, to } = at.op() else { at.fail(&"this is something else") };
    let fixed = match Layout::<N>::try_from(*layout) {
        Ok(fixed) => fixed,
        Err(error) => at.fail(&format_args!("its rank is another: {error}")),
    };
    let dynamic = layout.try_reinterpret_axis(axis, from, to);
    match fixed.try_reinterpret_axis(axis, from, to) {
        Ok(child) => {
            agree_with(at, &child);
            at.same(dynamic.and_then(Layout::try_from), Ok(child), "at run-time rank");
        }
        Err(error) => {
            is_refused(at, &error, parent);
            at.same(dynamic, Err(error), "at run-time rank");
        }
    }
}

/// Lists of the wrong length, where the rank is known at run time.
pub(super) fn wrong_counts(at: At<'_>, layout: &LayoutDyn, given: usize) {
    let rank = layout.rank();
    if given == rank {
        return;
    }
    let wrong = Err(Error::WrongRank { rank: given, needed: rank });
    let (ones, slices) = ([1; 16], [Slice::FULL; 16]);
    let (some, right) = (&ones[..given], &ones[..rank]);
    at.same(layout.try_slice(&slices[..given]), wrong, "slice");
    at.same(layout.try_permute(some), wrong, "permute");
    at.same(layout.try_windows_by(some, right), wrong, "windows of too few axes, or too many");
    at.same(layout.try_windows_by(right, some), wrong, "windows by steps on too few axes");
    at.same(layout.address(some), None, "the address of an index of another rank");
    if rank != 2 {
        let wrong = Err(Error::WrongRank { rank, needed: 2 });
        at.same(Layout::<2>::try_from(*layout), wrong, "a layout of another rank");
    }
}
