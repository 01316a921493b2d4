//! Windows that slide over a view of any rank.

use super::derived;
use super::select::{Along, Selection, Walk};
use crate::error::Error;
use crate::layout::Layout;
use crate::rank::{Grow, PerAxis, Rank, Twice, slice};

/// How many windows of a size fit an axis, moving by `step` elements at a time; `None` if `usize`
/// does not hold it, which takes a window of size 0 on an axis of `usize::MAX` elements.
fn positions(size: usize, window: usize, step: usize) -> Option<usize> {
    size.checked_sub(window)?.checked_div(step)?.checked_add(1)
}

/// Walks along an axis from window to window.
fn places(axis: usize, size: usize, window: usize, step: usize) -> Result<Walk, Error> {
    if step == 0 {
        return Err(Error::ZeroStep { axis });
    }
    if window > size {
        return Err(Error::WindowTooLarge { axis, window, size });
    }
    let Some(count) = positions(size, window, step) else {
        return Err(Error::DoesNotFit { axis });
    };
    // A step beyond `isize` leads to a second window only in an empty view.
    let step = isize::try_from(step).unwrap_or(0);
    Ok(Walk { size: count, step, along: Along::One(axis) })
}

impl<D: Rank> Layout<D> {
    pub(super) fn windowing<E: Rank>(
        &self,
        window: impl PerAxis<usize, Rank = D>,
    ) -> Result<Selection<D, E>, Error> {
        let steps = D::filled(window.values().len(), 1)?;
        self.sliding(window.values(), slice::<D, _>(&steps))
    }

    pub(super) fn windowing_by<E: Rank>(
        &self,
        window: impl PerAxis<usize, Rank = D>,
        steps: impl PerAxis<usize, Rank = D>,
    ) -> Result<Selection<D, E>, Error> {
        self.sliding(window.values(), steps.values())
    }

    fn sliding<E: Rank>(
        &self,
        window: &[usize],
        steps: &[usize],
    ) -> Result<Selection<D, E>, Error> {
        let rank = self.rank();
        for given in [window.len(), steps.len()] {
            if given != rank {
                return Err(Error::WrongRank { rank: given, needed: rank });
            }
        }
        let mut walks = E::filled(rank.saturating_mul(2), Walk::repeat(1))?;
        let (outer, inner) = walks.as_mut().split_at_mut(rank);
        let axes = self.sizes().iter().zip(window).zip(steps).enumerate();
        for ((axis, ((&size, &window), &step)), (outer, inner)) in
            axes.zip(outer.iter_mut().zip(inner))
        {
            *outer = places(axis, size, window, step)?;
            *inner = Walk::whole(axis, window);
        }
        Ok(Selection { start: self.first_index(), walks })
    }
}

impl<D: Rank> Layout<D> {
    pub(super) fn windowing_axis<E: Rank>(
        &self,
        axis: usize,
        window: usize,
        step: usize,
    ) -> Result<Selection<D, E>, Error> {
        let size = self.size_of(axis)?;
        let mut walks = self.walks_of::<E>(|_, _| true, 1)?;
        if let Some(inner) = walks.as_mut().last_mut() {
            *inner = Walk::whole(axis, window);
        }
        if let Some(outer) = walks.as_mut().get_mut(axis) {
            *outer = places(axis, size, window, step)?;
        }
        Ok(Selection { start: self.first_index(), walks })
    }
}

derived! {
    /// Shows every window along one axis, moving by `step` elements at a time: NumPy's
    /// `sliding_window_view(x, window, axis)`, PyTorch's `unfold`.
    ///
    /// The axis counts the windows, and a new last axis has the elements of each. For writing,
    /// windows may not overlap: the step is at least the window.
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x: Vec<i64> = (0..10).collect();
    /// let x = as_strided(&x, [2, 5], None, 0)?.axis_windows(1, 3, 2);
    /// assert_eq!(x.shape(), &[2, 2, 3]);
    /// assert_eq!(x.index_axis(0, 1).to_string(), "[[5 6 7]\n [7 8 9]]");
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn axis_windows(axis: usize, window: usize, step: usize) -> D::Larger,
    [D: Grow] try_axis_windows by windowing_axis
    or BadAxis ZeroStep WindowTooLarge TooManyElements DoesNotFit Aliased
}

derived! {
    /// Shows every window of a size: NumPy's `sliding_window_view`.
    ///
    /// One window size for each axis. The result has twice the rank: where the window lies, then
    /// the index inside it. For writing, windows may not overlap: see
    /// [`windows_by`](Self::windows_by).
    ///
    /// ```
    /// use strideproof::as_strided;
    /// let x: Vec<i64> = (0..12).collect();
    /// let x = as_strided(&x, [4, 3], None, 0)?.windows([2, 2]);
    /// assert_eq!((x.shape(), x.strides()), (&[3, 2, 2, 2], &[3, 1, 3, 1]));
    /// assert_eq!(x.index_axis(0, 1).index_axis(0, 1).to_string(), "[[4 5]\n [7 8]]");
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn windows(window: impl PerAxis<usize, Rank = D>) -> D::Double,
    [D: Twice] try_windows by windowing or WindowTooLarge TooManyElements DoesNotFit WrongRank Aliased
}

derived! {
    /// Shows windows of a size that lie some steps apart: NumPy's `sliding_window_view` sliced by
    /// steps.
    ///
    /// With steps at least as large as the window, the windows are blocks that do not overlap, and
    /// may be written to.
    ///
    /// ```
    /// use strideproof::StridedViewMut;
    /// let mut x = [0; 7];
    /// let mut blocks = StridedViewMut::from_slice(&mut x)?.windows_by([2], [3]);
    /// blocks[[1, 1]] = 5;
    /// assert_eq!(blocks.to_string(), "[[0 0]\n [0 5]]");
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    fn windows_by(window: impl PerAxis<usize, Rank = D>, steps: impl PerAxis<usize, Rank = D>) -> D::Double,
    [D: Twice] try_windows_by by windowing_by or ZeroStep WindowTooLarge TooManyElements DoesNotFit WrongRank Aliased
}
