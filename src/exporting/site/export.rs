//! Writes an export: everything as it is at one moment, while the node goes on working.

use super::{
    format::{CONTENT, END, End, HEADER, Header, MEDIA, VERSION, data_file},
    markdown::{self, Facts},
    tables,
    target::{Target, workspace},
};
use crate::{
    base::time,
    exporting::{ExportError, Overwrite},
    media::{self, Storage},
    store::{Row, Snapshot, Store, Table, Variants, now},
};
use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, BufWriter, Seek, Write},
    path::Path,
};

/// The number of rows after which an interruption is noticed.
const STEP: u64 = 100;

/// The contents of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SiteOptions {
    /// Whether it has the private keys of the actors, and the secret with which links are signed.
    pub with_keys: bool,
    /// Whether it has mail addresses of guests, and the log of moderation.
    pub with_private: bool,
}

/// The result of an export.
#[derive(Debug, Default)]
pub(crate) struct ExportReport {
    /// The number of rows of each table.
    pub tables: BTreeMap<String, u64>,
    pub media: u64,
    /// The names of media files that are missing, or have another size than the database says.
    pub missing: Vec<String>,
    /// The number of deliveries that wait here, and will not be sent by the other machine.
    pub waiting_deliveries: u64,
}

/// The rows of the tables, each in a file of its own, with its length, until the export is put together.
struct Rows {
    files: Vec<(String, File, u64)>,
    counts: BTreeMap<String, u64>,
    facts: Facts,
    media: BTreeMap<String, u64>,
}

/// Writes an export. `progress` gets the numbers of pieces that are done and known.
///
/// # Errors
/// If it exists or can't be written, or the database or a media file can't be read.
pub(crate) async fn export(
    store: &Store,
    storage: &Storage,
    path: &Path,
    overwrite: Overwrite,
    options: SiteOptions,
    progress: impl Fn(u64, u64),
) -> Result<ExportReport, ExportError> {
    let mut target = Target::begin(path, overwrite, now().unsigned_abs() / 1000)?;
    let mut snapshot = store.snapshot().await?;
    let tables = snapshot.tables().to_vec();
    let rows = read_rows(&mut snapshot, &tables, path, options, &progress).await?;
    let header = Header {
        pamphlet_site: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema: snapshot.schema(),
        exported_at: time::rfc3339_millis(now()),
        identity: snapshot.setting("identity").await?.unwrap_or_default(),
        with_keys: options.with_keys,
        with_private: options.with_private,
        tables: rows.counts.clone(),
        last_ids: snapshot.last_ids().await?,
    };
    add_json(&mut target, HEADER, &header)?;
    for (table, file, length) in rows.files {
        target = target.add_file(data_file(&table), file, length).await?;
    }
    add_texts(&mut target, &mut snapshot, &tables, &rows.facts).await?;
    let waiting_deliveries = snapshot.count_waiting_deliveries().await?;
    snapshot.close().await?;
    let known = tables.len() as u64 + rows.media.len() as u64;
    let mut end = End::default();
    for (name, bytes) in &rows.media {
        let mut found = None;
        if let Some((file, length)) = read_media(storage, name, *bytes, path).await? {
            target = target
                .add_file(format!("{MEDIA}/{name}"), file, length)
                .await?;
            end.media += 1;
            found = Some(length);
        }
        if found != Some(*bytes) {
            end.missing.push(name.clone());
        }
        progress(tables.len() as u64 + end.media, known);
    }
    add_json(&mut target, END, &end)?;
    target.finish()?;
    Ok(ExportReport {
        tables: rows.counts,
        media: end.media,
        missing: end.missing,
        waiting_deliveries,
    })
}

fn add_json(target: &mut Target, name: &str, value: &impl Serialize) -> Result<(), ExportError> {
    let mut text = serde_json::to_vec_pretty(value)
        .map_err(|error| ExportError::Unwritable(name.to_owned(), error.into()))?;
    text.push(b'\n');
    target.add(name, &text)
}

async fn read_rows(
    snapshot: &mut Snapshot,
    tables: &[Table],
    path: &Path,
    options: SiteOptions,
    progress: &impl Fn(u64, u64),
) -> Result<Rows, ExportError> {
    let mut rows = Rows {
        files: Vec::new(),
        counts: BTreeMap::new(),
        facts: Facts::default(),
        media: BTreeMap::new(),
    };
    let folder = workspace(path);
    for (index, table) in tables.iter().enumerate() {
        if !tables::is_exported(&table.name, options) {
            continue;
        }
        // Rows are private, and may be more than the memory holds. A file without a name ends with the program.
        let file = tempfile::tempfile_in(folder);
        let mut file = BufWriter::new(file.map_err(ExportError::writing(path))?);
        let mut count = 0;
        let mut stored = snapshot.rows(table);
        while let Some(row) = stored.next().await {
            let Some(mut row) = tables::exported(&table.name, row?, options) else {
                continue;
            };
            // The databases have their columns in different orders.
            row.sort_keys();
            rows.facts.note(&table.name, &row);
            if table.name == "media" {
                note_files(&mut rows.media, &row);
            }
            let line = serde_json::to_writer(&mut file, &row).map_err(io::Error::from);
            let line = line.and_then(|()| file.write_all(b"\n"));
            line.map_err(ExportError::writing(path))?;
            count += 1;
            if count % STEP == 0 {
                // The database may always have the next row ready.
                tokio::task::yield_now().await;
            }
        }
        drop(stored);
        let file = file.into_inner().map_err(io::IntoInnerError::into_error);
        let file = file.and_then(|mut file| {
            let length = file.stream_position()?;
            file.rewind()?;
            Ok((file, length))
        });
        let (file, length) = file.map_err(ExportError::writing(path))?;
        rows.files.push((table.name.clone(), file, length));
        rows.counts.insert(table.name.clone(), count);
        progress(index as u64 + 1, tables.len() as u64);
    }
    Ok(rows)
}

/// Remembers the files of a row of `media`, with their sizes.
pub(super) fn note_files(files: &mut BTreeMap<String, u64>, row: &Row) {
    if row.get("removed_at").is_some_and(|time| !time.is_null()) {
        return;
    }
    let bytes = |value: Option<&Value>| value.and_then(Value::as_i64).unwrap_or_default();
    let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
    files.insert(name.to_owned(), bytes(row.get("bytes")).unsigned_abs());
    let variants = row.get("variants").and_then(Value::as_str).unwrap_or("[]");
    let variants = Variants::try_from(variants.to_owned()).unwrap_or_default();
    for variant in variants.0 {
        files.insert(variant.name, variant.bytes.unsigned_abs());
    }
}

/// Adds the articles and pages as Markdown.
async fn add_texts(
    target: &mut Target,
    snapshot: &mut Snapshot,
    tables: &[Table],
    facts: &Facts,
) -> Result<(), ExportError> {
    // Dates of articles need not differ in what their files are called.
    let mut known = BTreeSet::new();
    for table in tables {
        let to_file: &dyn Fn(&Row) -> Option<(String, String)> = match table.name.as_str() {
            "articles" => &|row: &Row| facts.article(row),
            "pages" => &markdown::page,
            _ => continue,
        };
        let mut rows = snapshot.rows(table);
        while let Some(row) = rows.try_next().await? {
            if let Some((path, text)) = to_file(&row)
                && known.insert(path.clone())
            {
                target.add(&format!("{CONTENT}{path}"), text.as_bytes())?;
                tokio::task::yield_now().await;
            }
        }
    }
    Ok(())
}

/// Reads a media file into one without a name. Returns it with its length; `None` if it is missing.
async fn read_media(
    storage: &Storage,
    name: &str,
    bytes: u64,
    path: &Path,
) -> Result<Option<(File, u64)>, ExportError> {
    if media::stem(name).is_none() {
        return Ok(None);
    }
    let Some(mut content) = storage.read(name, 0..bytes).await? else {
        return Ok(None);
    };
    // The length stands before the content in an archive, and the storage may have another one than the database.
    let file = tempfile::tempfile_in(workspace(path));
    let mut file = file.map_err(ExportError::writing(path))?;
    while let Some(part) = content.next().await {
        let part =
            part.map_err(|error| ExportError::Unreadable(format!("/media/{name}"), error))?;
        file.write_all(&part).map_err(ExportError::writing(path))?;
    }
    let length = file
        .stream_position()
        .and_then(|length| file.rewind().map(|()| length));
    Ok(Some((file, length.map_err(ExportError::writing(path))?)))
}
