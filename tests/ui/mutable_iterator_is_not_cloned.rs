use strideproof::as_strided_mut;

fn main() {
    let mut data = [1, 2, 3];
    let mut view = as_strided_mut(&mut data, [3], [1], 0).unwrap();
    let _ = view.iter_mut().clone(); //~ E0599
}
