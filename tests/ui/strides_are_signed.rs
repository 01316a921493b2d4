use strideproof::as_strided;

fn main() {
    let data = [1, 2, 3, 4, 5, 6];
    let (width, height, stride) = (2usize, 2usize, 3usize);
    let _ = as_strided(&data, [height, width], [stride, 1], 0); //~ E0277
}
