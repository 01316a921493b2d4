//! Every code of the library is explained, and by an example that gets it.

use std::collections::BTreeSet;

use clap::CommandFactory;
use serde_json::Value;
use strideproof::Code;
use strideproof_cli::args::Cli;
use strideproof_cli::explain::{Explanation, all, list, topic};

#[test]
fn every_code_has_one_explanation() {
    let explained: Vec<&str> = all().map(|each| each.code).collect();
    assert_eq!(explained, Code::ALL.iter().map(Code::as_str).collect::<Vec<_>>());
    let distinct =
        |of: fn(&Code) -> &'static str| Code::ALL.iter().map(of).collect::<BTreeSet<_>>();
    for of in [Code::as_str, Code::word, Code::title] {
        assert_eq!(distinct(of).len(), Code::ALL.len());
    }
    for &code in &explained {
        assert!(list().contains(code));
        assert!(Explanation::of(&code.to_lowercase()).is_some());
    }
    for other in ["SP000", "SP099", "99", "0", "", "SP", "sp-3", "P3", "3x", "\u{e9}3", "+3"] {
        assert!(Explanation::of(other).is_none(), "{other}");
    }
    for same in ["SP003", "sp03", "Sp3", "3", "003", "past_end", "PAST_END", "past end"] {
        assert_eq!(Explanation::of(same).unwrap().code, "SP003", "{same}");
    }
}

#[test]
fn the_examples_do_what_they_say_in_a_shell() {
    for explanation in all() {
        assert!(explanation.text.lines().all(|line| line.chars().count() <= 90), "{explanation:?}");
        let Some((refused, accepted)) = explanation.examples else {
            // The command gets none of these; the library's own tests cover them.
            assert!(["SP027", "SP029", "SP030"].contains(&explanation.code));
            continue;
        };
        let (refused, said) = refused.split_once("\n    ").unwrap();
        let verdict = |example: &str, status| -> Value {
            let arguments = example.strip_prefix("strideproof ").unwrap();
            let command =
                format!("{} {arguments} --format json", env!("CARGO_BIN_EXE_strideproof"));
            let output = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
            assert_eq!(output.status.code(), Some(status), "{example}: {output:?}");
            serde_json::from_slice(&output.stdout).unwrap()
        };
        let got = verdict(refused, 1);
        let (code, message) = (got["code"].as_str().unwrap(), got["message"].as_str().unwrap());
        assert_eq!((code, format!("{code}: {message}")), (explanation.code, said.into()));
        verdict(accepted, 0);
        // One is the other with few words changed.
        let common = refused.split(' ').take(2).eq(accepted.split(' ').take(2));
        assert!(common && refused != accepted, "{refused} and {accepted}");
    }
}

#[test]
fn operations_are_explained_too() {
    use strideproof_cli::chain::{Chain, help};
    for name in list().lines().last().unwrap().strip_prefix("Operations: ").unwrap().split(", ") {
        let text = topic(name).unwrap();
        let (head, _) = text.split_once(": ").unwrap();
        assert!(head.starts_with(name) && head.trim_end() == head, "{text}");
        assert!(Chain::parse(head).is_ok(), "{head}");
        assert!(help().contains(head), "{head}");
    }
    assert!(topic("windows").unwrap().contains("SP019: a window of size 5"));
    assert_eq!(topic("flip").unwrap(), topic("reverse").unwrap());
    assert_eq!(
        topic("window").unwrap_err(),
        "no code or operation \"window\"; did you mean \"windows\"?"
    );
    assert!(topic("SP099").unwrap_err().ends_with("; `strideproof explain` lists the codes"));
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
    // Paragraphs are wrapped; what is laid out by hand fits 80 columns.
    for command in Cli::command().get_subcommands() {
        let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        let decides = ["check", "draw", "view", "overlap", "scan"].contains(&command.get_name());
        assert_eq!(text.contains("Exit status: 0 "), decides, "{text}");
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let by_hand = line.is_empty() || line.starts_with(' ');
            let ends = lines.peek().is_none_or(|next| next.is_empty() || next.starts_with(' '));
            assert!(if by_hand { line.len() <= 80 } else { ends }, "{line}");
        }
    }
    let about = Cli::command().get_long_about().map(ToString::to_string).unwrap_or_default();
    assert!(about.contains("Exit status: 0 "), "{about}");
    // Each flag of a view conflicts with a file of requests.
    let cli = Cli::command();
    let check = cli.find_subcommand("check").unwrap();
    let jsonl = check.get_arguments().find(|flag| flag.get_id() == "jsonl").unwrap();
    let view = check.get_groups().find(|group| group.get_id() == "view").unwrap();
    assert_eq!(check.get_arg_conflicts_with(jsonl).len(), view.get_args().count());
}
