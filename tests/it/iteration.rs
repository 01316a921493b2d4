//! Reading and writing elements that are not copied, and what a buffer must have for a view.

use strideproof::{
    Layout, LayoutDyn, StridedView, StridedViewDyn, StridedViewMut, StridedViewMutDyn,
};
use strideproof_oracle::{Rng, addresses, colliding_pair, generate};
use strideproof_testkit::replay;

/// Some accepted layouts of few indices.
fn layouts() -> impl Iterator<Item = (LayoutDyn, Vec<usize>)> {
    let requests = replay::random(7, 200).filter_map(|input| {
        let mut bytes = arbitrary::Unstructured::new(&input);
        generate::request(&mut bytes, generate::Width::Memory, 1, 1).ok()
    });
    let small = requests.filter_map(|request| {
        let layout =
            LayoutDyn::new(&request.shape, &request.strides, request.offset, request.len).ok()?;
        let all = (layout.len() <= 64 && layout.required_len() <= 512)
            .then_some(())
            .map(|()| addresses(&request.shape, &request.strides, request.offset))?;
        Some((layout, all.into_iter().map(|at| usize::try_from(at).unwrap()).collect()))
    });
    small.take(2000)
}

fn name(n: usize) -> String {
    format!("element {n}")
}

#[test]
fn elements_that_are_not_copied_are_read_where_they_lie() {
    for (layout, expected) in layouts() {
        let buffer: Vec<String> = (0..layout.required_len()).map(name).collect();
        let view = StridedViewDyn::new(&buffer, layout).unwrap();
        let pointers = expected.iter().map(|&at| &raw const buffer[at]);
        assert!(view.iter().map(std::ptr::from_ref).eq(pointers.clone()), "{view:?}");
        assert!((&view).into_iter().map(std::ptr::from_ref).eq(pointers), "{view:?}");
        let values: Vec<String> = expected.iter().map(|&at| name(at)).collect();
        assert_eq!(view.to_vec(), values);
        assert_eq!(&view.to_contiguous()[..], &values[..]);
        if let (Some(slice), Some(&first)) = (view.as_slice(), expected.first()) {
            assert_eq!(slice.as_ptr(), &raw const buffer[first]);
        }
    }
}

#[test]
fn elements_that_are_not_copied_are_written_once_each_and_no_others() {
    let mut written = 0;
    for (layout, expected) in layouts() {
        if colliding_pair(layout.shape(), layout.strides(), 1).is_some() {
            continue;
        }
        written += 1;
        let mut buffer: Vec<String> = (0..layout.required_len()).map(name).collect();
        let mut wanted = buffer.clone();
        for (n, &at) in expected.iter().enumerate() {
            wanted[at] = name(1000 + n);
        }
        let mut view = StridedViewMutDyn::new(&mut buffer, layout).unwrap();
        // All references are held at once.
        let mut all: Vec<&mut String> = view.iter_mut().collect();
        for (n, element) in all.iter_mut().enumerate().rev() {
            **element = name(1000 + n);
        }
        assert_eq!(view.to_vec(), (0..expected.len()).map(|n| name(1000 + n)).collect::<Vec<_>>());
        assert_eq!(buffer, wanted);
    }
    assert!(written > 300, "only {written} views are unique");
}

#[test]
fn the_address_of_an_index_is_the_sum_at_full_width() {
    let mut random = Rng::new(1);
    let mut seen = 0;
    for input in replay::random(8, 250).take(20_000) {
        let mut bytes = arbitrary::Unstructured::new(&input);
        let request = generate::request(&mut bytes, generate::Width::Full, 1, 1).unwrap();
        let (shape, strides) = (&request.shape, &request.strides);
        let Ok(layout) = LayoutDyn::new(shape, strides, request.offset, request.len) else {
            continue;
        };
        seen += 1;
        if layout.is_empty() {
            let index: Vec<usize> = shape.iter().map(|size| size.saturating_sub(1)).collect();
            assert_eq!(layout.address(&index), None, "{index:?} of {layout:?}");
            continue;
        }
        let near_either_end = |&size: &usize, random: &mut Rng| match random.below(4) {
            0 => 0,
            1 => size - 1,
            2 => 1.min(size - 1),
            _ => random.below(size),
        };
        let index: Vec<usize> =
            shape.iter().map(|size| near_either_end(size, &mut random)).collect();
        let expected = strideproof_oracle::address(strides, request.offset, &index);
        let found = layout.address(&index).map(|at| at as i128);
        assert_eq!(found, Some(expected), "{index:?} of {layout:?}");
        // One component at a time is made invalid.
        for axis in 0..shape.len() {
            for beyond in [shape[axis], usize::MAX] {
                let mut index = index.clone();
                index[axis] = beyond;
                assert_eq!(layout.address(&index), None, "{index:?} of {layout:?}");
            }
        }
    }
    assert!(seen > 5000, "only {seen} layouts are accepted");
}

#[test]
fn a_buffer_of_zero_sized_elements_may_be_as_long_as_usize() {
    let everything = [(); usize::MAX];
    let layout = Layout::new([2, 2], [isize::MAX; 2], 0, everything.len()).unwrap();
    assert_eq!(layout.required_len(), usize::MAX);
    let view = StridedView::new(&everything, layout).unwrap();
    assert_eq!((view.iter().count(), view[[1, 1]]), (4, ()));
    assert!(StridedView::new(&everything[..usize::MAX - 1], layout).is_err());
    // More elements than a view may have.
    assert!(StridedView::from_slice(&everything).is_err());
    let many = StridedView::from_slice(&everything[..usize::MAX >> 1]).unwrap();
    assert_eq!((many.len(), many.iter().size_hint().0), (usize::MAX >> 1, usize::MAX >> 1));
    assert_eq!(many.get([usize::MAX >> 1]), None);
}

#[test]
fn a_buffer_shorter_than_the_layout_is_refused() {
    let layout = Layout::new([2, 3], [-3, 1], 3, 6).unwrap();
    let mut data = [0; 6];
    assert!(StridedView::new(&data, layout).is_ok());
    for len in 0..6 {
        let error = StridedView::new(&data[..len], layout).unwrap_err();
        assert_eq!(error.required_len(), Some(6), "{error}");
        assert_eq!(StridedViewMut::new(&mut data[..len], layout).unwrap_err(), error);
    }
    let empty = Layout::new([0, 3], [9, 9], 4, 6).unwrap();
    assert!(StridedView::new(&data[..4], empty).is_ok());
    assert_eq!(StridedView::new(&data[..3], empty).unwrap_err().code(), "SP002");
}

#[test]
#[should_panic(expected = "index [2, 0] is not valid for shape [2, 3]")]
fn indexing_with_an_invalid_tuple_panics_and_says_why() {
    let data = [0; 6];
    let view = StridedView::new(&data, Layout::row_major([2, 3]).unwrap()).unwrap();
    let _ = view[[2, 0]];
}
