//! A sequence of numbers that is the same in each run.

/// A linear congruential generator with the multiplier and the increment that Knuth gives.
#[derive(Clone, Copy, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The sequence of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub fn word(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The low bits repeat soon.
        self.0 ^ self.0 >> 33
    }

    /// The next number below `most`; 0 if there is none.
    pub fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.word() >> 1).unwrap_or(0) % most.max(1)
    }

    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.word().to_be_bytes()[0]).collect()
    }
}
