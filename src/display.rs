//! Prints a view as nested rows, the way NumPy does.
//!
//! Every element is padded to the widest one printed, and a row is wrapped at [`LINE`] columns. More
//! than [`THRESHOLD`] elements are elided to [`EDGE`] at either end of each axis. A formatter's
//! precision and `+` apply to each element, its width to each column.

use core::fmt::{self, Write};

use crate::StridedView;

/// NumPy's default `threshold`: more elements than this are elided.
const THRESHOLD: usize = 1000;
/// NumPy's default `edgeitems`.
const EDGE: usize = 3;
/// NumPy's default `linewidth`.
const LINE: usize = 75;
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

/// How each element is written, to be measured and then printed the same way.
struct Style<T> {
    cell: Cell<T>,
    precision: Option<usize>,
    plus: bool,
}

impl<T> Style<T> {
    fn write(&self, out: &mut impl Write, element: &T) -> fmt::Result {
        let shown = Shown(element, self.cell);
        match (self.plus, self.precision) {
            (false, None) => write!(out, "{shown}"),
            (false, Some(precision)) => write!(out, "{shown:.precision$}"),
            (true, None) => write!(out, "{shown:+}"),
            (true, Some(precision)) => write!(out, "{shown:+.precision$}"),
        }
    }

    /// How many characters the element takes.
    fn measure(&self, element: &T) -> Result<usize, fmt::Error> {
        let mut measured = Width::default();
        self.write(&mut measured, element)?;
        Ok(measured.0)
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

fn spaces(f: &mut fmt::Formatter<'_>, count: usize) -> fmt::Result {
    (0..count).try_for_each(|_| f.write_str(" "))
}

struct Rows<'v, 'a, T, const N: usize> {
    view: &'v StridedView<'a, T, N>,
    style: Style<T>,
    elide: bool,
}

impl<T, const N: usize> Rows<'_, '_, T, N> {
    /// The indices of an axis that are printed, with `None` in the place of those that are not.
    fn shown(&self, extent: usize) -> impl Iterator<Item = Option<usize>> + use<T, N> {
        let elide = self.elide && extent > 2 * EDGE;
        let (head, tail) = if elide { (EDGE, extent - EDGE) } else { (extent, extent) };
        (0..head).map(Some).chain(elide.then_some(None)).chain((tail..extent).map(Some))
    }

    /// The width of the widest element that is printed below `index[..axis]`.
    fn widest(&self, index: &mut [usize; N], axis: usize) -> Result<usize, fmt::Error> {
        let Some(&extent) = self.view.shape().get(axis) else {
            return self.view.get(*index).map_or(Ok(0), |element| self.style.measure(element));
        };
        let mut widest = 0;
        for i in self.shown(extent).flatten() {
            index[axis] = i;
            widest = widest.max(self.widest(index, axis + 1)?);
        }
        Ok(widest)
    }

    /// Prints what lies below `index[..axis]`, each element `width` columns wide.
    fn print(
        &self,
        f: &mut fmt::Formatter<'_>,
        index: &mut [usize; N],
        axis: usize,
        width: usize,
    ) -> fmt::Result {
        let Some(&extent) = self.view.shape().get(axis) else {
            let Some(element) = self.view.get(*index) else { return Ok(()) };
            spaces(f, width.saturating_sub(self.style.measure(element)?))?;
            return self.style.write(f, element);
        };
        let inner = N - 1 - axis;
        // What is left of the line when each bracket that will close has its column.
        let limit = LINE.saturating_sub(N);
        let mut column = N;
        f.write_str("[")?;
        for (position, i) in self.shown(extent).enumerate() {
            let word = if i.is_some() { width } else { DOTS.len() };
            if position > 0 {
                let wrap = inner == 0 && column.saturating_add(word) > limit;
                let newlines = if wrap { 1 } else { inner };
                (0..newlines).try_for_each(|_| f.write_str("\n"))?;
                spaces(f, if newlines == 0 { 1 } else { axis + 1 })?;
                if wrap {
                    column = N;
                }
            }
            column = column.saturating_add(word).saturating_add(1);
            match i {
                Some(i) => {
                    index[axis] = i;
                    self.print(f, index, axis + 1, width)?;
                }
                None => f.write_str(DOTS)?,
            }
        }
        f.write_str("]")
    }
}

/// Prints a view as nested rows with `cell` for each element.
pub(crate) fn rows<T, const N: usize>(
    f: &mut fmt::Formatter<'_>,
    view: &StridedView<'_, T, N>,
    cell: Cell<T>,
) -> fmt::Result {
    if view.is_empty() {
        return f.write_str("[]");
    }
    let style = Style { cell, precision: f.precision(), plus: f.sign_plus() };
    let rows = Rows { view, style, elide: view.len() > THRESHOLD };
    let width = rows.widest(&mut [0; N], 0)?.max(f.width().unwrap_or(0));
    rows.print(f, &mut [0; N], 0, width)
}
