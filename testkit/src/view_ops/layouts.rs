//! Steps on layouts alone, of fixed rank and of run-time rank.

#![expect(
    clippy::extra_unused_type_parameters,
    reason = "the macros name an element type, which says what ranks there are"
)]

use super::items::Piece;
use super::model::{Expect, Model};
use super::program::{Op, slices};
use super::ranks::{Family, is_fixed};
use super::tuple as oracle;
use super::{At, array, numbers};
use strideproof::ops::{Double, OneLess, OneMore, Rank, Wider};
use strideproof::{Error, Layout, LayoutDyn, MAX_DYN_RANK, Slice};

/// What an operation came to; `None` where there is no such form.
type Derived = Option<Result<LayoutDyn, Error>>;

/// Does a step on a layout in both forms, and compares with the model.
#[inline]
pub(super) fn derive(at: At<'_>, layout: &LayoutDyn, parent: &Model) -> Derived {
    let family = Family::of(at.op(), layout.rank());
    // One element type has every rank; here none matters.
    let fixed =
        at_family!(u16; family, layout.rank(), (at, layout, parent); same less more twice line);
    let dynamic = match at.turn % 4 == 0 && fixed.is_some() {
        true => None,
        false => dynamic(layout, at.op()),
    };
    match (&fixed, &dynamic) {
        (Some(fixed), Some(dynamic)) => at.same(dynamic, fixed, "the layout at run-time rank"),
        (None, Some(Ok(dynamic))) => agree(at, dynamic),
        (None, Some(Err(error))) => numbers::is_refused(at, error, parent),
        (_, None) => {}
    }
    fixed.or(dynamic)
}

/// Compares a layout of any rank with what a step should give.
pub(super) fn agree(at: At<'_>, layout: &LayoutDyn) {
    let same = |index: &[usize], address: usize| {
        at.same(layout.address(index), Some(address), "an address at run-time rank");
    };
    match at.expect() {
        Expect::Listed(model) => {
            at.same(layout.shape(), model.shape(), "the shape");
            at.same(layout.len(), model.addresses().len(), "the count");
            oracle::for_each_index(model.shape(), |index| same(index, model.at(index)));
            if at.turn % 8 == 1 {
                numbers::agree_at_run_time(at, layout, model);
            }
        }
        Expect::Vast { shape, samples, .. } => {
            at.same(layout.shape(), shape.as_slice(), "the shape");
            samples.iter().for_each(|(index, address)| same(index.as_slice(), *address));
        }
        _ => at.fail(&format_args!("it is accepted, as {layout:?}")),
    }
}

fn dynamic(layout: &LayoutDyn, op: &Op) -> Derived {
    Some(match op {
        Op::BroadcastTo(shape) => layout.try_broadcast_to(shape.as_slice()),
        // Layouts of run-time rank are not cut in two, but sliced.
        &Op::SplitAt { axis, index, tail } if layout.shape().get(axis) >= Some(&index) => {
            let half = if tail { Slice::from(index..) } else { Slice::from(..index) };
            layout.try_slice_axis(axis, half)
        }
        op => run_time_forms!(layout, op),
    })
}

macro_rules! on_layout {
    ($at:ident; $layout:ident.$plain:ident, $fallible:ident($($argument:expr),*)) => {
        $layout.$fallible($($argument),*)
    };
}

fn fixed<const N: usize>(at: At<'_>, layout: &LayoutDyn) -> Layout<N> {
    match Layout::try_from(*layout) {
        Ok(layout) => layout,
        Err(error) => at.fail(&format_args!("{layout:?} has not rank {N}: {error}")),
    }
}

/// Compares what a layout of fixed rank became with what a step should give.
fn child<const M: usize>(at: At<'_>, parent: &Model, result: Result<Layout<M>, Error>) -> Derived
where
    Rank<M>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    match &result {
        Ok(layout) => numbers::agree_with(at, layout),
        Err(error) => numbers::is_refused(at, error, parent),
    }
    Some(result.map(LayoutDyn::from))
}

fn same<T, const N: usize>(at: At<'_>, layout: &LayoutDyn, parent: &Model) -> Derived
where
    Rank<N>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let layout = fixed::<N>(at, layout);
    let result = match at.op() {
        Op::BroadcastTo(shape) => layout.try_broadcast_to(array::<_, N>(at, shape.as_slice())),
        _ => same_forms!(at, layout, on_layout, N),
    };
    child(at, parent, result)
}

fn less<T, const N: usize, const LESS: usize>(
    at: At<'_>,
    layout: &LayoutDyn,
    parent: &Model,
) -> Derived
where
    Rank<N>: OneLess<LESS>,
    Rank<LESS>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let layout = fixed::<N>(at, layout);
    let result = match at.op() {
        Op::AxisIter { .. } => return None,
        Op::BroadcastTo(shape) => layout.try_broadcast_to(array::<_, LESS>(at, shape.as_slice())),
        _ => less_forms!(at, layout, on_layout, LESS),
    };
    child(at, parent, result)
}

fn more<T, const N: usize, const MORE: usize>(
    at: At<'_>,
    layout: &LayoutDyn,
    parent: &Model,
) -> Derived
where
    Rank<N>: OneMore<MORE>,
    Rank<MORE>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let layout = fixed::<N>(at, layout);
    let result = match at.op() {
        Op::BroadcastTo(shape) => layout.try_broadcast_to(array::<_, MORE>(at, shape.as_slice())),
        _ => more_forms!(at, layout, on_layout, MORE),
    };
    child(at, parent, result)
}

fn twice<T, const N: usize, const TWICE: usize>(
    at: At<'_>,
    layout: &LayoutDyn,
    parent: &Model,
) -> Derived
where
    Rank<N>: Double<TWICE>,
    Rank<TWICE>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let layout = fixed::<N>(at, layout);
    let result = match at.op() {
        Op::BroadcastTo(shape) => layout.try_broadcast_to(array::<_, TWICE>(at, shape.as_slice())),
        _ => twice_forms!(at, layout, on_layout, TWICE),
    };
    child(at, parent, result)
}

fn line<T, const N: usize>(at: At<'_>, layout: &LayoutDyn, parent: &Model) -> Derived {
    let layout = fixed::<N>(at, layout);
    let result = match at.op() {
        Op::BroadcastTo(shape) => layout.try_broadcast_to(array::<_, 1>(at, shape.as_slice())),
        Op::Reshape(shape) => layout.try_reshape(array::<_, 1>(at, shape.as_slice())),
        _ => return None,
    };
    child(at, parent, result)
}
