//! Typed views over bytes: accepted exactly when every item is inside, aligned and a whole number
//! of items from the others, and then item by item the bytes at the oracle's addresses.
#![cfg(feature = "bytemuck")]

mod generate;

use std::fmt::Debug;

use bytemuck::{AnyBitPattern, NoUninit, Pod, Zeroable};
use generate::config;
use oracle::{Truth, addresses, colliding_pair};
use proptest::prelude::*;
use strideproof::{Error, Layout, StridedView, StridedViewMut, check_alignment, check_bytes};
use strideproof_testkit::oracle;

/// An odd size and no alignment.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Pixel([u8; 3]);

/// A size that is larger than its alignment.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Complex([f32; 2]);

/// 1024 bytes, the first at an address that is a multiple of 16, each byte telling where it is.
fn bytes() -> Vec<u128> {
    (0..64).map(|n| u128::from_le_bytes(std::array::from_fn(|k| tell(16 * n + k)))).collect()
}

fn tell(at: usize) -> u8 {
    u8::try_from(at * 7 % 251).unwrap()
}

#[derive(Clone, Debug)]
struct Bytes {
    shape: Vec<usize>,
    strides: Vec<isize>,
    offset: usize,
    /// Where in the 1024 bytes the buffer starts.
    start: usize,
    len: usize,
}

/// Strides and offsets are often multiples of 8 and the like, else nothing would be aligned.
fn views() -> impl Strategy<Value = Bytes> {
    let unit = prop_oneof![Just(1isize), Just(2), Just(3), Just(4), Just(8), Just(24)];
    let axis = (prop_oneof![1 => Just(0usize), 12 => 1usize..4], -4isize..=4, 0isize..24);
    let axes = prop::collection::vec(axis, 0..=3);
    (unit, axes, 0usize..4, 0u8..24, 0usize..3, 0u8..8).prop_map(
        |(unit, axes, before, odd, start, short)| {
            let shape: Vec<usize> = axes.iter().map(|axis| axis.0).collect();
            // One stride in 24 is out of step, and so are a few offsets, starts and lengths.
            let strides: Vec<isize> =
                axes.iter().map(|&(_, n, odd)| n * unit + isize::from(odd == 0)).collect();
            let all = addresses(&shape, &strides, 0);
            let lowest = usize::try_from(-all.iter().min().copied().unwrap_or(0)).unwrap();
            let highest = usize::try_from(all.iter().max().copied().unwrap_or(0)).unwrap();
            let offset = lowest + before * unit.unsigned_abs() + usize::from(odd == 0);
            let start = match start {
                0 | 1 => 0,
                _ => unit.unsigned_abs() % 16,
            };
            let len = offset + highest + 8;
            Bytes { shape, strides, offset, start, len: len - usize::from(short) % 8 / 2 * 2 }
        },
    )
}

fn check<T: NoUninit + AnyBitPattern + Debug + PartialEq, const N: usize>(view: &Bytes) {
    let mut storage = bytes();
    let whole: &mut [u8] = bytemuck::cast_slice_mut(&mut storage);
    let buffer = &mut whole[view.start..][..view.len];
    let &Bytes { ref shape, ref strides, offset, start, len } = view;
    let (shape, strides): ([usize; N], [isize; N]) =
        (shape[..].try_into().unwrap(), strides[..].try_into().unwrap());
    let (item, align) = (size_of::<T>(), align_of::<T>());

    let all = addresses(&shape, &strides, offset);
    let inside = Truth::by_enumeration(&shape, &strides, offset).accepts(offset, len, item);
    // The storage is aligned to 16 bytes.
    let aligned = all.iter().all(|at| (at + start as i128) % align as i128 == 0);
    let step = isize::try_from(item).unwrap();
    let whole_steps =
        all.is_empty() || (0..N).all(|axis| shape[axis] == 1 || strides[axis] % step == 0);
    let accepted = inside && aligned && whole_steps;

    let base = buffer.as_ptr().addr();
    match StridedView::<T, N>::from_bytes(buffer, shape, strides, offset) {
        Ok(typed) => {
            assert!(accepted, "{view:?} as {item} bytes: inside {inside}, aligned {aligned}");
            let found: Vec<i128> =
                typed.iter().map(|item| (std::ptr::from_ref(item).addr() - base) as i128).collect();
            assert_eq!(found, all, "{view:?}");
            for (&at, value) in all.iter().zip(typed.iter()) {
                let at = usize::try_from(at).unwrap();
                let expected: Vec<u8> = (at..at + item).map(|at| tell(start + at)).collect();
                assert_eq!(bytemuck::bytes_of(value), expected);
            }
        }
        Err(Error::NotItemMultiple { .. }) => {
            assert!(inside && aligned && !whole_steps, "{view:?}")
        }
        Err(Error::Misaligned { .. }) => {
            assert!(inside && !aligned, "{view:?}");
            assert!(check_alignment(&shape, &strides, offset, base, align).is_err());
        }
        Err(error) => {
            assert!(!inside, "{view:?}: {error}");
            assert_eq!(check_bytes(&shape, &strides, offset, len, item).unwrap_err(), error);
        }
    }

    let unique = colliding_pair(&shape, &strides, item).is_none();
    match StridedViewMut::<T, N>::from_bytes(buffer, shape, strides, offset) {
        Ok(mut typed) => {
            assert!(accepted && unique, "{view:?} as {item} bytes: unique {unique}");
            typed.iter_mut().for_each(|item| *item = T::zeroed());
            let touched = |at: usize| {
                all.iter().any(|&item_at| (item_at..item_at + item as i128).contains(&(at as i128)))
            };
            for (at, &byte) in buffer.iter().enumerate() {
                assert_eq!(byte, if touched(at) { 0 } else { tell(start + at) }, "byte {at}");
            }
        }
        Err(Error::Aliased { .. }) => assert!(accepted && !unique, "{view:?}"),
        Err(_) => assert!(!accepted, "{view:?}"),
    }
}

fn check_types<const N: usize>(view: &Bytes) {
    check::<u8, N>(view);
    check::<i16, N>(view);
    check::<Pixel, N>(view);
    check::<u32, N>(view);
    check::<Complex, N>(view);
    check::<i64, N>(view);
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn typed_views_are_accepted_exactly_and_read_and_write_their_bytes(view in views()) {
        match view.shape.len() {
            0 => check_types::<0>(&view),
            1 => check_types::<1>(&view),
            2 => check_types::<2>(&view),
            _ => check_types::<3>(&view),
        }
    }
}

#[test]
fn only_the_items_need_to_be_aligned_and_not_the_buffer() {
    let storage = bytes();
    let whole: &[u8] = bytemuck::cast_slice(&storage);
    // The buffer starts 4 bytes past a multiple of 8, and the items 4 bytes further.
    let view = StridedView::<i64, 1>::from_bytes(&whole[4..], [3], [16], 4).unwrap();
    assert_eq!(std::ptr::from_ref(&view[[0]]).addr(), whole.as_ptr().addr() + 8);
    let error = StridedView::<i64, 1>::from_bytes(&whole[4..], [3], [16], 0).unwrap_err();
    assert_eq!(error, Error::Misaligned { axis: None, excess: 4, align: 8 });
    let error = StridedView::<i64, 1>::from_bytes(whole, [3], [12], 0).unwrap_err();
    assert_eq!(error, Error::Misaligned { axis: Some(0), excess: 4, align: 8 });
}

#[test]
fn a_tail_shorter_than_an_item_is_left_alone() {
    let storage = bytes();
    let whole: &[u8] = bytemuck::cast_slice(&storage);
    let view = StridedView::<Pixel, 1>::from_bytes(&whole[..11], [3], [3], 2).unwrap();
    assert_eq!(view[[2]], Pixel([tell(8), tell(9), tell(10)]));
    assert!(StridedView::<Pixel, 1>::from_bytes(&whole[..10], [3], [3], 2).is_err());
}

#[test]
fn an_empty_view_reads_nothing_and_needs_no_alignment() {
    let storage = bytes();
    let whole: &[u8] = bytemuck::cast_slice(&storage);
    for (strides, offset) in [([8, 8], 0), ([3, 5], 16), ([isize::MIN, 1], 1023)] {
        let view = StridedView::<i64, 2>::from_bytes(&whole[1..], [0, 4], strides, offset)
            .unwrap_or_else(|error| panic!("{strides:?} {offset}: {error}"));
        assert_eq!((view.iter().count(), view.shape()), (0, &[0, 4]));
    }
    let error = StridedView::<i64, 2>::from_bytes(whole, [0, 4], [8, 8], 1025).unwrap_err();
    assert_eq!(error.code(), "SP002");
}

#[test]
fn items_of_no_bytes_are_refused_where_there_are_any() {
    assert!(StridedView::<(), 1>::from_bytes(&[1, 2], [2], [1], 0).is_err());
    assert!(StridedView::<(), 1>::from_bytes(&[1, 2], [0], [1], 2).unwrap().is_empty());
    // As a layout, one place may hold any number of them.
    let layout = Layout::from_bytes([5], [0], 0, 0, 0).unwrap();
    assert_eq!((layout.len(), layout.required_len()), (5, 1));
}
