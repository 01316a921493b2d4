//! What a view is used with besides indices: equality, slices, pointers, brackets with tuples,
//! windows along one axis, and shapes with a size left open.

use strideproof::{
    Error, Layout, LayoutDyn, StridedView, StridedViewDyn, StridedViewMut, as_strided,
    as_strided_mut, s,
};

/// All layouts of rank 2 with sizes up to 3 and strides from -4 to 4, in buffers of 20 elements.
fn layouts() -> impl Iterator<Item = Layout<strideproof::Const<2>>> {
    let sizes = (0..4).flat_map(|a| (0..4).map(move |b| [a, b]));
    let strides = || (-4..5).flat_map(|a| (-4..5).map(move |b| [a, b]));
    let requests = sizes.flat_map(move |shape| strides().map(move |strides| (shape, strides)));
    requests.filter_map(|(shape, strides)| Layout::new(shape, strides, 9, 20).ok())
}

#[test]
fn views_are_equal_exactly_when_shapes_and_elements_are() {
    let numbers: Vec<i32> = (0..20).map(|n| n % 4).collect();
    let views: Vec<_> =
        layouts().map(|layout| StridedView::new(&numbers, layout).unwrap()).collect();
    let mut equal = 0;
    for one in views.iter().step_by(7) {
        for other in &views {
            let expected = one.shape() == other.shape() && one.to_vec() == other.to_vec();
            assert_eq!(one == other, expected, "{one:?} {other:?}");
            // Of whatever rank, and of elements of another type that compare.
            let dynamic = StridedViewDyn::from(*one);
            assert_eq!(dynamic == *other, expected);
            equal += usize::from(expected);
        }
    }
    assert!(equal > 1000, "only {equal} pairs are equal");
    let mut copy = numbers.clone();
    let mutable = StridedViewMut::from_slice(&mut copy).unwrap();
    assert_eq!(StridedView::from_slice(&numbers).unwrap(), mutable);
    assert_eq!(StridedView::from(&mutable), mutable);
    assert_ne!(mutable, StridedView::from_slice(&numbers[..19]).unwrap());
    let nan = [f32::NAN];
    let nan = StridedView::from_slice(&nan).unwrap();
    assert_ne!(nan, nan);
}

#[test]
fn a_view_becomes_a_slice_exactly_when_it_is_a_run() {
    let mut numbers: Vec<usize> = (0..20).collect();
    let mut runs = 0;
    for layout in layouts() {
        let expected: Option<Vec<usize>> =
            layout.is_contiguous().then(|| (layout.offset()..).take(layout.len()).collect());
        let view = StridedView::new(&numbers, layout).unwrap();
        assert_eq!(view.into_slice(), expected.as_deref());
        assert_eq!(view.as_slice(), expected.as_deref());
        let Ok(mut view) = StridedViewMut::new(&mut numbers, layout) else { continue };
        assert_eq!(view.as_slice(), expected.as_deref());
        assert_eq!(view.as_slice_mut().map(|slice| &*slice), expected.as_deref());
        if let Some(slice) = view.into_slice() {
            slice.fill(100);
            runs += 1;
        }
        let written = numbers.iter().filter(|&&n| n == 100).count();
        assert_eq!(written, expected.as_ref().map_or(0, Vec::len));
        numbers = (0..20).collect();
    }
    assert!(runs > 50, "only {runs} layouts are runs");
}

#[test]
#[expect(unsafe_code, reason = "what a pointer is for")]
fn the_pointer_of_a_view_is_good_for_all_its_elements() {
    for layout in layouts() {
        let mut numbers: Vec<usize> = (0..20).collect();
        let view = StridedView::new(&numbers, layout).unwrap();
        let (pointer, [down, across]) = (view.as_ptr(), *view.strides());
        let offset = |index: [usize; 2]| {
            let [i, j] = index.map(|i| isize::try_from(i).unwrap());
            down * i + across * j
        };
        for (index, element) in view.indexed_iter() {
            // SAFETY: an index of the view.
            assert_eq!(unsafe { *pointer.wrapping_offset(offset(index)) }, *element);
        }
        let expected: Vec<usize> = view.indexed_iter().map(|(_, &n)| n).collect();
        let Ok(mut view) = StridedViewMut::new(&mut numbers, layout) else { continue };
        // A part is as good: its pointer reaches beyond its first element.
        let mut half = if view.shape()[0] > 0 { view.split_at(0, 1).0 } else { view.reborrow() };
        let pointer = half.as_mut_ptr();
        let indices: Vec<[usize; 2]> = half.as_view().indexed_iter().map(|(i, _)| i).collect();
        for &index in &indices {
            // SAFETY: as above, and nothing else uses the view.
            unsafe { *pointer.wrapping_offset(offset(index)) += 100 };
        }
        let written: Vec<usize> = numbers.iter().copied().filter(|&n| n >= 100).collect();
        assert_eq!(written.len(), indices.len());
        assert!(written.iter().all(|n| expected.contains(&(n - 100))));
    }
}

#[test]
fn tuples_index_as_arrays_do() {
    let mut x: Vec<usize> = (0..120).collect();
    let view = as_strided(&x, [2, 3, 4, 5], None, 0).unwrap();
    assert_eq!(view[(1, 2, 3, 4)], 119);
    assert_eq!(view.index_axis(0, 1)[(2, 0, 3)], view[[1, 2, 0, 3]]);
    let mut table = as_strided_mut(&mut x, [10, 12], None, 0).unwrap();
    table[(3, 4)] = 7;
    assert_eq!((table[(3, 4)], table[[3, 4]]), (7, 7));
    let panic = std::panic::catch_unwind(|| as_strided(&[0; 6], [2, 3], None, 0).unwrap()[(0, 3)]);
    let message = "index [0, 3] is not valid for shape [2, 3]";
    assert_eq!(panic.unwrap_err().downcast_ref::<String>().map(|text| &text[..]), Some(message));
}

#[test]
fn windows_along_an_axis_are_the_windows_of_size_1_on_all_others() {
    let x: Vec<i32> = (0..60).collect();
    let x = as_strided(&x, [3, 4, 5], None, 0).unwrap().permute([2, 0, 1]);
    for axis in 0..3 {
        for window in 0..7 {
            for step in 0..4 {
                let (mut sizes, mut steps) = ([1; 3], [1; 3]);
                (sizes[axis], steps[axis]) = (window, step);
                let expected = x.try_windows_by(sizes, steps);
                match (x.try_axis_windows(axis, window, step), expected) {
                    (Ok(found), Ok(expected)) => {
                        let mut shape = [0; 4];
                        shape[..3].copy_from_slice(&expected.shape()[..3]);
                        shape[3] = window;
                        assert_eq!(found, expected.reshape(shape));
                    }
                    (Err(found), Err(expected)) => assert_eq!(found, expected),
                    (found, expected) => panic!("{found:?} {expected:?}"),
                }
            }
        }
    }
    assert_eq!(x.try_axis_windows(3, 1, 1).unwrap_err(), Error::bad_axis(3, 3));
    let mut y = [0; 6];
    let y = StridedViewMut::from_slice(&mut y).unwrap();
    assert!(matches!(y.try_axis_windows(0, 3, 2), Err(Error::Aliased { .. })));
}

#[test]
fn one_size_of_a_shape_follows_from_the_others() {
    let x = [0u8; 24];
    let x = as_strided(&x, [4, 6], None, 0).unwrap();
    for (shape, expected) in [
        ([Some(2), None], Some([2, 12])),
        ([None, Some(24)], Some([1, 24])),
        ([Some(4), Some(6)], Some([4, 6])),
        ([Some(5), None], None),
        ([Some(0), None], None),
        ([Some(usize::MAX), None], None),
        ([None, None], None),
    ] {
        let found = x.try_reshape_inferred(shape);
        assert_eq!(found.as_ref().ok().map(|found| *found.shape()), expected, "{shape:?}");
        let numbers = x.layout().try_reshape_inferred(shape);
        assert_eq!(numbers.map(|layout| layout.len()), found.map(|view| view.len()));
    }
    let error = x.try_reshape_inferred([Some(5), None]).unwrap_err();
    assert!(matches!(error, Error::CountMismatch { inferred: Some(1), .. }), "{error}");
    // Also where all of them could be 1, or 0.
    for (size, shape) in [(1, [None, None]), (0, [None, None]), (0, [None, Some(1)])] {
        let found = Layout::row_major([size]).unwrap().try_reshape_inferred(shape);
        let expected = if shape[1].is_none() { Err("SP031".into()) } else { Ok([0, 1]) };
        let found = found.map(|found| *found.shape()).map_err(|error| error.code().to_string());
        assert_eq!(found, expected);
    }
    let dynamic = LayoutDyn::row_major(&[24]).unwrap();
    let two = dynamic.try_reshape_inferred(&[None, Some(2), None, None]).unwrap_err();
    assert_eq!(
        two.to_string(),
        "only one size can be inferred from the others, not those of axes 0 and 2"
    );
    assert_eq!(
        dynamic.try_reshape_inferred(&[Some(3), None, Some(2)]).unwrap().shape(),
        &[3, 4, 2]
    );
    let strided = x.t().try_reshape_inferred([None]).unwrap_err();
    assert_eq!(strided, Error::NeedsCopy { outer: 0, inner: 1 });
}

#[test]
fn positions_in_slices_take_their_axes_out() {
    let x: Vec<i64> = (0..1000).collect();
    let x = as_strided(&x, [10, 10, 10], None, 0).unwrap();
    let picked = x.slice(s![1, 2..4, -1]);
    assert_eq!(picked.layout(), x.slice(s![1..2, 2..4, -1..]).squeeze(2).squeeze(0).layout());
    assert_eq!((picked.to_vec(), picked[[1]]), (vec![129, 139], 139));
    let (row, column) = (3usize, -4isize);
    assert_eq!(x.slice(s![row, column, 5])[[]], 365);
    assert_eq!(x.slice(s![.., row, ..;-5]).shape(), &[10, 2]);
    let dynamic = StridedViewDyn::from(x);
    assert_eq!(dynamic.clone().slice(&s![1, 2..4, -1]), picked);
    assert_eq!(dynamic.clone().slice(s![1, 2..4, -1]).rank(), 1);
    assert_eq!(dynamic.try_slice(s![1, ..]).unwrap_err().code(), "SP025");
    for (slice, index) in [(s![10, .., 0], 10), (s![-11, .., 0], -11)] {
        let error = Error::BadIndex { axis: 0, index, size: 10 };
        assert_eq!(x.try_slice(slice).unwrap_err(), error);
    }
    // Beyond every axis, but not beyond the type.
    let vast = Layout::new([usize::MAX, 0], [1, 1], 0, 0).unwrap();
    assert_eq!(vast.try_slice(s![usize::MAX - 1, ..]).map(|layout| *layout.shape()), Ok([0]));
    assert!(vast.try_slice(s![usize::MAX, ..]).is_err());
}
