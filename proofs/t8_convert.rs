//! T8: byte form and element form agree wherever both apply.

use super::Source;
use crate::{Layout, check_bytes};

/// A view in bytes, small: accepted as elements exactly when it is accepted as bytes and every
/// number that is followed is a multiple of the itemsize, and then every index is at the same place.
fn convert(source: &mut impl Source, bits: u32) {
    let itemsize = source.bits(2);
    let shape = [source.bits(bits)];
    let strides = [source.signed_bits(bits)];
    let (offset, len) = (source.bits(bits), source.bits(bits));

    let bytes = check_bytes(&shape, &strides, offset, len, itemsize);
    let multiple = |bytes: usize| if itemsize == 0 { bytes == 0 } else { bytes % itemsize == 0 };
    let exact = multiple(offset) && (shape[0] <= 1 || multiple(strides[0].unsigned_abs()));
    match Layout::from_bytes(shape, strides, offset, len, itemsize) {
        Ok(layout) => {
            assert!(bytes.is_ok() && exact);
            let index = source.bits(bits);
            if let Some(address) = layout.address([index]) {
                cover!(source, index > 0 && itemsize > 1, "an element");
                let here = offset as i32 + index as i32 * strides[0] as i32;
                assert!(address as i32 * itemsize as i32 == here);
            }
        }
        Err(_) => {
            cover!(source, bytes.is_ok(), "bytes that are no elements");
            cover!(source, exact, "multiples that leave the buffer");
            assert!(bytes.is_err() || !exact);
        }
    }
}

harness! {
    #[stubs(errors)]
    #[unwind(3)]
    t8_convert(source) => convert(source, 4)
}
