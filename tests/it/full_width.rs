//! Random requests over the whole range of the integers, against the oracle.

mod generate;

use generate::{boundary, config, in_bytes, in_elements, index_of};
use oracle::{MAX_COUNT, Truth, address, judge};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use strideproof::{Error, Layout, check_alignment, check_bytes, check_span};
use strideproof_testkit::request::RequestBuf;
use strideproof_testkit::{oracle, subject};

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn a_layout_is_accepted_exactly_when_every_index_is_inside(owned in in_elements()) {
        let request = owned.request();
        let answer = subject::elements(&request);
        prop_assert_eq!(judge(&request, owned.truth(), &answer), Ok(()), "{:?}", answer);
    }

    #[test]
    fn a_view_in_bytes_is_accepted_exactly_when_every_item_is_inside(owned in in_bytes()) {
        let request = owned.request();
        let answer = subject::bytes(&request);
        prop_assert_eq!(judge(&request, owned.truth(), &answer), Ok(()), "{:?}", answer);
    }

    #[test]
    fn the_address_of_an_index_is_the_sum(
        owned in in_elements(),
        choices in prop::collection::vec(any::<(u8, usize)>(), 6),
    ) {
        match owned.shape.len() {
            0 => at_index::<0>(&owned, &choices)?,
            1 => at_index::<1>(&owned, &choices)?,
            2 => at_index::<2>(&owned, &choices)?,
            3 => at_index::<3>(&owned, &choices)?,
            4 => at_index::<4>(&owned, &choices)?,
            5 => at_index::<5>(&owned, &choices)?,
            _ => at_index::<6>(&owned, &choices)?,
        }
    }

    #[test]
    fn a_span_is_the_reach_if_isize_holds_it(owned in in_bytes()) {
        span(&owned)?;
    }

    #[test]
    fn bytes_and_elements_agree_where_both_apply(
        owned in in_bytes(),
        whole in any::<bool>(),
        nudge in 0usize..3,
    ) {
        let owned = if whole { in_whole_items(owned, nudge) } else { owned };
        match owned.shape.len() {
            _ if owned.shape.len() != owned.strides.len() => {}
            0 => conversion::<0>(&owned)?,
            1 => conversion::<1>(&owned)?,
            2 => conversion::<2>(&owned)?,
            3 => conversion::<3>(&owned)?,
            4 => conversion::<4>(&owned)?,
            5 => conversion::<5>(&owned)?,
            _ => conversion::<6>(&owned)?,
        }
    }

    #[test]
    fn alignment_is_that_of_every_reachable_address(
        owned in in_bytes(),
        base in boundary(),
        log2 in 0u32..64,
        rounded in any::<bool>(),
    ) {
        alignment(&owned, base, 1 << log2, rounded)?;
    }

    #[test]
    fn an_alignment_is_a_power_of_two(align in boundary()) {
        let refused = check_alignment(&[], &[], 0, 0, align) == Err(Error::BadAlignment { align: i128::try_from(align).unwrap() });
        prop_assert_eq!(refused, align.count_ones() != 1);
    }
}

fn at_index<const N: usize>(
    owned: &RequestBuf,
    choices: &[(u8, usize)],
) -> Result<(), TestCaseError> {
    let Some(Ok(layout)) = subject::new_layout::<N>(&owned.request()) else { return Ok(()) };
    // One component at a time is made invalid; in an empty view there is no valid index at all.
    if !owned.shape.contains(&0) {
        let index: [usize; N] = index_of(&owned.shape, choices).try_into().unwrap();
        let expected = address(&owned.strides, owned.offset, &index);
        prop_assert_eq!(layout.address(index).map(|at| at as i128), Some(expected), "{:?}", index);
        for axis in 0..N {
            for beyond in [owned.shape[axis], usize::MAX] {
                let mut index = index;
                index[axis] = beyond;
                prop_assert_eq!(layout.address(index), None, "{:?}", index);
            }
        }
    } else {
        let index = std::array::from_fn(|axis| owned.shape[axis].saturating_sub(1));
        prop_assert_eq!(layout.address(index), None, "{:?}", index);
    }
    Ok(())
}

fn span(owned: &RequestBuf) -> Result<(), TestCaseError> {
    let (shape, strides) = (&owned.shape[..], &owned.strides[..]);
    let span = check_span(shape, strides);
    let representable = |axes: usize| match Truth::by_corners(&shape[..axes], &strides[..axes], 0) {
        Truth::View { lowest, highest, .. } => {
            isize::try_from(lowest).is_ok() && isize::try_from(highest).is_ok()
        }
        _ => false,
    };
    match Truth::by_corners(shape, strides, 0) {
        Truth::Rank => {
            let expected = Error::RankMismatch { shape: shape.len(), strides: strides.len() };
            prop_assert_eq!(span, Err(expected));
        }
        Truth::Empty => {
            let span = span.unwrap();
            prop_assert_eq!((span.count, span.lowest, span.highest), (0, 0, 0));
        }
        Truth::TooMany { axis } => prop_assert_eq!(span, Err(Error::TooManyElements { axis })),
        Truth::View { count, lowest, highest } => match span {
            Ok(span) => {
                prop_assert_eq!(span.count as u128, count);
                prop_assert_eq!((span.lowest as i128, span.highest as i128), (lowest, highest));
            }
            Err(Error::NotRepresentable { axis }) => {
                prop_assert!(!representable(shape.len()) && axis < shape.len());
                prop_assert!(representable(axis) && !representable(axis + 1), "axis {}", axis);
            }
            Err(other) => prop_assert!(false, "{other:?}"),
        },
    }
    Ok(())
}

/// The request with its numbers in whole items, so that conversion has something to convert; a
/// nudge takes offset or length out of step again.
fn in_whole_items(mut owned: RequestBuf, nudge: usize) -> RequestBuf {
    let item = owned.item.clamp(1, 16);
    let signed = isize::try_from(item).unwrap();
    for stride in &mut owned.strides {
        *stride = stride.saturating_div(signed).saturating_mul(signed);
    }
    owned.offset = owned.offset / item * item;
    match nudge {
        0 => {}
        1 => owned.len = owned.len.saturating_add(item / 2),
        _ => owned.offset = owned.offset.saturating_add(item / 2),
    }
    RequestBuf { item, ..owned }
}

fn conversion<const N: usize>(owned: &RequestBuf) -> Result<(), TestCaseError> {
    let &RequestBuf { ref shape, ref strides, offset, len, item } = owned;
    let (shape, strides): ([usize; N], [isize; N]) =
        (shape[..].try_into().unwrap(), strides[..].try_into().unwrap());
    let in_bytes = check_bytes(&shape, &strides, offset, len, item);
    let converted = Layout::from_bytes(shape, strides, offset, len, item);
    let whole = |value: i128| if item == 0 { value == 0 } else { value % item as i128 == 0 };
    let empty = shape.contains(&0);
    let followed = |axis: usize| !empty && shape[axis] > 1;
    let exact =
        whole(offset as i128) && (0..N).all(|axis| !followed(axis) || whole(strides[axis] as i128));
    match (in_bytes, converted) {
        (Err(expected), Err(error)) => prop_assert_eq!(error, expected),
        (Ok(_), Err(Error::NotItemMultiple { .. })) => prop_assert!(!exact),
        (Ok(extent), Ok(layout)) => {
            prop_assert!(exact);
            let item = item as i128;
            prop_assert_eq!(layout.offset() as i128 * item, offset as i128);
            prop_assert_eq!(layout.len(), extent.count);
            for axis in (0..N).filter(|&axis| followed(axis)) {
                prop_assert_eq!(layout.strides()[axis] as i128 * item, strides[axis] as i128);
            }
            if let Some((lowest, highest)) = layout.extent() {
                let bytes = (lowest as i128 * item, highest as i128 * item);
                prop_assert_eq!(bytes, (extent.lowest as i128, extent.highest as i128));
                let required = layout.required_len() as i128 * item;
                prop_assert_eq!(required, extent.required_len as i128);
            }
        }
        (bytes, layout) => prop_assert!(false, "{bytes:?} in bytes, {layout:?} in elements"),
    }
    Ok(())
}

fn alignment(
    owned: &RequestBuf,
    base: usize,
    align: usize,
    rounded: bool,
) -> Result<(), TestCaseError> {
    let mut owned = owned.clone();
    let mut base = base;
    if rounded {
        // Else an alignment of more than a few bytes is never met.
        let signed = isize::try_from(align).unwrap_or(isize::MAX);
        base = base / align * align;
        owned.offset = owned.offset / align * align;
        for stride in &mut owned.strides {
            *stride = stride.saturating_div(signed).saturating_mul(signed);
        }
    }
    let (shape, strides) = (&owned.shape[..], &owned.strides[..]);
    let answer = check_alignment(shape, strides, owned.offset, base, align);
    if shape.len() != strides.len() {
        let expected = Error::RankMismatch { shape: shape.len(), strides: strides.len() };
        prop_assert_eq!(answer, Err(expected));
        return Ok(());
    }
    // Every reachable address is aligned iff the first one is and so is each one a step away.
    let origin = base as i128 + owned.offset as i128;
    let off = |address: i128| address.rem_euclid(align as i128) != 0;
    let empty = shape.contains(&0);
    let first_off = (!empty && off(origin)).then_some(None);
    let axis_off = (0..shape.len())
        .find(|&axis| !empty && shape[axis] > 1 && off(origin + strides[axis] as i128));
    match (first_off.or(axis_off.map(Some)), answer) {
        (None, Ok(())) => {}
        (Some(expected), Err(Error::Misaligned { axis, excess, align: named })) => {
            prop_assert_eq!((axis, named), (expected, align));
            let moved = axis.map_or(origin, |axis| strides[axis].unsigned_abs() as i128);
            prop_assert_eq!(moved.rem_euclid(align as i128), excess as i128);
        }
        (expected, answer) => prop_assert!(false, "{expected:?}, but {answer:?}"),
    }
    Ok(())
}

#[test]
fn alignment_of_small_views_is_that_of_every_address() {
    let mut aligned = 0;
    for shape in [[0, 2], [1, 3], [2, 2], [3, 1]] {
        for (a, b) in (-5..6).flat_map(|a| (-5..6).map(move |b| (a, b))) {
            for (offset, base) in (0..5).flat_map(|offset| (0..5).map(move |base| (offset, base))) {
                for align in [1, 2, 4] {
                    let all = oracle::addresses(&shape, &[a, b], offset);
                    let expected = all.iter().all(|at| (at + base as i128) % align as i128 == 0);
                    let answer = check_alignment(&shape, &[a, b], offset, base, align);
                    assert_eq!(
                        answer.is_ok(),
                        expected,
                        "{shape:?} {a} {b} {offset} {base} {align}"
                    );
                    aligned += u32::from(expected);
                }
            }
        }
    }
    assert!(aligned > 1000);
}

/// The first requests of a strategy, the same ones in each run.
fn sample(strategy: &impl Strategy<Value = RequestBuf>) -> Vec<RequestBuf> {
    let mut runner = TestRunner::deterministic();
    (0..3000).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// How many of them have a property.
fn share(sample: &[RequestBuf], property: impl Fn(&RequestBuf) -> bool) -> f64 {
    let hits = sample.iter().filter(|owned| property(owned)).count();
    f64::from(u32::try_from(hits).unwrap()) / 3000.0
}

#[test]
fn the_random_requests_are_where_the_boundary_is() {
    type Property = fn(&RequestBuf) -> bool;
    let wanted: [(&str, f64, Property); 11] = [
        ("is accepted", 0.33, RequestBuf::accepted),
        ("fails by one", 0.33, RequestBuf::is_refused_for_one),
        ("has rank 0", 0.05, |owned| owned.shape.is_empty()),
        ("has rank 6", 0.10, |owned| owned.shape.len() == 6),
        ("is empty", 0.03, |owned| owned.shape.contains(&0)),
        ("has an axis of size 1", 0.2, |owned| owned.shape.contains(&1)),
        ("steps backwards", 0.4, |owned| owned.strides.iter().any(|&stride| stride < 0)),
        ("repeats elements", 0.05, |owned| owned.strides.contains(&0)),
        ("ends beyond 32 bits", 0.4, |owned| owned.len > 1 << 32),
        ("ends beyond 63 bits", 0.02, |owned| owned.len > 1 << 63),
        ("is accepted, wide and of several axes", 0.1, |owned| {
            owned.accepted() && owned.shape.len() > 1 && owned.len > 1 << 32
        }),
    ];
    let (elements, bytes) = (sample(&in_elements()), sample(&in_bytes()));
    for (what, least, property) in wanted {
        let (elements, bytes) = (share(&elements, property), share(&bytes, property));
        println!("{what:<38} {elements:.3} {bytes:.3}");
        assert!(elements >= least && bytes >= least, "{what}: {elements} {bytes} < {least}");
    }
    let too_many = share(&elements, |owned| {
        owned.shape.iter().fold(1, |count: u128, &e| count.saturating_mul(e as u128)) > MAX_COUNT
    });
    assert!((0.005..0.2).contains(&too_many), "{too_many} have too many elements");
}
