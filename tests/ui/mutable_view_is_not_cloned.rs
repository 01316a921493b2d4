use strideproof::{StridedViewMut, as_strided_mut};

fn main() {
    let mut data = [1, 2, 3];
    let view = as_strided_mut(&mut data, [3], [1], 0).unwrap();
    // A mutable view has the methods of its layout, so this is a copy of the numbers alone.
    let _: StridedViewMut<'_, i32, 1> = view.clone(); //~ E0308
}
