//! ndarray: views of run-time rank, from a shape and strides in elements.

use ndarray::{ArrayViewD, ArrayViewMutD, IxDyn, ShapeBuilder, StrideShape};
use strideproof_audit::{Request, View, view};

fn shape(r: &Request) -> StrideShape<IxDyn> {
    let strides: Vec<_> = r.strides.iter().map(|&stride| stride as usize).collect();
    IxDyn(&r.shape).strides(IxDyn(&strides))
}

struct Shared;

impl View for Shared {
    type Item = u32;
    type View<'a> = ArrayViewD<'a, u32>;

    const SIGNED: bool = false;

    fn build<'a>(buffer: &'a mut Vec<u32>, r: &Request) -> Option<Self::View<'a>> {
        ArrayViewD::from_shape(shape(r), buffer.get(r.offset..)?).ok()
    }

    fn get(view: &Self::View<'_>, index: &[usize]) -> Option<u32> {
        view.get(index).copied()
    }

    fn iterate(view: &Self::View<'_>) -> Option<Vec<u32>> {
        Some(view.iter().copied().collect())
    }

    fn copy(view: &Self::View<'_>) -> Option<Vec<u32>> {
        Some(view.to_owned().into_iter().collect())
    }
}

struct Exclusive;

impl View for Exclusive {
    type Item = u64;
    type View<'a> = ArrayViewMutD<'a, u64>;

    const SIGNED: bool = false;
    const EXCLUSIVE: bool = true;

    fn build<'a>(buffer: &'a mut Vec<u64>, r: &Request) -> Option<Self::View<'a>> {
        ArrayViewMutD::from_shape(shape(r), buffer.get_mut(r.offset..)?).ok()
    }

    fn get(view: &Self::View<'_>, index: &[usize]) -> Option<u64> {
        view.get(index).copied()
    }

    fn set(view: &mut Self::View<'_>, index: &[usize], value: u64) -> bool {
        view.get_mut(index).map(|element| *element = value).is_some()
    }
}

strideproof_audit::main!(view::<Shared>, view::<Exclusive>);
