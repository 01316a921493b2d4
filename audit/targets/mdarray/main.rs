//! mdarray: a view of a slice gets a shape, is transposed and split.

use mdarray::{Dyn, View, ViewMut};
use strideproof_audit::{Element, Gen, call};

fn reshape(g: &mut Gen) {
    let [rows, columns] = g.sides(["rows", "columns"]);
    let need = rows as u128 * columns as u128;
    let len = g.len("len", need);
    let buffer = g.buffer::<u32>("buffer", len);
    g.valid(need > 0 && need == len as u128);
    let flat = View::<_, (Dyn,)>::from(&buffer[..]);
    call!(g, let last = flat.reshape([rows, columns]).transpose()[[columns - 1, rows - 1]]);
    g.check("the last element", &last, &u32::at(len.wrapping_sub(1)));
}

fn split(g: &mut Gen) {
    let [rows, columns] = ["rows", "columns"].map(|name| g.number(name, 1..=6));
    let mut buffer = g.buffer::<u32>("buffer", rows * columns);
    let middle = g.number("middle", 0..=columns + 3);
    g.valid(middle <= columns);
    let mut flat = ViewMut::<_, (Dyn,)>::from(&mut buffer[..]);
    let mut view = flat.reshape_mut([rows, columns]);
    call!(g, let (mut left, mut right) = view.split_axis_at_mut(mdarray::Const::<1>, middle));
    if 0 < middle && middle < columns {
        g.distinct(&mut left[[rows - 1, middle - 1]], &mut right[[rows - 1, 0]]);
    }
}

strideproof_audit::main!(reshape, split);
