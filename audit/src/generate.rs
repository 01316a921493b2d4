//! The generator: a sequence of choices, which is what gets shrunk.

use std::fmt::{Arguments, Debug};
use std::ops::RangeInclusive;
use std::sync::atomic::Ordering::Relaxed;

use strideproof_oracle::Rng;

use crate::class::{Class, Validity};
use crate::element::Element;
use crate::record::Record;

/// The longest buffer, in elements.
const MOST_LEN: u128 = 1 << 20;
/// Sizes at which vector instructions and tiles begin and end.
const EDGES: [usize; 16] = [7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 257];

/// Draws the numbers of one request, and hears what is known of it and what came of it.
///
/// Every draw is a choice between 0, the simplest, and some most. A finding is shrunk by deleting
/// choices and making them smaller, so draw what others depend on first.
///
/// A draw with a name prints as `name value` in the smallest request, and as `let name = value;` in
/// the reproduction.
pub struct Gen {
    record: &'static Record,
    source: Source,
}

pub(crate) enum Source {
    /// New choices.
    Fresh(Rng),
    /// These, then zeros.
    Replay(std::vec::IntoIter<u64>),
}

impl Gen {
    pub(crate) fn new(record: &'static Record, source: Source) -> Self {
        Self { record, source }
    }

    /// A choice of at most `most`.
    fn draw(&mut self, most: u64) -> u64 {
        if most == 0 {
            return 0;
        }
        let value = match &mut self.source {
            Source::Fresh(random) => match most.checked_add(1) {
                Some(count) => (random.word() >> 1) % count,
                None => random.word(),
            },
            Source::Replay(choices) => choices.next().unwrap_or(0).min(most),
        };
        if self.record.choose(value) { value } else { 0 }
    }

    fn index(&mut self, most: usize) -> usize {
        usize::try_from(self.draw(most as u64)).unwrap_or(most)
    }

    /// A number below `count`; 0 if there is none.
    pub fn below(&mut self, count: usize) -> usize {
        self.index(count.saturating_sub(1))
    }

    /// `true` once in so many times. Shrinks to `false`.
    pub fn once_in(&mut self, times: usize) -> bool {
        let times = times.max(1);
        self.below(times) == times - 1
    }

    /// One of the values, the first being the simplest.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }

    /// Records a number that was found from draws as one of the request.
    pub fn value(&mut self, name: &str, value: usize) -> usize {
        self.note(name, &Number(value as i128));
        self.code(format_args!("let {name} = {};", Literal(value)));
        value
    }

    /// A number in a range.
    pub fn number(&mut self, name: &str, range: RangeInclusive<usize>) -> usize {
        let (low, high) = range.into_inner();
        let value = low + self.index(high.saturating_sub(low));
        self.value(name, value)
    }

    /// The size of an axis: most often at most five, else near where vector instructions and tiles
    /// end, seldom 0.
    pub fn size(&mut self, name: &str) -> usize {
        let value = self.any_size();
        self.value(name, value)
    }

    pub(crate) fn any_size(&mut self) -> usize {
        match self.below(100) {
            0..60 => 1 + self.below(5),
            60..75 => self.pick(&EDGES),
            75..90 => 1 + self.below(40),
            90..94 => 100 + self.below(200),
            _ => 0,
        }
    }

    /// A number that may be anything: a size, a power of two and its neighbours, the end of a word.
    pub fn wild(&mut self, name: &str) -> usize {
        let value = self.any_wild();
        self.value(name, value)
    }

    pub(crate) fn any_wild(&mut self) -> usize {
        match self.below(10) {
            0..5 => self.any_size(),
            5..9 => self.near_power(),
            _ => usize::MAX - self.below(4),
        }
    }

    /// `2^k`, or one more or less.
    fn near_power(&mut self) -> usize {
        let power = self.power();
        match self.below(3) {
            0 => power,
            1 => power.wrapping_add(1),
            _ => power - 1,
        }
    }

    pub(crate) fn power(&mut self) -> usize {
        1 << self.below(usize::BITS as usize)
    }

    /// Width and height: as small as sizes are, more rows than columns, or such that their product
    /// wraps to little at 64, 63 or 32 bits.
    pub fn sides(&mut self, names: [&str; 2]) -> [usize; 2] {
        let sides = match self.below(20) {
            0..12 => [self.any_size(), self.any_size()],
            12..14 => {
                let columns = 1 + self.below(3);
                [columns, columns + 1 + self.below(40)]
            }
            14..18 => self.wrapping_sides(usize::BITS as usize),
            _ => {
                let bits = self.pick(&[63, 32, 31]);
                self.wrapping_sides(bits)
            }
        };
        let [width, height] = names;
        [self.value(width, sides[0]), self.value(height, sides[1])]
    }

    /// Two numbers whose product is little more than a multiple of `2^bits`.
    fn wrapping_sides(&mut self, bits: usize) -> [usize; 2] {
        let shift = 1 + self.below(bits - 1);
        let (power, other) = (1usize << shift, 1usize << (bits - shift));
        let more = if self.once_in(2) { 1 + self.below(3) } else { 0 };
        let (one, two) = (power, other + more);
        if self.once_in(2) { [two, one] } else { [one, two] }
    }

    /// How far apart rows of `width` are: without a gap, with padding, or too near, or anything.
    pub fn stride(&mut self, name: &str, width: usize) -> usize {
        let value = match self.below(20) {
            0..9 => width,
            9..14 => width.saturating_add(1 + self.below(7)),
            14..16 => width.checked_next_multiple_of(16).unwrap_or(width),
            16 => 0,
            17 => width.saturating_sub(1),
            18 => self.below(8),
            _ => self.any_wild(),
        };
        self.value(name, value)
    }

    /// The length of a buffer of which `need` elements are needed: exactly as many, one less, one
    /// more, or some more or less. A need that is too large for any buffer counts as what it wraps to.
    pub fn len(&mut self, name: &str, need: u128) -> usize {
        let value = self.any_len(need);
        self.value(name, value)
    }

    pub(crate) fn any_len(&mut self, need: u128) -> usize {
        let wrapped = [need, need & u128::from(u64::MAX), need & u128::from(u32::MAX)];
        let need = wrapped.into_iter().find(|&need| need <= MOST_LEN);
        let Some(need) = need.and_then(|need| usize::try_from(need).ok()) else {
            return self.below(16);
        };
        match self.below(20) {
            0..11 => need,
            11..15 => need.saturating_sub(1),
            15 | 16 => need + 1,
            17 | 18 => need + self.below(16),
            _ => need.saturating_sub(self.below(16)),
        }
    }

    /// An image plane of so many columns and rows, with a stride and a length.
    pub fn plane(&mut self, name: &str, width: usize, height: usize) -> Plane {
        let stride = self.stride(&format!("{name}_stride"), width);
        // With or without padding after the last row.
        let full = height as u128 * stride as u128;
        let plane = Plane { width, height, stride, len: 0 };
        let need = if self.once_in(3) { full } else { plane.need() };
        let len = self.len(&format!("{name}_len"), need);
        Plane { len, ..plane }
    }

    /// A buffer of exactly so many elements, each of which says where it lies. The name is that of
    /// a variable in the reproduction.
    pub fn buffer<T: Element>(&mut self, name: &str, len: usize) -> Vec<T> {
        self.code(format_args!("let mut {name} = vec![{}; {len}];", T::zero()));
        self.fill(len)
    }

    pub(crate) fn fill<T: Element>(&mut self, len: usize) -> Vec<T> {
        let mut buffer = Vec::with_capacity(len);
        buffer.extend((0..len).map(T::at));
        buffer
    }

    /// Prints a value of the request, where no draw with a name did so.
    pub fn note(&mut self, name: &str, value: &dyn Debug) {
        let space = if self.record.notes.is_empty() { "" } else { " " };
        self.record.notes.push(format_args!("{space}{name} {value:?}"));
    }

    /// Adds a statement to the reproduction.
    pub fn code(&mut self, statement: Arguments<'_>) {
        self.record.code.push(format_args!("{statement}\n"));
    }

    /// Says the reproduction anew, if this case is the one that is reported.
    pub(crate) fn restate(&mut self, say: impl FnOnce(&mut Self)) {
        if self.record.verbose.load(Relaxed) {
            self.record.code.clear();
            say(self);
        }
    }

    /// Says that the documentation promises that the call is fine, or that it must be refused.
    /// Without this, neither is known.
    pub fn valid(&mut self, valid: bool) {
        self.record.set_validity(if valid { Validity::Good } else { Validity::Bad });
    }

    /// Says whether the crate took the request. A case that returns did, one that panics did not.
    pub fn accepted(&mut self, accepted: bool) {
        self.record.refused.store(!accepted, Relaxed);
    }

    /// Says what is called next; [`call!`](crate::call) does so itself.
    pub fn call(&mut self, label: &str) {
        self.record.call.set(format_args!("{label}"));
    }

    /// Records a [wrong element](Class::WrongElement) where the two differ.
    pub fn check<T: PartialEq + Debug>(&mut self, what: &str, found: &T, expected: &T) {
        if found != expected {
            let detail = format_args!("{what} is {found:?}, expected {expected:?}");
            self.found(Class::WrongElement, detail);
        }
    }

    /// Records [aliasing](Class::Aliasing) where two exclusive references share memory.
    pub fn distinct<T: ?Sized>(&mut self, one: &mut T, other: &mut T) {
        let range = |value: &T| {
            let start = (&raw const *value).cast::<u8>().addr();
            start..start + size_of_val(value)
        };
        let (one, other) = (range(one), range(other));
        let shared = one.end.min(other.end).saturating_sub(one.start.max(other.start));
        if shared > 0 {
            let detail = format_args!("two exclusive references share {shared} bytes");
            self.found(Class::Aliasing, detail);
        }
    }

    pub(crate) fn found(&mut self, class: Class, detail: Arguments<'_>) {
        self.record.found(class, detail);
    }
}

/// Columns and rows in a buffer, where rows lie `stride` elements apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plane {
    /// How many columns.
    pub width: usize,
    /// How many rows.
    pub height: usize,
    /// How far apart rows are.
    pub stride: usize,
    /// How many elements the buffer has.
    pub len: usize,
}

impl Plane {
    /// How many elements it needs: the last row ends with its last column.
    #[must_use]
    pub fn need(&self) -> u128 {
        if self.width == 0 || self.height == 0 {
            return 0;
        }
        (self.height as u128 - 1) * self.stride as u128 + self.width as u128
    }

    /// Whether every pixel lies in the buffer.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.need() <= self.len as u128
    }

    /// Whether it fits with rows that do not overlap.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.fits() && (self.stride >= self.width || self.height < 2)
    }
}

/// A number in words, by the nearest power of two where it is large.
pub(crate) struct Number(pub(crate) i128);

impl Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let near = (-3..=3i128).find_map(|delta| {
            let power = magnitude.checked_add_signed(-delta)?;
            (magnitude > 1 << 16 && power.is_power_of_two()).then(|| (power.ilog2(), delta))
        });
        match near {
            None => write!(f, "{}", self.0),
            Some((bits, 0)) => write!(f, "{sign}2^{bits}"),
            Some((bits, delta)) if delta < 0 => write!(f, "{sign}(2^{bits} - {})", -delta),
            Some((bits, delta)) => write!(f, "{sign}(2^{bits} + {delta})"),
        }
    }
}

/// A number in the reproduction.
struct Literal(usize);

impl std::fmt::Display for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = self.0;
        match usize::MAX - number {
            0 => f.write_str("usize::MAX"),
            less @ 1..16 => write!(f, "usize::MAX - {less}"),
            _ if number > 1 << 16 && number.is_power_of_two() => {
                write!(f, "1usize << {}", number.ilog2())
            }
            _ => write!(f, "{number}usize"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Literal, Number};

    #[test]
    fn large_numbers_are_said_by_powers_of_two() {
        let words = [0, -3, 65_536, 1 << 17, (1 << 64) - 1, -(1 << 63), (1 << 40) + 2, 100_000];
        let words = words.map(|number| format!("{:?}", Number(number)));
        let expected = ["0", "-3", "65536", "2^17", "(2^64 - 1)", "-2^63", "(2^40 + 2)", "100000"];
        assert_eq!(words, expected);
        let literals =
            [7, 1 << 63, usize::MAX, usize::MAX - 2].map(|number| Literal(number).to_string());
        assert_eq!(literals, ["7usize", "1usize << 63", "usize::MAX", "usize::MAX - 2"]);
    }
}
