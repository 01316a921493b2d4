//! What all generators draw: choices, and numbers near the ends of the words.

use arbitrary::{Result, Unstructured};
use num_bigint::BigInt;

/// One of `most` choices, from one byte; bytes that run out choose the first.
pub(super) fn choose(u: &mut Unstructured<'_>, most: u8) -> Result<u8> {
    Ok(u.arbitrary::<u8>()? % most.max(1))
}

/// All bytes that are left.
pub(super) fn rest<'a>(u: &mut Unstructured<'a>) -> Result<&'a [u8]> {
    u.bytes(u.len())
}

/// Bit lengths at which something changes: what bytes, words and pairs of words hold.
const BITS: [u32; 16] = [0, 1, 7, 8, 31, 32, 62, 63, 64, 65, 126, 127, 128, 129, 200, 255];
/// Digits at which the reader of integers changes its ways.
const DIGITS: [u32; 8] = [1, 17, 18, 19, 37, 38, 39, 60];

/// A number of any sign and size, most often near a power of two or ten.
pub(super) fn wild(u: &mut Unstructured<'_>) -> Result<BigInt> {
    let how = u.arbitrary::<u8>()?;
    let delta = i32::from(u.arbitrary::<u8>()? % 5) - 2;
    let magnitude = match how & 3 {
        0 | 1 => (BigInt::from(1) << BITS[usize::from(how >> 2 & 15)]) + delta,
        2 => BigInt::from(10).pow(DIGITS[usize::from(how >> 2 & 7)]) + delta,
        _ => BigInt::from(u.arbitrary::<u64>()?) * u.arbitrary::<u16>()?,
    };
    Ok(if how & 0x80 == 0 { magnitude } else { -magnitude })
}

/// Choices of style that are not worth a byte each.
#[derive(Clone, Copy)]
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Some number below `most`.
    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 40).unwrap_or(0) % most.max(1)
    }
}
