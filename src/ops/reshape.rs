//! Another shape over the same elements in the same order, without copying.

use super::accept;
use crate::error::{Error, Index};
use crate::layout::packed_strides;
use crate::{Layout, StridedView, StridedViewMut};

/// Elements at equal distances: what neighbouring axes amount to when the outer one continues the
/// inner one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    extent: usize,
    stride: isize,
    /// The outermost axis of the run.
    axis: usize,
}

impl Run {
    /// The stride with which an outer axis continues this run, if `isize` holds it.
    fn next_stride(self) -> Option<isize> {
        self.stride.checked_mul(isize::try_from(self.extent).ok()?)
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.extent, self.stride) == (other.extent, other.stride)
    }
}

/// The longest runs of a non-empty layout, from the last axis outwards, and how many there are.
///
/// Axes of size 1 do not count. Two layouts with the same runs and the same offset have, index
/// after index in row-major order, the same addresses: along a run of `n` elements, whatever axes
/// it is made of, those are `0, stride, … (n - 1) · stride`, and the runs themselves are the axes
/// of a layout.
fn runs<const N: usize>(shape: &[usize; N], strides: &[isize; N]) -> ([Run; N], usize) {
    let mut runs = [Run { extent: 1, stride: 0, axis: 0 }; N];
    let mut found = 0usize;
    let axes = shape.iter().zip(strides).enumerate().rev();
    for (axis, (&extent, &stride)) in axes.filter(|(_, (extent, _))| **extent != 1) {
        let last = found.checked_sub(1).and_then(|last| runs.get_mut(last));
        match last {
            Some(run) if run.next_stride() == Some(stride) => {
                // The product of the sizes of an accepted layout fits.
                *run = Run { extent: run.extent.saturating_mul(extent), axis, ..*run };
            }
            _ => {
                if let Some(run) = runs.get_mut(found) {
                    *run = Run { extent, stride, axis };
                }
                found = found.saturating_add(1);
            }
        }
    }
    (runs, found)
}

/// Whether two non-empty layouts have the same addresses in row-major order: see [`runs`].
fn walk_alike<const N: usize, const M: usize>(one: &Layout<N>, other: &Layout<M>) -> bool {
    let (one_runs, one_found) = runs(one.shape(), one.strides());
    let (other_runs, other_found) = runs(other.shape(), other.strides());
    let mut pairs = one_runs.iter().zip(&other_runs).take(one_found);
    one.offset() == other.offset()
        && one_found == other_found
        && pairs.all(|(one, other)| one.is_like(other))
}

/// Strides that describe `shape` over the elements of a non-empty layout of as many.
///
/// Takes the new axes from the last outwards and divides each into what is left of a run. That is
/// NumPy's rule: since runs are as long as can be, an axis that does not divide the rest of its
/// run would have to continue in the next one, which lies at another distance.
fn strides_for<const N: usize, const M: usize>(
    layout: &Layout<N>,
    shape: &[usize; M],
) -> Result<[isize; M], Error> {
    let (runs, found) = runs(layout.shape(), layout.strides());
    let mut rest = runs.iter().take(found);
    // What is left of the current run, and the stride of the next new axis in it; `None` when
    // `isize` does not hold that.
    let mut left = Run { extent: 1, stride: 1, axis: 0 };
    let mut step = Some(1);
    let mut strides = [0; M];
    for (axis, (&extent, stride)) in shape.iter().zip(&mut strides).enumerate().rev() {
        if extent == 1 {
            *stride = step.unwrap_or(0);
            continue;
        }
        if left.extent == 1 {
            left = rest.next().copied().unwrap_or(left);
            step = Some(left.stride);
        }
        match (left.extent.checked_div(extent), left.extent.checked_rem(extent)) {
            (Some(quotient), Some(0)) => left.extent = quotient,
            _ => {
                let mut before = layout.shape().iter().take(left.axis);
                let outer = before.rposition(|&extent| extent != 1).unwrap_or(0);
                return Err(Error::NeedsCopy { outer, inner: left.axis });
            }
        }
        *stride = step.ok_or(Error::DoesNotFit { axis })?;
        step = isize::try_from(extent).ok().and_then(|extent| stride.checked_mul(extent));
    }
    Ok(strides)
}

impl<const N: usize> Layout<N> {
    /// As [`StridedView::reshape`], on the numbers alone.
    ///
    /// # Errors
    /// [`CountMismatch`](Error::CountMismatch), [`NeedsCopy`](Error::NeedsCopy),
    /// [`DoesNotFit`](Error::DoesNotFit).
    pub fn try_reshape<const M: usize>(&self, shape: [usize; M]) -> Result<Layout<M>, Error> {
        let count = if shape.contains(&0) {
            Some(0)
        } else {
            shape.iter().try_fold(1usize, |count, &extent| count.checked_mul(extent))
        };
        if count != Some(self.len()) {
            let (from, to) = (Index::new(self.shape()), Index::new(&shape));
            return Err(Error::CountMismatch { from, to, inferred: None });
        }
        if self.is_empty() {
            let mut strides = [0; M];
            packed_strides(shape.iter().zip(&mut strides).rev());
            return self.derive(shape, strides, self.offset());
        }
        let reshaped = self.derive(shape, strides_for(self, &shape)?, self.offset())?;
        // Makes a mistake in `strides_for` a refusal, as the check of a selection does.
        if walk_alike(self, &reshaped) {
            Ok(reshaped)
        } else {
            Err(Error::LeavesParent { axis: 0 })
        }
    }
}

impl<'a, T, const N: usize> StridedView<'a, T, N> {
    /// Gives the elements another shape without copying them: NumPy's `reshape` where it needs no
    /// copy.
    ///
    /// The elements keep their row-major order. That takes strides that describe the new shape: an
    /// axis can always be split, but axes can be merged only where the outer one continues the
    /// inner one. The refusal names two axes that do not;
    /// `to_contiguous` makes the copy.
    ///
    /// ```
    /// use strideproof::{Error, as_strided};
    /// let x: Vec<i64> = (0..12).collect();
    /// let x = as_strided(&x, [3, 4], None, 0)?;
    /// assert_eq!(x.reshape([2, 3, 2]).strides(), &[6, 2, 1]);
    /// assert_eq!(x.t().try_reshape([12]).unwrap_err(), Error::NeedsCopy { outer: 0, inner: 1 });
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Panics
    /// With the message of the error of [`try_reshape`](Self::try_reshape).
    #[must_use]
    #[track_caller]
    pub fn reshape<const M: usize>(&self, shape: [usize; M]) -> StridedView<'a, T, M> {
        accept(self.try_reshape(shape))
    }
}

impl<'a, T, const N: usize> StridedViewMut<'a, T, N> {
    /// As [`StridedView::reshape`], for writing.
    ///
    /// # Panics
    /// With the message of the error of [`try_reshape`](Self::try_reshape).
    #[must_use]
    #[track_caller]
    pub fn reshape<const M: usize>(self, shape: [usize; M]) -> StridedViewMut<'a, T, M> {
        accept(self.try_reshape(shape))
    }
}
