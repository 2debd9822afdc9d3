//! An article as a file: front matter in YAML, then the text in Markdown.

mod choices;
mod front_matter;
mod terms;
#[cfg(test)]
mod tests;
mod yaml_comments;

use std::fmt;

use chrono::{DateTime, Utc};
use url::Url;

use super::{Language, Slug, markdown, text};
pub use choices::{CommentPolicy, FederatedForm, PingPolicy, PicturePlacement, QuotePolicy, SummaryPolicy, UnknownChoice};
pub use front_matter::{FrontMatterError, date};
pub use terms::CommentTerms;

/// The longest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;

/// What an author says about an article, and its text. What they left out is `None`, and the
/// site's configuration decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleSource {
    /// One line of plain text, not empty.
    pub title: String,
    pub slug: Option<Slug>,
    /// The byline.
    pub author: Option<String>,
    /// When it is or was published.
    pub date: Option<DateTime<Utc>>,
    /// When it was last changed in substance.
    pub updated: Option<DateTime<Utc>>,
    /// Without `#`, each once, whatever its case.
    pub tags: Vec<String>,
    pub summary: Option<String>,
    pub language: Option<Language>,
    /// The lead image.
    pub image: Option<ImageSource>,
    /// What the lead image shows, for those who do not see it.
    pub image_alt: Option<String>,
    /// In which form it goes to the fediverse.
    pub federate: Option<FederatedForm>,
    /// The kind of summary.
    pub federate_summary: Option<SummaryPolicy>,
    /// Whether its pictures are attached.
    pub pictures: Option<PicturePlacement>,
    /// How comments are taken.
    pub comments: Option<CommentPolicy>,
    /// For how many days after the date they are taken.
    pub comment_days: Option<u32>,
    /// Whether pings (webmentions) are accepted.
    pub pings: Option<PingPolicy>,
    /// Who may quote it.
    pub quotes: Option<QuotePolicy>,
    /// Whether its images are hidden until the reader asks for them.
    pub sensitive: bool,
    /// What readers are warned of before they see the text.
    pub content_warning: Option<String>,
    /// The text in Markdown, with `\n` as line end.
    pub markdown: String,
}

/// Where a lead image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// An `http` or `https` URL.
    Url(Url),
    /// A file of the author's, relative to the article's file if it is not absolute.
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
    /// Reads the text of an article's file: front matter between two lines `---`, then Markdown.
    /// Without a `title`, the first `# heading` is the title; a file that has one needs no front
    /// matter.
    ///
    /// # Errors
    /// One clear sentence for each mistake, with the line where there is one.
    pub fn parse(file_text: &str) -> Result<Self, FrontMatterError> {
        if file_text.len() > MAX_FILE_BYTES {
            return Err(FrontMatterError::TooLong {
                bytes: file_text.len(),
            });
        }
        let file_text = plain_lines(file_text);
        let (yaml, text) = front_matter::split(&file_text)?;
        let text = text.trim_start_matches('\n');
        let mut article = front_matter::read(yaml)?;
        article.markdown = text.to_owned();
        if article.title.is_empty() {
            let (title, rest) = markdown::split_title(text)
                .filter(|(title, _)| !title.is_empty())
                .ok_or(FrontMatterError::NoTitle)?;
            article.title = title;
            article.markdown = rest.trim_start_matches('\n').to_owned();
        }
        Ok(article)
    }

    /// The line on which the text begins, from 1, in the source file.
    pub fn first_line(&self, file_text: &str) -> usize {
        let lines = |text: &str| text.matches('\n').count();
        let before = lines(&plain_lines(file_text)).saturating_sub(lines(&self.markdown));
        before + 1
    }

    /// The text of a file that [`ArticleSource::parse`] reads as this article.
    pub fn to_file_text(&self) -> String {
        format!("---\n{}---\n\n{}", front_matter::write(self), self.markdown)
    }
}

/// Returns remarks on a file's front matter, whether it is valid or not: a sentence for each value that YAML
/// misreads.
pub fn remarks(file_text: &str) -> Vec<String> {
    match front_matter::split(&plain_lines(file_text)) {
        Ok((yaml, _)) => yaml_comments::lost_to_comments(yaml),
        Err(_) => Vec::new(),
    }
}

/// Normalizes the text: line ends become `\n`, and forbidden characters are removed.
fn plain_lines(file_text: &str) -> String {
    text::without_controls(file_text.trim_start_matches('\u{FEFF}'))
        .replace("\r\n", "\n")
        .replace('\r', "\n")
}
