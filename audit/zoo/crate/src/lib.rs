//! Functions with a defect each, which the audit has to find, and sound ones, in which it must find
//! nothing. None of them has ever been in a crate.

use std::ptr;

/// Sums the first `count` bytes; lets one more than there are pass.
pub fn sum(buffer: &[u8], count: usize) -> u64 {
    assert!(count <= buffer.len() + 1);
    // Not sound: see the check.
    (0..count).map(|i| u64::from(unsafe { *buffer.as_ptr().add(i) })).sum()
}

/// Fills the first `count` elements; lets one more than there are pass.
pub fn fill(buffer: &mut [u32], count: usize) {
    assert!(count <= buffer.len() + 1);
    for i in 0..count {
        unsafe { buffer.as_mut_ptr().add(i).write(7) };
    }
}

/// Shifts to the left; the first element moves in front of the buffer.
pub fn shift(buffer: &mut [u64]) {
    for i in 0..buffer.len() {
        unsafe { buffer.as_mut_ptr().offset(i as isize - 1).write(buffer[i]) };
    }
}

/// Adds neighbours; the first one's is in front of the buffer.
pub fn neighbours(buffer: &[u64]) -> u64 {
    (0..buffer.len())
        .fold(0, |sum, i| sum.wrapping_add(unsafe { *buffer.as_ptr().offset(i as isize - 1) }))
}

/// Copies eight bytes at a time, and the tail as if it had eight.
pub fn copy_fast(from: &[u8], to: &mut [u8]) {
    assert_eq!(from.len(), to.len());
    for i in (0..from.len()).step_by(8) {
        unsafe { ptr::copy_nonoverlapping(from.as_ptr().add(i), to.as_mut_ptr().add(i), 8) };
    }
}

/// Sums rows through a scratch buffer that has no room for the padding.
pub fn sum_rows(buffer: &[u32], width: usize, height: usize, stride: usize) -> u64 {
    let mut scratch = vec![0u32; width * height];
    for y in 0..height {
        for x in 0..width {
            unsafe { scratch.as_mut_ptr().add(y * stride + x).write(buffer[y * stride + x]) };
        }
    }
    scratch.iter().map(|&value| u64::from(value)).sum()
}

/// Checks a product that wraps.
pub fn last(buffer: &[u16], width: usize, height: usize) -> u16 {
    assert!(width > 0 && height > 0 && width.wrapping_mul(height) <= buffer.len());
    let at = (width - 1).wrapping_add((height - 1).wrapping_mul(width));
    unsafe { *buffer.as_ptr().wrapping_add(at) }
}

/// Reads through `get_unchecked`, which builds with debug assertions check.
pub fn unchecked(buffer: &[u8], at: usize) -> u8 {
    unsafe { *buffer.get_unchecked(at) }
}

/// Writes behind a block that its alignment leaves room behind.
pub fn write_slack(value: u8) -> u8 {
    #[repr(align(64))]
    struct Wide(#[allow(dead_code)] [u8; 64]);
    let block = Box::new(Wide([value; 64]));
    let layout = std::alloc::Layout::from_size_align(8, 64).expect("a power of two");
    unsafe {
        let other = std::hint::black_box(std::alloc::alloc(layout));
        other.add(8 + usize::from(value % 8)).write(1);
        std::alloc::dealloc(other, layout);
    }
    block.0[0]
}

/// Reads a vector after it was freed.
pub fn first_after(values: Vec<u64>) -> u64 {
    let start = values.as_ptr();
    drop(values);
    unsafe { start.read_volatile() }
}

/// Frees a vector twice.
pub fn twice(values: Vec<u64>) -> usize {
    let other = unsafe { ptr::read(&values) };
    values.len() + other.len()
}

/// Frees a vector as one of another capacity.
pub fn resize(values: Vec<u32>) -> usize {
    let mut values = std::mem::ManuallyDrop::new(values);
    let smaller = values.capacity() / 2;
    drop(unsafe { Vec::from_raw_parts(values.as_mut_ptr(), 0, smaller) });
    smaller
}

/// Frees what was never allocated.
pub fn adopt(values: &mut [u64]) -> usize {
    let middle = values.len() / 2;
    drop(unsafe { Vec::from_raw_parts(values[middle..].as_mut_ptr(), 0, 1) });
    middle
}

/// Frees memory of the stack.
pub fn adopt_local(value: u64) -> u64 {
    let mut local = [value; 8];
    drop(unsafe { Vec::from_raw_parts(local.as_mut_ptr().add(4), 0, 1) });
    local[0]
}

/// Splits so that both halves have the middle.
pub fn halves<T>(values: &mut [T], middle: usize) -> (&mut [T], &mut [T]) {
    assert!(middle < values.len());
    let (start, len) = (values.as_mut_ptr(), values.len());
    unsafe {
        let first = std::slice::from_raw_parts_mut(start, middle + 1);
        (first, std::slice::from_raw_parts_mut(start.add(middle), len - middle))
    }
}

/// Takes an element out and leaves it where it was.
pub fn take<T>(values: &[T], at: usize) -> T {
    assert!(at < values.len());
    unsafe { ptr::read(&values[at]) }
}

/// Recurses without an end.
#[allow(unconditional_recursion)]
pub fn recurse(depth: u64) -> u64 {
    let local = std::hint::black_box([depth; 64]);
    recurse(depth + 1) + local[0]
}

/// Computes without an end, beyond some size.
pub fn spin(size: usize) {
    while std::hint::black_box(size) > 90 {}
}

/// Reads past a block of C's `malloc`, as C code does.
pub fn foreign(at: usize) -> u8 {
    unsafe extern "C" {
        fn malloc(size: usize) -> *mut u8;
        fn free(block: *mut u8);
    }
    unsafe {
        let block = malloc(8);
        block.write_bytes(1, 8);
        let byte = block.add(at).read_volatile();
        free(block);
        byte
    }
}

/// Views without a check, or with a wrong one.
pub mod strided {
    /// A shape, strides and an offset over a buffer.
    pub struct View<'a> {
        buffer: &'a mut [u32],
        shape: Vec<usize>,
        strides: Vec<isize>,
        offset: usize,
    }

    /// Which check a view gets.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub enum Check {
        /// The last corner only, so that a negative stride leaves at the start.
        LastCorner,
        /// Both corners, in arithmetic that wraps.
        Wrapping,
        /// None: reads clamp.
        Clamping,
        /// Exact.
        Exact,
    }

    impl<'a> View<'a> {
        /// The view, if the check passes.
        pub fn new(
            buffer: &'a mut [u32],
            (shape, strides, offset): (&[usize], &[isize], usize),
            check: Check,
        ) -> Option<Self> {
            let view = Self { shape: shape.to_vec(), strides: strides.to_vec(), offset, buffer };
            let len = view.buffer.len();
            if shape.contains(&0) {
                return (offset <= len).then_some(view);
            }
            let inside = |at: i128| (0..len as i128).contains(&at);
            let (mut low, mut last, mut high) = (offset as i128, offset as i128, offset as i128);
            let (mut wrapped_low, mut wrapped_high) = (offset as isize, offset as isize);
            for (&size, &stride) in shape.iter().zip(strides) {
                let reach = (size as i128 - 1).checked_mul(stride as i128)?;
                (low, last, high) = (low + reach.min(0), last + reach, high + reach.max(0));
                let reach = (size as isize).wrapping_sub(1).wrapping_mul(stride);
                wrapped_low = wrapped_low.wrapping_add(reach.min(0));
                wrapped_high = wrapped_high.wrapping_add(reach.max(0));
            }
            let passes = match check {
                Check::LastCorner => inside(last),
                Check::Wrapping => inside(wrapped_low as i128) && inside(wrapped_high as i128),
                Check::Clamping => len > 0,
                Check::Exact => inside(low) && inside(high),
            };
            passes.then_some(view)
        }

        /// Where an index lies.
        fn at(&self, index: &[usize]) -> isize {
            let terms = index.iter().zip(&self.strides);
            terms.fold(self.offset as isize, |at, (&i, &stride)| {
                at.wrapping_add((i as isize).wrapping_mul(stride))
            })
        }

        /// Reads without a check; the index is in bounds of the shape.
        pub fn get(&self, index: &[usize]) -> u32 {
            assert!(index.iter().zip(&self.shape).all(|(i, size)| i < size));
            unsafe { *self.buffer.as_ptr().wrapping_offset(self.at(index)) }
        }

        /// Reads the nearest element there is.
        pub fn get_clamped(&self, index: &[usize]) -> u32 {
            let last = self.buffer.len() - 1;
            self.buffer[usize::try_from(self.at(index)).unwrap_or(0).min(last)]
        }

        /// Writes without a check.
        pub fn set(&mut self, index: &[usize], value: u32) {
            assert!(index.iter().zip(&self.shape).all(|(i, size)| i < size));
            unsafe { *self.buffer.as_mut_ptr().wrapping_offset(self.at(index)) = value };
        }
    }
}
