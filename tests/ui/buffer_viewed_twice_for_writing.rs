use strideproof::as_strided_mut;

fn main() {
    let mut data = [1, 2, 3, 4];
    let mut even = as_strided_mut(&mut data, [2], [2], 0).unwrap();
    let mut odd = as_strided_mut(&mut data, [2], [2], 1).unwrap(); //~ E0499
    even[[0]] = 0;
    odd[[0]] = 1;
}
