use strideproof::as_strided_mut;

fn main() {
    let mut data = [1, 2, 3];
    let view = as_strided_mut(&mut data, [3], [1], 0).unwrap();
    let _ = view.clone(); //~ E0599
}
