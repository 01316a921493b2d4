//! What operations on views mean: which index of the view each index of the result stands for, and
//! which arguments are refused. Plain numbers, after the documentation of NumPy and Python.
//!
//! A [`View`] is a shape and a function from its indices to addresses. An operation gives another
//! such function on top of it, so a view may be as large as it likes: an address is found when it is
//! asked for. There are no strides here.

use std::rc::Rc;

use crate::collide::unravel;
use crate::truth::{MAX_COUNT, address, count, for_each_index};

/// Python's `start:end:step`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The first position, from the end where it is negative.
    pub start: Option<isize>,
    /// The position behind the last one.
    pub end: Option<isize>,
    /// How far apart positions are.
    pub step: isize,
}

impl Cut {
    /// All of an axis.
    pub const FULL: Self = Self { start: None, end: None, step: 1 };

    /// `slice(start, end, step).indices(size)` as Python's reference documents it: the first
    /// position, and the number of them. `None` for a step of 0.
    ///
    /// # Panics
    /// Never: there are at most `size` positions.
    #[must_use]
    pub fn positions(self, size: usize) -> Option<(i128, usize)> {
        let (size, step) = (size as i128, self.step as i128);
        let (lower, upper) = if step < 0 { (-1, size - 1) } else { (0, size) };
        let clamp = |position: isize| {
            let position = position as i128;
            (if position < 0 { position + size } else { position }).clamp(lower, upper)
        };
        let start = self.start.map_or(if step < 0 { upper } else { lower }, clamp);
        let end = self.end.map_or(if step < 0 { lower } else { upper }, clamp);
        let span = if step < 0 { start - end } else { end - start };
        let count = if span > 0 { (span - 1).checked_div(step.abs())? + 1 } else { 0 };
        (step != 0).then(|| (start, usize::try_from(count).expect("at most the size")))
    }
}

/// What is taken of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A cut of it.
    Range(Cut),
    /// One position; the axis goes.
    At(usize),
}

/// One operation with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A cut for each axis.
    Slice(Vec<Cut>),
    /// A cut or a position for each axis.
    Pieces(Vec<Piece>),
    /// A cut of one axis.
    SliceAxis(usize, Cut),
    /// One axis backwards.
    Reverse(usize),
    /// The axes in another order.
    Permute(Vec<usize>),
    /// The axes in reverse order.
    Transpose,
    /// Two axes exchanged.
    SwapAxes(usize, usize),
    /// One index of an axis, which goes.
    IndexAxis(usize, usize),
    /// A new axis of size 1 before this one.
    InsertAxis(usize),
    /// An axis of size 1, which goes.
    Squeeze(usize),
    /// The diagonal of two axes, as a new last axis.
    Diagonal {
        /// How far the diagonal lies above the main one.
        offset: isize,
        /// The axis of rows.
        rows: usize,
        /// The axis of columns.
        columns: usize,
    },
    /// Windows of a size, as many new axes.
    Windows {
        /// The size of a window on each axis.
        window: Vec<usize>,
        /// How far apart windows are.
        steps: Vec<usize>,
    },
    /// Windows along one axis, as a new last axis.
    AxisWindows {
        /// The axis.
        axis: usize,
        /// The size of a window.
        window: usize,
        /// How far apart windows are.
        step: usize,
    },
    /// Repeated to a larger shape.
    Broadcast(Vec<usize>),
    /// The same elements in the same order under another shape.
    Reshape(Vec<usize>),
    /// The same with at most one size that follows from the others.
    Infer(Vec<Option<usize>>),
    /// What lies before an index of an axis, or the rest.
    Split {
        /// The axis.
        axis: usize,
        /// Where it is cut.
        index: usize,
        /// Whether to take the rest.
        tail: bool,
    },
    /// The same bytes as items of another size, joined or cut up along an axis.
    Reinterpret {
        /// The axis; the last one where none is named.
        axis: Option<usize>,
        /// The size of an item of the result.
        to: usize,
        /// What items of the result are aligned to.
        align: usize,
        /// Where byte 0 lies.
        buffer: usize,
        /// The byte from which an offset counts whole items.
        base: i128,
    },
}

/// Which number is no multiple of the itemsize.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The bytes of all elements of an axis.
    Axis(usize),
    /// The stride of an axis.
    Stride(usize),
    /// The offset.
    Offset,
}

/// Why an operation is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are named after what they are")]
pub enum Refusal {
    /// A list has not the length that it needs.
    Rank { given: usize, needed: usize },
    /// There is no such axis.
    Axis { axis: usize, rank: usize },
    /// There is no such position on an axis that has `size` of them.
    Index { axis: usize, index: usize, size: usize },
    /// An axis is named twice.
    Repeated { axis: usize },
    /// A step is 0.
    ZeroStep { axis: usize },
    /// The axis to go has not size 1.
    NotSizeOne { axis: usize, size: usize },
    /// A window is larger than its axis.
    Window { axis: usize, window: usize, size: usize },
    /// The shape does not broadcast to the other, or is not the other.
    Shapes,
    /// The other shape has another number of elements.
    Count,
    /// No strides describe the new shape.
    NeedsCopy,
    /// The sizes up to and with this axis multiply to more than [`MAX_COUNT`].
    TooMany { axis: usize },
    /// A size or a stride of an axis of the result does not fit a word.
    DoesNotFit { axis: usize },
    /// Items are joined or cut up along an axis whose elements do not lie side by side.
    NotAdjacent { axis: usize, stride: i128 },
    /// A number of bytes is no multiple of the itemsize.
    NotMultiple { part: Part, bytes: i128, item: usize },
    /// The first item does not lie at a multiple of the alignment.
    Misaligned { excess: usize, align: usize },
    /// Two parts that must have no index in common have one.
    Overlap { first: usize, second: usize },
    /// Too many elements to find out.
    Unknown,
}

/// The least product of sizes that no word holds.
const MORE_THAN_ANY: u128 = 1 << usize::BITS;

/// The most elements that a reshape looks at.
const MOST_RESHAPED: u128 = 1 << 14;

/// A view: neither strides nor an offset.
#[derive(Clone)]
pub struct View {
    shape: Vec<usize>,
    item: usize,
    map: Map,
}

/// From an index to the byte at which its item begins.
type Map = Rc<dyn Fn(&[usize]) -> i128>;

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "shape {:?} of items of {}", self.shape, self.item)?;
        if self.count() <= 64 { write!(f, " at {:?}", self.addresses()) } else { Ok(()) }
    }
}

impl View {
    /// The view that a request describes: shape, strides and offset in items of `item` bytes.
    #[must_use]
    pub fn new(shape: &[usize], strides: &[isize], offset: usize, item: usize) -> Self {
        let strides = strides.to_vec();
        let map = move |index: &[usize]| address(&strides, offset, index) * item as i128;
        Self { shape: shape.to_vec(), item, map: Rc::new(map) }
    }

    /// The same with strides and offset in bytes.
    #[must_use]
    pub fn in_bytes(shape: &[usize], strides: &[isize], offset: usize, item: usize) -> Self {
        Self { item, ..Self::new(shape, strides, offset, 1) }
    }

    /// A view whose addresses are a list, in row-major order.
    #[must_use]
    pub fn of_addresses(shape: &[usize], addresses: Vec<i128>, item: usize) -> Self {
        let own = shape.to_vec();
        let map = move |index: &[usize]| addresses[ravel(&own, index)];
        Self { shape: shape.to_vec(), item, map: Rc::new(map) }
    }

    /// The same view with its addresses found, if they are few: they are asked for again and again.
    #[must_use]
    pub fn listed(self) -> Self {
        if self.count() > 1 << 10 {
            return self;
        }
        Self::of_addresses(&self.shape, self.addresses(), self.item)
    }

    /// The size of each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of axes.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// The size of an item in bytes.
    #[must_use]
    pub fn item(&self) -> usize {
        self.item
    }

    /// The number of indices.
    #[must_use]
    pub fn count(&self) -> u128 {
        count(&self.shape)
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// The byte at which the item of a valid index begins.
    #[must_use]
    pub fn at(&self, index: &[usize]) -> i128 {
        (self.map)(index)
    }

    /// All of them in row-major order, of a view that is not too large.
    #[must_use]
    pub fn addresses(&self) -> Vec<i128> {
        let mut all = Vec::new();
        for_each_index(&self.shape, |index| all.push(self.at(index)));
        all
    }

    /// Some of them with their indices, the all-zero one first: all of a small view, corners of a
    /// large one.
    #[must_use]
    pub fn samples(&self, most: u128) -> Vec<(Vec<usize>, i128)> {
        let mut some = Vec::new();
        if self.count() <= most {
            for_each_index(&self.shape, |index| some.push((index.to_vec(), self.at(index))));
            return some;
        }
        let long = self.shape.iter().filter(|&&size| size > 1).count();
        // Of more than 8 axes some go together.
        for corner in 0..1usize << long.min(8) {
            let mut number = 0;
            let mut end = |&size: &usize| {
                let at_end = corner >> (number % 8) & 1 == 1;
                number += usize::from(size > 1);
                if size > 1 && at_end { size - 1 } else { 0 }
            };
            let index: Vec<usize> = self.shape.iter().map(&mut end).collect();
            some.push((index.clone(), self.at(&index)));
        }
        some
    }

    /// The lowest and the highest of them, of a view that some strides describe.
    #[must_use]
    pub fn extent(&self) -> Option<(i128, i128)> {
        if self.is_empty() {
            return None;
        }
        let mut index = vec![0; self.rank()];
        let origin = self.at(&index);
        let (mut low, mut high) = (origin, origin);
        for axis in 0..self.rank() {
            index[axis] = self.shape[axis] - 1;
            let reach = self.at(&index) - origin;
            index[axis] = 0;
            low += reach.min(0);
            high += reach.max(0);
        }
        Some((low, high))
    }

    /// How far an axis moves in bytes; `None` on an axis of at most one index, and where there are
    /// no indices.
    #[must_use]
    pub fn step(&self, axis: usize) -> Option<i128> {
        if self.is_empty() || *self.shape.get(axis)? <= 1 {
            return None;
        }
        let mut index = vec![0; self.rank()];
        let origin = self.at(&index);
        index[axis] = 1;
        Some(self.at(&index) - origin)
    }

    /// The number of different items that the indices stand for.
    #[must_use]
    pub fn distinct(&self) -> usize {
        let mut all = self.addresses();
        all.sort_unstable();
        all.dedup();
        all.len()
    }

    /// Whether every index has an item of its own.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.distinct() as u128 == self.count()
    }

    /// Whether some strides describe the addresses.
    #[must_use]
    pub fn is_affine(&self) -> bool {
        let steps: Vec<i128> = (0..self.rank()).map(|axis| self.step(axis).unwrap_or(0)).collect();
        let first = if self.is_empty() { 0 } else { self.at(&vec![0; self.rank()]) };
        let mut affine = true;
        for_each_index(&self.shape, |index| {
            let terms = index.iter().zip(&steps);
            let expected = terms.fold(first, |sum, (&i, step)| sum + i as i128 * step);
            affine &= self.at(index) == expected;
        });
        affine
    }

    /// Whether the items lie side by side, in row-major order or, with `transposed`, in
    /// column-major order.
    #[must_use]
    pub fn is_packed(&self, transposed: bool) -> bool {
        let view = if transposed { self.apply(&Op::Transpose) } else { Ok(self.clone()) };
        let Ok(view) = view else { return false };
        let all = view.addresses();
        all.windows(2).all(|pair| pair[1] - pair[0] == self.item as i128)
    }

    /// The view with the index on one axis fixed.
    #[must_use]
    pub fn without(&self, axis: usize, index: usize) -> Self {
        let mut shape = self.shape.clone();
        shape.remove(axis);
        self.moved(shape, move |index_of| index_of.insert(axis, index))
    }

    /// The lanes along an axis, one for each index on the others in row-major order; none of a view
    /// without elements.
    #[must_use]
    pub fn lanes(&self, axis: usize) -> Vec<Self> {
        let mut others = self.shape.clone();
        let size = others.remove(axis);
        let mut lanes = Vec::new();
        if size > 0 {
            for_each_index(&others, |other| {
                let other = other.to_vec();
                lanes.push(self.mapped(vec![size], move |child| {
                    [&other[..axis], child, &other[axis..]].concat()
                }));
            });
        }
        lanes
    }

    /// Whether an axis and a later one of a reshape that needs a copy explain why: the outer one is
    /// the next that has more than one index, and does not continue the inner one.
    #[must_use]
    pub fn needs_copy_between(&self, outer: usize, inner: usize) -> bool {
        if outer >= inner || inner >= self.rank() {
            return false;
        }
        let (step, inner_step) = (self.step(outer), self.step(inner));
        let continued = inner_step.map(|step| step * self.shape[inner] as i128);
        step.is_some()
            && continued.is_some()
            && step != continued
            && self.shape[outer + 1..inner].iter().all(|&size| size == 1)
    }

    /// What an operation gives.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn apply(&self, op: &Op) -> Result<Self, Refusal> {
        let child = self.derive(op)?;
        let too_many = |axis: &usize| count(&child.shape[..=*axis]) > MAX_COUNT;
        // Of a view without indices there are never too many.
        if let Some(axis) = (0..child.rank()).find(too_many).filter(|_| !child.is_empty()) {
            return Err(Refusal::TooMany { axis });
        }
        for axis in 0..child.rank() {
            let fits = |step: i128| isize::try_from(step / child.item.max(1) as i128).is_ok();
            if !child.step(axis).is_none_or(fits) {
                return Err(Refusal::DoesNotFit { axis });
            }
        }
        Ok(child)
    }

    fn derive(&self, op: &Op) -> Result<Self, Refusal> {
        let rank = self.rank();
        match op {
            Op::Slice(cuts) => self.slice(cuts),
            Op::Pieces(pieces) => self.pieces(pieces),
            &Op::SliceAxis(axis, cut) => {
                self.size(axis)?;
                let mut cuts = vec![Cut::FULL; rank];
                cuts[axis] = cut;
                self.slice(&cuts)
            }
            &Op::Reverse(axis) => self.derive(&Op::SliceAxis(axis, Cut { step: -1, ..Cut::FULL })),
            Op::Permute(axes) => self.permute(axes),
            Op::Transpose => self.permute(&(0..rank).rev().collect::<Vec<_>>()),
            &Op::SwapAxes(one, other) => {
                self.size(one)?;
                self.size(other)?;
                let mut axes: Vec<usize> = (0..rank).collect();
                axes.swap(one, other);
                self.permute(&axes)
            }
            &Op::IndexAxis(axis, index) => {
                let size = self.size(axis)?;
                if index >= size {
                    return Err(Refusal::Index { axis, index, size });
                }
                Ok(self.without(axis, index))
            }
            &Op::Squeeze(axis) => match self.size(axis)? {
                1 => Ok(self.without(axis, 0)),
                size => Err(Refusal::NotSizeOne { axis, size }),
            },
            &Op::InsertAxis(axis) => {
                if axis > rank {
                    return Err(Refusal::Axis { axis, rank: rank + 1 });
                }
                let mut shape = self.shape.clone();
                shape.insert(axis, 1);
                Ok(self.moved(shape, move |index| {
                    index.remove(axis);
                }))
            }
            &Op::Diagonal { offset, rows, columns } => self.diagonal(offset, rows, columns),
            Op::Windows { window, steps } => self.windows(window, steps),
            &Op::AxisWindows { axis, window, step } => self.axis_windows(axis, window, step),
            Op::Broadcast(shape) => self.broadcast(shape),
            Op::Infer(shape) => self.infer(shape),
            Op::Reshape(shape) => self.reshape(shape),
            &Op::Split { axis, index, tail } => {
                let size = self.size(axis)?;
                if index > size {
                    return Err(Refusal::Index { axis, index, size: size.saturating_add(1) });
                }
                let mut shape = self.shape.clone();
                shape[axis] = if tail { size - index } else { index };
                let start = if tail { index } else { 0 };
                Ok(self.moved(shape, move |index| index[axis] += start))
            }
            &Op::Reinterpret { axis, to, align, buffer, base } => {
                let child = self.reinterpret(axis, to, base)?;
                // Everything is aligned to 1; the view may have any number of addresses then.
                if align == 1 {
                    return Ok(child);
                }
                let lowest = self.addresses().into_iter().min();
                let excess = lowest.map_or(0, |at| (buffer as i128 + at).rem_euclid(align as i128));
                match usize::try_from(excess) {
                    Ok(excess) if excess > 0 => Err(Refusal::Misaligned { excess, align }),
                    _ => Ok(child),
                }
            }
        }
    }

    /// The view of a shape whose indices `map` turns into indices of this view.
    fn mapped(&self, shape: Vec<usize>, map: impl Fn(&[usize]) -> Vec<usize> + 'static) -> Self {
        let parent = self.clone();
        let map = move |index: &[usize]| parent.at(&map(index));
        Self { shape, item: self.item, map: Rc::new(map) }
    }

    /// As [`mapped`](Self::mapped), with a function that changes the index in place.
    fn moved(&self, shape: Vec<usize>, change: impl Fn(&mut Vec<usize>) + 'static) -> Self {
        self.mapped(shape, move |child| {
            let mut index = child.to_vec();
            change(&mut index);
            index
        })
    }

    /// The size of an axis.
    ///
    /// # Errors
    /// If there is no such axis.
    pub fn size(&self, axis: usize) -> Result<usize, Refusal> {
        let rank = self.rank();
        self.shape.get(axis).copied().ok_or(Refusal::Axis { axis, rank })
    }

    fn has_length(&self, given: usize) -> Result<(), Refusal> {
        let needed = self.rank();
        if given == needed { Ok(()) } else { Err(Refusal::Rank { given, needed }) }
    }

    fn slice(&self, cuts: &[Cut]) -> Result<Self, Refusal> {
        self.pieces(&cuts.iter().copied().map(Piece::Range).collect::<Vec<_>>())
    }

    fn pieces(&self, pieces: &[Piece]) -> Result<Self, Refusal> {
        self.has_length(pieces.len())?;
        // Where each axis begins, and how far it steps unless it goes.
        let (mut walks, mut shape) = (Vec::new(), Vec::new());
        for (axis, (&piece, &size)) in pieces.iter().zip(&self.shape).enumerate() {
            walks.push(match piece {
                Piece::Range(cut) => {
                    let (start, count) = cut.positions(size).ok_or(Refusal::ZeroStep { axis })?;
                    shape.push(count);
                    (start, Some(cut.step as i128))
                }
                Piece::At(index) if index < size => (index as i128, None),
                Piece::At(index) => return Err(Refusal::Index { axis, index, size }),
            });
        }
        Ok(self.mapped(shape, move |child| {
            let mut child = child.iter();
            let mut walked = |step: i128| step * *child.next().expect("an index on it") as i128;
            let place = |&(start, step): &(i128, Option<i128>)| start + step.map_or(0, &mut walked);
            let places = walks.iter().map(place);
            places.map(|at| usize::try_from(at).expect("a position of the axis")).collect()
        }))
    }

    fn permute(&self, axes: &[usize]) -> Result<Self, Refusal> {
        self.has_length(axes.len())?;
        for &axis in axes {
            self.size(axis)?;
        }
        for (k, &axis) in axes.iter().enumerate() {
            if axes[..k].contains(&axis) {
                return Err(Refusal::Repeated { axis });
            }
        }
        let shape = axes.iter().map(|&axis| self.shape[axis]).collect();
        let axes = axes.to_vec();
        Ok(self.mapped(shape, move |child| {
            let mut parent = vec![0; axes.len()];
            for (&i, &axis) in child.iter().zip(&axes) {
                parent[axis] = i;
            }
            parent
        }))
    }

    fn diagonal(&self, offset: isize, rows: usize, columns: usize) -> Result<Self, Refusal> {
        let (height, width) = (self.size(rows)? as i128, self.size(columns)? as i128);
        if rows == columns {
            return Err(Refusal::Repeated { axis: rows });
        }
        let offset = offset as i128;
        let longest = (height + offset.min(0)).min(width - offset.max(0)).max(0);
        let rank = self.rank();
        let others = (0..rank).filter(|&axis| axis != rows && axis != columns);
        let mut shape: Vec<usize> = others.map(|axis| self.shape[axis]).collect();
        shape.push(usize::try_from(longest).expect("at most a size"));
        Ok(self.mapped(shape, move |child| {
            let mut others = child.iter().copied();
            let along = child[rank - 2] as i128;
            let position = |axis: usize| match axis {
                axis if axis == rows => usize::try_from(along - offset.min(0)).expect("a row"),
                axis if axis == columns => {
                    usize::try_from(along + offset.max(0)).expect("a column")
                }
                _ => others.next().expect("an index on each axis"),
            };
            (0..rank).map(position).collect()
        }))
    }

    fn windows(&self, window: &[usize], steps: &[usize]) -> Result<Self, Refusal> {
        self.has_length(window.len())?;
        self.has_length(steps.len())?;
        let rank = self.rank();
        let mut shape = Vec::new();
        for axis in 0..rank {
            shape.push(self.positions(axis, window[axis], steps[axis])?);
        }
        shape.extend(window);
        let steps = steps.to_vec();
        Ok(self.mapped(shape, move |child| {
            (0..rank).map(|axis| child[axis] * steps[axis] + child[rank + axis]).collect()
        }))
    }

    /// How many windows there are along an axis.
    fn positions(&self, axis: usize, window: usize, step: usize) -> Result<usize, Refusal> {
        let size = self.size(axis)?;
        if step == 0 {
            return Err(Refusal::ZeroStep { axis });
        }
        if window > size {
            return Err(Refusal::Window { axis, window, size });
        }
        ((size - window) / step).checked_add(1).ok_or(Refusal::DoesNotFit { axis })
    }

    fn axis_windows(&self, axis: usize, window: usize, step: usize) -> Result<Self, Refusal> {
        let mut shape = self.shape.clone();
        shape[self.size(axis).map(|_| axis)?] = self.positions(axis, window, step)?;
        shape.push(window);
        Ok(self.moved(shape, move |index| {
            let inside = index.pop().expect("the axis of windows");
            index[axis] = index[axis] * step + inside;
        }))
    }

    fn broadcast(&self, shape: &[usize]) -> Result<Self, Refusal> {
        let from = self.shape.clone();
        let new = match shape.len().checked_sub(from.len()) {
            Some(new) if from.iter().zip(&shape[new..]).all(|(&n, &to)| n == to || n == 1) => new,
            _ => return Err(Refusal::Shapes),
        };
        Ok(self.mapped(shape.to_vec(), move |child| {
            let index =
                |(axis, &size): (usize, &usize)| if size == 1 { 0 } else { child[new + axis] };
            from.iter().enumerate().map(index).collect()
        }))
    }

    /// A shape is to be had without a copy exactly when the addresses, in their order, are at equal
    /// distances along each of its axes.
    fn reshape(&self, shape: &[usize]) -> Result<Self, Refusal> {
        if count(shape) != self.count() {
            return Err(Refusal::Count);
        }
        let from = self.shape.clone();
        let to = shape.to_vec();
        let child = self.mapped(shape.to_vec(), move |child| unravel(&from, ravel(&to, child)));
        if self.count() > MOST_RESHAPED {
            return Err(Refusal::Unknown);
        }
        if child.is_affine() { Ok(child) } else { Err(Refusal::NeedsCopy) }
    }

    /// As NumPy does it: the known sizes divide the number of elements.
    fn infer(&self, shape: &[Option<usize>]) -> Result<Self, Refusal> {
        let known: Vec<usize> = shape.iter().copied().flatten().collect();
        if known.len() + 1 < shape.len() {
            return Err(Refusal::Count);
        }
        let open = match count(&known) {
            // So many elements are never had, not even by a size of 0.
            0 | MORE_THAN_ANY.. => None,
            known if self.count() % known == 0 => usize::try_from(self.count() / known).ok(),
            _ => None,
        };
        let size = |&size: &Option<usize>| size.or(open).ok_or(Refusal::Count);
        self.reshape(&shape.iter().map(size).collect::<Result<Vec<_>, _>>()?)
    }

    fn reinterpret(&self, axis: Option<usize>, to: usize, base: i128) -> Result<Self, Refusal> {
        let (from, parent) = (self.item, self.clone());
        let axis = match axis {
            Some(axis) => self.size(axis).map(|_| axis)?,
            // Items of the same size need no axis.
            None if self.rank() == 0 && from != to => {
                return Err(Refusal::Axis { axis: 0, rank: 0 });
            }
            None => self.rank().saturating_sub(1),
        };
        let no_multiple = |part, bytes| Refusal::NotMultiple { part, bytes, item: to };
        if from == 0 || to == 0 {
            return Err(Refusal::NotMultiple { part: Part::Axis(axis), bytes: 0, item: 0 });
        }
        if from == to {
            return Ok(parent);
        }
        if let Some(step) = self.step(axis).filter(|&step| step != from as i128) {
            return Err(Refusal::NotAdjacent { axis, stride: step / from as i128 });
        }
        let bytes = self.size(axis)?.checked_mul(from).ok_or(Refusal::DoesNotFit { axis })?;
        if bytes % to > 0 {
            return Err(no_multiple(Part::Axis(axis), bytes as i128));
        }
        let item = to as i128;
        for other in (0..self.rank()).filter(|&other| other != axis) {
            let step = self.step(other).unwrap_or(0);
            if step % item != 0 {
                return Err(no_multiple(Part::Stride(other), step));
            }
        }
        if !self.is_empty() {
            let offset = self.at(&vec![0; self.rank()]) - base;
            if offset % item != 0 {
                return Err(no_multiple(Part::Offset, offset));
            }
        }
        let mut shape = self.shape.clone();
        shape[axis] = bytes / to;
        let map = move |index: &[usize]| {
            let mut element = index.to_vec();
            let byte = index[axis] * to;
            element[axis] = byte / from;
            parent.at(&element) + (byte % from) as i128
        };
        Ok(Self { shape, item: to, map: Rc::new(map) })
    }
}

/// Where an index stands in row-major order.
fn ravel(shape: &[usize], index: &[usize]) -> usize {
    shape.iter().zip(index).fold(0, |position, (&size, &i)| {
        assert!(i < size, "the model leaves its own view: {index:?} of {shape:?}");
        position * size + i
    })
}

/// The shape to which two shapes broadcast, if they do.
#[must_use]
pub fn common_shape(one: &[usize], other: &[usize]) -> Option<Vec<usize>> {
    let rank = one.len().max(other.len());
    let size =
        |shape: &[usize], back: usize| shape.len().checked_sub(back).map_or(1, |axis| shape[axis]);
    let common = |back| match (size(one, back), size(other, back)) {
        (1, size) | (size, 1) => Some(size),
        (one, other) => (one == other).then_some(one),
    };
    (1..=rank).rev().map(common).collect()
}
