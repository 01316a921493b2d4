//! All case lines, from the tests and the mistakes of other projects, through `check --jsonl`.

use std::path::Path;

use serde_json::{Map, Value};
use strideproof_cli::jsonl;

/// A case as a request: what is known of it is not part of what is asked.
fn request(case: &str) -> String {
    let case: Map<String, Value> = serde_json::from_str(case).unwrap();
    let asked = ["unit", "itemsize", "buffer_len", "offset", "shape", "strides", "mode", "id"];
    let keys = case.into_iter().map(|(key, value)| match asked.contains(&key.as_str()) {
        true => (key, value),
        false => (format!("x_{key}"), value),
    });
    Value::Object(keys.collect()).to_string()
}

fn agrees(file: &str, cases: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../oracle/cases").join(file);
    let input = std::fs::read_to_string(&path).unwrap();
    let requests: String = input.lines().map(|case| request(case) + "\n").collect();
    let mut output = Vec::new();
    let summary = jsonl::run(requests.as_bytes(), &mut output, |_| {}).unwrap();
    assert_eq!((summary.lines, summary.malformed), (u64::try_from(cases).unwrap(), 0));
    let parse = |text: &str| -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let (input, output) = (parse(&input), parse(std::str::from_utf8(&output).unwrap()));
    assert_eq!(output.len(), cases);
    for (case, verdict) in input.iter().zip(&output) {
        assert_eq!(verdict["verdict"], case["strideproof"], "{case}\n{verdict}");
        assert_eq!(verdict["id"], case["id"]);
        assert!(crate::schema::VERDICTS.is_valid(verdict), "{verdict}");
    }
}

#[test]
fn verdicts_are_those_of_the_specification_on_the_cases_of_peers() {
    agrees("peers.jsonl", 134);
}

#[test]
fn verdicts_are_those_of_the_specification_where_real_checkers_were_wrong() {
    agrees("bugzoo.jsonl", 46);
}
