//! `pamphlet comments`: the replies under the articles, in the admin's hands.

use super::{
    Options,
    output::{self, Format, Page},
};
use crate::{
    content::Html,
    federation::{
        Node,
        moderation::{self, By, Verdict},
    },
    store::{Comment, CommentFilter, Conn},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

/// Moderate the replies under the articles.
#[derive(Debug, Subcommand)]
pub enum Comments {
    /// List comments, the newest first.
    List(List),
    /// Show one comment.
    Show(Show),
    /// Take a comment off the page.
    Hide(One),
    /// Put a held or hidden comment on the page.
    Approve(One),
    /// Delete a comment; its place stays, so that answers to it keep theirs.
    Delete(One),
}

#[derive(Debug, Args)]
pub struct List {
    /// Under this article.
    #[arg(long, value_name = "SLUG")]
    article: Option<String>,
    #[arg(long)]
    state: Option<State>,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Visible,
    Held,
    Hidden,
    Deleted,
}

#[derive(Debug, Args)]
pub struct Show {
    /// As `comments list` shows it.
    id: i64,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub struct One {
    /// As `comments list` shows it.
    id: i64,
}

impl Comments {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Comments::List(list) => list.run(&mut node.store.read().await?).await,
            Comments::Show(show) => show.run(&mut node.store.read().await?).await,
            Comments::Hide(one) => change(&node, one.id, Verdict::Hide).await,
            Comments::Approve(one) => change(&node, one.id, Verdict::Approve).await,
            Comments::Delete(one) => change(&node, one.id, Verdict::Delete).await,
        };
        node.store.close().await;
        done
    }
}

async fn find(conn: &mut Conn, id: i64) -> Result<Comment> {
    match conn.comment(id).await? {
        Some(comment) => Ok(comment),
        None => bail!("there is no comment {id}: `pamphlet comments list` shows them all"),
    }
}

async fn change(node: &Node, id: i64, verdict: Verdict) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let comment = find(&mut tx, id).await?;
    if comment.state == "deleted" {
        bail!("comment {id} is deleted, and nothing of it is left");
    }
    let by = By {
        who: &output::who(),
        why: None,
    };
    moderation::decide(node, &mut tx, &comment, verdict, by).await?;
    tx.commit().await?;
    let said = match verdict {
        Verdict::Approve => "on the page",
        Verdict::Hide => "off the page",
        Verdict::Spam => "marked as spam",
        Verdict::Delete => "deleted",
    };
    output::line(&format!(
        "Comment {id} by {} is {said}.",
        comment.author_handle
    ))
}

impl List {
    async fn run(self, conn: &mut Conn) -> Result<()> {
        let article_id = match &self.article {
            None => None,
            Some(slug) => match conn.article_by_slug(slug).await? {
                Some(article) => Some(article.id),
                None => bail!("there is no article with the slug {slug}"),
            },
        };
        let filter = CommentFilter {
            article_id,
            state: self
                .state
                .and_then(|state| Some(state.to_possible_value()?.get_name().to_owned())),
        };
        let comments = conn
            .comments(&filter, self.page.before(), self.page.limit)
            .await?;
        if self.format.json {
            return output::json(&comments.iter().map(to_json).collect::<Vec<_>>());
        }
        let row = |comment: &Comment| {
            vec![
                comment.id.to_string(),
                output::time(comment.received_at),
                comment.state.clone(),
                comment.author_handle.clone(),
                output::one_line(&text_of(comment), 60),
            ]
        };
        output::table(
            &["ID", "RECEIVED", "STATE", "BY", "TEXT"],
            &comments.iter().map(row).collect::<Vec<_>>(),
            "There are no comments.",
        )
    }
}

impl Show {
    async fn run(self, conn: &mut Conn) -> Result<()> {
        let comment = find(conn, self.id).await?;
        if self.format.json {
            return output::json(&to_json(&comment));
        }
        output::line(&format!(
            "Comment {} ({}){}\n  by {} {}\n  {}\n\n{}",
            comment.id,
            comment.state,
            comment
                .reason
                .as_deref()
                .map(|reason| format!(", {reason}"))
                .unwrap_or_default(),
            output::one_line(&comment.author_name, 60),
            comment.author_handle,
            comment.uri,
            text_of(&comment),
        ))
    }
}

fn text_of(comment: &Comment) -> String {
    Html::from_stored(comment.content.clone()).to_text()
}

fn to_json(comment: &Comment) -> Value {
    json!({
        "id": comment.id,
        "number": comment.number,
        "uri": comment.uri,
        "url": comment.url,
        "author": comment.author_name,
        "handle": comment.author_handle,
        "state": comment.state,
        "reason": comment.reason,
        "text": text_of(comment),
        "html": comment.content,
        "published": output::timestamp(comment.published_at),
        "received": output::timestamp(comment.received_at),
        "edited": comment.edited_at.map(output::timestamp),
    })
}
