//! rulinalg: a row gives out the slice of its elements.

use rulinalg::matrix::{BaseMatrixMut, Matrix};
use strideproof_audit::{Gen, call};

fn raw_slice_mut(g: &mut Gen) {
    let [rows, columns] = ["rows", "columns"].map(|name| g.number(name, 1..=5));
    let buffer = g.buffer::<f64>("buffer", rows * columns);
    let mut matrix = Matrix::new(rows, columns, buffer);
    let index = g.number("index", 0..=rows);
    g.valid(index < rows);
    let mut row = call!(g, matrix.row_mut(index));
    let one = call!(g, row.raw_slice_mut());
    let other = call!(g, row.raw_slice_mut());
    g.distinct(&mut one[0], &mut other[0]);
}

strideproof_audit::main!(raw_slice_mut);
