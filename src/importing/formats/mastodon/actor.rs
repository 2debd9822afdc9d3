//! The account: `actor.json`.

use super::super::json_values::{list, text};
use super::{items_of, pixelfed};
use crate::importing::{
    ImportError,
    model::{Body, ImportedAuthor},
};
use serde_json::Value;
use std::{fs::File, io::Read, path::Path};

/// The maximum size of the file, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// The account of an archive.
pub(super) struct Actor {
    /// Its ActivityPub id; empty if it is unknown.
    pub(super) id: String,
    document: Value,
}

impl Actor {
    /// Reads the account. Without its file, it is known by the first post that names its author.
    ///
    /// # Errors
    /// If the file can't be read, or is no JSON.
    pub(super) fn read(path: Option<&Path>, outbox: &Path) -> Result<Actor, ImportError> {
        let document = match path {
            Some(path) => document(path)?,
            None => Value::Null,
        };
        let id = match text(&document, "id") {
            Some(id) => id,
            None => first_author(outbox)?.unwrap_or_default(),
        };
        Ok(Actor { id, document })
    }

    /// Returns the key by which posts refer to the account.
    pub(super) fn key(&self) -> String {
        match self.id.is_empty() {
            true => self.username(),
            false => self.id.clone(),
        }
    }

    fn username(&self) -> String {
        text(&self.document, "preferredUsername").unwrap_or_else(|| {
            let last = self.id.trim_end_matches('/').rsplit('/').next();
            last.unwrap_or_default().trim_start_matches('@').to_owned()
        })
    }

    /// Returns the account as an author.
    pub(super) fn author(&self) -> ImportedAuthor {
        let username = self.username();
        let mut former_paths: Vec<String> = [text(&self.document, "url"), Some(self.id.clone())]
            .into_iter()
            .flatten()
            .filter(|address| !address.is_empty())
            .collect();
        former_paths.dedup();
        ImportedAuthor {
            key: self.key(),
            name: text(&self.document, "name").unwrap_or_else(|| username.clone()),
            username,
            bio: text(&self.document, "summary").map(Body::Html),
            website: self.website(),
            picture: list(&self.document, "icon")
                .first()
                .and_then(|icon| text(icon, "url")),
            former_paths,
        }
    }

    /// Returns the first link of the fields of the profile.
    fn website(&self) -> Option<String> {
        list(&self.document, "attachment").iter().find_map(|field| {
            let value = text(field, "value")?;
            let start = value.find("href=\"")? + "href=\"".len();
            let end = start + value[start..].find('"')?;
            let link = value[start..end].replace("&amp;", "&");
            link.starts_with("http").then_some(link)
        })
    }
}

fn document(path: &Path) -> Result<Value, ImportError> {
    let unreadable = |source| ImportError::Read {
        path: path.display().to_string(),
        source,
    };
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES).read_to_end(&mut text))
        .map_err(unreadable)?;
    serde_json::from_slice(&text).map_err(|error| {
        ImportError::mistake(format!(
            "actor.json is no valid JSON ({error}): request the archive again"
        ))
    })
}

/// Returns the author of the first post that names one.
fn first_author(outbox: &Path) -> Result<Option<String>, ImportError> {
    Ok(items_of(outbox)?.filter_map(Result::ok).find_map(|item| {
        let activity = pixelfed::as_activity(item.parse().ok()?);
        text(&activity, "actor")
    }))
}
