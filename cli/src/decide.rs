//! The decision: the library is asked about a resolved request, in the order that follows.
//!
//! Whether the view stays in the buffer; then the conversion to elements, the alignment, and last
//! whether two indices share memory.

use strideproof::overlap::{Budget, Uniqueness, is_unique_dyn};
use strideproof::{
    Error, Index, LayoutDyn, Operand, Unit, check_alignment, check_bytes, check_elements,
    check_span, distinct_units,
};

use crate::derive::smallest_len;
use crate::number::Number;
use crate::request::{Mode, Request, Resolved, signed, signed_stride, wide};
use crate::verdict::{Accepted, Rejection, Span, Verdict};

/// Decides a request; also returns it in 64 bits, where it has a form that fits.
///
/// Never panics, whatever the numbers, and takes time that is linear in the rank, apart from the
/// search for two indices that share memory, which has a budget, and the count of distinct bytes,
/// which is bounded by [`distinct_units`].
#[must_use]
pub fn judge(request: &Request) -> (Verdict, Option<Resolved>) {
    match request.resolve() {
        Ok(view) => (judge_resolved(&view), Some(view)),
        Err(error) => (Verdict::Rejected(error.into()), None),
    }
}

/// [`judge`] for a resolved request.
#[must_use]
pub fn judge_resolved(view: &Resolved) -> Verdict {
    match accept(view) {
        Ok(accepted) => Verdict::Accepted(accepted),
        Err(rejection) => Verdict::Rejected(rejection),
    }
}

/// Decides a view of which no buffer is known: whether its reach can be represented, and every further
/// demand. Where it lies before the start at its offset, it is judged at one that is so many whole items
/// and alignments larger that it does not.
///
/// # Errors
/// [`Rejection`].
pub fn span(view: &Resolved) -> Result<Span, Rejection> {
    check_span(&view.shape, &view.strides)?;
    let below = if view.is_empty() { 0 } else { view.reaches().0 };
    let align = view.align.and_then(|align| usize::try_from(align).ok()).unwrap_or(1);
    let whole = signed(view.itemsize.max(1)).saturating_mul(signed(align.max(1)));
    let missing = below.saturating_sub(signed(view.offset)).max(0);
    let room = missing.saturating_add(whole - 1).div_euclid(whole).saturating_mul(whole);
    let offset = signed(view.offset).saturating_add(room);
    let moved = Resolved {
        offset: usize::try_from(offset)
            .map_err(|_| Number::from(offset).too_large(Operand::Offset))?,
        ..view.clone()
    };
    let moved = Resolved { len: smallest_len(&moved), ..moved };
    let accepted = accept(&moved).map_err(|rejection| Rejection {
        address: rejection.address.map(|address| address.saturating_sub(room)),
        ..rejection
    })?;
    Ok(Span { accepted, room, required_offset: below })
}

fn accept(view: &Resolved) -> Result<Accepted, Rejection> {
    let Resolved { shape, strides, offset, len, itemsize, .. } = view;
    let extent = match view.unit {
        Unit::Elements => check_elements(shape, strides, *offset, *len),
        Unit::Bytes => check_bytes(shape, strides, *offset, *len, *itemsize),
    };
    let extent = extent.map_err(|error| Rejection::of_view(error, view))?;
    if view.as_elements && view.unit == Unit::Bytes {
        LayoutDyn::from_bytes(&shape[..], &strides[..], *offset, *len, *itemsize)?;
    }
    align(view)?;
    let item = view.item();
    let unique = is_unique_dyn(shape, strides, item, Budget::steps(view.budget))
        .unwrap_or(Uniqueness::Undecided); // shape and strides have the same length
    if view.mode == Mode::Mutable {
        match &unique {
            Uniqueness::Unique => {}
            Uniqueness::Aliased { first, second } => {
                let error = Error::Aliased { first: Index::new(first), second: Index::new(second) };
                return Err(Rejection {
                    address: Some(view.address(first)),
                    index: Some(first.clone()),
                    second: Some(second.clone()),
                    ..error.into()
                });
            }
            _ => return Err(Error::Undecided.into()),
        }
    }
    let distinct = match unique {
        Uniqueness::Unique => Some(wide(extent.count) * wide(item)),
        _ => distinct_units(shape, strides, item)?,
    };
    let unit_bytes = if view.unit == Unit::Bytes { 1 } else { wide(*itemsize) };
    Ok(Accepted {
        count: extent.count,
        extent: (extent.count > 0).then_some((extent.lowest, extent.highest)),
        required_len: extent.required_len,
        unique,
        contiguous: is_contiguous(view),
        nominal_bytes: wide(extent.count) * wide(*itemsize),
        distinct_bytes: distinct.and_then(|units| units.checked_mul(unit_bytes)),
    })
}

/// Whether the items of an accepted view lie in row-major order without gaps; an empty view does.
fn is_contiguous(view: &Resolved) -> bool {
    let mut axes = view.shape.iter().zip(&view.strides).rev();
    let mut packed = signed(view.item());
    view.is_empty()
        || axes.all(|(&size, &stride)| {
            let continues = size == 1 || signed_stride(stride) == packed;
            packed = packed.saturating_mul(signed(size));
            continues
        })
}

/// Checks the alignment of a view that stays in its buffer.
fn align(view: &Resolved) -> Result<(), Rejection> {
    let Some(align) = view.align else { return Ok(()) };
    let Some(modulus) = usize::try_from(align).ok().filter(|align| align.is_power_of_two()) else {
        return Err(Error::BadAlignment { align }.into());
    };
    // Only the remainders matter, and those of a product that wraps are right: the alignment
    // divides 2^64.
    let scale = if view.unit == Unit::Bytes { 1 } else { view.itemsize };
    let excess = |number: usize| number.wrapping_mul(scale) & modulus.wrapping_sub(1);
    let strides: Vec<isize> = view
        .strides
        .iter()
        .map(|stride| isize::try_from(excess(stride.unsigned_abs())).unwrap_or(0))
        .collect();
    check_alignment(&view.shape, &strides, excess(view.offset), view.base_address, modulus).map_err(
        |error| {
            let mut index = vec![0; view.shape.len()];
            if let Some(cell) = error.axis().and_then(|axis| index.get_mut(axis)) {
                *cell = 1;
            }
            Rejection { address: Some(view.address(&index)), index: Some(index), ..error.into() }
        },
    )
}
