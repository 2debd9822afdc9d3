//! What is decided about a guest's comment, told to the fediverse: once it is shown, it goes out as a note of
//! the actor that speaks for guests; once it is no longer, the note is withdrawn.

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

/// Follows what was decided about a comment; `comment` is what it was before. Whose comment the admin let in
/// is trusted from then on, and no longer if it was spam.
pub async fn follow(
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
            // The node's own decisions say nothing about the next comment.
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

/// Sends a guest's comment, which readers see now, to the fediverse, if the site and its article go there.
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
        _ => (node.urls().article(&article.uid), None),
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

/// The uid that its note gets. Other servers keep the tombstone of a withdrawn one for ever: what comes back
/// is a new post. `None` if it is out already.
async fn new_uid(node: &Node, tx: &mut Tx, comment: &Comment) -> Result<Option<String>, NodeError> {
    let Some(uid) = node.urls().note_uid(&comment.uri) else {
        return Ok(None);
    };
    match tx.note_by_uid(&uid).await?.map(|note| note.state) {
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

/// Whether other servers can have a comment: theirs, or a note of ours that was sent.
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
        "comments of guests stay here: choose another name with comments.username, this one is taken"
    );
    Ok(None)
}

/// Takes a guest's comment back from the fediverse; here it stays in the admin's hands.
async fn withdraw(node: &Node, tx: &mut Tx, comment: &Comment) -> Result<(), NodeError> {
    let Some(uid) = node.urls().note_uid(&comment.uri) else {
        return Ok(());
    };
    let Some(note) = tx.note_by_uid(&uid).await? else {
        return Ok(());
    };
    match note.state {
        // Nobody heard of it.
        NoteState::Waiting => tx.set_note_state(note.id, NoteState::Gone).await?,
        NoteState::Live => {
            tx.set_note_state(note.id, NoteState::Withdrawn).await?;
            tx.add_change(ChangeKind::Note, &uid).await?;
        }
        _ => {}
    }
    Ok(())
}
