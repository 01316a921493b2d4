//! What a finding is about.

use serde::{Deserialize, Serialize};

macro_rules! classes {
    ($($(#[$doc:meta])+ $class:ident $name:literal: $meaning:literal $limits:expr;)+) => {
        /// How a call went wrong, the gravest first.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum Class {
            $($(#[$doc])+ $class,)+
        }

        impl Class {
            /// All of them.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$class),+];

            fn texts(self) -> [&'static str; 3] {
                match self {
                    $(Self::$class => [$name, $meaning, $limits],)+
                }
            }
        }
    };
}

/// What many of them cannot do.
const NONE: &str = "No memory outside the crate's own is touched.";

classes! {
    /// A write beside every block, or on bytes beside the block that nothing may touch.
    OutOfBoundsWrite "out of bounds write":
        "Safe code overwrites memory outside the buffer."
        "Whether an attacker chooses what is written depends on the application; this report shows only that the write happens.";
    /// A read beside every block.
    OutOfBoundsRead "out of bounds read":
        "Safe code reads memory outside the buffer, which can disclose it or end the process."
        "This report shows a read only: nothing outside the buffer is changed.";
    /// An access to a block after it was freed.
    UseAfterFree "use after free":
        "Safe code accesses memory that was freed."
        "Whether the memory is in use again by then depends on the application.";
    /// A block freed twice.
    DoubleFree "double free":
        "Safe code frees memory twice, which corrupts the heap."
        "Whether the corruption can be steered depends on the allocator.";
    /// What is freed is no block, or one of another size or alignment.
    BadFree "bad free":
        "Safe code frees memory that was not allocated so, which corrupts the heap."
        "Whether the corruption can be steered depends on the allocator.";
    /// A check of the standard library found that an `unsafe` function's condition did not hold.
    ViolatedPrecondition "violated precondition":
        "Safe code calls an unsafe function of the standard library outside its contract, which is undefined behaviour."
        "In this build the standard library checks the contract and ends the process; others do not check.";
    /// Two exclusive references to one address.
    Aliasing "aliasing":
        "Safe code gets two exclusive references to one address, which is undefined behaviour."
        "No address outside the buffer is involved.";
    /// A request that leaves the buffer was accepted and an element outside it given out, but no
    /// inaccessible page was touched.
    AcceptedOutOfBounds "accepted out of bounds":
        "A request that leaves the buffer was accepted, and an element given out for an index outside."
        "No access outside the buffer was observed.";
    /// An element other than the documented one.
    WrongElement "wrong element": "The result is not the documented one." NONE;
    /// A good request was refused.
    TooStrict "too strict": "A request that fits is refused." NONE;
    /// A good request panicked.
    Panic "panic": "A request that fits panics." NONE;
    /// The process was ended.
    Abort "abort": "The process ends." NONE;
    /// The call did not come back in time.
    TimeOut "time-out": "The call does not come back in time." NONE;
    /// The call asked for more memory than a case may have, and gave up when it got none.
    OutOfMemory "out of memory": "The call asks for memory out of proportion and ends the process." NONE;
}

impl Class {
    /// Whether it is about memory or aliasing: safe code reaches undefined behaviour.
    #[must_use]
    pub fn is_unsound(self) -> bool {
        self <= Self::Aliasing
    }

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.texts()[0]
    }

    /// Its name where there are no spaces.
    #[cfg(feature = "command")]
    pub(crate) fn id(self) -> String {
        self.name().replace(' ', "-")
    }

    /// How grave it is, in SARIF's words.
    #[cfg(feature = "command")]
    pub(crate) fn level(self) -> &'static str {
        if self.is_unsound() { "error" } else { "note" }
    }

    /// What it means for a caller, in one sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.texts()[1]
    }

    /// What it cannot do, in one sentence.
    #[must_use]
    pub fn limits(self) -> &'static str {
        self.texts()[2]
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
