//! nalgebra: a matrix from JSON needs one element for each row and column.

use strideproof_audit::{Gen, call};

fn deserialize(g: &mut Gen) {
    let [nrows, ncols] = g.sides(["nrows", "ncols"]);
    let need = nrows as u128 * ncols as u128;
    let len = g.len("len", need);
    g.valid(len as u128 == need);
    call!(g, let data = vec!["1"; len].join(","));
    call!(g, let json = format!("[[{data}],{nrows},{ncols}]"));
    call!(g, let matrix = serde_json::from_str::<nalgebra::DMatrix<u8>>(&json).unwrap());
    if need > 0 {
        call!(g, let last = matrix[(nrows - 1, ncols - 1)]);
        g.check("the last element", &last, &1);
    }
}

strideproof_audit::main!(deserialize);
