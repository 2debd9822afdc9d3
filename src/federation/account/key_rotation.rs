//! New keys for one of our actors, in a way that loses nothing that is on its way.
//!
//! Most servers read one `publicKey` of an actor, remember it, and look for another no sooner than after
//! a day (Mastodon), when the key's id is unknown (GoToSocial), or never (Misskey). So the new key has a new id
//! and takes the place of the old one in `publicKey` at once; the `Update` that says so, and all that was enqueued
//! before, are still signed with the old key, which every receiver knows. After a destination accepts that `Update`,
//! nothing else of this actor goes there for a while, so that the server processes it before anything signed with
//! the new key arrives (`delivery/signers.rs`). For servers that read several keys, `assertionMethod` lists the old
//! one until [`OVERLAP`] has passed.

use crate::{
    federation::outbox::{Audience, tell_of_actor},
    node::{
        Node, NodeError,
        local_actors::{KeyPair, LocalActor},
    },
    store,
};

/// How long a replaced key is kept, in milliseconds: as long as a delivery may wait.
pub const OVERLAP: i64 = 7 * 24 * 60 * 60 * 1000;

/// What becomes of the keys that are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldKeys {
    /// They sign what they were to sign.
    Finish,
    /// They sign nothing more, because somebody else may have them.
    Discard,
}

/// Gives an actor new keys, and tells every server that we deliver to. The id of the new RSA key.
///
/// # Errors
/// If the keys can't be made or stored; then the old ones stay in use.
pub async fn rotate(node: &Node, local: &LocalActor, former: OldKeys) -> Result<String, NodeError> {
    let pair = KeyPair::generate().await?;
    let id = local.row.id;
    let mark = &store::new_uid()[..8];
    let mut tx = node.store.begin().await?;
    tx.retire_local_keys(id).await?;
    let (rsa, ed25519) = (format!("rsa-{mark}"), format!("ed25519-{mark}"));
    pair.store(&mut tx, id, &rsa, &ed25519).await?;
    if former == OldKeys::Discard {
        tx.delete_retired_keys(id).await?;
    }
    let update = tell_of_actor(node, &mut tx, id, Audience::Everyone).await?;
    tx.set_last_activity_of_retired_keys(id, update).await?;
    tx.commit().await?;
    Ok(format!("{}#{rsa}", local.uri))
}
