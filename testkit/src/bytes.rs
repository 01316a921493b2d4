//! The byte form: its check, the conversion to elements, alignment, the span, and typed views of
//! byte buffers that lie anywhere in memory, against the bytes themselves.

use core::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};
use bytemuck::{AnyBitPattern, NoUninit, pod_read_unaligned};
use strideproof::{
    Bytes, Dyn, Error, LayoutDyn, Operand, StridedViewDyn, StridedViewMutDyn, View,
    check_alignment, check_bytes, check_span, check_span_bytes,
};
use strideproof_oracle::generate::{self, Width, boundary};
use strideproof_oracle::model::{Op, View as Model};
use strideproof_oracle::{self as oracle, Element, Request, Truth};

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
// Compiled where it is called, so that only the target that calls this pays for compiling it.
#[inline]
pub fn run(case: &Case) {
    let Request { shape, strides, offset, item, .. } = &case.request;
    if let Err(finding) = oracle::judge(&case.request, &subject::bytes(&case.request)) {
        panic!("{case:?}: {finding}");
    }
    if shape.len() != strides.len() {
        let refusal = Error::RankMismatch { shape: shape.len(), strides: strides.len() };
        let align = check_alignment(shape, strides, *offset, case.base, case.align);
        assert_eq!(align, Err(refusal), "{case:?}: the alignment");
        assert_eq!(check_span(shape, strides), Err(refusal), "{case:?}: the span");
        let span = check_span_bytes(shape, strides, *offset, *item);
        assert_eq!(span.err(), Some(refusal), "{case:?}: the span in bytes");
        return;
    }
    span(case);
    alignment(case);
    if case.turn % 16 == 3 {
        padded(case);
    }
    scaled(case);
    conversion(case);
    match item {
        0 => of_no_bytes(case),
        1 => typed::<u8>(case),
        2 => typed::<u16>(case),
        3 => typed::<[u8; 3]>(case),
        4 => typed::<u32>(case),
        8 => typed::<u64>(case),
        _ => {}
    }
}

/// Compares a refusal with the expected one.
#[track_caller]
fn is_refused(case: &Case, found: Option<Error>, expected: Option<Error>, what: &str) {
    assert_eq!(found, expected, "{case:?}: {what}");
    if let (Some(error), 0) = (found, case.turn % 8) {
        check_error_text(&error);
    }
}

/// The span form is the byte form without a buffer.
fn span(case: &Case) {
    let Request { shape, strides, .. } = &case.request;
    let truth = |axes: usize| Truth::by_corners(&shape[..axes], &strides[..axes], 0);
    let fits = |truth: Truth| match truth {
        Truth::View { lowest, highest, .. } => {
            i64::try_from(lowest).is_ok() && i64::try_from(highest).is_ok()
        }
        _ => true,
    };
    let expected = match truth(shape.len()) {
        Truth::TooMany { axis } => Err(Error::TooManyElements { axis }),
        Truth::View { count, lowest, highest } => {
            match (0..shape.len()).find(|&axis| !fits(truth(axis + 1))) {
                Some(axis) => Err(Error::NotRepresentable { axis }),
                None => Ok((count, lowest, highest)),
            }
        }
        _ => Ok((0, 0, 0)),
    };
    let found = check_span(shape, strides)
        .map(|span| (span.count as u128, span.lowest as i128, span.highest as i128));
    assert_eq!(found.ok(), expected.ok(), "{case:?}: the span");
    is_refused(case, found.err(), expected.err(), "the span");
    span_bytes(case, expected.err());
}

/// The bytes before and after a start whose buffer is not known, by the addresses of the items.
fn span_bytes(case: &Case, refusal: Option<Error>) {
    let &Request { ref shape, ref strides, offset, item, .. } = &case.request;
    let found = check_span_bytes(shape, strides, offset, item);
    if refusal.is_some() {
        return is_refused(case, found.err(), refusal, "the span in bytes");
    }
    let (count, before, after) = match Truth::by_corners(shape, strides, offset) {
        Truth::View { count, lowest, highest } => (count, -lowest.min(0), highest + item as i128),
        _ => (0, 0, offset as i128),
    };
    let after = after.max(0);
    match found {
        Ok(found) => {
            let found = (found.count as u128, found.before as i128, found.after as i128);
            assert_eq!(found, (count, before, after), "{case:?}: the span in bytes");
        }
        Err(error) => {
            let is_end = matches!(error, Error::PastEnd { .. });
            let too_long = before + after > usize::MAX as i128;
            assert!(is_end && too_long, "{case:?}: the span in bytes: {error}");
        }
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
    is_refused(case, found.err(), misaligned(case, base, align), "the alignment");
    if oracle::count(shape) <= 64 && align.is_power_of_two() {
        let aligned = |at: &i128| (at + base as i128).rem_euclid(align as i128) == 0;
        let all = oracle::addresses(shape, strides, offset).iter().all(aligned);
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

/// What keeps a request in bytes from being one in elements: the first stride that is followed, or
/// the offset, that is no multiple of the itemsize.
fn no_multiple(request: &Request, offset: Option<usize>) -> Option<Error> {
    let &Request { ref shape, ref strides, item, .. } = request;
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

/// The expected refusal: the byte form's own, which `run` has judged, or `otherwise` if the oracle accepts
/// the request.
fn refusal(case: &Case, otherwise: impl FnOnce() -> Option<Error>) -> Option<Error> {
    let Request { shape, strides, offset, len, item } = &case.request;
    match case.request.is_accepted() {
        true => otherwise(),
        false => check_bytes(shape, strides, *offset, *len, *item).err(),
    }
}

fn conversion(case: &Case) {
    let &Request { ref shape, ref strides, offset, len, item } = &case.request;
    let found = LayoutDyn::from_bytes(&shape[..], &strides[..], offset, len, item);
    let expected = refusal(case, || no_multiple(&case.request, Some(offset)));
    is_refused(case, found.as_ref().err().copied(), expected, "converted");
    let Ok(layout) = found else { return };
    let expected = (&shape[..], oracle::count(shape));
    assert_eq!((layout.shape(), layout.len() as u128), expected, "{case:?}: converted");
    if layout.is_empty() {
        return;
    }
    for corner in 0..1usize << shape.len() {
        let ends = shape.iter().enumerate().map(|(axis, size)| (size - 1) * (corner >> axis & 1));
        let index: Vec<usize> = ends.collect();
        let elements = layout.address(&index).map(|address| address as i128 * item as i128);
        let bytes = oracle::address(strides, offset, &index);
        assert_eq!(elements, Some(bytes), "{case:?}: index {index:?} converted");
    }
}

/// A type that any bytes are.
trait Plain: AnyBitPattern + NoUninit + PartialEq + fmt::Debug {
    /// Compares the elements of a view, in as many ways as the type allows.
    fn compare(view: &StridedViewDyn<'_, Self>, expected: &[Self], turn: u8);
}

macro_rules! plain {
    ($($integer:ident)*) => {$(
        impl Plain for $integer {
            fn compare(view: &StridedViewDyn<'_, Self>, expected: &[Self], turn: u8) {
                read_every_way(view, expected, turn);
            }
        }
    )*};
}
plain!(u8 u16 u32 u64);

impl Plain for [u8; 3] {
    fn compare(view: &StridedViewDyn<'_, Self>, expected: &[Self], _turn: u8) {
        assert!(view.iter().eq(expected), "{view:?}, and the bytes say {expected:?}");
    }
}

/// More bytes than this are no buffer.
const MOST_BYTES: usize = 4096;
/// Of more indices than this there is no list.
const MOST: u128 = 256;

fn typed<T: Plain>(case: &Case) {
    let &Request { ref shape, ref strides, offset, len, item } = &case.request;
    let (shape, strides) = (&shape[..], &strides[..]);
    assert_eq!(item, size_of::<T>());
    if len > MOST_BYTES {
        return;
    }
    // Exactly as long as it is: behind its end is no more of it.
    let shift = usize::from(case.shift);
    let mut all: Box<[u8]> = (0..shift + len).map(u8::nth).collect();
    let base = all.as_ptr().addr() + shift;
    let Some(buffer) = all.get_mut(shift..) else { return };
    let align = || misaligned(case, base, align_of::<T>());
    steps_of_bytes::<T>(case, buffer, refusal(case, align));
    let expected = refusal(case, || align().or_else(|| no_multiple(&case.request, None)));
    let view = StridedViewDyn::<T>::from_bytes(buffer, shape, strides, offset);
    is_refused(case, view.as_ref().err().copied(), expected, "read as items");
    let Ok(view) = view else {
        let view = StridedViewMutDyn::<T>::from_bytes(buffer, shape, strides, offset);
        assert_eq!(view.err(), expected, "{case:?}: read as items, for writing");
        return;
    };
    if oracle::count(shape) > MOST {
        return;
    }
    let addresses = || oracle::addresses(shape, strides, offset).into_iter().map(inside);
    let item_at = |at: usize| pod_read_unaligned::<T>(&buffer[at..at + item]);
    T::compare(&view, &addresses().map(item_at).collect::<Vec<_>>(), case.turn);
    let axis = usize::from(case.turn / 16) % (shape.len() + 1);
    reinterpreted::<T, u8>(case, buffer, &view, axis);
    reinterpreted::<T, u16>(case, buffer, &view, axis);
    reinterpreted::<T, [u8; 3]>(case, buffer, &view, axis);
    reinterpreted::<T, u64>(case, buffer, &view, axis);
    written::<T>(case, buffer, &addresses().collect::<Vec<_>>());
}

/// A byte's place in the buffer.
fn inside(byte: i128) -> usize {
    usize::try_from(byte).expect("a byte of the buffer")
}

/// No number of bytes says how many items of no bytes there are, so there are none.
fn of_no_bytes(case: &Case) {
    let &Request { ref shape, ref strides, offset, len, .. } = &case.request;
    if len > MOST_BYTES {
        return;
    }
    let expected = refusal(case, || match shape.contains(&0) {
        true => no_multiple(&case.request, Some(0)),
        false => Some(Error::NotItemMultiple { operand: Operand::Offset, bytes: 0, itemsize: 0 }),
    });
    let buffer = vec![0; len];
    let view = StridedViewDyn::<[u8; 0]>::from_bytes(&buffer, &shape[..], &strides[..], offset);
    assert_eq!(view.err(), expected, "{case:?}: read as items of no bytes");
    // In steps of bytes each of them has a place.
    if let Ok(layout) = LayoutDyn::new(&shape[..], &strides[..], offset, len) {
        let view = View::<&[[u8; 0]], _, Dyn, Bytes>::new(&buffer, layout);
        let count = view.map(|view| view.iter().len() as u128);
        assert_eq!(count, Ok(oracle::count(shape)), "{case:?}: items of no bytes by their steps");
    }
}

/// Reading items of another type along an axis joins the elements' bytes or cuts them up, in their order.
fn reinterpreted<T: Plain, U: Plain>(
    case: &Case,
    buffer: &[u8],
    view: &StridedViewDyn<'_, T>,
    axis: usize,
) {
    let Request { shape, strides, offset, item, .. } = &case.request;
    let to = size_of::<U>();
    let found = if axis + 1 == shape.len() && case.turn % 2 == 0 {
        view.clone().try_reinterpret::<U>()
    } else {
        view.clone().try_reinterpret_axis::<U>(axis)
    };
    let model = Model::in_bytes(shape, strides, *offset, *item);
    let base = model.addresses().into_iter().min().unwrap_or(0);
    let (align, buffer_at) = (align_of::<U>(), buffer.as_ptr().addr());
    let op = Op::Reinterpret { axis: Some(axis), to, align, buffer: buffer_at, base };
    match (found, model.apply(&op)) {
        (Ok(found), Ok(expected)) => {
            let item = |at: usize| pod_read_unaligned::<U>(&buffer[at..at + to]);
            let items = expected.addresses().into_iter().map(|at| item(inside(at)));
            let same = found.shape() == expected.shape() && found.iter().copied().eq(items);
            assert!(same, "{case:?}: axis {axis} as items of {to}: {found:?}");
        }
        (Err(error), Err(refusal)) => {
            let found = subject::refusal(&error);
            assert_eq!(found, refusal, "{case:?}: axis {axis} as items of {to}");
        }
        (found, expected) => {
            panic!("{case:?}: axis {axis} as items of {to}: {found:?}, expected {expected:?}");
        }
    }
}

/// The same request as a view whose strides count bytes, which need not be multiples of the itemsize.
fn steps_of_bytes<T: Plain>(case: &Case, buffer: &mut [u8], expected: Option<Error>) {
    let &Request { ref shape, ref strides, offset, len, item } = &case.request;
    // As bytes, of which an item is more than one.
    let Ok(layout) = LayoutDyn::new(&shape[..], &strides[..], offset, len) else { return };
    let view = View::<&[T], T, Dyn, Bytes>::new(buffer, layout.clone());
    is_refused(case, view.as_ref().err().copied(), expected, "read in steps of bytes");
    let Ok(view) = view else {
        let view = View::<&mut [T], T, Dyn, Bytes>::new(buffer, layout);
        assert_eq!(view.err(), expected, "{case:?}: in steps of bytes, for writing");
        return;
    };
    if oracle::count(shape) > MOST {
        return;
    }
    let addresses: Vec<_> =
        oracle::addresses(shape, strides, offset).into_iter().map(inside).collect();
    let items = addresses.iter().map(|&at| pod_read_unaligned::<T>(&buffer[at..at + item]));
    assert!(view.iter().copied().eq(items), "{case:?}: read in steps of bytes: {view:?}");
    let mut shadow = buffer.to_vec();
    let view = View::<&mut [T], T, Dyn, Bytes>::new(buffer, layout);
    let Some(mut view) = unless_aliased(case, view) else { return };
    for (k, element) in view.iter_mut().enumerate() {
        *element = pod_read_unaligned(&fresh(k)[..item]);
        shadow[addresses[k]..addresses[k] + item].copy_from_slice(&fresh(k)[..item]);
    }
    assert_eq!(buffer, shadow, "{case:?}: after writing in steps of bytes");
}

/// The view for writing, which is refused exactly where two items share a byte.
fn unless_aliased<V: fmt::Debug>(case: &Case, view: std::result::Result<V, Error>) -> Option<V> {
    let Request { shape, strides, item, .. } = &case.request;
    match (view, oracle::colliding_pair(shape, strides, *item)) {
        (Ok(view), None) => Some(view),
        (Err(Error::Aliased { first, second }), Some(_)) => {
            let pair = (first.as_slice().unwrap_or(&[]), second.as_slice().unwrap_or(&[]));
            let collide = oracle::is_collision(shape, strides, *item, pair.0, pair.1);
            assert!(collide, "{case:?}: {pair:?} share no byte");
            None
        }
        (view, collision) => panic!("{case:?}: {view:?} for writing, but {collision:?}"),
    }
}

/// The bytes of the item that is written at a place of row-major order.
fn fresh(k: usize) -> [u8; 8] {
    [0x11, 0x27, 0x3d, 0x53, 0x69, 0x7f, 0x95, 0xab].map(|byte| byte ^ u8::nth(k))
}

/// Writing through items changes their bytes and no others.
fn written<T: Plain>(case: &Case, buffer: &mut [u8], addresses: &[usize]) {
    let &Request { ref shape, ref strides, offset, item, .. } = &case.request;
    let mut shadow = buffer.to_vec();
    let view = StridedViewMutDyn::<T>::from_bytes(buffer, &shape[..], &strides[..], offset);
    let Some(mut view) = unless_aliased(case, view) else { return };
    for (k, element) in view.iter_mut().enumerate() {
        *element = pod_read_unaligned(&fresh(k)[..item]);
    }
    for (k, &address) in addresses.iter().enumerate() {
        shadow[address..address + item].copy_from_slice(&fresh(k)[..item]);
    }
    // And byte by byte, where the items of the last axis lie side by side.
    if let Ok(mut bytes) = view.try_reinterpret::<u8>() {
        bytes.map_in_place(|byte| *byte = !*byte);
        for &address in addresses {
            shadow[address..address + item].iter_mut().for_each(|byte| *byte = !*byte);
        }
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
