//! Makes calls whose instructions `cargo xtask instructions` counts.
//!
//! ```text
//! instructions                  # prints the names
//! instructions NAME CALLS       # makes that many calls
//! ```

use std::hint::black_box;

use strideproof::{Layout, StridedView, as_strided, as_strided_mut};

/// A name and one call.
type Counted = (&'static str, fn(&mut [u32]));

const SIDE: usize = 16;

fn square(data: &[u32]) -> StridedView<'_, u32, 2> {
    as_strided(black_box(data), [SIDE; 2], None, 0).expect("accepted")
}

fn copy(data: &mut [u32], side: usize) {
    let (from, to) = data.split_at_mut(data.len() / 2);
    let from = as_strided(from, black_box([side; 2]), None, 0).expect("accepted").t();
    as_strided_mut(to, black_box([side; 2]), None, 0).expect("accepted").assign(&from);
}

const COUNTED: [Counted; 14] = [
    ("Layout::new, rank 1", |_| keep(Layout::new(black_box([9]), black_box([-3]), 24, 25))),
    ("Layout::new, rank 2", |_| keep(Layout::new(black_box([4, 9]), black_box([-27, 3]), 81, 109))),
    ("Layout::new, rank 4", |_| {
        keep(Layout::new(black_box([2, 3, 4, 5]), black_box([60, -20, 5, 1]), 40, 120));
    }),
    ("Layout::new, rank 2, refused", |_| {
        keep(Layout::new(black_box([4, 9]), black_box([-27, 3]), 81, 100));
    }),
    ("as_strided, rank 2", |data| keep(as_strided(data, black_box([4, 9]), black_box([9, 1]), 0))),
    ("as_strided, rank 4", |data| {
        keep(as_strided(data, black_box([2, 3, 4, 5]), black_box([60, 20, 5, 1]), 0));
    }),
    ("as_strided_mut, rank 2", |data| {
        keep(as_strided_mut(data, black_box([4, 9]), black_box([9, 1]), 0));
    }),
    ("as_strided_mut, rank 2, not nested", |data| {
        keep(as_strided_mut(data, black_box([2, 3]), black_box([3, 2]), 0));
    }),
    ("256 times get", |data| {
        let view = square(data);
        for row in 0..SIDE {
            for column in 0..SIDE {
                keep(view.get(black_box([row, column])));
            }
        }
    }),
    ("256 times next", |data| {
        for element in square(data).t() {
            keep(element);
        }
    }),
    ("fold of 256", |data| keep(square(data).t().iter().fold(0u32, |sum, x| sum.wrapping_add(*x)))),
    ("sum of 256", |data| keep(square(data).t().sum())),
    ("transposing copy of 9", |data| copy(data, 3)),
    ("transposing copy of 100", |data| copy(data, 10)),
];

fn keep<R>(result: R) {
    black_box(&result);
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        COUNTED.iter().for_each(|(name, _)| println!("{name}"));
        return;
    };
    let (_, call) = COUNTED.iter().find(|(known, _)| *known == name).expect("a name of the list");
    let calls: u32 =
        arguments.next().and_then(|calls| calls.parse().ok()).expect("a number of calls");
    let mut data = [1u32; SIDE * SIDE];
    for _ in 0..calls {
        call(black_box(&mut data));
    }
}
