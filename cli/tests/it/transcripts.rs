//! Every command with its output, as a reader would see it.

#[test]
fn commands_say_what_their_transcripts_say() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .case("tests/cmd/*.md")
        .case("../README.md")
        .case("../docs/examples.md");
}
