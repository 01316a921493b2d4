use strideproof::as_strided_mut;

fn main() {
    let mut data: [&'static str; 1] = ["static"];
    {
        let local = String::from("local");
        as_strided_mut(&mut data, [1], [1], 0).unwrap()[[0]] = &local; //~ E0597
    }
    println!("{}", data[0]);
}
