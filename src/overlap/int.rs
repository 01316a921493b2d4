//! The integer of the search, the number-theoretic steps it takes, and exact sums.

use core::num::Saturating;

use crate::error::{signed, widen, widen_signed};

/// A number of the search. Sums and products saturate, which loses nothing by the lemma at
/// [`REACH_CAP`].
pub(super) type Int = Saturating<i128>;

pub(super) const ZERO: Int = Saturating(0);
pub(super) const ONE: Int = Saturating(1);

/// No product of a coefficient and a variable needs to exceed this.
///
/// **Lemma.** Let `Σ c_k x_k = t` have a solution with `0 <= x_k <= u_k`, where the `c_k` are
/// signed, `A` is the largest positive one and `B` the largest of `|t|` and the magnitudes of the
/// negative ones (for `t > 0`; mirrored for `t < 0`). Then it has one whose positive terms sum to
/// at most `A·B`, and whose negative terms do too. The same holds for the nonzero solutions of `Σ
/// c_k x_k = 0`.
///
/// *Proof.* Write a solution as a sequence of unit steps `c_k`, and one step `-t`, summing to 0,
/// ordered so that a step up is taken exactly when the partial sum is not positive. The partial
/// sums then stay in `(-B, A]`, which holds `A + B` integers; a longer sequence visits one of them
/// twice, and the steps between the visits sum to zero. They, or all the others, can be removed:
/// keep the part that has the step `-t` (either part when there is none). So a shortest solution
/// has at most `A + B` steps. If its positive terms sum to `P`, so do the others; at least `P/A`
/// steps go up and `P/B` down, hence `P/A + P/B <= A + B`, that is `P <= A·B`. ∎
///
/// Strides are at most 2^63 in magnitude and targets at most 2^64 - 1, which
/// gives the constant. It is below `i128::MAX`, so an interval bound that
/// saturates lies beyond every product the lemma asks for.
pub(super) const REACH_CAP: Int = Saturating(i128::MAX - ((1 << 63) - 1));

/// The number of a size, an index or a magnitude.
#[inline]
pub(super) const fn int(value: usize) -> Int {
    Saturating(signed(widen(value)))
}

/// As much of a variable's range as the lemma at [`REACH_CAP`] asks for.
#[inline]
pub(super) fn at_most(last: Int, coefficient: Int) -> Int {
    last.min(div_down(REACH_CAP, coefficient))
}

/// The nearest `usize`.
#[inline]
pub(super) fn to_usize(value: Int) -> usize {
    usize::try_from(value.0).unwrap_or(if value < ZERO { 0 } else { usize::MAX })
}

/// Quotient rounded down; the divisor is positive.
#[inline]
pub(super) fn div_down(value: Int, divisor: Int) -> Int {
    // Most numbers are small, and a division in 128 bits takes several times as long.
    let quotient = match (u64::try_from(value.0), u64::try_from(divisor.0)) {
        (Ok(value), Ok(divisor)) => value.checked_div(divisor).map(i128::from),
        _ => value.0.checked_div_euclid(divisor.0),
    };
    Saturating(quotient.unwrap_or(0))
}

/// Quotient rounded up; the divisor is positive.
#[inline]
pub(super) fn div_up(value: Int, divisor: Int) -> Int {
    div_down(value, divisor) + if modulo(value, divisor) > ZERO { ONE } else { ZERO }
}

/// Remainder in `0..divisor`; the divisor is positive.
#[inline]
pub(super) fn modulo(value: Int, divisor: Int) -> Int {
    // As in `div_down`.
    let rest = match (u64::try_from(value.0), u64::try_from(divisor.0)) {
        (Ok(value), Ok(divisor)) => value.checked_rem(divisor).map(i128::from),
        _ => value.0.checked_rem_euclid(divisor.0),
    };
    Saturating(rest.unwrap_or(0))
}

/// Greatest common divisor; `gcd(0, b) = b`.
pub(crate) fn gcd(a: u128, b: u128) -> u128 {
    if let (Ok(mut a), Ok(mut b)) = (u64::try_from(a), u64::try_from(b)) {
        // As in `div_down`.
        while let Some(rest) = a.checked_rem(b) {
            (a, b) = (b, rest);
        }
        return a.into();
    }
    let (mut a, mut b) = (a, b);
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

/// The smallest `j` in `0..=limit` with `(start - step·j) mod modulus <= width`.
///
/// Requires `step, width >= 0` and `modulus > 0`. Takes
/// O(log modulus) divisions: this is what replaces trying every `j`.
pub(super) fn first_hit(
    start: Int,
    step: Int,
    modulus: Int,
    width: Int,
    limit: Int,
) -> Option<Int> {
    let from = modulo(start, modulus);
    if from <= width {
        return Some(ZERO);
    }
    // Residues repeat after `modulus` steps, so a first hit is earlier. This
    // also keeps every product below at most `modulus²`.
    let limit = limit.min(modulus - ONE);
    least_multiple(modulo(step, modulus), modulus, from - width, from, limit)
}

/// The smallest `j` in `0..=limit` with `step·j mod modulus` in `low..=high`.
///
/// Requires `0 <= step < modulus`, `0 < low <= high < modulus`,
/// `0 <= limit < modulus`. The modulus at least halves with each call.
fn least_multiple(step: Int, modulus: Int, low: Int, high: Int, limit: Int) -> Option<Int> {
    if step == ZERO {
        return None;
    }
    // Walking up by `step` is walking down by `modulus - step`; take the shorter.
    let other = modulus - step;
    let (step, low, high) =
        if step > other { (other, modulus - high, modulus - low) } else { (step, low, high) };
    let first = div_up(low, step);
    if first > limit {
        return None;
    }
    if step * first <= high {
        return Some(first);
    }
    // `low..=high` holds no multiple of `step`, so `modulus` must be passed
    // `rounds >= 1` times: step·j = modulus·rounds + (low..=high). Modulo `step`
    // this is the same question about `rounds`.
    let most = div_down(step * limit - low, modulus);
    let rounds = least_multiple(
        modulo(-modulus, step),
        step,
        modulo(low, step),
        modulo(high, step),
        most.min(step - ONE),
    )?;
    let j = div_up(modulus * rounds + low, step);
    (j <= limit).then_some(j)
}

/// An exact sum of numbers below 2^127 in magnitude: `sum + wraps · 2^128`, ordered like its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exact {
    pub wraps: i64,
    pub sum: i128,
}

impl Exact {
    pub(super) const fn new(sum: i128) -> Self {
        Self { wraps: 0, sum }
    }

    #[inline]
    pub(super) fn add(&mut self, value: i128) {
        let (sum, wrapped) = self.sum.overflowing_add(value);
        // Only a sum of two numbers of one sign wraps.
        self.wraps = match (wrapped, value < 0) {
            (false, _) => self.wraps,
            (true, false) => self.wraps.saturating_add(1),
            (true, true) => self.wraps.saturating_sub(1),
        };
        self.sum = sum;
    }

    /// Adds `factor · stride`, where the factor is a difference of two indices.
    #[inline]
    pub(super) fn add_product(&mut self, factor: i128, stride: isize) {
        // |factor| < 2^64 and |stride| <= 2^63, so the product is below 2^127.
        self.add(factor.wrapping_mul(widen_signed(stride)));
    }
}
