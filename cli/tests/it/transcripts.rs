//! Every command with its output, as a reader would see it.

use std::path::Path;

use crate::documents::read;

#[test]
fn commands_say_what_their_transcripts_say() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd").case("tests/cmd/*.md");
}

/// The documents for readers hold nothing that is there for a test alone. `cargo run -q --` is the
/// command, and a comment before a block is the exit status of its last command.
#[test]
fn the_documents_show_what_the_command_says() {
    let cases = trycmd::TestCases::new();
    for document in ["README.md", "docs/first-hour.md", "docs/examples.md"] {
        let text = read(document);
        let prepared = Path::new(env!("CARGO_TARGET_TMPDIR")).join(document.replace('/', "-"));
        let blocks = text.matches("\n```console\n").count();
        assert!(blocks > 0, "{document}");
        std::fs::write(&prepared, with_markup(&text)).unwrap();
        cases.case(prepared);
    }
}

/// A document as trycmd reads it: with the status below its command, and a blank line after what ends
/// with the end of a line.
fn with_markup(document: &str) -> String {
    let (mut text, mut status, mut block) = (String::new(), None, None::<Vec<String>>);
    for line in document.lines() {
        match (line, &mut block) {
            ("```console", None) => block = Some(vec![line.into()]),
            ("```", Some(lines)) => {
                let command = lines.iter().rposition(|line| line.starts_with("$ ")).unwrap();
                let status = status.take().map(|status| format!("? {status}"));
                lines.splice(command + 1..command + 1, status);
                text += &format!("{}\n\n```\n", lines.join("\n"));
                block = None;
            }
            (line, Some(lines)) => lines.push(line.replace("$ cargo run -q -- ", "$ strideproof ")),
            (line, None) => match line.strip_prefix("<!-- exit status ") {
                Some(code) => status = code.strip_suffix(" -->"),
                None => text += &format!("{line}\n"),
            },
        }
    }
    assert_eq!(
        (status, block),
        (None, None),
        "a status without a block, or a block without an end"
    );
    text
}
