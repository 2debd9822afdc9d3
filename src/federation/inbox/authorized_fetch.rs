//! Access to our documents ("authorized fetch", "secure mode"): unsigned requests may be refused, and blocked servers
//! always are if they sign their requests.

use super::verify;
use crate::{
    crypto::signatures::{RequestParts, is_signed},
    federation::remote::{fetch_error::shown, keys},
    node::{Context, error::InboxError, remote_actor::RemoteActor, urls::host_of},
};
use url::Url;

/// Checks a GET of one of our documents (ActivityPub 3.2).
///
/// Unsigned requests are accepted if `authorized_fetch` is off. Signatures are verified only if it is on: a request
/// gains nothing by the false claim of a blocked signer. The key cache is the inbox's.
///
/// # Errors
/// An [`InboxError`], which determines the response's status.
pub async fn check(request: &RequestParts<'_>, ctx: &Context) -> Result<(), InboxError> {
    let must_be_signed = ctx.config.federation.authorized_fetch;
    if !is_signed(request.headers) {
        return if must_be_signed {
            Err(InboxError::unverified(
                "this server answers signed requests alone",
            ))
        } else {
            Ok(())
        };
    }
    let unverified = match verify::check_signature_form(request, ctx) {
        Err(_) if !must_be_signed => return Ok(()),
        other => other?,
    };
    let key_id = unverified.key_id();
    let signer = verify::key_document(&unverified)?;
    if must_be_signed && ctx.urls().is_ours(key_id) {
        return Err(InboxError::forbidden("this node does not ask itself"));
    }
    refuse_blocked(signer.as_str(), &signer, ctx).await?;
    // A key can have its own address, which does not identify its owner.
    let owner = if must_be_signed {
        Some(verify::verify(&unverified, &signer, ctx).await?)
    } else {
        keys::stored(key_id, ctx).await?
    };
    match owner {
        Some(owned) => refuse_blocked(&owned.owner.row.uri, &signer, ctx).await,
        None => Ok(()),
    }
}

/// Verifies the signature of a GET and returns the signer.
///
/// # Errors
/// An [`InboxError`], also if the request has no signature.
pub async fn signer(request: &RequestParts<'_>, ctx: &Context) -> Result<RemoteActor, InboxError> {
    if !is_signed(request.headers) {
        return Err(InboxError::unverified("this is for signed requests alone"));
    }
    let unverified = verify::check_signature_form(request, ctx)?;
    let signer = verify::key_document(&unverified)?;
    if ctx.urls().is_ours(signer.as_str()) {
        return Err(InboxError::forbidden("this node does not ask itself"));
    }
    refuse_blocked(signer.as_str(), &signer, ctx).await?;
    let owned = verify::verify(&unverified, &signer, ctx).await?;
    refuse_blocked(&owned.owner.row.uri, &signer, ctx).await?;
    Ok(owned.owner.clone())
}

async fn refuse_blocked(actor: &str, key: &Url, ctx: &Context) -> Result<(), InboxError> {
    let host = host_of(key).unwrap_or_default();
    let mut conn = ctx.store.read().await?;
    if ctx.is_blocked(&mut conn, actor, &host).await? {
        tracing::info!(
            host,
            signer = shown(actor),
            "refused a fetch by a blocked signer"
        );
        return Err(InboxError::forbidden("this sender is blocked"));
    }
    Ok(())
}
