//! JSON Feed 1.1.

use super::{
    format::Format,
    model::{Author, Entry, Feed, Picture, representable},
};
use crate::base::time::format_rfc3339;
use serde_json::{Value, json};

/// Writes a feed as JSON Feed.
pub(super) fn write(feed: &Feed) -> Value {
    let publisher = Author {
        name: feed.publisher.clone(),
        url: Some(feed.home.clone()),
    };
    without_nulls(json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.own_address(Format::Json),
        "next_url": feed.next_address(Format::Json),
        "description": some(&feed.description),
        "icon": feed.icon,
        "authors": [author(&publisher)],
        "language": feed.language,
        "items": feed.entries.iter().map(item).collect::<Vec<_>>(),
    }))
}

fn item(entry: &Entry) -> Value {
    let picture = entry.picture.as_ref();
    without_nulls(json!({
        "id": entry.id,
        "url": entry.url,
        "title": (!entry.is_title_made).then_some(&entry.title),
        "content_html": entry.html,
        "summary": some(&entry.summary),
        "image": picture.map(|picture| &picture.url),
        "date_published": date(entry.published),
        "date_modified": date(entry.updated),
        "authors": [author(&entry.author)],
        "tags": (!entry.tags.is_empty()).then_some(&entry.tags),
        "language": entry.language,
        "attachments": picture.map(|picture| [attachment(picture)]),
    }))
}

fn author(author: &Author) -> Value {
    without_nulls(json!({"name": author.name, "url": author.url}))
}

fn attachment(picture: &Picture) -> Value {
    without_nulls(json!({
        "url": picture.url,
        "mime_type": picture.media_type,
        "title": some(&picture.alt),
        "size_in_bytes": picture.length,
    }))
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn date(milliseconds: i64) -> String {
    format_rfc3339(representable(milliseconds))
}

/// Removes absent members of an object.
fn without_nulls(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.retain(|_, member| !member.is_null());
    }
    value
}
