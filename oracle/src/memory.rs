//! A checker's word taken literally: what it accepts is read without a check, in a buffer of exactly
//! the right size.

use core::fmt::{self, Debug, Display};

use arbitrary::{Arbitrary, Result as Drawn, Unstructured};

use crate::generate::{self, Width};
use crate::judge::{Answer, Finding, Wrong, judge};
use crate::request::Request;
use crate::rng::Rng;
use crate::truth::{address, count, for_each_index};

/// An element type of a buffer; each position has a value of its own, as far as the type has so
/// many.
pub trait Element: Copy + PartialEq + Debug + Display + 'static {
    /// The type's name, for messages.
    const NAME: &'static str;

    /// The value at a position of the buffer.
    fn nth(position: usize) -> Self;

    /// Calls `f` with a buffer of exactly `len` elements, on the heap unless they have no size;
    /// `None` when that is more memory than a test should take.
    fn with_buffer<R>(len: usize, f: impl FnOnce(&mut [Self]) -> R) -> Option<R> {
        /// Enough for what [`Width::Memory`] generates.
        const MOST_BYTES: usize = 1 << 16;
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
    /// wraps, wherever that is; `None` if the reader looks before it reads, and there is none.
    ///
    /// Only for requests that a checker has accepted: this is where its mistakes become reads
    /// outside memory.
    fn read<T: Element>(
        &self,
        buffer: &[T],
        strides: &[isize],
        offset: usize,
        index: &[usize],
    ) -> Option<T>;

    /// Whether reading the element at an address near the buffer would be noticed; `None` where
    /// memory is not watched.
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
    ) -> Option<T> {
        let address = address(strides, offset, index);
        usize::try_from(address).ok().and_then(|address| buffer.get(address)).copied()
    }

    fn is_noticed<T: Element>(&self, _buffer: &[T], _address: isize) -> Option<bool> {
        None
    }
}

/// A request in elements of some type, and what varies how it is looked at.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// Which of [`ELEMENTS`] the buffer holds.
    pub element: u8,
    /// Varies which indices of a large view are read, and how.
    pub turn: u64,
    /// The request; one element takes one unit.
    pub request: Request,
}

/// The element types.
pub const ELEMENTS: [&str; 6] =
    [u8::NAME, u16::NAME, u64::NAME, f64::NAME, Rgb::NAME, Nothing::NAME];

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Drawn<Self> {
        let first = u.arbitrary::<u8>()?;
        let turn = u64::from(u.arbitrary::<u32>()?);
        // One request in four is about numbers that no buffer can have, unless of zero-sized items.
        let element = first % 6;
        let width = if first / 6 % 4 == 0 || element == 5 { Width::Full } else { Width::Memory };
        let request = generate::request(u, width, 1, 1)?;
        // Beyond rank 3 all elements that have a size are of three bytes: what the size alone can
        // change shows before that, and each pair of type and rank takes its time to build.
        let element = if request.shape.len() > 3 { element.clamp(4, 5) } else { element };
        Ok(Self { element, turn, request })
    }
}

impl Case {
    /// The bytes of this case.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::from([self.element]);
        bytes.extend(&self.turn.to_le_bytes()[..4]);
        generate::encode(&self.request, &mut bytes);
        bytes
    }
}

impl Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { shape, strides, offset, len, .. } = &self.request;
        let element = ELEMENTS.get(usize::from(self.element)).unwrap_or(&"?");
        write!(f, "as_strided of {len} elements ({element}): ")?;
        write!(f, "shape {shape:?} strides {strides:?} offset {offset} (turn {})", self.turn)
    }
}

/// Judges any checker on a case: what it accepts is read without a check, and its answer is
/// compared with the specification's.
///
/// # Errors
/// What is wrong with it.
pub fn judge_in_memory(
    case: &Case,
    checker: impl Fn(&Request) -> Answer,
    memory: &impl Unchecked,
) -> Result<(), Box<Finding>> {
    let answer = checker(&case.request);
    match case.element {
        0 => in_buffer::<u8>(case, &answer, memory, |_, _| ()),
        1 => in_buffer::<u16>(case, &answer, memory, |_, _| ()),
        2 => in_buffer::<u64>(case, &answer, memory, |_, _| ()),
        3 => in_buffer::<f64>(case, &answer, memory, |_, _| ()),
        4 => in_buffer::<Rgb>(case, &answer, memory, |_, _| ()),
        _ => in_buffer::<Nothing>(case, &answer, memory, |_, _| ()),
    }?;
    judge(&case.request, &answer)
}

/// How many indices of a view are read one by one, now and then and else.
const MOST: [u128; 2] = [512, 40];

/// How far beyond the buffer AddressSanitizer watches at the least.
const RED_ZONE_BYTES: i128 = 16;

/// Acts on an answer in a buffer of exactly `len` elements: reads without a check what is accepted,
/// and asks whether reading at the witness of a refusal would be noticed. `then` gets the buffer
/// and, if they are few, the elements of the view.
///
/// This comes before the specification's verdict on the answer, and does not depend on it.
///
/// # Errors
/// What was read that is not in the buffer, or could have been read after all.
pub fn in_buffer<T: Element>(
    case: &Case,
    answer: &Answer,
    memory: &impl Unchecked,
    then: impl FnOnce(&mut [T], Option<&[T]>),
) -> Result<(), Box<Finding>> {
    let &Request { ref shape, ref strides, offset, len, .. } = &case.request;
    let [_, sample, ..] = case.turn.to_le_bytes();
    let outcome = T::with_buffer(len, |buffer| {
        if let &Answer::Leaves { address, .. } = answer {
            let (size, len) = (size_of::<T>() as i128, len as i128);
            let below = -RED_ZONE_BYTES <= address * size && address < 0;
            let above = len <= address && (address - len) * size < RED_ZONE_BYTES;
            if size > 0 && len > 0 && (below || above) {
                let noticed = memory.is_noticed(buffer, isize::try_from(address).unwrap_or(0));
                if noticed == Some(false) {
                    return Err(format!("element {address} may be read after all"));
                }
            }
        }
        if !answer.accepts() {
            then(buffer, None);
            return Ok(());
        }
        let read = |index: &[usize]| {
            let element = memory.read(buffer, strides, offset, index);
            let address = address(strides, offset, index);
            let at = usize::try_from(address).ok().and_then(|address| buffer.get(address));
            match element {
                Some(element) if at == Some(&element) => Ok(element),
                _ => Err(format!("index {index:?} reads element {address} as {element:?}")),
            }
        };
        let few = count(shape) <= MOST[usize::from(sample % 8 != 0)];
        let mut indices = Vec::new();
        if few {
            for_each_index(shape, |index| indices.push(index.to_vec()));
        } else {
            // The corners first: what leaves the buffer leaves it there. An axis of one element has
            // one end.
            let at_end = |corner: usize, axis: usize| corner >> axis & 1;
            let is_one = |corner: &usize| {
                shape.iter().enumerate().all(|(axis, &n)| n > 1 || at_end(*corner, axis) == 0)
            };
            for corner in (0..1usize << shape.len().min(10)).filter(is_one) {
                let ends = shape.iter().enumerate().map(|(axis, n)| (n - 1) * at_end(corner, axis));
                indices.push(ends.collect());
            }
            let mut random = Rng::new(case.turn);
            let mut any = |_| shape.iter().map(|&size| random.below(size)).collect();
            indices.extend((0..8).map(&mut any));
        }
        let elements = indices.iter().map(|index| read(index)).collect::<Result<Vec<_>, _>>()?;
        then(buffer, few.then_some(&elements));
        Ok(())
    });
    match outcome {
        Some(Err(wrong)) => {
            Err(Finding::new(Wrong::Memory(wrong), &case.request, case.request.truth(), answer))
        }
        _ => Ok(()),
    }
}
