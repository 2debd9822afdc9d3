//! Articles as commands print them.

use crate::{
    cli::common::{Format, output},
    node::Node,
    publishing::advice,
    store::{self, Article, ArticleStatus, Conn},
};
use anyhow::{Context, Result};
use serde::Serialize;

/// An article as JSON for scripts.
#[derive(Serialize)]
pub(super) struct Summary {
    id: String,
    url: String,
    slug: String,
    title: String,
    status: String,
    published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    federate: Option<String>,
    comments: String,
    /// The comment policy that is in force now.
    comment_policy: &'static str,
    /// The days after publication on which comments are open; 0 for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment_days: Option<i64>,
    tags: Vec<String>,
    /// Advice to the author about how other servers treat the article.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    advice: Vec<String>,
}

/// Everything about an article as JSON for scripts.
#[derive(Serialize)]
pub(super) struct Details {
    #[serde(flatten)]
    summary: Summary,
    author: Option<String>,
    byline: Option<String>,
    updated: Option<String>,
    summary_text: Option<String>,
    language: Option<String>,
    image: Option<String>,
    image_alt: Option<String>,
    federate_summary: Option<String>,
    pictures: Option<String>,
    pings: String,
    quotes: Option<String>,
    sensitive: bool,
    content_warning: Option<String>,
    pinned: bool,
    /// The number of comments that readers see.
    visible_comments: i64,
    markdown: String,
}

impl Details {
    pub(super) fn of(node: &Node, article: &Article, visible_comments: i64, pinned: bool) -> Self {
        Details {
            summary: Summary::of(node, article),
            author: article.author_username.clone(),
            byline: article.byline().map(str::to_owned),
            updated: article.updated_at.map(output::timestamp),
            summary_text: article.summary.clone(),
            language: article.language.clone(),
            image: article.image_url.clone(),
            image_alt: article.image_alt.clone(),
            federate_summary: article.federate_summary.clone(),
            pictures: article.pictures.clone(),
            pings: article.pings.clone(),
            quotes: article.quotes.clone(),
            sensitive: article.sensitive,
            content_warning: article.content_warning.clone(),
            pinned,
            visible_comments,
            markdown: article.markdown.clone(),
        }
    }
}

impl Summary {
    pub(super) fn of(node: &Node, article: &Article) -> Self {
        Summary {
            id: node
                .urls()
                .article_id(&article.uid, article.object_uri.as_deref()),
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

    /// Returns the summary of an article that was just deleted.
    pub(super) fn of_deleted(node: &Node, article: &Article) -> Self {
        Summary {
            status: "deleted".to_owned(),
            ..Summary::of(node, article)
        }
    }
}

/// Returns an article's status, or `scheduled` if it is not due yet.
pub(super) fn status_of(article: &Article) -> &'static str {
    if is_scheduled(article) {
        "scheduled"
    } else {
        article.status.as_str()
    }
}

fn is_scheduled(article: &Article) -> bool {
    article.status == ArticleStatus::Published && article.published_at > store::now()
}

/// Prints a changed article with advice to its author; `verb` says what happened to it.
///
/// # Errors
/// If the article does not exist any more, or the database fails.
pub(super) async fn print_changed(node: &Node, id: i64, verb: &str, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let (article, advice) = read(node, &mut conn, id).await?;
    if format.json {
        return output::json(&Summary {
            advice,
            ..Summary::of(node, &article)
        });
    }
    print(node, &article, verb, &advice)
}

/// Prints many changed articles; with each comes a word for what happened to it.
///
/// # Errors
/// As [`print_changed`].
pub(super) async fn print_many(
    node: &Node,
    changed: &[(i64, &str)],
    format: &Format,
) -> Result<()> {
    let mut conn = node.store.read().await?;
    let mut list = Vec::new();
    for (id, verb) in changed {
        let (article, advice) = read(node, &mut conn, *id).await?;
        if format.json {
            list.push(Summary {
                advice,
                ..Summary::of(node, &article)
            });
        } else {
            print(node, &article, verb, &advice)?;
        }
    }
    if format.json {
        return output::json(&list);
    }
    Ok(())
}

async fn read(node: &Node, conn: &mut Conn, id: i64) -> Result<(Article, Vec<String>)> {
    let article = conn.article_by_id(id).await?;
    let article = article.context("the article was deleted in the meantime")?;
    let advice = advice::of_article(node, conn, &article).await?;
    Ok((article, advice))
}

fn print(node: &Node, article: &Article, verb: &str, advice: &[String]) -> Result<()> {
    let what = if is_scheduled(article) {
        format!("Scheduled for {}", output::time(article.published_at))
    } else {
        verb.to_owned()
    };
    output::line(&format!(
        "{what}: {}\n  {}",
        article.title,
        node.urls().permalink(article)
    ))?;
    advice
        .iter()
        .try_for_each(|sentence| output::line(&format!("  Note: {sentence}.")))
}

/// Prints that an article was edited, but not changed.
///
/// # Errors
/// If stdout can't be written.
pub(super) fn print_unchanged(node: &Node, article: &Article, format: &Format) -> Result<()> {
    if format.json {
        return output::json(&Summary::of(node, article));
    }
    output::line(&format!("Nothing changed: {}", article.title))
}
