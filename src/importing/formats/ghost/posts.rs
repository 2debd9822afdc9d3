//! Posts and pages.

use super::{
    super::json_values::{flag, text, time},
    lexical, mobiledoc,
    permalinks::{Parts, Permalinks},
    rendered,
    tables::Tables,
};
use crate::importing::model::{Body, ImportedArticle, ImportedPage, ImportedStatus, Item};
use serde_json::Value;

/// The address that stands for the site's own in newer exports.
const SITE: &str = "__GHOST_URL__";

/// A post that was read, and why it is another one than in Ghost.
pub(super) struct Post {
    pub(super) item: Item,
    pub(super) remarks: Vec<&'static str>,
}

/// Reads a post or a page.
///
/// # Errors
/// If it has no id, or neither a text nor a title. The error is the reason.
pub(super) fn read(row: &Value, tables: &Tables, permalinks: &Permalinks) -> Result<Post, String> {
    let id = text(row, "id").ok_or("the post has no id")?;
    let title = text(row, "title").unwrap_or_default();
    let slug = text(row, "slug").unwrap_or_default();
    let body = body(row).ok_or("its text can't be read")?;
    let (Body::Html(html) | Body::Markdown(html)) = &body;
    if html.trim().is_empty() && title.is_empty() {
        return Err("the post is empty".to_owned());
    }
    let mut remarks = Vec::new();
    let meta = tables.meta.get(&id);
    let published_at = time(row, "published_at");
    let status = status(
        row,
        meta.is_some_and(|meta| meta.is_for_mail_only),
        &mut remarks,
    );
    let tags = tables.tags_of(&id);
    let authors = authors(row, &id, tables);
    let names: Vec<&str> = authors
        .iter()
        .filter_map(|id| Some(tables.users.get(id)?.name.as_str()))
        .collect();
    let mut former_paths = match slug.is_empty() {
        true => Vec::new(),
        false => permalinks.paths(&Parts {
            id: &id,
            slug: &slug,
            published_at,
            author: authors
                .first()
                .and_then(|id| Some(tables.users.get(id)?.slug.as_str())),
            tag: tags
                .iter()
                .find(|tag| !tag.is_internal)
                .map(|tag| tag.slug.as_str()),
        }),
    };
    if let Some(uuid) = text(row, "uuid") {
        former_paths.push(format!("/p/{uuid}/"));
    }
    if text(row, "canonical_url").is_some() {
        remarks.push("a canonical address on another site is left out");
    }
    let image = text(row, "feature_image").or_else(|| text(row, "image"));
    let image = image.map(|image| at_site(&image));
    let image_alt = meta.and_then(|meta| meta.image_alt.clone());
    let language = text(row, "locale").or_else(|| text(row, "language"));
    let summary = text(row, "custom_excerpt");
    let updated_at = time(row, "updated_at");
    let is_page = text(row, "type").as_deref() == Some("page") || flag(row, "page");
    let item = if is_page {
        Item::Page(Box::new(ImportedPage {
            key: id,
            title,
            slug,
            body,
            summary,
            language,
            is_draft: status != ImportedStatus::Published,
            published_at,
            updated_at,
            image,
            image_alt,
            former_paths,
            ..ImportedPage::default()
        }))
    } else {
        Item::Article(Box::new(ImportedArticle {
            key: id,
            title,
            slug,
            body,
            summary,
            byline: (names.len() > 1).then(|| names.join(", ")),
            author: authors.first().cloned(),
            tags: tags
                .iter()
                .filter(|tag| !tag.is_internal)
                .map(|tag| tag.name.clone())
                .collect(),
            language,
            status,
            published_at,
            updated_at,
            image,
            image_alt,
            former_paths,
            ..ImportedArticle::default()
        }))
    };
    Ok(Post { item, remarks })
}

/// Returns the state of a post. Readers without an account must not see what was for members only.
fn status(row: &Value, is_for_mail_only: bool, remarks: &mut Vec<&'static str>) -> ImportedStatus {
    let status = text(row, "status").unwrap_or_default();
    let visibility = text(row, "visibility");
    if status == "sent" || is_for_mail_only {
        remarks.push("it was sent by mail only: imported as a draft");
        return ImportedStatus::Draft;
    }
    let is_public = visibility
        .as_deref()
        .is_none_or(|visibility| visibility == "public");
    match status.as_str() {
        "published" | "scheduled" if !is_public => {
            remarks.push("it is for members only: imported as a draft");
            ImportedStatus::Draft
        }
        "published" => ImportedStatus::Published,
        "scheduled" => ImportedStatus::Scheduled,
        _ => ImportedStatus::Draft,
    }
}

/// Returns the ids of the authors, the primary one first. Before version 1.22 a post had one.
fn authors(row: &Value, id: &str, tables: &Tables) -> Vec<String> {
    let authors = tables.authors_of(id);
    if !authors.is_empty() {
        return authors.into_iter().map(str::to_owned).collect();
    }
    text(row, "author_id").into_iter().collect()
}

/// Returns the text: as Ghost rendered it, or from one of the forms in which it stores texts. Returns `None` if there is one
/// that can't be read.
fn body(row: &Value) -> Option<Body> {
    if let Some(html) = text(row, "html") {
        return Some(Body::Html(at_site(&rendered::simplified(&html))));
    }
    if let Some(lexical) = text(row, "lexical") {
        return Some(Body::Html(at_site(&lexical::to_html(&lexical)?)));
    }
    if let Some(mobiledoc) = text(row, "mobiledoc") {
        return Some(Body::Html(at_site(&mobiledoc::to_html(&mobiledoc)?)));
    }
    Some(Body::Markdown(at_site(
        &text(row, "markdown").unwrap_or_default(),
    )))
}

/// Replaces the mark for the site's address by nothing, so that addresses begin with their path.
pub(super) fn at_site(text: &str) -> String {
    text.replace(SITE, "")
}
