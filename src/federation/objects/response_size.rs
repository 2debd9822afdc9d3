//! Limits the size of responses to requests (`Accept`, `Reject`).
//!
//! A response embeds the request, since some servers find their request by it, but only a small and plain one. An inbox on
//! another domain than its actor's may belong to a third party, so it gets few and short responses.

use crate::{
    content::registrable_domain,
    node::{Node, drop_reason::DropReason, error::InboxError, urls::host_of},
    quota::Limit,
    store::{NewActivity, RemoteActorRow},
};
use serde_json::Value;
use url::Url;

/// The maximum size of a request that is embedded unchanged, in bytes.
const MAX_EMBEDDED: usize = 2048;
/// The maximum depth of nested lists and objects in such a request.
const MAX_DEPTH: usize = 3;
/// The maximum size of a response to an inbox on another domain than its actor's, in bytes.
const MAX_ON_OTHER_DOMAIN: usize = 2048;

/// The error for a request whose response would be too large.
pub const TOO_LARGE: InboxError = InboxError::Dropped(DropReason::ResponseTooLarge);

/// The maximum size of a response to an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimit(Option<usize>);

impl SizeLimit {
    /// No limit.
    pub const NONE: SizeLimit = SizeLimit(None);

    /// Returns the first response within the limit, built from these objects in turn.
    pub fn first_fitting(
        self,
        objects: impl IntoIterator<Item = Value>,
        response: impl Fn(Value) -> NewActivity,
    ) -> Option<NewActivity> {
        let mut responses = objects.into_iter().map(response);
        responses.find(|response| self.0.is_none_or(|limit| response.body.len() <= limit))
    }
}

/// Returns the size limit of a response to an actor's request. An inbox on another domain is charged for it.
///
/// # Errors
/// [`InboxError::Later`] if that domain gets no further response for now.
pub fn charged_limit_for(actor: &RemoteActorRow, node: &Node) -> Result<SizeLimit, InboxError> {
    if let Some(domain) = foreign_inbox_domain(actor) {
        node.quota
            .charge_account(Limit::AnswersToDomain, &domain, 1)?;
    }
    Ok(limit_for(actor))
}

/// Returns the size limit of a response that the admin causes.
pub fn limit_for(actor: &RemoteActorRow) -> SizeLimit {
    SizeLimit(foreign_inbox_domain(actor).map(|_| MAX_ON_OTHER_DOMAIN))
}

/// Returns the domain of an actor's inbox if it differs from the actor's. A shared inbox is always on the actor's host.
fn foreign_inbox_domain(actor: &RemoteActorRow) -> Option<String> {
    if actor.shared_inbox.is_some() {
        return None;
    }
    let inbox = Url::parse(&actor.inbox).ok()?;
    let host = host_of(&inbox)?;
    let domain = registrable_domain(&host);
    (domain != registrable_domain(&actor.host)).then(|| domain.to_owned())
}

/// Returns a request for embedding in a response: unchanged if it is small and plain, else `short`.
pub fn embedded_request(request: Value, short: impl FnOnce() -> Value) -> Value {
    let is_plain = request.is_object()
        && is_flat(&request, MAX_DEPTH)
        && request.to_string().len() <= MAX_EMBEDDED;
    if is_plain { request } else { short() }
}

/// Returns whether lists and objects are nested at most `depth` levels deep.
fn is_flat(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(list) => depth > 0 && list.iter().all(|entry| is_flat(entry, depth - 1)),
        Value::Object(properties) => {
            depth > 0 && properties.values().all(|entry| is_flat(entry, depth - 1))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_small_and_plain_requests_are_repeated() {
        let short = json!("short");
        for (request, is_repeated) in [
            (
                json!({"id": "a", "type": "Follow", "object": "b", "to": ["b"]}),
                true,
            ),
            (
                json!({"id": "a", "object": {"id": "b", "icon": {"url": "c"}}}),
                true,
            ),
            (
                json!({"id": "a", "object": {"icon": {"url": ["c"]}}}),
                false,
            ),
            (json!({"id": "a", "to": [[["b"]]]}), false),
            (json!({"id": "a", "content": "x".repeat(2100)}), false),
            (json!("a"), false),
        ] {
            let embedded = embedded_request(request.clone(), || short.clone());
            let expected = if is_repeated { &request } else { &short };
            assert_eq!(&embedded, expected, "{request}");
        }
    }
}
