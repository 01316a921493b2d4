//! Views of what other crates keep, and views handed to other crates.
//!
//! [`Strided`] is for types that have their elements in a slice: it takes the slice and the numbers,
//! checks them, and gives a view. It is a safe trait: whatever an implementation answers, a view that
//! would leave its slice is refused with the index that does.
//!
//! Behind a feature each, what is there for other crates:
//!
//! | feature | to a view | from a view |
//! | --- | --- | --- |
//! | `ndarray` | `ArrayView`, `ArrayViewMut` | the same, with negative strides, offsets and gaps |
//! | `imgref` | `ImgRef`, `ImgRefMut`; [`Strided`] images | `ImgRef`, `ImgRefMut`; [`imgref::image`] |
//! | `image` | `FlatSamples`; [`Strided`] samples | `FlatSamples`; [`image::samples`] |
//! | `nalgebra` | [`Strided`] matrices that own their elements | `DMatrixView`, `DMatrixViewMut`; [`nalgebra::matrix`] |
//! | `faer` | | `MatRef`, `MatMut`; [`faer::matrix`] |
//!
//! Conversions are `try_from` and `try_into`, and copy nothing. What lies between the elements of a view
//! may be borrowed elsewhere, and only `ndarray` keeps off it in safe code; so for the other crates a
//! view must have no gaps, and the functions named above take a buffer and a layout in it. Each has a
//! twin for writing, such as [`imgref::image_mut`].
//!
//! The views of `nalgebra` and `faer` do not become views: neither crate has a safe function that says in
//! which slice the elements of a view lie. [`nalgebra`] and [`faer`] say what there is instead.

// Each module may be the only one.
#![cfg_attr(
    not(any(feature = "imgref", feature = "image")),
    allow(dead_code, unused_macros, unused_imports, reason = "for what the features bring")
)]

/// Spells out a checked conversion.
macro_rules! convert {
    ($($(#[$doc:meta])* [$($generics:tt)*] $from:ty => $to:ty, by $by:expr;)*) => {
        $(
            $(#[$doc])*
            impl<$($generics)*> TryFrom<$from> for $to {
                type Error = crate::error::Error;

                fn try_from(from: $from) -> Result<Self, crate::error::Error> {
                    let convert: fn($from) -> Result<Self, crate::error::Error> = $by;
                    convert(from)
                }
            }
        )*
    };
}

/// Spells out [`Strided`], and [`StridedMut`] if it is said how elements are written.
macro_rules! strided {
    ($(
        $(#[$doc:meta])*
        [$($generics:tt)*] $owner:ty: $rank:ty, $item:ty, by $numbers:ident,
        $elements:expr $(, mut $elements_mut:expr)? $(, where [$($bound:tt)*])?;
    )*) => {
        $(
            $(#[$doc])*
            impl<$($generics)*> super::Strided for $owner $(where $($bound)*)? {
                type Item = $item;
                type Rank = $rank;

                fn elements(&self) -> &[$item] {
                    let elements: fn(&Self) -> &[$item] = $elements;
                    elements(self)
                }

                fn numbers(&self) -> Result<super::Numbers<$rank>, crate::error::Error> {
                    $numbers(self)
                }
            }

            strided!(@mut [$($generics)*] $owner: $item, [$($elements_mut)?] [$($($bound)*)?]);
        )*
    };
    (@mut [$($generics:tt)*] $owner:ty: $item:ty, [] [$($bound:tt)*]) => {};
    (@mut [$($generics:tt)*] $owner:ty: $item:ty, [$elements:expr] [$($bound:tt)*]) => {
        impl<$($generics)*> super::StridedMut for $owner where $($bound)* {
            fn elements_mut(&mut self) -> &mut [$item] {
                let elements: fn(&mut Self) -> &mut [$item] = $elements;
                elements(self)
            }
        }
    };
}

#[cfg(feature = "faer")]
pub mod faer;
#[cfg(feature = "image")]
pub mod image;
#[cfg(feature = "imgref")]
pub mod imgref;
#[cfg(feature = "nalgebra")]
pub mod nalgebra;
#[cfg(feature = "ndarray")]
mod ndarray;

use core::ops::Range;

use crate::error::{Error, Operand, signed, widen, widen_signed};
use crate::layout::Layout;
use crate::rank::Rank;
use crate::view::{Buffer, View};

/// A type whose elements lie in one slice, at a shape, strides and an offset.
///
/// Strides and offset count elements. The implementation need not be right for the program to be
/// sound: [`to_view`](Self::to_view) checks what it says.
///
/// ```
/// use strideproof::{Const, Error};
/// use strideproof::interop::Strided;
///
/// /// An image of rows with padding.
/// struct Plane { samples: Vec<u8>, width: usize, height: usize, pitch: isize }
///
/// impl Strided for Plane {
///     type Item = u8;
///     type Rank = Const<2>;
///     fn elements(&self) -> &[u8] {
///         &self.samples
///     }
///     fn numbers(&self) -> Result<([usize; 2], [isize; 2], usize), Error> {
///         Ok(([self.height, self.width], [self.pitch, 1], 0))
///     }
/// }
///
/// let mut plane = Plane { samples: (0..8).collect(), width: 3, height: 2, pitch: 4 };
/// assert_eq!(plane.to_view()?.to_string(), "[[0 1 2]\n [4 5 6]]");
/// plane.pitch = 6;
/// let error = plane.to_view().unwrap_err();
/// assert_eq!(error.witness().unwrap().index.as_slice(), Some(&[1, 2][..]));
/// # Ok::<(), Error>(())
/// ```
pub trait Strided {
    /// An element.
    type Item;
    /// The rank of the view.
    type Rank: Rank;

    /// The slice in which the elements lie.
    fn elements(&self) -> &[Self::Item];

    /// The shape, the strides and the offset of the view in that slice.
    ///
    /// # Errors
    /// Those of the implementation, for numbers that the types do not hold.
    fn numbers(&self) -> Result<Numbers<Self::Rank>, Error>;

    /// Reads the elements through the view.
    ///
    /// # Errors
    /// Those of [`numbers`](Self::numbers) and of [`Layout::new`](crate::Layout::new).
    fn to_view(&self) -> Result<ViewOf<&[Self::Item], Self>, Error> {
        let (shape, strides, offset) = self.numbers()?;
        View::of_lists(self.elements(), shape, strides, offset)
    }
}

/// A [`Strided`] type whose elements may be written.
pub trait StridedMut: Strided {
    /// The slice in which the elements lie.
    fn elements_mut(&mut self) -> &mut [Self::Item];

    /// Reads and writes the elements through the view.
    ///
    /// # Errors
    /// Those of [`to_view`](Strided::to_view), and [`Aliased`](Error::Aliased) with two indices that
    /// share an element.
    fn to_view_mut(&mut self) -> Result<ViewOf<&mut [Self::Item], Self>, Error> {
        let (shape, strides, offset) = self.numbers()?;
        View::of_lists(self.elements_mut(), shape, strides, offset)
    }
}

/// A shape, strides and an offset.
pub type Numbers<D> = (<D as Rank>::List<usize>, <D as Rank>::List<isize>, usize);

/// The view of what a type keeps.
pub type ViewOf<B, S> = View<B, <S as Strided>::Item, <S as Strided>::Rank>;

/// A stride of a crate whose strides are not signed.
fn stride(axis: usize, stride: usize) -> Result<isize, Error> {
    isize::try_from(stride).map_err(|_| Error::NumberTooLarge {
        operand: Operand::Stride { axis },
        leading: signed(widen(stride)),
        digits: stride.checked_ilog10().map_or(1, |last| last as usize + 1),
    })
}

/// The axes of more than one element, with their sizes and strides; none of a layout without
/// elements.
fn moving<D: Rank>(layout: &Layout<D>) -> impl Iterator<Item = (usize, usize, isize)> {
    let axes = layout.sizes().iter().zip(layout.steps()).enumerate();
    let moving = axes.filter(|(_, (size, _))| **size > 1 && !layout.is_empty());
    moving.map(|(axis, (&size, &stride))| (axis, size, stride))
}

/// The strides for a crate whose strides are not signed; 0 along axes that do not move.
fn forward<D: Rank>(layout: &Layout<D>) -> Result<D::List<usize>, Error> {
    let mut strides = D::filled(layout.rank(), 0)?;
    for (axis, _, stride) in moving(layout) {
        let operand = Operand::Stride { axis };
        let value = widen_signed(stride);
        let forward = usize::try_from(stride);
        let forward = forward.map_err(|_| Error::NegativeDimension { operand, value })?;
        if let Some(stride) = strides.as_mut().get_mut(axis) {
            *stride = forward;
        }
    }
    Ok(strides)
}

/// From the lowest to the highest element of a layout, in a buffer of so many.
fn range<D: Rank>(layout: &Layout<D>, len: usize) -> Result<Range<usize>, Error> {
    layout.require_len(len)?;
    let start = layout.extent().map_or(layout.offset(), |(lowest, _)| lowest);
    Ok(start..layout.required_len())
}

/// The part of a buffer that a layout spans.
fn part<'a, T, D: Rank>(data: &'a [T], layout: &Layout<D>) -> Result<&'a [T], Error> {
    Ok(data.get(range(layout, data.len())?).unwrap_or_default())
}

/// As [`part`], to be written: no element may have two indices.
fn part_mut<'a, T, D: Rank>(data: &'a mut [T], layout: &Layout<D>) -> Result<&'a mut [T], Error> {
    let range = range(layout, data.len())?;
    layout.require_unique(1)?;
    Ok(data.get_mut(range).unwrap_or_default())
}

/// The elements of a view without gaps, in whatever order it has them, and its layout in that slice.
fn packed<B: Buffer<T>, T, D: Rank>(view: View<B, T, D>) -> Result<(B, Layout<D>), Error> {
    let start = view.extent().map_or(view.offset(), |(lowest, _)| lowest);
    let offset = view.offset().saturating_sub(start);
    let ((shape, strides), gap) = (view.lists(), gap(&view));
    let elements = view.try_in_memory_order()?.into_slice().ok_or(gap)?;
    let len = elements.as_ref().len();
    Ok((elements, Layout::of_lists(shape, strides, offset, len)?))
}

/// Which axis of a view with gaps has gaps itself, or does not continue the next smaller one.
fn gap<D: Rank>(layout: &Layout<D>) -> Error {
    let reach = |&(axis, _, stride): &(usize, usize, isize)| (stride.unsigned_abs(), axis);
    if let Some((axis, _, stride @ (..=-2 | 0 | 2..))) = moving(layout).min_by_key(reach) {
        return Error::NotAdjacent { axis, stride };
    }
    for outer in moving(layout) {
        let smaller = moving(layout).filter(|axis| reach(axis) < reach(&outer));
        let continues = |&(_, size, step): &(usize, usize, isize)| {
            step.unsigned_abs().checked_mul(size) == Some(outer.2.unsigned_abs())
        };
        if let Some((inner, ..)) = smaller.max_by_key(reach).filter(|inner| !continues(inner)) {
            return Error::NeedsCopy { outer: outer.0, inner };
        }
    }
    Error::NeedsCopy { outer: 0, inner: layout.rank().saturating_sub(1) }
}
