//! rten-tensor: views of run-time rank, from a shape and strides in elements.

use rten_tensor::TensorView;
use rten_tensor::prelude::*;
use strideproof_audit::{Request, View, view};

struct Shared;

impl View for Shared {
    type Item = u32;
    type View<'a> = TensorView<'a, u32>;

    const SIGNED: bool = false;

    fn build<'a>(buffer: &'a mut Vec<u32>, r: &Request) -> Option<Self::View<'a>> {
        let strides: Vec<_> = r.strides.iter().map(|&stride| stride as usize).collect();
        TensorView::from_slice_with_strides(&r.shape, buffer.get(r.offset..)?, &strides).ok()
    }

    fn get(view: &Self::View<'_>, index: &[usize]) -> Option<u32> {
        view.get(index).copied()
    }

    fn iterate(view: &Self::View<'_>) -> Option<Vec<u32>> {
        Some(view.iter().copied().collect())
    }

    fn copy(view: &Self::View<'_>) -> Option<Vec<u32>> {
        Some(view.to_vec())
    }
}

strideproof_audit::main!(view::<Shared>);
