//! Uniqueness and sharing by example. The fuzz target `unique` compares both with the oracle.

use strideproof::overlap::{
    Budget, Bytes, Sharing, Uniqueness, collides, is_nested, is_unique, is_unique_into,
    may_share_memory, shares_memory_into,
};
use strideproof::{Error, Layout, StridedView, s};

fn bytes<'a>(
    address: usize,
    shape: &'a [usize],
    strides: &'a [isize],
    itemsize: usize,
) -> Bytes<'a> {
    Bytes { address, shape, strides, itemsize }
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

#[cfg(feature = "bytemuck")]
#[test]
fn lesson_views_of_different_types_share_bytes() -> Result<(), Error> {
    let x = [0u32; 4];
    let x = StridedView::from_slice(&x)?;
    let bytes = x.reinterpret::<u8>();
    let (head, tail) = (bytes.slice(s![..6]), x.slice(s![2..]));
    assert_eq!(head.shares_memory(&tail), Sharing::Disjoint);
    assert_eq!(
        x.shares_memory(&bytes.slice(s![4..5])),
        Sharing::Shared { first: [1], second: [0] }
    );
    assert_ne!(x.shares_memory(&bytes), Sharing::Disjoint);
    Ok(())
}

#[test]
fn views_of_nothing_share_nothing() -> Result<(), Error> {
    let x = [0, 1, 2, 3];
    let x = StridedView::from_slice(&x)?;
    assert_eq!(x.shares_memory(&x.slice(s![2..2])), Sharing::Disjoint);
    // Strides that are never followed may be anything.
    let empty = StridedView::new(&[0u8; 4], Layout::new([0, 2], [isize::MIN, isize::MAX], 4, 4)?)?;
    assert_eq!(empty.shares_memory(&empty), Sharing::Disjoint);
    let data = [0u64; 2];
    let single = StridedView::new(&data, Layout::new([1], [isize::MIN], 1, 2)?)?;
    let all = StridedView::from_slice(&data)?;
    assert_eq!(single.shares_memory(&all), Sharing::Shared { first: [0], second: [1] });
    let units = [(); 3];
    let units = StridedView::from_slice(&units)?;
    assert_eq!(units.shares_memory(&units), Sharing::Disjoint);
    assert!(!units.may_share_memory(&units));
    Ok(())
}
