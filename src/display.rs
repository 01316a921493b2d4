//! Prints a view as nested rows, the way NumPy does.
//!
//! Every element is padded to the widest one printed, and a row is wrapped at [`LINE`] columns.
//! More than [`THRESHOLD`] elements are elided to [`EDGE`] at either end of each axis, and to the
//! first indices of the outer axes where that still leaves more than [`MOST`] elements. Of a view
//! of more than [`MOST_AXES`] axes only the rank is printed. A formatter's precision and `+` apply
//! to each element, its width to each column.

use core::fmt::{self, Write};

use crate::rank::{Rank, slice};
use crate::view::{View, ViewUnit};

/// NumPy's default `threshold`: more elements than this are elided.
const THRESHOLD: usize = 1000;
/// NumPy's default `edgeitems`.
const EDGE: usize = 3;
/// NumPy's default `linewidth`.
const LINE: usize = 75;
/// The largest number of elements that are printed: five axes of `2 * EDGE`.
const MOST: usize = 7776;
/// NumPy's largest rank.
const MOST_AXES: usize = 64;
/// What stands for the elided elements.
const DOTS: &str = "...";

type Cell<T> = fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result;

/// Formats one element through a formatting function, so that it can be measured and padded.
struct Shown<'a, T>(&'a T, Cell<T>);

impl<T> fmt::Display for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.1)(self.0, f)
    }
}

/// Counts characters instead of keeping them.
#[derive(Default)]
struct Width(usize);

impl Write for Width {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.0 = self.0.saturating_add(s.chars().count());
        Ok(())
    }
}

struct Rows<'v, B, T, D: Rank, U> {
    view: &'v View<B, T, D, U>,
    cell: Cell<T>,
    precision: Option<usize>,
    plus: bool,
    /// How many indices are printed at the start of each axis, and how many at its end.
    heads: D::List<usize>,
    tails: D::List<usize>,
}

impl<B, T, D: Rank, U: ViewUnit> Rows<'_, B, T, D, U> {
    /// Chooses the indices that are printed, from the last axis outwards.
    fn choose(&mut self) {
        let elide = self.view.len() > THRESHOLD;
        let mut left = MOST;
        let axes = self.heads.as_mut().iter_mut().zip(self.tails.as_mut());
        for (&size, (head, tail)) in self.view.sizes().iter().zip(axes).rev() {
            (*head, *tail) = if elide && size > 2 * EDGE { (EDGE, EDGE) } else { (size, 0) };
            if head.saturating_add(*tail) > left {
                (*head, *tail) = (left, 0);
            }
            left = left.checked_div(head.saturating_add(*tail)).unwrap_or(0).max(1);
        }
    }

    /// The indices of an axis that are printed, with `None` in the place of those that are not.
    fn shown(
        &self,
        axis: usize,
        size: usize,
    ) -> impl Iterator<Item = Option<usize>> + use<B, T, D, U> {
        let number = |list| slice::<D, usize>(list).get(axis).copied().unwrap_or(0);
        let (head, tail) = (number(&self.heads), number(&self.tails));
        let elided = (head.saturating_add(tail) < size).then_some(None);
        (0..head).map(Some).chain(elided).chain((size.saturating_sub(tail)..size).map(Some))
    }

    /// The width of the widest element that is printed below `index[..axis]`.
    fn widest(&self, index: &mut D::List<usize>, axis: usize) -> Result<usize, fmt::Error> {
        let Some(&size) = self.view.sizes().get(axis) else {
            return self.element(index).map_or(Ok(0), |element| self.measure(element));
        };
        let mut widest = 0;
        for i in self.shown(axis, size).flatten() {
            set(index.as_mut(), axis, i);
            widest = widest.max(self.widest(index, axis.saturating_add(1))?);
        }
        Ok(widest)
    }

    /// Writes an element, to be measured and then printed the same way.
    fn write(&self, out: &mut impl Write, element: &T) -> fmt::Result {
        let shown = Shown(element, self.cell);
        match (self.plus, self.precision) {
            (false, None) => write!(out, "{shown}"),
            (false, Some(precision)) => write!(out, "{shown:.precision$}"),
            (true, None) => write!(out, "{shown:+}"),
            (true, Some(precision)) => write!(out, "{shown:+.precision$}"),
        }
    }

    /// How many characters an element takes.
    fn measure(&self, element: &T) -> Result<usize, fmt::Error> {
        let mut measured = Width::default();
        self.write(&mut measured, element)?;
        Ok(measured.0)
    }

    fn element(&self, index: &D::List<usize>) -> Option<&T> {
        self.view.get_at(slice::<D, _>(index))
    }

    /// Prints what lies below `index[..axis]`, each element `width` columns wide.
    fn print(
        &self,
        f: &mut fmt::Formatter<'_>,
        index: &mut D::List<usize>,
        axis: usize,
        width: usize,
    ) -> fmt::Result {
        let Some(&size) = self.view.sizes().get(axis) else {
            let Some(element) = self.element(index) else { return Ok(()) };
            let padding = width.saturating_sub(self.measure(element)?);
            // Not as a width, which is limited.
            (0..padding).try_for_each(|_| f.write_str(" "))?;
            return self.write(f, element);
        };
        let rank = self.view.rank();
        let inner = rank.saturating_sub(axis).saturating_sub(1);
        // What is left of the line when each bracket that will close has its column.
        let limit = LINE.saturating_sub(rank);
        let mut column = rank;
        f.write_str("[")?;
        for (position, i) in self.shown(axis, size).enumerate() {
            let word = if i.is_some() { width } else { DOTS.len() };
            if position > 0 {
                let wrap = inner == 0 && column.saturating_add(word) > limit;
                let newlines = if wrap { 1 } else { inner };
                (0..newlines).try_for_each(|_| f.write_str("\n"))?;
                let indent = if newlines == 0 { 1 } else { axis.saturating_add(1) };
                write!(f, "{:indent$}", "")?;
                if wrap {
                    column = rank;
                }
            }
            column = column.saturating_add(word).saturating_add(1);
            match i {
                Some(i) => {
                    set(index.as_mut(), axis, i);
                    self.print(f, index, axis.saturating_add(1), width)?;
                }
                None => f.write_str(DOTS)?,
            }
        }
        f.write_str("]")
    }
}

fn set(index: &mut [usize], axis: usize, i: usize) {
    if let Some(index) = index.get_mut(axis) {
        *index = i;
    }
}

/// Prints a view as nested rows with `cell` for each element.
fn rows<B, T, D: Rank, U: ViewUnit>(
    f: &mut fmt::Formatter<'_>,
    view: &View<B, T, D, U>,
    cell: Cell<T>,
) -> fmt::Result {
    if view.is_empty() {
        return f.write_str("[]");
    }
    if view.rank() > MOST_AXES {
        return write!(f, "[{DOTS} {} axes]", view.rank());
    }
    let mut index = view.first_index();
    let (heads, tails) = (index.clone(), index.clone());
    let (precision, plus) = (f.precision(), f.sign_plus());
    let mut rows = Rows { view, cell, precision, plus, heads, tails };
    rows.choose();
    let width = rows.widest(&mut index, 0)?.max(f.width().unwrap_or(0));
    index.as_mut().fill(0);
    rows.print(f, &mut index, 0, width)
}

macro_rules! print_views {
    ($($format:ident)*) => {
        $(
            impl<B, T: fmt::$format, D: Rank, U: ViewUnit> fmt::$format for View<B, T, D, U> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    rows(f, self, fmt::$format::fmt)
                }
            }
        )*
    };
}

print_views!(Debug Display);
