//! strideproof: shared and exclusive views of run-time rank.

use strideproof::{LayoutDyn, StridedViewDyn, StridedViewMutDyn};
use strideproof_audit::{Request, View, view};

fn layout(r: &Request) -> Option<LayoutDyn> {
    LayoutDyn::new(&r.shape[..], &r.strides[..], r.offset, r.len).ok()
}

struct Shared;

impl View for Shared {
    type Item = u32;
    type View<'a> = StridedViewDyn<'a, u32>;

    fn build<'a>(buffer: &'a mut Vec<u32>, r: &Request) -> Option<Self::View<'a>> {
        StridedViewDyn::new(buffer, layout(r)?).ok()
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

struct Exclusive;

impl View for Exclusive {
    type Item = u64;
    type View<'a> = StridedViewMutDyn<'a, u64>;

    const EXCLUSIVE: bool = true;

    fn build<'a>(buffer: &'a mut Vec<u64>, r: &Request) -> Option<Self::View<'a>> {
        StridedViewMutDyn::new(buffer, layout(r)?).ok()
    }

    fn get(view: &Self::View<'_>, index: &[usize]) -> Option<u64> {
        view.get(index).copied()
    }

    fn set(view: &mut Self::View<'_>, index: &[usize], value: u64) -> bool {
        view.get_mut(index).map(|element| *element = value).is_some()
    }

    fn iterate(view: &Self::View<'_>) -> Option<Vec<u64>> {
        Some(view.iter().copied().collect())
    }
}

strideproof_audit::main!(view::<Shared>, view::<Exclusive>);
