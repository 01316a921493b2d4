//! Uniqueness of one view and sharing between two, against brute force; witnesses are verified.

use core::fmt;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::oracle::{self, for_each_index};
use super::request::boundary;
use crate::Error;
use crate::overlap::{
    Budget, Bytes, Sharing, Uniqueness, collides, is_nested, is_unique, is_unique_dyn,
    is_unique_within, may_share_memory, meets, shares_memory, shares_memory_into,
};

/// The largest rank of a view, unless it is one of very many axes.
pub const MAX_RANK: usize = 6;

/// One view in units of which an item takes some: bytes, or elements and 1.
#[derive(Clone, PartialEq, Eq)]
pub struct Numbers {
    /// The size of each axis.
    pub shape: Vec<usize>,
    /// How many units each axis steps over.
    pub strides: Vec<isize>,
    /// How many units an item takes.
    pub itemsize: usize,
}

/// Two views, and where the second lies.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// The view that is asked whether it is unique.
    pub one: Numbers,
    /// A second one, for sharing.
    pub two: Numbers,
    /// The addresses of their all-zero indices.
    pub addresses: [usize; 2],
    /// How many steps a search with a limit may take.
    pub budget: u64,
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shape, strides, itemsize } = self;
        write!(f, "shape {shape:?} strides {strides:?} itemsize {itemsize}")
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, two] = self.addresses;
        let Self { one: a, two: b, budget, .. } = self;
        write!(f, "view {a:?} at {one}, and view {b:?} at {two} (budget {budget})")
    }
}

/// Of more indices than this there is no list.
const MOST: u128 = 2048;

impl<'a> Arbitrary<'a> for Numbers {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let style = u.arbitrary::<u8>()?;
        let rank = usize::from(u.arbitrary::<u8>()?) % (MAX_RANK + 1);
        if style % 8 == 0 {
            let itemsize = u.arbitrary()?;
            let shape = (0..rank).map(|_| u.arbitrary()).collect::<Result<_>>()?;
            let strides = (0..rank).map(|_| u.arbitrary()).collect::<Result<_>>()?;
            return Ok(Self { shape, strides, itemsize });
        }
        if style % 16 == 1 {
            return Self::of_many_axes(u, style / 16);
        }
        if style % 8 == 3 {
            return Self::of_scattered_sums(u);
        }
        let byte = u.arbitrary::<u8>()?;
        let itemsize = match byte {
            0..100 => 1,
            100..250 => usize::from(byte % 10),
            _ => boundary(u)?,
        };
        let (mut shape, mut strides) = (Vec::with_capacity(rank), Vec::with_capacity(rank));
        // Strides near the product of the sizes so far are where unique and aliased views meet.
        let mut packed = itemsize.max(1);
        for _ in 0..rank {
            let byte = u.arbitrary::<u8>()?;
            let size = match byte {
                0..4 => 0,
                4..12 => boundary(u)?,
                12..180 => usize::from(byte % 4) + 1,
                _ => usize::from(byte % 16) + 1,
            };
            let byte = u.arbitrary::<u8>()?;
            let magnitude = match byte {
                0..60 => usize::from(byte % 24),
                60..180 => packed.saturating_add_signed(isize::from(byte % 7) - 3),
                180..220 => usize::from(u.arbitrary::<u16>()? % 1024),
                220..244 => usize::from(byte % 5).saturating_mul(packed / 2 + 1),
                _ => boundary(u)?,
            };
            packed = packed.saturating_mul(size.clamp(1, 1 << 20));
            shape.push(size);
            let negative = u.arbitrary::<u8>()? % 2 == 1;
            strides.push(match negative {
                true => 0isize.wrapping_sub_unsigned(magnitude),
                false => 0isize.wrapping_add_unsigned(magnitude),
            });
        }
        if style % 2 == 1 {
            shape.reverse();
            strides.reverse();
        }
        Ok(Self { shape, strides, itemsize })
    }
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let byte = u.arbitrary::<u8>()?;
        let first = match byte % 8 {
            0 => boundary(u)?,
            _ => 1 << 40,
        };
        let apart = isize::from(u.arbitrary::<i16>()?);
        let apart = if byte / 8 % 4 == 0 { apart } else { apart % 64 };
        let near = match byte / 32 {
            0 => boundary(u)?,
            _ => first.saturating_add_signed(apart),
        };
        let budget = u64::from(u.arbitrary::<u16>()?);
        let one = Numbers::arbitrary(u)?;
        let two = if byte / 8 % 2 == 0 { one.clone() } else { Numbers::arbitrary(u)? };
        let second = match byte / 32 {
            1 | 2 => meeting(&one, &two, first, budget).unwrap_or(near),
            _ => near,
        };
        Ok(Self { one, two, addresses: [first, second], budget })
    }
}

impl Case {
    /// The bytes of a case about one view.
    #[must_use]
    pub fn encode(one: &Numbers) -> Vec<u8> {
        // A first address of 2^40, the second there too, and no steps to spend.
        let mut bytes = vec![33, 0, 0, 0, 0];
        bytes.extend([0, u8::try_from(one.shape.len()).unwrap_or(0)]);
        bytes.extend(one.itemsize.to_le_bytes());
        bytes.extend(one.shape.iter().flat_map(|size| size.to_le_bytes()));
        bytes.extend(one.strides.iter().flat_map(|stride| stride.to_le_bytes()));
        bytes
    }
}

/// Where the second view must lie for an item of it to begin where one of the first does: two that
/// share, however large, and however hard that is to find.
fn meeting(one: &Numbers, two: &Numbers, first: usize, seed: u64) -> Option<usize> {
    let of = |numbers: &Numbers, seed| {
        let index = corner(&numbers.shape, seed)?;
        let inside = index.iter().zip(&numbers.shape).all(|(i, extent)| i < extent);
        inside.then(|| oracle::address(&numbers.strides, 0, &index))
    };
    let second = (first as i128).checked_add(of(one, seed)?)?.checked_sub(of(two, seed >> 6)?)?;
    usize::try_from(second).ok()
}

impl Numbers {
    /// A view of many axes, most of which have one element, or all of which have two; of more than
    /// any search has room for, now and then.
    fn of_many_axes(u: &mut Unstructured<'_>, style: u8) -> Result<Self> {
        let rank = match usize::from(u.arbitrary::<u8>()?) {
            byte @ 0..224 => byte % 92 + 9,
            byte => byte + 33,
        };
        let (mut shape, mut strides) = (Vec::with_capacity(rank), Vec::with_capacity(rank));
        for axis in 0..rank {
            let word = u.arbitrary::<i16>()?;
            shape.push(if style % 2 == 0 && word % 16 != 0 { 1 } else { 2 });
            // Even where the bytes have run out, no two axes are alike.
            let near = isize::try_from(axis + 1).unwrap_or(0);
            strides.push(isize::from(word / 16) + if style % 4 < 2 { near } else { near * 4096 });
        }
        Ok(Self { shape, strides, itemsize: usize::from(style % 3) + 1 })
    }

    /// A view of three to six axes whose strides have nothing to do with each other, so that no
    /// simple rule decides; one time in two all but one have a divisor in common, and the one is
    /// about as long as it takes to come to a multiple of that.
    fn of_scattered_sums(u: &mut Unstructured<'_>) -> Result<Self> {
        let [first, second] = u.arbitrary::<[u8; 2]>()?.map(usize::from);
        let rank = first % 4 + 3;
        let most = [7, 5, 4, 3][first % 4];
        let divisor = if second % 2 == 0 { 1 } else { second / 2 % 15 + 2 };
        let mut shape = Vec::with_capacity(rank);
        for _ in 0..rank {
            shape.push(usize::from(u.arbitrary::<u8>()?) % (most - 1) + 2);
        }
        if divisor > 1 {
            shape.truncate(3);
            shape[0] = divisor + second / 32 % 3;
        }
        let count: usize = shape.iter().product();
        let spread = count * [1, 4, 16, 64][first / 4 % 4];
        let mut strides = Vec::with_capacity(rank);
        for axis in 0..shape.len() {
            let magnitude = usize::try_from(u.arbitrary::<u32>()?).unwrap_or(0) % spread + 1;
            let magnitude = if axis == 0 { magnitude } else { magnitude * divisor };
            let stride = isize::try_from(magnitude).unwrap_or(1);
            strides.push(if (first / 16) >> (axis % 4) & 1 == 1 { -stride } else { stride });
        }
        Ok(Self { shape, strides, itemsize: second / 64 % 3 + 1 })
    }

    fn count(&self) -> u128 {
        self.shape.iter().fold(1u128, |count, &extent| count.saturating_mul(extent as u128))
    }

    fn at(&self, address: usize) -> Bytes<'_> {
        let Self { shape, strides, itemsize } = self;
        Bytes { address, shape, strides, itemsize: *itemsize }
    }

    /// The part of the view near its all-zero index, small enough for a list.
    fn near(&self) -> Self {
        let shape = self.shape.iter().map(|&extent| extent.min(3)).collect();
        Self { shape, ..self.clone() }
    }

    /// The sorted addresses of all items, if there are few enough.
    fn starts(&self, address: usize) -> Option<Vec<i128>> {
        if self.count() > MOST {
            return None;
        }
        // Axes of one element change nothing, and may be very many.
        let axes = self.shape.iter().zip(&self.strides).filter(|(extent, _)| **extent != 1);
        let (shape, strides): (Vec<usize>, Vec<isize>) = axes.unzip();
        if shape.len() > oracle::MAX_RANK {
            return None;
        }
        let mut all = Vec::new();
        for_each_index(&shape, |index| all.push(oracle::address(&strides, address, index)));
        all.sort_unstable();
        Some(all)
    }

    /// Whether no two items share a unit, if the oracle can say so.
    fn unique(&self) -> Option<bool> {
        if self.itemsize == 0 || self.shape.contains(&0) {
            return Some(true);
        }
        if let Some(starts) = self.starts(0) {
            return Some(starts.windows(2).all(|pair| pair[1] - pair[0] >= self.itemsize as i128));
        }
        self.of_two_axes()
    }

    /// Of two axes of elements, by arithmetic: `i·s = j·t` first with `i = t/g` and `j = s/g`.
    fn of_two_axes(&self) -> Option<bool> {
        let axes = self.shape.iter().zip(&self.strides).filter(|(extent, _)| **extent > 1);
        let axes: Vec<_> =
            axes.map(|(&n, s)| (n as u128, u128::from(s.unsigned_abs() as u64))).collect();
        match (axes.as_slice(), self.itemsize) {
            (&[(_, s)], item) => Some(s >= item as u128),
            (&[(_, 0), _] | &[_, (_, 0)], _) => Some(false),
            (&[(m, s), (n, t)], 1) => {
                let divisor = gcd(s, t);
                Some(t / divisor >= m || s / divisor >= n)
            }
            _ => None,
        }
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Judges the crate on a case.
///
/// # Panics
/// When it is wrong.
// Inlined, that is compiled where it is called: whoever does not fuzz this need not wait for it.
#[inline]
pub fn run(case: &Case) {
    uniqueness(case);
    let [one, two] = case.addresses;
    sharing(case, case.one.at(one), case.two.at(two));
    // And the other way round.
    sharing(case, case.two.at(two), case.one.at(one));
}

/// An end to searches through views of which there is no list.
fn enough(rank: usize) -> Budget {
    Budget::steps(most_steps(rank))
}

/// Of many axes, each step takes its time.
fn most_steps(rank: usize) -> u64 {
    match rank {
        _ if rank <= MAX_RANK => 1 << 12,
        ..=256 => 1 << 8,
        // It takes one for each axis of either view to come to an end.
        _ => 1 << 10,
    }
}

/// The limit that a case asks for.
fn limit(case: &Case, rank: usize) -> Budget {
    match rank {
        0..=MAX_RANK => Budget::steps(case.budget),
        many => Budget::steps(case.budget % most_steps(many)),
    }
}

#[inline]
fn uniqueness(case: &Case) {
    let numbers = &case.one;
    let Numbers { shape, strides, itemsize } = numbers;
    let (listed, truth) = (numbers.starts(0).is_some(), numbers.unique());
    let budget = if listed { Budget::UNLIMITED } else { enough(shape.len()) };
    let Ok(answer) = is_unique_dyn(shape, strides, *itemsize, budget) else {
        panic!("{case:?}: the ranks agree");
    };
    match &answer {
        Uniqueness::Unique => {
            assert_ne!(truth, Some(false), "{case:?}: said unique");
            assert!(listed || numbers.near().unique() != Some(false), "{case:?}: said unique");
        }
        Uniqueness::Aliased { first, second } => {
            assert_ne!(truth, Some(true), "{case:?}: said aliased, by {first:?} and {second:?}");
            assert!(
                oracle::is_collision(shape, strides, *itemsize, first, second),
                "{case:?}: {first:?} and {second:?} share nothing"
            );
            assert!(
                collides(shape, strides, *itemsize, first, second),
                "{case:?}: its own witness"
            );
        }
        Uniqueness::Undecided => assert!(!listed, "{case:?}: undecided"),
    }
    if is_nested(shape, strides, *itemsize) {
        assert_eq!(answer, Uniqueness::Unique, "{case:?}: said nested");
    }
    // A limit may keep from an answer, but not change it.
    let Ok(limited) = is_unique_dyn(shape, strides, *itemsize, limit(case, shape.len())) else {
        panic!("{case:?}: the ranks agree");
    };
    let same = matches!(
        (&limited, &answer),
        (Uniqueness::Undecided, _)
            | (_, Uniqueness::Undecided)
            | (Uniqueness::Unique, Uniqueness::Unique)
            | (Uniqueness::Aliased { .. }, Uniqueness::Aliased { .. })
    );
    assert!(same, "{case:?}: {answer:?}, with a limit {limited:?}");
    macro_rules! of_rank {
        ($($rank:literal)*) => {
            match shape.len() {
                $($rank => fixed::<$rank>(case, &answer, budget),)*
                _ => {}
            }
        };
    }
    of_rank!(0 1 2 3 4 5 6);
    // Any two indices, by the definition.
    if let (Some(low), Some(high)) = (corner(shape, case.budget), corner(shape, case.budget >> 6)) {
        let collide = oracle::is_collision(shape, strides, *itemsize, &low, &high);
        assert_eq!(
            collides(shape, strides, *itemsize, &low, &high),
            collide,
            "{case:?}: whether {low:?} and {high:?} share a unit"
        );
        assert!(
            !collide || answer != Uniqueness::Unique,
            "{case:?}: said unique, and {low:?} and {high:?} share a unit"
        );
    }
    if let Err(refusal) = is_unique_dyn(shape, &strides[..strides.len() / 2], 1, budget) {
        let expected = Error::WrongRank { rank: strides.len() / 2, needed: shape.len() };
        assert_eq!(refusal, expected, "{case:?}");
        assert!(case.budget % 64 != 0 || refusal.to_string().contains("axes"), "{case:?}");
    } else {
        assert_eq!(strides.len() / 2, shape.len(), "{case:?}: ranks that disagree");
    }
}

/// Some index, near the all-zero one, if there is any.
fn corner(shape: &[usize], seed: u64) -> Option<Vec<usize>> {
    let axes = shape.iter().enumerate();
    axes.map(|(axis, &extent)| {
        let bit = |place: usize| usize::from(seed >> (place % 16) & 1 == 1);
        let step = bit(axis) + bit(axis + 3);
        // One in a while is just outside.
        if seed % 32 == 31 {
            Some(extent)
        } else {
            extent.checked_sub(1).map(|last| last.min(step))
        }
    })
    .collect()
}

fn fixed<const N: usize>(case: &Case, answer: &Uniqueness<Vec<usize>>, budget: Budget) {
    let Numbers { shape, strides, itemsize } = &case.one;
    let (Ok(shape), Ok(strides)) =
        (<[usize; N]>::try_from(&shape[..]), <[isize; N]>::try_from(&strides[..]))
    else {
        unreachable!("the rank is N");
    };
    let fixed = match is_unique_within(&shape, &strides, *itemsize, budget) {
        Uniqueness::Unique => Uniqueness::Unique,
        Uniqueness::Undecided => Uniqueness::Undecided,
        Uniqueness::Aliased { first, second } => {
            Uniqueness::Aliased { first: first.to_vec(), second: second.to_vec() }
        }
    };
    assert_eq!(&fixed, answer, "{case:?}: with the rank in the type");
    if *itemsize == 1 && budget == Budget::UNLIMITED {
        let decided = is_unique(&shape, &strides) == Uniqueness::Unique;
        assert_eq!(decided, *answer == Uniqueness::Unique, "{case:?}: in elements");
    }
}

/// Whether two views have a byte in common, by merging the sorted lists of items.
fn share(a: &Bytes<'_>, b: &Bytes<'_>) -> Option<bool> {
    if a.itemsize == 0 || b.itemsize == 0 || a.shape.contains(&0) || b.shape.contains(&0) {
        return Some(false);
    }
    let list = |view: &Bytes<'_>| {
        let Bytes { address, shape, strides, itemsize } = *view;
        Numbers { shape: shape.to_vec(), strides: strides.to_vec(), itemsize }.starts(address)
    };
    let (x, y) = (list(a)?, list(b)?);
    let (m, n) = (a.itemsize as i128, b.itemsize as i128);
    let (mut i, mut j) = (0, 0);
    while let (Some(&x), Some(&y)) = (x.get(i), y.get(j)) {
        if x + m <= y {
            i += 1;
        } else if y + n <= x {
            j += 1;
        } else {
            return Some(true);
        }
    }
    Some(false)
}

/// The bytes from the first of the lowest item to the last of the highest, if there are any.
fn extent(view: &Bytes<'_>) -> Option<(i128, i128)> {
    if view.itemsize == 0 || view.shape.contains(&0) {
        return None;
    }
    let (mut low, mut high) = (view.address as i128, view.address as i128 + view.itemsize as i128);
    for (&extent, &stride) in view.shape.iter().zip(view.strides) {
        // Below 2^127: at most six axes of less than 2^64 steps of at most 2^63 would exceed it.
        let reach = (extent as i128 - 1).checked_mul(stride as i128)?;
        low = low.checked_add(reach.min(0))?;
        high = high.checked_add(reach.max(0))?;
    }
    Some((low, high))
}

/// Whether an item of one view and an item of the other have a byte in common, by definition.
fn items_meet(a: &Bytes<'_>, b: &Bytes<'_>, first: &[usize], second: &[usize]) -> bool {
    let valid = |view: &Bytes<'_>, index: &[usize]| {
        index.len() == view.shape.len() && index.iter().zip(view.shape).all(|(i, n)| i < n)
    };
    let steps = first.iter().map(|&i| i as i128).zip(a.strides);
    let back = second.iter().map(|&j| -(j as i128)).zip(b.strides);
    let from = a.address as i128 - b.address as i128;
    a.itemsize > 0
        && b.itemsize > 0
        && valid(a, first)
        && valid(b, second)
        && oracle::exact_sum(steps.chain(back)).is_some_and(|sum| {
            let apart = sum + from;
            apart < b.itemsize as i128 && -apart < a.itemsize as i128
        })
}

fn sharing(case: &Case, a: Bytes<'_>, b: Bytes<'_>) {
    let truth = share(&a, &b);
    let rank = a.shape.len().max(b.shape.len());
    let budget = if truth.is_some() { Budget::UNLIMITED } else { enough(rank) };
    let Ok(answer) = shares_memory(a, b, budget) else {
        panic!("{case:?}: the ranks agree");
    };
    match &answer {
        Sharing::Disjoint => assert_ne!(truth, Some(true), "{case:?}: said disjoint"),
        Sharing::Shared { first, second } => {
            assert_ne!(truth, Some(false), "{case:?}: said shared, by {first:?} and {second:?}");
            assert!(
                items_meet(&a, &b, first, second),
                "{case:?}: items {first:?} and {second:?} do not meet"
            );
            assert!(meets(a, b, first, second), "{case:?}: its own witness");
            assert!(may_share_memory(a, b), "{case:?}: and may not");
        }
        Sharing::Undecided => assert!(truth.is_none(), "{case:?}: undecided"),
    }
    let (mut first, mut second) = (vec![0; a.shape.len()], vec![0; b.shape.len()]);
    let limit = limit(case, rank);
    let limited = shares_memory_into(a, b, limit, &mut first, &mut second);
    let same = match (&limited, &answer) {
        (Ok(Sharing::Undecided), _) | (_, Sharing::Undecided) => true,
        (Ok(Sharing::Disjoint), answer) => matches!(answer, Sharing::Disjoint),
        (Ok(Sharing::Shared { .. }), answer) => matches!(answer, Sharing::Shared { .. }),
        _ => false,
    };
    assert!(same, "{case:?}: {answer:?}, with a limit {limited:?}");
    let empty = |view: &Bytes<'_>| view.itemsize == 0 || view.shape.contains(&0);
    match (extent(&a), extent(&b)) {
        (Some((low, high)), Some((from, to))) => {
            let expected = low < to && from < high;
            assert_eq!(may_share_memory(a, b), expected, "{case:?}: by extent");
        }
        _ if empty(&a) || empty(&b) => {
            assert!(!may_share_memory(a, b), "{case:?}: nothing shares nothing");
        }
        _ => {}
    }
    if let (Some(first), Some(second)) =
        (corner(a.shape, case.budget), corner(b.shape, case.budget >> 6))
    {
        let meet = items_meet(&a, &b, &first, &second);
        assert_eq!(
            meets(a, b, &first, &second),
            meet,
            "{case:?}: whether items {first:?} and {second:?} meet"
        );
        assert!(
            !meet || !matches!(answer, Sharing::Disjoint),
            "{case:?}: said disjoint, and items {first:?} and {second:?} meet"
        );
    }
}
