//! Integers the search runs on, and the three number-theoretic steps it takes.
//!
//! Every view whose extent fits is decided in `i64`; the rest in `i128`. In `i64`
//! nothing overflows: the whole problem was checked to be smaller than
//! [`Int::ROOM`], and no intermediate value exceeds it more than twice. In `i128`
//! operations saturate, which loses nothing by the lemma at [`REACH_CAP`].

/// No product of a coefficient and a variable needs to exceed this.
///
/// **Lemma.** Let `Σ c_k x_k = t` have a solution with `0 <= x_k <= u_k`, where
/// the `c_k` are signed, `A` is the largest positive one and `B` the largest of
/// `|t|` and the magnitudes of the negative ones (for `t > 0`; mirrored for
/// `t < 0`). Then it has one whose positive terms sum to at most `A·B`, and
/// whose negative terms do too. The same holds for the nonzero solutions of
/// `Σ c_k x_k = 0`.
///
/// *Proof.* Write a solution as a sequence of unit steps `c_k`, and one step
/// `-t`, summing to 0, ordered so that a step up is taken exactly when the
/// partial sum is not positive. The partial sums then stay in `(-B, A]`, which
/// holds `A + B` integers; a longer sequence visits one of them twice, and the
/// steps between the visits sum to zero. They, or all the others, can be
/// removed: keep the part that has the step `-t` (either part when there is
/// none). So a shortest solution has at most `A + B` steps. If its positive
/// terms sum to `P`, so do the others; at least `P/A` steps go up and `P/B`
/// down, hence `P/A + P/B <= A + B`, that is `P <= A·B`. ∎
///
/// Strides are at most 2^63 in magnitude and targets at most 2^64 - 1, which
/// gives the constant. It is below `i128::MAX`, so an interval bound that
/// saturates lies beyond every product the lemma asks for.
pub(super) const REACH_CAP: i128 = i128::MAX - ((1 << 63) - 1);

/// A signed integer the search can run on.
pub(super) trait Int: Copy + Ord + core::fmt::Debug {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Everything fits when reaches, target and window together stay below this.
    const ROOM: u128;
    /// Sums and products beyond this (either sign) are never needed.
    const CAP: Self;
    /// The nearest value of this type.
    fn nearest(value: i128) -> Self;
    /// The nearest value of this type.
    fn from_count(value: u64) -> Self;
    /// The same value, wider.
    fn exact(self) -> i128;
    /// Sum.
    fn plus(self, other: Self) -> Self;
    /// Difference.
    fn minus(self, other: Self) -> Self;
    /// Product.
    fn times(self, other: Self) -> Self;
    /// `self + a·b`, wrapping: a chain of them is exact if its end fits.
    fn plus_product(self, a: Self, b: Self) -> Self;
    /// Quotient rounded down; the divisor is positive.
    fn div_down(self, divisor: Self) -> Self;
    /// Remainder in `0..divisor`; the divisor is positive.
    fn modulo(self, divisor: Self) -> Self;
    /// Quotient rounded up; the divisor is positive.
    fn div_up(self, divisor: Self) -> Self;
    /// This value (not negative), or the largest whose product with `coefficient`
    /// is not beyond [`Int::CAP`].
    fn at_most(self, coefficient: Self) -> Self;
    /// Half, rounded towards 0.
    fn half(self) -> Self;
    /// The nearest `u64`.
    fn count(self) -> u64;
}

macro_rules! int {
    ($type:ty, $room:expr, $cap:expr, $add:ident, $sub:ident, $mul:ident) => {
        impl Int for $type {
            const ZERO: Self = 0;
            const ONE: Self = 1;
            const ROOM: u128 = $room;
            const CAP: Self = $cap;
            #[inline]
            fn nearest(value: i128) -> Self {
                Self::try_from(value).unwrap_or(if value < 0 { Self::MIN } else { Self::MAX })
            }
            #[inline]
            fn from_count(value: u64) -> Self {
                Self::try_from(value).unwrap_or(Self::MAX)
            }
            #[inline]
            fn exact(self) -> i128 {
                i128::from(self)
            }
            #[inline]
            fn plus(self, other: Self) -> Self {
                debug_assert!($cap < Self::MAX || self.checked_add(other).is_some());
                self.$add(other)
            }
            #[inline]
            fn minus(self, other: Self) -> Self {
                debug_assert!($cap < Self::MAX || self.checked_sub(other).is_some());
                self.$sub(other)
            }
            #[inline]
            fn times(self, other: Self) -> Self {
                debug_assert!($cap < Self::MAX || self.checked_mul(other).is_some());
                self.$mul(other)
            }
            #[inline]
            fn plus_product(self, a: Self, b: Self) -> Self {
                self.wrapping_add(a.wrapping_mul(b))
            }
            // The divisor is a coefficient, never 0 or -1; `checked_…` says so
            // without a panic path.
            #[inline]
            fn div_down(self, divisor: Self) -> Self {
                let quotient = self.checked_div(divisor).unwrap_or(0);
                quotient.saturating_sub(Self::from(self.checked_rem(divisor).unwrap_or(0) < 0))
            }
            #[inline]
            fn modulo(self, divisor: Self) -> Self {
                let rest = self.checked_rem(divisor).unwrap_or(0);
                if rest < 0 { rest.saturating_add(divisor) } else { rest }
            }
            #[inline]
            fn div_up(self, divisor: Self) -> Self {
                let quotient = self.checked_div(divisor).unwrap_or(0);
                quotient.saturating_add(Self::from(self.checked_rem(divisor).unwrap_or(0) > 0))
            }
            #[inline]
            fn at_most(self, coefficient: Self) -> Self {
                // Where there is room for everything there is nothing to limit.
                if Self::ROOM > 0 { self } else { self.min(Self::CAP.div_down(coefficient)) }
            }
            #[inline]
            fn half(self) -> Self {
                self / 2
            }
            #[inline]
            fn count(self) -> u64 {
                u64::try_from(self).unwrap_or(if self < 0 { 0 } else { u64::MAX })
            }
        }
    };
}
int!(i64, 1 << 61, i64::MAX, wrapping_add, wrapping_sub, wrapping_mul);
int!(i128, 0, REACH_CAP, saturating_add, saturating_sub, saturating_mul);

/// Greatest common divisor; `gcd(0, b) = b`.
#[inline]
pub(super) fn gcd(a: u64, b: u64) -> u64 {
    // One division first: strides are often multiples of each other.
    let Some(b) = b.checked_rem(a) else { return b };
    if b == 0 {
        return a;
    }
    let twos = (a | b).trailing_zeros();
    let mut a = a.wrapping_shr(a.trailing_zeros());
    let mut b = b.wrapping_shr(b.trailing_zeros());
    while a != b {
        // Both odd, so the difference is even and not zero.
        let difference = a.abs_diff(b);
        a = a.min(b);
        b = difference.wrapping_shr(difference.trailing_zeros());
    }
    a.wrapping_shl(twos)
}

/// The `i` in `0..modulus` with `value·i = 1` modulo `modulus`; 0 for a modulus
/// of 1. The two have no common divisor, and `0 <= value < modulus`.
pub(super) fn inverse<I: Int>(value: I, modulus: I) -> I {
    // Invariant: value·now = left and value·next = right, modulo `modulus`; the
    // factors stay below `modulus` in magnitude.
    let (mut left, mut right) = (modulus, value);
    let (mut now, mut next) = (I::ZERO, I::ONE);
    while right > I::ZERO {
        let quotient = left.div_down(right);
        (left, right) = (right, left.minus(quotient.times(right)));
        (now, next) = (next, now.minus(quotient.times(next)));
    }
    now.modulo(modulus)
}

/// The smallest `j` in `0..=limit` with `(start - step·j) mod modulus <= width`.
///
/// Requires `step, width >= 0` and `modulus > 0`. Takes
/// O(log modulus) divisions: this is what replaces trying every `j`.
pub(super) fn first_hit<I: Int>(start: I, step: I, modulus: I, width: I, limit: I) -> Option<I> {
    let from = start.modulo(modulus);
    if from <= width {
        return Some(I::ZERO);
    }
    // Residues repeat after `modulus` steps, so a first hit is earlier. This
    // also keeps every product below at most `modulus²`.
    let limit = limit.min(modulus.minus(I::ONE));
    least_multiple(step.modulo(modulus), modulus, from.minus(width), from, limit)
}

/// The smallest `j` in `0..=limit` with `step·j mod modulus` in `low..=high`.
///
/// Requires `0 <= step < modulus`, `0 < low <= high < modulus`,
/// `0 <= limit < modulus`. The modulus at least halves with each call.
fn least_multiple<I: Int>(step: I, modulus: I, low: I, high: I, limit: I) -> Option<I> {
    if step == I::ZERO {
        return None;
    }
    // Walking up by `step` is walking down by `modulus - step`; take the shorter.
    let other = modulus.minus(step);
    let (step, low, high) = if step > other {
        (other, modulus.minus(high), modulus.minus(low))
    } else {
        (step, low, high)
    };
    let first = low.div_up(step);
    if first > limit {
        return None;
    }
    if step.times(first) <= high {
        return Some(first);
    }
    // `low..=high` holds no multiple of `step`, so `modulus` must be passed
    // `rounds >= 1` times: step·j = modulus·rounds + (low..=high). Modulo `step`
    // this is the same question about `rounds`.
    let most = step.times(limit).minus(low).div_down(modulus);
    let rounds = least_multiple(
        I::ZERO.minus(modulus).modulo(step),
        step,
        low.modulo(step),
        high.modulo(step),
        most.min(step.minus(I::ONE)),
    )?;
    let j = modulus.times(rounds).plus(low).div_up(step);
    (j <= limit).then_some(j)
}
