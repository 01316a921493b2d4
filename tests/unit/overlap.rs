//! Each method alone, on problems that the cheaper ones would decide first.

use core::num::Saturating;

use super::int::{Exact, Int, REACH_CAP, div_down, div_up, first_hit, gcd, modulo};
use super::search::{Meter, Outcome, Var, Window, pair};
use super::solve::solve;
use super::{Budget, certificate};
extern crate std;
use std::vec;
use std::vec::Vec;

/// A small generator, so that the tests need nothing.
struct Numbers(u64);

impl Numbers {
    fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(i64::try_from(end).unwrap())).unwrap()
    }

    fn below(&mut self, end: i64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % u64::try_from(end).unwrap()).unwrap()
    }
}

fn int(value: i64) -> Int {
    Saturating(value.into())
}

#[test]
fn first_hit_is_the_first() {
    for modulus in 1..30_i64 {
        for step in 0..40 {
            for start in -40..40_i64 {
                for width in 0..4 {
                    let expected =
                        (0..50).find(|j| (start - step * j).rem_euclid(modulus) <= width);
                    let got = first_hit(int(start), int(step), int(modulus), int(width), int(49));
                    assert_eq!(got, expected.map(int), "{start} {step} {modulus} {width}");
                }
            }
        }
    }
}

#[test]
fn first_hit_takes_few_steps_on_large_numbers() {
    let modulus = (1_i128 << 63) - 25;
    for step in [1, 2, 3, modulus - 1, modulus - 2, modulus / 2, modulus / 3 + 1] {
        let [start, end] = [modulus - 1, modulus].map(Saturating);
        if let Some(j) = first_hit(start, Saturating(step), end, int(5), end) {
            assert!((modulus - 1 - step * j.0).rem_euclid(modulus) <= 5);
        }
    }
}

#[test]
fn divisors_are_right() {
    for a in 0..60_u128 {
        for b in 0..60_u128 {
            let expected = (1..=60).rev().find(|d| a % d == 0 && b % d == 0).unwrap();
            assert_eq!(gcd(a, b), if a | b == 0 { 0 } else { expected });
        }
    }
    assert_eq!(gcd(1 << 63, u64::MAX.into()), 1);
}

#[test]
fn rounding_is_towards_the_named_side() {
    for a in -20..20_i64 {
        for b in 1..9 {
            assert_eq!(div_down(int(a), int(b)), int(a.div_euclid(b)));
            assert_eq!(div_up(int(a), int(b)), int(-(-a).div_euclid(b)));
            assert_eq!(modulo(int(a), int(b)), int(a.rem_euclid(b)));
        }
    }
    assert_eq!(REACH_CAP.0, (1_i128 << 63) * ((1 << 64) - 1));
}

#[test]
fn sums_beyond_128_bits_are_ordered_like_their_values() {
    let (mut low, mut high) = (Exact::new(-1), Exact::new(1));
    for _ in 0..7 {
        low.add_product(-i128::from(u64::MAX), isize::MAX);
        high.add_product(i128::from(u64::MAX), isize::MAX);
        assert!(low < Exact::new(-1) && Exact::new(1) < high && low < high);
    }
    for _ in 0..7 {
        low.add_product(i128::from(u64::MAX), isize::MAX);
        high.add_product(-i128::from(u64::MAX), isize::MAX);
    }
    assert_eq!((low, high), (Exact::new(-1), Exact::new(1)));
}

#[test]
fn two_variables_are_solved_exactly() {
    let mut numbers = Numbers(1);
    for _ in 0..200_000 {
        let mut var = || {
            let low = -numbers.below(7);
            var(1 + numbers.below(30), low, low + numbers.below(9))
        };
        let (x, y) = (var(), var());
        let low = int(numbers.below(200) - 100);
        let window = Window { low, high: low + int(numbers.below(5)) };
        let exists = exists(&[x, y], window);
        match pair(&x, &y, window) {
            None => assert!(!exists, "{x:?} {y:?} {window:?}"),
            Some((i, j)) => {
                assert!(holds(&[x, y], window, &[i, j]), "{x:?} {y:?} {window:?} {i} {j}");
            }
        }
    }
}

fn var(coefficient: i64, low: i64, high: i64) -> Var {
    Var { coefficient: int(coefficient), low: int(low), high: int(high), id: 0 }
}

/// By enumeration.
fn exists(vars: &[Var], window: Window) -> bool {
    fn walk(vars: &[Var], window: Window, sum: Int) -> bool {
        match vars {
            [] => window.contains(sum),
            [x, rest @ ..] => (x.low.0..=x.high.0)
                .any(|i| walk(rest, window, sum + Saturating(i) * x.coefficient)),
        }
    }
    walk(vars, window, int(0))
}

fn holds(vars: &[Var], window: Window, values: &[Int]) -> bool {
    let sum = vars.iter().zip(values).fold(int(0), |sum, (x, &v)| sum + x.coefficient * v);
    let ranges = vars.iter().zip(values).all(|(x, v)| (x.low..=x.high).contains(v));
    ranges && window.contains(sum)
}

fn problem(numbers: &mut Numbers) -> (Vec<Var>, Window) {
    let rank = 2 + numbers.below(3);
    let factor = 1 + numbers.below(3);
    let width = numbers.below(4);
    let mut vars: Vec<_> = (0..rank)
        .map(|_| {
            let (low, high) = (-numbers.below(3), 1 + numbers.below(4));
            var(width + 1 + factor * numbers.below(40), low, high)
        })
        .collect();
    vars.sort_by_key(|x| x.coefficient);
    let low = numbers.below(300) - 150;
    (vars, Window { low: int(low), high: int(low + width) })
}

#[test]
fn searches_agree_with_enumeration() {
    let mut numbers = Numbers(2);
    for _ in 0..40_000 {
        let (mut vars, window) = problem(&mut numbers);
        let expected = exists(&vars, window);
        let mut values = vec![int(0); vars.len()];
        let found = solve::<8>(&mut vars, window, &mut values, &mut Meter(u64::MAX));
        assert_eq!(found == Outcome::Found, expected, "{vars:?} {window:?}");
        assert!(!expected || holds(&vars, window, &values), "{vars:?} {values:?}");
    }
}

#[cfg(feature = "alloc")]
#[test]
fn tables_agree_with_enumeration() {
    use super::sumset::Table;
    let (mut numbers, mut tables) = (Numbers(3), 0);
    for _ in 0..20_000 {
        let (mut vars, window) = problem(&mut numbers);
        vars.reverse();
        let mut values = vec![int(0); vars.len()];
        let expected = exists(&vars, window);
        let Some(table) = Table::new(&vars, window) else {
            // The window is below every sum: left to the search.
            assert!(!expected);
            continue;
        };
        tables += 1;
        let outcome = table.hit(&vars, &mut values);
        assert_ne!(outcome, Outcome::OutOfSteps);
        assert_eq!(outcome == Outcome::Found, expected, "{vars:?} {window:?}");
        assert!(!expected || holds(&vars, window, &values), "{vars:?} {window:?} {values:?}");
    }
    assert!(tables > 8_000, "{tables}");
}

#[cfg(feature = "alloc")]
#[test]
fn tables_agree_on_sets_of_many_words() {
    use super::sumset::Table;
    // Digits of a mixed radix, of which one is missing on the axis before the last.
    let radix = [1, 64, 64 * 71, 64 * 71 * 13];
    let vars = [63, 70, 11, 9].iter().zip(radix).map(|(&last, c)| var(c, 0, last));
    let vars: Vec<Var> = vars.collect();
    let top: i64 = radix.iter().zip([63, 70, 11, 9]).map(|(c, last)| c * last).sum();
    for sum in (0..=top + 1).step_by(997).chain(top - 100..=top + 1) {
        let expected = sum <= top && sum / (64 * 71) % 13 < 12;
        let window = Window { low: int(sum), high: int(sum) };
        let mut values = [int(0); 4];
        let table = Table::new(&vars, window).unwrap();
        let outcome = table.hit(&vars, &mut values);
        assert_eq!(outcome == Outcome::Found, expected, "{sum}");
        assert!(!expected || holds(&vars, window, &values), "{sum} {values:?}");
    }
}

#[test]
fn views_of_absurd_rank_are_decided() {
    use super::{Bytes, Sharing, meets, shares_memory_into};
    for rank in [40_usize, 100, 300] {
        // Two nested views of even bytes: one shifted by one byte misses.
        let strides: Vec<isize> = (0..rank).map(|k| 2 << (k % 60)).rev().collect();
        let other: Vec<isize> = (0..rank).map(|k| 6 << (k % 59)).rev().collect();
        let shape: Vec<usize> = (0..rank).map(|k| 1 + usize::from(k + 30 > rank)).collect();
        let (mut first, mut second) = (std::vec![0; rank], std::vec![0; rank]);
        for shift in [1_usize, 36] {
            let a = Bytes { address: 1 << 50, shape: &shape, strides: &strides, itemsize: 1 };
            let b =
                Bytes { address: (1 << 50) + shift, shape: &shape, strides: &other, itemsize: 1 };
            let got = shares_memory_into(a, b, Budget::UNLIMITED, &mut first, &mut second).unwrap();
            assert_eq!(got != Sharing::Disjoint, shift == 36, "{rank}");
            assert!(shift != 36 || meets(a, b, &first, &second));
        }
    }
    // Wide axes everywhere: more than are searched, full reach.
    let rank = 300;
    let strides: Vec<isize> = (0..rank).map(|k| isize::MIN + isize::try_from(k).unwrap()).collect();
    let other: Vec<isize> = strides.iter().map(|s| s + 1000).collect();
    let shape = std::vec![usize::MAX; rank];
    let (mut first, mut second) = (std::vec![0; rank], std::vec![0; rank]);
    let a = Bytes { address: usize::MAX, shape: &shape, strides: &strides, itemsize: 1 };
    let b = Bytes { address: 0, shape: &shape, strides: &other, itemsize: 1 };
    let budget = Budget::steps(1000);
    match shares_memory_into(a, b, budget, &mut first, &mut second).unwrap() {
        Sharing::Shared { .. } => assert!(meets(a, b, &first, &second)),
        Sharing::Disjoint => panic!("it is not"),
        Sharing::Undecided => {}
    }
}

#[test]
fn of_many_axes_those_of_small_strides_are_searched() {
    // 80 axes of two indices, the last two of one stride, the others far apart and in no order.
    let mut strides: Vec<isize> =
        (0..78).map(|k| (1 << 62) - (k * 7_919_717 % 78) * (1 << 55)).collect();
    strides.extend([1, 1]);
    let shape = [2; 80];
    let (mut first, mut second) = ([0; 80], [0; 80]);
    let found =
        super::is_unique_into(&shape, &strides, 1, Budget::steps(0), &mut first, &mut second);
    assert_eq!(found, Ok(super::Uniqueness::Aliased { first: (), second: () }));
}

/// By definition: no two items share a unit.
fn enumerated_unique(shape: &[usize], strides: &[isize], itemsize: usize) -> bool {
    let mut sums = vec![0_i128];
    for (&size, &stride) in shape.iter().zip(strides) {
        let steps = (0..i128::try_from(size).unwrap()).map(|i| i * i128::try_from(stride).unwrap());
        sums = steps.flat_map(|step| sums.iter().map(move |sum| sum + step)).collect();
    }
    sums.sort_unstable();
    let itemsize = i128::try_from(itemsize).unwrap();
    itemsize == 0 || sums.windows(2).all(|two| two[1] - two[0] >= itemsize)
}

/// A layout of rank 1 to 4 with small numbers, now and then of structure.
fn small_layout(numbers: &mut Numbers) -> (Vec<usize>, Vec<isize>, usize) {
    let rank = 1 + numbers.below(4);
    let shape = (0..rank).map(|_| usize::try_from(numbers.below(6)).unwrap()).collect();
    let strides = (0..rank).map(|_| isize::try_from(numbers.below(81) - 40).unwrap()).collect();
    (shape, strides, usize::try_from(numbers.below(4)).unwrap())
}

#[test]
fn no_reason_is_accepted_for_an_aliased_layout() {
    let mut numbers = Numbers(6);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..200_000 {
        let (shape, strides, itemsize) = small_layout(&mut numbers);
        let mut order: Vec<usize> = (0..shape.len()).collect();
        let order_len = order.len();
        for place in 0..order_len {
            order.swap(place, numbers.index(order_len));
        }
        // Now and then an axis is missing, named twice, or not there.
        if numbers.below(8) == 0 {
            let place = numbers.index(order.len());
            order[place] = usize::try_from(numbers.below(6)).unwrap();
        }
        let explained = numbers.index(1 + order.len());
        let divisor = |numbers: &mut Numbers| match numbers.below(3) {
            0 => 0,
            1 => usize::try_from(1 + numbers.below(12)).unwrap(),
            _ => {
                let place = numbers.index(strides.len());
                strides[place].unsigned_abs()
            }
        };
        let divisors: Vec<usize> = (0..explained).map(|_| divisor(&mut numbers)).collect();
        // The numbers of the rest by ascending address, if the layout has them.
        let rest = order.get(explained..).unwrap_or(&[]);
        let sizes: Vec<usize> = rest.iter().map(|&k| shape.get(k).copied().unwrap_or(1)).collect();
        let count: usize = sizes.iter().product();
        let address = |number: usize| {
            let (mut left, mut sum) = (number, 0);
            for (&axis, &size) in rest.iter().zip(&sizes) {
                sum += left % size * strides.get(axis).map_or(0, |s| s.unsigned_abs());
                left /= size;
            }
            sum
        };
        let mut sorted: Vec<usize> = (0..count).collect();
        sorted.sort_by_key(|&number| address(number));
        if numbers.below(8) == 0 && count > 1 {
            sorted[0] = sorted[1];
        }
        // Without them, the differences are tried.
        if numbers.below(2) == 0 {
            sorted.clear();
        }
        if certificate::holds(&shape, &strides, itemsize, &order, &divisors, &sorted) {
            let context = (&shape, &strides, itemsize, &order, &divisors, &sorted);
            assert!(enumerated_unique(&shape, &strides, itemsize), "{context:?}");
            accepted += 1;
        } else {
            refused += 1;
        }
        for nested in [certificate::nested, certificate::nested_columns] {
            assert!(
                !nested(&shape, &strides, itemsize)
                    || enumerated_unique(&shape, &strides, itemsize)
            );
        }
    }
    assert!(accepted > 20_000 && refused > 20_000, "{accepted} accepted, {refused} refused");
}

/// `cargo test --lib how_often -- --nocapture` shows the table.
#[test]
fn how_often_each_reason_decides() {
    use super::{Uniqueness, is_nested, is_unique_into};
    let generators: [(&str, i64, i64); 4] = [
        ("sizes to 6, strides to 60", 6, 60),
        ("sizes to 6, strides to 4000", 6, 4000),
        ("sizes to 40, strides to 10^4", 40, 10_000),
        ("sizes to 12, strides to 10^9", 12, 1_000_000_000),
    ];
    let mut numbers = Numbers(7);
    std::println!(
        "layouts: nested as listed, nested, without a search, after one, aliased, undecided"
    );
    for (name, size, stride) in generators {
        for rank in 1..=4_u8 {
            let mut counts = [0; 6];
            for _ in 0..2000 {
                let shape: Vec<usize> =
                    (0..rank).map(|_| usize::try_from(1 + numbers.below(size)).unwrap()).collect();
                let strides: Vec<isize> = (0..rank)
                    .map(|_| isize::try_from(numbers.below(2 * stride + 1) - stride).unwrap())
                    .collect();
                let (mut first, mut second) = ([0; 4], [0; 4]);
                let (first, second) = (&mut first[..shape.len()], &mut second[..shape.len()]);
                let decide = |budget, first: &mut [usize], second: &mut [usize]| {
                    is_unique_into(&shape, &strides, 1, budget, first, second).unwrap()
                };
                // Without a step nothing is searched.
                let kind = match decide(Budget::DEFAULT, first, second) {
                    Uniqueness::Aliased { .. } => 4,
                    Uniqueness::Undecided => 5,
                    Uniqueness::Unique if certificate::nested(&shape, &strides, 1) => 0,
                    Uniqueness::Unique if certificate::nested_columns(&shape, &strides, 1) => 0,
                    Uniqueness::Unique if is_nested(&shape, &strides, 1) => 1,
                    Uniqueness::Unique => match decide(Budget::steps(0), first, second) {
                        Uniqueness::Unique => 2,
                        _ => 3,
                    },
                };
                counts[kind] += 1;
            }
            std::println!("{name}, rank {rank}: {counts:?}");
            assert!(size > 6 || counts[5] == 0, "{name}: small layouts are decided");
        }
    }
}

#[test]
fn the_default_budget_bounds_the_time_of_hostile_layouts() {
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
    // No pair of indices is found in 2^22 steps; without a bound it took minutes.
    let strides = strides.map(|stride: isize| stride >> 8);
    let start = std::time::Instant::now();
    let shape = [64; 8];
    let layout = crate::Layout::new(shape, strides, 0, usize::MAX).unwrap();
    let mut everything = [(); usize::MAX];
    let refused = crate::StridedViewMut::new(&mut everything, layout).map(|_| ());
    std::println!("{refused:?} after {:?}", start.elapsed());
    assert!(matches!(refused, Err(crate::Error::Undecided | crate::Error::Aliased { .. })));
    assert!(start.elapsed().as_secs() < 20);
}
