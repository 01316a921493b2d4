//! Conversions from bytes to elements, and steps of slices, with planted faults, next to the
//! crate's own.

use strideproof::{Error, Layout};

use crate::kernel::{signed, unsigned};
use crate::oracle::{Request, Truth};

/// Strides and offset in elements, or `None` for a refusal.
pub(crate) type Elements = Option<(Vec<isize>, usize)>;

pub(crate) type Conversion = fn(&Request<'_>) -> Elements;

pub(crate) const FAULTS: [(&str, Conversion); 5] = [
    ("M29 unsigned division", m29_unsigned_division),
    ("C01 strides truncated", |request| convert(request, Fault::StridesTruncated)),
    ("C02 offset truncated", |request| convert(request, Fault::OffsetTruncated)),
    ("C03 unit axes followed", |request| convert(request, Fault::UnitAxesFollowed)),
    ("C04 bounds forgotten", |request| convert(request, Fault::BoundsForgotten)),
];

/// The crate, at rank 1 and 2.
pub(crate) fn the_crate(request: &Request<'_>) -> Elements {
    fn at<const N: usize>(request: &Request<'_>) -> Elements {
        let shape: [usize; N] = request.shape.try_into().unwrap();
        let strides: [isize; N] = request.strides.try_into().unwrap();
        match Layout::from_bytes(shape, strides, request.offset, request.len, request.item) {
            Ok(layout) => Some((layout.strides().to_vec(), layout.offset())),
            Err(
                Error::NotItemMultiple { .. }
                | Error::PastEnd { .. }
                | Error::BeforeStart { .. }
                | Error::OffsetPastEnd { .. }
                | Error::TooManyElements { .. },
            ) => None,
            Err(other) => panic!("{other}"),
        }
    }
    if request.shape.len() == 1 { at::<1>(request) } else { at::<2>(request) }
}

/// Compares with division over wide integers. Strides that nobody follows may become anything.
pub(crate) fn judge(request: &Request<'_>, elements: &Elements) -> Result<(), String> {
    let &Request { shape, strides, offset, len, item, .. } = request;
    let truth = Truth::by_corners(shape, strides, offset);
    let whole = |value: i128| match item {
        0 => value == 0,
        item => value % item as i128 == 0,
    };
    let followed = |axis: usize| shape[axis] > 1 && !shape.contains(&0);
    let exact = whole(offset as i128)
        && (0..shape.len()).all(|axis| !followed(axis) || whole(strides[axis] as i128));
    let right = match elements {
        None => !(truth.accepts(offset, len, item) && exact),
        Some((elements, start)) => {
            truth.accepts(offset, len, item)
                && exact
                && *start as i128 * item as i128 == offset as i128
                && (0..shape.len()).all(|axis| {
                    let bytes = elements[axis] as i128 * item as i128;
                    !followed(axis) || bytes == strides[axis] as i128
                })
        }
    };
    if right { Ok(()) } else { Err(format!("{request:?}: {elements:?}")) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    StridesTruncated,
    OffsetTruncated,
    UnitAxesFollowed,
    BoundsForgotten,
}

fn convert(request: &Request<'_>, fault: Fault) -> Elements {
    let &Request { shape, strides, offset, len, item, .. } = request;
    let truth = Truth::by_corners(shape, strides, offset);
    if !truth.accepts(offset, len, item) && fault != Fault::BoundsForgotten {
        return None;
    }
    let size = isize::try_from(item).ok()?;
    let mut elements = vec![0; shape.len()];
    for (axis, element) in elements.iter_mut().enumerate() {
        let followed = (shape[axis] > 1 && !shape.contains(&0)) || fault == Fault::UnitAxesFollowed;
        let whole = strides[axis].checked_rem(size).map_or(strides[axis] == 0, |rest| rest == 0);
        if !whole && followed && fault != Fault::StridesTruncated {
            return None;
        }
        *element = strides[axis].checked_div(size).unwrap_or(0);
    }
    let whole = offset.checked_rem(item).map_or(offset == 0, |rest| rest == 0);
    (whole || fault == Fault::OffsetTruncated)
        .then(|| (elements, offset.checked_div(item).unwrap_or(0)))
}

fn m29_unsigned_division(request: &Request<'_>) -> Elements {
    let (elements, offset) = convert(request, Fault::StridesTruncated)?;
    let strides = request.strides.iter().zip(elements).map(|(&stride, right)| {
        // The itemsize is unsigned, and so becomes the stride.
        unsigned(stride).checked_div(request.item).map_or(right, signed)
    });
    Some((strides.collect(), offset))
}
