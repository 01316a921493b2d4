//! What every operation means: which index of the view each index of the result stands for, and
//! which arguments are refused. Plain numbers, after the documentation of NumPy and Python.

use super::model::{Cells, Expect, Model, Place, count};
use super::program::{Cut, Op, Type, Write};
use super::tuple::{MAX_COUNT, MAX_RANK, Tuple};
use strideproof::{Error, Index, Operand};

/// What an operation gives on a view; `residue` is the address of the root's buffer, as far as it
/// matters for alignment.
pub(super) fn expect(model: &Model, op: &Op, residue: usize) -> Expect {
    judge(model, op, residue).unwrap_or_else(Expect::Refused)
}

fn judge(model: &Model, op: &Op, residue: usize) -> Result<Expect, Error> {
    let rank = model.rank();
    match op {
        Op::Slice(cuts) => {
            for (axis, cut) in cuts.iter().enumerate() {
                if cut.step == 0 {
                    return Err(Error::ZeroStep { axis });
                }
            }
            Ok(slice(model, cuts))
        }
        &Op::SliceAxis(axis, cut) => {
            model.extent(axis)?;
            if cut.step == 0 {
                return Err(Error::ZeroStep { axis });
            }
            let mut cuts = [Cut::FULL; MAX_RANK];
            cuts[axis] = cut;
            Ok(slice(model, &cuts[..rank]))
        }
        &Op::Reverse(axis) => {
            let extent = model.extent(axis)?;
            Ok(model.derive(model.shape(), |child, parent| {
                parent[..rank].copy_from_slice(child);
                parent[axis] = extent - 1 - child[axis];
            }))
        }
        Op::Permute(axes) => permute(model, axes.as_slice()),
        Op::Transpose => {
            let mut axes = [0; MAX_RANK];
            for (k, axis) in axes[..rank].iter_mut().enumerate() {
                *axis = rank - 1 - k;
            }
            permute(model, &axes[..rank])
        }
        &Op::SwapAxes(one, other) => {
            model.extent(one)?;
            model.extent(other)?;
            let mut axes = core::array::from_fn::<_, MAX_RANK, _>(|axis| axis);
            (axes[one], axes[other]) = (other, one);
            permute(model, &axes[..rank])
        }
        &Op::IndexAxis(axis, index) => {
            let extent = model.extent(axis)?;
            if index >= extent {
                return Err(Error::bad_index(axis, index, extent));
            }
            Ok(without(model, axis, index))
        }
        &Op::Squeeze(axis) => match model.extent(axis)? {
            1 => Ok(without(model, axis, 0)),
            extent => Err(Error::NotSizeOne { axis, size: extent }),
        },
        &Op::InsertAxis(axis) => {
            if axis > rank {
                return Err(Error::bad_axis(axis, rank + 1));
            }
            let mut shape = [1; MAX_RANK];
            shape[..axis].copy_from_slice(&model.shape()[..axis]);
            shape[axis + 1..=rank].copy_from_slice(&model.shape()[axis..]);
            Ok(model.derive(&shape[..=rank], |child, parent| {
                parent[..axis].copy_from_slice(&child[..axis]);
                parent[axis..rank].copy_from_slice(&child[axis + 1..]);
            }))
        }
        &Op::Diagonal(offset) => diagonal(model, offset, 0, 1),
        &Op::DiagonalOf(offset, rows, columns) => diagonal(model, offset, rows, columns),
        Op::Windows(window) => windows(model, window.as_slice(), &[1; MAX_RANK][..rank]),
        Op::WindowsBy(window, steps) => windows(model, window.as_slice(), steps.as_slice()),
        Op::BroadcastTo(shape) => broadcast(model, shape.as_slice()),
        Op::Reshape(shape) => reshape(model, shape.as_slice()),
        &Op::SplitAt { axis, index, tail } => {
            let extent = model.extent(axis)?;
            if index > extent {
                return Err(Error::bad_index(axis, index, extent.saturating_add(1)));
            }
            let (start, size) = if tail { (index, extent - index) } else { (0, index) };
            let mut shape = cells(model.shape());
            shape[axis] = size;
            Ok(model.derive(&shape[..rank], |child, parent| {
                parent[..rank].copy_from_slice(child);
                parent[axis] += start;
            }))
        }
        &Op::AxisIter { axis, pick } => Ok(match model.extent(axis)? {
            0 => Expect::Stays,
            extent => without(model, axis, pick % extent),
        }),
        &Op::Lanes { axis, pick } => {
            model.extent(axis)?;
            Ok(match lanes(model, axis) {
                0 => Expect::Stays,
                lanes => lane(model, axis, pick % lanes),
            })
        }
        &Op::Items { to, axis } => items_of_view(model, to, axis, residue),
        &Op::Recast { axis, from, to } => {
            model.extent(axis)?;
            items(model, axis, from, to, 0)
        }
        Op::Write(write) => match refusal_to_write(model, write) {
            Some(error) => Err(error),
            None => Ok(Expect::Stays),
        },
        Op::Read | Op::Pair(_) | Op::WrongCount(_) => Ok(Expect::Stays),
    }
}

fn cells(shape: &[usize]) -> Cells {
    let mut cells = [0; MAX_RANK];
    cells[..shape.len()].copy_from_slice(shape);
    cells
}

/// Python's `slice(start, end, step).indices(extent)` as its reference documents it: the first
/// position, and the number of them.
fn python(cut: Cut, extent: usize) -> (i128, usize) {
    let (extent, step) = (extent as i128, cut.step as i128);
    let (lower, upper) = if step < 0 { (-1, extent - 1) } else { (0, extent) };
    let clamp = |position: isize| {
        let position = position as i128;
        (if position < 0 { position + extent } else { position }).clamp(lower, upper)
    };
    let start = cut.start.map_or(if step < 0 { upper } else { lower }, clamp);
    let end = cut.end.map_or(if step < 0 { lower } else { upper }, clamp);
    let span = if step < 0 { start - end } else { end - start };
    let count = if span > 0 { (span - 1) / step.abs() + 1 } else { 0 };
    (start, usize::try_from(count).expect("at most the extent"))
}

fn slice(model: &Model, cuts: &[Cut]) -> Expect {
    let rank = model.rank();
    let (mut starts, mut shape) = ([0; MAX_RANK], [0; MAX_RANK]);
    for axis in 0..rank {
        (starts[axis], shape[axis]) = python(cuts[axis], model.shape()[axis]);
    }
    model.derive(&shape[..rank], |child, parent| {
        for axis in 0..rank {
            let at = starts[axis] + cuts[axis].step as i128 * child[axis] as i128;
            parent[axis] = usize::try_from(at).expect("a position of the axis");
        }
    })
}

fn permute(model: &Model, axes: &[usize]) -> Result<Expect, Error> {
    for &axis in axes {
        model.extent(axis)?;
    }
    for (k, &axis) in axes.iter().enumerate() {
        if axes[..k].contains(&axis) {
            return Err(Error::RepeatedAxis { axis });
        }
    }
    let mut shape = [0; MAX_RANK];
    for (extent, &axis) in shape.iter_mut().zip(axes) {
        *extent = model.shape()[axis];
    }
    Ok(model.derive(&shape[..axes.len()], |child, parent| {
        for (&i, &axis) in child.iter().zip(axes) {
            parent[axis] = i;
        }
    }))
}

/// The view with the index on one axis fixed.
pub(super) fn without(model: &Model, axis: usize, index: usize) -> Expect {
    let rank = model.rank();
    let mut shape = [0; MAX_RANK];
    shape[..axis].copy_from_slice(&model.shape()[..axis]);
    shape[axis..rank - 1].copy_from_slice(&model.shape()[axis + 1..]);
    model.derive(&shape[..rank - 1], |child, parent| {
        parent[..axis].copy_from_slice(&child[..axis]);
        parent[axis] = index;
        parent[axis + 1..rank].copy_from_slice(&child[axis..]);
    })
}

fn diagonal(model: &Model, offset: isize, rows: usize, columns: usize) -> Result<Expect, Error> {
    let (height, width) = (model.extent(rows)? as i128, model.extent(columns)? as i128);
    if rows == columns {
        return Err(Error::RepeatedAxis { axis: rows });
    }
    let offset = offset as i128;
    let longest = (height + offset.min(0)).min(width - offset.max(0)).max(0);
    let rank = model.rank();
    let others = (0..rank).filter(|&axis| axis != rows && axis != columns);
    let mut shape = [0; MAX_RANK];
    for (extent, axis) in shape.iter_mut().zip(others.clone()) {
        *extent = model.shape()[axis];
    }
    shape[rank - 2] = usize::try_from(longest).expect("at most an extent");
    Ok(model.derive(&shape[..rank - 1], |child, parent| {
        for (&i, axis) in child.iter().zip(others.clone()) {
            parent[axis] = i;
        }
        let along = child[rank - 2] as i128;
        parent[rows] = usize::try_from(along - offset.min(0)).expect("a row");
        parent[columns] = usize::try_from(along + offset.max(0)).expect("a column");
    }))
}

fn windows(model: &Model, window: &[usize], steps: &[usize]) -> Result<Expect, Error> {
    let rank = model.rank();
    let mut shape = [0; 2 * MAX_RANK];
    for (axis, &extent) in model.shape().iter().enumerate() {
        let (window, step) = (window[axis], steps[axis]);
        if step == 0 {
            return Err(Error::ZeroStep { axis });
        }
        if window > extent {
            return Err(Error::WindowTooLarge { axis, window, size: extent });
        }
        let positions = ((extent - window) / step) as u128 + 1;
        shape[axis] = usize::try_from(positions).map_err(|_| Error::DoesNotFit { axis })?;
        shape[rank + axis] = window;
    }
    if 2 * rank > MAX_RANK {
        // Of views whose rank is known at run time; others of this rank are not made here.
        return Err(Error::RankTooLarge { rank: 2 * rank, limit: MAX_RANK });
    }
    Ok(model.derive(&shape[..2 * rank], |child, parent| {
        for axis in 0..rank {
            parent[axis] = child[axis] * steps[axis] + child[rank + axis];
        }
    }))
}

/// How many axes are new when one shape broadcasts to another.
fn new_axes(from: &[usize], shape: &[usize]) -> Result<usize, Error> {
    let fit = |(&extent, &to): (&usize, &usize)| extent == to || extent == 1;
    match shape.len().checked_sub(from.len()) {
        Some(new) if from.iter().zip(&shape[new..]).all(fit) => {
            too_many(shape)?;
            Ok(new)
        }
        _ => Err(Error::IncompatibleShapes { from: Index::new(from), to: Index::new(shape) }),
    }
}

/// The view repeated to a larger shape.
pub(super) fn broadcast(model: &Model, shape: &[usize]) -> Result<Expect, Error> {
    let from = model.shape();
    let new = new_axes(from, shape)?;
    Ok(model.derive(shape, |child, parent| {
        for (axis, &extent) in from.iter().enumerate() {
            parent[axis] = if extent == 1 { 0 } else { child[new + axis] };
        }
    }))
}

/// The shape to which two shapes broadcast.
pub(super) fn common_shape(one: &[usize], other: &[usize]) -> Result<Tuple, Error> {
    let rank = one.len().max(other.len());
    let mut common = [1; MAX_RANK];
    for back in 1..=rank {
        let extent = |shape: &[usize]| shape.len().checked_sub(back).map_or(1, |axis| shape[axis]);
        common[rank - back] = match (extent(one), extent(other)) {
            (1, extent) | (extent, 1) => extent,
            (one, other) if one == other => one,
            _ => {
                let (from, to) = (Index::new(one), Index::new(other));
                return Err(Error::IncompatibleShapes { from, to });
            }
        };
    }
    too_many(&common[..rank])?;
    Ok(Tuple::new(&common[..rank]))
}

fn too_many(shape: &[usize]) -> Result<(), Error> {
    if count(shape) <= MAX_COUNT {
        return Ok(());
    }
    let over = |axes: &usize| count(&shape[..*axes]) > MAX_COUNT;
    let axes = (1..=shape.len()).find(over).unwrap_or(shape.len());
    Err(Error::TooManyElements { axis: axes - 1 })
}

/// A shape is to be had without a copy exactly when the addresses, in their order, are at equal
/// distances along each of its axes.
fn reshape(model: &Model, shape: &[usize]) -> Result<Expect, Error> {
    if count(shape) != model.addresses().len() as u128 {
        let (from, to) = (Index::new(model.shape()), Index::new(shape));
        return Err(Error::CountMismatch { from, to, inferred: None });
    }
    let child = model.with_shape(shape);
    Ok(if child.is_affine() { Expect::Listed(child) } else { Expect::NeedsCopy })
}

/// How many lanes there are along an axis: one for each index on the others, and none of a view
/// without elements.
pub(super) fn lanes(model: &Model, axis: usize) -> usize {
    model.addresses().len().checked_div(model.shape()[axis]).unwrap_or(0)
}

/// The lane along an axis of a view with indices, by its number in row-major order of the others.
pub(super) fn lane(model: &Model, axis: usize, number: usize) -> Expect {
    let shape = model.shape();
    let inner: usize = shape[axis + 1..].iter().product();
    let first = number / inner * inner * shape[axis] + number % inner;
    Model::derive_at(&[shape[axis]], model.place, |index| {
        model.addresses()[first + index[0] * inner]
    })
}

fn items_of_view(
    model: &Model,
    to: Type,
    axis: Option<usize>,
    residue: usize,
) -> Result<Expect, Error> {
    let rank = model.rank();
    let axis = match axis {
        Some(axis) => {
            model.extent(axis)?;
            axis
        }
        // Items of the same size need no axis.
        None if rank == 0 && to.size() != model.place.size => {
            return Err(Error::BadAxis { axis: 0, rank });
        }
        None => rank.saturating_sub(1),
    };
    let lowest = model.addresses().iter().min().map_or(0, |lowest| lowest * model.place.size);
    let child = items(model, axis, model.place.size, to.size(), lowest)?;
    let excess = (residue + model.place.origin + lowest) % to.align();
    if excess > 0 && !model.is_empty() {
        return Err(Error::Misaligned { axis: None, excess, align: to.align() });
    }
    Ok(child)
}

/// The bytes of a view of items of `from` bytes, as items of `to` bytes counted from the byte
/// `base`.
fn items(model: &Model, axis: usize, from: usize, to: usize, base: usize) -> Result<Expect, Error> {
    let no_multiple = |operand, bytes| Error::NotItemMultiple { operand, bytes, itemsize: to };
    if from == 0 || to == 0 {
        let operand = Operand::Axis { axis };
        return Err(Error::NotItemMultiple { operand, bytes: 0, itemsize: 0 });
    }
    let place = Place { origin: model.place.origin + base, size: to };
    if from == to {
        return Ok(Model::derive_at(model.shape(), place, |index| model.at(index) - base / to));
    }
    let extent = model.shape()[axis];
    if let Some(step) = model.step(axis) {
        if step != 1 {
            let stride = isize::try_from(step).expect("a stride of a small view");
            return Err(Error::NotAdjacent { axis, stride });
        }
    }
    let bytes = extent.checked_mul(from).ok_or(Error::DoesNotFit { axis })?;
    if bytes % to > 0 {
        return Err(no_multiple(Operand::Axis { axis }, bytes as i128));
    }
    for other in (0..model.rank()).filter(|&other| other != axis) {
        let step = model.step(other).unwrap_or(0) * from as i128;
        if step % to as i128 != 0 {
            return Err(no_multiple(Operand::Stride { axis: other }, step));
        }
    }
    if let Some(first) = model.addresses().first() {
        let offset = first * from - base;
        if offset % to > 0 {
            return Err(no_multiple(Operand::Offset, offset as i128));
        }
    }
    let mut shape = cells(model.shape());
    shape[axis] = bytes / to;
    Ok(Model::derive_at(&shape[..model.rank()], place, |index| {
        let mut parent = cells(index);
        let byte = index[axis] * to;
        parent[axis] = byte / from;
        let start = model.at(&parent[..index.len()]) * from + byte % from - base;
        assert_eq!(start % to, 0, "the model tears an item");
        start / to
    }))
}

/// Why a write is refused, if it is.
pub(super) fn refusal_to_write(model: &Model, write: &Write) -> Option<Error> {
    let shape = model.shape();
    match write {
        Write::Assign(source) => new_axes(source.as_slice(), shape).err(),
        Write::Zip(other) if other.as_slice() != shape => {
            let (from, to) = (Index::new(shape), Index::new(other.as_slice()));
            Some(Error::IncompatibleShapes { from, to })
        }
        &Write::Lanes(axis) | &Write::AxisIter(axis) => model.extent(axis).err(),
        &Write::Split { axis, index } => {
            let op = Op::SplitAt { axis, index, tail: false };
            judge(model, &op, 0).err()
        }
        _ => None,
    }
}
