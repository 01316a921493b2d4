//! Adapters for planted defects; `tests/zoo.rs` says what has to be found in which.

use strideproof_audit::{Element, Gen, Owned, Request, View, call, view};
use zoo::strided::{self, Check};

/// A buffer of `len` elements of which `count` are used.
fn counted<T: Element>(g: &mut Gen) -> (Vec<T>, usize) {
    let count = g.number("count", 0..=12);
    let len = g.len("len", count as u128);
    g.valid(count <= len);
    (g.buffer("buffer", len), count)
}

/// A buffer of some elements, with which every call is fine.
fn some<T: Element>(g: &mut Gen, least: usize) -> Vec<T> {
    let len = g.number("len", least..=12);
    g.valid(true);
    g.buffer("buffer", len)
}

fn tail(g: &mut Gen) {
    let from = some(g, 0);
    let mut to = g.buffer("to", from.len());
    call!(g, zoo::copy_fast(&from, &mut to));
}

fn scratch(g: &mut Gen) {
    let [width, height] = ["width", "height"].map(|name| g.number(name, 1..=9));
    let plane = g.plane("source", width, height);
    g.valid(plane.is_sound());
    let buffer = g.buffer("buffer", plane.len);
    call!(g, zoo::sum_rows(&buffer, width, height, plane.stride));
}

fn wrapping(g: &mut Gen) {
    let [width, height] = g.sides(["width", "height"]);
    let need = width as u128 * height as u128;
    let len = g.len("len", need);
    g.valid(need > 0 && need <= len as u128);
    let buffer = g.buffer("buffer", len);
    call!(g, zoo::last(&buffer, width, height));
}

fn precondition(g: &mut Gen) {
    let (buffer, count) = counted(g);
    if count > 0 {
        call!(g, zoo::unchecked(&buffer, count - 1));
    }
}

fn two_exclusive(g: &mut Gen) {
    let mut buffer = some::<u8>(g, 2);
    let middle = g.number("middle", 0..=buffer.len() - 1);
    let (one, other) = call!(g, zoo::halves(&mut buffer, middle));
    g.distinct(one, other);
}

fn owned_twice(g: &mut Gen) {
    let buffer = some::<Owned>(g, 1);
    drop(call!(g, zoo::take(&buffer, 0)));
}

fn panics(g: &mut Gen) {
    let buffer = some::<u8>(g, 0);
    g.call("index");
    assert!(buffer.len() < 5, "too long");
}

fn aborts(g: &mut Gen) {
    let buffer = some::<u8>(g, 0);
    g.call("abort");
    if buffer.len() > 3 {
        std::process::abort();
    }
}

fn exits(g: &mut Gen) {
    let buffer = some::<u8>(g, 0);
    g.call("exit");
    if buffer.len() > 3 {
        std::process::exit(0);
    }
}

fn foreign(g: &mut Gen) {
    let at = g.number("at", 0..=12);
    g.valid(at < 8);
    call!(g, zoo::foreign(at));
}

fn hungry(g: &mut Gen) {
    let len = g.wild("len");
    g.call("reserve");
    drop(vec![0u8; len.min(1 << 45)]);
}

fn wrong(g: &mut Gen) {
    let mut buffer = some::<u32>(g, 1);
    g.call("reverse");
    buffer.reverse();
    g.check("the first element", &buffer[0], &0);
}

fn strict(g: &mut Gen) {
    let (_buffer, count) = counted::<u8>(g);
    g.call("check");
    g.accepted(count < 5);
}

/// Does everything that the others do, rightly.
fn sound(g: &mut Gen) {
    let [width, height] = g.sides(["width", "height"]);
    let plane = g.plane("source", width, height);
    g.valid(plane.is_sound() && plane.need() > 0);
    let mut buffer: Vec<u16> = g.buffer("buffer", plane.len);
    if !plane.is_sound() || plane.need() == 0 {
        return g.accepted(false);
    }
    g.call("copy");
    let rows: Vec<_> = buffer
        .chunks(plane.stride.max(width))
        .take(height)
        .map(|row| row[..width].to_vec())
        .collect();
    g.check(
        "the last element",
        rows[height - 1].last().unwrap_or(&0),
        &buffer[plane.need() as usize - 1],
    );
    let (one, other) = buffer.split_at_mut(plane.len / 2);
    g.distinct(one, other);
    let boxes: Vec<Owned> = (0..width.min(9)).map(Owned::at).collect();
    g.check("a box", &boxes.iter().map(Owned::position).sum::<usize>(), &(0..width.min(9)).sum());
}

/// Leaves a thread behind that goes on to allocate and free.
fn threads(g: &mut Gen) {
    g.call("spawn");
    std::thread::spawn(|| (0..50).for_each(|len| drop(std::hint::black_box(vec![0u8; len]))));
    let len = g.number("len", 0..=99);
    drop(g.buffer::<u8>("buffer", len));
}

/// A view with a check.
struct Strided<const CHECK: u8>;

impl<const CHECK: u8> Strided<CHECK> {
    const KIND: Check =
        [Check::LastCorner, Check::Wrapping, Check::Clamping, Check::Exact, Check::Exact]
            [CHECK as usize];
}

impl<const CHECK: u8> View for Strided<CHECK> {
    type Item = u32;
    type View<'a> = strided::View<'a>;

    // The last kind gives exclusive access, and does not check that.
    const EXCLUSIVE: bool = CHECK == 4;

    fn build<'a>(buffer: &'a mut Vec<u32>, r: &Request) -> Option<strided::View<'a>> {
        strided::View::new(buffer, (&r.shape, &r.strides, r.offset), Self::KIND)
    }

    fn get(view: &strided::View<'_>, index: &[usize]) -> Option<u32> {
        Some(if CHECK == 2 { view.get_clamped(index) } else { view.get(index) })
    }

    fn set(view: &mut strided::View<'_>, index: &[usize], value: u32) -> bool {
        if CHECK != 2 {
            view.set(index, value);
        }
        CHECK != 2
    }
}

/// Adapters that make a request and call one function with it, and with these all that there are.
macro_rules! cases {
    (
        [$($other:expr),+ $(,)?]
        |$g:ident| $($name:ident: $variable:pat = $request:expr => $call:expr;)+
    ) => {
        $(fn $name($g: &mut Gen) {
            let $variable = $request;
            call!($g, $call);
        })+

        strideproof_audit::main!($($name,)+ $($other),+);
    };
}

cases! {
    [
        tail, scratch, wrapping, precondition, two_exclusive, owned_twice, panics, aborts, exits,
        foreign, hungry, wrong, strict, sound, threads, view::<Strided<0>>, view::<Strided<1>>,
        view::<Strided<2>>, view::<Strided<3>>, view::<Strided<4>>,
    ]
    |g|
    read_past: (buffer, count) = counted(g) => zoo::sum(&buffer, count);
    write_past: (mut buffer, count) = counted(g) => zoo::fill(&mut buffer, count);
    write_before: mut buffer = some(g, 0) => zoo::shift(&mut buffer);
    read_before: buffer = some(g, 0) => zoo::neighbours(&buffer);
    slack: value = g.number("value", 0..=255) => zoo::write_slack(u8::try_from(value).unwrap_or(0));
    use_after_free: buffer = some(g, 1) => zoo::first_after(buffer);
    double_free: buffer = some(g, 1) => zoo::twice(buffer);
    wrong_size: buffer = some(g, 2) => zoo::resize(buffer);
    no_block: mut buffer = some(g, 2) => zoo::adopt(&mut buffer);
    stack_block: value = g.number("value", 0..=9) => zoo::adopt_local(value as u64);
    recurses: depth = g.number("depth", 0..=9) => zoo::recurse(depth as u64);
    spins: size = g.number("size", 0..=99) => zoo::spin(size);
}
