//! T3: of an accepted view every valid index's address lies in the buffer, and nothing overflows
//! while it is computed.
//!
//! "Every index" is one symbolic index tuple. Here the whole of `decide`, `extent` and `address` runs
//! at full width, as compiled; Coq has any rank (`decide_correct`, `address_correct`).

use super::Source;
use crate::kernel::{self, address, decide};

/// Elements and bytes alike: `item` units at each address.
fn sound<const N: usize>(source: &mut impl Source, item: usize) {
    let shape = source.shape::<N>();
    let strides = source.strides::<N>();
    let (offset, len) = (source.word(), source.word());
    let Ok(extent) = decide(&shape, &strides, offset, len, item) else {
        cover!(source, true, "a refused view");
        return;
    };
    assert!(extent.required_len <= len);
    // The numbers alone say the same, without a second decision.
    assert!(kernel::extent(&shape, &strides, offset, item) == extent);
    let index = source.shape::<N>();
    let mut valid = true;
    let mut axis = 0;
    while axis < N {
        valid &= index[axis] < shape[axis];
        axis += 1;
    }
    let found = address(&shape, &strides, offset, &index);
    cover!(source, N == 0 || (found.is_none() && extent.count == 0), "an empty view");
    match found {
        Some(address) => {
            cover!(source, N == 0 || address != offset, "an element away from the offset");
            assert!(valid && extent.count > 0);
            assert!(len >= item && address <= len - item);
            assert!(extent.lowest <= address && address <= extent.highest);
        }
        None => assert!(!valid),
    }
}

harness! {
    #[unwind(3)]
    t3_sound_rank0(source) => sound::<0>(source, 1)
}
harness! {
    #[stubs(products, refusals)]
    #[unwind(8)]
    t3_sound_rank1(source) => {
        let item = Source::word(source);
        sound::<1>(source, item)
    }
}
harness! {
    #[stubs(products, refusals)]
    #[unwind(8)]
    t3_sound_rank2(source) => {
        let item = Source::word(source);
        sound::<2>(source, item)
    }
}
