//! The JSON Schemas, against what the command reads and writes.

use std::sync::LazyLock;

use serde_json::{Value, json};
use strideproof_cli::jsonl::{Lines, Outcome, REQUEST_SCHEMA, VERDICT_SCHEMA};

fn validator(schema: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

pub(crate) static VERDICTS: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| validator(VERDICT_SCHEMA));

/// Judges a line; returns whether it was well-formed, after its verdict was found to be one.
fn is_read(line: &str) -> bool {
    let mut out = Vec::new();
    let outcome = Lines::default().judge(line.as_bytes(), 1, &mut out);
    let verdict: Value = serde_json::from_slice(&out).unwrap();
    assert!(VERDICTS.is_valid(&verdict), "{verdict}");
    outcome != Outcome::Malformed
}

/// Requests that have each key with values of each kind, good and bad.
#[test]
fn what_the_schema_allows_is_what_is_read() {
    let schema: Value = serde_json::from_str(REQUEST_SCHEMA).unwrap();
    let of_requests = validator(REQUEST_SCHEMA);
    let values = "[null, true, 0, -1, 7, 10000000, 10000001, \"bytes\", \"mut\", \"other\", [], [4, 3], \
                  [null], [[1]], {}]";
    let values: Vec<Value> = serde_json::from_str(values).unwrap();
    let mut keys: Vec<&str> =
        schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    keys.extend(["x_mine", "other", ""]);
    let (mut read, mut refused) = (0, 0);
    for key in &keys {
        for value in &values {
            for other in [None, Some(("align", json!(4))), Some(("mode", json!("ro")))] {
                let mut line = json!({"buffer_len": 12, "shape": [2, 3]});
                if let Some((key, value)) = other {
                    line[key] = value;
                }
                line[*key] = value.clone();
                let valid = of_requests.is_valid(&line);
                assert_eq!(is_read(&line.to_string()), valid, "{line}");
                *(if valid { &mut read } else { &mut refused }) += 1;
            }
        }
    }
    for missing in ["buffer_len", "shape"] {
        let mut line = json!({"buffer_len": 12, "shape": [2, 3]});
        line.as_object_mut().unwrap().remove(missing);
        assert!(!of_requests.is_valid(&line) && !is_read(&line.to_string()));
    }
    assert!(read > 100 && refused > 100, "{read} and {refused}");
}

#[test]
fn verdicts_are_of_the_schema() {
    let requests = include_str!("../data/requests.jsonl");
    let others = include_bytes!("../data/lines.jsonl").split(|&byte| byte == b'\n');
    let others = others.filter_map(|line| std::str::from_utf8(line).ok());
    // The reader here has no number as large as the id of some.
    for line in requests.lines().chain(others).filter(|line| !line.contains("1e999")) {
        is_read(line);
    }
}

#[test]
fn spans_are_of_the_schema() {
    use strideproof_cli::decide::span;
    use strideproof_cli::request::Request;
    for (size, stride, offset) in [(3, 1, 0), (3, -1, 0), (3, -1, 5), (0, 1, 3), (1, 9, 0)] {
        let request = Request {
            shape: vec![size.into()],
            strides: Some(vec![stride.into()]),
            offset: offset.into(),
            ..Request::default()
        };
        let span = span(&request.resolve().unwrap()).unwrap().to_json(request.unit);
        let mut span: Value = serde_json::from_slice(&span).unwrap();
        assert!(VERDICTS.is_valid(&span), "{span}");
        assert_eq!(span["required_len"].is_null(), (size, stride, offset) == (3, -1, 0), "{span}");
        span["lowest"] = json!("no number");
        assert!(!VERDICTS.is_valid(&span), "{span}");
    }
}
