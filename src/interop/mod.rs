//! Views of what other crates keep, and views handed to other crates.
//!
//! [`Strided`] is for types that have their elements in a slice: it takes the slice and the numbers,
//! checks them, and gives a view. It is a safe trait: whatever an implementation answers, a view that
//! would leave its slice is refused with the index that does.
//!
//! Behind a feature each, what is there for other crates:
//!
//! | feature | from and to |
//! | --- | --- |
//! | `ndarray` | `ArrayView` and `ArrayViewMut` of any dimension, with negative strides, offsets and gaps, by `try_from` and `try_into` |
//! | `imgref` | `ImgRef` and `ImgRefMut` by `try_from` and `try_into`, images by [`Strided`], and [`imgref::image`] for rows with padding |

#[cfg(feature = "imgref")]
pub mod imgref;
#[cfg(feature = "ndarray")]
mod ndarray;

use crate::error::Error;
use crate::rank::Rank;
use crate::view::View;

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
