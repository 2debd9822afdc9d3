//! Readers' reports of comments, as notices for the admin.

use crate::{
    node::{Node, NodeError},
    store::{Comment, NewNotice, NoticeKind},
};

/// Stores a reader's report of a comment at `page`. The same report again is counted in the notice that is there.
pub async fn store(
    node: &Node,
    comment: &Comment,
    title: &str,
    page: &str,
    reason: &str,
) -> Result<(), NodeError> {
    let id = comment.id;
    let mut text = format!("A reader reports comment {id} on “{title}”: {page}");
    if !reason.is_empty() {
        text.push_str("\n\n");
        text.push_str(reason);
    }
    let notice = NewNotice {
        kind: NoticeKind::ReaderReport,
        actor_uri: "",
        object_uri: Some(&comment.uri),
        subject: &format!("{}\n{reason}", comment.uri),
        text: &text,
    };
    let mut tx = node.store.begin().await?;
    tx.add_or_repeat_notice(&notice).await?;
    tx.commit().await?;
    node.store.wake();
    Ok(())
}
