use strideproof::as_strided;

fn main() {
    let view;
    {
        let data = vec![1, 2, 3];
        view = as_strided(&data, [3], [1], 0).unwrap(); //~ E0597
    }
    println!("{view}");
}
