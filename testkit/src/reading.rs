//! Every way of reading a view gives the same elements.

use std::fmt::Debug;

use strideproof::{Code, Error, INLINE_RANK, View};
use strideproof_oracle::{Element, Rng, for_each_index};

use crate::printed;
use crate::subject::{Indexed, index};

/// Reads a view in every way there is, and compares with its elements in row-major order.
///
/// `turn` varies what is too slow to do always, and where an iterator changes its way of walking.
pub fn read_every_way<T: Element, D: Indexed>(view: &View<&[T], T, D>, expected: &[T], turn: u8) {
    let count = expected.len();
    assert_eq!((view.len(), view.is_empty()), (count, count == 0), "the count of {view:?}");

    walk(view.iter(), expected.iter(), turn);
    if turn % 2 == 0 {
        with_indices(view, expected, turn);
    }
    if let Some(slice) = view.as_slice() {
        assert_eq!(slice, expected, "as a slice");
    }
    let mut at = 0;
    view.for_each_run(|run| {
        if let Some(slice) = run.as_slice() {
            assert_eq!(expected.get(at..at + slice.len()), Some(slice), "a run from {at} on");
        }
        for element in run {
            assert_eq!(Some(element), expected.get(at), "element {at} by runs");
            at += 1;
        }
    });
    assert_eq!(at, count, "the runs end with the elements");
    assert_eq!(view.as_slice().is_some(), view.is_contiguous());
    if turn % 8 < 2 {
        assert_eq!(&view.to_contiguous()[..], expected, "in one run");
        assert_eq!(view.to_vec(), expected, "copied out");
        assert!(view.into_iter().eq(expected), "lent");
        assert!(view.clone().into_iter().eq(expected), "by value");
        assert_eq!(view.iter().min_by_key(|_| 0), expected.first());
    }
    if turn % 16 == 1 {
        is_printed(view, |position| Some(expected[position]), turn / 16);
    }
}

/// Compares the text of a view with NumPy's algorithm, in one of several styles; `element` gives the
/// element at a position of row-major order.
pub fn is_printed<T: Element, D: Indexed>(
    view: &View<&[T], T, D>,
    element: impl Fn(usize) -> Option<T>,
    style: u8,
) {
    let shape = view.shape().as_ref();
    let expected = |least, word: &dyn Fn(&T) -> String| {
        if shape.contains(&0) {
            return String::from("[]");
        }
        printed::array(shape, least, |index| {
            let position = index.iter().zip(shape).fold(0, |at, (i, size)| at * size + i);
            word(&element(position).expect("an element"))
        })
    };
    let (text, expected) = match style % 6 {
        0 => (format!("{view:+}"), expected(0, &|element| format!("{element:+}"))),
        1 => (format!("{view:.2}"), expected(0, &|element| format!("{element:.2}"))),
        2 => (format!("{view:+.1}"), expected(0, &|element| format!("{element:+.1}"))),
        3 => (format!("{view:12}"), expected(12, &|element| format!("{element}"))),
        4 => (format!("{view:?}"), expected(0, &|element| format!("{element:?}"))),
        _ => (format!("{view}"), expected(0, &|element| format!("{element}"))),
    };
    assert_eq!(text, expected, "printed");
}

/// Takes items from the front, or by turns from both ends with leaps, and compares with those of a
/// list; with an honest length at each step, and what is left in one go.
fn walk<I, W>(mut iter: I, mut wanted: W, turn: u8)
where
    I: DoubleEndedIterator + ExactSizeIterator + Clone,
    W: DoubleEndedIterator<Item = I::Item> + ExactSizeIterator + Clone,
    I::Item: PartialEq + Debug,
{
    let mut random = Rng::new(turn.into());
    let (count, few) = (wanted.len(), wanted.len() <= 64);
    let mut first = Some(usize::from(turn) % (count + 1));
    loop {
        assert_eq!(iter.size_hint(), (wanted.len(), Some(wanted.len())), "how many are left");
        let taken = count - wanted.len();
        if first.take_if(|first| *first <= taken).is_some() || few && turn % 4 == 0 {
            // By `fold` and `rfold`.
            let (mut all, mut back) = (wanted.clone(), wanted.clone());
            iter.clone().for_each(|item| assert_eq!(Some(item), all.next(), "by for_each"));
            let backwards = iter.clone().rev();
            backwards.for_each(|item| assert_eq!(Some(item), back.next_back(), "backwards"));
            assert_eq!((all.len(), back.len()), (0, 0), "for_each goes to the end");
        }
        let leap = random.below(wanted.len() + 2) / 2;
        let (found, next) = match random.below(5) {
            _ if turn % 4 > 1 || !few => (iter.next(), wanted.next()),
            0 | 1 => (iter.next(), wanted.next()),
            2 => (iter.nth(leap), wanted.nth(leap)),
            3 => (iter.nth_back(leap / 8), wanted.nth_back(leap / 8)),
            _ => (iter.next_back(), wanted.next_back()),
        };
        assert_eq!(found, next, "with {taken} of {count} taken");
        if next.is_none() {
            break;
        }
    }
    assert!(iter.next().is_none() && iter.next_back().is_none(), "the end is the end");
}

fn with_indices<T: Element, D: Indexed>(view: &View<&[T], T, D>, expected: &[T], turn: u8) {
    let shape = view.shape().as_ref();
    let mut all = Vec::with_capacity(expected.len());
    for_each_index(shape, |at| {
        let element = expected.get(all.len());
        assert_eq!(view.get(index::<D>(at)), element, "the element at {at:?}");
        if all.len() < 8 || all.len() + 1 == expected.len() {
            assert_eq!(Some(&view[index::<D>(at)]), element, "the element at {at:?}, by brackets");
        }
        all.extend(element.map(|element| (at.to_vec(), element)));
    });
    let indexed = view.indexed_iter().map(|(mut at, element)| (at.as_mut().to_vec(), element));
    walk(indexed, all.into_iter(), turn);
    // Just outside of each axis there is nothing.
    for axis in 0..if expected.is_empty() { 0 } else { shape.len() } {
        for outside in [shape[axis], usize::MAX] {
            let mut at = vec![0; shape.len()];
            at[axis] = outside;
            assert_eq!(view.get(index::<D>(&at)), None, "{at:?} is no index");
        }
    }
}

/// Checks that what an error says of itself fits together.
pub fn check_error_text(error: &Error) {
    let (text, code) = (error.to_string(), error.code());
    assert!(Code::ALL.contains(&code), "{code} of {error:?}");
    assert!(!text.is_empty() && !code.word().is_empty(), "{error:?} says nothing");
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
