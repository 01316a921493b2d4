//! What all generators draw: choices, and numbers near the ends of the words.

use arbitrary::{Result, Unstructured};
use strideproof_oracle::Rng;

/// One of `most` choices, from one byte; bytes that run out choose the first.
pub(super) fn choose(u: &mut Unstructured<'_>, most: u8) -> Result<u8> {
    Ok(u.arbitrary::<u8>()? % most.max(1))
}

/// All bytes that are left.
pub(super) fn rest<'a>(u: &mut Unstructured<'a>) -> Result<&'a [u8]> {
    u.bytes(u.len())
}

/// Choices of style that are not worth a byte each.
pub(super) fn style(u: &mut Unstructured<'_>) -> Result<Rng> {
    Ok(Rng::new(u.arbitrary::<u16>()?.into()))
}

/// Numbers beyond this are not told apart: no word holds them.
pub(super) const FAR: i128 = 1 << 100;

/// A number as it is kept.
pub(super) fn near(number: i128) -> i128 {
    number.clamp(-FAR, FAR)
}

/// Bit lengths at which something changes: what bytes, words and pairs of words hold.
const BITS: [u32; 16] = [0, 1, 7, 8, 31, 32, 61, 62, 63, 63, 64, 64, 65, 66, 99, 100];
/// Digits at which the reader of integers changes its ways.
const DIGITS: [u32; 8] = [1, 9, 16, 17, 18, 18, 19, 19];

/// A number of any sign and size, most often near a power of two or ten.
pub(super) fn wild(u: &mut Unstructured<'_>) -> Result<i128> {
    let how = u.arbitrary::<u8>()?;
    let delta = i128::from(u.arbitrary::<u8>()? % 5) - 2;
    let magnitude = match how & 3 {
        0 | 1 => (1 << BITS[usize::from(how >> 2 & 15)]) + delta,
        2 => 10i128.pow(DIGITS[usize::from(how >> 2 & 7)]) + delta,
        _ => i128::from(u.arbitrary::<u64>()?) * i128::from(u.arbitrary::<u16>()?),
    };
    Ok(near(if how & 0x80 == 0 { magnitude } else { -magnitude }))
}

/// A number as it is written down; one that no word holds may have more digits than there is need
/// for, all of which it takes to see that.
pub(super) fn digits(number: i128, style: &mut Rng) -> String {
    let more = if number.abs() == FAR && style.below(2) == 0 { 40 } else { 0 };
    format!("{number}{}", "7".repeat(more))
}
