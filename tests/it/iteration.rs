//! Reading and writing elements that are not copied, and what a buffer must have for a view.

use strideproof::{
    Layout, LayoutDyn, StridedView, StridedViewDyn, StridedViewMut, StridedViewMutDyn, as_strided,
    as_strided_mut,
};
use strideproof_oracle::{addresses, colliding_pair, generate};
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

/// Empty views, axes of size 1 with any stride, rank 0 and elements without a size.
#[test]
fn both_ends_and_copies_take_the_extremes() {
    for (shape, strides, len) in [
        (vec![], vec![], 1),
        (vec![1, 1], vec![isize::MIN, isize::MAX], 1),
        (vec![0, usize::MAX], vec![isize::MIN, isize::MIN], 0),
        (vec![3, 1], vec![0, isize::MIN], 3),
    ] {
        let data = [7usize];
        let layout = LayoutDyn::new(&shape, &strides, 0, data.len()).unwrap();
        let view = StridedViewDyn::new(&data, layout).unwrap();
        assert_eq!(view.iter().rev().count(), len);
        assert_eq!(view.sum(), 7 * len);
        let mut iter = view.iter();
        assert_eq!((iter.nth(len), iter.next_back()), (None, None));
    }
    let (mut to, from) = ([(); 1 << 14], [(); 1 << 14]);
    let columns = as_strided(&from, [128, 128], [1, 128], 0).unwrap();
    let mut rows = as_strided_mut(&mut to, [128, 128], None, 0).unwrap();
    rows.assign(&columns);
    let mut met = 0;
    rows.zip_mut_with(&columns, |(), ()| met += 1);
    assert_eq!((met, rows.iter().rev().count()), (1 << 14, 1 << 14));
}

/// Copies, exchanges and parallel walks of views that are empty, of rank 0, of axes of one element with
/// any stride, and of elements without a size at the farthest distance.
#[test]
fn views_that_meet_take_the_extremes() {
    let far = isize::MIN.unsigned_abs();
    for (shape, one, other, offset) in [
        (vec![], vec![], vec![], 0),
        (vec![1, 1], vec![isize::MIN, isize::MAX], vec![isize::MAX, isize::MIN], 7),
        (vec![0, 2], vec![isize::MIN; 2], vec![isize::MAX; 2], 0),
        (vec![2, 1], vec![isize::MIN, 0], vec![1, isize::MIN], far),
        (vec![1, 2], vec![0, isize::MAX], vec![isize::MIN, 3], far - 1),
        (vec![2, 2], vec![2, -1], vec![0, 0], far),
        (vec![1; 20], vec![isize::MIN; 20], vec![isize::MAX; 20], usize::MAX - 1),
    ] {
        let (mut to, from) = ([(); usize::MAX], [(); usize::MAX]);
        let layout = |strides| LayoutDyn::new(&shape, strides, offset, usize::MAX).unwrap();
        let mut view = StridedViewMutDyn::new(&mut to, layout(&one)).unwrap();
        let source = StridedViewDyn::new(&from, layout(&other)).unwrap();
        view.assign(&source);
        view.fill(());
        let mut met = 0;
        view.zip_mut_with(&source, |(), ()| met += 1);
        assert_eq!(met, shape.iter().product::<usize>(), "{shape:?}");
        if met > 0 {
            let first = vec![0; shape.len()];
            view.swap(&first[..], &first[..]);
        }
        #[cfg(feature = "rayon")]
        {
            use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};
            assert_eq!(view.par_iter_mut().count(), met, "{shape:?}");
        }
    }
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

/// Nothing, over more rows than could be gone through.
#[test]
fn nothing_is_folded_at_once() {
    let nothing = LayoutDyn::new(&[usize::MAX >> 1, 0], &[0, 1], 0, 0).unwrap();
    let nothing = StridedViewDyn::new(&[0u8; 0], nothing).unwrap();
    let mut units = [(); usize::MAX >> 1];
    StridedViewMut::from_slice(&mut units).unwrap().fold_inner(&nothing, |(), _| panic!("nothing"));
}

#[test]
fn what_goes_through_memory_takes_odd_views() {
    let seven = [7u32];
    let point = StridedView::new(&seven, Layout::new([], [], 0, 1).unwrap()).unwrap();
    assert_eq!((point.sum(), point.in_memory_order().rank()), (7, 0));
    let far = Layout::new([1, 1], [isize::MIN, isize::MAX], 0, 1).unwrap();
    let far = StridedView::new(&seven, far).unwrap();
    assert_eq!((far.sum(), far.in_memory_order().to_vec()), (7, vec![7]));
    let nothing = Layout::new([3, 0, usize::MAX], [isize::MIN; 3], 1, 1).unwrap();
    let nothing = StridedView::new(&seven, nothing).unwrap();
    assert_eq!(nothing.sum(), 0);
    nothing.in_memory_order().for_each_run(|_| panic!("a run of nothing"));

    let mut sum = [1];
    let mut target = StridedViewMut::new(&mut sum, Layout::new([], [], 0, 1).unwrap()).unwrap();
    target.fold_inner(&far, |sum, x| *sum += x);
    target.zip_mut_with(&point, |sum, x| *sum += x);
    target.fold_inner(&nothing, |_, _| panic!("nothing to fold"));
    assert_eq!(sum, [15]);

    let units = [(); usize::MAX];
    let many = Layout::new([usize::MAX >> 1], [2], 0, units.len()).unwrap();
    let mut lengths = Vec::new();
    let units = StridedView::new(&units, many).unwrap();
    units.for_each_run(|run| lengths.push(run.as_slice().map(<[()]>::len)));
    assert_eq!(lengths, [Some(usize::MAX >> 1)]);
}
