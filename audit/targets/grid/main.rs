//! grid: rows are inserted and columns removed, of elements that own memory.

use strideproof_audit::{Gen, Owned, call};

fn rows_and_columns(g: &mut Gen) {
    let [rows, columns] = ["rows", "columns"].map(|name| g.number(name, 1..=4));
    let len = g.len("len", rows as u128 * columns as u128);
    let buffer = g.buffer::<Owned>("buffer", len);
    let [row, column] = [("row", rows), ("column", columns)].map(|(n, most)| g.number(n, 0..=most));
    let items = g.buffer::<Owned>("items", columns);
    let rows = len / columns;
    if rows > 0 {
        g.valid(len % columns == 0 && row <= rows && column < columns);
    }
    call!(g, let mut grid = grid::Grid::from_vec(buffer, columns));
    call!(g, grid.insert_row(row, items));
    call!(g, let removed = grid.remove_col(column).unwrap());
    call!(g, grid.rotate_left());
    g.check("how many are left", &grid.iter().count(), &(len + columns - removed.len()));
}

strideproof_audit::main!(rows_and_columns);
