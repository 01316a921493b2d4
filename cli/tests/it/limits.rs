//! Input of any size takes bounded memory and time, and the lines after it are judged.

use std::time::{Duration, Instant};

use serde_json::Value;
use strideproof_cli::jsonl::{self, LONGEST_LINE};
use strideproof_cli::request::MOST_AXES;

const GOOD: &str = "{\"shape\":[2],\"buffer_len\":3}";

/// Judges lines, each with a good one after it; returns the verdicts on the lines.
fn judged(lines: &[String]) -> Vec<Value> {
    let start = Instant::now();
    let input: String = lines.iter().map(|line| format!("{line}\n{GOOD}\n")).collect();
    let mut output = Vec::new();
    let summary = jsonl::run(input.as_bytes(), &mut output, |_| {}).unwrap();
    assert_eq!(summary.lines, 2 * u64::try_from(lines.len()).unwrap());
    let verdicts: Vec<Value> = String::from_utf8(output)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(verdicts.len(), 2 * lines.len());
    for good in verdicts.iter().skip(1).step_by(2) {
        assert_eq!(good["count"], 2, "{good}");
    }
    // A thousand times what it takes, and far less than anything quadratic.
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    verdicts.into_iter().step_by(2).collect()
}

fn list(number: &str, count: usize) -> String {
    vec![number; count].join(",")
}

#[test]
fn a_long_itemsize_and_many_axes_without_strides_are_one_refusal() {
    let digits = "9".repeat(100_000);
    let line = |axes: usize| {
        format!(
            "{{\"unit\":\"bytes\",\"itemsize\":{digits},\"shape\":[{}],\"buffer_len\":1}}",
            list("1", axes)
        )
    };
    let verdicts = judged(&[line(MOST_AXES), line(100_000), line(350_000)]);
    assert_eq!(verdicts[0]["code"], "SP028");
    let message = verdicts[0]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "the itemsize is 999999999999999999999999... and 99976 more digits, which does not fit 64 bits"
    );
    for verdict in &verdicts[1..] {
        assert_eq!(verdict["verdict"], "error");
        assert_eq!(verdict["message"], format!("shape has more than {MOST_AXES} entries"));
    }
}

#[test]
fn as_many_axes_as_are_read_are_judged() {
    let (ones, nines) = (list("1", MOST_AXES), list("9", MOST_AXES));
    let twos = list("2", MOST_AXES);
    let verdicts = judged(&[
        format!("{{\"shape\":[{ones}],\"strides\":[{nines}],\"buffer_len\":1}}"),
        format!("{{\"shape\":[{nines}],\"buffer_len\":1}}"),
        format!(
            "{{\"shape\":[0,{}],\"unit\":\"bytes\",\"itemsize\":8,\"buffer_len\":1}}",
            &nines[2..]
        ),
        format!("{{\"shape\":[{twos}],\"strides\":[{nines}],\"buffer_len\":1,\"mode\":\"mut\"}}"),
        format!("{{\"shape\":[{ones}],\"strides\":[1,{nines}],\"buffer_len\":1}}"),
    ]);
    assert_eq!(verdicts[0]["verdict"], "accepted");
    assert_eq!((&verdicts[1]["axis"], &verdicts[1]["code"]), (&19.into(), &"SP005".into()));
    assert_eq!(verdicts[2]["count"], 0);
    assert_eq!(verdicts[3]["code"], "SP005");
    assert_eq!(verdicts[4]["message"], format!("strides has more than {MOST_AXES} entries"));
}

#[test]
fn numbers_of_a_million_digits_are_refused_in_time() {
    let digits = "7".repeat(1_000_000);
    let zeros = "0".repeat(1_000_000);
    let lines: Vec<String> = [
        format!("\"shape\":[2,3],\"buffer_len\":{digits}"),
        format!("\"shape\":[2,{digits}],\"buffer_len\":1"),
        format!("\"shape\":[2,3],\"strides\":[1,-{digits}],\"buffer_len\":1"),
        format!("\"shape\":[2,3],\"offset\":-{digits},\"buffer_len\":1"),
        format!("\"shape\":[1],\"itemsize\":{digits},\"buffer_len\":1"),
        format!("\"shape\":[1],\"buffer_len\":1.{zeros}"),
    ]
    .iter()
    .map(|fields| format!("{{{fields}}}"))
    .collect();
    let verdicts = judged(&lines);
    for (verdict, axis) in verdicts.iter().zip([None, Some(1), Some(1), None, None]) {
        assert_eq!((&verdict["code"], &verdict["axis"]), (&"SP028".into(), &axis.into()));
        assert!(verdict["message"].as_str().unwrap().len() < 200);
    }
    assert_eq!(verdicts[5]["verdict"], "error");
}

#[test]
fn a_line_that_is_too_long_is_skipped() {
    let padded = |len: usize| {
        let end = ",\"shape\":[2],\"buffer_len\":3}";
        format!("{{\"x_other\":\"{}\"{end}", "x".repeat(len - end.len() - 13))
    };
    let lines = [padded(LONGEST_LINE), padded(LONGEST_LINE + 1), padded(3 * LONGEST_LINE)];
    assert_eq!(lines[0].len(), LONGEST_LINE);
    let verdicts = judged(&lines);
    assert_eq!(verdicts[0]["verdict"], "accepted");
    for (verdict, line) in verdicts[1..].iter().zip([3, 5]) {
        assert_eq!((&verdict["verdict"], &verdict["line"]), (&"error".into(), &line.into()));
        assert_eq!(verdict["message"], format!("the line is longer than {LONGEST_LINE} bytes"));
    }
}

/// A writer that fails when it is handed more than the output of a few lines at once.
struct Batches(usize);

impl std::io::Write for Batches {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn verdicts_do_not_pile_up() {
    let input = format!("{GOOD}\n").repeat(200_000);
    let mut batches = Batches(0);
    jsonl::run(input.as_bytes(), &mut batches, |_| {}).unwrap();
    assert!(batches.0 < 100_000, "{} bytes at once", batches.0);
}

/// The distinct bytes of such a view cannot be counted by a formula.
#[test]
fn counting_distinct_bytes_is_bounded() {
    let line = |shape: &str, strides: &str| {
        format!(
            "{{\"shape\":[{shape}],\"strides\":[{strides}],\"buffer_len\":9223372036854775807}}"
        )
    };
    let verdicts = judged(&[
        line("300,300,300", "18701,18713,18671"),
        line("1000000,1000000,1000000", "1000003,1000033,1000037"),
        line("9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9", "3,5,7,11,13,17,19,23,29,31,37,41,43,47,53,59"),
    ]);
    assert!(verdicts.iter().all(|verdict| verdict["verdict"] == "accepted"));
    assert_eq!(verdicts[0]["distinct_bytes"], 1_242_370);
    assert_eq!(verdicts[1]["distinct_bytes"], Value::Null);
}

/// Operations one by one on as many axes as the command line takes would take minutes.
#[test]
fn chains_are_applied_to_few_axes() {
    use strideproof_cli::chain::Chain;
    use strideproof_cli::derive::{Failure, MOST_AXES as MOST, derive};
    use strideproof_cli::request::Request;
    let view = |axes: usize| {
        let request = Request {
            shape: vec![1.into(); axes],
            strides: None,
            buffer_len: 1.into(),
            ..Request::default()
        };
        request.resolve().unwrap()
    };
    let chain = |text: &str| Chain::parse(text).unwrap();
    assert!(derive(&view(MOST), &chain("reverse | squeeze | insert 0")).is_ok());
    let Err(Failure::Start(rejection)) = derive(&view(MOST + 1), &chain("squeeze")) else {
        panic!("too many axes are taken");
    };
    let message = "a view of run-time rank has at most 64 axes, not 65";
    assert_eq!(rejection.error.to_string(), message);
    let inserts = vec!["insert 0"; 10_000].join("|");
    match derive(&view(0), &chain(&inserts)) {
        Err(Failure::Step { step: MOST, error, .. }) => assert_eq!(error.to_string(), message),
        other => panic!("{other:?}"),
    }
}
