//! Every way of reading a view gives the same elements.

use std::format;
use std::string::ToString;
use std::vec::Vec;

use super::element::Element;
use strideproof::{Code, Error, INLINE_RANK, StridedView};

/// Reads a view in every way there is, and compares with its elements in row-major order.
///
/// `turn` varies what is too slow to do always, and where an iterator changes its way of walking.
///
/// # Panics
/// When some way gives other elements.
pub fn read_every_way<T: Element, const N: usize>(
    view: &StridedView<'_, T, N>,
    expected: &[T],
    turn: u8,
) {
    let count = expected.len();
    assert_eq!((view.len(), view.is_empty()), (count, count == 0), "the count of {view:?}");

    // Element by element, with an honest length at each step; the rest in one go.
    let first = usize::from(turn) % (count + 1);
    let mut iter = view.iter();
    for (k, element) in expected.iter().take(first).enumerate() {
        assert_eq!((iter.len(), iter.next()), (count - k, Some(element)), "element {k}");
    }
    let mut k = first;
    iter.clone().for_each(|element| {
        assert_eq!(Some(element), expected.get(k), "element {k} by for_each");
        k += 1;
    });
    assert_eq!(k, count, "for_each ends with the elements");
    // To the very end, or with the indices, which `get` understands.
    if turn % 2 == 1 {
        for element in &expected[first..] {
            assert_eq!(iter.next(), Some(element));
        }
        assert_eq!((iter.len(), iter.next(), iter.next()), (0, None, None), "the end is the end");
    } else {
        with_indices(view, expected);
    }
    if let Some(slice) = view.as_slice() {
        assert_eq!(slice, expected, "as a slice");
    }
    assert_eq!(view.as_slice().is_some(), view.is_contiguous());
    if turn % 8 < 2 {
        assert_eq!(&view.to_contiguous()[..], expected, "in one run");
        assert_eq!(view.to_vec(), expected, "copied out");
        assert!(view.into_iter().eq(expected), "by value");
        let (lent, cloned) = (view, Clone::clone(view));
        assert!(IntoIterator::into_iter(lent).eq(&cloned), "lent, and cloned");
        assert_eq!(view.iter().min_by_key(|_| 0), expected.first());
    }
    if turn % 16 == 1 && count <= 64 {
        let text = view.to_string();
        let words = text.split(['[', ']', ' ', '\n']).filter(|word| !word.is_empty());
        let shown: Vec<_> = expected.iter().map(ToString::to_string).collect();
        assert!(words.eq(shown.iter().map(|element| &element[..])), "printed as {text}");
        // The same elements in another dress: as many words.
        let dressed = match turn / 16 % 4 {
            0 => format!("{view:+}"),
            1 => format!("{view:.2}"),
            2 => format!("{view:+.1}"),
            _ => text,
        };
        let words = dressed.split(['[', ']', ' ', '\n']).filter(|word| !word.is_empty());
        assert_eq!(words.count(), count, "printed as {dressed}");
    }
}

fn with_indices<T: Element, const N: usize>(view: &StridedView<'_, T, N>, expected: &[T]) {
    let mut index = [0; N];
    let mut indexed = view.indexed_iter();
    for (k, element) in expected.iter().enumerate() {
        let left = expected.len() - k;
        assert_eq!(indexed.size_hint(), (left, Some(left)), "before item {k} with its index");
        assert_eq!(indexed.next(), Some((index, element)), "item {k} with its index");
        assert_eq!(view.get(index), Some(element), "the element at {index:?}");
        next_index(&mut index, view.shape());
    }
    assert_eq!((indexed.clone().next(), indexed.next()), (None, None));
    // By brackets, from the last element to the first.
    let mut last = view.shape().map(|extent| extent.wrapping_sub(1));
    for element in expected.iter().rev().take(8) {
        assert_eq!(&view[last], element, "the element at {last:?}, by brackets");
        for (i, &extent) in last.iter_mut().zip(view.shape()).rev() {
            if *i > 0 {
                *i -= 1;
                break;
            }
            *i = extent - 1;
        }
    }

    // Just outside of each axis there is nothing.
    if !expected.is_empty() {
        for axis in 0..N {
            let mut outside = [0; N];
            outside[axis] = view.shape()[axis];
            assert_eq!(view.get(outside), None, "{outside:?} is no index");
            outside[axis] = usize::MAX;
            assert_eq!(view.get(outside), None, "{outside:?} is no index");
        }
    }
}

/// What an error says of itself fits together.
pub(crate) fn speaks(error: &Error) {
    let (text, code) = (error.to_string(), error.code());
    assert!(Code::ALL.contains(&code), "{code} of {error:?}");
    assert!(!text.is_empty() && !code.word().is_empty(), "{error:?} has no text");
    let leaves = matches!(error, Error::PastEnd { .. } | Error::BeforeStart { .. });
    assert_eq!(error.witness().is_some(), leaves, "the witness of {error:?}");
    if let Some(witness) = error.witness() {
        let index = witness.index;
        assert!(text.contains(&format!("{index:?}")), "{text} does not name the index");
        let inline = index.as_slice().map_or(INLINE_RANK + 1, <[usize]>::len);
        assert_eq!(index.rank().min(INLINE_RANK + 1), inline, "the rank of {index}");
        assert!(text.contains(&witness.address.unsigned_abs().to_string()), "{text}: no address");
    }
    if let Some(required) = error.required_len() {
        assert!(text.contains(&required.to_string()), "{text} does not name the length");
    }
}

/// Moves on in row-major order; after the last index comes the first again.
pub(crate) fn next_index(index: &mut [usize], shape: &[usize]) {
    for (i, &extent) in index.iter_mut().zip(shape).rev() {
        *i += 1;
        if *i < extent {
            return;
        }
        *i = 0;
    }
}
