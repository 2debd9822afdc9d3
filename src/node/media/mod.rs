//! The files at `/media/`: takes them in, finds out which are used, and removes the others.
//!
//! A file is claimed while it is stored, so that it is not removed before the text that uses it is stored too.

mod adopt;
mod binned;
mod content;

use crate::{
    config::{Config, MediaStore, Picture},
    media::{self, Kind, MediaError, Original, Prepared, PreparedFile, Storage, StorageError},
    store::{Media, MediaKind, MediaUse, MediaUser, Store, StoreError, Tx, Variant, Variants, now},
};
use std::{collections::HashSet, path::Path, sync::Arc};
use tokio::sync::Semaphore;

/// The number of rows that are read at once.
const PAGE: i64 = 200;

/// The files of a site, and their rows.
#[derive(Clone)]
pub struct Library {
    store: Store,
    storage: Storage,
    limits: media::Limits,
    /// The site's own pictures, which no row refers to.
    site_pictures: Vec<Picture>,
    /// One picture is decoded at a time, because it may take all the memory of the limit.
    decoding: Arc<Semaphore>,
}

/// The failure to take in or to remove a file.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file that can be stored: a new one, or one that is stored already.
#[derive(Debug)]
pub struct NewMedia {
    media: Media,
    /// The files to write if they are missing. A stored file has none.
    files: Vec<PreparedFile>,
}

impl NewMedia {
    /// Returns the path on this site at which the file is served.
    pub fn address(&self) -> String {
        self.media.address()
    }

    pub fn kind(&self) -> MediaKind {
        self.media.kind
    }

    /// Sets the point that stays visible when the picture is cropped.
    pub fn set_focus(&mut self, focus: (f64, f64)) {
        (self.media.focus_x, self.media.focus_y) = (Some(focus.0), Some(focus.1));
    }
}

/// Claims on stored files. They end with [`Claims::release`], or after an hour.
#[derive(Debug, Default)]
#[must_use]
pub struct Claims(Vec<String>);

impl Claims {
    /// Ends the claims in the transaction that stores the text.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn release(&self, tx: &mut Tx) -> Result<(), StoreError> {
        if self.0.is_empty() {
            return Ok(());
        }
        tx.release_media(&self.0).await
    }
}

/// Opens the storage of the configuration.
///
/// # Errors
/// If the bucket's configuration is incomplete.
pub(crate) fn storage(config: &Config) -> Result<Storage, StorageError> {
    match (&config.media.store, config.media.bucket()) {
        (MediaStore::Bucket { .. }, Some(bucket)) => Storage::bucket(&bucket),
        _ => Ok(Storage::Folder(media::folder(&config.data))),
    }
}

impl Library {
    /// Opens the storage of the configuration.
    ///
    /// # Errors
    /// If the bucket's configuration is incomplete.
    pub fn open(config: &Config, store: &Store) -> Result<Library, StorageError> {
        Ok(Library {
            store: store.clone(),
            storage: storage(config)?,
            limits: config.media.limits(),
            site_pictures: config.site.pictures().cloned().collect(),
            decoding: Arc::new(Semaphore::new(1)),
        })
    }

    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Reads a file. A new picture is decoded, which takes up to a few seconds, on a thread of its own.
    ///
    /// # Errors
    /// If the file can't be read, or is none that is taken in, or the database fails.
    pub async fn read(&self, path: &Path) -> Result<NewMedia, LibraryError> {
        let _permit = self.decoding.acquire().await;
        let (limits, path) = (self.limits, path.to_owned());
        let shown = path.display().to_string();
        let broken = |_| MediaError::Refused(shown.clone(), "can't be decoded".into());
        let original = tokio::task::spawn_blocking(move || Original::read(&path, &limits));
        let original = original.await.map_err(broken)??;
        let names = media::names_with_stem(original.stem());
        let known = self.store.read().await?.media_by_names(&names).await?;
        if let Some(media) = known.into_iter().find(|media| media.claimed_at.is_none()) {
            return Ok(NewMedia {
                media,
                files: Vec::new(),
            });
        }
        let prepared = tokio::task::spawn_blocking(move || original.prepare(&limits));
        Ok(new_media(prepared.await.map_err(broken)??))
    }

    /// Stores files, and claims them until the text that uses them is stored.
    ///
    /// # Errors
    /// If one can't be stored; then none of them stays that was not there before.
    pub async fn store(&self, files: &[&NewMedia]) -> Result<Claims, LibraryError> {
        let mut claims = Claims::default();
        if files.is_empty() {
            return Ok(claims);
        }
        // In the same order everywhere, so that two transactions never wait for each other.
        let mut files = files.to_vec();
        files.sort_by(|a, b| a.media.name.cmp(&b.media.name));
        let mut missing = Vec::new();
        let mut tx = self.store.begin().await?;
        for new in files {
            if tx.claim_media(&new.media).await? {
                missing.push(new);
            }
            claims.0.push(new.media.name.clone());
        }
        tx.commit().await?;
        for new in missing {
            if let Err(error) = self.write(new).await {
                self.give_up(&claims).await;
                return Err(error);
            }
        }
        Ok(claims)
    }

    async fn write(&self, new: &NewMedia) -> Result<(), LibraryError> {
        if new.files.is_empty() {
            let reason = "was removed a moment ago: try again";
            return Err(MediaError::Refused(new.media.name.clone(), reason.into()).into());
        }
        for file in &new.files {
            self.storage
                .put(&file.name, file.content_type, file.path())
                .await?;
        }
        Ok(())
    }

    /// Reads a file and stores it. Returns its address, with the claim on it.
    ///
    /// # Errors
    /// As [`Library::read`] and [`Library::store`].
    pub async fn take_in(&self, path: &Path) -> Result<(String, Claims), LibraryError> {
        let new = self.read(path).await?;
        let claims = self.store(&[&new]).await?;
        Ok((new.address(), claims))
    }

    /// Ends claims because the text was not stored, and removes the files that nothing else uses. An error is logged: such
    /// a file stays claimed and counts as missing, so that it is written again or removed later.
    pub async fn give_up(&self, claims: &Claims) {
        let ended = async {
            let files = self.store.read().await?.media_by_names(&claims.0).await?;
            let of_site = self.stems_of_site().await;
            for media in &files {
                let mut tx = self.store.begin().await?;
                tx.release_media(std::slice::from_ref(&media.name)).await?;
                let is_used = of_site.contains(stem_of(media))
                    || !tx.media_uses(stem_of(media)).await?.is_empty();
                if !is_used && tx.remove_media(&media.name).await? {
                    self.delete(media).await?;
                }
                tx.commit().await?;
            }
            Ok::<_, LibraryError>(())
        };
        if let Err(error) = ended.await {
            tracing::warn!(%error, "unused media files could not be removed");
        }
    }

    async fn delete(&self, media: &Media) -> Result<(), StorageError> {
        for name in media.files() {
            self.storage.delete(name).await?;
        }
        Ok(())
    }

    /// Removes the files to which `texts` refer, except those that something else uses.
    ///
    /// # Errors
    /// If the database or the storage fails.
    pub async fn remove_unused_of(&self, texts: &[&str]) -> Result<(), LibraryError> {
        let mut stems: Vec<String> = texts
            .iter()
            .flat_map(|text| media::stems_in_text(text))
            .collect();
        stems.sort();
        stems.dedup();
        let names: Vec<String> = stems
            .iter()
            .flat_map(|stem| media::names_with_stem(stem))
            .collect();
        self.remove_unused_names(&names).await
    }

    async fn remove_unused_names(&self, names: &[String]) -> Result<(), LibraryError> {
        let files = self.store.read().await?.media_by_names(names).await?;
        if files.is_empty() {
            return Ok(());
        }
        let of_site = self.stems_of_site().await;
        for media in &files {
            if !of_site.contains(stem_of(media)) {
                self.remove(media).await?;
            }
        }
        Ok(())
    }

    /// Removes a file unless something uses it or is about to. Returns whether it was removed.
    ///
    /// # Errors
    /// If the database or the storage fails.
    pub async fn remove(&self, media: &Media) -> Result<bool, LibraryError> {
        // While the row is locked, nobody can claim the file. So it is deleted within the transaction.
        let mut tx = self.store.begin().await?;
        if !tx.remove_media(&media.name).await? || !tx.media_uses(stem_of(media)).await?.is_empty()
        {
            return Ok(false);
        }
        self.delete(media).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Returns the rows that use a file, and whether the site's configuration does.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn uses(&self, media: &Media) -> Result<(Vec<MediaUse>, bool), StoreError> {
        let is_of_site = self.stems_of_site().await.contains(stem_of(media));
        let uses = self.store.read().await?.media_uses(stem_of(media)).await?;
        Ok((uses, is_of_site))
    }

    /// Finds a file by its name, that of a variant, or an address, even if it was removed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn find(&self, name: &str) -> Result<Option<Media>, StoreError> {
        let name = name.rsplit('/').next().unwrap_or(name);
        let Some(stem) = media::stem(name) else {
            return Ok(None);
        };
        let names = media::names_with_stem(stem);
        let known = self.store.read().await?.media_with_removed(&names).await?;
        Ok(known
            .into_iter()
            .find(|media| media.files().any(|file| file == name)))
    }

    /// Returns all files with whether something uses them, in the order of their names.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn all_with_use(&self) -> Result<Vec<(Media, bool)>, StoreError> {
        let mut used = self.stems_of_site().await;
        let mut conn = self.store.read().await?;
        for kind in MediaUser::ALL {
            let mut after = 0;
            loop {
                let texts = conn.media_texts(kind, after, PAGE).await?;
                let Some((last, _)) = texts.last() else { break };
                after = *last;
                used.extend(
                    texts
                        .iter()
                        .flat_map(|(_, text)| media::stems_in_text(text)),
                );
            }
        }
        let mut all = Vec::new();
        loop {
            let after = all
                .last()
                .map_or("", |(media, _): &(Media, bool)| &media.name);
            let page = conn.media_after(after, PAGE).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page.into_iter().map(|media| {
                let is_used = used.contains(stem_of(&media));
                (media, is_used)
            }));
        }
    }

    /// Returns the stems of the site's own pictures. A picture that can't be read has none.
    async fn stems_of_site(&self) -> HashSet<String> {
        let (pictures, limits) = (self.site_pictures.clone(), self.limits);
        let stems = move || {
            let of = |picture: &Picture| match picture {
                Picture::Url(url) => media::stems_in_text(url.as_str()),
                Picture::File(path) => Original::read(path, &limits)
                    .map(|original| vec![original.stem().to_owned()])
                    .unwrap_or_default(),
            };
            pictures.iter().flat_map(of).collect()
        };
        tokio::task::spawn_blocking(stems).await.unwrap_or_default()
    }
}

fn stem_of(media: &Media) -> &str {
    media::stem(&media.name).unwrap_or(&media.name)
}

fn new_media(prepared: Prepared) -> NewMedia {
    let variant = |file: &PreparedFile| {
        let (width, height) = file.size?;
        Some(Variant {
            name: file.name.clone(),
            width,
            height,
            content_type: file.content_type.to_owned(),
            bytes: file.bytes as i64,
        })
    };
    let main = prepared.main;
    let media = Media {
        name: main.name.clone(),
        kind: match prepared.kind {
            Kind::Picture => MediaKind::Picture,
            Kind::Animation => MediaKind::Animation,
            Kind::Audio => MediaKind::Audio,
            Kind::Video => MediaKind::Video,
        },
        content_type: main.content_type.to_owned(),
        width: main.size.map(|size| size.0.into()),
        height: main.size.map(|size| size.1.into()),
        blurhash: prepared.blurhash,
        focus_x: None,
        focus_y: None,
        bytes: main.bytes as i64,
        variants: Variants(prepared.variants.iter().filter_map(variant).collect()),
        created_at: now(),
        claimed_at: None,
        removed_at: None,
        alt: None,
    };
    let files = std::iter::once(main).chain(prepared.variants).collect();
    NewMedia { media, files }
}
