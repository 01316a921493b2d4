//! Prints a view as nested rows, the way NumPy does.
//!
//! Every element is padded to the widest one printed. More than [`THRESHOLD`] elements are elided
//! to [`EDGE`] at either end of each axis.

use core::fmt;

use crate::StridedView;

/// NumPy's default `threshold`: more elements than this are elided.
const THRESHOLD: usize = 1000;
/// NumPy's default `edgeitems`.
const EDGE: usize = 3;

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

impl fmt::Write for Width {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.0 = self.0.saturating_add(s.chars().count());
        Ok(())
    }
}

/// The indices of an axis that are printed: the first ones and the last ones.
fn shown(extent: usize, elide: bool) -> (usize, usize) {
    if elide && extent > 2 * EDGE { (EDGE, extent - EDGE) } else { (extent, extent) }
}

struct Rows<'v, 'a, T, const N: usize> {
    view: &'v StridedView<'a, T, N>,
    cell: Cell<T>,
    elide: bool,
}

impl<T, const N: usize> Rows<'_, '_, T, N> {
    /// Calls `f` for each index tuple below `index[..axis]` that is printed.
    fn visit(
        &self,
        index: &mut [usize; N],
        axis: usize,
        f: &mut impl FnMut(&T) -> fmt::Result,
    ) -> fmt::Result {
        let Some(&extent) = self.view.shape().get(axis) else {
            return self.view.get(*index).map_or(Ok(()), f);
        };
        let (head, tail) = shown(extent, self.elide);
        for i in (0..head).chain(tail..extent) {
            index[axis] = i;
            self.visit(index, axis + 1, f)?;
        }
        Ok(())
    }

    fn print(
        &self,
        f: &mut fmt::Formatter<'_>,
        index: &mut [usize; N],
        axis: usize,
        width: usize,
    ) -> fmt::Result {
        let Some(&extent) = self.view.shape().get(axis) else {
            let Some(element) = self.view.get(*index) else { return Ok(()) };
            let mut measured = Width::default();
            fmt::write(&mut measured, format_args!("{}", Shown(element, self.cell)))?;
            for _ in measured.0..width {
                f.write_str(" ")?;
            }
            return (self.cell)(element, f);
        };
        let separate = |f: &mut fmt::Formatter<'_>| -> fmt::Result {
            let inner = N - 1 - axis;
            if inner == 0 {
                return f.write_str(" ");
            }
            for _ in 0..inner {
                f.write_str("\n")?;
            }
            for _ in 0..=axis {
                f.write_str(" ")?;
            }
            Ok(())
        };
        f.write_str("[")?;
        let (head, tail) = shown(extent, self.elide);
        for i in 0..head {
            if i > 0 {
                separate(f)?;
            }
            index[axis] = i;
            self.print(f, index, axis + 1, width)?;
        }
        if tail > head {
            separate(f)?;
            f.write_str("...")?;
        }
        for i in tail..extent {
            separate(f)?;
            index[axis] = i;
            self.print(f, index, axis + 1, width)?;
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
    let rows = Rows { view, cell, elide: view.len() > THRESHOLD };
    let mut width = 0;
    rows.visit(&mut [0; N], 0, &mut |element| {
        let mut measured = Width::default();
        fmt::write(&mut measured, format_args!("{}", Shown(element, cell)))?;
        width = width.max(measured.0);
        Ok(())
    })?;
    rows.print(f, &mut [0; N], 0, width)
}
