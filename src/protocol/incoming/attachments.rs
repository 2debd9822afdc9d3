//! Attachments, custom emoji and polls of an object.

use super::Object;
use crate::protocol::{
    lenient,
    links::{self, Resource},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

/// A file or link that is attached to an object (ActivityStreams 2.0 vocabulary, `attachment`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// `Image`, `Document`, `Video`, ...
    pub kind: String,
    /// A media type like `image/png`; may be empty.
    pub media_type: String,
    pub url: String,
    /// The alternative text.
    pub name: String,
}

impl Attachment {
    /// Returns whether it is a link (FEP-8967), whose target need not belong to the author.
    pub fn is_link(&self) -> bool {
        let name = self.kind.rsplit(['#', ':']).next();
        name == Some("Link")
    }

    /// Returns whether it is a picture that browsers can show.
    pub fn is_picture(&self) -> bool {
        let media_type = match self.media_type.as_str() {
            "" if self.kind == "Image" => return true,
            "" => by_extension(&self.url).unwrap_or_default(),
            media_type => media_type,
        };
        let is_shown =
            |(kind, subtype): (&str, &str)| kind == "image" && !subtype.starts_with("svg");
        !self.is_link() && media_type.split_once('/').is_some_and(is_shown)
    }
}

/// Returns the media type by the file name extension in a URL.
fn by_extension(url: &str) -> Option<&'static str> {
    let url = Url::parse(url).ok()?;
    mime_guess::from_path(url.path()).first_raw()
}

impl From<Resource> for Attachment {
    fn from(resource: Resource) -> Self {
        Attachment {
            kind: resource.kind,
            media_type: resource.media_type,
            url: resource.url,
            name: resource.name,
        }
    }
}

/// A custom emoji, which replaces `:name:` in a text (Mastodon's `Emoji`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomEmoji {
    /// The name without colons.
    pub name: String,
    pub url: String,
}

/// A poll: the options of a `Question` with their votes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    pub options: Vec<(String, u64)>,
    pub is_multiple: bool,
    pub ends: Option<DateTime<Utc>>,
}

/// Returns the custom emoji in a `tag` property.
pub(super) fn custom_emoji(tags: &[Value]) -> impl Iterator<Item = CustomEmoji> {
    tags.iter().filter_map(|tag| {
        if tag.get("type").and_then(lenient::text_of)? != "Emoji" {
            return None;
        }
        let name = links::name_of(tag.as_object()?)?;
        Some(CustomEmoji {
            name: name.trim_matches(':').to_owned(),
            url: Resource::first(tag.get("icon")?)?.url,
        })
    })
}

impl Object {
    /// Returns the attachments, then the pictures in `image`.
    pub fn attachments(&self) -> Vec<Attachment> {
        let attached = Resource::all(&self.attachment);
        let images = Resource::all(&self.image)
            .into_iter()
            .map(|image| Resource {
                kind: "Image".to_owned(),
                ..image
            });
        let is_new = |image: &Resource| attached.iter().all(|file| file.url != image.url);
        let images: Vec<Resource> = images.filter(is_new).collect();
        attached
            .into_iter()
            .chain(images)
            .map(Attachment::from)
            .collect()
    }

    /// Returns the custom emoji among the tags.
    pub fn custom_emoji(&self) -> impl Iterator<Item = CustomEmoji> {
        custom_emoji(&self.tag)
    }

    /// Returns the poll, if the object is one.
    pub fn poll(&self) -> Option<Poll> {
        let (choices, is_multiple) = if self.any_of.is_empty() {
            (&self.one_of, false)
        } else {
            (&self.any_of, true)
        };
        let options: Vec<_> = choices.iter().filter_map(option_of).collect();
        (!options.is_empty()).then_some(Poll {
            options,
            is_multiple,
            ends: self.end_time.or(self.closed),
        })
    }
}

/// Returns the text of an option and the number of its votes, which is the size of its `replies`.
fn option_of(value: &Value) -> Option<(String, u64)> {
    let text = links::name_of(value.as_object()?)?;
    let votes = value.get("replies").and_then(|it| it.get("totalItems"));
    Some((text, votes.and_then(Value::as_u64).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn attachments_are_read_in_every_shape() {
        let object = Object::read(json!({"type": "Note", "attachment": [
            {"type": "Document", "mediaType": "image/png", "url": "https://a.example/1.png", "name": "One"},
            {"type": "Image", "url": {"type": "Link", "href": "https://a.example/2", "mediaType": "image/webp"}},
            {"type": "Image", "href": "https://a.example/3"},
            {"type": "Document", "url": [{"type": "Link", "href": "https://a.example/4", "mediaType": "video/mp4"}]},
            {"type": "Document", "mediaType": "image/svg+xml", "url": "https://a.example/5.svg"},
            {"type": "Document", "url": "https://a.example/6.JPG?v=1", "nameMap": {"en": "Six"}},
            {"type": "Link", "href": "https://a.example/7.png", "mediaType": "image/png", "name": "Seven"},
            {"type": "as:Link", "href": "https://a.example/8.png"},
            "https://a.example/9.webp", "https://a.example/10",
            {"type": "PropertyValue", "name": "no file", "value": "x"}, null, 7, "nonsense"
        ], "image": ["https://a.example/11", {"type": "Image", "url": "https://a.example/1.png"}]}))
        .unwrap();
        let read: Vec<_> = object
            .attachments()
            .iter()
            .map(|it| (it.url.clone(), it.is_picture(), it.name.clone()))
            .collect();
        assert_eq!(
            read,
            [
                ("https://a.example/1.png".to_owned(), true, "One".to_owned()),
                ("https://a.example/2".to_owned(), true, String::new()),
                ("https://a.example/3".to_owned(), true, String::new()),
                ("https://a.example/4".to_owned(), false, String::new()),
                ("https://a.example/5.svg".to_owned(), false, String::new()),
                (
                    "https://a.example/6.JPG?v=1".to_owned(),
                    true,
                    "Six".to_owned()
                ),
                (
                    "https://a.example/7.png".to_owned(),
                    false,
                    "Seven".to_owned()
                ),
                ("https://a.example/8.png".to_owned(), false, String::new()),
                ("https://a.example/9.webp".to_owned(), true, String::new()),
                ("https://a.example/10".to_owned(), false, String::new()),
                ("https://a.example/11".to_owned(), true, String::new()),
            ]
        );
    }

    #[test]
    fn emoji_and_polls_are_read() {
        let object = Object::read(json!({
            "type": "Question",
            "tag": [{"type": "Emoji", "name": ":cat:", "icon": {"type": "Image", "url": "https://a.example/cat.png"}},
                {"type": "Emoji", "name": ":none:"}, {"type": "Hashtag", "name": "#x", "icon": {"url": "https://a.example/x"}}],
            "anyOf": [{"type": "Note", "name": "Yes", "replies": {"totalItems": 3}}, {"name": "No"}, {"type": "Note"}],
            "endTime": "2026-01-02T03:04:05Z"
        }))
        .unwrap();
        let emoji: Vec<_> = object.custom_emoji().collect();
        assert_eq!(
            emoji,
            [CustomEmoji {
                name: "cat".into(),
                url: "https://a.example/cat.png".into()
            }]
        );
        let poll = object.poll().unwrap();
        assert_eq!(poll.options, [("Yes".to_owned(), 3), ("No".to_owned(), 0)]);
        assert!(poll.is_multiple && poll.ends.is_some());
        assert_eq!(Object::read(json!({"type": "Note"})).unwrap().poll(), None);
    }
}
