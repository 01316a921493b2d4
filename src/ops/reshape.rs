//! Another shape over the same elements in the same order, without copying.

use super::plain;
use crate::error::{Error, Index};
use crate::layout::{Layout, row_major_strides};
use crate::rank::{PerAxis, Rank, slice};
use crate::view::{Buffer, View, ViewUnit};

/// Elements at equal distances: what neighbouring axes amount to when the outer one continues the
/// inner one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    size: usize,
    stride: isize,
    /// The outermost axis of the run.
    axis: usize,
}

impl Run {
    /// The stride with which an outer axis continues this run, if `isize` holds it.
    fn next_stride(self) -> Option<isize> {
        self.stride.checked_mul(isize::try_from(self.size).ok()?)
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.size, self.stride) == (other.size, other.stride)
    }
}

/// The longest runs of a non-empty layout, from the last axis outwards, and how many there are.
///
/// Axes of size 1 do not count. Two layouts with the same runs and the same offset have, index
/// after index in row-major order, the same addresses: along a run of `n` elements, whatever axes
/// it is made of, those are `0, stride, … (n - 1) · stride`, and the runs themselves are the axes
/// of a layout.
fn runs<D: Rank>(layout: &Layout<D>) -> Result<(D::List<Run>, usize), Error> {
    let mut runs = D::filled(layout.rank(), Run { size: 1, stride: 0, axis: 0 })?;
    let mut found = 0usize;
    let axes = layout.sizes().iter().zip(layout.steps()).enumerate().rev();
    for (axis, (&size, &stride)) in axes.filter(|(_, (size, _))| **size != 1) {
        let last = found.checked_sub(1).and_then(|last| runs.as_mut().get_mut(last));
        match last {
            Some(run) if run.next_stride() == Some(stride) => {
                // The product of the sizes of an accepted layout fits.
                *run = Run { size: run.size.saturating_mul(size), axis, ..*run };
            }
            _ => {
                if let Some(run) = runs.as_mut().get_mut(found) {
                    *run = Run { size, stride, axis };
                }
                found = found.saturating_add(1);
            }
        }
    }
    Ok((runs, found))
}

/// Whether two non-empty layouts have the same addresses in row-major order: see [`runs`].
fn walk_alike<D: Rank, E: Rank>(one: &Layout<D>, other: &Layout<E>) -> Result<bool, Error> {
    let (one_runs, one_found) = runs(one)?;
    let (other_runs, other_found) = runs(other)?;
    let (one_runs, other_runs) = (slice::<D, _>(&one_runs), slice::<E, _>(&other_runs));
    let mut pairs = one_runs.iter().zip(other_runs).take(one_found);
    Ok(one.offset() == other.offset()
        && one_found == other_found
        && pairs.all(|(one, other)| one.is_like(other)))
}

/// Strides that describe `shape` over the elements of a non-empty layout of as many.
///
/// Takes the new axes from the last outwards and divides each into what is left of a run. That is
/// NumPy's rule: since runs are as long as can be, an axis that does not divide the rest of its
/// run would have to continue in the next one, which lies at another distance.
fn strides_for<D: Rank>(
    layout: &Layout<D>,
    shape: &[usize],
    strides: &mut [isize],
) -> Result<(), Error> {
    let (runs, found) = runs(layout)?;
    let mut rest = slice::<D, _>(&runs).iter().take(found);
    // What is left of the current run, and the stride of the next new axis in it; `None` when
    // `isize` does not hold that.
    let mut left = Run { size: 1, stride: 1, axis: 0 };
    let mut step = Some(1);
    for (axis, (&size, stride)) in shape.iter().zip(strides).enumerate().rev() {
        if size == 1 {
            *stride = step.unwrap_or(0);
            continue;
        }
        if left.size == 1 {
            left = rest.next().copied().unwrap_or(left);
            step = Some(left.stride);
        }
        match (left.size.checked_div(size), left.size.checked_rem(size)) {
            (Some(quotient), Some(0)) => left.size = quotient,
            _ => {
                let mut before = layout.sizes().iter().take(left.axis);
                let outer = before.rposition(|&size| size != 1).unwrap_or(0);
                return Err(Error::NeedsCopy { outer, inner: left.axis });
            }
        }
        *stride = step.ok_or(Error::DoesNotFit { axis })?;
        step = isize::try_from(size).ok().and_then(|size| stride.checked_mul(size));
    }
    Ok(())
}

/// The shape with the size that follows from the others and the number of elements.
fn inferred<D: Rank, S: PerAxis<Option<usize>>>(
    layout: &Layout<D>,
    shape: S,
) -> Result<<S::Rank as Rank>::List<usize>, Error> {
    let shape = shape.values();
    let mut unknown = (0..).zip(shape).filter(|(_, size)| size.is_none()).map(|(axis, _)| axis);
    let (axis, second) = (unknown.next(), unknown.next());
    if let (Some(first), Some(second)) = (axis, second) {
        return Err(Error::TwoInferred { first, second });
    }
    let known = shape.iter().flatten();
    let known = known.clone().try_fold(1usize, |product, &size| product.checked_mul(size));
    let count = layout.len();
    let open = known
        .filter(|&known| count.checked_rem(known) == Some(0))
        .and_then(|known| count.checked_div(known));
    let mut sizes = S::Rank::filled(shape.len(), open.unwrap_or(0))?;
    for (size, given) in sizes.as_mut().iter_mut().zip(shape) {
        *size = given.unwrap_or(*size);
    }
    if open.is_some() || axis.is_none() {
        return Ok(sizes);
    }
    let (from, to) = (Index::new(layout.sizes()), Index::new(slice::<S::Rank, _>(&sizes)));
    Err(Error::CountMismatch { from, to, inferred: axis })
}

impl<D: Rank> Layout<D> {
    /// As [`View::reshape_inferred`], on the numbers alone.
    ///
    /// # Errors
    /// Those of [`try_reshape`](Self::try_reshape), and [`TwoInferred`](Error::TwoInferred).
    pub fn try_reshape_inferred<S: PerAxis<Option<usize>>>(
        &self,
        shape: S,
    ) -> Result<Layout<S::Rank>, Error> {
        self.reshaped(inferred(self, shape)?)
    }

    /// As [`View::reshape`], on the numbers alone.
    ///
    /// # Errors
    /// [`CountMismatch`](Error::CountMismatch), [`NeedsCopy`](Error::NeedsCopy),
    /// [`DoesNotFit`](Error::DoesNotFit).
    pub fn try_reshape<S: PerAxis<usize>>(&self, shape: S) -> Result<Layout<S::Rank>, Error> {
        self.reshaped(shape.into_list()?)
    }

    /// As [`try_reshape`](Self::try_reshape), for a list of sizes.
    pub(crate) fn reshaped<E: Rank>(&self, shape: E::List<usize>) -> Result<Layout<E>, Error> {
        let sizes = slice::<E, _>(&shape);
        let count = if sizes.contains(&0) {
            Some(0)
        } else {
            sizes.iter().try_fold(1usize, |count, &size| count.checked_mul(size))
        };
        if count != Some(self.len()) {
            let (from, to) = (Index::new(self.sizes()), Index::new(sizes));
            return Err(Error::CountMismatch { from, to, inferred: None });
        }
        let mut strides = E::filled(sizes.len(), 0)?;
        if self.is_empty() {
            row_major_strides(sizes, strides.as_mut())?;
            return self.derive(shape, strides, self.offset());
        }
        strides_for(self, sizes, strides.as_mut())?;
        let reshaped = self.derive(shape, strides, self.offset())?;
        // Makes a mistake in `strides_for` a refusal, as the check of a selection does.
        if walk_alike(self, &reshaped)? {
            Ok(reshaped)
        } else {
            Err(Error::LeavesParent { axis: 0 })
        }
    }
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> View<B, T, D, U> {
    plain! {
        /// Gives the elements another shape without copying them: NumPy's `reshape` where it needs
        /// no copy.
        ///
        /// The elements keep their row-major order. That takes strides that describe the new shape:
        /// an axis can always be split, but axes can be merged only where the outer one continues
        /// the inner one. The refusal names two axes that do not; `to_contiguous` makes the copy.
        ///
        /// ```
        /// use strideproof::{Error, as_strided};
        /// let x: Vec<i64> = (0..12).collect();
        /// let x = as_strided(&x, [3, 4], None, 0)?;
        /// assert_eq!(x.reshape([2, 3, 2]).strides(), &[6, 2, 1]);
        /// assert_eq!(x.t().try_reshape([12]).unwrap_err(), Error::NeedsCopy { outer: 0, inner: 1 });
        /// # Ok::<(), Error>(())
        /// ```
        #[must_use]
        fn reshape [S: PerAxis<usize>] ([self] shape: S)
        -> View<B, T, S::Rank, U>, by self.try_reshape
    }

    /// As [`reshape`](Self::reshape), returning the error.
    ///
    /// # Errors
    /// Those of [`Layout::try_reshape`].
    pub fn try_reshape<S: PerAxis<usize>>(self, shape: S) -> Result<View<B, T, S::Rank, U>, Error> {
        self.reshaped(shape.into_list()?)
    }

    plain! {
        /// Gives the elements another shape, one size of which follows from the others and the
        /// number of elements: NumPy's `reshape` with a size of -1. That size is `None` here.
        ///
        /// ```
        /// use strideproof::{Error, StridedView};
        /// let x = [0u8; 12];
        /// let x = StridedView::from_slice(&x)?;
        /// assert_eq!(x.reshape_inferred([Some(3), None]).shape(), &[3, 4]);
        /// let error = x.try_reshape_inferred([Some(5), None]).unwrap_err();
        /// assert_eq!(error.to_string(), "cannot reshape (12,) into (5, -1): 12 elements into a multiple of 5");
        /// # Ok::<(), Error>(())
        /// ```
        #[must_use]
        fn reshape_inferred [S: PerAxis<Option<usize>>] ([self] shape: S)
        -> View<B, T, S::Rank, U>, by self.try_reshape_inferred
    }

    /// As [`reshape_inferred`](Self::reshape_inferred), returning the error.
    ///
    /// # Errors
    /// Those of [`Layout::try_reshape_inferred`].
    pub fn try_reshape_inferred<S: PerAxis<Option<usize>>>(
        self,
        shape: S,
    ) -> Result<View<B, T, S::Rank, U>, Error> {
        let shape = inferred(self.layout(), shape)?;
        self.reshaped(shape)
    }
}
