//! Takes over the pictures of older versions, which had only files.

use super::{Library, LibraryError};
use crate::{
    media::{self, Storage},
    store::{Media, MediaKind, Variants, now},
};
use std::{collections::HashSet, path::Path};

impl Library {
    /// Stores a row for each picture in the folder that has none.
    ///
    /// # Errors
    /// If the folder can't be read, or the database fails.
    pub async fn adopt(&self) -> Result<(), LibraryError> {
        let Storage::Folder(folder) = &self.storage else {
            return Ok(());
        };
        let names = pictures_in(folder);
        let mut conn = self.store.read().await?;
        let mut unknown: HashSet<String> = names.into_iter().collect();
        for names in unknown.clone().into_iter().collect::<Vec<_>>().chunks(500) {
            for known in conn.media_with_removed(names).await? {
                unknown.remove(&known.name);
            }
        }
        drop(conn);
        if unknown.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        for name in unknown {
            let path = folder.join(&name);
            let measured = tokio::task::spawn_blocking(move || image::image_dimensions(path).ok());
            let size = measured.await.ok().flatten();
            let bytes = tokio::fs::metadata(folder.join(&name)).await;
            let media = Media {
                kind: MediaKind::Picture,
                content_type: mime_guess::from_path(&name)
                    .first_or_octet_stream()
                    .to_string(),
                width: size.map(|size| size.0.into()),
                height: size.map(|size| size.1.into()),
                blurhash: None,
                focus_x: None,
                focus_y: None,
                bytes: bytes.map_or(0, |metadata| metadata.len() as i64),
                variants: Variants::default(),
                created_at: now(),
                claimed_at: None,
                removed_at: None,
                alt: None,
                name,
            };
            tx.adopt_media(&media).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Returns the names of the pictures in a folder, without variants.
fn pictures_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let name =
        |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    let is_picture = |name: &String| {
        let extension = Path::new(name)
            .extension()
            .and_then(|extension| extension.to_str());
        media::stem(name).is_some()
            && !name.contains('-')
            && extension.is_some_and(|extension| ["jpg", "png", "webp"].contains(&extension))
    };
    entries.filter_map(name).filter(is_picture).collect()
}
