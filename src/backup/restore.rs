//! Restores a backup into an empty database, and its files into the folder or bucket of the configuration.

use super::{
    Passphrase, Progress, ShowProgress,
    contents::Contents,
    error::{BackupError, shown},
    format::Header,
    reader::Entry,
    verify::{Verified, verify_file},
};
use crate::{
    base::time::parse_rfc3339,
    config::{Config, permissions},
    media::{self, RestoredFiles, Storage},
    store::{Loader, Store, StoreError, now},
};
use std::{io::Write, path::Path};
use tempfile::NamedTempFile;
use url::Url;

/// The number of row ids that each table leaves out, and as many again for each hour since the backup. Rows that were stored
/// after it may have had them, also those after an earlier restoration, and links in mails name them.
const SKIPPED_IDS: i64 = 10_000;
/// The number of comments that each article leaves out, and as many again for each day, since their numbers are in
/// addresses that others know.
const SKIPPED_NUMBERS: i64 = 100;
/// The greatest number of hours that counts, 20 years: a clock can be wrong.
const MOST_HOURS: i64 = 20 * 365 * 24;
/// The number of rows after which the progress is shown.
const STEP: u64 = 100;

/// A backup that was restored.
#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) header: Header,
    pub(crate) files: u64,
    pub(crate) file_bytes: u64,
    /// The names of files that were missing when the backup was made.
    pub(crate) missing: Vec<String>,
    /// The number of deliveries, and of mails and webhook calls, that wait now.
    pub(crate) deliveries: u64,
    pub(crate) messages: u64,
    /// The number of texts whose NUL characters were replaced, because PostgreSQL can't store them.
    pub(crate) replaced: u64,
}

/// Restores a backup into the database and the media storage of a configuration. The backup is read twice: nothing is
/// changed before all of it was checked. If something fails afterwards, the database stays empty. `interruption` ends it
/// until the database begins to commit.
///
/// # Errors
/// If the backup can't be restored there: see [`BackupError`].
pub(crate) async fn restore(
    config: &Config,
    storage: &Storage,
    path: &Path,
    passphrase: &Passphrase,
    progress: ShowProgress<'_>,
    interruption: impl Future<Output = ()>,
) -> Result<Restored, BackupError> {
    let database = shown_database(&config.database_url);
    refuse_occupied(config, &database).await?;
    let verified = tokio::task::block_in_place(|| verify_file(path, passphrase, progress))?;
    refuse_other_identity(config, &verified.header)?;
    let store = open(config, verified.header.schema).await?;
    let source = Source { path, passphrase };
    let files = Files {
        folder: &config.data,
        current: None,
        stored: RestoredFiles::new(storage, &verified.missing),
    };
    let restored = load(
        &store,
        files,
        source,
        &verified,
        &database,
        progress,
        interruption,
    );
    let restored = restored.await;
    store.close().await;
    let restored = restored?;
    // Migrations that are newer than the backup.
    Store::open(config.direct_database_url())
        .await?
        .close()
        .await;
    Ok(restored)
}

/// Refuses a database with content, before it is opened and so migrated.
async fn refuse_occupied(config: &Config, database: &str) -> Result<(), BackupError> {
    if config.lacks_database_file() {
        return Ok(());
    }
    match Store::first_content(config.direct_database_url()).await? {
        None => Ok(()),
        Some(table) => Err(BackupError::Occupied {
            database: database.to_owned(),
            table,
        }),
    }
}

fn refuse_other_identity(config: &Config, header: &Header) -> Result<(), BackupError> {
    let ours = config.identity();
    if header.identity.is_empty() || header.identity == ours {
        return Ok(());
    }
    Err(BackupError::OtherIdentity {
        theirs: header.identity.clone(),
        ours,
    })
}

async fn open(config: &Config, schema: i64) -> Result<Store, BackupError> {
    crate::base::private_files::create_folder(&config.data)
        .map_err(|error| BackupError::Write(shown(&config.data), error))?;
    permissions::restrict(config, false);
    Ok(Store::open_at(config.direct_database_url(), schema).await?)
}

/// The file that is restored.
#[derive(Clone, Copy)]
struct Source<'a> {
    path: &'a Path,
    passphrase: &'a Passphrase,
}

/// Fills the database in one transaction, and stores the files before it is committed.
async fn load(
    store: &Store,
    mut files: Files<'_>,
    source: Source<'_>,
    verified: &Verified,
    database: &str,
    progress: ShowProgress<'_>,
    interruption: impl Future<Output = ()>,
) -> Result<Restored, BackupError> {
    let running = store.read().await?.running_workers(store).await?;
    if !running.is_empty() {
        return Err(BackupError::Running(database.to_owned()));
    }
    let header = &verified.header;
    let mut loader = store.load().await?;
    let schema = loader.schema().await?;
    if schema != header.schema {
        return Err(BackupError::NewerDatabase {
            database: database.to_owned(),
            theirs: schema,
            ours: header.schema,
        });
    }
    progress(Progress::Begin(header.rows() + verified.files));
    // The commit is not interrupted: nobody would know whether it was done.
    let loaded = tokio::select! {
        biased;
        () = interruption => Err(BackupError::Stopped),
        loaded = load_entries(&mut loader, source, &mut files, progress) => loaded,
    };
    let finished = match loaded {
        Ok(()) => finish(loader, header).await,
        Err(error) => Err(error),
    };
    match finished {
        Ok((messages, replaced, deliveries)) => Ok(Restored {
            header: header.clone(),
            files: verified.files,
            file_bytes: verified.file_bytes,
            missing: verified.missing.clone(),
            deliveries,
            messages,
            replaced,
        }),
        Err(error) => {
            files.stored.remove().await;
            Err(error)
        }
    }
}

async fn load_entries(
    loader: &mut Loader,
    source: Source<'_>,
    files: &mut Files<'_>,
    progress: ShowProgress<'_>,
) -> Result<(), BackupError> {
    let mut contents = Contents::open(source.path, source.passphrase).await?;
    let mut rows = 0;
    while let Some(entry) = contents.next().await {
        match entry {
            Entry::Row { table, row } => {
                loader.insert(&table, row).await?;
                rows += 1;
                if rows % STEP == 0 {
                    progress(Progress::Advance(STEP));
                }
            }
            Entry::FilePart { name, data } => files.write(&name, &data)?,
            Entry::FileEnd { name } => {
                files.end(name).await?;
                progress(Progress::Advance(1));
            }
        }
    }
    contents.end().await?;
    Ok(())
}

/// Compares the numbers of rows, gives up what belonged to the former process, and commits. Returns the number of messages
/// that wait, of texts that were changed, and of deliveries that wait.
async fn finish(mut loader: Loader, header: &Header) -> Result<(u64, u64, u64), BackupError> {
    for table in &header.tables {
        let rows = loader.count(&table.name).await?;
        if rows != table.rows {
            let problem = format!(
                "the table {} has {rows} rows after the restoration instead of {}",
                table.name, table.rows
            );
            return Err(StoreError::Value(problem).into());
        }
    }
    let deliveries = loader.count_waiting_deliveries().await?;
    // Readers see the numbers of comments, so they jump less often.
    let hours = hours_since(&header.created_at, now());
    let messages = loader.reset(SKIPPED_NUMBERS * (1 + hours / 24)).await?;
    loader
        .skip_ids(&header.last_ids, SKIPPED_IDS * (1 + hours))
        .await?;
    loader.hold_deliveries().await?;
    let replaced = loader.replaced();
    loader.finish().await?;
    Ok((messages, replaced, deliveries))
}

/// Returns the whole hours from a time in RFC 3339 to another one.
fn hours_since(time: &str, now: i64) -> i64 {
    const HOUR: i64 = 60 * 60 * 1000;
    let made = parse_rfc3339(time).map_or(0, |time| time.timestamp_millis());
    ((now - made) / HOUR).clamp(0, MOST_HOURS)
}

/// The files that are being stored, one after another.
struct Files<'a> {
    /// The folder for temporary files. The system's own folder for them may be small.
    folder: &'a Path,
    current: Option<NamedTempFile>,
    stored: RestoredFiles<'a>,
}

impl Files<'_> {
    fn write(&mut self, name: &str, data: &[u8]) -> Result<(), BackupError> {
        let failed = |error| BackupError::Media(name.to_owned(), error);
        let file = match &mut self.current {
            Some(file) => file,
            none => none
                .insert(NamedTempFile::with_prefix_in(".pamphlet-", self.folder).map_err(failed)?),
        };
        file.write_all(data).map_err(failed)
    }

    async fn end(&mut self, name: String) -> Result<(), BackupError> {
        // A name that is none of ours could lead out of the folder.
        if media::stem(&name).is_none() {
            let problem = format!("the media file {name:?} has a name that no file can have");
            return Err(StoreError::Value(problem).into());
        }
        self.write(&name, &[])?;
        match self.current.take() {
            Some(file) => Ok(self.stored.put(&name, file.path()).await?),
            None => Ok(()),
        }
    }
}

/// Returns a database's URL for messages, without its password.
fn shown_database(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut url) if !url.scheme().starts_with("sqlite") => {
            let _ = url.set_password(None);
            url.to_string()
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_a_backup_is_in_whole_hours_and_has_a_limit() {
        let now = parse_rfc3339("2027-01-31T18:30:00Z").unwrap();
        let hours = |time: &str| hours_since(time, now.timestamp_millis());
        assert_eq!(hours("2027-01-31T18:00:00.000Z"), 0);
        assert_eq!(hours("2027-01-30T18:00:00.000Z"), 24);
        assert_eq!(hours("2027-02-01T18:00:00.000Z"), 0);
        assert_eq!(hours("yesterday"), MOST_HOURS);
    }
}
