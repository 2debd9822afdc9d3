//! The rows of `media`: files that are served at `/media/{name}`.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_optional, now, text_enum, to_json,
};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

/// The time after which a claim counts as left behind by a crash, in milliseconds.
const CLAIM: i64 = 60 * 60 * 1000;

text_enum! {
    /// The kind of a file.
    pub enum MediaKind ("kind of media") {
        Picture = "picture",
        /// A GIF or WebP file that moves. Its variants are still pictures.
        Animation = "animation",
        Audio = "audio",
        Video = "video",
    }
}

/// A row of `media`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Media {
    /// The file's name: it is served at `/media/{name}`.
    pub name: String,
    pub kind: MediaKind,
    pub content_type: String,
    /// The width in pixels; `None` for audio and video, as the height and the blurhash.
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub blurhash: Option<String>,
    /// The point that stays visible when the picture is cropped, from -1 (left) to 1 (right), and from -1 (bottom) to 1
    /// (top).
    pub focus_x: Option<f64>,
    pub focus_y: Option<f64>,
    /// The size of the file.
    pub bytes: i64,
    /// The same picture in other sizes and formats, widest first.
    #[sqlx(try_from = "String")]
    pub variants: Variants,
    pub created_at: i64,
    /// The time at which something that uses the file began to be stored.
    pub claimed_at: Option<i64>,
    /// The time at which the file was deleted, because nothing used it.
    pub removed_at: Option<i64>,
    /// The description of a picture, which clients of the API offer for texts.
    pub alt: Option<String>,
}

/// A picture in another size or format, served at `/media/{name}` too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    pub name: String,
    pub width: u32,
    pub height: u32,
    pub content_type: String,
    pub bytes: i64,
}

/// The variants of a picture, stored as a JSON list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Variants(pub Vec<Variant>);

impl TryFrom<String> for Variants {
    type Error = serde_json::Error;

    fn try_from(text: String) -> std::result::Result<Self, serde_json::Error> {
        serde_json::from_str(&text)
    }
}

impl Media {
    /// Returns the path at which the file is served.
    pub fn address(&self) -> String {
        format!("/media/{}", self.name)
    }

    /// Returns the width and height of a picture in pixels.
    pub fn size(&self) -> Option<(u32, u32)> {
        let side = |side: Option<i64>| side.and_then(|side| u32::try_from(side).ok());
        Some((side(self.width)?, side(self.height)?))
    }

    /// Returns the names of all files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let variants = self.variants.0.iter().map(|variant| variant.name.as_str());
        std::iter::once(self.name.as_str()).chain(variants)
    }
}

impl Conn {
    /// Returns the files with these names that were not removed, in no particular order.
    pub async fn media_by_names(&mut self, names: &[String]) -> Result<Vec<Media>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let names = to_json(names);
        fetch_all!(
            self,
            texts(
                "SELECT * FROM media WHERE removed_at IS NULL AND name IN ",
                "$1",
                ""
            ),
            names
        )
    }

    /// Returns a file by its name, even if it was removed.
    pub async fn media_by_name(&mut self, name: &str) -> Result<Option<Media>> {
        fetch_optional!(self, "SELECT * FROM media WHERE name = $1", name)
    }

    /// Returns the files with these names, even removed ones.
    pub async fn media_with_removed(&mut self, names: &[String]) -> Result<Vec<Media>> {
        let names = to_json(names);
        fetch_all!(
            self,
            texts("SELECT * FROM media WHERE name IN ", "$1", ""),
            names
        )
    }

    /// Returns the addresses of articles' lead pictures that are files here, with their alternative texts.
    pub async fn lead_picture_alts(&mut self) -> Result<Vec<(String, String)>> {
        fetch_all!(
            self,
            "SELECT image_url, MAX(image_alt) FROM articles
             WHERE image_url LIKE '/media/%' AND image_alt <> '' GROUP BY image_url"
        )
    }

    /// Returns the next `limit` files with names after `after`, in the order of their names, without removed ones.
    pub async fn media_after(&mut self, after: &str, limit: i64) -> Result<Vec<Media>> {
        fetch_all!(
            self,
            "SELECT * FROM media WHERE removed_at IS NULL AND name > $1 ORDER BY name LIMIT $2",
            after,
            limit
        )
    }
}

impl Tx {
    /// Stores a file's row and claims it, so that it is not removed before the text that uses it is stored. Returns
    /// whether its files must be written: they may be missing if the row is new, was removed, or is claimed.
    pub async fn claim_media(&mut self, media: &Media) -> Result<bool> {
        let known = self.media_by_name(&media.name).await?;
        let is_complete = known
            .as_ref()
            .is_some_and(|known| known.removed_at.is_none() && known.claimed_at.is_none());
        execute!(
            self,
            "INSERT INTO media (name, kind, content_type, width, height, blurhash, focus_x, focus_y, bytes, variants,
                created_at, claimed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
             ON CONFLICT (name) DO UPDATE SET width = excluded.width, height = excluded.height,
                blurhash = excluded.blurhash, bytes = excluded.bytes, variants = excluded.variants,
                focus_x = COALESCE(excluded.focus_x, media.focus_x), focus_y = COALESCE(excluded.focus_y, media.focus_y),
                claimed_at = excluded.claimed_at, removed_at = NULL",
            &media.name,
            media.kind.as_str(),
            &media.content_type,
            media.width,
            media.height,
            &media.blurhash,
            media.focus_x,
            media.focus_y,
            media.bytes,
            to_json(&media.variants.0),
            now()
        )?;
        Ok(!is_complete)
    }

    /// Stores the row of a file that is there, unless the file has one.
    pub async fn adopt_media(&mut self, media: &Media) -> Result<()> {
        execute!(
            self,
            "INSERT INTO media (name, kind, content_type, width, height, bytes, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING",
            &media.name,
            media.kind.as_str(),
            &media.content_type,
            media.width,
            media.height,
            media.bytes,
            media.created_at
        )?;
        Ok(())
    }

    /// Ends the claims on files, because the text that uses them is stored, or will not be.
    pub async fn release_media(&mut self, names: &[String]) -> Result<()> {
        let names = to_json(names);
        execute!(
            self,
            texts(
                "UPDATE media SET claimed_at = NULL WHERE name IN ",
                "$1",
                ""
            ),
            names
        )?;
        Ok(())
    }

    /// Sets the point of a picture that stays visible when it is cropped.
    pub async fn set_media_focus(&mut self, name: &str, focus: (f64, f64)) -> Result<()> {
        execute!(
            self,
            "UPDATE media SET focus_x = $2, focus_y = $3 WHERE name = $1",
            name,
            focus.0,
            focus.1
        )?;
        Ok(())
    }

    /// Sets the description of a picture.
    pub async fn set_media_alt(&mut self, name: &str, alt: Option<&str>) -> Result<()> {
        execute!(self, "UPDATE media SET alt = $2 WHERE name = $1", name, alt)?;
        Ok(())
    }

    /// Marks a file as removed, unless it is claimed or already removed. Returns whether it was marked.
    pub async fn remove_media(&mut self, name: &str) -> Result<bool> {
        let removed = execute!(
            self,
            "UPDATE media SET removed_at = $2, claimed_at = NULL
             WHERE name = $1 AND removed_at IS NULL AND (claimed_at IS NULL OR claimed_at < $3)",
            name,
            now(),
            now() - CLAIM
        )?;
        Ok(removed > 0)
    }

    /// Takes back the removal of files that was marked since a time.
    pub async fn show_media(&mut self, names: &[String], since: i64) -> Result<()> {
        execute!(
            self,
            texts(
                "UPDATE media SET removed_at = NULL WHERE removed_at >= $2 AND name IN ",
                "$1",
                ""
            ),
            to_json(names),
            since
        )?;
        Ok(())
    }

    /// Locks the row of a file that is marked as removed. Returns false if it is not.
    pub async fn lock_removed_media(&mut self, name: &str) -> Result<bool> {
        Ok(execute!(
            self,
            "UPDATE media SET claimed_at = NULL WHERE name = $1 AND removed_at IS NOT NULL",
            name
        )? > 0)
    }
}
