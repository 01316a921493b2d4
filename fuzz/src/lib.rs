//! An `as_strided` without a check: what a checker's mistakes look like in memory.
//!
//! All that the targets share beyond the library's own generators and oracles, and the only place
//! of this project that dereferences an address nobody has checked.

use strideproof::fuzzing::{Element, Unchecked};

/// Reads wherever shape, strides and offset lead.
#[derive(Clone, Copy, Debug)]
pub struct Raw;

impl Unchecked for Raw {
    #[inline]
    fn read<T: Element>(
        &self,
        buffer: &[T],
        strides: &[isize],
        offset: usize,
        index: &[usize],
    ) -> T {
        // The arithmetic of C, which wraps.
        let address =
            strides.iter().zip(index).fold(offset.cast_signed(), |address, (&stride, &i)| {
                address.wrapping_add(stride.wrapping_mul(i.cast_signed()))
            });
        let element = buffer.as_ptr().wrapping_offset(address);
        // SAFETY: the element exists if the checker that accepted the request is right. When it is
        // not, this is the read outside of memory that AddressSanitizer is there to report.
        unsafe { element.read_volatile() }
    }

    #[cfg(address_sanitizer)]
    fn is_noticed<T: Element>(&self, buffer: &[T], address: isize) -> Option<bool> {
        unsafe extern "C" {
            fn __asan_region_is_poisoned(
                begin: *mut core::ffi::c_void,
                size: usize,
            ) -> *mut core::ffi::c_void;
        }
        let element = buffer.as_ptr().wrapping_offset(address);
        // SAFETY: the runtime looks at its own notes of the memory, not at the memory.
        let first = unsafe {
            __asan_region_is_poisoned(element.cast_mut().cast(), core::mem::size_of::<T>())
        };
        Some(!first.is_null())
    }

    #[cfg(not(address_sanitizer))]
    fn is_noticed<T: Element>(&self, _buffer: &[T], _address: isize) -> Option<bool> {
        None
    }
}
