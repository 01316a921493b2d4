//! Programs from bytes: arguments just inside and just outside of what the view at hand allows.

use strideproof_oracle::count;
use strideproof_oracle::model::{Cut, Op, View as Model};

use super::bulk::Bulk;
use super::step::{Does, Step, Type, Write};

/// The largest rank of a view with which a program goes on: more than a list holds without a heap.
pub(super) const MOST_AXES: usize = 10;

/// At most so many steps in a program.
const MOST_STEPS: usize = 8;

/// The lowest byte of what was added later; bytes from 236 on end a chain.
const NEWER: usize = 192;

/// What is copied from has at most so many elements.
const MOST_COPIED: u128 = 256;

/// A program with what the model says of it: chains of steps, each of which begins at the root.
pub(super) struct Plan {
    pub(super) root: Model,
    pub(super) chains: Vec<Vec<Step>>,
}

/// Bytes that never run out: after the last one come zeros.
pub(crate) struct Cursor<'b>(pub(crate) &'b [u8]);

impl Cursor<'_> {
    pub(crate) fn byte(&mut self) -> usize {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(first)
    }

    /// An axis, and one time in ten none that there is.
    pub(crate) fn axis(&mut self, rank: usize) -> usize {
        match self.byte() {
            byte @ 0..232 => byte % rank.max(1),
            232..248 => rank,
            _ => usize::MAX,
        }
    }

    /// A number below `limit`, and one time in five just not.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        match self.byte() {
            byte @ 0..204 => byte % limit.max(1),
            204..228 => limit,
            228..240 => limit.saturating_add(1),
            240..248 => usize::MAX,
            byte => 1 << (byte % 8 * 8),
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
        Does::Items(to, (style % 4 >= 2).then(|| self.axis(rank)))
    }

    /// A step on a view; of a wide one no elements are looked at.
    fn does(&mut self, model: &Model, current: Type, writable: bool, wide: bool) -> Does {
        let (shape, rank) = (model.shape(), model.rank());
        let kind = match self.byte() {
            byte @ NEWER.. => return self.newer(byte - NEWER, model, current, writable, wide),
            byte if wide => [41, 46].get(byte % 40).copied().unwrap_or(byte % 34),
            byte => byte % 64,
        };
        if let Some(op) = self.op(kind, shape) {
            return Does::Derive(op);
        }
        match kind {
            34 | 35 => Does::AxisIter(self.axis(rank), self.byte()),
            36 | 37 => Does::Lanes(self.axis(rank), self.byte()),
            38..41 if matches!(current, Type::U8 | Type::U16 | Type::U64) => {
                self.item(current, rank)
            }
            41 | 42 => {
                let (from, to) = (self.byte() % 7, self.byte() % 13);
                Does::Recast(self.axis(rank), from, to)
            }
            43..46 => Does::Pair(Box::new([self.sibling(shape), self.sibling(shape)])),
            46 => Does::WrongCount(match self.byte() % 4 {
                0 => rank + 1,
                1 => rank.saturating_sub(1),
                2 => 8,
                _ => 9,
            }),
            47 => Does::Read,
            _ if writable => Does::Write(self.write(model)),
            _ => Does::Read,
        }
    }

    /// A step that inputs without bytes from [`NEWER`] on do not spell: so these mean what they did.
    fn newer(
        &mut self,
        kind: usize,
        model: &Model,
        current: Type,
        writable: bool,
        wide: bool,
    ) -> Does {
        let shape = model.shape();
        match kind {
            _ if wide => Does::Derive(self.newer_op(kind % 20, shape)),
            0..20 => Does::Derive(self.newer_op(kind, shape)),
            20..24 => Does::InMemoryOrder,
            24..29 if matches!(current, Type::U8 | Type::U16 | Type::U64) => {
                let to = [Type::U8, Type::U16, Type::Triple][self.byte() % 3];
                Does::Field(to, self.below(current.size()))
            }
            29..32 => Does::Bulk(Box::new(Bulk::new(self))),
            32..38 if writable => Does::Write(Write::Parts(self.parts(shape))),
            _ if writable => {
                let inner = self.each(&[1, 1], |cursor, _| cursor.byte() % 5);
                let mut source = [shape, &inner[..self.byte() % 3]].concat();
                if let (0, Some(first)) = (self.byte() % 4, source.first_mut()) {
                    *first ^= 1;
                }
                if count(&source) > 4 * MOST_COPIED {
                    source.truncate(shape.len());
                }
                Does::Write(if count(&source) > 4 * MOST_COPIED {
                    Write::Fill
                } else {
                    Write::Fold(source)
                })
            }
            _ => Does::InMemoryOrder,
        }
    }

    /// Two or three parts: by turns along an axis, one of them perhaps a step too early, or any.
    fn parts(&mut self, shape: &[usize]) -> Vec<Vec<Cut>> {
        let style = self.byte();
        let count = 2 + style % 2;
        let axis = self.byte() % shape.len().max(1);
        let by_turns = |number: usize| {
            let start = isize::try_from(number - usize::from(style % 16 == 3 && number == 1)).ok();
            let mut cuts = vec![Cut::FULL; shape.len()];
            if let (Some(cut), Ok(step)) = (cuts.get_mut(axis), isize::try_from(count)) {
                *cut = Cut { start, end: None, step };
            }
            cuts
        };
        (0..count).map(|n| if style % 4 == 0 { self.cuts(shape) } else { by_turns(n) }).collect()
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
                Write::Split(axis, index)
            }
        }
    }
}

impl Plan {
    /// The program that `bytes` spell on a view of elements of a type, in a buffer at an address.
    pub(super) fn new(root: Model, kind: Type, buffer: usize, wide: bool, bytes: &[u8]) -> Self {
        let mut cursor = Cursor(bytes);
        let (mut chains, mut left) = (Vec::new(), MOST_STEPS);
        let unique = !wide && root.is_unique();
        while left > 0 && (chains.is_empty() || !cursor.0.is_empty()) {
            let mut chain = Vec::new();
            let (mut model, mut current, mut writable) = (root.clone(), kind, unique);
            while left > 0 && !cursor.0.is_empty() && cursor.0[0] < 236 {
                let does = cursor.does(&model, current, writable, wide);
                left -= 1;
                let step = Step::new(&model, does, buffer, writable, wide);
                if let Some(child) = step.successor() {
                    model = child.clone();
                    writable = step.writable;
                    if let Does::Items(to, _) = step.does {
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
            chain.push(Step::new(&model, does, buffer, writable, wide));
            chains.push(chain);
        }
        Self { root, chains }
    }
}
