//! ndarray: views from a shape and strides in elements.

use ndarray::{ArrayViewD, ArrayViewMutD, IxDyn, ShapeBuilder};
use strideproof_audit::{Request, View, view};

struct Strided;

impl View for Strided {
    type Item = u32;
    type View<'a> = ArrayViewMutD<'a, u32>;

    const SIGNED: bool = false;
    const EXCLUSIVE: bool = true;

    fn build<'a>(buffer: &'a mut Vec<u32>, r: &Request) -> Option<ArrayViewMutD<'a, u32>> {
        let strides: Vec<_> = r.strides.iter().map(|&stride| stride as usize).collect();
        let shape = IxDyn(&r.shape).strides(IxDyn(&strides));
        ArrayViewMutD::from_shape(shape, buffer.get_mut(r.offset..)?).ok()
    }

    fn get(view: &ArrayViewMutD<'_, u32>, index: &[usize]) -> Option<u32> {
        view.get(index).copied()
    }
}

strideproof_audit::main!(view::<Strided>);
