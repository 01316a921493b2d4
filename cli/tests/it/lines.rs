//! Lines of JSON and the flags that say the same. The transcripts have lines of all kinds and what comes of
//! each, `worst` has the largest ones, and the fuzz target `cli` judges lines of any bytes.

use serde_json::Value;
use strideproof_cli::jsonl;

fn judge(line: &[u8]) -> Value {
    let mut out = Vec::new();
    jsonl::Lines::default().judge(line, 7, &mut out);
    serde_json::from_slice(&out).unwrap()
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

/// The most bytes that were written at once.
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
    let input = "{\"shape\":[2],\"buffer_len\":3}\n".repeat(200_000);
    let mut batches = Batches(0);
    jsonl::run(input.as_bytes(), &mut batches, |_| {}).unwrap();
    assert!(batches.0 < 100_000, "{} bytes at once", batches.0);
}
