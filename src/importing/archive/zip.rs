//! Unpacks zip archives.

use super::{ArchiveError, folder::Folder};
use chrono::NaiveDate;
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
    time::{Duration, SystemTime},
};
use zip::{ExtraField, ZipArchive, read::ZipFile, result::ZipError};

/// Unpacks a zip archive.
///
/// # Errors
/// If it is damaged or too large.
pub(super) fn unpack(file: File, folder: &mut Folder) -> Result<(), ArchiveError> {
    let mut archive = ZipArchive::new(BufReader::new(file))
        .map_err(|error| folder.damaged(io::Error::from(error)))?;
    for index in 0..archive.len() {
        let shown = name_at(&archive, index);
        let entry = match archive.by_index(index) {
            Ok(entry) => entry,
            // Encrypted, or compressed in a way that we don't read. The others may be fine.
            Err(ZipError::UnsupportedArchive(reason)) => {
                folder.leave_out(&shown, &format!("it can't be read ({reason})"));
                continue;
            }
            Err(error) => return Err(folder.damaged(io::Error::from(error))),
        };
        if entry.is_dir() {
            continue;
        }
        // A name that is not UTF-8 is in the encoding of MS-DOS, says the format.
        let name = match (std::str::from_utf8(entry.name_raw()), entry.name()) {
            (Err(_), Ok(name)) => name.into_owned().into_bytes(),
            _ => entry.name_raw().to_vec(),
        };
        if entry.is_file() {
            let modified = modified(&entry);
            folder.write(&name, modified, entry)?;
        } else {
            folder.leave_out(&name, "it is a link");
        }
    }
    Ok(())
}

/// Returns the time of change: in UTC from the extended timestamp, or else from the local time without a zone.
fn modified<R: Read + Seek>(entry: &ZipFile<'_, R>) -> Option<SystemTime> {
    let extended = entry.extra_data_fields().find_map(|field| match field {
        ExtraField::ExtendedTimestamp(times) => times.mod_time().map(u64::from),
        _ => None,
    });
    let seconds = extended.or_else(|| {
        let time = entry.last_modified()?;
        let date =
            NaiveDate::from_ymd_opt(time.year().into(), time.month().into(), time.day().into())?;
        let time = date.and_hms_opt(
            time.hour().into(),
            time.minute().into(),
            time.second().into(),
        )?;
        u64::try_from(time.and_utc().timestamp()).ok()
    })?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

fn name_at(archive: &ZipArchive<BufReader<File>>, index: usize) -> Vec<u8> {
    let name = archive.name_for_index(index).and_then(Result::ok);
    name.unwrap_or_default().into_owned().into_bytes()
}
