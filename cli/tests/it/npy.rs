//! `.npy` headers that lie, and the values behind those that do not.

use std::io::{Cursor, Write as _};

use clap::Parser;
use serde_json::{Value, json};
use strideproof_cli::args::{Cli, Command};
use strideproof_cli::decide::judge;
use strideproof_cli::dtype::Parts;
use strideproof_cli::npy::Header;
use strideproof_cli::print;
use strideproof_cli::source::Source;
use zip::write::{SimpleFileOptions, ZipWriter};

pub(crate) fn file(version: u8, header: impl AsRef<[u8]>, data: &[u8]) -> Vec<u8> {
    let header = header.as_ref();
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    match version {
        1 => bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes()),
        _ => bytes.extend(u32::try_from(header.len()).unwrap().to_le_bytes()),
    }
    bytes.extend(header);
    bytes.extend(data);
    bytes
}

fn read(bytes: &[u8]) -> Result<Header, String> {
    Header::read(Cursor::new(bytes))
}

const PLAIN: &str = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }\n";

#[test]
fn all_versions_are_read() {
    for version in 1..=3 {
        let header = read(&file(version, PLAIN, &[0; 12])).unwrap();
        assert_eq!((header.dtype.itemsize, header.len, header.fortran_order), (2, 12, false));
        // Bytes after the items are ignored.
        assert_eq!(read(&file(version, PLAIN, &[0; 40])).unwrap().len, 12);
    }
    let header = "{\"shape\":(3L,),'fortran_order':True,'descr':'>f8'}";
    assert!(read(&file(1, header, &[0; 24])).unwrap().dtype.big_endian);
}

#[test]
fn headers_that_lie_are_refused() {
    let with = |from: &str, to: &str| file(1, PLAIN.replace(from, to), &[0; 12]);
    for (bytes, part) in [
        (vec![], "too short"),
        (b"\x93NUMPY\x01".to_vec(), "too short"),
        (b"\x93NUMPY\x01\x00".to_vec(), "header's length"),
        (b"\x93NUMPY\x02\x00\x10\x00\x00".to_vec(), "header's length"),
        (b"PK\x03\x04\x00\x00\x00\x00\x00\x00\x00".to_vec(), "an archive of arrays (.npz)"),
        (b"PL\x03\x04\x00\x00\x00\x00\x00\x00\x00".to_vec(), "not a .npy file"),
        (file(4, PLAIN, &[0; 12]), "version 4.0"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}".to_vec(), "4294967295 bytes"),
        (file(2, " ".repeat(70_000), &[]), "70000 bytes"),
        (file(1, PLAIN, &[0; 11]), "than the 11 bytes"),
        (with("(2, 3)", "(3, 3)"), "than the 12 bytes"),
        (with("(2, 3)", "(3)"), "no tuple of integers"),
        (with("(2, 3)", "(4294967296, 4294967296)"), "than the 12 bytes"),
        (with("(2, 3)", "(9223372036854775808, 2)"), "than the 12 bytes"),
        (with("(2, 3)", "(-2, 3)"), "size -2"),
        (with("<i2", "|O"), "pickled"),
        (with("'<i2'", "[('a', '|O')]"), "pickled"),
        (with("'<i2'", "[('a', 'u1'), ('a', 'u1')]"), "the field \"a\" twice"),
        (with("'<i2'", "('<i2', (2,))"), "the items are arrays"),
        (with("'shape'", "'share'"), "unknown key"),
        (with(", 'shape': (2, 3)", ""), "lacks"),
        (with("}", "} x"), "nothing more"),
        (file(1, "", &[]), "malformed"),
        (file(1, "{}", &[]), "lacks"),
    ] {
        let error = read(&bytes).unwrap_err();
        assert!(error.contains(part), "{error}, not {part}");
    }
    for to in ["<i3", "", "<", "<i2x", "<U99999999999999999999", "<U9223372036854775807"] {
        assert!(read(&with("<i2", to)).unwrap_err().contains("not known"), "{to}");
    }
    for (from, to) in [
        ("(2, 3)", "(2.0, 3)"),
        ("(2, 3)", "(2 3)"),
        ("(2, 3)", "2"),
        ("(2, 3)", "("),
        ("False", "0"),
        ("}", ""),
        ("'descr", "descr"),
        ("'<i2'", "'<i2"),
    ] {
        assert!(read(&with(from, to)).unwrap_err().contains("malformed"), "{to}");
    }
}

#[test]
fn a_prefix_of_a_file_is_never_taken_for_the_file_and_a_changed_one_never_panics() {
    let whole = file(1, PLAIN, &[0; 12]);
    for at in 0..whole.len() {
        assert!(read(&whole[..at]).is_err());
        for byte in 0..=255 {
            let mut changed = whole.clone();
            changed[at] = byte;
            let _ = read(&changed);
        }
    }
}

#[test]
fn values_are_read_at_their_addresses() {
    let data: Vec<u8> = (0..12).collect();
    let bytes = file(1, PLAIN, &data);
    assert_eq!(of_file(&bytes, "").unwrap(), "[[ 256  770 1284]\n [1798 2312 2826]]");
    assert_eq!(of_file(&bytes, "--shape 3 --strides -1 --offset 10").unwrap(), "[2826 2569 2312]");
    let fortran = PLAIN.replace("False", "True").replace("<i2", ">i2");
    let bytes = file(3, &fortran, &data);
    assert_eq!(of_file(&bytes, "").unwrap(), "[[   1 1029 2057]\n [ 515 1543 2571]]");
    assert_eq!(of_file(&bytes, "--shape 0,7").unwrap(), "[]");
}

/// The flags of a request.
fn flags(arguments: &str) -> strideproof_cli::args::RequestArgs {
    let arguments = format!("strideproof check {arguments}");
    match Cli::try_parse_from(arguments.split_whitespace()).unwrap().command {
        Command::Check(check) => check.request,
        other => panic!("{other:?}"),
    }
}

/// What NumPy says of each header: `headers.py` asked it.
#[test]
fn headers_are_read_as_numpy_reads_them() {
    let (mut read_ones, mut refused, mut wrong) = (0, 0, Vec::new());
    for line in include_str!("../data/headers.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (version, text) = (case["version"].as_u64().unwrap(), case["header"].as_str().unwrap());
        let coded: Vec<u8> = match version {
            1 => text.chars().map(|c| u8::try_from(c).unwrap()).collect(),
            _ => text.bytes().collect(),
        };
        let bytes = file(u8::try_from(version).unwrap(), coded, &[0; 1 << 12]);
        let found = match read(&bytes) {
            Err(error) => {
                assert!(!error.is_empty());
                Value::Null
            }
            Ok(header) => {
                let request = header.request(&flags("--npy x"));
                let view = judge(&request).1.unwrap();
                let fields = match &header.dtype.parts {
                    Parts::Fields(fields) => {
                        fields.iter().map(|it| json!([it.name, it.offset])).collect()
                    }
                    _ => vec![],
                };
                let swapped = header.dtype.big_endian
                    && header.dtype.itemsize > 1
                    && !matches!(header.dtype.kind, b'S' | b'V');
                json!({
                    "shape": header.shape,
                    "strides": if view.is_empty() { vec![] } else { view.strides },
                    "itemsize": header.dtype.itemsize,
                    "swapped": swapped,
                    "fields": fields,
                })
            }
        };
        let mut expected = case["numpy"].clone();
        if found["fields"].as_array().is_some_and(|fields| !fields.is_empty()) {
            // Of a record NumPy means its fields.
            expected["swapped"] = json!(false);
        }
        if found != expected {
            wrong.push(format!("version {version}: {text}: {found} and not {expected}"));
        }
        *(if expected.is_null() { &mut refused } else { &mut read_ones }) += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read_ones > 300 && refused > 200, "{read_ones} and {refused}");
}

/// What NumPy prints for floats, strings, times, bytes without a meaning and records.
#[test]
fn values_are_printed_as_numpy_prints_them() {
    let mut wrong = Vec::new();
    for line in include_str!("../data/printed.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let hex = case["file"].as_str().unwrap().as_bytes();
        let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap();
        let bytes: Vec<u8> = hex.chunks(2).map(byte).collect();
        let header = read(&bytes).unwrap();
        let view = judge(&header.request(&flags("--npy x"))).1.unwrap();
        let printed = print::values(Cursor::new(&bytes), &header, &view).unwrap();
        if printed != case["numpy"].as_str().unwrap() {
            wrong.push(format!("{}: {printed} and not {}", header.dtype.descr, case["numpy"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Where NumPy's years wrap.
    let bytes = file(1, PLAIN.replace("<i2", "<M8[Y]"), &i64::MAX.to_le_bytes().repeat(6));
    assert_eq!(of_file(&bytes, "--shape 1").unwrap(), "['9223372036854777777']");
}

/// What is printed of a file, or why nothing is.
fn of_file(bytes: &[u8], arguments: &str) -> Result<String, String> {
    let args = flags(&format!("--npy - {arguments}"));
    let Source { data, header } = Source::open(&args, bytes)?.unwrap();
    let view = match judge(&header.request(&args)) {
        (verdict, Some(view)) if verdict.is_accepted() => view,
        refused => return Err(format!("{refused:?}")),
    };
    print::values(data, &header, &view)
}

#[test]
fn a_field_has_its_own_offset_strides_and_axes() {
    let descr = "[('x', '<u2'), ('', '|V1'), ('uv', '|u1', (2,)), ('rest', '|V1')]";
    let header = PLAIN.replace("'<i2'", descr);
    let data: Vec<u8> = (0..36).collect();
    let bytes = file(1, &header, &data);
    assert_eq!(of_file(&bytes, "--field x").unwrap(), "[[ 256 1798 3340]\n [4882 6424 7966]]");
    let uv = of_file(&bytes, "--field uv").unwrap();
    assert_eq!(uv, "[[[ 3  4]\n  [ 9 10]\n  [15 16]]\n\n [[21 22]\n  [27 28]\n  [33 34]]]");
    let rows = of_file(&bytes, "--field x --shape 2 --strides -6 --offset 30").unwrap();
    assert_eq!(rows, "[7966 6424]");
    let fortran = file(1, header.replace("False", "True"), &data);
    assert_eq!(of_file(&fortran, "--field x").unwrap(), "[[ 256 3340 6424]\n [1798 4882 7966]]");
    let error = of_file(&bytes, "--field u").unwrap_err();
    assert_eq!(error, "-: the items have no field \"u\"; did you mean \"uv\"?");
    let error = of_file(&file(1, PLAIN, &[0; 12]), "--field u").unwrap_err();
    assert_eq!(error, "-: the items are of type \"<i2\" and have no fields");
}

#[test]
fn items_of_another_size_are_those_of_the_same_bytes() {
    let bytes = file(1, PLAIN, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert_eq!(of_file(&bytes, "--itemsize 1 --shape 3 --strides 4").unwrap(), "[1 5 9]");
    assert_eq!(of_file(&bytes, "--itemsize 4").unwrap(), "[ 67305985 134678021 202050057]");
    assert_eq!(
        of_file(&bytes, "--itemsize 6").unwrap(),
        "[b'\\x01\\x02\\x03\\x04\\x05\\x06' b'\\x07\\x08\\x09\\x0A\\x0B\\x0C']"
    );
    assert!(of_file(&bytes, "--itemsize 0").unwrap_err().contains("--itemsize"));
    assert!(of_file(&bytes, "--itemsize 5 --shape 3").unwrap_err().contains("PastEnd"));
}

/// A `.npz` file.
pub(crate) fn archive<N: AsRef<str>>(
    members: &[(N, &[u8])],
    options: SimpleFileOptions,
    comment: &str,
) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.set_comment(comment);
    for (name, data) in members {
        writer.start_file(name.as_ref(), options).unwrap();
        writer.write_all(data).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn members_of_archives_are_listed_and_taken() {
    let archive = |members: &[(&str, &[u8])]| archive(members, SimpleFileOptions::default(), "");
    let one = file(1, PLAIN, &[7; 12]);
    let zeros = file(1, PLAIN.replace("(2, 3)", "(4,)"), &[0; 8]);
    let bytes =
        archive(&[("one.npy", &one), ("folder/zeros.npy", &zeros), ("lie.npy", b"\x93NUMPY")]);
    assert_eq!(of_file(&bytes, "--member one --shape 2").unwrap(), "[1799 1799]");
    assert_eq!(of_file(&bytes, "--member one.npy --shape 2").unwrap(), "[1799 1799]");
    assert_eq!(of_file(&bytes, "--member folder/zeros").unwrap(), "[0 0 0 0]");
    let error = of_file(&bytes, "").unwrap_err();
    assert_eq!(
        error,
        "-: this is an archive of arrays (.npz); --member takes one: one, folder/zeros, lie"
    );
    assert_eq!(
        of_file(&bytes, "--member two").unwrap_err(),
        "-: no member \"two\"; it has one, folder/zeros, lie"
    );
    assert!(of_file(&bytes, "--member lie").unwrap_err().contains("too short"));
    assert!(of_file(&one, "--member one").unwrap_err().contains("not an archive"));
    assert!(of_file(&archive(&[]), "").unwrap_err().ends_with("it has no members"));
    let many: Vec<String> = (0..100).map(|it| format!("{it}\u{1b}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let error = of_file(&archive(&many), "").unwrap_err();
    assert!(error.ends_with("19\\u{1b}, and 80 more"), "{error}");
    // Cut off or changed anywhere, it is refused or read, and nothing else.
    let expected = of_file(&bytes, "--member one").unwrap();
    let mut refused = 0;
    for at in 0..bytes.len() {
        assert!(of_file(&bytes[..at], "--member one").is_err());
        let mut changed = bytes.clone();
        changed[at] ^= 0x55;
        match of_file(&changed, "--member one") {
            Ok(values) => assert_eq!(values, expected, "byte {at}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 100, "{refused}");
}

/// Stored or deflated, with sizes and an end of 64 bits, with a comment, and behind other bytes.
#[test]
fn archives_are_read_in_every_form_that_numpy_and_python_write() {
    use zip::CompressionMethod::{Deflated, Stored};
    let one = file(1, PLAIN, &[7; 12]);
    let archive = |method, large, comment: &str| {
        let options = SimpleFileOptions::default().compression_method(method).large_file(large);
        archive(&[("two.npy", b"other"), ("one.npy", &one)], options, comment)
    };
    let values = |bytes: &[u8]| of_file(bytes, "--member one --shape 2");
    for method in [Stored, Deflated] {
        for large in [false, true] {
            for comment in ["", "a comment", &"x".repeat(65_535)] {
                let bytes = archive(method, large, comment);
                assert_eq!(values(&bytes).unwrap(), "[1799 1799]");
                let behind = [&b"#!/bin/sh\n"[..], &bytes].concat();
                assert_eq!(values(&behind).unwrap(), "[1799 1799]");
            }
        }
    }
    // Python's `zipfile`, told that 10 bytes are more than fit 32 bits.
    let large = include_bytes!("../data/large.npz");
    assert_eq!(values(large).unwrap(), "[1799 1799]");
    assert_eq!(values(&[b"before", &large[..]].concat()).unwrap(), "[1799 1799]");

    let bytes = archive(Stored, false, "");
    let start = bytes.len() - 22 + 16;
    let start = u32::from_le_bytes(bytes[start..start + 4].try_into().unwrap());
    // The items of the member are the last bytes before the directory.
    let directory = usize::try_from(start).unwrap();
    let mut damaged = bytes.clone();
    damaged[directory - 1] ^= 1;
    assert_eq!(values(&damaged).unwrap_err(), "-: the member \"one\" is damaged");
    let entry = bytes.windows(4).rposition(|part| part == b"PK\x01\x02").unwrap();
    for (at, value, why) in [
        (8, 1, "is encrypted"),
        (10, 12, "is packed in a way that NumPy does not use"),
        (42, 0xff, "is not where the directory says"),
        (24, 0xff, "is damaged"),
    ] {
        let mut changed = bytes.clone();
        changed[entry + at] = value;
        assert_eq!(values(&changed).unwrap_err(), format!("-: the member \"one\" {why}"));
    }
}
