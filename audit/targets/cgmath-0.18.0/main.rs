//! cgmath: columns of a matrix change places.

use cgmath::{Matrix, SquareMatrix};
use strideproof_audit::{Gen, call};

fn swap_columns(g: &mut Gen) {
    let [a, b] = ["a", "b"].map(|name| g.number(name, 0..=4));
    g.valid(a < 3 && b < 3);
    let mut matrix = cgmath::Matrix3::<f32>::identity();
    call!(g, matrix.swap_columns(a, b));
    g.check("an element", &matrix[a][b], &1.0);
}

strideproof_audit::main!(swap_columns);
