//! Imported short posts as notes.

use super::{Importer, addresses::Former, index::Meeting};
use crate::{
    importing::{
        ImportError,
        model::{ImportedArticle, Place},
        prepare::Ready,
        report::Fate,
    },
    publishing::{Announced, Announcement},
    store::{ChangeKind, ImportKind, ImportRecord, NewNote, Tx, now},
};

const NOTES: &str = "notes";

impl Importer<'_> {
    /// Stores a note that is new. A note that has changed in the source stays as it is here.
    pub(super) async fn store_note(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        ready: Ready<ImportedArticle>,
    ) -> Result<(), ImportError> {
        let note = &ready.item;
        let fate = match self.index.meet(ImportKind::Note, &note.key, &ready.hash) {
            Meeting::New => Fate::Added,
            Meeting::Unchanged | Meeting::Changed(_) => Fate::Unchanged,
            Meeting::Twice => {
                let message = format!("another note has the id {}", note.key);
                self.report.broken.push(place, message);
                return Ok(());
            }
        };
        if fate == Fate::Added {
            let image = note.image.as_deref().and_then(|image| self.absolute(image));
            let image = image.filter(|image| image.starts_with("/media/"));
            if image.is_none() && note.image.is_some() && !self.options.is_dry_run {
                self.warn(
                    place,
                    "its picture is missing, and a note is stored only once: it stays without",
                );
            }
            let new = NewNote {
                local_actor_id: self.node.site_id(),
                markdown: ready.text.clone(),
                content_warning: note.content_warning.clone(),
                language: self.language_of(note.language.as_deref()),
                in_reply_to: self.continued(tx, note).await?,
                reply_actor_id: None,
                image_url: image,
                image_alt: note.image_alt.clone(),
            };
            let id = match self.options.is_dry_run {
                true => self.index.fake_id(),
                false => {
                    let announcement = self.options.announcement;
                    let time = note.published_at.unwrap_or_else(now);
                    let (id, uid) = add(tx, &new, time, announcement).await?;
                    self.redirect_note(tx, note, &uid).await?;
                    id
                }
            };
            self.index.note(ImportRecord {
                kind: ImportKind::Note,
                key: note.key.clone(),
                ref_id: id,
                source_hash: ready.hash.clone(),
                stored_hash: String::new(),
                is_open: false,
                address: None,
            });
        }
        self.report.count(NOTES, fate);
        Ok(())
    }

    /// Lets the addresses of a note lead to it, if it was on a site that had this site's domain.
    async fn redirect_note(
        &self,
        tx: &mut Tx,
        note: &ImportedArticle,
        uid: &str,
    ) -> Result<(), ImportError> {
        for address in &note.former_paths {
            if !self.url_of(address).is_some_and(|url| self.is_ours(&url)) {
                continue;
            }
            if let Some(Former::Path(former) | Former::Query(former)) = self.former(address) {
                tx.add_address(&former, &format!("/notes/{uid}")).await?;
            }
        }
        Ok(())
    }

    /// Returns the id of the note that a note continues, if it came before.
    async fn continued(
        &self,
        tx: &mut Tx,
        note: &ImportedArticle,
    ) -> Result<Option<String>, ImportError> {
        let parent = note.in_reply_to.as_deref();
        let parent = parent.and_then(|key| self.index.id(ImportKind::Note, key));
        let Some(id) = parent.filter(|id| *id > 0) else {
            return Ok(None);
        };
        let parent = tx.note_by_id(id).await?;
        Ok(parent.map(|parent| self.node.urls().note(&parent.uid)))
    }
}

async fn add(
    tx: &mut Tx,
    note: &NewNote,
    time: i64,
    announcement: Announcement,
) -> Result<(i64, String), ImportError> {
    let announced = Announced::begin(tx, announcement).await?;
    let (id, uid) = tx.add_dated_note(note, time).await?;
    tx.add_change(ChangeKind::Note, &uid).await?;
    announced.end(tx).await?;
    Ok((id, uid))
}
