//! The operations that derive a view: how each is drawn, and how it is done by the library.

use strideproof::ops::{Operation, SliceArg};
use strideproof::{Buffer, Dyn, Error, LayoutDyn, Slice, View};
use strideproof_oracle::count;
use strideproof_oracle::model::{Cut, Op, Piece};

use super::At;
use super::draw::Cursor;

impl Cursor<'_> {
    /// An operation on a view of a shape, by a number; `None` for numbers that mean something else.
    pub(crate) fn op(&mut self, kind: usize, shape: &[usize]) -> Option<Op> {
        let rank = shape.len();
        Some(match kind {
            0..4 => Op::Slice(self.cuts(shape)),
            4..6 => {
                let axis = self.axis(rank);
                Op::SliceAxis(axis, self.cut(shape.get(axis).copied().unwrap_or(3)))
            }
            6 | 7 => Op::Reverse(self.axis(rank)),
            8 | 9 => Op::Permute(self.order(rank)),
            10 => Op::Transpose,
            11 | 12 => Op::SwapAxes(self.axis(rank), self.axis(rank)),
            13 | 14 => {
                let axis = self.axis(rank);
                Op::IndexAxis(axis, self.below(shape.get(axis).copied().unwrap_or(3)))
            }
            15 | 16 => Op::InsertAxis(match self.byte() {
                byte @ 0..216 => byte % (rank + 1),
                216..240 => rank + 1,
                _ => usize::MAX,
            }),
            17..20 => {
                // Rather an axis that can go.
                let one = shape.iter().position(|&size| size == 1);
                let axis = self.axis(rank);
                Op::Squeeze(if axis < rank && axis % 2 == 0 { one.unwrap_or(axis) } else { axis })
            }
            20 | 21 => Op::Diagonal { offset: self.diagonal(shape, 0, 1), rows: 0, columns: 1 },
            22 | 23 => {
                let (rows, columns) = (self.axis(rank), self.axis(rank));
                let columns = if rows == columns && rows % 4 > 0 { rows - 1 } else { columns };
                Op::Diagonal { offset: self.diagonal(shape, rows, columns), rows, columns }
            }
            24 | 25 => Op::Windows { window: self.window(shape), steps: vec![1; rank] },
            26 | 27 => Op::Windows { window: self.window(shape), steps: self.steps(shape) },
            28..30 => Op::Broadcast(self.repeated(shape)),
            30..33 => Op::Reshape(self.reshaped(shape)),
            33 => {
                let (axis, index) = self.split(shape);
                Op::Split { axis, index, tail: self.byte() % 2 > 0 }
            }
            _ => return None,
        })
    }

    /// One of the operations that older inputs do not spell.
    pub(super) fn newer_op(&mut self, kind: usize, shape: &[usize]) -> Op {
        match kind {
            0..7 => {
                let axis = self.axis(shape.len());
                let (window, step) =
                    (self.window(&[shape.get(axis).copied().unwrap_or(3)]), self.steps(&[3]));
                Op::AxisWindows { axis, window: window[0], step: step[0] }
            }
            7..14 => {
                let (at, cuts) = (self.byte(), self.cuts(shape));
                let piece = |(axis, cut): (usize, Cut)| match at >> (axis % 8) & 1 {
                    0 => Piece::Range(cut),
                    _ => Piece::At(self.below(shape[axis])),
                };
                let mut pieces: Vec<Piece> = cuts.into_iter().enumerate().map(piece).collect();
                if self.byte() % 32 == 0 {
                    pieces.pop();
                }
                Op::Pieces(pieces)
            }
            _ => {
                let mut sizes: Vec<_> = self.reshaped(shape).into_iter().map(Some).collect();
                let (open, rank) = (self.byte(), sizes.len().max(1));
                // Rarely two, if there are as many axes.
                for axis in [open, open + usize::from(open >= 240)] {
                    if let Some(size) = sizes.get_mut(axis % rank) {
                        *size = None;
                    }
                }
                Op::Infer(sizes)
            }
        }
    }

    /// A position on an axis, counted from either end, or none.
    fn position(&mut self, size: usize) -> Option<isize> {
        let end = isize::try_from(size).unwrap_or(isize::MAX);
        Some(match self.byte() % 32 {
            0..8 => return None,
            8 | 9 => 0,
            10 | 11 => end,
            12 => -end,
            13 | 14 => end - 1,
            15 | 16 => -1,
            17 => end.saturating_add(1),
            18 => -end.saturating_add(1),
            19 => isize::MIN,
            20 => isize::MAX,
            code => {
                let inside = isize::try_from(self.byte()).unwrap_or(0) % end.max(1);
                if code % 2 == 0 { inside } else { -inside }
            }
        })
    }

    pub(super) fn cut(&mut self, size: usize) -> Cut {
        let end = isize::try_from(size).unwrap_or(isize::MAX);
        let step = match self.byte() % 64 {
            0..22 => 1,
            22..36 => -1,
            36..42 => 2,
            42..48 => -2,
            48..51 => 3,
            51..54 => -3,
            54 | 55 => end,
            56 | 57 => -end,
            58 => isize::MIN,
            59 => isize::MAX,
            60 => 1 << 62,
            61 => end.saturating_add(1),
            _ => 0,
        };
        Cut { start: self.position(size), end: self.position(size), step }
    }

    pub(crate) fn cuts(&mut self, shape: &[usize]) -> Vec<Cut> {
        let whole = self.byte();
        let cut = |(axis, &size): (usize, &usize)| match whole >> (axis % 8) & 1 {
            0 => Cut::FULL,
            _ => self.cut(size),
        };
        shape.iter().enumerate().map(cut).collect()
    }

    /// The axes in some order; one time in eight not all of them, or one that there is not.
    pub(super) fn order(&mut self, rank: usize) -> Vec<usize> {
        let mut axes: Vec<usize> = (0..rank).collect();
        for left in (2..=rank).rev() {
            axes.swap(left - 1, self.byte() % left);
        }
        match (self.byte() % 16, rank) {
            (15, 1..) => axes[rank - 1] = rank,
            (13 | 14, 1..) => axes[0] = axes[rank - 1],
            _ => {}
        }
        axes
    }

    /// A number for each axis.
    pub(super) fn each(
        &mut self,
        shape: &[usize],
        number: impl Fn(&mut Self, usize) -> usize,
    ) -> Vec<usize> {
        shape.iter().map(|&size| number(self, size)).collect()
    }

    fn window(&mut self, shape: &[usize]) -> Vec<usize> {
        self.each(shape, |cursor, size| match cursor.byte() % 32 {
            0 | 1 => size,
            2 => size.saturating_add(1),
            3 => 0,
            4..16 => size.min(1),
            code => (code % 3 + 1).min(size),
        })
    }

    fn steps(&mut self, shape: &[usize]) -> Vec<usize> {
        self.each(shape, |cursor, size| match cursor.byte() % 64 {
            0 => 0,
            1 => usize::MAX,
            2 | 3 => size.max(1),
            code => code % 4 + 1,
        })
    }

    /// A shape to which another one broadcasts, most of the time.
    fn repeated(&mut self, shape: &[usize]) -> Vec<usize> {
        let style = self.byte();
        let mut target = Vec::new();
        for _ in 0..[0, 0, 1, 1, 1, 2, 2, shape.len()][style % 8] {
            target.push(self.size());
        }
        for &size in shape {
            target.push(if size == 1 { self.size() } else { size });
        }
        match (style / 8 % 16, target.len().checked_sub(1)) {
            (0, Some(_)) => target[0] = target[0].saturating_add(1),
            (1, Some(_)) => drop(target.remove(0)),
            (2, Some(last)) => target[last] ^= 1,
            _ => {}
        }
        target
    }

    fn size(&mut self) -> usize {
        match self.byte() {
            0..8 => 0,
            8..32 => 1 << 62,
            32..40 => usize::MAX,
            byte => byte % 4 + 1,
        }
    }

    /// A shape of as many elements, most of the time.
    fn reshaped(&mut self, shape: &[usize]) -> Vec<usize> {
        let style = self.byte();
        let mut target = Vec::from(shape);
        let all = usize::try_from(count(shape)).unwrap_or(usize::MAX);
        let axis = self.byte() % shape.len().max(1);
        match style % 16 {
            0 | 1 => target = Vec::from([all]),
            // Two axes become one.
            2..6 if axis + 1 < shape.len() => {
                target[axis] = target[axis].saturating_mul(target.remove(axis + 1));
            }
            // One becomes two.
            2..9 if !shape.is_empty() => {
                let size = shape[axis];
                let part = (2..=size.min(9)).find(|part| size % part == 0).unwrap_or(1);
                target[axis] = size / part;
                target.insert(axis + style / 16 % 2, part);
            }
            // All anew, from the divisors.
            9..12 => {
                target.clear();
                let mut rest = all;
                while rest > 1 && target.len() < 4 {
                    let part = self.byte() % 6 + 1;
                    if rest % part == 0 {
                        rest /= part;
                        target.push(part);
                    } else {
                        break;
                    }
                }
                target.push(rest);
            }
            12 => target.reverse(),
            13 => target.insert(axis, 1),
            14 => match target.first_mut() {
                Some(first) => *first = first.wrapping_add(1),
                None => target = Vec::from([usize::MAX, 1 << 63, 2]),
            },
            _ => target.retain(|&size| size != 1),
        }
        target
    }

    fn diagonal(&mut self, shape: &[usize], rows: usize, columns: usize) -> isize {
        let edge = |axis| {
            let size: usize = shape.get(axis).copied().unwrap_or(0);
            isize::try_from(size).unwrap_or(isize::MAX)
        };
        match self.byte() % 16 {
            0..4 => 0,
            4 => isize::MIN,
            5 => isize::MAX,
            6 => -edge(rows),
            7 => edge(columns),
            8 => 1 - edge(rows),
            9 => edge(columns) - 1,
            code @ 10..13 => isize::try_from(code - 9).unwrap_or(0),
            code => -isize::try_from(code - 12).unwrap_or(0),
        }
    }

    /// A cut of an axis in two.
    pub(super) fn split(&mut self, shape: &[usize]) -> (usize, usize) {
        let axis = self.axis(shape.len());
        let most = shape.get(axis).map_or(3, |size| size.saturating_add(1));
        (axis, self.below(most))
    }
}

/// The library's slice, made in one of the ways there are.
pub(crate) fn slice(cut: Cut) -> Slice {
    let Cut { start, end, step } = cut;
    let small = |position: isize| i32::try_from(position).ok();
    let natural = |position: isize| usize::try_from(position).ok();
    if let (Some(start), Some(end)) = (start.and_then(natural), end.and_then(natural)) {
        return Slice::from(start..end).step(step);
    }
    match (start, end) {
        (None, None) => Slice::from(..).step(step),
        (None, Some(end)) => Slice::from(..end).step(step),
        (Some(start), None) => match small(start) {
            Some(start) => Slice::from(start..).step(step),
            None => Slice::from(start..).step(step),
        },
        (Some(_), Some(_)) => Slice::new(start, end, step),
    }
}

pub(super) fn slices(cuts: &[Cut]) -> Vec<Slice> {
    cuts.iter().map(|&cut| slice(cut)).collect()
}

/// Pieces as a slice argument of run-time rank.
struct Pieces<'p>(&'p [Piece]);

impl SliceArg<Dyn> for Pieces<'_> {
    type Rank = Dyn;

    fn count(&self) -> usize {
        self.0.len()
    }

    fn piece(&self, axis: usize) -> Option<strideproof::ops::Piece> {
        Some(match *self.0.get(axis)? {
            Piece::Range(cut) => strideproof::ops::Piece::Range(slice(cut)),
            Piece::At(index) => strideproof::ops::Piece::At(i128::try_from(index).ok()?),
        })
    }
}

/// An operation in the library's terms; axes and positions that there are counted from the end if
/// `backwards`. `None` for arguments that it has no words for.
pub(crate) fn operation(op: &Op, shape: &[usize], backwards: bool) -> Option<Operation> {
    let number = |number: usize, count: usize| {
        let signed = isize::try_from(number).ok()?;
        let from_end = backwards && number < count;
        Some(if from_end { signed - isize::try_from(count).ok()? } else { signed })
    };
    let axis = |&axis: &usize| number(axis, shape.len());
    Some(match op {
        Op::Slice(cuts) => {
            Operation::Slice(slices(cuts).into_iter().map(strideproof::ops::Cut::Range).collect())
        }
        // Fewer pieces than axes are taken as well, which the model refuses.
        Op::Pieces(pieces) if pieces.len() < shape.len() => return None,
        Op::Pieces(pieces) => {
            let cut = |(piece, &size): (&Piece, &usize)| {
                Some(match *piece {
                    Piece::Range(cut) => strideproof::ops::Cut::Range(slice(cut)),
                    Piece::At(index) => strideproof::ops::Cut::At(number(index, size)?),
                })
            };
            Operation::Slice(pieces.iter().zip(shape).map(cut).collect::<Option<_>>()?)
        }
        &Op::AxisWindows { axis: ref one, window, step } => {
            Operation::AxisWindows(axis(one)?, window, step)
        }
        Op::Infer(shape) => Operation::Reshape(shape.clone()),
        Op::Reverse(one) => Operation::Reverse(vec![axis(one)?]),
        Op::Permute(axes) => Operation::Permute(axes.iter().map(axis).collect::<Option<_>>()?),
        Op::Transpose => Operation::Transpose,
        Op::SwapAxes(one, other) => Operation::SwapAxes(axis(one)?, axis(other)?),
        Op::IndexAxis(one, index) => {
            let size = shape.get(*one).copied().unwrap_or(0);
            Operation::IndexAxis(axis(one)?, number(*index, size)?)
        }
        Op::InsertAxis(axis) => Operation::InsertAxis(number(*axis, shape.len() + 1)?),
        Op::Squeeze(one) => Operation::Squeeze(Some(axis(one)?)),
        Op::Diagonal { offset, rows, columns } => {
            Operation::Diagonal(*offset, axis(rows)?, axis(columns)?)
        }
        Op::Windows { window, steps } => {
            let steps =
                if steps.iter().all(|&step| step == 1) { None } else { Some(steps.clone()) };
            Operation::Windows(window.clone(), steps)
        }
        Op::Broadcast(shape) => Operation::BroadcastTo(shape.clone()),
        Op::Reshape(to) => {
            let mut sizes: Vec<Option<usize>> = to.iter().copied().map(Some).collect();
            let count = strideproof_oracle::count;
            if let (Some(first), true) = (sizes.first_mut(), backwards && count(to) == count(shape))
            {
                // It follows from the others, unless there are no elements.
                *first = first.filter(|_| count(shape) == 0);
            }
            Operation::Reshape(sizes)
        }
        Op::SliceAxis(..) | Op::Split { .. } | Op::Reinterpret { .. } => return None,
    })
}

/// One operation on a layout or a view, by a method of its own: `$form` is the one that returns the
/// error, or the one that panics.
macro_rules! by_method {
    ($x:ident, $op:ident, $form:ident) => {
        match $op {
            Op::Slice(cuts) => $form!($x, slice, try_slice, &slices(cuts)),
            Op::Pieces(pieces) => $form!($x, slice, try_slice, Pieces(pieces)),
            &Op::AxisWindows { axis, window, step } => {
                $form!($x, axis_windows, try_axis_windows, axis, window, step)
            }
            Op::Infer(shape) => {
                $form!($x, reshape_inferred, try_reshape_inferred, &shape[..])
            }
            &Op::SliceAxis(axis, cut) => $form!($x, slice_axis, try_slice_axis, axis, slice(cut)),
            &Op::Reverse(axis) => $form!($x, reverse, try_reverse, axis),
            Op::Permute(axes) => $form!($x, permute, try_permute, axes),
            Op::Transpose => $form!($x, t, try_t,),
            &Op::SwapAxes(one, other) => $form!($x, swap_axes, try_swap_axes, one, other),
            &Op::IndexAxis(axis, index) => $form!($x, index_axis, try_index_axis, axis, index),
            &Op::InsertAxis(axis) => $form!($x, insert_axis, try_insert_axis, axis),
            &Op::Squeeze(axis) => $form!($x, squeeze, try_squeeze, axis),
            &Op::Diagonal { offset, rows: 0, columns: 1 } => {
                $form!($x, diagonal, try_diagonal, offset)
            }
            &Op::Diagonal { offset, rows, columns } => {
                $form!($x, diagonal_of, try_diagonal_of, offset, rows, columns)
            }
            Op::Windows { window, steps } if steps.iter().all(|&step| step == 1) => {
                $form!($x, windows, try_windows, window)
            }
            Op::Windows { window, steps } => $form!($x, windows_by, try_windows_by, window, steps),
            Op::Broadcast(shape) => $x.apply(&Operation::BroadcastTo(shape.clone())),
            Op::Reshape(shape) => $form!($x, reshape, try_reshape, shape),
            &Op::Split { axis, index, tail } => {
                let halves = $form!($x, split_at, try_split_at, axis, index);
                halves.map(|(head, rest)| if tail { rest } else { head })
            }
            Op::Reinterpret { .. } => unreachable!("items are seen as others elsewhere"),
        }
    };
}

macro_rules! fallible {
    ($x:ident, $plain:ident, $fallible:ident, $($argument:expr),*) => { $x.$fallible($($argument),*) };
}

macro_rules! plain {
    ($x:ident, $plain:ident, $fallible:ident, $($argument:expr),*) => { Ok($x.$plain($($argument),*)) };
}

/// Derives a layout.
pub(super) fn on_layout(at: At<'_>, layout: &LayoutDyn, op: &Op) -> Result<LayoutDyn, Error> {
    match operation(op, layout.shape(), at.turn % 8 > 3) {
        Some(operation) if at.turn % 4 == 1 => layout.apply(&operation),
        _ => by_method!(layout, op, fallible),
    }
}

/// Derives a view, for reading or for writing; `plain` if the form that panics may be called.
pub(super) fn on_view<B: Buffer<T>, T>(
    at: At<'_>,
    view: View<B, T, Dyn>,
    op: &Op,
    plain: bool,
) -> Result<View<B, T, Dyn>, Error> {
    match operation(op, view.layout().shape(), at.turn % 8 > 3) {
        Some(operation) if at.turn % 4 == 3 => view.apply(&operation),
        _ if plain => by_method!(view, op, plain),
        _ => by_method!(view, op, fallible),
    }
}
