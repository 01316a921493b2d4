//! kornia-tensor: a tensor that owns its buffer, from a shape and strides in elements.

use std::mem::take;

use kornia_tensor::Tensor;
use strideproof_audit::{Request, View, view};

struct Strided;

impl View for Strided {
    type Item = u32;
    type View<'a> = Tensor<u32, 3>;

    const RANKS: (usize, usize) = (3, 3);
    const SIGNED: bool = false;
    const OFFSET: bool = false;

    fn build<'a>(buffer: &'a mut Vec<u32>, r: &Request) -> Option<Self::View<'a>> {
        let strides = [0, 1, 2].map(|axis| r.strides[axis] as usize);
        Tensor::from_shape_strides_vec(r.shape[..].try_into().ok()?, strides, take(buffer)).ok()
    }

    fn get(view: &Self::View<'_>, index: &[usize]) -> Option<u32> {
        view.get(index.try_into().ok()?).copied()
    }

    fn copy(view: &Self::View<'_>) -> Option<Vec<u32>> {
        Some(view.view().as_contiguous().ok()?.into_vec())
    }

    /// As many elements as indices.
    fn promises(r: &Request) -> bool {
        r.shape.iter().product::<usize>() == r.len
    }
}

strideproof_audit::main!(view::<Strided>);
