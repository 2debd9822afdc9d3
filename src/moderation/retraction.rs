//! Removes an object or actor that was deleted at its origin from the page, the edit history, the admin's notices, waiting mails and
//! webhook calls, forwarded activities, quotes and reactions, and the spam filter's good examples.

use crate::{
    moderation,
    node::NodeError,
    store::{Comment, CommentState, DeletionCause, RemoteActorRow, Tx},
};

/// Removes an actor's object and everything stored about it. Returns its comment, if it was one. `deletion` is the id
/// of the `Delete` activity.
///
/// A comment that the admin hid can't come back by a `Delete` and its `Undo`.
pub async fn end_object(
    tx: &mut Tx,
    uri: &str,
    author: &RemoteActorRow,
    by: DeletionCause,
    deletion: Option<&str>,
) -> Result<Option<Comment>, NodeError> {
    let comment = tx.comment_by_uri(uri).await?;
    // The author may have used the URL of its page instead of its id.
    let uri = comment.as_ref().map_or(uri, |comment| &comment.uri);
    let by = match &comment {
        Some(comment) if is_taken_off(comment) => DeletionCause::Admin,
        _ => by,
    };
    // Unknown objects are recorded too: the `Create` may still arrive.
    tx.add_tombstone_with_cause(uri, &author.uri, by, deletion)
        .await?;
    if let Some(comment) = &comment {
        moderation::unlearn_good(tx, comment).await?;
        tx.redact_comment(comment.id).await?;
    }
    tx.clear_notices_of_post(uri, &author.uri).await?;
    tx.forget_quotes(author.id, uri).await?;
    tx.remove_reaction_by_uri(author.id, uri).await?;
    tx.finish_lookup(uri).await?;
    Ok(comment)
}

fn is_taken_off(comment: &Comment) -> bool {
    matches!(comment.state, CommentState::Hidden | CommentState::Spam)
}

/// Removes an actor with all of its objects. Its comments come back if the actor does. `deletion` is the id of the
/// `Delete` activity.
pub async fn end_actor(
    tx: &mut Tx,
    actor: &RemoteActorRow,
    by: DeletionCause,
    deletion: Option<&str>,
) -> Result<(), NodeError> {
    for comment in tx.comments_learned_as_good(actor.id).await? {
        moderation::unlearn_good(tx, &comment).await?;
    }
    tx.erase_remote_actor(actor.id, by, deletion).await?;
    Ok(())
}
