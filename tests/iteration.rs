//! Views over real buffers give each index the element that the oracle says, on every path:
//! `get`, `next`, `fold` after some `next`s, slices and copies, shared and mutable.
#![cfg(feature = "alloc")]

mod generate;

use std::fmt::Debug;

use generate::config;
use oracle::{addresses, colliding_pair, for_each_index};
use proptest::prelude::*;
use strideproof::{Layout, StridedView, StridedViewMut};
use strideproof_testkit::oracle;

/// A view in a buffer that is as long as it must be, or a little longer.
#[derive(Clone, Debug)]
struct Small {
    shape: Vec<usize>,
    strides: Vec<isize>,
    offset: usize,
    len: usize,
}

fn small() -> impl Strategy<Value = Small> {
    let axis = (prop_oneof![1 => Just(0usize), 30 => 1usize..5], -6isize..=6);
    let slack = || prop_oneof![Just(0usize), 0usize..3];
    (prop::collection::vec(axis, 0..=4), slack(), slack()).prop_map(|(axes, before, after)| {
        let (shape, strides): (Vec<_>, Vec<_>) = axes.into_iter().unzip();
        let all = addresses(&shape, &strides, 0);
        let lowest = all.iter().min().copied().unwrap_or(0);
        let end = all.iter().max().map_or(0, |highest| highest + 1);
        let offset = before + usize::try_from(-lowest).unwrap();
        let len = after + offset + usize::try_from(end).unwrap();
        Small { shape, strides, offset, len }
    })
}

/// Views that give each index an element of its own, by brute force.
fn unique() -> impl Strategy<Value = Small> {
    // Steps of nested axes, shuffled and turned; and whatever else happens to be unique.
    let nested = (
        prop::collection::vec((1usize..4, 0usize..3, any::<bool>()), 0..=4),
        any::<prop::sample::Index>(),
    );
    let nested = nested.prop_map(|(axes, turn)| {
        let mut step = 1;
        let mut made: Vec<(usize, isize)> = Vec::new();
        for (size, gap, negative) in axes {
            let stride = isize::try_from(step).unwrap();
            made.push((size, if negative { -stride } else { stride }));
            step = step * size + gap;
        }
        if !made.is_empty() {
            let by = turn.index(made.len());
            made.rotate_left(by);
        }
        let (shape, strides): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        let all = addresses(&shape, &strides, 0);
        let offset = usize::try_from(-all.iter().min().unwrap()).unwrap();
        let len = offset + usize::try_from(all.iter().max().unwrap() + 1).unwrap();
        Small { shape, strides, offset, len }
    });
    let found = small()
        .prop_filter("unique", |small| colliding_pair(&small.shape, &small.strides, 1).is_none());
    prop_oneof![nested, found]
}

/// Pixels: an odd size, no padding.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pixel([u8; 3]);

fn pixel(n: usize) -> Pixel {
    let [low, high, ..] = n.to_le_bytes();
    Pixel([low, high, !low])
}

fn name(n: usize) -> String {
    format!("element {n}")
}

macro_rules! at_rank {
    ($small:expr, $check:ident, $($make:expr),*) => {
        match $small.shape.len() {
            0 => { $($check::<_, 0>($small, $make);)* }
            1 => { $($check::<_, 1>($small, $make);)* }
            2 => { $($check::<_, 2>($small, $make);)* }
            3 => { $($check::<_, 3>($small, $make);)* }
            4 => { $($check::<_, 4>($small, $make);)* }
            rank => unreachable!("rank {rank}"),
        }
    };
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn every_way_to_read_gives_the_oracles_elements(small in small()) {
        at_rank!(&small, reads, pixel, name, |n| n as u128, |_| ());
    }

    #[test]
    fn every_way_to_write_reaches_the_oracles_elements_and_no_other(small in unique()) {
        at_rank!(&small, writes, pixel, name, |n| n as u128, |_| ());
    }
}

fn layout<const N: usize>(small: &Small) -> Layout<N> {
    let (shape, strides) = (small.shape[..].try_into().unwrap(), small.strides[..].try_into());
    Layout::new(shape, strides.unwrap(), small.offset, small.len).expect("stays inside")
}

fn expected(small: &Small) -> Vec<usize> {
    let all = addresses(&small.shape, &small.strides, small.offset);
    all.into_iter().map(|address| usize::try_from(address).unwrap()).collect()
}

/// How many items are taken one by one before the rest is taken at once.
fn cuts(count: usize) -> impl Iterator<Item = usize> {
    (0..=count.min(9)).chain(count.saturating_sub(3)..=count)
}

fn reads<T: Clone + Debug + PartialEq, const N: usize>(small: &Small, make: impl Fn(usize) -> T) {
    let buffer: Vec<T> = (0..small.len).map(&make).collect();
    let view = StridedView::<T, N>::new(&buffer, layout(small)).unwrap();
    let expected = expected(small);
    let wanted: Vec<*const T> = expected.iter().map(|&at| &raw const buffer[at]).collect();
    let same = |found: &mut dyn Iterator<Item = &T>| {
        let found: Vec<*const T> = found.map(std::ptr::from_ref).collect();
        assert_eq!(found, wanted, "{small:?}");
    };
    same(&mut view.iter());
    same(&mut view.into_iter());
    same(&mut (&view).into_iter());
    assert_eq!((view.len(), view.is_empty()), (wanted.len(), wanted.is_empty()));

    for cut in cuts(wanted.len()) {
        // By hand, so that neither `collect` nor `extend` takes another path.
        let (mut iter, mut found) = (view.iter(), Vec::new());
        for taken in 0..cut {
            assert_eq!(iter.size_hint(), (wanted.len() - taken, Some(wanted.len() - taken)));
            found.push(std::ptr::from_ref(iter.next().expect("as many as it says")));
        }
        assert_eq!(iter.len(), wanted.len() - cut);
        let rest = iter.clone();
        let found = iter.fold(found, |mut found, element| {
            found.push(std::ptr::from_ref(element));
            found
        });
        assert_eq!(found, wanted, "fold after {cut} of {small:?}");
        if cut == wanted.len() {
            let mut rest = rest;
            assert!((0..3).all(|_| rest.next().is_none()), "fused");
        } else {
            let mut rest = rest;
            assert!(std::ptr::eq(rest.next().unwrap(), wanted[cut]), "a clone stands where it was");
        }
    }

    let mut indices = Vec::new();
    for_each_index(&small.shape, |index| indices.push(index.to_vec()));
    let mut indexed = view.indexed_iter();
    for (index, &pointer) in indices.iter().zip(&wanted) {
        let left = indexed.len();
        let (found, element) = indexed.next().expect("as many as indices");
        assert_eq!((&found[..], indexed.len()), (&index[..], left - 1), "{small:?}");
        assert!(std::ptr::eq(element, pointer));
        assert!(std::ptr::eq(view.get(found).unwrap(), pointer));
        assert!(std::ptr::eq(&view[found], pointer));
    }
    assert!(indexed.next().is_none() && indexed.next().is_none());
    assert_eq!(view.get(*view.shape()).is_some(), N == 0, "the shape itself is no index");

    let values: Vec<T> = expected.iter().map(|&at| make(at)).collect();
    assert_eq!(view.to_vec(), values);
    assert_eq!(&view.to_contiguous()[..], &values[..]);
    let run = (small.offset..).zip(&expected).all(|(run, &at)| run == at);
    match view.as_slice() {
        Some(slice) => assert!(run && slice == values && view.is_contiguous()),
        None => assert!(!run && !view.is_contiguous()),
    }
    if let (Some(slice), Some(&first)) = (view.as_slice(), wanted.first()) {
        assert_eq!(slice.as_ptr(), first);
    }
}

fn writes<T: Clone + Debug + PartialEq, const N: usize>(small: &Small, make: impl Fn(usize) -> T) {
    let layout = layout::<N>(small);
    let expected = expected(small);
    let pristine: Vec<T> = (0..small.len).map(&make).collect();
    // The element of the n-th index becomes number `1000 + n`, and nothing else changes.
    let mut wanted = pristine.clone();
    for (n, &at) in expected.iter().enumerate() {
        wanted[at] = make(1000 + n);
    }
    let write = |through: &mut dyn FnMut(StridedViewMut<'_, T, N>)| {
        let mut buffer = pristine.clone();
        let view = StridedViewMut::new(&mut buffer, layout);
        through(view.unwrap_or_else(|error| panic!("{small:?} is unique, but {error}")));
        assert_eq!(buffer, wanted, "{small:?}");
    };

    for cut in cuts(expected.len()) {
        write(&mut |mut view| {
            let mut iter = view.iter_mut();
            for n in 0..cut {
                assert_eq!(iter.len(), expected.len() - n);
                *iter.next().unwrap() = make(1000 + n);
            }
            iter.fold(cut, |n, element| {
                *element = make(1000 + n);
                n + 1
            });
        });
    }
    // All references are held at once.
    write(&mut |view| {
        let mut all: Vec<&mut T> = view.into_iter().collect();
        for (n, element) in all.iter_mut().enumerate().rev() {
            **element = make(1000 + n);
        }
    });
    write(&mut |mut view| {
        for (n, element) in (1000..).zip(&mut view) {
            *element = make(n);
        }
    });
    let mut indices: Vec<[usize; N]> = Vec::new();
    for_each_index(&small.shape, |index| indices.push(index.try_into().unwrap()));
    write(&mut |mut view| {
        for (n, &index) in indices.iter().enumerate() {
            if n % 2 == 0 {
                view[index] = make(1000 + n);
            } else {
                *view.reborrow().get_mut(index).unwrap() = make(1000 + n);
            }
        }
        let beyond = *view.shape();
        assert_eq!(view.get_mut(beyond).is_some(), N == 0);
        // What was written is read back on every path.
        let values: Vec<T> = (0..expected.len()).map(|n| make(1000 + n)).collect();
        assert_eq!(view.to_vec(), values);
        assert!(view.iter().eq(&values) && view.as_view().iter().eq(&values));
        for (index, element) in view.indexed_iter() {
            assert!(std::ptr::eq(element, view.get(index).unwrap()));
            assert_eq!(element, &view[index]);
        }
    });
}

#[test]
fn a_buffer_of_zero_sized_elements_may_be_as_long_as_usize() {
    let everything = [(); usize::MAX];
    let layout = Layout::new([2, 2], [isize::MAX; 2], 0, everything.len()).unwrap();
    assert_eq!(layout.required_len(), usize::MAX);
    let view = StridedView::new(&everything, layout).unwrap();
    assert_eq!((view.iter().count(), view[[1, 1]]), (4, ()));
    assert!(StridedView::new(&everything[..usize::MAX - 1], layout).is_err());
    // More elements than a view may have.
    assert!(StridedView::from_slice(&everything).is_err());
    let many = StridedView::from_slice(&everything[..usize::MAX >> 1]).unwrap();
    assert_eq!((many.len(), many.iter().size_hint().0), (usize::MAX >> 1, usize::MAX >> 1));
    assert_eq!(many.get([usize::MAX >> 1]), None);
}

#[test]
fn a_buffer_shorter_than_the_layout_is_refused() {
    let layout = Layout::new([2, 3], [-3, 1], 3, 6).unwrap();
    let mut data = [0; 6];
    assert!(StridedView::new(&data, layout).is_ok());
    for len in 0..6 {
        let error = StridedView::new(&data[..len], layout).unwrap_err();
        assert_eq!(error.required_len(), Some(6), "{error}");
        assert_eq!(StridedViewMut::new(&mut data[..len], layout).unwrap_err(), error);
    }
    let empty = Layout::new([0, 3], [9, 9], 4, 6).unwrap();
    assert!(StridedView::new(&data[..4], empty).is_ok());
    assert_eq!(StridedView::new(&data[..3], empty).unwrap_err().code(), "SP002");
}

#[test]
#[should_panic(expected = "index [2, 0] is not valid for shape [2, 3]")]
fn indexing_with_an_invalid_tuple_panics_and_says_why() {
    let data = [0; 6];
    let view = StridedView::new(&data, Layout::row_major([2, 3]).unwrap()).unwrap();
    let _ = view[[2, 0]];
}
