//! Opens an export, and checks that it is complete before anything is touched.

use super::{
    export::note_files,
    format::{CONTENT, DATA, END, End, HEADER, Header, MEDIA, VERSION, data_file},
    target::is_archive,
};
use crate::{
    exporting::{ExportError, blocking::Wanted},
    media,
    store::Row,
};
use flate2::read::GzDecoder;
use serde::de::DeserializeOwned;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};
use tar::Archive;
use tempfile::TempDir;

/// The maximum length of the first and the last file, in bytes.
const MAX_SMALL: u64 = 64 * 1024 * 1024;
/// The maximum length of a row, in bytes.
const MAX_LINE: u64 = 256 * 1024 * 1024;
/// The maximum size of an unpacked archive, in bytes: so much, and so many times its own size. Rows and texts are packed
/// to a tenth or so, and media files hardly at all.
const MAX_UNPACKED: u64 = 1024 * 1024 * 1024;
const MAX_RATIO: u64 = 100;

/// An export that can be read.
pub(super) struct Source {
    root: PathBuf,
    /// The unpacked archive.
    _unpacked: Option<TempDir>,
    pub header: Header,
    pub end: End,
}

impl Source {
    /// Opens a folder, or unpacks an archive into a folder for temporary files. This lasts, and ends once it is not wanted
    /// any more.
    ///
    /// # Errors
    /// If it is none of ours, of a newer version, or incomplete.
    pub(super) fn open(
        path: &Path,
        temporary: &Path,
        wanted: &Wanted,
    ) -> Result<Source, ExportError> {
        let is_folder = path.is_dir();
        let (root, unpacked) = if is_folder {
            (path.to_owned(), None)
        } else {
            if !is_archive(path) && path.exists() && !begins_as_gzip(path) {
                return Err(foreign(path));
            }
            let unpacked = unpack(path, temporary, wanted)?;
            (unpacked.path().to_owned(), Some(unpacked))
        };
        let header = root.join(HEADER);
        if !header.is_file() {
            return Err(foreign(path));
        }
        let header: Header = read_json(&header).map_err(|_| foreign(path))?;
        check_version(&header, path)?;
        let end = root.join(END);
        if !end.is_file() {
            return Err(incomplete(path, "its last file is missing"));
        }
        let end = read_json(&end).map_err(|_| incomplete(path, "its last file is damaged"))?;
        let source = Source {
            root,
            _unpacked: unpacked,
            header,
            end,
        };
        source.check(path, wanted)?;
        Ok(source)
    }

    /// Returns the rows of a table.
    ///
    /// # Errors
    /// If the file can't be read.
    pub(super) fn rows(&self, table: &str) -> Result<Rows, ExportError> {
        let name = data_file(table);
        let file = File::open(self.root.join(&name));
        let file = file.map_err(|error| ExportError::Unreadable(name.clone(), error))?;
        Ok(Rows {
            name,
            line: 0,
            reader: BufReader::with_capacity(128 * 1024, file),
            buffer: Vec::new(),
        })
    }

    /// Returns the media files, with their paths.
    pub(super) fn media(&self) -> Result<Vec<(String, PathBuf)>, ExportError> {
        let folder = self.root.join(MEDIA);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ExportError::reading(&folder)(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(ExportError::reading(&folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_file && media::stem(&name).is_some() {
                files.push((name, entry.path()));
            }
        }
        files.sort();
        Ok(files)
    }

    fn check(&self, path: &Path, wanted: &Wanted) -> Result<(), ExportError> {
        self.check_tables(path)?;
        let mut sizes = BTreeMap::new();
        for (table, expected) in &self.header.tables {
            let mut count = 0;
            for row in self.rows(table)? {
                wanted.check()?;
                let row = row?;
                if table == "media" {
                    note_files(&mut sizes, &row);
                }
                count += 1;
            }
            if count != *expected {
                let problem = format!(
                    "{} has {count} rows instead of {expected}",
                    data_file(table)
                );
                return Err(incomplete(path, &problem));
            }
        }
        self.check_media(path, &sizes)
    }

    /// Refuses names that are none of tables, and files of tables that the first file does not name.
    fn check_tables(&self, path: &Path) -> Result<(), ExportError> {
        let tables = &self.header.tables;
        if !tables.keys().all(|table| is_table_name(table)) {
            return Err(foreign(path));
        }
        let folder = self.root.join(DATA);
        for entry in fs::read_dir(&folder).map_err(ExportError::reading(&folder))? {
            let name = entry.map_err(ExportError::reading(&folder))?.file_name();
            let name = name.to_string_lossy();
            let table = name
                .strip_suffix(".jsonl")
                .filter(|name| is_table_name(name));
            if table.is_some_and(|table| !tables.contains_key(table)) {
                return Err(ExportError::Refused(format!(
                    "{} has the file {DATA}/{name}, which its first file does not name: make a new export",
                    path.display()
                )));
            }
        }
        Ok(())
    }

    /// Compares the media files with their sizes in the database.
    fn check_media(&self, path: &Path, sizes: &BTreeMap<String, u64>) -> Result<(), ExportError> {
        let files = self.media()?;
        let (found, expected) = (files.len() as u64, self.end.media);
        if found != expected {
            let problem = format!("it has {found} media files instead of {expected}");
            return Err(incomplete(path, &problem));
        }
        for (name, file) in files {
            let found = fs::metadata(&file).map_err(ExportError::reading(&file))?;
            let length = found.len();
            let Some(size) = sizes.get(&name).filter(|size| **size != length) else {
                continue;
            };
            if !self.end.missing.contains(&name) {
                let problem = format!("the media file {name} has {length} bytes instead of {size}");
                return Err(incomplete(path, &problem));
            }
        }
        Ok(())
    }
}

/// The rows in a file.
pub(super) struct Rows {
    name: String,
    line: u64,
    reader: BufReader<File>,
    buffer: Vec<u8>,
}

impl Iterator for Rows {
    type Item = Result<Row, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.buffer.clear();
        self.line += 1;
        let mut line = (&mut self.reader).take(MAX_LINE + 1);
        match line.read_until(b'\n', &mut self.buffer) {
            Ok(0) => None,
            Ok(length) if length as u64 > MAX_LINE => Some(Err(self.wrong("is too long"))),
            Ok(_) => Some(match serde_json::from_slice(&self.buffer) {
                Ok(row) => Ok(row),
                Err(error) => Err(self.wrong(&format!("is no row ({error})"))),
            }),
            Err(error) => Some(Err(ExportError::Unreadable(self.name.clone(), error))),
        }
    }
}

impl Rows {
    fn wrong(&self, problem: &str) -> ExportError {
        ExportError::Refused(format!(
            "{}, line {}, {problem}: make a new export",
            self.name, self.line
        ))
    }
}

fn check_version(header: &Header, path: &Path) -> Result<(), ExportError> {
    if header.pamphlet_site > VERSION {
        return Err(ExportError::Refused(format!(
            "{} was exported by a newer version of Pamphlet ({}): install that version or a newer one to import it",
            path.display(),
            header.program
        )));
    }
    Ok(())
}

fn begins_as_gzip(path: &Path) -> bool {
    let mut start = [0; 2];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == [0x1f, 0x8b]
}

/// Unpacks the files of an archive that an import needs. Its first file says what it is; another program that packed it
/// again may have changed their order. Any other name than that of an export's files is skipped.
fn unpack(path: &Path, temporary: &Path, wanted: &Wanted) -> Result<TempDir, ExportError> {
    let file = File::open(path).map_err(ExportError::reading(path))?;
    let size = file.metadata().map_err(ExportError::reading(path))?.len();
    let mut left = size.saturating_mul(MAX_RATIO).saturating_add(MAX_UNPACKED);
    let folder = tempfile::Builder::new()
        .prefix(".pamphlet-")
        .tempdir_in(temporary)
        .map_err(ExportError::writing(temporary))?;
    let file = BufReader::new(wanted.reader(file));
    let mut archive = Archive::new(GzDecoder::new(file));
    let entries = archive.entries().map_err(|_| foreign(path))?;
    let damaged = |error: io::Error| incomplete(path, &error.to_string());
    let mut is_first = true;
    for entry in entries {
        let mut entry = match (entry, is_first) {
            (Ok(entry), _) => entry,
            (Err(_), true) => return Err(foreign(path)),
            (Err(error), false) => return Err(damaged(error)),
        };
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap_or_default();
        let name = name.strip_prefix("./").unwrap_or(&name);
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let is_needed = is_needed(name);
        if is_first && !is_needed && !name.starts_with(CONTENT) {
            return Err(foreign(path));
        }
        is_first = false;
        if !is_needed {
            continue;
        }
        let target = folder.path().join(name);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(ExportError::writing(parent))?;
        }
        let mut out = File::create_new(&target).map_err(ExportError::writing(&target))?;
        let written = io::copy(&mut (&mut entry).take(left + 1), &mut out).map_err(damaged)?;
        left = left.checked_sub(written).ok_or_else(|| too_large(path))?;
        if name == HEADER {
            let header: Header = read_json(&target).map_err(|_| foreign(path))?;
            check_version(&header, path)?;
        }
    }
    // The checksum stands at the end.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(damaged)?;
    match is_first {
        true => Err(foreign(path)),
        false => Ok(folder),
    }
}

/// Returns whether a file of an archive is read, which no name does that would leave the folder.
fn is_needed(name: &str) -> bool {
    let of_data = name
        .strip_prefix(DATA)
        .and_then(|rest| rest.strip_prefix('/'));
    let of_data = of_data.and_then(|rest| rest.strip_suffix(".jsonl"));
    let of_media = name
        .strip_prefix(MEDIA)
        .and_then(|rest| rest.strip_prefix('/'));
    name == HEADER
        || name == END
        || of_data.is_some_and(is_table_name)
        || of_media.is_some_and(|name| media::stem(name).is_some())
}

fn is_table_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    (1..=64).contains(&name.len()) && name.bytes().all(is_letter)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    let file = File::open(path)?;
    let text = io::read_to_string(file.take(MAX_SMALL))?;
    Ok(serde_json::from_str(&text)?)
}

fn foreign(path: &Path) -> ExportError {
    ExportError::Refused(format!(
        "{} is no export of `pamphlet export site`: name its folder, or its file that ends in .tar.gz",
        path.display()
    ))
}

fn too_large(path: &Path) -> ExportError {
    ExportError::Refused(format!(
        "{} is far larger unpacked than exports are: unpack it, look at it, and import the folder",
        path.display()
    ))
}

fn incomplete(path: &Path, problem: &str) -> ExportError {
    ExportError::Refused(format!(
        "{} is incomplete: {problem}. Make a new export",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_an_export_are_unpacked() {
        for name in [
            "pamphlet.json",
            "end.json",
            "data/article_tags.jsonl",
            "static/media/0a1b-960.webp",
        ] {
            assert!(is_needed(name), "{name}");
        }
        for name in [
            "../pamphlet.json",
            "data/../x.jsonl",
            "data/a/b.jsonl",
            "/etc/passwd",
            "static/media/../../x.jpg",
            "content/2026/05/x.md",
            "",
        ] {
            assert!(!is_needed(name), "{name}");
        }
    }
}
