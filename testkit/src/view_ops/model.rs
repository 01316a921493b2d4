//! What a view is to the model: a shape, and where each of its elements lies.

use std::vec::Vec;

use super::tuple::{self as oracle, MAX_RANK, Tuple};
use strideproof::Error;

/// A view with more indices than this is not listed.
pub(super) const MOST: usize = 256;

/// An index tuple with room for every rank that a program arrives at.
pub(super) type Cells = [usize; MAX_RANK];

/// A view as the model knows it: neither strides nor an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Model {
    shape: Tuple,
    /// Where each element lies, in row-major order of the indices.
    addresses: Vec<usize>,
    /// What the addresses count.
    pub(super) place: Place,
}

/// What the addresses of a view count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Where element 0 lies in the root's buffer, in bytes.
    pub(super) origin: usize,
    /// The size of an element in bytes.
    pub(super) size: usize,
}

impl Place {
    /// The bytes of an element.
    pub(super) fn bytes(self, address: usize) -> core::ops::Range<usize> {
        let start = self.origin + address * self.size;
        start..start + self.size
    }
}

/// What the model says of a step.
#[derive(Clone, Debug)]
pub(super) enum Expect {
    /// It is refused, for this reason.
    Refused(Error),
    /// It is refused, for no strides describe the new shape.
    NeedsCopy,
    /// It gives this view.
    Listed(Model),
    /// It gives a view of more than [`MOST`] indices, some of which lie here.
    Vast { shape: Tuple, samples: Vec<(Tuple, usize)>, place: Place },
    /// It gives no view.
    Stays,
}

/// The number of indices, or what a `u128` can say of it.
pub(super) fn count(shape: &[usize]) -> u128 {
    if shape.contains(&0) {
        return 0;
    }
    shape.iter().fold(1, |count, &extent| count.saturating_mul(extent as u128))
}

/// Where an index stands in row-major order.
pub(super) fn position(shape: &[usize], index: &[usize]) -> usize {
    shape.iter().zip(index).fold(0, |position, (&extent, &i)| {
        assert!(i < extent, "the model leaves its own view: {index:?} of {shape:?}");
        position * extent + i
    })
}

impl Model {
    /// The view that a request describes.
    pub(super) fn new(shape: &[usize], strides: &[isize], offset: usize, size: usize) -> Self {
        let mut addresses = Vec::new();
        oracle::for_each_index(shape, |index| {
            addresses.extend(usize::try_from(oracle::address(strides, offset, index)));
        });
        Self { shape: Tuple::new(shape), addresses, place: Place { origin: 0, size } }
    }

    /// The same elements in the same order, under another shape of as many indices.
    pub(super) fn with_shape(&self, shape: &[usize]) -> Self {
        Self { shape: Tuple::new(shape), ..self.clone() }
    }

    /// The size of each axis.
    pub(super) fn shape(&self) -> &[usize] {
        self.shape.as_slice()
    }

    pub(super) fn rank(&self) -> usize {
        self.shape().len()
    }

    /// The size of an axis, or what is wrong with its number.
    pub(super) fn extent(&self, axis: usize) -> Result<usize, Error> {
        let rank = self.rank();
        self.shape().get(axis).copied().ok_or(Error::bad_axis(axis, rank))
    }

    /// All addresses in row-major order.
    pub(super) fn addresses(&self) -> &[usize] {
        &self.addresses
    }

    pub(super) fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }

    /// The address of a valid index.
    pub(super) fn at(&self, index: &[usize]) -> usize {
        self.addresses[position(self.shape(), index)]
    }

    /// How far an axis moves, in elements; `None` if nobody moves along it.
    pub(super) fn step(&self, axis: usize) -> Option<i128> {
        if self.is_empty() || *self.shape().get(axis)? <= 1 {
            return None;
        }
        let next: usize = self.shape()[axis + 1..].iter().product();
        Some(self.addresses[next] as i128 - self.addresses[0] as i128)
    }

    /// The number of different elements.
    pub(super) fn distinct(&self) -> usize {
        let mut sorted = self.addresses.clone();
        sorted.sort_unstable();
        sorted.dedup();
        sorted.len()
    }

    /// Whether every index has an element of its own.
    pub(super) fn is_unique(&self) -> bool {
        self.distinct() == self.addresses.len()
    }

    /// Whether some strides describe the addresses.
    pub(super) fn is_affine(&self) -> bool {
        let mut steps = [0; MAX_RANK];
        for (axis, step) in steps.iter_mut().enumerate() {
            *step = self.step(axis).unwrap_or(0);
        }
        let mut all = self.addresses.iter();
        let first = self.addresses.first().map_or(0, |&first| first as i128);
        let mut affine = true;
        oracle::for_each_index(self.shape(), |index| {
            let terms = index.iter().zip(steps);
            let address = terms.fold(first, |sum, (&i, step)| sum + i as i128 * step);
            affine &= all.next().map(|&address| address as i128) == Some(address);
        });
        affine
    }

    /// The view of a shape whose indices `map` turns into indices of this view.
    pub(super) fn derive(&self, shape: &[usize], map: impl Fn(&[usize], &mut Cells)) -> Expect {
        let address = |index: &[usize]| {
            let mut mapped = [0; MAX_RANK];
            map(index, &mut mapped);
            self.at(&mapped[..self.rank()])
        };
        Self::derive_at(shape, self.place, address)
    }

    /// The view of a shape whose indices lie at `address`, counted as `place` says.
    pub(super) fn derive_at(
        shape: &[usize],
        place: Place,
        address: impl Fn(&[usize]) -> usize,
    ) -> Expect {
        let count = count(shape);
        let shape = Tuple::new(shape);
        if count > MOST as u128 {
            let mut samples = Vec::new();
            for corner in 0..64usize.min(1 << shape.as_slice().len()) {
                let mut index = [0; MAX_RANK];
                for (axis, (i, &extent)) in index.iter_mut().zip(shape.as_slice()).enumerate() {
                    *i = (extent - 1) * (corner >> axis & 1);
                }
                let index = Tuple::new(&index[..shape.as_slice().len()]);
                samples.push((index, address(index.as_slice())));
            }
            return Expect::Vast { shape, samples, place };
        }
        let mut addresses = Vec::with_capacity(usize::try_from(count).unwrap_or(MOST));
        oracle::for_each_index(shape.as_slice(), |index| addresses.push(address(index)));
        Expect::Listed(Self { shape, addresses, place })
    }
}
