//! Requests beyond 64 bits against the same requests within: the path over the integers and the
//! kernel must say the same.

use num_bigint::BigInt;
use proptest::prelude::*;
use strideproof::Unit;
use strideproof_cli::decide::Judge;
use strideproof_cli::human;
use strideproof_cli::int::Int;
use strideproof_cli::picture::Picture;
use strideproof_cli::request::{Mode, Request};
use strideproof_cli::svg;
use strideproof_cli::verdict::{Reason, Uniqueness, Verdict};

fn int(value: i128) -> Int {
    Int::from(value)
}

/// Adds an axis of size 1 with a stride that fits no machine integer; nobody follows it.
fn with_a_stride_beyond_64_bits(request: &Request) -> Request {
    let mut request = request.clone();
    request.strides = Some(request.strides_or_row_major());
    request.shape.push(Int::ONE);
    if let Some(strides) = &mut request.strides {
        strides.push(Int::from(BigInt::from(10).pow(30)));
    }
    request
}

fn without_the_last_index(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Accepted(mut accepted) => {
            if let Uniqueness::Aliased { first, second } = &mut accepted.unique {
                assert_eq!((first.pop(), second.pop()), (Some(0), Some(0)));
            }
            Verdict::Accepted(accepted)
        }
        Verdict::Rejected(mut rejection) => {
            if let Some(index) = &mut rejection.index {
                assert_eq!(index.pop(), Some(0));
            }
            match &mut rejection.reason {
                Reason::Aliased { second } => assert_eq!(second.pop(), Some(0)),
                Reason::RankMismatch { shape, strides } => {
                    *shape -= 1;
                    *strides -= 1;
                }
                _ => {}
            }
            Verdict::Rejected(rejection)
        }
    }
}

/// Leaves of a verdict what does not depend on how the search for an alias went about it.
fn decided(mut verdict: Verdict) -> Verdict {
    match &mut verdict {
        Verdict::Accepted(accepted) => {
            if let Uniqueness::Aliased { first, second } = &mut accepted.unique {
                assert_ne!(first, second);
                (*first, *second) = (Vec::new(), Vec::new());
            }
        }
        Verdict::Rejected(rejection) => {
            if let Reason::Aliased { second } = &mut rejection.reason {
                assert_ne!(rejection.index.as_ref(), Some(&*second));
                second.clear();
                (rejection.index, rejection.address) = (None, None);
            }
        }
    }
    verdict
}

fn small() -> impl Strategy<Value = Request> {
    let axis = (prop_oneof![8 => 1i128..6, 1 => Just(0), 1 => -2i128..0], -9i128..10);
    let numbers = (-1i128..40, -1i128..70, -1i128..5);
    (prop::collection::vec(axis, 0..5), numbers, any::<[bool; 3]>()).prop_map(
        |(axes, (offset, len, itemsize), [bytes, mutable, packed])| Request {
            unit: if bytes { Unit::Bytes } else { Unit::Elements },
            itemsize: int(itemsize),
            buffer_len: int(len),
            offset: int(offset),
            shape: axes.iter().map(|axis| int(axis.0)).collect(),
            strides: (!packed).then(|| axes.iter().map(|axis| int(axis.1)).collect()),
            mode: if mutable { Mode::Mutable } else { Mode::ReadOnly },
            ..Request::default()
        },
    )
}

fn boundary() -> impl Strategy<Value = Request> {
    let near = |at: i128| (-2i128..3).prop_map(move |by| at + by);
    let size = prop_oneof![
        4 => 0i128..5,
        1 => near(1 << 31),
        1 => near(1 << 32),
        1 => (1i128..3).prop_map(|by| (1 << 63) - by),
    ];
    let stride = prop_oneof![
        3 => -3i128..4,
        1 => near(1 << 31),
        1 => near(1 << 62),
        1 => (-3i128..0).prop_map(|by| (1 << 63) + by),
        1 => (0i128..3).prop_map(|by| -(1 << 63) + by),
    ];
    let length =
        prop_oneof![0i128..9, near(1 << 62), near(1 << 63), ((1i128 << 64) - 3)..(1 << 64)];
    let numbers = (length.clone(), length, prop_oneof![Just(1i128), 0i128..9, near(1 << 62)]);
    (prop::collection::vec((size, stride), 0..4), numbers, any::<[bool; 2]>()).prop_map(
        |(axes, (offset, len, itemsize), [bytes, mutable])| Request {
            unit: if bytes { Unit::Bytes } else { Unit::Elements },
            itemsize: int(itemsize),
            buffer_len: int(len),
            offset: int(offset),
            shape: axes.iter().map(|axis| int(axis.0)).collect(),
            strides: Some(axes.iter().map(|axis| int(axis.1)).collect()),
            mode: if mutable { Mode::Mutable } else { Mode::ReadOnly },
            budget: 200,
            ..Request::default()
        },
    )
}

fn judge(request: &Request) -> Verdict {
    Judge::default().judge(request)
}

/// The same view with every byte replaced by 2^80 bytes.
fn magnified(request: &Request) -> Request {
    let scale = |number: &Int| Int::from(number.to_big() << 80);
    Request {
        itemsize: scale(&request.itemsize),
        buffer_len: scale(&request.buffer_len),
        offset: scale(&request.offset),
        strides: request.strides.as_ref().map(|strides| strides.iter().map(scale).collect()),
        unit: Unit::Bytes,
        ..request.clone()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    #[test]
    fn the_integers_and_the_kernel_agree_on_small_views(request in small()) {
        let wide = judge(&with_a_stride_beyond_64_bits(&request));
        prop_assert_eq!(decided(judge(&request)), decided(without_the_last_index(wide)));
    }

    #[test]
    fn the_integers_and_the_kernel_agree_at_the_limits(request in boundary()) {
        let (narrow, wide) = (judge(&request), judge(&with_a_stride_beyond_64_bits(&request)));
        let (narrow, wide) = (decided(narrow), decided(without_the_last_index(wide)));
        match (narrow, wide) {
            // One search may get further than the other within the same budget.
            (Verdict::Accepted(a), Verdict::Accepted(b))
                if a.unique == Uniqueness::Undecided || b.unique == Uniqueness::Undecided =>
            {
                prop_assert_eq!((a.extent, a.required_len), (b.extent, b.required_len));
            }
            (Verdict::Rejected(a), b) if a.reason == Reason::Undecided => {
                let undecided = matches!(&b, Verdict::Rejected(b) if matches!(b.reason, Reason::Undecided | Reason::Aliased { .. }));
                prop_assert!(undecided || b.is_accepted());
            }
            (a, Verdict::Rejected(b)) if b.reason == Reason::Undecided => {
                let aliased = matches!(&a, Verdict::Rejected(a) if matches!(a.reason, Reason::Aliased { .. }));
                prop_assert!(aliased || a.is_accepted());
            }
            (a, b) => prop_assert_eq!(a, b),
        }
    }

    #[test]
    fn a_magnified_view_gets_a_magnified_verdict(request in small()) {
        let request = Request { unit: Unit::Bytes, ..request };
        let (one, other) = (decided(judge(&request)), decided(judge(&magnified(&request))));
        let scale = |number: &Int| Int::from(number.to_big() << 80);
        match (one, other) {
            (Verdict::Accepted(a), Verdict::Accepted(b)) => {
                prop_assert_eq!((a.count, a.contiguous, &a.unique), (b.count, b.contiguous, &b.unique));
                prop_assert_eq!(a.extent.map(|(l, h)| (scale(&l), scale(&h))), b.extent);
                prop_assert_eq!(scale(&a.required_len), b.required_len);
                prop_assert_eq!(scale(&a.nominal_bytes), b.nominal_bytes);
            }
            (Verdict::Rejected(a), Verdict::Rejected(b)) => {
                prop_assert_eq!((a.axis, a.index, a.reason.code()), (b.axis, b.index, b.reason.code()));
                prop_assert_eq!(a.required_len.as_ref().map(scale), b.required_len);
                prop_assert_eq!(a.address.as_ref().map(scale), b.address);
            }
            (a, b) => prop_assert!(false, "{a:?}\n{b:?}"),
        }
    }
}

/// Every index of a small view, by plain enumeration: the addresses in units.
fn addresses(request: &Request) -> Vec<i128> {
    let number = |number: &Int| number.to_string().parse::<i128>().unwrap();
    let mut addresses = vec![number(&request.offset)];
    for (extent, stride) in request.shape.iter().zip(request.strides_or_row_major()) {
        let stride = number(&stride);
        addresses = addresses
            .into_iter()
            .flat_map(|address| (0..number(extent)).map(move |index| address + index * stride))
            .collect();
    }
    addresses
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    #[test]
    fn verdicts_are_those_of_plain_enumeration(request in small()) {
        let verdict = judge(&request);
        let negative = |numbers: &[Int]| numbers.iter().any(Int::is_negative);
        let numbers = [&request.itemsize, &request.offset, &request.buffer_len];
        if negative(&request.shape) || numbers.iter().any(|number| number.is_negative()) {
            prop_assert!(!verdict.is_accepted());
            return Ok(());
        }
        let number = |number: &Int| number.to_string().parse::<i128>().unwrap();
        let (len, item, offset) =
            (number(&request.buffer_len), number(request.item()), number(&request.offset));
        let addresses = addresses(&request);
        let inside = if addresses.is_empty() {
            offset <= len
        } else {
            addresses.iter().all(|&address| 0 <= address && address + item <= len)
        };
        let mut units: Vec<i128> = addresses.iter().flat_map(|&at| at..at + item).collect();
        let nominal = units.len();
        units.sort_unstable();
        units.dedup();
        let unique = units.len() == nominal;
        let accepted = inside && (unique || request.mode == Mode::ReadOnly);
        prop_assert_eq!(verdict.is_accepted(), accepted, "{:?}", verdict);
        if let Verdict::Accepted(accepted) = verdict {
            prop_assert_eq!(accepted.count, addresses.len());
            prop_assert_eq!(accepted.unique == Uniqueness::Unique, unique);
            let ends = addresses.iter().min().zip(addresses.iter().max());
            prop_assert_eq!(accepted.extent, ends.map(|(&low, &high)| (int(low), int(high))));
            if let Some(bytes) = accepted.real_bytes {
                let scale = if request.unit == Unit::Bytes { 1 } else { number(&request.itemsize) };
                prop_assert_eq!(number(&bytes), i128::try_from(units.len()).unwrap() * scale);
            }
        }
    }
}

/// Says all that can be said of a request.
fn show(request: &Request) {
    let verdict = judge(request);
    let text = match &verdict {
        Verdict::Accepted(accepted) => human::accepted(request, accepted),
        Verdict::Rejected(rejection) => human::rejected(request, rejection),
    };
    assert!(text.lines().count() < 70, "{text}");
    let Some(picture) = Picture::new(request, &verdict) else { return };
    assert!(picture.rows.len() < 40);
    let svg = svg::draw(request, &verdict, &picture);
    for tag in ["text", "style", "title"] {
        let opened = svg.matches(&format!("<{tag}")).count();
        assert_eq!(opened, svg.matches(&format!("</{tag}>")).count());
    }
    assert!(svg.is_ascii() && svg.len() < 100_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_verdict_can_be_shown(a in small(), b in boundary()) {
        for request in [&a, &b, &magnified(&a), &with_a_stride_beyond_64_bits(&b)] {
            show(request);
            show(&Request { as_elements: true, align: Some(int(4)), ..request.clone() });
        }
    }
}

#[test]
fn views_of_many_axes_are_shown_in_short() {
    let many = |number: i128| vec![int(number); 2000];
    show(&Request { shape: many(1), strides: Some(many(1 << 70)), ..Request::default() });
    show(&Request { shape: many(2), strides: Some(many(0)), ..Request::default() });
    show(&Request { shape: many(-2), strides: Some(many(0)), ..Request::default() });
    let mut shape = many(1);
    shape.splice(900..962, vec![int(2); 62]);
    let strides = Some(vec![int(3); 2000]);
    show(&Request { shape, strides, buffer_len: int(1 << 70), ..Request::default() });
}

/// Formatting to a width of more than 65535 characters would panic.
#[test]
fn numbers_of_any_length_are_shown() {
    for digits in [1000, 1300, 70_000] {
        let long = Int::parse("7".repeat(digits).as_bytes()).unwrap();
        show(&Request {
            shape: vec![int(2), int(3)],
            strides: Some(vec![long.clone(), int(1)]),
            buffer_len: int(5),
            ..Request::default()
        });
        show(&Request { offset: long.clone(), buffer_len: long, ..Request::default() });
    }
}

/// Long enough for a picture to take seconds, were every cell to count its items on its own.
#[test]
fn a_picture_gives_up_counting_in_time() {
    let numbers = |numbers: &[i128]| numbers.iter().map(|&number| int(number)).collect();
    let request = Request {
        shape: numbers(&[1_048_577, 3, 5, 4, 1, 2049]),
        strides: Some(numbers(&[
            -933_747_200_996,
            4,
            72_057_594_037_927_937,
            -5,
            -8_388_608,
            770_062_609_242_289,
        ])),
        offset: int(979_104_905_031_581_719),
        buffer_len: int(2_844_423_504_911_501_347),
        ..Request::default()
    };
    for _ in 0..100 {
        assert!(Picture::new(&request, &judge(&request)).is_some());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Strides `a * 2^70 + b` bring two indices together exactly if both parts do.
    #[test]
    fn uniqueness_is_decided_for_strides_beyond_64_bits(
        axes in prop::collection::vec((1usize..5, 0i32..4, -3i32..4), 0..4),
    ) {
        let mut parts = vec![(0i32, 0i32)];
        for &(extent, a, b) in &axes {
            let steps = 0..i32::try_from(extent).unwrap();
            parts = parts
                .into_iter()
                .flat_map(|(x, y)| steps.clone().map(move |i| (x + i * a, y + i * b)))
                .collect();
        }
        let count = parts.len();
        parts.sort_unstable();
        parts.dedup();
        let stride = |a: i32, b: i32| Int::from((BigInt::from(a) << 70) + b);
        let request = Request {
            shape: axes.iter().map(|axis| Int::from(axis.0)).collect(),
            strides: Some(axes.iter().map(|axis| stride(axis.1, axis.2)).collect()),
            offset: int(1000),
            buffer_len: Int::from(BigInt::from(1) << 90),
            ..Request::default()
        };
        let Verdict::Accepted(accepted) = judge(&request) else { unreachable!() };
        match accepted.unique {
            Uniqueness::Unique => prop_assert_eq!(parts.len(), count),
            Uniqueness::Undecided => prop_assert!(false, "small views are decided"),
            Uniqueness::Aliased { first, second } => {
                prop_assert_ne!(&first, &second);
                let address = |index: &[usize]| -> BigInt {
                    let strides = axes.iter().map(|axis| stride(axis.1, axis.2).to_big());
                    index.iter().zip(strides).map(|(&i, stride)| stride * i).sum()
                };
                prop_assert_eq!(address(&first), address(&second));
                for (axis, (&i, &j)) in axes.iter().zip(first.iter().zip(&second)) {
                    prop_assert!(i < axis.0 && j < axis.0);
                }
            }
        }
    }
}
