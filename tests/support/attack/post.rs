//! Actors of the servers of an attack, and what they post.

use super::{
    super::{
        http_client,
        peer::{PUBLIC, any_key},
    },
    Target,
};
use chrono::Utc;
use pamphlet::crypto::{
    keys::PrivateKey,
    signatures::{
        BodyDigest,
        sign::{Action, RequestToSign, sign_cavage},
    },
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

const TYPE: &str = "application/activity+json";

/// An actor whose name ends with a number, which decides which of a few keys it has.
#[derive(Debug, Clone)]
pub(super) struct Actor {
    pub id: String,
}

impl Actor {
    /// The actor of this name at `http://AUTHORITY`.
    pub(super) fn at(authority: &str, name: &str) -> Actor {
        Actor {
            id: format!("http://{authority}/users/{name}"),
        }
    }

    pub(super) fn key_id(&self) -> String {
        format!("{}#main-key", self.id)
    }

    pub(super) fn key(&self) -> Arc<PrivateKey> {
        let digits = self.id.rsplit(|c: char| !c.is_ascii_digit()).next();
        any_key(digits.and_then(|digits| digits.parse().ok()).unwrap_or(0))
    }

    pub(super) fn document(&self) -> Value {
        let id = &self.id;
        let name = id.rsplit('/').next();
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": id, "type": "Person", "preferredUsername": name, "name": name,
            "inbox": format!("{id}/inbox"), "outbox": format!("{id}/outbox"), "followers": format!("{id}/followers"),
            "publicKey": {"id": self.key_id(), "owner": id, "publicKeyPem": self.key().public_key_pem()},
        })
    }

    /// An id that was never used.
    pub(super) fn new_id(&self, kind: &str) -> String {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        format!(
            "{}/{kind}/{}",
            self.id,
            COUNT.fetch_add(1, Ordering::Relaxed)
        )
    }

    pub(super) fn activity(&self, kind: &str, object: Value) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": self.new_id("activities"), "type": kind,
            "actor": self.id, "object": object, "to": [PUBLIC],
        })
    }

    /// A public note with this id that answers something.
    pub(super) fn note(&self, id: &str, in_reply_to: &str, content: &str) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "Note", "attributedTo": self.id,
            "inReplyTo": in_reply_to, "content": content, "published": "2026-11-23T12:00:00Z", "to": [PUBLIC],
        })
    }

    /// A signed request that brings an activity.
    pub(super) fn post(&self, activity: &Value) -> Post {
        Post {
            key_id: self.key_id(),
            key: self.key(),
            body: activity.to_string(),
        }
    }
}

/// A POST to the shared inbox that is still to be signed.
pub(super) struct Post {
    pub key_id: String,
    pub key: Arc<PrivateKey>,
    pub body: String,
}

impl Post {
    /// Signs it for sending by this client.
    pub(super) fn signed(
        self,
        target: &Target,
        client: &reqwest::Client,
    ) -> reqwest::RequestBuilder {
        let url = format!("{}/inbox", target.origin).parse().unwrap();
        let outgoing = RequestToSign {
            url: &url,
            now: Utc::now(),
            action: Action::Post {
                digest: &BodyDigest::of(self.body.as_bytes()),
                content_type: TYPE,
                synchronization: None,
            },
        };
        let headers = sign_cavage(&self.key, &self.key_id, &outgoing).unwrap();
        client.post(url).headers(headers).body(self.body)
    }
}

/// A client that connects from this address of loopback.
pub(super) fn client_at(
    address: [u8; 4],
    target: &Target,
    patience: std::time::Duration,
) -> reqwest::Client {
    http_client()
        .redirect(reqwest::redirect::Policy::none())
        .local_address(std::net::IpAddr::from(address))
        .resolve("localhost", target.address)
        .timeout(patience)
        .build()
        .unwrap()
}
