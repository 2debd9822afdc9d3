//! Fetches of documents and collections from other servers, signed by the instance actor.

use super::{
    fetch_error::{FetchError, classify, shown},
    signed_client::ANY_JSON,
};
use crate::{http_client::guard::check_url, node::Node, protocol::canonical_id};
use activitypub_federation::{config::Data, fetch::fetch_object_http};
use serde_json::Value;
use std::borrow::Cow;
use url::Url;

/// Fetches a collection, or a page of one. Only the addresses of its items are believed, so it may also be
/// `application/json` (WordPress). Any other document of that type may be a file that a user uploaded.
///
/// # Errors
/// As [`document`].
pub async fn collection(url: &str, data: &Data<Node>) -> Result<Value, FetchError> {
    ANY_JSON.scope(true, document(url, data)).await
}

/// Fetches the document at a URL; its `id` is where it was found.
///
/// # Errors
/// See [`FetchError`]; also when this activity's budget of requests is used up.
pub async fn document(url: &str, data: &Data<Node>) -> Result<Value, FetchError> {
    let unusable = |reason: &str| FetchError::Unusable {
        url: shown(url),
        reason: reason.to_owned(),
    };
    let mut address = Url::parse(url).map_err(|_| unusable("it is not a URL"))?;
    // The library would fetch in circles: a document's id never has the fragment of a part of it.
    address.set_fragment(None);
    if data.urls().is_ours(address.as_str()) {
        return Err(unusable("it is on this node"));
    }
    match fetch_from(&address, data).await {
        // Some servers do not recognize another spelling of their own id.
        Err(FetchError::Missing(missing)) => match canonical_id(address.as_str()) {
            Cow::Owned(canonical) => match Url::parse(&canonical) {
                Ok(address) => fetch_from(&address, data).await,
                Err(_) => Err(FetchError::Missing(missing)),
            },
            Cow::Borrowed(_) => Err(FetchError::Missing(missing)),
        },
        other => other,
    }
}

async fn fetch_from(address: &Url, data: &Data<Node>) -> Result<Value, FetchError> {
    match fetch_object_http::<Node, Value>(address, data).await {
        Ok(fetched) => Ok(fetched.object),
        Err(error) => Err(classify(address.as_str(), &error)),
    }
}

/// Checks what can be seen of a URL itself.
///
/// # Errors
/// If it may not be asked.
pub(crate) fn check_spelling(url: &Url, development: bool) -> Result<(), FetchError> {
    check_url(url, development).map_err(|error| FetchError::Unusable {
        url: shown(url.as_str()),
        reason: error.to_string(),
    })
}

/// Whether an address may be asked at all: neither forbidden, nor ours, nor of a blocked host.
///
/// Every request to another server asks this, and every redirect of one. Where its name leads is checked in the
/// client's resolver (`guard::check_address`), at the connection.
///
/// # Errors
/// If it may not be asked, or the database can't say so.
pub(crate) async fn check_contact(url: &Url, node: &Node) -> Result<(), FetchError> {
    let unusable = |reason: &str| FetchError::Unusable {
        url: shown(url.as_str()),
        reason: reason.to_owned(),
    };
    check_spelling(url, node.config.development)?;
    if node.urls().is_ours(url.as_str()) {
        return Err(unusable("it is on this node"));
    }
    let host = crate::node::urls::host_of(url).unwrap_or_default();
    let blocked = match node.store.read().await {
        Ok(mut conn) => node.is_blocked(&mut conn, url.as_str(), &host).await,
        Err(error) => Err(error),
    };
    match blocked {
        Ok(false) => Ok(()),
        Ok(true) => Err(unusable("its host is blocked")),
        Err(error) => Err(FetchError::Unreachable {
            url: shown(url.as_str()),
            reason: error.to_string(),
        }),
    }
}

/// Checks an address that will be delivered to.
///
/// # Errors
/// The reason for which it is never connected to.
pub fn check_inbox(url: &str, development: bool) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|_| "the inbox is not a URL".to_owned())?;
    check_url(&url, development).map_err(|error| error.to_string())?;
    Ok(url)
}
