//! Programs of derived views and writes, on real views and on a list of addresses.
//!
//! The model (`model.rs`, `maps.rs`) knows a view as a shape and the address of every element in
//! row-major order, and each operation as a map of indices, after the documentation of NumPy and
//! Python. It also says which arguments are refused, and with which error. Programs (`draw.rs`,
//! `program.rs`) are made from bytes with the model's help, so that arguments are just inside or
//! just outside of what the view at hand allows. Then every step is done on the crate's layouts and
//! views, of fixed rank and of run-time rank, for reading and for writing, and all must agree with
//! the model: refusal and error, shape, addresses, elements. A copy of the buffer's bytes receives
//! every write too; in the end they are equal.

#[macro_use]
mod forms;
#[macro_use]
mod ranks;

mod draw;
mod items;
mod layouts;
mod maps;
mod model;
mod mutable;
mod numbers;
mod pairs;
mod parts;
mod program;
mod shared;
#[cfg(test)]
mod tests;
mod tuple;
mod writes;

use core::fmt;
use std::vec::Vec;

use arbitrary::{Arbitrary, Result, Unstructured};

use self::draw::{MOST_AXES, Plan, Step};
use self::items::{Piece, Shadow};
use self::model::{Expect, Model, count};
use self::program::{Op, Type};
use self::ranks::is_fixed;
use strideproof::ops::{Rank, Wider};
use strideproof::{
    Error, Layout, LayoutDyn, MAX_DYN_RANK, StridedViewDyn, StridedViewMutDyn, as_strided,
    as_strided_mut,
};
use strideproof_oracle::Request as RequestBuf;
use strideproof_oracle::Truth;
use strideproof_oracle::generate::{self, Width};
use strideproof_oracle::{Element, Rgb};

/// A buffer of elements of some type, a view of it, and what is done with the view.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// Which of [`ELEMENTS`] the buffer holds.
    pub element: u8,
    /// Varies how views are read, and which of several forms of an operation is used.
    pub turn: u32,
    /// The view with which all begins: one that is accepted, of at most a few hundred indices.
    pub start: RequestBuf,
    /// What spells the program; what it says is printed.
    pub program: Vec<u8>,
}

/// The element types.
pub const ELEMENTS: [&str; 4] = [u8::NAME, u16::NAME, u64::NAME, Rgb::NAME];

/// The most bytes of a program that are used.
const MOST_BYTES: usize = 160;

/// A first view with more indices than this would leave no room for windows.
const MOST_INDICES: u128 = 96;

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let first = u.arbitrary::<u8>()?;
        let turn = u.arbitrary::<u32>()?;
        let mut start = settled(generate::request(u, Width::Memory, 1, 1)?);
        // Half of the views are packed, for what needs elements side by side.
        if first / 32 % 4 < 2 && count(&start.shape) > 0 {
            start.strides = packed(&start.shape, first / 32 % 4 == 1);
            start = settled(start);
        }
        let program = Vec::from(u.bytes(u.len().min(MOST_BYTES))?);
        // Integers, which can be seen as one another, more often than the rest; with many axes, those
        // that have every rank.
        let element = [0, 1, 1, 1, 1, 2, 2, 3][usize::from(first % 8)];
        let many = start.shape.len() > 2 && first / 8 % 4 > 0;
        Ok(Self { element: if many { 1 } else { element }, turn, start, program })
    }
}

/// The nearest request that is accepted, with few indices in a small buffer.
fn settled(request: RequestBuf) -> RequestBuf {
    /// How far one axis may reach.
    const MOST_REACH: usize = 200;
    let RequestBuf { mut shape, mut strides, mut offset, mut len, item } = request;
    shape.truncate(MOST_AXES);
    strides.truncate(MOST_AXES);
    if shape.contains(&0) {
        len %= 64;
        offset = offset.min(len);
        return RequestBuf { shape, strides, offset, len, item };
    }
    while count(&shape) > MOST_INDICES {
        for extent in shape.iter_mut().filter(|extent| **extent > 3) {
            *extent = (*extent / 2).min(64);
        }
        // So many axes of 2 and 3 that they are too many all the same.
        if shape.iter().all(|&extent| extent <= 3) {
            shape[0] = 1;
            shape.rotate_left(1);
        }
    }
    for (stride, &extent) in strides.iter_mut().zip(&shape) {
        if extent > 1 {
            *stride %= isize::try_from(MOST_REACH / (extent - 1) + 2).unwrap_or(2);
        }
    }
    if let Truth::View { lowest, highest, .. } = Truth::by_corners(&shape, &strides, 0) {
        let (before, after) = (lowest.unsigned_abs() as usize, highest.unsigned_abs() as usize);
        if offset < before || len > 1024 || offset.saturating_add(after) >= len {
            (offset, len) = (before + offset % 4, before + offset % 4 + after + 1 + len % 4);
        }
    }
    RequestBuf { shape, strides, offset, len, item }
}

/// The strides of a shape in row-major or in column-major order.
fn packed(shape: &[usize], column_major: bool) -> Vec<isize> {
    let stride = |axis: usize| {
        let inner = if column_major { &shape[..axis] } else { &shape[axis + 1..] };
        isize::try_from(count(inner)).unwrap_or(0)
    };
    (0..shape.len()).map(stride).collect()
}

impl Case {
    /// The bytes of this case.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // The element's number, and what leaves the strides as they are.
        let mut bytes = Vec::from([[0, 1, 5, 7][usize::from(self.element % 4)] + 64]);
        bytes.extend(self.turn.to_le_bytes());
        generate::encode(&self.start, &mut bytes);
        bytes.extend(&self.program);
        bytes
    }

    fn kind(&self) -> Type {
        match self.element {
            0 => Type::U8,
            1 => Type::U16,
            2 => Type::U64,
            _ => Type::Rgb,
        }
    }

    fn plan(&self, residue: usize) -> Plan {
        let RequestBuf { shape, strides, offset, .. } = &self.start;
        let root = Model::new(shape, strides, *offset, self.kind().size());
        Plan::new(root, self.kind(), residue, &self.program)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RequestBuf { shape, strides, offset, len, .. } = &self.start;
        let element = ELEMENTS.get(usize::from(self.element)).unwrap_or(&"?");
        write!(f, "shape {shape:?} strides {strides:?} offset {offset} of {len} elements ")?;
        write!(f, "({element}; turn {})", self.turn)?;
        for chain in self.plan(0).chains {
            let ops: Vec<_> = chain.iter().map(|step| &step.op).collect();
            write!(f, "; {ops:?}")?;
        }
        Ok(())
    }
}

/// Where a program stands, and how findings are told.
#[derive(Clone, Copy)]
struct At<'p> {
    case: &'p Case,
    /// None while there is only the first view.
    step: Option<&'p Step>,
    /// Varies from step to step.
    turn: u32,
}

impl<'p> At<'p> {
    /// The step that begins a list of so many.
    fn step(self, steps: &'p [Step]) -> Self {
        let turn = self.case.turn.rotate_right(u32::try_from(steps.len() % 32).unwrap_or(0) * 5);
        Self { step: steps.first(), turn, ..self }
    }

    /// What is done.
    fn op(self) -> &'p Op {
        self.step.map_or(&Op::Read, |step| &step.op)
    }

    /// What the model says of it.
    fn expect(self) -> &'p Expect {
        self.step.map_or(&Expect::Stays, |step| &step.expect)
    }

    /// Whether the form that panics is called, of an operation that the model grants.
    fn plain(self) -> bool {
        self.turn % 2 == 0 && matches!(self.expect(), Expect::Listed(_) | Expect::Stays)
    }

    #[track_caller]
    fn must(self, holds: bool, what: &str) {
        if !holds {
            self.fail(&what);
        }
    }

    #[track_caller]
    fn same<A: PartialEq<B> + fmt::Debug, B: fmt::Debug>(self, is: A, should_be: B, what: &str) {
        if is != should_be {
            self.fail(&format_args!("{what}: {is:?}, not {should_be:?}"));
        }
    }

    #[cold]
    #[track_caller]
    fn fail(self, what: &dyn fmt::Display) -> ! {
        let Self { case, step, .. } = self;
        match step {
            None => panic!("{case:?}: {what}"),
            Some(Step { op, expect, .. }) => {
                panic!("{case:?}: at {op:?}, which should give {expect:?}: {what}")
            }
        }
    }
}

/// Judges the crate on a case.
///
/// # Panics
/// When it is wrong.
// Inlined, that is compiled where it is called: whoever does not fuzz this need not wait for it.
#[inline]
pub fn run(case: &Case) {
    match case.kind() {
        Type::U8 => of::<u8>(case),
        Type::U16 => of::<u16>(case),
        Type::U64 => of::<u64>(case),
        _ => of::<Rgb>(case),
    }
}

fn of<T: Piece>(case: &Case) {
    let done = T::with_buffer(case.start.len, |buffer| {
        let plan = case.plan(buffer.as_ptr().addr() % 64);
        let mut shadow = Shadow::of(buffer);
        let chains = &plan.chains[..];
        let at = At { case, step: None, turn: case.turn };
        at_every_rank!(plan.root.rank(), first_layout(at, &plan.root));
        // The root made anew for each chain, or lent again and again.
        let at_once = if case.turn % 2 == 0 { 1 } else { chains.len() };
        for some in chains.chunks(at_once) {
            begin(at, buffer, &mut shadow, &plan.root, some);
            at.must(shadow.is(buffer), "the buffer has the bytes of its copy");
        }
    });
    assert!(done.is_some(), "{case:?}: the buffer is too large");
}

/// The constructors at a fixed rank.
fn first_layout<const N: usize>(at: At<'_>, root: &Model)
where
    Rank<N>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let RequestBuf { shape, strides, offset, len, .. } = &at.case.start;
    let (shape_at_rank, strides_at_rank) = (array(at, shape), array(at, strides));
    numbers::constructors(at, shape_at_rank);
    match Layout::<N>::new(shape_at_rank, strides_at_rank, *offset, *len) {
        Ok(layout) => {
            numbers::agree(at, &layout, root);
            let dynamic = LayoutDyn::new(shape, strides, *offset, *len);
            at.same(dynamic, Ok(LayoutDyn::from(layout)), "the layout at run-time rank");
        }
        Err(error) => at.fail(&format_args!("the first view is refused: {error}")),
    }
}

fn root_view<'b, T, const N: usize>(
    at: At<'_>,
    buffer: &'b [T],
) -> core::result::Result<StridedViewDyn<'b, T>, Error>
where
    Rank<N>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let RequestBuf { shape, strides, offset, .. } = &at.case.start;
    let (shape, strides) = (array::<_, N>(at, shape), array::<_, N>(at, strides));
    as_strided(buffer, shape, strides, *offset).map(StridedViewDyn::from)
}

fn root_view_mut<'b, T, const N: usize>(
    at: At<'_>,
    buffer: &'b mut [T],
) -> core::result::Result<StridedViewMutDyn<'b, T>, Error>
where
    Rank<N>: Wider<MAX_DYN_RANK, MAX_DYN_RANK>,
{
    let RequestBuf { shape, strides, offset, .. } = &at.case.start;
    let (shape, strides) = (array::<_, N>(at, shape), array::<_, N>(at, strides));
    as_strided_mut(buffer, shape, strides, *offset).map(StridedViewMutDyn::from)
}

/// A list as an array.
#[track_caller]
fn array<T: Copy + fmt::Debug, const N: usize>(at: At<'_>, list: &[T]) -> [T; N] {
    match list.try_into() {
        Ok(array) => array,
        Err(_) => at.fail(&format_args!("{list:?} is not {N} numbers")),
    }
}

/// Does some chains of a program.
fn begin<T: Piece>(
    at: At<'_>,
    buffer: &mut [T],
    shadow: &mut Shadow,
    root: &Model,
    chains: &[Vec<Step>],
) {
    let RequestBuf { shape, strides, offset, len, .. } = &at.case.start;
    let layout = match LayoutDyn::new(shape, strides, *offset, *len) {
        Ok(layout) => layout,
        Err(error) => at.fail(&format_args!("the first view is refused: {error}")),
    };
    let fixed = at.turn % 4 < 2 && is_fixed::<T>(root.rank());
    let refused =
        |error: Error| -> ! { at.fail(&format_args!("the first view is refused: {error}")) };
    let unique = root.is_unique();
    let view = match fixed {
        true => at_rank!(T; root.rank(), root_view_mut::<T>(at, buffer)),
        false => StridedViewMutDyn::new(buffer, layout),
    };
    match view {
        Ok(mut view) if unique => {
            for chain in chains {
                mutable::follow(at, shadow, view.reborrow(), root, chain);
            }
            return;
        }
        Err(error) if unique => refused(error),
        view => numbers::is_alias(at, view.err(), root),
    }
    let view = match fixed {
        true => at_rank!(T; root.rank(), root_view::<T>(at, buffer)),
        false => StridedViewDyn::new(buffer, layout),
    };
    match view {
        Ok(view) => chains.iter().for_each(|chain| shared::follow(at, shadow, view, root, chain)),
        Err(error) => refused(error),
    }
}
