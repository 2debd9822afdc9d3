//! Fetches an object from its own host.

use super::{fetch, fetch_error::FetchError};
use crate::{
    node::{Context, drop_reason::DropReason, error::InboxError},
    protocol::Object,
};

/// Returns an object as its own host serves it.
///
/// # Errors
/// [`InboxError::Later`] or [`InboxError::Busy`] if it can be fetched later; [`InboxError::Dropped`] if its host does
/// not confirm it.
pub async fn fetch_object(id: &str, ctx: &Context) -> Result<Object, InboxError> {
    match fetch::document(id, ctx).await {
        Ok(value) => Object::read(value).ok_or(InboxError::Dropped(DropReason::UnreadableObject)),
        Err(FetchError::Unreachable { reason, .. }) => Err(InboxError::Later(reason)),
        Err(FetchError::Busy { reason, .. }) => Err(InboxError::Busy(reason)),
        Err(_) => Err(InboxError::Dropped(DropReason::ObjectUnconfirmed)),
    }
}
