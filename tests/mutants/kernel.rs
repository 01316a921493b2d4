//! A copy of the kernel with a switch for each planted fault.
//!
//! [`Fault::Nothing`] is the control: it must pass everything, so that a refutation is the fault's
//! and not the copy's. The rest of the file is deliberately close to `src/kernel.rs`.

use crate::oracle::{Answer, Extent, Remedy, Request, Tuple};

macro_rules! faults {
    ($($fault:ident),* $(,)?) => {
        /// One planted fault. `M…` are faults found in the field, numbered as in
        /// `cases/bugzoo.jsonl`; `K…` are slips that an edit of the kernel could make.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Fault {
            /// The control.
            Nothing,
            $($fault,)*
        }

        /// All faults, the control left out.
        pub(crate) const FAULTS: &[Fault] = &[$(Fault::$fault),*];
        use Fault::*;
    };
}

faults! {
    M00NoCheck,
    M01LengthZeroMeansUnknown,
    M02EndNotReducedByOffset,
    M03WrappingReach,
    M03WrappingBytes,
    M05WrappingAddOfItemsize,
    M06OffsetUncheckedWhenContiguous,
    M07OffsetPlusSizeWraps,
    M08AxesNotSummed,
    M08AxesAgainstWholeBuffer,
    M09FirstAndLastCornerAsRange,
    M10OnlyLastCornerChecked,
    M12BytesOverflow,
    M13RankUnchecked,
    M14SignedSpan,
    M16ItemsizeForgotten,
    M18WrappingComparison,
    M19CountWraps,
    M20OriginNotMoved,
    M21EmptyMovesOrigin,
    M31UnitAxisHidesOthers,
    M33WrappedStepTrusted,
    K01ReachOfWholeExtent,
    K02CountBelowMax,
    K03CountUnchecked,
    K04UnitAxisReaches,
    K05EmptyNotSpecial,
    K06EmptyOffsetUnchecked,
    K07EmptyOffsetAtEndRefused,
    K08SidesSwapped,
    K09MinimumSaturates,
    K10ReachSaturates,
    K11RoomNotTakenBelow,
    K12CountBeforeEmpty,
    K13ItemLongerThanBuffer,
    K14OnePastEndAllowed,
    K15LastElementRefused,
    K16ZeroStrideNotCounted,
    K17FloatArithmetic,
    K18FirstAxisOnly,
    K19LastAxisUnchecked,
    K20RequiredLenWithoutItem,
    K21LowestIsOffset,
    K22WitnessOneStepLate,
    K23WitnessCornerOfOtherSide,
    K24WitnessAddressUnsigned,
    K25BoundsBeforeCount,
    K26RemedyForgetsOtherSide,
    K27NegativeStridesRefused,
    K28OverlapRefused,
    K29ReachInHalfTheBits,
}

const MAX_COUNT: usize = usize::MAX >> 1;

/// The same bits, signed: what a C interface makes of a size.
#[expect(clippy::cast_possible_wrap, reason = "the faults wrap")]
pub(crate) fn signed(bits: usize) -> isize {
    bits as isize
}

/// The same bits, unsigned.
#[expect(clippy::cast_sign_loss, reason = "the faults lose signs")]
pub(crate) fn unsigned(bits: isize) -> usize {
    bits as usize
}

/// Accepts with whatever numbers come out: of the faults that look at no extent.
fn waved_through(request: &Request<'_>) -> Answer {
    let count = request.shape.iter().fold(1u128, |count, &e| count.saturating_mul(e as u128));
    let at = request.offset as i128;
    Answer::Accepted(Extent { count, lowest: at, highest: at, required_len: at })
}

/// `Σ (extent - 1) · stride` in signed wrapping arithmetic.
fn signed_span(request: &Request<'_>) -> isize {
    let axes = request.shape.iter().zip(request.strides);
    axes.fold(0isize, |sum, (&extent, &stride)| {
        sum.wrapping_add(stride.wrapping_mul(signed(extent.wrapping_sub(1))))
    })
}

/// Whether the strides are those of a run of items, in either order of the axes.
fn is_packed(shape: &[usize], strides: &[isize], item: usize) -> bool {
    fn packed<'a>(mut axes: impl Iterator<Item = (&'a usize, &'a isize)>, mut step: usize) -> bool {
        axes.all(|(&extent, &stride)| {
            let matches = extent == 1 || unsigned(stride) == step;
            step = step.wrapping_mul(extent);
            matches
        })
    }
    let axes = shape.iter().zip(strides);
    shape.len() == strides.len() && (packed(axes.clone().rev(), item) || packed(axes, item))
}

/// The faults that decide by other means than the kernel does. `None` leaves it to the kernel.
fn shortcut(fault: Fault, request: &Request<'_>) -> Option<Answer> {
    let &Request { shape, strides, offset, len, item, unit_bytes } = request;
    let empty = shape.contains(&0) || shape.len() != strides.len();
    let end = signed(len);
    let wrong = match fault {
        M00NoCheck => true,
        M01LengthZeroMeansUnknown => len == 0 && !empty,
        M03WrappingBytes => {
            let bytes = |units: isize| unsigned(units).wrapping_mul(unit_bytes);
            let last = signed(offset).wrapping_add(signed_span(request));
            !empty
                && strides.iter().all(|&stride| stride >= 0)
                && bytes(last.wrapping_add(signed(item))) <= len.wrapping_mul(unit_bytes)
        }
        M05WrappingAddOfItemsize => {
            let last = signed(offset).wrapping_add(signed_span(request));
            !empty && last >= 0 && last.wrapping_add(signed(item)) <= end
        }
        M06OffsetUncheckedWhenContiguous => {
            let size = shape.iter().fold(item, |size, &extent| size.wrapping_mul(extent));
            is_packed(shape, strides, item)
                && size <= MAX_COUNT
                && signed(offset.wrapping_add(size)) <= end
        }
        M07OffsetPlusSizeWraps => {
            let size = signed_span(request).wrapping_add(signed(item));
            !empty && signed(offset).wrapping_add(size) <= end
        }
        M10OnlyLastCornerChecked => {
            let last = signed(offset).wrapping_add(signed_span(request));
            !empty && last >= 0 && signed(item) <= end.wrapping_sub(last)
        }
        M12BytesOverflow => {
            let size = signed_span(request).wrapping_add(1).wrapping_add(signed(offset));
            let bytes = signed(unit_bytes);
            !empty && size.wrapping_mul(bytes) <= end.wrapping_mul(bytes)
        }
        M14SignedSpan => {
            let span = signed_span(request).wrapping_add(signed(item));
            !empty && offset <= len && span <= signed(len.wrapping_sub(offset))
        }
        M18WrappingComparison => {
            // len + Σ stride >= Σ extent · stride + item, as nalgebra has it for two axes.
            let (mut have, mut need) = (len, offset.wrapping_add(item));
            for (&extent, &stride) in shape.iter().zip(strides) {
                have = have.wrapping_add(unsigned(stride));
                need = need.wrapping_add(unsigned(stride).wrapping_mul(extent));
            }
            !empty && strides.iter().all(|&stride| stride >= 0) && have >= need
        }
        M19CountWraps => {
            let size = shape.iter().fold(item, |size, &extent| size.wrapping_mul(extent));
            offset == 0 && is_packed(shape, strides, item) && signed(size) <= end
        }
        M20OriginNotMoved => {
            let mut axes = shape.iter().zip(strides);
            let reach = axes.try_fold(offset, |sum: usize, (&extent, &stride)| {
                let reach = extent.wrapping_sub(1).checked_mul(stride.unsigned_abs())?;
                sum.checked_add(reach)
            });
            !empty && reach.and_then(|reach| reach.checked_add(item)).is_some_and(|end| end <= len)
        }
        K17FloatArithmetic => {
            let float = |value: i128| value as f64;
            let mut range = [float(offset as i128); 2];
            for (&extent, &stride) in shape.iter().zip(strides) {
                let reach = (float(extent as i128) - 1.0) * float(stride as i128);
                range[usize::from(reach > 0.0)] += reach;
            }
            let count: f64 = shape.iter().map(|&extent| float(extent as i128)).product();
            !empty
                && count <= float(MAX_COUNT as i128)
                && range[0] >= 0.0
                && range[1] + float(item as i128) <= float(len as i128)
        }
        _ => false,
    };
    if !wrong {
        return None;
    }
    // A fault is seen in what it accepts wrongly; what it accepts rightly the kernel describes.
    let right = decide(Nothing, request);
    Some(if right.accepts() { right } else { waved_through(request) })
}

#[derive(Clone, Copy)]
struct Room {
    below: usize,
    above: usize,
    count: usize,
}

/// The kernel with one fault.
pub(crate) fn decide(fault: Fault, request: &Request<'_>) -> Answer {
    if let Some(answer) = shortcut(fault, request) {
        return answer;
    }
    let &Request { shape, strides, offset, len, item, .. } = request;
    if shape.len() != strides.len() && fault != M13RankUnchecked {
        return Answer::Rank;
    }
    if fault == K12CountBeforeEmpty {
        if let Some(axis) = overfull(shape) {
            return Answer::TooMany { axis };
        }
    }
    if shape.contains(&0) && fault != K05EmptyNotSpecial {
        return empty(fault, request);
    }
    let room_for = match fault {
        K13ItemLongerThanBuffer => Some(len.saturating_sub(item)),
        K14OnePastEndAllowed => len.checked_sub(item.saturating_sub(1)),
        K15LastElementRefused => len.checked_sub(item.saturating_add(1)),
        M16ItemsizeForgotten => len.checked_sub(item.min(1)),
        _ => len.checked_sub(item),
    };
    let Some((last, above)) = room_for.and_then(|last| Some((last, last.checked_sub(offset)?)))
    else {
        return match overfull(shape) {
            Some(axis) if fault != K25BoundsBeforeCount => Answer::TooMany { axis },
            _ => leaves(fault, request, None, offset as i128, 0),
        };
    };
    let above = if fault == M02EndNotReducedByOffset { last } else { above };
    let start = Room { below: offset, above, count: 1 };
    let mut room = start;
    let mut hidden = false;
    for (axis, (&extent, &stride)) in shape.iter().zip(strides).enumerate() {
        hidden |= fault == M31UnitAxisHidesOthers && extent == 1;
        hidden |= fault == K18FirstAxisOnly && axis > 0;
        hidden |= fault == K19LastAxisUnchecked && axis > 0 && axis + 1 == shape.len();
        if !(fault == K16ZeroStrideNotCounted && stride == 0) {
            match room.count.checked_mul(extent) {
                Some(count) if count < MAX_COUNT => room.count = count,
                Some(count) if count == MAX_COUNT && fault != K02CountBelowMax => {
                    room.count = count;
                }
                _ if fault == K03CountUnchecked => {}
                _ => return Answer::TooMany { axis },
            }
        }
        // A slice's `stride * step` that wrapped, in a view that nobody checks again.
        let trusted = fault == M33WrappedStepTrusted && stride.unsigned_abs() >= 1 << 62;
        if hidden || trusted {
            continue;
        }
        let magnitude = match fault {
            K09MinimumSaturates => stride.saturating_abs().unsigned_abs(),
            K29ReachInHalfTheBits => stride.unsigned_abs() & 0xFFFF_FFFF,
            _ => stride.unsigned_abs(),
        };
        let steps = match fault {
            K01ReachOfWholeExtent => extent,
            K04UnitAxisReaches => extent.saturating_sub(1).max(1),
            _ => extent.saturating_sub(1),
        };
        let reach = match fault {
            M03WrappingReach => Some(steps.wrapping_mul(magnitude)),
            K10ReachSaturates => Some(steps.saturating_mul(magnitude)),
            _ => steps.checked_mul(magnitude),
        };
        match fault {
            M08AxesNotSummed => room = Room { count: room.count, ..start },
            M08AxesAgainstWholeBuffer => room = Room { below: last, above: last, ..room },
            _ => {}
        }
        let down = (stride < 0) != (fault == K08SidesSwapped);
        let side = if down { &mut room.below } else { &mut room.above };
        let refused = (fault == K27NegativeStridesRefused && stride < 0 && extent > 1)
            || (fault == K28OverlapRefused && stride == 0 && extent > 1);
        match reach.and_then(|reach| side.checked_sub(reach)) {
            Some(_) if fault == K11RoomNotTakenBelow && down => {}
            Some(left) if !refused => *side = left,
            _ => {
                let side = *side;
                return refuse(fault, request, axis, side, down);
            }
        }
    }
    let mut lowest = room.below as i128;
    let mut highest = last as i128 - room.above as i128;
    if fault == M09FirstAndLastCornerAsRange {
        let corner = offset as i128 + signed_span(request) as i128;
        (lowest, highest) = (corner.min(offset as i128), corner.max(offset as i128));
    }
    if fault == K21LowestIsOffset {
        lowest = offset as i128;
    }
    let item = if fault == K20RequiredLenWithoutItem { 1 } else { item as i128 };
    let required_len = highest + item;
    Answer::Accepted(Extent { count: room.count as u128, lowest, highest, required_len })
}

fn empty(fault: Fault, request: &Request<'_>) -> Answer {
    let &Request { shape, strides, offset, len, .. } = request;
    let inside = match fault {
        K06EmptyOffsetUnchecked => true,
        K07EmptyOffsetAtEndRefused => offset < len || offset == 0,
        _ => offset <= len,
    };
    let mut at = offset as i128;
    if fault == M21EmptyMovesOrigin {
        for (&extent, &stride) in shape.iter().zip(strides) {
            at -= (extent as i128 - 1) * (stride as i128).min(0);
        }
    }
    match inside {
        true => Answer::Accepted(Extent { count: 0, lowest: at, highest: at, required_len: at }),
        false => Answer::EmptyOffset { required_len: at },
    }
}

fn overfull(shape: &[usize]) -> Option<usize> {
    let mut count = 1usize;
    shape.iter().position(|&extent| match count.checked_mul(extent) {
        Some(next) if next <= MAX_COUNT => {
            count = next;
            false
        }
        _ => true,
    })
}

fn refuse(fault: Fault, request: &Request<'_>, axis: usize, side: usize, down: bool) -> Answer {
    if fault != K25BoundsBeforeCount {
        if let Some(axis) = overfull(request.shape) {
            return Answer::TooMany { axis };
        }
    }
    let magnitude = request.strides[axis].unsigned_abs();
    let inside = side.checked_div(magnitude).unwrap_or(0);
    let late = usize::from(fault == K22WitnessOneStepLate);
    let step = inside.saturating_add(1).saturating_add(late);
    let excess = (magnitude as i128) * (step as i128) - side as i128;
    let address = if down { -excess } else { request.len as i128 - request.item as i128 + excess };
    let address = match fault {
        K24WitnessAddressUnsigned => address.rem_euclid(1 << 64),
        _ => address,
    };
    leaves(fault, request, Some(axis), address, step)
}

fn leaves(
    fault: Fault,
    request: &Request<'_>,
    axis: Option<usize>,
    address: i128,
    step: usize,
) -> Answer {
    let &Request { shape, strides, offset, item, .. } = request;
    let down = address < 0;
    let mut index = vec![0; shape.len()];
    let (mut below, mut above) = (0i128, 0i128);
    for (k, (&extent, &stride)) in shape.iter().zip(strides).enumerate() {
        let reach = (extent.saturating_sub(1) as i128).saturating_mul(stride as i128);
        below = below.saturating_sub(reach.min(0));
        above = above.saturating_add(reach.max(0));
        let same = ((stride < 0) == down) != (fault == K23WitnessCornerOfOtherSide);
        if axis.is_some_and(|axis| k < axis) && same {
            index[k] = extent.saturating_sub(1);
        }
    }
    if let Some(axis) = axis {
        index[axis] = step;
    }
    let remedy = if down {
        Remedy::Offset(below)
    } else {
        let reaches_below = below > offset as i128 && fault != K26RemedyForgetsOtherSide;
        let end = (offset as i128).saturating_add(above).saturating_add(item as i128);
        Remedy::Len((!reaches_below).then_some(end))
    };
    Answer::Leaves { axis, index: Tuple::new(&index), address, remedy }
}
