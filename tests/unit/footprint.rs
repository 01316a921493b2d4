//! The count of distinct units, against a set of them: all small layouts, and what takes a way of its
//! own. The fuzz target `unique` compares layouts at random, near and far, with the oracle.

use std::collections::BTreeSet;
use std::vec::Vec;

use super::distinct_units;
use crate::Error;

/// By enumeration: every unit of every item, into a set.
fn units(shape: &[usize], strides: &[isize], item: usize) -> u128 {
    let mut sums = BTreeSet::from([0i128]);
    for (&size, &stride) in shape.iter().zip(strides) {
        let size = i128::try_from(size).unwrap();
        let steps: Vec<i128> = (0..size).map(|i| i * i128::try_from(stride).unwrap()).collect();
        sums = steps.iter().flat_map(|step| sums.iter().map(move |sum| sum + step)).collect();
    }
    let item = i128::try_from(item).unwrap();
    let all: BTreeSet<i128> = sums.iter().flat_map(|&sum| sum..sum + item).collect();
    u128::try_from(all.len()).unwrap()
}

fn agrees(axes: &[(usize, isize)], item: usize) {
    let (shape, strides): (Vec<_>, Vec<_>) = axes.iter().copied().unzip();
    assert_eq!(
        distinct_units(&shape, &strides, item),
        Ok(Some(units(&shape, &strides, item))),
        "{shape:?} {strides:?} {item}"
    );
}

#[test]
fn every_layout_of_two_axes_and_small_numbers() {
    for item in 0..4 {
        for (n, m) in (0..5).flat_map(|n| (0..5).map(move |m| (n, m))) {
            for (s, t) in (-8..9).flat_map(|s| (-8..9).map(move |t| (s, t))) {
                agrees(&[(n, s), (m, t)], item);
            }
        }
    }
}

#[test]
fn gaps_and_long_axes_are_counted_in_bits() {
    agrees(&[(30_000, 7), (3, 11), (2, 1 << 40)], 1);
    agrees(&[(61, 1000), (59, -1013), (53, 990)], 3);
}

#[test]
fn a_window_over_a_tangled_group_counts_once_for_each_of_its_sums() {
    // 6, 10 and 15 leave gaps near both ends only.
    agrees(&[(9, 6), (8, 10), (7, 15), (4, 100_000), (3, 50_000)], 1);
}

#[test]
fn numbers_too_large_to_count_are_not_counted() {
    // Two tangled axes of 2^62 indices each.
    assert_eq!(distinct_units(&[1 << 62, 1 << 62], &[1 << 61, (1 << 61) - 1], 1), Ok(None));
    // 8 axes of 64 indices without any structure.
    let strides = [
        0x4f1b_bcdc_bfa5_1e3b,
        0x5851_f42d_4c95_7f2d,
        0x2545_f491_4f6c_dd1d,
        0x1405_7b7e_f767_814f,
        0x369d_ea0f_31a5_3f85,
        0x27bb_2ee6_87b0_b0fd,
        0x106a_a070_0c8b_66a3,
        0x71d6_7fff_eda6_0000,
    ];
    assert_eq!(distinct_units(&[64; 8], &strides, 1), Ok(None));
    // More axes than are looked at: they differ, and none continues another.
    let strides: Vec<isize> = (0..100).map(|axis| 1000 + axis).collect();
    assert_eq!(distinct_units(&[2; 100], &strides, 1), Ok(None));
}

#[test]
fn ranks_that_differ_are_an_error() {
    let refused = Err(Error::RankMismatch { shape: 2, strides: 1 });
    assert_eq!(distinct_units(&[2, 2], &[1], 1), refused);
}

#[test]
fn extremes_neither_panic_nor_wrap() {
    let all = (u128::from(u64::MAX) - 1) * (1 << 63) + u128::from(u64::MAX);
    assert_eq!(distinct_units(&[usize::MAX], &[isize::MIN], usize::MAX), Ok(Some(all)));
    assert_eq!(distinct_units(&[usize::MAX], &[1], 1), Ok(Some(u128::from(u64::MAX))));
    assert_eq!(distinct_units(&[1, 0], &[isize::MIN, 5], 9), Ok(Some(0)));
    assert_eq!(distinct_units(&[7], &[isize::MIN], 0), Ok(Some(0)));
    assert_eq!(distinct_units(&[2], &[isize::MIN], 1 << 63), Ok(Some(1 << 64)));
}
