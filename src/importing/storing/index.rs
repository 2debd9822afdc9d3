//! The records of earlier imports of the source, and of this one.

use crate::{
    importing::ImportError,
    store::{Conn, ImportKind, ImportRecord, Tx},
};
use std::collections::HashMap;

/// The number of records that are read at once.
const BATCH: i64 = 1000;

/// An imported item.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// The id of its row. In a dry run, what would be new has a negative one.
    pub(super) id: i64,
    source_hash: String,
    pub(super) stored_hash: String,
    address: Option<String>,
    /// Whether files of it are still missing.
    is_open: bool,
    /// Whether this import met it already.
    is_met: bool,
}

/// The state of an item of the source.
pub(super) enum Meeting {
    New,
    /// It is as it was in the last import.
    Unchanged,
    /// The source has changed it.
    Changed(Known),
    /// This import met another item with the same key.
    Twice,
}

/// All imported items of a source.
#[derive(Default)]
pub(super) struct Index {
    kinds: HashMap<&'static str, HashMap<String, Known>>,
    /// Records that are saved with the current transaction, by kind and key.
    pending: HashMap<(&'static str, String), ImportRecord>,
    fakes: i64,
}

impl Index {
    pub(super) async fn read(conn: &mut Conn, source: &str) -> Result<Index, ImportError> {
        let mut index = Index::default();
        let mut after = (String::new(), String::new());
        loop {
            let records = conn
                .import_records(source, (&after.0, &after.1), BATCH)
                .await?;
            let Some(last) = records.last() else {
                return Ok(index);
            };
            after = (last.kind.as_str().to_owned(), last.key.clone());
            for record in records {
                let known = Known {
                    id: record.ref_id,
                    source_hash: record.source_hash,
                    stored_hash: record.stored_hash,
                    address: record.address,
                    is_open: record.is_open,
                    is_met: false,
                };
                let of_kind = index.kinds.entry(record.kind.as_str()).or_default();
                of_kind.insert(record.key, known);
            }
        }
    }

    /// Returns the id of an item's row.
    pub(super) fn id(&self, kind: ImportKind, key: &str) -> Option<i64> {
        self.get(kind, key).map(|known| known.id)
    }

    /// Returns the id of an item's row, if files of it are still missing.
    pub(super) fn open_id(&self, kind: ImportKind, key: &str) -> Option<i64> {
        let known = self.get(kind, key).filter(|known| known.is_open);
        known.map(|known| known.id)
    }

    /// Returns the key of the item that has a row.
    pub(super) fn key_of(&self, kind: ImportKind, id: i64) -> Option<&str> {
        let of_kind = self.kinds.get(kind.as_str())?;
        let found = of_kind.iter().find(|(_, known)| known.id == id);
        found.map(|(key, _)| key.as_str())
    }

    /// Returns the address of a file here.
    pub(super) fn address(&self, key: &str) -> Option<&str> {
        self.get(ImportKind::File, key)?.address.as_deref()
    }

    fn get(&self, kind: ImportKind, key: &str) -> Option<&Known> {
        self.kinds.get(kind.as_str())?.get(key)
    }

    /// Notes that the source has an item, and returns what is known of it.
    pub(super) fn meet(&mut self, kind: ImportKind, key: &str, source_hash: &str) -> Meeting {
        let of_kind = self.kinds.entry(kind.as_str()).or_default();
        let Some(known) = of_kind.get_mut(key) else {
            return Meeting::New;
        };
        if std::mem::replace(&mut known.is_met, true) {
            return Meeting::Twice;
        }
        match known.source_hash == source_hash {
            true => Meeting::Unchanged,
            false => Meeting::Changed(known.clone()),
        }
    }

    /// Notes what was stored of an item. It is saved with the current transaction.
    pub(super) fn note(&mut self, record: ImportRecord) {
        let known = Known {
            id: record.ref_id,
            source_hash: record.source_hash.clone(),
            stored_hash: record.stored_hash.clone(),
            address: record.address.clone(),
            is_open: record.is_open,
            is_met: true,
        };
        let kind = record.kind.as_str();
        let of_kind = self.kinds.entry(kind).or_default();
        of_kind.insert(record.key.clone(), known);
        self.pending.insert((kind, record.key.clone()), record);
    }

    /// Saves what was noted since the last transaction.
    pub(super) async fn save(&mut self, tx: &mut Tx, source: &str) -> Result<(), ImportError> {
        let records: Vec<ImportRecord> = self.pending.drain().map(|(_, record)| record).collect();
        Ok(tx.save_imports(source, &records).await?)
    }

    /// Forgets what was noted, because nothing is stored.
    pub(super) fn forget(&mut self) {
        self.pending.clear();
    }

    /// Returns an id for something that a dry run does not store.
    pub(super) fn fake_id(&mut self) -> i64 {
        self.fakes -= 1;
        self.fakes
    }
}
