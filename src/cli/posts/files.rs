//! Articles as Markdown files: read, completed, written out again.

use crate::{
    content::{ArticleSource, CommentPolicy, ImageSource, Slug},
    federation::Node,
    media,
    store::{self, Article, ArticleFields, Conn},
};
use anyhow::{Context, Result, bail};
use std::path::Path;

pub fn read_source(path: &Path) -> Result<ArticleSource> {
    let shown = path.display();
    let about = std::fs::metadata(path).with_context(|| format!("{shown} can't be read"))?;
    if !about.is_file() {
        bail!("{shown} is not a file: name a Markdown file");
    }
    if about.len() > crate::content::article::MAX_FILE_BYTES as u64 {
        bail!("{shown} is larger than 2 MiB, which is the limit for an article");
    }
    let bytes = std::fs::read(path).with_context(|| format!("{shown} can't be read"))?;
    let Ok(text) = String::from_utf8(bytes) else {
        bail!("{shown} is not UTF-8 text: save it in that encoding");
    };
    ArticleSource::parse(&text).with_context(|| shown.to_string())
}

/// What the file says, completed by what is known (of the article that it replaces, if any).
pub async fn fields_of(
    conn: &mut Conn,
    node: &Node,
    path: &Path,
    source: ArticleSource,
    old: Option<&Article>,
) -> Result<ArticleFields> {
    let slug = match (source.slug, old) {
        (Some(slug), _) => slug.to_string(),
        (None, Some(old)) => old.slug.clone(),
        (None, None) => match Slug::from_title(&source.title) {
            Some(slug) => slug.to_string(),
            None => bail!(
                "{}: no slug can be made from the title: add one to the front matter, as in `slug: my-article`",
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
        Some(ImageSource::Path(image)) => Some(take_image(node, path, &image)?),
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

/// A picture beside the article's file; one that was taken in before is named by its address.
fn take_image(node: &Node, article: &Path, image: &str) -> Result<String> {
    if image.starts_with("/media/") {
        return Ok(image.to_owned());
    }
    let folder = article.parent().unwrap_or(Path::new("."));
    Ok(media::take_in(&folder.join(image), &node.config.data)?)
}

pub fn edit_in_editor(old: &Article) -> Result<ArticleSource> {
    let Ok(editor) = std::env::var("VISUAL").or_else(|_| std::env::var("EDITOR")) else {
        bail!("name a Markdown file, or set EDITOR to edit the article in place");
    };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(format!("{}.md", old.slug));
    std::fs::write(&path, to_source(old)?.to_file_text())?;
    let status = std::process::Command::new("sh")
        .args(["-c", &format!("{editor} \"$0\"")])
        .arg(&path)
        .status()
        .with_context(|| format!("the editor {editor} can't be started"))?;
    if !status.success() {
        bail!("the editor ended with a failure; the article is unchanged");
    }
    read_source(&path)
}

pub fn to_source(article: &Article) -> Result<ArticleSource> {
    Ok(ArticleSource {
        title: article.title.clone(),
        slug: Some(
            article
                .slug
                .parse()
                .with_context(|| format!("the slug {}", article.slug))?,
        ),
        author: article.byline().map(str::to_owned),
        date: Some(store::moment(article.published_at)),
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
