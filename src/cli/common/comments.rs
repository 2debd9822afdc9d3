//! Comments and their history, as commands find and print them.

use super::output;
use crate::{
    content::{CommentPolicy, Html},
    federation::comments::text::most_characters,
    node::{Node, urls::permalink_path},
    store::{Article, Comment, CommentEdit, Conn, ListedComment},
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};

/// The number of a comment.
#[derive(Debug, Args)]
pub(crate) struct CommentArg {
    /// The comment's ID, as shown by `comments list`.
    pub(crate) id: i64,
}

/// Finds a comment by id.
///
/// # Errors
/// If no comment has this id.
pub(crate) async fn find(conn: &mut Conn, id: i64) -> Result<ListedComment> {
    match conn.listed_comment(id).await? {
        Some(comment) => Ok(comment),
        None => bail!("no comment has the ID {id}: run `pamphlet comments list` to list comments"),
    }
}

/// Returns a comment's text as far as pages show it, and whether it is longer.
pub(crate) fn text_of(node: &Node, comment: &Comment) -> (String, bool) {
    let html = Html::from_stored(comment.content.clone());
    match html.truncated(most_characters(node)) {
        Some(shortened) => (shortened.to_text(), true),
        None => (html.to_text(), false),
    }
}

/// Returns the author's handle, or the name of an author without one.
pub(crate) fn author_of(comment: &Comment) -> String {
    match (comment.author_handle.as_str(), comment.author_name.as_str()) {
        ("", "") => "unknown".to_owned(),
        ("", name) => output::one_line(name, 40),
        (handle, _) => output::one_line(handle, 80),
    }
}

/// Returns the address of a comment on the article's page.
pub(crate) fn page_of(node: &Node, row: &ListedComment) -> String {
    let path = permalink_path(row.article_published_at, &row.article_slug);
    format!("{}#comment-{}", node.urls().at(&path), row.comment.number)
}

/// Returns a comment as JSON for scripts.
pub(crate) fn to_json(node: &Node, row: &ListedComment) -> Value {
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

/// Returns an earlier version of a comment as JSON for scripts.
pub(crate) fn edit_json(edit: &CommentEdit) -> Value {
    json!({
        "text": Html::unverified(edit.content.clone()).to_text(),
        "html": edit.content,
        "content_warning": edit.content_warning,
        "replaced": output::timestamp(edit.replaced_at),
    })
}

/// Describes the comment policy of an article that is in force now.
pub(crate) fn describe_policy(node: &Node, article: &Article) -> String {
    let site = node.config.comments.terms();
    let policy = article.comment_policy(site);
    let own = article
        .comment_policy
        .as_deref()
        .and_then(|policy| policy.parse().ok());
    let terms = site.overridden_by(own, article.comment_days);
    let days = terms
        .open_for
        .map(|span| format!("{:.0} days", span as f64 / 86_400_000.0));
    match days {
        Some(days) if policy == CommentPolicy::Closed && article.comments == "open" => {
            format!("closed {days} after publication")
        }
        Some(days) if policy != CommentPolicy::Closed => format!("{policy}, for {days}"),
        _ => policy.to_string(),
    }
}
