//! Uniqueness and sharing on layouts at which the search for overlap is hard, and by example. What is
//! said of each is compared with the oracle as in the fuzz target `unique`.

use proptest::prelude::*;
use strideproof::overlap::{
    Budget, Bytes, Sharing, Uniqueness, collides, is_nested, is_unique, is_unique_into,
    may_share_memory, shares_memory_into,
};
use strideproof_oracle::Items;
use strideproof_testkit::unique;

fn bytes<'a>(
    address: usize,
    shape: &'a [usize],
    strides: &'a [isize],
    itemsize: usize,
) -> Bytes<'a> {
    Bytes { address, shape, strides, itemsize }
}

fn check_unique(shape: Vec<usize>, strides: Vec<isize>, item: usize) {
    let items = Items { address: 0, shape, strides, item };
    unique::uniqueness(&items, 1 << 10, &|| format!("{items:?}"));
}

fn check_sharing(one: Items, two: Items) {
    unique::sharing(&one, &two, one.shares(&two), 1 << 10, &|| format!("{one:?} {two:?}"));
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

/// A view whose items take some bytes at some address.
fn items(
    layout: impl Strategy<Value = (Vec<usize>, Vec<isize>)>,
    item: impl Strategy<Value = usize>,
    address: impl Strategy<Value = usize>,
) -> impl Strategy<Value = Items> {
    (layout, item, address).prop_map(|((shape, strides), item, address)| Items {
        address,
        shape,
        strides,
        item,
    })
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

/// Strides with much in common, and others.
fn sparse_stride() -> impl Strategy<Value = isize> + Clone {
    prop_oneof![-400..401_isize, prop::sample::select(vec![24_isize, 96, 120, 8, -48])]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn uniqueness_of_dense_and_of_sparse_layouts(
        (shape, strides) in prop_oneof![layout(5, -60..61_isize), layout(5, -4000..4001_isize)],
        item in 0..20_usize,
    ) {
        check_unique(shape, strides, item);
    }

    #[test]
    fn uniqueness_of_layouts_of_small_multiples(
        (shape, strides) in layout(6, prop::sample::select(vec![1_isize, 2, 3, 4, 6, 8, 12, 16, 18, 24, 36, -48, 54, 60])),
        factor in prop::sample::select(vec![1_isize, 8, 1 << 40, 1 << 57, (1 << 57) - 1]),
        nudge in prop::collection::vec(-1..2_isize, 6),
        item in prop::sample::select(vec![1_usize, 2, 8, 1 << 40, 1 << 57, 1 << 58]),
    ) {
        check_unique(shape, strides.iter().zip(nudge).map(|(s, d)| s * factor + d).collect(), item);
    }

    #[test]
    fn uniqueness_at_the_boundaries(
        (shape, strides) in layout(5, boundary_stride()),
        item in prop_oneof![0..3_usize, any::<usize>(), Just(usize::MAX)],
    ) {
        check_unique(shape, strides, item);
    }

    #[test]
    fn uniqueness_of_two_axes_of_any_size(
        n in prop_oneof![1..1000_usize, any::<usize>().prop_map(|n| n.max(1)), Just(usize::MAX)],
        m in prop_oneof![1..1000_usize, any::<usize>().prop_map(|n| n.max(1)), Just(usize::MAX)],
        s in boundary_stride(),
        t in boundary_stride(),
    ) {
        let items = Items { address: 0, shape: vec![n, m], strides: vec![s, t], item: 1 };
        if let Some(unique) = items.is_unique() {
            prop_assert_eq!(is_unique(&[n, m], &[s, t]) == Uniqueness::Unique, unique, "{:?}", items);
        }
        unique::uniqueness(&items, 1 << 10, &|| format!("{items:?}"));
    }

    #[test]
    fn a_huge_view_of_three_axes_is_not_said_to_be_unique(
        sizes in prop::collection::vec(any::<usize>().prop_map(|n| n.max(2)), 3),
        strides in prop::collection::vec(boundary_stride(), 3),
        item in 1..9_usize,
    ) {
        // Three such axes have more index tuples than addresses.
        let strides: Vec<_> = strides.into_iter().map(|s| if s == 0 { 1 } else { s }).collect();
        let (mut first, mut second) = ([0; 3], [0; 3]);
        let budget = Budget::steps(100_000);
        match is_unique_into(&sizes, &strides, item, budget, &mut first, &mut second).unwrap() {
            Uniqueness::Aliased { .. } => prop_assert!(collides(&sizes, &strides, item, &first, &second)),
            Uniqueness::Unique => prop_assert!(sizes.iter().filter(|&&n| n > 1 << 43).count() < 3),
            _ => {}
        }
    }

    #[test]
    fn sharing_of_dense_and_of_sparse_views(
        one in items(layout(3, -40..41_isize), 0..5_usize, 600..700_usize),
        two in items(layout(3, -40..41_isize), 0..5_usize, 500..800_usize),
        sparse in items(layout(4, sparse_stride()), 1..5_usize, 10_000..10_600_usize),
        other in items(layout(3, sparse_stride()), 1..9_usize, 10_000..10_600_usize),
    ) {
        check_sharing(one, two);
        check_sharing(sparse, other);
    }

    #[test]
    fn sharing_at_the_boundaries(
        one in items(layout(3, boundary_stride()), prop_oneof![0..3_usize, any::<usize>()], address_value()),
        two in items(layout(3, boundary_stride()), prop_oneof![0..3_usize, any::<usize>()], address_value()),
    ) {
        check_sharing(one, two);
    }

    #[test]
    fn sharing_scaled_beyond_64_bits(
        one in items(layout(3, -14..15_isize), 1..5_usize, Just(1 << 63)),
        two in items(layout(3, -14..15_isize), 1..5_usize, Just(0)),
        shift in -12..13_isize,
        nudges in prop::array::uniform2(0..2_isize),
    ) {
        let scaled = |items: Items, nudge| {
            let strides = items.strides.iter().map(|s| s * (1 << 59) + nudge).collect();
            Items { strides, ..items }
        };
        let address = usize::try_from((1_i128 << 63) + (shift as i128) * (1 << 59)).unwrap();
        check_sharing(scaled(one, nudges[0]), Items { address, ..scaled(two, nudges[1]) });
    }

    #[test]
    fn two_long_views_that_meet_are_found_to_share(
        s in 1..(1_isize << 40), t in 1..(1_isize << 40),
        n in 1..(1_usize << 20), m in 1..(1_usize << 20),
        i in any::<prop::sample::Index>(), j in any::<prop::sample::Index>(),
        item in prop::array::uniform2(1..4_usize),
    ) {
        let (i, j) = (i.index(n), j.index(m));
        let address = 1_usize << 62;
        let other = usize::try_from(address as i128 + s as i128 * i as i128 - t as i128 * j as i128).unwrap();
        let one = Items { address, shape: vec![n], strides: vec![s], item: item[0] };
        let two = Items { address: other, shape: vec![m], strides: vec![t], item: item[1] };
        prop_assert_eq!(one.shares(&two), Some(true));
        check_sharing(one, two);
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
