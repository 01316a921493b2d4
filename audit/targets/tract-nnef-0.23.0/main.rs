//! tract-nnef: a tensor file is a header of 128 bytes and the elements.

use strideproof_audit::{Gen, call};

fn read_tensor(g: &mut Gen) {
    let [a, b, c] = ["a", "b", "c"].map(|name| {
        let size = g.pick(&[1, 2, 3, 1 << 21, 1 << 30, 1 << 31]);
        g.value(name, size)
    });
    let bytes = g.pick(&[1, 2, 4, 8]);
    let need = (a as u128 * b as u128 * c as u128) * bytes as u128;
    let (len, bits) = (g.len("len", need), g.value("bits", 8 * bytes));
    g.valid(need == len as u128);
    call!(g, let header = [len, 3, a, b, c, 0, 0, 0, 0, 0, bits, 2]);
    call!(g, let words = header.into_iter().flat_map(|word| (word as u32).to_le_bytes()));
    call!(g, let head = [0x4e, 0xef, 1, 0].into_iter().chain(words).chain([0; 76]));
    call!(g, let file = head.chain(vec![7; len]).collect::<Vec<u8>>());
    call!(g, let tensor = tract_nnef::tensors::read_tensor(&file[..]).unwrap());
    call!(g, tensor.is_uniform());
}

strideproof_audit::main!(read_tensor);
