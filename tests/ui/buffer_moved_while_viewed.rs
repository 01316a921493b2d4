use strideproof::as_strided;

fn main() {
    let data = vec![1, 2, 3];
    let view = as_strided(&data, [3], [1], 0).unwrap();
    drop(data); //~ E0505
    println!("{view}");
}
