//! Parts of a view that must have no element in common, against plain lists of addresses.

use std::collections::HashSet;

use strideproof::overlap::Sharing;
use strideproof::{Error, LayoutDyn, Slice, StridedViewMut, as_strided_mut, s};
use strideproof_oracle::grid::for_each_array;
use strideproof_oracle::model::View as Model;
use strideproof_testkit::subject;

/// Compares with a list of which owner has which address.
fn is_disjoint(shape: &[usize], strides: &[isize], outer: usize) -> bool {
    let layout = LayoutDyn::new(shape, strides, 500, 2000).unwrap();
    let model = Model::new(shape, strides, 500, 1);
    subject::disjoint_over(&layout.disjoint_over(outer), &model, outer).unwrap()
}

#[test]
fn parts_over_the_first_axes_are_disjoint_exactly_when_no_address_has_two_owners() {
    let (mut all, mut disjoint) = (0, 0);
    for (rank, sizes, reach) in [(1, 5, 3), (2, 4, 6), (3, 4, 4), (4, 3, 2)] {
        // Most of the layouts of rank 4 have a size of 0.
        let sizes: Vec<usize> = (usize::from(rank == 4)..sizes).collect();
        let done = for_each_array(&sizes, rank, &mut |shape| {
            for_each_array(&(-reach..=reach).collect::<Vec<_>>(), rank, &mut |strides| {
                for outer in 0..=rank {
                    all += 1;
                    disjoint += usize::from(is_disjoint(shape, strides, outer));
                }
                Ok::<(), ()>(())
            })
        });
        assert_eq!(done, Ok(()));
    }
    assert!(all > 200_000 && disjoint > all / 4 && disjoint < all * 9 / 10, "{disjoint} of {all}");
}

#[test]
fn tiles_of_a_grid_are_disjoint_if_the_rows_are_long_enough() {
    for width in 1..40 {
        assert_eq!(is_disjoint(&[8, 5, 2, 4], &[2 * width, 4, width, 1], 2), width >= 20);
    }
    let layout = LayoutDyn::row_major(&[2, 2]).unwrap();
    assert_eq!(layout.disjoint_over(3), Err(Error::bad_axis(2, 2)));
    // Full width: 2^62 threads, two elements each.
    let wide = LayoutDyn::new(&[1 << 61, 2], &[2, 1], 0, usize::MAX).unwrap();
    assert_eq!(wide.disjoint_over(1), Ok(Sharing::Disjoint));
    let wide = LayoutDyn::new(&[1 << 61, 2], &[2, 4], 0, usize::MAX).unwrap();
    assert!(matches!(wide.disjoint_over(1), Ok(Sharing::Shared { .. })));
}

#[cfg(feature = "bytemuck")]
#[test]
fn parts_of_a_view_that_counts_bytes_share_bytes() {
    use strideproof::{Bytes, Layout, View};
    let bytes = [0; 100];
    for stride in 0..10 {
        let layout = Layout::new([3, 2], [stride, 20], 0, 100).unwrap();
        let view = View::<&[[u8; 4]], _, _, Bytes>::new(&bytes, layout).unwrap();
        let disjoint = (4..=8).contains(&stride);
        assert_eq!(view.disjoint_over(1) == Ok(Sharing::Disjoint), disjoint, "{stride}");
    }
}

/// The positions that a slice selects, as Python says.
fn positions(slice: Slice, size: usize) -> HashSet<usize> {
    let numbers: Vec<usize> = (0..size).collect();
    strideproof::StridedView::from_slice(&numbers).unwrap().slice([slice]).iter().copied().collect()
}

#[test]
fn parts_for_writing_are_given_out_exactly_when_they_have_no_index_in_common() {
    const SIZE: usize = 6;
    let ends = || [None, Some(-9), Some(0), Some(1), Some(3), Some(4), Some(-1)].into_iter();
    let ranges = ends().flat_map(|start| ends().map(move |end| (start, end)));
    let slices: Vec<Slice> = ranges
        .flat_map(|(start, end)| [1, 2, 3, -1, -2].map(|step| Slice::new(start, end, step)))
        .collect();
    let (mut given, mut refused) = (0, 0);
    for (i, &one) in slices.iter().enumerate().step_by(3) {
        for &other in &slices {
            // Beside a second axis, on which both take the same or neighbouring columns.
            for shift in 0..2 {
                let mut data = [0; 2 * SIZE];
                let view = as_strided_mut(&mut data, [SIZE, 2], [-2, 1], 2 * SIZE - 2).unwrap();
                let column = |from: usize| Slice::from(from..from + 1);
                let parts = view.try_multi_slice_mut([[one, column(0)], [other, column(shift)]]);
                let (a, b) = (positions(one, SIZE), positions(other, SIZE));
                let meet: Vec<usize> = a.intersection(&b).copied().collect();
                match parts {
                    Ok([mut first, mut second]) => {
                        assert!(shift == 1 || meet.is_empty(), "{one:?} {other:?}");
                        assert_eq!((first.len(), second.len()), (a.len(), b.len()));
                        first.fill(1);
                        second.fill(2);
                        let count = |value| data.iter().filter(|&&n| n == value).count();
                        assert_eq!((count(1), count(2)), (a.len(), b.len()), "{one:?} {other:?}");
                        given += 1;
                    }
                    Err(Error::PartsOverlap { first: 0, second: 1, index }) => {
                        let Some(&[row, 0]) = index.as_slice() else { panic!("{index}") };
                        assert!(shift == 0 && meet.contains(&row), "{one:?} {other:?}: {index}");
                        refused += 1;
                    }
                    Err(error) => panic!("{i}: {error}"),
                }
            }
        }
    }
    assert!(given > 10_000 && refused > 3000, "{given} given, {refused} refused");
}

#[test]
fn the_parts_that_meet_are_named() {
    let mut x = [0; 12];
    let error = StridedViewMut::from_slice(&mut x)
        .unwrap()
        .try_multi_slice_mut([s![..4], s![4..8], s![7..]])
        .unwrap_err();
    assert_eq!(error.to_string(), "parts 1 and 2 of a mutable view both have its index [7]");
    assert_eq!((error.code().as_str(), error.axis()), ("SP029", None));
    let table = as_strided_mut(&mut x, [3, 4], None, 0).unwrap();
    let [first, mut last] = table.multi_slice_mut([s![0, ..], s![-1, ..]]);
    last.assign(&first.as_view());
    let table = as_strided_mut(&mut x, [3, 4], None, 0).unwrap();
    assert_eq!(table.multi_slice_mut::<[Slice; 2], 0>([]).len(), 0);
    let table = as_strided_mut(&mut x, [3, 4], None, 0).unwrap();
    assert!(table.try_multi_slice_mut([s![0, ..], s![3, ..]]).is_err());
}

#[cfg(feature = "rayon")]
#[test]
fn parts_are_visited_in_parallel_each_once_and_in_their_places() {
    use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
    let mut data = vec![0; 30 * 41];
    for axis in [0, 1] {
        data.fill(0);
        let lanes = as_strided_mut(&mut data, [30, 41], None, 0).unwrap().lanes(axis);
        let count = lanes.len();
        let parts = lanes.into_par_iter();
        assert_eq!(parts.len(), count);
        parts.enumerate().for_each(|(n, mut lane)| lane.iter_mut().for_each(|x| *x += n + 1));
        let whole = as_strided_mut(&mut data, [30, 41], None, 0).unwrap();
        assert!(whole.indexed_iter().all(|(index, x)| *x == index[1 - axis] + 1), "{axis}");
        let rows = whole.axis_iter(axis).into_par_iter().map(|part| part.as_view().sum());
        let expected = if axis == 0 { 41 * 42 / 2 } else { 30 * 31 / 2 };
        assert!(rows.collect::<Vec<usize>>().iter().all(|&sum| sum == expected), "{axis}");
    }
}

#[cfg(feature = "rayon")]
#[test]
fn elements_are_visited_in_parallel_each_once() {
    use rayon::iter::{IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelIterator};
    let mut data = vec![0u32; 150 * 151];
    for (shape, strides, offset) in [
        ([150, 151], [151, 1], 0),
        ([75, 151], [-302, 1], 74 * 302),
        ([151, 50], [1, 453], 0),
        ([0, 7], [1, 1], 0),
        ([1, 1], [1, 1], 5),
    ] {
        data.fill(0);
        let mut view = as_strided_mut(&mut data, shape, strides, offset).unwrap();
        view.par_iter_mut().for_each(|x| *x += 1);
        let count = view.len();
        assert!(view.iter().all(|x| *x == 1));
        assert_eq!(view.par_iter().map(|x| *x as usize).sum::<usize>(), count);
        assert_eq!(data.iter().sum::<u32>() as usize, count, "and no other element");
    }
}
