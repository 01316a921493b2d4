//! Operations on a plain list of addresses: what a chain means, after NumPy.

use strideproof::Slice;
use strideproof::ops::{Cut, Operation};

/// Views of more indices are not modelled.
const MOST: usize = 2048;
/// The rank that views in a chain have at most.
const RANK: usize = 64;

/// An operation as it is ops; what is written of slices cannot be read off the library's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Slice(Vec<Selected>),
    /// Anything else.
    Other(Operation),
}

/// `start:end:step` or one position of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selected {
    Range(Option<isize>, Option<isize>, Option<isize>),
    At(isize),
}

impl Op {
    pub(super) fn operation(&self) -> Operation {
        match self {
            Self::Slice(cuts) => Operation::Slice(
                cuts.iter()
                    .map(|cut| match *cut {
                        Selected::Range(start, end, step) => {
                            Cut::Range(Slice::new(start, end, step.unwrap_or(1)))
                        }
                        Selected::At(at) => Cut::At(at),
                    })
                    .collect(),
            ),
            Self::Other(operation) => operation.clone(),
        }
    }
}

/// A view as its shape and the addresses of its indices in row-major order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) shape: Vec<usize>,
    pub(super) addresses: Vec<i128>,
}

/// What comes of an operation.
pub(super) enum Outcome {
    Done(Model),
    /// There is no such view.
    Refused,
    /// There is such a view if some strides describe it.
    IfStrided(Model),
    /// Too large to follow.
    Unknown,
}

/// Where an index of the new view is in the old one: an index for each of its axes.
struct Pick {
    shape: Vec<usize>,
    from: Vec<From>,
}

/// The index on an axis of the old view: `start`, and `step` for each index of some new axes.
struct From {
    start: isize,
    along: Vec<(usize, isize)>,
}

impl From {
    fn at(start: isize) -> Self {
        Self { start, along: Vec::new() }
    }

    fn along(axis: usize) -> Self {
        Self { start: 0, along: vec![(axis, 1)] }
    }
}

impl Model {
    pub(super) fn apply(&self, ops: &Op) -> Outcome {
        let pick = match ops {
            Op::Other(Operation::Reshape(shape)) => return self.reshape(shape),
            Op::Other(operation) => self.pick(operation),
            Op::Slice(cuts) => self.slice(cuts),
        };
        let Some(pick) = pick else { return Outcome::Refused };
        if pick.shape.len() > RANK {
            return Outcome::Refused;
        }
        let count = pick.shape.iter().try_fold(1usize, |count, &size| count.checked_mul(size));
        if pick.shape.contains(&0) {
            return Outcome::Done(Self { shape: pick.shape, addresses: Vec::new() });
        }
        match count {
            Some(count) if count <= MOST => Outcome::Done(self.picked(pick, count)),
            Some(count) if isize::try_from(count).is_ok() => Outcome::Unknown,
            _ => Outcome::Refused,
        }
    }

    fn picked(&self, pick: Pick, count: usize) -> Self {
        let mut index = vec![0isize; pick.shape.len()];
        let mut addresses = Vec::with_capacity(count);
        for _ in 0..count {
            let mut place = 0;
            for (from, &size) in pick.from.iter().zip(&self.shape) {
                let old =
                    from.along.iter().fold(from.start, |at, &(axis, by)| at + index[axis] * by);
                place = place * size + usize::try_from(old).expect("an index of the old view");
            }
            addresses.push(self.addresses[place]);
            for (cell, &size) in index.iter_mut().zip(&pick.shape).rev() {
                *cell += 1;
                if usize::try_from(*cell).is_ok_and(|cell| cell < size) {
                    break;
                }
                *cell = 0;
            }
        }
        Self { shape: pick.shape, addresses }
    }

    fn axis(&self, axis: isize, rank: usize) -> Option<usize> {
        let axis = if axis < 0 { axis.checked_add_unsigned(rank)? } else { axis };
        usize::try_from(axis).ok().filter(|&axis| axis < rank)
    }

    fn position(&self, at: isize, axis: usize) -> Option<isize> {
        let size = self.shape[axis] as i128;
        let at = if at < 0 { at as i128 + size } else { at as i128 };
        if !(0..size).contains(&at) {
            return None;
        }
        Some(place(at))
    }

    /// `None` where there is no such view.
    fn pick(&self, operation: &Operation) -> Option<Pick> {
        let rank = self.shape.len();
        let axis = |number: &isize| self.axis(*number, rank);
        let mut shape = self.shape.clone();
        let mut from: Vec<From> = (0..rank).map(From::along).collect();
        match operation {
            Operation::Transpose => {
                shape.reverse();
                from = (0..rank).rev().map(From::along).collect();
            }
            Operation::Permute(axes) => {
                let axes = axes.iter().map(axis).collect::<Option<Vec<_>>>()?;
                let position = |axis| axes.iter().position(|&other| other == axis);
                let places = (0..rank).map(position).collect::<Option<Vec<_>>>()?;
                if axes.len() != rank {
                    return None;
                }
                shape = axes.iter().map(|&axis| self.shape[axis]).collect();
                from = places.into_iter().map(From::along).collect();
            }
            Operation::SwapAxes(one, other) => {
                let (one, other) = (axis(one)?, axis(other)?);
                shape.swap(one, other);
                from.swap(one, other);
            }
            Operation::Reverse(axes) => {
                let mut axes = axes.iter().map(axis).collect::<Option<Vec<_>>>()?;
                if axes.is_empty() {
                    axes = (0..rank).collect();
                }
                for (at, &axis) in axes.iter().enumerate() {
                    if axes[..at].contains(&axis) {
                        return None;
                    }
                    let last = place(self.shape[axis] as i128 - 1);
                    from[axis] = From { start: last, along: vec![(axis, -1)] };
                }
            }
            Operation::IndexAxis(number, at) => {
                let axis = axis(number)?;
                let at = self.position(*at, axis)?;
                return Some(self.without(&[(axis, at)], &shape));
            }
            Operation::InsertAxis(number) => {
                let axis = self.axis(*number, rank + 1)?;
                shape.insert(axis, 1);
                from = (0..rank).map(|old| From::along(old + usize::from(old >= axis))).collect();
            }
            Operation::Squeeze(one) => {
                let gone: Vec<usize> = match one {
                    Some(one) => vec![axis(one)?],
                    None => (0..rank).filter(|&axis| self.shape[axis] == 1).collect(),
                };
                if gone.iter().any(|&axis| self.shape[axis] != 1) {
                    return None;
                }
                let gone: Vec<_> = gone.into_iter().map(|axis| (axis, 0)).collect();
                return Some(self.without(&gone, &shape));
            }
            Operation::BroadcastTo(to) => {
                let added = to.len().checked_sub(rank)?;
                for (old, &size) in self.shape.iter().enumerate() {
                    match to[added + old] {
                        new if new == size => from[old] = From::along(added + old),
                        _ if size == 1 => from[old] = From::at(0),
                        _ => return None,
                    }
                }
                shape.clone_from(to);
            }
            Operation::Windows(window, steps) => {
                let steps = steps.clone().unwrap_or_else(|| vec![1; window.len()]);
                if window.len() != rank || steps.len() != rank {
                    return None;
                }
                for (old, (&inside, &step)) in window.iter().zip(&steps).enumerate() {
                    let places = self.shape[old].checked_sub(inside)?.checked_div(step)?;
                    let places = places.checked_add(1)?;
                    let step = if places > 1 { isize::try_from(step).ok()? } else { 0 };
                    from[old] = From { start: 0, along: vec![(old, step), (rank + old, 1)] };
                    shape[old] = places;
                }
                shape.extend(window);
            }
            Operation::Diagonal(offset, rows, columns) => {
                let (rows, columns) = (axis(rows)?, axis(columns)?);
                if rows == columns {
                    return None;
                }
                let (down, across) = if *offset < 0 {
                    (offset.unsigned_abs(), 0)
                } else {
                    (0, offset.unsigned_abs())
                };
                let height = self.shape[rows].saturating_sub(down);
                let length = height.min(self.shape[columns].saturating_sub(across));
                let mut pick = self.without(&[(rows, 0), (columns, 0)], &shape);
                let along = vec![(pick.shape.len(), 1)];
                pick.shape.push(length);
                if length > 0 {
                    let at = |start: usize| place(start as i128);
                    pick.from[rows] = From { start: at(down), along: along.clone() };
                    pick.from[columns] = From { start: at(across), along };
                }
                return Some(pick);
            }
            Operation::Slice(_) | Operation::Reshape(_) => return None,
            other => panic!("{other:?} is not in the model"),
        }
        Some(Pick { shape, from })
    }

    /// Takes axes out, at one index each.
    fn without(&self, gone: &[(usize, isize)], shape: &[usize]) -> Pick {
        let at = |axis: usize| gone.iter().find(|&&(other, _)| other == axis).map(|gone| gone.1);
        let mut pick = Pick { shape: Vec::new(), from: Vec::new() };
        for (axis, &size) in shape.iter().enumerate() {
            match at(axis) {
                Some(at) => pick.from.push(From::at(at)),
                None => {
                    pick.from.push(From::along(pick.shape.len()));
                    pick.shape.push(size);
                }
            }
        }
        pick
    }

    fn slice(&self, cuts: &[Selected]) -> Option<Pick> {
        let mut shape = self.shape.clone();
        let mut sliced: Vec<(isize, isize)> = vec![(0, 1); shape.len()];
        let mut gone = Vec::new();
        if cuts.len() > shape.len() {
            return None;
        }
        for (axis, cut) in cuts.iter().enumerate() {
            match cut {
                Selected::At(at) => gone.push((axis, self.position(*at, axis)?)),
                &Selected::Range(start, end, step) => {
                    let step = step.unwrap_or(1);
                    let (start, length) = indices(start, end, step, shape[axis])?;
                    shape[axis] = length;
                    sliced[axis] = (start, if length > 1 { step } else { 0 });
                }
            }
        }
        let mut pick = self.without(&gone, &shape);
        for (from, (start, step)) in pick.from.iter_mut().zip(sliced) {
            for (_, by) in &mut from.along {
                (from.start, *by) = (start, step);
            }
        }
        Some(pick)
    }

    fn reshape(&self, shape: &[Option<usize>]) -> Outcome {
        let product = |sizes: &mut dyn Iterator<Item = usize>| {
            let sizes: Vec<usize> = sizes.collect();
            // As in NumPy, 0 times anything is 0.
            if sizes.contains(&0) {
                return Some(0);
            }
            sizes.iter().try_fold(1usize, |product, &size| product.checked_mul(size))
        };
        let count = self.addresses.len();
        let Some(known) = product(&mut shape.iter().flatten().copied()) else {
            return Outcome::Refused;
        };
        let open = shape.contains(&None);
        let size = if open { count.checked_div(known).unwrap_or(0) } else { 1 };
        if known * size != count || open && known == 0 || shape.len() > RANK {
            return Outcome::Refused;
        }
        let shape: Vec<usize> = shape.iter().map(|each| each.unwrap_or(size)).collect();
        Outcome::IfStrided(Self { shape, addresses: self.addresses.clone() })
    }

    /// Whether some strides lead to these addresses.
    pub(super) fn is_strided(&self) -> bool {
        let Some(&origin) = self.addresses.first() else { return true };
        let mut strides = vec![0; self.shape.len()];
        let mut block = 1;
        for (stride, &size) in strides.iter_mut().zip(&self.shape).rev() {
            if size > 1 {
                *stride = self.addresses[block] - origin;
            }
            block *= size;
        }
        self.addresses == addresses(origin, &self.shape, &strides)
    }
}

/// A position; on an axis of more than `isize::MAX`, where the view is empty, any will do.
fn place(at: i128) -> isize {
    isize::try_from(at).unwrap_or(0)
}

/// Python's `slice(start, end, step).indices(size)`, as the first index and how many there are.
fn indices(
    start: Option<isize>,
    end: Option<isize>,
    step: isize,
    size: usize,
) -> Option<(isize, usize)> {
    let (step, size) = (step as i128, size as i128);
    if step == 0 {
        return None;
    }
    let (low, high) = if step < 0 { (-1, size - 1) } else { (0, size) };
    let place = |number: Option<isize>, default: i128| match number {
        None => default,
        Some(number) => {
            let number = number as i128;
            (if number < 0 { number + size } else { number }).clamp(low, high)
        }
    };
    let (first, last) = if step < 0 { (high, low) } else { (low, high) };
    let (start, end) = (place(start, first), place(end, last));
    let span = if step < 0 { start - end } else { end - start };
    let length = if span > 0 { (span - 1) / step.abs() + 1 } else { 0 };
    Some((self::place(start.max(0)), usize::try_from(length).ok()?))
}

/// The addresses of a view in row-major order.
pub(super) fn addresses(offset: i128, shape: &[usize], strides: &[i128]) -> Vec<i128> {
    let mut all = vec![offset];
    for (&size, &stride) in shape.iter().zip(strides) {
        let size = i128::try_from(size).unwrap_or(0);
        all = all.iter().flat_map(|at| (0..size).map(move |i| at + i * stride)).collect();
    }
    all
}
