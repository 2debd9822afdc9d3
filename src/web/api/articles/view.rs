//! Articles as JSON. The properties that a writer sets have the names of front matter.

use crate::{
    content::{ArticleSource, article::FrontMatterError},
    node::Node,
    publishing::source,
    store::{Article as Row, ArticleStatus, now},
    web::api::problem::{ApiError, timestamp},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The properties of an article that its writer sets, with the names and values of front matter: see docs/writing.md.
/// An absent one has the default; in a patch, null sets it to the default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Fields {
    /// The title. Without one, the first heading of the text is the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// The last part of the address. Without one, it is made from the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) slug: Option<String>,
    /// The byline: an author's user name or any name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) author: Option<String>,
    /// The date of publication, past or future, such as `2026-12-24T08:00:00Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<String>,
    /// The date of the last substantial change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) updated: Option<String>,
    /// Tags without `#`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<String>,
    /// The language, such as `en` or `es-MX`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    /// The lead picture: the address of an uploaded file, such as `/media/NAME`, or a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image_alt: Option<String>,
    /// `article`, `note`, `teaser` or `no`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) federate: Option<String>,
    /// `author`, `excerpt` or `never`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) federate_summary: Option<String>,
    /// `inline` or `attached`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pictures: Option<String>,
    /// `open`, `moderated`, `followers` or `closed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comments: Option<String>,
    /// For how many days after the date comments are open; 0 for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comment_days: Option<u32>,
    /// `open` or `closed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pings: Option<String>,
    /// `everyone`, `followers` or `nobody`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quotes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sensitive: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_warning: Option<String>,
    /// The text in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) markdown: Option<String>,
}

impl Fields {
    /// Returns the properties of an article's file.
    pub(crate) fn of(article: ArticleSource) -> Fields {
        let text = |date: DateTime<Utc>| date.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        Fields {
            title: Some(article.title),
            slug: article.slug.map(|slug| slug.to_string()),
            author: article.author,
            date: article.date.map(text),
            updated: article.updated.map(text),
            tags: Some(article.tags),
            summary: article.summary,
            language: article.language.map(|language| language.to_string()),
            image: article.image.map(|image| image.to_string()),
            image_alt: article.image_alt,
            federate: article.federate.map(|choice| choice.to_string()),
            federate_summary: article.federate_summary.map(|choice| choice.to_string()),
            pictures: article.pictures.map(|choice| choice.to_string()),
            comments: article.comments.map(|choice| choice.to_string()),
            comment_days: article.comment_days,
            pings: article.pings.map(|choice| choice.to_string()),
            quotes: article.quotes.map(|choice| choice.to_string()),
            sensitive: Some(article.sensitive),
            content_warning: article.content_warning,
            markdown: Some(article.markdown),
        }
    }

    /// Returns the text of the file that has these properties, so that one parser checks files and requests.
    pub(crate) fn to_file_text(&self) -> String {
        file_text(
            &Fields {
                markdown: None,
                ..self.clone()
            },
            self.markdown.as_deref().unwrap_or_default(),
        )
    }
}

/// Writes front matter and a text as a file.
pub(in crate::web::api) fn file_text(front_matter: &impl Serialize, markdown: &str) -> String {
    // Texts, numbers and lists of texts can always be written as YAML.
    let yaml = serde_yaml_ng::to_string(front_matter).unwrap_or_default();
    let yaml = if yaml.trim() == "{}" { "" } else { &yaml };
    format!("---\n{yaml}---\n\n{markdown}")
}

/// Names the field of a mistake in front matter.
pub(crate) fn field_error(error: &FrontMatterError) -> ApiError {
    match error {
        FrontMatterError::BadValue { key, reason, .. } => {
            ApiError::field(key, format!("{key}: {reason}"))
        }
        FrontMatterError::UnknownKey { key, .. } => ApiError::field(key, error.to_string()),
        FrontMatterError::NoTitle => ApiError::field("title", "the article has no title"),
        other => ApiError::field("markdown", other.to_string()),
    }
}

/// The state of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Draft,
    /// It is published at its date.
    Scheduled,
    Published,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Scheduled => "scheduled",
            Status::Published => "published",
        }
    }

    fn of(article: &Row) -> Status {
        match article.status {
            ArticleStatus::Draft => Status::Draft,
            ArticleStatus::Published if article.published_at > now() => Status::Scheduled,
            ArticleStatus::Published => Status::Published,
        }
    }
}

/// An article in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::web::api) struct ArticleSummary {
    /// Its ActivityPub id, which never changes.
    id: String,
    /// The last part of the id.
    uid: String,
    /// The address of its page.
    url: String,
    slug: String,
    title: String,
    status: Status,
    /// The byline.
    author: Option<String>,
    #[schema(format = DateTime)]
    date: String,
    #[schema(format = DateTime)]
    updated: Option<String>,
    tags: Vec<String>,
    summary: Option<String>,
    language: Option<String>,
}

impl ArticleSummary {
    pub(super) fn of(node: &Node, article: &Row) -> ArticleSummary {
        ArticleSummary {
            id: node
                .urls()
                .article_id(&article.uid, article.object_uri.as_deref()),
            uid: article.uid.clone(),
            url: node.urls().permalink(article),
            slug: article.slug.clone(),
            title: article.title.clone(),
            status: Status::of(article),
            author: article.byline().map(str::to_owned),
            date: timestamp(article.published_at),
            updated: article.updated_at.map(timestamp),
            tags: article.tags.clone(),
            summary: article.summary.clone(),
            language: article.language.clone(),
        }
    }
}

/// A whole article.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Article {
    /// Its ActivityPub id, which never changes.
    pub(crate) id: String,
    /// The last part of the id.
    pub(crate) uid: String,
    /// The address of its page.
    pub(crate) url: String,
    pub(crate) status: Status,
    #[serde(flatten)]
    pub(crate) fields: Fields,
    /// The whole as a file: front matter and text.
    pub(crate) source: String,
}

impl Article {
    /// Describes an article.
    ///
    /// # Errors
    /// If another program stored an invalid slug.
    pub(crate) fn of(node: &Node, article: &Row) -> Result<Article, ApiError> {
        let file = source::to_source(article)?;
        Ok(Article {
            id: node
                .urls()
                .article_id(&article.uid, article.object_uri.as_deref()),
            uid: article.uid.clone(),
            url: node.urls().permalink(article),
            status: Status::of(article),
            source: file.to_file_text(),
            fields: Fields::of(file),
        })
    }
}

/// An article after a change, with warnings to its author.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Changed {
    #[serde(flatten)]
    pub(super) article: Article,
    /// What its author should know, a sentence each.
    pub(super) warnings: Vec<String>,
}
