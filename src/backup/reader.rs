//! Reads the lines of a backup, and checks each: the format, the numbers, and the hashes.

use super::{
    Passphrase,
    error::{BackupError, shown},
    format::{
        END, End, FILE, FILE_END, FileEnd, FilePart, GREATEST_WORK_FACTOR, Header, LONGEST_LINE,
        VERSION,
    },
};
use crate::store::Row;
use age::{DecryptError, Decryptor, Identity, scrypt, stream::StreamReader};
use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::{BASE64, HEXLOWER};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};
use zstd::stream::read::Decoder;

/// The size of the parts in which the file is read.
const BUFFER: usize = 128 * 1024;

/// The beginning of the last line.
const END_START: &[u8] = b"{\"end\":";

/// A line of a backup.
pub(super) enum Entry {
    Row { table: String, row: Row },
    FilePart { name: String, data: Vec<u8> },
    FileEnd { name: String },
}

/// The numbers at the end of a backup.
#[derive(Debug, Clone)]
pub(super) struct Summary {
    pub(super) files: u64,
    pub(super) file_bytes: u64,
    pub(super) missing: Vec<String>,
}

type Lines = BufReader<Decoder<'static, BufReader<StreamReader<BufReader<File>>>>>;

/// A backup that is being read.
pub(super) struct Reader {
    file: String,
    lines: Lines,
    header: Header,
    /// The number of lines that were read.
    line: u64,
    hash: Context,
    /// The index of the table whose rows are read, and their number so far.
    table: usize,
    rows: u64,
    /// The name, size and hash of the file whose parts are read.
    current: Option<(String, u64, Context)>,
    files: u64,
    file_bytes: u64,
    summary: Option<Summary>,
}

/// Returns the first line of a backup.
///
/// # Errors
/// If it is no backup, or the passphrase is wrong.
pub(crate) fn header_of(path: &Path, passphrase: &Passphrase) -> Result<Header, BackupError> {
    Ok(Reader::open(path, passphrase)?.header)
}

impl Reader {
    /// Opens a backup and reads its header.
    ///
    /// # Errors
    /// If the file is no backup, was made by a newer version, or the passphrase is wrong.
    pub(super) fn open(path: &Path, passphrase: &Passphrase) -> Result<Reader, BackupError> {
        let name = shown(path);
        let unreadable = |error| BackupError::Read(name.clone(), error);
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            return Err(unreadable(io::ErrorKind::IsADirectory.into()));
        }
        let input = BufReader::with_capacity(BUFFER, file);
        let decryptor =
            Decryptor::new_buffered(input).map_err(|error| undecryptable(&name, error))?;
        let mut identity = scrypt::Identity::new(passphrase.clone());
        identity.set_max_work_factor(GREATEST_WORK_FACTOR);
        let identities = std::iter::once(&identity as &dyn Identity);
        let decrypted = decryptor
            .decrypt(identities)
            .map_err(|error| undecryptable(&name, error))?;
        let decompressed = Decoder::new(decrypted).map_err(unreadable)?;
        let mut lines = BufReader::with_capacity(BUFFER, decompressed);
        let first = read_line(&mut lines).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => BackupError::Incomplete(name.clone(), 0),
            io::ErrorKind::InvalidData => BackupError::Damaged {
                file: name.clone(),
                line: 1,
                problem: described(&error),
            },
            _ => foreign(&name, &error.to_string()),
        })?;
        let mut hash = Context::new(&SHA256);
        hash.update(&first);
        Ok(Reader {
            header: parse_header(&name, &first)?,
            file: name,
            lines,
            line: 1,
            hash,
            table: 0,
            rows: 0,
            current: None,
            files: 0,
            file_bytes: 0,
            summary: None,
        })
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the numbers at the end, once everything was read.
    pub(super) fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }

    /// Reads the next line. Returns `None` after the end, if the backup is complete and undamaged.
    ///
    /// # Errors
    /// If it is not.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, BackupError> {
        if self.summary.is_some() {
            return Ok(None);
        }
        let line = self.read_line()?;
        // One key, which says what the value is.
        let parsed: Map<String, Value> = match serde_json::from_slice(&line) {
            Ok(parsed) => parsed,
            Err(error) => return Err(self.damaged(&error.to_string())),
        };
        let mut keys = parsed.into_iter();
        let (Some((kind, value)), None) = (keys.next(), keys.next()) else {
            return Err(self.damaged("it is not one object"));
        };
        if kind == END {
            self.end(value)?;
            return Ok(None);
        }
        self.hash.update(&line);
        match kind.as_str() {
            FILE => self.file_part(value).map(Some),
            FILE_END => self.file_end(value).map(Some),
            _ => self.row(kind, value).map(Some),
        }
    }

    /// Reads everything up to the end, and checks only that it is complete and has the hash at its end. This is much faster
    /// than to look into each line.
    ///
    /// # Errors
    /// If it is damaged or incomplete.
    pub(super) fn skim(mut self, show: impl Fn(u64)) -> Result<(Header, Summary), BackupError> {
        loop {
            let line = self.read_line()?;
            if line.starts_with(END_START) {
                let parsed: Map<String, Value> = match serde_json::from_slice(&line) {
                    Ok(parsed) => parsed,
                    Err(error) => return Err(self.damaged(&error.to_string())),
                };
                let end = parsed.into_iter().next().map(|(_, end)| end);
                let end: End = self.parse(end.unwrap_or_default())?;
                return Ok((self.header.clone(), self.complete(end)?));
            }
            self.hash.update(&line);
            show(self.line);
        }
    }

    fn read_line(&mut self) -> Result<Vec<u8>, BackupError> {
        match read_line(&mut self.lines) {
            Ok(line) => {
                self.line += 1;
                Ok(line)
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(BackupError::Incomplete(self.file.clone(), self.line))
            }
            Err(error) => {
                self.line += 1;
                Err(self.damaged(&described(&error)))
            }
        }
    }

    fn row(&mut self, table: String, value: Value) -> Result<Entry, BackupError> {
        let Value::Object(row) = value else {
            return Err(self.damaged("its row is no object"));
        };
        while let Some(current) = self.header.tables.get(self.table) {
            if current.name == table {
                self.rows += 1;
                return Ok(Entry::Row { table, row });
            }
            self.end_table()?;
        }
        Err(self.damaged(&format!("the table {table} is not expected here")))
    }

    /// Checks the number of rows of the current table, and goes to the next one.
    fn end_table(&mut self) -> Result<(), BackupError> {
        if let Some(table) = self.header.tables.get(self.table)
            && table.rows != self.rows
        {
            let problem = format!(
                "the table {} has {} rows instead of {}",
                table.name, self.rows, table.rows
            );
            return Err(self.damaged(&problem));
        }
        self.table += 1;
        self.rows = 0;
        Ok(())
    }

    fn file_part(&mut self, value: Value) -> Result<Entry, BackupError> {
        let part: FilePart = self.parse(value)?;
        let Ok(data) = BASE64.decode(part.data.as_bytes()) else {
            return Err(self.damaged("a part of a file is not in Base64"));
        };
        let (name, bytes, hash) = self
            .current
            .get_or_insert_with(|| (part.name.clone(), 0, Context::new(&SHA256)));
        if *name != part.name {
            let problem = format!("the file {name} has no end");
            return Err(self.damaged(&problem));
        }
        *bytes += data.len() as u64;
        hash.update(&data);
        Ok(Entry::FilePart {
            name: part.name,
            data,
        })
    }

    fn file_end(&mut self, value: Value) -> Result<Entry, BackupError> {
        let end: FileEnd = self.parse(value)?;
        let empty = || (end.name.clone(), 0, Context::new(&SHA256));
        let (name, bytes, hash) = self.current.take().unwrap_or_else(empty);
        let hash = HEXLOWER.encode(hash.finish().as_ref());
        if (&name, bytes, &hash) != (&end.name, end.bytes, &end.sha256) {
            return Err(self.damaged(&format!(
                "the file {name} has not the size or hash at its end"
            )));
        }
        self.files += 1;
        self.file_bytes += bytes;
        Ok(Entry::FileEnd { name })
    }

    /// Checks the last line, and that nothing follows it.
    fn end(&mut self, value: Value) -> Result<(), BackupError> {
        let end: End = self.parse(value)?;
        while self.table < self.header.tables.len() {
            self.end_table()?;
        }
        if self.current.is_some() || (end.files, end.file_bytes) != (self.files, self.file_bytes) {
            return Err(self.damaged("the files before it have another number or size"));
        }
        self.summary = Some(self.complete(end)?);
        Ok(())
    }

    /// Checks the number and the hash of all lines, and that nothing follows the last one.
    fn complete(&mut self, end: End) -> Result<Summary, BackupError> {
        let hash = HEXLOWER.encode(self.hash.clone().finish().as_ref());
        if (end.lines, &end.sha256) != (self.line - 1, &hash) {
            return Err(self.damaged("the lines before it have another number or hash"));
        }
        match self.lines.fill_buf() {
            Ok([]) => Ok(Summary {
                files: end.files,
                file_bytes: end.file_bytes,
                missing: end.missing,
            }),
            Ok(_) => Err(self.damaged("something follows the end")),
            Err(error) => Err(self.damaged(&described(&error))),
        }
    }

    fn parse<T: DeserializeOwned>(&self, value: Value) -> Result<T, BackupError> {
        serde_json::from_value(value).map_err(|error| self.damaged(&error.to_string()))
    }

    /// Returns an error about the line that was read last.
    pub(super) fn damaged(&self, problem: &str) -> BackupError {
        BackupError::Damaged {
            file: self.file.clone(),
            line: self.line,
            problem: problem.to_owned(),
        }
    }
}

/// Returns what an error of decryption or decompression means.
fn described(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::InvalidData => "a part of it was changed or cut off".to_owned(),
        _ => error.to_string(),
    }
}

/// Reads a line with its line break.
fn read_line(lines: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    lines
        .by_ref()
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut line)?;
    match line.last() {
        Some(b'\n') => Ok(line),
        _ if line.len() as u64 == LONGEST_LINE => Err(io::Error::other("a line is too long")),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Reads the header of a version of the format that this program knows.
fn parse_header(file: &str, line: &[u8]) -> Result<Header, BackupError> {
    let none = || foreign(file, "its first line is not that of one");
    let parsed: Map<String, Value> = serde_json::from_slice(line).map_err(|_| none())?;
    let version = parsed.get("pamphlet_backup").and_then(Value::as_u64);
    match version.ok_or_else(none)? {
        known if known <= u64::from(VERSION) => serde_json::from_value(Value::Object(parsed))
            .map_err(|error| foreign(file, &error.to_string())),
        _ => Err(BackupError::Newer {
            file: file.to_owned(),
            program: text(&parsed, "program"),
            theirs: parsed
                .get("schema")
                .and_then(Value::as_i64)
                .unwrap_or_default(),
            ours: crate::store::Store::newest_schema(),
        }),
    }
}

fn text(header: &Map<String, Value>, key: &str) -> String {
    let text = header.get(key).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn foreign(file: &str, reason: &str) -> BackupError {
    BackupError::Foreign(file.to_owned(), reason.to_owned())
}

/// Returns the error about a file that can't be decrypted.
fn undecryptable(file: &str, error: DecryptError) -> BackupError {
    match error {
        DecryptError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            foreign(file, "it is too short")
        }
        DecryptError::Io(error) => BackupError::Read(file.to_owned(), error),
        DecryptError::NoMatchingKeys => {
            foreign(file, "it is encrypted for a key, not with a passphrase")
        }
        DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed
        | DecryptError::InvalidMac => BackupError::WrongPassphrase(file.to_owned()),
        DecryptError::ExcessiveWork { .. } => {
            foreign(file, "its passphrase takes more memory than a backup's may")
        }
        _ => foreign(file, "it is not encrypted by age"),
    }
}
