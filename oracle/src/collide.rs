//! Which indices share memory: by sorted lists of all addresses, and beyond what can be listed by
//! solving for the difference of two indices.

use crate::truth::{address, count, for_each_index};

/// A view of more indices than this is not listed.
pub const MOST_LISTED: u128 = 1 << 14;

/// A view whose items take some bytes each at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    /// Where the item of the all-zero index begins.
    pub address: usize,
    /// The size of each axis.
    pub shape: Vec<usize>,
    /// How many bytes each axis steps over.
    pub strides: Vec<isize>,
    /// How many bytes an item takes.
    pub item: usize,
}

/// Two index tuples whose items share a unit when each item takes `item` units at its address, by
/// comparing the addresses of all indices in sorted order; `None` when there are none.
#[must_use]
pub fn colliding_pair(
    shape: &[usize],
    strides: &[isize],
    item: usize,
) -> Option<(Vec<usize>, Vec<usize>)> {
    let mut all = Vec::new();
    for_each_index(shape, |index| all.push((address(strides, 0, index), all.len())));
    all.sort_unstable();
    let pair = all.windows(2).find(|pair| pair[1].0 - pair[0].0 < item as i128)?;
    Some((unravel(shape, pair[0].1), unravel(shape, pair[1].1)))
}

/// The index tuple at a position of row-major order.
#[must_use]
pub fn unravel(shape: &[usize], position: usize) -> Vec<usize> {
    let (mut index, mut rest) = (vec![0; shape.len()], position);
    for (i, &size) in index.iter_mut().zip(shape).rev() {
        *i = rest % size;
        rest /= size;
    }
    index
}

/// Checks a pair that a checker claims to collide.
#[must_use]
pub fn is_collision(
    shape: &[usize],
    strides: &[isize],
    item: usize,
    first: &[usize],
    second: &[usize],
) -> bool {
    let steps = first.iter().zip(second).map(|(&i, &j)| i as i128 - j as i128);
    is_index(first, shape)
        && is_index(second, shape)
        && first != second
        && exact_sum(steps.zip(strides)).is_some_and(|apart| apart.abs() < item as i128)
}

/// Whether an index tuple is valid for a shape.
#[must_use]
pub fn is_index(index: &[usize], shape: &[usize]) -> bool {
    index.len() == shape.len() && index.iter().zip(shape).all(|(i, size)| i < size)
}

/// `Σ steps_k · stride_k` of steps below 2^64, whatever their number: one product nearly fills an
/// `i128`, and several do not fit. `None` for sums of 2^120 or more, which nothing is near.
#[must_use]
pub fn exact_sum<'a>(terms: impl Iterator<Item = (i128, &'a isize)>) -> Option<i128> {
    // By the halves of the strides: the upper one has the sign.
    let (mut upper, mut lower) = (0i128, 0i128);
    for (steps, &stride) in terms {
        upper += steps * (stride >> 32) as i128;
        lower += steps * (stride & 0xffff_ffff) as i128;
    }
    let upper = upper + (lower >> 32);
    (upper.abs() < 1 << 88).then(|| (upper << 32) + (lower & 0xffff_ffff))
}

impl Items {
    fn is_empty(&self) -> bool {
        self.item == 0 || self.shape.contains(&0)
    }

    /// The axes that have more than one index, which are all that matter here.
    fn axes(&self) -> impl Iterator<Item = (usize, isize)> + '_ {
        let axes = self.shape.iter().copied().zip(self.strides.iter().copied());
        axes.filter(|&(size, _)| size != 1)
    }

    /// Whether there are few enough items for a list.
    #[must_use]
    pub fn is_small(&self) -> bool {
        count(&self.shape) <= MOST_LISTED
    }

    /// The sorted addresses of all items, if there are few enough.
    fn listed(&self) -> Option<Vec<i128>> {
        if !self.is_small() {
            return None;
        }
        let (shape, strides): (Vec<usize>, Vec<isize>) = self.axes().unzip();
        let mut all = Vec::new();
        for_each_index(&shape, |index| all.push(address(&strides, self.address, index)));
        all.sort_unstable();
        Some(all)
    }

    /// Whether no two items share a byte, if that can be told.
    #[must_use]
    pub fn is_unique(&self) -> Option<bool> {
        if self.is_empty() {
            return Some(true);
        }
        match self.listed() {
            Some(all) => Some(all.windows(2).all(|pair| pair[1] - pair[0] >= self.item as i128)),
            None => self.is_unique_by_differences(),
        }
    }

    /// The same by solving for the difference of two indices, of which the first that is not 0 is
    /// positive.
    #[must_use]
    pub fn is_unique_by_differences(&self) -> Option<bool> {
        let axes: Vec<_> = self.axes().collect();
        let item = self.item as i128;
        for first in 0..axes.len() {
            let variables = axes[first..].iter().enumerate().map(|(k, &(size, stride))| {
                let last = size as i128 - 1;
                Variable { low: if k == 0 { 1 } else { -last }, high: last, by: stride as i128 }
            });
            let between = Variable { low: 1 - item, high: item - 1, by: 1 };
            if is_solvable(variables.chain([between]).collect(), 0)? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Whether an item of this view and one of another share a byte, if that can be told.
    #[must_use]
    pub fn shares(&self, other: &Self) -> Option<bool> {
        if self.is_empty() || other.is_empty() {
            return Some(false);
        }
        let (Some(one), Some(two)) = (self.listed(), other.listed()) else {
            return self.shares_by_differences(other);
        };
        Some(one.iter().any(|&one| {
            // The first item of the other view that ends behind the beginning of this one.
            let at = two.partition_point(|&two| two + other.item as i128 <= one);
            two.get(at).is_some_and(|&two| two < one + self.item as i128)
        }))
    }

    /// The same by solving for an index of each.
    #[must_use]
    pub fn shares_by_differences(&self, other: &Self) -> Option<bool> {
        let variable = |(size, stride): (usize, isize), sign: i128| Variable {
            low: 0,
            high: size as i128 - 1,
            by: sign * stride as i128,
        };
        let mut variables: Vec<_> = self.axes().map(|axis| variable(axis, 1)).collect();
        variables.extend(other.axes().map(|axis| variable(axis, -1)));
        variables.push(Variable {
            low: 1 - other.item as i128,
            high: self.item as i128 - 1,
            by: 1,
        });
        is_solvable(variables, other.address as i128 - self.address as i128)
    }

    /// Whether the items at two indices share a byte.
    #[must_use]
    pub fn meet(&self, other: &Self, first: &[usize], second: &[usize]) -> bool {
        let steps = first.iter().map(|&i| i as i128).zip(&self.strides);
        let back = second.iter().map(|&j| -(j as i128)).zip(&other.strides);
        let from = self.address as i128 - other.address as i128;
        self.item > 0
            && other.item > 0
            && is_index(first, &self.shape)
            && is_index(second, &other.shape)
            && exact_sum(steps.chain(back)).is_some_and(|sum| {
                let apart = sum + from;
                apart < other.item as i128 && -apart < self.item as i128
            })
    }

    /// The first byte of the lowest item and the end of the highest; `None` for a view without
    /// bytes, and of numbers that fill an `i128`.
    #[must_use]
    pub fn extent(&self) -> Option<(i128, i128)> {
        if self.is_empty() {
            return None;
        }
        let (mut low, mut high) = (self.address as i128, self.address as i128 + self.item as i128);
        for (size, stride) in self.axes() {
            let reach = (size as i128 - 1).checked_mul(stride as i128)?;
            low = low.checked_add(reach.min(0))?;
            high = high.checked_add(reach.max(0))?;
        }
        Some((low, high))
    }

    /// Whether the extents have a byte in common; `None` where [`extent`](Self::extent) has no
    /// numbers for it.
    #[must_use]
    pub fn may_share(&self, other: &Self) -> Option<bool> {
        if self.is_empty() || other.is_empty() {
            return Some(false);
        }
        let ((low, high), (from, to)) = (self.extent()?, other.extent()?);
        Some(low < to && from < high)
    }

    /// The number of different bytes that the items take, if they are listed.
    #[must_use]
    pub fn footprint(&self) -> Option<u128> {
        let all = self.listed()?;
        let own = |(at, start): (usize, &i128)| match all.get(at + 1) {
            Some(next) => (next - start).min(self.item as i128).unsigned_abs(),
            None => self.item as u128,
        };
        Some(all.iter().enumerate().map(own).sum())
    }
}

/// An unknown integer from `low` to `high`, and what it is multiplied by.
#[derive(Clone, Copy, Debug)]
struct Variable {
    low: i128,
    high: i128,
    by: i128,
}

/// The most values of variables that are tried.
const MOST_TRIED: u32 = 1 << 12;

/// Whether some values of the variables add up to `target`; `None` when that takes too long to
/// tell, or leaves an `i128`.
///
/// Values of all but the two widest variables are tried, those with the largest coefficients first,
/// as far as the others can make up for them. For the last two it is Bézout's identity:
/// `a·x + b·y = c` has solutions iff the greatest common divisor of `a` and `b` divides `c`, and
/// then each `b` further in `x`.
fn is_solvable(mut variables: Vec<Variable>, target: i128) -> Option<bool> {
    if variables.iter().any(|variable| variable.low > variable.high) {
        return Some(false);
    }
    variables.retain(|variable| variable.by != 0);
    variables.sort_by_key(|variable| variable.high - variable.low);
    let nothing = Variable { low: 0, high: 0, by: 0 };
    let (y, x) = (variables.pop().unwrap_or(nothing), variables.pop().unwrap_or(nothing));
    let last = Two::new(x, y)?;
    // The least and the most that a variable and all before it add up to, the smallest first.
    variables.sort_by_key(|variable| variable.by.abs());
    let mut spans = Vec::new();
    let (mut least, mut most) = (0i128, 0i128);
    for variable in [x, y].iter().chain(&variables) {
        spans.push((least, most));
        let ends =
            [variable.by.checked_mul(variable.low)?, variable.by.checked_mul(variable.high)?];
        least = least.checked_add(ends[0].min(ends[1]))?;
        most = most.checked_add(ends[0].max(ends[1]))?;
    }
    Search { variables: &variables, spans: &spans[2..], last, left: MOST_TRIED }.run(target)
}

struct Search<'a> {
    variables: &'a [Variable],
    spans: &'a [(i128, i128)],
    last: Two,
    left: u32,
}

impl Search<'_> {
    fn run(&mut self, target: i128) -> Option<bool> {
        let (Some((variable, others)), Some((&(least, most), spans))) =
            (self.variables.split_last(), self.spans.split_last())
        else {
            return self.last.add_up_to(target);
        };
        // The others make up for what is missing only between these two.
        let (from, to) = (target.checked_sub(most)?, target.checked_sub(least)?);
        let (from, to) = if variable.by > 0 { (from, to) } else { (-to, -from) };
        let by = variable.by.abs();
        let (low, high) = (-(-from).div_euclid(by), to.div_euclid(by));
        let whole = (self.variables, self.spans);
        let mut known = true;
        let mut value = variable.low.max(low);
        while value <= variable.high.min(high) {
            self.left = self.left.checked_sub(1)?;
            (self.variables, self.spans) = (others, spans);
            let found = self.run(target - variable.by * value);
            (self.variables, self.spans) = whole;
            if found == Some(true) {
                return found;
            }
            known &= found.is_some();
            value += 1;
        }
        known.then_some(false)
    }
}

/// Two variables and what their coefficients have in common.
struct Two {
    x: Variable,
    y: Variable,
    divisor: i128,
    /// The inverse of `x.by / divisor` modulo `y.by / divisor`.
    inverse: i128,
}

impl Two {
    fn new(x: Variable, y: Variable) -> Option<Self> {
        let (a, b) = (x.by, y.by.checked_abs()?);
        // Of a·u ≡ r (mod b), down to r = gcd.
        let (mut r, mut next_r) = (b, a.rem_euclid(b.max(1)));
        let (mut u, mut next_u) = (0, 1);
        while next_r != 0 {
            let quotient = r / next_r;
            (r, next_r) = (next_r, r - quotient * next_r);
            (u, next_u) = (next_u, u - quotient * next_u);
        }
        Some(Self { x, y, divisor: r, inverse: u })
    }

    fn add_up_to(&self, target: i128) -> Option<bool> {
        let Self { x, y, divisor, inverse } = *self;
        if y.by == 0 {
            // Then neither has a coefficient.
            return Some(target == 0);
        }
        if target % divisor != 0 {
            return Some(false);
        }
        let (a, b, c) = (x.by / divisor, y.by / divisor, target / divisor);
        let modulus = b.abs();
        // All x that leave a multiple of b are this one and those whole moduli away.
        let first = (c.rem_euclid(modulus)).checked_mul(inverse.rem_euclid(modulus))? % modulus;
        let ends = [c.checked_sub(b.checked_mul(y.low)?)?, c.checked_sub(b.checked_mul(y.high)?)?];
        let (least, most) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        // a·x must lie between these two.
        let (mut low, mut high) = (x.low, x.high);
        match a {
            0 if least > 0 || most < 0 => return Some(false),
            0 => {}
            1.. => {
                low = low.max(-(-least).div_euclid(a));
                high = high.min(most.div_euclid(a));
            }
            _ => {
                low = low.max(-most.div_euclid(-a));
                high = high.min((-least).div_euclid(-a));
            }
        }
        let start = low + (first - low).rem_euclid(modulus);
        Some(start <= high)
    }
}

#[cfg(test)]
mod tests {
    use super::{Items, exact_sum};
    use crate::Rng;

    #[test]
    fn sums_of_products_that_fill_an_i128_are_exact() {
        let sum = |terms: &[(i128, isize)]| {
            exact_sum(terms.iter().map(|(steps, stride)| (*steps, stride)))
        };
        assert_eq!(sum(&[]), Some(0));
        assert_eq!(sum(&[(3, -7), (-2, 5), (1 << 40, 1 << 40)]), Some((1 << 80) - 31));
        let far = i128::from(u64::MAX);
        assert_eq!(sum(&[(far, isize::MIN); 300]), None);
        assert_eq!(sum(&[(far, isize::MIN), (far, isize::MAX)]), Some(-far));
        let there_and_back =
            [(far, isize::MIN), (far, isize::MIN), (-far, isize::MIN), (1, -9), (-far, isize::MIN)];
        assert_eq!(sum(&there_and_back), Some(-9));
    }

    /// Some view of small numbers.
    fn small(random: &mut Rng) -> Items {
        let rank = random.below(5);
        let shape = (0..rank).map(|_| random.below(6)).collect();
        let stride = |_| isize::try_from(random.below(41)).unwrap() - 20;
        let strides = (0..rank).map(stride).collect();
        Items { address: 1000 + random.below(40), shape, strides, item: random.below(5) + 1 }
    }

    #[test]
    fn solving_for_differences_says_what_lists_say() {
        let (mut unique, mut shared) = ([0; 2], [0; 2]);
        let mut random = Rng::new(1);
        for _ in 0..20_000 {
            let (one, two) = (small(&mut random), small(&mut random));
            let expected = one.is_unique().unwrap();
            unique[usize::from(expected)] += 1;
            if let (Some(solved), false) = (one.is_unique_by_differences(), one.shape.contains(&0))
            {
                assert_eq!(solved, expected, "{one:?}");
            }
            let expected = one.shares(&two).unwrap();
            shared[usize::from(expected)] += 1;
            if let Some(solved) = one.shares_by_differences(&two) {
                assert_eq!(solved, expected, "{one:?} {two:?}");
            }
        }
        assert!(unique.iter().chain(&shared).all(|&count| count > 3000), "{unique:?} {shared:?}");
    }

    #[test]
    fn large_views_are_decided_too() {
        let of = |shape: &[usize], strides: &[isize], item| {
            let (shape, strides) = (shape.to_vec(), strides.to_vec());
            Items { address: 0, shape, strides, item }.is_unique()
        };
        // The nearest indices that collide are (0, 5) and (7, 0), times 10^6.
        let m = 1_000_000;
        assert_eq!(of(&[7 * m, 5 * m], &[5, 7], 1), Some(false));
        assert_eq!(of(&[7 * 1000 + 1, 5 * 1000 + 1], &[5 * 1000, 7 * 1000], 1), Some(false));
        assert_eq!(of(&[7001, 5000, 2], &[5000, 7001, 1 << 40], 1), Some(true));
        assert_eq!(of(&[7001, 5001, 2], &[5000, -7000, 1 << 40], 1), Some(false));
        assert_eq!(of(&[7000, 5001], &[5000, 7001], 2), Some(false));
        assert_eq!(of(&[1 << 63, 2], &[2, 1], 1), Some(true));
    }
}
