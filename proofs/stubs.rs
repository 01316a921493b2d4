//! What T1 says of the two multiplications, in their place.
//!
//! `reserve` returns *anything*, the same for the same arguments; `scale` anything that T1 allows
//! for a reservation that was made. What is proved with these stands for every pair of functions
//! that satisfies T1, the real ones (by `t1_lemma`) among them, and no solver meets a product.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// More than two reservations (a count and a reach) for each of three axes.
const CAPACITY: usize = 7;

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
}

/// In the place of [`crate::kernel::reserve`].
pub(crate) fn reserve(steps: usize, size: usize) -> Option<usize> {
    let made = MADE.load(Relaxed);
    let mut i = 0;
    while i < made {
        let reservation = &RESERVATIONS[i];
        if reservation.steps.load(Relaxed) == steps && reservation.size.load(Relaxed) == size {
            return reservation.product();
        }
        i += 1;
    }
    let fits: bool = kani::any();
    // 0 and 1 times anything fit; the product of nothing is nothing.
    kani::assume(fits || (steps > 1 && size > 1));
    let product: usize = kani::any();
    kani::assume(steps != 0 && size != 0 || product == 0);
    let reservation = &RESERVATIONS[made];
    reservation.steps.store(steps, Relaxed);
    reservation.size.store(size, Relaxed);
    reservation.fits.store(fits, Relaxed);
    reservation.product.store(product, Relaxed);
    MADE.store(made + 1, Relaxed);
    reservation.product()
}

/// In the place of [`crate::kernel::scale`]; asserts what T1 assumes.
pub(crate) fn scale(index: usize, magnitude: usize) -> usize {
    let term: usize = kani::any();
    let mut reserved = false;
    let mut i = 0;
    while i < MADE.load(Relaxed) {
        let reservation = &RESERVATIONS[i];
        let (steps, size) = (reservation.steps.load(Relaxed), reservation.size.load(Relaxed));
        if let Some(product) = reservation.product()
            && size == magnitude
            && index <= steps
        {
            reserved = true;
            kani::assume(term <= product);
            kani::assume(index < steps || term == product);
        }
        i += 1;
    }
    assert!(reserved, "an index is scaled only within a reservation");
    kani::assume(index > 0 || term == 0);
    term
}
