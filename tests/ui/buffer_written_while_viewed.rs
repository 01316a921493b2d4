use strideproof::as_strided;

fn main() {
    let mut data = [1, 2, 3];
    let view = as_strided(&data, [3], [1], 0).unwrap();
    data[0] = 4; //~ E0506
    println!("{view}");
}
