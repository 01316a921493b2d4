//! candle-core: a layout over the storage of a tensor, from a shape, strides in elements and an offset.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, Layout, Shape};
use strideproof_audit::{Request, View, view};

struct Cpu;

impl View for Cpu {
    type Item = u32;
    type View<'a> = (CpuStorage, Layout);

    const SIGNED: bool = false;

    fn build<'a>(buffer: &'a mut Vec<u32>, r: &Request) -> Option<Self::View<'a>> {
        let strides = r.strides.iter().map(|&stride| stride as usize).collect();
        let layout = Layout::new(Shape::from(r.shape.clone()), strides, r.offset);
        Some((CpuStorage::U32(std::mem::take(buffer)), layout))
    }

    fn get((storage, layout): &Self::View<'_>, index: &[usize]) -> Option<u32> {
        let axes = index.iter().enumerate();
        let one = axes.fold(layout.clone(), |rest, (axis, &at)| rest.narrow(axis, at, 1).unwrap());
        Self::copy(&(storage.clone(), one))?.pop()
    }

    fn copy((storage, layout): &Self::View<'_>) -> Option<Vec<u32>> {
        let CpuStorage::U32(copy) = storage.affine(layout, 1.0, 0.0).ok()? else { return None };
        Some(copy)
    }
}

strideproof_audit::main!(view::<Cpu>);
