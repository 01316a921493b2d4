//! Lines by example: one line of JSON out for each. The fuzz target `cli` judges lines of any bytes.

use serde_json::Value;
use strideproof_cli::jsonl::{DEEPEST_ID, Lines, Outcome};

fn judge(line: &[u8]) -> Value {
    let mut out = Vec::new();
    let outcome = Lines::default().judge(line, 7, &mut out);
    let text = std::str::from_utf8(&out).expect("output is UTF-8");
    let body = text.strip_suffix('\n').expect("output ends its line");
    let breaks = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
    assert!(!body.contains(breaks), "{body:?} is more than one line");
    let verdict: Value = serde_json::from_str(body).expect("output is JSON");
    assert_eq!(verdict["schema"], 1);
    match verdict["verdict"].as_str() {
        Some("error") => {
            assert_eq!(outcome, Outcome::Malformed);
            assert_eq!(verdict["line"], 7);
            assert!(!verdict["message"].as_str().unwrap().is_empty());
        }
        Some("accepted") => assert_eq!(outcome, Outcome::Accepted),
        Some("rejected") => assert_eq!(outcome, Outcome::Rejected),
        _ => panic!("{verdict}"),
    }
    verdict
}

fn error(line: &str) -> String {
    let verdict = judge(line.as_bytes());
    assert_eq!(verdict["verdict"], "error", "{line}");
    verdict["message"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_no_request_is_an_error_that_says_why() {
    for (line, part) in [
        ("", "blank"),
        ("  \t\r", "blank"),
        ("null", "expected one JSON object"),
        ("[4, 3]", "expected one JSON object"),
        ("[\"bytes\",8,96,0,[4,3],[24,16],\"ro\",1]", "expected one JSON object"),
        ("{", "EOF"),
        ("{} {}", "trailing"),
        ("{\"shape\":[1],\"buffer_len\":1}}", "trailing"),
        ("{\"shape\":[1],\"buffer_len\":1,}", "trailing comma"),
        ("{'shape':[1],'buffer_len':1}", "key must be a string"),
        ("{\"shape\":[1]}", "buffer_len is missing"),
        ("{\"buffer_len\":1}", "shape is missing"),
        ("{\"shape\":null,\"buffer_len\":1}", "shape must be an array"),
        ("{\"shape\":3,\"buffer_len\":1}", "shape must be an array"),
        ("{\"shape\":\"3\",\"buffer_len\":1}", "shape must be an array"),
        ("{\"shape\":{\"0\":3},\"buffer_len\":1}", "shape must be an array"),
        ("{\"shape\":[1.5],\"buffer_len\":1}", "shape[0] must be an integer"),
        ("{\"shape\":[1,2.0],\"buffer_len\":1}", "shape[1] must be an integer"),
        ("{\"shape\":[1e3],\"buffer_len\":1}", "shape[0] must be an integer"),
        ("{\"shape\":[\"1\"],\"buffer_len\":1}", "must be an integer, not a string"),
        ("{\"shape\":[\"1,2\"],\"buffer_len\":1}", "must be an integer, not a string"),
        ("{\"shape\":[[1,2]],\"buffer_len\":1}", ", not an array"),
        ("{\"shape\":[null],\"buffer_len\":1}", ", not null"),
        ("{\"shape\":[true],\"buffer_len\":1}", ", not a boolean"),
        ("{\"shape\":[{}],\"buffer_len\":1}", ", not an object"),
        ("{\"shape\":[01],\"buffer_len\":1}", "not a request"),
        ("{\"shape\":[+1],\"buffer_len\":1}", "not a request"),
        ("{\"shape\":[NaN],\"buffer_len\":1}", "not a request"),
        ("{\"shape\":[1],\"buffer_len\":1,\"offset\":null}", "offset must be an integer"),
        ("{\"shape\":[1],\"buffer_len\":1,\"offset\":0.0}", "offset must be an integer"),
        ("{\"shape\":[1],\"buffer_len\":1,\"itemsize\":\"8\"}", "itemsize must be an integer"),
        ("{\"shape\":[1],\"buffer_len\":1,\"strides\":1}", "strides must be an array"),
        ("{\"shape\":[1],\"buffer_len\":1,\"strides\":[1.0]}", "strides[0] must be"),
        ("{\"shape\":[1],\"buffer_len\":1,\"unit\":\"bits\"}", "unit must be"),
        ("{\"shape\":[1],\"buffer_len\":1,\"unit\":8}", "unit must be"),
        ("{\"shape\":[1],\"buffer_len\":1,\"mode\":\"rw\"}", "mode must be"),
        ("{\"shape\":[1],\"buffer_len\":1,\"mode\":null}", "mode must be"),
        ("{\"shape\":[1],\"buffer_len\":1,\"mutable\":1}", "mutable must be true or false"),
        ("{\"shape\":[1],\"buffer_len\":1,\"as_elements\":null}", "as_elements must be true"),
        ("{\"shape\":[1],\"buffer_len\":1,\"mutable\":true,\"mode\":\"ro\"}", "say the same"),
        ("{\"shape\":[1],\"buffer_len\":1,\"align\":\"8\"}", "align must be an integer"),
        ("{\"shape\":[1],\"buffer_len\":1,\"base_address\":8}", "goes with align"),
        ("{\"shape\":[1],\"buffer_len\":1,\"budget\":-1}", "budget must be a number of steps"),
        (
            "{\"shape\":[1],\"buffer_len\":1,\"budget\":10000001}",
            "budget must be a number of steps from 0 to 10000000",
        ),
        (
            "{\"shape\":[1],\"buffer_len\":1,\"budget\":99999999999999999999}",
            "budget must be a number of steps from 0 to 10000000",
        ),
        ("{\"shape\":[1],\"shape\":[1],\"buffer_len\":1}", "shape is given twice"),
        ("{\"shape\":[1],\"buffer_len\":1,\"sh\\u0061pe\":[2]}", "shape is given twice"),
    ] {
        let message = error(line);
        assert!(message.contains(part), "{line}: {message}");
    }
    let message = judge(b"{\"shape\":[1],\"buffer_len\":1,\"x\":\"\xff\"}");
    assert_eq!(message["message"], "not UTF-8 from byte 33");
}

#[test]
fn an_id_is_echoed_whatever_it_is_and_wherever_it_stands() {
    for id in [
        "null",
        "0",
        "-0",
        "1e999",
        "1.50",
        "\"\"",
        "\"a\\\"b\\\\\"",
        "[1,[2,{\"k\":\"v\"}]]",
        "123456789012345678901234567890",
        "\"\\ud834\\udd1e\"",
        "\"\u{1f600}\u{7f}\"",
    ] {
        for line in [
            format!("{{\"id\":{id},\"shape\":[1],\"buffer_len\":1}}"),
            format!("{{\"shape\":[1],\"buffer_len\":0,\"id\":{id}}}"),
            format!("{{\"shape\":[1.5],\"id\":{id}}}"),
        ] {
            let mut out = Vec::new();
            Lines::default().judge(line.as_bytes(), 1, &mut out);
            let out = String::from_utf8(out).unwrap();
            assert!(out.ends_with(&format!(",\"id\":{id}}}\n")), "{line}: {out}");
        }
    }
    // White space goes, and what some readers take for the end of a line is escaped.
    let line = "{\"id\": [1,\r \"a b\u{2028}\u{85}\\\" c\"\t],\"shape\":[],\"buffer_len\":1}";
    assert_eq!(judge(line.as_bytes())["id"], serde_json::json!([1, "a b\u{2028}\u{85}\" c"]));
}

#[test]
fn nesting_overflows_no_stack() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    for levels in [DEEPEST_ID, 200_000] {
        let nest = nested(levels);
        let line = format!("{{\"x_other\":{nest},\"shape\":[1],\"buffer_len\":1}}");
        assert_eq!(judge(line.as_bytes())["verdict"], "accepted");
        error(&format!("{{\"shape\":{nest},\"buffer_len\":1}}"));
        error(&format!("{{\"shape\":[1],\"buffer_len\":{nest}}}"));
        error(&format!("{{\"shape\":[1],\"buffer_len\":1,\"unit\":{nest}}}"));
        error(&nest);
        error(&"{\"a\":".repeat(levels));
    }
    let line = |levels| format!("{{\"id\":{},\"shape\":[1],\"buffer_len\":1}}", nested(levels));
    assert_eq!(judge(line(DEEPEST_ID).as_bytes())["verdict"], "accepted");
    assert!(error(&line(DEEPEST_ID + 1)).contains("levels deep"));
    error(&line(200_000));
}

#[test]
fn numbers_that_do_not_fit_64_bits_have_a_code_of_their_own() {
    let big = "18446744073709551616";
    for (line, axis, message) in [
        (format!("{{\"buffer_len\":{big},\"shape\":[3]}}"), None, "the buffer length"),
        (format!("{{\"buffer_len\":1,\"shape\":[1,{big}]}}"), Some(1), "the size of axis 1"),
        (format!("{{\"buffer_len\":1,\"shape\":[0,-{big}]}}"), Some(1), "the size of axis 1"),
        (
            "{\"buffer_len\":1,\"shape\":[1],\"strides\":[9223372036854775808]}".into(),
            Some(0),
            "the stride of axis 0",
        ),
        (
            "{\"buffer_len\":1,\"shape\":[1],\"strides\":[-9223372036854775809]}".into(),
            Some(0),
            "the stride of axis 0",
        ),
        (format!("{{\"buffer_len\":1,\"shape\":[],\"offset\":{big}}}"), None, "the offset"),
        (format!("{{\"buffer_len\":1,\"shape\":[],\"itemsize\":{big}}}"), None, "the itemsize"),
    ] {
        let verdict = judge(line.as_bytes());
        assert_eq!((&verdict["code"], &verdict["axis"]), (&"SP028".into(), &axis.into()), "{line}");
        assert!(verdict["message"].as_str().unwrap().starts_with(message), "{verdict}");
    }
    let largest = "{\"buffer_len\":18446744073709551615,\"shape\":[1],\"strides\":[-9223372036854775808],\"offset\":18446744073709551614}";
    assert_eq!(judge(largest.as_bytes())["highest"], 18_446_744_073_709_551_614u64);
    let zero = "{\"buffer_len\":1,\"shape\":[-0],\"strides\":[-0],\"offset\":-0}";
    assert_eq!(judge(zero.as_bytes())["verdict"], "accepted");
}

#[test]
fn witnesses_are_whole_at_any_rank() {
    let ones = vec!["1"; 40].join(",");
    let line = format!("{{\"shape\":[2,{ones},3],\"strides\":[1,{ones},5],\"buffer_len\":7}}");
    let verdict = judge(line.as_bytes());
    let index = verdict["index"].as_array().unwrap();
    assert_eq!((index.len(), &index[0], &index[41]), (42, &1.into(), &2.into()));
    assert_eq!(verdict["address"], 11);
    assert_eq!(verdict["required_len"], 12);
    let line = format!(
        "{{\"shape\":[2,{ones},3],\"strides\":[0,{ones},1],\"buffer_len\":7,\"mode\":\"mut\"}}"
    );
    let verdict = judge(line.as_bytes());
    assert_eq!(verdict["reason"], "aliased");
    assert_eq!(verdict["first"], verdict["index"]);
    assert_eq!(verdict["second"], verdict["other_index"]);
    assert_eq!(verdict["second"].as_array().unwrap().len(), 42);
}

/// A verdict that leaves out what was asked is wrong.
#[test]
fn keys_that_do_not_exist_are_refused_with_the_nearest_that_does() {
    for (key, near) in [
        ("ofset", "offset"),
        ("stride", "strides"),
        ("units", "unit"),
        ("mutabel", "mutable"),
        ("alignment", "align"),
        ("SHAPE", "shape"),
        ("item_size", "itemsize"),
        ("len", "buffer_len"),
        ("base", "base_address"),
        ("bufferLen", "buffer_len"),
    ] {
        let message = error(&format!("{{\"{key}\":0,\"shape\":[1],\"buffer_len\":1,\"id\":5}}"));
        assert_eq!(message, format!("there is no key {key:?}; did you mean {near:?}?"));
    }
    let message = error("{\"shape\":[1],\"buffer_len\":1,\"\":{}}");
    assert!(
        message.starts_with("there is no key \"\"; the keys are buffer_len, shape, "),
        "{message}"
    );
    // However long it is.
    let long = "k".repeat(1_000_000);
    let message = error(&format!("{{\"{long}\":0,\"shape\":[1],\"buffer_len\":1}}"));
    assert!(message.len() < 300, "{message}");
    let line = "{\"x_\":[{}],\"x_offset\":9,\"x_offset\":9,\"shape\":[1],\"buffer_len\":1}";
    assert_eq!(judge(line.as_bytes())["verdict"], "accepted");
    // The first mistake is named.
    let message = error("{\"shape\":[1],\"shap\":1,\"shape\":[1],\"buffer_len\":1}");
    assert!(message.contains("\"shap\""), "{message}");
}

/// Each flag of `check` that changes a verdict has a key, which changes it as the flag does.
#[test]
fn every_flag_has_its_key() {
    use clap::{CommandFactory, Parser};
    use strideproof_cli::args::{Cli, Command};
    use strideproof_cli::decide::judge as decide;

    let cases = [
        ("--mutable", "\"mutable\":true", "SP006"),
        ("--as-elements", "\"as_elements\":true", "SP008"),
        ("--align 8", "\"align\":8", "SP009"),
        ("--align 4 --base-address 2", "\"align\":4,\"base_address\":2", "SP009"),
        ("--align 4 --base-address 4", "\"align\":4,\"base_address\":4", ""),
        ("--offset 1", "\"offset\":1", "SP003"),
        ("--mutable --budget 0", "\"mutable\":true,\"budget\":0", "SP006"),
        ("", "\"align\":null,\"mutable\":false,\"as_elements\":false,\"mode\":\"ro\"", ""),
    ];
    for (flags, keys, code) in cases {
        // `mode` and `mutable` do not go together.
        let keys = if keys.contains("mode") {
            keys.replace("\"mutable\":false,", "")
        } else {
            keys.into()
        };
        let line = format!(
            "{{\"buffer_len\":96,\"unit\":\"bytes\",\"itemsize\":8,\"shape\":[23],\"strides\":[4],{keys}}}"
        );
        let verdict = judge(line.as_bytes());
        assert_eq!(verdict["code"].as_str().unwrap_or_default(), code, "{line}");
        let words = format!(
            "strideproof check --len 96 --unit bytes --itemsize 8 --shape 23 --strides 4 {flags}"
        );
        let Command::Check(args) = Cli::try_parse_from(words.split_whitespace()).unwrap().command
        else {
            unreachable!()
        };
        let by_flags = decide(&args.request.request()).0.to_json(None);
        assert_eq!(verdict, serde_json::from_slice::<Value>(&by_flags).unwrap(), "{line}");
    }
    let hard = "{\"buffer_len\":9999999999,\"shape\":[50,50,50,50],\"mutable\":true,\"budget\":0,\
                \"strides\":[12345671,12345689,12345701,12345743]}";
    assert_eq!(judge(hard.as_bytes())["code"], "SP007");

    // No flag of `check` was forgotten: these are not about the view.
    let mut command = Cli::command();
    let check = command.find_subcommand_mut("check").unwrap();
    let schema: Value = serde_json::from_str(strideproof_cli::jsonl::REQUEST_SCHEMA).unwrap();
    for argument in check.get_arguments() {
        let name = argument.get_long().unwrap_or_default().replace('-', "_");
        // Lines have no file, and print nothing for people.
        let of_files = ["npy", "member", "field", "arange", "print"];
        let of_lines = ["jsonl", "fail_on_rejection", "format", "help", "color"];
        let other = [&of_files[..], &of_lines].concat();
        let key = if name == "len" { "buffer_len" } else { name.as_str() };
        assert!(
            other.contains(&key) || schema["properties"].get(key).is_some(),
            "--{key} has no key"
        );
    }
}
