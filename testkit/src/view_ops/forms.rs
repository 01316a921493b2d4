//! The operations by the rank of what they give, once for layouts and both kinds of view.
//!
//! `$form!(at; x.plain, fallible(arguments))` is how the caller calls one of them.

/// Those that keep the rank.
macro_rules! same_forms {
    ($at:ident, $x:ident, $form:ident, $rank:ident) => {
        match $at.op() {
            Op::Slice(cuts) => {
                let slices = slices(cuts);
                let slices = core::array::from_fn::<_, $rank, _>(|axis| slices[axis]);
                $form!($at; $x.slice, try_slice(slices))
            }
            &Op::SliceAxis(axis, cut) => {
                $form!($at; $x.slice_axis, try_slice_axis(axis, cut.slice()))
            }
            &Op::Reverse(axis) => $form!($at; $x.reverse, try_reverse(axis)),
            Op::Permute(axes) => $form!($at; $x.permute, try_permute(array($at, axes.as_slice()))),
            Op::Transpose => $form!($at; $x.t, try_t()),
            &Op::SwapAxes(one, other) => $form!($at; $x.swap_axes, try_swap_axes(one, other)),
            Op::Reshape(shape) => {
                let shape = array::<_, $rank>($at, shape.as_slice());
                $form!($at; $x.reshape, try_reshape(shape))
            }
            &Op::SplitAt { axis, index, tail } => {
                let halves = $form!($at; $x.split_at, try_split_at(axis, index));
                halves.map(|(head, rest)| if tail { rest } else { head })
            }
            _ => $at.fail(&"it does not keep the rank"),
        }
    };
}

/// Those that take an axis away.
macro_rules! less_forms {
    ($at:ident, $x:ident, $form:ident, $rank:ident) => {
        match $at.op() {
            &Op::IndexAxis(axis, index) => $form!($at; $x.index_axis, try_index_axis(axis, index)),
            &Op::Squeeze(axis) => $form!($at; $x.squeeze, try_squeeze(axis)),
            &Op::Diagonal(offset) => $form!($at; $x.diagonal, try_diagonal(offset)),
            &Op::DiagonalOf(offset, rows, columns) => {
                $form!($at; $x.diagonal_of, try_diagonal_of(offset, rows, columns))
            }
            Op::Reshape(shape) => {
                let shape = array::<_, $rank>($at, shape.as_slice());
                $form!($at; $x.reshape, try_reshape(shape))
            }
            _ => $at.fail(&"it takes no axis away"),
        }
    };
}

/// Those that add one.
macro_rules! more_forms {
    ($at:ident, $x:ident, $form:ident, $rank:ident) => {
        match $at.op() {
            &Op::InsertAxis(axis) => $form!($at; $x.insert_axis, try_insert_axis(axis)),
            Op::Reshape(shape) => {
                let shape = array::<_, $rank>($at, shape.as_slice());
                $form!($at; $x.reshape, try_reshape(shape))
            }
            _ => $at.fail(&"it adds no axis"),
        }
    };
}

/// Those that double the axes.
macro_rules! twice_forms {
    ($at:ident, $x:ident, $form:ident, $rank:ident) => {
        match $at.op() {
            Op::Windows(window) => {
                $form!($at; $x.windows, try_windows(array($at, window.as_slice())))
            }
            Op::WindowsBy(window, steps) => {
                let (window, steps) = (array($at, window.as_slice()), array($at, steps.as_slice()));
                $form!($at; $x.windows_by, try_windows_by(window, steps))
            }
            Op::Reshape(shape) => {
                let shape = array::<_, $rank>($at, shape.as_slice());
                $form!($at; $x.reshape, try_reshape(shape))
            }
            _ => $at.fail(&"it does not double the axes"),
        }
    };
}

/// The forms that take slices of arguments, where the rank is known at run time; returns `None`
/// from the function around it where there is none.
macro_rules! run_time_forms {
    ($x:expr, $op:expr) => {
        match $op {
            Op::Slice(cuts) => $x.try_slice(&slices(cuts)[..cuts.len()]),
            &Op::SliceAxis(axis, cut) => $x.try_slice_axis(axis, cut.slice()),
            &Op::Reverse(axis) => $x.try_reverse(axis),
            Op::Permute(axes) => $x.try_permute(axes.as_slice()),
            Op::Transpose => $x.try_t(),
            &Op::SwapAxes(one, other) => $x.try_swap_axes(one, other),
            &Op::IndexAxis(axis, index) => $x.try_index_axis(axis, index),
            &Op::InsertAxis(axis) => $x.try_insert_axis(axis),
            &Op::Squeeze(axis) => $x.try_squeeze(axis),
            &Op::Diagonal(offset) => $x.try_diagonal_of(offset, 0, 1),
            &Op::DiagonalOf(offset, rows, columns) => $x.try_diagonal_of(offset, rows, columns),
            Op::Windows(window) => {
                let window = window.as_slice();
                $x.try_windows_by(window, &[1; 8][..window.len()])
            }
            Op::WindowsBy(window, steps) => $x.try_windows_by(window.as_slice(), steps.as_slice()),
            Op::Reshape(shape) => $x.try_reshape(shape.as_slice()),
            _ => return None,
        }
    };
}
