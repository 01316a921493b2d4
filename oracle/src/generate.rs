//! Requests at full width or in little memory, most of them within one unit of the boundary
//! between what is accepted and what is not.

use arbitrary::{Result, Unstructured};

use crate::request::Request;
use crate::truth::Truth;

/// The largest rank of a generated request.
pub const MAX_RANK: usize = 6;

/// How far the numbers of a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// All addresses within a few hundred units, so that a buffer can be had.
    Memory,
    /// Up to the ends of the words.
    Full,
}

impl Width {
    /// How many bits the count of all indices and the reach of all strides may take together.
    const fn bits(self) -> (u32, u32) {
        match self {
            Self::Memory => (8, 8),
            Self::Full => (63, 63),
        }
    }
}

/// A number that keeps to a budget of bits, unless it is wild.
#[derive(Clone, Copy)]
enum Number {
    Small(usize),
    /// `2^k + delta`, for a share of the bits that are left.
    NearPower {
        share: u32,
        delta: isize,
    },
    /// Any number of at most the bits that are left.
    Within(usize),
    /// What continues the axes so far without a gap.
    Packed,
    Wild(usize),
}

impl Number {
    fn fit(self, bits: u32, packed: usize) -> usize {
        let bits = bits.min(63);
        match self {
            Self::Small(value) => value.min(1 << bits),
            Self::NearPower { share, delta } => {
                (1usize << (share * bits / 16)).saturating_add_signed(delta).max(1)
            }
            Self::Within(value) => (value & ((1 << bits) - 1)).max(1),
            Self::Packed => packed,
            Self::Wild(value) => value,
        }
    }

    /// Of 20 numbers 8 are small, 8 near a power of two and 4 anything.
    fn any(u: &mut Unstructured<'_>) -> Result<Self> {
        let byte = usize::from(u.arbitrary::<u8>()?);
        Ok(match byte % 20 {
            0..8 => Self::Small(byte / 20 % 5 + 1),
            8..16 => Self::NearPower {
                share: u32::from(u.arbitrary::<u8>()? % 17),
                delta: [-1, 0, 1][byte / 20 % 3],
            },
            _ => Self::Within(u.arbitrary()?),
        })
    }

    /// A size: seldom 0, seldom beyond any budget.
    fn size(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(match u.arbitrary::<u8>()? {
            0..4 => Self::Small(0),
            4..10 => Self::Wild(boundary(u)?),
            10..40 => Self::Small(1),
            _ => Self::any(u)?,
        })
    }

    /// The magnitude of a stride.
    fn stride(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(match u.arbitrary::<u8>()? {
            0..16 => Self::Small(0),
            16..24 => Self::Wild(boundary(u)?),
            24..120 => Self::Packed,
            _ => Self::any(u)?,
        })
    }
}

/// Any number, most often one near the end of a word.
///
/// # Errors
/// None in practice: bytes that run out count as 0.
pub fn boundary(u: &mut Unstructured<'_>) -> Result<usize> {
    let byte = u.arbitrary::<u8>()?;
    let low = usize::from(byte / 8);
    Ok(match byte % 8 {
        0 | 1 => low % 4,
        2 | 3 => usize::MAX - low % 4,
        4..7 => {
            let k = u32::from(u.arbitrary::<u8>()? % 64);
            (1usize << k).wrapping_add_signed([-1, 0, 1][low % 3])
        }
        _ => u.arbitrary()?,
    })
}

/// Generates a request of rank 0 to [`MAX_RANK`] whose items take `item` units and whose strides
/// are, where that fits, multiples of `step`.
///
/// One first byte in eight asks for the numbers as they are in the bytes, which is how known cases
/// are written down ([`encode`]).
///
/// # Errors
/// None in practice: bytes that run out count as 0.
pub fn request(
    u: &mut Unstructured<'_>,
    width: Width,
    item: usize,
    step: usize,
) -> Result<Request> {
    let style = u.arbitrary::<u8>()?;
    let byte = usize::from(u.arbitrary::<u8>()?);
    let rank = byte % (MAX_RANK + 1);
    if style % 8 == 0 {
        return literal(u, rank, item);
    }
    let (mut count_bits, mut reach_bits) = width.bits();
    // Steps and strides that fit one by one, and whose products leave the words.
    let beyond = width == Width::Full && style / 32 == 7;
    let (mut shape, mut strides) = (Vec::with_capacity(rank), Vec::with_capacity(rank));
    let mut packed = 1usize;
    for _ in 0..rank {
        let size = Number::size(u)?.fit(count_bits, 1);
        // 2^b - 1 is below 2^b: what an axis takes is rounded up, so that the product fits.
        let size_bits = usize::BITS - size.leading_zeros();
        count_bits = count_bits.saturating_sub(size_bits);
        let steps_bits = usize::BITS - size.saturating_sub(1).leading_zeros();
        let room = reach_bits.saturating_sub(steps_bits);
        let number = Number::stride(u)?;
        let magnitude = number.fit(if size == 1 || beyond { 63 } else { room }, packed);
        let magnitude = match magnitude.checked_mul(step) {
            Some(bytes) if bytes <= isize::MAX.unsigned_abs() => bytes,
            _ => magnitude,
        };
        if size > 1 && magnitude > 0 {
            reach_bits = reach_bits.saturating_sub(1);
        }
        packed = packed.saturating_mul(size.max(1));
        shape.push(size);
        let sign = if u.arbitrary::<u8>()? % 3 == 0 { -1 } else { 1 };
        strides.push(0isize.wrapping_add_unsigned(magnitude).wrapping_mul(sign));
    }
    if beyond && byte >= 128 {
        // One axis alone does so, with all the room there is: a reach that has no word is not even
        // the largest that has one.
        let reach = |axis: usize| shape[axis] as u128 * strides[axis].unsigned_abs() as u128;
        let longest = (0..rank).max_by_key(|&axis| reach(axis));
        let others = (0..rank).filter(|&axis| Some(axis) != longest);
        others.for_each(|axis| shape[axis] = 1);
    }
    // The first axis is the packed one of stride 1: last in row-major order.
    match style / 8 % 4 {
        0 | 1 => {
            shape.reverse();
            strides.reverse();
        }
        2 => {}
        _ => {
            shape.rotate_left(rank / 2);
            strides.rotate_left(rank / 2);
        }
    }
    let (offset, len) = place(u, &shape, &strides, item)?;
    Ok(Request { shape, strides, offset, len, item })
}

/// Draws an offset and a length: with room to spare, one unit short at either end, or unrelated to the
/// view.
fn place(
    u: &mut Unstructured<'_>,
    shape: &[usize],
    strides: &[isize],
    item: usize,
) -> Result<(usize, usize)> {
    let (below, above) = match Truth::by_corners(shape, strides, 0) {
        Truth::View { lowest, highest, .. } => (-lowest, highest + item as i128),
        _ => (0, 0),
    };
    let slack = |u: &mut Unstructured<'_>| -> Result<i128> {
        let byte = u.arbitrary::<u8>()?;
        Ok(if byte < 128 { 0 } else { i128::from(byte % 16) })
    };
    let numbers = |offset: i128, len: i128| -> Option<(usize, usize)> {
        Some((offset.try_into().ok()?, len.try_into().ok()?))
    };
    let enough =
        |before: i128, after: i128| numbers(below + before, below + before + above + after);
    let short_before = |after: i128| numbers(below - 1, below - 1 + above + after);
    // What has no place there (nothing is before offset 0) moves to the nearest that has one.
    let placed = match u.arbitrary::<u8>()? {
        0..120 => enough(slack(u)?, slack(u)?),
        120..190 => enough(slack(u)?, -1).or(enough(1, -1)),
        190..236 => short_before(slack(u)?).or(short_before(0)).or(enough(1, -1)),
        _ => Some((boundary(u)?, boundary(u)?)),
    };
    // What is too far apart for any buffer gets the largest, where a reach that wraps or saturates
    // may seem to fit.
    let most = |reach: i128| usize::try_from(reach).unwrap_or(usize::MAX);
    Ok(placed.or(enough(0, 0)).unwrap_or((most(below), usize::MAX)))
}

/// The numbers as they stand, 8 bytes each with the lowest first: shape, strides, offset, length.
fn literal(u: &mut Unstructured<'_>, rank: usize, item: usize) -> Result<Request> {
    let shape = (0..rank).map(|_| u.arbitrary()).collect::<Result<_>>()?;
    let strides = (0..rank).map(|_| u.arbitrary()).collect::<Result<_>>()?;
    Ok(Request { shape, strides, offset: u.arbitrary()?, len: u.arbitrary()?, item })
}

/// Appends the bytes from which [`request`] makes this request, whatever its numbers, as long as
/// its rank is at most [`MAX_RANK`]; the itemsize is not among them.
pub fn encode(request: &Request, out: &mut Vec<u8>) {
    out.extend([0, u8::try_from(request.shape.len()).unwrap_or(0)]);
    out.extend(request.shape.iter().flat_map(|size| size.to_le_bytes()));
    out.extend(request.strides.iter().flat_map(|stride| stride.to_le_bytes()));
    out.extend(request.offset.to_le_bytes());
    out.extend(request.len.to_le_bytes());
}
