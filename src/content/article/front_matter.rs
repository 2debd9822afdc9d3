//! The YAML at the head of an article's file.

use std::{collections::HashSet, fmt::Display, str::FromStr};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_yaml_ng::{Mapping, Value};
use url::Url;

use super::{ArticleSource, ImageSource};
use crate::content::{hashtag, text::without_controls};

/// The longest front matter, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// All the keys, in the order in which they are written.
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

/// What is wrong with an article's file. Lines are those of the file, from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrontMatterError {
    #[error(
        "the file has {bytes} bytes; an article has at most {}",
        super::MAX_FILE_BYTES
    )]
    TooLong { bytes: usize },
    #[error("line 1: the front matter begins with `---` but has no closing line `---`")]
    NotClosed,
    #[error(
        "line 1: the front matter has {bytes} bytes, at most {MAX_BYTES} are allowed; is its closing line `---` missing?"
    )]
    FrontMatterTooLong { bytes: usize },
    #[error("line {line}: the front matter is no valid YAML: {reason}")]
    Yaml { line: usize, reason: String },
    #[error("line {line}: unknown key `{key}`{}", did_you_mean(.closest))]
    UnknownKey {
        key: String,
        line: usize,
        closest: Option<&'static str>,
    },
    #[error("line {line}: {key}: {reason}")]
    BadValue {
        key: &'static str,
        line: usize,
        reason: String,
    },
    #[error(
        "the article has no title: add `title:` to the front matter or a `# heading` to the text"
    )]
    NoTitle,
}

fn did_you_mean(closest: &Option<&str>) -> String {
    match closest {
        Some(key) => format!("; did you mean `{key}`?"),
        None => format!("; the keys are {}", KEYS.join(", ")),
    }
}

/// Front matter as it is written, each value still a text.
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
}

/// The front matter (empty if there is none) and the text of a file with `\n` line ends.
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

/// Reads front matter into an article without text; its title is empty if none is given.
pub(super) fn read(yaml: &str) -> Result<ArticleSource, FrontMatterError> {
    if yaml.len() > MAX_BYTES {
        return Err(FrontMatterError::FrontMatterTooLong { bytes: yaml.len() });
    }
    let fields = fields(yaml)?;
    let reader = Reader { yaml };
    Ok(ArticleSource {
        title: text(fields.title)
            .map(|title| one_line(&title))
            .unwrap_or_default(),
        slug: reader.parse("slug", fields.slug)?,
        author: text(fields.author).map(|author| one_line(&author)),
        date: reader.read("date", fields.date, date)?,
        updated: reader.read("updated", fields.updated, date)?,
        tags: reader.tags(fields.tags)?,
        summary: text(fields.summary),
        language: reader.parse("language", fields.language)?,
        image: reader.read("image", fields.image, image)?,
        image_alt: text(fields.image_alt),
        federate: reader.parse("federate", fields.federate)?,
        federate_summary: reader.parse("federate_summary", fields.federate_summary)?,
        pictures: reader.parse("pictures", fields.pictures)?,
        comments: reader.parse("comments", fields.comments)?,
        comment_days: reader.read("comment_days", fields.comment_days, days)?,
        pings: reader.parse("pings", fields.pings)?,
        quotes: reader.parse("quotes", fields.quotes)?,
        sensitive: reader
            .read("sensitive", fields.sensitive, boolean)?
            .unwrap_or(false),
        content_warning: text(fields.content_warning),
        markdown: String::new(),
    })
}

/// The front matter of `article`, ending in a line break.
pub(super) fn write(article: &ArticleSource) -> String {
    let date = |date: &DateTime<Utc>| date.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let tags = || Value::from(article.tags.clone());
    let fields = Fields {
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
    };
    // Fields of texts and a list of texts always have a YAML form.
    serde_yaml_ng::to_string(&fields).unwrap_or_default()
}

/// Two readings: one for the keys, one for the values as the author wrote them (`1.10` stays so).
fn fields(yaml: &str) -> Result<Fields, FrontMatterError> {
    let mapping: Option<Mapping> = serde_yaml_ng::from_str(yaml).map_err(yaml_error)?;
    for key in mapping.unwrap_or_default().keys() {
        let key = match key {
            Value::String(key) => key.clone(),
            other => serde_yaml_ng::to_string(other)
                .unwrap_or_default()
                .trim_end()
                .to_owned(),
        };
        if !KEYS.contains(&key.as_str()) {
            let (line, closest) = (line_of(yaml, &key), closest(&key));
            return Err(FrontMatterError::UnknownKey { key, line, closest });
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

/// The line of the file on which `key` stands, or where the front matter begins.
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

fn closest(key: &str) -> Option<&'static str> {
    let key = key.to_lowercase().replace([' ', '-'], "_");
    let distance = |known: &&&str| strsim::damerau_levenshtein(known, &key);
    KEYS.iter()
        .min_by_key(distance)
        .filter(|known| distance(known) <= 2.max(known.len() / 3))
        .copied()
}

/// Reads values and says where a bad one stands.
struct Reader<'a> {
    yaml: &'a str,
}

impl Reader<'_> {
    fn read<T>(
        &self,
        key: &'static str,
        value: Option<String>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, FrontMatterError> {
        let value = text(value);
        value
            .map(|value| read(&value))
            .transpose()
            .map_err(|reason| self.bad_value(key, reason))
    }

    fn parse<T>(
        &self,
        key: &'static str,
        value: Option<String>,
    ) -> Result<Option<T>, FrontMatterError>
    where
        T: FromStr<Err: Display>,
    {
        self.read(key, value, |value| {
            value
                .parse()
                .map_err(|error: T::Err| format!("{value:?}: {error}"))
        })
    }

    fn bad_value(&self, key: &'static str, reason: String) -> FrontMatterError {
        FrontMatterError::BadValue {
            key,
            line: line_of(self.yaml, key),
            reason,
        }
    }

    /// A list, or one text with commas.
    fn tags(&self, value: Option<Value>) -> Result<Vec<String>, FrontMatterError> {
        let words = match value {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Sequence(values)) => values
                .into_iter()
                .map(scalar)
                .collect::<Option<Vec<_>>>()
                .ok_or(())
                .map_err(|()| self.bad_value("tags", "each tag must be a word or words".into()))?,
            Some(value) => {
                let text = scalar(value).ok_or(()).map_err(|()| {
                    self.bad_value(
                        "tags",
                        "must be a list, or words with commas between".into(),
                    )
                })?;
                text.split(',').map(str::to_owned).collect()
            }
        };
        let mut seen = HashSet::new();
        let words = words
            .iter()
            .map(|word| one_line(without_controls(word).trim().trim_start_matches('#')));
        Ok(words
            .filter(|word| !word.is_empty() && seen.insert(hashtag::key(word)))
            .collect())
    }
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// A text that says something.
fn text(value: Option<String>) -> Option<String> {
    value
        .map(|text| without_controls(&text).trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" | "yes" => Ok(true),
        "false" | "no" => Ok(false),
        other => Err(format!("{other:?} must be yes or no")),
    }
}

fn days(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(days @ 0..=36_500) => Ok(days),
        _ => Err(format!("{text:?} must be a number of days, or 0 for ever")),
    }
}

/// RFC 3339, or `YYYY-MM-DD` with or without `HH:MM[:SS]`, which is UTC then.
pub fn date(text: &str) -> Result<DateTime<Utc>, String> {
    let with_offset = DateTime::parse_from_rfc3339(text).map(|date| date.to_utc());
    let with_time = || {
        [
            "%Y-%m-%d %H:%M",
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M",
            "%Y-%m-%dT%H:%M:%S",
        ]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
    };
    let day = || {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()?
            .and_hms_opt(0, 0, 0)
    };
    let date = with_offset
        .ok()
        .or_else(|| with_time().or_else(day).map(|date| date.and_utc()));
    date.filter(|date| (1..=9999).contains(&date.year())).ok_or_else(|| {
        format!("{text:?} is no date; write 2026-01-31, 2026-01-31 18:30 (UTC) or 2026-01-31T18:30:00+01:00")
    })
}

fn image(text: &str) -> Result<ImageSource, String> {
    if text.contains(char::is_control) {
        return Err(format!("{text:?} has control characters"));
    }
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(ImageSource::Url(url)),
        Ok(url) => Err(format!(
            "a URL of an image begins with https: or http:, not {}:",
            url.scheme()
        )),
        Err(url::ParseError::RelativeUrlWithoutBase) => Ok(ImageSource::Path(text.to_owned())),
        Err(error) => Err(format!("{text:?} is no URL: {error}")),
    }
}
