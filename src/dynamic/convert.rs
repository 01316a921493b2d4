//! Between a rank known at compile time and one known at run time, losslessly.

use super::{LayoutDyn, R, StridedViewDyn, StridedViewMutDyn};
use crate::error::Error;
use crate::ops::{Rank, Selection, Walk, Wider, accept};
use crate::{Layout, StridedView, StridedViewMut};

/// Walks all axes of a view of fixed rank, and then as many of size 1 as the inner rank takes.
fn lengthened<const N: usize>(layout: &Layout<N>) -> Selection<N, R> {
    let mut walks = [Walk::repeat(1); R];
    for (walk, (axis, &extent)) in walks.iter_mut().zip(layout.shape().iter().enumerate()) {
        *walk = Walk::whole(axis, extent);
    }
    Selection { start: [0; N], walks }
}

/// Walks the first `N` axes, if that is the rank.
fn shortened<const N: usize>(layout: &LayoutDyn) -> Result<Selection<R, N>, Error> {
    if layout.rank != N {
        return Err(Error::WrongRank { rank: layout.rank, needed: N });
    }
    let mut walks = [Walk::repeat(1); N];
    for (walk, (axis, &extent)) in walks.iter_mut().zip(layout.shape().iter().enumerate()) {
        *walk = Walk::whole(axis, extent);
    }
    Ok(Selection { start: [0; R], walks })
}

impl<const N: usize> From<Layout<N>> for LayoutDyn
where
    Rank<N>: Wider<R, R>,
{
    fn from(layout: Layout<N>) -> Self {
        let longer = layout.select(&lengthened(&layout));
        // Never refused: the same addresses under the same indices.
        Self { layout: accept(longer), rank: N }
    }
}

impl<const N: usize> TryFrom<LayoutDyn> for Layout<N> {
    type Error = Error;

    fn try_from(layout: LayoutDyn) -> Result<Self, Error> {
        layout.layout.select(&shortened(&layout)?)
    }
}

impl<'a, T, const N: usize> From<StridedView<'a, T, N>> for StridedViewDyn<'a, T>
where
    Rank<N>: Wider<R, R>,
{
    fn from(view: StridedView<'a, T, N>) -> Self {
        Self::at_rank(accept(view.select(&lengthened(view.layout()))), N)
    }
}

impl<'a, T, const N: usize> TryFrom<StridedViewDyn<'a, T>> for StridedView<'a, T, N> {
    type Error = Error;

    fn try_from(view: StridedViewDyn<'a, T>) -> Result<Self, Error> {
        view.view.select(&shortened(&view.layout)?)
    }
}

impl<'a, T, const N: usize> From<StridedViewMut<'a, T, N>> for StridedViewMutDyn<'a, T>
where
    Rank<N>: Wider<R, R>,
{
    fn from(view: StridedViewMut<'a, T, N>) -> Self {
        let selection = lengthened(view.layout());
        Self::at_rank(accept(view.select(&selection)), N)
    }
}

impl<'a, T, const N: usize> TryFrom<StridedViewMutDyn<'a, T>> for StridedViewMut<'a, T, N> {
    type Error = Error;

    fn try_from(view: StridedViewMutDyn<'a, T>) -> Result<Self, Error> {
        let selection = shortened(&view.layout)?;
        view.view.select(&selection)
    }
}
