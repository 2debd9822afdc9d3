//! What hangs on an object beside its text: attachments, custom emoji, a poll.

use super::{Object, lenient};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// A file that is attached to an object (ActivityStreams 2.0 vocabulary, `attachment`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// `Image`, `Document`, `Video`, ...
    pub kind: String,
    /// As in `image/png`; may be empty.
    pub media_type: String,
    pub url: String,
    /// What it shows, for those who don't see it.
    pub name: String,
}

impl Attachment {
    /// Whether it is a picture that browsers show.
    pub fn is_picture(&self) -> bool {
        match self.media_type.split_once('/') {
            Some((kind, subtype)) => kind == "image" && !subtype.starts_with("svg"),
            None => self.kind == "Image",
        }
    }
}

/// A custom emoji: `:name:` in the text stands for a picture (Mastodon's `Emoji`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomEmoji {
    /// Without the colons.
    pub name: String,
    pub url: String,
}

/// A poll: the choices of a `Question`, with how many made each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    pub options: Vec<(String, u64)>,
    pub is_multiple: bool,
    pub ends: Option<DateTime<Utc>>,
}

/// The custom emoji that a `tag` property names.
pub fn custom_emoji(tags: &[Value]) -> impl Iterator<Item = CustomEmoji> {
    tags.iter().filter_map(|tag| {
        if tag.get("type").and_then(lenient::text_of)? != "Emoji" {
            return None;
        }
        let name = lenient::text_of(tag.get("name")?)?;
        Some(CustomEmoji {
            name: name.trim_matches(':').to_owned(),
            url: address_of(tag.get("icon")?)?,
        })
    })
}

impl Object {
    pub fn attachments(&self) -> impl Iterator<Item = Attachment> {
        self.attachment.iter().filter_map(|value| {
            // A bare address says too little of what is there.
            value.as_object()?;
            let text = |name: &str| value.get(name).and_then(lenient::text_of);
            Some(Attachment {
                kind: text("type").unwrap_or_default(),
                media_type: text("mediaType")
                    .or_else(|| text_in_first(value.get("url")?, "mediaType"))
                    .unwrap_or_default(),
                url: address_of(value)?,
                name: text("name").or_else(|| text("summary")).unwrap_or_default(),
            })
        })
    }

    pub fn custom_emoji(&self) -> impl Iterator<Item = CustomEmoji> {
        custom_emoji(&self.tag)
    }

    /// The poll, if the object is one.
    pub fn poll(&self) -> Option<Poll> {
        let (choices, is_multiple) = match self.any_of.is_empty() {
            true => (&self.one_of, false),
            false => (&self.any_of, true),
        };
        let options: Vec<_> = choices.iter().filter_map(option_of).collect();
        (!options.is_empty()).then_some(Poll {
            options,
            is_multiple,
            ends: self.end_time,
        })
    }
}

/// A choice's text, and the number of its votes: the size of its `replies`.
fn option_of(value: &Value) -> Option<(String, u64)> {
    let text = lenient::text_of(value.get("name")?)?;
    let votes = value.get("replies").and_then(|it| it.get("totalItems"));
    Some((text, votes.and_then(Value::as_u64).unwrap_or(0)))
}

/// The address of a file: `url` or `href`, a text, a `Link`, or the first of a list.
fn address_of(value: &Value) -> Option<String> {
    match value {
        Value::Array(list) => list.iter().take(lenient::MAX_ENTRIES).find_map(address_of),
        Value::Object(object) => ["url", "href"]
            .iter()
            .find_map(|key| object.get(*key).and_then(address_of)),
        text => lenient::id_of(text),
    }
}

fn text_in_first(value: &Value, name: &str) -> Option<String> {
    match value {
        Value::Array(list) => text_in_first(list.first()?, name),
        one => one.get(name).and_then(lenient::text_of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn attachments_are_read_in_the_shapes_in_use() {
        let object = Object::read(json!({"type": "Note", "attachment": [
            {"type": "Document", "mediaType": "image/png", "url": "https://a.example/1.png", "name": "One"},
            {"type": "Image", "url": {"type": "Link", "href": "https://a.example/2", "mediaType": "image/webp"}},
            {"type": "Image", "href": "https://a.example/3"},
            {"type": "Document", "url": [{"type": "Link", "href": "https://a.example/4", "mediaType": "video/mp4"}]},
            {"type": "Document", "mediaType": "image/svg+xml", "url": "https://a.example/5.svg"},
            {"type": "PropertyValue", "name": "no file", "value": "x"}, null, 7, "nonsense"
        ]}))
        .unwrap();
        let read: Vec<_> = object
            .attachments()
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
