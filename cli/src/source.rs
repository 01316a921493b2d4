//! Where the values of a view come from: a `.npy` file, a member of a `.npz` file, standard input,
//! or integers that count up.

use std::fs::File;
use std::io::{Cursor, Read, Seek};

use crate::archive::Archive;
use crate::args::RequestArgs;
use crate::npy::{ARCHIVE, Header};

/// Bytes that are held in memory at most: of standard input, and of an unpacked member.
pub(crate) const MOST_BYTES: u64 = 1 << 28;
/// Integers that are counted up to.
pub(crate) const MOST_INTEGERS: u64 = 1 << 20;

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
            let items = (0..count).flat_map(u64::to_le_bytes);
            let data = Box::new(Cursor::new(items.collect::<Vec<u8>>()));
            return Self::new(data, Header::of_integers(count)?, args).map(Some);
        }
        let Some(path) = &args.npy else { return Ok(None) };
        let about = |error: String| format!("{}: {error}", path.display());
        let data: Box<dyn Data> = if path.as_os_str() == "-" {
            let bytes = whole(input, MOST_BYTES).map_err(|error| {
                format!("{error}, which are not held in memory: write it to a file")
            });
            Box::new(Cursor::new(bytes.map_err(about)?))
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
                    return Err(format!("{error}: {}", Archive::open(data)?.listed()));
                }
                header => return Self::new(data, header?, args),
            }
        }
        let name = args.member.as_deref().unwrap_or_default();
        let mut data = Cursor::new(Archive::open(data)?.member(name)?);
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
            Some(_) => return Err("--itemsize of a file is at least 1 byte".into()),
        };
        Ok(Self { data, header })
    }
}

/// Reads all there is into memory, if it is no more than so many bytes.
///
/// # Errors
/// A sentence.
pub fn whole(input: impl Read, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = input.take(most.saturating_add(1)).read_to_end(&mut bytes);
    match read.map(u64::try_from) {
        Ok(Ok(len)) if len <= most => Ok(bytes),
        Ok(_) => Err(format!("it has more than {most} bytes")),
        Err(error) => Err(error.to_string()),
    }
}
