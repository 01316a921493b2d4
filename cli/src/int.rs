//! Integers of any size: a request may say 2^70, and gets an exact answer.

use std::fmt;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

/// An integer as a user wrote it.
///
/// Small ones, that is all a 64-bit machine can mean, are kept without allocation; arithmetic on
/// anything larger goes through [`BigInt`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Int(Repr);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Small(i128),
    /// Only what `i128` cannot hold, so that equal numbers compare equal.
    Big(BigInt),
}

impl Int {
    /// Zero.
    pub const ZERO: Self = Self(Repr::Small(0));
    /// One.
    pub const ONE: Self = Self(Repr::Small(1));

    /// Reads an optional minus sign and decimal digits; `None` for anything else, so also for
    /// fractions and exponents.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (negative, digits) = match text {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        // 18 digits fit 64 bits, 38 fit 127: no overflow below either.
        if digits.len() <= 18 {
            let value = digits.iter().fold(0i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
            return Some(Self::from(if negative { -value } else { value }));
        }
        if digits.len() <= 38 {
            let value = digits.iter().fold(0i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
            return Some(Self::from(if negative { -value } else { value }));
        }
        BigInt::parse_bytes(text, 10).map(Self::from)
    }

    /// Whether the number is below 0.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(value) => *value < 0,
            Repr::Big(value) => value.sign() == num_bigint::Sign::Minus,
        }
    }

    /// Whether the number is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// Whether the number is 1.
    #[must_use]
    pub fn is_one(&self) -> bool {
        *self == Self::ONE
    }

    /// The number as `usize`, if it fits.
    #[must_use]
    pub fn to_usize(&self) -> Option<usize> {
        match &self.0 {
            Repr::Small(value) => usize::try_from(*value).ok(),
            Repr::Big(_) => None,
        }
    }

    /// The number as `isize`, if it fits.
    #[must_use]
    pub fn to_isize(&self) -> Option<isize> {
        match &self.0 {
            Repr::Small(value) => isize::try_from(*value).ok(),
            Repr::Big(_) => None,
        }
    }

    /// The number for exact arithmetic.
    #[must_use]
    pub fn to_big(&self) -> BigInt {
        match &self.0 {
            Repr::Small(value) => BigInt::from(*value),
            Repr::Big(value) => value.clone(),
        }
    }

    /// Appends the decimal digits to a line of output.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Repr::Small(value) => match i64::try_from(*value) {
                Ok(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
                Err(_) => out.extend_from_slice(itoa::Buffer::new().format(*value).as_bytes()),
            },
            Repr::Big(value) => out.extend_from_slice(value.to_string().as_bytes()),
        }
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(value) => value.fmt(f),
            Repr::Big(value) => value.fmt(f),
        }
    }
}

macro_rules! from_primitive {
    ($($type:ty),*) => {$(
        impl From<$type> for Int {
            fn from(value: $type) -> Self {
                Self(Repr::Small(i128::from(value)))
            }
        }
    )*};
}
from_primitive!(i32, i64, u64, i128);

impl From<usize> for Int {
    fn from(value: usize) -> Self {
        // No supported target has more than 64 bits.
        Self(Repr::Small(i128::try_from(value).unwrap_or(i128::MAX)))
    }
}

impl From<isize> for Int {
    fn from(value: isize) -> Self {
        Self(Repr::Small(i128::try_from(value).unwrap_or(i128::MAX)))
    }
}

impl From<BigInt> for Int {
    fn from(value: BigInt) -> Self {
        match value.to_i128() {
            Some(value) => Self(Repr::Small(value)),
            None => Self(Repr::Big(value)),
        }
    }
}

impl From<&BigInt> for Int {
    fn from(value: &BigInt) -> Self {
        match value.to_i128() {
            Some(value) => Self(Repr::Small(value)),
            None => Self(Repr::Big(value.clone())),
        }
    }
}
