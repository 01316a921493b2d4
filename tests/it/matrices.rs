//! Views as matrices of other crates, and back.
#![cfg(all(feature = "nalgebra", feature = "faer"))]

use ::faer::{MatMut, MatRef};
use ::nalgebra::{DMatrix, DMatrixView, DMatrixViewMut, Dyn, Matrix2x3};
use proptest::prelude::*;
use strideproof::interop::{Strided, StridedMut, faer, nalgebra};
use strideproof::{Error, Layout, Operand, StridedView, StridedViewMut, as_strided};
use strideproof_oracle::{addresses, colliding_pair};

/// The elements of a view without gaps, in the order in which they lie.
fn run(mut places: Vec<usize>) -> bool {
    places.sort_unstable();
    places.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

proptest! {
    #[test]
    fn a_layout_is_a_matrix_unless_it_walks_backwards(
        shape in [0..5usize, 0..5usize],
        strides in [-9..10isize, -9..10isize],
        offset in 0..40usize,
    ) {
        let mut numbers: Vec<usize> = (0..40).collect();
        let Ok(layout) = Layout::new(shape, strides, offset, numbers.len()) else { return Ok(()) };
        let view = StridedView::new(&numbers, layout).unwrap();
        let moves = |axis: usize| shape[axis] > 1 && !view.is_empty();
        let forward = (0..2).all(|axis| !moves(axis) || strides[axis] >= 0);
        // What `nalgebra` represents.
        let walks = !moves(0)
            || (strides[0] > 0 && offset + shape[0] * strides[0].unsigned_abs() <= numbers.len());
        let matrix = nalgebra::matrix(&numbers, &layout);
        prop_assert_eq!(matrix.is_ok(), forward && walks);
        if let Ok(matrix) = matrix {
            prop_assert_eq!([matrix.nrows(), matrix.ncols()], shape);
            // `nalgebra` walks down the columns.
            prop_assert!(view.t().iter().eq(matrix.iter()));
        }
        let run = run(view.to_vec());
        let matrix = DMatrixView::<'_, usize, Dyn, Dyn>::try_from(view);
        prop_assert_eq!(matrix.is_ok(), run && forward);
        if let Ok(matrix) = matrix {
            prop_assert!(view.t().iter().eq(matrix.iter()));
        }
        let expected = view.to_vec();
        let Ok(view) = StridedViewMut::new(&mut numbers, layout) else { return Ok(()) };
        let Ok(mut matrix) = DMatrixViewMut::<'_, usize, Dyn, Dyn>::try_from(view) else {
            prop_assert!(!(run && forward));
            return Ok(());
        };
        prop_assert!(run && forward);
        matrix.add_scalar_mut(100);
        for (at, &n) in numbers.iter().enumerate() {
            prop_assert_eq!(n, if expected.contains(&at) { at + 100 } else { at });
        }
    }

    #[test]
    fn a_layout_is_a_matrix_if_elements_lie_side_by_side_along_an_axis(
        shape in [0..5usize, 0..5usize],
        strides in [-9..10isize, -9..10isize],
        offset in 0..40usize,
    ) {
        let mut numbers: Vec<usize> = (0..40).collect();
        let Ok(layout) = Layout::new(shape, strides, offset, numbers.len()) else { return Ok(()) };
        let view = StridedView::new(&numbers, layout).unwrap();
        let side_by_side = |axis: usize| {
            view.is_empty() || shape[axis] == 1 || strides[axis].unsigned_abs() == 1
        };
        let same = |matrix: MatRef<'_, usize>| {
            (matrix.nrows(), matrix.ncols()) == (shape[0], shape[1])
                && view.indexed_iter().all(|([i, j], element)| std::ptr::eq(&matrix[(i, j)], element))
        };
        let matrix = faer::matrix(&numbers, &layout);
        prop_assert_eq!(matrix.is_ok(), side_by_side(0) || side_by_side(1));
        prop_assert!(matrix.is_ok_and(same) || !(side_by_side(0) || side_by_side(1)));
        let run = run(view.to_vec());
        let matrix = MatRef::try_from(view);
        prop_assert_eq!(matrix.is_ok(), run);
        prop_assert!(!run || matrix.is_ok_and(same));
        let expected = view.to_vec();
        let Ok(view) = StridedViewMut::new(&mut numbers, layout) else { return Ok(()) };
        let Ok(mut matrix) = MatMut::try_from(view) else {
            prop_assert!(!run);
            return Ok(());
        };
        for row in 0..shape[0] {
            for column in 0..shape[1] {
                matrix[(row, column)] = 100 * (row + 1) + column;
            }
        }
        for (at, &n) in numbers.iter().enumerate() {
            prop_assert_eq!(n >= 100, expected.contains(&at));
        }
        let view = StridedView::new(&numbers, layout).unwrap();
        for ([row, column], &n) in view.indexed_iter() {
            prop_assert_eq!(n, 100 * (row + 1) + column);
        }
    }

    #[test]
    fn a_layout_is_a_matrix_for_writing_if_it_is_one_and_no_two_indices_share_an_element(
        shape in [0..5usize, 0..5usize],
        strides in [-9..10isize, -9..10isize],
        offset in 0..40usize,
        len in 38..41usize,
    ) {
        let numbers: Vec<usize> = (0..len).collect();
        let Ok(layout) = Layout::new(shape, strides, offset, 40) else { return Ok(()) };
        let unique = colliding_pair(&shape, &strides, 1).is_none();
        let written = addresses(&shape, &strides, offset);
        let expected = |n: usize| if written.contains(&(n as i128)) { n + 100 } else { n };
        let mut copy = numbers.clone();
        let shared = nalgebra::matrix(&numbers, &layout).map(|_| ());
        match nalgebra::matrix_mut(&mut copy, &layout) {
            Ok(mut matrix) => {
                prop_assert!(unique && shared.is_ok());
                matrix.add_scalar_mut(100);
                prop_assert!(copy.iter().copied().eq(numbers.iter().copied().map(expected)));
            }
            Err(Error::Aliased { .. }) => prop_assert!(!unique),
            Err(error) => prop_assert_eq!(Err(error), shared),
        }
        let mut copy = numbers.clone();
        let shared = faer::matrix(&numbers, &layout).map(|_| ());
        match faer::matrix_mut(&mut copy, &layout) {
            Ok(matrix) => {
                prop_assert!(unique && shared.is_ok());
                ::faer::zip!(matrix).for_each(|::faer::unzip!(n)| *n += 100);
                prop_assert!(copy.iter().copied().eq(numbers.iter().copied().map(expected)));
            }
            Err(Error::Aliased { .. }) => prop_assert!(!unique),
            Err(error) => prop_assert_eq!(Err(error), shared),
        }
    }

    #[test]
    fn a_matrix_that_owns_its_elements_is_a_view(rows in 0..5usize, columns in 0..5usize) {
        let mut matrix = DMatrix::from_fn(rows, columns, |row, column| (row, column));
        let view = matrix.to_view().unwrap();
        prop_assert_eq!(view.shape(), &[rows, columns]);
        prop_assert!(view.indexed_iter().all(|([row, column], &at)| at == (row, column)));
        let same = nalgebra::matrix(matrix.as_slice(), view.layout()).unwrap();
        prop_assert!(same == matrix);
        matrix.to_view_mut().unwrap().fill((9, 9));
        prop_assert!(matrix.iter().all(|&at| at == (9, 9)));
    }
}

#[test]
fn a_matrix_of_constant_size_is_a_view() {
    let mut matrix = Matrix2x3::new(1, 2, 3, 4, 5, 6);
    let rows = [1, 2, 3, 4, 5, 6];
    assert_eq!(matrix.to_view().unwrap(), as_strided(&rows, [2, 3], None, 0).unwrap());
    matrix.to_view_mut().unwrap()[[1, 0]] = 0;
    assert_eq!(matrix, Matrix2x3::new(1, 2, 3, 0, 5, 6));
}

#[test]
fn what_a_matrix_does_not_represent_is_refused() {
    let x: Vec<i32> = (0..12).collect();
    let view = as_strided(&x, [3, 4], None, 0).unwrap();
    let refused = |view| DMatrixView::<'_, i32, Dyn, Dyn>::try_from(view).map(|_| ()).unwrap_err();
    let operand = Operand::Stride { axis: 0 };
    let backwards = Error::NegativeDimension { operand, value: -4 };
    assert_eq!(refused(view.reverse(0)), backwards);
    assert_eq!(
        refused(view.slice(strideproof::s![.., 1..])),
        Error::NeedsCopy { outer: 0, inner: 1 }
    );
    assert_eq!(
        refused(view.t().slice(strideproof::s![1.., ..])),
        Error::NeedsCopy { outer: 1, inner: 0 }
    );
    assert_eq!(
        refused(view.slice(strideproof::s![.., ..;3])),
        Error::NotAdjacent { axis: 1, stride: 3 }
    );
    let short = nalgebra::matrix(&x[..11], view.layout()).map(|_| ());
    assert_eq!(short.unwrap_err().required_len(), Some(12));
    let short = faer::matrix(&x[..11], view.layout()).map(|_| ());
    assert_eq!(short.unwrap_err().required_len(), Some(12));
    // What the other crates' own sums of sizes and strides would overflow with.
    let units = [(); usize::MAX];
    let far = Layout::new([2, 2], [1 << 62, 1 << 62], 0, usize::MAX).unwrap();
    let error = nalgebra::matrix(&units, &far).map(|_| ()).unwrap_err();
    assert_eq!(error, Error::DoesNotFit { axis: 0 });
    for shape in [[0, usize::MAX], [usize::MAX, 0], [1 << 62, 0]] {
        let empty = Layout::new(shape, [isize::MIN, isize::MAX], 3, 12).unwrap();
        let matrix = nalgebra::matrix(&x, &empty).unwrap();
        assert_eq!((matrix.shape(), matrix.iter().count()), ((shape[0], shape[1]), 0));
        assert_eq!(faer::matrix(&x, &empty).unwrap().shape(), (shape[0], shape[1]));
    }
    // One row repeated, and a buffer that ends in the padding of the last row.
    let repeated = Layout::new([3, 2], [0, 1], 0, 12).unwrap();
    assert!(matches!(nalgebra::matrix(&x, &repeated).map(|_| ()), Err(Error::Aliased { .. })));
    let padded = Layout::new([3, 2], [4, 1], 0, 12).unwrap();
    assert_eq!(nalgebra::matrix(&x, &padded).unwrap().sum(), 1 + 4 + 5 + 8 + 9);
    let error = nalgebra::matrix(&x[..11], &padded).map(|_| ()).unwrap_err();
    assert_eq!(error.required_len(), Some(12));
    // Strides of axes of one element may be any.
    let row = Layout::new([1, 3], [isize::MAX, 1], 2, 12).unwrap();
    assert_eq!(nalgebra::matrix(&x, &row).unwrap().sum(), 9);
    assert_eq!(faer::matrix(&x, &row).unwrap()[(0, 2)], 4);
}
