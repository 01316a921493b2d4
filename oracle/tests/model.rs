//! The model by example: what Python and NumPy say at their prompt.

use strideproof_oracle::model::{Cut, Op, Piece, Refusal, View, common_shape};

#[test]
fn the_oracle_slices_as_python_prints_it() {
    // list(range(10))[7:1:-2] and so on.
    let positions = |start, end, step| Cut { start, end, step }.positions(10);
    assert_eq!(positions(Some(7), Some(1), -2), Some((7, 3)));
    assert_eq!(positions(None, None, -4), Some((9, 3)));
    assert_eq!(positions(Some(-3), None, 1), Some((7, 3)));
    assert_eq!(positions(Some(5), Some(3), 1), Some((5, 0)));
    assert_eq!(positions(Some(-100), Some(100), 3), Some((0, 4)));
    assert_eq!(positions(None, None, 0), None);
}

/// Items of one byte, 0, 1, 2 and so on in row-major order: an address is a value.
fn arange(shape: &[usize]) -> View {
    let count = shape.iter().product::<usize>();
    View::of_addresses(shape, (0..count as i128).collect(), 1)
}

/// The values of a view that an operation gives.
fn values(view: &View, op: &Op) -> Vec<i128> {
    view.apply(op).expect("a view").addresses()
}

#[test]
fn the_oracle_derives_views_as_numpy_prints_them() {
    let x = arange(&[2, 3]);
    assert_eq!(values(&x, &Op::Transpose), [0, 3, 1, 4, 2, 5]);
    assert_eq!(values(&x, &Op::Reverse(1)), [2, 1, 0, 5, 4, 3]);
    assert_eq!(values(&x, &Op::IndexAxis(1, 2)), [2, 5]);
    assert_eq!(values(&x, &Op::Diagonal { offset: 1, rows: 0, columns: 1 }), [1, 5]);
    assert_eq!(values(&x, &Op::Diagonal { offset: -1, rows: 0, columns: 1 }), [3]);
    let windows = Op::Windows { window: vec![2, 2], steps: vec![1, 1] };
    assert_eq!(values(&x, &windows), [0, 1, 3, 4, 1, 2, 4, 5]);
    // x[1, ::2], and sliding_window_view(x, 2, axis=1).
    let pieces = vec![Piece::At(1), Piece::Range(Cut { step: 2, ..Cut::FULL })];
    assert_eq!(values(&x, &Op::Pieces(pieces)), [3, 5]);
    let outside = Op::Pieces(vec![Piece::At(2), Piece::At(0)]);
    assert_eq!(x.apply(&outside).err(), Some(Refusal::Index { axis: 0, index: 2, size: 2 }));
    let windows = x.apply(&Op::AxisWindows { axis: 1, window: 2, step: 1 }).unwrap();
    assert_eq!(
        (windows.shape(), windows.addresses()),
        (&[2, 2, 2][..], vec![0, 1, 1, 2, 3, 4, 4, 5])
    );
    // x.reshape(3, -1), x.reshape(4, -1).
    assert_eq!(x.apply(&Op::Infer(vec![Some(3), None])).unwrap().shape(), &[3, 2]);
    assert_eq!(x.apply(&Op::Infer(vec![Some(4), None])).err(), Some(Refusal::Count));
    assert_eq!(values(&arange(&[3]), &Op::Broadcast(vec![2, 3])), [0, 1, 2, 0, 1, 2]);
    assert_eq!(values(&x, &Op::Reshape(vec![3, 2])), [0, 1, 2, 3, 4, 5]);
    let turned = x.apply(&Op::Transpose).unwrap();
    assert_eq!(turned.apply(&Op::Reshape(vec![6])).err(), Some(Refusal::NeedsCopy));
    assert!(turned.needs_copy_between(0, 1));
    let permuted = arange(&[2, 3, 4]).apply(&Op::Permute(vec![2, 0, 1])).unwrap();
    assert_eq!((permuted.shape(), permuted.at(&[3, 1, 2])), (&[4, 2, 3][..], 23));
    assert_eq!(common_shape(&[4, 1], &[3]), Some(vec![4, 3]));
    assert_eq!(common_shape(&[4, 2], &[3]), None);
}

#[test]
fn the_oracle_joins_and_cuts_bytes() {
    // Two rows of two items of two bytes.
    let x = View::new(&[2, 2], &[2, 1], 0, 2);
    let items = |to| Op::Reinterpret { axis: None, to, align: 1, buffer: 0, base: 0 };
    assert_eq!(values(&x, &items(1)), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(values(&x, &items(4)), [0, 4]);
    let not_whole = x.apply(&items(3)).unwrap_err();
    assert!(matches!(not_whole, Refusal::NotMultiple { bytes: 4, item: 3, .. }), "{not_whole:?}");
    let aligned = Op::Reinterpret { axis: None, to: 4, align: 4, buffer: 6, base: 0 };
    let misaligned = Refusal::Misaligned { excess: 2, align: 4 };
    assert_eq!(x.apply(&aligned).err(), Some(misaligned));
}
