//! Integers as they were written, of any length.

use std::fmt;
use std::str::FromStr;

use strideproof::{Error, Operand, SHOWN_DIGITS};

use crate::nearest::quoted;

/// An integer as it was written: exact up to [`SHOWN_DIGITS`] digits, which is more than fit 64
/// bits. Of a longer one the first digits and their number are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    leading: i128,
    digits: usize,
}

impl Number {
    /// Zero.
    pub const ZERO: Self = Self { leading: 0, digits: 1 };
    /// One.
    pub const ONE: Self = Self { leading: 1, digits: 1 };

    /// Reads an optional minus sign and decimal digits; `None` for anything else, so also for
    /// fractions and exponents. Takes time linear in the length of the text.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (negative, digits) = match text {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
        let digits = digits.get(zeros..).unwrap_or_default();
        // 18 digits fit 64 bits, and SHOWN_DIGITS fit 128: nothing overflows.
        let value = |digit: &u8| digit - b'0';
        let leading = if digits.len() <= 18 {
            i128::from(digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(value(digit))))
        } else {
            let shown = digits.iter().take(SHOWN_DIGITS);
            shown.fold(0, |sum, digit| sum * 10 + i128::from(value(digit)))
        };
        Some(Self {
            leading: if negative { -leading } else { leading },
            digits: digits.len().max(1),
        })
    }

    /// The number, if nothing of it was left out.
    fn exact(self) -> Option<i128> {
        (self.digits <= SHOWN_DIGITS).then_some(self.leading)
    }

    /// The number as `usize`, if it fits.
    #[must_use]
    pub fn to_usize(self) -> Option<usize> {
        usize::try_from(self.exact()?).ok()
    }

    /// The number as `isize`, if it fits.
    #[must_use]
    pub fn to_isize(self) -> Option<isize> {
        isize::try_from(self.exact()?).ok()
    }

    /// The refusal of a number that does not fit its type.
    pub(crate) const fn too_large(self, operand: Operand) -> Error {
        Error::NumberTooLarge { operand, leading: self.leading, digits: self.digits }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.leading, if self.digits > SHOWN_DIGITS { "..." } else { "" })
    }
}

impl FromStr for Number {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        Self::parse(digits.as_bytes()).ok_or_else(|| format!("{} is not an integer", quoted(text)))
    }
}

impl<T: itoa::Integer> From<T> for Number {
    fn from(value: T) -> Self {
        // The digits of an integer are an integer.
        Self::parse(itoa::Buffer::new().format(value).as_bytes()).unwrap_or(Self::ZERO)
    }
}
