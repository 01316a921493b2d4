//! What is shown of extreme views. The fuzz target `cli` compares verdicts and pictures of others with
//! the oracle.

use strideproof::Unit;
use strideproof_cli::decide::{self, judge};
use strideproof_cli::human;
use strideproof_cli::number::Number;
use strideproof_cli::picture::Picture;
use strideproof_cli::request::{Mode, Request};
use strideproof_cli::verdict::Verdict;

fn numbers(numbers: &[i128]) -> Vec<Number> {
    numbers.iter().map(|&number| number.into()).collect()
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

/// A request in elements or bytes.
fn request(unit: Unit, itemsize: u32, shape: &[i128], strides: &[i128], offset: u32) -> Request {
    Request {
        unit,
        itemsize: itemsize.into(),
        shape: numbers(shape),
        strides: Some(numbers(strides)),
        offset: offset.into(),
        ..Request::default()
    }
}

/// The text without styles.
fn plain(text: &str) -> String {
    let parts = text.split('\u{1b}').enumerate();
    parts.map(|(at, part)| if at == 0 { part } else { part.split_once('m').unwrap().1 }).collect()
}

/// What is underlined by the first line of carets.
fn underlined(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let carets = lines.iter().position(|line| line.contains('^')).unwrap();
    let start = lines[carets].find('^').unwrap();
    let len = lines[carets][start..].bytes().take_while(|&byte| byte == b'^').count();
    lines[carets - 1][start..start + len].to_owned()
}

#[test]
fn carets_stand_below_their_text_at_any_width() {
    let cases = [
        (vec![4, 3], vec![24, 16], "16"),
        (vec![4, 3, 2, 2, 2, 2], vec![24, 16, 1_234_567, 0, 0, 0], "16"),
        (vec![4, 3, 2, 2, 2, 2], vec![0, 0, 1, 2, 1 << 50, 1 << 60], "1152921504606846976"),
    ];
    for (shape, strides, marked) in cases {
        let wide = request(Unit::Bytes, 8, &shape, &strides, 0);
        let asked =
            Request { buffer_len: if marked == "16" { 96 } else { 1u64 << 52 }.into(), ..wide };
        let (Verdict::Rejected(rejection), Some(view)) = judge(&asked) else { panic!("{asked:?}") };
        for width in 44..150 {
            let text = plain(&human::rejected(&asked, Some(&view), &rejection, true, width));
            assert_eq!(underlined(&text), marked, "at {width}: {text}");
            for line in text.lines().filter(|line| {
                let bare = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
                bare.starts_with('|') || line.contains("cell") && !line.contains("left out")
            }) {
                assert!(line.len() <= width, "{} at {width}: {line}", line.len());
                assert!(!line.contains("..."), "something is left out at {width}: {line}");
            }
        }
        // The label goes below where there is no room for it, and stays.
        let text = plain(&human::rejected(&asked, Some(&view), &rejection, true, 50));
        assert!(text.contains("takes index ["), "{text}");
    }
}

/// Two labels stand on one line.
#[test]
fn the_second_label_fits_too() {
    let asked = Request {
        buffer_len: 13.into(),
        ..request(Unit::Elements, 5, &[4, 0, 3, 1], &[1, -12, 1, 0], 14)
    };
    let (Verdict::Rejected(rejection), Some(view)) = judge(&asked) else { panic!("{asked:?}") };
    for width in 44..100 {
        let text = plain(&human::rejected(&asked, Some(&view), &rejection, true, width));
        assert!(text.contains("the buffer ends here") && text.contains("past the end"), "{text}");
        let annotated = text.lines().filter(|line| line.starts_with("  | "));
        annotated.for_each(|line| assert!(line.len() <= width, "at {width}: {text}"));
    }
}

#[test]
fn pictures_fit_the_width() {
    for (len, size, stride) in [(100, 100, 1), (100, 40, 3), (u64::MAX, 3, 1i128 << 62), (7, 0, 1)]
    {
        let asked =
            Request { buffer_len: len.into(), ..request(Unit::Elements, 1, &[size], &[stride], 0) };
        let (verdict, view) = judge(&asked);
        for width in 34..100 {
            let picture = Picture::fitting(view.as_ref().unwrap(), &verdict, width).unwrap();
            for line in plain(&picture.to_text(width)).lines() {
                assert!(line.len() <= width || line.contains("left out"), "at {width}: {line}");
            }
        }
    }
}

/// The span against the addresses of all indices, and demands at an offset where all is in range.
#[test]
fn a_span_is_what_the_addresses_are() {
    let mut seen = 0;
    for (unit, itemsize) in [(Unit::Elements, 1), (Unit::Bytes, 1), (Unit::Bytes, 4)] {
        let item = if unit == Unit::Bytes { i128::from(itemsize) } else { 1 };
        for code in 0..4 * 4 * 7 * 7 * 3 {
            let (a, b, code) = (code % 4, code / 4 % 4, code / 16);
            let (s, t, offset) =
                (code % 7 - 3, code / 7 % 7 - 3, u32::try_from(code / 49 * 2).unwrap());
            let plain = request(unit, itemsize, &[a, b], &[s, t], offset);
            for demand in 0..4 {
                let asked = Request {
                    mode: if demand & 1 == 1 { Mode::Mutable } else { Mode::ReadOnly },
                    as_elements: demand & 2 == 2,
                    align: (demand == 2).then(|| 2.into()),
                    ..plain.clone()
                };
                let found = decide::span(&asked.resolve().unwrap());
                // Far from either end nothing but the demands can refuse it.
                let far = Request {
                    offset: (800 + offset).into(),
                    buffer_len: 2000.into(),
                    ..asked.clone()
                };
                let (expected, found) = match (judge(&far).0, found) {
                    (Verdict::Accepted(expected), Ok(found)) => (expected, found),
                    (Verdict::Rejected(expected), Err(found)) => {
                        assert_eq!(found.error.code(), expected.error.code(), "{asked:?}");
                        assert_eq!(found.index, expected.index, "{asked:?}");
                        let address = expected.address.map(|address| address - 800);
                        assert_eq!(found.address, address, "{asked:?}");
                        continue;
                    }
                    other => panic!("{asked:?}: {other:?}"),
                };
                let moved = |address: usize| i128::try_from(address).unwrap() - 800;
                let extent = expected.extent.map(|(low, high)| (moved(low), moved(high)));
                assert_eq!(found.extent(), extent, "{asked:?}");
                let needs = extent.map_or(0, |(low, _)| (i128::from(offset) - low).max(0));
                assert_eq!(found.required_offset, needs, "{asked:?}");
                let len = match extent {
                    None => Some(i128::from(offset)),
                    Some((low, high)) => (low >= 0).then_some(high + item),
                };
                assert_eq!(
                    found.required_len().map(|len| i128::try_from(len).unwrap()),
                    len,
                    "{asked:?}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 5000, "{seen}");
}
