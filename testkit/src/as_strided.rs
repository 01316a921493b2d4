//! What the checker accepts is read without a check; what it refuses is refused for the reason
//! given, and at the place given.

use strideproof::{
    Const, Error, Layout, LayoutDyn, StridedView, StridedViewDyn, StridedViewMut, as_strided,
    as_strided_mut,
};
use strideproof_oracle::model::View as Model;
use strideproof_oracle::{
    self as oracle, Answer, Element, Nothing, Remedy, Request, Rgb, Rng, Unchecked, advance,
    in_buffer, judge,
};

pub use strideproof_oracle::Case;

use crate::reading::{check_error_text, is_printed, read_every_way};
use crate::subject;

/// Judges the library on a case.
pub fn run(case: &Case, memory: &impl Unchecked) {
    match case.element {
        0 => of_low_rank::<u8>(case, memory),
        1 => of_low_rank::<u16>(case, memory),
        2 => of_low_rank::<u64>(case, memory),
        3 => of_low_rank::<f64>(case, memory),
        4 => of_any_rank::<Rgb>(case, memory),
        _ => of_any_rank::<Nothing>(case, memory),
    }
}

fn of_low_rank<T: Element>(case: &Case, memory: &impl Unchecked) {
    match case.request.shape.len() {
        0 => of_rank::<T, 0>(case, memory),
        1 => of_rank::<T, 1>(case, memory),
        2 => of_rank::<T, 2>(case, memory),
        _ => of_rank::<T, 3>(case, memory),
    }
}

fn of_any_rank<T: Element>(case: &Case, memory: &impl Unchecked) {
    match case.request.shape.len() {
        4 => of_rank::<T, 4>(case, memory),
        5 => of_rank::<T, 5>(case, memory),
        6 => of_rank::<T, 6>(case, memory),
        _ => of_low_rank::<T>(case, memory),
    }
}

/// Reports a finding.
fn settle(case: &Case, outcome: Result<(), Box<oracle::Finding>>) {
    if let Err(finding) = outcome {
        panic!("{case:?}: {finding}");
    }
}

/// Judges the library on a case whose rank is `N`.
fn of_rank<T: Element, const N: usize>(case: &Case, memory: &impl Unchecked) {
    let answer = subject::elements(&case.request);
    let read = in_buffer::<T>(case, &answer, memory, |buffer, elements| {
        if case.turn % 4 == 1 {
            defaults::<T, N>(case, buffer);
        }
        if answer.accepts() {
            accepted::<T, N>(case, buffer, elements);
        } else {
            refused::<T, N>(case, &answer, buffer);
        }
    });
    settle(case, read);
    settle(case, judge(&case.request, &answer));
    let Request { shape, strides, offset, len, .. } = &case.request;
    match (layout::<N>(&case.request, *len), LayoutDyn::new(shape, strides, *offset, *len)) {
        (Ok(fixed), Ok(dynamic)) => {
            let extent = (dynamic.extent(), dynamic.len(), dynamic.required_len());
            assert_eq!(extent, (fixed.extent(), fixed.len(), fixed.required_len()), "{case:?}");
            equality(case, &fixed, &dynamic);
            let model = Model::new(shape, strides, *offset, 1);
            let outcome = subject::layout_is(&dynamic, &model, case.turn % 8 == 0);
            outcome.unwrap_or_else(|why| panic!("{case:?}: {why}"));
            // An index that is no corner.
            let mut random = Rng::new(case.turn);
            let index: Vec<usize> = shape.iter().map(|&size| random.below(size)).collect();
            // Of an empty view no address is bounded, and there is none.
            let expected = (!dynamic.is_empty())
                .then(|| oracle::address(strides, *offset, &index))
                .and_then(|address| usize::try_from(address).ok());
            assert_eq!(dynamic.address(&index), expected, "{case:?}: the address of {index:?}");
        }
        (Err(fixed), Err(dynamic)) => {
            assert_eq!(fixed, dynamic, "{case:?}");
            if case.turn % 16 == 0 {
                check_error_text(&fixed);
            }
        }
        (fixed, dynamic) => panic!("{case:?}: Layout says {fixed:?}, LayoutDyn {dynamic:?}"),
    }
}

/// The request's layout in a buffer of `len` elements.
fn layout<const N: usize>(request: &Request, len: usize) -> Result<Layout<Const<N>>, Error> {
    subject::new_layout(&Request { len, ..request.clone() })
}

/// Layouts are equal exactly when all their numbers are.
fn equality<const N: usize>(case: &Case, fixed: &Layout<Const<N>>, dynamic: &LayoutDyn) {
    let mut other = case.request.clone();
    other.len = usize::MAX;
    let which = usize::from(case.turn.to_le_bytes()[2]) % (2 * N + 1);
    match which.checked_sub(N) {
        None => other.shape[which] = other.shape[which].wrapping_add(1),
        Some(0) => other.offset = other.offset.wrapping_add(1),
        Some(axis) => other.strides[axis - 1] = other.strides[axis - 1].wrapping_add(1),
    }
    for (request, same) in [(&case.request, true), (&other, false)] {
        let Request { shape, strides, offset, len, .. } = request;
        if let Ok(made) = LayoutDyn::new(shape, strides, *offset, *len) {
            assert_eq!(made == *dynamic, same, "{case:?}: {made:?} and {dynamic:?}");
        }
        if let Ok(made) = layout::<N>(request, *len) {
            assert_eq!(made == *fixed, same, "{case:?}: {made:?} and {fixed:?}");
        }
    }
}

/// What the library accepts, it shows as it is.
fn accepted<T: Element, const N: usize>(case: &Case, buffer: &mut [T], elements: Option<&[T]>) {
    let offset = case.request.offset;
    let (shape, strides) = subject::lists::<N>(&case.request.shape, &case.request.strides);
    let Ok(view) = as_strided(buffer, shape, strides, offset) else {
        panic!("{case:?}: the layout is accepted, the view is not");
    };
    let layout = *view.layout();
    let required = case.request.truth().required_len(offset);
    assert_eq!(Some(view.required_len() as i128), required, "{case:?}: the length it takes");
    if let Some(elements) = elements {
        read_every_way(&view, elements, case.turn.to_le_bytes()[0]);
        if case.turn % 16 == 5 {
            at_run_time(case, buffer, elements);
        }
        writes(case, &layout, buffer);
        return;
    }
    // Walks begin at the beginning, and know how far it is; the far corner is there, too.
    let mut index = [0; N];
    let at = |index: [usize; N]| {
        let address = oracle::address(&strides, offset, &index);
        usize::try_from(address).ok().and_then(|address| buffer.get(address))
    };
    for (k, element) in view.iter().take(16).enumerate() {
        assert_eq!(Some(element), at(index), "{case:?}: element {k}");
        advance(&mut index, &shape);
    }
    if case.turn % 8 == 2 && N <= 3 {
        let element = |position| {
            let index = <[usize; N]>::try_from(oracle::unravel(&shape, position)).ok()?;
            at(index).copied()
        };
        is_printed(&view, element, case.turn.to_le_bytes()[1]);
    }
    let last = shape.map(|size| size - 1);
    assert_eq!(view.get(last), at(last), "{case:?}: the last element");
    assert_eq!(view.iter().len() as u128, oracle::count(&shape), "{case:?}: how many there are");
}

/// The same view where the rank is known at run time only.
fn at_run_time<T: Element>(case: &Case, buffer: &[T], elements: &[T]) {
    let &Request { ref shape, ref strides, offset, len, .. } = &case.request;
    let layout = LayoutDyn::new(shape, strides, offset, len);
    let Ok(view) = layout.and_then(|layout| StridedViewDyn::new(buffer, layout)) else {
        panic!("{case:?}: refused at run-time rank");
    };
    read_every_way(&view, elements, case.turn.to_le_bytes()[1]);
    let text = format!("{:?}", view.layout());
    assert!(text.contains(&format!("{strides:?}")), "{case:?}: {text} at run-time rank");
    // So often that an axis is left out in print, and one beside it is perhaps not.
    let repeats = [400, 3 + usize::from(case.turn.to_le_bytes()[2]) % 5];
    let many = view.try_broadcast_to([&repeats[..], shape].concat());
    let many = many.unwrap_or_else(|error| panic!("{case:?}: repeated {repeats:?}: {error}"));
    is_printed(&many, |at| Some(elements[at % elements.len()]), case.turn.to_le_bytes()[3]);
}

/// What is left out: row-major strides, and the buffer's own shape.
fn defaults<T: Element, const N: usize>(case: &Case, buffer: &mut [T]) {
    let Request { offset, len, .. } = case.request;
    let (shape, _) = subject::lists::<N>(&case.request.shape, &case.request.strides);
    let count = oracle::count(&shape);
    let accepts = match count {
        0 => offset <= len,
        1..=oracle::MAX_COUNT => offset as u128 + count <= len as u128,
        _ => false,
    };
    let run = usize::try_from(count)
        .ok()
        .and_then(|count| buffer.get(offset..offset.checked_add(count)?));
    match (as_strided(buffer, shape, None, offset), run) {
        (Ok(view), run) => {
            assert!(accepts, "{case:?}: without strides");
            let few = run.filter(|run| run.len() <= 512);
            assert!(few.is_none_or(|run| view.iter().eq(run)), "{case:?}: without strides");
        }
        (Err(error), _) => assert!(!accepts, "{case:?}: without strides: {error:?}"),
    }
    let mutable = as_strided_mut(buffer, shape, None, offset).is_ok();
    assert_eq!(mutable, accepts, "{case:?}: without strides, for writing");
    let whole = as_strided(buffer, .., None, 0).map(|view| view.as_slice().map(<[T]>::len));
    let sliced = StridedView::from_slice(buffer).map(|view| view.as_slice().map(<[T]>::len));
    assert_eq!(whole, sliced, "{case:?}: the whole buffer");
    let expected = (len as u128 <= oracle::MAX_COUNT).then_some(Some(len));
    assert_eq!(whole.ok(), expected, "{case:?}: the whole buffer");
    let sliced = StridedViewMut::from_slice(buffer).ok().map(|view| view.len());
    assert_eq!(sliced, expected.flatten(), "{case:?}: the whole buffer, for writing");
}

/// The same view for writing, if no two indices share an element.
fn writes<T: Element, const N: usize>(case: &Case, layout: &Layout<Const<N>>, buffer: &mut [T]) {
    if case.turn % 4 != 3 {
        return;
    }
    let (shape, strides, offset) = (layout.shape(), layout.strides(), layout.offset());
    // Elements of no size all look alike, and to copy 2^64 of them one by one takes its time.
    let mut after = if size_of::<T>() == 0 { Vec::new() } else { buffer.to_vec() };
    let collision = oracle::colliding_pair(shape, strides, 1);
    match (StridedViewMut::new(buffer, *layout), collision) {
        (Ok(mut view), None) => {
            let found = (view.shape(), view.strides(), view.offset(), view.required_len());
            let expected = (shape, strides, offset, layout.required_len());
            assert_eq!(found, expected, "{case:?}: for writing");
            assert_eq!(view.is_empty(), shape.contains(&0), "{case:?}: for writing");
            // Forth and back, by brackets.
            if !view.is_empty() && case.turn % 8 == 3 {
                let last = shape.map(|size| size - 1);
                let element = view[last];
                view[last] = T::nth(1);
                assert_eq!(view[last], T::nth(1), "{case:?}: written by brackets");
                view[last] = element;
            }
            let mut written = 0;
            for (k, element) in view.iter_mut().enumerate() {
                *element = T::nth(!k);
                written += 1;
            }
            let addresses = oracle::addresses(shape, strides, offset);
            assert_eq!(written, addresses.len(), "{case:?}: elements to write to");
            if size_of::<T>() > 0 {
                for (k, address) in addresses.into_iter().enumerate() {
                    after[usize::try_from(address).expect("inside")] = T::nth(!k);
                }
                assert_eq!(after, buffer, "{case:?}: after writing");
            }
        }
        (Err(Error::Aliased { first, second }), Some(_)) => {
            let (Some(first), Some(second)) = (first.as_slice(), second.as_slice()) else {
                panic!("{case:?}: a witness without its numbers");
            };
            let collide = oracle::is_collision(shape, strides, 1, first, second);
            assert!(collide, "{case:?}: {first:?} and {second:?} share no element");
        }
        (view, collision) => panic!("{case:?}: {view:?} for writing, but {collision:?}"),
    }
}

/// What the library refuses, it takes over the length that it asks for, and over no shorter one.
fn refused<T: Element, const N: usize>(case: &Case, answer: &Answer, buffer: &mut [T]) {
    // A layout made for that length is not laid over this buffer.
    let &Answer::Leaves { remedy: Remedy::Len(Some(required)), .. } = answer else { return };
    let Ok(required) = usize::try_from(required) else { return };
    match layout::<N>(&case.request, required) {
        Ok(layout) => {
            let refusal = self::layout::<N>(&case.request, case.request.len);
            let shared = StridedView::new(buffer, layout);
            assert_eq!(shared.err(), refusal.err(), "{case:?}: over a shorter buffer");
            assert!(StridedViewMut::new(buffer, layout).is_err(), "{case:?}: and for writing");
        }
        Err(error) => panic!("{case:?}: {required} elements should do, but {error:?}"),
    }
}

#[cfg(test)]
mod tests {
    use strideproof_oracle::Checked;

    use super::run;

    #[test]
    fn as_strided_is_content_with_kept_and_random_inputs() {
        crate::replay::replay("as_strided", 8000, |case| run(case, &Checked));
    }
}
