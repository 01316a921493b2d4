//! What does not depend on the order of indices: walks in the order of memory, sums, folds, and parts
//! that share nothing.

use strideproof::ops::Operation;
use strideproof::{LayoutDyn, StridedView, StridedViewDyn, StridedViewMutDyn};
use strideproof_oracle::addresses;
use strideproof_oracle::model::View as Model;

use super::items::Piece;
use super::{At, agree, parts};
use crate::subject;

/// Of a view of few elements.
pub(super) fn in_memory<T: Piece>(at: At<'_>, view: &StridedViewDyn<'_, T>, model: &Model) {
    let layout = view.layout();
    let place = |element: &T| at.place(element);
    let mut expected = model.addresses();
    let ordered = view.clone().in_memory_order();
    let mut found: Vec<i128> = ordered.iter().map(place).collect();
    expected.sort_unstable();
    if model.is_unique() && strideproof::overlap::is_nested(layout.shape(), layout.strides(), 1) {
        at.same(&found, &expected, "the elements in the order of memory");
    }
    found.sort_unstable();
    at.same(&found, &expected, "the elements in any order");
    let moving: Vec<isize> = ordered.strides().iter().copied().filter(|&step| step != 0).collect();
    let falls = moving.is_sorted_by(|one, other| one >= other);
    at.must(falls && moving.iter().all(|&step| step > 0), "no step is longer, and none backwards");
    let side_by_side = expected.windows(2).all(|pair| pair[1] - pair[0] == model.item() as i128);
    at.same(ordered.is_contiguous(), side_by_side, "whether there are no gaps");
    let by_value = layout.apply(&Operation::InMemoryOrder);
    at.same(by_value.as_ref(), Ok(ordered.layout()), "the operation as a value");

    // Sums and folds of numbers that the elements' places stand for.
    let numbers: Vec<u64> = (1..).take(layout.required_len()).collect();
    if let Ok(numbered) = StridedViewDyn::new(&numbers, layout.clone()) {
        let places = addresses(layout.shape(), layout.strides(), layout.offset()).into_iter();
        let expected = places.map(|place| numbers[usize::try_from(place).expect("an address")]);
        let expected: Vec<u64> = expected.collect();
        at.same(numbered.sum(), expected.iter().sum::<u64>(), "the sum");
        let outer = (0..=layout.rank()).map(|rank| &layout.shape()[..rank]);
        for outer in outer.filter(|_| !expected.is_empty()) {
            let mut lists = vec![Vec::new(); outer.iter().product()];
            let lines = LayoutDyn::row_major(outer).expect("a part of the axes");
            let mut target = StridedViewMutDyn::new(&mut lists, lines).expect("of a list each");
            target.fold_inner(&numbered, |list: &mut Vec<u64>, element| list.push(*element));
            let inner = expected.chunks(expected.len() / lists.len());
            at.must(lists.iter().map(|list| &list[..]).eq(inner), "what is folded");
        }
    }
    if let Ok(table) = StridedView::<'_, T, 2>::try_from(view.clone()) {
        for (axis, all) in [(0, table.rows()), (1, table.columns())] {
            for (number, part) in parts::take(at, all, model.shape()[axis], model.is_empty()) {
                agree::view(at, &part.into(), &model.without(axis, number));
            }
        }
    }
    for outer in 0..=model.rank() {
        if let Err(why) = subject::disjoint_over(&view.disjoint_over(outer), model, outer) {
            at.fail(&why);
        }
    }
}
