//! Files of deleted articles and pages: nobody can fetch them, and they stay as long as the bin names them.

use super::{Library, LibraryError, stem_of};
use crate::{
    media,
    store::{Media, MediaUser, StoreError, Tx},
};

/// Returns the names that the files to which texts refer may have.
fn names_in(texts: &[&str]) -> Vec<String> {
    let mut stems: Vec<String> = texts
        .iter()
        .flat_map(|text| media::stems_in_text(text))
        .collect();
    stems.sort();
    stems.dedup();
    stems
        .iter()
        .flat_map(|stem| media::names_with_stem(stem))
        .collect()
}

impl Library {
    /// Hides the files to which `texts` refer, except those that something uses beside the bin.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn hide_in_bin(&self, tx: &mut Tx, texts: &[&str]) -> Result<(), StoreError> {
        let files = tx.media_by_names(&names_in(texts)).await?;
        if files.is_empty() {
            return Ok(());
        }
        let of_site = self.stems_of_site().await;
        for media in &files {
            let stem = stem_of(media);
            let uses = tx.media_uses(stem).await?;
            let is_used = uses.iter().any(|user| user.kind != MediaUser::Bin);
            if !is_used && !of_site.contains(stem) {
                tx.remove_media(&media.name).await?;
            }
        }
        Ok(())
    }

    /// Shows the files to which `texts` refer again, if they were hidden since a time.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn show_again(
        &self,
        tx: &mut Tx,
        texts: &[&str],
        since: i64,
    ) -> Result<(), StoreError> {
        tx.show_media(&names_in(texts), since).await
    }

    /// Deletes the files to which `texts` refer, hidden or not, except those that something uses.
    ///
    /// # Errors
    /// If the database or the storage fails.
    pub async fn end_in_bin(&self, texts: &[&str]) -> Result<(), LibraryError> {
        self.remove_unused_of(texts).await?;
        let names = names_in(texts);
        let known = self.store.read().await?.media_with_removed(&names).await?;
        for media in known.iter().filter(|media| media.removed_at.is_some()) {
            self.delete_hidden(media).await?;
        }
        Ok(())
    }

    async fn delete_hidden(&self, media: &Media) -> Result<(), LibraryError> {
        // While the row is locked, nobody can claim the file.
        let mut tx = self.store.begin().await?;
        if tx.lock_removed_media(&media.name).await?
            && tx.media_uses(stem_of(media)).await?.is_empty()
        {
            self.delete(media).await?;
        }
        Ok(tx.commit().await?)
    }
}
