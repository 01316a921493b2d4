//! Parallel iteration over the elements and over the parts of a view, with rayon.

use rayon::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::error::accept;
use crate::rank::Rank;
use crate::view::{Buffer, Elements, Parts, View, ViewUnit};

/// A thread is not worth fewer elements.
const SHARE: usize = 1 << 12;

/// Iterates over the elements of a view in parallel, in no particular order: what rayon's
/// `into_par_iter`, `par_iter` and `par_iter_mut` make of a view.
///
/// The view is halved along the axis of the largest stride, so that threads keep to parts of the
/// buffer of their own, and each part is walked as it lies in memory.
pub struct ParIter<B, T, D: Rank, U = Elements>(View<B, T, D, U>);

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> UnindexedProducer for ParIter<B, T, D, U>
where
    View<B, T, D, U>: Send,
{
    type Item = B::Element;

    fn split(self) -> (Self, Option<Self>) {
        let axes = self.0.sizes().iter().zip(self.0.steps()).enumerate();
        let widest = axes
            .filter(|(_, (size, _))| **size > 1)
            .max_by_key(|(_, (_, step))| step.unsigned_abs());
        match widest {
            Some((axis, (&size, _))) if self.0.len() > SHARE => {
                let (head, tail) = accept(self.0.try_split_at(axis, size / 2));
                (Self(head), Some(Self(tail)))
            }
            _ => (self, None),
        }
    }

    fn fold_with<F: Folder<B::Element>>(self, folder: F) -> F {
        folder.consume_iter(accept(self.0.try_in_memory_order()))
    }
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> ParallelIterator for ParIter<B, T, D, U>
where
    View<B, T, D, U>: Send,
    B::Element: Send,
{
    type Item = B::Element;

    fn drive_unindexed<C: UnindexedConsumer<B::Element>>(self, consumer: C) -> C::Result {
        bridge_unindexed(self, consumer)
    }
}

/// Visits the elements in parallel, in no particular order.
///
/// ```
/// use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};
/// use strideproof::as_strided_mut;
/// let mut x = [1, 2, 0, 3, 4, 0];
/// as_strided_mut(&mut x, [2, 2], [3, 1], 0)?.par_iter_mut().for_each(|x| *x *= 10);
/// assert_eq!(x, [10, 20, 0, 30, 40, 0]);
/// # Ok::<(), strideproof::Error>(())
/// ```
impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> IntoParallelIterator for View<B, T, D, U>
where
    Self: Send,
    B::Element: Send,
{
    type Item = B::Element;
    type Iter = ParIter<B, T, D, U>;

    fn into_par_iter(self) -> Self::Iter {
        ParIter(self)
    }
}

impl<'a, B, T: Sync, D: Rank, U: ViewUnit> IntoParallelIterator for &'a View<B, T, D, U>
where
    View<&'a [T], T, D, U>: Send,
{
    type Item = &'a T;
    type Iter = ParIter<&'a [T], T, D, U>;

    fn into_par_iter(self) -> Self::Iter {
        ParIter(self.as_view())
    }
}

impl<'a, T: Send, D: Rank, U: ViewUnit> IntoParallelIterator for &'a mut View<&mut [T], T, D, U>
where
    View<&'a mut [T], T, D, U>: Send,
{
    type Item = &'a mut T;
    type Iter = ParIter<&'a mut [T], T, D, U>;

    fn into_par_iter(self) -> Self::Iter {
        ParIter(self.reborrow())
    }
}

/// Visits the parts in parallel, in any number of threads: they share no element.
///
/// ```
/// use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
/// use strideproof::as_strided_mut;
/// let mut x = [0; 6];
/// let columns = as_strided_mut(&mut x, [2, 3], None, 0)?.axis_iter(1).into_par_iter();
/// columns.enumerate().for_each(|(i, mut column)| column.fill(i));
/// assert_eq!(x, [0, 1, 2, 0, 1, 2]);
/// # Ok::<(), strideproof::Error>(())
/// ```
impl<B, T, D, E, U> IntoParallelIterator for Parts<B, T, D, E, U>
where
    B: Buffer<T>,
    D: Rank,
    E: Rank,
    U: ViewUnit,
    View<B, T, E, U>: Send,
{
    type Item = View<B, T, E, U>;
    type Iter = rayon::vec::IntoIter<View<B, T, E, U>>;

    // By a list of the parts, which are small beside what they show.
    fn into_par_iter(self) -> Self::Iter {
        self.collect::<alloc::vec::Vec<_>>().into_par_iter()
    }
}
