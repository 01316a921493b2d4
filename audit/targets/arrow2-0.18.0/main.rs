//! arrow2: the bytes of a row, by its number.

use strideproof_audit::{Gen, call};

fn row_unchecked(g: &mut Gen) {
    let len = g.number("len", 1..=9);
    let row = if g.once_in(3) { g.wild("row") } else { g.number("row", 0..=len) };
    g.valid(row < len);
    call!(g, let column = arrow2::array::Int32Array::from_vec(vec![1; len]).boxed());
    call!(g, let field = arrow2::compute::sort::row::SortField::new(arrow2::datatypes::DataType::Int32));
    call!(g, let mut converter = arrow2::compute::sort::row::RowConverter::new(vec![field]));
    call!(g, let rows = converter.convert_columns(&[column]).unwrap());
    call!(g, let bytes = rows.row_unchecked(row).as_ref().to_vec());
    g.check("the length of a row", &bytes.len(), &5);
}

strideproof_audit::main!(row_unchecked);
