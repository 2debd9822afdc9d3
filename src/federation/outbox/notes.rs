//! Changes of notes become Create, then Update if they are edited, then Delete.

use crate::{
    base::time::rfc3339,
    content::{Announcement, html::escape},
    federation::objects::{
        activities::{PublicActivity, destinations_of, holders_of},
        notes::{self, NoteDocument},
    },
    node::{Node, NodeError, local_actors::LocalActor},
    protocol,
    store::{
        self, ActorKind, ChangeKind, CommentState, Edit, Note, NoteState, OwnComment,
        PendingAnnouncement, Tx,
    },
};
use serde_json::Value;
use std::sync::Arc;

/// Sends a waiting note, or withdraws one.
pub(super) async fn handle_note(node: &Node, tx: &mut Tx, uid: &str) -> Result<(), NodeError> {
    let Some(note) = tx.lock_note(uid).await? else {
        return Ok(());
    };
    let author = node
        .local_actors
        .in_transaction(tx, note.local_actor_id)
        .await?;
    match note.state {
        NoteState::Waiting => publish(node, tx, &note, &author).await,
        NoteState::Live if note.by_guest => update(node, tx, &note, &author).await,
        NoteState::Live => update_own(node, tx, &note, &author).await,
        NoteState::Withdrawn => withdraw(node, tx, &note, &author).await,
        _ => Ok(()),
    }
}

async fn publish(
    node: &Node,
    tx: &mut Tx,
    note: &Note,
    author: &Arc<LocalActor>,
) -> Result<(), NodeError> {
    let written = notes::document(node, tx, note, author).await?;
    notes::store_references(tx, &note.uid, &written.linked).await?;
    send(node, tx, note, "Create", &written, author).await?;
    // A guest's comment is on the page already.
    if !note.by_guest {
        join_thread(node, tx, note, author, &written).await?;
    }
    tx.set_note_state(note.id, NoteState::Live).await?;
    Ok(())
}

/// Sends the new text of a guest's comment.
async fn update(
    node: &Node,
    tx: &mut Tx,
    note: &Note,
    author: &Arc<LocalActor>,
) -> Result<(), NodeError> {
    let written = notes::document(node, tx, note, author).await?;
    send(node, tx, note, "Update", &written, author).await
}

/// Sends the new text of a note by the publication, also to those that only the former text mentions, and shows it in the
/// thread.
async fn update_own(
    node: &Node,
    tx: &mut Tx,
    note: &Note,
    author: &Arc<LocalActor>,
) -> Result<(), NodeError> {
    let mut written = notes::document(node, tx, note, author).await?;
    notes::store_references(tx, &note.uid, &written.linked).await?;
    written.linked.actors = tx.mentioned_in(&note.uid).await?;
    send(node, tx, note, "Update", &written, author).await?;
    let comment = tx.comment_by_uri(&written.document.id).await?;
    let comment = comment.filter(|comment| comment.state != CommentState::Deleted);
    let (Some(comment), Some(edited_at)) = (comment, note.edited_at) else {
        return Ok(());
    };
    let edit = Edit {
        content: &thread_content(&written),
        content_warning: note.content_warning.as_deref(),
        language: Some(&note.language),
        extras: comment.extras.as_deref(),
        edited_at,
        updated_at: None,
    };
    Ok(tx.edit_comment(comment.id, &edit).await?)
}

async fn send(
    node: &Node,
    tx: &mut Tx,
    note: &Note,
    kind: &'static str,
    written: &NoteDocument,
    author: &Arc<LocalActor>,
) -> Result<(), NodeError> {
    let pending = tx.pending_announcement(ChangeKind::Note, &note.uid).await?;
    let announcement = match pending {
        PendingAnnouncement::Silent => Announcement::Silent,
        _ => Announcement::Tell,
    };
    let document = &written.document;
    let time = document.updated.as_ref().unwrap_or(&document.published);
    let activity = PublicActivity {
        author,
        kind,
        object_uri: &document.id,
        object: serde_json::to_value(document).unwrap_or(Value::Null),
        published: Some(time.clone()),
        cc: document.cc.clone(),
    };
    if announcement == Announcement::Silent && kind == "Create" {
        tx.set_note_unannounced(note.id).await?;
    }
    if announcement == Announcement::Tell && !note.announced {
        return activity.enqueue_to_holders(node, tx, &note.uid).await;
    }
    let others = destinations_of(node, tx, &written.linked.actors).await?;
    let followed = followed(node, tx, author).await?;
    let followed: Vec<&LocalActor> = followed.iter().map(Arc::as_ref).collect();
    let audience = (&followed[..], &others[..]);
    activity.announce(node, tx, audience, announcement).await
}

/// Returns the actors whose followers get the note: see [`notes::audience`].
async fn followed(
    node: &Node,
    tx: &mut Tx,
    author: &Arc<LocalActor>,
) -> Result<Vec<Arc<LocalActor>>, NodeError> {
    let mut followed = vec![author.clone()];
    if author.row.kind == ActorKind::Comments {
        followed.push(node.local_actors.in_transaction(tx, node.site_id()).await?);
    }
    Ok(followed)
}

/// Stores a note that replies to an article or comment as a comment too.
async fn join_thread(
    node: &Node,
    tx: &mut Tx,
    note: &Note,
    author: &LocalActor,
    written: &NoteDocument,
) -> Result<(), NodeError> {
    let Some(target) = &written.target else {
        return Ok(());
    };
    let name = author
        .row
        .name
        .clone()
        .unwrap_or_else(|| node.config.site.name.clone());
    tx.add_own_comment(&OwnComment {
        article_id: target.article.id,
        parent_id: target.comment_id(),
        uri: &written.document.id,
        author_name: &name,
        author_handle: &node.handle(&author.row),
        author_url: &node.urls().profile(author.row.kind, &author.row.username),
        content: &thread_content(written),
        content_warning: note.content_warning.as_deref(),
        language: &note.language,
        published_at: note.published_at,
    })
    .await?;
    Ok(())
}

/// Returns the text of a note with its picture, as threads show it.
fn thread_content(written: &NoteDocument) -> String {
    let mut content = written.page.as_str().to_owned();
    for picture in &written.document.attachment {
        let alt = escape(picture.name.as_deref().unwrap_or(""));
        content.push_str(&format!(
            "<p><img src=\"{}\" alt=\"{alt}\"></p>",
            escape(&picture.url)
        ));
    }
    content
}

async fn withdraw(
    node: &Node,
    tx: &mut Tx,
    note: &Note,
    author: &Arc<LocalActor>,
) -> Result<(), NodeError> {
    let id = node.urls().note_id(note);
    let mentioned = tx.mentioned_in(&note.uid).await?;
    let mut others = destinations_of(node, tx, &mentioned).await?;
    if !note.announced {
        others.extend(holders_of(node, tx, &note.uid).await?);
    }
    let activity = PublicActivity {
        author,
        kind: "Delete",
        object_uri: &id,
        object: protocol::tombstone(&id, "Note", &rfc3339(store::now())),
        published: None,
        cc: notes::audience(node, tx, author).await?,
    };
    let followed = followed(node, tx, author).await?;
    let followed: Vec<&LocalActor> = followed.iter().map(Arc::as_ref).collect();
    activity.enqueue_also(node, tx, &followed, &others).await?;
    // The admin decides on a guest's comment.
    if !note.by_guest
        && let Some(comment) = tx.comment_by_uri(&id).await?
    {
        tx.redact_comment(comment.id).await?;
    }
    tx.set_hashtags(&note.uid, &[]).await?;
    tx.set_note_state(note.id, NoteState::Gone).await?;
    Ok(())
}
