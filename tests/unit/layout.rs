//! Lists whose answers differ from call to call: a layout is checked on the values that it keeps.

extern crate std;
use core::cell::Cell;
use std::vec::Vec;

use super::{Layout, LayoutDyn};
use crate::rank::{AxisList, Const, Dyn, PerAxis, Rank, list};
use crate::{Error, check_elements};

/// Answers with one list after the other; the last is the one that is kept.
struct Lying<D, X> {
    answers: [Vec<X>; 3],
    asked: Cell<usize>,
    rank: core::marker::PhantomData<D>,
}

impl<D, X> Lying<D, X> {
    fn next(&self) -> &[X] {
        let asked = self.asked.replace(self.asked.get() + 1);
        &self.answers[asked.min(2)]
    }
}

impl<X: Copy + Default> PerAxis<X> for Lying<Dyn, X> {
    type Rank = Dyn;

    fn values(&self) -> &[X] {
        self.next()
    }

    fn into_list(self) -> Result<AxisList<X>, Error> {
        list::<Dyn, X>(self.next())
    }
}

impl<X: Copy + Default, const N: usize> PerAxis<X> for Lying<Const<N>, X> {
    type Rank = Const<N>;

    fn values(&self) -> &[X] {
        self.next()
    }

    fn into_list(self) -> Result<[X; N], Error> {
        list::<Const<N>, X>(self.next())
    }
}

/// Three lists, of some length near `rank` each.
fn lying<D, X>(seed: &mut u64, rank: usize, number: fn(u64) -> X) -> Lying<D, X> {
    let mut next = || {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *seed >> 33
    };
    let mut answer = || {
        let length = if next() % 4 == 0 { usize::try_from(next() % 4).unwrap() } else { rank };
        (0..length).map(|_| number(next())).collect()
    };
    let answers = [answer(), answer(), answer()];
    Lying { answers, asked: Cell::new(0), rank: core::marker::PhantomData }
}

fn size(random: u64) -> usize {
    usize::try_from(random % 5).unwrap()
}

fn stride(random: u64) -> isize {
    isize::try_from(random % 9).unwrap() - 4
}

/// Whether the layout is one that the kernel accepts for a buffer of `len` elements.
fn holds<D: Rank>(layout: &Layout<D>, len: usize) -> bool {
    check_elements(layout.sizes(), layout.steps(), layout.offset(), len).is_ok()
}

fn judge<D: Rank>(seed: &mut u64) -> usize
where
    Lying<D, usize>: PerAxis<usize, Rank = D>,
    Lying<D, isize>: PerAxis<isize, Rank = D>,
{
    let parent = LayoutDyn::row_major(&[2, 3, 2]).unwrap();
    let made = [
        Layout::new(lying::<D, _>(seed, 2, size), lying::<D, _>(seed, 2, stride), 9, 20),
        Layout::from_bytes(lying::<D, _>(seed, 2, size), lying::<D, _>(seed, 2, stride), 9, 20, 1),
        Layout::from_bytes(lying::<D, _>(seed, 2, size), lying::<D, _>(seed, 2, stride), 8, 20, 2),
        parent.try_reshape(lying::<D, _>(seed, 2, size)),
        parent.try_broadcast_to(lying::<D, _>(seed, 2, size)),
    ];
    for layout in made.iter().flatten() {
        assert!(holds(layout, 20), "{layout:?}");
    }
    let packed = [
        Layout::row_major(lying::<D, _>(seed, 2, size)),
        Layout::column_major(lying::<D, _>(seed, 2, size)),
    ];
    for layout in packed.iter().flatten() {
        assert!(holds(layout, isize::MAX.unsigned_abs()), "{layout:?}");
    }
    made.iter().chain(&packed).flatten().count()
}

#[test]
fn a_layout_is_checked_on_the_values_that_it_keeps() {
    let (mut seed, mut accepted) = (1, [0; 2]);
    for _ in 0..4_000 {
        accepted[0] += judge::<Const<2>>(&mut seed);
        accepted[1] += judge::<Dyn>(&mut seed);
    }
    assert!(accepted.iter().all(|&count| count > 4_000), "{accepted:?}");
}
