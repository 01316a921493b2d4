//! Whether two indices of a view share memory, within a budget.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use strideproof::overlap::{self, Budget};

use crate::int::Int;
use crate::verdict::Uniqueness;

/// Room for a colliding pair, kept from one request to the next.
#[derive(Debug, Default)]
pub(crate) struct Pair {
    first: Vec<usize>,
    second: Vec<usize>,
}

/// Decides strides that fit 64 bits. `item` is how many units an item takes at its address.
pub(crate) fn narrow(
    shape: &[usize],
    strides: &[isize],
    item: usize,
    budget: u64,
    pair: &mut Pair,
) -> Uniqueness {
    let Pair { first, second } = pair;
    first.resize(shape.len(), 0);
    second.resize(shape.len(), 0);
    let budget = Budget::steps(budget);
    match overlap::is_unique_into(shape, strides, item, budget, first, second) {
        Ok(overlap::Uniqueness::Unique) => Uniqueness::Unique,
        Ok(overlap::Uniqueness::Aliased { .. }) => {
            Uniqueness::Aliased { first: first.clone(), second: second.clone() }
        }
        // All slices have the length of the shape.
        Ok(_) | Err(_) => Uniqueness::Undecided,
    }
}

/// Decides strides of any size.
///
/// The library is asked wherever its numbers suffice. Beyond, a plain search serves: strides of
/// more than 64 bits on axes that are followed lead into no memory that exists.
pub(crate) fn wide(shape: &[usize], strides: &[Int], item: &BigInt, budget: u64) -> Uniqueness {
    let followed = shape.iter().zip(strides).map(|(&extent, stride)| {
        // On an axis of one index nobody follows the stride.
        if extent == 1 { Some(0) } else { stride.to_isize() }
    });
    match (followed.collect::<Option<Vec<_>>>(), item.to_usize()) {
        (Some(strides), Some(item)) => narrow(shape, &strides, item, budget, &mut Pair::default()),
        _ => search(shape, strides, item, budget),
    }
}

/// Numbers of more bits are not divided by what they have in common, which takes the square of them.
const DIVIDED_BITS: u64 = 4096;

/// One axis of more than one index.
struct Axis {
    magnitude: BigInt,
    last: usize,
    axis: usize,
    backward: bool,
}

/// Searches for a difference of two index tuples, not zero, whose address is less than an item.
///
/// Tuples `i != j` share memory exactly if `d = j - i` has `|d_k| < shape_k` and
/// `|Σ d_k · stride_k| < item`.
fn search(shape: &[usize], strides: &[Int], item: &BigInt, budget: u64) -> Uniqueness {
    if item.is_zero() || shape.contains(&0) {
        return Uniqueness::Unique;
    }
    let mut axes: Vec<Axis> = shape
        .iter()
        .zip(strides)
        .enumerate()
        .filter(|&(_, (&extent, _))| extent > 1)
        .map(|(axis, (&extent, stride))| Axis {
            magnitude: stride.to_big().abs(),
            last: extent - 1,
            axis,
            backward: stride.is_negative(),
        })
        .collect();
    axes.sort_by(|a, b| a.magnitude.cmp(&b.magnitude));
    let bits = |axes: &[Axis]| axes.last().map_or(0, |axis| axis.magnitude.bits());
    // With g dividing all strides, |g · s| < item exactly if |s| < item / g, rounded up.
    let divisor = if bits(&axes) > DIVIDED_BITS {
        BigInt::one()
    } else {
        axes.iter().fold(BigInt::zero(), |gcd, axis| gcd.gcd(&axis.magnitude))
    };
    let mut item = item.clone();
    if divisor > BigInt::one() {
        item = Integer::div_ceil(&item, &divisor);
        for axis in &mut axes {
            axis.magnitude /= &divisor;
        }
    }
    // The largest stride exceeds what all the others can make up for: its difference is 0.
    let mut reaches: Vec<BigInt> = Vec::with_capacity(axes.len() + 1);
    let mut reach: BigInt = &item - 1;
    for axis in &axes {
        reaches.push(reach.clone());
        reach += &axis.magnitude * axis.last;
    }
    while axes.last().is_some_and(|axis| axis.magnitude > reaches[axes.len() - 1]) {
        axes.pop();
    }
    // A step takes as long as the numbers are.
    let steps = budget / (bits(&axes).max(item.bits()) / 256 + 1);
    let found = vec![0; axes.len()];
    let mut search = Search { axes: &axes, reaches: &reaches, budget: steps, found };
    let outcome = match reduced(&axes, &item, budget) {
        Some(Uniqueness::Unique) => Outcome::Nothing,
        Some(Uniqueness::Undecided) => Outcome::OutOfBudget,
        Some(Uniqueness::Aliased { first, second }) => {
            let difference = |(from, to): (usize, usize)| {
                i128::try_from(to).unwrap_or(0) - i128::try_from(from).unwrap_or(0)
            };
            search.found = first.into_iter().zip(second).map(difference).collect();
            Outcome::Found
        }
        None => search.descend(axes.len(), &BigInt::zero(), true),
    };
    match outcome {
        Outcome::Nothing => Uniqueness::Unique,
        Outcome::OutOfBudget => Uniqueness::Undecided,
        Outcome::Found => {
            let (mut first, mut second) = (vec![0; shape.len()], vec![0; shape.len()]);
            for (axis, &d) in axes.iter().zip(&search.found) {
                let side = if (d > 0) == axis.backward { &mut first } else { &mut second };
                side[axis.axis] = usize::try_from(d.unsigned_abs()).unwrap_or(0);
            }
            Uniqueness::Aliased { first, second }
        }
    }
}

/// Asks the library, if what is left of the axes fits 64 bits.
fn reduced(axes: &[Axis], item: &BigInt, budget: u64) -> Option<Uniqueness> {
    let shape: Option<Vec<_>> = axes.iter().map(|axis| axis.last.checked_add(1)).collect();
    let strides: Option<Vec<_>> = axes.iter().map(|axis| axis.magnitude.to_isize()).collect();
    Some(narrow(&shape?, &strides?, item.to_usize()?, budget, &mut Pair::default()))
}

enum Outcome {
    Found,
    Nothing,
    OutOfBudget,
}

struct Search<'a> {
    /// By ascending magnitude.
    axes: &'a [Axis],
    /// How far all smaller axes and the bytes of an item reach together.
    reaches: &'a [BigInt],
    budget: u64,
    found: Vec<i128>,
}

impl Search<'_> {
    /// Tries every difference on the axes below `level` that can bring `sum` back to an item's
    /// reach. `still` says that all differences so far are 0: then the first that is not is taken
    /// positive, which loses nothing.
    fn descend(&mut self, level: usize, sum: &BigInt, still: bool) -> Outcome {
        let Some(axis) = level.checked_sub(1).and_then(|k| self.axes.get(k)) else {
            return if still { Outcome::Nothing } else { Outcome::Found };
        };
        let reach = &self.reaches[level - 1];
        let last = BigInt::from(axis.last);
        // -reach <= sum + d · magnitude <= reach.
        let (low, high) = if axis.magnitude.is_zero() {
            (BigInt::zero(), last)
        } else {
            let low = Integer::div_ceil(&(-reach - sum), &axis.magnitude);
            let high = (reach - sum).div_floor(&axis.magnitude);
            let floor = if still { BigInt::zero() } else { -&last };
            (low.max(floor), high.min(last))
        };
        // Nonzero differences first, so that the lowest levels need no second look.
        let mut d = high;
        while d >= low {
            match self.budget.checked_sub(1) {
                Some(left) => self.budget = left,
                None => return Outcome::OutOfBudget,
            }
            self.found[level - 1] = d.to_i128().unwrap_or(0);
            let next = sum + &d * &axis.magnitude;
            match self.descend(level - 1, &next, still && d.is_zero()) {
                Outcome::Nothing => {}
                done => return done,
            }
            d -= 1;
        }
        Outcome::Nothing
    }
}
