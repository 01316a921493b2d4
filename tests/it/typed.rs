//! Typed views over bytes, by example. The fuzz target `bytes` compares them with the bytes themselves.
#![cfg(feature = "bytemuck")]

use bytemuck::{Pod, Zeroable};
use strideproof::{
    Bytes, Error, Layout, StridedView, StridedViewMut, View, as_strided, as_strided_mut,
};

/// An odd size and no alignment.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Pixel([u8; 3]);

/// 1024 bytes, the first at an address that is a multiple of 16, each byte telling where it is.
fn bytes() -> Vec<u128> {
    (0..64).map(|n| u128::from_le_bytes(std::array::from_fn(|k| tell(16 * n + k)))).collect()
}

fn tell(at: usize) -> u8 {
    u8::try_from(at * 7 % 251).unwrap()
}

#[test]
fn items_of_no_bytes_are_refused_where_there_are_any() {
    assert!(StridedView::<(), 1>::from_bytes(&[1, 2], [2], [1], 0).is_err());
    assert!(StridedView::<(), 1>::from_bytes(&[1, 2], [0], [1], 2).unwrap().is_empty());
    // As a layout, one place may hold any number of them.
    let layout = Layout::from_bytes([5], [0], 0, 0, 0).unwrap();
    assert_eq!((layout.len(), layout.required_len()), (5, 1));
}

#[test]
fn items_that_are_no_whole_number_of_items_apart_are_views_that_count_bytes() {
    let mut storage = bytes();
    let whole: &mut [u8] = bytemuck::cast_slice_mut(&mut storage);
    // Rows of two pixels, padded to 8 bytes.
    let layout = Layout::new([2, 2], [8, 3], 1, 1024).unwrap();
    let view = View::<&[Pixel], _, _, Bytes>::new(whole, layout).unwrap();
    assert_eq!(view[[1, 1]], Pixel([tell(12), tell(13), tell(14)]));
    assert!(StridedView::<Pixel, 2>::from_bytes(whole, [2, 2], [8, 3], 1).is_err());
    let mut view = View::<&mut [Pixel], _, _, Bytes>::new(whole, layout).unwrap();
    view[[1, 0]] = Pixel([1, 2, 3]);
    assert_eq!(whole[9..12], [1, 2, 3]);
    assert_eq!(whole[12], tell(12));
    // Of items of three bytes that are two bytes apart, neighbours share one.
    let layout = Layout::new([2], [2], 0, 1024).unwrap();
    assert!(View::<&[Pixel], _, _, Bytes>::new(whole, layout).is_ok());
    let refused = View::<&mut [Pixel], _, _, Bytes>::new(whole, layout).map(|_| ());
    assert!(matches!(refused, Err(Error::Aliased { .. })));
    // The last item has to end in the buffer.
    let last = Layout::new([2], [1021], 0, 1024).unwrap();
    assert!(View::<&[Pixel], _, _, Bytes>::new(&whole[..1023], last).is_err());
    assert!(View::<&[Pixel], _, _, Bytes>::new(whole, last).is_ok());
}

/// Ten bytes without padding: a field that is aligned in each element, and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Record {
    number: u16,
    pixels: [Pixel; 2],
    flags: [u8; 2],
}

#[test]
fn a_field_lies_where_its_element_does() {
    let mut records = [Record::zeroed(); 12];
    let start = records.as_ptr().addr();
    let mut seen = 0;
    for (down, across, offset) in (-5..6)
        .flat_map(|down| (-5..6).flat_map(move |across| (0..12).map(move |at| (down, across, at))))
    {
        let Ok(layout) = Layout::new([3, 2], [down, across], offset, 12) else { continue };
        let view = StridedView::new(&records, layout).unwrap();
        // Every position in and around the element; items of 1, 2 and 3 bytes.
        for at in 0..13 {
            let bytes = view.try_field::<u8>(at);
            assert_eq!(bytes.is_ok(), at < 10, "{at}");
            let pixels = view.try_field::<Pixel>(at);
            assert_eq!(pixels.is_ok(), at + 3 <= 10, "{at}");
            let numbers = view.try_field::<u16>(at);
            assert_eq!(numbers.is_ok(), at % 2 == 0 && at + 2 <= 10, "{at}");
            let Ok(bytes) = bytes else { continue };
            assert_eq!(bytes.strides(), &[10 * down, 10 * across]);
            let place = |index: [usize; 2]| std::ptr::from_ref(&view[index]).addr() + at;
            for (index, byte) in bytes.indexed_iter() {
                assert_eq!(std::ptr::from_ref(byte).addr(), place(index));
            }
            for (index, pixel) in pixels.iter().flat_map(|pixels| pixels.indexed_iter()) {
                assert_eq!(std::ptr::from_ref(pixel).addr(), place(index));
                // A field of a field.
                let last = pixels.unwrap().field::<u8>(2);
                assert_eq!(std::ptr::from_ref(&last[index]).addr(), place(index) + 2);
            }
            seen += 1;
        }
        let expected: Vec<usize> =
            view.iter().map(|record| std::ptr::from_ref(record).addr() - start).collect();
        let Ok(view) = StridedViewMut::new(&mut records, layout) else { continue };
        view.field::<[u8; 2]>(8).fill([1, 2]);
        for (at, record) in records.iter().enumerate() {
            let flags = if expected.contains(&(10 * at)) { [1, 2] } else { [0; 2] };
            assert_eq!(*record, Record { flags, ..Record::zeroed() });
        }
        records = [Record::zeroed(); 12];
    }
    assert!(seen > 500, "{seen} fields");
}

#[test]
fn a_field_that_is_none_is_refused_with_the_byte_where_it_ends() {
    let mut records = [Record::zeroed(); 2];
    let view = as_strided(&records, [2], None, 0).unwrap();
    let error = view.try_field::<[u8; 4]>(7).unwrap_err();
    let message =
        "index [] takes 4 bytes from byte 7, past the end of 10 bytes; the view needs 11 bytes";
    assert_eq!((error.to_string(), error.code().as_str()), (message.into(), "SP003"));
    assert!(matches!(view.try_field::<u8>(usize::MAX), Err(Error::PastEnd { .. })));
    let error = view.try_field::<u16>(3).unwrap_err();
    assert_eq!(error, Error::Misaligned { axis: None, excess: 1, align: 2 });
    // A field of no bytes has its place in the element.
    assert_eq!(view.field::<()>(9).len(), 2);
    assert!(view.try_field::<()>(10).is_err());
    let empty = as_strided(&records, [0, 3], [isize::MAX, 9], 2).unwrap();
    assert_eq!(empty.field::<u16>(8).shape(), &[0, 3]);
    assert!(empty.try_field::<u16>(9).is_err());
    // Of no bytes there are as many as one likes, and none is a field.
    let units = [(); usize::MAX];
    let view = as_strided(&units, [2], [isize::MIN], isize::MIN.unsigned_abs()).unwrap();
    assert!(view.try_field::<()>(0).is_err());
    let view = as_strided_mut(&mut records, [1], [isize::MIN], 1).unwrap();
    assert_eq!(view.field::<u16>(0).strides(), &[0]);
}

#[test]
fn spans_and_fields_take_the_extremes() {
    use strideproof::check_span_bytes;
    let span = check_span_bytes(&[2], &[isize::MIN], 0, 8).map(|span| (span.before, span.after));
    assert_eq!(span.ok(), Some((1 << 63, 8)));
    let span = check_span_bytes(&[1, 1], &[isize::MIN; 2], 5, 8).map(|s| (s.before, s.after));
    assert_eq!(span.ok(), Some((0, 13)));
    let span = check_span_bytes(&[0, 9], &[isize::MIN; 2], usize::MAX, 8).unwrap();
    assert_eq!((span.count, span.before, span.after), (0, 0, usize::MAX));
    assert!(check_span_bytes(&[2], &[1], usize::MAX, 1).is_err());
    assert!(check_span_bytes(&[3], &[isize::MIN], 0, 1).is_err());

    let pairs = [[1u16, 2], [3, 4]];
    let point = as_strided(&pairs, [], None, 1).unwrap();
    assert_eq!(point.field::<u16>(2)[[]], 4);
    let none = as_strided(&pairs, [0, 7], [isize::MIN; 2], 2).unwrap();
    assert!(none.field::<u16>(0).is_empty());
    let one = as_strided(&pairs, [1], [isize::MIN], 1).unwrap();
    assert_eq!(one.field::<u16>(0)[[0]], 3);
    assert!(one.try_field::<u16>(usize::MAX).is_err() && one.try_field::<u16>(3).is_err());
    // Elements without a size have no byte in which a field could begin.
    let empty: StridedView<'_, [u8; 0], 1> = StridedView::from_slice(&[[0u8; 0]; 3]).unwrap();
    assert!(empty.try_field::<[u8; 0]>(0).is_err());
}
