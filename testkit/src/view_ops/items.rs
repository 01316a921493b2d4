//! Elements as bytes: the copy of the buffer, and the same bytes as items of another type.

use bytemuck::{AnyBitPattern, NoUninit};
use strideproof::{Buffer, Bytes, Dyn, Error, StridedViewDyn, StridedViewMutDyn, View};
use strideproof_oracle::model::View as Model;
use strideproof_oracle::{Element, Rgb};

use super::step::{self, Lent, Step, Type};
use super::{At, agree};

/// The bytes of the root's buffer, kept up to date by the model alone.
#[derive(Debug)]
pub(super) struct Shadow {
    bytes: Vec<u8>,
    /// The number of values written so far.
    written: usize,
}

impl Shadow {
    /// A copy of a buffer.
    pub(super) fn of<T: Piece>(buffer: &[T]) -> Self {
        let bytes = buffer.iter().flat_map(Piece::to_bytes).collect();
        Self { bytes, written: buffer.len() }
    }

    /// Whether the buffer has these bytes.
    pub(super) fn is<T: Piece>(&self, buffer: &[T]) -> bool {
        Self::of(buffer).bytes == self.bytes
    }

    /// The element at an address.
    pub(super) fn get<T: Piece>(&self, address: i128) -> T {
        let start = usize::try_from(address).expect("a byte of the buffer");
        T::from_bytes(&self.bytes[start..start + size_of::<T>()])
    }

    /// The elements of a view, in row-major order.
    pub(super) fn elements<T: Piece>(&self, model: &Model) -> Vec<T> {
        model.addresses().into_iter().map(|address| self.get(address)).collect()
    }

    /// Writes the element at an address.
    pub(super) fn set<T: Piece>(&mut self, address: i128, value: T) {
        let start = usize::try_from(address).expect("a byte of the buffer");
        self.bytes[start..start + size_of::<T>()].copy_from_slice(&value.to_bytes());
    }

    /// A value that has not been written lately.
    pub(super) fn fresh<T: Piece>(&mut self) -> T {
        self.written += 1;
        T::nth(self.written)
    }
}

/// An element type of a program.
pub(super) trait Piece: Element {
    /// Its bytes, as they are in memory.
    fn to_bytes(&self) -> Vec<u8>;

    /// The value that has these bytes.
    fn from_bytes(bytes: &[u8]) -> Self;

    /// Sees a view as items of another type, and goes on with it.
    fn recast(recast: Recast<'_>, _shadow: &mut Shadow, _view: Lent<'_, Self>) {
        recast.at.fail(&"these elements are not seen as others");
    }

    /// Looks at a part of each element.
    fn field(part: Part<'_>, _shadow: &Shadow, _view: StridedViewDyn<'_, Self>) {
        part.at.fail(&"these elements have no parts");
    }

    /// Writes to that part of each element.
    fn field_mut(part: Part<'_>, _shadow: &mut Shadow, _view: StridedViewMutDyn<'_, Self>) {
        part.at.fail(&"these elements have no parts");
    }
}

impl Piece for Rgb {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.try_into().expect("as many bytes"))
    }
}

macro_rules! integers {
    ($($integer:ident)*) => {$(
        impl Piece for $integer {
            fn to_bytes(&self) -> Vec<u8> {
                self.to_ne_bytes().to_vec()
            }

            fn from_bytes(bytes: &[u8]) -> Self {
                Self::from_ne_bytes(bytes.try_into().expect("as many bytes"))
            }

            fn recast(recast: Recast<'_>, shadow: &mut Shadow, view: Lent<'_, Self>) {
                match recast.to {
                    Type::U8 => seen_as::<Self, u8>(recast, shadow, view),
                    Type::U16 => seen_as::<Self, u16>(recast, shadow, view),
                    Type::U64 => seen_as::<Self, u64>(recast, shadow, view),
                    _ => seen_as_triples(recast, shadow, view),
                }
            }

            fn field(part: Part<'_>, shadow: &Shadow, view: StridedViewDyn<'_, Self>) {
                match part.to {
                    Type::U8 => field(part, view, |byte| shadow.get::<u8>(byte)),
                    Type::U16 => field(part, view, |byte| shadow.get::<u16>(byte)),
                    _ => field(part, view, |byte| shadow.get::<Rgb>(byte).0),
                }
            }

            fn field_mut(p: Part<'_>, shadow: &mut Shadow, view: StridedViewMutDyn<'_, Self>) {
                match p.to {
                    Type::U8 => written_field::<Self, u8>(p, shadow, view),
                    Type::U16 => written_field::<Self, u16>(p, shadow, view),
                    _ => {}
                }
            }
        }
    )*};
}
integers!(u8 u16 u64);

/// A step that sees items of another type, and what follows.
#[derive(Clone, Copy)]
pub(super) struct Recast<'p> {
    pub(super) at: At<'p>,
    pub(super) parent: &'p Model,
    pub(super) to: Type,
    pub(super) axis: Option<usize>,
    pub(super) rest: &'p [Step],
}

/// A step that looks at the part of another type that begins at an offset in each element.
#[derive(Clone, Copy)]
pub(super) struct Part<'p> {
    pub(super) at: At<'p>,
    pub(super) model: &'p Model,
    pub(super) to: Type,
    pub(super) offset: usize,
}

impl Part<'_> {
    /// The bytes at which the parts lie.
    fn places(self) -> impl Iterator<Item = i128> + Clone {
        self.model.addresses().into_iter().map(move |byte| byte + self.offset as i128)
    }
}

/// In the form that is called for, or the one that panics.
macro_rules! recast {
    ($recast:ident, $view:expr, $to:ty) => {
        match $recast.axis {
            Some(axis) if $recast.at.plain() => Ok($view.reinterpret_axis::<$to>(axis)),
            Some(axis) => $view.try_reinterpret_axis::<$to>(axis),
            None if $recast.at.plain() => Ok($view.reinterpret::<$to>()),
            None => $view.try_reinterpret::<$to>(),
        }
    };
}

/// For writing as well, where the view is, and then on with what was granted.
fn seen_as<T, U>(recast: Recast<'_>, shadow: &mut Shadow, mut view: Lent<'_, T>)
where
    T: Piece + NoUninit + AnyBitPattern,
    U: Piece + NoUninit + AnyBitPattern,
{
    let Recast { at, parent, rest, .. } = recast;
    let child = match &mut view {
        Lent::Read(view) => {
            agree::with_expected(at, recast!(recast, view.clone(), U), parent).map(Lent::Read)
        }
        Lent::Write(view) => {
            agree::with_expected(at, recast!(recast, view.as_view(), U), parent);
            let child = recast!(recast, view.reborrow(), U);
            agree::with_expected(at, child, parent).map(Lent::Write)
        }
    };
    match (child, at.step.and_then(Step::successor)) {
        (Some(child), Some(model)) => step::follow(at, shadow, child, model, rest),
        _ => step::follow(at, shadow, view, parent, rest),
    }
}

/// As items that no power of two is a multiple of; only to look at.
fn seen_as_triples<T: Piece + NoUninit>(
    recast: Recast<'_>,
    shadow: &mut Shadow,
    view: Lent<'_, T>,
) {
    let Recast { at, parent, rest, .. } = recast;
    agree::with_expected(at, recast!(recast, view.as_view(), [u8; 3]), parent);
    step::follow(at, shadow, view, parent, rest);
}

/// Checks whether the part of type `F` of each element is granted: it must end in its element, and be
/// aligned in each.
fn grants<T, F, B: Buffer<F>>(
    part: Part<'_>,
    found: Result<View<B, F, Dyn, Bytes>, Error>,
) -> Option<View<B, F, Dyn, Bytes>> {
    let Part { at, model, offset, .. } = part;
    let ends_inside = offset.checked_add(size_of::<F>()).is_some_and(|end| end <= size_of::<T>());
    let is_aligned = |byte| (at.buffer as i128 + byte) % align_of::<F>() as i128 == 0;
    match found {
        Err(Error::PastEnd { .. }) if !ends_inside => None,
        Err(Error::Misaligned { .. }) if !part.places().all(is_aligned) => None,
        Ok(fields) if ends_inside && part.places().all(is_aligned) => {
            at.same(fields.shape(), model.shape(), "the shape of a field");
            Some(fields)
        }
        Ok(_) => at.fail(&"a field that is none"),
        Err(error) => at.fail(&format_args!("a field: {error}")),
    }
}

fn field<T, F>(part: Part<'_>, view: StridedViewDyn<'_, T>, shown: impl Fn(i128) -> F)
where
    T: Piece + NoUninit,
    F: AnyBitPattern + PartialEq,
{
    let Some(fields) = grants::<T, F, _>(part, view.try_field(part.offset)) else { return };
    let at = part.at;
    at.must(fields.iter().map(|field| at.place(field)).eq(part.places()), "the places of a field");
    at.must(fields.iter().copied().eq(part.places().map(shown)), "a field of each element");
}

fn written_field<T, F>(part: Part<'_>, shadow: &mut Shadow, view: StridedViewMutDyn<'_, T>)
where
    T: Piece + NoUninit + AnyBitPattern,
    F: Piece + NoUninit + AnyBitPattern,
{
    let found = view.try_field::<F>(part.offset);
    let Some(fields) = grants::<T, F, _>(part, found) else { return };
    for (element, byte) in fields.into_iter().zip(part.places()) {
        *element = shadow.fresh();
        shadow.set(byte, *element);
    }
}
