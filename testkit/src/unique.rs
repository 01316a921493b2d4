//! Uniqueness of one view, its footprint, and sharing between two, against sorted lists of addresses;
//! witnesses are verified.

use core::fmt;
use core::mem::discriminant;

use arbitrary::{Arbitrary, Result, Unstructured};
use strideproof::distinct_units;
use strideproof::overlap::{
    Budget, Bytes, Sharing, Uniqueness, collides, is_nested, is_unique, is_unique_dyn,
    is_unique_within, may_share_memory, meets, shares_memory, shares_memory_into,
};
use strideproof_oracle::generate::boundary;
use strideproof_oracle::{Items, address, is_collision, is_index};

use crate::subject::lists;

/// The largest rank of a view, unless it is one of very many axes.
pub const MAX_RANK: usize = 6;

/// Two views, each at its address.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// The view that is asked whether it is unique.
    pub one: Items,
    /// A second one, for sharing.
    pub two: Items,
    /// How many steps a search with a limit may take.
    pub budget: u64,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (word, items) in [("view", &self.one), (", and view", &self.two)] {
            let Items { address, shape, strides, item } = items;
            write!(f, "{word} shape {shape:?} strides {strides:?} itemsize {item} at {address}")?;
        }
        write!(f, " (budget {})", self.budget)
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
        let one = items(u)?;
        let two = if byte / 8 % 2 == 0 { one.clone() } else { items(u)? };
        let second = match byte / 32 {
            1 | 2 => meeting(&one, &two, first, budget).unwrap_or(near),
            _ => near,
        };
        let (one, two) = (Items { address: first, ..one }, Items { address: second, ..two });
        Ok(Self { one, two, budget })
    }
}

impl Case {
    /// The bytes of a case about one view.
    pub fn encode(one: &Items) -> Vec<u8> {
        // A first address of 2^40, the second there too, and no steps to spend.
        let mut bytes = vec![33, 0, 0, 0, 0];
        bytes.extend([0, u8::try_from(one.shape.len()).unwrap_or(0)]);
        bytes.extend(one.item.to_le_bytes());
        bytes.extend(one.shape.iter().flat_map(|size| size.to_le_bytes()));
        bytes.extend(one.strides.iter().flat_map(|stride| stride.to_le_bytes()));
        bytes
    }
}

/// Where the second view must lie for an item of it to begin where one of the first does: two that
/// share, however large, and however hard that is to find.
fn meeting(one: &Items, two: &Items, first: usize, seed: u64) -> Option<usize> {
    let of = |items: &Items, seed| {
        let index = corner(&items.shape, seed)?;
        is_index(&index, &items.shape).then(|| address(&items.strides, 0, &index))
    };
    let second = (first as i128).checked_add(of(one, seed)?)?.checked_sub(of(two, seed >> 6)?)?;
    usize::try_from(second).ok()
}

/// A view whose strides are near those at which unique views and others meet.
fn items(u: &mut Unstructured<'_>) -> Result<Items> {
    let style = u.arbitrary::<u8>()?;
    let rank = usize::from(u.arbitrary::<u8>()?) % (MAX_RANK + 1);
    if style % 8 == 0 {
        let item = u.arbitrary()?;
        let shape = (0..rank).map(|_| u.arbitrary()).collect::<Result<_>>()?;
        let strides = (0..rank).map(|_| u.arbitrary()).collect::<Result<_>>()?;
        return Ok(Items { address: 0, shape, strides, item });
    }
    match style % 8 {
        1 if style % 16 == 1 => return of_many_axes(u, style / 16),
        3 => return of_scattered_sums(u, style / 8 % 4 == 3),
        5 => return of_boundary_strides(u, rank),
        7 => return of_small_multiples(u, rank),
        _ => {}
    }
    let byte = u.arbitrary::<u8>()?;
    let item = match byte {
        0..100 => 1,
        100..250 => usize::from(byte % 10),
        _ => boundary(u)?,
    };
    let (mut shape, mut strides) = (Vec::with_capacity(rank), Vec::with_capacity(rank));
    // Strides near the product of the sizes so far are where unique and aliased views meet.
    let mut packed = item.max(1);
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
        let sign = [1, -1][usize::from(u.arbitrary::<u8>()? % 2)];
        strides.push(0isize.wrapping_add_unsigned(magnitude).wrapping_mul(sign));
    }
    if style % 2 == 1 {
        shape.reverse();
        strides.reverse();
    }
    Ok(Items { address: 0, shape, strides, item })
}

/// A view of many axes, most of which have one element, or all of which have two; of more than
/// any search has room for, now and then.
fn of_many_axes(u: &mut Unstructured<'_>, style: u8) -> Result<Items> {
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
    Ok(Items { address: 0, shape, strides, item: usize::from(style % 3) + 1 })
}

/// Sizes whose product stays small enough for a list.
fn small_shape(u: &mut Unstructured<'_>, rank: usize) -> Result<Vec<usize>> {
    let size = |byte: u8| if byte < 12 { 0 } else { usize::from(byte % 6) + 1 };
    (0..rank).map(|_| u.arbitrary().map(size)).collect()
}

/// A view of few indices whose strides are at the ends of the words, and at fractions of them.
fn of_boundary_strides(u: &mut Unstructured<'_>, rank: usize) -> Result<Items> {
    const FAR: [isize; 12] = [
        isize::MAX,
        isize::MIN,
        isize::MIN + 1,
        isize::MAX - 1,
        1 << 62,
        (1 << 62) - 1,
        -(1 << 62),
        (1 << 61) + 1,
        3 << 60,
        isize::MAX / 3,
        isize::MAX / 3 * 2,
        isize::MAX / 5,
    ];
    let shape = small_shape(u, rank)?;
    let mut stride = |_| -> Result<isize> {
        let byte = u.arbitrary::<u8>()?;
        Ok(match byte % 4 {
            0 => isize::from(byte / 4 % 7) - 3,
            1 | 2 => FAR[usize::from(byte / 4) % 12],
            _ => u.arbitrary()?,
        })
    };
    let strides = (0..rank).map(&mut stride).collect::<Result<_>>()?;
    let byte = u.arbitrary::<u8>()?;
    let item = if byte < 200 { usize::from(byte % 3) } else { boundary(u)? };
    Ok(Items { address: 0, shape, strides, item })
}

/// A view of few indices whose strides are small multiples of one number, or one off.
fn of_small_multiples(u: &mut Unstructured<'_>, rank: usize) -> Result<Items> {
    const MULTIPLES: [isize; 14] = [1, 2, 3, 4, 6, 8, 12, 16, 18, 24, 36, -48, 54, 60];
    let byte = usize::from(u.arbitrary::<u8>()?);
    let factor = [1, 8, 1 << 40, 1 << 57, (1 << 57) - 1][byte % 5];
    let item = [1, 2, 8, 1 << 40, 1 << 57, 1 << 58][byte / 5 % 6];
    let shape = small_shape(u, rank)?;
    let stride = |word: u16| {
        let nudge = [0, 0, 1, -1][usize::from(word >> 14)];
        MULTIPLES[usize::from(word) % 14] * factor + nudge
    };
    let strides = (0..rank).map(|_| u.arbitrary().map(stride)).collect::<Result<_>>()?;
    Ok(Items { address: 0, shape, strides, item })
}

/// A view of three to six axes whose strides have nothing to do with each other, so that no simple
/// rule decides; one time in two all but one have a divisor in common, and the one is about as long
/// as it takes to come to a multiple of that. A `large` one has so many indices that only a table
/// of all sums decides.
fn of_scattered_sums(u: &mut Unstructured<'_>, large: bool) -> Result<Items> {
    let [first, second] = u.arbitrary::<[u8; 2]>()?.map(usize::from);
    let rank = first % 4 + 3;
    let most = if large { [25, 11, 7, 5][first % 4] } else { [7, 5, 4, 3][first % 4] };
    let divisor = if second % 2 == 0 { 1 } else { second / 2 % 15 + 2 };
    let mut shape = Vec::with_capacity(rank);
    for _ in 0..rank {
        let byte = usize::from(u.arbitrary::<u8>()?);
        shape.push(if large { most - byte % 3 } else { byte % (most - 1) + 2 });
    }
    if divisor > 1 && !large {
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
    Ok(Items { address: 0, shape, strides, item: second / 64 % 3 + 1 })
}

/// Judges the library on a case.
// Compiled where it is called, so that only the target that calls this pays for compiling it.
#[inline]
pub fn run(case: &Case) {
    uniqueness(case);
    let truth = case.one.shares(&case.two);
    sharing(case, &case.one, &case.two, truth);
    // And the other way round.
    sharing(case, &case.two, &case.one, truth);
}

/// How many steps a search may take through views of which there is no list: of many axes, each
/// step takes its time.
fn most_steps(rank: usize) -> u64 {
    match rank {
        _ if rank <= MAX_RANK => 1 << 12,
        ..=256 => 1 << 8,
        // It takes one for each axis of either view to come to an end.
        _ => 1 << 10,
    }
}

/// A limit on the steps, by a seed.
fn limit(seed: u64, rank: usize) -> Budget {
    Budget::steps(if rank <= MAX_RANK { seed } else { seed % most_steps(rank) })
}

/// Judges all that is said of one view.
#[inline]
fn uniqueness(case: &Case) {
    let Case { one: items, budget: seed, .. } = case;
    let (Items { shape, strides, item, .. }, seed) = (items, *seed);
    let (listed, truth) = (items.is_small(), items.is_unique());
    let rank = shape.len();
    let budget = if listed { Budget::UNLIMITED } else { Budget::steps(most_steps(rank)) };
    let within = |budget| is_unique_dyn(shape, strides, *item, budget).expect("the ranks agree");
    let answer = within(budget);
    match &answer {
        Uniqueness::Unique => assert_ne!(truth, Some(false), "{case:?}: said unique"),
        Uniqueness::Aliased { first, second } => {
            let pair = format_args!("{first:?} and {second:?}");
            assert_ne!(truth, Some(true), "{case:?}: said aliased, by {pair}");
            let share = is_collision(shape, strides, *item, first, second);
            assert!(share, "{case:?}: {pair} share nothing");
            assert!(collides(shape, strides, *item, first, second), "{case:?}: its own witness");
        }
        _ => assert!(!listed, "{case:?}: undecided"),
    }
    if is_nested(shape, strides, *item) {
        assert_eq!(answer, Uniqueness::Unique, "{case:?}: said nested");
    }
    // A limit may keep from an answer, but not change it.
    let limited = within(limit(seed, rank));
    let kinds = [discriminant(&limited), discriminant(&answer)];
    let undecided = kinds.contains(&discriminant(&Uniqueness::Undecided));
    let same = undecided || kinds[0] == kinds[1];
    assert!(same, "{case:?}: {answer:?}, with a limit {limited:?}");
    at_rank!(rank, fixed(case, &answer, budget));
    // Any two indices, by the definition.
    if let (Some(low), Some(high)) = (corner(shape, seed), corner(shape, seed >> 6)) {
        let collide = is_collision(shape, strides, *item, &low, &high);
        let pair = format_args!("{low:?} and {high:?}");
        let found = collides(shape, strides, *item, &low, &high);
        assert_eq!(found, collide, "{case:?}: whether {pair} share a unit");
        let unique = answer == Uniqueness::Unique;
        assert!(!collide || !unique, "{case:?}: said unique, and {pair} share a unit");
    }
    let half = strides.len() / 2;
    let refused = is_unique_dyn(shape, &strides[..half], 1, budget);
    assert_eq!(refused.is_err(), half != rank, "{case:?}: {half} strides");
    if let Err(refusal) = refused {
        assert!(seed % 64 != 0 || !refusal.to_string().is_empty(), "{case:?}: {refusal}");
    }
    footprint(case);
}

/// The number of different units that the items take.
fn footprint(case: &Case) {
    let items = &case.one;
    let Items { shape, strides, item, .. } = items;
    let Some(expected) = items.footprint() else { return };
    match distinct_units(shape, strides, *item) {
        Ok(Some(found)) => assert_eq!(found, expected, "{case:?}: different units"),
        // Counting may take too long; for few items of small numbers it does not.
        Ok(None) => {
            let small = items.extent().is_none_or(|(low, high)| high - low < 1 << 16);
            assert!(!small, "{case:?}: different units are not counted");
        }
        Err(error) => panic!("{case:?}: {error}"),
    }
}

/// Some index, near the all-zero one, if there is any.
fn corner(shape: &[usize], seed: u64) -> Option<Vec<usize>> {
    let axes = shape.iter().enumerate();
    axes.map(|(axis, &size)| {
        let bit = |place: usize| usize::from(seed >> (place % 16) & 1 == 1);
        let step = bit(axis) + bit(axis + 3);
        // One in a while is just outside.
        if seed % 32 == 31 { Some(size) } else { size.checked_sub(1).map(|last| last.min(step)) }
    })
    .collect()
}

fn fixed<const N: usize>(case: &Case, answer: &Uniqueness<Vec<usize>>, budget: Budget) {
    let Items { shape, strides, item, .. } = &case.one;
    let (shape, strides) = lists::<N>(shape, strides);
    let fixed = match is_unique_within(&shape, &strides, *item, budget) {
        Uniqueness::Unique => Uniqueness::Unique,
        Uniqueness::Aliased { first, second } => {
            Uniqueness::Aliased { first: first.to_vec(), second: second.to_vec() }
        }
        _ => Uniqueness::Undecided,
    };
    assert_eq!(&fixed, answer, "{case:?}: with the rank in the type");
    if *item == 1 && budget == Budget::UNLIMITED {
        let decided = is_unique(&shape, &strides) == Uniqueness::Unique;
        assert_eq!(decided, *answer == Uniqueness::Unique, "{case:?}: in elements");
    }
}

/// A view in the library's terms.
fn bytes(items: &Items) -> Bytes<'_> {
    let Items { address, shape, strides, item } = items;
    Bytes { address: *address, shape, strides, itemsize: *item }
}

/// Judges all that is said of two views, of which it may be known whether they share memory.
fn sharing(case: &Case, one: &Items, two: &Items, truth: Option<bool>) {
    let seed = case.budget;
    let (a, b) = (bytes(one), bytes(two));
    let listed = one.is_small() && two.is_small();
    let rank = a.shape.len().max(b.shape.len());
    let budget = if listed { Budget::UNLIMITED } else { Budget::steps(most_steps(rank)) };
    let answer = shares_memory(a, b, budget).expect("the ranks agree");
    match &answer {
        Sharing::Disjoint => assert_ne!(truth, Some(true), "{case:?}: said disjoint"),
        Sharing::Shared { first, second } => {
            let pair = format_args!("{first:?} and {second:?}");
            assert_ne!(truth, Some(false), "{case:?}: said shared, by {pair}");
            assert!(one.meet(two, first, second), "{case:?}: items {pair} do not meet");
            assert!(meets(a, b, first, second), "{case:?}: its own witness");
            assert!(may_share_memory(a, b), "{case:?}: and may not");
        }
        _ => assert!(!listed, "{case:?}: undecided"),
    }
    let (mut first, mut second) = (vec![0; a.shape.len()], vec![0; b.shape.len()]);
    let limited = shares_memory_into(a, b, limit(seed, rank), &mut first, &mut second);
    let same = match (&limited, &answer) {
        (Ok(Sharing::Undecided), _) | (Ok(_), Sharing::Undecided) => true,
        (Ok(limited), answer) => {
            matches!(limited, Sharing::Disjoint) == matches!(answer, Sharing::Disjoint)
        }
        _ => false,
    };
    assert!(same, "{case:?}: {answer:?}, with a limit {limited:?}");
    if let Some(expected) = one.may_share(two) {
        assert_eq!(may_share_memory(a, b), expected, "{case:?}: by extent");
    }
    if let (Some(first), Some(second)) = (corner(a.shape, seed), corner(b.shape, seed >> 6)) {
        let meet = one.meet(two, &first, &second);
        let pair = format_args!("{first:?} and {second:?}");
        assert_eq!(meets(a, b, &first, &second), meet, "{case:?}: whether {pair} meet");
        let disjoint = matches!(answer, Sharing::Disjoint);
        assert!(!meet || !disjoint, "{case:?}: said disjoint, and items {pair} meet");
    }
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn unique_is_content_with_kept_and_random_inputs() {
        crate::replay::replay("unique", 12_000, run);
    }
}
