//! Programs from bytes: arguments just inside and just outside of what the view at hand allows.

use strideproof_oracle::count;
use strideproof_oracle::model::{Cut, Op, View as Model};

use super::step::{Does, Step, Type, Write};

/// The largest rank of a view with which a program goes on: more than a list holds without a heap.
pub(super) const MOST_AXES: usize = 10;

/// At most so many steps in a program.
const MOST_STEPS: usize = 8;

/// What is copied from has at most so many elements.
const MOST_COPIED: u128 = 256;

/// A program with what the model says of it: chains of steps, each of which begins at the root.
pub(super) struct Plan {
    pub(super) root: Model,
    pub(super) chains: Vec<Vec<Step>>,
}

/// Bytes that never run out: after the last one come zeros.
struct Cursor<'b>(&'b [u8]);

impl Cursor<'_> {
    fn byte(&mut self) -> usize {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(first)
    }

    /// An axis, and one time in ten none that there is.
    fn axis(&mut self, rank: usize) -> usize {
        match self.byte() {
            byte @ 0..232 => byte % rank.max(1),
            232..248 => rank,
            _ => usize::MAX,
        }
    }

    /// A number below `limit`, and one time in five just not.
    fn below(&mut self, limit: usize) -> usize {
        match self.byte() {
            byte @ 0..204 => byte % limit.max(1),
            204..228 => limit,
            228..240 => limit.saturating_add(1),
            240..248 => usize::MAX,
            byte => 1 << (byte % 8 * 8),
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

    fn cut(&mut self, size: usize) -> Cut {
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

    fn cuts(&mut self, shape: &[usize]) -> Vec<Cut> {
        let whole = self.byte();
        let cut = |(axis, &size): (usize, &usize)| match whole >> (axis % 8) & 1 {
            0 => Cut::FULL,
            _ => self.cut(size),
        };
        shape.iter().enumerate().map(cut).collect()
    }

    /// The axes in some order; one time in eight not all of them, or one that there is not.
    fn order(&mut self, rank: usize) -> Vec<usize> {
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
    fn each(&mut self, shape: &[usize], number: impl Fn(&mut Self, usize) -> usize) -> Vec<usize> {
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

    /// An operation that keeps the rank, or takes one axis away.
    fn sibling(&mut self, shape: &[usize]) -> Op {
        let axis = self.byte() % shape.len().max(1);
        match self.byte() % 8 {
            _ if shape.is_empty() => Op::Transpose,
            0..3 => Op::SliceAxis(axis, self.cut(shape[axis])),
            3 => Op::Slice(self.cuts(shape)),
            4 => Op::Reverse(axis),
            5 => Op::Permute(self.order(shape.len())),
            6 => Op::IndexAxis(axis, self.byte() % shape[axis].max(1)),
            _ => Op::SliceAxis(axis, Cut { start: Some(1), end: None, step: 2 }),
        }
    }

    fn item(&mut self, current: Type, rank: usize) -> Does {
        let style = self.byte();
        let to = match style / 4 % 8 {
            0 => Type::Triple,
            1 => current,
            2 | 3 => Type::U8,
            4 | 5 => Type::U16,
            _ => Type::U64,
        };
        Does::Items { to, axis: (style % 4 >= 2).then(|| self.axis(rank)) }
    }

    /// A cut of an axis in two.
    fn split(&mut self, shape: &[usize]) -> (usize, usize) {
        let axis = self.axis(shape.len());
        let most = shape.get(axis).map_or(3, |size| size.saturating_add(1));
        (axis, self.below(most))
    }

    /// A step on a view.
    fn does(&mut self, model: &Model, current: Type, writable: bool) -> Does {
        let (shape, rank) = (model.shape(), model.rank());
        Does::Derive(match self.byte() % 64 {
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
            34 | 35 => return Does::AxisIter { axis: self.axis(rank), pick: self.byte() },
            36 | 37 => return Does::Lanes { axis: self.axis(rank), pick: self.byte() },
            38..41 if matches!(current, Type::U8 | Type::U16 | Type::U64) => {
                return self.item(current, rank);
            }
            41 | 42 => {
                let (from, to) = (self.byte() % 7, self.byte() % 13);
                return Does::Recast { axis: self.axis(rank), from, to };
            }
            43..46 => {
                return Does::Pair(Box::new([self.sibling(shape), self.sibling(shape)]));
            }
            46 => {
                return Does::WrongCount(match self.byte() % 4 {
                    0 => rank + 1,
                    1 => rank.saturating_sub(1),
                    2 => 8,
                    _ => 9,
                });
            }
            47 => return Does::Read,
            _ if writable => return Does::Write(self.write(model)),
            _ => return Does::Read,
        })
    }

    fn write(&mut self, model: &Model) -> Write {
        let (shape, rank) = (model.shape(), model.rank());
        match self.byte() % 15 {
            0 => Write::Fill,
            1 => Write::MapInPlace,
            2 | 3 => Write::Iter(self.byte()),
            4 => Write::IntoIter,
            5 | 6 => Write::At(self.each(shape, |cursor, size| match cursor.byte() {
                byte @ 0..240 => byte % size.max(1),
                240..252 => size,
                _ => usize::MAX,
            })),
            7 | 8 => {
                let style = self.byte();
                // The last axes: all of them, or few.
                let kept = [rank, rank, 1, 2, 0][style % 5].min(rank);
                let mut source = Vec::from(&shape[rank - kept..]);
                match (source.last_mut(), style / 5 % 8) {
                    (Some(size), 0..4) => *size = 1,
                    (Some(size), 4..6) => *size = size.saturating_add(1),
                    _ => {}
                }
                // What is copied from exists: it is not huge because nothing of it is.
                Write::Assign(if count(&source) > MOST_COPIED { Vec::new() } else { source })
            }
            9 => {
                let mut other = Vec::from(shape);
                match (self.byte() % 4, other.first_mut(), count(shape)) {
                    (0 | 1, Some(first), 1..=64) => *first ^= 1,
                    (2, Some(_), 1..) => other.reverse(),
                    _ => {}
                }
                Write::Zip(other)
            }
            10 | 11 => Write::Lanes(self.axis(rank)),
            12 => Write::AxisIter(self.axis(rank)),
            _ => {
                let (axis, index) = self.split(shape);
                Write::Split { axis, index }
            }
        }
    }
}

impl Plan {
    /// The program that `bytes` spell on a view of elements of a type, in a buffer at an address.
    pub(super) fn new(root: Model, kind: Type, buffer: usize, bytes: &[u8]) -> Self {
        let mut cursor = Cursor(bytes);
        let (mut chains, mut left) = (Vec::new(), MOST_STEPS);
        let unique = root.is_unique();
        while left > 0 && (chains.is_empty() || !cursor.0.is_empty()) {
            let mut chain = Vec::new();
            let (mut model, mut current, mut writable) = (root.clone(), kind, unique);
            while left > 0 && !cursor.0.is_empty() && cursor.0[0] < 236 {
                let does = cursor.does(&model, current, writable);
                left -= 1;
                let step = Step::new(&model, does, buffer, writable);
                if let Some(child) = step.successor() {
                    model = child.clone();
                    writable = step.writable;
                    if let Does::Items { to, .. } = step.does {
                        current = to;
                    }
                }
                chain.push(step);
            }
            let end = cursor.byte();
            left = left.saturating_sub(1);
            let does = match writable {
                true if end % 2 == 0 => Does::Write(Write::Iter(end)),
                true => Does::Write(cursor.write(&model)),
                false => Does::Read,
            };
            chain.push(Step::new(&model, does, buffer, writable));
            chains.push(chain);
        }
        Self { root, chains }
    }
}
