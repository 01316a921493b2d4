//! T5: every unsafe read and write is in bounds and aligned, and of the right element.
//!
//! Kani checks each dereference against the allocation. Where an allocation has any length, so have
//! shape and strides, and the two multiplications are stubs. Where the elements are numbered, the
//! layout is small and the products are real.

use std::vec;

use super::Source;
use crate::view::Meeting;
#[cfg(feature = "bytemuck")]
use crate::{Bytes, View};
use crate::{Const, Layout, StridedView, StridedViewMut};

/// A length that an allocation of `T` may have.
fn allocatable<T>(source: &mut impl Source) -> usize {
    // Tests cannot allocate what a symbolic run can.
    let limit = if cfg!(kani) { (1 << 40) / size_of::<T>() } else { 64 };
    source.at_most(limit)
}

/// `get` reads an element of the buffer or nothing, of a layout that was checked for another.
fn read<T: Copy + Default + PartialEq, const N: usize>(source: &mut impl Source) {
    let len = allocatable::<T>(source);
    let data = vec![T::default(); len];
    let (shape, strides) = (source.shape::<N>(), source.strides::<N>());
    let Ok(layout) = Layout::new(shape, strides, source.word(), source.word()) else { return };
    let Ok(view) = StridedView::new(&data, layout) else { return };
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
    let Ok(mut view) = StridedViewMut::new(&mut data, layout) else { return };
    let index = source.shape::<N>();
    if let Some(element) = view.get_mut(index) {
        cover!(source, true, "an element");
        *element = 7;
        assert!(*element == 7);
    }
}

/// The length of the small buffers, each of whose elements holds its own address.
const LEN: usize = 7;
const NUMBERED: [u8; LEN] = [0, 1, 2, 3, 4, 5, 6];

/// A layout of two rows and three columns in a small buffer.
fn small(source: &mut impl Source) -> Option<Layout<Const<2>>> {
    let strides = [source.signed_bits(2), source.signed_bits(2)];
    Layout::new([2, 3], strides, source.bits(3), LEN).ok()
}

/// The address of an index of a small layout, by the definition, in numbers that are small enough.
fn by_definition(layout: &Layout<Const<2>>, index: [usize; 2]) -> u8 {
    let [down, across] = layout.strides().map(|stride| stride as i8);
    let (row, column) = (index[0] as i8, index[1] as i8);
    (layout.offset() as i8 + row * down + column * across) as u8
}

/// Whether each index of two rows and three columns has an element of its own.
fn is_unique(layout: &Layout<Const<2>>) -> bool {
    let [down, across] = *layout.strides();
    let (down, across) = (down.unsigned_abs(), across.unsigned_abs());
    down != 0 && across != 0 && down != across && down != 2 * across
}

/// A small mutable view of which each index has an element of its own.
macro_rules! small_mut {
    ($source:ident, $data:ident) => {{
        let Some(layout) = small($source) else { return };
        assume!($source, is_unique(&layout));
        let Ok(view) = StridedViewMut::new(&mut $data, layout) else { return };
        view
    }};
}

/// An index of two rows and three columns.
fn index(source: &mut impl Source) -> [usize; 2] {
    [source.at_most(1), source.at_most(2)]
}

/// Strides of two rows and three columns: in one run, forwards and backwards; with gaps; by columns;
/// interleaved; repeated. Single numbers, not symbols: the length of a run depends on the strides, and
/// loops of symbolic length multiply.
const STRIDES: [[isize; 2]; 7] = [[3, 1], [-3, -1], [3, 2], [1, 2], [2, -3], [0, 1], [1, 0]];

/// Calls a function on each layout of two rows and three columns with these strides.
fn each_small(mut check: impl FnMut(&Layout<Const<2>>)) {
    let mut pair = 0;
    while pair < STRIDES.len() {
        check(&lowest(STRIDES[pair]));
        pair += 1;
    }
}

/// How many elements two rows and three columns with strides within 3 take at most.
const PLACES: usize = 10;
const PLACED: [u8; PLACES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

fn lowest([down, across]: [isize; 2]) -> Layout<Const<2>> {
    let offset = if down < 0 { down.unsigned_abs() } else { 0 }
        + if across < 0 { 2 * across.unsigned_abs() } else { 0 };
    let Ok(layout) = Layout::new([2, 3], [down, across], offset, PLACES) else {
        panic!("a layout that fits");
    };
    layout
}

/// The same as views, each with the element that the definition puts under an index.
fn each_placed(wanted: [usize; 2], mut check: impl FnMut(StridedView<'_, u8, 2>, u8)) {
    each_small(|layout| {
        let Ok(view) = StridedView::new(&PLACED, *layout) else {
            panic!("a buffer that is enough")
        };
        check(view, by_definition(layout, wanted));
    });
}

/// `get` reads the right element, the walk gives all of them in row-major order.
fn walk(source: &mut impl Source) {
    let wanted = index(source);
    cover!(source, wanted[0] == 1 && wanted[1] == 2, "the last element");
    each_placed(wanted, |view, expected| {
        assert!(view.get(wanted).is_some_and(|element| *element == expected));
        let mut elements = view.iter();
        let mut at = 0;
        while at < 6 {
            let element = elements.next();
            assert!(at != 3 * wanted[0] + wanted[1] || element == Some(&expected));
            at += 1;
        }
        assert!(elements.next().is_none());
    });
}

/// `fold`, on which `for_each`, `sum` and the rest stand, from the middle of a row on.
fn fold(source: &mut impl Source) {
    let wanted = index(source);
    cover!(source, wanted[0] == 1 && wanted[1] == 2, "the last element");
    each_placed(wanted, |view, expected| {
        let mut elements = view.iter();
        elements.next();
        let count = elements.fold(1, |at, element| {
            assert!(at != 3 * wanted[0] + wanted[1] || *element == expected);
            at + 1
        });
        assert!(count == 6);
    });
}

/// The walk from both ends meets in the middle: the first element and the second from the front, the
/// others from the back.
fn ends(source: &mut impl Source) {
    let wanted = index(source);
    cover!(source, wanted[0] == 1 && wanted[1] == 2, "the last element");
    let position = 3 * wanted[0] + wanted[1];
    each_placed(wanted, |view, expected| {
        let mut elements = view.iter();
        let mut at = 0;
        while at < 2 {
            let element = elements.next();
            assert!(at != position || element == Some(&expected));
            at += 1;
        }
        at = 6;
        while at > 2 {
            at -= 1;
            let element = elements.next_back();
            assert!(at != position || element == Some(&expected));
        }
        assert!(elements.next_back().is_none());
    });
}

/// The runs of a view are its elements in row-major order, as slices where they lie side by side.
fn runs(source: &mut impl Source) {
    let wanted = index(source);
    cover!(source, wanted[0] == 1 && wanted[1] == 2, "the last element");
    each_placed(wanted, |view, expected| {
        let position = 3 * wanted[0] + wanted[1];
        let mut at = 0;
        let are_neighbours = view.strides()[1] == 1;
        view.for_each_run(|mut run| {
            assert!(!are_neighbours || run.as_slice().is_some());
            if let Some(slice) = run.as_slice() {
                if let Some(place) = position.checked_sub(at) {
                    assert!(place >= slice.len() || slice[place] == expected);
                }
                at += slice.len();
                return;
            }
            let mut left = run.len();
            while left > 0 {
                left -= 1;
                let element = run.next();
                assert!(at != position || element == Some(&expected));
                at += 1;
            }
            assert!(run.next().is_none());
        });
        assert!(at == 6);
    });
}

/// The slice of a contiguous view.
fn slice(source: &mut impl Source) {
    let data = NUMBERED;
    let Some(layout) = small(source) else { return };
    let Ok(view) = StridedView::new(&data, layout) else { return };
    let [row, column] = index(source);
    if let Some(slice) = view.as_slice() {
        cover!(source, layout.offset() > 0, "a contiguous view");
        assert!(slice.len() == 6);
        let address = by_definition(&layout, [row, column]);
        assert!(slice[3 * row + column] == address);
    }
}

/// The walk for writing hands out each element once, in row-major order.
fn walk_for_writing(source: &mut impl Source) {
    let wanted = index(source);
    cover!(source, wanted[0] == 1 && wanted[1] == 2, "the last element");
    each_small(|layout| {
        if !is_unique(layout) {
            return;
        }
        let mut data = [0; PLACES];
        let Ok(mut view) = StridedViewMut::new(&mut data, *layout) else {
            panic!("a unique layout")
        };
        let mut elements = view.iter_mut();
        let mut given = 0;
        while given < 6 {
            given += 1;
            if let Some(element) = elements.next() {
                *element = given;
            }
        }
        assert!(elements.next().is_none());
        let expected = (3 * wanted[0] + wanted[1] + 1) as u8;
        assert!(view.get(wanted).is_some_and(|element| *element == expected));
    });
}

/// Two elements are exchanged, and no other is written.
fn swapped(source: &mut impl Source) {
    let mut data = NUMBERED;
    let mut view = small_mut!(source, data);
    let layout = *view.layout();
    let (one, other) = (index(source), index(source));
    view.swap(one, other);
    let (one, other) = (by_definition(&layout, one), by_definition(&layout, other));
    cover!(source, one != other, "two elements");
    let place = source.at_most(LEN - 1) as u8;
    let expected = match place {
        place if place == one => other,
        place if place == other => one,
        place => place,
    };
    assert!(data[usize::from(place)] == expected);
}

struct Copying;

impl Meeting<u8, u8> for Copying {
    fn each(&mut self, to: &mut u8, from: &u8) {
        *to = *from;
    }

    fn slices(&mut self, to: &mut [u8], from: &[u8]) {
        to.copy_from_slice(from);
    }
}

/// A copy writes each element of the target with the element of the source under the same index: in
/// one piece, by rows, by columns, backwards, from repeated elements.
fn copy(source: &mut impl Source, to: [isize; 2]) {
    let to = lowest(to);
    let wanted = index(source);
    cover!(source, wanted[0] == 1 && wanted[1] == 2, "the last element");
    let mut pair = 0;
    while pair < 6 {
        let from = lowest([[3, 1], [2, 1], [0, 1], [1, -2], [3, -1], [2, 2]][pair]);
        pair += 1;
        let mut target = [PLACES as u8; PLACES];
        let Ok(from_view) = StridedView::new(&PLACED, from) else {
            panic!("a buffer that is enough")
        };
        let Ok(mut view) = StridedViewMut::new(&mut target, to) else { panic!("a unique layout") };
        assert!(view.meet(&from_view, &mut Copying).is_ok());
        let expected = by_definition(&from, wanted);
        assert!(view.get(wanted).is_some_and(|element| *element == expected));
        let written = target.iter().filter(|element| usize::from(**element) < PLACES).count();
        assert!(written == 6);
    }
}

/// The most elements of a crossing.
const CROSSED: usize = 45;

/// A copy from columns to rows, which goes by blocks, writes each element of the target with the element
/// of the source under the same index.
fn crossing(source: &mut impl Source, shape: [usize; 2]) {
    let [rows, columns] = shape;
    let (row, column) = (source.at_most(rows - 1), source.at_most(columns - 1));
    cover!(source, row + 1 == rows && column + 1 == columns, "the last element");
    let mut numbers = [0; CROSSED];
    let mut at = 0;
    while at < CROSSED {
        numbers[at] = at as u8;
        at += 1;
    }
    let mut target = [CROSSED as u8; CROSSED];
    let (Ok(to), Ok(from)) = (
        Layout::new(shape, [columns.cast_signed(), 1], 0, CROSSED),
        Layout::new(shape, [1, rows.cast_signed()], 0, CROSSED),
    ) else {
        panic!("layouts that fit")
    };
    let (Ok(mut to), Ok(from)) =
        (StridedViewMut::new(&mut target, to), StridedView::new(&numbers, from))
    else {
        panic!("buffers that are enough")
    };
    assert!(to.meet(&from, &mut Copying).is_ok());
    assert!(usize::from(target[row * columns + column]) == column * rows + row);
    let other = source.at_most(CROSSED - 1);
    assert!(other < rows * columns || usize::from(target[other]) == CROSSED);
}

/// Writes to an element of one view and to one of another, and looks that both values stay.
macro_rules! write_both {
    ($source:ident, $one:ident[$here:expr], $other:ident[$there:expr]) => {{
        let (here, there) = ($here, $there);
        let first = $one.get_mut(here);
        let second = $other.get_mut(there);
        cover!($source, first.is_some() && second.is_some(), "two elements");
        if let (Some(first), Some(second)) = (first, second) {
            *first = 1;
            *second = 2;
            assert!(*first == 1);
        }
    }};
}

/// The halves of a split view are both written to, and neither write touches the other half. Cut in
/// the middle: T6 has any cut.
fn halves(source: &mut impl Source) {
    let mut data = [0; LEN];
    let stride = source.signed_bits(2);
    assume!(source, stride != 0);
    let Ok(layout) = Layout::new([4], [stride], source.bits(3), LEN) else { return };
    let Ok(view) = StridedViewMut::new(&mut data, layout) else { return };
    let Ok((mut head, mut tail)) = view.try_split_at(0, 2) else {
        panic!("a cut within the axis");
    };
    assert!(head.shape()[0] == 2 && tail.shape()[0] == 2);
    write_both!(source, head[[source.at_most(2)]], tail[[source.at_most(2)]]);
}

/// Two lanes of a mutable view are both written to, and neither write touches the other lane.
fn lanes(source: &mut impl Source) {
    let mut data = [0; LEN];
    let view = small_mut!(source, data);
    let Ok(mut lanes) = view.try_lanes(1) else { panic!("an axis of the view") };
    let (Some(mut first), Some(mut last)) = (lanes.next(), lanes.next_back()) else {
        panic!("two rows");
    };
    write_both!(source, first[[source.at_most(2)]], last[[source.at_most(2)]]);
}

/// Two slices of one rank less of a mutable view are both written to.
fn slices(source: &mut impl Source) {
    let mut data = [0; LEN];
    let view = small_mut!(source, data);
    let Ok(mut slices) = view.try_axis_iter(1) else { panic!("an axis of the view") };
    let (Some(mut first), Some(mut last)) = (slices.next(), slices.next_back()) else {
        panic!("three columns");
    };
    write_both!(source, first[[source.at_most(1)]], last[[source.at_most(1)]]);
}

/// The same bytes as items of another size: each is read where the definition puts it, and what is
/// written is read back.
#[cfg(feature = "bytemuck")]
fn recast(source: &mut impl Source) {
    let mut data = [[0u8, 1], [2, 3], [4, 5], [6, 7], [8, 9]];
    let (down, across) = (source.signed_bits(2), 1 + source.bits(1).cast_signed());
    let offset = source.bits(2);
    let Ok(layout) = Layout::new([2, 2], [down, across], offset, data.len()) else { return };
    assume!(source, down != 0 && down.unsigned_abs() != across.unsigned_abs());
    let Ok(view) = StridedViewMut::new(&mut data, layout) else { return };
    let Ok(mut bytes) = view.try_reinterpret::<u8>() else {
        cover!(source, true, "elements that do not lie side by side");
        assert!(across != 1);
        return;
    };
    assert!(across == 1 && bytes.shape()[0] == 2 && bytes.shape()[1] == 4);
    let (row, at) = (source.bits(1), source.at_most(3));
    let Some(element) = bytes.get_mut([row, at]) else { panic!("a byte of the view") };
    cover!(source, down < 0 && row == 1, "a byte below the offset");
    let address = 2 * (offset as i8 + row as i8 * down as i8) + at as i8;
    assert!(*element == address as u8);
    *element = 10;
    assert!(*element == 10);
}

/// Strides in bytes that are no multiples of the element's size.
#[cfg(feature = "bytemuck")]
fn in_bytes(source: &mut impl Source) {
    let data = NUMBERED;
    let Some(layout) = small(source) else { return };
    let Ok(view) = View::<&[[u8; 2]], _, _, Bytes>::new(&data, layout) else { return };
    let index = index(source);
    if let Some([one, other]) = view.get(index) {
        let address = by_definition(&layout, index);
        cover!(source, address % 2 == 1, "an item at an odd byte");
        assert!(*one == address && *other == address + 1);
    }
}

/// One byte of each pair, in place: it is read where the definition puts it, and written.
#[cfg(feature = "bytemuck")]
fn field(source: &mut impl Source) {
    let mut data = [[0u8, 1], [2, 3], [4, 5], [6, 7], [8, 9]];
    let (down, across) = (source.signed_bits(2), source.signed_bits(1));
    let Ok(layout) = Layout::new([2, 2], [down, across], source.bits(2), data.len()) else {
        return;
    };
    assume!(source, down != 0 && across != 0 && down.unsigned_abs() != across.unsigned_abs());
    let Ok(view) = StridedViewMut::new(&mut data, layout) else { return };
    let at = source.bits(2);
    let Ok(mut bytes) = view.try_field::<u8>(at) else {
        assert!(at > 1);
        return;
    };
    assert!(at <= 1);
    let (row, column) = (source.bits(1), source.bits(1));
    let Some(element) = bytes.get_mut([row, column]) else { panic!("an element of the view") };
    cover!(source, down < 0 && row == 1 && at == 1, "the second byte below the offset");
    let pair = layout.offset() as i8 + row as i8 * down as i8 + column as i8 * across as i8;
    assert!(*element == 2 * pair as u8 + at as u8);
    *element = 10;
    assert!(*element == 10);
}

harness! {
    #[stubs(products, accepted)]
    #[unwind(8)]
    t5_read_rank1(source) => read::<u32, 1>(source)
}
harness! {
    #[stubs(products, accepted)]
    #[unwind(8)]
    t5_read_rank2(source) => read::<u8, 2>(source)
}
harness! {
    #[stubs(products, accepted, uniqueness)]
    #[unwind(8)]
    t5_write_rank2(source) => write::<2>(source)
}
harness! {
    #[stubs(accepted)]
    #[unwind(9)]
    t5_walk(source) => walk(source)
}
harness! {
    #[stubs(accepted)]
    #[unwind(9)]
    t5_fold(source) => fold(source)
}
harness! {
    #[stubs(accepted)]
    #[unwind(9)]
    t5_runs(source) => runs(source)
}
harness! {
    #[stubs(accepted)]
    #[unwind(4)]
    t5_slice(source) => slice(source)
}
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(9)]
    t5_walk_for_writing(source) => walk_for_writing(source)
}
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(9)]
    t5_swap(source) => swapped(source)
}
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(11)]
    t5_copy(source) => copy(source, [3, 1])
}
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(11)]
    t5_copy_across(source) => copy(source, [1, 2])
}
harness! {
    #[stubs(accepted)]
    #[unwind(8)]
    t5_ends(source) => ends(source)
}
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(46)]
    t5_crossing_by_four(source) => crossing(source, [9, 5])
}
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(46)]
    t5_crossing_to_pixels(source) => crossing(source, [15, 3])
}
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(46)]
    t5_crossing_to_planes(source) => crossing(source, [3, 9])
}
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(3)]
    t5_halves(source) => halves(source)
}
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(4)]
    t5_lanes(source) => lanes(source)
}
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(4)]
    t5_slices(source) => slices(source)
}
#[cfg(feature = "bytemuck")]
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(4)]
    t5_recast(source) => recast(source)
}
#[cfg(feature = "bytemuck")]
harness! {
    #[stubs(accepted)]
    #[unwind(4)]
    t5_in_bytes(source) => in_bytes(source)
}
#[cfg(feature = "bytemuck")]
harness! {
    #[stubs(accepted, uniqueness)]
    #[unwind(4)]
    t5_field(source) => field(source)
}
