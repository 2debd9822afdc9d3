//! Fills an empty database with an export.

use super::{format::Header, open::Source};
use crate::{
    base::private_files,
    config::{Config, permissions},
    crypto::keys::{KeyError, PrivateKey},
    exporting::{ExportError, blocking},
    media::{RestoredFiles, Storage},
    node::NodeError,
    store::{Loader, Store, new_uid, now},
};
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path, pin::pin};

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
/// checked first. Nothing is delivered. `progress` gets the numbers of pieces that are done and known, and `interruption`
/// ends it until the database begins to commit.
///
/// # Errors
/// If the export is incomplete, of a newer version or of another publication, the database has content, or a row or file
/// can't be stored, or it is interrupted. Then nothing is changed.
pub(crate) async fn import(
    config: &Config,
    storage: &Storage,
    path: &Path,
    progress: impl Fn(u64, u64),
    interruption: impl Future<Output = ()>,
) -> Result<ImportReport, ExportError> {
    let mut interruption = pin!(interruption);
    let opened = unless(interruption.as_mut(), open(config, path)).await;
    let (source, store) = opened?;
    let imported = store_all(&source, &store, storage, progress, interruption).await;
    store.close().await;
    let imported = imported?;
    // The migrations that the export lacks.
    Store::open(config.direct_database_url())
        .await?
        .close()
        .await;
    Ok(imported)
}

/// Does work, which is dropped if it is interrupted.
async fn unless<T>(
    interruption: impl Future<Output = ()>,
    work: impl Future<Output = Result<T, ExportError>>,
) -> Result<T, ExportError> {
    tokio::select! {
        biased;
        () = interruption => Err(ExportError::Interrupted),
        done = work => done,
    }
}

/// Opens an export, and the database for it.
async fn open(config: &Config, path: &Path) -> Result<(Source, Store), ExportError> {
    let folder = &config.data;
    private_files::create_folder(folder).map_err(ExportError::writing(folder))?;
    let (from, temporary) = (path.to_owned(), folder.clone());
    let source = blocking::run(move |wanted| Source::open(&from, &temporary, wanted)).await?;
    check_publication(&source.header, config)?;
    check_empty(config).await?;
    permissions::restrict(config, false);
    let store = Store::open_at(config.direct_database_url(), source.header.schema).await?;
    Ok((source, store))
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
    match Store::first_content(config.direct_database_url()).await? {
        None => Ok(()),
        Some(table) => Err(ExportError::Refused(format!(
            "the database is not empty, its table {table} has rows: name an empty one with --database-url, such as a new file"
        ))),
    }
}

/// Fills the database in one transaction, and stores the files before it is committed.
async fn store_all(
    source: &Source,
    store: &Store,
    storage: &Storage,
    progress: impl Fn(u64, u64),
    interruption: impl Future<Output = ()>,
) -> Result<ImportReport, ExportError> {
    let mut files = RestoredFiles::new(storage, &source.end.missing);
    let loaded = unless(interruption, load(source, store, &mut files, progress)).await;
    // The commit is not interrupted: nobody would know whether it was done.
    let imported = match loaded {
        Ok((loader, report)) => {
            let finished = loader.finish().await;
            finished.map(|()| report).map_err(ExportError::from)
        }
        Err(error) => Err(error),
    };
    if imported.is_err() {
        files.remove().await;
    }
    imported
}

/// Loads the rows, and stores the files.
async fn load(
    source: &Source,
    store: &Store,
    files: &mut RestoredFiles<'_>,
    progress: impl Fn(u64, u64),
) -> Result<(Loader, ImportReport), ExportError> {
    if !store.read().await?.running_workers(store).await?.is_empty() {
        return Err(ExportError::Refused(
            "a node runs on this database: stop `pamphlet serve` and `pamphlet worker` first"
                .to_owned(),
        ));
    }
    let mut loader = store.load().await?;
    check_schema(&source.header, loader.schema().await?)?;
    let media = source.media()?;
    let mut report = ImportReport {
        missing: source.end.missing.clone(),
        tables: source.header.tables.clone(),
        media: media.len() as u64,
        ..ImportReport::default()
    };
    let rows: u64 = report.tables.values().sum();
    let known = rows + report.media;
    load_rows(source, &mut loader, |done| progress(done, known)).await?;
    if !source.header.with_keys {
        report.actors_with_new_keys = make_keys(source, &mut loader).await?;
    }
    loader.skip_ids(&source.header.last_ids, 0).await?;
    for (index, (name, path)) in media.iter().enumerate() {
        files.put(name, path).await?;
        progress(rows + index as u64 + 1, known);
    }
    Ok((loader, report))
}

/// Loads the rows of all tables, each after those that it refers to.
async fn load_rows(
    source: &Source,
    loader: &mut Loader,
    progress: impl Fn(u64),
) -> Result<(), ExportError> {
    let expected = &source.header.tables;
    let tables = loader.tables().iter().map(|table| table.name.clone());
    let tables: Vec<String> = tables.collect();
    if let Some(unknown) = expected.keys().find(|name| !tables.contains(name)) {
        return Err(ExportError::Refused(format!(
            "the export has the table {unknown}, which its version of the database lacks: make a new export"
        )));
    }
    let mut done = 0;
    for table in tables.iter().filter(|table| expected.contains_key(*table)) {
        for row in source.rows(table)? {
            loader.insert(table, row?).await?;
            done += 1;
            progress(done);
        }
    }
    Ok(())
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
