//! What is shown of extreme views. The fuzz target `cli` compares verdicts and pictures of others with
//! the oracle.

use strideproof_cli::decide::judge;
use strideproof_cli::human;
use strideproof_cli::number::Number;
use strideproof_cli::picture::{Picture, WIDE};
use strideproof_cli::request::Request;
use strideproof_cli::svg;
use strideproof_cli::verdict::Verdict;

fn numbers(numbers: &[i128]) -> Vec<Number> {
    numbers.iter().map(|&number| number.into()).collect()
}

/// Shows all that can be shown of a request, within bounds.
fn show(request: &Request) {
    let (verdict, view) = judge(request);
    let text = match (&verdict, &view) {
        (Verdict::Accepted(accepted), Some(view)) => human::accepted(view, accepted, WIDE),
        (Verdict::Accepted(_), None) => panic!("accepted without a view"),
        (Verdict::Rejected(rejection), view) => {
            human::rejected(request, view.as_ref(), rejection, true, WIDE)
        }
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
