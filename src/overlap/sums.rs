//! Sets of sums as bits: bit `v` is 1 when some choice of indices has the sum `v`.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// A set without members, with room for sums up to `top`; `None` when memory does not allow.
#[cfg(feature = "alloc")]
pub(crate) fn empty(top: u128) -> Option<Vec<u64>> {
    let len = usize::try_from(top / 64).ok()?.checked_add(1)?;
    let mut words = Vec::new();
    words.try_reserve_exact(len).ok()?;
    words.resize(len, 0);
    Some(words)
}

/// Adds an axis: to each sum, which is at most `reach`, every multiple of `stride` up to `last`
/// times. Returns the new largest sum; `None` when there is no room.
///
/// Takes two passes for each binary digit of `last`.
pub(crate) fn add_axis(set: &mut [u64], reach: u128, stride: u128, last: u128) -> Option<u128> {
    let (mut reach, mut done) = (reach, 1u128);
    // The sums for the first `done` indices, shifted, are those for as many more.
    while done <= last {
        let more = done.min(last.saturating_sub(done).saturating_add(1));
        let by = more.checked_mul(stride)?;
        reach = reach.checked_add(by)?;
        let used = usize::try_from(reach / 64).ok()?.checked_add(1)?;
        or_shifted(set.get_mut(..used)?, by)?;
        done = done.checked_add(more)?;
    }
    Some(reach)
}

/// Adds to a set of small numbers each of its members plus `by`; the largest one fits.
fn or_shifted(set: &mut [u64], by: u128) -> Option<()> {
    let (words, bits) = (usize::try_from(by / 64).ok()?, u32::try_from(by % 64).ok()?);
    // From the top, so that what is read has not been added to.
    for at in (words..set.len()).rev() {
        let from = at.checked_sub(words)?;
        let below = from.checked_sub(1).and_then(|below| set.get(below)).copied().unwrap_or(0);
        // Two shifts, because a shift by 64 is none.
        let word = set.get(from)?.wrapping_shl(bits)
            | below.wrapping_shr(1).wrapping_shr(63u32.saturating_sub(bits));
        *set.get_mut(at)? |= word;
    }
    Some(())
}

/// Whether a sum is in a set.
#[cfg(feature = "alloc")]
pub(crate) fn contains(set: &[u64], sum: u128) -> bool {
    let word = usize::try_from(sum / 64).ok().and_then(|word| set.get(word));
    let bit = u32::try_from(sum % 64).unwrap_or(0);
    word.is_some_and(|word| word.wrapping_shr(bit) & 1 == 1)
}
