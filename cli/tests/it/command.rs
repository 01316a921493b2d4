//! The command as a process: exit statuses, streams, and readers that go away.

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strideproof"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end, with these bytes so often as its standard input.
pub(crate) fn output(command: &mut Command, input: &[u8], times: usize) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // The command may stop reading before the end.
            let _ = (0..times).try_for_each(|_| stdin.write_all(input));
        });
        child.wait_with_output().unwrap()
    })
}

fn strideproof(arguments: &[&str], input: &[u8]) -> Output {
    output(&mut command(arguments), input, 1)
}

#[test]
fn lines_get_2_when_some_are_malformed_and_1_for_rejections_where_that_is_asked_for() {
    let good = "{\"shape\":[3],\"buffer_len\":3}\n";
    let bad = "{\"shape\":[3],\"buffer_len\":2}\n";
    let asked = ["check", "--jsonl", "-", "--fail-on-rejection"];
    for (lines, [plain, failing]) in [
        (vec![], [0, 0]),
        (vec![good, good], [0, 0]),
        (vec!["\u{feff}", good.trim_end(), "\r\n"], [0, 0]),
        (vec![bad, good], [0, 1]),
        (vec![bad, "{}\n"], [2, 2]),
        (vec![good, "{}\n\n\n"], [2, 2]),
    ] {
        let input = lines.concat();
        for (arguments, status) in [(&asked[..3], plain), (&asked, failing)] {
            let output = strideproof(arguments, input.as_bytes());
            assert_eq!(output.status.code(), Some(status), "{lines:?}");
            let verdicts = String::from_utf8(output.stdout).unwrap().lines().count();
            assert_eq!((verdicts, output.stderr.len()), (input.lines().count(), 0));
        }
    }
}

#[test]
fn what_the_parser_knows_can_be_installed() {
    for (arguments, named) in [
        ("completions bash", "fail-on-rejection"),
        ("completions elvish", "fail-on-rejection"),
        ("completions fish", "fail-on-rejection"),
        ("completions powershell", "fail-on-rejection"),
        ("completions zsh", "fail-on-rejection"),
        ("man", "completions"),
        ("man view", "reinterpret"),
    ] {
        let output = strideproof(&arguments.split(' ').collect::<Vec<_>>(), b"");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains(named), "{arguments}");
        assert_eq!(text.contains(".TH strideproof"), arguments.starts_with("man"), "{arguments}");
    }
}

#[test]
fn data_goes_to_standard_output_and_complaints_to_standard_error() {
    let accepted = strideproof(&["check", "--len", "12"], b"");
    assert!(accepted.stderr.is_empty() && !accepted.stdout.is_empty());
    let rejected = strideproof(&["check", "--len", "12", "--offset", "1"], b"");
    assert!(rejected.stdout.is_empty() && !rejected.stderr.is_empty());
    // No colour where there is no terminal, and colour where it is asked for.
    assert!(!rejected.stderr.contains(&0x1b));
    let colour = strideproof(&["check", "--len", "12", "--offset", "1", "--color", "always"], b"");
    assert!(colour.stderr.contains(&0x1b));
    let json = strideproof(&["check", "--len", "12", "--offset", "1", "--format", "json"], b"");
    assert!(json.stderr.is_empty() && json.stdout.ends_with(b"}\n"));
}

#[test]
fn two_programs_can_take_turns() {
    use std::io::{BufRead, BufReader};
    use std::time::Duration;
    let mut child = command(&["check", "--jsonl", "-"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let (sender, lines) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        stdout.lines().for_each(|line| sender.send(line.unwrap()).unwrap_or(()));
    });
    for n in 1..4 {
        writeln!(stdin, "{{\"id\":{n},\"shape\":[{n}],\"buffer_len\":3}}").unwrap();
        let Ok(line) = lines.recv_timeout(Duration::from_secs(60)) else {
            child.kill().unwrap();
            panic!("no answer while the next request is awaited");
        };
        assert!(line.contains(&format!("\"id\":{n}")), "{line}");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
    reader.join().unwrap();
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = command(&["check", "--jsonl", "-"]).spawn().unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    for _ in 0..100_000 {
        if stdin.write_all(b"{\"shape\":[3],\"buffer_len\":3}\n").is_err() {
            break;
        }
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[cfg(unix)]
#[test]
fn a_reader_that_was_never_there_is_no_failure() {
    for (arguments, status) in [
        (&["check", "--len", "12"][..], 0),
        (&["check", "--len", "12", "--format", "json"], 0),
        (&["check", "--len", "11", "--shape", "12", "--format", "json"], 1),
        (&["draw", "--len", "12"], 0),
        (&["explain"], 0),
    ] {
        // The input of a process that has ended is a pipe without a reader.
        let mut gone = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
        let pipe = gone.stdin.take().unwrap();
        gone.wait().unwrap();
        let output = command(arguments).stdout(pipe).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_is_one() {
    for arguments in [
        &["check", "--len", "12"][..],
        &["check", "--len", "12", "--format", "json"],
        &["draw", "--len", "12", "--svg", "-"],
        &["draw", "--len", "12", "--svg", "no-such-directory/x.svg"],
        &["explain"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stderr.starts_with(b"error: "));
    }
}

#[test]
fn standard_input_stands_for_a_file_and_for_a_shape() {
    let npy = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/x.npy")).unwrap();
    let output = strideproof(&["check", "--npy", "-", "--shape", "3", "--print"], &npy);
    assert_eq!(output.stdout, b"[0 1 2]\n");
    let output = strideproof(&["check", "--npy", "-"], &npy[..100]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stderr.starts_with(b"error: -: "));
    for arguments in
        [&["check", "--len", "6", "--shape", "-"][..], &["check", "--len=6", "--shape=-"]]
    {
        assert_eq!(strideproof(arguments, b"(2, 3)\n").status.code(), Some(0));
        assert_eq!(strideproof(arguments, b"2,4").status.code(), Some(1));
        assert_eq!(strideproof(arguments, b"2,x").status.code(), Some(2));
        assert_eq!(strideproof(arguments, b"\xff").status.code(), Some(2));
    }
}

#[test]
fn the_schemas_are_printed() {
    use serde_json::Value;
    let read = |arguments: &[&str]| -> Value {
        serde_json::from_slice(&strideproof(arguments, b"").stdout).unwrap()
    };
    let both = read(&["schema"]);
    assert_eq!(both["request"], read(&["schema", "request"]));
    assert_eq!(both["verdict"], read(&["schema", "verdict"]));
    assert_eq!(both["request"]["properties"]["unit"]["enum"][1], "bytes");
}

#[test]
fn a_derived_view_is_drawn_to_a_file() {
    let path = std::env::temp_dir().join(format!("strideproof-{}.svg", std::process::id()));
    let name = path.to_str().unwrap();
    let output = strideproof(&["view", "--shape", "4,3", "t", "--svg", name], b"");
    assert_eq!((output.status.code(), &output.stdout[..9]), (Some(0), &b"accepted:"[..]));
    let drawn = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(drawn.contains("shape (3, 4) strides (1, 3)"), "{drawn}");
    let direct = strideproof(&["view", "--shape", "4,3", "t", "--svg", "-"], b"").stdout;
    assert_eq!(direct, drawn.as_bytes());
}

/// Some terminals obey the second set of control characters as they do escape sequences.
#[test]
fn no_control_character_of_a_chain_reaches_the_terminal() {
    use strideproof_cli::chain::Chain;
    use strideproof_cli::derive;
    let text = "t | \u{9b}2J\u{85}\u{1b}[2J";
    let error = Chain::parse(text).unwrap_err();
    let shown = derive::syntax_error(text, &error, 80);
    assert!(!shown.contains(|c: char| ('\u{80}'..='\u{9f}').contains(&c)), "{shown:?}");
    assert!(!shown.contains("\u{1b}[2J"), "{shown:?}");
}
