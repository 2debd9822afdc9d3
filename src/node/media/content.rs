//! Reads stored pictures for the program itself.

use super::{Library, LibraryError};
use crate::{
    media::StorageError,
    store::{Media, StoreError},
};
use futures_util::TryStreamExt;

impl Library {
    /// Returns the row of a stored file, unless it was removed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn row(&self, name: &str) -> Result<Option<Media>, StoreError> {
        let names = [name.to_owned()];
        let found = self.store.read().await?.media_by_names(&names).await?;
        Ok(found.into_iter().next())
    }

    /// Reads a whole file. Returns `None` if there is no row of that name, or the file is missing.
    ///
    /// # Errors
    /// If the database or the storage fails.
    pub async fn content(&self, name: &str) -> Result<Option<Vec<u8>>, LibraryError> {
        let Some(row) = self.row(name).await? else {
            return Ok(None);
        };
        let length = u64::try_from(row.bytes).unwrap_or_default();
        let Some(parts) = self.storage.read(name, 0..length).await? else {
            return Ok(None);
        };
        let content = parts.try_fold(Vec::new(), async |mut all, part| {
            all.extend_from_slice(&part);
            Ok(all)
        });
        let content = content.await;
        let unreadable = |error| StorageError::Folder(name.to_owned(), error);
        Ok(Some(content.map_err(unreadable)?))
    }
}
