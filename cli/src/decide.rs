//! The decision: the library's kernel where all numbers fit 64 bits, the same rules over the integers else.
//!
//! What comes first when several things are wrong: the rank, negative sizes, a negative itemsize,
//! offset, buffer length; then whether the view stays in the buffer; then the conversion to
//! elements, the alignment, and last whether two indices share memory.

use num_integer::Integer;
use num_traits::Signed;
use strideproof::{Error, Unit, Witness, check_bytes};

use crate::int::Int;
use crate::request::{Mode, Request};
use crate::verdict::{Accepted, Reason, Rejection, Uniqueness, Verdict};
use crate::{occupancy, unique, wide};

/// Decides requests, and keeps its buffers from one to the next.
#[derive(Debug, Default)]
pub struct Judge {
    shape: Vec<usize>,
    strides: Vec<isize>,
    pair: unique::Pair,
}

/// The numbers of a request that fit 64 bits and are not in [`Judge`]'s buffers.
struct Narrow {
    offset: usize,
    len: usize,
    item: usize,
}

/// A refusal that has no witness.
pub(crate) fn without_witness(reason: Reason, axis: Option<usize>) -> Rejection {
    Rejection { reason, axis, index: None, address: None, required_len: None }
}

/// Refuses what no buffer has: ranks that differ, and negative numbers of things.
pub(crate) fn refuse_form(request: &Request) -> Result<(), Rejection> {
    let rank = request.shape.len();
    if let Some(strides) = &request.strides {
        if strides.len() != rank {
            let reason = Reason::RankMismatch { shape: rank, strides: strides.len() };
            return Err(without_witness(reason, None));
        }
    }
    if let Some(axis) = request.shape.iter().position(Int::is_negative) {
        let reason = Reason::NegativeDimension { size: request.shape[axis].clone() };
        return Err(without_witness(reason, Some(axis)));
    }
    if request.itemsize.is_negative() {
        let reason = Reason::NegativeDimension { size: request.itemsize.clone() };
        return Err(without_witness(reason, None));
    }
    for (what, value) in [("offset", &request.offset), ("buffer length", &request.buffer_len)] {
        if value.is_negative() {
            let reason = Reason::NegativeOffset { what, value: value.clone() };
            return Err(without_witness(reason, None));
        }
    }
    Ok(())
}

impl Judge {
    /// Decides one request. Never panics, whatever the numbers, and takes time that is linear in
    /// the rank, apart from the search for two indices that share memory, which has a budget.
    pub fn judge(&mut self, request: &Request) -> Verdict {
        match self.accept(request) {
            Ok(accepted) => Verdict::Accepted(accepted),
            Err(rejection) => Verdict::Rejected(rejection),
        }
    }

    fn accept(&mut self, request: &Request) -> Result<Accepted, Rejection> {
        refuse_form(request)?;
        let accepted = match self.narrow(request) {
            Some(narrow) => self.accept_narrow(request, &narrow)?,
            None => wide::accept(request)?,
        };
        if request.as_elements || request.align.is_some() {
            meet_demands(request)?;
        }
        if request.mode == Mode::Mutable {
            match accepted.unique {
                Uniqueness::Unique => {}
                Uniqueness::Undecided => return Err(without_witness(Reason::Undecided, None)),
                Uniqueness::Aliased { first, second } => {
                    let address = wide::address(request, &first);
                    return Err(Rejection {
                        reason: Reason::Aliased { second },
                        axis: None,
                        index: Some(first),
                        address: Some(address),
                        required_len: None,
                    });
                }
            }
        }
        Ok(accepted)
    }

    /// Copies the request into machine integers, if all of it fits.
    fn narrow(&mut self, request: &Request) -> Option<Narrow> {
        self.shape.clear();
        self.strides.clear();
        for extent in &request.shape {
            self.shape.push(extent.to_usize()?);
        }
        let item = match request.unit {
            Unit::Elements => 1,
            Unit::Bytes => request.itemsize.to_usize()?,
        };
        match &request.strides {
            Some(strides) => {
                for stride in strides {
                    self.strides.push(stride.to_isize()?);
                }
            }
            None => {
                let mut step = isize::try_from(item).ok()?;
                for &extent in self.shape.iter().rev() {
                    self.strides.push(step);
                    step = step.checked_mul(isize::try_from(extent.max(1)).ok()?)?;
                }
                self.strides.reverse();
            }
        }
        let (offset, len) = (request.offset.to_usize()?, request.buffer_len.to_usize()?);
        Some(Narrow { offset, len, item })
    }

    fn accept_narrow(&mut self, request: &Request, narrow: &Narrow) -> Result<Accepted, Rejection> {
        let Narrow { offset, len, item } = *narrow;
        // The kernel counts units; elements are items of one unit.
        let extent = check_bytes(&self.shape, &self.strides, offset, len, item)
            .map_err(|error| self.refusal(&error))?;
        let unique =
            unique::narrow(&self.shape, &self.strides, item, request.budget, &mut self.pair);
        let real_units = match unique {
            Uniqueness::Unique => occupancy::product(extent.count, item),
            _ => occupancy::narrow(&self.shape, &self.strides, item),
        };
        let (nominal_bytes, real_bytes) = occupancy::in_bytes(request, extent.count, real_units);
        let touches = extent.count > 0;
        Ok(Accepted {
            count: extent.count,
            extent: touches.then(|| (Int::from(extent.lowest), Int::from(extent.highest))),
            required_len: Int::from(extent.required_len),
            contiguous: is_row_major(&self.shape, &self.strides, item),
            unique,
            nominal_bytes,
            real_bytes,
        })
    }

    /// The kernel's error with its whole index tuple, at any rank.
    #[cold]
    fn refusal(&self, error: &Error) -> Rejection {
        let reason = match *error {
            Error::OffsetPastEnd { .. } => Reason::OffsetPastEnd,
            Error::PastEnd { .. } => Reason::PastEnd,
            Error::BeforeStart { required_offset, .. } => Reason::BeforeStart {
                required_offset: Int::from(num_bigint::BigInt::from(required_offset)),
            },
            Error::TooManyElements { axis } => {
                return without_witness(Reason::TooManyElements, Some(axis));
            }
            // Nothing else comes from the kernel; should that change, say so and refuse.
            _ => return without_witness(Reason::Undecided, None),
        };
        let required_len = error.required_len().map(|len| Int::from(num_bigint::BigInt::from(len)));
        let Some(witness) = error.witness() else {
            return Rejection { required_len, ..without_witness(reason, None) };
        };
        Rejection {
            reason,
            axis: witness.axis,
            index: Some(self.index(witness)),
            address: Some(Int::from(witness.address)),
            required_len,
        }
    }

    fn index(&self, witness: &Witness) -> Vec<usize> {
        let axes = self.shape.iter().zip(&self.strides).enumerate();
        axes.map(|(axis, (&extent, &stride))| witness.index_on(axis, extent, stride)).collect()
    }
}

/// Whether the items lie in row-major order without gaps; an empty view does.
fn is_row_major(shape: &[usize], strides: &[isize], item: usize) -> bool {
    if shape.contains(&0) {
        return true;
    }
    let mut step = isize::try_from(item).ok();
    for (&extent, &stride) in shape.iter().zip(strides).rev() {
        if extent == 1 {
            continue;
        }
        if step != Some(stride) {
            return false;
        }
        step = step.and_then(|step| step.checked_mul(isize::try_from(extent).ok()?));
    }
    true
}

/// Checks what a typed reference needs of a view in bytes that stays in its buffer: whole items,
/// and alignment. The rules are those of `Layout::from_bytes` and `check_alignment`.
fn meet_demands(request: &Request) -> Result<(), Rejection> {
    let strides = request.strides_or_row_major();
    let empty = request.is_empty();
    let followed = |axis: usize| !empty && !request.shape[axis].is_one();
    let itemsize = request.itemsize.to_big();
    if request.as_elements && request.unit == Unit::Bytes {
        let whole = |bytes: &Int| {
            bytes.is_zero()
                || !request.itemsize.is_zero() && bytes.to_big().is_multiple_of(&itemsize)
        };
        for (axis, stride) in strides.iter().enumerate() {
            if followed(axis) && !whole(stride) {
                let reason = Reason::NotItemMultiple { bytes: stride.clone() };
                return Err(without_witness(reason, Some(axis)));
            }
        }
        if !whole(&request.offset) {
            let reason = Reason::NotItemMultiple { bytes: request.offset.clone() };
            return Err(without_witness(reason, None));
        }
    }
    let Some(align) = &request.align else { return Ok(()) };
    let modulus = align.to_big();
    if !modulus.is_positive() || modulus.magnitude().count_ones() != 1 {
        return Err(without_witness(Reason::BadAlignment { align: align.clone() }, None));
    }
    if empty {
        return Ok(());
    }
    let in_bytes = |number: &Int| match request.unit {
        Unit::Elements => number.to_big() * &itemsize,
        Unit::Bytes => number.to_big(),
    };
    let misaligned = |excess, axis: Option<usize>| {
        let mut index = vec![0; request.shape.len()];
        if let Some(cell) = axis.and_then(|axis| index.get_mut(axis)) {
            *cell = 1;
        }
        Err(Rejection {
            address: Some(wide::address(request, &index)),
            index: Some(index),
            ..without_witness(
                Reason::Misaligned { excess: Int::from(excess), align: align.clone() },
                axis,
            )
        })
    };
    let excess = (request.base_address.to_big() + in_bytes(&request.offset)).mod_floor(&modulus);
    if excess.is_positive() {
        return misaligned(excess, None);
    }
    for (axis, stride) in strides.iter().enumerate() {
        // Of the magnitude, as the library reports it.
        let excess = in_bytes(stride).abs().mod_floor(&modulus);
        if followed(axis) && excess.is_positive() {
            return misaligned(excess, Some(axis));
        }
    }
    Ok(())
}
