//! SplitMix64: the same requests everywhere.

use super::wide;

pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn word(&mut self) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from(z ^ (z >> 31)).unwrap_or(0)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.word() % n.max(1)
    }

    /// Once in so many times.
    pub(super) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        choices.get(self.below(choices.len())).copied()
    }

    /// A number from one to another, both included.
    pub(super) fn between(&mut self, least: isize, most: isize) -> isize {
        let span = most.saturating_sub(least).unsigned_abs().saturating_add(1);
        least.saturating_add_unsigned(self.below(span))
    }

    /// A number: mostly small, else beside a power of two.
    pub(super) fn number(&mut self) -> usize {
        match self.below(8) {
            0..=4 => self.below(7),
            5 => self.below(1000),
            _ => {
                let power = 1usize.checked_shl(u32::try_from(self.below(65)).unwrap_or(0));
                let around = power.unwrap_or(0).wrapping_add(self.below(3)).wrapping_sub(1);
                if self.below(4) == 0 { self.word() } else { around }
            }
        }
    }

    pub(super) fn signed(&mut self) -> isize {
        let magnitude = self.number();
        let magnitude = isize::try_from(magnitude).unwrap_or(isize::MIN);
        if self.below(2) == 0 { magnitude.wrapping_neg() } else { magnitude }
    }

    /// A number within one or two of another.
    pub(super) fn beside(&mut self, number: i128) -> usize {
        let number = number + wide(self.below(4)) - 2;
        usize::try_from(number.clamp(0, wide(usize::MAX))).unwrap_or(0)
    }
}
