//! Wrong tests for uniqueness that real projects have shipped, and that the oracle of
//! these tests tells each of them from the truth.
use crate::support;
use strideproof::overlap::{Uniqueness, is_nested, is_unique};

type Judge = fn(&[usize; 3], &[isize; 3]) -> bool;

fn sorted(shape: &[usize; 3], strides: &[isize; 3], skip_ones: bool) -> Vec<(u128, u128)> {
    let mut axes: Vec<_> = shape
        .iter()
        .zip(strides)
        .filter(|&(&n, _)| !skip_ones || n != 1)
        .map(|(&n, &s)| (s.unsigned_abs() as u128, n as u128))
        .collect();
    axes.sort_unstable();
    axes
}

fn exact(shape: &[usize; 3], strides: &[isize; 3]) -> bool {
    is_unique(shape, strides) == Uniqueness::Unique
}

/// Compares each stride with the next smaller axis only, not with the running sum.
fn neighbour_only(shape: &[usize; 3], strides: &[isize; 3]) -> bool {
    if shape.contains(&0) {
        return true;
    }
    let axes = sorted(shape, strides, true);
    axes.first().is_none_or(|a| a.0 > 0) && axes.windows(2).all(|w| w[1].0 > w[0].0 * (w[0].1 - 1))
}

/// Takes extent times stride for the reach: 0 for a stride of 0.
fn extent_times_stride(shape: &[usize; 3], strides: &[isize; 3]) -> bool {
    if shape.contains(&0) {
        return true;
    }
    let mut reach = 0;
    sorted(shape, strides, true).iter().all(|&(s, n)| {
        let fits = s >= reach;
        reach += s * (n - 1);
        fits
    })
}

/// Lets the stride of an axis of size 1 count.
fn ones_not_skipped(shape: &[usize; 3], strides: &[isize; 3]) -> bool {
    if shape.contains(&0) {
        return true;
    }
    let mut reach = 0;
    sorted(shape, strides, false).iter().all(|&(s, n)| {
        let fits = s > reach;
        reach += s * (n - 1);
        fits
    })
}

/// Demands stride >= previous stride · previous size.
fn too_strict(shape: &[usize; 3], strides: &[isize; 3]) -> bool {
    if shape.contains(&0) {
        return true;
    }
    let axes = sorted(shape, strides, true);
    axes.first().is_none_or(|a| a.0 > 0) && axes.windows(2).all(|w| w[1].0 >= w[0].0 * w[0].1)
}

/// Looks for overlap before it looks whether there is anything.
fn empty_last(shape: &[usize; 3], strides: &[isize; 3]) -> bool {
    let zero = shape.iter().zip(strides).any(|(&n, &s)| n != 1 && s == 0);
    !zero && exact(shape, strides)
}

/// Drops axes of stride 0 with those of size 1.
fn zero_stride_missed(shape: &[usize; 3], strides: &[isize; 3]) -> bool {
    let mut shape = *shape;
    for (n, &s) in shape.iter_mut().zip(strides) {
        if s == 0 {
            *n = (*n).min(1);
        }
    }
    exact(&shape, strides)
}

/// Takes the sign of strides for their size.
fn signed_comparison(shape: &[usize; 3], strides: &[isize; 3]) -> bool {
    if shape.contains(&0) {
        return true;
    }
    let mut axes: Vec<_> = shape.iter().zip(strides).filter(|x| *x.0 != 1).collect();
    axes.sort_by_key(|x| *x.1);
    let mut reach = 0;
    axes.iter().all(|&(&n, &s)| {
        let fits = s > reach;
        reach += s * (isize::try_from(n).unwrap() - 1);
        fits
    })
}

/// Approves everything.
fn no_check(_: &[usize; 3], _: &[isize; 3]) -> bool {
    true
}

/// The running sum alone: sound, and not complete.
fn nested_alone(shape: &[usize; 3], strides: &[isize; 3]) -> bool {
    is_nested(shape, strides, 1)
}

/// The first layout of a small grid on which a judge is wrong, and how it is wrong.
fn refutation(judge: Judge) -> Option<([usize; 3], [isize; 3], &'static str)> {
    for code in 0..4_usize.pow(3) * 9_usize.pow(3) {
        let mut rest = code;
        let mut digit = |base| {
            let digit = rest % base;
            rest /= base;
            digit
        };
        let shape = [digit(4), digit(4), digit(4)];
        let strides = [digit(9), digit(9), digit(9)].map(|s| isize::try_from(s).unwrap() - 2);
        let truth = support::unique(&shape, &strides, 1);
        if judge(&shape, &strides) != truth {
            return Some((shape, strides, if truth { "false alarm" } else { "missed alias" }));
        }
    }
    None
}

#[test]
fn every_planted_mistake_is_refuted_and_the_real_test_is_not() {
    assert_eq!(refutation(exact), None);
    let planted: &[(&str, Judge)] = &[
        ("neighbour only", neighbour_only),
        ("extent times stride", extent_times_stride),
        ("size 1 not skipped", ones_not_skipped),
        ("too strict", too_strict),
        ("overlap before empty", empty_last),
        ("zero stride missed", zero_stride_missed),
        ("signed comparison", signed_comparison),
        ("no check", no_check),
        ("nested alone", nested_alone),
    ];
    for (name, judge) in planted {
        let found = refutation(*judge);
        assert!(found.is_some(), "{name} was not refuted");
        println!("{name}: {:?}", found.unwrap());
    }
}

#[test]
fn the_known_layouts_tell_the_mistakes_apart() {
    // Strides 11, 10, 1: (0, 1, 1) and (1, 0, 0) meet.
    assert!(neighbour_only(&[2, 2, 10], &[11, 10, 1]) && !exact(&[2, 2, 10], &[11, 10, 1]));
    assert!(!ones_not_skipped(&[1, 3, 1], &[3, 2, 1]) || exact(&[1, 3, 1], &[3, 2, 1]));
    assert!(!too_strict(&[2, 2, 1], &[6, 5, 0]) && exact(&[2, 2, 1], &[6, 5, 0]));
    assert!(!too_strict(&[2, 3, 1], &[3, 2, 0]) && exact(&[2, 3, 1], &[3, 2, 0]));
    assert!(extent_times_stride(&[3, 2, 2], &[1, 0, 0]) && !exact(&[3, 2, 2], &[1, 0, 0]));
    assert!(!empty_last(&[2, 0, 1], &[0, 0, 0]) && exact(&[2, 0, 1], &[0, 0, 0]));
    assert!(!ones_not_skipped(&[2, 1, 5], &[1, 0, 2]) && exact(&[2, 1, 5], &[1, 0, 2]));
}
