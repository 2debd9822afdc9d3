//! Articles as Markdown files: reading, completing and writing them.

use super::{PublishError, warnings};
use crate::{
    base::time,
    content::{
        ArticleSource, CommentPolicy, ImageSource, Language, Menu, Slug,
        article::{self, ArticleFile, FrontMatterError},
        markdown,
    },
    store::{self, Article, ArticleFields, Conn},
};
use std::path::{Path, PathBuf};

/// An article's file, read.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// The name in messages: the file's path, or another name of the text.
    pub(crate) name: String,
    /// The folder at which relative names of files begin. Without one, the text can name no files.
    pub(crate) folder: Option<PathBuf>,
    /// The folders in which a file is looked for whose name begins with `/`.
    pub(crate) site_folders: Vec<PathBuf>,
    pub(crate) article: ArticleSource,
    /// The line of the file on which the text begins.
    first_line: usize,
    /// Whether the file says that it is a draft.
    pub(crate) is_draft: bool,
    /// Paths at which the article was before, on another site for instance.
    pub(crate) former_paths: Vec<String>,
    /// Warnings to the author.
    pub(crate) warnings: Vec<String>,
}

/// The menu of a page, and its position there.
type MenuPlace = (Option<Menu>, Option<i64>);

/// A static page's file, read.
#[derive(Debug, Clone)]
pub(crate) struct PageFile {
    /// Title, slug, language, summary, picture and text.
    pub(crate) source: Source,
    pub(crate) menu: Option<Menu>,
    pub(crate) position: i64,
}

impl Source {
    /// Reads an article's file.
    ///
    /// # Errors
    /// If it can't be read, is too large, or its front matter is invalid.
    pub(crate) fn read(path: &Path) -> Result<Source, PublishError> {
        let text = read_text(path)?;
        Source::parse(path.display().to_string(), Some(folder_of(path)), &text)
    }

    /// Parses the text of an article's file.
    ///
    /// # Errors
    /// If it is too large, or its front matter is invalid.
    pub(crate) fn parse(
        name: String,
        folder: Option<PathBuf>,
        text: &str,
    ) -> Result<Source, PublishError> {
        let file_name = Path::new(&name).file_name().and_then(|name| name.to_str());
        let parsed = ArticleFile::parse(text, file_name);
        Source::new(name, folder, text, parsed).map(|(source, _)| source)
    }

    /// Checks a file that was parsed. Returns the menu and the position of a page with it.
    fn new(
        name: String,
        folder: Option<PathBuf>,
        file_text: &str,
        parsed: Result<ArticleFile, FrontMatterError>,
    ) -> Result<(Source, MenuPlace), PublishError> {
        let file = parsed.map_err(|error| {
            // A comment in the file may be the cause.
            let warnings = article::warnings(file_text);
            let reasons: Vec<String> = [error.to_string()].into_iter().chain(warnings).collect();
            PublishError::mistake(format!("{name}: {}", reasons.join("; ")))
        })?;
        let mut source = Source {
            name,
            folder,
            site_folders: Vec::new(),
            article: file.article,
            first_line: file.first_line,
            is_draft: file.is_draft,
            former_paths: file.former_paths,
            warnings: file.warnings,
        };
        let lost = markdown::forbidden_tags(&source.article.markdown);
        let lost: Vec<String> = lost
            .iter()
            .map(|tag| {
                let line = source.line(tag.line);
                format!("line {line}: {}", warnings::lost_tag(tag))
            })
            .collect();
        source.warnings.extend(lost);
        if source.article.markdown.trim().is_empty() {
            source.warnings.push("the text is empty".to_owned());
        }
        Ok((source, (file.menu, file.position)))
    }

    /// Converts a line number of the text to a line number of the file.
    pub(crate) fn line(&self, of_text: usize) -> usize {
        self.first_line + of_text.saturating_sub(1)
    }
}

impl PageFile {
    /// Reads the file of a static page.
    ///
    /// # Errors
    /// Those of [`Source::read`].
    pub(crate) fn read(path: &Path) -> Result<PageFile, PublishError> {
        let text = read_text(path)?;
        PageFile::parse(path.display().to_string(), Some(folder_of(path)), &text)
    }

    /// Parses the text of a static page's file.
    ///
    /// # Errors
    /// Those of [`Source::parse`].
    pub(crate) fn parse(
        name: String,
        folder: Option<PathBuf>,
        text: &str,
    ) -> Result<PageFile, PublishError> {
        let parsed = ArticleFile::parse_page(text);
        let (source, (menu, position)) = Source::new(name, folder, text, parsed)?;
        Ok(PageFile {
            source,
            menu,
            position: position.unwrap_or(0),
        })
    }
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_owned()
}

/// Reads a text file that may be an article.
///
/// # Errors
/// If it can't be read, is no file, is too large, or is not UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String, PublishError> {
    let shown = path.display();
    let unreadable = |source| PublishError::Read {
        path: path.display().to_string(),
        source,
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(PublishError::mistake(format!(
            "{shown} is not a file: pass a Markdown file"
        )));
    }
    if metadata.len() > article::MAX_FILE_BYTES as u64 {
        return Err(PublishError::mistake(format!(
            "{shown} exceeds the size limit of 2 MiB"
        )));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|_| {
        PublishError::mistake(format!(
            "{shown} is not valid UTF-8: save it in that encoding"
        ))
    })
}

/// Builds an article from its file, whose pictures already have addresses. Missing values come from `old`, the article
/// that it replaces, if there is one; `site_language` is the language if it names none.
///
/// # Errors
/// If no slug can be derived from the title, or the database fails.
pub(crate) async fn fields_of(
    conn: &mut Conn,
    source: Source,
    old: Option<&Article>,
    site_language: &str,
) -> Result<ArticleFields, PublishError> {
    let Source {
        name,
        article: source,
        ..
    } = source;
    let language = source
        .language
        .as_ref()
        .map_or(site_language, Language::as_str);
    let slug = match (source.slug, old) {
        (Some(slug), _) => slug.to_string(),
        (None, Some(old)) => old.slug.clone(),
        (None, None) => match Slug::from_title(&source.title, language) {
            Some(slug) => slug.to_string(),
            None => {
                return Err(PublishError::mistake(format!(
                    "{name}: cannot derive a slug from the title: add one to the front matter, such as \
                     `slug: my-article`"
                )));
            }
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

/// Returns the fields of an article as its file has them, so that reading what was shown is no change.
///
/// # Errors
/// If the database fails.
pub(super) async fn shown_fields(
    conn: &mut Conn,
    article: &Article,
    site_language: &str,
) -> Result<ArticleFields, PublishError> {
    let shown = to_source(article).map(|source| source.to_file_text());
    match shown.and_then(|text| Source::parse(String::new(), None, &text)) {
        Ok(source) => fields_of(conn, source, Some(article), site_language).await,
        Err(_) => Ok(ArticleFields::from(article)),
    }
}

/// Converts a stored article to the contents of its file.
///
/// # Errors
/// If its stored slug is invalid.
pub(crate) fn to_source(article: &Article) -> Result<ArticleSource, PublishError> {
    Ok(ArticleSource {
        title: article.title.clone(),
        slug: Some(parse_slug(&article.slug)?),
        author: article.byline().map(str::to_owned),
        date: (!article.is_undated).then(|| time::from_millis(article.published_at)),
        updated: article.set_updated_at.map(time::from_millis),
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

/// Parses the slug of a row, which another program may have written.
///
/// # Errors
/// If it is invalid.
pub(super) fn parse_slug(slug: &str) -> Result<Slug, PublishError> {
    slug.parse()
        .map_err(|error| PublishError::mistake(format!("the slug {slug}: {error}")))
}
