//! A post: a note, a poll, or an article of other software.

use super::{
    super::{
        html::Tokens,
        json_values::{flag, list, text, time},
    },
    addresses,
    attachments::{self, Files, Kind},
};
use crate::{
    base::time::rfc3339,
    content::html::escape,
    importing::model::{Body, ImportedArticle, ImportedStatus},
    protocol::is_public,
};
use serde_json::Value;

/// The audience of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visibility {
    Public,
    Followers,
    Direct,
}

/// The fields that all posts have.
pub(super) struct Context<'a> {
    /// The key of their author.
    pub(super) author: &'a str,
    pub(super) files: &'a Files,
    pub(super) as_articles: bool,
}

/// Returns who can see a post. An unlisted one is public: it names the public in `cc`.
pub(super) fn visibility(activity: &Value, object: &Value) -> Visibility {
    let is_addressed = |is_it: fn(&str) -> bool| {
        // The post's own recipients count; an activity without a post's has them alone.
        let holder = match list(object, "to").is_empty() && list(object, "cc").is_empty() {
            true => activity,
            false => object,
        };
        addresses(holder, "to", is_it) || addresses(holder, "cc", is_it)
    };
    if is_addressed(is_public) {
        Visibility::Public
    } else if is_addressed(|recipient| recipient.ends_with("/followers")) {
        Visibility::Followers
    } else {
        Visibility::Direct
    }
}

/// Reads a public post.
///
/// # Errors
/// If it has neither a text nor anything else. The error is the reason.
pub(super) fn read(
    id: &str,
    object: &Value,
    continues: Option<String>,
    context: &Context<'_>,
) -> Result<ImportedArticle, String> {
    let (language, content) = content(object);
    let mut html = plain_hashtags(&content);
    html.push_str(&poll(object));
    let mut attached = attachments::of(object, context.files);
    // The first picture is the lead picture; the others follow the text.
    let first = attached.iter().position(|a| a.kind == Kind::Picture);
    let lead = first.map(|at| attached.remove(at));
    for attachment in &attached {
        html.push_str(&attachment.to_html());
    }
    if html.trim().is_empty() && lead.is_none() {
        return Err("the post has no text".to_owned());
    }
    let published_at = time(object, "published");
    let name = text(object, "name");
    let kind = text(object, "type").unwrap_or_default();
    let has_title = matches!(kind.as_str(), "Article" | "Page") && name.is_some();
    let is_note = !context.as_articles && !has_title;
    let title = match name {
        _ if is_note => String::new(),
        Some(name) => name,
        // The importer makes a title of the text, if there is one.
        None if Tokens::read(&html).has_text() => String::new(),
        None => day_of(published_at),
    };
    let summary = text(object, "summary");
    let is_sensitive = flag(object, "sensitive");
    let mut former_paths: Vec<String> =
        link_of(object).into_iter().chain([id.to_owned()]).collect();
    former_paths.dedup();
    Ok(ImportedArticle {
        key: id.to_owned(),
        title,
        body: Body::Html(html),
        author: Some(context.author.to_owned()),
        tags: tags(object),
        language,
        status: ImportedStatus::Published,
        published_at,
        updated_at: time(object, "updated"),
        image_alt: lead.as_ref().and_then(|lead| lead.alt.clone()),
        image: lead.map(|lead| lead.file),
        content_warning: summary,
        sensitive: is_sensitive,
        is_note,
        in_reply_to: continues,
        former_paths,
        object_uri: Some(id.to_owned()),
        ..ImportedArticle::default()
    })
}

/// Returns the day of a time, such as `2026-11-20`, which is a title if there is nothing better.
fn day_of(time: Option<i64>) -> String {
    let day = rfc3339(time.unwrap_or_default());
    day.get(..10).unwrap_or_default().to_owned()
}

/// Returns the language and the text. `contentMap` has one text for each language, and names the language of the only one.
fn content(object: &Value) -> (Option<String>, String) {
    let content = text(object, "content");
    let map = object.get("contentMap").and_then(Value::as_object);
    let entries = || {
        map.into_iter()
            .flatten()
            .filter(|(_, text)| text.is_string())
    };
    let own = entries().find(|(_, text)| text.as_str() == content.as_deref());
    let chosen = own.or_else(|| entries().next());
    let language = chosen
        .map(|(language, _)| language.clone())
        .filter(|language| language != "und");
    let content = content
        .or_else(|| {
            chosen
                .and_then(|(_, text)| text.as_str())
                .map(str::to_owned)
        })
        .unwrap_or_default();
    (language, content)
}

/// Replaces links to the old server's pages of hashtags by the hashtags, which are linked anew.
fn plain_hashtags(html: &str) -> String {
    Tokens::read(html).rewritten(|tag, element| {
        let is_hashtag = tag.name == "a"
            && (tag.has_class("hashtag") || tag.get("rel").is_some_and(|rel| rel == "tag"));
        let text = is_hashtag.then(|| element.text())?;
        text.starts_with('#').then(|| escape(&text))
    })
}

/// Returns the options of a poll with their votes as a list.
fn poll(object: &Value) -> String {
    let options = [list(object, "oneOf"), list(object, "anyOf")].concat();
    let mut html = String::new();
    for option in &options {
        let Some(name) = text(option, "name") else {
            continue;
        };
        let votes = option
            .get("replies")
            .and_then(|replies| replies.get("totalItems"))
            .and_then(Value::as_u64)
            .unwrap_or(0);
        html.push_str(&format!("<li>{} ({votes})</li>", escape(&name)));
    }
    match html.is_empty() {
        true => html,
        false => format!("<ul>{html}</ul>"),
    }
}

fn tags(object: &Value) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in list(object, "tag") {
        // Pleroma repeats hashtags as texts.
        let name = match text(tag, "type").as_deref() {
            Some("Hashtag") => text(tag, "name"),
            _ => None,
        };
        let Some(name) = name.map(|name| name.trim_start_matches('#').to_owned()) else {
            continue;
        };
        if !name.is_empty() && !tags.iter().any(|tag| tag.eq_ignore_ascii_case(&name)) {
            tags.push(name);
        }
    }
    tags
}

/// Returns the address of the post's page.
fn link_of(object: &Value) -> Option<String> {
    let link = list(object, "url").first()?;
    match link {
        Value::String(link) => Some(link.clone()),
        link => text(link, "href"),
    }
}
