//! T5: every unsafe read and write is in bounds and aligned, over a real allocation of symbolic
//! length.
//!
//! Kani checks each dereference against the allocation. The two multiplications are stubs, so the
//! shapes and strides are any at all.

use std::vec;

use super::Source;
use crate::{Layout, StridedView, StridedViewMut};

/// A length that an allocation of `T` may have.
fn allocatable<T>(source: &mut impl Source) -> usize {
    // Tests cannot allocate what a symbolic run can.
    let limit = if cfg!(kani) { (1 << 40) / size_of::<T>() } else { 64 };
    source.at_most(limit)
}

/// `get` reads an element of the buffer or nothing.
fn read<T: Copy + Default + PartialEq, const N: usize>(source: &mut impl Source) {
    let len = allocatable::<T>(source);
    let data = vec![T::default(); len];
    let (shape, strides) = (source.shape::<N>(), source.strides::<N>());
    // Checked for another buffer: the view has to see whether this one is long enough.
    let Ok(layout) = Layout::new(shape, strides, source.word(), source.word()) else { return };
    let Ok(view) = StridedView::new(&data, layout) else {
        cover!(source, true, "a buffer that is too short");
        assert!(layout.required_len() > len);
        return;
    };
    let index = source.shape::<N>();
    if let Some(element) = view.get(index) {
        cover!(source, true, "an element");
        assert!(*element == T::default());
    }
}

/// `get_mut` writes an element of the buffer or nothing.
fn write(source: &mut impl Source) {
    let len = allocatable::<u32>(source);
    let mut data = vec![0u32; len];
    let (shape, stride) = (source.shape::<1>(), source.stride());
    let Ok(layout) = Layout::new(shape, [stride], source.word(), source.word()) else { return };
    // Uniqueness is T7's business; one axis has it unless its stride is 0.
    assume!(source, shape[0] <= 1 || stride != 0);
    let Ok(mut view) = StridedViewMut::new(&mut data, layout) else {
        cover!(source, true, "a buffer that is too short");
        assert!(layout.required_len() > len);
        return;
    };
    let index = source.shape::<1>();
    if let Some(element) = view.get_mut(index) {
        cover!(source, true, "an element");
        *element = 7;
        assert!(*element == 7);
    }
}

/// A slice of a contiguous view, and the whole walk of a small one.
fn runs(source: &mut impl Source) {
    let len = source.bits(3);
    let data = vec![0u16; len];
    let shape = [source.bits(2), source.bits(2)];
    let strides = [source.signed_bits(3), source.signed_bits(3)];
    let Ok(layout) = Layout::new(shape, strides, source.bits(3), len) else { return };
    let Ok(view) = StridedView::new(&data, layout) else {
        panic!("a layout checked for this length");
    };
    let mut count = 0;
    for element in &view {
        assert!(*element == 0);
        count += 1;
    }
    assert!(count == layout.len());
    if let Some(slice) = view.as_slice() {
        cover!(source, slice.len() > 1, "a contiguous view");
        assert!(slice.len() == layout.len());
        assert!(slice.first().is_none_or(|element| *element == 0));
    }
    cover!(source, count > 3, "a walk over several rows");
}

harness! {
    #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
    #[kani::stub(crate::kernel::scale, crate::proofs::stubs::scale)]
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::view::too_short, crate::proofs::stubs::too_short)]
    #[kani::unwind(8)]
    t5_read_rank1(source) => read::<u32, 1>(source)
}
harness! {
    #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
    #[kani::stub(crate::kernel::scale, crate::proofs::stubs::scale)]
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::view::too_short, crate::proofs::stubs::too_short)]
    #[kani::unwind(8)]
    t5_read_rank2(source) => read::<u8, 2>(source)
}
harness! {
    #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
    #[kani::stub(crate::kernel::scale, crate::proofs::stubs::scale)]
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::view::too_short, crate::proofs::stubs::too_short)]
    #[kani::stub(crate::layout::require_unique, crate::proofs::stubs::require_unique)]
    #[kani::unwind(8)]
    t5_write_rank1(source) => write(source)
}
harness! {
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::unwind(11)]
    t5_runs(source) => runs(source)
}
