//! stride: every third element of a slice.

use strideproof_audit::{Element, Gen, call};

fn third(g: &mut Gen) {
    let len = g.size("len");
    let mut buffer = g.buffer::<u32>("buffer", len);
    let count = len.div_ceil(3);
    let [a, b] = ["a", "b"].map(|name| match g.once_in(4) {
        true => g.wild(name),
        false => g.number(name, 0..=count),
    });
    g.valid(a < count && b < count);
    call!(g, let view = stride::Stride::<u32, 3>::new_mut(&mut buffer));
    call!(g, view.swap(a, b));
    g.check("what was swapped", &view[a], &u32::at(3 * b));
    g.check("how many there are", &view.iter_mut().count(), &count);
    g.check("a part", &view[a..].first().copied(), &Some(u32::at(3 * b)));
}

strideproof_audit::main!(third);
