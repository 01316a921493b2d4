//! How much memory a view really occupies, and how much it seems to.

use core::mem::size_of;

use super::Slice;
use crate::error::widen;
use crate::iter::Addresses;
use crate::{Layout, StridedView, StridedViewMut};

/// The number of sums `Σ i_k · magnitude_k` over `i_k < extent_k`, if a formula tells it; `axes`
/// holds `(magnitude, extent)` by growing magnitude.
///
/// The sums are kept as levels. A level is `unit · (0..=steps)` on top of each sum of the levels
/// below, whose largest sum is less than its unit. An axis widens the level if its magnitude is a
/// multiple of the unit that leaves no gap. One beyond all sums so far opens a new level. Any other
/// axis makes sums that partly coincide, and no formula is tried.
fn count_by_levels(axes: &[(usize, usize)]) -> Option<usize> {
    let (mut below, mut unit, mut steps, mut reach) = (1usize, 1usize, 0usize, 0usize);
    for &(magnitude, extent) in axes {
        let (Some(last @ 1..), 1..) = (extent.checked_sub(1), magnitude) else { continue };
        let quotient = magnitude.checked_div(unit)?;
        if magnitude.checked_rem(unit)? == 0 && quotient.checked_sub(1)? <= steps {
            steps = steps.checked_add(last.checked_mul(quotient)?)?;
        } else if magnitude > reach {
            below = below.checked_mul(steps.checked_add(1)?)?;
            (unit, steps) = (magnitude, last);
        } else {
            return None;
        }
        reach = reach.checked_add(last.checked_mul(magnitude)?)?;
    }
    below.checked_mul(steps.checked_add(1)?)
}

/// How many addresses one pass over the view marks at a time.
const PAGE: usize = 1 << 16;

/// Counts the different addresses of a non-empty layout by marking them, a page at a time.
fn count_by_marking<const N: usize>(layout: Layout<N>) -> usize {
    let mut total = 0usize;
    let mut page = layout.extent().map(|(lowest, _)| lowest);
    while let Some(start) = page {
        let mut marks = [0u64; PAGE / 64];
        // The lowest address beyond the page begins the next one: gaps cost nothing.
        let next = Addresses::new(layout).fold(None::<usize>, |next, address| {
            let Some(distance) = address.checked_sub(start) else { return next };
            match marks.get_mut(distance / 64) {
                Some(word) => {
                    *word |= 1 << (distance % 64);
                    next
                }
                None => Some(next.map_or(address, |next| next.min(address))),
            }
        });
        let marked: u32 = marks.iter().map(|word| word.count_ones()).sum();
        total = total.saturating_add(usize::try_from(marked).unwrap_or(usize::MAX));
        page = next;
    }
    total
}

impl<const N: usize> Layout<N> {
    /// The number of different elements that the indices of the layout stand for: at most
    /// [`len`](Self::len), and less where indices share elements.
    ///
    /// Exact. A few steps per axis where the axes nest or overlap without gaps, as in slices,
    /// windows and broadcasts; otherwise one or more walks over all indices.
    ///
    /// ```
    /// use strideproof::Layout;
    /// assert_eq!(Layout::new([4, 3], [2, 2], 0, 12)?.distinct_len(), 6);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    #[must_use]
    pub fn distinct_len(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        let mut axes = [(0, 0); N];
        for (axis, (&extent, stride)) in
            axes.iter_mut().zip(self.shape().iter().zip(self.strides()))
        {
            *axis = (stride.unsigned_abs(), extent);
        }
        axes.sort_unstable();
        if let Some(count) = count_by_levels(&axes) {
            return count;
        }
        // Axes that only repeat need no walk; a slice of one element is never refused.
        let mut once = *self;
        for (axis, &stride) in self.strides().iter().enumerate() {
            if stride == 0 {
                let first = once.try_slice_axis(axis, Slice::from(..1usize));
                once = first.unwrap_or(once);
            }
        }
        count_by_marking(once)
    }
}

impl<T, const N: usize> StridedView<'_, T, N> {
    /// The bytes of all indices taken together, as if each had its own element: NumPy's `nbytes`,
    /// which misleads where indices share elements.
    #[must_use]
    pub fn nominal_bytes(&self) -> u128 {
        // Both factors are below 2^64.
        widen(self.len()).saturating_mul(widen(size_of::<T>()))
    }

    /// The bytes of the buffer that the view's elements really occupy.
    ///
    /// Exact, at the cost of [`Layout::distinct_len`].
    ///
    /// ```
    /// use strideproof::StridedView;
    /// let x = [2i64, 5];
    /// let x = StridedView::from_slice(&x)?.insert_axis(1).broadcast_to([2, 8]);
    /// assert_eq!((x.nominal_bytes(), x.real_bytes()), (128, 16));
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    #[must_use]
    pub fn real_bytes(&self) -> usize {
        // Different elements of one buffer, whose size in bytes fits; elements without bytes need
        // no counting.
        match size_of::<T>() {
            0 => 0,
            itemsize => self.layout().distinct_len().saturating_mul(itemsize),
        }
    }
}

impl<T, const N: usize> StridedViewMut<'_, T, N> {
    /// The bytes of all elements, which is also what they occupy: no two indices share one.
    #[must_use]
    pub fn nominal_bytes(&self) -> u128 {
        self.as_view().nominal_bytes()
    }

    /// The bytes of the buffer that the view's elements occupy.
    #[must_use]
    pub fn real_bytes(&self) -> usize {
        self.len().saturating_mul(size_of::<T>())
    }
}
