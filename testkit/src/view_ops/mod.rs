//! Programs of derived views and writes, on real views and on the oracle's model of them.
//!
//! Programs (`draw.rs`) are made from bytes with the model's help, so that arguments are just inside
//! or just outside of what the view at hand allows. Then every step is done on the library's layouts
//! and views of run-time rank, for reading and for writing, and all must agree with the model:
//! refusal and error, shape, and where in memory each element lies. A copy of the buffer's bytes
//! receives every write too; in the end they are equal. Some programs begin with numbers of any
//! width instead: layouts, and views of elements of no size.

mod agree;
pub mod bulk;
pub(crate) mod draw;
mod items;
pub(crate) mod ops;
mod order;
mod parts;
mod step;
mod writes;

use core::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};
use strideproof::{LayoutDyn, StridedViewDyn, StridedViewMutDyn};
use strideproof_oracle::generate::{self, Width};
use strideproof_oracle::model::View as Model;
use strideproof_oracle::{Element, Request, Rgb, Truth, count};

use self::draw::{MOST_AXES, Plan};
use self::items::{Piece, Shadow};
use self::step::{Lent, Step, Type};

/// A buffer of elements of some type, a view of it, and what is done with the view.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// Which of [`ELEMENTS`] the buffer holds.
    pub element: u8,
    /// Varies how views are read, and which of several forms of an operation is used.
    pub turn: u32,
    /// Whether the numbers are as wide as they come, rather than of few elements in a small buffer.
    pub wide: bool,
    /// The view with which all begins: one that is accepted.
    pub start: Request,
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
        let wide = first / 8 % 4 == 3;
        let mut start = match wide {
            true => roomy(generate::request(u, Width::Full, 1, 1)?),
            false => settled(generate::request(u, Width::Memory, 1, 1)?),
        };
        // Half of the views are packed, for what needs elements side by side.
        if !wide && first / 32 % 4 < 2 && count(&start.shape) > 0 {
            start.strides = packed(&start.shape, first / 32 % 4 == 1);
            start = settled(start);
        }
        let program = Vec::from(u.bytes(u.len().min(MOST_BYTES))?);
        // Integers, which can be seen as one another, more often than the rest.
        let element = [0, 1, 1, 1, 1, 2, 2, 3][usize::from(first % 8)];
        Ok(Self { element, turn, wide, start, program })
    }
}

/// The nearest request that is accepted, with few indices in a small buffer.
fn settled(request: Request) -> Request {
    /// How far one axis may reach.
    const MOST_REACH: usize = 200;
    let Request { mut shape, mut strides, mut offset, mut len, item } = request;
    shape.truncate(MOST_AXES);
    strides.truncate(MOST_AXES);
    if shape.contains(&0) {
        len %= 64;
        offset = offset.min(len);
        return Request { shape, strides, offset, len, item };
    }
    while count(&shape) > MOST_INDICES {
        for size in shape.iter_mut().filter(|size| **size > 3) {
            *size = (*size / 2).min(64);
        }
        // So many axes of 2 and 3 that they are too many all the same.
        if shape.iter().all(|&size| size <= 3) {
            shape[0] = 1;
            shape.rotate_left(1);
        }
    }
    for (stride, &size) in strides.iter_mut().zip(&shape) {
        if size > 1 {
            *stride %= isize::try_from(MOST_REACH / (size - 1) + 2).unwrap_or(2);
        }
    }
    if let Truth::View { lowest, highest, .. } = Truth::by_corners(&shape, &strides, 0) {
        let (before, after) = (lowest.unsigned_abs() as usize, highest.unsigned_abs() as usize);
        if offset < before || len > 1024 || offset.saturating_add(after) >= len {
            (offset, len) = (before + offset % 4, before + offset % 4 + after + 1 + len % 4);
        }
    }
    Request { shape, strides, offset, len, item }
}

/// The nearest request that is accepted, of any width.
fn roomy(mut request: Request) -> Request {
    while !request.is_accepted() {
        match Truth::by_corners(&request.shape, &request.strides, 0) {
            Truth::TooMany { axis } => request.shape[axis] = 1,
            Truth::View { lowest, highest, .. } => {
                let (before, len) =
                    (usize::try_from(-lowest), usize::try_from(highest - lowest + 1));
                match (before, len) {
                    (Ok(before), Ok(len)) => (request.offset, request.len) = (before, len),
                    _ => request.strides.iter_mut().for_each(|stride| *stride /= 2),
                }
            }
            _ => request.offset = request.len,
        }
    }
    request
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
    pub fn encode(&self) -> Vec<u8> {
        // The element's number, and what leaves the strides as they are.
        let wide = if self.wide { 24 } else { 0 };
        let mut bytes = Vec::from([[0, 1, 5, 7][usize::from(self.element % 4)] + 64 + wide]);
        bytes.extend(self.turn.to_le_bytes());
        generate::encode(&self.start, &mut bytes);
        bytes.extend(&self.program);
        bytes
    }

    fn kind(&self) -> Type {
        [Type::U8, Type::U16, Type::U64, Type::Rgb][usize::from(self.element % 4)]
    }

    /// The program, in a buffer at an address.
    fn plan(&self, buffer: usize) -> Plan {
        let Request { shape, strides, offset, .. } = &self.start;
        let root = Model::new(shape, strides, *offset, self.kind().size()).listed();
        Plan::new(root, self.kind(), buffer, self.wide, &self.program)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { shape, strides, offset, len, .. } = &self.start;
        let element = ELEMENTS.get(usize::from(self.element)).unwrap_or(&"?");
        write!(f, "shape {shape:?} strides {strides:?} offset {offset} of {len} elements ")?;
        write!(f, "({element}; turn {})", self.turn)?;
        for chain in self.plan(0).chains {
            let steps: Vec<_> = chain.iter().map(|step| &step.does).collect();
            write!(f, "; {steps:?}")?;
        }
        Ok(())
    }
}

/// Where a program stands, and how findings are told.
#[derive(Clone, Copy)]
struct At<'p> {
    case: &'p Case,
    /// The address of the buffer.
    buffer: usize,
    /// None while there is only the first view.
    step: Option<&'p Step>,
    /// Varies from step to step.
    turn: u32,
}

impl<'p> At<'p> {
    /// A step after which there are `left` more.
    fn step(self, step: &'p Step, left: usize) -> Self {
        let turn = self.case.turn.rotate_right(u32::try_from(left % 32).unwrap_or(0) * 5 + 5);
        Self { step: Some(step), turn, ..self }
    }

    /// The byte of the buffer at which an element lies.
    fn place<T>(self, element: &T) -> i128 {
        std::ptr::from_ref(element).addr() as i128 - self.buffer as i128
    }

    /// Whether the form that panics is called, of an operation that the model grants.
    fn plain(self) -> bool {
        self.turn % 2 == 0 && self.step.is_some_and(|step| step.expect.is_ok())
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

    #[track_caller]
    fn some<V>(self, value: Option<V>, what: &str) -> V {
        value.unwrap_or_else(|| self.fail(&format_args!("{what} is missing")))
    }

    #[cold]
    #[track_caller]
    fn fail(self, what: &dyn fmt::Display) -> ! {
        let Self { case, step, .. } = self;
        match step {
            None => panic!("{case:?}: {what}"),
            Some(Step { does, expect, .. }) => {
                panic!("{case:?}: at {does:?}, which should give {expect:?}: {what}")
            }
        }
    }
}

/// Judges the library on a case.
// Compiled where it is called, so that only the target that calls this pays for compiling it.
#[inline]
pub fn run(case: &Case) {
    match case.kind() {
        _ if case.wide => step::at_any_width(case),
        Type::U8 => of::<u8>(case),
        Type::U16 => of::<u16>(case),
        Type::U64 => of::<u64>(case),
        _ => of::<Rgb>(case),
    }
}

fn of<T: Piece>(case: &Case) {
    let done = T::with_buffer(case.start.len, |buffer| {
        let address = buffer.as_ptr().addr();
        let plan = case.plan(address);
        let mut shadow = Shadow::of(buffer);
        let at = At { case, buffer: address, step: None, turn: case.turn };
        // The root made anew for each chain, or lent again and again.
        let at_once = if case.turn % 2 == 0 { 1 } else { plan.chains.len() };
        for chains in plan.chains.chunks(at_once) {
            begin(at, buffer, &mut shadow, &plan.root, chains);
            at.must(shadow.is(buffer), "the buffer has the bytes of its copy");
        }
    });
    assert!(done.is_some(), "{case:?}: the buffer is too large");
}

/// Does some chains of a program.
fn begin<T: Piece>(
    at: At<'_>,
    buffer: &mut [T],
    shadow: &mut Shadow,
    root: &Model,
    chains: &[Vec<Step>],
) {
    let Request { shape, strides, offset, len, .. } = &at.case.start;
    let layout = at.some(LayoutDyn::new(shape, strides, *offset, *len).ok(), "the first layout");
    match StridedViewMutDyn::new(buffer, layout.clone()) {
        Ok(mut view) if root.is_unique() => {
            for chain in chains {
                step::follow(at, shadow, Lent::Write(view.reborrow()), root, chain);
            }
            return;
        }
        view => agree::is_alias(at, view.err(), root),
    }
    let view = at.some(StridedViewDyn::new(buffer, layout).ok(), "the first view");
    for chain in chains {
        step::follow(at, shadow, Lent::Read(view.clone()), root, chain);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Case, run};
    use crate::replay::{case, random, replay};

    #[test]
    fn view_ops_is_content_with_kept_and_random_inputs() {
        replay("view_ops", 8000, run);
    }

    #[test]
    fn each_operation_is_granted_and_refused_often_enough() {
        /// What is never refused, or only by giving nothing.
        const GRANTED: [&str; 13] = [
            "Transpose",
            "Recast",
            "Pair",
            "WrongCount",
            "Read",
            "Field",
            "InMemoryOrder",
            "Bulk",
            "Write::Fill",
            "Write::MapInPlace",
            "Write::Iter",
            "Write::IntoIter",
            "Write::At",
        ];
        let (mut tally, mut steps, mut empty) = (BTreeMap::<_, [u32; 2]>::new(), 0, 0);
        let (mut deep, mut most) = (0, 0);
        for input in random(3, 260).take(4000) {
            let plan = case::<Case>(&input).plan(0);
            for chain in &plan.chains {
                let mut model = &plan.root;
                for step in chain {
                    tally.entry(step.does.name()).or_default()
                        [usize::from(step.expect.is_err())] += 1;
                    steps += 1;
                    empty += u32::from(model.is_empty());
                    deep += u32::from(model.rank() > 8);
                    model = step.successor().unwrap_or(model);
                    most = most.max(model.rank());
                }
            }
        }
        assert_eq!(tally.len(), 39, "the operations: {tally:?}");
        for (name, [granted, refused]) in tally {
            let (granted, refused) = (granted * 1000 / steps, refused * 1000 / steps);
            assert!(granted >= 5, "{name} is granted in {granted} of 1000 steps");
            let enough = refused >= 1 || GRANTED.contains(&&name[..]);
            assert!(enough, "{name} is refused in {refused} of 1000 steps");
        }
        let empty = empty * 100 / steps;
        assert!((10..33).contains(&empty), "{empty} of 100 steps are on views without elements");
        assert!(deep * 100 > steps, "{deep} of {steps} steps are beyond rank 8, up to {most}");
    }

    #[test]
    fn a_case_is_made_again_from_its_bytes() {
        for input in random(4, 260).take(500) {
            let made: Case = case(&input);
            assert_eq!(case::<Case>(&made.encode()), made);
        }
    }
}
