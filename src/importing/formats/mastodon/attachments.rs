//! Pictures, videos and sounds of posts, and their files in the archive.

use super::super::json_values::{list, text};
use crate::{content::html::escape, importing::archive::Archive};
use serde_json::Value;
use std::collections::HashMap;

/// The names of the files of an archive, by the part that posts name.
#[derive(Default)]
pub(super) struct Files(HashMap<String, String>);

/// Something that is attached to a post.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attachment {
    pub(super) kind: Kind,
    /// The name of its file in the archive, or its address.
    pub(super) file: String,
    pub(super) alt: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Picture,
    Video,
    Sound,
    Other,
}

impl Files {
    pub(super) fn new(archive: &Archive) -> Files {
        let is_data = |name: &str| name.ends_with(".json");
        Files(
            archive
                .files()
                .filter(|(name, _)| !is_data(name))
                .map(|(name, _)| (key_of(&name).to_owned(), name))
                .collect(),
        )
    }

    /// Returns the file that a post names, or the address as it is.
    fn named(&self, address: &str) -> String {
        let file = self.0.get(key_of(address));
        file.cloned().unwrap_or_else(|| address.to_owned())
    }
}

/// Returns the part of a name that is the same in a post and in the archive: Mastodon writes a file under its path on the
/// server or in its storage, and names it by the path of its address.
fn key_of(name: &str) -> &str {
    match name.find("media_attachments/") {
        Some(at) => &name[at..],
        None => name.trim_start_matches('/'),
    }
}

/// Returns what is attached to a post, except for previews of links.
pub(super) fn of(object: &Value, files: &Files) -> Vec<Attachment> {
    list(object, "attachment")
        .iter()
        .filter(|attachment| text(attachment, "type").as_deref() != Some("Link"))
        .filter_map(|attachment| {
            // Pleroma writes a list of links.
            let link = list(attachment, "url").first()?;
            let address = match link {
                Value::String(address) => address.clone(),
                link => text(link, "href")?,
            };
            let media_type = text(attachment, "mediaType").or_else(|| text(link, "mediaType"));
            let media_type = media_type.unwrap_or_default();
            let kind = match (
                media_type.split('/').next().unwrap_or_default(),
                text(attachment, "type").as_deref(),
            ) {
                ("image", _) | ("", Some("Image")) => Kind::Picture,
                ("video", _) | ("", Some("Video")) => Kind::Video,
                ("audio", _) | ("", Some("Audio")) => Kind::Sound,
                _ => Kind::Other,
            };
            Some(Attachment {
                kind,
                file: files.named(&address),
                alt: text(attachment, "name"),
            })
        })
        .collect()
}

impl Attachment {
    /// Returns the attachment as a part of a text.
    pub(super) fn to_html(&self) -> String {
        let file = escape(&self.file);
        let alt = escape(self.alt.as_deref().unwrap_or_default());
        match self.kind {
            Kind::Picture => format!("<p><img src=\"{file}\" alt=\"{alt}\"></p>"),
            Kind::Video => {
                format!("<p><video src=\"{file}\" aria-label=\"{alt}\" controls></video></p>")
            }
            Kind::Sound => {
                format!("<p><audio src=\"{file}\" aria-label=\"{alt}\" controls></audio></p>")
            }
            Kind::Other => {
                let name = self.file.rsplit('/').next().unwrap_or_default();
                let label = self.alt.as_deref().unwrap_or(name);
                format!("<p><a href=\"{file}\">{}</a></p>", escape(label))
            }
        }
    }
}
