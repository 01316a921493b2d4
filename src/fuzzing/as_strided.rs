//! What the checker accepts is read without a check; what it refuses is refused for the reason
//! given, and at the place given.

use core::fmt;
use std::format;
use std::vec::Vec;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::element::{Element, Nothing, Rgb, Unchecked};
use super::oracle::{self, Answer, Remedy, Request};
use super::reading::{next_index, read_every_way};
use super::request::{RequestBuf, Width, request};
use super::subject;
use crate::{Layout, LayoutDyn, StridedView, StridedViewMut, as_strided};

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
        0 => judge::<T, 0>(case, memory),
        1 => judge::<T, 1>(case, memory),
        2 => judge::<T, 2>(case, memory),
        3 => judge::<T, 3>(case, memory),
        _ => {}
    }
}

fn of_high_rank<T: Element>(rank: usize, case: &Case, memory: &impl Unchecked) {
    match rank {
        4 => judge::<T, 4>(case, memory),
        5 => judge::<T, 5>(case, memory),
        6 => judge::<T, 6>(case, memory),
        _ => of_rank::<T>(rank, case, memory),
    }
}

fn judge<T: Element, const N: usize>(case: &Case, memory: &impl Unchecked) {
    let request = case.request.request();
    let answer = subject::elements(&request);
    // Memory first: AddressSanitizer's word does not depend on the oracle.
    T::with_buffer(request.len, |buffer| {
        if answer.accepts() {
            accepted::<T, N>(case, buffer, memory);
        } else {
            refused::<T, N>(case, &answer, buffer, memory);
        }
    });
    let truth = case.request.truth();
    if let Err(wrong) = oracle::judge(&request, truth, &answer) {
        panic!("{case:?}: {wrong:?}: the crate says {answer:?}, the specification {truth:?}");
    }
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
                let text = format!("{fixed}");
                assert!(!text.is_empty() && fixed.code().starts_with("SP0"), "{case:?}: {text}");
            }
        }
        (fixed, dynamic) => panic!("{case:?}: Layout says {fixed:?}, LayoutDyn {dynamic:?}"),
    }
}

/// The request's layout in a buffer of `len` elements.
fn layout<const N: usize>(
    request: &Request<'_>,
    len: usize,
) -> core::result::Result<Layout<N>, crate::Error> {
    let (Ok(shape), Ok(strides)) = (request.shape.try_into(), request.strides.try_into()) else {
        unreachable!("the rank is N");
    };
    Layout::new(shape, strides, request.offset, len)
}

/// How many indices of a view are read one by one, now and then and else.
const MOST: [u128; 2] = [512, 40];

fn accepted<T: Element, const N: usize>(case: &Case, buffer: &mut [T], memory: &impl Unchecked) {
    let &Request { shape, strides, offset, .. } = &case.request.request();
    let (Ok(shape), Ok(strides)) = (<[usize; N]>::try_from(shape), <[isize; N]>::try_from(strides))
    else {
        unreachable!("the rank is N");
    };
    let Ok(view) = as_strided(buffer, shape, strides, offset) else {
        panic!("{case:?}: the layout is accepted, the view is not");
    };
    // An index without a check, and where the oracle says it is.
    let read = |index: [usize; N]| {
        let element = memory.read(buffer, &strides, offset, &index);
        let address = oracle::address(&strides, offset, &index);
        let at = usize::try_from(address).ok().and_then(|address| buffer.get(address));
        assert_eq!(Some(&element), at, "{case:?}: index {index:?} without a check");
        element
    };
    let [turn, sample, ..] = case.turn.to_le_bytes();
    let count = shape.iter().fold(1u128, |count, &extent| count.saturating_mul(extent as u128));
    if count > MOST[usize::from(sample % 8 != 0)] {
        let looked_at = |index| {
            let element = read(index);
            assert_eq!(view.get(index), Some(&element), "{case:?}: index {index:?} of the view");
        };
        // The corners first: what leaves the buffer leaves it there.
        for corner in 0..1usize << N {
            let lasts = core::array::from_fn(|axis| (shape[axis] - 1) * (corner >> axis & 1));
            // An axis of one element has one end.
            if (0..N).all(|axis| shape[axis] > 1 || corner >> axis & 1 == 0) {
                looked_at(lasts);
            }
        }
        let mut state = case.turn | 1;
        for _ in 0..8 {
            looked_at(shape.map(|extent| random(&mut state) % extent));
        }
        // Walks begin at the beginning, and know how far it is.
        let mut index = [0; N];
        for (k, element) in view.iter().take(16).enumerate() {
            assert_eq!(Some(element), view.get(index), "{case:?}: element {k}");
            next_index(&mut index, &shape);
        }
        assert_eq!(view.iter().len() as u128, count, "{case:?}");
        return;
    }
    let (mut index, mut expected) =
        ([0; N], Vec::with_capacity(usize::try_from(count).unwrap_or(0)));
    for _ in 0..count {
        expected.push(read(index));
        next_index(&mut index, &shape);
    }
    read_every_way(&view, &expected, turn);
    let layout = *view.layout();
    writes(case, &layout, buffer);
}

/// The same view for writing, if no two indices share an element.
fn writes<T: Element, const N: usize>(case: &Case, layout: &Layout<N>, buffer: &mut [T]) {
    if case.turn % 4 != 3 {
        return;
    }
    let (shape, strides, offset) = (layout.shape(), layout.strides(), layout.offset());
    let mut after = buffer.to_vec();
    let collision = oracle::colliding_pair(shape, strides, 1);
    match (StridedViewMut::new(buffer, *layout), collision) {
        (Ok(mut view), None) => {
            let mut addresses = Vec::new();
            for (k, element) in view.iter_mut().enumerate() {
                *element = T::nth(!k);
            }
            oracle::for_each_index(shape, |index| {
                addresses.extend(usize::try_from(oracle::address(strides, offset, index)));
            });
            for (k, address) in addresses.into_iter().enumerate() {
                after[address] = T::nth(!k);
            }
            assert_eq!(after, buffer, "{case:?}: after writing");
        }
        (Err(crate::Error::Aliased { first, second }), Some(_)) => {
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

/// How far beyond the buffer AddressSanitizer watches at the least.
const RED_ZONE_BYTES: i128 = 16;

fn refused<T: Element, const N: usize>(
    case: &Case,
    answer: &Answer,
    buffer: &mut [T],
    memory: &impl Unchecked,
) {
    let request = case.request.request();
    let &Answer::Leaves { address, remedy, .. } = answer else { return };
    let (size, len) = (size_of::<T>() as i128, request.len as i128);
    let below = -RED_ZONE_BYTES <= address * size && address < 0;
    let above = len <= address && (address - len) * size < RED_ZONE_BYTES;
    if size > 0 && len > 0 && (below || above) {
        let address = isize::try_from(address).unwrap_or(0);
        let noticed = memory.is_noticed(buffer, address);
        assert_ne!(noticed, Some(false), "{case:?}: element {address} may be read after all");
    }
    // The length that would do does; and a layout made for it is not laid over this buffer.
    let Remedy::Len(Some(required)) = remedy else { return };
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
