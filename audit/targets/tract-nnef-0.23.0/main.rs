//! tract-nnef: a tensor file is a header of 128 bytes and the elements.

use strideproof_audit::{Gen, call};

fn read_tensor(g: &mut Gen) {
    // Elements of two bytes, whose number is 2^63, or 2^63 + 2^9: the size in bytes wraps to 0, or 2^10.
    let sides = match g.once_in(3) {
        true => g.pick(&[[1 << 21; 3], [134_218_240, 246_241, 279_073]]),
        false => [(); 3].map(|()| 1 + g.below(3)),
    };
    let [a, b, c] = [("a", 0), ("b", 1), ("c", 2)].map(|(name, at)| g.value(name, sides[at]));
    let need = 2 * a as u128 * b as u128 * c as u128;
    let len = g.len("len", need);
    g.valid(need == len as u128);
    call!(g, let header = [len, 3, a, b, c, 0, 0, 0, 0, 0, 16, 2]);
    call!(g, let words = header.into_iter().flat_map(|word| (word as u32).to_le_bytes()));
    call!(g, let head = [0x4e, 0xef, 1, 0].into_iter().chain(words).chain([0; 76]));
    call!(g, let file = head.chain(vec![7; len]).collect::<Vec<u8>>());
    call!(g, let tensor = tract_nnef::tensors::read_tensor(&file[..]).unwrap());
    call!(g, let elements = tensor.try_as_plain().unwrap().as_slice::<u16>().unwrap());
    call!(g, let middle = elements[a * b * c / 2]);
    g.check("an element", &middle, &0x0707);
}

strideproof_audit::main!(read_tensor);
