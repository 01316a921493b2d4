//! Walking two layouts of one shape together, plane by plane, in an order that suits the memory of both.
//!
//! Integers only; `view.rs` dereferences the addresses. They are computed modulo 2^64, which loses
//! nothing: the address of a valid index is below that (theorem T3).

use crate::error::{Error, incompatible};
use crate::layout::Layout;
use crate::rank::Rank;

/// An axis of both layouts: its size, and how far a step along it moves in each.
#[derive(Clone, Copy)]
pub(crate) struct Axis {
    pub(crate) size: usize,
    pub(crate) to: isize,
    pub(crate) from: isize,
}

/// Two axes, and the addresses from which they are walked.
#[derive(Clone, Copy)]
pub(crate) struct Plane {
    pub(crate) rows: Axis,
    pub(crate) columns: Axis,
    to: usize,
    from: usize,
}

impl Axis {
    /// An axis along which nothing moves.
    const POINT: Self = Self { size: 1, to: 0, from: 0 };

    /// The same axis, walked from its other end.
    fn turned(self) -> Self {
        Self { size: self.size, to: self.to.wrapping_neg(), from: self.from.wrapping_neg() }
    }

    /// Whether a step along this axis is one past the end of `inner`, in both layouts.
    fn continues(self, inner: Self) -> bool {
        moved(0, self.to, 1) == moved(0, inner.to, inner.size)
            && moved(0, self.from, 1) == moved(0, inner.from, inner.size)
    }

    /// How far a step moves in the source. What repeats has nothing side by side.
    fn reach(self) -> usize {
        self.from.unsigned_abs().wrapping_sub(1)
    }
}

impl Plane {
    /// The address in the target.
    #[inline]
    pub(crate) fn to(&self, row: usize, column: usize) -> usize {
        moved(moved(self.to, self.rows.to, row), self.columns.to, column)
    }

    /// The address in the source.
    #[inline]
    pub(crate) fn from(&self, row: usize, column: usize) -> usize {
        moved(moved(self.from, self.rows.from, row), self.columns.from, column)
    }

    /// Whether the source moves less from row to row than along a row, as in a transposition.
    pub(crate) fn crosses(&self) -> bool {
        self.rows.reach() < self.columns.reach() && self.columns.from != 0
    }

    fn step(&mut self, axis: Axis, steps: usize) {
        self.to = moved(self.to, axis.to, steps);
        self.from = moved(self.from, axis.from, steps);
    }
}

/// The address so many steps along an axis.
#[inline]
fn moved(address: usize, step: isize, steps: usize) -> usize {
    address.wrapping_add(0usize.wrapping_add_signed(step).wrapping_mul(steps))
}

/// Calls a function with planes that together have each index of the two layouts once, and the addresses
/// of that index.
pub(crate) fn for_each_plane<D: Rank, E: Rank>(
    to: &Layout<D>,
    from: &Layout<E>,
    mut f: impl FnMut(Plane),
) -> Result<(), Error> {
    if to.sizes().iter().ne(from.sizes()) {
        return Err(incompatible(from.sizes(), to.sizes()));
    }
    if to.is_empty() {
        return Ok(());
    }
    let (rows, columns) = (Axis::POINT, Axis::POINT);
    let mut plane = Plane { rows, columns, to: to.offset(), from: from.offset() };
    let mut axes = D::filled(to.rank(), Axis::POINT)?;
    let mut count = 0;
    let steps = to.steps().iter().zip(from.steps());
    for (&size, (&to, &from)) in to.sizes().iter().zip(steps) {
        let mut axis = Axis { size, to, from };
        if to < 0 {
            plane.step(axis, size.wrapping_sub(1));
            axis = axis.turned();
        }
        if size != 1 {
            axes.as_mut()[count] = axis;
            count += 1;
        }
    }
    let outer = arrange(&mut axes.as_mut()[..count], &mut plane);
    if count <= 2 {
        f(plane);
        return Ok(());
    }
    let mut index = to.first_index();
    loop {
        f(plane);
        let mut axes = outer.iter().zip(index.as_mut()).rev();
        loop {
            let Some((&axis, index)) = axes.next() else { return Ok(()) };
            *index = index.wrapping_add(1);
            plane.step(axis, 1);
            if *index < axis.size {
                break;
            }
            plane.step(axis.turned(), axis.size);
            *index = 0;
        }
    }
}

/// Joins axes that continue each other, makes a plane of the two that are best walked innermost, and
/// returns the others, outermost first.
///
/// The target moves least along the columns, so that it is written line by line; the source along the
/// columns as well, or else along the rows, as in a transposition.
fn arrange<'a>(axes: &'a mut [Axis], plane: &mut Plane) -> &'a [Axis] {
    // There are few: each doubles the number of indices at least, which fits `isize`.
    for end in 1..axes.len() {
        let mut at = end;
        while at > 0 && axes[at - 1].to.unsigned_abs() < axes[at].to.unsigned_abs() {
            (axes[at - 1], axes[at]) = (axes[at], axes[at - 1]);
            at -= 1;
        }
    }
    let mut count = 0;
    for at in 0..axes.len() {
        let axis = axes[at];
        match axes[..count].last_mut() {
            Some(outer) if outer.continues(axis) => {
                // Fits: a part of the product of the sizes.
                *outer = Axis { size: outer.size.wrapping_mul(axis.size), ..axis };
            }
            _ => {
                axes[count] = axis;
                count += 1;
            }
        }
    }
    let Some((columns, rest)) = axes[..count].split_last_mut() else { return &[] };
    plane.columns = *columns;
    let nearest = (0..rest.len()).rev().min_by_key(|&at| rest[at].reach());
    if let Some(nearest) = nearest.filter(|&at| rest[at].reach() < columns.reach()) {
        for at in nearest + 1..rest.len() {
            (rest[at - 1], rest[at]) = (rest[at], rest[at - 1]);
        }
    }
    let Some((rows, outer)) = rest.split_last() else { return &[] };
    plane.rows = *rows;
    outer
}
