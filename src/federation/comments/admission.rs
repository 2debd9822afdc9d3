//! Decides whether posts may become comments: what they are, the admin's rules about their authors, and whether they were
//! here before.

use crate::{
    federation::verified_activity::MAX_ID,
    node::{Context, drop_reason::DropReason, error::InboxError, remote_actor::RemoteActor},
    protocol::Object,
    store::{CommentAdmission, PostToAdmit, Severity, StoreError, Tx},
};

/// Checks whether a post may become a comment: see [`admit_all`].
///
/// # Errors
/// [`InboxError::Dropped`] if the author is blocked, the post was deleted, or its id is too long.
pub async fn admit(
    tx: &mut Tx,
    object: &Object,
    author: &RemoteActor,
    ctx: &Context,
) -> Result<CommentAdmission, InboxError> {
    let mut admissions = admit_all(tx, &[(object, author)], ctx).await?;
    admissions
        .pop()
        .unwrap_or(Err(InboxError::Dropped(DropReason::MissingIdOrAuthor)))
}

/// Checks whether each of some posts of authors may become a comment. Returns the admin's rules and the stored state of
/// each.
///
/// # Errors
/// If the statement fails.
pub async fn admit_all(
    tx: &mut Tx,
    posts: &[(&Object, &RemoteActor)],
    ctx: &Context,
) -> Result<Vec<Result<CommentAdmission, InboxError>>, StoreError> {
    let asked: Vec<_> = posts
        .iter()
        .map(|(object, author)| PostToAdmit {
            uri: object
                .id
                .as_deref()
                .filter(|id| id.len() <= MAX_ID)
                .unwrap_or_default(),
            actor_uri: &author.row.uri,
            host: &author.row.host,
        })
        .collect();
    let admissions = tx.comment_admissions(&asked).await?;
    let found = posts.iter().zip(admissions);
    Ok(found
        .map(|((object, author), admission)| check_admission(object, author, admission, ctx))
        .collect())
}

fn check_admission(
    object: &Object,
    author: &RemoteActor,
    admission: CommentAdmission,
    ctx: &Context,
) -> Result<CommentAdmission, InboxError> {
    let id = object.id.as_deref().unwrap_or_default();
    if id.len() > MAX_ID {
        return Err(InboxError::Dropped(DropReason::IdTooLong));
    }
    if admission.severity == Severity::Block || !ctx.allows(&author.row.host) {
        return Err(InboxError::Dropped(DropReason::CommentAuthorBlocked));
    }
    if admission.is_deleted {
        Err(InboxError::Dropped(DropReason::CommentDeleted))
    } else {
        Ok(admission)
    }
}

/// Returns whether an object of this type can be a comment. Unknown types can; actors, activities, collections and
/// tombstones can't.
pub fn can_be_comment(kind: &str) -> bool {
    !matches!(
        kind,
        "Person"
            | "Group"
            | "Organization"
            | "Service"
            | "Application"
            | "Tombstone"
            | "Collection"
            | "OrderedCollection"
            | "CollectionPage"
            | "OrderedCollectionPage"
            | "Create"
            | "Update"
            | "Delete"
            | "Undo"
            | "Follow"
            | "Accept"
            | "Reject"
            | "Announce"
            | "Like"
            | "Flag"
            | "Block"
            | "Move"
            | "Add"
            | "Remove"
            | "Relationship"
    )
}
