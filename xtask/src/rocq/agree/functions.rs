//! The compiled functions of the kernel and their translation, on all known cases and on random and
//! boundary requests; on panics too.

use strideproof_oracle::cases;

use super::random::Random;
use super::{Comparison, Row, all_signed, all_wide, caught, quietly, wide};
use crate::Result;
use crate::kernel::{self, Extent, Refusal, Side};

pub(super) const COMPARISON: Comparison = Comparison {
    what: "the compiled functions and their translation",
    file: "Kernel.v",
    agrees: AGREES,
    requests: 10_000,
    rows,
};

const AGREES: &str = "
From Strideproof Require Import Kernel.

Definition numbers {A} (f : A -> list Z) (m : res A) : list Z :=
  match m with Val a => f a | Panic => [-1] | Endless => [-2] end.
Definition of_extent (e : Extent) : list Z :=
  [Extent_count e; Extent_lowest e; Extent_highest e; Extent_required_len e].
Definition of_answer (r : result Extent Refusal) : list Z :=
  match r with
  | Ok e => 0 :: of_extent e
  | Err Refusal_Rank => [1]
  | Err (Refusal_Count axis) => [2; axis]
  | Err Refusal_EmptyOffset => [3]
  | Err Refusal_Origin => [4]
  | Err (Refusal_Leaves axis side index excess) =>
    [5; axis; match side with Side_Below => 0 | Side_Above => 1 end; index; excess]
  end.
Definition of_option (o : option Z) : list Z := match o with Some a => [a] | None => [] end.

Definition agrees (row : list (list Z)) : bool :=
  match row with
  | [shape; strides; index; [offset; len; item; from; count];
     decided; reaches; addressed; overfull; scaled] =>
    same decided (numbers of_answer (decide shape strides offset len item)) &&
    same reaches (numbers of_extent (extent shape strides offset item)) &&
    same addressed (numbers of_option (address shape strides offset index)) &&
    same overfull (numbers of_option (overfull_axis shape from count)) &&
    same scaled (numbers (fun a => [a]) (scale offset item))
  | _ => false
  end.
";

/// The arguments of all functions that are compared.
#[derive(Debug)]
struct Request {
    shape: Vec<usize>,
    strides: Vec<isize>,
    offset: usize,
    len: usize,
    item: usize,
    index: Vec<usize>,
    from: usize,
    count: usize,
}

impl Request {
    fn row(&self) -> Row {
        let Self { shape, strides, offset, len, item, index, from, count } = self;
        let (offset, len, item, from, count) = (*offset, *len, *item, *from, *count);
        let extent = |e: &Extent| vec![e.count, e.lowest, e.highest, e.required_len];
        let numbers = vec![
            all_wide(shape),
            all_signed(strides),
            all_wide(index),
            all_wide(&[offset, len, item, from, count]),
            caught(|| match kernel::decide(shape, strides, offset, len, item) {
                Ok(e) => [vec![0], extent(&e)].concat(),
                Err(Refusal::Rank) => vec![1],
                Err(Refusal::Count { axis }) => vec![2, axis],
                Err(Refusal::EmptyOffset) => vec![3],
                Err(Refusal::Origin) => vec![4],
                Err(Refusal::Leaves { axis, side, index, excess }) => {
                    vec![5, axis, usize::from(side == Side::Above), index, excess]
                }
            }),
            caught(|| extent(&kernel::extent(shape, strides, offset, item))),
            caught(|| Vec::from_iter(kernel::address(shape, strides, offset, index))),
            caught(|| Vec::from_iter(kernel::overfull_axis(shape, from, count))),
            caught(|| vec![kernel::scale(offset, item)]),
        ];
        let refused = kernel::decide(shape, strides, offset, len, item).is_err();
        Row { request: format!("{self:?}"), refused, numbers }
    }
}

fn rows(random: usize) -> Result<Vec<Row>> {
    // Some have numbers that no `usize` holds, as a size below 0.
    let known = cases::all().into_iter().filter_map(|known| known.request());
    let mut requests: Vec<_> = known.map(Request::from).collect();
    let mut numbers = Random(20_260_101);
    requests.extend((0..random).map(|_| request(&mut numbers)));
    Ok(quietly(|| requests.iter().map(Request::row).collect()))
}

impl From<strideproof_oracle::Request> for Request {
    fn from(known: strideproof_oracle::Request) -> Self {
        let strideproof_oracle::Request { shape, strides, offset, len, item } = known;
        let index = shape.iter().map(|size| size.saturating_sub(1)).collect();
        Self { shape, strides, offset, len, item, index, from: 0, count: 1 }
    }
}

fn request(random: &mut Random) -> Request {
    let rank = random.below(6);
    let shape: Vec<_> = (0..rank).map(|_| random.number()).collect();
    let ranks = if random.once_in(30) { random.below(6) } else { rank };
    let strides: Vec<_> = (0..ranks).map(|_| random.signed()).collect();
    let item = if random.once_in(4) { random.number() } else { 1 };
    // Offset and length beside what the view needs, unless it needs too much.
    let (mut low, mut high) = (0i128, 0i128);
    for (size, stride) in shape.iter().zip(all_signed(&strides)) {
        let reach = wide(size.saturating_sub(1)).saturating_mul(stride);
        low = low.saturating_add(reach.min(0));
        high = high.saturating_add(reach.max(0));
    }
    let limit = 1i128 << 70;
    let offset = if random.once_in(5) { random.number() } else { random.beside(-low.max(-limit)) };
    let needed = high.min(limit) + wide(offset) + wide(item);
    let len = if random.once_in(5) { random.number() } else { random.beside(needed) };
    let mut index: Vec<_> = shape.iter().map(|size| random.below(*size)).collect();
    match random.below(6) {
        0 => index.push(0),
        1 => drop(index.pop()),
        2 => index.clone_from(&shape),
        3 => index = shape.iter().map(|size| size.saturating_sub(1)).collect(),
        _ => {}
    }
    let (from, count) = (random.below(rank + 2), random.number());
    Request { shape, strides, offset, len, item, index, from, count }
}
