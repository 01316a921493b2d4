//! The byte form: its check, the conversion to elements, alignment, the span, and typed views of
//! byte buffers that lie anywhere in memory, against the bytes themselves.

use core::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};
use bytemuck::{AnyBitPattern, NoUninit, pod_read_unaligned};
use strideproof::{
    Error, Layout, LayoutDyn, Operand, StridedView, StridedViewMut, check_alignment, check_bytes,
    check_span,
};
use strideproof_oracle::generate::{self, Width, boundary};
use strideproof_oracle::model::{Op, View};
use strideproof_oracle::{self as oracle, Element, Request, Truth, for_each_index};

use crate::reading::{check_error_text, read_every_way};
use crate::subject;

/// A request in bytes, and where and as what the bytes are looked at.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// The request; an item takes its itemsize.
    pub request: Request,
    /// Where the buffer begins, as far as numbers go.
    pub base: usize,
    /// An alignment, a power of two or not.
    pub align: usize,
    /// How many bytes after an aligned address the real buffer begins.
    pub shift: u8,
    /// Varies what is done.
    pub turn: u8,
}

/// The itemsizes of the types that a buffer is read as.
const TYPES: [usize; 5] = [1, 2, 3, 4, 8];

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let [first, second, turn] = u.arbitrary::<[u8; 3]>()?;
        let item = match first % 16 {
            n @ 0..10 => TYPES[usize::from(n % 5)],
            n @ 10..14 => [0, 0, 8, 12][usize::from(n - 10)],
            14 => usize::from(second),
            _ => boundary(u)?,
        };
        let align = match second % 16 {
            n @ 0..7 => 1 << n,
            7 => usize::from(first),
            8 => boundary(u)?,
            _ => 1 << (first / 16 % 4),
        };
        let base = match second / 16 {
            n @ 0..8 => usize::from(n),
            8 | 9 => boundary(u)?,
            n => 1 << n,
        };
        let width = if first / 16 % 4 == 0 { Width::Full } else { Width::Memory };
        // Strides are multiples of the itemsize more often than chance has it.
        let step = if turn % 4 == 0 { 1 } else { item.max(1) };
        let mut request = generate::request(u, width, item, step)?;
        if turn == 255 {
            request.strides.pop();
        }
        Ok(Self { request, base, align, shift: turn / 4 % 16, turn })
    }
}

impl Case {
    /// The bytes of a case about a request of a given itemsize.
    #[must_use]
    pub fn encode(request: &Request) -> Vec<u8> {
        // The itemsize by its word; an alignment of 1; no base; turn 0 leaves the numbers alone.
        let mut bytes = Vec::from([15, 0, 0, 7]);
        bytes.extend(request.item.to_le_bytes());
        generate::encode(request, &mut bytes);
        bytes
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, base, align, shift, turn } = self;
        let Request { shape, strides, offset, len, item } = request;
        write!(f, "{len} bytes, items of {item}: shape {shape:?} strides {strides:?} ")?;
        write!(f, "offset {offset}; base {base} align {align}; shifted by {shift} (turn {turn})")
    }
}

/// Judges the library on a case.
///
/// # Panics
/// When it is wrong.
// Compiled where it is called, so that only the target that calls this pays for compiling it.
#[inline]
pub fn run(case: &Case) {
    let request = &case.request;
    let truth = request.truth();
    if let Err(finding) = oracle::judge(request, &subject::bytes(request)) {
        panic!("{case:?}: {finding}");
    }
    if truth == Truth::Rank {
        let Request { shape, strides, offset, .. } = request;
        let refusal = Error::RankMismatch { shape: shape.len(), strides: strides.len() };
        let align = check_alignment(shape, strides, *offset, case.base, case.align);
        assert_eq!(align, Err(refusal), "{case:?}: the alignment");
        assert_eq!(check_span(shape, strides), Err(refusal), "{case:?}: the span");
        return;
    }
    span(case);
    alignment(case);
    if case.turn % 16 == 3 {
        padded(case);
    }
    scaled(case);
    at_rank!(request.shape.len(), ranked(case));
}

/// The span form is the byte form without a buffer.
fn span(case: &Case) {
    let Request { shape, strides, .. } = &case.request;
    let representable =
        |low: i128, high: i128| low >= i128::from(i64::MIN) && high <= i128::from(i64::MAX);
    let expected = match Truth::by_corners(shape, strides, 0) {
        Truth::Rank => None,
        Truth::Empty => Some(Ok((0, 0, 0))),
        Truth::TooMany { axis } => Some(Err(Error::TooManyElements { axis })),
        Truth::View { count, lowest, highest } if representable(lowest, highest) => {
            Some(Ok((count, lowest, highest)))
        }
        Truth::View { .. } => {
            let fits = |axes: usize| match Truth::by_corners(&shape[..axes], &strides[..axes], 0) {
                Truth::View { lowest, highest, .. } => representable(lowest, highest),
                _ => true,
            };
            let axis = (0..shape.len()).find(|axis| !fits(axis + 1)).unwrap_or(0);
            Some(Err(Error::NotRepresentable { axis }))
        }
    };
    let found = check_span(shape, strides)
        .map(|span| (span.count as u128, span.lowest as i128, span.highest as i128));
    assert_eq!(Some(found), expected, "{case:?}: the span");
    if let (Err(error), 0) = (found, case.turn % 8) {
        check_error_text(&error);
    }
}

/// What the alignment of a view's items must be answered with, by plain arithmetic: the first item
/// and the steps along the axes that have any.
fn misaligned(case: &Case, base: usize, align: usize) -> Option<Error> {
    let Request { shape, strides, offset, .. } = &case.request;
    if !align.is_power_of_two() {
        return Some(Error::BadAlignment { align: i128::try_from(align).unwrap() });
    }
    if shape.contains(&0) {
        return None;
    }
    let rest = |bytes: i128| usize::try_from(bytes.rem_euclid(align as i128)).unwrap_or(0);
    let refusal = |axis, bytes| {
        let excess = rest(bytes);
        (excess != 0).then_some(Error::Misaligned { axis, excess, align })
    };
    let step = |axis: usize| refusal(Some(axis), (strides[axis] as i128).abs());
    let mut steps = (0..shape.len()).filter(|&axis| shape[axis] > 1);
    refusal(None, base as i128 + *offset as i128).or_else(|| steps.find_map(step))
}

/// Every reachable item is aligned: by definition, too, where the items can be listed.
fn alignment(case: &Case) {
    let &Case { request: Request { ref shape, ref strides, offset, .. }, base, align, .. } = case;
    let found = check_alignment(shape, strides, offset, base, align);
    let expected = misaligned(case, base, align);
    assert_eq!(found.err(), expected, "{case:?}: the alignment");
    if let (Some(refusal), 0) = (expected, case.turn % 8) {
        check_error_text(&refusal);
    }
    if oracle::count(shape) <= 64 && align.is_power_of_two() {
        let mut all = true;
        for_each_index(shape, |index| {
            let address = oracle::address(strides, offset, index) + base as i128;
            all &= address.rem_euclid(align as i128) == 0;
        });
        assert_eq!(found.is_ok(), all, "{case:?}: the alignment, item by item");
    }
}

/// The same with more axes of one element, which change nothing but the rank, whatever their strides.
fn padded(case: &Case) {
    let mut more = case.request.clone();
    for _ in 0..usize::from(case.turn / 16) + 3 {
        more.shape.insert(0, 1);
        more.strides.insert(0, isize::MIN);
    }
    if let Err(finding) = oracle::judge(&more, &subject::bytes(&more)) {
        panic!("{case:?}, with more axes: {finding}");
    }
    let Request { shape, strides, offset, len, item } = &more;
    if let Err(error) = check_bytes(shape, strides, *offset, *len, *item) {
        check_error_text(&error);
    }
}

/// A request in elements and the same one in bytes get the same verdict, which is the
/// specification's.
fn scaled(case: &Case) {
    let Request { shape, strides, offset, len, item } = &case.request;
    let truth = case.request.truth();
    let in_elements = LayoutDyn::new(shape, strides, *offset, *len);
    let accepts = truth.accepts(*offset, *len, 1);
    assert_eq!(in_elements.is_ok(), accepts, "{case:?}: as elements: {in_elements:?}");
    let (Ok(item), true) = (isize::try_from(*item), *item > 0) else { return };
    let bytes: Option<Vec<isize>> = strides.iter().map(|stride| stride.checked_mul(item)).collect();
    let size = item.unsigned_abs();
    let (Some(bytes), Some(start), Some(end)) =
        (bytes, offset.checked_mul(size), len.checked_mul(size))
    else {
        return;
    };
    let in_bytes = check_bytes(shape, &bytes, start, end, size);
    let accepts = Truth::by_corners(shape, &bytes, start).accepts(start, end, size);
    assert_eq!(in_bytes.is_ok(), accepts, "{case:?}: scaled by {size}: {in_bytes:?}");
    assert_eq!(truth.accepts(*offset, *len, 1), accepts, "{case:?}: the oracle, scaled by {size}");
    if let (Ok(in_bytes), Ok(in_elements)) = (in_bytes, in_elements) {
        let found = (in_bytes.count, in_bytes.required_len);
        let expected = (in_elements.len(), in_elements.required_len() * size);
        assert_eq!(found, expected, "{case:?}: scaled by {size}");
    }
}

fn ranked<const N: usize>(case: &Case) {
    let Request { shape, strides, .. } = &case.request;
    let (Ok(shape), Ok(strides)) =
        (<[usize; N]>::try_from(&shape[..]), <[isize; N]>::try_from(&strides[..]))
    else {
        unreachable!("the rank is N");
    };
    conversion(case, shape, strides);
    match case.request.item {
        0 => of_no_bytes(case, shape, strides),
        1 => typed::<u8, N>(case, shape, strides),
        2 => typed::<u16, N>(case, shape, strides),
        3 => typed::<[u8; 3], N>(case, shape, strides),
        4 => typed::<u32, N>(case, shape, strides),
        8 => typed::<u64, N>(case, shape, strides),
        _ => {}
    }
}

/// What keeps a request in bytes from being one in elements: the first stride that is followed, or
/// the offset, that is no multiple of the itemsize.
fn no_multiple(
    shape: &[usize],
    strides: &[isize],
    offset: Option<usize>,
    item: usize,
) -> Option<Error> {
    let multiple = |bytes: i128| match item {
        0 => bytes == 0,
        item => bytes % item as i128 == 0,
    };
    let refusal = |operand, bytes| Error::NotItemMultiple { operand, bytes, itemsize: item };
    let empty = shape.contains(&0);
    for (axis, (&size, &stride)) in shape.iter().zip(strides).enumerate() {
        if size > 1 && !empty && !multiple(stride as i128) {
            return Some(refusal(Operand::Stride { axis }, stride as i128));
        }
    }
    let offset = offset? as i128;
    (!multiple(offset)).then(|| refusal(Operand::Offset, offset))
}

fn conversion<const N: usize>(case: &Case, shape: [usize; N], strides: [isize; N]) {
    let &Request { offset, len, item, .. } = &case.request;
    let found = Layout::from_bytes(shape, strides, offset, len, item);
    // The byte form's own refusal has been judged; whether there is one is the oracle's word.
    let refusal = match case.request.is_accepted() {
        true => no_multiple(&shape, &strides, Some(offset), item),
        false => check_bytes(&shape, &strides, offset, len, item).err(),
    };
    let layout = match (refusal, found) {
        (None, Ok(layout)) => layout,
        (Some(expected), Err(error)) => {
            assert_eq!(error, expected, "{case:?}: converted");
            if case.turn % 8 == 0 {
                check_error_text(&expected);
            }
            return;
        }
        (expected, found) => panic!("{case:?}: converted: {found:?}, expected {expected:?}"),
    };
    let expected = (&shape, oracle::count(&shape));
    assert_eq!((layout.shape(), layout.len() as u128), expected, "{case:?}: converted");
    if layout.is_empty() {
        return;
    }
    for corner in 0..1usize << N {
        let index = core::array::from_fn(|axis| (shape[axis] - 1) * (corner >> axis & 1));
        let elements = layout.address(index).map(|address| address as i128 * item as i128);
        let bytes = oracle::address(&strides, offset, &index);
        assert_eq!(elements, Some(bytes), "{case:?}: index {index:?} converted");
    }
}

/// A type that any bytes are.
trait Plain: AnyBitPattern + NoUninit + PartialEq + fmt::Debug {
    /// Compares the elements of a view, in as many ways as the type allows.
    fn compare<const N: usize>(view: &StridedView<'_, Self, N>, expected: &[Self], turn: u8);
}

macro_rules! plain {
    ($($integer:ident)*) => {$(
        impl Plain for $integer {
            fn compare<const N: usize>(
                view: &StridedView<'_, Self, N>, expected: &[Self], turn: u8,
            ) {
                read_every_way(view, expected, turn);
            }
        }
    )*};
}
plain!(u8 u16 u32 u64);

impl Plain for [u8; 3] {
    fn compare<const N: usize>(view: &StridedView<'_, Self, N>, expected: &[Self], _turn: u8) {
        assert!(view.iter().eq(expected), "{view:?}, and the bytes say {expected:?}");
    }
}

/// More bytes than this are no buffer.
const MOST_BYTES: usize = 4096;
/// Of more indices than this there is no list.
const MOST: u128 = 256;

fn typed<T: Plain, const N: usize>(case: &Case, shape: [usize; N], strides: [isize; N]) {
    let &Request { offset, len, item, .. } = &case.request;
    assert_eq!(item, size_of::<T>());
    if len > MOST_BYTES {
        return;
    }
    // Exactly as long as it is: behind its end is no more of it.
    let shift = usize::from(case.shift);
    let mut all: Box<[u8]> = (0..shift + len).map(u8::nth).collect();
    let base = all.as_ptr().addr() + shift;
    let Some(buffer) = all.get_mut(shift..) else { return };
    let refusal = match case.request.is_accepted() {
        true => misaligned(case, base, align_of::<T>())
            .or_else(|| no_multiple(&shape, &strides, None, item)),
        false => check_bytes(&shape, &strides, offset, len, item).err(),
    };
    let view = StridedView::<T, N>::from_bytes(buffer, shape, strides, offset);
    if let (Err(error), 0) = (&view, case.turn % 8) {
        check_error_text(error);
    }
    let Ok(view) = view else {
        assert_eq!(view.err(), refusal, "{case:?}: read as items of {item}");
        let view = StridedViewMut::<T, N>::from_bytes(buffer, shape, strides, offset);
        assert_eq!(view.err(), refusal, "{case:?}: read as items of {item}, for writing");
        return;
    };
    assert_eq!(refusal, None, "{case:?}: read as items of {item}");
    if oracle::count(&shape) > MOST {
        return;
    }
    let mut expected = Vec::new();
    for_each_index(&shape, |index| {
        let address = at(&strides, offset, index);
        expected.push(pod_read_unaligned::<T>(&buffer[address..address + item]));
    });
    T::compare(&view, &expected, case.turn);
    let bytes = Bytes { case, shape, strides, buffer };
    let axis = usize::from(case.turn / 16) % (N + 1);
    bytes.reinterpreted::<T, u8>(&view, axis);
    bytes.reinterpreted::<T, u16>(&view, axis);
    bytes.reinterpreted::<T, [u8; 3]>(&view, axis);
    bytes.reinterpreted::<T, u64>(&view, axis);
    written::<T, N>(case, shape, strides, buffer);
}

/// No number of bytes says how many items of no bytes there are, so there are none.
fn of_no_bytes<const N: usize>(case: &Case, shape: [usize; N], strides: [isize; N]) {
    let &Request { offset, len, item, .. } = &case.request;
    if len > MOST_BYTES {
        return;
    }
    let refusal = match case.request.is_accepted() {
        true if shape.contains(&0) => no_multiple(&shape, &strides, Some(0), item),
        true => Some(Error::NotItemMultiple { operand: Operand::Offset, bytes: 0, itemsize: 0 }),
        false => check_bytes(&shape, &strides, offset, len, item).err(),
    };
    let buffer = vec![0; len];
    let view = StridedView::<[u8; 0], N>::from_bytes(&buffer, shape, strides, offset);
    assert_eq!(view.err(), refusal, "{case:?}: read as items of no bytes");
}

/// Where an item of an accepted view begins.
fn at(strides: &[isize], offset: usize, index: &[usize]) -> usize {
    let address = oracle::address(strides, offset, index);
    usize::try_from(address).unwrap_or(usize::MAX)
}

/// A view in bytes that has been accepted, over its buffer.
struct Bytes<'a, const N: usize> {
    case: &'a Case,
    shape: [usize; N],
    strides: [isize; N],
    buffer: &'a [u8],
}

impl<const N: usize> Bytes<'_, N> {
    /// Reading items of another type along an axis joins the bytes of the elements, or cuts them
    /// up, as they follow each other.
    fn reinterpreted<T: Plain, U: Plain>(&self, view: &StridedView<'_, T, N>, axis: usize) {
        let &Self { case, shape, strides, buffer } = self;
        let to = size_of::<U>();
        let found = if axis + 1 == N && case.turn % 2 == 0 {
            view.try_reinterpret::<U>()
        } else {
            view.try_reinterpret_axis::<U>(axis)
        };
        let model = View::in_bytes(&shape, &strides, case.request.offset, size_of::<T>());
        let base = model.addresses().into_iter().min().unwrap_or(0);
        let (align, buffer_at) = (align_of::<U>(), buffer.as_ptr().addr());
        let op = Op::Reinterpret { axis: Some(axis), to, align, buffer: buffer_at, base };
        let (found, expected) = match (found, model.apply(&op)) {
            (Ok(found), Ok(expected)) => (found, expected),
            (Err(error), Err(refusal)) => {
                let found = subject::refusal(&error);
                assert_eq!(found, refusal, "{case:?}: axis {axis} as items of {to}");
                return;
            }
            (found, expected) => {
                panic!("{case:?}: axis {axis} as items of {to}: {found:?}, expected {expected:?}");
            }
        };
        assert_eq!(found.shape(), expected.shape(), "{case:?}: axis {axis} as items of {to}");
        let item = |at: i128| {
            let at = usize::try_from(at).expect("inside");
            pod_read_unaligned::<U>(&buffer[at..at + to])
        };
        let items = expected.addresses().into_iter().map(item);
        assert!(found.iter().copied().eq(items), "{case:?}: axis {axis} as items of {to}");
    }
}

/// Writing through items changes their bytes and no others.
fn written<T: Plain, const N: usize>(
    case: &Case,
    shape: [usize; N],
    strides: [isize; N],
    buffer: &mut [u8],
) {
    let &Request { offset, item, .. } = &case.request;
    let mut shadow = buffer.to_vec();
    let collision = oracle::colliding_pair(&shape, &strides, item);
    let mut view =
        match (StridedViewMut::<T, N>::from_bytes(buffer, shape, strides, offset), collision) {
            (Ok(view), None) => view,
            (Err(Error::Aliased { first, second }), Some(_)) => {
                let pair = (first.as_slice().unwrap_or(&[]), second.as_slice().unwrap_or(&[]));
                let collide = oracle::is_collision(&shape, &strides, item, pair.0, pair.1);
                assert!(collide, "{case:?}: {pair:?} share no byte");
                return;
            }
            (view, collision) => panic!("{case:?}: {view:?} for writing, but {collision:?}"),
        };
    let fresh = |k: usize| [0x11, 0x27, 0x3d, 0x53, 0x69, 0x7f, 0x95, 0xab].map(|b| b ^ u8::nth(k));
    for (k, element) in view.iter_mut().enumerate() {
        *element = pod_read_unaligned(&fresh(k)[..item]);
    }
    let mut k = 0;
    for_each_index(&shape, |index| {
        let address = at(&strides, offset, index);
        shadow[address..address + item].copy_from_slice(&fresh(k)[..item]);
        k += 1;
    });
    // And byte by byte, where the items of the last axis lie side by side.
    if let Ok(mut bytes) = view.try_reinterpret::<u8>() {
        bytes.map_in_place(|byte| *byte = !*byte);
        for_each_index(&shape, |index| {
            let address = at(&strides, offset, index);
            shadow[address..address + item].iter_mut().for_each(|byte| *byte = !*byte);
        });
    }
    assert_eq!(buffer, shadow, "{case:?}: after writing items of {item}");
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn bytes_is_content_with_kept_and_random_inputs() {
        crate::replay::replay("bytes", 8000, run);
    }
}
