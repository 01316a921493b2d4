//! Verdicts against plain enumeration, and everything that is shown of a view.

use proptest::prelude::*;
use strideproof::Unit;
use strideproof::overlap::Uniqueness;
use strideproof_cli::decide::judge;
use strideproof_cli::human;
use strideproof_cli::number::Number;
use strideproof_cli::picture::Picture;
use strideproof_cli::request::{Mode, Request};
use strideproof_cli::svg;
use strideproof_cli::verdict::Verdict;

/// A request in plain numbers, for the enumeration.
#[derive(Clone, Debug)]
struct Plain {
    bytes: bool,
    mutable: bool,
    itemsize: i128,
    len: i128,
    offset: i128,
    shape: Vec<i128>,
    strides: Option<Vec<i128>>,
}

fn numbers(numbers: &[i128]) -> Vec<Number> {
    numbers.iter().map(|&number| number.into()).collect()
}

impl Plain {
    fn request(&self) -> Request {
        Request {
            unit: if self.bytes { Unit::Bytes } else { Unit::Elements },
            itemsize: self.itemsize.into(),
            buffer_len: self.len.into(),
            offset: self.offset.into(),
            shape: numbers(&self.shape),
            strides: self.strides.as_deref().map(numbers),
            mode: if self.mutable { Mode::Mutable } else { Mode::ReadOnly },
            budget: 10_000,
            ..Request::default()
        }
    }

    fn item(&self) -> i128 {
        if self.bytes { self.itemsize } else { 1 }
    }

    /// The address of every index.
    fn addresses(&self) -> Vec<i128> {
        let mut addresses = vec![self.offset];
        let mut packed = Vec::new();
        let mut step = self.item();
        for &size in self.shape.iter().rev() {
            packed.insert(0, step);
            step *= size.max(1);
        }
        for (&size, stride) in self.shape.iter().zip(self.strides.as_ref().unwrap_or(&packed)) {
            addresses = addresses
                .into_iter()
                .flat_map(|address| (0..size).map(move |index| address + index * stride))
                .collect();
        }
        addresses
    }
}

fn small() -> impl Strategy<Value = Plain> {
    let axis = (prop_oneof![8 => 1i128..6, 1 => Just(0), 1 => -2i128..0], -9i128..10);
    let numbers = (-1i128..40, -1i128..70, -1i128..5);
    (prop::collection::vec(axis, 0..5), numbers, any::<[bool; 3]>()).prop_map(
        |(axes, (offset, len, itemsize), [bytes, mutable, packed])| Plain {
            bytes,
            mutable,
            itemsize,
            len,
            offset,
            shape: axes.iter().map(|axis| axis.0).collect(),
            strides: (!packed).then(|| axes.iter().map(|axis| axis.1).collect()),
        },
    )
}

/// Numbers around the limits of 32 and 64 bits.
fn boundary() -> impl Strategy<Value = Plain> {
    let near = |at: i128| (-2i128..3).prop_map(move |by| at + by);
    let size = prop_oneof![
        4 => 0i128..5,
        1 => near(1 << 31),
        1 => near(1 << 32),
        1 => near(1 << 63),
    ];
    let stride = prop_oneof![
        3 => -3i128..4,
        1 => near(1 << 31),
        1 => near(1 << 62),
        1 => near(1 << 63),
        1 => near(-(1 << 63)),
    ];
    let length = prop_oneof![0i128..9, near(1 << 62), near(1 << 63), near(1 << 64)];
    let numbers = (length.clone(), length, prop_oneof![Just(1i128), 0i128..9, near(1 << 62)]);
    (prop::collection::vec((size, stride), 0..4), numbers, any::<[bool; 2]>()).prop_map(
        |(axes, (offset, len, itemsize), [bytes, mutable])| Plain {
            bytes,
            mutable,
            itemsize,
            len,
            offset,
            shape: axes.iter().map(|axis| axis.0).collect(),
            strides: Some(axes.iter().map(|axis| axis.1).collect()),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    #[test]
    fn verdicts_are_those_of_plain_enumeration(plain in small()) {
        let (verdict, _) = judge(&plain.request());
        let numbers = [plain.itemsize, plain.offset, plain.len];
        if plain.shape.iter().chain(&numbers).any(|&number| number < 0) {
            prop_assert!(!verdict.is_accepted());
            return Ok(());
        }
        let (item, addresses) = (plain.item(), plain.addresses());
        let inside = if addresses.is_empty() {
            plain.offset <= plain.len
        } else {
            addresses.iter().all(|&address| 0 <= address && address + item <= plain.len)
        };
        let mut units: Vec<i128> = addresses.iter().flat_map(|&at| at..at + item).collect();
        let nominal = units.len();
        units.sort_unstable();
        units.dedup();
        let unique = units.len() == nominal;
        prop_assert_eq!(verdict.is_accepted(), inside && (unique || !plain.mutable));
        if let Verdict::Accepted(accepted) = verdict {
            prop_assert_eq!(accepted.count, addresses.len());
            prop_assert_eq!(accepted.unique == Uniqueness::Unique, unique);
            let ends = addresses.iter().min().zip(addresses.iter().max());
            let extent = accepted.extent.map(|(low, high)| (low.to_string(), high.to_string()));
            prop_assert_eq!(extent, ends.map(|(low, high)| (low.to_string(), high.to_string())));
            let scale = if plain.bytes { 1 } else { plain.itemsize };
            let distinct = i128::try_from(units.len()).unwrap() * scale;
            prop_assert_eq!(accepted.distinct_bytes, u128::try_from(distinct).ok());
            let sorted = addresses.is_sorted_by(|a, b| b - a == item);
            prop_assert!(!accepted.contiguous || item == 0 || sorted);
        }
    }

    #[test]
    fn numbers_beyond_64_bits_are_refused_as_such(plain in boundary()) {
        let (verdict, view) = judge(&plain.request());
        let counts = plain.shape.iter().chain([&plain.itemsize, &plain.len, &plain.offset]);
        let strides = plain.strides.iter().flatten();
        let fits = counts.into_iter().all(|&number| number < 1 << 64)
            && strides.into_iter().all(|stride| (-(1 << 63)..1 << 63).contains(stride));
        prop_assert_eq!(view.is_some(), fits);
        if let Verdict::Rejected(rejection) = verdict {
            prop_assert_eq!(rejection.error.code() == "SP028", !fits);
        }
    }
}

/// Shows all that can be shown of a request, within bounds.
fn show(request: &Request) {
    let (verdict, view) = judge(request);
    let text = match (&verdict, &view) {
        (Verdict::Accepted(accepted), Some(view)) => human::accepted(view, accepted),
        (Verdict::Accepted(_), None) => panic!("accepted without a view"),
        (Verdict::Rejected(rejection), view) => human::rejected(request, view.as_ref(), rejection),
    };
    assert!(text.lines().count() < 70 && text.len() < 10_000, "{text}");
    assert!(text.is_ascii(), "{text}");
    let Some((view, picture)) = view.and_then(|view| {
        let picture = Picture::new(&view, &verdict)?;
        Some((view, picture))
    }) else {
        return;
    };
    assert!(picture.rows.len() < 40);
    let svg = svg::draw(&view, &verdict, &picture);
    for tag in ["text", "style", "title"] {
        let opened = svg.matches(&format!("<{tag}")).count();
        assert_eq!(opened, svg.matches(&format!("</{tag}>")).count());
    }
    assert!(svg.is_ascii() && svg.len() < 100_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_verdict_can_be_shown(a in small(), b in boundary()) {
        for request in [a.request(), b.request()] {
            show(&request);
            show(&Request { as_elements: true, align: Some(4.into()), ..request.clone() });
            show(&Request { align: Some((-4).into()), base_address: 3.into(), ..request });
        }
    }
}

#[test]
fn views_of_many_axes_are_shown_in_short() {
    let many = |number: i128| numbers(&[number; 2000]);
    show(&Request { shape: many(1), strides: Some(many(1 << 62)), ..Request::default() });
    show(&Request { shape: many(2), strides: Some(many(0)), ..Request::default() });
    show(&Request { shape: many(-2), strides: Some(many(0)), ..Request::default() });
    show(&Request { shape: many(1), strides: Some(many(1 << 70)), ..Request::default() });
    let mut shape = many(1);
    shape.splice(900..962, numbers(&[2; 62]));
    let strides = Some(many(3));
    show(&Request { shape, strides, buffer_len: (1i128 << 62).into(), ..Request::default() });
}

/// The reaches of these come near 2^126, on either side or both.
#[test]
fn the_longest_reaches_are_drawn() {
    let (most, least) = (i128::from(i64::MAX), i128::from(i64::MIN));
    for (shape, strides) in [
        (vec![most], vec![least]),
        (vec![most], vec![most]),
        (vec![1 << 31, 1 << 31], vec![least, most]),
        (vec![2, 1 << 61], vec![least, most]),
    ] {
        for offset in [0, u64::MAX] {
            show(&Request {
                shape: numbers(&shape),
                strides: Some(numbers(&strides)),
                offset: offset.into(),
                buffer_len: u64::MAX.into(),
                ..Request::default()
            });
        }
    }
}

/// Long enough for a picture to take seconds, were every cell to count its items on its own.
#[test]
fn a_picture_gives_up_counting_in_time() {
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
        offset: 979_104_905_031_581_719i64.into(),
        buffer_len: 2_844_423_504_911_501_347i64.into(),
        ..Request::default()
    };
    let (verdict, view) = judge(&request);
    let view = view.unwrap();
    for _ in 0..100 {
        assert!(Picture::new(&view, &verdict).is_some());
    }
}

#[test]
fn the_rules_of_alignment_hold_in_elements_too() {
    // Items of 12 bytes, 2 apart: 24 bytes are a multiple of 8, 12 are not.
    let view = |offset: i64, stride: i64| Request {
        itemsize: 12.into(),
        buffer_len: 100.into(),
        offset: offset.into(),
        shape: numbers(&[3]),
        strides: Some(vec![stride.into()]),
        align: Some(8.into()),
        ..Request::default()
    };
    let code = |request: &Request| match judge(request).0 {
        Verdict::Accepted(_) => None,
        Verdict::Rejected(rejection) => Some((rejection.error.to_string(), rejection.address)),
    };
    assert_eq!(code(&view(2, 2)), None);
    assert_eq!(code(&view(96, -4)), None);
    let first = "the first item is 4 bytes past a multiple of 8".to_owned();
    assert_eq!(code(&view(1, 2)), Some((first, Some(1))));
    let stride = "the stride of axis 0 is 4 bytes past a multiple of 8".to_owned();
    assert_eq!(code(&view(10, -3)), Some((stride, Some(7))));
    // A product beyond 64 bits.
    let large = Request { itemsize: (u64::MAX - 3).into(), ..view(2, 2) };
    assert_eq!(code(&large), None);
}
