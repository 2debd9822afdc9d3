//! Front matter: the YAML, TOML or JSON at the beginning of an article's file, with the keys of Pamphlet, Hugo, Jekyll and
//! Zola.

mod addresses;
mod error;
mod keys;
mod raw;
mod reader;
mod split;
mod values;

use super::{ArticleSource, Menu};
use chrono::{DateTime, SecondsFormat, Utc};
pub(crate) use error::FrontMatterError;
use reader::Reader;
use serde::Serialize;
use serde_yaml_ng::Value;
pub(super) use split::{Parts, split};
pub(crate) use values::parse_date;
use values::{parse_boolean, parse_days, parse_image, parse_position};

/// The maximum size of front matter, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// All keys, in the order in which they are written.
const KEYS: &[&str] = &[
    "title",
    "slug",
    "author",
    "date",
    "updated",
    "tags",
    "summary",
    "language",
    "image",
    "image_alt",
    "alt",
    "federate",
    "federate_summary",
    "pictures",
    "comments",
    "comment_days",
    "pings",
    "quotes",
    "sensitive",
    "content_warning",
];

/// The keys of a static page.
const PAGE_KEYS: &[&str] = &[
    "title",
    "slug",
    "summary",
    "language",
    "image",
    "image_alt",
    "alt",
    "menu",
    "position",
];

/// Front matter as it is written.
#[derive(Default, Serialize)]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slug: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_alt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    federate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    federate_summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pictures: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment_days: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pings: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quotes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sensitive: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_warning: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    menu: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<String>,
}

/// An article's front matter, read.
#[derive(Debug)]
pub(super) struct Read {
    /// The article without its text. The title is empty if the front matter has none.
    pub(super) article: ArticleSource,
    /// The menu and the position of a page.
    pub(super) menu: Option<Menu>,
    pub(super) position: Option<i64>,
    /// Whether the file says that it is a draft.
    pub(super) is_draft: bool,
    /// Paths at which the article was before, such as `/blog/old/`.
    pub(super) former_paths: Vec<String>,
    /// Keys that are not used.
    pub(super) ignored: Vec<String>,
}

/// Parses the front matter of an article.
pub(super) fn parse(parts: &Parts<'_>) -> Result<Read, FrontMatterError> {
    read(Reader::new(parts, KEYS)?)
}

/// Parses the front matter of a static page, which has the form of an article without most keys.
pub(super) fn parse_page(parts: &Parts<'_>) -> Result<Read, FrontMatterError> {
    read(Reader::new(parts, PAGE_KEYS)?)
}

fn read(mut reader: Reader) -> Result<Read, FrontMatterError> {
    let (image, alt) = reader.image(parse_image)?;
    let article = ArticleSource {
        title: reader.line("title")?.unwrap_or_default(),
        slug: reader.parse("slug")?,
        author: reader.names("author")?,
        date: reader.parse_with("date", parse_date)?,
        updated: reader.parse_with("updated", parse_date)?,
        tags: reader.tags()?,
        summary: reader.text("summary")?,
        language: reader.language()?,
        image,
        image_alt: reader.text("image_alt")?.or(alt),
        federate: reader.parse("federate")?,
        federate_summary: reader.parse("federate_summary")?,
        pictures: reader.parse("pictures")?,
        comments: reader.comments()?,
        comment_days: reader.parse_with("comment_days", parse_days)?,
        pings: reader.parse("pings")?,
        quotes: reader.parse("quotes")?,
        sensitive: reader
            .parse_with("sensitive", parse_boolean)?
            .unwrap_or(false),
        content_warning: reader.text("content_warning")?,
        markdown: String::new(),
    };
    Ok(Read {
        menu: reader.menu()?,
        position: reader.position(parse_position)?,
        is_draft: reader.is_draft()?,
        former_paths: reader.former_paths(),
        ignored: reader.into_ignored(),
        article,
    })
}

/// Writes the front matter of `article`, with a line break at its end.
pub(super) fn write(article: &ArticleSource) -> String {
    to_yaml(&fields_of(article))
}

/// Writes the front matter of a static page.
pub(super) fn write_page(
    page: &ArticleSource,
    menu: Option<Menu>,
    position: Option<i64>,
) -> String {
    to_yaml(&Fields {
        menu: menu.map(|menu| menu.to_string()),
        position: position.map(|position| position.to_string()),
        ..fields_of(page)
    })
}

fn to_yaml(fields: &Fields) -> String {
    // Texts and lists of texts can always be written as YAML.
    serde_yaml_ng::to_string(fields).unwrap_or_default()
}

fn fields_of(article: &ArticleSource) -> Fields {
    let date = |date: &DateTime<Utc>| date.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let text = |text: &Option<String>| text.as_deref().map(with_plain_breaks);
    let tags = || -> Value {
        let tags = article.tags.iter();
        tags.map(|tag| with_plain_breaks(tag)).collect()
    };
    Fields {
        title: Some(with_plain_breaks(&article.title)),
        slug: article.slug.as_ref().map(ToString::to_string),
        author: text(&article.author),
        date: article.date.as_ref().map(date),
        updated: article.updated.as_ref().map(date),
        tags: (!article.tags.is_empty()).then(tags),
        summary: text(&article.summary),
        language: article.language.as_ref().map(ToString::to_string),
        image: article.image.as_ref().map(ToString::to_string),
        image_alt: text(&article.image_alt),
        federate: article.federate.map(|federate| federate.to_string()),
        federate_summary: article.federate_summary.map(|choice| choice.to_string()),
        pictures: article.pictures.map(|choice| choice.to_string()),
        comments: article.comments.map(|policy| policy.to_string()),
        comment_days: article.comment_days.map(|days| days.to_string()),
        pings: article.pings.map(|openness| openness.to_string()),
        quotes: article.quotes.map(|quotes| quotes.to_string()),
        sensitive: article.sensitive.then(|| "yes".to_owned()),
        content_warning: text(&article.content_warning),
        menu: None,
        position: None,
    }
}

/// Returns a text whose lines end as in the rest of the file. The writer of YAML takes other breaks for the end of a value.
fn with_plain_breaks(text: &str) -> String {
    text.replace(['\u{85}', '\u{2028}', '\u{2029}'], "\n")
}
