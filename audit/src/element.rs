//! What buffers are filled with.

use std::fmt::Debug;

/// An element that says where in the buffer it was put, so that a wrong one is seen.
pub trait Element: Clone + PartialEq + Debug + 'static {
    /// The element for a position of the buffer; small types repeat.
    fn at(position: usize) -> Self;

    /// The expression that [`at`](Self::at) stands for in a reproduction.
    fn zero() -> &'static str;
}

macro_rules! elements {
    ($($number:ident $zero:literal,)+) => {$(
        impl Element for $number {
            #[allow(
                clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_precision_loss,
                reason = "small types repeat"
            )]
            fn at(position: usize) -> Self {
                position as $number
            }

            fn zero() -> &'static str {
                $zero
            }
        }
    )+};
}

elements! {
    u8 "0u8", u16 "0u16", u32 "0u32", u64 "0u64", usize "0usize",
    i8 "0i8", i16 "0i16", i32 "0i32", i64 "0i64", isize "0isize",
    f32 "0f32", f64 "0f64",
}

impl<T: Element, const N: usize> Element for [T; N] {
    fn at(position: usize) -> Self {
        std::array::from_fn(|part| T::at(position * N + part))
    }

    fn zero() -> &'static str {
        "Default::default()"
    }
}

/// An element that owns memory: where two of them are one, it is freed twice, which the guard sees.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::box_collection, reason = "an address of its own is the point")]
pub struct Owned(Box<usize>);

impl Owned {
    /// The position that it was made for.
    #[must_use]
    pub fn position(&self) -> usize {
        *self.0
    }
}

impl Element for Owned {
    fn at(position: usize) -> Self {
        Self(Box::new(position))
    }

    fn zero() -> &'static str {
        "Box::new(0usize)"
    }
}
