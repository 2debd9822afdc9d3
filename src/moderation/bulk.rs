//! One decision about many comments, selected by a filter.

use super::{By, Verdict, decide};
use crate::{
    content::Html,
    node::{Node, NodeError},
    store::{Comment, CommentFilter, CommentState, Conn, ListedComment, StoreError},
};

/// The maximum number of decisions in one transaction, since other writers wait for it.
pub const BATCH: i64 = 200;
/// The number of comments that a word search reads at once.
const SEARCH: i64 = 500;

/// Returns the next `limit` comments with ids below `before`, newest first. All words of the filter must occur in the
/// visible text, the content warning, or the author's name or handle.
pub async fn find(
    conn: &mut Conn,
    filter: &CommentFilter,
    mut before: i64,
    limit: i64,
) -> Result<Vec<ListedComment>, StoreError> {
    if filter.words.is_empty() {
        return conn.comments(filter, before, limit).await;
    }
    let wanted = usize::try_from(limit).unwrap_or(0);
    let mut found = Vec::new();
    while found.len() < wanted {
        let read = conn.comments(filter, before, SEARCH).await?;
        let Some(last) = read.last() else { break };
        before = last.comment.id;
        found.extend(read.into_iter().filter(|row| has_words(row, &filter.words)));
    }
    found.truncate(wanted);
    Ok(found)
}

fn has_words(row: &ListedComment, words: &[String]) -> bool {
    let comment = &row.comment;
    let text = format!(
        "{}\n{}\n{}\n{}",
        Html::unverified(comment.content.clone()).to_text(),
        comment.content_warning.as_deref().unwrap_or_default(),
        comment.author_name,
        comment.author_handle
    )
    .to_lowercase();
    words.iter().all(|word| text.contains(word))
}

/// Returns whether a decision would change a comment or teach the spam filter something. Confirming a decision of the
/// node itself also teaches the filter.
pub fn would_change(comment: &Comment, verdict: Verdict) -> bool {
    let is_lesson = match verdict {
        Verdict::Approve => comment.trained.as_deref() != Some("ham"),
        Verdict::Spam => comment.trained.as_deref() != Some("spam"),
        Verdict::Hide | Verdict::Delete | Verdict::Hold => false,
    };
    comment.state != CommentState::Deleted && (is_lesson || comment.state != verdict.state())
}

/// Decides on these comments in one transaction. Returns the rows of the changed comments before the change.
pub async fn decide_on(
    node: &Node,
    ids: &[i64],
    verdict: Verdict,
    by: By<'_>,
) -> Result<Vec<Comment>, NodeError> {
    let mut tx = node.store.begin().await?;
    let mut changed = Vec::new();
    for id in ids {
        let found = tx.comment(*id).await?;
        if let Some(comment) = found.filter(|comment| would_change(comment, verdict)) {
            decide(node, &mut tx, &comment, verdict, by).await?;
            changed.push(comment);
        }
    }
    tx.commit().await?;
    Ok(changed)
}
