//! T4: what is refused is refused for a reason. The witness is a valid index whose address is out
//! of range, or the count does not fit.

use super::Source;
use crate::kernel::{MAX_COUNT, Refusal, Side, decide, reserve};

/// A refusal's witness, whole: an index tuple, its address by plain arithmetic, and nothing
/// else is wrong with it. `bits` bounds every number.
fn complete<const N: usize>(source: &mut impl Source, bits: u32) {
    let (mut shape, mut strides) = ([0; N], [0; N]);
    let (mut axis, mut empty) = (0, false);
    while axis < N {
        shape[axis] = source.bits(bits);
        empty |= shape[axis] == 0;
        strides[axis] = source.signed_bits(bits);
        axis += 1;
    }
    let (offset, len, item) = (source.bits(bits), source.bits(bits), source.bits(2));
    let Err(refusal) = decide(&shape, &strides, offset, len, item) else {
        cover!(source, !empty, "an accepted view");
        return;
    };
    match refusal {
        // Sizes of so few bits do not fill `isize`; `counts` has those that do.
        Refusal::Rank | Refusal::Count { .. } => unreachable!(),
        Refusal::EmptyOffset => {
            cover!(source, true, "an empty view past the end");
            assert!(empty && offset > len);
        }
        Refusal::Origin => {
            cover!(source, true, "an origin past the end");
            assert!(!empty && offset + item > len);
        }
        Refusal::Leaves { axis, side, index, excess } => {
            cover!(source, side == Side::Below, "a view that leaves below");
            cover!(source, side == Side::Above, "a view that leaves above");
            assert!(!empty && axis < N && excess >= 1);
            // Wide enough for `bits`, and no wider than a SAT solver likes products.
            let (mut address, mut k) = (offset as i32, 0);
            while k < N {
                let here = if k == axis {
                    index
                } else if k < axis && (strides[k] < 0) == (side == Side::Below) {
                    shape[k] - 1
                } else {
                    0
                };
                assert!(here < shape[k]);
                address += (here as i32) * (strides[k] as i32);
                k += 1;
            }
            match side {
                Side::Below => assert!(address == -(excess as i32)),
                Side::Above => assert!(address + item as i32 == len as i32 + excess as i32),
            }
        }
    }
}

/// A count is refused exactly if it does not fit, whatever else is wrong, and at the first axis at
/// which it does not.
fn counts(source: &mut impl Source) {
    let (shape, strides) = (source.shape::<2>(), source.strides::<2>());
    let (offset, len, item) = (source.word(), source.word(), source.word());
    assume!(source, shape[0] > 0 && shape[1] > 0);
    let expected = if shape[0] > MAX_COUNT {
        Some(0)
    } else if reserve(shape[0], shape[1]).is_none_or(|count| count > MAX_COUNT) {
        Some(1)
    } else {
        None
    };
    let refused = match decide(&shape, &strides, offset, len, item) {
        Err(Refusal::Count { axis }) => Some(axis),
        other => {
            cover!(source, other.is_err(), "a view that leaves, of few elements");
            None
        }
    };
    cover!(source, refused == Some(0), "a single axis of too many elements");
    cover!(source, refused == Some(1) && item > len, "two axes of too many elements, past the end");
    assert!(refused == expected);
}

/// Shape and strides of different lengths are refused, and for that alone.
fn ranks(source: &mut impl Source) {
    let (shape, strides) = (source.shape::<2>(), source.strides::<2>());
    let (sizes, steps) = (source.at_most(2), source.at_most(2));
    let (offset, len) = (source.word(), source.word());
    let refused = decide(&shape[..sizes], &strides[..steps], offset, len, 1) == Err(Refusal::Rank);
    cover!(source, refused, "ranks that differ");
    cover!(source, !refused, "ranks that agree");
    assert!(refused == (sizes != steps));
}

harness! {
    #[stubs(products, refusals)]
    #[unwind(8)]
    t4_ranks(source) => ranks(source)
}
harness! {
    #[unwind(3)]
    t4_complete_rank1(source) => complete::<1>(source, 8)
}
harness! {
    #[unwind(4)]
    t4_complete_rank2(source) => complete::<2>(source, 4)
}
harness! {
    #[stubs(products, witnesses)]
    #[unwind(8)]
    t4_counts(source) => counts(source)
}
