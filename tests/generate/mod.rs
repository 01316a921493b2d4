//! Random requests at full width, most of them within one unit of the boundary between what is
//! accepted and what is not.

#![allow(dead_code, reason = "each test program uses its part")]

use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::oracle::{Request, Truth};

/// Enough cases for a run of a second or two; no file is written on failure.
pub(crate) fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// A request that owns its numbers.
#[derive(Clone, Debug)]
pub(crate) struct Owned {
    pub(crate) shape: Vec<usize>,
    pub(crate) strides: Vec<isize>,
    pub(crate) offset: usize,
    pub(crate) len: usize,
    pub(crate) item: usize,
}

impl Owned {
    pub(crate) fn request(&self) -> Request<'_> {
        let Self { shape, strides, offset, len, item } = self;
        let unit_bytes = 1;
        Request { shape, strides, offset: *offset, len: *len, item: *item, unit_bytes }
    }

    pub(crate) fn truth(&self) -> Truth {
        Truth::by_corners(&self.shape, &self.strides, self.offset)
    }

    pub(crate) fn accepted(&self) -> bool {
        self.truth().accepts(self.offset, self.len, self.item)
    }
}

/// What one axis is made of, before it is known how much the axes together may take.
#[derive(Clone, Debug)]
struct Axis {
    size: Number,
    stride: Number,
    negative: bool,
}

/// A number that keeps to a budget of bits, unless it is wild.
#[derive(Clone, Debug)]
enum Number {
    Small(usize),
    /// `2^k + delta`, for a share of the bits that are left.
    NearPower {
        share: u32,
        delta: i8,
    },
    /// Any number of at most the bits that are left.
    Within(u64),
    Wild(usize),
}

impl Number {
    fn fit(&self, bits: u32) -> usize {
        let bits = bits.min(63);
        match *self {
            Self::Small(value) => value.min(1 << bits),
            Self::NearPower { share, delta } => {
                (1usize << (share * bits / 16)).saturating_add_signed(delta.into()).max(1)
            }
            Self::Within(value) => {
                let value = usize::try_from(value).expect("a 64-bit target");
                (value & ((1 << bits) - 1)).max(1)
            }
            Self::Wild(value) => value,
        }
    }
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        8 => (1usize..6).prop_map(Number::Small),
        8 => (0u32..=16, -1i8..=1).prop_map(|(share, delta)| Number::NearPower { share, delta }),
        4 => any::<u64>().prop_map(Number::Within),
    ]
}

/// A size: seldom 0, seldom beyond any budget.
fn size() -> impl Strategy<Value = Number> {
    prop_oneof![60 => number(), 1 => Just(Number::Small(0)), 2 => boundary().prop_map(Number::Wild)]
}

fn stride() -> impl Strategy<Value = Number> {
    prop_oneof![60 => number(), 4 => Just(Number::Small(0)), 2 => boundary().prop_map(Number::Wild)]
}

/// Any number, most often one near the end of a word.
pub(crate) fn boundary() -> impl Strategy<Value = usize> {
    prop_oneof![
        2 => 0usize..4,
        2 => (0usize..4).prop_map(|below| usize::MAX - below),
        3 => (0u32..64, -1isize..=1).prop_map(|(k, delta)| (1usize << k).wrapping_add_signed(delta)),
        1 => any::<usize>(),
    ]
}

/// How offset and length relate to what the view needs.
#[derive(Clone, Debug)]
enum Fit {
    /// The smallest offset that does plus some, and a length that is enough and some.
    Enough { before: usize, after: usize },
    /// One unit short at the end.
    ShortAfter { before: usize },
    /// One unit short at the start, enough at the end.
    ShortBefore { after: usize },
    /// Unrelated.
    Wild { offset: usize, len: usize },
}

fn fit() -> impl Strategy<Value = Fit> {
    let slack = || prop_oneof![3 => Just(0usize), 2 => 0usize..9, 1 => 0usize..1 << 40];
    prop_oneof![
        8 => (slack(), slack()).prop_map(|(before, after)| Fit::Enough { before, after }),
        5 => slack().prop_map(|before| Fit::ShortAfter { before }),
        4 => slack().prop_map(|after| Fit::ShortBefore { after }),
        2 => (boundary(), boundary()).prop_map(|(offset, len)| Fit::Wild { offset, len }),
    ]
}

/// Puts the axes within 63 bits of elements and 63 bits of reach, and offset and length where the
/// fit says.
fn assemble(axes: &[Axis], fit: &Fit, item: usize, drop_stride: bool) -> Owned {
    let (mut count_bits, mut reach_bits) = (62u32, 62u32);
    let (mut shape, mut strides) = (Vec::new(), Vec::new());
    for axis in axes {
        let size = axis.size.fit(count_bits);
        // 2^b - 1 is below 2^b: what an axis takes is rounded up, so that the product fits.
        let size_bits = usize::BITS - size.leading_zeros();
        count_bits = count_bits.saturating_sub(size_bits);
        let steps_bits = usize::BITS - size.saturating_sub(1).leading_zeros();
        let room = reach_bits.saturating_sub(steps_bits);
        let magnitude = if size == 1 { axis.stride.fit(63) } else { axis.stride.fit(room) };
        if size > 1 && magnitude > 0 {
            reach_bits = reach_bits.saturating_sub(1);
        }
        shape.push(size);
        strides.push(match axis.negative {
            true => 0isize.wrapping_sub_unsigned(magnitude),
            false => 0isize.wrapping_add_unsigned(magnitude),
        });
    }
    if drop_stride {
        strides.pop();
    }
    let (below, above) = match Truth::by_corners(&shape, &strides, 0) {
        Truth::View { lowest, highest, .. } => (-lowest, highest + item as i128),
        _ => (0, 0),
    };
    let place = |offset: i128, len: i128| Some((offset.try_into().ok()?, len.try_into().ok()?));
    let enough = |before: usize, after: usize| {
        let offset = below + before as i128;
        place(offset, offset + above + after as i128)
    };
    let short_after = |before: usize| {
        let offset = below + before as i128;
        place(offset, offset + above - 1)
    };
    let short_before = |after: usize| place(below - 1, below - 1 + above + after as i128);
    // What has no place there (nothing is before offset 0) moves to the nearest that has one.
    let placed = match *fit {
        Fit::Enough { before, after } => enough(before, after),
        Fit::ShortAfter { before } => short_after(before).or(short_after(1)),
        Fit::ShortBefore { after } => short_before(after).or(short_after(0)).or(short_after(1)),
        Fit::Wild { offset, len } => Some((offset, len)),
    };
    let (offset, len) = placed.or(enough(0, 0)).unwrap_or((0, 0));
    Owned { shape, strides, offset, len, item }
}

fn axis() -> impl Strategy<Value = Axis> {
    (size(), stride(), any::<bool>()).prop_map(|(size, stride, negative)| Axis {
        size,
        stride,
        negative,
    })
}

/// Requests of rank 0 to 6 in elements; shape and strides always agree in length.
pub(crate) fn in_elements() -> impl Strategy<Value = Owned> {
    (prop::collection::vec(axis(), 0..=6), fit())
        .prop_map(|(axes, fit)| assemble(&axes, &fit, 1, false))
}

/// Requests of rank 0 to 6 with an itemsize; now and then one stride is missing.
pub(crate) fn in_bytes() -> impl Strategy<Value = Owned> {
    let item = prop_oneof![8 => 0usize..=8, 2 => 0usize..100, 1 => boundary()];
    (prop::collection::vec(axis(), 0..=6), fit(), item, prop::bool::weighted(0.02))
        .prop_map(|(axes, fit, item, drop)| assemble(&axes, &fit, item, drop))
}

/// An index tuple of a shape without a size of 0: each component near either end or anywhere.
pub(crate) fn index_of(shape: &[usize], choices: &[(u8, usize)]) -> Vec<usize> {
    let axes = shape.iter().zip(choices);
    axes.map(|(&extent, &(kind, anywhere))| match kind % 4 {
        0 => 0,
        1 => extent - 1,
        2 => (extent - 1).min(1),
        _ => anywhere % extent,
    })
    .collect()
}
