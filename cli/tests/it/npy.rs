//! `.npy` headers that lie, and the values behind those that do not.

use std::io::Cursor;

use strideproof_cli::args::{Cli, Command};
use strideproof_cli::decide::judge;
use strideproof_cli::npy::{Dtype, Header};
use strideproof_cli::print;

fn file(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    match version {
        1 => bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes()),
        _ => bytes.extend(u32::try_from(header.len()).unwrap().to_le_bytes()),
    }
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn read(bytes: &[u8]) -> Result<Header, String> {
    Header::read(Cursor::new(bytes)).map_err(|error| error.to_string())
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
    let with = |from: &str, to: &str| file(1, &PLAIN.replace(from, to), &[0; 12]);
    for (bytes, part) in [
        (vec![], "too short"),
        (b"\x93NUMPY\x01".to_vec(), "too short"),
        (b"\x93NUMPY\x01\x00".to_vec(), "header's length"),
        (b"\x93NUMPY\x02\x00\x10\x00\x00".to_vec(), "header's length"),
        (b"PK\x03\x04\x00\x00\x00\x00\x00\x00\x00".to_vec(), "not a .npy file"),
        (file(4, PLAIN, &[0; 12]), "version 4.0"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}".to_vec(), "4294967295 bytes"),
        (file(2, &" ".repeat(70_000), &[]), "70000 bytes"),
        (file(1, PLAIN, &[0; 11]), "than the 11 bytes"),
        (with("(2, 3)", "(3, 3)"), "than the 12 bytes"),
        (with("(2, 3)", "(4294967296, 4294967296)"), "than the 12 bytes"),
        (with("(2, 3)", "(9223372036854775808, 2)"), "than the 12 bytes"),
        (with("(2, 3)", "(-2, 3)"), "size -2"),
        (with("(2, 3)", "(2.0, 3)"), "malformed"),
        (with("(2, 3)", "(2 3)"), "malformed"),
        (with("(2, 3)", "2"), "malformed"),
        (with("(2, 3)", "("), "malformed"),
        (with("False", "0"), "malformed"),
        (with("<i2", "<i3"), "not known"),
        (with("<i2", "|O"), "pickled"),
        (with("<i2", ""), "not known"),
        (with("<i2", "<"), "not known"),
        (with("<i2", "<i2x"), "not known"),
        (with("<i2", "<U99999999999999999999"), "not known"),
        (with("<i2", "<U9223372036854775807"), "not known"),
        (with("'<i2'", "[('a', '<i2')]"), "structured"),
        (with("'<i2'", "('<i2', (2,))"), "structured"),
        (with("'shape'", "'share'"), "unknown key"),
        (with(", 'shape': (2, 3)", ""), "lacks"),
        (with("'shape': (2, 3)", "'shape': (2, 3), 'shape': (2, 3)"), "twice"),
        (with("}", "} x"), "follows"),
        (with("}", ""), "malformed"),
        (with("'descr", "descr"), "malformed"),
        (with("'<i2'", "'<i2"), "malformed"),
        (file(1, "", &[]), "malformed"),
        (file(1, "{}", &[]), "lacks"),
    ] {
        let error = read(&bytes).unwrap_err();
        assert!(error.contains(part), "{error}, not {part}");
    }
}

#[test]
fn a_prefix_of_a_file_is_never_taken_for_the_file() {
    let whole = file(1, PLAIN, &[0; 12]);
    for len in 0..whole.len() {
        assert!(read(&whole[..len]).is_err());
    }
}

#[test]
fn changed_headers_never_panic() {
    let whole = file(1, PLAIN, &[0; 12]);
    for at in 0..whole.len() {
        for byte in 0..=255 {
            let mut changed = whole.clone();
            changed[at] = byte;
            let _ = read(&changed);
        }
    }
}

#[test]
fn types_have_their_sizes() {
    for (descr, size) in [
        ("|b1", 1),
        ("?", 1),
        ("|i1", 1),
        ("<u8", 8),
        (">f2", 2),
        ("<c16", 16),
        ("|S5", 5),
        ("<U3", 12),
        ("<M8[ns]", 8),
        ("<m8[25us]", 8),
        ("|V7", 7),
        ("=i4", 4),
        ("|S0", 0),
    ] {
        assert_eq!(Dtype::parse(descr).map(|dtype| dtype.itemsize), Ok(size), "{descr}");
    }
    for descr in ["<i16", "<f3", "b", "<c4", "<M8ns", "<i4[ns]", "<M4[ns]", "\u{e9}", "<\u{e9}4"] {
        assert!(Dtype::parse(descr).is_err(), "{descr}");
    }
}

fn printed(bytes: &[u8], arguments: &str) -> Result<String, String> {
    use clap::Parser;
    let arguments = format!("strideproof check --npy x --print {arguments}");
    let Command::Check(check) = Cli::try_parse_from(arguments.split_whitespace()).unwrap().command
    else {
        unreachable!()
    };
    let header = read(bytes)?;
    let request = header.request(&check.request);
    let (verdict, view) = judge(&request);
    assert!(verdict.is_accepted(), "{verdict:?}");
    print::values(Cursor::new(bytes), &header, &view.unwrap())
}

#[test]
fn values_are_read_at_their_addresses() {
    let data: Vec<u8> = (0..12).collect();
    let bytes = file(1, PLAIN, &data);
    assert_eq!(printed(&bytes, "").unwrap(), "[[ 256  770 1284]\n [1798 2312 2826]]");
    assert_eq!(printed(&bytes, "--shape 3 --strides -1 --offset 10").unwrap(), "[2826 2569 2312]");
    let fortran = PLAIN.replace("False", "True").replace("<i2", ">i2");
    let bytes = file(3, &fortran, &data);
    assert_eq!(printed(&bytes, "").unwrap(), "[[   1 1029 2057]\n [ 515 1543 2571]]");
    assert_eq!(printed(&bytes, "--shape 0,7").unwrap(), "[]");
}

/// A file of which nothing is to be read any more.
struct Closed;

impl std::io::Read for Closed {
    fn read(&mut self, _buffer: &mut [u8]) -> std::io::Result<usize> {
        panic!("something is read");
    }
}

impl std::io::Seek for Closed {
    fn seek(&mut self, _to: std::io::SeekFrom) -> std::io::Result<u64> {
        panic!("something is looked for");
    }
}

#[test]
fn items_of_a_type_that_is_not_printed_are_not_read() {
    for (descr, itemsize) in [("|V300", 300), ("|S5", 5), ("<U3", 12), ("<M8[ns]", 8), ("<f16", 16)]
    {
        let bytes = file(1, &PLAIN.replace("<i2", descr), &vec![0; 6 * itemsize]);
        let header = read(&bytes).unwrap();
        let request = strideproof_cli::request::Request {
            shape: vec![1000.into()],
            strides: Some(vec![0.into()]),
            itemsize: itemsize.into(),
            ..strideproof_cli::request::Request::default()
        };
        let view = request.resolve().unwrap();
        let error = print::values(Closed, &header, &view).unwrap_err();
        assert!(error.contains("not printed"), "{error}");
    }
}

#[test]
fn too_many_values_are_refused_and_not_attempted() {
    let bytes = file(1, PLAIN, &[0; 12]);
    let twos = vec!["2"; 40].join(",");
    let zeros = vec!["0"; 40].join(",");
    let error = printed(&bytes, &format!("--shape {twos} --strides {zeros}")).unwrap_err();
    assert_eq!(error, "more than 65536 items are not printed");
    // As many as are printed: sixteen axes of two.
    let twos = vec!["2"; 16].join(",");
    let zeros = vec!["0"; 16].join(",");
    let text = printed(&bytes, &format!("--shape {twos} --strides {zeros}")).unwrap();
    assert!(text.len() < 4_000_000, "{} bytes", text.len());
    let ones = vec!["1"; 100].join(",");
    assert!(printed(&bytes, &format!("--shape {ones}")).unwrap_err().contains("100 axes"));
    // Elided instead: a view of a thousand million million items is six.
    let text = printed(&bytes, "--shape 1000000000000000 --strides 0").unwrap();
    assert_eq!(text, "[0 0 0 ... 0 0 0]");
}
