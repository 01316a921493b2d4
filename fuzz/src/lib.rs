//! An `as_strided` without a check: what a checker's mistakes look like in memory.
//!
//! All that the targets share beyond `testkit/`, and the only place of this project that dereferences
//! an address without a check.

use strideproof_oracle::{Element, Unchecked};

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
    ) -> Option<T> {
        // The arithmetic of C, which wraps.
        let address =
            strides.iter().zip(index).fold(offset.cast_signed(), |address, (&stride, &i)| {
                address.wrapping_add(stride.wrapping_mul(i.cast_signed()))
            });
        let element = buffer.as_ptr().wrapping_offset(address);
        // SAFETY: the element exists if the checker that accepted the request is right. When it is
        // not, this is the read outside of memory that AddressSanitizer is there to report.
        Some(unsafe { element.read_volatile() })
    }

    #[cfg(address_sanitizer)]
    fn is_noticed<T: Element>(&self, buffer: &[T], address: isize) -> Option<bool> {
        let element = buffer.as_ptr().wrapping_offset(address);
        Some(asan::is_poisoned(element) || asan::is_unreadable(element))
    }

    #[cfg(not(address_sanitizer))]
    fn is_noticed<T: Element>(&self, _buffer: &[T], _address: isize) -> Option<bool> {
        None
    }
}

/// What the runtime and the system know of memory, without touching it.
#[cfg(address_sanitizer)]
mod asan {
    use core::ffi::{c_int, c_ulong, c_void};

    unsafe extern "C" {
        fn __asan_region_is_poisoned(begin: *mut c_void, size: usize) -> *mut c_void;
    }

    /// Whether AddressSanitizer reports a read of some byte of this value.
    pub(crate) fn is_poisoned<T>(value: *const T) -> bool {
        let begin = value.cast_mut().cast();
        // SAFETY: the runtime looks at its own notes of the memory, not at the memory.
        let first = unsafe { __asan_region_is_poisoned(begin, size_of::<T>()) };
        !first.is_null()
    }

    /// Whether a read of this value ends in a fault: behind the last block of the allocator's last
    /// page there is no red zone, but no memory either.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_unreadable<T>(value: *const T) -> bool {
        #[repr(C)]
        struct Range {
            begin: *mut c_void,
            len: usize,
        }
        unsafe extern "C" {
            safe fn getpid() -> c_int;
            fn process_vm_readv(
                process: c_int,
                to: *const Range,
                to_count: c_ulong,
                from: *const Range,
                from_count: c_ulong,
                flags: c_ulong,
            ) -> isize;
        }
        let len = size_of::<T>();
        let mut copy = vec![0u8; len];
        let to = Range { begin: copy.as_mut_ptr().cast(), len };
        let from = Range { begin: value.cast_mut().cast(), len };
        // SAFETY: the system writes `len` bytes at most, which `copy` has, and answers with an error
        // where there is nothing to read.
        let read = unsafe { process_vm_readv(getpid(), &to, 1, &from, 1, 0) };
        usize::try_from(read) != Ok(len)
    }

    /// Other systems have no such call: assume that the read would be reported.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn is_unreadable<T>(_value: *const T) -> bool {
        true
    }
}
