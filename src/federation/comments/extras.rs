//! Reads the attachments, emoji, poll and quote of a comment from its object, checks and truncates them.

use super::text::warning_of;
use crate::{
    content::{
        Extras, Html, clean_line,
        extras::{AttachedFile, MAX_OPTIONS, MAX_PICTURES, Poll, PollOption},
    },
    federation::remote::custom_emoji::{emoji_in, is_address},
    node::urls::host_of,
    protocol::{self, Attachment, Object},
    store::{StoreError, Tx},
};
use url::Url;

/// The maximum length of a picture's description, in characters.
const MAX_ALT: usize = 1500;
/// The maximum length of a poll's option, in characters.
const MAX_OPTION: usize = 200;

/// Serializes an object's attachments, emoji, poll and quote for storage, without what the admin rejects. `content` is
/// the object's sanitized text.
pub async fn of(
    tx: &mut Tx,
    object: &Object,
    content: &str,
    author: &str,
) -> Result<Option<String>, StoreError> {
    let mut extras = read(object, content);
    remove_rejected(&mut extras, tx, author).await?;
    Ok(extras.to_json())
}

/// Removes pictures and custom emoji if the admin rejects media from the actor `author` or its host. Returns whether
/// there were any.
pub(crate) async fn remove_rejected(
    extras: &mut Extras,
    tx: &mut Tx,
    author: &str,
) -> Result<bool, StoreError> {
    let host = Url::parse(author).ok().and_then(|url| host_of(&url));
    let host = host.unwrap_or_default();
    let has_media = !extras.pictures.is_empty() || !extras.emoji.is_empty();
    if has_media && tx.rules_for(author, &host).await?.no_media {
        extras.pictures.clear();
        extras.emoji.clear();
        return Ok(true);
    }
    Ok(false)
}

/// Reads the attachments, emoji, poll and quote of an object. `content` is its sanitized text.
pub(crate) fn read(object: &Object, content: &str) -> Extras {
    let linked: Vec<_> = Html::unverified(content.to_owned()).links();
    let is_in_text = |address: &str| linked.iter().any(|link| link.url == address);
    let pictures: Vec<AttachedFile> = object
        .attachments()
        .into_iter()
        .filter(|it| is_address(&it.url))
        // A link preview is left out if the text contains the link. Otherwise it is shown as a plain link.
        .filter(|it| !it.is_link() || !is_in_text(&it.url))
        .map(|attachment| AttachedFile {
            is_picture: attachment.is_picture(),
            alt: clean_line(label_of(&attachment), MAX_ALT),
            url: attachment.url,
        })
        .take(MAX_PICTURES)
        .collect();
    let poll = object.poll().map(poll_of);
    Extras {
        emoji: emoji_in(
            &texts_of(object, content, poll.as_ref()),
            object.custom_emoji(),
        ),
        poll,
        quote: object.quoted().filter(|quoted| is_address(quoted)),
        sensitive: object.sensitive && pictures.iter().any(|it| it.is_picture),
        pictures,
    }
}

/// Returns the label of an attachment: its name, or the address of a link without a name.
fn label_of(attachment: &Attachment) -> &str {
    if attachment.name.is_empty() && attachment.is_link() {
        &attachment.url
    } else {
        &attachment.name
    }
}

/// Returns all texts of the object that may show emoji.
fn texts_of(object: &Object, content: &str, poll: Option<&Poll>) -> String {
    let warning = warning_of(object).unwrap_or_default();
    let options = poll.map_or(&[][..], |poll| &poll.options);
    let options = options.iter().map(|option| option.text.as_str());
    let texts: Vec<&str> = [content, &warning].into_iter().chain(options).collect();
    texts.join("\n")
}

fn poll_of(poll: protocol::Poll) -> Poll {
    let option = |(text, votes): &(String, u64)| PollOption {
        text: clean_line(text, MAX_OPTION),
        votes: *votes,
    };
    Poll {
        options: poll.options.iter().take(MAX_OPTIONS).map(option).collect(),
        multiple: poll.is_multiple,
        ends: poll.ends.map(|time| time.timestamp_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_can_be_shown_is_kept() {
        let object = Object::read(json!({
            "type": "Note", "sensitive": true,
            "attachment": (0..20).map(|n| json!({"type": "Image", "url": format!("https://a.example/{n}"), "name": "x\u{202e}y\nz"}))
                .chain([json!({"type": "Image", "url": "javascript:alert(1)"})]).rev().collect::<Vec<_>>(),
            "tag": [{"type": "Emoji", "name": ":cat:", "icon": {"url": "https://a.example/cat"}},
                {"type": "Emoji", "name": ":dog:", "icon": {"url": "https://a.example/dog"}},
                {"type": "Emoji", "name": ":fish:", "icon": {"url": "https://a.example/fish"}},
                {"type": "Emoji", "name": ":cow:", "icon": {"url": "https://a.example/cow"}},
                {"type": "Emoji", "name": ":<b>:", "icon": {"url": "https://a.example/b"}},
                {"type": "Emoji", "name": ":bird:", "icon": {"url": "data:image/png;base64,x"}}],
            "summary": "On :dog:s", "oneOf": [{"name": "A :fish:"}],
            "quoteUrl": "https://a.example/quoted"
        }))
        .unwrap();
        let extras = read(&object, "<p>A :cat: and :<b>: and :bird:</p>");
        assert_eq!(extras.pictures.len(), MAX_PICTURES);
        assert_eq!(extras.pictures[0].alt, "xy z");
        let names: Vec<_> = extras.emoji.iter().map(|emoji| &emoji.name[..]).collect();
        assert_eq!(names, ["cat", "dog", "fish"]);
        assert_eq!(extras.quote.as_deref(), Some("https://a.example/quoted"));
        assert!(extras.sensitive);
    }
}
