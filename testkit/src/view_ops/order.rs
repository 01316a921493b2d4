//! What does not depend on the order of indices: walks in the order of memory, sums, and parts that
//! share nothing.

use std::collections::BTreeMap;

use strideproof::ops::Operation;
use strideproof::overlap::Sharing;
use strideproof::{StridedView, StridedViewDyn};
use strideproof_oracle::model::View as Model;
use strideproof_oracle::{address, for_each_index};

use super::items::Piece;
use super::{At, agree};

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
    at.must(ordered.strides().iter().all(|&stride| stride >= 0), "no stride is negative");
    let side_by_side = expected.windows(2).all(|pair| pair[1] - pair[0] == model.item() as i128);
    at.same(ordered.is_contiguous(), side_by_side, "whether there are no gaps");
    let by_value = layout.apply(&Operation::InMemoryOrder);
    at.same(by_value.as_ref(), Ok(ordered.layout()), "the operation as a value");

    // Sums of numbers that the elements' places stand for.
    let numbers: Vec<u64> = (1..).take(layout.required_len()).collect();
    if let Ok(numbered) = StridedViewDyn::new(&numbers, layout.clone()) {
        let mut sum = 0;
        for_each_index(layout.shape(), |index| {
            let at = address(layout.strides(), layout.offset(), index);
            sum += numbers[usize::try_from(at).expect("an address")];
        });
        at.same(numbered.sum(), sum, "the sum");
    }
    if let Ok(table) = StridedView::<'_, T, 2>::try_from(view.clone()) {
        for (axis, parts) in [(0, table.rows()), (1, table.columns())] {
            at.same(parts.len(), model.shape()[axis], "how many rows or columns");
            for (number, part) in parts.enumerate().take(64) {
                agree::view(at, &part.into(), &model.without(axis, number));
            }
        }
    }
    disjoint(at, view, model);
}

/// Whether parts over the first axes share nothing, by listing who has which element.
fn disjoint<T: Piece>(at: At<'_>, view: &StridedViewDyn<'_, T>, model: &Model) {
    for outer in 0..=model.rank() {
        let mut owners: BTreeMap<i128, Vec<usize>> = BTreeMap::new();
        let mut apart = true;
        for_each_index(model.shape(), |index| {
            let owner = index[..outer].to_vec();
            apart &= *owners.entry(model.at(index)).or_insert(owner.clone()) == owner;
        });
        match view.disjoint_over(outer) {
            Ok(Sharing::Disjoint) => at.must(apart, "parts that have no element in common"),
            Ok(Sharing::Shared { first, second }) => {
                at.must(first[..outer] != second[..outer], "two parts");
                at.same(model.at(&first), model.at(&second), "an element that both have");
                at.must(!apart, "parts that have an element in common");
            }
            other => at.fail(&format_args!("disjoint over {outer}: {other:?}")),
        }
    }
}
