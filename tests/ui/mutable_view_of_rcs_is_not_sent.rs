use std::rc::Rc;

use strideproof::{StridedViewMut, as_strided_mut};

fn send(_: impl Send) {}

fn main() {
    let mut data = [Rc::new(1)];
    let view: StridedViewMut<'_, Rc<i32>, 1> = as_strided_mut(&mut data, [1], [1], 0).unwrap();
    send(view); //~ E0277
}
