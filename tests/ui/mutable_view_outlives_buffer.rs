use strideproof::as_strided_mut;

fn main() {
    let mut view;
    {
        let mut data = vec![1, 2, 3];
        view = as_strided_mut(&mut data, [3], [1], 0).unwrap(); //~ E0597
    }
    view[[0]] = 4;
}
