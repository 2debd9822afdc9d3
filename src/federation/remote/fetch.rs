//! Fetches of documents and collections from other servers, signed by the instance actor.

use super::{
    fetch_error::{FetchError, classify, shown},
    signed_client::ANY_JSON,
};
use crate::{
    base::steps,
    http_client::guard::check_url,
    node::{Context, Node},
    protocol::canonical_id,
};
use activitypub_federation::fetch::fetch_object_http;
use serde_json::Value;
use std::borrow::Cow;
use url::Url;

/// The reason for which a node that stays offline sends no request.
pub(crate) const OFFLINE: &str = "no request to another server is made";

/// Fetches a collection, or a page of one. Only the ids of its items are used, so it may also be
/// `application/json` (WordPress). Any other document of that type may be a file that a user uploaded.
///
/// # Errors
/// As [`document`].
pub async fn collection(url: &str, ctx: &Context) -> Result<Value, FetchError> {
    ANY_JSON.scope(true, document(url, ctx)).await
}

/// Fetches the document at a URL. Its `id` is the URL at which it was found.
///
/// # Errors
/// See [`FetchError`]; also when this activity's budget of requests is used up.
pub async fn document(url: &str, ctx: &Context) -> Result<Value, FetchError> {
    let unusable = |reason: &str| FetchError::Unusable {
        url: shown(url),
        reason: reason.to_owned(),
    };
    let mut address = Url::parse(url).map_err(|_| unusable("it is not a URL"))?;
    // With a fragment the library would fetch in a loop, since a document's id has none.
    address.set_fragment(None);
    if ctx.urls().is_ours(address.as_str()) {
        return Err(unusable("it is on this node"));
    }
    match fetch_from(&address, ctx).await {
        // Some servers do not recognize another spelling of their own id.
        Err(FetchError::Missing(missing)) => match canonical_id(address.as_str()) {
            Cow::Owned(canonical) => match Url::parse(&canonical) {
                Ok(address) => fetch_from(&address, ctx).await,
                Err(_) => Err(FetchError::Missing(missing)),
            },
            Cow::Borrowed(_) => Err(FetchError::Missing(missing)),
        },
        other => other,
    }
}

async fn fetch_from(address: &Url, ctx: &Context) -> Result<Value, FetchError> {
    match fetch_object_http::<Node, Value>(address, ctx).await {
        Ok(fetched) => Ok(fetched.object),
        Err(error) => Err(classify(address.as_str(), &error)),
    }
}

/// Checks the URL itself, without resolving its name.
///
/// # Errors
/// [`FetchError::Unusable`] if the client would refuse it.
pub(crate) fn check_spelling(url: &Url, development: bool) -> Result<(), FetchError> {
    check_url(url, development).map_err(|error| FetchError::Unusable {
        url: shown(url.as_str()),
        reason: error.to_string(),
    })
}

/// Checks that a URL may be requested: it is acceptable, not local, and its host is not blocked.
///
/// Every request to another server and every redirect passes this check. The client's resolver
/// (`guard::check_address`) checks the resolved address when it connects.
///
/// # Errors
/// If it may not be requested, or the database is unavailable.
pub(crate) async fn check_contact(url: &Url, node: &Node) -> Result<(), FetchError> {
    let unusable = |reason: &str| FetchError::Unusable {
        url: shown(url.as_str()),
        reason: reason.to_owned(),
    };
    check_spelling(url, node.config.development)?;
    if node.urls().is_ours(url.as_str()) {
        return Err(unusable("it is on this node"));
    }
    if node.is_offline() {
        let url = shown(url.as_str());
        steps::note("request", || format!("{url} would be asked, and was not"));
        let reason = OFFLINE.to_owned();
        return Err(FetchError::Busy { url, reason });
    }
    let host = crate::node::urls::host_of(url).unwrap_or_default();
    let blocked = match node.store.read().await {
        Ok(mut conn) => node.is_blocked(&mut conn, url.as_str(), &host).await,
        Err(error) => Err(error),
    };
    match blocked {
        Ok(false) => {
            steps::note("request", || format!("asks {}", shown(url.as_str())));
            Ok(())
        }
        Ok(true) => Err(unusable("its host is blocked")),
        Err(error) => Err(FetchError::Unreachable {
            url: shown(url.as_str()),
            reason: error.to_string(),
        }),
    }
}

/// Checks the address of an inbox.
///
/// # Errors
/// The reason for which the client would refuse it.
pub fn check_inbox(url: &str, development: bool) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|_| "the inbox is not a URL".to_owned())?;
    check_url(&url, development).map_err(|error| error.to_string())?;
    Ok(url)
}
