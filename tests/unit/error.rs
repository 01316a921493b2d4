//! The table of codes, and what errors say.

use std::string::ToString;

use super::{Error, Index, Operand};

#[test]
fn messages_name_the_numbers() {
    let shape = Index::new;
    let mismatch = |to, inferred| Error::CountMismatch { from: shape(&[2, 3]), to, inferred };
    let large = |leading, digits| {
        let operand = Operand::Stride { axis: 1 };
        Error::NumberTooLarge { operand, leading, digits }.to_string()
    };
    for (error, text) in [
        (Error::bad_axis(5, 2), "axis 5 is out of range for rank 2"),
        (Error::BadAxis { axis: -3, rank: 2 }, "axis -3 is out of range for rank 2"),
        (Error::bad_index(1, 4, 4), "index 4 is out of range for axis 1 of size 4"),
        (mismatch(shape(&[4]), None), "cannot reshape (2, 3) into (4,): 6 elements into 4"),
        (
            mismatch(shape(&[4, 0]), Some(1)),
            "cannot reshape (2, 3) into (4, -1): 6 elements into a multiple of 4",
        ),
        (
            mismatch(shape(&[1; 9]), None),
            "cannot reshape (2, 3) into (1, 1, 1, 1, 1, 1, 1, 1, ... 9 axes)",
        ),
        (
            mismatch(shape(&[usize::MAX; 3]), None),
            &std::format!("cannot reshape (2, 3) into ({0}, {0}, {0})", usize::MAX),
        ),
        (
            Error::IncompatibleShapes { from: shape(&[4, 3]), to: shape(&[]) },
            "shapes (4, 3) and () do not match",
        ),
        (
            Error::RankMismatch { shape: 2, strides: 1 },
            "one stride for each axis is needed: 2, not 1",
        ),
        (Error::WrongRank { rank: 1, needed: 2 }, "2 axes are needed, not 1"),
        (
            Error::Misaligned { axis: None, excess: 4, align: 8 },
            "the address of the first item is not a multiple of the alignment 8: the remainder is 4",
        ),
        (
            Error::Misaligned { axis: Some(1), excess: 4, align: 8 },
            "the stride of axis 1 is not a multiple of the alignment 8: the remainder is 4",
        ),
        (
            Error::NotRepresentable { axis: 0 },
            &std::format!(
                "with axis 0 the view reaches more than {} (isize::MAX) away from its first item",
                isize::MAX
            ),
        ),
        (
            Error::DoesNotFit { axis: 1 },
            &std::format!(
                "axis 1 of the result would have a size or a stride that does not fit {} bits",
                usize::BITS
            ),
        ),
        (
            Error::NegativeOffset { operand: Operand::Len, value: -1 },
            "the buffer length is -1; it cannot be negative",
        ),
    ] {
        assert_eq!(error.to_string(), text);
    }
    let bits = usize::BITS;
    assert_eq!(
        large(-(1 << 64), 20),
        std::format!(
            "the stride of axis 1 is -18446744073709551616, which does not fit {bits} bits"
        ),
    );
    assert_eq!(
        large(10i128.pow(23), 1_000_000),
        std::format!(
            "the stride of axis 1 is 100000000000000000000000... and 999976 more digits, which \
             does not fit {bits} bits"
        ),
    );
}
