//! imgref 1.12.0 with a constructor that checks the length of the buffer.

use std::ops::Deref;

/// The constructor; what it returns is imgref's own `Img`.
pub struct Img;

impl Img {
    /// Panics unless there is a row and every pixel lies in the buffer.
    pub fn new_stride<T, B>(buffer: B, width: usize, height: usize, stride: usize) -> imgref::Img<B>
    where
        B: Deref<Target = [T]>,
    {
        let rows = isize::try_from(stride).expect("a stride of a buffer that exists");
        if let Err(error) = strideproof::Layout::new([height, width], [rows, 1], 0, buffer.len()) {
            panic!("{error}");
        }
        assert!(height > 0, "the iterators of this version need a row");
        imgref::Img::new_stride(buffer, width, height, stride)
    }
}
