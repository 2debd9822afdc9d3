//! The lines of an export.

use serde::Deserialize;
use serde_json::Value;
use std::fmt;

/// The first line.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) format: String,
    pub(super) version: u64,
    pub(super) software: String,
    #[serde(default)]
    pub(super) program: String,
    pub(super) site: String,
}

/// A line after the first.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Line {
    Actor(Box<ExportedActor>),
    Follower(ExportedFollower),
    Object(ExportedObject),
    /// The last line.
    End {},
    /// Fields that a later version of the programs may write.
    #[serde(other)]
    Unknown,
}

/// The kind of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExportedKind {
    /// A publication.
    Blog,
    /// A person who writes there.
    User,
}

/// An actor, with everything under which other servers know it.
#[derive(Deserialize)]
pub(crate) struct ExportedActor {
    /// Its name in the other lines.
    pub(crate) key: String,
    #[serde(rename = "type")]
    pub(crate) kind: ExportedKind,
    /// The name with which its articles are imported.
    pub(crate) login: Option<String>,
    pub(crate) name: Option<String>,
    /// The user part of its handle.
    pub(crate) handle: String,
    pub(crate) id: String,
    pub(crate) inbox: String,
    pub(crate) outbox: Option<String>,
    pub(crate) followers: Option<String>,
    pub(crate) following: Option<String>,
    pub(crate) featured: Option<String>,
    pub(crate) shared_inbox: Option<String>,
    /// Other addresses of the actor.
    #[serde(default)]
    pub(crate) addresses: Vec<String>,
    /// Other addresses of its inbox.
    #[serde(default)]
    pub(crate) inboxes: Vec<String>,
    #[serde(default)]
    pub(crate) also_known_as: Vec<String>,
    pub(crate) key_id: Option<String>,
    /// PEM or a JSON Web Key; `None` if it could not be had.
    pub(crate) private_key: Option<Value>,
    pub(crate) public_key: Option<String>,
}

impl fmt::Debug for ExportedActor {
    /// Leaves out the private key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportedActor")
            .field("key", &self.key)
            .field("kind", &self.kind)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A follower.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ExportedFollower {
    /// The key of the actor that it follows.
    #[serde(default)]
    pub(crate) actor: String,
    pub(crate) id: String,
    pub(crate) inbox: Option<String>,
    pub(crate) shared_inbox: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) url: Option<String>,
    /// The time of its follow (RFC 3339).
    pub(crate) since: Option<String>,
}

/// A post that other servers know.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ExportedObject {
    /// The key of the actor that published it.
    pub(crate) actor: String,
    pub(crate) id: String,
    /// Its ActivityStreams type.
    #[serde(rename = "type")]
    pub(crate) object_type: Option<String>,
    /// Its page.
    pub(crate) url: Option<String>,
}
