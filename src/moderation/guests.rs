//! Federates guests' comments: a visible comment is published as a note of the actor that speaks for guests, and a
//! hidden one is deleted from other servers.

use super::{By, Node, NodeError, Verdict, akismet};
use crate::{
    config::FederateGuests,
    content::FederatedForm,
    federation::objects::articles,
    node::local_actors,
    store::{
        self, ActorKind, Article, ChangeKind, Comment, CommentState, GuestNote, NoteState, Tx,
    },
};

/// Publishes or withdraws a guest's comment after a decision. `comment` is the row before the decision. The admin's
/// approval makes the guest trusted; marking a comment as spam ends that.
pub async fn apply_decision(
    node: &Node,
    tx: &mut Tx,
    comment: &Comment,
    verdict: Verdict,
    by: By<'_>,
) -> Result<(), NodeError> {
    let Some(guest_id) = comment.guest_id else {
        return Ok(());
    };
    match verdict {
        Verdict::Approve => {
            // A decision of the spam service does not make a guest trusted.
            if by.who != akismet::LOG_NAME {
                tx.set_guest_trusted(guest_id, true).await?;
            }
            publish(node, tx, comment).await
        }
        Verdict::Spam => {
            tx.set_guest_trusted(guest_id, false).await?;
            withdraw(node, tx, comment).await
        }
        Verdict::Hide | Verdict::Delete | Verdict::Hold => withdraw(node, tx, comment).await,
    }
}

/// Publishes a visible comment of a guest to the fediverse, if the site and the article are federated.
pub async fn publish(node: &Node, tx: &mut Tx, comment: &Comment) -> Result<(), NodeError> {
    if !node.config.comments.federate_guests.is_on() {
        return Ok(());
    }
    let article = tx.article_by_id(comment.article_id).await?;
    let Some(article) = article.filter(|article| is_federated(node, article)) else {
        return Ok(());
    };
    let Some(uid) = new_uid(node, tx, comment).await? else {
        return Ok(());
    };
    let Some(local_actor_id) = guests_actor_id(node, tx).await? else {
        return Ok(());
    };
    let parent = match comment.parent_id {
        Some(id) => tx.comment(id).await?,
        None => None,
    };
    let (in_reply_to, reply_actor_id) = match parent {
        Some(parent) if is_federated_comment(node, tx, &parent).await? => {
            (parent.uri, parent.actor_id)
        }
        _ => {
            let id = article.object_uri.as_deref();
            (node.urls().article_id(&article.uid, id), None)
        }
    };
    let language = article
        .language
        .unwrap_or_else(|| node.config.site.language.clone());
    tx.add_guest_note(&GuestNote {
        uid: &uid,
        local_actor_id,
        language: &language,
        in_reply_to: &in_reply_to,
        reply_actor_id,
        published_at: comment.published_at,
    })
    .await?;
    Ok(tx.add_change(ChangeKind::Note, &uid).await?)
}

fn is_federated(node: &Node, article: &Article) -> bool {
    article.is_visible() && articles::form_of(article, &node.config) != FederatedForm::No
}

/// Returns the uid for the comment's note, or `None` if the note is already published. A withdrawn note comes back under
/// a new uid, because other servers keep its tombstone for ever.
async fn new_uid(node: &Node, tx: &mut Tx, comment: &Comment) -> Result<Option<String>, NodeError> {
    let Some(uid) = node.urls().note_uid(&comment.uri) else {
        return Ok(None);
    };
    match tx.lock_note(&uid).await?.map(|note| note.state) {
        None => Ok(Some(uid)),
        Some(NoteState::Waiting | NoteState::Live) => Ok(None),
        Some(_) => {
            let uid = store::new_uid();
            tx.set_comment_uri(comment.id, &node.urls().note(&uid))
                .await?;
            Ok(Some(uid))
        }
    }
}

/// Returns whether other servers can know a comment: it came from one, or its note was sent.
async fn is_federated_comment(
    node: &Node,
    tx: &mut Tx,
    comment: &Comment,
) -> Result<bool, NodeError> {
    let Some(uid) = node.urls().note_uid(&comment.uri) else {
        return Ok(comment.state != CommentState::Deleted);
    };
    let note = tx.note_by_uid(&uid).await?;
    Ok(note.is_some_and(|note| matches!(note.state, NoteState::Waiting | NoteState::Live)))
}

/// Returns the actor that sends guests' comments: the publication, or an actor that is created on first use.
async fn guests_actor_id(node: &Node, tx: &mut Tx) -> Result<Option<i64>, NodeError> {
    if node.config.comments.federate_guests == FederateGuests::ByPublication {
        return Ok(Some(node.site_id()));
    }
    let username = node.config.comments.username.as_str();
    let id = local_actors::ensure(tx, username, ActorKind::Comments, None).await?;
    let local = node.local_actors.in_transaction(tx, id).await?;
    if local.row.kind == ActorKind::Comments {
        return Ok(Some(id));
    }
    tracing::error!(
        username,
        "comments of guests are not federated, because the username is taken: set comments.username to another one"
    );
    Ok(None)
}

/// Sends the new text of an edited comment to the servers that have the former one.
pub async fn update(node: &Node, tx: &mut Tx, comment: &Comment) -> Result<(), NodeError> {
    let Some(uid) = node.urls().note_uid(&comment.uri) else {
        return Ok(());
    };
    // A note that waits to be sent gets the new text anyway.
    match tx.lock_note(&uid).await?.map(|note| note.state) {
        Some(NoteState::Live) => Ok(tx.add_change(ChangeKind::Note, &uid).await?),
        _ => Ok(()),
    }
}

/// Withdraws a guest's comment from the fediverse. The comment itself is kept for the admin.
pub async fn withdraw(node: &Node, tx: &mut Tx, comment: &Comment) -> Result<(), NodeError> {
    let Some(uid) = node.urls().note_uid(&comment.uri) else {
        return Ok(());
    };
    tx.withdraw_note(&uid).await?;
    Ok(())
}
