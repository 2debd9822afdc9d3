//! Unpacks tar archives, also compressed ones.

use super::{ArchiveError, folder::Folder};
use flate2::bufread::MultiGzDecoder;
use std::{
    cell::Cell,
    fs::File,
    io::{self, BufReader, Read},
    rc::Rc,
    time::{Duration, SystemTime},
};

/// How much may be read from one entry to the next, in bytes: headers and long names, which are kept in memory.
const MAX_HEADERS: u64 = 1 << 20;

/// Unpacks a tar archive.
///
/// # Errors
/// If it is damaged or too large.
pub(super) fn unpack(file: File, folder: &mut Folder) -> Result<(), ArchiveError> {
    unpack_stream(BufReader::new(file), folder)
}

/// Unpacks a tar archive that is compressed with gzip, in one or several members: Mastodon 4.0 writes several.
///
/// # Errors
/// If it is damaged or too large.
pub(super) fn unpack_compressed(file: File, folder: &mut Folder) -> Result<(), ArchiveError> {
    unpack_stream(MultiGzDecoder::new(BufReader::new(file)), folder)
}

fn unpack_stream(stream: impl Read, folder: &mut Folder) -> Result<(), ArchiveError> {
    let allowance = Rc::new(Cell::new(MAX_HEADERS));
    let mut archive = tar::Archive::new(Bounded {
        stream,
        allowance: allowance.clone(),
    });
    let entries = archive.entries().map_err(|error| folder.damaged(error))?;
    for entry in entries {
        let mut entry = entry.map_err(|error| folder.damaged(error))?;
        // The folder counts what is read from here on.
        allowance.set(u64::MAX);
        let name = entry.path_bytes().into_owned();
        let kind = entry.header().entry_type();
        if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            let modified = entry.header().mtime().ok().and_then(time_of);
            folder.write(&name, modified, &mut entry)?;
        } else if kind.is_symlink() || kind.is_hard_link() {
            folder.leave_out(&name, "it is a link");
        } else if !kind.is_dir() && !kind.is_pax_global_extensions() {
            folder.leave_out(&name, "it is no file");
        }
        folder.skip(&mut entry)?;
        allowance.set(MAX_HEADERS);
    }
    Ok(())
}

fn time_of(seconds: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// A stream of which only so much can be read as is allowed.
struct Bounded<R> {
    stream: R,
    allowance: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let allowed = self.allowance.get();
        if allowed == 0 {
            return Err(io::Error::other("the name of an entry is too long"));
        }
        let length = buffer
            .len()
            .min(usize::try_from(allowed).unwrap_or(usize::MAX));
        let read = self.stream.read(&mut buffer[..length])?;
        self.allowance.set(allowed - read as u64);
        Ok(read)
    }
}
