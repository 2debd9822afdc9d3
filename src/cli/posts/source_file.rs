//! Articles as Markdown files: reading, completing and writing them.

use crate::{
    base::time,
    cli::common::warnings,
    content::{
        ArticleSource, CommentPolicy, ImageSource, Language, Menu, PageSource, Slug,
        article::{self, FrontMatterError},
        markdown,
    },
    store::{self, Article, ArticleFields, Conn},
};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// An article's file, read.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) article: ArticleSource,
    /// The line of the file on which the text begins.
    first_line: usize,
    /// Warnings to the author.
    pub(crate) warnings: Vec<String>,
}

impl Source {
    /// Checks a file that was parsed as an article.
    fn new(
        path: &Path,
        file_text: &str,
        parsed: Result<ArticleSource, FrontMatterError>,
    ) -> Result<Source> {
        let mut warnings = article::warnings(file_text);
        let shown = path.display();
        let article = match parsed {
            Ok(article) => article,
            Err(error) if warnings.is_empty() => bail!("{shown}: {error}"),
            // A comment in the file may be the cause.
            Err(error) => bail!("{shown}: {error}; {}", warnings.join("; ")),
        };
        let mut source = Source {
            path: path.to_owned(),
            first_line: article.first_line(file_text),
            warnings: Vec::new(),
            article,
        };
        let lost = markdown::forbidden_tags(&source.article.markdown);
        warnings.extend(lost.iter().map(|tag| {
            let line = source.line(tag.line);
            format!("line {line}: {}", warnings::lost_tag(tag))
        }));
        source.warnings = warnings;
        Ok(source)
    }

    /// Converts a line number of the text to a line number of the file.
    pub(crate) fn line(&self, of_text: usize) -> usize {
        self.first_line + of_text.saturating_sub(1)
    }
}

/// Reads an article's file.
///
/// # Errors
/// If it can't be read, is too large, or its front matter is invalid.
pub(crate) fn read_source(path: &Path) -> Result<Source> {
    let text = read_text(path)?;
    Source::new(path, &text, ArticleSource::parse(&text))
}

/// Reads the file of a static page: its contents, its menu and its position there.
///
/// # Errors
/// Those of [`read_source`].
pub(super) fn read_page_source(path: &Path) -> Result<(Source, Option<Menu>, i64)> {
    let text = read_text(path)?;
    let (mut menu, mut position) = (None, 0);
    let parsed = PageSource::parse(&text).map(|page| {
        (menu, position) = (page.menu, page.position.unwrap_or(0));
        page.article
    });
    let source = Source::new(path, &text, parsed)?;
    Ok((source, menu, position))
}

fn read_text(path: &Path) -> Result<String> {
    let shown = path.display();
    let metadata = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?;
    if !metadata.is_file() {
        bail!("{shown} is not a file: pass a Markdown file");
    }
    if metadata.len() > article::MAX_FILE_BYTES as u64 {
        bail!("{shown} exceeds the size limit of 2 MiB");
    }
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {shown}"))?;
    let Ok(text) = String::from_utf8(bytes) else {
        bail!("{shown} is not valid UTF-8: save it in that encoding");
    };
    Ok(text)
}

/// Builds an article from its file, whose pictures already have addresses. Missing values come from `old`, the article
/// that it replaces, if there is one; `site_language` is the language if it names none.
///
/// # Errors
/// If no slug can be derived from the title, or the database fails.
pub(crate) async fn fields_of(
    conn: &mut Conn,
    path: &Path,
    source: ArticleSource,
    old: Option<&Article>,
    site_language: &str,
) -> Result<ArticleFields> {
    let language = source
        .language
        .as_ref()
        .map_or(site_language, Language::as_str);
    let slug = match (source.slug, old) {
        (Some(slug), _) => slug.to_string(),
        (None, Some(old)) => old.slug.clone(),
        (None, None) => match Slug::from_title(&source.title, language) {
            Some(slug) => slug.to_string(),
            None => bail!(
                "{}: cannot derive a slug from the title: add one to the front matter, such as `slug: my-article`",
                path.display()
            ),
        },
    };
    let author = match &source.author {
        Some(name) => conn.author(name).await?,
        None => None,
    };
    let image_url = match source.image {
        Some(ImageSource::Url(url)) => Some(url.to_string()),
        Some(ImageSource::Path(address)) => Some(address),
        None => None,
    };
    Ok(ArticleFields {
        slug,
        title: source.title,
        markdown: source.markdown,
        byline: match &author {
            Some(author) => author.name.clone(),
            None => source.author.unwrap_or_default(),
        },
        author_id: author.map(|author| author.id),
        summary: source.summary,
        language: source.language.map(|language| language.to_string()),
        image_url,
        image_alt: source.image_alt,
        federate: source.federate.map(|form| form.as_str().to_owned()),
        federate_summary: source
            .federate_summary
            .map(|choice| choice.as_str().to_owned()),
        pictures: source.pictures.map(|choice| choice.as_str().to_owned()),
        comments: match source.comments {
            Some(CommentPolicy::Closed) => "closed".to_owned(),
            _ => "open".to_owned(),
        },
        comment_policy: source
            .comments
            .filter(|policy| *policy != CommentPolicy::Closed)
            .map(|policy| policy.as_str().to_owned()),
        comment_days: source.comment_days.map(i64::from),
        pings: source
            .pings
            .map_or("open", |choice| choice.as_str())
            .to_owned(),
        quotes: source.quotes.map(|quotes| quotes.as_str().to_owned()),
        sensitive: source.sensitive,
        content_warning: source.content_warning,
        published_at: source
            .date
            .map(|date| date.timestamp_millis())
            .or(old.map(|old| old.published_at))
            .unwrap_or_else(store::now),
        updated_at: source.updated.map(|date| date.timestamp_millis()),
        tags: source.tags,
    })
}

/// Converts a stored article to the contents of its file.
///
/// # Errors
/// If its stored slug is invalid.
pub(crate) fn to_source(article: &Article) -> Result<ArticleSource> {
    Ok(ArticleSource {
        title: article.title.clone(),
        slug: Some(
            article
                .slug
                .parse()
                .with_context(|| format!("the slug {}", article.slug))?,
        ),
        author: article.byline().map(str::to_owned),
        date: Some(time::from_millis(article.published_at)),
        updated: None,
        tags: article.tags.clone(),
        summary: article.summary.clone(),
        language: article
            .language
            .as_deref()
            .and_then(|language| language.parse().ok()),
        image: article.image_url.as_deref().map(|url| match url.parse() {
            Ok(url) => ImageSource::Url(url),
            Err(_) => ImageSource::Path(url.to_owned()),
        }),
        image_alt: article.image_alt.clone(),
        federate: article
            .federate
            .as_deref()
            .and_then(|form| form.parse().ok()),
        federate_summary: article
            .federate_summary
            .as_deref()
            .and_then(|choice| choice.parse().ok()),
        pictures: article
            .pictures
            .as_deref()
            .and_then(|choice| choice.parse().ok()),
        comments: match article.comments.as_str() {
            "open" => article
                .comment_policy
                .as_deref()
                .and_then(|policy| policy.parse().ok()),
            _ => Some(CommentPolicy::Closed),
        },
        comment_days: article.comment_days.and_then(|days| days.try_into().ok()),
        pings: article.pings.parse().ok(),
        quotes: article
            .quotes
            .as_deref()
            .and_then(|quotes| quotes.parse().ok()),
        sensitive: article.sensitive,
        content_warning: article.content_warning.clone(),
        markdown: article.markdown.clone(),
    })
}
