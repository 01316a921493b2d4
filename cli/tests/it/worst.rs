//! The most time and memory that each kind of input takes, hostile ones among them: `docs/limits.md`.
//!
//! The command runs as a process with its address space limited, and has to end by itself within the
//! time, with one of its exit statuses and a message that is short.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::documents::read;

/// Bytes of a message, or of a verdict for people.
const LONGEST_MESSAGE: usize = 8000;

/// A kind of input, as the document's table has it.
struct Kind {
    name: &'static str,
    /// What keeps it from taking more.
    bound: &'static str,
    /// On a machine that is busy with other tests; mostly it takes a tenth.
    seconds: u64,
    /// Of address space.
    megabytes: u64,
    cases: Vec<Case>,
}

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
}

fn case(arguments: &[&str], status: i32, said: &'static str) -> Case {
    let arguments = arguments.iter().map(|&argument| argument.into()).collect();
    Case { arguments, input: (Vec::new(), 1), status, said, is_data: false }
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

fn numbers() -> Kind {
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
    // `draw` says no count.
    cases.retain(|case| case.arguments[0] == "check" || !case.said.starts_with("count"));
    Kind {
        name: "numbers and shapes",
        bound: "65,536 axes; 4 MiB of a shape on standard input; digits beyond 64 bits are counted",
        seconds: 10,
        megabytes: 100,
        cases,
    }
}

fn lines() -> Kind {
    let asked = ["check", "--jsonl", "-"];
    let request = |key: &str, value: String| {
        format!("{{\"{key}\":{value},\"shape\":[1],\"buffer_len\":1}}\n")
    };
    let wide = 1 << 24;
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    Kind {
        name: "a line of JSON",
        bound: "16 MiB, 65,536 axes, an `id` 100 levels deep",
        seconds: 20,
        megabytes: 200,
        cases: vec![
            case(&asked, 0, "SP028").with(request("offset", "7".repeat(wide - 100))),
            case(&asked, 2, "shape has more than 65536 entries")
                .with(format!("{{\"shape\":[{}]}}", list("1", wide / 2 - 100))),
            case(&asked, 2, "there is no key \\\"kkkk")
                .with(request(&"k".repeat(wide - 100), "1".into())),
            case(&asked, 2, "more than 100 levels").with(request("id", nested(wide / 2 - 100))),
            case(&asked, 0, "accepted").with(request("x_", nested(wide / 2 - 100))),
            // Each character is escaped, which takes six bytes for two.
            case(&asked, 0, "accepted")
                .with(request("id", format!("\"{}\"", "\u{85}".repeat(wide / 2 - 100))))
                .data(),
            case(&asked, 2, "longer than 16777216 bytes").repeated(vec![b'x'; 1 << 20], 100),
            case(&asked, 2, "not UTF-8").with(vec![0xff; wide]),
        ],
    }
}

fn endless_lines() -> Kind {
    let asked = ["check", "--jsonl", "-"];
    let line = "{\"shape\":[4,3],\"strides\":[3,1],\"buffer_len\":12}\n".repeat(1000);
    Kind {
        name: "any number of lines of JSON",
        bound: "one line at a time",
        seconds: 60,
        megabytes: 50,
        cases: vec![
            case(&asked, 0, "accepted").repeated(line, 200).data(),
            case(&asked, 2, "the line is blank").repeated("\n".repeat(1000), 200).data(),
        ],
    }
}

fn hard_lines() -> Kind {
    let [shape, strides] = hard(40, "2");
    let most = i64::MAX;
    let line = format!(
        "{{\"shape\":[{shape}],\"strides\":[{strides}],\"buffer_len\":{most},\"mutable\":true,\
         \"budget\":10000000}}\n"
    );
    let asked = ["check", "--jsonl", "-"];
    Kind {
        name: "a line of JSON with the largest budget",
        bound: "10,000,000 steps of the search for two indices that share memory",
        seconds: 60,
        megabytes: 50,
        cases: vec![case(&asked, 0, "SP00").with(line)],
    }
}

fn overlaps() -> Kind {
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
    Kind {
        name: "`overlap` of contrived views",
        bound: "10,000,000 steps, unless `--budget` says more; then it is undecided",
        seconds: 60,
        megabytes: 100,
        cases,
    }
}

fn npy(header: &str, items: usize) -> Vec<u8> {
    let mut file = b"\x93NUMPY\x02\x00".to_vec();
    file.extend_from_slice(&u32::try_from(header.len()).unwrap().to_le_bytes());
    file.extend_from_slice(header.as_bytes());
    file.resize(file.len() + items, 0xff);
    file
}

fn arrays() -> Kind {
    let header = |descr: &str, shape: &str| {
        format!("{{'descr': {descr}, 'fortran_order': False, 'shape': ({shape})}}\n")
    };
    let asked = ["check", "--npy", "-", "--print"];
    let fields: String = (0..4000).map(|field| format!("('{field:x}','u1'),")).collect();
    Kind {
        name: "a `.npy` file",
        bound: "a header of 64 KiB; of standard input 256 MiB",
        seconds: 20,
        megabytes: 600,
        cases: vec![
            case(&asked, 2, "more than 65536 are not read")
                .with(npy(&header("'<i8'", &list("1", 8_000_000)), 8)),
            case(&asked, 2, "axes is not printed")
                .with(npy(&header("'<i8'", &list("1", 32_000)), 8)),
            case(&asked, 2, "too many brackets").with(npy(&"(".repeat(60_000), 0)),
            case(&asked, 2, "unknown key")
                .with(npy(&format!("{{'{}': 1}}", "k".repeat(60_000)), 0)),
            case(&asked, 2, "is not known")
                .with(npy(&header(&format!("'{}'", "i".repeat(60_000)), "1,"), 0)),
            case(&asked, 2, "describes more than")
                .with(npy(&header("'<i8'", "9223372036854775807,9223372036854775807"), 0)),
            case(&asked, 0, "[([],) ([],)]")
                .with(npy(&header("[('a','V0',(1099511627776,1099511627776,0))]", "2,"), 0)),
            case(&asked, 0, "(255, 255")
                .with(npy(&header(&format!("[{fields}]"), "2,"), 8000))
                .data(),
            case(&["check", "--npy", "-"], 2, "more than 268435456 bytes")
                .repeated(vec![0; 1 << 20], 300),
            case(&["check", "--npy", "/dev/zero"], 2, "not a .npy file"),
            case(&["check", "--npy", "/"], 2, "/: "),
        ],
    }
}

fn printed() -> Kind {
    let header = |descr: &str, shape: &str| {
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape})}}\n")
    };
    let stdin = ["check", "--npy", "-", "--print"];
    let asked = |shape: &'static str, strides: &'static str| {
        ["check", "--arange", "1000000", "--shape", shape, "--strides", strides, "--print"]
    };
    let tiny = list("6", 8);
    let zeros = list("0", 8);
    let huge = ["check", "--arange", "1", "--shape", &tiny, "--strides", &zeros, "--print"];
    Kind {
        name: "`--print`",
        bound: "65,536 items, 16 MiB of them; axes are elided as NumPy does",
        seconds: 60,
        megabytes: 600,
        cases: vec![
            case(&asked("9223372036854775807", "0"), 0, "[0 0 0 ... 0 0 0]"),
            case(&asked("3000000000,3000000000", "0,0"), 0, "..."),
            case(&huge, 2, "more than 65536 items are not printed"),
            case(&stdin, 0, "nan").with(npy(&header("<f8", &list("6", 6)), 8 * 46_656)).data(),
            case(&stdin, 0, "b'").with(npy(&header("|V16000000", "1,"), 16_000_000)).data(),
            case(&stdin, 0, "\\U00")
                .with(
                    npy(&header("<U4000000", "1,"), 0)
                        .into_iter()
                        .chain([0xff, 0xff, 0x10, 0].repeat(4_000_000))
                        .collect::<Vec<u8>>(),
                )
                .data(),
            case(&stdin, 2, "more than 16777216 bytes of items are not printed")
                .with(npy(&header("|V3000000", "6,"), 18_000_000)),
        ],
    }
}

/// A zip file of entries with these names and numbers of bytes, packed and not, behind such bytes.
fn archive(data: &[u8], entries: &[(&[u8], u32)]) -> Vec<u8> {
    let little = |numbers: &[(u64, usize)]| -> Vec<u8> {
        numbers.iter().flat_map(|&(number, size)| number.to_le_bytes()[..size].to_vec()).collect()
    };
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    file.extend(b"PK\x03\x04");
    file.resize(30, 0);
    file.extend_from_slice(data);
    for (name, size) in entries {
        directory.extend(b"PK\x01\x02");
        directory.extend(little(&[(20, 2), (20, 2), (0, 2), (8, 2), (0, 8)]));
        directory.extend(little(&[(data.len() as u64, 4), ((*size).into(), 4)]));
        directory.extend(little(&[(name.len() as u64, 2), (0, 8), (0, 8)]));
        directory.extend_from_slice(name);
    }
    let (start, len) = (file.len() as u64, directory.len() as u64);
    file.extend(directory);
    file.extend(b"PK\x05\x06");
    let count = entries.len().min(0xffff) as u64;
    file.extend(little(&[(0, 4), (count, 2), (count, 2), (len, 4), (start, 4), (0, 2)]));
    file
}

fn archives() -> Kind {
    let asked = ["check", "--npy", "-"];
    let member = ["check", "--npy", "-", "--member", "a"];
    let bomb = {
        let mut packer =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        (0..300).for_each(|_| packer.write_all(&[0; 1 << 20]).unwrap());
        packer.finish().unwrap()
    };
    let end = archive(b"", &[(b"a", 1)]);
    let ends = end[end.len() - 22..].repeat(700_000);
    let long = [vec![b'n'; 60_000], vec![0x1b; 60_000]];
    let long: Vec<(&[u8], u32)> =
        long.iter().cycle().take(200).map(|name| (&name[..], 0)).collect();
    let many = vec![(&b"n"[..], 0); 400_000];
    let (fits, directory) = (archive(b"", &many[..60_000]), archive(b"", &many));
    Kind {
        name: "a `.npz` file",
        bound: "a directory of 16 MiB; a member of 256 MiB, unpacked",
        seconds: 20,
        megabytes: 700,
        cases: vec![
            case(&member, 2, "has 1073741824 bytes; more than 268435456 are not held")
                .with(archive(&bomb, &[(b"a.npy", 1 << 30)])),
            // One that says it is small.
            case(&member, 2, "it has more than 1000 bytes")
                .with(archive(&bomb, &[(b"a.npy", 1000)])),
            case(&member, 2, "it has more than 268435456 bytes")
                .with(archive(&bomb, &[(b"a.npy", 1 << 28)])),
            case(&asked, 2, "and 59980 more").with(fits),
            case(&asked, 2, "more than 16777216 are not read").with(directory),
            case(&asked, 2, "and 180 more").with(archive(b"", &long)),
            case(&asked, 2, "it has no members").with([&b"PK\x03\x04"[..], &ends].concat()),
            case(&member, 2, "its directory was not found").with(b"PK\x05\x06".repeat(1 << 22)),
        ],
    }
}

fn chains() -> Kind {
    let view = |chain: &str, status, said| case(&["view", "--shape", "3,4", chain], status, said);
    let chain = |step: &str, times: usize| vec![step; times].join("|");
    Kind {
        name: "a chain of operations",
        bound: "views of 64 axes; what the system takes as an argument, often 128 KiB",
        seconds: 20,
        megabytes: 100,
        cases: vec![
            view(&chain("t", 60_000), 0, "shape (3, 4)"),
            view(&chain("reshape 2,6|reshape -1|reshape 3,4", 3000), 0, "shape (3, 4)"),
            view(&(chain("t", 50_000) + "|index 0,9"), 1, "SP015"),
            view(&(chain("t", 50_000) + "|tt"), 2, "there is no operation"),
            view(&chain("insert 0", 10_000), 1, "SP026"),
            view(&format!("slice {}", list("None", 20_000)), 1, "SP026"),
            view(&format!("permute {}", list("0", 60_000)), 1, "SP025"),
            view(&format!("broadcast {}", list("1", 60_000)), 1, "SP018"),
            view(&format!("reshape {}", list("1", 60_000)), 1, "SP020"),
            view(&"x".repeat(120_000), 2, "there is no operation"),
            case(&["explain", &"x".repeat(120_000)], 2, "no code or operation"),
        ],
    }
}

fn drawn() -> Kind {
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
        cases.push(
            draw(
                "1048577,3,5,4,2049",
                "933747200996,4,72057594037927937,5,770062609242289",
                0,
                "accepted",
            )
            .data(),
        );
    }
    Kind {
        name: "`draw` and `--svg`",
        bound: "40 rows of 16 cells, 20,000 steps to count what lies on them",
        seconds: 10,
        megabytes: 100,
        cases,
    }
}

#[cfg(feature = "scan")]
fn sources() -> Kind {
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
    Kind {
        name: "a source that `scan` reads",
        bound: "files of 4 MiB, 12,000 tokens that depend on each other",
        seconds: 60,
        // The recursion has a stack of 1 GiB, of which what is used takes memory.
        megabytes: 2000,
        cases: vec![
            scan("nested.rs", nested, "skipped"),
            scan("text.rs", "x".repeat(1 << 20), "skipped"),
            scan("large.rs", "fn f() {}\n".repeat(1 << 19), "skipped"),
            scan(
                "sum.rs",
                format!("{access}{}i) }} }}\n", "i+".repeat(5_900)),
                "unchecked accesses: 1",
            ),
            scan("many.rs", format!("{access}i) }} }}\n").repeat(300), "unchecked accesses: 300"),
        ],
    }
}

const KINDS: &[fn() -> Kind] = &[
    numbers,
    lines,
    endless_lines,
    hard_lines,
    overlaps,
    arrays,
    printed,
    archives,
    chains,
    drawn,
    #[cfg(feature = "scan")]
    sources,
];

/// Runs a case; returns its status, its output and its message.
fn run(case: &Case, kind: &Kind) -> (Option<i32>, Vec<u8>, Vec<u8>) {
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -v \"$0\" && exec \"$@\"", &(kind.megabytes * 1000).to_string()])
        .arg(env!("CARGO_BIN_EXE_strideproof"))
        .args(&case.arguments)
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, stdout, stderr) =
        (child.stdin.take().unwrap(), child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let start = Instant::now();
    std::thread::scope(|scope| {
        let (bytes, times) = &case.input;
        scope.spawn(move || {
            // The command may stop reading before the end.
            let _ = (0..*times).try_for_each(|_| stdin.write_all(bytes));
        });
        let collect = |mut stream: Box<dyn Read + Send>| {
            scope.spawn(move || {
                let mut bytes = Vec::new();
                stream.read_to_end(&mut bytes).unwrap();
                bytes
            })
        };
        let (output, message) = (collect(Box::new(stdout)), collect(Box::new(stderr)));
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status.code();
            }
            if start.elapsed() > Duration::from_secs(kind.seconds) {
                child.kill().unwrap();
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        (status, output.join().unwrap(), message.join().unwrap())
    })
}

#[cfg(target_os = "linux")]
#[test]
fn no_input_takes_more_than_its_kind_may() {
    let document = read("docs/limits.md");
    for kind in KINDS.iter().map(|kind| kind()) {
        let row = format!("\n| {} | {} |", kind.name, kind.bound);
        let row = format!("{row} {} | {} |\n", kind.seconds, kind.megabytes);
        assert!(document.contains(&row), "docs/limits.md has no {row}");
        for (number, case) in kind.cases.iter().enumerate() {
            let start = Instant::now();
            let (status, output, message) = run(case, &kind);
            let took = start.elapsed();
            let about = format!("{}, case {number}, after {took:?}", kind.name);
            let cut =
                |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(600)]).into_owned();
            let told = format!("{about}: {status:?}\n{}\n{}", cut(&output), cut(&message));
            assert_eq!(status, Some(case.status), "{told}");
            let said = |bytes: &[u8]| {
                let said = case.said.as_bytes();
                said.is_empty() || bytes.windows(said.len()).any(|part| part == said)
            };
            assert!(said(&output) || said(&message), "{:?} is not said; {told}", case.said);
            assert!(message.len() <= LONGEST_MESSAGE, "{} bytes; {told}", message.len());
            assert!(
                case.is_data || output.len() <= LONGEST_MESSAGE,
                "{} bytes; {told}",
                output.len()
            );
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
