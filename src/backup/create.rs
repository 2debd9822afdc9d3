//! Makes a backup.

use super::{
    Passphrase, Progress, ShowProgress,
    error::BackupError,
    format::{
        Configuration, END, End, FILE, FILE_END, FileEnd, FilePart, Header, PART, TableCount,
        VERSION,
    },
    writer::LineWriter,
};
use crate::{
    base::time,
    media::Storage,
    store::{Row, Snapshot, Store, Table, Variants, now},
};
use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::{BASE64, HEXLOWER};
use futures_util::TryStreamExt;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;
use std::path::Path;

/// The number of rows after which the progress is shown.
const STEP: u64 = 100;

/// A backup that was made.
#[derive(Debug)]
pub(crate) struct Created {
    pub(crate) header: Header,
    pub(crate) files: u64,
    pub(crate) file_bytes: u64,
    /// The names of files that are missing in the folder or bucket, or shorter than the database says.
    pub(crate) missing: Vec<String>,
    /// The size of the backup.
    pub(crate) bytes: u64,
}

/// The contents of a backup beside the database.
pub(crate) struct Sources<'a> {
    /// The media files; `None` leaves them out.
    pub(crate) storage: Option<&'a Storage>,
    pub(crate) configuration: Option<Configuration>,
    pub(crate) program: &'a str,
}

/// Writes a backup to a new file, while the node goes on working.
///
/// # Errors
/// If the file exists or can't be written, or the database or a file can't be read.
pub(crate) async fn create(
    store: &Store,
    sources: Sources<'_>,
    path: &Path,
    passphrase: &Passphrase,
    progress: ShowProgress<'_>,
) -> Result<Created, BackupError> {
    let mut writer = LineWriter::begin(path, passphrase)?;
    let mut snapshot = store.snapshot().await?;
    match write_all(&mut writer, &mut snapshot, sources, progress).await {
        Ok(created) => {
            let written = writer.finish().await?;
            Ok(Created {
                bytes: written.bytes,
                ..created
            })
        }
        Err(error) => Err(writer.failure(error).await),
    }
}

async fn write_all(
    writer: &mut LineWriter,
    snapshot: &mut Snapshot,
    sources: Sources<'_>,
    progress: ShowProgress<'_>,
) -> Result<Created, BackupError> {
    let tables = snapshot.tables().to_vec();
    let header = header(snapshot, &tables, &sources).await?;
    writer.line(&header).await?;
    progress(Progress::Begin(header.rows()));
    let mut files = Vec::new();
    for table in &tables {
        write_rows(writer, snapshot, table, &mut files, progress).await?;
    }
    let mut end = End {
        lines: 0,
        files: 0,
        file_bytes: 0,
        missing: Vec::new(),
        sha256: String::new(),
    };
    if let Some(storage) = sources.storage {
        progress(Progress::Begin(files.len() as u64));
        for (name, bytes) in files {
            let written = write_file(writer, storage, &name, bytes).await?;
            if let Some(written) = written {
                end.files += 1;
                end.file_bytes += written;
            }
            if written != Some(bytes) {
                end.missing.push(name);
            }
            progress(Progress::Advance(1));
        }
    }
    (end.lines, end.sha256) = writer.summary();
    writer.line(&Line(END, &end)).await?;
    Ok(Created {
        header,
        files: end.files,
        file_bytes: end.file_bytes,
        missing: end.missing,
        bytes: 0,
    })
}

async fn header(
    snapshot: &mut Snapshot,
    tables: &[Table],
    sources: &Sources<'_>,
) -> Result<Header, BackupError> {
    let mut counts = Vec::with_capacity(tables.len());
    for table in tables {
        counts.push(TableCount {
            name: table.name.clone(),
            rows: snapshot.count(table).await?,
        });
    }
    Ok(Header {
        pamphlet_backup: VERSION,
        program: sources.program.to_owned(),
        schema: snapshot.schema(),
        database: if snapshot.is_sqlite() {
            "sqlite"
        } else {
            "postgres"
        }
        .to_owned(),
        created_at: time::rfc3339_millis(now()),
        identity: snapshot.setting("identity").await?.unwrap_or_default(),
        tables: counts,
        last_ids: snapshot.last_ids().await?,
        media: sources.storage.is_some(),
        configuration: sources.configuration.clone(),
    })
}

/// Writes the rows of a table. Adds the files of `media` with their sizes to `files`.
async fn write_rows(
    writer: &mut LineWriter,
    snapshot: &mut Snapshot,
    table: &Table,
    files: &mut Vec<(String, u64)>,
    progress: ShowProgress<'_>,
) -> Result<(), BackupError> {
    let mut rows = snapshot.rows(table);
    let mut done = 0;
    while let Some(row) = rows.try_next().await? {
        if table.name == "media" {
            files.extend(files_of(&row));
        }
        writer.line(&Line(&table.name, &row)).await?;
        done += 1;
        if done % STEP == 0 {
            progress(Progress::Advance(STEP));
        }
    }
    progress(Progress::Advance(done % STEP));
    Ok(())
}

/// Returns the names and sizes of the files that a row of `media` has, if they were not removed.
fn files_of(row: &Row) -> Vec<(String, u64)> {
    let text = |column| row.get(column).and_then(Value::as_str).unwrap_or_default();
    let is_removed = row.get("removed_at").is_some_and(|time| !time.is_null());
    let name = text("name").to_owned();
    if name.is_empty() || is_removed {
        return Vec::new();
    }
    let variants = Variants::try_from(text("variants").to_owned()).unwrap_or_default();
    let size = row.get("bytes").and_then(Value::as_u64).unwrap_or(0);
    let others = variants
        .0
        .into_iter()
        .map(|variant| (variant.name, variant.bytes.unsigned_abs()));
    std::iter::once((name, size)).chain(others).collect()
}

/// Writes a file in parts. Returns the number of its bytes; `None` if it is missing.
async fn write_file(
    writer: &mut LineWriter,
    storage: &Storage,
    name: &str,
    bytes: u64,
) -> Result<Option<u64>, BackupError> {
    let Some(mut content) = storage.read(name, 0..bytes).await? else {
        return Ok(None);
    };
    let unreadable = |error| BackupError::Media(name.to_owned(), error);
    let mut hash = Context::new(&SHA256);
    let (mut part, mut read) = (Vec::with_capacity(PART), 0);
    while let Some(mut piece) = content.try_next().await.map_err(unreadable)? {
        hash.update(&piece);
        read += piece.len() as u64;
        while part.len() + piece.len() >= PART {
            part.extend_from_slice(&piece.split_to(PART - part.len()));
            write_part(writer, name, &part).await?;
            part.clear();
        }
        part.extend_from_slice(&piece);
    }
    if !part.is_empty() {
        write_part(writer, name, &part).await?;
    }
    let end = FileEnd {
        name: name.to_owned(),
        bytes: read,
        sha256: HEXLOWER.encode(hash.finish().as_ref()),
    };
    writer.line(&Line(FILE_END, &end)).await?;
    Ok(Some(read))
}

async fn write_part(writer: &mut LineWriter, name: &str, part: &[u8]) -> Result<(), BackupError> {
    let part = FilePart {
        name: name.to_owned(),
        data: BASE64.encode(part),
    };
    writer.line(&Line(FILE, &part)).await
}

/// A line: an object with one key, which says what it is.
struct Line<'a, T>(&'a str, &'a T);

impl<T: Serialize> Serialize for Line<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.0, self.1)?;
        map.end()
    }
}
