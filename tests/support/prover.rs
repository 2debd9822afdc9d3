//! An actor whose activities carry integrity proofs (FEP-8b32).

use super::{Actor, Peer};
use chrono::{DateTime, Utc};
use pamphlet::crypto::{integrity_proofs, keys::PrivateKey};
use serde_json::{Value, json};

pub(crate) struct Prover {
    pub actor: Actor,
    /// The id of the key.
    pub method: String,
    key: PrivateKey,
}

impl Prover {
    pub(crate) async fn at(peer: &Peer, name: &str) -> Prover {
        let actor = peer.actor(name).await;
        let prover = Prover {
            method: format!("{}#ed25519-key", actor.id),
            actor,
            key: PrivateKey::generate_ed25519().unwrap(),
        };
        prover.publish();
        prover
    }

    /// Replaces the key, and keeps its id.
    pub(crate) fn rotate(&mut self) {
        self.key = PrivateKey::generate_ed25519().unwrap();
        self.publish();
    }

    fn publish(&self) {
        let key = self.key.public_multibase();
        self.actor.serve_with(
            json!({"assertionMethod": [{"id": self.method, "type": "Multikey",
            "controller": self.actor.id, "publicKeyMultibase": key}]}),
        );
    }

    /// Returns a new activity of the actor with a proof.
    pub(crate) fn activity(&self, kind: &str, object: Value) -> Value {
        self.prove(&self.actor.activity(kind, object))
    }

    pub(crate) fn prove(&self, document: &Value) -> Value {
        self.prove_at(document, Utc::now())
    }

    pub(crate) fn prove_at(&self, document: &Value, time: DateTime<Utc>) -> Value {
        let mut proven = document.clone();
        integrity_proofs::add(&mut proven, &self.key, &self.method, time).unwrap();
        proven
    }
}
