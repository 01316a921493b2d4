//! nalgebra: a matrix from JSON needs one element for each row and column.

use strideproof_audit::{Gen, call};

fn deserialize(g: &mut Gen) {
    let [nrows, ncols] = ["nrows", "ncols"].map(|name| g.size(name));
    let len = g.len("len", nrows as u128 * ncols as u128);
    g.valid(len == nrows * ncols);
    call!(g, let data = vec!["1"; len].join(","));
    call!(g, let json = format!(r#"{{"data":[{data}],"nrows":{nrows},"ncols":{ncols}}}"#));
    call!(g, let matrix = serde_json::from_str::<nalgebra::DMatrix<u8>>(&json).unwrap());
    if nrows * ncols > 0 {
        call!(g, let last = matrix[(nrows - 1, ncols - 1)]);
        g.check("the last element", &last, &1);
    }
}

strideproof_audit::main!(deserialize);
