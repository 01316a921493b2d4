//! The common forms of a view by name, a slice as it is, brackets, and from one kind of rank to the
//! other.

use core::ops::{Index, IndexMut};

use crate::error::{Error, accept};
use crate::layout::Layout;
use crate::rank::{Const, Dyn, PerAxis, Rank, Short};
use crate::view::{Buffer, View, ViewUnit};

/// Reads a slice through a shape, strides and an offset of constant rank `N`.
pub type StridedView<'a, T, const N: usize> = View<&'a [T], T, Const<N>>;

/// Reads and writes a slice through a shape, strides and an offset of constant rank `N`, no two of
/// whose indices share an element.
pub type StridedViewMut<'a, T, const N: usize> = View<&'a mut [T], T, Const<N>>;

/// A [`StridedView`] whose rank is known at run time.
///
/// ```
/// use strideproof::{StridedView, StridedViewDyn, as_strided};
/// let x: Vec<i64> = (0..6).collect();
/// let view = StridedViewDyn::from(as_strided(&x, [2, 3], None, 0)?);
/// let column = view.try_index_axis(1, 2)?;
/// assert_eq!((column.rank(), column.to_string()), (1, "[2 5]".into()));
/// let column: StridedView<'_, i64, 1> = column.try_into()?;
/// assert_eq!(column[[1]], 5);
/// # Ok::<(), strideproof::Error>(())
/// ```
pub type StridedViewDyn<'a, T> = View<&'a [T], T, Dyn>;

/// A [`StridedViewMut`] whose rank is known at run time.
pub type StridedViewMutDyn<'a, T> = View<&'a mut [T], T, Dyn>;

impl<B: Buffer<T>, T> View<B, T, Const<1>> {
    /// Shows a slice as it is: one axis of stride 1.
    ///
    /// # Errors
    /// [`TooManyElements`](Error::TooManyElements), which takes a slice of zero-sized elements.
    pub fn from_slice(data: B) -> Result<Self, Error> {
        let layout = Layout::row_major([data.as_ref().len()])?;
        Self::new(data, layout)
    }
}

impl<B, T, const N: usize, U: ViewUnit> From<View<B, T, Const<N>, U>> for View<B, T, Dyn, U>
where
    Const<N>: Short,
{
    fn from(view: View<B, T, Const<N>, U>) -> Self {
        // Never refused: so few axes need no memory.
        accept(view.try_with_rank())
    }
}

impl<B, T, const N: usize, U: ViewUnit> TryFrom<View<B, T, Dyn, U>> for View<B, T, Const<N>, U> {
    type Error = Error;

    fn try_from(view: View<B, T, Dyn, U>) -> Result<Self, Error> {
        view.try_with_rank()
    }
}

/// Reads through a mutable view: [`as_view`](View::as_view).
impl<'v, T, D: Rank, U: ViewUnit> From<&'v View<&mut [T], T, D, U>> for View<&'v [T], T, D, U> {
    fn from(view: &'v View<&mut [T], T, D, U>) -> Self {
        view.as_view()
    }
}

/// Views are equal when their shapes are, and their elements under each index; how these lie in
/// memory does not matter.
///
/// ```
/// use strideproof::{StridedViewMut, as_strided};
/// let (rows, mut columns) = ([1, 2, 3, 4, 5, 6], [1, 4, 2, 5, 3, 6]);
/// let rows = as_strided(&rows, [2, 3], None, 0)?;
/// assert_eq!(rows, as_strided(&columns, [3, 2], None, 0)?.t());
/// let mut columns = StridedViewMut::from_slice(&mut columns)?.reshape([3, 2]).t();
/// columns[[0, 1]] = 0;
/// assert_ne!(rows, columns);
/// # Ok::<(), strideproof::Error>(())
/// ```
impl<B, C, T: PartialEq<V>, V, D: Rank, E: Rank, U: ViewUnit, W: ViewUnit>
    PartialEq<View<C, V, E, W>> for View<B, T, D, U>
{
    fn eq(&self, other: &View<C, V, E, W>) -> bool {
        self.sizes() == other.sizes() && self.as_view().iter().eq(other.as_view().iter())
    }
}

impl<B, T: Eq, D: Rank, U: ViewUnit> Eq for View<B, T, D, U> {}

#[cold]
#[inline(never)]
#[track_caller]
fn invalid_index(index: impl PerAxis<usize>, shape: &[usize]) -> ! {
    panic!("index {:?} is not valid for shape {shape:?}", index.values())
}

/// `view[[row, column]]`, with the index on each axis in the order of the axes; up to rank 4 also
/// `view[(row, column)]`.
///
/// # Panics
/// Indexing panics when the tuple is not valid; [`get`](View::get) does not.
impl<B, T, D: Rank, U: ViewUnit, I: PerAxis<usize, Rank = D>> Index<I> for View<B, T, D, U> {
    type Output = T;

    #[inline]
    fn index(&self, index: I) -> &T {
        self.get_or(index, invalid_index)
    }
}

/// # Panics
/// Indexing panics when the tuple is not valid; [`get_mut`](View::get_mut) does not.
impl<T, D: Rank, U: ViewUnit, I: PerAxis<usize, Rank = D>> IndexMut<I> for View<&mut [T], T, D, U> {
    #[inline]
    fn index_mut(&mut self, index: I) -> &mut T {
        self.get_mut_or(index, invalid_index)
    }
}

impl<T, D: Rank, U: ViewUnit> View<&mut [T], T, D, U> {
    /// Exchanges two elements.
    ///
    /// ```
    /// use strideproof::as_strided_mut;
    /// let mut x = [1, 2, 3, 4];
    /// as_strided_mut(&mut x, [2, 2], None, 0)?.swap([0, 1], [1, 0]);
    /// assert_eq!(x, [1, 3, 2, 4]);
    /// # Ok::<(), strideproof::Error>(())
    /// ```
    ///
    /// # Panics
    /// When an index tuple is not valid; nothing is exchanged then.
    #[inline]
    #[track_caller]
    pub fn swap<I: PerAxis<usize, Rank = D>>(&mut self, one: I, other: I) {
        self.swap_or([one, other], invalid_index);
    }
}

/// Brackets with a tuple: `view[(row, column)]`, in the order of the axes.
macro_rules! tuples {
    (@one $index:ident) => { usize };
    ($($rank:literal: $($index:ident)*;)*) => {
        $(
            impl<B, T, U: ViewUnit> Index<($(tuples!(@one $index)),*)> for View<B, T, Const<$rank>, U> {
                type Output = T;

                #[inline]
                fn index(&self, ($($index),*): ($(tuples!(@one $index)),*)) -> &T {
                    self.get_or([$($index),*], invalid_index)
                }
            }

            impl<T, U: ViewUnit> IndexMut<($(tuples!(@one $index)),*)>
                for View<&mut [T], T, Const<$rank>, U>
            {
                #[inline]
                fn index_mut(&mut self, ($($index),*): ($(tuples!(@one $index)),*)) -> &mut T {
                    self.get_mut_or([$($index),*], invalid_index)
                }
            }
        )*
    };
}

tuples! {
    2: i j;
    3: i j k;
    4: i j k l;
}
