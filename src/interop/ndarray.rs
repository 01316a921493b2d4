//! Views from and to those of `ndarray`.

use ndarray::{ArrayView, ArrayViewMut, Dimension};

use crate::rank::Rank;
use crate::view::View;

convert! {
    /// Looks at an `ndarray` view without copying.
    ///
    /// Negative strides and gaps are kept; the offset of the result counts from the lowest element.
    ///
    /// ```
    /// use ndarray::{Array2, s};
    /// use strideproof::StridedView;
    /// let x = Array2::from_shape_fn((4, 6), |(i, j)| 6 * i + j);
    /// let view: StridedView<'_, usize, 2> = x.slice(s![..;-2, 1..;2]).try_into()?;
    /// assert_eq!((view.strides(), view.to_vec()), (&[-12, 2], vec![19, 21, 23, 7, 9, 11]));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`WrongRank`](crate::Error::WrongRank).
    ['a, T, D: Rank, E: Dimension] ArrayView<'a, T, E> => View<&'a [T], T, D>, by Self::from_array;
    /// Looks at a view through `ndarray` without copying.
    ///
    /// ```
    /// use ndarray::{ArrayView2, Ix2};
    /// use strideproof::{as_strided, s};
    /// let x: Vec<i64> = (0..24).collect();
    /// let view = as_strided(&x, [4, 6], None, 0)?.slice(s![..;-2, 1..;2]);
    /// let array: ArrayView2<'_, i64> = view.try_into()?;
    /// assert_eq!(array.sum_axis(ndarray::Axis(0)).to_vec(), [26, 30, 34]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`WrongRank`](crate::Error::WrongRank); of an empty view
    /// [`TooManyElements`](crate::Error::TooManyElements), as `ndarray` counts elements without the
    /// sizes that are 0; of elements without a size [`DoesNotFit`](crate::Error::DoesNotFit).
    ['a, T, D: Rank, E: Dimension] View<&'a [T], T, D> => ArrayView<'a, T, E>, by View::<&'a [T], T, D>::into_array;
    /// Looks at an `ndarray` view for writing, without copying.
    ///
    /// # Errors
    /// [`WrongRank`](crate::Error::WrongRank).
    ['a, T, D: Rank, E: Dimension] ArrayViewMut<'a, T, E> => View<&'a mut [T], T, D>,
        by Self::from_array;
    /// Hands a view for writing to `ndarray` without copying.
    ///
    /// ```
    /// use ndarray::ArrayViewMut1;
    /// use strideproof::{StridedViewMut, s};
    /// let mut x = [1, 2, 3, 4, 5, 6];
    /// let (even, mut odd) = StridedViewMut::from_slice(&mut x)?
    ///     .reshape([3, 2])
    ///     .split_at(1, 1);
    /// // The other half stays a view and may be written to at the same time.
    /// let mut even: ArrayViewMut1<'_, i32> = even.squeeze(1).try_into()?;
    /// even *= 10;
    /// odd.fill(0);
    /// assert_eq!(x, [10, 0, 30, 0, 50, 0]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of a shared view; [`Interleaved`](crate::Error::Interleaved), as `ndarray` writes only
    /// through strides each of which exceeds what the axes of smaller strides reach.
    ['a, T, D: Rank, E: Dimension] View<&'a mut [T], T, D> => ArrayViewMut<'a, T, E>,
        by View::<&'a mut [T], T, D>::into_array;
}
