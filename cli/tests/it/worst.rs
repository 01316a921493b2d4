//! The most time and memory that each kind of input takes, hostile ones among them: `docs/limits.md`.
//!
//! The command runs as a process with its address space limited, and has to end by itself within the
//! time, with one of its exit statuses and a message that is short.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

use zip::write::SimpleFileOptions;

use crate::command::output;
use crate::documents::read;
use crate::npy::{archive, file};

/// Bytes of a message, or of a verdict for people.
const LONGEST_MESSAGE: usize = 8000;

/// Arguments, a standard input, and what comes of them.
struct Case {
    arguments: Vec<String>,
    /// These bytes so often.
    input: (Vec<u8>, usize),
    status: i32,
    /// What the output or the message says.
    said: &'static str,
    /// Whether the output is data, of any length.
    is_data: bool,
    /// Whether the last line of the output is the verdict on [`GOOD`].
    is_good: bool,
}

fn case(arguments: &[&str], status: i32, said: &'static str) -> Case {
    let arguments = arguments.iter().map(|&argument| argument.into()).collect();
    Case { arguments, input: (Vec::new(), 1), status, said, is_data: false, is_good: false }
}

impl Case {
    fn with(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.repeated(bytes, 1)
    }

    fn repeated(self, bytes: impl Into<Vec<u8>>, times: usize) -> Self {
        Self { input: (bytes.into(), times), ..self }
    }

    fn data(self) -> Self {
        Self { is_data: true, ..self }
    }

    fn good(self) -> Self {
        Self { is_good: true, ..self }
    }
}

fn list(number: &str, count: usize) -> String {
    vec![number; count].join(",")
}

/// A view of many axes that no quick test decides, with strides of 55 bits that have nothing in common.
fn hard(axes: usize, size: &str) -> [String; 2] {
    let mut state = 1u64;
    let mut stride = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 9).to_string()
    };
    let strides: Vec<String> = (0..axes).map(|_| stride()).collect();
    [list(size, axes), strides.join(",")]
}

fn numbers() -> Vec<Case> {
    let most = "18446744073709551615";
    let flags = |shape, strides, len| {
        ["--shape", shape, "--strides", strides, "--offset", most, "--len", len]
    };
    let sizes = list(most, 2);
    let strides = "-9223372036854775808,9223372036854775807";
    let mut cases = Vec::new();
    for command in ["check", "draw"] {
        let asked = |shape, strides, len| [&[command][..], &flags(shape, strides, len)].concat();
        cases.push(case(&asked(&sizes, strides, most), 1, "SP005"));
        cases.push(case(&asked("2,4611686018427387903", strides, most), 1, "SP003"));
        cases.push(case(&asked("1,1", strides, most), 1, "SP003"));
        let shape = [command, "--len", "1", "--shape", "-"];
        cases.push(case(&shape, 1, "SP028").with("9".repeat(1_000_000)));
        cases.push(case(&shape, 1, "SP028").with(list("1", 1000) + &"0".repeat(1_000_000)));
        cases.push(case(&shape, 0, "count        1 index").with(list("1", 1000)));
        cases.push(case(&shape, 1, "SP005").with(list("3", 65_536)));
        cases.push(case(&shape, 2, "more than 65536 axes").with(list("1", 65_537)));
        cases.push(case(&shape, 2, "is not an integer").with("x".repeat(4 << 20)));
        cases.push(case(&shape, 2, "more than 4194304 bytes").repeated("1,".repeat(1 << 19), 16));
    }
    let strides_of = |stride| list(stride, 2000);
    let twos = [list("1", 900), list("2", 62), list("1", 1038)].join(",");
    let mut shown = vec![
        (list("1", 2000), strides_of("4611686018427387904"), "0", 0, "accepted"),
        (list("2", 2000), strides_of("0"), "0", 1, "SP005"),
        (list("-2", 2000), strides_of("0"), "0", 1, "SP010"),
        (list("1", 2000), strides_of("1180591620717411303424"), "0", 1, "SP028"),
        (twos, strides_of("3"), "0", 0, "accepted"),
    ];
    // The reaches of these come near 2^126, on either side or both.
    let (highest, lowest) = ("9223372036854775807", "-9223372036854775808");
    for (shape, strides) in [
        (highest, lowest),
        (highest, highest),
        ("2147483648,2147483648", &format!("{lowest},{highest}")),
        ("2,2305843009213693952", &format!("{lowest},{highest}")),
    ] {
        for offset in ["0", most] {
            shown.push((shape.into(), strides.into(), offset, 1, "SP00"));
        }
    }
    for (shape, strides, offset, status, said) in &shown {
        let view = ["--shape", shape, "--strides", strides, "--offset", offset, "--len", most];
        for command in [&["check"][..], &["draw"], &["draw", "--svg", "-"]] {
            let case = case(&[command, &view].concat(), *status, said);
            cases.push(if command.len() > 1 { case.data() } else { case });
        }
    }
    // `draw` says no count.
    cases.retain(|case| case.arguments[0] == "check" || !case.said.starts_with("count"));
    cases
}

/// A line that is judged after each other one.
const GOOD: &str = "\n{\"shape\":[2],\"buffer_len\":3,\"id\":\"good\"}\n";

/// The end of its verdict.
const GOOD_VERDICT: &[u8] = b"\"distinct_bytes\":2,\"id\":\"good\"}";

fn lines() -> Vec<Case> {
    let asked = ["check", "--jsonl", "-"];
    let line = |status, said, line: String| case(&asked, status, said).with(line + GOOD).good();
    let request =
        |key: &str, value: String| format!("{{\"{key}\":{value},\"shape\":[1],\"buffer_len\":1}}");
    let wide = 1 << 24;
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let axes =
        |shape: String, more: &str| format!("{{\"shape\":[{shape}],\"buffer_len\":1{more}}}");
    let strides = |count, first: &str| format!(",\"strides\":[{first}{}]", list("9", count));
    let bytes = format!(",\"unit\":\"bytes\",\"itemsize\":{}", "9".repeat(100_000));
    let too_large = "the itemsize is 999999999999999999999999... and 99976 more digits, which does not \
                     fit 64 bits";
    let (ones, nines) = (list("1", 65_536), list("9", 65_536));
    let padded = |len: usize| request("x_", format!("\"{}\"", "x".repeat(len - 36)));
    let digits = "7".repeat(1_000_000);
    let mut cases = vec![
        line(0, "SP028", request("offset", "7".repeat(wide - 100))),
        line(2, "shape has more than 65536 entries", axes(list("1", wide / 2 - 100), "")),
        line(2, "there is no key \\\"kkkk", request(&"k".repeat(wide - 100), "1".into())),
        line(2, "more than 100 levels", request("id", nested(wide / 2 - 100))),
        line(0, "\"accepted\"", request("x_", nested(wide / 2 - 100))),
        // Each character is escaped, which takes six bytes for two.
        line(0, "accepted", request("id", format!("\"{}\"", "\u{85}".repeat(wide / 2 - 100))))
            .data(),
        line(0, "accepted", padded(wide)),
        line(
            2,
            "\"line\":1,\"message\":\"the line is longer than 16777216 bytes",
            padded(wide + 1),
        ),
        line(2, "the line is longer than 16777216 bytes", padded(3 * wide)),
        case(&asked, 2, "longer than 16777216 bytes").repeated(vec![b'x'; 1 << 20], 100),
        case(&asked, 2, "not UTF-8").with(vec![0xff; wide]),
        // A long itemsize, and as many axes as are read or more.
        line(0, too_large, axes(ones.clone(), &bytes)),
        line(2, "shape has more than 65536 entries", axes(list("1", 65_537), &bytes)),
        line(0, "\"accepted\"", axes(ones.clone(), &strides(65_536, ""))),
        line(
            0,
            "\"code\":\"SP005\",\"reason\":\"too_many_elements\",\"axis\":19",
            axes(nines.clone(), ""),
        ),
        line(
            0,
            "\"count\":0",
            axes(format!("0,{}", &nines[2..]), ",\"unit\":\"bytes\",\"itemsize\":8"),
        ),
        line(0, "SP005", axes(list("2", 65_536), &(strides(65_536, "") + ",\"mode\":\"mut\""))),
        line(2, "strides has more than 65536 entries", axes(ones, &strides(65_536, "1,"))),
        // Numbers of a million digits.
        line(
            0,
            "\"SP028\",\"reason\":\"number_too_large\",\"axis\":1",
            axes(format!("2,{digits}"), ""),
        ),
        line(
            0,
            "\"SP028\",\"reason\":\"number_too_large\",\"axis\":1",
            axes("2,3".into(), &format!(",\"strides\":[1,-{digits}]")),
        ),
        line(
            0,
            "\"SP028\",\"reason\":\"number_too_large\",\"axis\":null",
            axes("2,3".into(), &format!(",\"offset\":-{digits}")),
        ),
        line(2, "with a fraction", request("offset", format!("1.{digits}"))),
    ];
    // Brackets within brackets, where they are not read and where they are no value.
    for fields in [
        "\"buffer_len\":1,\"shape\"",
        "\"shape\":[1],\"buffer_len\"",
        "\"shape\":[1],\"buffer_len\":1,\"unit\"",
    ] {
        cases.push(line(2, "must be", format!("{{{fields}:{}}}", nested(200_000))));
    }
    cases.push(line(2, "expected one JSON object", nested(200_000)));
    cases.push(line(2, "EOF", "{\"a\":".repeat(200_000)));
    cases
}

fn endless_lines() -> Vec<Case> {
    let asked = ["check", "--jsonl", "-"];
    let line = "{\"shape\":[4,3],\"strides\":[3,1],\"buffer_len\":12}\n".repeat(1000);
    vec![
        case(&asked, 0, "accepted").repeated(line, 200).data(),
        case(&asked, 2, "the line is blank").repeated("\n".repeat(1000), 200).data(),
    ]
}

fn hard_lines() -> Vec<Case> {
    let asked = ["check", "--jsonl", "-"];
    let line = |[shape, strides]: [&str; 2], more: &str, said| {
        let most = i64::MAX;
        let line =
            format!("{{\"shape\":[{shape}],\"strides\":[{strides}],\"buffer_len\":{most}{more}}}");
        case(&asked, 0, said).with(line + GOOD).good()
    };
    let [shape, strides] = hard(40, "2");
    let primes = "3,5,7,11,13,17,19,23,29,31,37,41,43,47,53,59";
    vec![
        line([&shape, &strides], ",\"mutable\":true,\"budget\":10000000", "SP00"),
        // The distinct bytes of such a view cannot be counted by a formula.
        line(["300,300,300", "18701,18713,18671"], "", "\"distinct_bytes\":1242370"),
        line(["1000000,1000000,1000000", "1000003,1000033,1000037"], "", "\"distinct_bytes\":null"),
        line([&list("9", 16), primes], "", "\"accepted\""),
    ]
}

fn overlaps() -> Vec<Case> {
    let mut cases = Vec::new();
    for (axes, size) in [(4, "1000"), (30, "3"), (40, "2"), (60, "2")] {
        let [shape, strides] = hard(axes, size);
        let one = ["overlap", "--shape", &shape, "--strides", &strides];
        cases.push(case(&one, 1, "undecided"));
    }
    let [shape, strides] = hard(40, "2");
    let two = ["--other-shape", &shape, "--other-strides", &strides, "--other-offset", "1"];
    let one = ["overlap", "--shape", &shape, "--strides", &strides];
    cases.push(case(&[&one[..], &two].concat(), 1, "undecided"));
    cases
}

/// A `.npy` file of items of a type and so many bytes, all of them 0xff.
fn npy(descr: &str, shape: &str, items: usize) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': ({shape})}}\n");
    file(2, header, &vec![0xff; items])
}

fn arrays() -> Vec<Case> {
    let asked = |status, said, bytes: Vec<u8>| {
        case(&["check", "--npy", "-", "--print"], status, said).with(bytes)
    };
    let fields: String = (0..4000).map(|field| format!("('{field:x}','u1'),")).collect();
    let sizes = "9223372036854775807,9223372036854775807";
    let key = format!("{{'{}': 1}}", "k".repeat(60_000));
    let large = "[('a','V0',(1099511627776,1099511627776,0))]";
    vec![
        asked(2, "more than 65536 are not read", npy("'<i8'", &list("1", 8_000_000), 8)),
        asked(2, "axes is not printed", npy("'<i8'", &list("1", 32_000), 8)),
        asked(2, "too many brackets", file(2, "(".repeat(60_000), &[])),
        asked(2, "unknown key", file(2, key, &[])),
        asked(2, "is not known", npy(&format!("'{}'", "i".repeat(60_000)), "1,", 0)),
        asked(2, "describes more than", npy("'<i8'", sizes, 0)),
        asked(0, "[([],) ([],)]", npy(large, "2,", 0)),
        asked(0, "(255, 255", npy(&format!("[{fields}]"), "2,", 8000)).data(),
        case(&["check", "--npy", "-"], 2, "more than 268435456 bytes")
            .repeated(vec![0; 1 << 20], 300),
        case(&["check", "--npy", "/dev/zero"], 2, "not a .npy file"),
        case(&["check", "--npy", "/"], 2, "/: "),
    ]
}

fn printed() -> Vec<Case> {
    let stdin = |status, said, bytes: Vec<u8>| {
        case(&["check", "--npy", "-", "--print"], status, said).with(bytes).data()
    };
    let asked = |shape: &str, strides: &str, status, said| {
        let view = ["--arange", "1000000", "--shape", shape, "--strides", strides];
        case(&[&["check", "--print"], &view[..]].concat(), status, said)
    };
    // Items that would not fit memory, were they read and repeated.
    let repeated = |descr: &str, items, said| {
        let view = ["--npy", "-", "--shape", "1000", "--strides", "0", "--print"];
        case(&[&["check"], &view[..]].concat(), 2, said).with(npy(descr, "6,", items))
    };
    let too_many = "more than 65536 items are not printed";
    let text = npy("'<U4000000'", "1,", 0).into_iter();
    vec![
        asked("9223372036854775807", "0", 0, "[0 0 0 ... 0 0 0]"),
        asked("3000000000,3000000000", "0,0", 0, "..."),
        asked(&list("6", 8), &list("0", 8), 2, too_many),
        asked(&list("2", 40), &list("0", 40), 2, too_many),
        asked(&list("2", 16), &list("0", 16), 0, "[0 0]").data(),
        asked(&list("1", 100), &list("0", 100), 2, "a view of 100 axes is not printed"),
        stdin(0, "nan", npy("'<f8'", &list("6", 6), 8 * 46_656)),
        stdin(0, "b'", npy("'|V16000000'", "1,", 16_000_000)),
        stdin(0, "\\U00", text.chain([0xff, 0xff, 0x10, 0].repeat(4_000_000)).collect()),
        repeated("'|V3000000'", 18_000_000, "more than 16777216 bytes of items are not printed"),
        repeated("[('a', '|S0', (1048576,))]", 0, too_many),
    ]
}

fn archives() -> Vec<Case> {
    let asked = ["check", "--npy", "-"];
    let member = ["check", "--npy", "-", "--member", "a"];
    let archive = |members: &[(String, &[u8])]| archive(members, SimpleFileOptions::default(), "");
    // A member that unpacks to more or less than is said of it.
    let zeros = vec![0; 300 << 20];
    let bomb = archive(&[("a.npy".into(), &zeros)]);
    let entry = bomb.windows(4).rposition(|part| part == b"PK\x01\x02").unwrap();
    let bomb = |size: u32| {
        let mut bytes = bomb.clone();
        bytes[entry + 24..entry + 28].copy_from_slice(&size.to_le_bytes());
        bytes
    };
    let end = archive(&[("a".into(), b"")]);
    let ends = end[end.len() - 22..].repeat(700_000);
    let named = |count: usize, name: &str| -> Vec<(String, &[u8])> {
        (0..count).map(|number| (format!("{number}{name}"), &[][..])).collect()
    };
    vec![
        case(&member, 2, "has 1073741824 bytes; more than 268435456 are not held")
            .with(bomb(1 << 30)),
        case(&member, 2, "it has more than 1000 bytes").with(bomb(1000)),
        case(&member, 2, "it has more than 268435456 bytes").with(bomb(1 << 28)),
        case(&asked, 2, "and 59980 more").with(archive(&named(60_000, "n"))),
        case(&asked, 2, "more than 16777216 are not read").with(archive(&named(400_000, "n"))),
        case(&asked, 2, "and 180 more").with(archive(&named(200, &"\u{1b}".repeat(60_000)))),
        case(&asked, 2, "it has no members").with([&b"PK\x03\x04"[..], &ends].concat()),
        case(&member, 2, "its directory was not found").with(b"PK\x05\x06".repeat(1 << 22)),
    ]
}

fn chains() -> Vec<Case> {
    let of = |axes: usize, chain: &str, status, said| {
        case(&["view", "--shape", &list("1", axes), "--format", "json", chain], status, said)
    };
    let view = |chain: &str, status, said| case(&["view", "--shape", "3,4", chain], status, said);
    let chain = |step: &str, times: usize| vec![step; times].join("|");
    vec![
        view(&chain("t", 60_000), 0, "shape (3, 4)"),
        view(&chain("reshape 2,6|reshape -1|reshape 3,4", 3000), 0, "shape (3, 4)"),
        view(&(chain("t", 50_000) + "|index 0,9"), 1, "SP015"),
        view(&(chain("t", 50_000) + "|tt"), 2, "there is no operation"),
        view(&chain("insert 0", 10_000), 1, "SP026"),
        of(64, "reverse | squeeze | insert 0", 0, "\"shape\":[1]"),
        of(65, "squeeze", 1, "a view of run-time rank has at most 64 axes, not 65"),
        of(0, &chain("insert 0", 64), 0, "accepted"),
        of(0, &chain("insert 0", 10_000), 1, "at most 64 axes, not 65\",\"step\":64}"),
        view(&format!("slice {}", list("None", 20_000)), 1, "SP026"),
        view(&format!("permute {}", list("0", 60_000)), 1, "SP025"),
        view(&format!("broadcast {}", list("1", 60_000)), 1, "SP018"),
        view(&format!("reshape {}", list("1", 60_000)), 1, "SP020"),
        view(&"x".repeat(120_000), 2, "there is no operation"),
        case(&["explain", &"x".repeat(120_000)], 2, "no code or operation"),
    ]
}

fn drawn() -> Vec<Case> {
    let most = "18446744073709551615";
    let [shape, strides] = hard(40, "2");
    let mut cases = Vec::new();
    for svg in [&["--svg", "-"][..], &[]] {
        let draw = |shape: &str, strides: &str, status, said| {
            let flags = ["draw", "--len", most, "--shape", shape, "--strides", strides];
            case(&[&flags[..], svg].concat(), status, said)
        };
        cases.push(draw("9223372036854775807", "2", 0, "accepted").data());
        cases.push(draw("9223372036854775807", "-1", 1, "SP004").data());
        cases.push(draw(&shape, &strides, 0, "accepted").data());
        let strides = "933747200996,4,72057594037927937,5,770062609242289";
        cases.push(draw("1048577,3,5,4,2049", strides, 0, "accepted").data());
    }
    cases
}

#[cfg(feature = "scan")]
fn sources() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("worst");
    std::fs::create_dir_all(&folder).unwrap();
    let scan = |name: &str, source: String, said| {
        let path = folder.join(name);
        std::fs::write(&path, source).unwrap();
        case(&["scan", path.to_str().unwrap()], 0, said)
    };
    let access = "pub fn f(x: &[u8], i: usize) -> u8 { unsafe { *x.get_unchecked(";
    let nested =
        format!("pub fn f() -> u8 {{ {}1{} }}\n", "(".repeat(200_000), ")".repeat(200_000));
    vec![
        scan("nested.rs", nested, "skipped"),
        scan("text.rs", "x".repeat(1 << 20), "skipped"),
        scan("large.rs", "fn f() {}\n".repeat(1 << 19), "skipped"),
        scan(
            "sum.rs",
            format!("{access}{}i) }} }}\n", "i+".repeat(5_900)),
            "unchecked accesses: 1",
        ),
        scan("many.rs", format!("{access}i) }} }}\n").repeat(300), "unchecked accesses: 300"),
    ]
}

/// A kind of input by its name in the document's table, and its cases.
type Kind = (&'static str, fn() -> Vec<Case>);

const KINDS: &[Kind] = &[
    ("numbers and shapes", numbers),
    ("a line of JSON", lines),
    ("any number of lines of JSON", endless_lines),
    ("a line of JSON with the largest budget", hard_lines),
    ("`overlap` of contrived views", overlaps),
    ("a `.npy` file", arrays),
    ("`--print`", printed),
    ("a `.npz` file", archives),
    ("a chain of operations", chains),
    ("`draw` and `--svg`", drawn),
    #[cfg(feature = "scan")]
    ("a source that `scan` reads", sources),
];

/// What an input of a kind may take, by the row of the document: seconds, on a machine that is busy with
/// other tests, and megabytes of address space.
fn limits(document: &str, name: &str) -> (u64, u64) {
    let row = document.lines().find(|line| line.starts_with(&format!("| {name} |")));
    let cells: Vec<&str> = row.expect(name).split('|').map(str::trim).collect();
    (cells[3].parse().unwrap(), cells[4].parse().unwrap())
}

/// Runs a case, with so many seconds and megabytes.
fn run(case: &Case, (seconds, megabytes): (u64, u64)) -> Output {
    let (bytes, times) = &case.input;
    let mut command = Command::new("timeout");
    command.arg(seconds.to_string());
    command.args(["sh", "-c", "ulimit -v \"$0\" && exec \"$@\"", &(megabytes * 1000).to_string()]);
    command.arg(env!("CARGO_BIN_EXE_strideproof")).args(&case.arguments);
    output(command.env_remove("RUST_BACKTRACE"), bytes, *times)
}

#[cfg(target_os = "linux")]
#[test]
fn no_input_takes_more_than_its_kind_may() {
    let document = read("docs/limits.md");
    let rows = document.lines().filter(|line| line.starts_with("| ")).skip(1);
    let without_scan = usize::from(cfg!(not(feature = "scan")));
    assert_eq!(rows.count() - 1, KINDS.len() + without_scan, "kinds of input");
    for (name, cases) in KINDS {
        let limits = limits(&document, name);
        for (number, case) in cases().iter().enumerate() {
            let start = Instant::now();
            let Output { status, stdout: output, stderr: message } = run(case, limits);
            let status = status.code();
            let took = start.elapsed();
            let about = format!("{name}, case {number}, after {took:?}");
            let cut =
                |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(600)]).into_owned();
            let told = format!("{about}: {status:?}\n{}\n{}", cut(&output), cut(&message));
            assert_eq!(status, Some(case.status), "{told}");
            let said = |bytes: &[u8]| {
                bytes.windows(case.said.len()).any(|part| part == case.said.as_bytes())
            };
            assert!(said(&output) || said(&message), "{:?} is not said; {told}", case.said);
            assert!(message.len() <= LONGEST_MESSAGE, "{} bytes; {told}", message.len());
            assert!(
                case.is_data || output.len() <= LONGEST_MESSAGE,
                "{} bytes; {told}",
                output.len()
            );
            let last = output.trim_ascii_end().rsplit(|&byte| byte == b'\n').next();
            assert!(!case.is_good || last.is_some_and(|it| it.ends_with(GOOD_VERDICT)), "{told}");
            eprintln!("{about}");
        }
    }
}

/// Arguments need not be text.
#[cfg(unix)]
#[test]
fn an_argument_that_is_no_text_is_a_usage_error() {
    use std::os::unix::ffi::OsStringExt;
    let odd = || std::ffi::OsString::from_vec(vec![b'a', 0xff]);
    for before in [&[][..], &["check"], &["check", "--len"], &["view"], &["check", "--npy"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_strideproof"));
        let output = command.args(before).arg(odd()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{before:?}: {told}");
        assert!(told.starts_with("error: "), "{told}");
    }
}
