//! A second view for writing would reach the same elements: `clone` copies the layout alone.
use strideproof::{StridedViewMut, as_strided_mut};

fn main() {
    let mut data = [1, 2, 3];
    let view = as_strided_mut(&mut data, [3], [1], 0).unwrap();
    let _copy: StridedViewMut<'_, i32, 1> = view.clone(); //~ E0308
}
