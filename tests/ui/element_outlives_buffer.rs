use strideproof::as_strided;

fn first() -> &'static i32 {
    let data = [1, 2, 3];
    let view = as_strided(&data, [3], [1], 0).unwrap();
    view.iter().next().unwrap() //~ E0515
}

fn main() {
    first();
}
