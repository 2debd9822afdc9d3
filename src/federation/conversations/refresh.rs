//! A comment of which another than its author said that it changed: its own server is asked what it is now.

use crate::{
    federation::{
        fetch::{self, FetchError},
        inbox::{InboxError, create, text::content_of, update},
        node::Context,
    },
    protocol::{Object, same_id},
    store::Comment,
};

/// Reads a comment anew: what is gone becomes a tombstone, what was edited is edited here.
///
/// # Errors
/// [`InboxError::Later`] if its server is out of reach; [`InboxError::Dropped`] if nothing follows from what it says.
pub async fn refresh(comment: Comment, data: &Context) -> Result<(), InboxError> {
    if comment.state == "deleted" {
        return Ok(());
    }
    let author = match comment.actor_id {
        Some(id) => data.store.read().await?.remote_actor_uri(id).await?,
        None => None,
    };
    let author = author.ok_or(InboxError::Dropped("hint at a comment of nobody"))?;
    match fetch::document(&comment.uri, data).await {
        Ok(document) => {
            let object =
                Object::read(document).ok_or(InboxError::Dropped("object that can't be read"))?;
            let is_same = |id: &Option<String>, known: &str| {
                id.as_deref().is_some_and(|id| same_id(id, known))
            };
            if !is_same(&object.id, &comment.uri) {
                return Err(InboxError::Dropped("object with another id"));
            }
            if object.kind() == "Tombstone" {
                return bury(&comment, &author, data).await;
            }
            if !is_same(&object.attributed_to, &author) {
                return Err(InboxError::Dropped("object of another author"));
            }
            revise(&comment, &object, &author, data).await
        }
        Err(FetchError::Gone(_) | FetchError::Missing(_)) => bury(&comment, &author, data).await,
        Err(FetchError::Unreachable { reason, .. }) => Err(InboxError::Later(reason)),
        Err(FetchError::Unusable { .. }) => Err(InboxError::Dropped(
            "object that its own host does not confirm",
        )),
    }
}

async fn bury(comment: &Comment, author: &str, data: &Context) -> Result<(), InboxError> {
    let mut tx = data.store.begin().await?;
    tx.add_tombstone(&comment.uri, author).await?;
    tx.bury_comment(comment.id).await?;
    tx.commit().await?;
    Ok(())
}

async fn revise(
    comment: &Comment,
    object: &Object,
    author: &str,
    data: &Context,
) -> Result<(), InboxError> {
    let content = content_of(object).await;
    let is_same = content.html.as_str() == comment.content
        && create::warning_of(object) == comment.content_warning
        && !object.is_withheld();
    if is_same {
        return Ok(());
    }
    let mut tx = data.store.begin().await?;
    update::revise(&mut tx, comment, object, &content, author, data).await?;
    tx.commit().await?;
    Ok(())
}
