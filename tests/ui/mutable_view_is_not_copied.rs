use strideproof::{StridedViewMut, as_strided_mut};

fn consume(_: StridedViewMut<'_, i32, 1>) {}

fn main() {
    let mut data = [1, 2, 3];
    let view = as_strided_mut(&mut data, [3], [1], 0).unwrap();
    consume(view);
    consume(view); //~ E0382
}
