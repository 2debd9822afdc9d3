//! Articles as files: front matter in YAML, TOML or JSON, then the text in Markdown.

mod choices;
mod file;
mod front_matter;
mod page;
mod shortcodes;
mod terms;
#[cfg(test)]
mod tests;
mod yaml_comments;

use std::fmt;

use chrono::{DateTime, Utc};
use url::Url;

use super::{Language, Slug, text};
pub use choices::{
    CommentPolicy, FederatedForm, Menu, PicturePlacement, PingPolicy, QuotePolicy, SummaryPolicy,
    UnknownChoice,
};
pub(crate) use file::{ArticleFile, warnings};
pub(crate) use front_matter::{FrontMatterError, parse_date};
pub(crate) use page::PageSource;
pub(crate) use terms::CommentTerms;

/// The maximum size of an article's file, in bytes.
pub(crate) const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;

/// An article as its author wrote it. The site's configuration decides what is `None` here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArticleSource {
    /// One line of plain text; not empty.
    pub title: String,
    pub slug: Option<Slug>,
    /// The byline.
    pub author: Option<String>,
    /// The date of publication, past or future.
    pub date: Option<DateTime<Utc>>,
    /// The date of the last substantial change.
    pub updated: Option<DateTime<Utc>>,
    /// Tags without `#`; none differs from another in its case alone.
    pub tags: Vec<String>,
    pub summary: Option<String>,
    pub language: Option<Language>,
    /// The lead image.
    pub image: Option<ImageSource>,
    /// The alternative text of the lead image.
    pub image_alt: Option<String>,
    /// The form in which it is federated.
    pub federate: Option<FederatedForm>,
    /// The source of its `summary`.
    pub federate_summary: Option<SummaryPolicy>,
    /// Whether its pictures are attachments.
    pub pictures: Option<PicturePlacement>,
    /// The policy for comments: permission to comment, and approval.
    pub comments: Option<CommentPolicy>,
    /// The number of days after the date for which comments are open; 0 for ever.
    pub comment_days: Option<u32>,
    /// Whether pings (webmentions) are accepted.
    pub pings: Option<PingPolicy>,
    /// The policy for quotes of the article.
    pub quotes: Option<QuotePolicy>,
    /// Whether its images are hidden until the reader asks for them.
    pub sensitive: bool,
    /// The warning that readers see before the text.
    pub content_warning: Option<String>,
    /// The text in Markdown. Lines end in `\n`.
    pub markdown: String,
}

/// The source of a lead image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImageSource {
    /// An `http` or `https` URL.
    Url(Url),
    /// A file. A relative path starts at the folder of the article's file.
    Path(String),
}

impl fmt::Display for ImageSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => url.fmt(f),
            Self::Path(path) => f.write_str(path),
        }
    }
}

impl ArticleSource {
    /// Creates an article with this title and text. All else is unset.
    pub(crate) fn plain(title: String, markdown: String) -> Self {
        ArticleSource {
            title,
            slug: None,
            author: None,
            date: None,
            updated: None,
            tags: Vec::new(),
            summary: None,
            language: None,
            image: None,
            image_alt: None,
            federate: None,
            federate_summary: None,
            pictures: None,
            comments: None,
            comment_days: None,
            pings: None,
            quotes: None,
            sensitive: false,
            content_warning: None,
            markdown,
        }
    }

    /// Parses an article's file as [`ArticleFile::parse`] does.
    #[cfg(test)]
    pub(crate) fn parse(file_text: &str) -> Result<Self, FrontMatterError> {
        ArticleFile::parse(file_text, None).map(|file| file.article)
    }

    /// Writes the file of which [`ArticleFile::parse`] makes this article.
    pub(crate) fn to_file_text(&self) -> String {
        format!("---\n{}---\n\n{}", front_matter::write(self), self.markdown)
    }
}

/// Replaces all line ends by `\n`, and removes forbidden characters.
fn with_plain_lines(file_text: &str) -> String {
    text::without_controls(file_text.trim_start_matches('\u{FEFF}'))
        .replace("\r\n", "\n")
        .replace('\r', "\n")
}
