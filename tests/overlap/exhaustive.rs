//! Every layout of small sizes and strides, against enumeration.
use crate::support;
use strideproof::overlap::{Budget, Uniqueness, collides, is_nested, is_unique_into};

/// Exact enumeration into a bit set, quick enough for millions of layouts.
fn unique_bits(shape: &[usize], strides: &[isize], itemsize: usize, words: &mut [u64; 8]) -> bool {
    // Highest spread with strides in -12..=12 and sizes <= 5: 3·4·12·2 + itemsize.
    words.fill(0);
    let mut index = [0_usize; 3];
    if shape.contains(&0) {
        return true;
    }
    loop {
        let mut address = 200_isize;
        for (&i, &s) in index.iter().zip(strides) {
            address += isize::try_from(i).unwrap() * s;
        }
        for byte in 0..itemsize {
            let bit = usize::try_from(address).unwrap() + byte;
            if words[bit / 64] >> (bit % 64) & 1 == 1 {
                return false;
            }
            words[bit / 64] |= 1 << (bit % 64);
        }
        let mut k = 0;
        loop {
            if k == shape.len() {
                return true;
            }
            index[k] += 1;
            if index[k] < shape[k] {
                break;
            }
            index[k] = 0;
            k += 1;
        }
    }
}

fn check(shape: &[usize], strides: &[isize], itemsize: usize, words: &mut [u64; 8]) -> bool {
    let expected = unique_bits(shape, strides, itemsize, words);
    let (mut first, mut second) = ([9_usize; 3], [9_usize; 3]);
    let rank = shape.len();
    let got = is_unique_into(
        shape,
        strides,
        itemsize,
        Budget::UNLIMITED,
        &mut first[..rank],
        &mut second[..rank],
    )
    .unwrap();
    let (first, second) = (&first[..rank], &second[..rank]);
    match got {
        Uniqueness::Unique => assert!(expected, "{shape:?} {strides:?} {itemsize}: said unique"),
        Uniqueness::Aliased { .. } => {
            assert!(!expected, "{shape:?} {strides:?} {itemsize}: said aliased");
            let proof = support::proves_alias(shape, strides, itemsize, first, second);
            assert!(proof, "{shape:?} {strides:?} {itemsize}: {first:?} {second:?}");
            assert!(collides(shape, strides, itemsize, first, second));
        }
        other => panic!("{other:?}"),
    }
    if is_nested(shape, strides, itemsize) {
        assert!(expected, "{shape:?} {strides:?} {itemsize}: nested but aliased");
    }
    expected
}

#[test]
fn every_layout_up_to_rank_two() {
    let mut words = [0; 8];
    for itemsize in 1..=3 {
        assert!(check(&[], &[], itemsize, &mut words));
        for n in 0..=5 {
            for s in -12..=12 {
                check(&[n], &[s], itemsize, &mut words);
                for m in 0..=5 {
                    for t in -12..=12 {
                        check(&[n, m], &[s, t], itemsize, &mut words);
                    }
                }
            }
        }
    }
}

#[test]
fn every_layout_of_rank_three() {
    let mut words = [0; 8];
    let mut unique = 0_u32;
    for n in 1..=5 {
        for m in 1..=5 {
            for l in 1..=5 {
                for s in -12..=12 {
                    for t in -12..=12 {
                        for u in -12..=12 {
                            for itemsize in 1..=3 {
                                unique +=
                                    u32::from(check(&[n, m, l], &[s, t, u], itemsize, &mut words));
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(unique > 100_000);
}
