//! nalgebra: a matrix from JSON needs one element for each row and column.

use nalgebra::DMatrix;
use strideproof_audit::{Gen, call};

fn deserialize(g: &mut Gen) {
    let [nrows, ncols] = ["nrows", "ncols"].map(|name| g.size(name));
    let len = g.len("len", nrows as u128 * ncols as u128);
    let data = vec!["1"; len].join(",");
    let json = format!(r#"{{"data":[{data}],"nrows":{nrows},"ncols":{ncols}}}"#);
    g.valid(len == nrows * ncols);
    let matrix = call!(g, serde_json::from_str::<DMatrix<u8>>(&json)).unwrap();
    if len > 0 {
        g.check("the last element", &call!(g, matrix[(nrows - 1, ncols - 1)]), &1);
    }
}

strideproof_audit::main!(deserialize);
