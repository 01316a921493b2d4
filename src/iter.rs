//! Iterators that stand on a view's own: with indices, by reference, and copies of the elements.

use core::iter::FusedIterator;

use crate::rank::Rank;
use crate::view::{Buffer, Elements, Iter, View, ViewUnit};

/// Iterates over the elements of a mutable view in row-major order of their indices.
pub type IterMut<'a, T, D, U = Elements> = Iter<&'a mut [T], T, D, U>;

/// Iterates over index tuples and elements of a view in row-major order.
pub struct IndexedIter<B, T, D: Rank, U = Elements> {
    inner: Iter<B, T, D, U>,
    /// The index of the element that comes next, if there is one.
    index: D::List<usize>,
    /// The same at the end.
    last: D::List<usize>,
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> IndexedIter<B, T, D, U> {
    fn new(inner: Iter<B, T, D, U>) -> Self {
        let layout = inner.layout();
        let (index, mut last) = (layout.first_index(), layout.first_index());
        for (last, &size) in last.as_mut().iter_mut().zip(layout.sizes()) {
            *last = size.saturating_sub(1);
        }
        Self { inner, index, last }
    }
}

impl<T, D: Rank, U: ViewUnit> Clone for IndexedIter<&[T], T, D, U> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), index: self.index.clone(), last: self.last.clone() }
    }
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> Iterator for IndexedIter<B, T, D, U> {
    type Item = (D::List<usize>, B::Element);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let element = self.inner.next()?;
        let index = self.index.clone();
        let axes = self.index.as_mut().iter_mut().zip(self.inner.layout().sizes());
        for (index, &size) in axes.rev() {
            *index = index.saturating_add(1);
            if *index < size {
                break;
            }
            *index = 0;
        }
        Some((index, element))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> DoubleEndedIterator for IndexedIter<B, T, D, U> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let element = self.inner.next_back()?;
        let index = self.last.clone();
        let axes = self.last.as_mut().iter_mut().zip(self.inner.layout().sizes());
        for (index, &size) in axes.rev() {
            if *index > 0 {
                *index = index.saturating_sub(1);
                break;
            }
            *index = size.saturating_sub(1);
        }
        Some((index, element))
    }
}

impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> ExactSizeIterator for IndexedIter<B, T, D, U> {}
impl<B: Buffer<T>, T, D: Rank, U: ViewUnit> FusedIterator for IndexedIter<B, T, D, U> {}

impl<'a, T, D: Rank, U: ViewUnit> View<&'a [T], T, D, U> {
    /// Iterates over index tuples and elements in row-major order.
    #[must_use]
    pub fn indexed_iter(&self) -> IndexedIter<&'a [T], T, D, U> {
        IndexedIter::new(self.iter())
    }
}

impl<T, D: Rank, U: ViewUnit> View<&mut [T], T, D, U> {
    /// Iterates over index tuples and elements in row-major order.
    #[must_use]
    pub fn indexed_iter(&self) -> IndexedIter<&[T], T, D, U> {
        IndexedIter::new(self.iter())
    }
}

impl<'a, T, D: Rank, U: ViewUnit> IntoIterator for &View<&'a [T], T, D, U> {
    type Item = &'a T;
    type IntoIter = Iter<&'a [T], T, D, U>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T, D: Rank, U: ViewUnit> IntoIterator for &'a mut View<&mut [T], T, D, U> {
    type Item = &'a mut T;
    type IntoIter = Iter<&'a mut [T], T, D, U>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

#[cfg(feature = "alloc")]
impl<B, T: Clone, D: Rank> View<B, T, D> {
    /// Copies the elements out in row-major order.
    #[must_use]
    pub fn to_vec(&self) -> alloc::vec::Vec<T> {
        self.as_view().to_contiguous().into_owned()
    }
}

#[cfg(feature = "alloc")]
impl<'a, T: Clone, D: Rank> View<&'a [T], T, D> {
    /// The elements in row-major order: borrowed if they lie so already, else one copy.
    #[must_use]
    pub fn to_contiguous(&self) -> alloc::borrow::Cow<'a, [T]> {
        match self.as_slice() {
            Some(slice) => alloc::borrow::Cow::Borrowed(slice),
            None => {
                let mut copy = alloc::vec::Vec::with_capacity(self.len());
                // Not `collect`, which asks for one element at a time.
                self.iter().for_each(|element| copy.push(element.clone()));
                alloc::borrow::Cow::Owned(copy)
            }
        }
    }
}
