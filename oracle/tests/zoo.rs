//! The oracle refutes what real checkers got wrong: each family of mistakes of `cases/bugzoo.jsonl` is
//! written down here as a checker, and the streams that a right checker passes must refute it.

use std::collections::BTreeSet;

use strideproof_oracle::grid::{
    Checker, Outcome, boundary, for_each_array, ranks, small, small_bytes,
};
use strideproof_oracle::{
    Answer, Extent, Items, Remedy, Request, Truth, Wrong, cases, count, is_collision, judge,
};

const MAX_COUNT: u128 = (1 << 63) - 1;

/// The same bits, signed: what a C interface makes of a size.
#[expect(clippy::cast_possible_wrap, reason = "the mistakes wrap")]
fn signed(bits: usize) -> isize {
    bits as isize
}

/// The same bits, unsigned.
#[expect(clippy::cast_sign_loss, reason = "the mistakes lose signs")]
fn unsigned(bits: isize) -> usize {
    bits as usize
}

/// `Σ (size - 1) · stride` of some axes in signed wrapping arithmetic.
fn wrapping_span(request: &Request) -> isize {
    request.shape.iter().zip(&request.strides).fold(0isize, |sum, (&size, &stride)| {
        sum.wrapping_add(stride.wrapping_mul(signed(size.wrapping_sub(1))))
    })
}

/// How far each axis reaches, exactly.
fn reaches(request: &Request) -> impl Iterator<Item = i128> + '_ {
    let axes = request.shape.iter().zip(&request.strides);
    axes.map(|(&size, &stride)| (size as i128 - 1).saturating_mul(stride as i128))
}

/// Whether the strides are those of a run of items, in either order of the axes.
fn is_packed(request: &Request) -> bool {
    fn packed<'a>(mut axes: impl Iterator<Item = (&'a usize, &'a isize)>, mut step: usize) -> bool {
        axes.all(|(&size, &stride)| {
            let matches = size == 1 || unsigned(stride) == step;
            step = step.wrapping_mul(size);
            matches
        })
    }
    let axes = request.shape.iter().zip(&request.strides);
    request.shape.len() == request.strides.len()
        && (packed(axes.clone().rev(), request.item) || packed(axes, request.item))
}

/// A right answer with everything that can be said.
fn right(request: &Request) -> Answer {
    let &Request { ref shape, ref strides, offset, len, item } = request;
    let (at, end) = (offset as i128, len as i128);
    match request.truth() {
        Truth::Rank => Answer::Rank,
        Truth::TooMany { axis } => Answer::TooMany { axis },
        Truth::Empty if offset > len => Answer::EmptyOffset { required_len: at },
        Truth::Empty => {
            Answer::Accepted(Extent { count: 0, lowest: at, highest: at, required_len: at })
        }
        Truth::View { count, lowest, highest } => {
            let required_len = highest + item as i128;
            if lowest >= 0 && required_len <= end {
                return Answer::Accepted(Extent { count, lowest, highest, required_len });
            }
            let (mut low, mut high) = (at, at + item as i128);
            let mut axis = None;
            if high <= end {
                axis = reaches(request).position(|reach| {
                    let leaves = low + reach.min(0) < 0 || high + reach.max(0) > end;
                    if !leaves {
                        (low, high) = (low + reach.min(0), high + reach.max(0));
                    }
                    leaves
                });
            }
            let mut index = vec![0; shape.len()];
            let mut address = at;
            if let Some(axis) = axis {
                let stride = strides[axis] as i128;
                let room = if stride < 0 { low } else { end - high };
                let step = room / stride.abs() + 1;
                for k in (0..axis).filter(|&k| (strides[k] < 0) == (stride < 0)) {
                    index[k] = shape[k] - 1;
                }
                index[axis] = usize::try_from(step).unwrap();
                address = if stride < 0 { low } else { high - item as i128 } + step * stride;
            }
            let remedy = match address {
                ..0 => Remedy::Offset(at - lowest),
                _ => Remedy::Len((lowest >= 0).then_some(required_len)),
            };
            Answer::Leaves { axis, index, address, remedy }
        }
    }
}

/// A verdict that is `true` where a mistake accepts, and right everywhere else.
fn or_right(mistake: bool, request: &Request) -> Answer {
    Answer::from(mistake || request.is_accepted())
}

type Decision = fn(&Request) -> Answer;

/// The families of mistakes in the decision.
const CHECKERS: [(&str, Decision); 22] = [
    ("M00 no check", |_| Answer::Yes),
    ("M01 length 0 means unknown", |request| {
        let known = request.shape.contains(&0) || request.shape.len() != request.strides.len();
        or_right(request.len == 0 && !known, request)
    }),
    ("M02 end not reduced by offset", |request| match request.truth() {
        Truth::View { lowest, highest, .. } => {
            let end = highest - request.offset as i128 + request.item as i128;
            let inside = request.offset <= request.len && end <= request.len as i128;
            Answer::from(lowest >= 0 && inside)
        }
        _ => right(request),
    }),
    ("M03 the product wraps", |request| {
        let axes = request.shape.iter().zip(&request.strides);
        let (mut low, mut high) = (Some(request.offset), Some(request.offset));
        for (&size, &stride) in axes {
            let reach = size.wrapping_sub(1).wrapping_mul(stride.unsigned_abs());
            match stride < 0 {
                true => low = low.and_then(|low| low.checked_sub(reach)),
                false => high = high.and_then(|high| high.checked_add(reach)),
            }
        }
        let end = high.and_then(|high| high.checked_add(request.item));
        let inside = low.is_some() && end.is_some_and(|end| end <= request.len);
        match request.truth() {
            Truth::View { .. } => Answer::from(inside),
            _ => right(request),
        }
    }),
    ("M03 the product in bytes wraps", |request| {
        let end = unsigned(wrapping_span(request)).wrapping_add(request.offset).wrapping_add(1);
        let fits = end.wrapping_mul(4) <= request.len.wrapping_mul(4);
        let forward = request.strides.iter().all(|&stride| stride >= 0);
        or_right(has_indices(request) && request.item == 1 && forward && fits, request)
    }),
    ("M05 adding the itemsize wraps", |request| {
        let last = signed(request.offset).wrapping_add(wrapping_span(request));
        let end = last.wrapping_add(signed(request.item));
        or_right(has_indices(request) && last >= 0 && end <= signed(request.len), request)
    }),
    ("M06 offset unchecked on the contiguous path", |request| {
        let size = request.shape.iter().fold(request.item, |size, &n| size.wrapping_mul(n));
        let end = signed(request.offset.wrapping_add(size));
        let small = size as u128 <= MAX_COUNT;
        or_right(is_packed(request) && small && end <= signed(request.len), request)
    }),
    ("M07 offset and size wrap", |request| {
        let size = wrapping_span(request).wrapping_add(signed(request.item));
        let end = signed(request.offset).wrapping_add(size);
        or_right(has_indices(request) && end <= signed(request.len), request)
    }),
    ("M08 axes not summed", |request| {
        let (at, end) = (request.offset as i128, request.len as i128 - request.item as i128);
        let alone = reaches(request).all(|reach| (0..=end).contains(&(at + reach)));
        or_right(has_indices(request) && at <= end && alone, request)
    }),
    ("M08 axes against the whole buffer", |request| {
        let end = request.len as i128 - request.item as i128;
        let alone = reaches(request).all(|reach| reach.abs() <= end);
        or_right(has_indices(request) && request.offset as i128 <= end && alone, request)
    }),
    ("M09 first and last corner as range", |request| match right(request) {
        Answer::Accepted(extent) if extent.count > 0 => {
            let at = request.offset as i128;
            let last = at + reaches(request).sum::<i128>();
            let (lowest, highest) = (at.min(last), at.max(last));
            let required_len = highest + request.item as i128;
            Answer::Accepted(Extent { lowest, highest, required_len, ..extent })
        }
        answer => answer,
    }),
    ("M10 only the last corner", |request| {
        let last = signed(request.offset).wrapping_add(wrapping_span(request));
        let room = signed(request.len).wrapping_sub(last);
        or_right(has_indices(request) && last >= 0 && signed(request.item) <= room, request)
    }),
    ("M12 the length in bytes overflows", |request| {
        let size = wrapping_span(request).wrapping_add(1).wrapping_add(signed(request.offset));
        let fits = size.wrapping_mul(4) <= signed(request.len).wrapping_mul(4);
        or_right(has_indices(request) && request.item == 1 && fits, request)
    }),
    ("M13 rank unchecked", |request| {
        let axes = request.shape.len().min(request.strides.len());
        let mut shorter = request.clone();
        shorter.shape.truncate(axes);
        shorter.strides.truncate(axes);
        Answer::from(shorter.is_accepted())
    }),
    ("M14 the span of signed strides", |request| {
        let span = wrapping_span(request).wrapping_add(signed(request.item));
        let room = signed(request.len.wrapping_sub(request.offset));
        or_right(has_indices(request) && request.offset <= request.len && span <= room, request)
    }),
    ("M16 itemsize forgotten", |request| {
        let item = request.item.min(1);
        Answer::from(Request { item, ..request.clone() }.is_accepted())
    }),
    ("M18 comparison of sums that wrap", |request| {
        // len + Σ stride >= Σ size · stride + item, as one library has it for two axes.
        let (mut have, mut need) = (request.len, request.offset.wrapping_add(request.item));
        for (&size, &stride) in request.shape.iter().zip(&request.strides) {
            have = have.wrapping_add(unsigned(stride));
            need = need.wrapping_add(unsigned(stride).wrapping_mul(size));
        }
        let forward = request.strides.iter().all(|&stride| stride >= 0);
        or_right(has_indices(request) && forward && have >= need, request)
    }),
    ("M19 the count wraps", |request| {
        let size = request.shape.iter().fold(request.item, |size, &n| size.wrapping_mul(n));
        let fits = signed(size) <= signed(request.len);
        or_right(request.offset == 0 && is_packed(request) && fits, request)
    }),
    ("M20 origin not moved", |request| {
        let mut reach = reaches(request).map(i128::abs);
        let end = reach.try_fold(request.offset as i128, i128::checked_add);
        let fits = |end: i128| end + (request.item as i128) <= request.len as i128;
        or_right(has_indices(request) && end.is_some_and(fits), request)
    }),
    ("M21 an empty axis moves the origin", |request| match right(request) {
        Answer::Accepted(extent) if extent.count == 0 => {
            let back: i128 = reaches(request).map(|reach| reach.max(0)).sum();
            let at = extent.lowest + back;
            Answer::Accepted(Extent { lowest: at, highest: at, required_len: at, ..extent })
        }
        answer => answer,
    }),
    ("M31 an axis of size 1 hides the others", |request| match request.truth() {
        Truth::View { .. } => {
            let axes = request.shape.iter().position(|&size| size == 1);
            let axes = axes.unwrap_or(request.shape.len());
            let (shape, strides) =
                (request.shape[..axes].to_vec(), request.strides[..axes].to_vec());
            Answer::from(Request { shape, strides, ..request.clone() }.is_accepted())
        }
        _ => right(request),
    }),
    ("M33 a wrapped stride is trusted", |request| match request.truth() {
        Truth::View { .. } => {
            let mut trusting = request.clone();
            for stride in &mut trusting.strides {
                *stride = if stride.unsigned_abs() >= 1 << 62 { 0 } else { *stride };
            }
            Answer::from(trusting.is_accepted())
        }
        _ => right(request),
    }),
];

fn has_indices(request: &Request) -> bool {
    request.shape.len() == request.strides.len() && !request.shape.contains(&0)
}

/// The first stream that refutes a checker, the cheap ones first.
fn refute(checker: Checker<'_>) -> Option<(&'static str, Wrong, Request)> {
    const ITEMS: &[usize] = &[0, 1, 8, usize::MAX];
    let streams: [(&str, &dyn Fn() -> Outcome); 9] = [
        ("ranks", &|| ranks(checker)),
        ("small, rank 0", &|| small(0).judge(checker)),
        ("small, rank 1", &|| small(1).judge(checker)),
        ("bytes, rank 1", &|| small_bytes(1).judge(checker)),
        ("boundary, rank 0", &|| boundary(0, ITEMS).judge(checker)),
        ("boundary, rank 1", &|| boundary(1, ITEMS).judge(checker)),
        ("small, rank 2", &|| small(2).judge(checker)),
        ("boundary, rank 2", &|| boundary(2, &[1]).judge(checker)),
        ("small, rank 3", &|| small(3).judge(checker)),
    ];
    let refuted = |&(name, stream): &(&'static str, &dyn Fn() -> Outcome)| {
        let finding = stream().err()?;
        Some((name, finding.wrong.clone(), finding.request.clone()))
    };
    streams.iter().find_map(refuted)
}

#[test]
fn a_right_checker_passes_every_stream() {
    assert_eq!(refute(&right), None);
}

#[test]
fn every_family_of_mistakes_is_refuted() {
    for (name, checker) in CHECKERS {
        let Some((stream, wrong, request)) = refute(&checker) else { panic!("{name} passes") };
        println!("{name:<45} {wrong:<10?} {stream:<16} {request:?}");
    }
}

#[test]
fn every_number_of_an_answer_is_looked_at() {
    /// What may be wrong with an answer that is right but for one number.
    fn wrongs(answer: &Answer) -> Vec<Answer> {
        match answer.clone() {
            Answer::Accepted(extent) => {
                let one_off: [fn(&mut Extent); 4] = [
                    |extent| extent.count += 1,
                    |extent| extent.lowest += 1,
                    |extent| extent.highest -= 1,
                    |extent| extent.required_len += 1,
                ];
                let wrong = one_off.map(|change| {
                    let mut extent = extent;
                    change(&mut extent);
                    Answer::Accepted(extent)
                });
                [&wrong[..], &[Answer::No]].concat()
            }
            Answer::TooMany { axis } => vec![Answer::TooMany { axis: axis + 1 }, Answer::Rank],
            Answer::EmptyOffset { required_len } => {
                vec![Answer::EmptyOffset { required_len: required_len + 1 }, Answer::Yes]
            }
            Answer::Leaves { axis, index, address, remedy } => {
                let with =
                    |axis, index, address, remedy| Answer::Leaves { axis, index, address, remedy };
                let other_axis = axis.map_or(Some(0), |axis| axis.checked_sub(1));
                let mut wrongs = vec![
                    with(other_axis, index.clone(), address, remedy),
                    with(axis, index.clone(), address - 1, remedy),
                    with(axis, index.clone(), address, Remedy::Len(Some(-1))),
                    with(axis, index.clone(), address, Remedy::Offset(-1)),
                    Answer::Yes,
                ];
                for axis_of in 0..index.len() {
                    let mut other = index.clone();
                    other[axis_of] += 1;
                    wrongs.push(with(axis, other, address, remedy));
                }
                wrongs
            }
            _ => vec![Answer::TooMany { axis: 0 }, Answer::Yes],
        }
    }
    let looked_at = std::cell::Cell::new(0);
    let outcome = small(2).judge(&|request| {
        for wrong in wrongs(&right(request)) {
            assert!(judge(request, &wrong).is_err(), "{request:?}: {wrong:?} passes");
            looked_at.set(looked_at.get() + 1);
        }
        right(request)
    });
    assert!(outcome.is_ok() && looked_at.get() > 1_000_000, "{looked_at:?}");
}

/// What is said to be unique.
type Uniqueness = fn(&Request) -> bool;

/// The axes of more than one index, or all of them, by the magnitude of their strides.
fn sorted(request: &Request, all: bool) -> Vec<(i128, i128)> {
    let axes = request.strides.iter().zip(&request.shape);
    let mut axes: Vec<_> = axes.map(|(&s, &n)| ((s as i128).abs(), n as i128)).collect();
    axes.retain(|&(_, size)| all || size != 1);
    axes.sort_unstable();
    axes
}

/// Whether each stride is at least the one before times its size, from `need` on.
fn steps_over(axes: &[(i128, i128)], mut need: i128) -> bool {
    axes.iter().all(|&(stride, size)| {
        let enough = stride >= need;
        need = stride * size;
        enough
    })
}

fn is_unique(request: &Request) -> bool {
    let Request { shape, strides, item, .. } = request.clone();
    Items { address: 0, shape, strides, item }.is_unique().expect("a small view")
}

/// The families of mistakes in tests for uniqueness.
const UNIQUENESS: [(&str, Uniqueness); 7] = [
    ("M22 overlap before empty", |request| {
        let repeats = request.shape.iter().zip(&request.strides).any(|(&n, &s)| n != 1 && s == 0);
        !repeats && is_unique(request)
    }),
    ("M23 axes of size 1 count", |request| {
        request.shape.contains(&0) || steps_over(&sorted(request, true), 1)
    }),
    ("M24 size times stride as reach", |request| {
        request.shape.contains(&0) || steps_over(&sorted(request, false), 0)
    }),
    ("M25 previous axis only", |request| {
        let axes = sorted(request, false);
        let beyond = axes.windows(2).all(|two| two[1].0 > two[0].0 * (two[0].1 - 1));
        request.shape.contains(&0) || beyond && axes.iter().all(|axis| axis.0 > 0)
    }),
    ("M27 no test", |_| true),
    ("M34 nested only", |request| {
        request.shape.contains(&0) || steps_over(&sorted(request, false), 1)
    }),
    ("U02 signed strides", |request| {
        request.strides.iter().any(|&stride| stride < 0) || is_unique(request)
    }),
];

#[test]
fn every_wrong_test_for_uniqueness_is_refuted() {
    for (name, test) in UNIQUENESS {
        let mut found = None;
        for grid in [small(1), small(2), small(3)] {
            let _ = grid
                .judge(&|request| {
                    if found_wrong(test, request) {
                        // Any wrong answer stops the stream.
                        return Answer::TooMany { axis: usize::MAX };
                    }
                    right(request)
                })
                .map_err(|finding| found = found.take().or(Some(finding.request)));
        }
        println!("{name:<35} {:?}", found.unwrap_or_else(|| panic!("{name} passes")));
    }
}

fn found_wrong(test: Uniqueness, request: &Request) -> bool {
    request.offset == 0 && test(request) != is_unique(request)
}

/// Strides in items by unsigned division, and by truncation.
fn m29_unsigned_division(request: &Request) -> Vec<isize> {
    let divided = |&stride: &isize| signed(unsigned(stride) / request.item);
    request.strides.iter().map(divided).collect()
}

#[test]
fn every_line_of_the_zoo_is_one_on_which_its_family_is_wrong() {
    let mut families = BTreeSet::new();
    for known in cases::all() {
        let Some(family) = &known.family else { continue };
        // A negative number arrives as the bits that a foreign caller would pass.
        let bits = |&value: &i128| usize::try_from(value.rem_euclid(1 << 64)).unwrap();
        let request = Request {
            shape: known.shape.iter().map(bits).collect(),
            strides: known.strides.iter().map(|stride| signed(bits(stride))).collect(),
            offset: bits(&known.offset),
            len: bits(&known.len),
            item: if known.in_bytes { bits(&known.itemsize) } else { 1 },
        };
        let checker = CHECKERS.iter().any(|(name, checker)| {
            // A wrong verdict or a wrong range, not just a poor witness.
            let wrong = judge(&request, &checker(&request)).err().map(|finding| finding.wrong);
            name.starts_with(family)
                && wrong.is_some_and(|wrong| !matches!(wrong, Wrong::Witness(_)))
        });
        let uniqueness = UNIQUENESS
            .iter()
            .any(|&(name, test)| name.starts_with(family) && found_wrong(test, &request));
        let division = family == "M29" && {
            let item = signed(request.item);
            let right: Vec<isize> = request.strides.iter().map(|stride| stride / item).collect();
            m29_unsigned_division(&request) != right
        };
        assert!(checker || uniqueness || division, "{}: no {family} is wrong on it", known.id);
        families.insert(family.clone());
    }
    assert!(families.len() >= 26, "{families:?}");
}

#[test]
fn the_closed_form_agrees_with_the_enumeration() {
    let mut seen = 0;
    for rank in 0..=3 {
        let done = for_each_array(&[0, 1, 2, 3, 4], rank, &mut |shape| {
            for_each_array(&[-3, -2, -1, 0, 1, 2, 3], rank, &mut |strides| {
                let enumerated = Truth::by_enumeration(shape, strides, 2);
                assert_eq!(enumerated, Truth::by_corners(shape, strides, 2));
                let expected = match enumerated {
                    Truth::View { count, .. } => count,
                    _ => 0,
                };
                assert_eq!(count(shape), expected);
                seen += 1;
                Ok::<(), ()>(())
            })
        });
        assert_eq!(done, Ok(()));
    }
    assert_eq!(seen, 1 + 5 * 7 + 25 * 49 + 125 * 343);
}

#[test]
fn collisions_are_pairs_of_different_valid_indices() {
    assert!(is_collision(&[2, 3], &[2, 1], 1, &[1, 0], &[0, 2]));
    for (first, second) in [([1, 0], [1, 0]), ([1, 0], [0, 1]), ([2, 0], [1, 2]), ([0, 3], [1, 1])]
    {
        assert!(!is_collision(&[2, 3], &[2, 1], 1, &first, &second), "{first:?} {second:?}");
    }
}
