//! The way from one of our pages to the reader's own server, where they are logged in and can follow or
//! answer: by the addresses that their server names in WebFinger, or else by the one that Mastodon has.
//!
//! Nothing but an address of ours, or of a comment under our articles, is ever put into such an address,
//! and it is always on the host that the reader wrote, or on that of the actor they are there.

use super::unsigned_fetch;
use crate::{
    content::{Handle, Host},
    http_client::guard::check_url,
    node::{
        Node,
        urls::{host_of, same_origin},
    },
    store::StoreError,
};
use moka::sync::Cache;
use serde_json::Value;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;
use url::{Url, form_urlencoded::byte_serialize};

/// Activity Intents (FEP-3b86).
pub const INTENTS: &str = "https://w3id.org/fep/3b86/";
/// The relation of the remote follow template (OStatus 1.0). Mastodon and others accept any object there.
pub const SUBSCRIBE: &str = "http://ostatus.org/schema/1.0/subscribe";

/// Concurrent WebFinger requests. Past this number, readers are redirected without one.
const QUESTIONS_AT_ONCE: usize = 8;
/// WebFinger requests to one host in a minute, so that this page can't be used to flood it.
const QUESTIONS_PER_MINUTE: u32 = 10;
/// How long a response is cached.
const REMEMBERED_FOR: Duration = Duration::from_secs(300);
/// The maximum number of links to read in a response.
const MAX_LINKS: usize = 50;

/// What a reader wants to do on their own server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    Follow,
    Reply,
}

/// The reason for which a reader can't be redirected to the server that they entered, as a sentence for them.
#[derive(Debug, thiserror::Error)]
pub enum InteractionError {
    #[error("the input names no server")]
    Form,
    #[error("the input names this site")]
    Ours,
    #[error("that server is blocked")]
    Blocked,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A reader's own server.
struct Home {
    /// With this node's scheme, which is https except in development mode.
    origin: Url,
    /// The resource for the WebFinger request; `None` if the reader entered only a host.
    resource: Option<String>,
}

/// Recent WebFinger requests to readers' servers.
pub struct Questions {
    answers: Cache<String, Arc<Value>>,
    asked: Cache<String, Arc<AtomicU32>>,
    under_way: Semaphore,
}

impl Default for Questions {
    fn default() -> Self {
        Questions {
            answers: Cache::builder()
                .max_capacity(1000)
                .time_to_live(REMEMBERED_FOR)
                .build(),
            asked: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_secs(60))
                .build(),
            under_way: Semaphore::new(QUESTIONS_AT_ONCE),
        }
    }
}

impl Questions {
    /// Returns the address on a reader's own server where they can follow or reply to `object`.
    ///
    /// # Errors
    /// An [`InteractionError`] if their input names no usable server.
    pub async fn address(
        &self,
        written: &str,
        object: &str,
        intent: Intent,
        node: &Node,
    ) -> Result<Url, InteractionError> {
        let home = read(written, node)?;
        let host = host_of(&home.origin).unwrap_or_default();
        let mut conn = node.store.read().await?;
        if node.is_blocked(&mut conn, "", &host).await? {
            return Err(InteractionError::Blocked);
        }
        drop(conn);
        let jrd = self.ask(&home, &host, node).await;
        let named = jrd.and_then(|jrd| named_address(&jrd, object, intent, &home.origin, node));
        Ok(named.unwrap_or_else(|| usual_address(&home.origin, object)))
    }

    /// Returns the WebFinger response of a reader's server, if it may be requested and succeeds.
    async fn ask(&self, home: &Home, host: &str, node: &Node) -> Option<Arc<Value>> {
        let resource = home.resource.as_ref()?;
        if let Some(known) = self.answers.get(resource) {
            return Some(known);
        }
        let asked = self.asked.get_with_by_ref(host, Arc::default);
        let _turn = self.under_way.try_acquire().ok()?;
        if asked.fetch_add(1, Ordering::Relaxed) >= QUESTIONS_PER_MINUTE {
            return None;
        }
        let mut url = home.origin.join("/.well-known/webfinger").ok()?;
        url.query_pairs_mut().append_pair("resource", resource);
        let jrd = Arc::new(unsigned_fetch::jrd(url, node).await.ok()?);
        self.answers.insert(resource.clone(), jrd.clone());
        Some(jrd)
    }
}

/// Parses a handle, the address of a profile, or the name of a server.
fn read(written: &str, node: &Node) -> Result<Home, InteractionError> {
    let written = written.trim();
    let form = |_| InteractionError::Form;
    let (host, resource) = if written.contains("://") {
        let url = Url::parse(written).map_err(|_| InteractionError::Form)?;
        let host = Host::of_url(&url).map_err(form)?;
        let is_profile = url.path() != "/";
        (host, is_profile.then(|| url.to_string()))
    } else if written.contains('@') {
        let handle: Handle = written.parse().map_err(|_| InteractionError::Form)?;
        (handle.host().clone(), Some(handle.to_acct()))
    } else {
        (Host::parse(written).map_err(form)?, None)
    };
    let scheme = if node.config.development {
        node.config.public_url.scheme()
    } else {
        "https"
    };
    let origin = Url::parse(&format!("{scheme}://{host}/")).map_err(|_| InteractionError::Form)?;
    check_url(&origin, node.config.development).map_err(|_| InteractionError::Form)?;
    if node.urls().is_ours(origin.as_str()) || host.to_string() == node.config.domain {
        return Err(InteractionError::Ours);
    }
    Ok(Home { origin, resource })
}

/// Parses an address from outside. Returns `None` if it is local or would be refused.
pub fn foreign_address(text: &str, node: &Node) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    check_url(&url, node.config.development).ok()?;
    (!node.urls().is_ours(text)).then_some(url)
}

/// Returns the address that a server gives for the reader's intent, if it is on that server.
fn named_address(
    jrd: &Value,
    object: &str,
    intent: Intent,
    origin: &Url,
    node: &Node,
) -> Option<Url> {
    let links: Vec<&Value> = jrd
        .get("links")?
        .as_array()?
        .iter()
        .take(MAX_LINKS)
        .collect();
    let actor = links
        .iter()
        .filter(|link| has_relation(link, "self"))
        .find_map(|link| Url::parse(link.get("href")?.as_str()?).ok());
    let is_theirs = |url: &Url| {
        check_url(url, node.config.development).is_ok()
            && (same_origin(url, origin)
                || actor.as_ref().is_some_and(|actor| same_origin(url, actor)))
    };
    let relations = match intent {
        Intent::Follow => ["Follow", "", "Object"],
        Intent::Reply => ["Create", "", "Object"],
    };
    relations.iter().find_map(|intent_name| {
        let relation = match *intent_name {
            "" => SUBSCRIBE.to_owned(),
            name => format!("{INTENTS}{name}"),
        };
        links
            .iter()
            .filter(|link| has_relation(link, &relation))
            .filter_map(|link| template_of(link))
            // Without this parameter, a new post would not become a reply.
            .filter(|template| *intent_name != "Create" || template.contains("{inReplyTo}"))
            .filter_map(|template| Url::parse(&fill(template, object)).ok())
            .find(is_theirs)
    })
}

fn has_relation(link: &Value, relation: &str) -> bool {
    let found = link.get("rel").and_then(Value::as_str);
    found.is_some_and(|found| found.eq_ignore_ascii_case(relation))
}

/// Returns the template of a link: `href` in FEP-3b86, `template` in OStatus and most implementations of intents.
fn template_of(link: &Value) -> Option<&str> {
    ["template", "href"]
        .iter()
        .find_map(|name| link.get(*name)?.as_str())
        .filter(|template| template.contains('{'))
}

/// Fills the object into a template. Other parameters stay empty (FEP-3b86 3.2).
fn fill(template: &str, object: &str) -> String {
    let encoded: String = byte_serialize(object.as_bytes()).collect();
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or(("", after));
        filled.push_str(before);
        if matches!(name, "uri" | "object" | "inReplyTo") {
            filled.push_str(&encoded);
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

/// Returns the address at which Mastodon and compatible servers accept a remote object.
fn usual_address(origin: &Url, object: &str) -> Url {
    let mut url = origin.clone();
    url.set_path("/authorize_interaction");
    url.query_pairs_mut().append_pair("uri", object);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_gets_the_object_encoded_and_nothing_else() {
        let object = "https://example.org/articles/1?a=b&c";
        let encoded = "https%3A%2F%2Fexample.org%2Farticles%2F1%3Fa%3Db%26c";
        for (template, filled) in [
            (
                "https://a.example/x?uri={uri}",
                format!("https://a.example/x?uri={encoded}"),
            ),
            (
                "https://a.example/x?to={inReplyTo}&text={content}&done={on-success}",
                format!("https://a.example/x?to={encoded}&text=&done="),
            ),
            ("https://a.example/x", "https://a.example/x".into()),
            ("https://a.example/{", "https://a.example/".into()),
            ("{object}{object}", format!("{encoded}{encoded}")),
        ] {
            assert_eq!(fill(template, object), filled);
        }
    }
}
