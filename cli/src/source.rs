//! Where the values of a view come from: a `.npy` file, a member of a `.npz` file, standard input,
//! or integers that count up.

use std::fs::File;
use std::io::{Cursor, Read, Seek};

use zip::ZipArchive;

use crate::args::RequestArgs;
use crate::npy::{ARCHIVE, Header};

/// Bytes that are held in memory at most: of standard input, and of an unpacked member.
const MOST_BYTES: u64 = 1 << 28;
/// Integers that are counted up to.
const MOST_INTEGERS: usize = 1 << 20;

/// What items can be read from.
pub trait Data: Read + Seek {}

impl<T: Read + Seek> Data for T {}

/// Items and their header.
pub struct Source {
    /// The file, or what stands for it.
    pub data: Box<dyn Data>,
    /// Its header, of the field and the itemsize that were asked for.
    pub header: Header,
}

impl Source {
    /// What the flags name; `-` is standard input. `None` if they name nothing.
    ///
    /// # Errors
    /// A sentence.
    pub fn open(args: &RequestArgs, input: impl Read) -> Result<Option<Self>, String> {
        if let Some(count) = args.arange {
            if count > MOST_INTEGERS {
                return Err(format!("--arange is at most {MOST_INTEGERS}"));
            }
            let items = (0..count).flat_map(|item| u64::try_from(item).unwrap_or(0).to_le_bytes());
            let data = Box::new(Cursor::new(items.collect::<Vec<u8>>()));
            return Self::new(data, Header::of_integers(count)?, args).map(Some);
        }
        let Some(path) = &args.npy else { return Ok(None) };
        let about = |error: String| format!("{}: {error}", path.display());
        let data: Box<dyn Data> = if path.as_os_str() == "-" {
            Box::new(Cursor::new(whole(input).map_err(about)?))
        } else {
            Box::new(File::open(path).map_err(|error| about(error.to_string()))?)
        };
        Self::of_file(data, args).map(Some).map_err(about)
    }

    /// Reads a `.npy` file or a `.npz` file.
    ///
    /// # Errors
    /// A sentence.
    pub fn of_file(mut data: Box<dyn Data>, args: &RequestArgs) -> Result<Self, String> {
        if args.member.is_none() {
            match Header::read(&mut data) {
                Err(error) if error == ARCHIVE => {
                    return Err(format!("{error}: {}", members(data)?));
                }
                header => return Self::new(data, header?, args),
            }
        }
        let name = args.member.as_deref().unwrap_or_default();
        let mut archive = archive(data)?;
        let file = format!("{name}.npy");
        let found = [file.as_str(), name].into_iter().find_map(|name| archive.index_for_name(name));
        let Some(found) = found else {
            return Err(format!("no member {name:?}, but {}", listed(&archive)));
        };
        let member = archive.by_index(found).map_err(|error| error.to_string())?;
        let mut data = Cursor::new(whole(member)?);
        let header = Header::read(&mut data)?;
        Self::new(Box::new(data), header, args)
    }

    fn new(data: Box<dyn Data>, header: Header, args: &RequestArgs) -> Result<Self, String> {
        let header = match &args.field {
            Some(name) => header.field(name)?,
            None => header,
        };
        let header = match args.itemsize.map(|itemsize| itemsize.to_usize()) {
            None => header,
            Some(Some(itemsize @ 1..)) => header.resized(itemsize),
            Some(_) => return Err("--itemsize must be a number of bytes".into()),
        };
        Ok(Self { data, header })
    }
}

/// Reads all there is into memory, as far as that is bounded.
fn whole(input: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = input.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    match read.map(u64::try_from) {
        Ok(Ok(0..=MOST_BYTES)) => Ok(bytes),
        Ok(_) => {
            Err(format!("more than {MOST_BYTES} bytes are not held in memory: unpack it to a file"))
        }
        Err(error) => Err(error.to_string()),
    }
}

fn archive(data: Box<dyn Data>) -> Result<ZipArchive<Box<dyn Data>>, String> {
    ZipArchive::new(data).map_err(|error| format!("not an archive (.npz): {error}"))
}

/// The members of an archive, as `--member` takes them.
fn members(data: Box<dyn Data>) -> Result<String, String> {
    Ok(listed(&archive(data)?))
}

fn listed(archive: &ZipArchive<Box<dyn Data>>) -> String {
    let most = 20;
    let names = archive.file_names().take(most);
    let mut names: Vec<String> = names
        .map(|name| {
            let name = name.strip_suffix(".npy").unwrap_or(name);
            // Names may hold anything: for a terminal, without control characters.
            name.escape_debug().to_string()
        })
        .collect();
    match archive.len().checked_sub(most) {
        Some(more @ 1..) => names.push(format!("and {more} more")),
        _ if names.is_empty() => names.push("it has no members".into()),
        _ => {}
    }
    names.join(", ")
}
