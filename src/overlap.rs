//! Uniqueness: do two indices share an element? (Placeholder until the exact search lands.)

use crate::error::{Error, Index};

pub(crate) fn require_unique<const N: usize>(
    shape: &[usize; N],
    strides: &[isize; N],
) -> Result<(), Error> {
    let _ = (shape, strides, Index::new(&[]));
    Ok(())
}
