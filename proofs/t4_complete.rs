//! T4: what is refused is refused for a reason. The witness is a valid index whose address is out
//! of range, or the count does not fit.

use super::Source;
use crate::kernel::{MAX_COUNT, Refusal, Side, decide, first_outside};

/// The witness along the axis that broke: there is one, and it is the first.
fn witness(source: &mut impl Source) {
    let (last, magnitude, room) = (source.word(), source.word(), source.word());
    let reach = last as u128 * magnitude as u128;
    assume!(source, reach > room as u128);
    let (index, excess) = first_outside(room, magnitude);
    cover!(source, index > 1 && index < last && excess > 1, "a witness inside the axis");
    assert!(1 <= index && index <= last);
    assert!(1 <= excess && excess <= magnitude);
    assert!(index as u128 * magnitude as u128 == room as u128 + excess as u128);
}

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
    let (offset, len) = (source.bits(bits), source.bits(bits));
    let Err(refusal) = decide(&shape, &strides, offset, len, 1) else {
        cover!(source, !empty, "an accepted view");
        return;
    };
    match refusal {
        Refusal::Rank => unreachable!(),
        // Only reached where sizes are large enough to fill `isize`, which `bits` rules out.
        Refusal::Count { .. } => unreachable!(),
        Refusal::EmptyOffset => {
            cover!(source, true, "an empty view past the end");
            assert!(empty && offset > len);
        }
        Refusal::Origin => {
            cover!(source, true, "an origin past the end");
            assert!(!empty && offset >= len);
        }
        Refusal::Leaves { axis, side, index, excess } => {
            cover!(source, side == Side::Below, "a view that leaves below");
            cover!(source, side == Side::Above, "a view that leaves above");
            assert!(!empty && axis < N);
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
                Side::Below => assert!(address < 0 && address == -(excess as i32)),
                Side::Above => {
                    assert!(address >= len as i32);
                    assert!(address == len as i32 - 1 + excess as i32);
                }
            }
        }
    }
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

/// One more axis of at least one index keeps a count that is too large too large: why an early
/// refusal needs no look at the axes after it.
fn count(source: &mut impl Source) {
    let (count, extent) = (source.word(), source.word());
    assume!(source, count > MAX_COUNT && extent >= 1);
    cover!(source, extent > 1, "a larger product");
    assert!(count as u128 * extent as u128 > MAX_COUNT as u128);
}

mod needs_proofs_solvers_on_path {
    use super::{count, witness};

    harness! {
        #[kani::solver(cvc5)]
        t4_witness(source) => witness(source)
    }
    harness! {
        #[kani::solver(cvc5)]
        t4_count_only_grows(source) => count(source)
    }
    #[cfg(kani)]
    #[kani::proof_for_contract(crate::kernel::first_outside)]
    #[kani::solver(cvc5)]
    fn t4_contract_first_outside() {
        crate::kernel::first_outside(kani::any(), kani::any());
    }
}
harness! {
    #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::unwind(8)]
    t4_ranks(source) => ranks(source)
}
harness! {
    #[kani::unwind(3)]
    t4_complete_rank1(source) => complete::<1>(source, 8)
}
harness! {
    #[kani::unwind(4)]
    t4_complete_rank2(source) => complete::<2>(source, 4)
}
