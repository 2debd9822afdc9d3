//! The size of our answers to requests (`Accept`, `Reject`), and where they may go.
//!
//! An answer repeats the request, since some servers find theirs by it; but what is repeated is small and plain. An inbox
//! on another domain than its actor's may belong to somebody who asked for nothing: it gets short answers, and few.

use crate::{
    content::registrable_domain,
    node::{Node, drop_reason::DropReason, error::InboxError, urls::host_of},
    quota::Limit,
    store::{NewActivity, RemoteActorRow},
};
use serde_json::Value;
use url::Url;

/// Longest request that is repeated as it came, in bytes.
const MAX_EMBEDDED: usize = 2048;
/// Lists and objects in each other in such a request.
const MAX_DEPTH: usize = 3;
/// Longest answer to an inbox on another domain than its actor's, in bytes.
const MAX_ON_OTHER_DOMAIN: usize = 2048;

/// The error for a request whose answer would be too large for where it goes.
pub const TOO_LARGE: InboxError = InboxError::Dropped(DropReason::ResponseTooLarge);

/// The room that an actor's inbox has for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimit(Option<usize>);

impl SizeLimit {
    /// SizeLimit for anything.
    pub const NONE: SizeLimit = SizeLimit(None);

    /// Returns the first answer that fits, made of one object after the other.
    pub fn first_fitting(
        self,
        objects: impl IntoIterator<Item = Value>,
        answer: impl Fn(Value) -> NewActivity,
    ) -> Option<NewActivity> {
        let mut answers = objects.into_iter().map(answer);
        answers.find(|answer| self.0.is_none_or(|most| answer.body.len() <= most))
    }
}

/// Returns the room for an answer to an actor's request. An inbox on another domain is charged for it.
///
/// # Errors
/// [`InboxError::Later`] if that domain gets no further answer for now.
pub fn charged_limit_for(actor: &RemoteActorRow, node: &Node) -> Result<SizeLimit, InboxError> {
    if let Some(domain) = foreign_inbox_domain(actor) {
        node.quota
            .charge_account(Limit::AnswersToDomain, &domain, 1)?;
    }
    Ok(limit_for(actor))
}

/// Returns the room for an answer that the admin causes.
pub fn limit_for(actor: &RemoteActorRow) -> SizeLimit {
    SizeLimit(foreign_inbox_domain(actor).map(|_| MAX_ON_OTHER_DOMAIN))
}

/// Returns the domain of an actor's inbox if it is not the actor's own. A shared inbox always is on the actor's host.
fn foreign_inbox_domain(actor: &RemoteActorRow) -> Option<String> {
    if actor.shared_inbox.is_some() {
        return None;
    }
    let inbox = Url::parse(&actor.inbox).ok()?;
    let host = host_of(&inbox)?;
    let domain = registrable_domain(&host);
    (domain != registrable_domain(&actor.host)).then(|| domain.to_owned())
}

/// Returns a request as an answer repeats it: as it is, if it is small and plain, else `short`.
pub fn repeated(request: Value, short: impl FnOnce() -> Value) -> Value {
    let is_plain = request.is_object()
        && is_flat(&request, MAX_DEPTH)
        && request.to_string().len() <= MAX_EMBEDDED;
    if is_plain { request } else { short() }
}

/// Returns whether lists and objects stand at most so deep in each other.
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
            let repeated = repeated(request.clone(), || short.clone());
            let expected = if is_repeated { &request } else { &short };
            assert_eq!(&repeated, expected, "{request}");
        }
    }
}
