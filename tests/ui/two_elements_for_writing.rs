use strideproof::as_strided_mut;

fn main() {
    let mut data = [1, 2, 3];
    let mut view = as_strided_mut(&mut data, [3], [1], 0).unwrap();
    let first = view.get_mut([0]).unwrap();
    let again = view.get_mut([0]).unwrap(); //~ E0499
    *first = 4;
    *again = 5;
}
