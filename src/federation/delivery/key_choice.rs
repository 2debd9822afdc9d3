//! Chooses the key that signs a delivery after a recent key change of the actor.
//!
//! A server that has not received the `Update` with the new key knows only the old one, and most refetch a key no
//! sooner than after a day. Some never do, and some process activities out of order. So each destination gets that
//! `Update` signed with the old key, then nothing of this actor for a while, and then the following activities signed
//! with the new key.

use super::{activity_cache::PreparedActivity, batch::Batch};
use crate::{
    node::{NodeError, local_actors::SigningKey},
    store::{self, KeyAnnouncement},
};

/// The candidate keys for a delivery.
pub(super) struct KeyCandidates {
    pub first: SigningKey,
    /// The fallback for a server that does not know the first key, in the days after a change.
    pub other: Option<SigningKey>,
}

/// The decision about a delivery.
pub(super) enum KeyChoice {
    Sign(KeyCandidates),
    /// Do not send before this time.
    Hold(i64),
}

impl Batch {
    /// Chooses the key that this destination knows.
    pub(super) async fn choose_key(
        &mut self,
        prepared: &PreparedActivity,
    ) -> Result<KeyChoice, NodeError> {
        let sender = self.sender_of(prepared);
        let mut later = Vec::new();
        let mut keys = sender.rsa_keys();
        // Skips the keys that came into use after this activity was enqueued.
        let signs = |last: &Option<i64>| last.is_none_or(|last| last >= prepared.id);
        let own = keys.iter().position(|(_, last)| signs(last)).unwrap_or(0);
        later.extend(keys.drain(own + 1..).map(|(key, _)| key));
        let pause = self
            .worker
            .node
            .config
            .delivery
            .key_change_pause
            .milliseconds();
        while let [.., (_, Some(update)), _] = keys.as_slice() {
            match self.handover(*update).await? {
                KeyAnnouncement::Accepted(at) if at + pause > store::now() => {
                    return Ok(KeyChoice::Hold(at + pause));
                }
                KeyAnnouncement::Accepted(_) | KeyAnnouncement::Unknown => break,
                // The announcement of the key is still waiting.
                KeyAnnouncement::Waiting => later.extend(keys.pop().map(|(key, _)| key)),
            }
        }
        let first = keys.pop().map_or_else(|| sender.key(), |(key, _)| key);
        let newest = later
            .into_iter()
            .max_by_key(|key| key.id == sender.key_id());
        let other = newest.or_else(|| keys.pop().map(|(key, _)| key));
        Ok(KeyChoice::Sign(KeyCandidates { first, other }))
    }

    async fn handover(&mut self, update: i64) -> Result<KeyAnnouncement, NodeError> {
        if let Some(known) = self.handovers.get(&update) {
            return Ok(*known);
        }
        let mut conn = self.worker.node.store.read().await?;
        let known = conn.key_announcement(self.destination.id, update).await?;
        self.handovers.insert(update, known);
        Ok(known)
    }

    /// Returns whether an activity announces new keys of its sender.
    pub(super) fn announces_key(&self, prepared: &PreparedActivity) -> bool {
        let keys = self.sender_of(prepared).rsa_keys();
        keys.iter().any(|(_, last)| *last == Some(prepared.id))
    }
}
