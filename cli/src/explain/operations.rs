//! The codes of the library's operations on views, which `check` never gives.

use strideproof::{Layout, LayoutDyn, Slice};

use super::{Example, Explanation};

pub(super) const OPERATIONS: &[Explanation] = &[
    Explanation {
        code: "SP014",
        text: "\
Axes count from 0, so a view of rank 2 has the axes 0 and 1. Where an operation inserts
an axis, one more place is allowed: after the last.",
        example: Example::Rust("LayoutDyn::row_major(&[4, 3])?.try_reverse(2)", || {
            LayoutDyn::row_major(&[4, 3])?.try_reverse(2).map(drop)
        }),
    },
    Explanation {
        code: "SP015",
        text: "\
Positions on an axis run from 0 to its size - 1. Unlike a slice, which is clamped to the
axis, a single position is not moved to where something is. Splitting may also happen at
the end.",
        example: Example::Rust("LayoutDyn::row_major(&[4, 3])?.try_index_axis(0, 4)", || {
            LayoutDyn::row_major(&[4, 3])?.try_index_axis(0, 4).map(drop)
        }),
    },
    Explanation {
        code: "SP016",
        text: "\
A step of 0 never gets to the end of the axis, and there is no telling how often its
element is meant. To repeat an element, broadcast an axis of size 1.",
        example: Example::Rust(
            "LayoutDyn::row_major(&[4])?.try_slice(&[Slice::FULL.step(0)])",
            || LayoutDyn::row_major(&[4])?.try_slice(&[Slice::FULL.step(0)]).map(drop),
        ),
    },
    Explanation {
        code: "SP017",
        text: "\
A permutation has every axis once, and a diagonal runs along two axes. With one named
twice another is missing.",
        example: Example::Rust("LayoutDyn::row_major(&[4, 3])?.try_permute(&[0, 0])", || {
            LayoutDyn::row_major(&[4, 3])?.try_permute(&[0, 0]).map(drop)
        }),
    },
    Explanation {
        code: "SP018",
        text: "\
Shapes are compared from their last axis. Each size must be the one asked for, or 1,
which is repeated; axes may be added in front. Operations on two views element by
element need shapes that are the same.",
        example: Example::Rust("LayoutDyn::row_major(&[4, 3])?.try_broadcast_to(&[4, 6])", || {
            LayoutDyn::row_major(&[4, 3])?.try_broadcast_to(&[4, 6]).map(drop)
        }),
    },
    Explanation {
        code: "SP019",
        text: "\
A window must fit into the axis at least once. Nothing is padded.",
        example: Example::Rust("LayoutDyn::row_major(&[4])?.try_windows_by(&[5], &[1])", || {
            LayoutDyn::row_major(&[4])?.try_windows_by(&[5], &[1]).map(drop)
        }),
    },
    Explanation {
        code: "SP020",
        text: "\
The product of the new sizes must be that of the old ones: a reshape only regroups.",
        example: Example::Rust("Layout::row_major([4, 3])?.try_reshape([5, 2])", || {
            Layout::row_major([4, 3])?.try_reshape([5, 2]).map(drop)
        }),
    },
    Explanation {
        code: "SP021",
        text: "\
Two axes can be merged only if the outer one steps over exactly the elements of the
inner one. A transposed view has axes that do not, and has to be copied before it is
reshaped so.",
        example: Example::Rust("Layout::column_major([4, 3])?.try_reshape([12])", || {
            Layout::column_major([4, 3])?.try_reshape([12]).map(drop)
        }),
    },
    Explanation {
        code: "SP022",
        text: "\
Taking out an axis of size 1 loses nothing. Of a longer axis one position has to be
chosen, and an axis of size 0 makes the view empty.",
        example: Example::Rust("LayoutDyn::row_major(&[4, 3])?.try_squeeze(0)", || {
            LayoutDyn::row_major(&[4, 3])?.try_squeeze(0).map(drop)
        }),
    },
    Explanation {
        code: "SP023",
        text: "\
To read the same bytes as larger or smaller items, elements along one axis are joined or
cut up. They must lie side by side, with stride 1. Choose the axis that has it: the last
one in row-major order, the first one in column-major order.",
        example: Example::Rust("Layout::row_major([3, 4])?.try_reinterpret_axis(0, 1, 2)", || {
            Layout::row_major([3, 4])?.try_reinterpret_axis(0, 1, 2).map(drop)
        }),
    },
    Explanation {
        code: "SP024",
        text: "\
A step along an axis multiplies its stride, and bytes are more than the elements they
make up. A product that does not fit 64 bits is refused, never wrapped. Only layouts
without a buffer, or of items without bytes, get near this.",
        example: Example::Rust(
            "Layout::row_major([usize::MAX / 2])?.try_reinterpret_axis(0, 4, 8)",
            || Layout::row_major([usize::MAX / 2])?.try_reinterpret_axis(0, 4, 8).map(drop),
        ),
    },
    Explanation {
        code: "SP025",
        text: "\
An operation on a view whose rank is known at run time was given a list of another
length: one slice, window or position in a permutation is needed for each axis.",
        example: Example::Rust("LayoutDyn::row_major(&[4, 3])?.try_permute(&[0])", || {
            LayoutDyn::row_major(&[4, 3])?.try_permute(&[0]).map(drop)
        }),
    },
    Explanation {
        code: "SP026",
        text: "\
A view whose rank is known at run time has at most 8 axes without a heap; with the feature
`alloc` of the library only memory limits it. The command applies operations to views of at
most 64 axes, as NumPy does. Views whose rank is part of their type have no limit.",
        example: Example::None,
    },
    Explanation {
        code: "SP027",
        text: "\
Every operation's result is checked against the view it comes from, so that a mistake in
an operation is a refusal and not a read outside memory. No operation is known to get
here; one that does is a defect of the library, which should be reported.",
        example: Example::None,
    },
    Explanation {
        code: "SP028",
        text: "\
Sizes, offsets, lengths and alignments are numbers from 0 to 18446744073709551615, strides
from -9223372036854775808 to 9223372036854775807: what usize and isize can hold. A request
with any other number describes no memory that exists, even where nothing depends on the
number, as on the stride of an axis of size 1.",
        example: Example::Command("check --len 18446744073709551616 --shape 4"),
    },
];
