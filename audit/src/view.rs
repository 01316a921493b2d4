//! Adapters for interfaces that take a buffer, a shape, strides and an offset.

use strideproof_oracle::{
    Request, Truth, address, colliding_pair, count, exact_sum, for_each_index, unravel,
};

use crate::class::{Class, Validity};
use crate::element::Element;
use crate::generate::{Gen, Number};
use crate::guard::paused;

/// The most elements that are compared, or walked over.
const MOST_WALKED: u128 = 4096;
/// The most elements of a good view that are read one by one.
const MOST_READ: usize = 64;

/// An interface that shows a buffer by shape, strides and offset.
///
/// The constants state its conventions. Requests come from the kit: shape, strides and offset in the
/// interface's units, over a buffer of which every element [says where it lies](Element::at).
pub trait View {
    /// The element.
    type Item: Element;
    /// The view, or an owner of it.
    type View<'a>;

    /// The least and the largest rank.
    const RANKS: (usize, usize) = (0, 4);
    /// Whether strides may be negative.
    const SIGNED: bool = true;
    /// Whether there is an offset; if not, it is 0.
    const OFFSET: bool = true;
    /// Whether strides and offset count bytes, and not elements.
    const BYTES: bool = false;
    /// Whether the view gives exclusive access, so that each index needs an element of its own.
    const EXCLUSIVE: bool = false;

    /// Makes a view of the buffer, or `None` where the interface refuses; a panic is a refusal too.
    /// An interface that owns its buffer takes it with `std::mem::take`.
    fn build<'a>(buffer: &'a mut Vec<Self::Item>, request: &Request) -> Option<Self::View<'a>>;

    /// Reads the element of an index, in bounds of the shape, by the interface's safe means.
    fn get(view: &Self::View<'_>, index: &[usize]) -> Option<Self::Item>;

    /// Writes the element of an index; `false` where there is no means to.
    fn set(_view: &mut Self::View<'_>, _index: &[usize], _value: Self::Item) -> bool {
        false
    }

    /// All elements in row-major order, by the interface's iterator.
    fn iterate(_view: &Self::View<'_>) -> Option<Vec<Self::Item>> {
        None
    }

    /// All elements in row-major order, by the interface's copy, sum or conversion.
    fn copy(_view: &Self::View<'_>) -> Option<Vec<Self::Item>> {
        None
    }

    /// Whether the documentation promises to accept this request, all of whose indices have an
    /// element (and one of their own, for exclusive access).
    fn promises(_request: &Request) -> bool {
        true
    }

    /// The statements that make the request of a vector `buffer` and do with the view what `call`
    /// says (`build`, `read`, `write`, `iterate`, `copy`), for the reproduction.
    fn repro(request: &Request, call: &str, index: &[usize]) -> String {
        format!("// To fill in: {call} {request:?}, index {index:?}")
    }
}

/// The case function of a [`View`]: makes a request, and where it is accepted reads, writes, iterates
/// and copies.
pub fn view<A: View>(g: &mut Gen) {
    let plan = paused(|| Plan::new::<A>(g));
    plan.announce::<A>(g, "build");
    let mut buffer = g.fill::<A::Item>(plan.elements);
    let Some(mut view) = A::build(&mut buffer, &plan.request) else { return g.accepted(false) };
    match plan.validity {
        Validity::Bad => leave::<A>(g, &plan, &mut view),
        Validity::Good | Validity::Unknown => stay::<A>(g, &plan, &mut view),
    }
}

/// A request and what is true of it.
struct Plan {
    request: Request,
    validity: Validity,
    /// How many elements the buffer has.
    elements: usize,
    /// What to do with a bad view that is accepted.
    call: &'static str,
    /// An index that has no element; else one that has, if there is any.
    index: Vec<usize>,
    /// Whether two indices share an element, as far as that was looked at.
    collides: bool,
}

impl Plan {
    fn new<A: View>(g: &mut Gen) -> Self {
        let mut request = draw::<A>(g);
        let elements = request.len;
        // Bytes differ from elements by a factor that the numbers may have no room for.
        if A::BYTES {
            let item = size_of::<A::Item>();
            let scale = isize::try_from(item).unwrap_or(1);
            request.item = item;
            request.len *= item;
            request.offset = request.offset.wrapping_mul(item);
            request.strides.iter_mut().for_each(|stride| *stride = stride.wrapping_mul(scale));
        }
        let sizes = request.shape.iter().map(|&size| Number(size as i128));
        let strides = request.strides.iter().map(|&stride| Number(stride as i128));
        g.note("shape", &sizes.collect::<Vec<_>>());
        g.note("strides", &strides.collect::<Vec<_>>());
        g.note("offset", &Number(request.offset as i128));
        g.note("len", &request.len);
        let call = g.pick(&["read", "iterate", "copy", "write"]);
        let (validity, index) = (Validity::Unknown, Vec::new());
        let mut plan = Self { request, validity, elements, call, index, collides: false };
        plan.judge::<A>(g);
        if plan.validity != Validity::Unknown {
            g.valid(plan.validity == Validity::Good);
        }
        plan
    }

    /// Finds out what is true of the request.
    fn judge<A: View>(&mut self, g: &mut Gen) {
        let request = &self.request;
        let size = count(&request.shape);
        if size == 0 {
            // Whether an empty view may lie past the end is policy.
            if request.is_accepted() && A::promises(request) {
                self.validity = Validity::Good;
            }
            return;
        }
        let corner = |up: bool| {
            let axes = request.shape.iter().zip(&request.strides);
            axes.map(|(&size, &stride)| if (stride > 0) == up { size - 1 } else { 0 })
                .collect::<Vec<_>>()
        };
        let leaves = |index: &Vec<usize>| {
            let at = reach(request, index);
            at.is_none_or(|at| at < 0 || at + request.item as i128 > request.len as i128)
        };
        self.index = corner(true);
        if let Some(corner) = [corner(true), corner(false)].into_iter().find(leaves) {
            self.index = corner;
            self.validity = Validity::Bad;
            // A corner whose address wraps to one inside hides the others.
            if g.once_in(3) {
                let other = request.shape.iter().map(|&size| g.below(size)).collect();
                if leaves(&other) {
                    self.index = other;
                }
            }
            return;
        }
        // Whether there may be more indices than memory has addresses is policy.
        let counted = matches!(request.truth(), Truth::View { .. });
        // More indices than units share some.
        let collide = || {
            size > request.len as u128
                || colliding_pair(&request.shape, &request.strides, request.item).is_some()
        };
        self.collides = A::EXCLUSIVE && (!counted || collide());
        if self.collides {
            self.validity = if counted { Validity::Bad } else { Validity::Unknown };
        } else if counted && A::promises(request) {
            self.validity = Validity::Good;
        }
    }

    /// The unit where an index's element begins.
    fn address(&self, index: &[usize]) -> i128 {
        address(&self.request.strides, self.request.offset, index)
    }

    /// The element of an index in the buffer, if it lies at one.
    fn expected<T: Element>(&self, index: &[usize]) -> Option<T> {
        let unit = usize::try_from(self.address(index)).ok()?;
        (unit % self.request.item == 0).then(|| T::at(unit / self.request.item))
    }

    /// All elements in row-major order, unless there are too many.
    fn all<T: Element>(&self) -> Option<Vec<T>> {
        let mut all = (count(&self.request.shape) <= MOST_WALKED).then(Vec::new)?;
        let mut aligned = true;
        for_each_index(&self.request.shape, |index| match self.expected(index) {
            Some(element) => all.push(element),
            None => aligned = false,
        });
        aligned.then_some(all)
    }

    /// Says what is called next, and in the case that is reported how to reproduce it.
    fn announce<A: View>(&self, g: &mut Gen, call: &'static str) {
        g.call(call);
        paused(|| {
            g.restate(|g| {
                let zero = A::Item::zero();
                g.code(format_args!("let mut buffer = vec![{zero}; {}];", self.elements));
                g.code(format_args!("{}", A::repro(&self.request, call, &self.index)));
            });
        });
    }
}

/// Does with a view that should not be what its plan says.
fn leave<A: View>(g: &mut Gen, plan: &Plan, view: &mut A::View<'_>) {
    if plan.collides {
        let detail = format_args!("two indices of an exclusive view share an element");
        return g.found(Class::Aliasing, detail);
    }
    // A view that is not walked to its end says nothing; one of its corners is always read.
    let small = count(&plan.request.shape) <= MOST_WALKED;
    let call = if small { plan.call } else { "read" };
    plan.announce::<A>(g, call);
    let index = &plan.index;
    match call {
        "write" => drop(A::set(view, index, A::Item::at(1))),
        "iterate" => drop(A::iterate(view)),
        "copy" => drop(A::copy(view)),
        _ => {
            if let Some(value) = A::get(view, index) {
                // What no element of the buffer is was read beside it.
                let inside = (0..plan.elements).any(|at| A::Item::at(at) == value);
                let class =
                    if inside { Class::AcceptedOutOfBounds } else { Class::OutOfBoundsRead };
                let detail =
                    format_args!("index {index:?}, which has no element, reads as {value:?}");
                g.found(class, detail);
            }
        }
    }
}

/// Reads, iterates, copies and writes, and compares with what the request means.
fn stay<A: View>(g: &mut Gen, plan: &Plan, view: &mut A::View<'_>) {
    let size = count(&plan.request.shape);
    plan.announce::<A>(g, "read");
    for index in paused(|| samples(&plan.request.shape, size)) {
        let expected = plan.expected::<A::Item>(&index);
        if expected.is_some() {
            let found = A::get(view, &index);
            paused(|| g.check(&format!("the element of index {index:?}"), &found, &expected));
        }
    }
    if let Some(expected) = paused(|| plan.all::<A::Item>()) {
        for (call, walk) in [("iterate", A::iterate as fn(&A::View<'_>) -> _), ("copy", A::copy)] {
            plan.announce::<A>(g, call);
            if let Some(found) = walk(view) {
                g.check(call, &found, &expected);
            }
        }
    }
    if size > 0 {
        plan.announce::<A>(g, "write");
        let value = A::Item::at(plan.elements + 1);
        if A::set(view, &plan.index, value.clone()) {
            g.check("what was written", &A::get(view, &plan.index), &Some(value));
        }
    }
}

/// Some indices: all of them if they are few, else some at equal distances.
fn samples(shape: &[usize], size: u128) -> Vec<Vec<usize>> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let few = size.min(MOST_READ);
    (0..few).map(|at| unravel(shape, size / few * at)).collect()
}

/// Where an index's unit begins; `None` where it is too far for a wide integer.
fn reach(request: &Request, index: &[usize]) -> Option<i128> {
    let terms = index.iter().map(|&i| i as i128).zip(&request.strides);
    Some(request.offset as i128 + exact_sum(terms)?)
}

/// Draws a request in elements: one without gaps, changed in places, over a buffer that is just long
/// enough, or short by one. Some have a product that wraps.
fn draw<A: View>(g: &mut Gen) -> Request {
    let (least, most) = A::RANKS;
    let column_major = g.once_in(4);
    // The choices of an axis are neighbours and begin with whether there is one, even where there
    // cannot be, so that shrinking can delete it.
    let (mut shape, mut changes) = (Vec::new(), Vec::new());
    let more = |g: &mut Gen, rank: usize| {
        let left = most.saturating_sub(rank);
        g.below(left.max(1) + 1) > 0 && left > 0
    };
    while shape.len() < least || more(g, shape.len()) {
        shape.push(draw_size(g));
        changes.push((g.below(24), g.below(8)));
    }
    let rank = shape.len();
    let mut strides = packed(&shape, column_major);
    for (stride, (change, other)) in strides.iter_mut().zip(changes) {
        *stride = match change {
            0..16 => *stride,
            16 => 0,
            17 => 1,
            18 | 19 => stride.wrapping_add(1),
            20 => stride.wrapping_mul(2),
            21 => isize::try_from(other).unwrap_or(0),
            _ => stride.wrapping_neg(),
        };
    }
    if g.once_in(4) && rank > 0 {
        let (axis, other) = (g.below(rank), g.below(rank));
        let power = g.power();
        let inverse = usize::MAX / power + usize::from(power > 1);
        match g.below(5) {
            // A count that wraps to 0.
            0 => {
                shape[axis] = power;
                shape[other] = inverse;
                strides = packed(&shape, column_major);
            }
            // A last index whose address wraps to 0.
            1 => {
                shape[axis] = power.wrapping_add(1);
                strides[axis] = 0isize.wrapping_add_unsigned(inverse);
            }
            2 => strides[axis] = 0isize.wrapping_add_unsigned(g.any_wild()),
            3 => strides[axis] = 0isize.wrapping_sub_unsigned(power),
            _ => shape[axis] = g.any_wild(),
        }
    }
    if !A::SIGNED {
        strides.iter_mut().for_each(|stride| *stride &= isize::MAX);
    }
    let (before, after) = extent(&shape, &strides);
    let slack = if g.once_in(4) { 1 + g.below(4) } else { 0 };
    let offset = match g.below(12) {
        0..9 => truncated(before).wrapping_add(slack),
        9 | 10 => truncated(before).saturating_sub(1),
        _ => g.any_wild(),
    };
    let offset = if A::OFFSET { offset } else { 0 };
    let need = (offset as u128).wrapping_add(after);
    let len = g.any_len(need);
    Request { shape, strides, offset, len, item: 1 }
}

fn draw_size(g: &mut Gen) -> usize {
    match g.below(32) {
        0..26 => 1 + g.below(4),
        26..29 => 1 + g.below(12),
        29 | 30 => g.any_size().min(70),
        _ => 0,
    }
}

/// Strides without gaps.
fn packed(shape: &[usize], column_major: bool) -> Vec<isize> {
    let mut strides = vec![0; shape.len()];
    let mut next = 1isize;
    let mut fill = |axis: usize| {
        strides[axis] = next;
        next = next.wrapping_mul(0isize.wrapping_add_unsigned(shape[axis].max(1)));
    };
    match column_major {
        true => (0..shape.len()).for_each(&mut fill),
        false => (0..shape.len()).rev().for_each(&mut fill),
    }
    strides
}

/// How many elements a view takes before its first index, and from there on.
fn extent(shape: &[usize], strides: &[isize]) -> (u128, u128) {
    let (mut before, mut after) = (0u128, 1u128);
    if shape.contains(&0) {
        return (0, 0);
    }
    for (&size, &stride) in shape.iter().zip(strides) {
        let reach = (size as u128 - 1).wrapping_mul(stride.unsigned_abs() as u128);
        let side = if stride < 0 { &mut before } else { &mut after };
        *side = side.wrapping_add(reach);
    }
    (before, after)
}

/// What is left of a number in a word.
fn truncated(number: u128) -> usize {
    usize::try_from(number & usize::MAX as u128).unwrap_or(usize::MAX)
}
