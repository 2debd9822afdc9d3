//! JSON Feed.

use super::{Entry, Parsed, article};
use crate::{
    base::time::parse_rfc3339,
    content::markdown,
    importing::{
        ImportError,
        model::{Body, ImportedArticle},
    },
};
use serde::Deserialize;

#[derive(Deserialize)]
struct JsonFeed {
    version: String,
    home_page_url: Option<String>,
    #[serde(default)]
    items: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct JsonItem {
    id: serde_json::Value,
    url: Option<String>,
    title: Option<String>,
    content_html: Option<String>,
    content_text: Option<String>,
    summary: Option<String>,
    image: Option<String>,
    date_published: Option<String>,
    date_modified: Option<String>,
    language: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    authors: Vec<JsonAuthor>,
    #[serde(default)]
    attachments: serde_json::Value,
}

#[derive(Deserialize)]
struct JsonAuthor {
    name: Option<String>,
}

/// Reads a JSON Feed.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<Parsed, ImportError> {
    let feed: JsonFeed = serde_json::from_slice(bytes)
        .map_err(|error| ImportError::mistake(format!("{name} is no JSON Feed: {error}")))?;
    if !feed.version.contains("jsonfeed.org/version/") {
        return Err(ImportError::mistake(format!(
            "{name} is JSON, but no JSON Feed: its version is {}",
            feed.version
        )));
    }
    let items = feed.items.into_iter().map(|item| {
        let item: JsonItem = serde_json::from_value(item).map_err(|error| error.to_string())?;
        json_item(item)
    });
    Ok((feed.home_page_url, items.collect()))
}

fn json_item(item: JsonItem) -> Result<Entry, String> {
    let attachments = item.attachments.as_array().into_iter().flatten();
    let files = attachments
        .filter_map(|file| Some(file.get("url")?.as_str()?.to_owned()))
        .collect();
    let key = match item.id {
        serde_json::Value::String(id) => Some(id),
        serde_json::Value::Number(id) => Some(id.to_string()),
        _ => None,
    };
    let time = |text: Option<String>| parse_rfc3339(&text?).map(|time| time.timestamp_millis());
    let article = ImportedArticle {
        title: item.title.unwrap_or_default(),
        body: match (item.content_html, item.content_text) {
            (Some(html), _) => Body::Html(html),
            (None, Some(text)) => Body::Markdown(markdown::escape_text(&text)),
            (None, None) => Body::Html(String::new()),
        },
        summary: item.summary,
        image: item.image,
        language: item.language,
        tags: item.tags,
        author: item.authors.into_iter().find_map(|author| author.name),
        published_at: time(item.date_published),
        updated_at: time(item.date_modified),
        ..article(key, item.url)?
    };
    Ok((article, files))
}
