//! Work on many elements: for the ways through memory that views of few elements do not take.
//!
//! The buffers are its own, and the expectation is one loop over all indices and plain addresses.

use strideproof::{Const, LayoutDyn, StridedViewDyn, StridedViewMutDyn};
#[cfg(test)]
use strideproof_oracle::count;
use strideproof_oracle::{Request, address, for_each_index};

use super::draw::Cursor;

/// The shapes: some with two long axes, some with one, and a small one.
const SHAPES: [&[usize]; 8] = [
    &[70, 270],
    &[3, 65, 130],
    &[200, 65, 2],
    &[20_000],
    &[64, 5, 64],
    &[9000, 3],
    &[7, 5],
    &[70, 2, 3, 64],
];

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Elements are copied.
    Assign,
    /// A function meets each element with its partner.
    Combine,
    /// All elements become one.
    Fill,
    /// The elements are summed up.
    Sum,
    /// Windows of so many elements along the last axis are folded.
    Fold(usize),
    /// The elements are visited by runs.
    Runs,
    /// A square is transposed in place.
    Transpose,
}

/// Where a view lies in a buffer of its own: the axes packed in some order, with gaps, some of them
/// backwards.
fn placed(cursor: &mut Cursor<'_>, shape: &[usize]) -> Request {
    let rank = shape.len();
    let mut order: Vec<usize> = (0..rank).collect();
    for left in (2..=rank).rev() {
        order.swap(left - 1, cursor.byte() % left);
    }
    let (style, backwards) = (cursor.byte(), cursor.byte());
    let mut stride = 1 + style % 5 / 3;
    let (mut strides, mut offset, mut reach) = (vec![0; rank], 0, 0);
    for axis in order.into_iter().rev() {
        let step = isize::try_from(stride).expect("a small number");
        let is_backwards = backwards >> axis & 1 == 1 && backwards % 4 == 3;
        strides[axis] = if is_backwards { -step } else { step };
        reach += stride * (shape[axis] - 1);
        offset += if is_backwards { stride * (shape[axis] - 1) } else { 0 };
        stride = stride * shape[axis] + style / 8 % 2;
    }
    let len = reach + 1 + style / 16 % 3;
    Request { shape: shape.to_vec(), strides, offset, len, item: 1 }
}

fn layout(Request { shape, strides, offset, len, .. }: &Request) -> LayoutDyn {
    LayoutDyn::new(shape, strides, *offset, *len).expect("a layout in its buffer")
}

/// Where an index lies.
fn place(request: &Request, index: &[usize]) -> usize {
    let at = address(&request.strides, request.offset, index);
    usize::try_from(at).expect("an address")
}

/// The numbers from 1 on.
fn numbers(len: usize) -> Vec<u64> {
    (1..).take(len).collect()
}

/// A task on two views of the same shape, but for a fold, whose source is as much longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulk {
    /// What is done.
    pub task: Task,
    /// Where.
    pub to: Request,
    /// And with what.
    pub from: Request,
}

/// Some function of two numbers whose result depends on their order.
fn mix(one: &mut u64, other: &u64) {
    *one = one.wrapping_mul(31).wrapping_add(*other);
}

impl Bulk {
    pub(super) fn new(cursor: &mut Cursor<'_>) -> Self {
        let task = match cursor.byte() % 12 {
            0..3 => Task::Assign,
            3..6 => Task::Combine,
            6 => Task::Fill,
            7 => Task::Sum,
            8 | 9 => Task::Fold(2 + cursor.byte() % 3),
            10 => Task::Runs,
            _ => Task::Transpose,
        };
        let shape = match task {
            Task::Transpose => &[37, 37],
            _ => SHAPES[cursor.byte() % SHAPES.len()],
        };
        let to = placed(cursor, shape);
        let mut wider = shape.to_vec();
        if let (Task::Fold(window), Some(last)) = (task, wider.last_mut()) {
            *last += window - 1;
        }
        Self { task, to, from: placed(cursor, &wider) }
    }

    /// Judges the library on the task.
    pub fn run(&self) {
        let Self { task, to, from } = self;
        let (mut target, source) = (numbers(to.len), numbers(from.len));
        let mut expected = target.clone();
        let view = StridedViewDyn::new(&source, layout(from)).expect("a view of its buffer");
        let mut target_view =
            StridedViewMutDyn::new(&mut target, layout(to)).expect("a view of its buffer");
        let each = |f: &mut dyn FnMut(usize, &[usize])| {
            for_each_index(&to.shape, |index| f(place(to, index), index));
        };
        match *task {
            Task::Assign => {
                target_view.assign(&view);
                each(&mut |at, index| expected[at] = source[place(from, index)]);
                // Small elements are copied by blocks in another way.
                let source: Vec<u32> = (1..).take(from.len).collect();
                let (mut small, mut wanted) = (vec![0; to.len], vec![0; to.len]);
                let view =
                    StridedViewDyn::new(&source, layout(from)).expect("a view of its buffer");
                let small_view = StridedViewMutDyn::new(&mut small, layout(to));
                small_view.expect("a view of its buffer").assign(&view);
                each(&mut |at, index| wanted[at] = source[place(from, index)]);
                assert!(small == wanted, "{self:?}: small elements");
            }
            Task::Combine => {
                target_view.zip_mut_with(&view, mix);
                each(&mut |at, index| mix(&mut expected[at], &source[place(from, index)]));
            }
            Task::Fill => {
                target_view.fill(0);
                each(&mut |at, _| expected[at] = 0);
            }
            Task::Fold(window) => {
                let last = to.shape.len() - 1;
                target_view.fold_inner(&view.axis_windows(last, window, 1), mix);
                each(&mut |at, index| {
                    let mut index = index.to_vec();
                    for _ in 0..window {
                        mix(&mut expected[at], &source[place(from, &index)]);
                        index[last] += 1;
                    }
                });
            }
            Task::Transpose => {
                let before = numbers(to.len);
                let mut square = target_view.try_with_rank::<Const<2>>().expect("two axes");
                square.transpose_in_place();
                each(&mut |at, index| expected[at] = before[place(to, &[index[1], index[0]])]);
            }
            Task::Sum => {
                let mut sum = 0;
                each(&mut |_, index| sum += source[place(from, index)]);
                assert_eq!(view.sum(), sum, "{self:?}");
            }
            Task::Runs => {
                let mut found = Vec::with_capacity(view.len());
                view.for_each_run(|run| match run.as_slice() {
                    Some(slice) => found.extend_from_slice(slice),
                    None => found.extend(run),
                });
                let mut all = Vec::with_capacity(view.len());
                each(&mut |_, index| all.push(source[place(from, index)]));
                assert!(found == all, "{self:?}: the runs are the elements in their order");
            }
        }
        assert!(target == expected, "{self:?}: the target and what lies between its elements");
    }

    /// The ways that the library takes, as far as the numbers tell.
    #[cfg(test)]
    fn paths(&self) -> Vec<&'static str> {
        let least = |placed: &Request, among: &dyn Fn(usize) -> bool| {
            let axes = (0..placed.shape.len()).filter(|&axis| among(placed.shape[axis]));
            axes.min_by_key(|&axis| placed.strides[axis].unsigned_abs())
        };
        let moves = |size: usize| size > 1;
        let has_slices = |placed: &Request| {
            least(placed, &moves).is_some_and(|axis| placed.strides[axis].unsigned_abs() == 1)
        };
        let Self { task, to, from } = self;
        let last = from.shape.len() - 1;
        match task {
            Task::Assign | Task::Combine => {
                let (across, down) = (least(to, &moves), least(from, &moves));
                let (Some(across), Some(down)) = (across, down) else { return vec![] };
                // An axis that the target walks backwards is turned round.
                let step = |axis: usize| to.strides[axis].signum() * from.strides[axis];
                let is_line = to.strides[across].unsigned_abs() == 1;
                vec![match (across == down, is_line, step(down)) {
                    (true, true, 1) => "met as slices",
                    (true, true, -1) => "met as a slice and one backwards",
                    (true, ..) => "met one by one",
                    (false, true, 1) if to.shape[across] == 3 => "met as pixels",
                    (false, true, 1) if to.shape[down] == 3 => "met as planes",
                    (false, true, 1) => "met by blocks",
                    (false, ..) => "met tile by tile",
                }]
            }
            Task::Fill if layout(to).try_in_memory_order() == Ok(layout(to)) => vec!["filled"],
            Task::Fill => vec!["filled in the order of memory"],
            Task::Sum if has_slices(from) => vec!["summed up as slices"],
            Task::Sum => vec!["summed up one by one"],
            Task::Fold(_) => {
                let in_row = count(&to.shape[1..]).max(1);
                let block = (4096 / in_row).max(1);
                vec![if to.shape[0] as u128 > block {
                    "folded in blocks"
                } else {
                    "folded at once"
                }]
            }
            Task::Transpose => vec!["transposed in place"],
            Task::Runs => match from.strides[last] {
                1 => vec!["runs as slices"],
                2.. => vec!["runs with gaps"],
                _ => vec!["runs backwards"],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::replay::{case, random};
    use crate::view_ops::{Case, step::Does};

    #[test]
    fn programs_take_each_way_through_memory() {
        let mut seen = BTreeMap::<&str, u32>::new();
        for input in random(5, 300).take(8000) {
            let plan = case::<Case>(&input).plan(0);
            for step in plan.chains.iter().flatten() {
                if let Does::Bulk(bulk) = &step.does {
                    bulk.paths().into_iter().for_each(|path| *seen.entry(path).or_default() += 1);
                }
            }
        }
        assert_eq!(seen.len(), 17, "the ways: {seen:?}");
        assert!(seen.values().all(|&times| times >= 5), "some way is hardly taken: {seen:?}");
    }
}
