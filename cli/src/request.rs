//! What is asked: a shape, strides and an offset over a buffer, in integers of any size.

use num_bigint::BigInt;
use num_traits::One;
use strideproof::Unit;

use crate::int::Int;

/// Whether a view is to be read only, or written through as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Read only: two indices may share memory.
    #[default]
    ReadOnly,
    /// Written through: no two indices may share memory.
    Mutable,
}

/// How many steps the search for two indices that share memory may take, by default. It decides
/// all but contrived views, and takes milliseconds where it runs out.
pub const DEFAULT_BUDGET: u64 = 100_000;

/// One request, as it was asked: nothing about it has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The unit of `buffer_len`, `offset` and `strides`.
    pub unit: Unit,
    /// How many bytes an item takes. In elements it only says how many bytes a view occupies.
    pub itemsize: Int,
    /// The buffer's length.
    pub buffer_len: Int,
    /// The address of the all-zero index.
    pub offset: Int,
    /// The size of each axis.
    pub shape: Vec<Int>,
    /// The step of each axis; `None` is row-major order of the shape.
    pub strides: Option<Vec<Int>>,
    /// What the view is for.
    pub mode: Mode,
    /// Whether strides and offset in bytes must be whole numbers of items.
    pub as_elements: bool,
    /// An alignment in bytes that every item must have.
    pub align: Option<Int>,
    /// The buffer's address in bytes, for the alignment.
    pub base_address: Int,
    /// How many steps the search for two indices that share memory may take.
    pub budget: u64,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            unit: Unit::Elements,
            itemsize: Int::ONE,
            buffer_len: Int::ZERO,
            offset: Int::ZERO,
            shape: Vec::new(),
            strides: Some(Vec::new()),
            mode: Mode::ReadOnly,
            as_elements: false,
            align: None,
            base_address: Int::ZERO,
            budget: DEFAULT_BUDGET,
        }
    }
}

impl Request {
    /// How many units one item takes at its address: 1 in elements, the itemsize in bytes.
    #[must_use]
    pub fn item(&self) -> &Int {
        match self.unit {
            Unit::Elements => &Int::ONE,
            Unit::Bytes => &self.itemsize,
        }
    }

    /// Whether some axis has size 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shape.iter().any(Int::is_zero)
    }

    /// The strides asked for, or those of row-major order.
    ///
    /// For a shape of too many elements, which is refused whatever its strides, they stop growing
    /// where the count does.
    #[must_use]
    pub fn strides_or_row_major(&self) -> Vec<Int> {
        if let Some(strides) = &self.strides {
            return strides.clone();
        }
        let limit = BigInt::from(isize::MAX);
        let mut strides = vec![Int::ZERO; self.shape.len()];
        let mut count = BigInt::one();
        let item = self.item().to_big();
        for (stride, extent) in strides.iter_mut().zip(&self.shape).rev() {
            *stride = Int::from(&count * &item);
            let next = &count * extent.to_big();
            // As in NumPy, an axis of size 0 counts as size 1 here.
            if next > limit {
                break;
            }
            if next > BigInt::ZERO {
                count = next;
            }
        }
        strides
    }
}
