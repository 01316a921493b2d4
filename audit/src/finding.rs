//! What a target says of its run, one JSON object a line.

use serde::{Deserialize, Serialize};

use crate::class::{Class, Validity};

/// A line of a target's output.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// How far it is.
    Progress(Summary),
    /// What was found.
    Finding(Box<Finding>),
    /// The run of one case function is over.
    Summary(Summary),
}

/// The run of one case function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The name of the function.
    pub case: String,
    /// How many requests were made.
    pub requests: u64,
    /// How long it took.
    pub seconds: f64,
    /// Good requests that were accepted.
    pub good_accepted: u64,
    /// Good requests that were refused.
    pub good_refused: u64,
    /// Bad requests that were accepted.
    pub bad_accepted: u64,
    /// Bad requests that were refused.
    pub bad_refused: u64,
    /// Requests of which neither was known.
    pub unspecified: u64,
    /// Requests that showed what an earlier one had shown.
    pub repeated: u64,
}

impl Summary {
    /// Whether at least one request in ten was good and accepted, and one in ten bad.
    #[must_use]
    pub fn is_conclusive(&self) -> bool {
        let tenth = self.requests.div_ceil(10).max(1);
        self.good_accepted >= tenth && self.bad_accepted + self.bad_refused >= tenth
    }
}

/// The smallest request known that goes wrong in one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The name of the case function.
    pub case: String,
    /// How it went wrong.
    pub class: Class,
    /// What is known of the request.
    pub request: Validity,
    /// What was being called.
    #[serde(default)]
    pub call: String,
    /// What happened, in words.
    pub detail: String,
    /// The request in words.
    pub smallest: String,
    /// The request as statements.
    #[serde(default)]
    pub code: Vec<String>,
    /// The innermost frames, where they could be had.
    #[serde(default)]
    pub frames: Vec<Frame>,
    /// The choices that make the request.
    #[serde(default)]
    pub choices: Vec<u64>,
    /// Whether blocks lay at the left end of their pages.
    #[serde(default)]
    pub left: bool,
    /// How many requests it took to find.
    pub requests: u64,
    /// How long it took to find.
    pub seconds: f64,
    /// How long it took to shrink.
    #[serde(default)]
    pub shrinking: f64,
}

/// A frame of a backtrace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The function.
    pub function: String,
    /// The file, as the compiler was told it.
    pub file: String,
    /// The line.
    pub line: u32,
}

impl Frame {
    /// The frames that a backtrace prints with a file and a line.
    pub(crate) fn parse(backtrace: &str) -> Vec<Self> {
        let mut frames = Vec::new();
        let mut function = "";
        for line in backtrace.lines().map(str::trim_start) {
            if let Some(place) = line.strip_prefix("at ") {
                let mut parts = place.rsplitn(3, ':');
                let (_column, row, file) = (parts.next(), parts.next(), parts.next());
                if let (Some(row), Some(file)) = (row.and_then(|row| row.parse().ok()), file) {
                    let (function, file) = (function.to_owned(), file.to_owned());
                    frames.push(Self { function, file, line: row });
                }
            } else if let Some((_address, name)) = line.split_once(" - ") {
                function = name.rsplit_once("::h").map_or(name, |(name, _hash)| name);
            }
        }
        frames
    }
}
