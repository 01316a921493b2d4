//! Every way of writing, on the view and on the copy of the buffer's bytes.

use std::vec::Vec;

use super::items::{Piece, Shadow};
use super::model::{Expect, Model, position};
use super::program::Write;
use super::ranks::is_fixed;
use super::tuple::{self as oracle, MAX_RANK, Tuple};
use super::{At, array, mutable, parts};
use crate::reading::read_every_way;
use strideproof::{Error, Layout, StridedView, StridedViewMut, StridedViewMutDyn};

/// Writes, and compares what the view shows then.
pub(super) fn write<T: Piece>(
    at: At<'_>,
    shadow: &mut Shadow,
    view: &mut StridedViewMutDyn<'_, T>,
    model: &Model,
    write: &Write,
) {
    let rank = model.rank();
    let again = view.reborrow();
    let result = match (write, rank) {
        (Write::Dynamic, _) => {
            dynamically(at, shadow, again, model);
            Ok(())
        }
        // A view without axes has none to go along, which is known at compile time.
        (&Write::AxisIter(_), 0) => return,
        (&Write::AxisIter(axis), _) => along_axis(at, shadow, again, model, axis),
        _ => at_rank!(T; rank, at_fixed_rank::<T>(at, shadow, again, model, write)),
    };
    match (&result, at.expect()) {
        (Ok(()), Expect::Stays) => {}
        (Err(error), Expect::Refused(expected)) => at.same(error, expected, "the error"),
        (result, _) => at.fail(&format_args!("it is {result:?}")),
    }
    let expected = shadow.elements::<T>(model);
    at.must(view.as_view().iter().eq(&expected), "the elements after writing");
    if at.turn % 8 == 1 && is_fixed::<T>(rank) {
        at_rank!(T; rank, read::<T>(at, view.reborrow(), &expected));
    }
}

fn read<T: Piece, const N: usize>(at: At<'_>, view: StridedViewMutDyn<'_, T>, expected: &[T]) {
    let view = mutable::fixed::<T, N>(at, view);
    at.same(view.nominal_bytes(), size_of_val(expected) as u128, "the nominal bytes");
    at.same(view.real_bytes(), size_of_val(expected), "the real bytes");
    at.same(view.is_contiguous(), view.as_view().as_slice().is_some(), "is_contiguous");
    at.must(view.iter().eq(expected), "iter");
    at.must(view.indexed_iter().map(|(_, element)| element).eq(expected), "indexed_iter");
    at.must(view.to_vec() == expected, "to_vec");
    read_every_way(&view.as_view(), expected, at.turn.to_le_bytes()[1]);
}

/// Gives an element another value, and notes it; the element's value so far must be the copy's.
#[inline(never)]
pub(super) fn put<T: Piece>(
    at: At<'_>,
    shadow: &mut Shadow,
    model: &Model,
    address: usize,
    element: &mut T,
) {
    at.same(*element, shadow.get(model.place, address), "an element before it is written");
    *element = shadow.fresh();
    shadow.set(model.place, address, *element);
}

fn at_fixed_rank<T: Piece, const N: usize>(
    at: At<'_>,
    shadow: &mut Shadow,
    view: StridedViewMutDyn<'_, T>,
    model: &Model,
    write: &Write,
) -> Result<(), Error> {
    let mut view = mutable::fixed::<T, N>(at, view);
    let addresses = model.addresses();
    let mut all = addresses.iter();
    // The next element, wherever it comes from, must be the next of the model.
    let mut next = |shadow: &mut Shadow, element: &mut T| match all.next() {
        Some(&address) => put(at, shadow, model, address, element),
        None => at.fail(&"there are too many elements"),
    };
    match write {
        Write::Fill => {
            let value = shadow.fresh::<T>();
            view.fill(value);
            addresses.iter().for_each(|&address| shadow.set(model.place, address, value));
            return Ok(());
        }
        Write::MapInPlace => view.map_in_place(|element| next(shadow, element)),
        &Write::Iter(first) => {
            let mut iter = view.iter_mut();
            for left in (0..addresses.len()).rev().take(first) {
                iter.next().into_iter().for_each(|element| next(shadow, element));
                at.same(iter.len(), left, "how many are left");
            }
            iter.for_each(|element| next(shadow, element));
        }
        Write::IntoIter => {
            let elements: Vec<&mut T> = match at.turn % 2 {
                0 => (&mut view).into_iter().collect(),
                _ => view.into_iter().collect(),
            };
            elements.into_iter().for_each(|element| next(shadow, element));
        }
        Write::At(index) => {
            one_element(at, shadow, &mut view, model, array(at, index.as_slice()));
            return Ok(());
        }
        Write::Assign(shape) => return assign(at, shadow, &mut view, model, shape.as_slice()),
        Write::Zip(shape) => return zip(at, shadow, &mut view, model, shape.as_slice()),
        &Write::Lanes(axis) => return parts::lanes(at, shadow, view, model, axis),
        &Write::Split { axis, index } => {
            return parts::halves(at, shadow, view, model, axis, index);
        }
        Write::AxisIter(_) | Write::Dynamic => at.fail(&"this is done elsewhere"),
    }
    at.same(all.next(), None, "the address of an element that was not reached");
    Ok(())
}

fn one_element<T: Piece, const N: usize>(
    at: At<'_>,
    shadow: &mut Shadow,
    view: &mut StridedViewMut<'_, T, N>,
    model: &Model,
    index: [usize; N],
) {
    let inside = index.iter().zip(model.shape()).all(|(i, extent)| i < extent);
    match view.get_mut(index) {
        Some(element) if inside && at.turn % 2 == 0 => {
            put(at, shadow, model, model.at(&index), element);
        }
        Some(_) if inside => {
            put(at, shadow, model, model.at(&index), &mut view[index]);
            at.same(view[index], shadow.get(model.place, model.at(&index)), "the element written");
        }
        None if !inside => at.same(view.get(index), None, "the element of no index"),
        element => at.fail(&format_args!("get_mut gives {element:?}")),
    }
}

/// Elements to copy from, which lie in another order in memory.
struct Source<T> {
    shape: Tuple,
    data: Vec<T>,
}

impl<T: Piece> Source<T> {
    fn new(shape: &[usize], shadow: &mut Shadow) -> Self {
        let count = if shape.contains(&0) { 0 } else { shape.iter().product() };
        Self { shape: Tuple::new(shape), data: (0..count).map(|_| shadow.fresh()).collect() }
    }

    /// The view of rank `M`, which it has: row-major, with its first axis reversed.
    fn view<const M: usize>(&self, at: At<'_>) -> StridedView<'_, T, M> {
        let layout = Layout::row_major(array(at, self.shape.as_slice()));
        match layout.and_then(|layout| StridedView::new(&self.data, layout)) {
            Ok(view) if M == 0 => view,
            Ok(view) => view.reverse(0),
            Err(error) => at.fail(&format_args!("the source is refused: {error}")),
        }
    }

    /// The element at an index.
    fn get(&self, index: &[usize]) -> T {
        let shape = self.shape.as_slice();
        let mut at = Vec::from(index);
        if let (Some(first), Some(extent)) = (at.first_mut(), shape.first()) {
            *first = extent - 1 - *first;
        }
        self.data[position(shape, &at)]
    }
}

fn assign<T: Piece, const N: usize>(
    at: At<'_>,
    shadow: &mut Shadow,
    view: &mut StridedViewMut<'_, T, N>,
    model: &Model,
    shape: &[usize],
) -> Result<(), Error> {
    let source = Source::<T>::new(shape, shadow);
    match shape.len() {
        rank if rank == N && at.plain() => view.assign(&source.view::<N>(at)),
        rank if rank == N => view.try_assign(&source.view::<N>(at))?,
        0 => view.try_assign(&source.view::<0>(at))?,
        1 => view.try_assign(&source.view::<1>(at))?,
        _ => view.try_assign(&source.view::<2>(at))?,
    }
    let new = model.rank() - shape.len();
    oracle::for_each_index(model.shape(), |index| {
        let mut from = [0; MAX_RANK];
        for (axis, &extent) in shape.iter().enumerate() {
            from[axis] = if extent == 1 { 0 } else { index[new + axis] };
        }
        shadow.set(model.place, model.at(index), source.get(&from[..shape.len()]));
    });
    Ok(())
}

fn zip<T: Piece, const N: usize>(
    at: At<'_>,
    shadow: &mut Shadow,
    view: &mut StridedViewMut<'_, T, N>,
    model: &Model,
    shape: &[usize],
) -> Result<(), Error> {
    let source = Source::<T>::new(shape, shadow);
    let other = source.view::<N>(at);
    let pairs = if at.plain() { view.zip_mut(&other) } else { view.try_zip_mut(&other)? };
    at.same(pairs.len(), model.addresses().len(), "how many pairs there are");
    let mut all = model.addresses().iter();
    for (element, value) in pairs {
        let expected = all.next().map(|&address| shadow.get(model.place, address));
        at.same(Some(*element), expected, "an element before it is written");
        *element = *value;
    }
    oracle::for_each_index(model.shape(), |index| {
        shadow.set(model.place, model.at(index), source.get(index));
    });
    Ok(())
}

fn along_axis<T: Piece>(
    at: At<'_>,
    shadow: &mut Shadow,
    view: StridedViewMutDyn<'_, T>,
    model: &Model,
    axis: usize,
) -> Result<(), Error> {
    match model.rank() {
        1 => parts::slices::<T, 1, 0>(at, shadow, mutable::fixed(at, view), model, axis),
        2 => parts::slices::<T, 2, 1>(at, shadow, mutable::fixed(at, view), model, axis),
        3 if T::EVERY_RANK => {
            parts::slices::<T, 3, 2>(at, shadow, mutable::fixed(at, view), model, axis)
        }
        4 if T::EVERY_RANK => {
            parts::slices::<T, 4, 3>(at, shadow, mutable::fixed(at, view), model, axis)
        }
        5 if T::EVERY_RANK => {
            parts::slices::<T, 5, 4>(at, shadow, mutable::fixed(at, view), model, axis)
        }
        6 if T::EVERY_RANK => {
            parts::slices::<T, 6, 5>(at, shadow, mutable::fixed(at, view), model, axis)
        }
        rank => at.fail(&format_args!("rank {rank} is for run time")),
    }
}

/// Writes where the rank is known at run time.
fn dynamically<T: Piece>(
    at: At<'_>,
    shadow: &mut Shadow,
    mut view: StridedViewMutDyn<'_, T>,
    model: &Model,
) {
    if at.turn % 2 == 0 {
        let mut all = model.addresses().iter();
        for element in view.iter_mut() {
            match all.next() {
                Some(&address) => put(at, shadow, model, address, element),
                None => at.fail(&"there are too many elements"),
            }
        }
        at.same(all.next(), None, "the address of an element that was not reached");
        return;
    }
    oracle::for_each_index(model.shape(), |index| match view.get_mut(index) {
        Some(element) => put(at, shadow, model, model.at(index), element),
        None => at.fail(&format_args!("there is no element at {index:?}")),
    });
    let rank = model.rank();
    let mut outside = [0; MAX_RANK + 1];
    at.same(view.get_mut(&outside[..=rank]), None, "the element of an index of another rank");
    for (axis, &extent) in model.shape().iter().enumerate() {
        outside[axis] = extent;
        at.same(view.get_mut(&outside[..rank]), None, "the element of no index");
        outside[axis] = 0;
    }
}
