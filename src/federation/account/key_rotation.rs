//! Rotates the keys of a local actor without losing deliveries.
//!
//! Most servers cache one `publicKey` of an actor and refetch it after a day (Mastodon), when the key id is unknown
//! (GoToSocial), or never (Misskey). So the new key has a new id and replaces the old one in `publicKey` at once. The
//! `Update` that announces it, and everything enqueued earlier, are still signed with the old key, which every receiver
//! knows. After a destination accepts that `Update`,
//! nothing else of this actor goes there for a while, so that the server processes it before anything signed with
//! the new key arrives (`delivery/key_choice.rs`). For servers that read several keys, `assertionMethod` lists the old
//! one until [`OVERLAP`] has passed.

use crate::{
    federation::outbox::{Audience, publish_actor},
    node::{
        Node, NodeError,
        local_actors::{KeyPair, LocalActor},
    },
    store,
};

/// How long a replaced key is kept, in milliseconds: as long as a delivery may wait.
pub const OVERLAP: i64 = 7 * 24 * 60 * 60 * 1000;

/// The use of the replaced keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldKeys {
    /// They sign the activities that were enqueued before.
    Finish,
    /// They sign nothing more, because they may be compromised.
    Discard,
}

/// Generates new keys for an actor, and announces them to every known server. Returns the id of the new RSA key.
///
/// # Errors
/// If the keys can't be generated or stored. The old keys then stay in use.
pub async fn rotate(
    node: &Node,
    local: &LocalActor,
    old_keys: OldKeys,
) -> Result<String, NodeError> {
    let pair = KeyPair::generate().await?;
    let id = local.row.id;
    let mark = &store::new_uid()[..8];
    let mut tx = node.store.begin().await?;
    tx.retire_local_keys(id).await?;
    let (rsa, ed25519) = (format!("rsa-{mark}"), format!("ed25519-{mark}"));
    pair.store(&mut tx, id, &rsa, &ed25519).await?;
    if old_keys == OldKeys::Discard {
        tx.delete_retired_keys(id).await?;
    }
    let update = publish_actor(node, &mut tx, id, Audience::Everyone).await?;
    tx.set_last_activity_of_retired_keys(id, update).await?;
    tx.commit().await?;
    Ok(format!("{}#{rsa}", local.uri))
}
