//! toodee: rows are inserted and columns removed, of elements that own memory.

use strideproof_audit::{Gen, Owned, call};

/// Elements of a row, of which the iterator says that there are `claimed`.
struct Row(std::vec::IntoIter<Owned>, usize);

impl Iterator for Row {
    type Item = Owned;

    fn next(&mut self) -> Option<Owned> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.1, Some(self.1))
    }
}

impl ExactSizeIterator for Row {}

fn insert_row(g: &mut Gen) {
    let [columns, rows] = ["columns", "rows"].map(|name| g.number(name, 1..=5));
    let buffer = g.buffer::<Owned>("buffer", columns * rows);
    let index = g.number("index", 0..=rows + 1);
    let len = g.len("len", columns as u128);
    let row = Row(g.buffer("row", len).into_iter(), columns);
    g.valid(index <= rows && len == columns);
    call!(g, let mut array = toodee::TooDee::from_vec(columns, rows, buffer));
    call!(g, array.insert_row(index, row));
}

fn remove_col(g: &mut Gen) {
    let [columns, rows] = ["columns", "rows"].map(|name| g.number(name, 0..=9));
    let len = g.len("len", columns as u128 * rows as u128);
    let buffer = g.buffer::<Owned>("buffer", len);
    let index = g.number("index", 0..=columns);
    g.valid(len > 0 && len == columns * rows && index < columns);
    call!(g, let mut array = toodee::TooDee::from_vec(columns, rows, buffer));
    call!(g, drop(array.remove_col(index)));
    g.check("how many are left", &array.data().len(), &(len - rows));
}

strideproof_audit::main!(insert_row, remove_col);
