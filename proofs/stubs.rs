//! What stands in the place of other functions under Kani.
//!
//! The two multiplications first, with what T1 says of them: `reserve` returns *anything*, the same
//! for the same arguments; `scale` anything that T1 allows for a reservation that was made. What is
//! proved with these stands for every pair of functions that satisfies T1, and no solver meets a
//! product of two wide numbers. That the real ones satisfy it is proved by Coq, about the source: `scale_right`
//! (proofs/rocq/Address.v) for `scale`; `reserve` is `checked_mul`, of which the prelude says
//! that it gives the product if it fits, and `decide_correct` uses it so. `t1_lemma` runs both as
//! compiled.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use crate::error::{Error, Unit};
use crate::kernel::{Fault, Refusal, Room};
use crate::layout::Layout;
use crate::rank::Rank;

/// Two reservations, a count and a reach, for each of three axes. Loops run over all of them: a
/// symbolic bound would make every later access symbolic too.
const CAPACITY: usize = 6;

struct Reservation {
    steps: AtomicUsize,
    size: AtomicUsize,
    fits: AtomicBool,
    product: AtomicUsize,
}

static RESERVATIONS: [Reservation; CAPACITY] = [const {
    Reservation {
        steps: AtomicUsize::new(0),
        size: AtomicUsize::new(0),
        fits: AtomicBool::new(false),
        product: AtomicUsize::new(0),
    }
}; CAPACITY];
static MADE: AtomicUsize = AtomicUsize::new(0);

impl Reservation {
    fn product(&self) -> Option<usize> {
        if self.fits.load(Relaxed) { Some(self.product.load(Relaxed)) } else { None }
    }

    fn is_of(&self, steps: usize, size: usize) -> bool {
        self.steps.load(Relaxed) == steps && self.size.load(Relaxed) == size
    }
}

/// In the place of [`crate::kernel::reserve`].
pub(crate) fn reserve(steps: usize, size: usize) -> Option<usize> {
    let made = MADE.load(Relaxed);
    let fits: bool = kani::any();
    let product: usize = kani::any();
    // What is true of any product: 0 or 1 times anything fits, 1 times anything is that, and a
    // product is 0 exactly when a factor is.
    kani::assume(fits || (steps > 1 && size > 1));
    kani::assume(steps != 1 || product == size);
    kani::assume((steps == 0 || size == 0) == (product == 0));
    let mut i = 0;
    while i < CAPACITY {
        if i < made && RESERVATIONS[i].is_of(steps, size) {
            kani::assume(RESERVATIONS[i].product() == if fits { Some(product) } else { None });
        }
        i += 1;
    }
    let reservation = &RESERVATIONS[made];
    reservation.steps.store(steps, Relaxed);
    reservation.size.store(size, Relaxed);
    reservation.fits.store(fits, Relaxed);
    reservation.product.store(product, Relaxed);
    MADE.store(made + 1, Relaxed);
    if fits { Some(product) } else { None }
}

/// In the place of [`crate::kernel::scale`]; asserts what T1 assumes.
pub(crate) fn scale(index: usize, magnitude: usize) -> usize {
    let term: usize = kani::any();
    let mut reserved = false;
    let mut i = 0;
    while i < CAPACITY {
        let reservation = &RESERVATIONS[i];
        let (steps, size) = (reservation.steps.load(Relaxed), reservation.size.load(Relaxed));
        if reservation.fits.load(Relaxed) && size == magnitude && index <= steps {
            let product = reservation.product.load(Relaxed);
            reserved = true;
            kani::assume(term <= product);
            kani::assume(index < steps || term == product);
        }
        i += 1;
    }
    kani::assert(reserved, "an index is scaled only within a reservation");
    kani::assume(index > 0 || term == 0);
    term
}

/// In the place of the kernel's cold paths, where only acceptance is in question.
pub(crate) fn refuse(_: &[usize], _: usize, _: Room, _: isize, _: Fault) -> Refusal {
    Refusal::Origin
}

/// As [`refuse`].
pub(crate) fn refuse_origin(_: &[usize]) -> Refusal {
    Refusal::Origin
}

/// As [`refuse`].
pub(crate) fn overfull_axis(_: &[usize], _: usize, _: usize) -> Option<usize> {
    None
}

/// In the place of [`crate::kernel::first_outside`], where the witness is not in question.
pub(crate) fn first_outside(_: usize, _: usize) -> (usize, usize) {
    (kani::any(), kani::any())
}

/// In the place of [`crate::error::describe`]: which error is returned is not in question.
pub(crate) fn describe(
    _: Refusal,
    _: &[usize],
    _: &[isize],
    _: usize,
    _: usize,
    _: usize,
    _: Unit,
) -> Error {
    Error::Undecided
}

/// In the place of [`crate::error::refuse`], which panics with a text.
pub(crate) fn panic(_: &Error) -> ! {
    panic!("refused")
}

/// In the place of [`crate::layout::require_unique`], where T7 is not in question.
pub(crate) fn require_unique<D: Rank>(
    _: &D::List<usize>,
    _: &D::List<isize>,
    _: usize,
) -> Result<(), Error> {
    Ok(())
}

/// What ends the case, where nothing is claimed of a view that is refused. Paths that end here are
/// not followed further, which a model checker thanks for with its time.
pub(crate) mod accepted {
    use super::{Error, Fault, Layout, Rank, Refusal, Room, Unit};

    fn no_case<T>() -> T {
        kani::assume(false);
        unreachable!()
    }

    /// In the place of the kernel's cold paths.
    pub(crate) fn refuse(_: &[usize], _: usize, _: Room, _: isize, _: Fault) -> Refusal {
        no_case()
    }

    /// As [`refuse`].
    pub(crate) fn refuse_origin(_: &[usize]) -> Refusal {
        no_case()
    }

    /// In the place of [`crate::error::describe`].
    pub(crate) fn describe(
        _: Refusal,
        _: &[usize],
        _: &[isize],
        _: usize,
        _: usize,
        _: usize,
        _: Unit,
    ) -> Error {
        no_case()
    }

    /// In the place of [`crate::layout::too_short`].
    pub(crate) fn too_short<D: Rank>(_: &Layout<D>, _: usize) -> Error {
        no_case()
    }
}
