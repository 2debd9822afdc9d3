//! What blocks name: hosts and actors.

use crate::{
    content::{Handle, Host},
    node::Node,
    protocol::{canonical_id, is_http_url},
    store::{BlockKind, Conn, StoreError},
};

/// The reason why a text names nothing that can be blocked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("{0}")]
    Unreadable(String),
    #[error("{0} is unknown to this node: use the actor's URL (https://...) or the host")]
    Unknown(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns the kind and value under which a block of a host, a handle or an actor's URL is stored.
///
/// # Errors
/// If the text is none of them, or the handle is unknown.
pub(crate) async fn resolve(
    conn: &mut Conn,
    text: &str,
) -> Result<(BlockKind, String), TargetError> {
    let text = text.trim();
    if is_http_url(text) {
        return Ok((BlockKind::Actor, canonical_id(text).into_owned()));
    }
    if text.contains('@') {
        let handle: Handle = text
            .parse()
            .map_err(|_| TargetError::Unreadable(format!("{text} is no handle")))?;
        let host = handle.host().to_string();
        return match conn.actor_by_handle(handle.user(), &host).await? {
            Some(uri) => Ok((BlockKind::Actor, uri)),
            None => Err(TargetError::Unknown(handle.to_string())),
        };
    }
    match Host::parse(text) {
        Ok(host) => Ok((BlockKind::Host, host.to_string())),
        Err(error) => Err(TargetError::Unreadable(error.to_string())),
    }
}

/// Returns whether a text names this node: its host, the domain of its handles, a parent of either, or one of its actors.
pub(crate) fn is_this_node(node: &Node, text: &str) -> bool {
    let own = [node.config.authority(), node.config.domain.clone()];
    let own: Vec<Host> = own.iter().filter_map(|own| Host::parse(own).ok()).collect();
    if let Ok(url) = url::Url::parse(text.trim())
        && url.has_host()
    {
        return Host::of_url(&url).is_ok_and(|host| own.first() == Some(&host));
    }
    match text.trim().parse::<Handle>() {
        Ok(handle) => own.iter().any(|own| own == handle.host()),
        Err(_) => Host::parse(text.trim())
            .is_ok_and(|host| own.iter().any(|own| own.is_same_or_subdomain_of(&host))),
    }
}
