//! nalgebra: matrices from a vector, views of a part, and sums over views with a step.

use strideproof_audit::{Gen, call};

fn from_vec(g: &mut Gen) {
    let [nrows, ncols] = g.sides(["nrows", "ncols"]);
    let need = nrows as u128 * ncols as u128;
    let len = g.len("len", need);
    let buffer = g.buffer::<u8>("buffer", len);
    g.valid(need == len as u128);
    call!(g, let mut matrix = nalgebra::DMatrix::from_vec(nrows, ncols, buffer));
    if need > 0 {
        call!(g, matrix[(nrows - 1, ncols - 1)] = 1);
    }
}

fn view(g: &mut Gen) {
    let buffer = g.buffer::<u8>("buffer", 20);
    let [row, column] = ["row", "column"].map(|name| match g.once_in(3) {
        true => g.wild(name),
        false => g.number(name, 0..=3),
    });
    let [nrows, ncols] = ["nrows", "ncols"].map(|name| g.number(name, 1..=3));
    let fits = |start: usize, size, len| start as u128 + size as u128 <= len;
    g.valid(fits(row, nrows, 4) && fits(column, ncols, 5));
    call!(g, let matrix = nalgebra::DMatrix::from_vec(4, 5, buffer));
    call!(g, let first = matrix.view((row, column), (nrows, ncols))[(0, 0)]);
    g.check("the first element", &first, &((column * 4 + row) as u8));
}

fn axpy(g: &mut Gen) {
    let [step_x, step_y] = ["step_x", "step_y"].map(|name| g.number(name, 0..=3));
    let [len_x, len_y] = ["len_x", "len_y"].map(|name| g.number(name, 1..=3));
    g.valid(len_x == len_y);
    call!(g, let x = nalgebra::DVector::<f32>::zeros(len_x * (step_x + 1)));
    call!(g, let mut y = nalgebra::DVector::<f32>::zeros(len_y * (step_y + 1)));
    call!(g, let x = x.rows_with_step(0, len_x, step_x));
    call!(g, y.rows_with_step_mut(0, len_y, step_y).axpy(1.0, &x, 1.0));
}

strideproof_audit::main!(from_vec, view, axpy);
