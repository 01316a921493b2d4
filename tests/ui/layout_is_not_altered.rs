use strideproof::Layout;

fn main() {
    let mut layout = Layout::row_major([2, 3]).unwrap();
    layout.offset = usize::MAX; //~ E0616
}
