//! T5: every unsafe read and write is in bounds and aligned, over a real allocation of symbolic
//! length.
//!
//! Kani checks each dereference against the allocation. The two multiplications are stubs, so the
//! shapes and strides are any at all.

use std::vec;

use super::Source;
#[cfg(feature = "bytemuck")]
use crate::Bytes;
use crate::{Const, Layout, PerAxis, Rank, StridedView, StridedViewMut, View};

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

/// `get_mut` writes an element of the buffer or nothing. Uniqueness is T7's: one index is written.
fn write<const N: usize>(source: &mut impl Source) {
    let len = allocatable::<u32>(source);
    let mut data = vec![0u32; len];
    let (shape, strides) = (source.shape::<N>(), source.strides::<N>());
    let Ok(layout) = Layout::new(shape, strides, source.word(), source.word()) else { return };
    let Ok(mut view) = StridedViewMut::new(&mut data, layout) else {
        cover!(source, true, "a buffer that is too short, or an aliased layout");
        return;
    };
    let index = source.shape::<N>();
    if let Some(element) = view.get_mut(index) {
        cover!(source, true, "an element");
        *element = 7;
        assert!(*element == 7);
    }
}

/// The length of the small buffers, each of whose elements holds its own address.
const LEN: usize = 6;
const NUMBERED: [u8; LEN] = [0, 1, 2, 3, 4, 5];

/// The address of an index, by the definition. Plain arithmetic on small numbers.
fn by_definition(layout: &Layout<Const<2>>, index: [usize; 2]) -> u8 {
    let strides = layout.strides();
    let distance = index[0] as isize * strides[0] + index[1] as isize * strides[1];
    (layout.offset() as isize + distance) as u8
}

/// A layout of at most 3 by 3 elements in a small buffer.
fn small(source: &mut impl Source) -> Option<Layout<Const<2>>> {
    // Counted down, so that a tape of small words gives several rows and columns.
    let shape = [3 - source.bits(2), 3 - source.bits(2)];
    let strides = [source.signed_bits(2), source.signed_bits(2)];
    Layout::new(shape, strides, source.bits(3), LEN).ok()
}

/// Whether each index has an element of its own: of at most 3 by 3 elements, two on one element
/// differ by at most 2 on either axis.
fn is_unique(layout: &Layout<Const<2>>) -> bool {
    let (shape, strides) = (layout.shape(), layout.strides());
    let meet =
        |rows: usize, columns: usize, sum: isize| shape[0] > rows && shape[1] > columns && sum == 0;
    let [down, across] = *strides;
    layout.is_empty()
        || !(meet(1, 0, down)
            || meet(0, 1, across)
            || meet(1, 1, down + across)
            || meet(1, 1, down - across)
            || meet(2, 1, 2 * down + across)
            || meet(2, 1, 2 * down - across)
            || meet(1, 2, down + 2 * across)
            || meet(1, 2, down - 2 * across))
}

/// The whole walk of a small view, in row-major order, and the slice of a contiguous one.
fn runs(source: &mut impl Source) {
    let data = NUMBERED;
    let Some(layout) = small(source) else { return };
    let Ok(view) = StridedView::new(&data, layout) else {
        panic!("a layout checked for this length");
    };
    let (mut index, mut count) = ([0, 0], 0);
    for element in &view {
        assert!(*element == by_definition(&layout, index));
        index[1] += 1;
        if index[1] == layout.shape()[1] {
            index = [index[0] + 1, 0];
        }
        count += 1;
    }
    assert!(count == layout.len());
    if let Some(slice) = view.as_slice() {
        cover!(source, slice.len() > 1, "a contiguous view");
        assert!(slice.len() == layout.len());
        assert!(slice.first().is_none_or(|element| *element == layout.offset() as u8));
    }
    cover!(source, count > 3, "a walk over several rows");
}

/// A small mutable view of which each index has its own element.
macro_rules! small_mut {
    ($source:ident, $data:ident) => {{
        let Some(layout) = small($source) else { return };
        if !is_unique(&layout) {
            cover!($source, true, "an aliased layout");
            return;
        }
        cover!($source, layout.len() > 3, "several rows and columns");
        match StridedViewMut::new(&mut $data, layout) {
            Ok(view) => view,
            Err(_) => panic!("a layout checked for this length, and unique"),
        }
    }};
}

/// The walk for writing hands out each element once, in row-major order.
fn walk_for_writing(source: &mut impl Source) {
    let mut data = [0; LEN];
    let mut view = small_mut!(source, data);
    let mut given = 0;
    for element in view.iter_mut() {
        given += 1;
        *element = given;
    }
    let (index, columns) = ([source.bits(2), source.bits(2)], view.shape()[1]);
    if let Some(element) = view.get(index) {
        assert!(*element == (index[0] * columns + index[1] + 1) as u8);
    }
}

/// Writes to an element of one view and to one of another, and looks that both values stay.
fn write_both<D: Rank>(
    one: &mut View<&mut [u8], u8, D>,
    other: &mut View<&mut [u8], u8, D>,
    here: impl PerAxis<usize, Rank = D> + Copy,
    there: impl PerAxis<usize, Rank = D> + Copy,
) {
    if let Some(element) = one.get_mut(here) {
        *element = 1;
    }
    if let Some(element) = other.get_mut(there) {
        *element = 2;
    }
    assert!(one.get(here).is_none_or(|element| *element == 1));
}

/// The halves of a split view are both written to, and neither write touches the other half.
fn halves(source: &mut impl Source) {
    let mut data = [0; LEN];
    let view = small_mut!(source, data);
    let axis = source.bits(1);
    let cut = source.at_most(view.shape()[axis]);
    let Ok((mut head, mut tail)) = view.try_split_at(axis, cut) else {
        panic!("a cut within the axis");
    };
    assert!(head.shape()[axis] == cut);
    let (here, there) = ([source.bits(2), source.bits(2)], [source.bits(2), source.bits(2)]);
    write_both(&mut head, &mut tail, here, there);
}

/// Two lanes of a mutable view are both written to, and neither write touches the other lane.
fn lanes(source: &mut impl Source) {
    let mut data = [0; LEN];
    let view = small_mut!(source, data);
    let Ok(mut lanes) = view.try_lanes(source.bits(1)) else { panic!("an axis of the view") };
    let (Some(mut first), Some(mut last)) = (lanes.next(), lanes.next_back()) else { return };
    write_both(&mut first, &mut last, [source.bits(2)], [source.bits(2)]);
}

/// Two slices of one rank less of a mutable view are both written to.
fn slices(source: &mut impl Source) {
    let mut data = [0; LEN];
    let view = small_mut!(source, data);
    let Ok(mut slices) = view.try_axis_iter(source.bits(1)) else { panic!("an axis of the view") };
    let (Some(mut first), Some(mut last)) = (slices.next(), slices.next_back()) else { return };
    write_both(&mut first, &mut last, [source.bits(2)], [source.bits(2)]);
}

/// The same bytes as items of another size: each is read where the definition puts it, and what is
/// written is read back, while a second item keeps its value.
#[cfg(feature = "bytemuck")]
fn recast(source: &mut impl Source) {
    let mut data = [[1u8, 2]; 3];
    let stride = source.signed_bits(2);
    let layout = Layout::new([source.bits(2)], [stride], source.bits(2), data.len());
    let Ok(layout) = layout else { return };
    assume!(source, layout.len() <= 1 || stride != 0);
    let Ok(view) = StridedViewMut::new(&mut data, layout) else { return };
    let Ok(mut bytes) = view.try_reinterpret::<u8>() else {
        cover!(source, true, "elements that do not lie side by side");
        assert!(layout.len() > 1 && stride != 1);
        return;
    };
    assert!(bytes.len() == 2 * layout.len());
    let (one, other) = (source.bits(3), source.bits(3));
    let Some(element) = bytes.get_mut([one]) else { return };
    assert!(*element == 1 + (one % 2) as u8);
    *element = 7;
    cover!(source, one != other && bytes.get([other]).is_some(), "two items");
    let expected = if one == other { 7 } else { 1 + (other % 2) as u8 };
    assert!(bytes.get([other]).is_none_or(|element| *element == expected));
}

/// Strides in bytes that are no multiples of the element's size.
#[cfg(feature = "bytemuck")]
fn in_bytes(source: &mut impl Source) {
    let data = NUMBERED;
    let Some(layout) = small(source) else { return };
    let Ok(view) = View::<&[[u8; 2]], _, _, Bytes>::new(&data, layout) else {
        cover!(source, !layout.is_empty(), "an item that begins in the buffer and leaves it");
        assert!(layout.required_len() >= LEN);
        return;
    };
    let index = [source.bits(2), source.bits(2)];
    if let Some([one, other]) = view.get(index) {
        let address = by_definition(&layout, index);
        cover!(source, address % 2 == 1, "an item at an odd byte");
        assert!(*one == address && *other == address + 1);
    }
}

harness! {
    #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
    #[kani::stub(crate::kernel::scale, crate::proofs::stubs::scale)]
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::layout::too_short, crate::proofs::stubs::too_short)]
    #[kani::unwind(8)]
    t5_read_rank1(source) => read::<u32, 1>(source)
}
harness! {
    #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
    #[kani::stub(crate::kernel::scale, crate::proofs::stubs::scale)]
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::layout::too_short, crate::proofs::stubs::too_short)]
    #[kani::unwind(8)]
    t5_read_rank2(source) => read::<u8, 2>(source)
}
harness! {
    #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
    #[kani::stub(crate::kernel::scale, crate::proofs::stubs::scale)]
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::layout::too_short, crate::proofs::stubs::too_short)]
    #[kani::stub(crate::layout::require_unique, crate::proofs::stubs::require_unique)]
    #[kani::unwind(8)]
    t5_write_rank1(source) => write::<1>(source)
}
harness! {
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::layout::too_short, crate::proofs::stubs::too_short)]
    #[kani::unwind(11)]
    t5_runs(source) => runs(source)
}
harness! {
    #[kani::stub(crate::kernel::reserve, crate::proofs::stubs::reserve)]
    #[kani::stub(crate::kernel::scale, crate::proofs::stubs::scale)]
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::layout::too_short, crate::proofs::stubs::too_short)]
    #[kani::stub(crate::layout::require_unique, crate::proofs::stubs::require_unique)]
    #[kani::unwind(8)]
    t5_write_rank2(source) => write::<2>(source)
}
harness! {
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::layout::require_unique, crate::proofs::stubs::require_unique)]
    #[kani::stub(crate::layout::too_short, crate::proofs::stubs::too_short)]
    #[kani::unwind(11)]
    t5_walk_for_writing(source) => walk_for_writing(source)
}
harness! {
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::layout::require_unique, crate::proofs::stubs::require_unique)]
    #[kani::stub(crate::layout::too_short, crate::proofs::stubs::too_short)]
    #[kani::unwind(4)]
    t5_halves(source) => halves(source)
}
harness! {
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::layout::require_unique, crate::proofs::stubs::require_unique)]
    #[kani::stub(crate::layout::too_short, crate::proofs::stubs::too_short)]
    #[kani::unwind(4)]
    t5_lanes(source) => lanes(source)
}
harness! {
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::layout::require_unique, crate::proofs::stubs::require_unique)]
    #[kani::stub(crate::layout::too_short, crate::proofs::stubs::too_short)]
    #[kani::unwind(4)]
    t5_slices(source) => slices(source)
}
#[cfg(feature = "bytemuck")]
harness! {
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::layout::require_unique, crate::proofs::stubs::require_unique)]
    #[kani::stub(crate::layout::too_short, crate::proofs::stubs::too_short)]
    #[kani::unwind(4)]
    t5_recast(source) => recast(source)
}
#[cfg(feature = "bytemuck")]
harness! {
    #[kani::stub(crate::kernel::refuse, crate::proofs::stubs::refuse)]
    #[kani::stub(crate::kernel::refuse_origin, crate::proofs::stubs::refuse_origin)]
    #[kani::stub(crate::kernel::overfull_axis, crate::proofs::stubs::overfull_axis)]
    #[kani::stub(crate::error::describe, crate::proofs::stubs::describe)]
    #[kani::stub(crate::layout::too_short, crate::proofs::stubs::too_short)]
    #[kani::unwind(4)]
    t5_in_bytes(source) => in_bytes(source)
}
