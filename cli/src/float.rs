//! Floating-point numbers as NumPy's arrays print them: the shortest digits that tell a number from
//! its neighbours, at most eight after the point, and one notation for all.

use half::f16;

/// The type of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    Half,
    Single,
    Double,
}

/// Digits after the point at most.
const DIGITS: usize = 8;

impl Precision {
    /// The number that these bits stand for, exactly.
    pub(crate) fn decode(self, bits: u64) -> f64 {
        match self {
            Self::Half => f16::from_bits(u16::try_from(bits & 0xffff).unwrap_or(0)).to_f64(),
            Self::Single => {
                f64::from(f32::from_bits(u32::try_from(bits & 0xffff_ffff).unwrap_or(0)))
            }
            Self::Double => f64::from_bits(bits),
        }
    }

    /// The nearest number of this type.
    fn round(self, value: f64) -> f64 {
        match self {
            Self::Half => f16::from_f64(value).to_f64(),
            #[expect(clippy::cast_possible_truncation, reason = "rounding is what this is for")]
            Self::Single => f64::from(value as f32),
            Self::Double => value,
        }
    }

    /// From this magnitude on numbers are written with an exponent: ten to the decimal digits that
    /// the type is good for, eight at most.
    fn cutoff(self) -> f64 {
        match self {
            Self::Half => 1e3,
            Self::Single => 1e6,
            Self::Double => 1e8,
        }
    }

    /// The length of the shortest decimal that reads back as `value`, which is finite: the number of
    /// digits after the first, and the number of digits after the point.
    ///
    /// Callers format the exact value to that many places. Of two decimals of that length that are
    /// equally near, `format!` takes the even one, as NumPy does.
    fn places(self, value: f64) -> (usize, usize) {
        let value = value.abs();
        let text = match self {
            Self::Double => format!("{value:e}"),
            #[expect(clippy::cast_possible_truncation, reason = "the value is an f32: exact")]
            Self::Single => format!("{:e}", value as f32),
            Self::Half => {
                let mut tries = (0..5).map(|places| format!("{value:.places$e}"));
                let same = |text: &String| text.parse().is_ok_and(|read| self.round(read) == value);
                tries.find(same).unwrap_or_else(|| format!("{value:e}"))
            }
        };
        let (mantissa, power) = split(&text);
        let places = mantissa.len().saturating_sub(2);
        let after_point = i64::try_from(places).unwrap_or(0).saturating_sub(power.into());
        (places, usize::try_from(after_point).unwrap_or(0))
    }
}

/// The mantissa and the exponent of `d.ddde-dd`.
fn split(text: &str) -> (&str, i32) {
    let (mantissa, power) = text.split_once('e').unwrap_or((text, "0"));
    (mantissa, power.parse().unwrap_or(0))
}

fn sign(value: f64, plus: bool) -> &'static str {
    match (value.is_sign_negative() && !value.is_nan(), plus) {
        (true, _) => "-",
        (false, true) => "+",
        (false, false) => "",
    }
}

/// How the numbers of an array are written.
struct Notation {
    precision: Precision,
    /// Whether a plus sign is written.
    plus: bool,
    exponent: bool,
}

impl Notation {
    /// The digits before and after the point and the exponent of a finite number, with at most `most`
    /// digits after the point and, if there is an exponent, at least `least`.
    fn parts(&self, value: f64, least: usize, most: usize) -> (String, String, i32) {
        let (places, after_point) = self.precision.places(value);
        let text = if self.exponent {
            format!("{:.*e}", places.clamp(least, most), value.abs())
        } else {
            format!("{:.*}", after_point.min(most), value.abs())
        };
        let (mantissa, power) = split(&text);
        let (whole, mut fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        while fraction.len() > least && fraction.ends_with('0') {
            fraction = &fraction[..fraction.len() - 1];
        }
        (sign(value, self.plus).to_owned() + whole, fraction.to_owned(), power)
    }
}

/// The words for the numbers of one array, all of one width. `plus` writes the plus sign.
pub(crate) fn words(values: &[f64], precision: Precision, plus: bool) -> Vec<String> {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let magnitudes = || finite().map(f64::abs).filter(|&value| value != 0.0);
    let largest = magnitudes().fold(0.0, f64::max);
    let smallest = magnitudes().fold(f64::INFINITY, f64::min);
    let exponent = magnitudes().next().is_some()
        && (largest >= precision.cutoff()
            || smallest < precision.round(0.0001)
            || precision.round(largest / smallest) > 1000.0);
    let notation = Notation { precision, plus, exponent };
    let parts: Vec<_> = finite().map(|value| notation.parts(value, 0, DIGITS)).collect();
    let mut left = parts.iter().map(|part| part.0.len()).max().unwrap_or(0);
    let places = parts.iter().map(|part| part.1.len()).max().unwrap_or(0);
    let digits =
        parts.iter().map(|part| power(part.2, 2).len().saturating_sub(2)).max().unwrap_or(2);
    let tail = |of| if exponent { power(of, digits) } else { String::new() };
    let right = places + tail(0).len();
    if finite().count() < values.len() {
        let signed = plus || values.contains(&f64::NEG_INFINITY);
        left = left.max((3 + usize::from(signed)).saturating_sub(right + 1));
    }
    let word = |&value: &f64| {
        if !value.is_finite() {
            return format!("{:>1$}", not_finite(value, plus), left + right + 1);
        }
        let (least, most) = if exponent { (places, places) } else { (0, DIGITS) };
        let (whole, fraction, power) = notation.parts(value, least, most);
        format!("{whole:>left$}.{fraction:<places$}{}", tail(power))
    };
    values.iter().map(word).collect()
}

/// `e+08` with so many digits at least.
fn power(power: i32, digits: usize) -> String {
    let sign = if power < 0 { '-' } else { '+' };
    format!("e{sign}{:0digits$}", power.unsigned_abs())
}

fn not_finite(value: f64, plus: bool) -> String {
    let word = if value.is_nan() { "nan" } else { "inf" };
    format!("{}{word}", sign(value, plus))
}

/// A number that stands alone.
pub(crate) fn scalar(value: f64, precision: Precision) -> String {
    alone(value, precision, false, ".0")
}

/// A complex number that stands alone.
pub(crate) fn complex_scalar(real: f64, imaginary: f64, precision: Precision) -> String {
    let imaginary_part = alone(imaginary, precision, true, "") + "j";
    if real == 0.0 && real.is_sign_positive() {
        return imaginary_part.trim_start_matches('+').to_owned();
    }
    format!("({}{imaginary_part})", alone(real, precision, false, ""))
}

fn alone(value: f64, precision: Precision, plus: bool, whole_suffix: &str) -> String {
    if !value.is_finite() {
        return not_finite(value, plus);
    }
    let (sign, magnitude) = (sign(value, plus), value.abs());
    let (places, after_point) = precision.places(value);
    // Unlike in an array, a double goes without an exponent as far as all its digits are exact.
    let cutoff = if precision == Precision::Double { 1e16 } else { precision.cutoff() };
    if magnitude != 0.0 && !(1e-4..cutoff).contains(&magnitude) {
        let text = format!("{magnitude:.places$e}");
        let (mantissa, exponent) = split(&text);
        return format!("{sign}{mantissa}{}", power(exponent, 2));
    }
    let suffix = if after_point == 0 { whole_suffix } else { "" };
    format!("{sign}{magnitude:.after_point$}{suffix}")
}
