//! The specification evaluated over the integers, for requests that do not fit 64 bits.
//!
//! A buffer of 2^70 bytes is a number like any other, and a stride of any size is fine on an axis
//! of size 1 or in an empty view. Refusals carry the witness that the kernel would find.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::decide::without_witness;
use crate::int::Int;
use crate::request::Request;
use crate::verdict::{Accepted, Reason, Rejection};
use crate::{occupancy, unique};

/// The address of an index tuple, whatever lies there.
pub(crate) fn address(request: &Request, index: &[usize]) -> Int {
    let strides = request.strides_or_row_major();
    let terms = index.iter().zip(&strides).map(|(&index, stride)| stride.to_big() * index);
    Int::from(terms.fold(request.offset.to_big(), |sum, term| sum + term))
}

/// How far the indices of a shape of at least one index reach below and above the offset.
pub(crate) fn reaches(shape: &[usize], strides: &[Int]) -> (BigInt, BigInt) {
    let (mut below, mut above) = (BigInt::zero(), BigInt::zero());
    for (&extent, stride) in shape.iter().zip(strides) {
        if extent > 1 {
            let reach = stride.to_big().abs() * (extent - 1);
            *(if stride.is_negative() { &mut below } else { &mut above }) += reach;
        }
    }
    (below, above)
}

/// The sizes as machine integers, or the axis with which their product exceeds `isize::MAX`.
///
/// No size may be negative or 0.
pub(crate) fn count(shape: &[Int]) -> Result<(Vec<usize>, usize), usize> {
    let mut extents = Vec::with_capacity(shape.len());
    let mut count = 1usize;
    for (axis, extent) in shape.iter().enumerate() {
        let extent = extent.to_usize().ok_or(axis)?;
        count = count.checked_mul(extent).filter(|&n| isize::try_from(n).is_ok()).ok_or(axis)?;
        extents.push(extent);
    }
    Ok((extents, count))
}

/// Decides a request whose rank agrees and in which nothing is negative that must not be.
pub(crate) fn accept(request: &Request) -> Result<Accepted, Rejection> {
    let (offset, len) = (request.offset.to_big(), request.buffer_len.to_big());
    if request.is_empty() {
        if offset > len {
            return Err(Rejection {
                required_len: Some(request.offset.clone()),
                ..without_witness(Reason::OffsetPastEnd, None)
            });
        }
        return Ok(Accepted {
            count: 0,
            extent: None,
            required_len: request.offset.clone(),
            unique: crate::verdict::Uniqueness::Unique,
            contiguous: true,
            nominal_bytes: Int::ZERO,
            real_bytes: Some(Int::ZERO),
        });
    }
    let (shape, count) = match count(&request.shape) {
        Ok(counted) => counted,
        Err(axis) => return Err(without_witness(Reason::TooManyElements, Some(axis))),
    };
    let strides = request.strides_or_row_major();
    let item = request.item().to_big();
    bounds(&shape, &strides, &offset, &len, &item)?;
    let (below, above) = reaches(&shape, &strides);
    let (lowest, highest) = (&offset - below, offset + above);
    let unique = unique::wide(&shape, &strides, &item, request.budget);
    let real_units = match unique {
        crate::verdict::Uniqueness::Unique => {
            item.to_usize().and_then(|item| occupancy::product(count, item))
        }
        _ => occupancy::wide(&shape, &strides, &item),
    };
    let (nominal_bytes, real_bytes) = occupancy::in_bytes(request, count, real_units);
    Ok(Accepted {
        count,
        extent: Some((Int::from(lowest), Int::from(&highest))),
        required_len: Int::from(highest + &item),
        unique,
        contiguous: is_row_major(&shape, &strides, item),
        nominal_bytes,
        real_bytes,
    })
}

/// Finds the first axis along which an index leaves `0..=len - item`, by the kernel's rule.
fn bounds(
    shape: &[usize],
    strides: &[Int],
    offset: &BigInt,
    len: &BigInt,
    item: &BigInt,
) -> Result<(), Rejection> {
    let last = len - item;
    let refuse = |axis, index: Vec<usize>, address: BigInt, is_below: bool| {
        let (below, above) = reaches(shape, strides);
        let (reason, required_len) = if is_below {
            (Reason::BeforeStart { required_offset: Int::from(below) }, None)
        } else {
            let inside = below <= *offset;
            (Reason::PastEnd, inside.then(|| Int::from(offset + above + item)))
        };
        Err(Rejection {
            reason,
            axis,
            index: Some(index),
            address: Some(Int::from(address)),
            required_len,
        })
    };
    if *offset > last {
        return refuse(None, vec![0; shape.len()], offset.clone(), false);
    }
    let (mut below, mut above) = (offset.clone(), &last - offset);
    for (axis, (&extent, stride)) in shape.iter().zip(strides).enumerate() {
        if extent == 1 {
            continue;
        }
        let magnitude = stride.to_big().abs();
        let is_below = stride.is_negative();
        let room = if is_below { &mut below } else { &mut above };
        let reach = &magnitude * (extent - 1);
        if reach <= *room {
            *room -= reach;
            continue;
        }
        // The reach exceeds the room, so the stride is not 0 and the step is below the extent.
        let (inside, rest) = room.div_rem(&magnitude);
        let step = inside.to_usize().unwrap_or(0).saturating_add(1);
        let excess = magnitude - rest;
        let index = shape.iter().zip(strides).enumerate().map(|(k, (&extent, stride))| {
            if k == axis {
                step
            } else if k < axis && stride.is_negative() == is_below {
                extent - 1
            } else {
                0
            }
        });
        let address = if is_below { -excess } else { last + excess };
        return refuse(Some(axis), index.collect(), address, is_below);
    }
    Ok(())
}

/// Whether the items lie in row-major order without gaps.
fn is_row_major(shape: &[usize], strides: &[Int], item: BigInt) -> bool {
    let mut step = item * BigInt::one();
    for (&extent, stride) in shape.iter().zip(strides).rev() {
        if extent == 1 {
            continue;
        }
        if stride.to_big() != step {
            return false;
        }
        step *= extent;
    }
    true
}
