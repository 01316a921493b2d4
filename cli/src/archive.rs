//! Archives of arrays (`.npz`): zip files whose members are stored or deflated, as NumPy writes them and
//! Python's `zipfile` reads them.
//!
//! Not by a crate for any zip file: what is read here is an end, a directory of bounded length, once,
//! and one member, so a hostile file costs no more than that. Nothing in it is trusted.

use std::borrow::Cow;
use std::io::{BufReader, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use crate::nearest::{listed, quoted};
use crate::source::{MOST_BYTES, whole};

/// Bytes of a directory that are read at most: those of 200,000 members with short names.
const LONGEST_DIRECTORY: u64 = 1 << 24;

/// Bytes of the end of an archive without its comment, which may have as many as 16 bits can say.
const END: usize = 22;
const LONGEST_COMMENT: u64 = 0xffff;
/// Bytes of the end of a large archive, and of what says where that is. They come before the other end.
const LARGE_END: usize = 56;
const LOCATOR: usize = 20;
/// Bytes of a directory's entry and of a member's own header, without what is of any length.
const ENTRY: usize = 46;
const HEADER: usize = 30;

/// What stands for a number that is in an entry's extra field.
const ELSEWHERE: u64 = 0xffff_ffff;

/// An archive, of which the directory was read.
pub(crate) struct Archive<D> {
    data: D,
    directory: Vec<u8>,
    /// Bytes before the archive: places are counted from its start.
    before: u64,
}

/// An entry of the directory.
struct Member<'a> {
    name: Cow<'a, str>,
    encrypted: bool,
    method: u64,
    checksum: u64,
    packed: u64,
    size: u64,
    header: u64,
}

/// A number of so many bytes, the least significant first.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(size)?)?;
    Some(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn starts(bytes: &[u8], at: usize, signature: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|bytes| bytes.starts_with(signature))
}

fn read(data: &mut (impl Read + Seek), start: u64, len: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let sought = data.seek(SeekFrom::Start(start));
    sought
        .and_then(|_| data.take(len).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}

impl<D: Read + Seek> Archive<D> {
    /// Finds the directory and reads it.
    pub(crate) fn open(mut data: D) -> Result<Self, String> {
        let not = || "not an archive (.npz): its directory was not found".to_owned();
        let len = data.seek(SeekFrom::End(0)).map_err(|error| error.to_string())?;
        let most = LONGEST_COMMENT + (LARGE_END + LOCATOR + END) as u64;
        let start = len.saturating_sub(most);
        let tail = read(&mut data, start, most)?;
        // The last end whose comment goes to the end of the file.
        let is_end = |&at: &usize| {
            let comment = || number(&tail, at + 20, 2).map(index);
            starts(&tail, at, b"PK\x05\x06")
                && comment().is_some_and(|it| at + END + it == tail.len())
        };
        let at = (0..tail.len()).rev().find(is_end).ok_or_else(not)?;
        let large = at.checked_sub(LOCATOR).filter(|&at| starts(&tail, at, b"PK\x06\x07"));
        let large = large.and_then(|at| at.checked_sub(LARGE_END));
        let (at, [size, offset]) = match large.filter(|&at| starts(&tail, at, b"PK\x06\x06")) {
            Some(at) => (at, [number(&tail, at + 40, 8), number(&tail, at + 48, 8)]),
            None => (at, [number(&tail, at + 12, 4), number(&tail, at + 16, 4)]),
        };
        let (size, offset) = size.zip(offset).ok_or_else(not)?;
        // It ends where the end begins.
        let directory = (start + at as u64).checked_sub(size).ok_or_else(not)?;
        let before = directory.checked_sub(offset).ok_or_else(not)?;
        if size > LONGEST_DIRECTORY {
            let most = LONGEST_DIRECTORY;
            return Err(format!("its directory has {size} bytes; more than {most} are not read"));
        }
        let directory = read(&mut data, directory, size)?;
        Ok(Self { data, directory, before })
    }

    /// The entries of the directory, up to one that is none.
    fn entries(&self) -> impl Iterator<Item = Member<'_>> {
        let mut rest = self.directory.as_slice();
        std::iter::from_fn(move || {
            let (member, len) = Member::parse(rest)?;
            rest = rest.get(len..)?;
            Some(member)
        })
    }

    /// Names of members as `--member` takes them, of many the first.
    pub(crate) fn listed(&self) -> String {
        if self.entries().next().is_none() {
            return "it has no members".into();
        }
        listed(self.entries().map(|Member { name, .. }| match name.strip_suffix(".npy") {
            Some(name) => name.to_owned().into(),
            None => name,
        }))
    }

    /// The bytes of the member of a name, to which `.npy` may be added.
    pub(crate) fn member(mut self, name: &str) -> Result<Vec<u8>, String> {
        let file = format!("{name}.npy");
        // As in Python, the last one of a name.
        let named = |name: &str| self.entries().filter(|member| member.name == name).last();
        let Some(member) = named(&file).or_else(|| named(name)) else {
            return Err(format!("no member {}; it has {}", quoted(name), self.listed()));
        };
        let Member { encrypted, method, checksum, packed, size, header, .. } = member;
        let cannot = |why: &str| format!("the member {} {why}", quoted(name));
        if encrypted {
            return Err(cannot("is encrypted"));
        }
        if size > MOST_BYTES {
            return Err(cannot(&format!(
                "has {size} bytes; more than {MOST_BYTES} are not held in memory: unpack it to a file"
            )));
        }
        let header = header.checked_add(self.before).ok_or_else(|| cannot("is cut off"))?;
        let own = read(&mut self.data, header, HEADER as u64)?;
        let more = number(&own, 26, 2).zip(number(&own, 28, 2)).map(|(name, extra)| name + extra);
        let start = more
            .filter(|_| own.starts_with(b"PK\x03\x04"))
            .and_then(|more| header.checked_add(HEADER as u64 + more));
        let start = start.ok_or_else(|| cannot("is not where the directory says"))?;
        self.data.seek(SeekFrom::Start(start)).map_err(|error| error.to_string())?;
        let packed = BufReader::new(self.data).take(packed);
        let bytes = match method {
            0 => whole(packed, size),
            8 => whole(DeflateDecoder::new(packed), size),
            _ => return Err(cannot("is packed in a way that NumPy does not use")),
        };
        let bytes = bytes.map_err(|error| cannot(&format!("cannot be unpacked: {error}")))?;
        let mut sum = Crc::new();
        sum.update(&bytes);
        if bytes.len() as u64 != size || u64::from(sum.sum()) != checksum {
            return Err(cannot("is damaged"));
        }
        Ok(bytes)
    }
}

impl<'a> Member<'a> {
    /// Reads an entry; returns its length too.
    fn parse(bytes: &'a [u8]) -> Option<(Self, usize)> {
        if !bytes.starts_with(b"PK\x01\x02") {
            return None;
        }
        let field = |at, size| number(bytes, at, size);
        let [name, extra, comment] = [28, 30, 32].map(|at| field(at, 2).map(index));
        let name_end = ENTRY + name?;
        let extra_end = name_end + extra?;
        let name = String::from_utf8_lossy(bytes.get(ENTRY..name_end)?);
        let [mut size, mut packed, mut header] = [field(24, 4)?, field(20, 4)?, field(42, 4)?];
        // Of numbers that do not fit, extra fields have those that are still missing, in this order.
        for mut wide in large(bytes.get(name_end..extra_end)?) {
            for number in [&mut size, &mut packed, &mut header] {
                if let (ELSEWHERE, Some((first, rest))) = (*number, wide.split_at_checked(8)) {
                    *number = self::number(first, 0, 8)?;
                    wide = rest;
                }
            }
        }
        let (encrypted, method, checksum) = (field(8, 2)? & 1 > 0, field(10, 2)?, field(16, 4)?);
        let member = Self { name, encrypted, method, checksum, packed, size, header };
        Some((member, extra_end + comment?))
    }
}

/// The extra fields of an entry that have numbers of 64 bits: those of the kind 1.
fn large(mut extra: &[u8]) -> impl Iterator<Item = &[u8]> {
    let fields = std::iter::from_fn(move || {
        let (kind, size) = (number(extra, 0, 2)?, index(number(extra, 2, 2)?));
        let field = extra.get(4..4 + size)?;
        extra = extra.get(4 + size..)?;
        Some((kind, field))
    });
    fields.filter(|&(kind, _)| kind == 1).map(|(_, field)| field)
}
