//! The long explanation of each code, with a refused and an accepted request.

use strideproof::Code;

use crate::chain::OPERATIONS;
use crate::nearest::{hint, quoted};

/// A section for each code: its text, then indented the refused command, what it says, and the accepted one.
const SECTIONS: &str = include_str!("explain.md");

/// The explanation of a code.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// The rule, why it is one, and what to do.
    pub text: &'static str,
    /// A command that gets the code with what it says on a line below, and a command like it that is
    /// accepted.
    pub examples: Option<(&'static str, &'static str)>,
}

impl Explanation {
    /// The explanation of a code: `SP003`, `sp3` or `3`, or its word, `past_end`.
    #[must_use]
    pub fn of(topic: &str) -> Option<Self> {
        let prefix = topic.get(..2).filter(|prefix| prefix.eq_ignore_ascii_case("SP"));
        let digits = topic.get(prefix.map_or(0, str::len)..).unwrap_or_default();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_number.then(|| format!("SP{:0>3}", digits.trim_start_matches('0')));
        let mut codes = Code::ALL.iter();
        let word = topic.to_lowercase().replace([' ', '-'], "_");
        let code =
            codes.find(|code| number.as_deref() == Some(code.as_str()) || code.word() == word)?;
        all().find(|explanation| *code == explanation.code)
    }

    /// The whole text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let code = Code::ALL.iter().find(|code| **code == self.code);
        let title = code.map_or("", Code::title);
        let mut text = format!("{}: {title}\n\n{}\n", self.code, self.text);
        if let Some((refused, accepted)) = self.examples {
            text += &format!("\nRefused:\n\n    $ {refused}\n\nAccepted:\n\n    $ {accepted}\n");
        }
        text
    }
}

/// What is known of a code or an operation.
///
/// # Errors
/// A sentence that names what is known and near.
pub fn topic(topic: &str) -> Result<String, String> {
    if let Some(explanation) = Explanation::of(topic) {
        return Ok(explanation.to_text());
    }
    if let Some(text) = operation(topic) {
        return Ok(text);
    }
    let names = OPERATIONS.iter().flat_map(|(names, ..)| names.iter().copied());
    let known = Code::ALL.iter().map(Code::word).chain(names);
    let hint = hint(topic, known, || "`strideproof explain` lists the codes".into());
    Err(format!("no code or operation {}{hint}", quoted(topic)))
}

/// What an operation does, and the examples of codes that use it.
fn operation(name: &str) -> Option<String> {
    let (names, arguments, meaning) =
        OPERATIONS.iter().find(|(names, ..)| names.contains(&name))?;
    let usage = format!("{} {arguments}", names[0]);
    let mut text = format!("{}: {meaning}\n", usage.trim_end());
    if let Some((_, others)) = names.split_first().filter(|(_, others)| !others.is_empty()) {
        text += &format!("\nAlso called {}.\n", others.join(", "));
    }
    let uses = |command: &str| command.contains(&format!("'{} ", names[0]));
    for (refused, accepted) in all().filter_map(|it| it.examples).filter(|it| uses(it.0)) {
        text += &format!("\n    $ {refused}\n    $ {accepted}\n");
    }
    Some(text)
}

/// One line for each code.
#[must_use]
pub fn list() -> String {
    let codes = Code::ALL.iter().map(|code| format!("{code}  {}\n", code.title()));
    let names: Vec<&str> = OPERATIONS.iter().map(|(names, ..)| names[0]).collect();
    codes.collect::<String>() + &format!("\nOperations: {}\n", names.join(", "))
}

/// Every code of the library.
pub fn all() -> impl Iterator<Item = Explanation> {
    SECTIONS.split("\n# ").skip(1).filter_map(|section| {
        let (code, body) = section.trim_end().split_once("\n\n")?;
        let (text, examples) = match body.split_once("\n\n    $ ") {
            Some((text, examples)) => (text, examples.split_once("\n    $ ")),
            None => (body, None),
        };
        Some(Explanation { code, text, examples })
    })
}
