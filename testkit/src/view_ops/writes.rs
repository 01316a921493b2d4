//! Every way of writing, on the view and on the copy of the buffer's bytes.

use strideproof::{Error, Layout, Slice, StridedViewDyn, StridedViewMutDyn};
use strideproof_oracle::model::{Cut, Op, Refusal, View as Model};
use strideproof_oracle::{count, for_each_index, is_index};

use super::items::{Piece, Shadow};
use super::ops::slices;
use super::step::Write;
use super::{At, agree, parts};
use crate::reading::read_every_way;

/// Why a write is refused, if it is.
pub(super) fn refusal(model: &Model, write: &Write) -> Option<Refusal> {
    match write {
        Write::Assign(source) => {
            // What is copied from broadcasts to this shape.
            let strides = vec![0; source.len()];
            let source = Model::new(source, &strides, 0, 1);
            source.apply(&Op::Broadcast(model.shape().to_vec())).err()
        }
        Write::Zip(other) if other != model.shape() => Some(Refusal::Shapes),
        &Write::Lanes(axis) | &Write::AxisIter(axis) => model.size(axis).err(),
        &Write::Split(axis, index) => model.apply(&Op::Split { axis, index, tail: false }).err(),
        Write::Parts(parts) => parts_of(model, parts).err(),
        Write::Fold(source) if !source.starts_with(model.shape()) => Some(Refusal::Shapes),
        _ => None,
    }
}

/// Several parts of a view, unless an index of the view is in two of them.
fn parts_of(model: &Model, parts: &[Vec<Cut>]) -> Result<Vec<Model>, Refusal> {
    let parts = parts.iter().map(|cuts| model.apply(&Op::Slice(cuts.clone())));
    let parts: Vec<Model> = parts.collect::<Result<_, _>>()?;
    let places: Vec<Vec<i128>> = parts.iter().map(Model::addresses).collect();
    for (second, others) in places.iter().enumerate() {
        for (first, places) in places[..second].iter().enumerate() {
            if places.iter().any(|byte| others.contains(byte)) {
                return Err(Refusal::Overlap { first, second });
            }
        }
    }
    Ok(parts)
}

/// What is written to.
type Target<'a, T> = StridedViewMutDyn<'a, T>;

/// The copy of a target's bytes, and what the model says of the target.
struct Copied<'a> {
    at: At<'a>,
    shadow: &'a mut Shadow,
    model: &'a Model,
}

/// Writes, and compares what the view shows then.
pub(super) fn write<T: Piece>(
    at: At<'_>,
    shadow: &mut Shadow,
    view: &mut Target<'_, T>,
    model: &Model,
    write: &Write,
) {
    let result = Copied { at, shadow, model }.write(view.reborrow(), write);
    match (&result, at.step.map(|step| &step.expect)) {
        (Ok(()), Some(Ok(_))) => {}
        (Err(error), Some(Err(expected))) => {
            at.same(crate::subject::refusal(error), *expected, "the refusal");
        }
        (result, _) => at.fail(&format_args!("it is {result:?}")),
    }
    let expected = shadow.elements::<T>(model);
    at.must(view.as_view().iter().eq(&expected), "the elements after writing");
    if at.turn % 8 == 1 {
        at.same(view.nominal_bytes(), size_of_val(&expected[..]) as u128, "the nominal bytes");
        at.same(view.distinct_bytes(), Some(size_of_val(&expected[..])), "the distinct bytes");
        at.must(view.iter().eq(&expected), "iter");
        let indexed = view.indexed_iter().map(|(_, element)| element);
        at.must(indexed.eq(&expected), "indexed_iter");
        at.must(view.to_vec() == expected, "to_vec");
        read_every_way(&view.as_view(), &expected, at.turn.to_le_bytes()[1]);
    }
}

impl Copied<'_> {
    /// Gives an element another value, and notes it; the element must lie where the model has it,
    /// with the copy's value.
    fn put<T: Piece>(&mut self, byte: i128, element: &mut T) {
        let Self { at, shadow, .. } = self;
        at.same(at.place(element), byte, "the place of an element to write to");
        at.same(*element, shadow.get(byte), "an element before it is written");
        *element = shadow.fresh();
        shadow.set(byte, *element);
    }

    /// Writes to all elements of a part, in their order.
    fn put_all<'t, T: Piece>(&mut self, part: impl IntoIterator<Item = &'t mut T>, model: &Model) {
        let mut all = part.into_iter();
        for byte in model.addresses() {
            self.put(byte, self.at.some(all.next(), "an element"));
        }
        self.at.must(all.next().is_none(), "no more elements");
    }

    fn write<T: Piece>(&mut self, mut view: Target<'_, T>, write: &Write) -> Result<(), Error> {
        let &mut Self { at, model, .. } = self;
        let mut all = model.addresses().into_iter();
        let mut next = || at.some(all.next(), "an address: there are too many elements");
        match write {
            Write::Fill => {
                let value = self.shadow.fresh::<T>();
                view.fill(value);
                all.by_ref().for_each(|byte| self.shadow.set(byte, value));
            }
            Write::MapInPlace => {
                view.map_in_place(|element| self.put(next(), element));
                at.same(all.next(), None, "an element that was not reached");
            }
            &Write::Iter(first) => {
                let mut iter = view.iter_mut();
                for left in (0..iter.len()).rev().take(first) {
                    self.put(next(), at.some(iter.next(), "an element"));
                    at.same(iter.len(), left, "how many are left");
                }
                iter.for_each(|element| self.put(next(), element));
                at.same(all.next(), None, "an element that was not reached");
            }
            Write::IntoIter if at.turn % 2 == 0 => {
                let elements: Vec<&mut T> = (&mut view).into_iter().collect();
                self.put_all(elements, model);
            }
            Write::IntoIter => self.put_all(view.into_iter().collect::<Vec<_>>(), model),
            Write::At(index) => self.one(&mut view, index),
            Write::Assign(shape) => return self.assign(&mut view, shape),
            Write::Zip(shape) => return self.zip(&mut view, shape),
            &Write::Lanes(axis) => {
                let lanes = if at.plain() { view.lanes(axis) } else { view.try_lanes(axis)? };
                let expected = model.lanes(axis);
                for (number, mut lane) in parts::take(at, lanes, expected.len(), false) {
                    self.put_all(&mut lane, &expected[number]);
                }
            }
            &Write::AxisIter(axis) => {
                let slices =
                    if at.plain() { view.axis_iter(axis) } else { view.try_axis_iter(axis)? };
                let size = model.shape()[axis];
                for (number, mut slice) in parts::take(at, slices, size, model.is_empty()) {
                    self.put_all(&mut slice, &model.without(axis, number));
                }
            }
            &Write::Split(axis, index) => {
                let (mut head, mut tail) = match at.plain() {
                    true => view.split_at(axis, index),
                    false => view.try_split_at(axis, index)?,
                };
                let half = |tail| model.apply(&Op::Split { axis, index, tail });
                let [head_model, tail_model] =
                    [false, true].map(|tail| at.some(half(tail).ok(), "the model's half"));
                agree::view(at, &head.as_view(), &head_model);
                agree::view(at, &tail.as_view(), &tail_model);
                // Both are at hand at once.
                let (heads, tails) = (head.iter_mut(), tail.iter_mut());
                let (heads, tails): (Vec<_>, Vec<_>) = (heads.collect(), tails.collect());
                self.put_all(tails, &tail_model);
                self.put_all(heads, &head_model);
            }
            Write::Parts(parts) => return self.parts(view, parts),
            Write::Fold(shape) => return self.fold(&mut view, shape),
        }
        Ok(())
    }

    /// Several parts are written to by turns.
    fn parts<T: Piece>(&mut self, view: Target<'_, T>, parts: &[Vec<Cut>]) -> Result<(), Error> {
        let &mut Self { at, model, .. } = self;
        let slices = |number: usize| -> Vec<Slice> { slices(&parts[number]) };
        let views: Result<Vec<_>, Error> = match parts.len() {
            2 => view.try_multi_slice_mut([slices(0), slices(1)]).map(Vec::from),
            _ => view.try_multi_slice_mut([slices(0), slices(1), slices(2)]).map(Vec::from),
        };
        if let Err(Error::PartsOverlap { first, second, index }) = &views {
            let place = index.as_slice().map(|index| model.at(index));
            let has = |part: usize| {
                let part = model.apply(&Op::Slice(parts[part].clone()));
                part.is_ok_and(|part| place.is_none_or(|byte| part.addresses().contains(&byte)))
            };
            at.must(has(*first) && has(*second), "an index that both parts have");
        }
        let mut views = views?;
        let models = at.some(parts_of(model, parts).ok(), "parts that have no index in common");
        let mut each: Vec<_> = views.iter_mut().map(|view| view.iter_mut()).collect();
        let mut places: Vec<_> = models.iter().map(|part| part.addresses().into_iter()).collect();
        let most = models.iter().map(Model::count).max().unwrap_or(0);
        for _ in 0..most {
            for (part, places) in each.iter_mut().zip(&mut places) {
                match (part.next(), places.next()) {
                    (Some(element), Some(byte)) => self.put(byte, element),
                    (None, None) => {}
                    _ => at.fail(&"a part of another length"),
                }
            }
        }
        Ok(())
    }

    /// What each element is folded with, in its order.
    fn fold<T: Piece>(&mut self, view: &mut Target<'_, T>, shape: &[usize]) -> Result<(), Error> {
        let Self { at, shadow, model } = self;
        let source = Source::<T>::new(shape, shadow);
        let mut calls: Vec<(i128, T)> = Vec::new();
        view.try_fold_inner(&source.view(*at), |element, value| {
            calls.push((at.place(element), *value));
            *element = *value;
        })?;
        at.same(calls.len() as u128, count(shape), "how often the function is called");
        // Each element meets its values in their order; elements come in any order.
        calls.sort_by_key(|&(byte, _)| byte);
        let mut expected = Vec::new();
        for_each_index(shape, |index| {
            let byte = model.at(&index[..model.rank()]);
            expected.push((byte, source.get(index)));
            shadow.set(byte, source.get(index));
        });
        expected.sort_by_key(|&(byte, _)| byte);
        at.must(calls == expected, "what each element is folded with");
        Ok(())
    }

    /// One element is written to, if there is one at the index.
    fn one<T: Piece>(&mut self, view: &mut Target<'_, T>, index: &[usize]) {
        let &mut Self { at, model, .. } = self;
        let inside = is_index(index, model.shape());
        match view.get_mut(index) {
            Some(element) if inside && at.turn % 2 == 0 => self.put(model.at(index), element),
            Some(_) if inside => {
                self.put(model.at(index), &mut view[index]);
                at.same(view[index], self.shadow.get(model.at(index)), "the element written");
            }
            None if !inside => at.same(view.get(index), None, "the element of no index"),
            element => at.fail(&format_args!("get_mut gives {element:?}")),
        }
        let wrong = vec![0; model.rank() + 1];
        at.same(view.get_mut(&wrong), None, "the element of an index of another rank");
    }

    /// All elements are copied from a view of a shape, which may be repeated.
    fn assign<T: Piece>(&mut self, view: &mut Target<'_, T>, shape: &[usize]) -> Result<(), Error> {
        let Self { at, shadow, model } = self;
        let source = Source::<T>::new(shape, shadow);
        let copy = |element: &mut T, value: &T| *element = *value;
        match (at.plain(), at.turn / 2 % 2) {
            (true, 0) => view.assign(&source.view(*at)),
            (true, _) => view.zip_mut_with(&source.view(*at), copy),
            (false, 0) => view.try_assign(&source.view(*at))?,
            (false, _) => view.try_zip_mut_with(&source.view(*at), copy)?,
        }
        let new = model.rank() - shape.len();
        for_each_index(model.shape(), |index| {
            let at = |(&i, &size): (&usize, &usize)| if size == 1 { 0 } else { i };
            let from: Vec<usize> = index[new..].iter().zip(shape).map(at).collect();
            shadow.set(model.at(index), source.get(&from));
        });
        Ok(())
    }

    /// The same from a view of the same shape, pair by pair.
    fn zip<T: Piece>(&mut self, view: &mut Target<'_, T>, shape: &[usize]) -> Result<(), Error> {
        let Self { at, shadow, model } = self;
        let source = Source::<T>::new(shape, shadow);
        let other = source.view(*at);
        let write = |pairs: &mut dyn ExactSizeIterator<Item = (&mut T, &T)>| {
            at.same(pairs.len() as u128, model.count(), "how many pairs there are");
            pairs.for_each(|(element, value)| *element = *value);
        };
        match at.plain() {
            true => write(&mut view.zip_mut(&other)),
            false => write(&mut view.try_zip_mut(&other)?),
        }
        for_each_index(model.shape(), |index| shadow.set(model.at(index), source.get(index)));
        Ok(())
    }
}

/// Elements to copy from, which lie in another order in memory.
struct Source<T> {
    shape: Vec<usize>,
    data: Vec<T>,
}

impl<T: Piece> Source<T> {
    fn new(shape: &[usize], shadow: &mut Shadow) -> Self {
        let count = usize::try_from(count(shape)).expect("few elements");
        Self { shape: shape.to_vec(), data: (0..count).map(|_| shadow.fresh()).collect() }
    }

    /// The elements row-major, with the first axis reversed.
    fn view(&self, at: At<'_>) -> StridedViewDyn<'_, T> {
        let layout = Layout::row_major(&self.shape);
        let view = layout.and_then(|layout| StridedViewDyn::new(&self.data, layout));
        let view = at.some(view.ok(), "the source");
        if self.shape.is_empty() { view } else { view.reverse(0) }
    }

    /// The element at an index.
    fn get(&self, index: &[usize]) -> T {
        let mut index = index.to_vec();
        if let (Some(first), Some(size)) = (index.first_mut(), self.shape.first()) {
            *first = size - 1 - *first;
        }
        let position = index.iter().zip(&self.shape).fold(0, |at, (i, size)| at * size + i);
        self.data[position]
    }
}
