//! Hashes of files and of what is stored, by which changes are detected.

use crate::{
    crypto::signatures::BodyDigest,
    store::{Article, ArticleFields, ArticleStatus, PageFields, StaticPage},
};
use serde::Serialize;

/// Returns the hash of a file's content.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    BodyDigest::of(bytes).digest_value()
}

/// What a file decides about an article. Comment terms are left out, because the admin opens and closes comments here.
/// Values that are not set are left out, so that a column that is added later changes no hash.
#[derive(Serialize)]
struct Choices<'a> {
    slug: &'a str,
    title: &'a str,
    markdown: &'a str,
    status: ArticleStatus,
    published_at: i64,
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    byline: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_alt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    federate: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    federate_summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pictures: Option<&'a str>,
    pings: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    quotes: Option<&'a str>,
    sensitive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_warning: Option<&'a str>,
}

/// Returns the hash of an article as it is stored.
pub(super) fn of_article(article: &Article) -> String {
    hash(&Choices {
        slug: &article.slug,
        title: &article.title,
        markdown: &article.markdown,
        status: article.status,
        published_at: article.published_at,
        tags: sorted(&article.tags),
        byline: &article.byline,
        summary: article.summary.as_deref(),
        language: article.language.as_deref(),
        image_url: article.image_url.as_deref(),
        image_alt: article.image_alt.as_deref(),
        federate: article.federate.as_deref(),
        federate_summary: article.federate_summary.as_deref(),
        pictures: article.pictures.as_deref(),
        pings: &article.pings,
        quotes: article.quotes.as_deref(),
        sensitive: article.sensitive,
        content_warning: article.content_warning.as_deref(),
    })
}

/// Returns the hash that an article has when these values are stored.
pub(crate) fn of_fields(fields: &ArticleFields, status: ArticleStatus) -> String {
    hash(&Choices {
        slug: &fields.slug,
        title: &fields.title,
        markdown: &fields.markdown,
        status,
        published_at: fields.published_at,
        tags: sorted(&fields.tags),
        byline: &fields.byline,
        summary: fields.summary.as_deref(),
        language: fields.language.as_deref(),
        image_url: fields.image_url.as_deref(),
        image_alt: fields.image_alt.as_deref(),
        federate: fields.federate.as_deref(),
        federate_summary: fields.federate_summary.as_deref(),
        pictures: fields.pictures.as_deref(),
        pings: &fields.pings,
        quotes: fields.quotes.as_deref(),
        sensitive: fields.sensitive,
        content_warning: fields.content_warning.as_deref(),
    })
}

fn sorted(tags: &[String]) -> Vec<&str> {
    let mut tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// What a file decides about a page.
#[derive(Serialize)]
struct PageChoices<'a> {
    slug: &'a str,
    title: &'a str,
    markdown: &'a str,
    summary: Option<&'a str>,
    language: Option<&'a str>,
    menu: Option<&'a str>,
    position: i64,
    image_url: Option<&'a str>,
    image_alt: Option<&'a str>,
}

/// Returns the hash of a page as it is stored.
pub(super) fn of_page(page: &StaticPage) -> String {
    hash(&PageChoices {
        slug: &page.slug,
        title: &page.title,
        markdown: &page.markdown,
        summary: page.summary.as_deref(),
        language: page.language.as_deref(),
        menu: page.menu.as_deref(),
        position: page.position,
        image_url: page.image_url.as_deref(),
        image_alt: page.image_alt.as_deref(),
    })
}

/// Returns the hash that a page has when these values are stored.
pub(crate) fn of_page_fields(fields: &PageFields) -> String {
    hash(&PageChoices {
        slug: &fields.slug,
        title: &fields.title,
        markdown: &fields.markdown,
        summary: fields.summary.as_deref(),
        language: fields.language.as_deref(),
        menu: fields.menu.as_deref(),
        position: fields.position,
        image_url: fields.image_url.as_deref(),
        image_alt: fields.image_alt.as_deref(),
    })
}

fn hash(choices: &impl Serialize) -> String {
    // These types contain nothing that JSON can't represent.
    of_bytes(&serde_json::to_vec(choices).unwrap_or_default())
}
