//! Operations by example: extreme numbers, copies by tiles, and the forms that panic. The fuzz target
//! `view_ops` compares all of them with the oracle's model, at small and at full width.

use strideproof::{Const, Error, Layout, LayoutDyn, Slice, StridedView, as_strided_mut};
use strideproof_oracle::Request;
use strideproof_testkit::view_ops::bulk::{Bulk, Task};

type Layout1 = Layout<Const<1>>;

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

/// Where a layout lies in the shortest buffer.
fn request(layout: &LayoutDyn) -> Request {
    let (shape, strides) = (layout.shape().to_vec(), layout.strides().to_vec());
    Request { shape, strides, offset: layout.offset(), len: layout.required_len(), item: 1 }
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
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let copies = |from: &LayoutDyn, to: &LayoutDyn| {
        Bulk { task: Task::Assign, to: request(to), from: request(from) }.run();
    };
    for (shape, order) in shapes.into_iter().flat_map(|shape| orders.map(|order| (shape, order))) {
        let from = LayoutDyn::row_major(&shape)?.try_permute(&order)?;
        let [count, rows, gap] = [from.shape()[0], from.shape()[1], from.shape()[2] + 3];
        let gaps =
            LayoutDyn::row_major(&[count, rows, gap])?.try_slice_axis(2, Slice::from(..gap - 3))?;
        let repeated = from.try_index_axis(1, 0)?.try_insert_axis(1)?;
        let turned = from.try_reverse(1)?;
        let to = LayoutDyn::row_major(from.shape())?;
        for from in
            [&from, &turned, &turned.try_reverse(2)?, &repeated.try_broadcast_to(from.shape())?]
        {
            copies(from, &to);
        }
        copies(&from, &gaps);
    }
    let from = LayoutDyn::row_major(&[2, 3, 5, 41, 19])?.try_permute(&[4, 1, 3, 0, 2])?;
    copies(&from, &LayoutDyn::row_major(from.shape())?);
    Ok(())
}

/// In rows with padding, forwards and backwards: what lies between the elements stays.
#[test]
fn squares_are_transposed_in_place() -> Result<(), Error> {
    for size in [0, 1, 2, 3, 31, 32, 33, 70] {
        for (stride, offset) in [(isize::try_from(size).expect("small") + 2, 0), (-80, 80 * 69)] {
            let layout = LayoutDyn::new(&[size, size], &[stride, 1], offset, 80 * 70)?;
            let to = Request { len: 80 * 70, ..request(&layout) };
            Bulk { task: Task::Transpose, from: to.clone(), to }.run();
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
