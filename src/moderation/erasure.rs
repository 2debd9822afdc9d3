//! Erases the personal data of a remote actor or a guest on request.

use super::{
    By, Verdict,
    bulk::{self, BATCH},
};
use crate::{
    moderation,
    node::{Node, NodeError},
    store::{CommentFilter, Commenter, Decision, RemoteActorRow},
};

/// Erases a remote actor and everything stored about it: see [`crate::store::Tx::erase_actor`].
pub async fn erase_actor(node: &Node, actor: &RemoteActorRow, who: &str) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    for comment in tx.comments_learned_as_good(actor.id).await? {
        moderation::unlearn_good(&mut tx, &comment).await?;
    }
    tx.erase_actor(actor).await?;
    tx.log(&erasure(who)).await?;
    tx.commit().await?;
    node.forget_keys();
    Ok(())
}

/// Erases the guests with a mail address, their comments and the mails queued for them. If it is interrupted, running it
/// again completes it.
pub async fn erase_mail(node: &Node, mail: &str, who: &str) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    tx.forget_reasons_about_mail(mail).await?;
    tx.commit().await?;
    let filter = CommentFilter {
        author: Some(Commenter::Mail(mail.to_owned())),
        ..CommentFilter::default()
    };
    loop {
        let mut conn = node.store.read().await?;
        let next = conn.comments(&filter, i64::MAX, BATCH).await?;
        drop(conn);
        let ids: Vec<i64> = next.iter().map(|row| row.comment.id).collect();
        if ids.is_empty() {
            break;
        }
        bulk::decide_on(node, &ids, Verdict::Delete, By { who, why: None }).await?;
    }
    let mut tx = node.store.begin().await?;
    tx.erase_mail(mail).await?;
    tx.log(&erasure(who)).await?;
    tx.commit().await?;
    Ok(())
}

/// Returns the log entry, which does not name the person.
fn erasure(who: &str) -> Decision<'_> {
    Decision {
        who,
        action: "erase",
        about: "a person",
        ..Decision::default()
    }
}
