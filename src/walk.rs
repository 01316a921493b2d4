//! Walking a layout: addresses in row-major order, by runs at equal distances.
//!
//! Integers only; `view.rs` dereferences the addresses.

use crate::kernel;
use crate::layout::Layout;
use crate::rank::Rank;

/// Walks the addresses of a layout in row-major order of the indices.
///
/// A run covers the innermost axes that continue each other: all of a contiguous layout, whole rows
/// of one with gaps between its rows. Within a run one addition gives the next address. Between two
/// runs at most one component of the index grows while those after it fall back to 0, and each
/// intermediate address is that of a valid index: the arithmetic stays in the extent.
#[derive(Clone)]
pub(crate) struct Addresses<D: Rank> {
    layout: Layout<D>,
    /// How many axes lie outside the runs.
    outer: usize,
    /// How many items a run has, and how far each lies from the one before.
    size: usize,
    stride: isize,
    /// The index of the current run on the axes outside.
    index: D::List<usize>,
    /// The address of the item that comes next, as long as there is one.
    address: usize,
    /// How many items the current run has left: none only after the last run.
    run: usize,
    /// How many items come after the current run.
    later: usize,
    /// Where the walk stands at its end, once it was asked for an item there.
    last: Option<Last<D>>,
}

/// The other end of a walk.
#[derive(Clone)]
struct Last<D: Rank> {
    /// The index of the run at the end on the axes outside.
    index: D::List<usize>,
    /// The address of its last item.
    address: usize,
    /// How many items it has up to there.
    run: usize,
}

impl<D: Rank> Addresses<D> {
    pub(crate) fn new(layout: Layout<D>) -> Self {
        let (mut outer, mut size, mut stride) = (layout.rank(), 1usize, 0isize);
        for (&next, &step) in layout.sizes().iter().zip(layout.steps()).rev() {
            let reach = isize::try_from(size).ok().and_then(|size| stride.checked_mul(size));
            if size == 1 && next != 1 {
                (size, stride) = (next, step);
            } else if next != 1 && reach == Some(step) {
                // Fits: a part of the product of the sizes, which the kernel has counted.
                size = size.saturating_mul(next);
            } else if next != 1 {
                break;
            }
            outer = outer.saturating_sub(1);
        }
        let (index, address, count) = (layout.first_index(), layout.offset(), layout.len());
        let run = size.min(count);
        let later = count.saturating_sub(run);
        Self { layout, outer, size, stride, index, address, run, later, last: None }
    }

    /// Calls `f` with the address of the first item of each run, the stride in it and its size.
    #[inline]
    pub(crate) fn for_each_run(mut self, mut f: impl FnMut(usize, isize, usize)) {
        while self.run > 0 {
            f(self.address, self.stride, self.run);
            self.skip_in_run(self.run);
        }
    }

    /// Skips so many items of the current run, at least one.
    fn skip_in_run(&mut self, items: usize) {
        self.run = self.run.saturating_sub(items);
        let steps = if self.run == 0 { items.saturating_sub(1) } else { items };
        let reach = kernel::scale(steps, self.stride.unsigned_abs());
        self.address = if self.stride < 0 {
            self.address.saturating_sub(reach)
        } else {
            self.address.saturating_add(reach)
        };
        if self.run == 0 {
            self.turn();
        }
    }

    /// Goes from the last item of a run to the first of the next one, if there is one.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "every address is that of a valid index: T3"
    )]
    fn turn(&mut self) {
        if self.later == 0 {
            return;
        }
        // Of the last run, less where items were taken from its end.
        self.run = self.size.min(self.later);
        self.later -= self.run;
        let back = moved_back;
        self.address = back(self.address, self.size - 1, self.stride);
        let axes = self.layout.sizes().iter().zip(self.layout.steps());
        let axes = self.index.as_mut().iter_mut().zip(axes).take(self.outer);
        for (index, (&size, &stride)) in axes.rev() {
            if *index + 1 < size {
                *index += 1;
                self.address = self.address.wrapping_add_signed(stride);
                return;
            }
            self.address = back(self.address, *index, stride);
            *index = 0;
        }
    }
}

impl<D: Rank> Last<D> {
    /// The end of a whole walk over a layout that is not empty.
    #[expect(clippy::arithmetic_side_effects, reason = "the address of the last index: T3")]
    fn of(walk: &Addresses<D>) -> Self {
        let mut index = walk.layout.first_index();
        let mut address = walk.layout.offset();
        let axes = walk.layout.sizes().iter().zip(walk.layout.steps());
        for (index, (&size, &stride)) in index.as_mut().iter_mut().zip(axes) {
            *index = size - 1;
            address = moved(address, size - 1, stride);
        }
        Self { index, address, run: walk.size }
    }

    /// Goes to the item before, if there is one: the first index on each axis goes back to the last.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "every address is that of a valid index: T3"
    )]
    fn step_back(&mut self, layout: &Layout<D>, outer: usize, size: usize, stride: isize) {
        if self.run > 1 {
            self.run -= 1;
            self.address = moved_back(self.address, 1, stride);
            return;
        }
        (self.run, self.address) = (size, moved(self.address, size - 1, stride));
        let axes = layout.sizes().iter().zip(layout.steps());
        let axes = self.index.as_mut().iter_mut().zip(axes).take(outer);
        for (index, (&size, &stride)) in axes.rev() {
            if *index > 0 {
                *index -= 1;
                self.address = moved_back(self.address, 1, stride);
                return;
            }
            *index = size - 1;
            self.address = moved(self.address, size - 1, stride);
        }
    }
}

/// The address so many steps along an axis, between the addresses of two valid indices (theorem T3).
#[inline]
#[expect(clippy::arithmetic_side_effects, reason = "an address of the layout: T3")]
fn moved(address: usize, steps: usize, stride: isize) -> usize {
    let reach = kernel::scale(steps, stride.unsigned_abs());
    if stride < 0 { address - reach } else { address + reach }
}

/// As [`moved`], the other way.
#[inline]
#[expect(clippy::arithmetic_side_effects, reason = "an address of the layout: T3")]
fn moved_back(address: usize, steps: usize, stride: isize) -> usize {
    let reach = kernel::scale(steps, stride.unsigned_abs());
    if stride < 0 { address + reach } else { address - reach }
}

impl<D: Rank> Iterator for Addresses<D> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let address = self.address;
        match self.run.checked_sub(1)? {
            0 => {
                self.run = 0;
                self.turn();
            }
            run => {
                self.run = run;
                // The address of a valid index: nothing wraps.
                self.address = address.wrapping_add_signed(self.stride);
            }
        }
        Some(address)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.run.saturating_add(self.later);
        (left, Some(left))
    }

    /// Skips whole runs at once.
    fn nth(&mut self, n: usize) -> Option<usize> {
        let mut left = n;
        while left > 0 && self.run > 0 {
            let skipped = left.min(self.run);
            self.skip_in_run(skipped);
            left = left.saturating_sub(skipped);
        }
        self.next()
    }

    /// Walks each run in a loop of its own, of one addition an item.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "the end of a run is at most the length that the layout requires"
    )]
    fn fold<B, F: FnMut(B, usize) -> B>(mut self, init: B, mut f: F) -> B {
        let mut acc = init;
        while self.run > 0 {
            if self.stride == 1 {
                // With a step that it knows the compiler makes vector instructions of the loop.
                let end = self.address + self.run;
                acc = (self.address..end).fold(acc, &mut f);
                self.address = end - 1;
            } else {
                for _ in 1..self.run {
                    acc = f(acc, self.address);
                    self.address = self.address.wrapping_add_signed(self.stride);
                }
                acc = f(acc, self.address);
            }
            self.run = 0;
            self.turn();
        }
        acc
    }
}

impl<D: Rank> DoubleEndedIterator for Addresses<D> {
    fn next_back(&mut self) -> Option<usize> {
        // From the end of the items after the current run, or from its own.
        let left = if self.later > 0 { &mut self.later } else { &mut self.run };
        *left = left.checked_sub(1)?;
        let is_done = self.run == 0;
        let (outer, size, stride) = (self.outer, self.size, self.stride);
        let mut last = self.last.take().unwrap_or_else(|| Last::of(self));
        let address = last.address;
        if !is_done {
            last.step_back(&self.layout, outer, size, stride);
        }
        self.last = Some(last);
        Some(address)
    }
}

impl<D: Rank> ExactSizeIterator for Addresses<D> {}
