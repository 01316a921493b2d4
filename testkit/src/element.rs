//! Element types, buffers of exactly the right size, and reading without a check.

use core::fmt::{Debug, Display};
use core::mem::size_of;
use std::boxed::Box;

use super::oracle;

/// An element type of a fuzzed buffer; each position has a value of its own, as far as the type has
/// so many.
pub trait Element: Copy + PartialEq + Debug + Display + 'static {
    /// The type's name, for messages.
    const NAME: &'static str;

    /// The value at a position of the buffer.
    fn nth(position: usize) -> Self;

    /// Calls `f` with a buffer of exactly `len` elements, on the heap unless they have no size;
    /// `None` when that is more memory than a fuzz target should take.
    fn with_buffer<R>(len: usize, f: impl FnOnce(&mut [Self]) -> R) -> Option<R> {
        /// Enough for what [`Width::Memory`](super::request::Width::Memory) generates.
        const MOST_BYTES: usize = 1 << 14;
        if len.checked_mul(size_of::<Self>())? > MOST_BYTES {
            return None;
        }
        let mut buffer: Box<[Self]> = (0..len).map(Self::nth).collect();
        Some(f(&mut buffer))
    }
}

macro_rules! integers {
    ($($integer:ident)*) => {$(
        impl Element for $integer {
            const NAME: &'static str = stringify!($integer);

            #[allow(clippy::cast_possible_truncation, reason = "the low bytes tell positions apart")]
            fn nth(position: usize) -> Self {
                // Neighbours differ in every byte, and 0 is no neighbour's value.
                (position as $integer).wrapping_mul(0x9d).wrapping_add(0x35)
            }
        }
    )*};
}
integers!(u8 u16 u32 u64);

impl Element for f64 {
    const NAME: &'static str = "f64";

    fn nth(position: usize) -> Self {
        f64::from(u16::nth(position)) + 0.5
    }
}

/// A pixel: three bytes, and no padding between one and the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Rgb(pub [u8; 3]);

impl Display for Rgb {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl Element for Rgb {
    const NAME: &'static str = "3 bytes";

    fn nth(position: usize) -> Self {
        let [low, high] = u16::nth(position).to_le_bytes();
        Self([low, high, !low])
    }
}

/// An element of no size, of which a buffer may have as many as `usize` can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nothing;

impl Display for Nothing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("-")
    }
}

impl Element for Nothing {
    const NAME: &'static str = "zero-sized";

    fn nth(_position: usize) -> Self {
        Self
    }

    fn with_buffer<R>(len: usize, f: impl FnOnce(&mut [Self]) -> R) -> Option<R> {
        let mut all = [Self; usize::MAX];
        all.get_mut(..len).map(f)
    }
}

/// Reads memory as an `as_strided` without a check does.
pub trait Unchecked {
    /// The element at `offset + Σ index_k · strides_k` of the buffer, by pointer arithmetic that
    /// wraps, wherever that is.
    ///
    /// Only for requests that a checker has accepted: this is where its mistakes become reads outside
    /// memory.
    fn read<T: Element>(
        &self,
        buffer: &[T],
        strides: &[isize],
        offset: usize,
        index: &[usize],
    ) -> T;

    /// Whether reading the element at an address near the buffer would be noticed; `None` if nobody
    /// watches the memory.
    fn is_noticed<T: Element>(&self, buffer: &[T], address: isize) -> Option<bool>;
}

/// Reads nothing outside of the buffer: the place of unchecked memory where no sanitizer watches it.
#[derive(Clone, Copy, Debug)]
pub struct Checked;

impl Unchecked for Checked {
    fn read<T: Element>(
        &self,
        buffer: &[T],
        strides: &[isize],
        offset: usize,
        index: &[usize],
    ) -> T {
        let address = oracle::address(strides, offset, index);
        let element = usize::try_from(address).ok().and_then(|address| buffer.get(address));
        match element {
            Some(element) => *element,
            None => panic!("index {index:?} reads element {address} of {}", buffer.len()),
        }
    }

    fn is_noticed<T: Element>(&self, _buffer: &[T], _address: isize) -> Option<bool> {
        None
    }
}
