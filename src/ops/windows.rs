//! Windows that slide over a view of any rank.

use super::{Along, Double, Rank, Selection, Walk, derived};
use crate::Layout;
use crate::error::Error;

/// How many windows of a size fit an axis, moving by `step` elements at a time; `None` if `usize`
/// does not hold it, which takes a window of size 0 on an axis of `usize::MAX` elements.
fn positions(extent: usize, window: usize, step: usize) -> Option<usize> {
    extent.checked_sub(window)?.checked_div(step)?.checked_add(1)
}

impl<const N: usize> Layout<N> {
    pub(crate) fn windowing<const M: usize>(
        &self,
        window: [usize; N],
    ) -> Result<Selection<N, M>, Error> {
        self.windowing_by(window, [1; N])
    }

    pub(crate) fn windowing_by<const M: usize>(
        &self,
        window: [usize; N],
        steps: [usize; N],
    ) -> Result<Selection<N, M>, Error> {
        let mut walks = [Walk::repeat(1); M];
        let (positions_of, inside) = walks.split_at_mut(N.min(M));
        let axes = self.shape().iter().zip(window).zip(steps).enumerate();
        for ((axis, ((&extent, window), step)), (outer, inner)) in
            axes.zip(positions_of.iter_mut().zip(inside))
        {
            if step == 0 {
                return Err(Error::ZeroStep { axis });
            }
            if window > extent {
                return Err(Error::WindowTooLarge { axis, window, size: extent });
            }
            let Some(count) = positions(extent, window, step) else {
                return Err(Error::DoesNotFit { axis });
            };
            // A step beyond `isize` leads to a second window only in an empty view.
            let step = isize::try_from(step).unwrap_or(0);
            *outer = Walk { extent: count, step, along: Along::One(axis) };
            *inner = Walk::whole(axis, window);
        }
        Ok(Selection { start: [0; N], walks })
    }
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
    fn windows;
    /// # Errors
    /// [`WindowTooLarge`](crate::Error::WindowTooLarge),
    /// [`TooManyElements`](crate::Error::TooManyElements),
    /// [`DoesNotFit`](crate::Error::DoesNotFit), and for writing
    /// [`Aliased`](crate::Error::Aliased).
    fn try_windows;
    mutable [const M: usize] (window: [usize; N]) -> M where [Rank<N>: Double<M>] by windowing
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
    fn windows_by;
    /// # Errors
    /// [`ZeroStep`](crate::Error::ZeroStep), and those of [`try_windows`](Self::try_windows).
    fn try_windows_by;
    mutable [const M: usize] (window: [usize; N], steps: [usize; N]) -> M
    where [Rank<N>: Double<M>] by windowing_by
}
