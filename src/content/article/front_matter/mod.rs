//! Front matter: the YAML at the beginning of an article's file.

mod error;
mod values;

use super::{ArticleSource, Menu};
use chrono::{DateTime, SecondsFormat, Utc};
pub(crate) use error::FrontMatterError;
use serde::{Deserialize, Serialize};
use serde_yaml_ng::{Mapping, Value};
pub(crate) use values::parse_date;
use values::{Reader, one_line, parse_boolean, parse_days, parse_image, parse_position, text};

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

/// The front matter's values before they are parsed.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
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
    #[serde(skip_serializing_if = "Option::is_none", alias = "alt")]
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

/// Splits a file into its front matter, which may be empty, and its text. The file's lines must end in `\n`.
pub(super) fn split(file_text: &str) -> Result<(&str, &str), FrontMatterError> {
    let mut lines = file_text.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else {
        return Ok(("", file_text));
    };
    let start = first.len();
    let mut end = start;
    for line in lines {
        if line.trim_end() == "---" {
            return Ok((&file_text[start..end], &file_text[end + line.len()..]));
        }
        end += line.len();
    }
    Err(FrontMatterError::NotClosed)
}

/// Parses front matter into an article without text. The title is empty if the front matter has none.
pub(super) fn parse(yaml: &str) -> Result<ArticleSource, FrontMatterError> {
    let fields = parse_fields(yaml, KEYS)?;
    article_of(fields, &Reader { yaml })
}

/// Parses the front matter of a static page, which has the form of an article without most keys, into its contents, its
/// menu and its position there.
pub(super) fn parse_page(
    yaml: &str,
) -> Result<(ArticleSource, Option<Menu>, Option<i64>), FrontMatterError> {
    let mut fields = parse_fields(yaml, PAGE_KEYS)?;
    let reader = Reader { yaml };
    let menu = reader.parse("menu", fields.menu.take())?;
    let position = reader.parse_with("position", fields.position.take(), parse_position)?;
    Ok((article_of(fields, &reader)?, menu, position))
}

fn article_of(fields: Fields, reader: &Reader<'_>) -> Result<ArticleSource, FrontMatterError> {
    Ok(ArticleSource {
        title: text(fields.title)
            .map(|title| one_line(&title))
            .unwrap_or_default(),
        slug: reader.parse("slug", fields.slug)?,
        author: text(fields.author).map(|author| one_line(&author)),
        date: reader.parse_with("date", fields.date, parse_date)?,
        updated: reader.parse_with("updated", fields.updated, parse_date)?,
        tags: reader.tags(fields.tags)?,
        summary: text(fields.summary),
        language: reader.parse("language", fields.language)?,
        image: reader.parse_with("image", fields.image, parse_image)?,
        image_alt: text(fields.image_alt),
        federate: reader.parse("federate", fields.federate)?,
        federate_summary: reader.parse("federate_summary", fields.federate_summary)?,
        pictures: reader.parse("pictures", fields.pictures)?,
        comments: reader.parse("comments", fields.comments)?,
        comment_days: reader.parse_with("comment_days", fields.comment_days, parse_days)?,
        pings: reader.parse("pings", fields.pings)?,
        quotes: reader.parse("quotes", fields.quotes)?,
        sensitive: reader
            .parse_with("sensitive", fields.sensitive, parse_boolean)?
            .unwrap_or(false),
        content_warning: text(fields.content_warning),
        markdown: String::new(),
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
    let tags = || Value::from(article.tags.clone());
    Fields {
        title: Some(article.title.clone()),
        slug: article.slug.as_ref().map(ToString::to_string),
        author: article.author.clone(),
        date: article.date.as_ref().map(date),
        updated: article.updated.as_ref().map(date),
        tags: (!article.tags.is_empty()).then(tags),
        summary: article.summary.clone(),
        language: article.language.as_ref().map(ToString::to_string),
        image: article.image.as_ref().map(ToString::to_string),
        image_alt: article.image_alt.clone(),
        federate: article.federate.map(|federate| federate.to_string()),
        federate_summary: article.federate_summary.map(|choice| choice.to_string()),
        pictures: article.pictures.map(|choice| choice.to_string()),
        comments: article.comments.map(|policy| policy.to_string()),
        comment_days: article.comment_days.map(|days| days.to_string()),
        pings: article.pings.map(|openness| openness.to_string()),
        quotes: article.quotes.map(|quotes| quotes.to_string()),
        sensitive: article.sensitive.then(|| "yes".to_owned()),
        content_warning: article.content_warning.clone(),
        menu: None,
        position: None,
    }
}

/// Deserializes the YAML twice: once to check the keys, once for the values as the author wrote them, since YAML would
/// turn `1.10` into the number 1.1.
fn parse_fields(yaml: &str, keys: &'static [&'static str]) -> Result<Fields, FrontMatterError> {
    if yaml.len() > MAX_BYTES {
        return Err(FrontMatterError::FrontMatterTooLong { bytes: yaml.len() });
    }
    let mapping: Option<Mapping> = serde_yaml_ng::from_str(yaml).map_err(yaml_error)?;
    for key in mapping.unwrap_or_default().keys() {
        let key = match key {
            Value::String(key) => key.clone(),
            other => serde_yaml_ng::to_string(other)
                .unwrap_or_default()
                .trim_end()
                .to_owned(),
        };
        if !keys.contains(&key.as_str()) {
            let (line, closest) = (line_of(yaml, &key), closest(&key, keys));
            return Err(FrontMatterError::UnknownKey {
                key,
                line,
                closest,
                keys,
            });
        }
    }
    let fields: Option<Fields> = serde_yaml_ng::from_str(yaml).map_err(yaml_error)?;
    Ok(fields.unwrap_or_default())
}

fn yaml_error(error: serde_yaml_ng::Error) -> FrontMatterError {
    let line = error.location().map_or(1, |location| location.line());
    let message = error.to_string();
    let reason = message
        .split(" at line ")
        .next()
        .unwrap_or(&message)
        .to_owned();
    FrontMatterError::Yaml {
        line: line + 1,
        reason,
    }
}

/// Returns the line of the file that has `key`, or else the line on which the front matter begins.
fn line_of(yaml: &str, key: &str) -> usize {
    let is_key = |line: &str| {
        let line = line.trim_start_matches(['"', '\'']);
        let after = line
            .strip_prefix(key)
            .map(|rest| rest.trim_start_matches(['"', '\'']).trim_start());
        after.is_some_and(|rest| rest.starts_with(':'))
    };
    yaml.lines().position(is_key).map_or(1, |index| index + 2)
}

/// Returns the known key that is most similar to a misspelled one.
fn closest(key: &str, keys: &[&'static str]) -> Option<&'static str> {
    let key = key.to_lowercase().replace([' ', '-'], "_");
    let distance = |known: &&&str| strsim::damerau_levenshtein(known, &key);
    keys.iter()
        .min_by_key(distance)
        .filter(|known| distance(known) <= 2.max(known.len() / 3))
        .copied()
}
