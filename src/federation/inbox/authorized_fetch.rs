//! Who may read our documents: in secure mode only servers that sign their requests, and in any mode none
//! that is shut out and says who it is.

use crate::{
    crypto::signatures::{RequestParts, is_signed},
    federation::{
        inbox,
        remote::{fetch_error::shown, keys},
    },
    node::{Context, error::InboxError, remote_actor::RemoteActor, urls::host_of},
};
use url::Url;

/// Checks a GET of a document of ours (ActivityPub 3.2; "authorized fetch").
///
/// Unsigned ones pass if `authorized_fetch` is off. Signers are proven only if it is on: nobody gains by
/// claiming to be somebody who is shut out. Keys are looked up through the same gate as for the inbox.
///
/// # Errors
/// An [`InboxError`], which knows the status of the answer.
pub async fn check(request: &RequestParts<'_>, data: &Context) -> Result<(), InboxError> {
    let must_be_signed = data.config.federation.authorized_fetch;
    if !is_signed(request.headers) {
        return match must_be_signed {
            false => Ok(()),
            true => Err(InboxError::unverified(
                "this server answers signed requests alone",
            )),
        };
    }
    let unverified = match inbox::check_signature_form(request, data) {
        Err(_) if !must_be_signed => return Ok(()),
        other => other?,
    };
    let key_id = unverified.key_id();
    let mut signer =
        Url::parse(key_id).map_err(|_| InboxError::malformed("the keyId is not a URL"))?;
    signer.set_fragment(None);
    if must_be_signed && data.urls().is_ours(key_id) {
        return Err(InboxError::forbidden("this node does not ask itself"));
    }
    refuse_blocked(signer.as_str(), &signer, data).await?;
    // A key can have an address of its own, which does not tell its owner.
    let owner = match must_be_signed {
        true => Some(inbox::verify(&unverified, &signer, data).await?),
        false => keys::stored(key_id, data).await?,
    };
    match owner {
        Some(owned) => refuse_blocked(&owned.owner.row.uri, &signer, data).await,
        None => Ok(()),
    }
}

/// Who signed a GET, proven.
///
/// # Errors
/// An [`InboxError`], also for a request without a signature.
pub async fn signer(request: &RequestParts<'_>, data: &Context) -> Result<RemoteActor, InboxError> {
    if !is_signed(request.headers) {
        return Err(InboxError::unverified("this is for signed requests alone"));
    }
    let unverified = inbox::check_signature_form(request, data)?;
    let mut signer = Url::parse(unverified.key_id())
        .map_err(|_| InboxError::malformed("the keyId is not a URL"))?;
    signer.set_fragment(None);
    if data.urls().is_ours(signer.as_str()) {
        return Err(InboxError::forbidden("this node does not ask itself"));
    }
    refuse_blocked(signer.as_str(), &signer, data).await?;
    let owned = inbox::verify(&unverified, &signer, data).await?;
    refuse_blocked(&owned.owner.row.uri, &signer, data).await?;
    Ok(owned.owner.clone())
}

async fn refuse_blocked(actor: &str, key: &Url, data: &Context) -> Result<(), InboxError> {
    let host = host_of(key).unwrap_or_default();
    let mut conn = data.store.read().await?;
    if data.is_blocked(&mut conn, actor, &host).await? {
        tracing::info!(host, signer = shown(actor), "a fetch was refused");
        return Err(InboxError::forbidden("this sender is blocked"));
    }
    Ok(())
}
