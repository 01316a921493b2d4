//! The crate, translated into the oracle's terms. Nothing here decides anything.

use strideproof::{Error, Layout, Unit, check_bytes};

use super::oracle::{Answer, Extent, Remedy, Request, Tuple};

/// The crate's byte form, at any rank up to [`MAX_RANK`](super::oracle::MAX_RANK) and any itemsize.
#[must_use]
pub fn bytes(request: &Request<'_>) -> Answer {
    let &Request { shape, strides, offset, len, item, .. } = request;
    match check_bytes(shape, strides, offset, len, item) {
        Ok(extent) => Answer::Accepted(Extent {
            count: extent.count as u128,
            lowest: extent.lowest as i128,
            highest: extent.highest as i128,
            required_len: extent.required_len as i128,
        }),
        Err(error) => translate(&error, request, Unit::Bytes),
    }
}

/// The crate's `Layout::new`, for items of one unit, at ranks up to 6.
///
/// # Panics
/// For other requests, and when the layout does not keep what it was given.
#[must_use]
pub fn elements(request: &Request<'_>) -> Answer {
    assert_eq!(request.item, 1, "an element is one unit");
    match request.shape.len() {
        0 => layout::<0>(request),
        1 => layout::<1>(request),
        2 => layout::<2>(request),
        3 => layout::<3>(request),
        4 => layout::<4>(request),
        5 => layout::<5>(request),
        6 => layout::<6>(request),
        rank => unreachable!("no test asks for rank {rank}"),
    }
}

/// The layout of a request of rank `N`; ranks that disagree cannot be said in the types.
#[must_use]
pub fn new_layout<const N: usize>(request: &Request<'_>) -> Option<Result<Layout<N>, Error>> {
    let (Ok(shape), Ok(strides)) = (request.shape.try_into(), request.strides.try_into()) else {
        return None;
    };
    Some(Layout::<N>::new(shape, strides, request.offset, request.len))
}

fn layout<const N: usize>(request: &Request<'_>) -> Answer {
    match new_layout::<N>(request) {
        None => Answer::Rank,
        Some(Ok(layout)) => {
            let at = layout.offset();
            let (lowest, highest) = layout.extent().unwrap_or((at, at));
            assert_eq!(layout.extent().is_none(), layout.is_empty());
            assert_eq!(
                (&layout.shape()[..], &layout.strides()[..], at, layout.rank()),
                (request.shape, request.strides, request.offset, N),
                "a layout keeps what it was given"
            );
            Answer::Accepted(Extent {
                count: layout.len() as u128,
                lowest: lowest as i128,
                highest: highest as i128,
                required_len: layout.required_len() as i128,
            })
        }
        Some(Err(error)) => translate(&error, request, Unit::Elements),
    }
}

fn translate(error: &Error, request: &Request<'_>, expected: Unit) -> Answer {
    let leaves = |witness: &strideproof::Witness, remedy| {
        assert_eq!(witness.unit, expected);
        let index = witness.index.as_slice().expect("no test goes beyond the inline rank");
        for (axis, (&i, (&extent, &stride))) in
            index.iter().zip(request.shape.iter().zip(request.strides)).enumerate()
        {
            assert_eq!(witness.index_on(axis, extent, stride), i, "index_on agrees with the tuple");
        }
        let index = Tuple::new(index);
        Answer::Leaves { axis: witness.axis, index, address: witness.address, remedy }
    };
    let signed = |value: u128| i128::try_from(value).expect("far below 2^127");
    match error {
        Error::RankMismatch { shape, strides } => {
            assert_eq!((*shape, *strides), (request.shape.len(), request.strides.len()));
            Answer::Rank
        }
        Error::TooManyElements { axis } => Answer::TooMany { axis: *axis },
        Error::OffsetPastEnd { offset, len, unit } => {
            assert_eq!((*offset, *len, *unit), (request.offset, request.len, expected));
            let required = error.required_len().expect("an offset that some length would take");
            Answer::EmptyOffset { required_len: signed(required) }
        }
        Error::PastEnd { witness, len, itemsize, required_len } => {
            assert_eq!((*len, *itemsize), (request.len, request.item));
            assert_eq!(error.required_len(), *required_len);
            leaves(witness, Remedy::Len(required_len.map(signed)))
        }
        Error::BeforeStart { witness, required_offset } => {
            leaves(witness, Remedy::Offset(signed(*required_offset)))
        }
        other => panic!("{other:?} is no answer to {request:?}"),
    }
}
