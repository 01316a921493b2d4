use std::cell::Cell;

use strideproof::{StridedView, as_strided};

fn send(_: impl Send) {}

fn main() {
    let data = [Cell::new(1), Cell::new(2)];
    let view: StridedView<'_, Cell<i32>, 1> = as_strided(&data, [2], [1], 0).unwrap();
    send(view); //~ E0277
}
