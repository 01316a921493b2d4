//! Sums, and folds of the inner axes, in an order that suits memory.

use core::iter::Sum;
use core::ops::Add;

use crate::error::{Error, accept, incompatible};
use crate::rank::{Dyn, Rank};
use crate::view::{View, ViewUnit};

/// As many sums are kept beside each other as vector registers hold a few times over: an addition
/// need not wait for the one before.
const SUMS: usize = 32;
/// The same for elements that do not lie side by side.
const STRIDED_SUMS: usize = 8;
/// As many elements of a target stay in the first cache while folds go over them.
const BLOCK: usize = 1 << 12;

/// Whether the order of the indices is that of the addresses, whatever the sizes.
fn walks_up(strides: &[isize]) -> bool {
    strides.is_sorted_by(|one, next| one >= next) && strides.last().is_none_or(|&last| last >= 0)
}

impl<T, D: Rank, U: ViewUnit> View<&[T], T, D, U> {
    /// Adds up all elements: NumPy's `x.sum()`.
    ///
    /// The order is not that of the indices: sums of floats are rounded differently than by
    /// `iter().sum()`, in most cases less. Integers that overflow do what `+` does.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x: Vec<f32> = (0..1000).map(|x| x as f32).collect();
    /// assert_eq!(as_strided(&x, [100, 5], [10, 2], 0)?.sum(), 249_500.0);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    #[must_use]
    pub fn sum(&self) -> T
    where
        T: Copy + Add<Output = T> + Sum<T>,
    {
        let add = |sum: &mut T, element: &T| *sum = *sum + *element;
        let mut sums = [core::iter::empty().sum(); SUMS];
        // To put a view in order that is takes longer than to add up a hundred elements.
        let reordered = if walks_up(self.steps()) {
            None
        } else {
            Some(accept(self.clone().try_in_memory_order()))
        };
        let in_order = reordered.as_ref().unwrap_or(self);
        in_order.for_each_run(|mut run| {
            if let Some(slice) = run.as_slice() {
                let mut pieces = slice.chunks_exact(SUMS);
                for piece in &mut pieces {
                    sums.iter_mut().zip(piece).for_each(|(sum, element)| add(sum, element));
                }
                let rest = pieces.remainder();
                sums.iter_mut().zip(rest).for_each(|(sum, element)| add(sum, element));
                return;
            }
            while run.len() > 0 {
                // Stops at the end of the run or of the sums, whichever is first.
                let sums = sums.iter_mut().take(STRIDED_SUMS);
                sums.zip(&mut run).for_each(|(sum, element)| add(sum, element));
            }
        });
        // Halves are added to halves: one after the other each addition would wait for the last.
        let mut half = SUMS;
        while half > 1 {
            half /= 2;
            let (low, high) = sums.split_at_mut(half);
            low.iter_mut().zip(high).for_each(|(sum, other)| add(sum, other));
        }
        sums[0]
    }
}

impl<T, D: Rank, U: ViewUnit> View<&mut [T], T, D, U> {
    /// Folds the inner axes of another view, those it has beyond this view's, into each element:
    /// calls a function on the element and each of those that share its index, in row-major order of
    /// their inner indices.
    ///
    /// Windows, and anything else that is summed up along its last axes, in the order that suits
    /// memory: all elements of a block of this view for the first inner index, then for the next
    /// one. So the function is called on long rows, and not on one window after the other.
    ///
    /// ```
    /// use strideproof::{StridedView, StridedViewMut, as_strided};
    /// let x = [1, 2, 3, 4, 5];
    /// let mut sums = [0; 3];
    /// let windows = StridedView::from_slice(&x)?.windows([3]);
    /// StridedViewMut::from_slice(&mut sums)?.fold_inner(&windows, |sum, x| *sum += x);
    /// assert_eq!(sums, [6, 9, 12]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Panics
    /// With the message of the error of [`try_fold_inner`](Self::try_fold_inner).
    #[track_caller]
    pub fn fold_inner<V, E: Rank, W: ViewUnit>(
        &mut self,
        source: &View<&[V], V, E, W>,
        f: impl FnMut(&mut T, &V),
    ) {
        accept(self.try_fold_inner(source, f));
    }

    /// As [`fold_inner`](Self::fold_inner), returning the error.
    ///
    /// # Errors
    /// [`IncompatibleShapes`](Error::IncompatibleShapes) unless the other view's shape begins with
    /// this one's; the function is not called then. [`RankTooLarge`](Error::RankTooLarge) without the
    /// feature `alloc` beyond rank 8.
    pub fn try_fold_inner<V, E: Rank, W: ViewUnit>(
        &mut self,
        source: &View<&[V], V, E, W>,
        mut f: impl FnMut(&mut T, &V),
    ) -> Result<(), Error> {
        if !source.sizes().starts_with(self.sizes()) {
            return Err(incompatible(source.sizes(), self.sizes()));
        }
        if source.is_empty() {
            return Ok(());
        }
        fold(self.reborrow().try_with_rank()?, source.clone().try_with_rank()?, &mut f)
    }
}

/// Folds block by block, so that a block stays in the cache while the inner axes go over it.
fn fold<T, V, U: ViewUnit, W: ViewUnit>(
    to: View<&mut [T], T, Dyn, U>,
    from: View<&[V], V, Dyn, W>,
    f: &mut impl FnMut(&mut T, &V),
) -> Result<(), Error> {
    let (mut to, mut from) = (to, from);
    let rows = to.sizes().first().copied().unwrap_or(1);
    let in_row = to.len().checked_div(rows).unwrap_or(0);
    let block = BLOCK.checked_div(in_row).unwrap_or(0).max(1);
    let mut left = rows;
    while left > block {
        let (head, tail) = to.try_split_at(0, block)?;
        let (source, rest) = from.try_split_at(0, block)?;
        fold_block(head, source, f)?;
        (to, from) = (tail, rest);
        left = left.saturating_sub(block);
    }
    fold_block(to, from, f)
}

/// For each index on the inner axes of `from`, in row-major order, meets all elements of `to`.
fn fold_block<T, V, U: ViewUnit, W: ViewUnit>(
    mut to: View<&mut [T], T, Dyn, U>,
    from: View<&[V], V, Dyn, W>,
    f: &mut impl FnMut(&mut T, &V),
) -> Result<(), Error> {
    let axis = to.rank();
    if from.rank() == axis {
        return to.try_zip_mut_with(&from, f);
    }
    for part in from.try_axis_iter(axis)? {
        fold_block(to.reborrow(), part, f)?;
    }
    Ok(())
}
