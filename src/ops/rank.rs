//! Ranks one less, one more, twice as large: what a const generic cannot compute on stable Rust.

/// Stands for the number `N`, so that traits can relate ranks to one another.
///
/// An operation that changes the rank has a bound such as `Rank<N>: OneLess<M>`. Each `N` has one
/// `M`, so the compiler finds it: `view.index_axis(0, 3)` needs no annotation.
#[derive(Debug)]
pub enum Rank<const N: usize> {}

mod sealed {
    pub trait Sealed {}
    impl<const N: usize> Sealed for super::Rank<N> {}
}

/// Relates a rank to `M`, the rank of a view with one axis removed. Ranks 1 to 16.
#[diagnostic::on_unimplemented(
    message = "a view of this rank has no axis to remove, or more than 16",
    label = "`{Self}` is not one more than {M}"
)]
pub trait OneLess<const M: usize>: sealed::Sealed {}

/// Relates a rank to `M`, the rank of a view with one axis added. Ranks 0 to 15.
#[diagnostic::on_unimplemented(
    message = "a view of this rank has no room for one more axis: 16 is the limit",
    label = "`{Self}` is not one less than {M}"
)]
pub trait OneMore<const M: usize>: sealed::Sealed {}

/// Relates a rank to `M`, which is twice as large. Ranks 0 to 8.
#[diagnostic::on_unimplemented(
    message = "windows need a view of at most 8 axes",
    label = "`{Self}` is not half of {M}"
)]
pub trait Double<const M: usize>: sealed::Sealed {}

/// Relates a rank and `M` to `K`, the larger of the two. Ranks 0 to 8.
#[diagnostic::on_unimplemented(
    message = "the two ranks are larger than 8, or {K} is not the larger of them",
    label = "{K} is not the larger of `{Self}` and {M}"
)]
pub trait Wider<const M: usize, const K: usize>: sealed::Sealed {}

macro_rules! neighbours {
    ($($less:literal $more:literal),*) => {
        $(
            impl OneLess<$less> for Rank<$more> {}
            impl OneMore<$more> for Rank<$less> {}
        )*
    };
}

neighbours!(0 1, 1 2, 2 3, 3 4, 4 5, 5 6, 6 7, 7 8);
neighbours!(8 9, 9 10, 10 11, 11 12, 12 13, 13 14, 14 15, 15 16);

macro_rules! doubles {
    ($($half:literal $double:literal),*) => { $(impl Double<$double> for Rank<$half> {})* };
}

doubles!(0 0, 1 2, 2 4, 3 6, 4 8, 5 10, 6 12, 7 14, 8 16);

/// Each line: a rank, and the ranks below it.
macro_rules! larger {
    ($($large:literal: $($small:literal)*;)*) => {
        $(
            impl Wider<$large, $large> for Rank<$large> {}
            $(
                impl Wider<$small, $large> for Rank<$large> {}
                impl Wider<$large, $large> for Rank<$small> {}
            )*
        )*
    };
}

larger! {
    0: ;
    1: 0;
    2: 0 1;
    3: 0 1 2;
    4: 0 1 2 3;
    5: 0 1 2 3 4;
    6: 0 1 2 3 4 5;
    7: 0 1 2 3 4 5 6;
    8: 0 1 2 3 4 5 6 7;
}
