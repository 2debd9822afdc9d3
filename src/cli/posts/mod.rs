//! `pamphlet post`: articles from Markdown files.

pub(super) mod advice;
mod editor;
mod files;
mod pictures;
mod pins;

use super::{
    Options, comments,
    output::{self, Format, Page},
};
use crate::{
    content::Slug,
    federation::outbox,
    node::Node,
    store::{self, Article, ArticleFilter, Conn, Cursor, Listing, StoreError},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use editor::Edited;
pub use files::remark_on;
use files::{fields_of, read_source, to_source};
pub use pictures::release;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Write, list and withdraw articles.
#[derive(Debug, Subcommand)]
pub enum Post {
    /// Publish a Markdown file, or a draft by its slug.
    Publish(Source),
    /// Keep a Markdown file as a draft.
    Draft(Source),
    /// List articles, newest first.
    List(List),
    /// Show one article.
    Show(Show),
    /// Replace an article by a Markdown file, or edit it in $EDITOR.
    Edit(Edit),
    /// Withdraw an article: it becomes a draft, and other servers are told that it is gone.
    Unpublish(One),
    /// Delete an article with its comments.
    Delete(One),
    /// Show an article first on the publication's profile on other servers.
    Pin(One),
    /// Show it in its place again.
    Unpin(One),
}

#[derive(Debug, Args)]
pub struct Source {
    /// A Markdown file with front matter, or the slug of a draft.
    #[arg(value_name = "FILE")]
    source: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub struct List {
    /// Only those that readers see.
    #[arg(long)]
    published: bool,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub struct Show {
    slug: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub struct Edit {
    slug: String,
    /// A Markdown file with front matter; without it, $EDITOR is opened.
    file: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub struct One {
    slug: String,
    #[command(flatten)]
    format: Format,
}

/// An article as scripts read it.
#[derive(Serialize)]
struct Shown {
    id: String,
    url: String,
    slug: String,
    title: String,
    status: String,
    published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    federate: Option<String>,
    comments: String,
    /// How comments are taken now.
    comment_policy: &'static str,
    /// 0 is for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment_days: Option<i64>,
    tags: Vec<String>,
    /// Remarks for the author about how other servers treat it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    advice: Vec<String>,
}

impl Shown {
    fn of(node: &Node, article: &Article) -> Self {
        Shown {
            id: node.urls().article(&article.uid),
            url: node.urls().permalink(article),
            slug: article.slug.clone(),
            title: article.title.clone(),
            status: status_of(article).to_owned(),
            published: output::timestamp(article.published_at),
            federate: article.federate.clone(),
            comments: article.comments.clone(),
            comment_policy: article
                .comment_policy(node.config.comments.terms())
                .as_str(),
            comment_days: article.comment_days,
            tags: article.tags.clone(),
            advice: Vec::new(),
        }
    }
}

impl Post {
    pub async fn run(self, options: &Options) -> Result<()> {
        self.check_file()?;
        let node = options.node().await?;
        let done = match self {
            Post::Publish(source) => publish(&node, &source).await,
            Post::Draft(source) => draft(&node, &source).await,
            Post::List(list) => list.run(&node).await,
            Post::Show(show) => show.run(&node).await,
            Post::Edit(edit) => edit.run(&node).await,
            Post::Unpublish(one) => unpublish(&node, &one).await,
            Post::Delete(one) => delete(&node, &one).await,
            Post::Pin(one) => pins::pin(&node, &one).await,
            Post::Unpin(one) => pins::unpin(&node, &one).await,
        };
        node.store.close().await;
        done
    }
}

impl Post {
    /// Reads the file before anything is opened, so that a mistake in it leaves nothing behind.
    fn check_file(&self) -> Result<()> {
        let path = match self {
            Post::Publish(source) if is_slug_of_no_file(&source.source) => return Ok(()),
            Post::Publish(source) | Post::Draft(source) => Path::new(&source.source),
            Post::Edit(Edit {
                file: Some(file), ..
            }) => file,
            _ => return Ok(()),
        };
        read_source(path).map(drop)
    }
}

fn is_slug_of_no_file(text: &str) -> bool {
    !Path::new(text).exists() && text.parse::<Slug>().is_ok()
}

async fn publish(node: &Node, source: &Source) -> Result<()> {
    let path = Path::new(&source.source);
    if is_slug_of_no_file(&source.source) {
        let mut tx = node.store.begin().await?;
        if let Some(article) = tx.article_by_slug(&source.source).await? {
            if article.status == "published" {
                bail!(
                    "{} is published already: change it with `pamphlet post edit {0}`",
                    article.slug
                );
            }
            tx.set_article_status(article.id, "published").await?;
            tx.commit().await?;
            return report(node, article.id, "Published", &source.format).await;
        }
    }
    let id = add(node, path, "published").await?;
    report(node, id, "Published", &source.format).await
}

async fn draft(node: &Node, source: &Source) -> Result<()> {
    let id = add(node, Path::new(&source.source), "draft").await?;
    report(node, id, "Kept as a draft", &source.format).await
}

/// Stores a Markdown file as an article in a state (`draft` or `published`); its row id.
pub async fn add(node: &Node, path: &Path, status: &str) -> Result<i64> {
    let mut source = read_source(path)?;
    let pictures = pictures::read(&mut source, None)?;
    let mut tx = node.store.begin().await?;
    let fields = fields_of(&mut tx, path, source.article, None).await?;
    let id = match tx.add_article(&fields, status).await {
        Err(StoreError::Duplicate(_)) => bail!(
            "an article with the slug {0} is there already: change it with `pamphlet post edit {0} {1}`, \
             or give this one another slug in its front matter",
            fields.slug,
            path.display()
        ),
        other => other?,
    };
    let kept = pictures.keep(&node.config.data)?;
    tx.commit().await?;
    kept.stay();
    source
        .remarks
        .iter()
        .for_each(|remark| output::warn(remark));
    Ok(id)
}

async fn find(conn: &mut Conn, slug: &str) -> Result<Article> {
    match conn.article_by_slug(slug).await? {
        Some(article) => Ok(article),
        None => {
            bail!("there is no article with the slug {slug}: `pamphlet post list` shows them all")
        }
    }
}

async fn report(node: &Node, id: i64, what: &str, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let article = conn.article_by_id(id).await?;
    let article = article.context("the article was deleted in the meantime")?;
    let mut advice = advice::of_article(node, &mut conn, &article).await?;
    advice.extend(outbox::size_warning(node, &mut conn, &article).await?);
    if format.json {
        return output::json(&Shown {
            advice,
            ..Shown::of(node, &article)
        });
    }
    let when = match article.published_at > store::now() && article.status == "published" {
        true => format!("Scheduled for {}", output::time(article.published_at)),
        false => what.to_owned(),
    };
    output::line(&format!(
        "{when}: {}\n  {}",
        article.title,
        node.urls().permalink(&article)
    ))?;
    advice
        .iter()
        .try_for_each(|sentence| output::line(&format!("  Note: {sentence}.")))
}

fn status_of(article: &Article) -> &str {
    match article.status == "published" && article.published_at > store::now() {
        true => "scheduled",
        false => &article.status,
    }
}

impl List {
    async fn run(self, node: &Node) -> Result<()> {
        let listing = if self.published {
            Listing::Visible
        } else {
            Listing::Everything
        };
        let mut conn = node.store.read().await?;
        let after = match self.page.before {
            None => Cursor::START,
            Some(id) => match conn.article_by_id(id).await? {
                Some(article) => Cursor {
                    at: article.published_at,
                    id,
                },
                None => bail!("there is no article {id} to list from"),
            },
        };
        let articles = conn
            .articles(listing, &ArticleFilter::default(), after, self.page.limit)
            .await?;
        if self.format.json {
            return output::json(
                &articles
                    .iter()
                    .map(|article| Shown::of(node, article))
                    .collect::<Vec<_>>(),
            );
        }
        let row = |article: &Article| {
            vec![
                output::time(article.published_at),
                status_of(article).to_owned(),
                article.slug.clone(),
                output::one_line(&article.title, 60),
            ]
        };
        output::table(
            &["DATE", "STATUS", "SLUG", "TITLE"],
            &articles.iter().map(row).collect::<Vec<_>>(),
            "There are no articles yet: `pamphlet post publish FILE.md` publishes one.",
        )
    }
}

impl Show {
    async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let article = find(&mut conn, &self.slug).await?;
        if self.format.json {
            let mut value = serde_json::to_value(Shown::of(node, &article))?;
            value["markdown"] = article.markdown.clone().into();
            return output::json(&value);
        }
        output::line(&format!(
            "{}\n  {}\n  {}\n  {}, comments {}, {} visible\n\n{}",
            article.title,
            node.urls().permalink(&article),
            node.urls().article(&article.uid),
            status_of(&article),
            comments::in_force(node, &article),
            conn.count_comments(article.id).await?,
            to_source(&article)?.to_file_text(),
        ))
    }
}

impl Edit {
    async fn run(self, node: &Node) -> Result<()> {
        let old = find(&mut node.store.read().await?, &self.slug).await?;
        match &self.file {
            Some(path) => replace(node, &old, read_source(path)?, None).await?,
            None => edit(node, &old).await?,
        }
        report(node, old.id, "Changed", &self.format).await
    }
}

/// Replaces an article. Pictures that the previous text, `known`, names may be missing.
async fn replace(
    node: &Node,
    old: &Article,
    mut source: files::Source,
    known: Option<&str>,
) -> Result<()> {
    let pictures = pictures::read(&mut source, known)?;
    let mut tx = node.store.begin().await?;
    let fields = fields_of(&mut tx, &source.path, source.article, Some(old)).await?;
    match tx.update_article(old.id, &fields).await {
        Err(StoreError::Duplicate(_)) => bail!(
            "another article has the slug {}: choose another",
            fields.slug
        ),
        other => other?,
    }
    let kept = pictures.keep(&node.config.data)?;
    tx.commit().await?;
    kept.stay();
    source
        .remarks
        .iter()
        .for_each(|remark| output::warn(remark));
    release_pictures(node, old).await
}

/// Opens an article in $EDITOR until it can be stored or the user gives up.
async fn edit(node: &Node, old: &Article) -> Result<()> {
    let edited = Edited::new(old)?;
    loop {
        if let Err(error) = edited.open() {
            return Err(edited.give_up(&error));
        }
        let done = match edited.source() {
            Ok(source) => replace(node, old, source, Some(&old.markdown)).await,
            Err(error) => Err(error),
        };
        let Err(error) = done else { return Ok(()) };
        if !edited.asks_again(&error)? {
            return Err(edited.give_up(&error));
        }
    }
}

async fn unpublish(node: &Node, one: &One) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let article = find(&mut tx, &one.slug).await?;
    if article.status != "published" {
        bail!("{} is not published", article.slug);
    }
    tx.set_article_status(article.id, "draft").await?;
    tx.commit().await?;
    report(
        node,
        article.id,
        "Withdrawn, and kept as a draft",
        &one.format,
    )
    .await
}

async fn delete(node: &Node, one: &One) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let article = find(&mut tx, &one.slug).await?;
    tx.delete_article(article.id).await?;
    tx.commit().await?;
    release_pictures(node, &article).await?;
    match one.format.json {
        true => output::json(&Shown {
            status: "deleted".into(),
            ..Shown::of(node, &article)
        }),
        false => output::line(&format!("Deleted: {}", article.title)),
    }
}

/// Removes an article's pictures, except those that another post or profile still shows.
async fn release_pictures(node: &Node, article: &Article) -> Result<()> {
    let lead = article.image_url.as_deref().unwrap_or_default();
    Ok(pictures::release(node, &[lead, &article.markdown]).await?)
}
