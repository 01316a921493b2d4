//! All case lines, from the tests and the mistakes of other projects, through `check --jsonl`.

use std::path::Path;

use serde_json::Value;
use strideproof_cli::jsonl;

fn agrees(file: &str, cases: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../oracle/cases").join(file);
    let input = std::fs::read(&path).unwrap();
    let mut output = Vec::new();
    let summary = jsonl::run(input.as_slice(), &mut output, |_| {}).unwrap();
    assert_eq!((summary.lines, summary.malformed), (u64::try_from(cases).unwrap(), 0));
    let parse = |bytes: &[u8]| -> Vec<Value> {
        let text = std::str::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let (input, output) = (parse(&input), parse(&output));
    assert_eq!(output.len(), cases);
    for (case, verdict) in input.iter().zip(&output) {
        assert_eq!(verdict["verdict"], case["strideproof"], "{case}\n{verdict}");
        assert_eq!(verdict["id"], case["id"]);
        assert_eq!(verdict["schema"], 1);
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
