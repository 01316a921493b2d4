//! Known cases: requests from other projects' tests, and inputs on which real checkers were wrong.

use serde_json::Value;

use crate::request::Request;

/// Requests from other projects' tests, as JSON lines.
pub const PEERS: &str = include_str!("../cases/peers.jsonl");
/// Inputs on which real checkers were wrong, as JSON lines.
pub const BUGZOO: &str = include_str!("../cases/bugzoo.jsonl");

/// One of them, with integers as wide as its line may write them.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its name.
    pub id: String,
    /// Whether all numbers count bytes, rather than elements.
    pub in_bytes: bool,
    /// Whether no two indices may share memory.
    pub mutable: bool,
    /// The size of an item in bytes.
    pub itemsize: i128,
    /// The size of each axis.
    pub shape: Vec<i128>,
    /// The stride of each axis.
    pub strides: Vec<i128>,
    /// Where the all-zero index lies.
    pub offset: i128,
    /// The length of the buffer.
    pub len: i128,
    /// The specification's verdict.
    pub accepted: bool,
    /// The family of mistakes that it shows, as a letter and a number, for a case of [`BUGZOO`].
    pub family: Option<String>,
}

/// All of them.
///
/// # Panics
/// Never, with the lines that there are.
#[must_use]
pub fn all() -> Vec<Known> {
    PEERS.lines().chain(BUGZOO.lines()).map(Known::read).collect()
}

fn integer(value: &Value) -> i128 {
    let wide = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
    wide.unwrap_or_else(|| panic!("{value} is no integer of 64 bits"))
}

/// Whether a value is the first of two words, and not the second.
fn is(value: &Value, yes: &str, no: &str) -> bool {
    let word = value.as_str().expect("a word");
    assert!(word == yes || word == no, "{word} is neither {yes} nor {no}");
    word == yes
}

impl Known {
    fn read(line: &str) -> Self {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        let integers =
            |key: &str| line[key].as_array().expect("an array").iter().map(integer).collect();
        Self {
            id: line["id"].as_str().expect("an id").to_owned(),
            in_bytes: is(&line["unit"], "bytes", "elements"),
            mutable: is(&line["mode"], "mut", "ro"),
            itemsize: integer(&line["itemsize"]),
            shape: integers("shape"),
            strides: integers("strides"),
            offset: integer(&line["offset"]),
            len: integer(&line["buffer_len"]),
            accepted: is(&line["strideproof"], "accepted", "rejected"),
            family: line["mutant"].as_str().and_then(|family| family.get(..3)).map(str::to_owned),
        }
    }

    /// The request, unless a `usize` or an `isize` does not hold one of its numbers.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        let size = |&value: &i128| usize::try_from(value).ok();
        Some(Request {
            shape: self.shape.iter().map(size).collect::<Option<_>>()?,
            strides: self
                .strides
                .iter()
                .map(|&s| isize::try_from(s).ok())
                .collect::<Option<_>>()?,
            offset: size(&self.offset)?,
            len: size(&self.len)?,
            item: if self.in_bytes { size(&self.itemsize)? } else { 1 },
        })
    }
}
