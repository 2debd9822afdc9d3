//! An article's file, read with all that other programs write in it.

use super::{
    ArticleSource, FrontMatterError, MAX_FILE_BYTES, Menu, front_matter, parse_date, shortcodes,
    with_plain_lines, yaml_comments,
};
use crate::content::{Slug, markdown};

/// An article's or a page's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArticleFile {
    pub article: ArticleSource,
    /// The menu and the position of a page.
    pub menu: Option<Menu>,
    pub position: Option<i64>,
    /// The line of the file on which the Markdown begins, from 1.
    pub first_line: usize,
    /// Whether the file says that it is a draft.
    pub is_draft: bool,
    /// Paths at which the article was before.
    pub former_paths: Vec<String>,
    /// Sentences to the author about what is not used.
    pub warnings: Vec<String>,
}

impl ArticleFile {
    /// Parses an article's file: front matter, then Markdown. Without a `title`, the first `# heading` becomes the title,
    /// so that a file with a heading needs no front matter. A name such as `2014-03-15-my-text.md`, as Jekyll requires it,
    /// has a date and a slug, which the front matter can override.
    ///
    /// # Errors
    /// The first mistake in the file, with its line if it has one.
    pub(crate) fn parse(text: &str, name: Option<&str>) -> Result<ArticleFile, FrontMatterError> {
        let mut file = parse(text, front_matter::parse)?;
        if let Some((date, slug)) = name.and_then(dated_name) {
            let article = &mut file.article;
            article.date = article.date.or(parse_date(date).ok());
            if article.slug.is_none() {
                let language = article.language.as_ref().map_or("", |tag| tag.as_str());
                article.slug = Slug::from_title(slug, language);
            }
        }
        Ok(file)
    }

    /// Returns the text of a file without its front matter, which may be invalid.
    pub(crate) fn body_of(text: &str) -> &str {
        front_matter::split(text).map_or(text, |parts| parts.text)
    }

    /// Parses a static page's file.
    ///
    /// # Errors
    /// The first mistake in the file, with its line if it has one.
    pub(crate) fn parse_page(text: &str) -> Result<ArticleFile, FrontMatterError> {
        parse(text, front_matter::parse_page)
    }
}

/// Divides a name such as `2014-03-15-my-text.md` into its date and the rest.
fn dated_name(name: &str) -> Option<(&str, &str)> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let date = stem.get(..10)?;
    let rest = stem.get(10..)?.strip_prefix('-')?;
    let is_date = date.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    (is_date && !rest.is_empty()).then_some((date, rest))
}

fn parse(
    file_text: &str,
    parse: impl FnOnce(&front_matter::Parts<'_>) -> Result<front_matter::Read, FrontMatterError>,
) -> Result<ArticleFile, FrontMatterError> {
    if file_text.len() > MAX_FILE_BYTES {
        return Err(FrontMatterError::TooLong {
            bytes: file_text.len(),
        });
    }
    let file_text = with_plain_lines(file_text);
    let parts = front_matter::split(&file_text)?;
    let text = parts.text.trim_start_matches('\n');
    let read = parse(&parts)?;
    let mut article = read.article;
    article.markdown = text.to_owned();
    if article.title.is_empty() {
        let (title, rest) = markdown::split_title(text)
            .filter(|(title, _)| !title.is_empty())
            .ok_or(FrontMatterError::NoTitle)?;
        article.title = title;
        article.markdown = rest.trim_start_matches('\n').to_owned();
    }
    let lines = |text: &str| text.matches('\n').count();
    let first_line = lines(&file_text).saturating_sub(lines(&article.markdown)) + 1;
    let mut warnings = yaml_warnings(&parts);
    if !read.ignored.is_empty() {
        warnings.push(format!("ignored: {}", read.ignored.join(", ")));
    }
    let turned = shortcodes::turn(&article.markdown);
    article.markdown = turned.markdown;
    warnings.extend(turned.left.iter().map(|(lines, name)| {
        let lines: Vec<usize> = lines.iter().map(|line| line + first_line - 1).collect();
        shortcodes::described(name, &lines)
    }));
    Ok(ArticleFile {
        article,
        menu: read.menu,
        position: read.position,
        first_line,
        is_draft: read.is_draft,
        former_paths: read.former_paths,
        warnings,
    })
}

fn yaml_warnings(parts: &front_matter::Parts<'_>) -> Vec<String> {
    if parts.is_yaml() {
        yaml_comments::warnings(parts.front_matter)
    } else {
        Vec::new()
    }
}

/// Returns warnings about the front matter of a file that is invalid: a sentence for each value that YAML truncates, which
/// may be the cause.
pub(crate) fn warnings(file_text: &str) -> Vec<String> {
    match front_matter::split(&with_plain_lines(file_text)) {
        Ok(parts) => yaml_warnings(&parts),
        Err(_) => Vec::new(),
    }
}
