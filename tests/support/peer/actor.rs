//! Actors of a peer, and the activities that they sign.

use super::{Canned, PUBLIC, Peer};
use crate::support::{
    eventually,
    signed_post::{RawResponse, SignedPost},
};
use pamphlet::crypto::keys::PrivateKey;
use serde_json::{Value, json};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

/// An actor of a peer.
#[derive(Clone)]
pub(crate) struct Actor {
    pub peer: Peer,
    pub id: String,
    pub key_id: String,
    pub key: Arc<PrivateKey>,
}

/// Returns one of a few RSA keys that tests share, since generating one is slow.
pub(crate) fn any_key(number: usize) -> Arc<PrivateKey> {
    static KEYS: OnceLock<Vec<Arc<PrivateKey>>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        (0..4)
            .map(|_| Arc::new(PrivateKey::generate_rsa().unwrap()))
            .collect()
    });
    keys[number % keys.len()].clone()
}

/// Returns an activity as another one embeds it: without its `@context`, which JSON-LD forbids there.
pub(crate) fn embedded(activity: &Value) -> Value {
    let mut bare = activity.clone();
    bare.as_object_mut().unwrap().remove("@context");
    bare
}

impl Actor {
    /// Returns the handle: `@user@host`.
    pub(crate) fn handle(&self) -> String {
        let name = self.id.rsplit('/').next().unwrap();
        format!("@{name}@{}", self.peer.authority)
    }

    /// Returns the actor's document.
    pub(crate) fn document(&self) -> Value {
        let name = self.id.rsplit('/').next().unwrap();
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": self.id, "type": "Person", "preferredUsername": name, "name": format!("The actor {name}"),
            "url": format!("{}/@{name}", self.peer.origin),
            "inbox": format!("{}/inbox", self.id),
            "outbox": format!("{}/outbox", self.id),
            "followers": format!("{}/followers", self.id),
            "endpoints": {"sharedInbox": self.peer.url("/inbox")},
            "publicKey": {"id": self.key_id, "owner": self.id, "publicKeyPem": self.key.public_key_pem()},
        })
    }

    /// Returns a new id on this actor's host.
    pub(crate) fn new_id(&self, kind: &str) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        format!(
            "{}/{kind}/{}",
            self.id,
            COUNT.fetch_add(1, Ordering::Relaxed)
        )
    }

    /// Returns a new activity of this actor about an object.
    pub(crate) fn activity(&self, kind: &str, object: Value) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": self.new_id("activities"), "type": kind, "actor": self.id, "object": object,
            "to": [PUBLIC], "cc": [format!("{}/followers", self.id)],
        })
    }

    /// Returns a new public reply to an object, and serves it.
    pub(crate) fn note(&self, in_reply_to: &str, content: &str) -> Value {
        let id = self.new_id("notes");
        let note = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": id, "type": "Note", "attributedTo": self.id, "inReplyTo": in_reply_to, "content": content,
            "url": id.replace("/users/", "/@"),
            "published": "2026-11-23T12:00:00Z", "to": [PUBLIC], "cc": [format!("{}/followers", self.id)],
        });
        self.peer.serve(
            id.strip_prefix(&self.peer.origin).unwrap(),
            Canned::document(&note),
        );
        note
    }

    /// Returns a signed POST, which a test can still spoil.
    pub(crate) fn signed(&self, inbox: &str, activity: &Value) -> SignedPost {
        SignedPost::new(inbox, activity, self.key.clone(), &self.key_id)
    }

    /// Signs and sends an activity.
    pub(crate) async fn send(&self, inbox: &str, activity: &Value) -> RawResponse {
        self.signed(inbox, activity).send().await
    }

    /// Sends an activity, which must be accepted.
    pub(crate) async fn deliver(&self, inbox: &str, activity: &Value) {
        let reply = self.send(inbox, activity).await;
        assert_eq!(reply.status, 202, "{}", reply.body);
    }

    /// Sends a reply to an object. Returns the note.
    pub(crate) async fn comment(&self, inbox: &str, on: &str, content: &str) -> Value {
        let note = self.note(on, content);
        self.deliver(inbox, &self.activity("Create", note.clone()))
            .await;
        note
    }

    /// Serves the actor's document with some properties replaced, or removed by `null`.
    pub(crate) fn serve_with(&self, changes: Value) {
        let mut document = self.document();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(document.as_object_mut().unwrap().remove(name)),
                value => document[name] = value.clone(),
            }
        }
        let path = self.id.strip_prefix(&self.peer.origin).unwrap();
        self.peer.serve(path, Canned::document(&document));
    }

    /// Sends a `Follow`, and waits for its `Accept`.
    pub(crate) async fn follow(&self, inbox: &str, whom: &str) -> Value {
        let follow = self.activity("Follow", json!(whom));
        self.deliver(inbox, &follow).await;
        eventually("the follow is accepted", || async {
            let accepts = self.peer.received_of("Accept");
            accepts
                .into_iter()
                .find(|accept| accept.activity["object"]["id"] == follow["id"])
        })
        .await;
        follow
    }
}
