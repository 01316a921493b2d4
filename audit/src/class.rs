//! What a finding is about.

use serde::{Deserialize, Serialize};

/// How a call went wrong, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A write beside every block, or on bytes beside the block that nothing may touch.
    OutOfBoundsWrite,
    /// A read beside every block.
    OutOfBoundsRead,
    /// An access to a block after it was freed.
    UseAfterFree,
    /// A block freed twice.
    DoubleFree,
    /// What is freed is no block, or one of another size or alignment.
    BadFree,
    /// A check of the standard library found that an `unsafe` function's condition did not hold.
    ViolatedPrecondition,
    /// Two exclusive references to one address.
    Aliasing,
    /// A request that leaves the buffer was accepted and an element outside it given out, but no
    /// inaccessible page was touched.
    AcceptedOutOfBounds,
    /// An element other than the documented one.
    WrongElement,
    /// A good request was refused.
    TooStrict,
    /// A good request panicked.
    Panic,
    /// The process was ended.
    Abort,
    /// The call did not come back in time.
    TimeOut,
    /// The call asked for more memory than a case may have, and gave up when it got none.
    OutOfMemory,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::OutOfBoundsWrite,
        Self::OutOfBoundsRead,
        Self::UseAfterFree,
        Self::DoubleFree,
        Self::BadFree,
        Self::ViolatedPrecondition,
        Self::Aliasing,
        Self::AcceptedOutOfBounds,
        Self::WrongElement,
        Self::TooStrict,
        Self::Panic,
        Self::Abort,
        Self::TimeOut,
        Self::OutOfMemory,
    ];

    /// Whether it is about memory or aliasing: safe code reaches undefined behaviour.
    #[must_use]
    pub fn is_unsound(self) -> bool {
        self <= Self::Aliasing
    }

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.texts().0
    }

    /// Its name where there are no spaces.
    pub(crate) fn id(self) -> String {
        self.name().replace(' ', "-")
    }

    /// How grave it is, in SARIF's words.
    pub(crate) fn level(self) -> &'static str {
        if self.is_unsound() { "error" } else { "note" }
    }

    /// What it means for a caller, in one sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.texts().1
    }

    /// What it cannot do, in one sentence.
    #[must_use]
    pub fn limits(self) -> &'static str {
        self.texts().2
    }

    fn texts(self) -> (&'static str, &'static str, &'static str) {
        const NONE: &str = "No memory outside the crate's own is touched.";
        match self {
            Self::OutOfBoundsWrite => (
                "out of bounds write",
                "Safe code overwrites memory outside the buffer.",
                "Whether an attacker chooses what is written depends on the application; this report shows only that the write happens.",
            ),
            Self::OutOfBoundsRead => (
                "out of bounds read",
                "Safe code reads memory outside the buffer, which can disclose it or end the process.",
                "This report shows a read only: nothing outside the buffer is changed.",
            ),
            Self::UseAfterFree => (
                "use after free",
                "Safe code accesses memory that was freed.",
                "Whether the memory is in use again by then depends on the application.",
            ),
            Self::DoubleFree => (
                "double free",
                "Safe code frees memory twice, which corrupts the heap.",
                "Whether the corruption can be steered depends on the allocator.",
            ),
            Self::BadFree => (
                "bad free",
                "Safe code frees memory that was not allocated so, which corrupts the heap.",
                "Whether the corruption can be steered depends on the allocator.",
            ),
            Self::ViolatedPrecondition => (
                "violated precondition",
                "Safe code calls an unsafe function of the standard library outside its contract, which is undefined behaviour.",
                "In this build the standard library checks the contract and ends the process; others do not check.",
            ),
            Self::Aliasing => (
                "aliasing",
                "Safe code gets two exclusive references to one address, which is undefined behaviour.",
                "No address outside the buffer is involved.",
            ),
            Self::AcceptedOutOfBounds => (
                "accepted out of bounds",
                "A request that leaves the buffer was accepted, and an element given out for an index outside.",
                "No access outside the buffer was observed.",
            ),
            Self::WrongElement => ("wrong element", "The result is not the documented one.", NONE),
            Self::TooStrict => ("too strict", "A request that fits is refused.", NONE),
            Self::Panic => ("panic", "A request that fits panics.", NONE),
            Self::Abort => ("abort", "The process ends.", NONE),
            Self::TimeOut => ("time-out", "The call does not come back in time.", NONE),
            Self::OutOfMemory => (
                "out of memory",
                "The call asks for memory out of proportion and ends the process.",
                NONE,
            ),
        }
    }

    /// A number other than 0.
    pub(crate) fn code(self) -> u8 {
        self as u8 + 1
    }

    pub(crate) fn of_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// What is known of a request.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Validity {
    /// The documentation promises that the call is fine.
    Good,
    /// It must be refused.
    Bad,
    /// Neither is promised.
    #[default]
    Unknown,
}

impl std::fmt::Display for Validity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unknown => "unspecified",
        })
    }
}
