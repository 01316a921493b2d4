//! Operations by example: extreme numbers, bad arguments, and the forms that panic. The fuzz target
//! `view_ops` compares all of them with the oracle's model, at small and at full width.

use strideproof::{
    Const, Error, Layout, Slice, StridedView, StridedViewMut, as_strided, as_strided_mut,
};

type Layout1 = Layout<Const<1>>;
type Layout4 = Layout<Const<4>>;

#[test]
fn extreme_strides_neither_wrap_nor_refuse_on_axes_of_one_element() {
    // A stride of 2^62 by a step of 3, on one element and on the empty result.
    let far = Layout::new([2], [1 << 62], 0, usize::MAX).unwrap();
    assert_eq!(far.try_slice([Slice::from(..).step(3)]).map(|l| *l.shape()), Ok([1]));
    assert_eq!(far.try_slice([Slice::from(2..).step(3)]).map(|l| *l.shape()), Ok([0]));
    // isize::MIN has no opposite.
    let single = Layout::new([1], [isize::MIN], 0, 1).unwrap();
    assert_eq!(single.try_reverse(0).map(|l| (*l.strides(), l.offset())), Ok(([0], 0)));
    let empty = Layout::new([0, usize::MAX], [isize::MIN; 2], 7, 7).unwrap();
    assert_eq!(empty.try_reverse(1).map(|l| (*l.strides(), l.offset())), Ok(([isize::MIN, 0], 7)));
    // Of two elements it takes a buffer of more than isize::MAX elements, and is refused by name.
    let pair = Layout::new([2], [isize::MIN], 1 << 63, usize::MAX).unwrap();
    assert_eq!(pair.try_reverse(0), Err(Error::DoesNotFit { axis: 0 }));
    let both = Layout::new([2, 2], [isize::MAX, isize::MAX], 0, usize::MAX).unwrap();
    assert_eq!(both.try_diagonal(0), Err::<Layout1, _>(Error::DoesNotFit { axis: 0 }));
    let three = Layout::new([3], [isize::MAX], 0, usize::MAX).unwrap();
    assert_eq!(three.try_slice([Slice::from(..).step(2)]), Err(Error::DoesNotFit { axis: 0 }));
}

#[test]
fn bad_arguments_are_named() {
    let layout = Layout::row_major([2, 3]).unwrap();
    let bad_axis = |axis| Error::bad_axis(axis, 2);
    assert_eq!(layout.try_reverse(2), Err(bad_axis(2)));
    assert_eq!(layout.try_reverse(usize::MAX), Err(bad_axis(usize::MAX)));
    assert_eq!(layout.try_swap_axes(0, 5), Err(bad_axis(5)));
    assert_eq!(layout.try_permute([1, 1]), Err(Error::RepeatedAxis { axis: 1 }));
    assert_eq!(layout.try_permute([0, 2]), Err(bad_axis(2)));
    assert_eq!(layout.try_slice_axis(1, Slice::FULL.step(0)), Err(Error::ZeroStep { axis: 1 }));
    assert_eq!(
        layout.try_slice([Slice::FULL, Slice::from(5..).step(0)]),
        Err(Error::ZeroStep { axis: 1 })
    );
    assert_eq!(
        layout.try_windows_by([1, 1], [1, 0]),
        Err::<Layout4, _>(Error::ZeroStep { axis: 1 })
    );
    let large = Error::WindowTooLarge { axis: 0, window: 3, size: 2 };
    assert_eq!(layout.try_windows([3, 1]), Err::<Layout4, _>(large));
    let repeated = Error::RepeatedAxis { axis: 1 };
    assert_eq!(layout.try_diagonal_of(0, 1, 1), Err::<Layout1, _>(repeated));
    let not_one = Error::NotSizeOne { axis: 1, size: 3 };
    assert_eq!(layout.try_squeeze(1), Err::<Layout1, _>(not_one));
    assert_eq!(layout.try_split_at(1, 4), Err(Error::BadIndex { axis: 1, index: 4, size: 4 }));
    // A window of size 0 on an axis of usize::MAX elements would have 2^64 positions.
    let vast = Layout::new([usize::MAX, 0], [1, 1], 0, 0).unwrap();
    assert_eq!(vast.try_windows([0, 0]), Err::<Layout4, _>(Error::DoesNotFit { axis: 0 }));
}

#[test]
fn zip_needs_equal_shapes() {
    let (x, y) = ([1, 2, 3], [1, 2]);
    let (x, y) = (StridedView::from_slice(&x).unwrap(), StridedView::from_slice(&y).unwrap());
    let error = x.try_zip(&y).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "shapes (3,) and (2,) do not match");
    assert!(matches!(error, Error::IncompatibleShapes { .. }));
}

#[test]
fn the_plain_form_panics_with_the_message_of_the_error() {
    let x = [1, 2, 3];
    let x = StridedView::from_slice(&x).unwrap();
    let message = x.try_reverse(1).unwrap_err().to_string();
    let panic = std::panic::catch_unwind(|| x.reverse(1)).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>(), Some(&message));
}

#[test]
fn a_view_of_zero_sized_elements_takes_every_operation() {
    let buffer = [(); usize::MAX];
    let layout = Layout::new([isize::MAX as usize], [-2], usize::MAX - 1, usize::MAX).unwrap();
    let view = StridedView::new(&buffer, layout).unwrap();
    let turned = view.reverse(0);
    assert_eq!((turned.strides(), turned.offset()), (&[2], 2));
    assert_eq!(turned.get([isize::MAX as usize - 1]), Some(&()));
    let windows = view.windows_by([1 << 30], [1 << 40]);
    assert_eq!(windows.get([0, 5]), Some(&()));
    assert_eq!(view.distinct_bytes(), Some(0));
}

#[test]
fn distinct_len_counts_across_pages_and_gaps() {
    // 7 and 11 nest in neither order, so that the addresses are marked page by page.
    let layout = Layout::new([30_000, 3, 2], [7, 11, 1 << 40], 0, 1 << 41).unwrap();
    let mut addresses = std::collections::HashSet::new();
    for i in 0..30_000usize {
        for j in 0..3 {
            for k in 0..2usize {
                addresses.insert(7 * i + 11 * j + (k << 40));
            }
        }
    }
    assert_eq!(layout.distinct_len(), Some(addresses.len()));
}

/// Copies of more and of less than a tile, with and without a rest, forwards and backwards, repeated
/// and with gaps.
#[test]
fn copies_by_tiles_are_copies() -> Result<(), Error> {
    let shapes = [
        [1, 70, 300],
        [1, 300, 97],
        [3, 65, 130],
        [64, 2, 192],
        [149, 113, 3],
        [5, 7, 4],
        [1, 1, 9],
    ];
    let signed = |number: usize| isize::try_from(number).expect("small");
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (shape, order) in shapes.into_iter().flat_map(|shape| orders.map(|order| (shape, order))) {
        let source: Vec<u32> = (0..).take(shape.iter().product()).collect();
        let from = as_strided(&source, shape, None, 0)?.permute(order);
        let gap = from.shape()[2] + 3;
        for (from, strides) in [
            (from, None),
            (from.reverse(1), None),
            (from.reverse(1).reverse(2), None),
            (from, Some([signed(gap * from.shape()[1]), signed(gap), 1])),
            (from.index_axis(1, 0).insert_axis(1).try_broadcast_to(*from.shape())?, None),
        ] {
            let mut target = vec![u32::MAX; from.shape()[0] * from.shape()[1] * gap];
            let mut to = as_strided_mut(&mut target, *from.shape(), strides, 0)?;
            to.assign(&from);
            for (index, element) in from.indexed_iter() {
                assert_eq!(to[index], *element, "{shape:?} {order:?} {strides:?} {index:?}");
            }
            let written = target.iter().filter(|element| **element != u32::MAX).count();
            assert_eq!(written, from.len());
        }
    }
    let many: Vec<u16> = (0..2 * 3 * 5 * 41 * 19).collect();
    let from = as_strided(&many, [2, 3, 5, 41, 19], None, 0)?.permute([4, 1, 3, 0, 2]);
    let mut target = vec![0; many.len()];
    let mut to = as_strided_mut(&mut target, *from.shape(), None, 0)?;
    to.assign(&from);
    assert!(from.indexed_iter().all(|(index, element)| to[index] == *element));
    Ok(())
}

/// In rows with padding, forwards and backwards: what lies between the elements stays.
#[test]
fn squares_are_transposed_in_place() -> Result<(), Error> {
    for size in [0, 1, 2, 3, 31, 32, 33, 70] {
        for (stride, offset) in [(isize::try_from(size).expect("small") + 2, 0), (-80, 80 * 69)] {
            let layout = Layout::new([size, size], [stride, 1], offset, 80 * 70)?;
            let before: Vec<usize> = (0..80 * 70).collect();
            let mut after = before.clone();
            StridedViewMut::new(&mut after, layout)?.transpose_in_place();
            let mut expected = before;
            for (row, column) in
                (0..size).flat_map(|row| (0..size).map(move |column| (row, column)))
            {
                let [Some(to), Some(from)] =
                    [[row, column], [column, row]].map(|i| layout.address(i))
                else {
                    panic!("an index of the layout")
                };
                expected[to] = from;
            }
            assert_eq!(after, expected, "{layout:?}");
        }
    }
    let mut x = [1, 2, 3, 4, 5, 6];
    let error = as_strided_mut(&mut x, [2, 3], None, 0)?.try_transpose_in_place().unwrap_err();
    assert_eq!(error.code(), "SP018");
    assert!(
        std::panic::catch_unwind(|| {
            let mut x = [1, 2, 3, 4];
            as_strided_mut(&mut x, [2, 2], None, 0).unwrap().swap([0, 0], [0, 2]);
        })
        .is_err()
    );
    Ok(())
}
