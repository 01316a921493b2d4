//! rulinalg: a row gives out the slice of its elements.

use rulinalg::matrix::BaseMatrixMut;
use strideproof_audit::{Gen, call};

fn raw_slice_mut(g: &mut Gen) {
    let [rows, columns] = ["rows", "columns"].map(|name| g.number(name, 1..=5));
    let buffer = g.buffer::<f64>("buffer", rows * columns);
    let index = g.number("index", 0..=rows);
    g.valid(index < rows);
    g.code(format_args!("use rulinalg::matrix::BaseMatrixMut;"));
    call!(g, let mut matrix = rulinalg::matrix::Matrix::new(rows, columns, buffer));
    call!(g, let mut row = matrix.row_mut(index));
    call!(g, let one = row.raw_slice_mut());
    call!(g, let other = row.raw_slice_mut());
    g.distinct(one, other);
}

strideproof_audit::main!(raw_slice_mut);
