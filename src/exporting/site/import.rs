//! Fills an empty database with an export.

use super::{format::Header, open::Source};
use crate::{
    base::private_files,
    config::{Config, permissions},
    crypto::keys::{KeyError, PrivateKey},
    exporting::ExportError,
    media::Storage,
    node::NodeError,
    store::{Loader, Store, new_uid, now},
};
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path};

/// The result of an import.
#[derive(Debug, Default)]
pub(crate) struct ImportReport {
    /// The number of rows of each table.
    pub tables: BTreeMap<String, u64>,
    pub media: u64,
    /// The names of media files that the export lacks.
    pub missing: Vec<String>,
    /// The number of actors that got new keys, because the export has none.
    pub actors_with_new_keys: u64,
}

/// Stores an export in the empty database of a configuration, in one transaction, and its files in `storage`. The export is
/// checked first. Nothing is delivered. `progress` gets the numbers of pieces that are done and known.
///
/// # Errors
/// If the export is incomplete, of a newer version or of another publication, the database has content, or a row or file
/// can't be stored. Then nothing is changed.
pub(crate) async fn import(
    config: &Config,
    storage: &Storage,
    path: &Path,
    progress: impl Fn(u64, u64),
) -> Result<ImportReport, ExportError> {
    let folder = &config.data;
    private_files::create_folder(folder).map_err(ExportError::writing(folder))?;
    let source = Source::open(path, folder)?;
    check_publication(&source.header, config)?;
    check_empty(config).await?;
    permissions::restrict(config, false);
    let store = Store::open_at(&config.database_url, source.header.schema).await?;
    let imported = store_all(&source, &store, storage, progress).await;
    store.close().await;
    let imported = imported?;
    // The migrations that the export lacks.
    Store::open(&config.database_url).await?.close().await;
    Ok(imported)
}

/// Refuses an export of another publication, or of a newer version.
fn check_publication(header: &Header, config: &Config) -> Result<(), ExportError> {
    let (theirs, ours) = (&header.identity, config.identity());
    if *theirs != ours {
        return Err(ExportError::Refused(format!(
            "the export is of {theirs}, and the configuration of {ours}: set `public_url`, `domain` and `site.username` as they \
             were"
        )));
    }
    if header.schema > Store::newest_schema() {
        return Err(ExportError::Refused(format!(
            "the export is of a newer version of Pamphlet ({}): install that version or a newer one to import it",
            header.program
        )));
    }
    Ok(())
}

/// Refuses a database with the tables of a newer version: rows of older ones do not fit them.
fn check_schema(header: &Header, schema: i64) -> Result<(), ExportError> {
    if header.schema == schema {
        return Ok(());
    }
    Err(ExportError::Refused(format!(
        "the database has tables of another version than the export ({schema} instead of {}): name a database that does not \
         exist yet, or has no tables, with --database-url",
        header.schema
    )))
}

/// Refuses a database with content, before it is opened and so migrated.
async fn check_empty(config: &Config) -> Result<(), ExportError> {
    if config.lacks_database_file() {
        return Ok(());
    }
    match Store::first_content(&config.database_url).await? {
        None => Ok(()),
        Some(table) => Err(ExportError::Refused(format!(
            "the database is not empty, its table {table} has rows: name an empty one with --database-url, such as a new file"
        ))),
    }
}

async fn store_all(
    source: &Source,
    store: &Store,
    storage: &Storage,
    progress: impl Fn(u64, u64),
) -> Result<ImportReport, ExportError> {
    if !store.read().await?.running_workers(store).await?.is_empty() {
        return Err(ExportError::Refused(
            "a node runs on this database: stop `pamphlet serve` and `pamphlet worker` first"
                .to_owned(),
        ));
    }
    let mut loader = store.load().await?;
    check_schema(&source.header, loader.schema().await?)?;
    let mut report = ImportReport {
        missing: source.end.missing.clone(),
        tables: source.header.tables.clone(),
        ..ImportReport::default()
    };
    let files = source.media()?;
    let rows: u64 = source.header.tables.values().sum();
    let known = rows + files.len() as u64;
    let mut done = 0;
    let tables = loader.tables().iter().map(|table| table.name.clone());
    let tables: Vec<String> = tables.collect();
    if let Some(unknown) = report.tables.keys().find(|name| !tables.contains(name)) {
        return Err(ExportError::Refused(format!(
            "the export has the table {unknown}, which its version of the database lacks: make a new export"
        )));
    }
    for table in tables
        .iter()
        .filter(|table| report.tables.contains_key(*table))
    {
        for row in source.rows(table)? {
            loader.insert(table, row?).await?;
            done += 1;
            progress(done, known);
        }
    }
    if !source.header.with_keys {
        report.actors_with_new_keys = make_keys(source, &mut loader).await?;
    }
    loader.skip_ids(&source.header.last_ids, 0).await?;
    report.media = files.len() as u64;
    let mut written = Vec::new();
    let stored = async {
        for (name, path) in files {
            put(storage, &name, &path, &mut written).await?;
            done += 1;
            progress(done, known);
        }
        loader.finish().await?;
        Ok::<(), ExportError>(())
    };
    if let Err(error) = stored.await {
        remove(storage, &written).await;
        return Err(error);
    }
    Ok(report)
}

/// Stores a media file. Adds its name to `written` if there was none: an existing file may be another node's, in the same
/// bucket.
async fn put(
    storage: &Storage,
    name: &str,
    path: &Path,
    written: &mut Vec<String>,
) -> Result<(), ExportError> {
    if storage.read(name, 0..1).await?.is_none() {
        written.push(name.to_owned());
    }
    let kind = mime_guess::from_path(name).first_raw();
    let kind = kind.unwrap_or("application/octet-stream");
    storage.put(name, kind, path).await?;
    Ok(())
}

/// Removes the files of an import that failed.
async fn remove(storage: &Storage, names: &[String]) {
    for name in names {
        // The failure that came first is reported.
        let _ = storage.delete(name).await;
    }
}

/// Makes new keys for all actors, under new names, so that servers notice that they have to fetch them. Returns the number
/// of actors.
async fn make_keys(source: &Source, loader: &mut Loader) -> Result<u64, ExportError> {
    let mut actors = Vec::new();
    for row in source.rows("local_actors")? {
        actors.extend(row?.get("id").and_then(Value::as_i64));
    }
    let mark = &new_uid()[..8];
    let mut id = 0;
    for actor in &actors {
        let made = tokio::task::spawn_blocking(|| {
            let rsa = PrivateKey::generate_rsa()?.to_pkcs8_der()?;
            let ed25519 = PrivateKey::generate_ed25519()?.to_pkcs8_der()?;
            Ok::<_, KeyError>([("rsa", rsa), ("ed25519", ed25519)])
        });
        let made = made
            .await
            .map_err(|error| NodeError::Client(error.to_string()))?;
        for (algorithm, key) in made.map_err(NodeError::from)? {
            id += 1;
            let row = json!({
                "id": id,
                "local_actor_id": actor,
                "algorithm": algorithm,
                "name": format!("{algorithm}-{mark}"),
                "pkcs8": BASE64.encode(&key),
                "created_at": now(),
                "replaced_at": null,
                "last_activity_id": null,
            });
            if let Value::Object(row) = row {
                loader.insert("local_keys", row).await?;
            }
        }
    }
    Ok(actors.len() as u64)
}
