//! The JSON Schemas, against what the command reads and writes.

use serde_json::{Value, json};
use strideproof_cli::jsonl::{Lines, Outcome, REQUEST_SCHEMA, VERDICT_SCHEMA};

/// Whether a value is of a schema, by the keywords that the schemas here use; others are a mistake.
pub(crate) fn is_valid(value: &Value, schema: &Value, root: &Value) -> bool {
    schema.as_object().unwrap().iter().all(|(keyword, wanted)| {
        let all = |mut of: Box<dyn Iterator<Item = bool> + '_>| of.all(|valid| valid);
        let matches = |name: &str, pattern: &str| match pattern {
            "^SP[0-9]{3}$" => {
                name.len() == 5 && name.starts_with("SP") && name[2..].parse::<u16>().is_ok()
            }
            "^[a-z_]+$" => name.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
            "^x_" => name.starts_with("x_"),
            _ => panic!("pattern {pattern:?}"),
        };
        match keyword.as_str() {
            "$schema" | "title" | "description" | "default" | "$defs" | "definitions" => true,
            "$ref" => {
                let path = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                is_valid(value, root.pointer(path).unwrap(), root)
            }
            "type" => {
                let is = |name: &Value| match name.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    // One beyond 64 bits is rounded by the reader here.
                    "integer" => {
                        value.is_i64()
                            || value.is_u64()
                            || value.as_f64().is_some_and(|it| it.abs() > 1e18)
                    }
                    name => panic!("type {name:?}"),
                };
                wanted.as_array().map_or_else(|| is(wanted), |names| names.iter().any(is))
            }
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "maximum" => value.as_i64().is_none_or(|number| number <= wanted.as_i64().unwrap()),
            "minimum" => value.as_i64().is_none_or(|number| number >= wanted.as_i64().unwrap()),
            "pattern" => value.as_str().is_none_or(|text| matches(text, wanted.as_str().unwrap())),
            "items" => {
                let entries = value.as_array().into_iter().flatten();
                all(Box::new(entries.map(|entry| is_valid(entry, wanted, root))))
            }
            "maxItems" => {
                value.as_array().is_none_or(|list| list.len() as u64 <= wanted.as_u64().unwrap())
            }
            "required" => wanted
                .as_array()
                .unwrap()
                .iter()
                .all(|key| value.get(key.as_str().unwrap()).is_some()),
            "dependentRequired" => wanted.as_object().unwrap().iter().all(|(key, needs)| {
                value.get(key).is_none()
                    || needs
                        .as_array()
                        .unwrap()
                        .iter()
                        .all(|it| value.get(it.as_str().unwrap()).is_some())
            }),
            "properties" => wanted.as_object().unwrap().iter().all(|(key, schema)| {
                value.get(key).is_none_or(|value| is_valid(value, schema, root))
            }),
            "patternProperties" => true,
            "additionalProperties" => {
                let allowed = |name: &String| {
                    let mut patterns =
                        schema["patternProperties"].as_object().into_iter().flatten();
                    schema["properties"].get(name).is_some()
                        || patterns.any(|(pattern, _)| matches(name, pattern))
                };
                wanted.as_bool().unwrap() || value.as_object().unwrap().keys().all(allowed)
            }
            "oneOf" => {
                let valid = |schema: &&Value| is_valid(value, schema, root);
                wanted.as_array().unwrap().iter().filter(valid).count() == 1
            }
            "not" => !is_valid(value, wanted, root),
            _ => panic!("keyword {keyword:?}"),
        }
    })
}

fn schema(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Judges a line; returns whether it was well-formed, after its verdict was found to be one.
fn is_read(line: &str) -> bool {
    let mut out = Vec::new();
    let outcome = Lines::default().judge(line.as_bytes(), 1, &mut out);
    let verdict: Value = serde_json::from_slice(&out).unwrap();
    let of_verdicts = schema(VERDICT_SCHEMA);
    assert!(is_valid(&verdict, &of_verdicts, &of_verdicts), "{verdict}");
    outcome != Outcome::Malformed
}

/// Requests that have each key with values of each kind, good and bad.
#[test]
fn what_the_schema_allows_is_what_is_read() {
    let of_requests = schema(REQUEST_SCHEMA);
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(7),
        json!(10_000_000),
        json!(10_000_001),
        json!("bytes"),
        json!("mut"),
        json!("other"),
        json!([]),
        json!([4, 3]),
        json!([null]),
        json!([[1]]),
        json!({}),
    ];
    let mut keys: Vec<&str> =
        of_requests["properties"].as_object().unwrap().keys().map(String::as_str).collect();
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
                let valid = is_valid(&line, &of_requests, &of_requests);
                assert_eq!(is_read(&line.to_string()), valid, "{line}");
                *(if valid { &mut read } else { &mut refused }) += 1;
            }
        }
    }
    for missing in ["buffer_len", "shape"] {
        let mut line = json!({"buffer_len": 12, "shape": [2, 3]});
        line.as_object_mut().unwrap().remove(missing);
        assert!(!is_valid(&line, &of_requests, &of_requests) && !is_read(&line.to_string()));
    }
    assert!(read > 100 && refused > 100, "{read} and {refused}");
}

#[test]
fn verdicts_of_known_cases_are_of_the_schema() {
    let requests = include_str!("../data/requests.jsonl");
    let cases = ["peers", "bugzoo"].map(|name| {
        let path = format!("{}/../oracle/cases/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    });
    for line in requests.lines() {
        is_read(line);
    }
    for case in cases.iter().flat_map(|cases| cases.lines()) {
        assert!(is_read(&crate::cases::request(case)), "{case}");
    }
}

#[test]
fn spans_are_of_the_schema() {
    use strideproof_cli::decide::span;
    use strideproof_cli::request::Request;
    let of_verdicts = schema(VERDICT_SCHEMA);
    for (size, stride, offset) in [(3, 1, 0), (3, -1, 0), (3, -1, 5), (0, 1, 3), (1, 9, 0)] {
        let request = Request {
            shape: vec![size.into()],
            strides: Some(vec![stride.into()]),
            offset: offset.into(),
            ..Request::default()
        };
        let span = span(&request.resolve().unwrap()).unwrap().to_json(request.unit);
        let mut span: Value = serde_json::from_slice(&span).unwrap();
        assert!(is_valid(&span, &of_verdicts, &of_verdicts), "{span}");
        assert_eq!(span["required_len"].is_null(), (size, stride, offset) == (3, -1, 0), "{span}");
        span["lowest"] = json!("no number");
        assert!(!is_valid(&span, &of_verdicts, &of_verdicts), "{span}");
    }
}
