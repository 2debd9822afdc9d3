//! `pamphlet comments`: the replies under the articles, in the admin's hands.

mod change;
mod explain;
mod list;
mod note;
mod policy;
mod show;
mod undo;
mod which;

pub use policy::in_force;
pub use show::edit_to_json;

use super::{Options, notes, output};
use crate::{
    content::Html,
    federation::comments::text::most_characters,
    moderation::Verdict,
    node::{Node, urls::permalink_path},
    store::{Comment, Conn, ListedComment},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Moderate the replies under the articles.
#[derive(Debug, Subcommand)]
pub enum Comments {
    /// List comments, the newest first.
    List(list::List),
    /// Show all that is known of one comment.
    Show(show::Show),
    /// Say why a comment looks like spam, or not.
    Explain(explain::Explain),
    /// Put comments on the page that wait or were taken off it.
    Approve(change::Change),
    /// Take comments off the page.
    Hide(change::Change),
    /// Take comments off the page, and have more like them known as spam.
    Spam(change::Change),
    /// Delete comments; their places stay, so that answers to them keep theirs.
    Delete(change::Change),
    /// Take the last decision about a comment back.
    Undo(undo::Undo),
    /// Answer a comment, as `pamphlet reply` does.
    Reply(notes::Reply),
    /// Write something about a comment that only admins see.
    EditNote(note::EditNote),
    /// Show what a comment said before, and what was decided about it.
    History(show::History),
    /// Say how an article takes comments.
    Policy(policy::Policy),
}

#[derive(Debug, Args)]
struct One {
    /// As `comments list` shows it.
    id: i64,
}

impl Comments {
    pub async fn run(self, options: &Options) -> Result<()> {
        if let Comments::Reply(reply) = self {
            return reply.run(options).await;
        }
        let node = options.node().await?;
        let done = self.carry_out(&node).await;
        node.store.close().await;
        done
    }

    async fn carry_out(self, node: &Node) -> Result<()> {
        match self {
            Comments::List(list) => list.run(node).await,
            Comments::Show(show) => show.run(node).await,
            Comments::Explain(explain) => explain.run(node).await,
            Comments::Approve(change) => change.run(node, Verdict::Approve).await,
            Comments::Hide(change) => change.run(node, Verdict::Hide).await,
            Comments::Spam(change) => change.run(node, Verdict::Spam).await,
            Comments::Delete(change) => change.run(node, Verdict::Delete).await,
            Comments::Undo(undo) => undo.run(node).await,
            Comments::EditNote(note) => note.run(node).await,
            Comments::History(history) => history.run(node).await,
            Comments::Policy(policy) => policy.run(node).await,
            Comments::Reply(_) => Ok(()),
        }
    }
}

async fn find(conn: &mut Conn, id: i64) -> Result<ListedComment> {
    match conn.listed_comment(id).await? {
        Some(comment) => Ok(comment),
        None => bail!("there is no comment {id}: `pamphlet comments list` shows them all"),
    }
}

/// A comment's text as far as it is shown, and whether it is longer.
fn text_of(node: &Node, comment: &Comment) -> (String, bool) {
    let html = Html::from_stored(comment.content.clone());
    match html.shortened(most_characters(node)) {
        Some(shortened) => (shortened.to_text(), true),
        None => (html.to_text(), false),
    }
}

/// The author's handle, or the name of who has none.
fn author_of(comment: &Comment) -> String {
    match (comment.author_handle.as_str(), comment.author_name.as_str()) {
        ("", "") => "nobody".to_owned(),
        ("", name) => output::one_line(name, 40),
        (handle, _) => output::one_line(handle, 80),
    }
}

/// The comment on the article's page.
fn page_of(node: &Node, row: &ListedComment) -> String {
    let path = permalink_path(row.article_published_at, &row.article_slug);
    format!("{}#comment-{}", node.urls().at(&path), row.comment.number)
}

/// As scripts read it.
pub fn to_json(node: &Node, row: &ListedComment) -> Value {
    let comment = &row.comment;
    let reasons: Option<Value> = comment
        .score_reasons
        .as_deref()
        .and_then(|reasons| serde_json::from_str(reasons).ok());
    let (text, is_shortened) = text_of(node, comment);
    json!({
        "id": comment.id,
        "article": row.article_slug,
        "number": comment.number,
        "in_reply_to": row.parent_number,
        "page": page_of(node, row),
        "uri": comment.uri,
        "url": comment.url,
        "author": comment.author_name,
        "handle": comment.author_handle,
        "actor": row.actor_uri,
        "guest": comment.guest_id.is_some(),
        "site": row.guest_site,
        "state": comment.state,
        "reason": comment.reason,
        "score": comment.score,
        "score_reasons": reasons,
        "note": comment.admin_note,
        "hidden_by_author": comment.is_hidden_by_author(),
        "content_warning": comment.content_warning,
        "language": comment.language,
        "text": text,
        "shortened": is_shortened,
        "html": comment.content,
        "published": output::timestamp(comment.published_at),
        "received": output::timestamp(comment.received_at),
        "edited": comment.edited_at.map(output::timestamp),
    })
}
