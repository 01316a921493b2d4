//! strided: parts of a slice, every n-th element of them, and halves for writing.

use strided::{MutStrided, Strided};
use strideproof_audit::{Gen, call};

fn parts(g: &mut Gen) {
    let len = g.number("len", 0..=12);
    let mut buffer = g.buffer::<u64>("buffer", len);
    let n = g.number("n", 0..=4);
    let [from, to] = ["from", "to"].map(|name| g.number(name, 0..=len + 1));
    g.valid(n > 0 && from <= to && to <= len);
    call!(g, let parts = buffer.as_stride().slice(from, to).substrides(n));
    let found = parts.map(|part| part.iter().sum::<u64>()).sum::<u64>();
    g.check("the sum of the parts", &found, &(from as u64..to as u64).sum());
    let mut whole = buffer.as_stride_mut();
    call!(g, let (mut left, mut right) = whole.split_at_mut(from));
    if let (Some(last), Some(first)) = (left.iter_mut().last(), right.get_mut(0)) {
        g.distinct(last, first);
    }
}

strideproof_audit::main!(parts);
