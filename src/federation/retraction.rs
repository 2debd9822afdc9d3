//! What its author takes back leaves every room: the page, the earlier texts, the admin's notices, the mails and
//! calls of the webhook that wait, what was passed on, quotes and reactions, and what the filter learned as good.

use super::{NodeError, moderation};
use crate::store::{Comment, CommentState, EndedBy, RemoteActorRow, Tx};

/// Ends an object of an actor's, as far as it is known here; the comment that it was.
///
/// A comment that the admin took off the page does not come back by being deleted first.
pub async fn end_object(
    tx: &mut Tx,
    uri: &str,
    author: &RemoteActorRow,
    by: EndedBy,
) -> Result<Option<Comment>, NodeError> {
    let comment = tx.comment_by_uri(uri).await?;
    // Its author may have named it by its page.
    let uri = comment.as_ref().map_or(uri, |comment| &comment.uri);
    let by = match &comment {
        Some(comment) if is_taken_off(comment) => EndedBy::Admin,
        _ => by,
    };
    // Also where nothing is known of it: its Create may be on its way.
    tx.add_end(uri, &author.uri, by).await?;
    if let Some(comment) = &comment {
        moderation::unlearn_good(tx, comment).await?;
        tx.bury_comment(comment.id).await?;
    }
    tx.empty_notices_of(uri, &author.uri).await?;
    tx.forget_quotes(author.id, uri).await?;
    tx.remove_reaction_by_uri(author.id, uri).await?;
    tx.finish_lookup(uri).await?;
    Ok(comment)
}

fn is_taken_off(comment: &Comment) -> bool {
    [CommentState::Hidden, CommentState::Spam]
        .iter()
        .any(|state| comment.state == state.as_str())
}

/// Ends an actor with all of theirs. Their comments come back if they do.
pub async fn end_actor(tx: &mut Tx, actor: &RemoteActorRow) -> Result<(), NodeError> {
    for comment in tx.lessons_of(actor.id).await? {
        moderation::unlearn_good(tx, &comment).await?;
    }
    tx.erase_remote_actor(actor.id).await?;
    Ok(())
}
