//! The long explanation of each code, with an example that is run whenever it is shown.

mod operations;

use std::fmt::Write as _;

use clap::Parser;
use strideproof::{Code, Error, check_span};

use crate::args::{Cli, Command};
use crate::decide::judge;
use crate::verdict::Verdict;

/// What is to be said about a code.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// The rule, why it is one, and what to do.
    pub text: &'static str,
    /// A request that gets the code.
    pub example: Example,
}

/// A request that gets a code.
#[derive(Clone, Copy, Debug)]
pub enum Example {
    /// The arguments of `strideproof`.
    Command(&'static str),
    /// For what only the library is asked: the source, and the same call.
    Rust(&'static str, fn() -> Result<(), Error>),
    /// No request gets it.
    None,
}

fn named(error: &Error) -> (&'static str, String) {
    (error.code().as_str(), error.to_string())
}

impl Example {
    /// Runs the example, and returns the code and the message that it gets.
    #[must_use]
    pub fn run(&self) -> Option<(&'static str, String)> {
        match self {
            Self::None => None,
            Self::Rust(_, call) => call().err().as_ref().map(named),
            Self::Command(arguments) => {
                let arguments = std::iter::once("strideproof").chain(arguments.split(' '));
                let Command::Check(check) = Cli::try_parse_from(arguments).ok()?.command else {
                    return None;
                };
                match judge(&check.request.request()).0 {
                    Verdict::Accepted(_) => None,
                    Verdict::Rejected(rejection) => Some(named(&rejection.error)),
                }
            }
        }
    }
}

impl Explanation {
    /// The explanation of `code`, in any case: `SP003` or `sp003`.
    #[must_use]
    pub fn of(code: &str) -> Option<&'static Self> {
        all().find(|explanation| explanation.code.eq_ignore_ascii_case(code))
    }

    /// The code's title in the library's table.
    fn title(&self) -> &'static str {
        Code::ALL.iter().find(|code| **code == self.code).map_or("", Code::title)
    }

    /// The whole text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}: {}\n\n{}\n", self.code, self.title(), self.text);
        let source = match self.example {
            Example::Command(arguments) => format!("$ strideproof {arguments}"),
            Example::Rust(source, _) => source.into(),
            Example::None => return text,
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\nExample:\n\n    {source}");
        if let Some((code, message)) = self.example.run() {
            let _ = writeln!(text, "    {code}: {message}");
        }
        text
    }
}

/// One line for each code.
#[must_use]
pub fn list() -> String {
    Code::ALL.iter().map(|code| format!("{code}  {}\n", code.title())).collect()
}

/// Every code of the library.
pub fn all() -> impl Iterator<Item = &'static Explanation> {
    REQUESTS.iter().chain(operations::OPERATIONS)
}

/// The codes of a request for a view.
const REQUESTS: &[Explanation] = &[
    Explanation {
        code: "SP001",
        text: "\
A view has one size and one stride for each axis. With lists of different length
there is no telling which stride belongs to which axis, so nothing is guessed,
repeated or dropped. This is checked before anything else, empty views included.

Leave the strides out to get those of row-major order.",
        example: Example::Command("check --len 12 --shape 4,3 --strides 1"),
    },
    Explanation {
        code: "SP002",
        text: "\
A view with a size of 0 on some axis has no index, so its strides may be anything.
It still has a place: its offset is at least 0 and at most the buffer's length.
Otherwise slicing it further or taking the address of its first item would make an
address outside the buffer.",
        example: Example::Command("check --len 12 --shape 0,3 --offset 13"),
    },
    Explanation {
        code: "SP003",
        text: "\
The address of an index is the offset plus, over all axes, the index times the
stride. Every index from 0 to size - 1 on each axis counts, and in bytes all bytes
of the item must lie in the buffer. The index that is named is one whose item does
not; it lies along the axis that is named.

The usual cause is a stride in the wrong unit (bytes for elements), a size that was
counted without the overlap of windows, or an offset that was added to a view that
already used the whole buffer. `required_len` is the smallest length that would be
accepted; there is none if the view also reaches before the start.",
        example: Example::Command(
            "check --unit bytes --itemsize 8 --len 96 --shape 4,3 --strides 24,16",
        ),
    },
    Explanation {
        code: "SP004",
        text: "\
A negative stride steps towards the start. The offset must leave room for the whole
way: at least the sum, over the axes with a negative stride, of (size - 1) times the
stride's magnitude. To read a buffer backwards, start at its last item. No length of
the buffer helps.",
        example: Example::Command("check --len 12 --shape 12 --strides -1"),
    },
    Explanation {
        code: "SP005",
        text: "\
The product of the sizes must be at most 9223372036854775807, what isize can count:
beyond that no length, iterator or copy of the view could be right. Strides of 0 make
such views out of tiny buffers. A size of 0 makes the product 0, whatever the others.",
        example: Example::Command("check --len 1 --shape 4294967296,4294967296 --strides 0,0"),
    },
    Explanation {
        code: "SP006",
        text: "\
Writing through one index must not change what another one reads, so a view that is
written through needs indices that share no element and, in bytes, no byte. Two that
do are named. Strides of 0 on an axis of more than one element always share, and
overlapping windows do. This is decided exactly: shape (2, 3) with strides (3, 2) is
fine, although its axes interleave.

The same view may be read through; or copy it first.",
        example: Example::Command("check --len 6 --shape 5,2 --strides 1,1 --mutable"),
    },
    Explanation {
        code: "SP007",
        text: "\
The question is exact but can be hard: it is a system of an equation and inequalities
in integers. Nearly every view is decided at once. For the others a search runs, with
a budget so that it ends; when the budget runs out a mutable view is refused. A larger
--budget may decide.",
        example: Example::Command(
            "check --len 9999999999 --shape 50,50,50,50 --strides 12345671,12345689,12345701,12345743 --mutable --budget 0",
        ),
    },
    Explanation {
        code: "SP008",
        text: "\
To see a view in bytes as one in elements, its offset and its strides are divided by
the itemsize. A remainder is refused and never dropped: dropping it moves every item.
The stride of an axis of size 1 does not matter.",
        example: Example::Command(
            "check --unit bytes --itemsize 8 --len 96 --shape 3 --strides 12 --as-elements",
        ),
    },
    Explanation {
        code: "SP009",
        text: "\
A reference to a typed item needs an address that is a multiple of its alignment. The
buffer's address plus the offset must be one, and so must the stride of each axis of
more than one element. Reading such items byte by byte is fine.",
        example: Example::Command(
            "check --unit bytes --itemsize 8 --len 96 --shape 3 --strides 8 --offset 4 --align 8",
        ),
    },
    Explanation {
        code: "SP010",
        text: "\
Foreign interfaces hand sizes over as signed integers. A negative one is refused, never
read as a large unsigned number and never as \"the rest\". The itemsize is a size too.",
        example: Example::Command("check --len 12 --shape 3,-4"),
    },
    Explanation {
        code: "SP011",
        text: "\
Offsets count from the buffer's start, and there is nothing before it. A negative offset
is refused even where no index would reach before the start. To count from the end, add
the length.",
        example: Example::Command("check --len 12 --shape 3 --offset -1"),
    },
    Explanation {
        code: "SP012",
        text: "\
Where the length of a buffer is not known, as in DLPack, a view has a lowest and a
highest address relative to its first item. Both must fit isize, or pointer arithmetic
cannot get there. The command always knows a length; this code comes from the library.",
        example: Example::Rust("strideproof::check_span(&[3], &[isize::MAX])", || {
            check_span(&[3], &[isize::MAX]).map(|_| ())
        }),
    },
    Explanation {
        code: "SP013",
        text: "\
Alignments of types and addresses are powers of two: 1, 2, 4, 8 and so on. Anything else
is a mistake in the request.",
        example: Example::Command(
            "check --unit bytes --itemsize 8 --len 96 --shape 3 --strides 8 --align 6",
        ),
    },
];
