//! What is asked: a shape, strides and an offset over a buffer, first as it was written and then
//! in 64 bits.

use strideproof::{Error, Operand, Unit, row_major_strides};

use crate::number::Number;

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

/// The most steps that a line of JSON may ask for, and what `overlap` takes by default: some seconds.
pub const MOST_BUDGET: u64 = 10_000_000;

/// The largest number of axes that is read. NumPy allows 64.
pub const MOST_AXES: usize = 1 << 16;

/// One request, as it was asked: nothing about it has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The unit of `buffer_len`, `offset` and `strides`.
    pub unit: Unit,
    /// How many bytes an item takes. In elements it only says how many bytes a view occupies.
    pub itemsize: Number,
    /// The buffer's length.
    pub buffer_len: Number,
    /// The address of the all-zero index.
    pub offset: Number,
    /// The size of each axis.
    pub shape: Vec<Number>,
    /// The step of each axis; `None` is row-major order of the shape.
    pub strides: Option<Vec<Number>>,
    /// What the view is for.
    pub mode: Mode,
    /// Whether strides and offset in bytes must be whole numbers of items.
    pub as_elements: bool,
    /// An alignment in bytes that every item must have.
    pub align: Option<Number>,
    /// The buffer's address in bytes, for the alignment.
    pub base_address: Number,
    /// How many steps the search for two indices that share memory may take.
    pub budget: u64,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            unit: Unit::Elements,
            itemsize: Number::ONE,
            buffer_len: Number::ZERO,
            offset: Number::ZERO,
            shape: Vec::new(),
            strides: Some(Vec::new()),
            mode: Mode::ReadOnly,
            as_elements: false,
            align: None,
            base_address: Number::ZERO,
            budget: DEFAULT_BUDGET,
        }
    }
}

/// A request whose numbers fit 64 bits and are not negative where they must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The unit of `len`, `offset` and `strides`.
    pub unit: Unit,
    /// How many bytes an item takes.
    pub itemsize: usize,
    /// The buffer's length.
    pub len: usize,
    /// The address of the all-zero index.
    pub offset: usize,
    /// The size of each axis.
    pub shape: Vec<usize>,
    /// The step of each axis; as many as sizes.
    pub strides: Vec<isize>,
    /// What the view is for.
    pub mode: Mode,
    /// Whether strides and offset in bytes must be whole numbers of items.
    pub as_elements: bool,
    /// An alignment in bytes that every item must have; not known to be one.
    pub align: Option<i128>,
    /// The buffer's address in bytes, for the alignment.
    pub base_address: usize,
    /// How many steps the search for two indices that share memory may take.
    pub budget: u64,
}

/// A number of a request that counts something.
fn count(operand: Operand, number: Number) -> Result<usize, Error> {
    match (number.to_usize(), number.to_isize()) {
        (Some(count), _) => Ok(count),
        (None, None) => Err(number.too_large(operand)),
        (None, Some(value)) => {
            let value = i128::try_from(value).unwrap_or(-1);
            Err(match operand {
                Operand::Size { .. } | Operand::Itemsize => {
                    Error::NegativeDimension { operand, value }
                }
                _ => Error::NegativeOffset { operand, value },
            })
        }
    }
}

/// The strides of row-major order for items of `item` units, in these units.
///
/// # Errors
/// [`NumberTooLarge`](Error::NumberTooLarge) for a stride that does not fit and is used: the view
/// is larger than any buffer.
pub fn row_major(shape: &[usize], item: usize) -> Result<Vec<isize>, Error> {
    let mut strides = vec![0; shape.len()];
    row_major_strides(shape, &mut strides)?;
    let mut refusal = None;
    for (axis, (stride, &size)) in strides.iter_mut().zip(shape).enumerate() {
        let scaled = wide(stride.unsigned_abs()) * wide(item);
        *stride = isize::try_from(scaled).unwrap_or(0);
        if wide(stride.unsigned_abs()) != scaled && size > 1 && refusal.is_none() {
            let number = Number::from(i128::try_from(scaled).unwrap_or(i128::MAX));
            refusal = Some(number.too_large(Operand::Stride { axis }));
        }
    }
    // With no elements or too many the strides do not matter.
    let count = shape.iter().try_fold(1usize, |count, &size| count.checked_mul(size));
    match refusal {
        Some(error) if count.is_some_and(|n| n > 0 && isize::try_from(n).is_ok()) => Err(error),
        _ => Ok(strides),
    }
}

/// `usize` has at most 64 bits.
pub(crate) fn wide(number: usize) -> u128 {
    u128::try_from(number).unwrap_or(u128::MAX)
}

/// As [`wide`], with a sign.
pub(crate) fn signed(number: usize) -> i128 {
    i128::try_from(number).unwrap_or(i128::MAX)
}

/// As [`signed`].
pub(crate) fn signed_stride(stride: isize) -> i128 {
    i128::try_from(stride).unwrap_or(0)
}

impl Request {
    /// The request in 64 bits.
    ///
    /// # Errors
    /// [`RankMismatch`](Error::RankMismatch), [`NegativeDimension`](Error::NegativeDimension),
    /// [`NegativeOffset`](Error::NegativeOffset) and [`NumberTooLarge`](Error::NumberTooLarge),
    /// for the first number to blame in the order of: sizes, itemsize, offset, buffer length,
    /// strides, alignment, address.
    pub fn resolve(&self) -> Result<Resolved, Error> {
        let given = self.strides.as_ref().map_or(self.shape.len(), Vec::len);
        if given != self.shape.len() {
            return Err(Error::RankMismatch { shape: self.shape.len(), strides: given });
        }
        let sizes = self.shape.iter().enumerate();
        let shape: Vec<usize> = sizes
            .map(|(axis, &size)| count(Operand::Size { axis }, size))
            .collect::<Result<_, _>>()?;
        let itemsize = count(Operand::Itemsize, self.itemsize)?;
        let offset = count(Operand::Offset, self.offset)?;
        let len = count(Operand::Len, self.buffer_len)?;
        let strides = match &self.strides {
            None => row_major(&shape, if self.unit == Unit::Bytes { itemsize } else { 1 })?,
            Some(strides) => {
                let stride = |(axis, stride): (usize, &Number)| {
                    stride.to_isize().ok_or_else(|| stride.too_large(Operand::Stride { axis }))
                };
                strides.iter().enumerate().map(stride).collect::<Result<_, _>>()?
            }
        };
        let align = |align: Number| match (align.to_usize(), align.to_isize()) {
            (Some(align), _) => Ok(signed(align)),
            (None, Some(align)) => Ok(i128::try_from(align).unwrap_or(-1)),
            (None, None) => Err(align.too_large(Operand::Align)),
        };
        Ok(Resolved {
            unit: self.unit,
            itemsize,
            len,
            offset,
            shape,
            strides,
            mode: self.mode,
            as_elements: self.as_elements,
            align: self.align.map(align).transpose()?,
            base_address: count(Operand::BaseAddress, self.base_address)?,
            budget: self.budget,
        })
    }
}

impl Resolved {
    /// How many units one item takes at its address: 1 in elements, the itemsize in bytes.
    #[must_use]
    pub const fn item(&self) -> usize {
        match self.unit {
            Unit::Elements => 1,
            Unit::Bytes => self.itemsize,
        }
    }

    /// Whether some axis has size 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// The same view, only to be read, without further demands.
    #[must_use]
    pub fn plain(&self) -> Self {
        Self { mode: Mode::ReadOnly, as_elements: false, align: None, ..self.clone() }
    }

    /// The address of an index tuple in a view of at most `isize::MAX` elements, so that the sum
    /// of the index's terms is at most 2^126.
    #[must_use]
    pub fn address(&self, index: &[usize]) -> i128 {
        let terms = index.iter().zip(&self.strides).map(|(&i, &stride)| term(i, stride));
        terms.fold(signed(self.offset), i128::saturating_add)
    }

    /// How far the indices reach below and above the offset, in a view of at least one element
    /// and at most `isize::MAX`.
    #[must_use]
    pub fn reaches(&self) -> (i128, i128) {
        let (mut below, mut above) = (0i128, 0i128);
        for (&size, &stride) in self.shape.iter().zip(&self.strides) {
            let reach = term(size.saturating_sub(1), stride);
            let side = if stride < 0 { &mut below } else { &mut above };
            *side = side.saturating_add(reach.saturating_abs());
        }
        (below, above)
    }
}

/// Both factors have at most 64 bits, and one of them a sign.
fn term(index: usize, stride: isize) -> i128 {
    signed(index).saturating_mul(signed_stride(stride))
}

impl From<&Resolved> for Request {
    fn from(view: &Resolved) -> Self {
        Self {
            unit: view.unit,
            itemsize: view.itemsize.into(),
            buffer_len: view.len.into(),
            offset: view.offset.into(),
            shape: view.shape.iter().map(|&size| size.into()).collect(),
            strides: Some(view.strides.iter().map(|&stride| stride.into()).collect()),
            mode: view.mode,
            as_elements: view.as_elements,
            align: view.align.map(Number::from),
            base_address: view.base_address.into(),
            budget: view.budget,
        }
    }
}
