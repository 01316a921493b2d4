//! What a checker is asked.

use core::fmt;

use crate::truth::Truth;

/// A request, in whatever unit: `item` consecutive units at each address must lie in `0..len`.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The size of each axis.
    pub shape: Vec<usize>,
    /// How many units each axis steps over.
    pub strides: Vec<isize>,
    /// Where the all-zero index lies.
    pub offset: usize,
    /// How many units the buffer has.
    pub len: usize,
    /// How many units an item takes at its address: 1 where the unit is the element.
    pub item: usize,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shape, strides, offset, len, item } = self;
        write!(f, "shape {shape:?} strides {strides:?} offset {offset} len {len} item {item}")
    }
}

impl Request {
    /// What is true of it.
    #[must_use]
    pub fn truth(&self) -> Truth {
        Truth::by_corners(&self.shape, &self.strides, self.offset)
    }

    /// Whether the specification accepts it.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.truth().accepts(self.offset, self.len, self.item)
    }

    /// Whether it is refused for one unit: with one more at an end of the buffer it would be
    /// accepted.
    #[must_use]
    pub fn is_refused_for_one(&self) -> bool {
        let accepts = |offset: Option<usize>, len: Option<usize>| match (offset, len) {
            (Some(offset), Some(len)) => Self { offset, len, ..self.clone() }.is_accepted(),
            _ => false,
        };
        let len = self.len.checked_add(1);
        !self.is_accepted()
            && (accepts(Some(self.offset), len) || accepts(self.offset.checked_add(1), len))
    }
}
