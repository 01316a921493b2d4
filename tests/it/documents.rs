//! The examples of the documents that teach strides, each by explicit numbers: an article on
//! NumPy's `as_strided`, MLX's page on its own, a lesson on views and copies, and a lecture on
//! NumPy's memory model. Rows are compared with what NumPy prints.

use std::borrow::Cow;

use crate::goldens::numpy;
use strideproof::{Error, Layout, StridedView, as_strided, as_strided_mut, check_bytes};

/// A view whose strides and offset are in bytes.
fn in_bytes<T, const N: usize>(
    x: &[T],
    shape: [usize; N],
    strides: [isize; N],
    offset: usize,
) -> StridedView<'_, T, N> {
    let layout = Layout::from_bytes(shape, strides, offset, size_of_val(x), size_of::<T>());
    StridedView::new(x, layout.unwrap()).unwrap()
}

/// `[0, 1, …]`, the article's `np.arange(12)` and MLX's `mx.arange(10)`.
fn arange(count: i64) -> Vec<i64> {
    (0..count).collect()
}

mod article {
    use super::*;

    #[test]
    fn overlapping_rows_of_every_second_element() {
        let x = arange(12);
        let view = in_bytes(&x, [4, 3], [16, 16], 0);
        assert_eq!(view.to_string(), numpy("overlapping rows"));
        assert_eq!(view.to_vec(), [0, 2, 4, 2, 4, 6, 4, 6, 8, 6, 8, 10]);
    }

    #[test]
    fn the_rows_that_leave_name_the_index_and_the_byte() {
        let error = check_bytes(&[4, 3], &[24, 16], 0, 96, 8).unwrap_err();
        let witness = error.witness().expect("a witness");
        assert_eq!(witness.index.as_slice(), Some(&[3, 2][..]));
        assert_eq!((witness.address, witness.axis), (104, Some(1)));
        assert_eq!((error.code().as_str(), error.code().word()), ("SP003", "past_end"));
        assert_eq!(error.required_len(), Some(112));
        assert_eq!(
            error.to_string(),
            "index [3, 2] takes 8 bytes from byte 104, past the end of 96 bytes; the view needs 112 bytes"
        );
        let error = as_strided(&arange(12), [4, 3], [3, 2], 0).unwrap_err();
        assert_eq!(error.witness().unwrap().address, 13);
        assert_eq!(error.required_len(), Some(14));
    }

    #[test]
    fn strides_of_the_wrong_rank_are_refused() {
        for strides in [&[16][..], &[], &[16, 8, 8]] {
            let error = check_bytes(&[4, 3], strides, 0, 96, 8).unwrap_err();
            assert_eq!(error, Error::RankMismatch { shape: 2, strides: strides.len() });
        }
    }

    #[test]
    fn reversal_needs_the_offset_of_the_last_element() {
        let x = arange(12);
        let error = check_bytes(&[12], &[-8], 0, 96, 8).unwrap_err();
        assert!(matches!(error, Error::BeforeStart { required_offset: 88, .. }), "{error:?}");
        let view = in_bytes(&x, [12], [-8], 88);
        assert_eq!(view.to_string(), numpy("reversed"));
        assert!(view.iter().eq(x.iter().rev()));
    }

    #[test]
    fn diagonals_are_strides_of_n_plus_and_minus_1() {
        let square = arange(16);
        let n = 4;
        let diagonal = as_strided(&square, [4], [n + 1], 0).unwrap();
        assert_eq!(diagonal.to_string(), numpy("diagonal"));
        let anti = as_strided(&square, [4], [n - 1], 3).unwrap();
        assert_eq!(anti.to_string(), numpy("anti-diagonal"));
        assert!(as_strided(&square, [4], [n + 1], 1).is_err(), "one further leaves the square");
    }

    #[test]
    fn broadcasting_is_a_stride_of_0() {
        let (x, y) = (arange(4), arange(6).iter().map(|y| 10 * y).collect::<Vec<_>>());
        let (row, column) = (in_bytes(&x, [6, 4], [0, 8], 0), in_bytes(&y, [6, 4], [8, 0], 0));
        assert_eq!(row.to_string(), numpy("broadcast row"));
        assert_eq!(column.to_string(), numpy("broadcast column"));
        let sum: Vec<i64> = row.iter().zip(column).map(|(x, y)| x + y).collect();
        let sum = as_strided(&sum, [6, 4], None, 0).unwrap();
        assert_eq!(sum.to_string(), numpy("broadcast sum"));
    }

    #[test]
    fn windows_and_their_kernel_sums() {
        let x = arange(12);
        let windows = in_bytes(&x, [3, 2, 2, 2], [24, 8, 24, 8], 0);
        assert_eq!(windows.to_string(), numpy("windows"));
        let kernel = [[1, 0], [0, 1]];
        let mut sums = [[0; 2]; 3];
        for ([a, b, i, j], value) in windows.indexed_iter() {
            sums[a][b] += kernel[i][j] * value;
        }
        assert_eq!(sums, [[4, 6], [10, 12], [16, 18]]);
        let sums = sums.as_flattened();
        let sums = as_strided(sums, [3, 2], None, 0).unwrap();
        assert_eq!(sums.to_string(), numpy("kernel sums"));
    }

    #[test]
    fn repeated_elements_are_read_and_never_written() {
        let mut y = [2, 5];
        assert!(check_bytes(&[2, 8], &[8, 0], 0, 16, 8).is_ok());
        let view = as_strided(&y, [2, 8], [1, 0], 0).unwrap();
        assert_eq!(view.to_string(), numpy("repeated"));
        match as_strided_mut(&mut y, [2, 8], [1, 0], 0) {
            Err(Error::Aliased { first, second }) => {
                let [first, second] = [first, second].map(|i| i.as_slice().unwrap().to_vec());
                assert_ne!(first, second);
                assert_eq!(first[0], second[0], "both are in the same row");
                assert!(first[1] < 8 && second[1] < 8 && first[0] < 2);
            }
            other => panic!("two indices share an element: {other:?}"),
        }
    }

    #[test]
    fn a_stride_beyond_the_elements_is_refused() {
        let error = check_bytes(&[2, 3], &[16, 0], 0, 16, 8).unwrap_err();
        let witness = error.witness().unwrap();
        assert_eq!((witness.index.as_slice(), witness.address), (Some(&[1, 0][..]), 16));
        assert!(as_strided(&[2, 5], [2, 3], [2, 0], 0).is_err());
    }

    #[test]
    fn the_bytes_occupied_are_not_the_bytes_of_a_copy() {
        // Rows that overlap, and one element shown 16 times.
        for (shape, strides, occupied, copied) in
            [([4, 3], [16, 16], 88, 96), ([2, 8], [8, 0], 16, 128), ([4, 1], [24, 0], 80, 32)]
        {
            let extent = check_bytes(&shape, &strides, 0, 96, 8).unwrap();
            assert_eq!(extent.highest - extent.lowest + 8, occupied);
            assert_eq!(extent.count * 8, copied);
        }
    }
}

mod mlx {
    use super::*;

    #[test]
    fn the_defaults_are_the_shape_of_the_buffer_and_rows_without_gaps() {
        let a = arange(10);
        assert!(as_strided(&a, .., None, 0).unwrap().iter().eq(&a));
        let view = as_strided(&a, [2, 5], None, 0).unwrap();
        assert_eq!((view.strides(), view.offset()), (&[5, 1], 0));
        assert_eq!(view.to_vec(), a);
        assert_eq!(as_strided(&a, [2, 3], None, 4).unwrap().to_vec(), [4, 5, 6, 7, 8, 9]);
        assert_eq!(as_strided(&a, .., [-1], 9).unwrap()[[0]], 9);
    }

    #[test]
    fn strides_and_offset_count_elements() {
        let a = arange(10);
        let view = as_strided(&a, [3, 3], [1, 1], 0).unwrap();
        assert_eq!(view.to_vec(), [0, 1, 2, 1, 2, 3, 2, 3, 4]);
        let view = as_strided(&a, [2, 2], [-3, 2], 7).unwrap();
        assert_eq!(view.to_vec(), [7, 9, 4, 6]);
    }

    #[test]
    fn a_view_that_is_no_run_is_made_one_first() {
        let a = arange(6);
        let transposed = as_strided(&a, [3, 2], [1, 3], 0).unwrap();
        let run = transposed.to_contiguous();
        assert_eq!(as_strided(&run, [2, 3], None, 0).unwrap().to_vec(), [0, 3, 1, 4, 2, 5]);
    }

    #[test]
    fn what_would_read_other_memory_is_an_error() {
        let a = arange(10);
        for (shape, strides, offset, code) in [
            ([11, 1], [1, 1], 0, "SP003"),
            ([2, 2], [9, 1], 0, "SP003"),
            ([2, 2], [-1, 1], 0, "SP004"),
            ([1, 1], [1, 1], 10, "SP003"),
            ([0, 5], [1, 1], 11, "SP002"),
            ([usize::MAX, 2], [0, 0], 0, "SP005"),
            ([2, 2], [isize::MIN, isize::MAX], 5, "SP004"),
            ([2, 2], [isize::MAX, isize::MAX], usize::MAX, "SP003"),
        ] {
            let error = as_strided(&a, shape, strides, offset).unwrap_err();
            assert_eq!(error.code(), code, "{shape:?} {strides:?} {offset}: {error}");
        }
        // The default strides of a shape with too many elements.
        assert!(matches!(
            as_strided(&a, [1 << 40, 1 << 40], None, 0),
            Err(Error::TooManyElements { axis: 1 })
        ));
        assert!(as_strided::<i64, 1>(&[], .., None, 0).unwrap().is_empty());
    }
}

mod lesson {
    use super::*;

    #[test]
    fn a_view_shares_its_elements_and_a_copy_does_not() {
        let mut x = arange(6);
        as_strided_mut(&mut x, [3], [2], 0).unwrap()[[1]] = 20;
        assert_eq!(x, [0, 1, 20, 3, 4, 5]);
        let mut copy = as_strided(&x, [3], [2], 0).unwrap().to_vec();
        copy[1] = -1;
        assert_eq!(x[2], 20);
    }

    #[test]
    fn a_contiguous_copy_is_made_only_when_needed() {
        let x = arange(6);
        let rows = as_strided(&x, [2, 3], None, 0).unwrap();
        assert!(rows.is_contiguous());
        match rows.to_contiguous() {
            Cow::Borrowed(slice) => assert!(std::ptr::eq(slice, &x[..])),
            Cow::Owned(_) => panic!("a run was copied"),
        }
        let columns = as_strided(&x, [3, 2], [1, 3], 0).unwrap();
        assert!(!columns.is_contiguous() && columns.layout().is_column_major());
        match columns.to_contiguous() {
            Cow::Owned(copy) => assert_eq!(copy, [0, 3, 1, 4, 2, 5]),
            Cow::Borrowed(_) => panic!("these elements are no run"),
        }
    }
}

mod lecture {
    use super::*;

    #[test]
    fn the_byte_offset_of_an_element() {
        let x: Vec<i8> = (1..10).collect();
        let bytes = in_bytes(&x, [3, 3], [3, 1], 0);
        assert_eq!((bytes.layout().address([1, 2]), bytes[[1, 2]]), (Some(5), 6));
    }

    #[test]
    fn c_and_fortran_order_are_strides() {
        let bytes = |strides: &[isize; 2]| strides.map(|stride| stride * 2);
        assert_eq!(bytes(Layout::row_major([3, 3]).unwrap().strides()), [6, 2]);
        assert_eq!(bytes(Layout::column_major([3, 3]).unwrap().strides()), [2, 6]);

        let c: [i16; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        let fortran: [i16; 9] = [1, 4, 7, 2, 5, 8, 3, 6, 9];
        assert_eq!(in_bytes(&c, [3, 3], [6, 2], 0).to_string(), numpy("lecture"));
        assert_eq!(in_bytes(&fortran, [3, 3], [2, 6], 0).to_string(), numpy("lecture"));
    }

    #[test]
    fn transposition_changes_only_the_strides() {
        let x: [i16; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        let transposed = as_strided(&x, [3, 3], [1, 3], 0).unwrap();
        assert_eq!(transposed.to_string(), numpy("lecture transposed"));
        let rows = as_strided(&x, [3, 3], [3, 1], 0).unwrap();
        assert!(rows.indexed_iter().all(|([i, j], item)| std::ptr::eq(item, &transposed[[j, i]])));
    }

    #[test]
    fn a_reversal_starts_at_the_end_and_a_tail_8_bytes_later() {
        let x: [i32; 6] = [1, 2, 3, 4, 5, 6];
        assert_eq!(in_bytes(&x, [6], [-4], 20).to_string(), numpy("lecture reversed"));
        let tail = in_bytes(&x, [4], [4], 8);
        assert_eq!(std::ptr::from_ref(&tail[[0]]).addr() - x.as_ptr().addr(), 8);
        assert_eq!(tail.as_slice(), Some(&[3, 4, 5, 6][..]));
    }

    #[test]
    fn a_slice_of_three_axes_multiplies_their_strides() {
        let x = arange(1000);
        let sliced = in_bytes(&x, [5, 4, 3], [1600, 240, 32], 0);
        assert_eq!(sliced.strides(), &[200, 30, 4]);
        assert_eq!(sliced.to_string(), numpy("lecture sliced"));
    }

    /// Items of another size over the same bytes.
    #[cfg(all(feature = "bytemuck", target_endian = "little"))]
    mod reinterpreted {
        use super::*;
        use strideproof::StridedViewMut;

        // Four bytes at an even address, as 16-bit items need it.
        fn aligned(bytes: [u8; 4]) -> [u16; 2] {
            bytemuck::cast(bytes)
        }

        #[test]
        fn two_bytes_as_one_int16_depend_on_their_order() {
            let stored = aligned([1, 3, 2, 4]);
            let bytes = bytemuck::cast_slice(&stored);
            let pairs = StridedView::<i16, 2>::from_bytes(bytes, [2, 1], [2, 2], 0).unwrap();
            assert_eq!(pairs.to_string(), numpy("pairs as int16, as stored"));

            // The transposed view has strides (1, 2): no two bytes of a row are neighbours.
            let transposed = as_strided(bytes, [2, 2], [1, 2], 0).unwrap();
            assert!(!transposed.is_contiguous());
            let copied = aligned(transposed.to_vec().try_into().unwrap());
            let bytes = bytemuck::cast_slice(&copied);
            let pairs = StridedView::<i16, 2>::from_bytes(bytes, [2, 1], [2, 2], 0).unwrap();
            assert_eq!(pairs.to_string(), numpy("pairs as int16, transposed copy"));
        }

        #[test]
        fn an_item_between_two_items_is_misaligned() {
            let stored = aligned([1, 3, 2, 4]);
            let bytes: &[u8] = bytemuck::cast_slice(&stored);
            let error = StridedView::<i16, 1>::from_bytes(bytes, [1], [2], 1).unwrap_err();
            assert_eq!(error, Error::Misaligned { axis: None, excess: 1, align: 2 });
            // As bytes the same numbers are fine: layouts know no alignment.
            assert!(check_bytes(&[1], &[2], 1, 4, 2).is_ok());
        }

        #[test]
        fn the_article_from_bytes() {
            let mut x = arange(12);
            let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut x);
            let rows = StridedView::<i64, 2>::from_bytes(bytes, [4, 3], [16, 16], 0).unwrap();
            assert_eq!(rows.to_string(), numpy("overlapping rows"));
            let reversed = StridedView::<i64, 1>::from_bytes(bytes, [12], [-8], 88).unwrap();
            assert_eq!(reversed.to_string(), numpy("reversed"));
            let error = StridedView::<i64, 2>::from_bytes(bytes, [4, 3], [24, 16], 0).unwrap_err();
            assert_eq!(error.witness().unwrap().address, 104);
            StridedViewMut::<i64, 1>::from_bytes(bytes, [4], [24], 16).unwrap()[[3]] = -1;
            assert_eq!(x[11], -1);
        }
    }
}
