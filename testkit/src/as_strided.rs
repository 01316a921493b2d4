//! What the checker accepts is read without a check; what it refuses is refused for the reason
//! given, and at the place given.

use core::fmt;
use std::format;
use std::vec::Vec;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::element::{Element, Nothing, Rgb, Unchecked};
use super::oracle::{self, Answer, Remedy, Request, Tuple};
use super::reading::{next_index, read_every_way, speaks};
use super::request::{RequestBuf, Width, request};
use super::subject;
use strideproof::{
    Layout, LayoutDyn, StridedView, StridedViewDyn, StridedViewMut, as_strided, as_strided_mut,
};

/// A request in elements of some type, and what varies how it is looked at.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// Which of [`ELEMENTS`] the buffer holds.
    pub element: u8,
    /// Varies which indices of a large view are read, and how.
    pub turn: u64,
    /// The request; one element takes one unit.
    pub request: RequestBuf,
}

/// The element types.
pub const ELEMENTS: [&str; 6] =
    [u8::NAME, u16::NAME, u64::NAME, f64::NAME, Rgb::NAME, Nothing::NAME];

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let first = u.arbitrary::<u8>()?;
        let turn = u64::from(u.arbitrary::<u32>()?);
        // One request in four is about numbers that no buffer can have, unless of zero-sized items.
        let element = first % 6;
        let width = if first / 6 % 4 == 0 || element == 5 { Width::Full } else { Width::Memory };
        let request = request(u, width, 1, 1)?;
        Ok(Self { element: element_at(element, request.shape.len()), turn, request })
    }
}

/// Beyond rank 3 all elements that have a size are of three bytes: what the size alone can change
/// shows before that, and each pair of type and rank is code of its own to build and to watch.
fn element_at(element: u8, rank: usize) -> u8 {
    if rank > 3 { element.clamp(4, 5) } else { element }
}

impl Case {
    /// The bytes of this case.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::from([self.element]);
        bytes.extend(&self.turn.to_le_bytes()[..4]);
        super::request::encode(&self.request.request(), &mut bytes);
        bytes
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RequestBuf { shape, strides, offset, len, .. } = &self.request;
        let element = ELEMENTS.get(usize::from(self.element)).unwrap_or(&"?");
        write!(f, "as_strided of {len} elements ({element}): ")?;
        write!(f, "shape {shape:?} strides {strides:?} offset {offset} (turn {})", self.turn)
    }
}

/// Judges the crate on a case.
///
/// # Panics
/// When it is wrong.
pub fn run(case: &Case, memory: &impl Unchecked) {
    let rank = case.request.shape.len();
    match case.element {
        0 => of_rank::<u8>(rank, case, memory),
        1 => of_rank::<u16>(rank, case, memory),
        2 => of_rank::<u64>(rank, case, memory),
        3 => of_rank::<f64>(rank, case, memory),
        4 => of_high_rank::<Rgb>(rank, case, memory),
        _ => of_high_rank::<Nothing>(rank, case, memory),
    }
}

fn of_rank<T: Element>(rank: usize, case: &Case, memory: &impl Unchecked) {
    match rank {
        0 => of_crate::<T, 0>(case, memory),
        1 => of_crate::<T, 1>(case, memory),
        2 => of_crate::<T, 2>(case, memory),
        3 => of_crate::<T, 3>(case, memory),
        _ => {}
    }
}

fn of_high_rank<T: Element>(rank: usize, case: &Case, memory: &impl Unchecked) {
    match rank {
        4 => of_crate::<T, 4>(case, memory),
        5 => of_crate::<T, 5>(case, memory),
        6 => of_crate::<T, 6>(case, memory),
        _ => of_rank::<T>(rank, case, memory),
    }
}

/// Judges any checker on a case: what it accepts is read without a check, and its answer is
/// compared with the specification's.
///
/// # Panics
/// When it is wrong.
pub fn judge(case: &Case, checker: impl Fn(&Request<'_>) -> Answer, memory: &impl Unchecked) {
    let answer = checker(&case.request.request());
    match case.element {
        0 => in_memory::<u8>(case, &answer, memory, |_, _| ()),
        1 => in_memory::<u16>(case, &answer, memory, |_, _| ()),
        2 => in_memory::<u64>(case, &answer, memory, |_, _| ()),
        3 => in_memory::<f64>(case, &answer, memory, |_, _| ()),
        4 => in_memory::<Rgb>(case, &answer, memory, |_, _| ()),
        _ => in_memory::<Nothing>(case, &answer, memory, |_, _| ()),
    }
    settle(case, &answer);
}

/// Compares an answer with the specification's.
fn settle(case: &Case, answer: &Answer) {
    let truth = case.request.truth();
    if let Err(wrong) = oracle::judge(&case.request.request(), truth, answer) {
        panic!("{case:?}: {wrong:?}: the answer is {answer:?}, the specification's {truth:?}");
    }
}

/// Judges the crate on a case whose rank is `N`.
fn of_crate<T: Element, const N: usize>(case: &Case, memory: &impl Unchecked) {
    let request = case.request.request();
    let answer = subject::elements(&request);
    in_memory::<T>(case, &answer, memory, |buffer, elements| {
        if case.turn % 4 == 1 {
            defaults::<T, N>(case, buffer);
        }
        if answer.accepts() {
            accepted::<T, N>(case, buffer, elements);
        } else {
            refused::<T, N>(case, &answer, buffer);
        }
    });
    settle(case, &answer);
    let dynamic = LayoutDyn::new(request.shape, request.strides, request.offset, request.len);
    let fixed = layout::<N>(&request, request.len);
    match (fixed, dynamic) {
        (Ok(fixed), Ok(dynamic)) => {
            let extent = (dynamic.extent(), dynamic.len(), dynamic.required_len());
            assert_eq!(extent, (fixed.extent(), fixed.len(), fixed.required_len()), "{case:?}");
        }
        (Err(fixed), Err(dynamic)) => {
            assert_eq!(fixed, dynamic, "{case:?}");
            if case.turn % 16 == 0 {
                speaks(&fixed);
            }
        }
        (fixed, dynamic) => panic!("{case:?}: Layout says {fixed:?}, LayoutDyn {dynamic:?}"),
    }
}

/// The request's layout in a buffer of `len` elements.
fn layout<const N: usize>(
    request: &Request<'_>,
    len: usize,
) -> core::result::Result<Layout<N>, strideproof::Error> {
    let (Ok(shape), Ok(strides)) = (request.shape.try_into(), request.strides.try_into()) else {
        unreachable!("the rank is N");
    };
    Layout::new(shape, strides, request.offset, len)
}

/// How many indices of a view are read one by one, now and then and else.
const MOST: [u128; 2] = [512, 40];

/// How far beyond the buffer AddressSanitizer watches at the least.
const RED_ZONE_BYTES: i128 = 16;

/// Takes an answer at its word, in a buffer of just the right size: reads without a check what is
/// accepted, and asks whether reading at the witness of a refusal would be noticed. `then` gets the
/// buffer and, if they are few, the elements of the view.
///
/// This comes before the oracle's word on the answer, and does not depend on it.
fn in_memory<T: Element>(
    case: &Case,
    answer: &Answer,
    memory: &impl Unchecked,
    then: impl FnOnce(&mut [T], Option<&[T]>),
) {
    let &Request { shape, strides, offset, len, .. } = &case.request.request();
    let [_, sample, ..] = case.turn.to_le_bytes();
    T::with_buffer(len, |buffer| {
        if let &Answer::Leaves { address, .. } = answer {
            let (size, len) = (size_of::<T>() as i128, len as i128);
            let below = -RED_ZONE_BYTES <= address * size && address < 0;
            let above = len <= address && (address - len) * size < RED_ZONE_BYTES;
            if size > 0 && len > 0 && (below || above) {
                let noticed = memory.is_noticed(buffer, isize::try_from(address).unwrap_or(0));
                assert_ne!(
                    noticed,
                    Some(false),
                    "{case:?}: element {address} may be read after all"
                );
            }
        }
        if !answer.accepts() {
            then(buffer, None);
            return;
        }
        let read = |index: &[usize]| {
            let element = memory.read(buffer, strides, offset, index);
            let address = oracle::address(strides, offset, index);
            let at = usize::try_from(address).ok().and_then(|address| buffer.get(address));
            assert_eq!(Some(&element), at, "{case:?}: index {index:?} without a check");
            element
        };
        let count = shape.iter().fold(1u128, |count, &extent| count.saturating_mul(extent as u128));
        if count <= MOST[usize::from(sample % 8 != 0)] {
            let mut elements = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
            oracle::for_each_index(shape, |index| elements.push(read(index)));
            then(buffer, Some(&elements));
            return;
        }
        // The corners first: what leaves the buffer leaves it there.
        let mut index = Tuple::new(shape);
        for corner in 0..1usize << shape.len() {
            // An axis of one element has one end.
            if shape.iter().enumerate().all(|(axis, &n)| n > 1 || corner >> axis & 1 == 0) {
                let ends =
                    shape.iter().enumerate().map(|(axis, &n)| (n - 1) * (corner >> axis & 1));
                index.set(ends);
                read(index.as_slice());
            }
        }
        let mut state = case.turn | 1;
        for _ in 0..8 {
            index.set(shape.iter().map(|extent| random(&mut state) % extent));
            read(index.as_slice());
        }
        then(buffer, None);
    });
}

/// What the crate accepts, it shows as it is.
fn accepted<T: Element, const N: usize>(case: &Case, buffer: &mut [T], elements: Option<&[T]>) {
    let &Request { shape, strides, offset, .. } = &case.request.request();
    let (Ok(shape), Ok(strides)) = (<[usize; N]>::try_from(shape), <[isize; N]>::try_from(strides))
    else {
        unreachable!("the rank is N");
    };
    let Ok(view) = as_strided(buffer, shape, strides, offset) else {
        panic!("{case:?}: the layout is accepted, the view is not");
    };
    let layout = *view.layout();
    let required = case.request.truth().required_len(offset);
    assert_eq!(Some(view.required_len() as i128), required, "{case:?}: the length it takes");
    if let Some(elements) = elements {
        read_every_way(&view, elements, case.turn.to_le_bytes()[0]);
        if case.turn % 16 == 5 {
            at_run_time(case, buffer, elements);
        }
        writes(case, &layout, buffer);
        return;
    }
    // Walks begin at the beginning, and know how far it is; the far corner is there, too.
    let mut index = [0; N];
    let at = |index: [usize; N]| {
        let address = oracle::address(&strides, offset, &index);
        usize::try_from(address).ok().and_then(|address| buffer.get(address))
    };
    for (k, element) in view.iter().take(16).enumerate() {
        assert_eq!(Some(element), at(index), "{case:?}: element {k}");
        next_index(&mut index, &shape);
    }
    // Three elements at either end of an axis and the dots between: a few hundred at rank 3.
    if case.turn % 64 == 2 && N <= 3 {
        let text = format!("{view}");
        assert!(text.len() < 1 << 16, "{case:?}: {} characters are no summary", text.len());
    }
    let last = shape.map(|extent| extent - 1);
    assert_eq!(view.get(last), at(last), "{case:?}: the last element");
    let count = shape.iter().try_fold(1usize, |count, &extent| count.checked_mul(extent));
    assert_eq!(Some(view.iter().len()), count, "{case:?}: how many there are");
}

/// The same view where the rank is known at run time only.
fn at_run_time<T: Element>(case: &Case, buffer: &[T], elements: &[T]) {
    let &Request { shape, strides, offset, len, .. } = &case.request.request();
    let layout = LayoutDyn::new(shape, strides, offset, len);
    let Ok(view) = layout.and_then(|layout| StridedViewDyn::new(buffer, layout)) else {
        panic!("{case:?}: refused at run-time rank");
    };
    let found = (view.shape(), view.strides(), view.offset(), view.len(), view.is_empty());
    let expected = (shape, strides, offset, elements.len(), elements.is_empty());
    assert_eq!(found, expected, "{case:?}: at run-time rank");
    assert_eq!(view.to_vec(), elements, "{case:?}: copied out at run-time rank");
    let (layout, text) = (*view.layout(), format!("{:?}", view.layout()));
    assert_eq!((layout.offset(), layout.is_empty()), (offset, elements.is_empty()), "{case:?}");
    assert!(text.contains(&format!("{strides:?}")), "{case:?}: {text} at run-time rank");
}

/// What is left out: row-major strides, and the buffer's own shape.
fn defaults<T: Element, const N: usize>(case: &Case, buffer: &mut [T]) {
    let &Request { shape, offset, len, .. } = &case.request.request();
    let Ok(shape) = <[usize; N]>::try_from(shape) else { unreachable!("the rank is N") };
    let count = shape.iter().fold(1u128, |count, &extent| count.saturating_mul(extent as u128));
    let accepts = match count {
        0 => offset <= len,
        1..=oracle::MAX_COUNT => offset as u128 + count <= len as u128,
        _ => false,
    };
    let run = usize::try_from(count)
        .ok()
        .and_then(|count| buffer.get(offset..offset.checked_add(count)?));
    match (as_strided(buffer, shape, None, offset), run) {
        (Ok(view), run) => {
            assert!(accepts, "{case:?}: without strides");
            let few = run.filter(|run| run.len() <= 512);
            assert!(few.is_none_or(|run| view.iter().eq(run)), "{case:?}: without strides");
        }
        (Err(error), _) => assert!(!accepts, "{case:?}: without strides: {error:?}"),
    }
    let mutable = as_strided_mut(buffer, shape, None, offset).is_ok();
    assert_eq!(mutable, accepts, "{case:?}: without strides, for writing");
    let whole = as_strided(buffer, .., None, 0).map(|view| view.as_slice().map(<[T]>::len));
    let sliced = StridedView::from_slice(buffer).map(|view| view.as_slice().map(<[T]>::len));
    assert_eq!(whole, sliced, "{case:?}: the whole buffer");
    let expected = (len as u128 <= oracle::MAX_COUNT).then_some(Some(len));
    assert_eq!(whole.ok(), expected, "{case:?}: the whole buffer");
    let sliced = StridedViewMut::from_slice(buffer).ok().map(|view| view.len());
    assert_eq!(sliced, expected.flatten(), "{case:?}: the whole buffer, for writing");
}

/// The same view for writing, if no two indices share an element.
fn writes<T: Element, const N: usize>(case: &Case, layout: &Layout<N>, buffer: &mut [T]) {
    if case.turn % 4 != 3 {
        return;
    }
    let (shape, strides, offset) = (layout.shape(), layout.strides(), layout.offset());
    // Elements of no size all look alike, and to copy 2^64 of them one by one takes its time.
    let mut after = if size_of::<T>() == 0 { Vec::new() } else { buffer.to_vec() };
    let collision = oracle::colliding_pair(shape, strides, 1);
    match (StridedViewMut::new(buffer, *layout), collision) {
        (Ok(mut view), None) => {
            let found = (view.shape(), view.strides(), view.offset(), view.required_len());
            let expected = (shape, strides, offset, layout.required_len());
            assert_eq!(found, expected, "{case:?}: for writing");
            assert_eq!(view.is_empty(), shape.contains(&0), "{case:?}: for writing");
            // Forth and back, by brackets.
            if !view.is_empty() && case.turn % 8 == 3 {
                let last = shape.map(|extent| extent - 1);
                let element = view[last];
                view[last] = T::nth(1);
                assert_eq!(view[last], T::nth(1), "{case:?}: written by brackets");
                view[last] = element;
            }
            let mut written = 0;
            for (k, element) in view.iter_mut().enumerate() {
                *element = T::nth(!k);
                written += 1;
            }
            let mut addresses = Vec::with_capacity(written);
            oracle::for_each_index(shape, |index| {
                addresses.extend(usize::try_from(oracle::address(strides, offset, index)));
            });
            assert_eq!(written, addresses.len(), "{case:?}: elements to write to");
            if size_of::<T>() > 0 {
                for (k, address) in addresses.into_iter().enumerate() {
                    after[address] = T::nth(!k);
                }
                assert_eq!(after, buffer, "{case:?}: after writing");
            }
        }
        (Err(strideproof::Error::Aliased { first, second }), Some(_)) => {
            let (Some(first), Some(second)) = (first.as_slice(), second.as_slice()) else {
                panic!("{case:?}: a witness without its numbers");
            };
            let collide = oracle::is_collision(shape, strides, 1, first, second);
            assert!(collide, "{case:?}: {first:?} and {second:?} share no element");
        }
        (view, collision) => panic!("{case:?}: {view:?} for writing, but {collision:?}"),
    }
}

/// Some number, the next of a sequence.
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 1).unwrap_or(0)
}

/// What the crate refuses, it takes over the length that it asks for, and over no shorter one.
fn refused<T: Element, const N: usize>(case: &Case, answer: &Answer, buffer: &mut [T]) {
    let request = case.request.request();
    // A layout made for that length is not laid over this buffer.
    let &Answer::Leaves { remedy: Remedy::Len(Some(required)), .. } = answer else { return };
    let Ok(required) = usize::try_from(required) else { return };
    match layout::<N>(&request, required) {
        Ok(layout) => {
            let refusal = self::layout::<N>(&request, request.len);
            let shared = StridedView::new(buffer, layout);
            assert_eq!(shared.err(), refusal.err(), "{case:?}: over a shorter buffer");
            assert!(StridedViewMut::new(buffer, layout).is_err(), "{case:?}: and for writing");
        }
        Err(error) => panic!("{case:?}: {required} elements should do, but {error:?}"),
    }
}
