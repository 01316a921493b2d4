//! arrow2: the bytes of a row, by its number.

use arrow2::array::{Array, Int32Array};
use arrow2::compute::sort::row::{RowConverter, SortField};
use arrow2::datatypes::DataType;
use strideproof_audit::{Gen, call};

fn row_unchecked(g: &mut Gen) {
    let len = g.number("len", 1..=9);
    let column = Int32Array::from_vec((0..len as i32).collect()).boxed();
    let mut converter = RowConverter::new(vec![SortField::new(DataType::Int32)]);
    let rows = converter.convert_columns(&[column as Box<dyn Array>]).unwrap();
    let row = if g.once_in(3) { g.wild("row") } else { g.number("row", 0..=len) };
    g.valid(row < len);
    let bytes = call!(g, rows.row_unchecked(row));
    call!(g, std::hint::black_box(bytes.as_ref().iter().max()));
}

strideproof_audit::main!(row_unchecked);
