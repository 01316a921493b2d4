//! Views of what other crates keep, and back.
#![cfg(all(feature = "ndarray", feature = "imgref", feature = "image"))]

use ::image::{FlatSamples, GenericImageView, Rgb, flat::SampleLayout};
use imgref::{ImgRef, ImgRefMut, ImgVec};
use ndarray::{Array3, ArrayView, ArrayView2, ArrayView3, ArrayViewMut3, Ix1, Ix3, IxDyn};
use proptest::prelude::*;
use strideproof::interop::image::{samples, samples_mut};
use strideproof::interop::imgref::{image, image_mut};
use strideproof::interop::{Strided, StridedMut};
use strideproof::{
    Error, Layout, Operand, StridedView, StridedViewDyn, StridedViewMut, as_strided, as_strided_mut,
};

fn small<N, M: TryFrom<N>>(number: N) -> M {
    M::try_from(number).ok().expect("small")
}

proptest! {
    #[test]
    fn a_view_becomes_an_array_and_the_same_view_again(
        shape in [0..4usize, 0..4usize, 0..5usize],
        strides in [-9..10isize, -9..10isize, -9..10isize],
        offset in 0..60usize,
    ) {
        let mut numbers: Vec<usize> = (0..60).collect();
        let Ok(layout) = Layout::new(shape, strides, offset, numbers.len()) else { return Ok(()) };
        let view = StridedView::new(&numbers, layout).unwrap();
        let array: ArrayView3<'_, usize> = view.try_into().unwrap();
        prop_assert_eq!(array.shape(), &shape);
        prop_assert!(view.iter().eq(array.iter()));
        prop_assert!(view.is_empty() || view.as_ptr() == array.as_ptr());
        let back: StridedView<'_, usize, 3> = array.try_into().unwrap();
        prop_assert_eq!(back, view);
        for axis in (0..3).filter(|&axis| !view.is_empty() && shape[axis] > 1) {
            prop_assert_eq!(back.strides()[axis], strides[axis]);
        }
        let dynamic: ArrayView<'_, usize, IxDyn> = StridedViewDyn::from(view).try_into().unwrap();
        prop_assert!(view.iter().eq(dynamic.iter()));
        let back = StridedViewDyn::try_from(dynamic).unwrap();
        prop_assert_eq!(back, view);

        let expected: Vec<usize> = view.to_vec();
        let Ok(view) = StridedViewMut::new(&mut numbers, layout) else { return Ok(()) };
        let nested = strideproof::overlap::is_nested(&shape, &strides, 1);
        let mut array: ArrayViewMut3<'_, usize> = match view.try_into() {
            Ok(array) => array,
            Err(error) => {
                prop_assert!(!nested && matches!(error, Error::Interleaved { .. }), "{}", error);
                return Ok(());
            }
        };
        prop_assert!(nested);
        array += 100;
        let mut view: StridedViewMut<'_, usize, 3> = array.try_into().unwrap();
        view.map_in_place(|n| *n += 100);
        for (at, &n) in numbers.iter().enumerate() {
            prop_assert_eq!(n, if expected.contains(&at) { at + 200 } else { at });
        }
    }

    #[test]
    fn an_array_cut_in_any_way_becomes_a_view(
        steps in [1..4isize, 1..4isize, 1..4isize],
        starts in [0..4isize, 0..4isize, 0..4isize],
        backwards in any::<[bool; 3]>(),
        order in Just([0, 1, 2]).prop_shuffle(),
    ) {
        let mut array = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (i, j, k));
        let step = |axis: usize| if backwards[axis] { -steps[axis] } else { steps[axis] };
        let cut = ndarray::s![
            starts[0]..;step(0), starts[1]..;step(1), starts[2]..;step(2)
        ];
        let expected: Vec<_> =
            array.slice(cut).permuted_axes(order).iter().copied().collect();
        let part = array.slice(cut).permuted_axes(order);
        let view = StridedView::<_, 3>::try_from(part).unwrap();
        prop_assert_eq!(view.to_vec(), &expected[..]);
        let part = array.slice_mut(cut).permuted_axes(order);
        let mut view = StridedViewMut::<_, 3>::try_from(part).unwrap();
        for (n, element) in view.iter_mut().enumerate() {
            *element = (n, n, n);
        }
        let written = array.iter().filter(|(i, j, k)| i == j && j == k).count();
        prop_assert!(written >= expected.len());
        let part = array.slice(cut).permuted_axes(order);
        prop_assert!(part.iter().enumerate().all(|(n, element)| *element == (n, n, n)));
    }

    #[test]
    fn an_image_is_a_view_exactly_when_its_buffer_is_long_enough(
        width in 0..6usize, height in 0..6usize, padding in 0..4usize, len in 0..60usize,
    ) {
        let stride = (width + padding).max(1);
        let mut pixels: Vec<usize> = (0..len).collect();
        let needed = if width == 0 || height == 0 { 0 } else { stride * (height - 1) + width };
        let view = StridedView::try_from(ImgRef::new_stride(&pixels[..], width, height, stride));
        let owned = ImgVec::new_stride(pixels.clone(), width, height, stride);
        prop_assert_eq!(view, owned.to_view());
        let Ok(view) = view else {
            prop_assert!(len < needed);
            prop_assert_eq!(view.unwrap_err().required_len(), Some(needed as u128));
            return Ok(());
        };
        prop_assert!(len >= needed);
        for ([row, column], &pixel) in view.indexed_iter() {
            prop_assert_eq!(pixel, row * stride + column);
        }
        let back = image(&pixels, view.layout()).unwrap();
        prop_assert_eq!(StridedView::try_from(back).unwrap(), view);
        if width > 0 {
            prop_assert!(back.pixels().eq(view.iter().copied()));
        }
        let run = ImgRef::try_from(view);
        prop_assert_eq!(run.is_ok(), view.is_contiguous());
        if let Ok(run) = run {
            prop_assert_eq!(StridedView::try_from(run).unwrap(), view);
        }
        let shape = *view.shape();
        if let Ok(layout) = Layout::new([height, width], [small(stride), 1], 0, usize::MAX) {
            let mut copy = pixels.clone();
            let image = image_mut(&mut copy, &layout).unwrap();
            StridedViewMut::try_from(image).unwrap().map_in_place(|n| *n += 100);
            let changed = copy.iter().enumerate().filter(|(at, n)| at != *n).count();
            prop_assert_eq!(changed, width * height);
        }
        let mut image = ImgRefMut::new_stride(&mut pixels[..], width, height, stride);
        image.to_view_mut().unwrap().fill(1000);
        let view = StridedViewMut::try_from(image).unwrap();
        prop_assert_eq!((*view.shape(), view.iter().all(|&n| n == 1000)), (shape, true));
        if let Ok(mut image) = ImgRefMut::try_from(view) {
            image.buf_mut().fill(0);
        }
    }

    #[test]
    fn samples_are_a_view_exactly_when_their_buffer_is_long_enough(
        channels in 0..4u8, width in 0..4u32, height in 0..4u32,
        strides in [0..20usize, 0..20usize, 0..20usize],
        len in 0..80usize,
    ) {
        let [height_stride, width_stride, channel_stride] = strides;
        let layout =
            SampleLayout { channels, channel_stride, width, width_stride, height, height_stride };
        let mut numbers: Vec<usize> = (0..len).collect();
        let flat = FlatSamples { samples: &numbers[..], layout, color_hint: None };
        let (fits, needed) = (layout.fits(len), layout.min_length());
        let view = StridedView::try_from(flat.clone());
        prop_assert_eq!(&view, &flat.to_view());
        let Ok(view) = view else {
            prop_assert!(!fits);
            prop_assert_eq!(view.unwrap_err().required_len(), needed.map(|len| len as u128));
            return Ok(());
        };
        prop_assert!(fits);
        for ([y, x, c], &sample) in view.indexed_iter() {
            let index = layout.index(small(c), small(x), small(y));
            prop_assert_eq!(Some(sample), index);
        }
        // Back, from a buffer and a layout, and without gaps.
        let back = samples(&numbers, view.layout()).unwrap();
        prop_assert_eq!(StridedView::try_from(back).unwrap(), view);
        let mut places = view.to_vec();
        places.sort_unstable();
        let without_gaps = places.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let packed = FlatSamples::try_from(view);
        prop_assert_eq!(packed.is_ok(), without_gaps);
        if let Ok(packed) = packed {
            prop_assert_eq!(packed.samples.len(), view.len());
            prop_assert_eq!(StridedView::try_from(packed).unwrap(), view);
        }
        let unique = places.windows(2).all(|pair| pair[1] != pair[0]);
        let mut copy = numbers.clone();
        match samples_mut(&mut copy, view.layout()) {
            Ok(flat) => {
                prop_assert!(unique);
                StridedViewMut::try_from(flat).unwrap().map_in_place(|n| *n += 1000);
                let written: Vec<usize> = (0..len).filter(|&at| copy[at] >= 1000).collect();
                prop_assert_eq!(&written, &places);
            }
            Err(error) => prop_assert!(!unique && error.code() == "SP006", "{}", error),
        }
        let mut flat = FlatSamples { samples: &mut numbers[..], layout, color_hint: None };
        prop_assert_eq!(flat.to_view_mut().is_ok(), unique);
        if unique {
            flat.to_view_mut().unwrap().fill(1000);
            let view = StridedViewMut::try_from(flat).unwrap();
            if let Ok(flat) = FlatSamples::try_from(view) {
                flat.samples.iter_mut().for_each(|n| *n += 1);
            }
            let written: Vec<usize> = (0..len).filter(|&at| numbers[at] >= 1000).collect();
            prop_assert_eq!(written, places);
        }
    }
}

#[test]
fn an_image_is_cut_without_copying() {
    let image = image::RgbImage::from_fn(4, 3, |x, y| Rgb([small(x), small(y), 9]));
    let view = StridedView::try_from(image.as_flat_samples()).unwrap();
    // Each second column, then the planes of colour first: not what the crate calls packed.
    let cut = view.slice(strideproof::s![1.., ..;2, ..]);
    assert!(FlatSamples::try_from(cut).is_err());
    let cut = samples(image.as_raw(), cut.layout()).unwrap();
    let pixels = cut.as_view::<Rgb<u8>>().unwrap();
    assert_eq!((pixels.dimensions(), pixels.get_pixel(1, 1)), ((2, 2), Rgb([2, 2, 9])));
    let backwards = view.reverse(1);
    let operand = Operand::Stride { axis: 1 };
    let error = samples(image.as_raw(), backwards.layout()).unwrap_err();
    assert_eq!(error, Error::NegativeDimension { operand, value: -3 });
    let many = Layout::row_major([1, 1, 256]).unwrap();
    let error = samples(&[0; 256], &many).unwrap_err();
    assert_eq!(error, Error::TooManyElements { axis: 2 });
    let long = FlatSamples {
        samples: &[0u8; 4][..],
        layout: SampleLayout {
            height_stride: usize::MAX,
            ..SampleLayout::row_major_packed(1, 2, 2)
        },
        color_hint: None,
    };
    assert!(matches!(StridedView::try_from(long), Err(Error::NumberTooLarge { .. })));
}

#[test]
fn what_the_other_crate_does_not_represent_is_refused() {
    let x = [1, 2, 3, 4, 5, 6];
    let x = as_strided(&x, [2, 3], None, 0).unwrap();
    let wrong = ArrayView::<'_, i32, Ix3>::try_from(x).unwrap_err();
    assert_eq!(wrong, Error::WrongRank { rank: 2, needed: 3 });
    let array = ArrayView2::<'_, i32>::try_from(x).unwrap();
    let wrong = StridedView::<'_, i32, 1>::try_from(array).unwrap_err();
    assert_eq!(wrong, Error::WrongRank { rank: 2, needed: 1 });
    // `ndarray` counts the elements that there would be without the size of 0.
    let layout = Layout::new([0, usize::MAX], [isize::MIN, 3], 6, 6).unwrap();
    let empty = StridedView::new(&[1, 2, 3, 4, 5, 6], layout).unwrap();
    let error = ArrayView2::<'_, i32>::try_from(empty).unwrap_err();
    assert_eq!(error, Error::TooManyElements { axis: 1 });
    let layout = Layout::new([2], [isize::MIN], isize::MIN.unsigned_abs(), usize::MAX).unwrap();
    let units = [(); usize::MAX];
    let far = StridedView::new(&units, layout).unwrap();
    let error = ArrayView::<'_, (), Ix1>::try_from(far).unwrap_err();
    assert_eq!(error, Error::DoesNotFit { axis: 0 });

    let mut y = [0; 12];
    let interleaved = as_strided_mut(&mut y, [2, 1, 3], [5, 0, 3], 0).unwrap();
    let error = ArrayViewMut3::<'_, i32>::try_from(interleaved).unwrap_err();
    assert_eq!(error, Error::Interleaved { axis: 0 });

    assert_eq!(ImgRef::try_from(x.t()).unwrap_err(), Error::NotAdjacent { axis: 1, stride: 3 });
    let cut = x.slice(strideproof::s![.., 1..]);
    assert_eq!(ImgRef::try_from(cut).unwrap_err(), Error::NeedsCopy { outer: 0, inner: 1 });
    let cut = x.slice(strideproof::s![.., ..;2]);
    assert_eq!(ImgRef::try_from(cut).unwrap_err(), Error::NotAdjacent { axis: 1, stride: 2 });
    let pixels = [0; 12];
    let image = |shape, strides, offset| {
        image(&pixels, &Layout::new(shape, strides, offset, 12).unwrap()).map(|_| ())
    };
    assert_eq!(image([2, 3], [1, 2], 0), Err(Error::NotAdjacent { axis: 1, stride: 2 }));
    let Err(Error::Aliased { first, second }) = image([2, 3], [2, 1], 0) else { panic!("overlap") };
    assert_eq!((first.to_string(), second.to_string()), ("[0, 2]".into(), "[1, 0]".into()));
    let operand = Operand::Stride { axis: 0 };
    let backwards = Error::NegativeDimension { operand, value: -4 };
    assert_eq!(image([2, 3], [-4, 1], 4), Err(backwards));
    assert_eq!(image([1, 3], [-7, 1], 9), Ok(()));
    assert_eq!(image([0, 3], [-7, 5], 12), Ok(()));
    let corner = Layout::new([2, 2], [4, 1], 5, 12).unwrap();
    let numbers: Vec<usize> = (0..12).collect();
    let corner = strideproof::interop::imgref::image(&numbers, &corner).unwrap();
    assert!(corner.pixels().eq([5, 6, 9, 10]));
    let long = Layout::new([0, 1 << 33], [0, 0], 0, 0).unwrap();
    let error = strideproof::interop::imgref::image::<u8>(&[], &long).unwrap_err();
    assert_eq!(error, Error::TooManyElements { axis: 1 });
    let error =
        strideproof::interop::imgref::image(&pixels[..5], &Layout::row_major([2, 3]).unwrap());
    assert_eq!(error.unwrap_err().required_len(), Some(6));
}
