//! Random layouts against enumeration, and boundary values against `i128`.
use crate::support;
use crate::support::{address, addresses, proves_alias};
use proptest::prelude::*;
use strideproof::overlap::{
    Budget, Bytes, Sharing, Uniqueness, collides, is_nested, is_unique, is_unique_into,
    may_share_memory, meets, shares_memory_into,
};

fn decide(shape: &[usize], strides: &[isize], itemsize: usize) -> Option<(Vec<usize>, Vec<usize>)> {
    let (mut first, mut second) = (vec![7; shape.len()], vec![7; shape.len()]);
    let budget = Budget::UNLIMITED;
    match is_unique_into(shape, strides, itemsize, budget, &mut first, &mut second).unwrap() {
        Uniqueness::Unique => None,
        Uniqueness::Aliased { .. } => Some((first, second)),
        _ => panic!("undecided without a limit"),
    }
}

fn check_unique(shape: &[usize], strides: &[isize], itemsize: usize) {
    let expected = support::unique(shape, strides, itemsize);
    match decide(shape, strides, itemsize) {
        None => assert!(expected, "{shape:?} {strides:?} {itemsize}: said unique"),
        Some((first, second)) => {
            assert!(!expected, "{shape:?} {strides:?} {itemsize}: said aliased");
            assert!(
                proves_alias(shape, strides, itemsize, &first, &second)
                    && collides(shape, strides, itemsize, &first, &second),
                "{shape:?} {strides:?} {itemsize}: {first:?} {second:?} is no witness"
            );
        }
    }
    assert!(expected || !is_nested(shape, strides, itemsize));
}

fn bytes<'a>(
    address: usize,
    shape: &'a [usize],
    strides: &'a [isize],
    itemsize: usize,
) -> Bytes<'a> {
    Bytes { address, shape, strides, itemsize }
}

/// By definition, one pair of items after the other (sorted, so that large
/// views are possible).
fn shared(a: Bytes<'_>, b: Bytes<'_>) -> bool {
    if a.itemsize == 0 || b.itemsize == 0 {
        return false;
    }
    let list = |v: Bytes<'_>| {
        let all = addresses(v.shape, v.strides, v.address as i128);
        let mut all: Vec<_> = all.into_iter().map(|x| x.0).collect();
        all.sort_unstable();
        all
    };
    let (x, y) = (list(a), list(b));
    x.iter().any(|&x| {
        let from = y.partition_point(|&y| y + b.itemsize as i128 <= x);
        y.get(from).is_some_and(|&y| y < x + a.itemsize as i128)
    })
}

fn check_sharing(a: Bytes<'_>, b: Bytes<'_>) {
    let expected = shared(a, b);
    let (mut first, mut second) = (vec![7; a.shape.len()], vec![7; b.shape.len()]);
    let got = shares_memory_into(a, b, Budget::UNLIMITED, &mut first, &mut second).unwrap();
    match got {
        Sharing::Disjoint => assert!(!expected, "{a:?} {b:?}: said disjoint"),
        Sharing::Shared { .. } => {
            assert!(expected, "{a:?} {b:?}: said shared");
            let x = address(a.shape, a.strides, &first).unwrap() + a.address as i128;
            let y = address(b.shape, b.strides, &second).unwrap() + b.address as i128;
            assert!(
                x < y + b.itemsize as i128 && y < x + a.itemsize as i128,
                "{a:?} {b:?}: {first:?} {second:?} is no witness"
            );
            assert!(meets(a, b, &first, &second));
            assert!(may_share_memory(a, b));
        }
        _ => panic!("undecided without a limit"),
    }
}

/// Sizes whose product stays small enough to enumerate.
fn small_shape(rank: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![9 => 1..7_usize, 1 => Just(0_usize)], rank)
}

fn layout(
    max_rank: usize,
    stride: impl Strategy<Value = isize> + Clone,
) -> impl Strategy<Value = (Vec<usize>, Vec<isize>)> {
    (0..=max_rank)
        .prop_flat_map(move |rank| (small_shape(rank), prop::collection::vec(stride.clone(), rank)))
}

fn boundary_stride() -> impl Strategy<Value = isize> + Clone {
    prop_oneof![
        -3..4_isize,
        prop::sample::select(vec![
            isize::MAX,
            isize::MIN,
            isize::MIN + 1,
            isize::MAX - 1,
            1 << 62,
            (1 << 62) - 1,
            (1 << 62) + 1,
            -(1 << 62),
            1 << 61,
            (1 << 61) + 1,
            3 << 60,
            isize::MAX / 3,
            isize::MAX / 3 * 2,
            isize::MAX / 5,
        ]),
        any::<isize>(),
    ]
}

fn address_value() -> impl Strategy<Value = usize> {
    prop_oneof![
        0..40_usize,
        (1 << 63) - 20..(1 << 63) + 20_usize,
        usize::MAX - 20..=usize::MAX,
        any::<usize>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn uniqueness_agrees_with_enumeration(
        (shape, strides) in layout(5, -60..61_isize),
        itemsize in 0..5_usize,
    ) {
        check_unique(&shape, &strides, itemsize);
    }

    #[test]
    fn uniqueness_agrees_on_sparse_layouts(
        (shape, strides) in layout(5, -4000..4001_isize),
        itemsize in 1..20_usize,
    ) {
        check_unique(&shape, &strides, itemsize);
    }

    #[test]
    fn uniqueness_agrees_on_layouts_of_small_multiples(
        (shape, strides) in layout(6, prop::sample::select(vec![1_isize, 2, 3, 4, 6, 8, 12, 16, 18, 24, 36, -48, 54, 60])),
        factor in prop::sample::select(vec![1_isize, 8, 1 << 40, 1 << 57, (1 << 57) - 1]),
        nudge in prop::collection::vec(-1..2_isize, 6),
        itemsize in prop::sample::select(vec![1_usize, 2, 8, 1 << 40, 1 << 57, 1 << 58]),
    ) {
        let strides: Vec<_> = strides.iter().zip(nudge).map(|(s, d)| s * factor + d).collect();
        check_unique(&shape, &strides, itemsize);
    }

    #[test]
    fn uniqueness_agrees_at_the_boundaries(
        (shape, strides) in layout(5, boundary_stride()),
        itemsize in prop_oneof![0..3_usize, any::<usize>(), Just(usize::MAX)],
    ) {
        check_unique(&shape, &strides, itemsize);
    }

    #[test]
    fn two_axes_agree_with_the_least_common_multiple(
        n in prop_oneof![1..1000_usize, any::<usize>().prop_map(|n| n.max(1)), Just(usize::MAX)],
        m in prop_oneof![1..1000_usize, any::<usize>().prop_map(|n| n.max(1)), Just(usize::MAX)],
        s in boundary_stride(),
        t in boundary_stride(),
    ) {
        fn gcd(a: u128, b: u128) -> u128 { if b == 0 { a } else { gcd(b, a % b) } }
        let (a, b) = (s.unsigned_abs() as u128, t.unsigned_abs() as u128);
        let g = gcd(a, b).max(1);
        // i·s = j·t first at i = |t| / g, j = |s| / g.
        let aliased = (n > 1 && a == 0) || (m > 1 && b == 0)
            || (n > 1 && m > 1 && (n as u128) > b / g && (m as u128) > a / g);
        let got = is_unique(&[n, m], &[s, t]);
        match got {
            Uniqueness::Unique => prop_assert!(!aliased),
            Uniqueness::Aliased { first, second } => {
                prop_assert!(aliased);
                prop_assert!(collides(&[n, m], &[s, t], 1, &first, &second));
            }
            _ => prop_assert!(false),
        }
    }

    #[test]
    fn a_planted_collision_in_a_huge_view_is_found(
        sizes in prop::collection::vec(any::<usize>().prop_map(|n| n.max(2)), 3),
        strides in prop::collection::vec(boundary_stride(), 3),
        itemsize in 1..9_usize,
    ) {
        // Full-width sizes: whatever is claimed must hold, and three such axes
        // have more index tuples than addresses.
        let strides: Vec<_> = strides.into_iter().map(|s| if s == 0 { 1 } else { s }).collect();
        let (mut first, mut second) = ([0; 3], [0; 3]);
        let got = is_unique_into(&sizes, &strides, itemsize, Budget::steps(100_000), &mut first, &mut second).unwrap();
        match got {
            Uniqueness::Aliased { .. } => prop_assert!(collides(&sizes, &strides, itemsize, &first, &second)),
            Uniqueness::Unique => prop_assert!(sizes.iter().filter(|&&n| n > 1 << 43).count() < 3),
            _ => {}
        }
    }

    #[test]
    fn sharing_agrees_with_enumeration(
        (a_shape, a_strides) in layout(3, -40..41_isize),
        (b_shape, b_strides) in layout(3, -40..41_isize),
        a_item in 0..5_usize,
        b_item in 0..5_usize,
        a_address in 600..700_usize,
        b_address in 500..800_usize,
    ) {
        check_sharing(bytes(a_address, &a_shape, &a_strides, a_item), bytes(b_address, &b_shape, &b_strides, b_item));
    }

    #[test]
    fn sharing_agrees_on_sparse_views(
        (a_shape, a_strides) in layout(4, prop_oneof![-400..401_isize, prop::sample::select(vec![24_isize, 96, 120, 8, -48])]),
        (b_shape, b_strides) in layout(3, prop_oneof![-400..401_isize, prop::sample::select(vec![24_isize, 96, 120, 8, -48])]),
        a_item in 1..5_usize,
        b_item in 1..9_usize,
        a_address in 10_000..10_600_usize,
        b_address in 10_000..10_600_usize,
    ) {
        check_sharing(bytes(a_address, &a_shape, &a_strides, a_item), bytes(b_address, &b_shape, &b_strides, b_item));
    }

    #[test]
    fn sharing_agrees_at_the_boundaries(
        (a_shape, a_strides) in layout(3, boundary_stride()),
        (b_shape, b_strides) in layout(3, boundary_stride()),
        a_item in prop_oneof![0..3_usize, any::<usize>()],
        b_item in prop_oneof![0..3_usize, any::<usize>()],
        a_address in address_value(),
        b_address in address_value(),
    ) {
        check_sharing(bytes(a_address, &a_shape, &a_strides, a_item), bytes(b_address, &b_shape, &b_strides, b_item));
    }

    #[test]
    fn sharing_scaled_beyond_64_bits_agrees(
        (a_shape, a_strides) in layout(3, -14..15_isize),
        (b_shape, b_strides) in layout(3, -14..15_isize),
        a_item in 1..5_usize,
        b_item in 1..5_usize,
        shift in -12..13_isize,
        a_nudge in 0..2_isize,
        b_nudge in 0..2_isize,
    ) {
        let scale = |s: Vec<isize>, d: isize| s.into_iter().map(|s| s * (1 << 59) + d).collect::<Vec<_>>();
        let (a_strides, b_strides) = (scale(a_strides, a_nudge), scale(b_strides, b_nudge));
        let b_address = usize::try_from((1_i128 << 63) + (shift as i128) * (1 << 59)).unwrap();
        check_sharing(bytes(1 << 63, &a_shape, &a_strides, a_item), bytes(b_address, &b_shape, &b_strides, b_item));
    }

    #[test]
    fn a_planted_meeting_of_long_views_is_found(
        s in 1..(1_isize << 40), t in 1..(1_isize << 40),
        n in 1..(1_usize << 20), m in 1..(1_usize << 20),
        i in any::<prop::sample::Index>(), j in any::<prop::sample::Index>(),
        a_item in 1..4_usize, b_item in 1..4_usize,
    ) {
        let (i, j) = (i.index(n), j.index(m));
        let a_address = 1_usize << 62;
        let b_address = usize::try_from(a_address as i128 + s as i128 * i as i128 - t as i128 * j as i128).unwrap();
        let (a, b) = ([n], [m]);
        let (sa, sb) = ([s], [t]);
        let (a, b) = (bytes(a_address, &a, &sa, a_item), bytes(b_address, &b, &sb, b_item));
        let (mut first, mut second) = ([0], [0]);
        let got = shares_memory_into(a, b, Budget::UNLIMITED, &mut first, &mut second).unwrap();
        let is_shared = matches!(got, Sharing::Shared { .. });
        prop_assert!(is_shared);
        prop_assert!(meets(a, b, &first, &second));
    }
}

#[test]
fn the_documented_cases_of_the_field_are_decided() {
    assert_eq!(is_unique(&[2, 3], &[3, 2]), Uniqueness::Unique);
    assert_eq!(is_unique(&[4, 4], &[3, 4]), Uniqueness::Unique);
    assert!(matches!(is_unique(&[5, 4], &[3, 4]), Uniqueness::Aliased { .. }));
    assert_eq!(is_unique(&[0], &[0]), Uniqueness::Unique);
    assert_eq!(is_unique(&[1], &[0]), Uniqueness::Unique);
    assert!(matches!(is_unique(&[2], &[0]), Uniqueness::Aliased { .. }));
    assert!(matches!(is_unique(&[87, 22], &[0, -9993]), Uniqueness::Aliased { .. }));
    assert_eq!(is_unique(&[1, 22], &[0, -9993]), Uniqueness::Unique);
    assert_eq!(is_unique(&[0, 22], &[0, -9993]), Uniqueness::Unique);
    assert_eq!(is_unique::<0>(&[], &[]), Uniqueness::Unique);
}

#[test]
fn extreme_values_neither_wrap_nor_panic() {
    let (big, low) = (usize::MAX, isize::MIN);
    assert_eq!(is_unique(&[big], &[low]), Uniqueness::Unique);
    assert_eq!(is_unique(&[1, 1], &[low, low]), Uniqueness::Unique);
    for strides in [[low, low, low], [low, low + 1, isize::MAX - 1], [1, 2, low], [low, 3, 7]] {
        let Uniqueness::Aliased { first, second } = is_unique(&[big; 3], &strides) else {
            panic!("{strides:?}")
        };
        assert!(collides(&[big; 3], &strides, 1, &first, &second), "{strides:?}");
    }
    // Ranks beyond any inline limit; reaches beyond 2^128.
    let shape = vec![big; 300];
    let strides: Vec<isize> = (0..300).map(|k| low + k * 7919).collect();
    let (mut first, mut second) = (vec![0; 300], vec![0; 300]);
    let budget = Budget::steps(100_000);
    let got = is_unique_into(&shape, &strides, 1, budget, &mut first, &mut second).unwrap();
    assert!(matches!(got, Uniqueness::Aliased { .. }), "{got:?}");
    assert!(collides(&shape, &strides, 1, &first, &second));
    let a = bytes(5, &shape, &strides, 3);
    let b = bytes(usize::MAX, &shape, &strides, usize::MAX);
    assert!(may_share_memory(a, b));
    let got = shares_memory_into(a, b, budget, &mut first, &mut second).unwrap();
    println!("{got:?}");
}

#[test]
fn the_documented_hard_instance_is_decided() {
    let (a_shape, a_strides) = ([1049, 1049, 1049], [36674, 61119, 85569]);
    let (b_shape, b_strides) = ([1049, 1049, 1], [12223, 12224, 1]);
    let base = 1 << 40;
    let a = bytes(base, &a_shape, &a_strides, 1);
    let b = bytes(base + 64_023_025, &b_shape, &b_strides, 1);
    let (mut first, mut second) = ([0; 3], [0; 3]);
    let start = std::time::Instant::now();
    let got = shares_memory_into(a, b, Budget::UNLIMITED, &mut first, &mut second).unwrap();
    println!("hard instance: {got:?} in {:?}", start.elapsed());
    assert!(matches!(got, Sharing::Disjoint));
    let got = shares_memory_into(a, b, Budget::steps(1000), &mut first, &mut second).unwrap();
    assert!(matches!(got, Sharing::Undecided));
}

#[test]
fn unequal_ranks_are_an_error_or_the_safe_answer() {
    let mut out = [0; 2];
    let mut other = [0; 2];
    assert!(is_unique_into(&[2, 2], &[1], 1, Budget::UNLIMITED, &mut out, &mut other).is_err());
    assert!(!is_nested(&[2], &[], 1));
    assert!(!collides(&[2], &[1], 1, &[0], &[]));
    let (a, b) = (bytes(0, &[2], &[], 1), bytes(0, &[2], &[1], 1));
    assert!(may_share_memory(a, b));
    assert!(shares_memory_into(a, b, Budget::UNLIMITED, &mut out, &mut other).is_err());
}
