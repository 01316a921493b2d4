//! The long explanation of each code, with an example that is run whenever it is shown.

use std::fmt::Write as _;

use clap::Parser;
use strideproof::{Code, Error, Layout, LayoutDyn, Slice};

use crate::args::{Cli, Command};
use crate::decide::judge;
use crate::verdict::Verdict;

/// A section for each code: its text, then an indented example if there is one.
const SECTIONS: &str = include_str!("explain.md");

/// The explanation of a code.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// The rule, why it is one, and what to do.
    pub text: &'static str,
    /// What gets the code: a command after `$`, or a call of the library.
    pub example: Option<&'static str>,
}

/// Defines a function that makes one of these calls, given its source.
macro_rules! calls {
    ($($call:expr,)*) => {
        fn call(source: &str) -> Result<(), Error> {
            $(if source == stringify!($call) {
                return $call.map(|_| ());
            })*
            Ok(())
        }
    };
}

calls! {
    strideproof::check_span(&[3], &[isize::MAX]),
    LayoutDyn::row_major(&[4, 3])?.try_reverse(2),
    LayoutDyn::row_major(&[4, 3])?.try_index_axis(0, 4),
    LayoutDyn::row_major(&[4])?.try_slice(&[Slice::FULL.step(0)]),
    LayoutDyn::row_major(&[4, 3])?.try_permute(&[0, 0]),
    LayoutDyn::row_major(&[4, 3])?.try_broadcast_to(&[4, 6]),
    LayoutDyn::row_major(&[4])?.try_windows_by(&[5], &[1]),
    Layout::row_major([4, 3])?.try_reshape([5, 2]),
    Layout::column_major([4, 3])?.try_reshape([12]),
    LayoutDyn::row_major(&[4, 3])?.try_squeeze(0),
    Layout::row_major([3, 4])?.try_reinterpret_axis(0, 1, 2),
    Layout::row_major([usize::MAX / 2])?.try_reinterpret_axis(0, 4, 8),
    LayoutDyn::row_major(&[4, 3])?.try_permute(&[0]),
}

impl Explanation {
    /// The explanation of `code`, in any case: `SP003` or `sp003`.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        all().find(|explanation| explanation.code.eq_ignore_ascii_case(code))
    }

    /// Runs the example, and returns the refusal that it gets.
    #[must_use]
    pub fn run(&self) -> Option<Error> {
        let Some(arguments) = self.example?.strip_prefix("$ ") else {
            return call(self.example?).err();
        };
        let Command::Check(check) = Cli::try_parse_from(arguments.split(' ')).ok()?.command else {
            return None;
        };
        match judge(&check.request.request()).0 {
            Verdict::Accepted(_) => None,
            Verdict::Rejected(rejection) => Some(*rejection.error),
        }
    }

    /// The whole text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let title = Code::ALL.iter().find(|code| **code == self.code).map_or("", Code::title);
        let mut text = format!("{}: {title}\n\n{}\n", self.code, self.text);
        // Writing to a string cannot fail.
        if let Some(example) = self.example {
            let _ = writeln!(text, "\nExample:\n\n    {example}");
        }
        if let Some(error) = self.run() {
            let _ = writeln!(text, "    {}: {error}", error.code());
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
pub fn all() -> impl Iterator<Item = Explanation> {
    SECTIONS.split("\n# ").skip(1).filter_map(|section| {
        let (code, body) = section.trim_end().split_once("\n\n")?;
        let (text, example) = match body.rsplit_once("\n\n    ") {
            Some((text, example)) => (text, Some(example)),
            None => (body, None),
        };
        Some(Explanation { code, text, example })
    })
}
