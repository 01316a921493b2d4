//! Uniqueness and sharing by example. The fuzz target `unique` compares both with the oracle.

use strideproof::overlap::{
    Budget, Bytes, Sharing, Uniqueness, collides, is_nested, is_unique, is_unique_into,
    may_share_memory, shares_memory_into,
};

fn bytes<'a>(
    address: usize,
    shape: &'a [usize],
    strides: &'a [isize],
    itemsize: usize,
) -> Bytes<'a> {
    Bytes { address, shape, strides, itemsize }
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
