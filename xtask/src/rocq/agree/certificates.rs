//! The compiled checker of certificates and its translation, on layouts of which about half are
//! unique, with reasons that often hold; on panics too.

use std::panic::UnwindSafe;

use super::random::Random;
use super::{Comparison, Row, all_signed, all_wide, caught, quietly};
use crate::Result;
use crate::certificate::{holds, nested, nested_columns};

pub(super) const COMPARISON: Comparison = Comparison {
    what: "the compiled checker of certificates and its translation",
    file: "Certificate.v",
    agrees: AGREES,
    requests: 6_000,
    rows,
};

const AGREES: &str = "
From Strideproof Require Import Certificate.

Definition verdict (m : res bool) : list Z :=
  match m with Val true => [1] | Val false => [0] | Panic => [-1] | Endless => [-2] end.

Definition agrees (row : list (list Z)) : bool :=
  match row with
  | [shape; strides; [item]; order; divisors; sorted; rows; columns; held] =>
    same rows (verdict (nested shape strides item)) &&
    same columns (verdict (nested_columns shape strides item)) &&
    same held (verdict (holds shape strides item order divisors sorted))
  | _ => false
  end.
";

#[derive(Debug)]
struct Request {
    shape: Vec<usize>,
    strides: Vec<isize>,
    item: usize,
    order: Vec<usize>,
    divisors: Vec<usize>,
    sorted: Vec<usize>,
}

fn verdict(answer: impl FnOnce() -> bool + UnwindSafe) -> Vec<i128> {
    caught(|| vec![usize::from(answer())])
}

impl Request {
    fn row(&self) -> Row {
        let Self { shape, strides, item, order, divisors, sorted } = self;
        let held = verdict(|| holds(shape, strides, *item, order, divisors, sorted));
        let refused = held != [1];
        let numbers = vec![
            all_wide(shape),
            all_signed(strides),
            all_wide(&[*item]),
            all_wide(order),
            all_wide(divisors),
            all_wide(sorted),
            verdict(|| nested(shape, strides, *item)),
            verdict(|| nested_columns(shape, strides, *item)),
            held,
        ];
        Row { request: format!("{self:?}"), refused, numbers }
    }
}

fn rows(random: usize) -> Result<Vec<Row>> {
    let mut numbers = Random(20_260_102);
    let requests: Vec<_> = (0..random).map(|_| request(&mut numbers)).collect();
    Ok(quietly(|| requests.iter().map(Request::row).collect()))
}

fn gcd(a: usize, b: usize) -> usize {
    a.checked_rem(b).map_or(a, |rest| gcd(b, rest))
}

fn request(random: &mut Random) -> Request {
    let rank = random.below(5);
    let huge = random.once_in(6);
    let mut shape: Vec<usize> = (0..rank)
        .map(|_| match huge {
            true => random.number(),
            false => random.below(5) + usize::from(!random.once_in(9)),
        })
        .collect();
    // The more indices there are, the farther apart they have to be.
    let indices = shape.iter().fold(1usize, |count, size| count.saturating_mul((*size).max(1)));
    let far = isize::try_from(indices.saturating_mul(3)).unwrap_or(isize::MAX).min(1 << 40);
    let mut strides: Vec<isize> = (0..rank)
        .map(|_| if huge { random.signed() } else { random.between(far.wrapping_neg(), far) })
        .collect();
    if random.once_in(20) {
        // Exactly 2^64 along one axis.
        shape.iter_mut().take(1).for_each(|size| *size = (1 << 33) + 1);
        strides.iter_mut().take(1).for_each(|stride| *stride = 1 << 31);
    }
    let ascending = random.below(3);
    if ascending < 2 {
        strides.sort_by_key(|stride| stride.unsigned_abs());
        if ascending == 0 {
            strides.reverse();
        }
    }
    let item = if random.once_in(8) { random.number() } else { 1 + random.below(2) };

    // The axes of more than one index, from the largest stride as a rule.
    let mut order: Vec<usize> =
        (0..rank).filter(|&axis| shape.get(axis) > Some(&1) || random.once_in(4)).collect();
    let magnitude =
        |axis: &usize| strides.get(*axis).map_or(0, |stride: &isize| stride.unsigned_abs());
    order.sort_by_key(magnitude);
    match random.below(8) {
        0 => order.push(random.below(rank + 1)),
        1 => drop(order.pop()),
        2..=4 => order.reverse(),
        5 if !order.is_empty() => order.rotate_left(1),
        _ => {}
    }
    let explained = if random.once_in(2) { order.len() } else { random.below(order.len() + 2) };
    let divisors: Vec<usize> = (0..explained)
        .map(|place| match random.below(4) {
            0 | 1 => 0,
            2 => random.number(),
            _ => order.iter().skip(place + 1).map(magnitude).fold(0, gcd),
        })
        .collect();
    let mut request = Request { shape, strides, item, order, divisors, sorted: Vec::new() };
    if random.once_in(2) {
        request.sorted = request.by_address();
        let (at, other) = (random.below(indices.min(99)), random.below(indices.min(99)));
        match random.below(8) {
            0 if at.max(other) < request.sorted.len() => request.sorted.swap(at, other),
            1 => drop(request.sorted.pop()),
            2 => request.sorted.push(random.below(9)),
            _ => {}
        }
    }
    // What tries differences takes as many turns.
    let open = request.order.iter().skip(request.divisors.len());
    let sizes = open.map(|&axis| request.shape.get(axis).map_or(1, |size| size.saturating_mul(2)));
    if request.sorted.is_empty() && sizes.fold(1, usize::saturating_mul) > 4_000 {
        request.order.truncate(request.divisors.len());
    }
    request
}

impl Request {
    /// The numbers of the indices of the axes without a divisor, by ascending address, if few.
    fn by_address(&self) -> Vec<usize> {
        let open: Vec<(usize, u128)> = self
            .order
            .iter()
            .skip(self.divisors.len())
            .map(|&axis| {
                let size = self.shape.get(axis).copied().unwrap_or(0);
                let stride = self.strides.get(axis).map_or(0, |stride| stride.unsigned_abs());
                (size, u128::try_from(stride).unwrap_or(0))
            })
            .collect();
        let count = open.iter().fold(1usize, |count, (size, _)| count.saturating_mul(*size));
        if count > 200 {
            return Vec::new();
        }
        let address = |number: &usize| {
            let (mut rest, mut sum) = (*number, 0u128);
            for &(size, stride) in &open {
                let index = u128::try_from(rest.checked_rem(size).unwrap_or(0)).unwrap_or(0);
                sum = sum.saturating_add(index.saturating_mul(stride));
                rest = rest.checked_div(size).unwrap_or(0);
            }
            sum
        };
        let mut sorted: Vec<usize> = (0..count).collect();
        sorted.sort_by_key(address);
        sorted
    }
}
