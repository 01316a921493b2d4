use strideproof::as_strided_mut;

fn main() {
    let mut data = [1, 2, 3];
    let mut view = as_strided_mut(&mut data, [3], [1], 0).unwrap();
    let shared = view.as_view();
    view[[0]] = 4; //~ E0502
    println!("{shared}");
}
